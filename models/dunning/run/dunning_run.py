from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date
from odoo.tools.misc import parse_date

from ....tools.dunning.message_state import UNDELIVERED
from ...common.amount_text import format_amounts
from ...common.client_action import notify
from .dunning_run_execution_mixin import QUIET

RUN_STATES = [
    ("draft", "Draft"),
    ("simulated", "Simulated"),
    ("to_check", "To Check"),
    ("done", "Done"),
    ("failed", "Failed"),
]
# What a run is about; the proof once it was executed.
PLAN_FIELDS = {"date", "program_ids", "level_ids", "move_ids"}
OPEN_STATES = ("draft", "simulated", "to_check", "failed")


class DunningRun(models.Model):
    """One execution or simulation of dunning for a company on a day.

    Whoever starts it (job, run now, remind now, simulation), the same code decides (rule 6).
    ``date`` is a day of the company.
    """

    _name = "dunning.run"
    _description = "Dunning Run"
    _inherit = [
        "recurrence.dunning.own.record.mixin",
        "mail.thread",
        "recurrence.dunning.plain.note.mixin",
        "dunning.run.foresight.mixin",
        "dunning.run.recall.mixin",
        "dunning.run.mail.mixin",
        "dunning.run.message.mixin",
        "dunning.run.outlook.mixin",
        "dunning.run.step.mixin",
        "dunning.run.trial.mixin",
        "dunning.run.choice.mixin",
        "dunning.run.execution.mixin",
    ]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", search="_search_name")
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        system="once",
        index=True,
        default=lambda self: self.env.company,
    )
    date = fields.Date(
        required=True,
        default=lambda self: self.env.company._get_job_today(),
        help=(
            "The day for which the decisions are made. A future day can be simulated but not "
            "executed."
        ),
    )
    program_ids = fields.Many2many(
        "dunning.program",
        string="Programs",
        check_company=True,
        # without the archived ones, a run of these alone would be one of all programs
        context={"active_test": False},
        help="Leave empty for all programs of the company.",
    )
    program_text = fields.Char(string="Program Names", compute="_compute_program_text")
    level_ids = fields.Many2many(
        "dunning.level",
        string="Levels",
        check_company=True,
        context={"active_test": False},
        help="Only these levels are sent; if empty, all levels.",
    )
    move_ids = fields.Many2many(
        "account.move",
        string="Invoices",
        check_company=True,
        help="Only these invoices; if empty, all open invoices.",
    )
    by_hand = fields.Boolean(
        string="By Hand",
        readonly=True,
        copy=False,
        help=(
            "Requested for selected invoices: the gap between messages and “never "
            "automatically” do not apply."
        ),
    )
    over_block = fields.Boolean(readonly=True, help="A manager sent this reminder despite a block.")
    ahead = fields.Boolean(
        string="Before Its Day",
        readonly=True,
        copy=False,
        help="Somebody sent the next level before its day.",
    )
    state = fields.Selection(
        RUN_STATES,
        string="Status",
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        readonly=True,
        copy=False,
    )
    executed_on = fields.Datetime(readonly=True, copy=False)
    error = fields.Text(readonly=True, copy=False)
    line_ids = fields.One2many("dunning.run.line", "run_id", readonly=True)
    remind_line_ids = fields.One2many(
        "dunning.run.line", "run_id", domain=[("decision", "=", "remind")], readonly=True
    )
    skip_line_ids = fields.One2many(
        "dunning.run.line", "run_id", domain=[("decision", "=", "skip")], readonly=True
    )
    reminder_ids = fields.One2many("dunning.reminder", "run_id", readonly=True)
    # a simulation made twice would count twice: no total over runs
    remind_count = fields.Integer(string="To Remind", readonly=True, copy=False, aggregator=None)
    skip_count = fields.Integer(string="Skipped", readonly=True, copy=False, aggregator=None)
    total_text = fields.Char(
        string="Amount in Reminders",
        compute="_compute_total_text",
        help=(
            "Outstanding amount of the due lines to be reminded, per currency; amounts in "
            "different currencies are not added up."
        ),
    )
    changed_count = fields.Integer(
        string="Changed",
        readonly=True,
        copy=False,
        aggregator=None,
        help="Decisions that differed between the simulation and the execution.",
    )
    report_pending = fields.Boolean(
        readonly=True,
        copy=False,
        help="Its report is e-mailed when all its reminders have been sent or have failed.",
    )
    report_user_ids = fields.Many2many("res.users", compute="_compute_report_user_ids")
    bank_warning = fields.Char(compute="_compute_bank_warning")
    document_warning = fields.Text(compute="_compute_document_warning")
    is_off = fields.Boolean(string="Dunning Is Off", compute="_compute_is_off")
    reminder_count = fields.Integer(compute="_compute_reminder_count", string="Reminders")
    queued_count = fields.Integer(compute="_compute_reminder_count", string="Not Sent Yet")
    undelivered_count = fields.Integer(compute="_compute_reminder_count", string="Not Delivered")

    @api.depends("program_ids.name")
    @api.depends_context("lang")
    def _compute_program_text(self):
        for run in self:
            names = ", ".join(run.program_ids.mapped("name"))
            run.program_text = names or self.env._("All programs")

    @api.depends("date", "program_ids")
    @api.depends_context("lang")
    def _compute_name(self):
        for run in self:
            day = format_date(self.env, run.date) if run.date else ""
            programs = ", ".join(run.program_ids.mapped("name"))
            run.name = f"{day} – {programs}" if programs else self.env._("Run of %s", day)

    @api.model
    def _search_name(self, operator, value):
        """Find runs by what their name is made of: a program, or a day in the user's format."""
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        domain = Domain("program_ids.name", operator, value)
        days = [
            parse_date(self.env, text)
            for text in ([value] if isinstance(value, str) else value or ())
            if isinstance(text, str)
        ]
        return domain | Domain("date", "in", [day for day in days if isinstance(day, date)])

    def _compute_reminder_count(self):
        groups = self.env["dunning.reminder"]._read_group(
            [("run_id", "in", self.ids)], ["run_id", "state"], ["__count"]
        )
        for run in self:
            counts = {state: count for found, state, count in groups if found == run}
            run.reminder_count = sum(counts.values())
            run.queued_count = counts.get("queued", 0)
            run.undelivered_count = counts.get("failed", 0) + counts.get("undeliverable", 0)

    @api.depends("remind_count")
    @api.depends_context("lang")
    def _compute_total_text(self):
        groups = self.env["dunning.run.line"]._read_group(
            [("run_id", "in", self.ids), ("decision", "=", "remind")],
            ["run_id", "currency_id"],
            ["amount_residual:sum", "amount_covered:sum"],
        )
        for run in self:
            run.total_text = format_amounts(
                self.env,
                (
                    (currency, amount - covered)
                    for found, currency, amount, covered in groups
                    if found == run
                ),
            )

    @api.depends("program_ids.report_user_ids", "state")
    def _compute_report_user_ids(self):
        for run in self:
            run.report_user_ids = run._get_report_users()

    @api.depends("state", "date", "company_id.dunning_bank_days")
    def _compute_bank_warning(self):
        for run in self:
            is_open = run.state in OPEN_STATES and run.date
            run.bank_warning = is_open and run.company_id._dunning_get_bank_warning(run.date)

    @api.depends("state", "company_id")
    @api.depends_context("lang")
    def _compute_document_warning(self):
        for run in self:
            gaps = run.company_id._dunning_get_document_gaps() if run.state in OPEN_STATES else []
            run.document_warning = "\n".join(gaps)

    @api.depends("company_id.dunning_active")
    def _compute_is_off(self):
        for run in self:
            run.is_off = not run.company_id.sudo().dunning_active

    @api.model_create_multi
    def create(self, vals_list):
        """Create runs; each is a protocol itself, so that no message need say it was created."""
        quiet = self.with_context(**QUIET)
        return super(DunningRun, quiet).create(vals_list).with_env(self.env)

    def write(self, vals):
        if not PLAN_FIELDS.isdisjoint(vals) and any(run.state == "done" for run in self):
            raise UserError(
                self.env._(
                    "The date, programs, levels and invoices of an executed run cannot be changed."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        if any(run.state == "done" or run.sudo().reminder_ids for run in self):
            raise UserError(
                self.env._("A run that has been executed must be kept: it is evidence.")
            )

    # === ACTIONS === #

    def action_simulate(self):
        """Decide for the day of the run and list every due line; nothing else changes."""
        self.check_access("write")
        for run in self:
            run._check_open()
            run._simulate()
        return True

    def action_execute(self):
        """Remind what the simulation showed, minus what changed since; only up to today."""
        self.check_access("write")
        for run in self:
            run._check_open()
            run.company_id._check_dunning_on()
            today = run.company_id._get_job_today()
            if run.date > today:
                raise UserError(
                    self.env._(
                        "A run cannot be executed for a future date (today is %(today)s).",
                        today=format_date(self.env, today),
                    )
                )
            programs = run.program_ids or self.env["dunning.program"].search(
                [("company_id", "=", run.company_id.id)]
            )
            programs._check_not_archived()
            programs = programs.filtered("active")
            programs._check_runnable()
            programs._check_may_run()
            run._execute()
        self.env["ir.cron"]._wake("account_recurrence_dunning.ir_cron_dunning_outbox")
        return True

    def action_recall(self):
        """Cancel the reminders of this run that have not left yet."""
        self.check_access("write")
        self.ensure_one()
        recalled = self._recall()
        if not recalled:
            # no error: the form shows what was sent meanwhile
            text = self.env._("Nothing can be recalled any more: everything has been sent.")
            return notify(text, "warning")
        return notify(self.env._("Reminders recalled: %(count)s", count=len(recalled)))

    def action_open_lines(self):
        """Open the decisions of this run."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_recurrence_dunning.dunning_run_line_action"
        )
        return {**action, "domain": [("run_id", "=", self.id)]}

    def action_open_reminders(self):
        """Open the reminders of this run."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_recurrence_dunning.dunning_reminder_action"
        )
        return {**action, "domain": [("run_id", "=", self.id)], "context": {}}

    def action_open_undelivered(self):
        """Open the reminders of this run that could not be delivered."""
        action = self.action_open_reminders()
        return {**action, "domain": [("run_id", "=", self.id), ("state", "in", UNDELIVERED)]}

    def action_open_changes(self):
        """Open the decisions that changed between the simulation and the execution."""
        action = self.action_open_lines()
        domain = [("run_id", "=", self.id), ("is_changed", "=", True)]
        return {**action, "domain": domain}

    def action_mail_to_me(self):
        """Mail the table of this run to the user who asks."""
        self.check_access("read")
        self.ensure_one()
        return self._tell_mailed(self._send_table(self.env.user))

    def action_mail_to_report_users(self):
        """Mail the table of this run to those who get the reports of its programs."""
        self.check_access("read")
        self.ensure_one()
        return self._tell_mailed(self._send_table(self.report_user_ids))

    def _check_open(self):
        if self.state not in OPEN_STATES:
            raise UserError(self.env._("This run has already been executed."))
        self._check_choices()

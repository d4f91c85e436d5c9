from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date

from ....tools.dunning.message_state import UNDELIVERED

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
# Values in a row are of one transaction's making; nothing is to be tracked or announced.
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
}


class DunningRun(models.Model):
    """One execution or simulation of dunning for a company on a day.

    Whatever door it is opened by (job, run now, remind now, simulation), the same code decides
    (design rule 6). ``date`` is a day of the company.
    """

    _name = "dunning.run"
    _description = "Dunning Run"
    _inherit = [
        "recurrence.dunning.own.record.mixin",
        "mail.thread",
        "recurrence.dunning.plain.note.mixin",
        "dunning.foresight.mixin",
        "dunning.run.recall.mixin",
        "dunning.run.mail.mixin",
        "dunning.run.message.mixin",
        "dunning.run.step.mixin",
    ]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name")
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
        help="The day the decisions are made for. A day to come can be simulated, not executed.",
    )
    program_ids = fields.Many2many(
        "dunning.program",
        string="Programs",
        check_company=True,
        help="Empty: all programs of the company.",
    )
    level_ids = fields.Many2many(
        "dunning.level",
        string="Levels",
        check_company=True,
        help="Only these levels are sent. Empty: all.",
    )
    move_ids = fields.Many2many(
        "account.move",
        string="Invoices",
        check_company=True,
        help="Only these invoices. Empty: all that are open.",
    )
    by_hand = fields.Boolean(
        string="By Hand",
        readonly=True,
        copy=False,
        help="Asked for chosen invoices: the gap between messages and “never automatically” do "
        "not hold.",
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
        string="To Ask For",
        compute="_compute_total_text",
        help="What is open of the due lines to remind, per currency, never added up.",
    )
    changed_count = fields.Integer(
        string="Changed",
        readonly=True,
        copy=False,
        aggregator=None,
        help="Decisions that were others when the run was executed than in its simulation.",
    )
    report_pending = fields.Boolean(
        readonly=True,
        copy=False,
        help="Its report is mailed when all its reminders have left or failed.",
    )
    report_user_ids = fields.Many2many("res.users", compute="_compute_report_user_ids")
    bank_warning = fields.Char(compute="_compute_bank_warning")
    is_off = fields.Boolean(string="Dunning Is Off", compute="_compute_is_off")
    reminder_count = fields.Integer(compute="_compute_reminder_count", string="Reminders")
    queued_count = fields.Integer(compute="_compute_reminder_count", string="Not Left Yet")
    undelivered_count = fields.Integer(compute="_compute_reminder_count", string="Not Delivered")

    @api.depends("date", "program_ids")
    @api.depends_context("lang")
    def _compute_name(self):
        for run in self:
            day = format_date(self.env, run.date) if run.date else ""
            programs = ", ".join(run.program_ids.mapped("name"))
            run.name = f"{day} – {programs}" if programs else self.env._("Run of %s", day)

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
            run.total_text = ", ".join(
                format_amount(self.env, amount - covered, currency)
                for found, currency, amount, covered in groups
                if found == run
            )

    @api.depends("program_ids.report_user_ids")
    def _compute_report_user_ids(self):
        for run in self:
            run.report_user_ids = run.program_ids.sudo().report_user_ids

    @api.depends("state", "date", "company_id.dunning_bank_days")
    def _compute_bank_warning(self):
        for run in self:
            is_open = run.state in OPEN_STATES and run.date
            run.bank_warning = is_open and run.company_id._dunning_get_bank_warning(run.date)

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
                self.env._("A run that was executed keeps its date, programs, levels and invoices.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        if any(run.state == "done" or run.sudo().reminder_ids for run in self):
            raise UserError(self.env._("A run that was executed is kept: it is the proof."))

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
                        "A run is executed up to today (%(today)s), not for a day to come.",
                        today=format_date(self.env, today),
                    )
                )
            programs = run.program_ids or self.env["dunning.program"].search(
                [("company_id", "=", run.company_id.id)]
            )
            programs._check_runnable()
            programs._check_may_run()
            run._execute()
        self.env.ref("account_recurrence_dunning.ir_cron_dunning_outbox")._trigger()
        return True

    def action_recall(self):
        """Cancel the reminders of this run that have not left yet."""
        self.check_access("write")
        self.ensure_one()
        self._recall()
        return True

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
        states = UNDELIVERED
        return {**action, "domain": [("run_id", "=", self.id), ("state", "in", states)]}

    def action_open_changes(self):
        """Open the decisions that changed between the simulation and the execution."""
        action = self.action_open_lines()
        domain = [("run_id", "=", self.id), ("is_changed", "=", True)]
        return {**action, "domain": domain, "context": {"search_default_group_partner": 1}}

    def action_mail_to_me(self):
        """Mail the table of this run to the user who asks."""
        self.check_access("read")
        self.ensure_one()
        self._send_table(self.env.user)
        return self._notify_mailed()

    def action_mail_to_report_users(self):
        """Mail the table of this run to those who get the reports of its programs."""
        self.check_access("read")
        self.ensure_one()
        self._send_table(self.report_user_ids)
        return self._notify_mailed()

    def _notify_mailed(self):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": self.env._("The table is on its way.")},
        }

    def _check_open(self):
        if self.state not in OPEN_STATES:
            raise UserError(self.env._("This run was executed already."))

    # === ENGINE === #

    @api.model
    def _execute_for(self, company, as_of, programs=None, levels=None, moves=None):
        """Decide and queue the reminders of a day: what the jobs, buttons and plays of time call.

        :param company: the company
        :param date as_of: the day; the caller says which, it may lie in the past
        :param programs: only due lines of these programs; empty: all
        :param levels: only these levels are sent; empty: all
        :param moves: only these invoices, as a person asks for them; empty: all that are open
        :return: the run, done; its reminders wait in the outbox
        """
        runs = self.with_company(company).with_context(**QUIET)
        runs.check_access("create")
        # by_hand is for the engine alone to say; whose company it is is checked by _execute
        run = runs.sudo().create(
            {
                "company_id": company.id,
                "date": as_of,
                "program_ids": programs and programs.ids,
                "level_ids": levels and levels.ids,
                "move_ids": moves and moves.ids,
                "by_hand": bool(moves),
            }
        )
        run = run.with_env(runs.env)
        run._execute()
        return run

    def _get_facts(self):
        """Return the decided facts of the due lines this run is about."""
        self.ensure_one()
        service = self.env["dunning.engine"].sudo().with_company(self.company_id)
        facts = service._collect(
            self.company_id,
            self.date,
            programs=self.program_ids,
            moves=self.move_ids,
            by_hand=self.by_hand,
        )
        return service._decide(
            facts, self.company_id, self.date, levels=self.level_ids, by_hand=self.by_hand
        )

    def _simulate(self, state="simulated"):
        """List every due line with its decision.

        :return: the decided facts
        """
        self.ensure_one()
        self.check_access("write")
        run = self.sudo().with_company(self.company_id).with_context(**QUIET)
        omitted = {}
        if run.state != "draft":
            omitted = run._read_omitted()
            run.env["dunning.run.line"]._delete_of(run)
        facts = run._get_facts()
        run._apply_omitted(facts, omitted)
        untried = run._foresee(facts)
        run.env["dunning.run.line"]._insert(run, facts)
        remind_count = sum(fact.decision.remind for fact in facts)
        run.write(
            {
                "state": state,
                "error": False,
                "remind_count": remind_count,
                "skip_count": len(facts) - remind_count,
                "changed_count": 0,
                "untried_count": untried,
            }
        )
        run.invalidate_recordset(["line_ids", "remind_line_ids", "skip_line_ids"], flush=False)
        return facts

    def _execute(self):
        """Queue the reminders of this run (design rules 2, 6 and 8).

        What was simulated is decided once more; only lines shown as to be reminded are, at the
        level shown. A run that was not simulated is so first.
        """
        self.ensure_one()
        self.check_access("write")
        self.company_id._check_dunning_on()
        run = self.sudo().with_company(self.company_id).with_context(**QUIET)
        if run.state != "draft":
            run.activity_ids.action_feedback()
        facts = run._recheck_lines() if run.state in ("simulated", "to_check") else run._simulate()
        run._create_reminders(facts)
        run.write(
            {
                "state": "done",
                "executed_on": fields.Datetime.now(),
                "report_pending": not run.by_hand and bool(run.program_ids.report_user_ids),
            }
        )
        if not run.by_hand:
            status = run.env["dunning.engine"]._summarize(facts, run.date)
            run.env["account.move"]._dunning_write_status(status)

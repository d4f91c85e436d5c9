from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ....tools.common.sealed import ON
from ....tools.dunning.ladder import Ladder
from .dunning_program_guard_mixin import RECIPIENT_FIELDS

RECIPIENT_KINDS = [
    ("dunning", "Dunning contact"),
    ("billing", "Billing contact"),
    ("invoice", "Contact of the invoice"),
    ("preferred", "Preferred contact"),
]


class DunningProgram(models.Model):
    """A ladder of levels and how it runs: for whom, by whom, from which mail server."""

    _name = "dunning.program"
    _description = "Dunning Program"
    _inherit = [
        "recurrence.dunning.own.record.mixin",
        "recurrence.dunning.may.write.mixin",
        "mail.thread",
        "dunning.filter.mixin",
        "dunning.program.guard.mixin",
        "dunning.program.kit.mixin",
        "dunning.program.statement.mixin",
    ]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        system="once",
        index=True,
        default=lambda self: self.env.company,
    )
    mode = fields.Selection(
        [("manual", "Manual"), ("automatic", "Automatic")],
        required=True,
        default="manual",
        tracking=True,
        help=(
            "Manual: the schedule prepares a run to check; nothing is sent until it is "
            "executed. Automatic: the schedule runs and sends the reminders."
        ),
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        tracking=True,
        help=(
            "Is assigned the activities for runs to check and for reminders that could not be "
            "delivered."
        ),
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Created For",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The customer for whom this program was copied.",
    )
    kit = fields.Selection(
        [("standard", "Standard"), ("friendly", "Friendly"), ("strict", "Strict")],
        string="Based On",
        readonly=True,
        copy=False,
        help="The ready-made program it is based on; Reset restores it.",
    )
    note = fields.Text(string="Internal Note")
    level_ids = fields.One2many(
        "dunning.level", "program_id", copy=True, context={"active_test": False}
    )
    schedule_ids = fields.One2many(
        "dunning.program.schedule", "program_id", string="Run Times", copy=True
    )
    trial_ids = fields.One2many("dunning.trial", "program_id", string="Control Groups", copy=False)
    summary = fields.Text(string="Levels", compute="_compute_summary")
    missing_languages = fields.Char(string="Texts Missing In", compute="_compute_missing_languages")
    is_empty = fields.Boolean(compute="_compute_summary")
    is_used = fields.Boolean(compute="_compute_is_used")
    is_default = fields.Boolean(compute="_compute_is_default")
    is_on_hold = fields.Boolean(compute="_compute_is_default")
    last_run = fields.Datetime(
        compute="_compute_runs",
        help="When it was last executed, or prepared to be checked: as planned or by hand.",
    )
    next_run = fields.Datetime(compute="_compute_runs")
    is_missed = fields.Boolean(compute="_compute_runs")
    job_problem = fields.Text(compute="_compute_job_problem")
    partner_count = fields.Integer(compute="_compute_partner_count")

    filter_domain = fields.Char(
        help=("No reminders are sent for other invoices that follow this program.")
    )

    schedule_tz = fields.Selection(related="company_id.recurrence_dunning_tz")

    # --- sender and mail server (D5, D13) ---
    sender = fields.Selection(
        [
            ("creator", "User who created the invoice"),
            ("salesperson", "Salesperson"),
            ("user", "A specific user"),
            ("company", "The company"),
        ],
        required=True,
        default="company",
        help="In whose name reminders are sent. If that user is a bot, a portal user, archived or "
        "not allowed to send, the responsible user is used, then the salesperson, then the "
        "company.",
    )
    sender_user_id = fields.Many2one(
        "res.users", string="Sender User", domain="[('share', '=', False)]"
    )
    mail_server_id = fields.Many2one(
        "ir.mail_server",
        string="Outgoing Mail Server",
        help="Leave empty to let Odoo choose the server by the sender's address.",
    )

    # --- recipient (D6, D7) ---
    recipient_first = fields.Selection(RECIPIENT_KINDS, default="dunning", required=True)
    recipient_second = fields.Selection(RECIPIENT_KINDS, default="billing")
    recipient_third = fields.Selection(RECIPIENT_KINDS, default="invoice")
    recipient_fourth = fields.Selection(RECIPIENT_KINDS, default="preferred")
    undeliverable_blacklisted = fields.Boolean(
        string="Blacklisted Addresses Are Undeliverable",
        help=(
            "If disabled, reminders are still sent to a blacklisted address, with a warning, "
            "because a demand for payment is not advertising. If enabled, the reminder is not "
            "sent, for that reason."
        ),
    )
    grouping = fields.Selection(
        [
            ("customer", "One per customer"),
            ("address", "One per invoice address"),
            ("invoice", "One per invoice"),
        ],
        string="Messages Sent",
        required=True,
        default="customer",
    )

    # --- who runs it, who is told, where it may run (D15, W5, rule 16) ---
    runner_ids = fields.Many2many(
        "res.users",
        "dunning_program_runner_rel",
        string="May Run Now",
        domain="[('share', '=', False)]",
        help="Leave empty for every dunning user.",
    )
    report_user_ids = fields.Many2many(
        "res.users",
        "dunning_program_report_rel",
        string="Recipients of the Run Report",
        domain="[('share', '=', False)]",
    )
    allow_copy = fields.Boolean(
        string="May Run on a Copy of the Database",
        help=(
            "If disabled, nothing is sent from a copied or moved database. If enabled, a copy "
            "sends everything to the test address only."
        ),
    )
    copy_email = fields.Char(string="Test Address for Copies")

    @api.depends("level_ids.days", "level_ids.active")
    @api.depends_context("lang")
    def _compute_summary(self):
        for program in self:
            levels = program.level_ids.filtered("active").sorted("days")
            program.is_empty = not levels
            program.summary = program._get_summary(levels)

    def _get_summary(self, levels):
        """Return the days of the levels in one line: "Days before due: 3, after due: 5, 15"."""
        if not levels:
            return self.env._("No active level")
        before = ", ".join(str(-days) for days in levels.mapped("days") if days < 0)
        after = ", ".join(str(days) for days in levels.mapped("days") if days >= 0)
        if before and after:
            return self.env._(
                "Days before due date: %(before)s, after due date: %(after)s",
                before=before,
                after=after,
            )
        if before:
            return self.env._("Days before due date: %(before)s", before=before)
        return self.env._("Days after due date: %(after)s", after=after)

    @api.depends("level_ids.missing_languages", "level_ids.active")
    def _compute_missing_languages(self):
        missing = self.level_ids._find_missing_languages()
        for program in self:
            found = (missing[level] for level in program.level_ids if level.active)
            program.missing_languages = self.level_ids._tell_languages(set().union(*found))

    def _compute_is_used(self):
        used = self.level_ids._get_used().program_id
        for program in self:
            program.is_used = program._origin in used

    @api.depends("company_id.dunning_program_id", "company_id.dunning_home")
    def _compute_is_default(self):
        for program in self:
            company = program.company_id.sudo()
            program.is_default = company.dunning_program_id == program._origin
            program.is_on_hold = company.dunning_active and company._is_job_copy()

    @api.depends("schedule_ids.last_run", "schedule_ids.next_run", "schedule_ids.is_missed")
    def _compute_runs(self):
        for program in self:
            lines = program.schedule_ids
            program.last_run = max(lines.filtered("last_run").mapped("last_run"), default=False)
            program.next_run = min(lines.filtered("next_run").mapped("next_run"), default=False)
            program.is_missed = any(lines.mapped("is_missed"))

    @api.depends("company_id.dunning_active", "schedule_ids.level_ids.active")
    @api.depends_context("lang")
    def _compute_job_problem(self):
        for company, programs in self.grouped("company_id").items():
            problem = company and company._get_dunning_job_problem()
            for program in programs:
                problems = filter(None, (problem, program.schedule_ids._tell_idle()))
                program.job_problem = "\n".join(problems)

    def _compute_partner_count(self):
        for program in self:
            partners = self.env["res.partner"].with_company(program.company_id)
            program.partner_count = partners.search_count(program._get_partner_domain())

    @api.constrains("grouping")
    def _check_grouping(self):
        self.level_ids._check_message()

    def write(self, vals):
        if vals.get("active", True) is False:
            self._check_not_recurring()
        if vals.get("active"):
            self.filtered(lambda program: not program.active)._check_runnable()
        if "level_ids" in vals:
            # one level may go before another comes: the whole ladder is looked at afterwards
            self = self.with_context(dunning_levels_later=ON)
        return super().write(vals)

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if "name" not in (default or {}):
            for program, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%(name)s (copy)", name=program.name)
        return vals_list

    def copy(self, default=None):
        """Copy programs; what each was made from goes along, so that the copy can be reset too."""
        copies = super().copy(default)
        for program, copy in zip(self, copies.sudo(), strict=True):
            copy.kit = program.kit
            pairs = zip(program.level_ids.sorted("id"), copy.level_ids.sorted("id"), strict=False)
            levels = dict(pairs)
            for level, copied in levels.items():
                copied.default_key = level.default_key if copied.days == level.days else False
            if "schedule_ids" not in (default or {}):
                # Odoo copies the archived ones too
                both = (program | copy).with_context(active_test=False)
                lines, made = (found.schedule_ids for found in both)
                lines._copy_levels_to(made, levels)
        return copies

    def action_confirm_move(self):
        """Let the programs of the company go on in this database: it was moved, it is no copy."""
        self.check_access("write")
        return self.company_id.action_dunning_confirm_move()

    def action_simulate(self):
        """Show what these programs would remind today; nothing is sent."""
        self.check_access("read")
        return self._open_simulation(self.company_id, programs=self)

    @api.model
    def _open_simulation(self, company, programs=None, moves=None):
        """Simulate the run of today and open it.

        :param company: the company
        :param programs: only due lines of these programs; empty: all
        :param moves: only these invoices; empty: all that are open
        """
        run = self.env["dunning.run"].create(
            {
                "company_id": company.id,
                "date": company._get_job_today(),
                "program_ids": programs and programs.ids,
                "move_ids": moves and moves.ids,
            }
        )
        run.action_simulate()
        return {
            "type": "ir.actions.act_window",
            "res_model": "dunning.run",
            "res_id": run.id,
            "views": [(False, "form")],
        }

    def action_open_reset(self):
        """Open the dialog that sets the program back to the shipped levels."""
        self.ensure_one()
        return self.env["dunning.program.reset"]._open(self)

    def action_open_run(self):
        """Open the dialog that runs the program now, for all or for chosen levels."""
        self.check_access("read")
        return self.env["dunning.program.run"]._open(self)

    def action_open_change(self):
        """Open the dialog that changes the ladder and shows the effect before."""
        self.ensure_one()
        return self.env["dunning.change"]._open("ladder", self)

    def action_open_copy(self):
        """Open the dialog that copies the program to another company."""
        return self.env["dunning.program.copy"]._open(self)

    def action_make_default(self):
        """Show what would change if this became the company's program, and ask."""
        self.ensure_one()
        return self.env["dunning.change"]._open("default", self)

    def _set_default(self):
        """Let every customer without own program follow this one from now on."""
        self.ensure_one()
        self.check_access("write")
        self.company_id.sudo().dunning_program_id = self

    def action_view_partners(self):
        """Open the customers who have this program as their own."""
        self.check_access("read")
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Customers with %(program)s", program=self.name),
            "res_model": "res.partner",
            "view_mode": "list,form",
            "domain": list(self._get_partner_domain()),
        }

    def _get_partner_domain(self):
        """Return the domain of the customers who have this program as their own."""
        return Domain(
            [
                ("dunning_policy", "=", "own"),
                ("dunning_program_id", "in", self.ids),
                ("parent_id", "=", False),
            ]
        )

    def _get_ladder(self):
        """Return the program's levels as the pure ladder the decision works on.

        Archived levels are in it, so that a line standing on one keeps its place.

        :return: a ``tools.dunning.ladder.Ladder``
        """
        self.ensure_one()
        return Ladder(level._get_ladder_level() for level in self.level_ids)

    def _get_recipient_order(self):
        """Return the kinds of contact to look for, in order: ``["dunning", "billing", …]``."""
        self.ensure_one()
        return [self[name] for name in RECIPIENT_FIELDS if self[name]]

    def _check_runnable(self):
        """Raise where a person starts a program that can do nothing."""
        for program in self:
            if not any(program.level_ids.mapped("active")):
                raise UserError(
                    self.env._(
                        "The program %(name)s has no active level: add one, or use Reset.",
                        name=program.name,
                    )
                )

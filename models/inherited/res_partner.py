from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..common.access_groups import DUNNING_USERS, EMPLOYEES, INVOICE_READERS

DUNNING_POLICIES = [
    ("general", "Company's program"),
    ("own", "Own program"),
    ("never", "Never automatically"),
]


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = [
        "res.partner",
        "recurrence.guarded.mixin",
        "recurrence.dunning.system.field.mixin",
        "recurrence.dunning.value.bounds.mixin",
        "dunning.partner.figures.mixin",
        "dunning.partner.statement.mixin",
        "dunning.partner.program.mixin",
        "dunning.partner.language.mixin",
        "dunning.partner.contact.mixin",
        "dunning.partner.debtor.mixin",
        "dunning.partner.page.mixin",
        "dunning.partner.work.mixin",
    ]

    # Kept per company on the commercial partner; contacts show what their company has. Not copied:
    # who may not see them could not duplicate a contact.
    dunning_policy = fields.Selection(
        DUNNING_POLICIES,
        string="Reminders",
        company_dependent=True,
        copy=False,
        groups=DUNNING_USERS,
        help="Leave empty to follow the company setting.",
    )
    dunning_program_id = fields.Many2one(
        "dunning.program",
        string="Own Dunning Program",
        company_dependent=True,
        check_company=True,
        copy=False,
        groups=DUNNING_USERS,
    )
    dunning_contact_id = fields.Many2one(
        "res.partner",
        string="Dunning Contact",
        company_dependent=True,
        check_company=True,
        copy=False,
        groups=DUNNING_USERS,
        help="Used where the program specifies the dunning contact.",
    )
    billing_contact_id = fields.Many2one(
        "res.partner",
        string="Billing Contact",
        company_dependent=True,
        check_company=True,
        copy=False,
        groups=DUNNING_USERS,
        help="Used where the program specifies the billing contact.",
    )
    dunning_preferred = fields.Boolean(
        string="Preferred for Reminders",
        copy=False,
        groups=DUNNING_USERS,
        help="Used where the program specifies the preferred contact.",
        prefetch="recurrence_dunning",
    )
    dunning_also = fields.Boolean(
        string="Also Gets Reminders",
        copy=False,
        groups=DUNNING_USERS,
        help="Receives a copy of each reminder to the customer.",
        prefetch="recurrence_dunning",
    )
    dunning_debtor_kind = fields.Selection(
        lambda self: self.env["dunning.charge.rule"]._get_debtor_kinds(),
        string="Kind of Debtor",
        copy=False,
        groups=DUNNING_USERS,
        prefetch="recurrence_dunning",
        help=(
            "What may be charged for late payment depends on it. Empty: a public body by the tag "
            "“Public Body”, a business as a company or by its tax number, else a consumer."
        ),
    )
    dunning_effective_program_id = fields.Many2one(
        "dunning.program",
        string="Applicable Program",
        compute="_compute_dunning_effective_program_id",
        compute_sudo=True,
        groups=DUNNING_USERS,
    )
    dunning_block_ids = fields.One2many(
        "dunning.block",
        "partner_id",
        string="Dunning Blocks",
        groups=DUNNING_USERS,
    )
    dunning_answer_ids = fields.One2many(
        "dunning.answer",
        "partner_id",
        string="Customer's Answers",
        readonly=True,
        groups=DUNNING_USERS,
    )
    dunning_promise_ids = fields.One2many(
        "dunning.promise",
        "partner_id",
        string="Promises to Pay",
        readonly=True,
        groups=DUNNING_USERS,
    )
    dunning_dispute_ids = fields.One2many(
        "dunning.dispute",
        "partner_id",
        string="Disputes",
        readonly=True,
        groups=DUNNING_USERS,
    )
    dunning_plan_ids = fields.One2many(
        "dunning.plan",
        "partner_id",
        string="Payment Plans",
        readonly=True,
        groups=DUNNING_USERS,
    )
    dunning_call_ids = fields.One2many(
        "dunning.call",
        "partner_id",
        string="Calls",
        readonly=True,
        groups=DUNNING_USERS,
    )
    dunning_reminder_count = fields.Integer(
        compute="_compute_dunning_reminder_count", groups=DUNNING_USERS
    )
    dunning_open_count = fields.Integer(
        string="Open Reminders",
        compute="_compute_dunning_reminder_count",
        groups=DUNNING_USERS,
        help="Reminders to be sent, printed or made by phone, and those not delivered.",
    )
    dunning_trial_text = fields.Text(
        string="Control Group", compute="_compute_dunning_trial_text", groups=DUNNING_USERS
    )
    dunning_overdue_text = fields.Char(
        string="Overdue",
        compute="_compute_dunning_figures",
        groups=DUNNING_USERS,
        help="Per currency; amounts in different currencies are not added up.",
    )
    dunning_days_late = fields.Float(
        string="Average Days Late",
        digits=(16, 1),
        compute="_compute_dunning_figures",
        groups=DUNNING_USERS,
        help=(
            "Average for invoices paid in the last 12 months; negative if paid before the due date."
        ),
    )
    dunning_paid_count = fields.Integer(
        string="Payments Counted", compute="_compute_dunning_figures", groups=DUNNING_USERS
    )
    recurrence_schedule_ids = fields.One2many("recurrence.schedule", "partner_id", groups=EMPLOYEES)
    recurrence_consolidation = fields.Boolean(
        string="Consolidate Recurring Invoices",
        company_dependent=True,
        copy=False,
        groups=INVOICE_READERS,
        help=(
            "The customer's recurring invoices of the same day become one, with a section for "
            "each. A recurrence may say otherwise."
        ),
    )
    recurrence_schedule_count = fields.Integer(
        compute="_compute_recurrence_schedule_count", groups=EMPLOYEES
    )

    def _commercial_fields(self):
        return super()._commercial_fields() + [
            "dunning_policy",
            "dunning_program_id",
            "dunning_contact_id",
            "billing_contact_id",
            "recurrence_consolidation",
        ]

    @api.depends("dunning_policy", "dunning_program_id", "country_id", "category_id")
    @api.depends_context("company")
    def _compute_dunning_effective_program_id(self):
        company = self.env.company
        programs = company._dunning_choose_programs(self.commercial_partner_id._origin)
        for partner in self:
            own = partner.dunning_policy == "own" and partner.dunning_program_id
            customer = partner.commercial_partner_id._origin
            found = programs.get(customer.id) if customer else company.dunning_program_id.id
            partner.dunning_effective_program_id = own or found

    @api.constrains("dunning_program_id")
    def _check_dunning_program(self):
        company = self.env.company
        for partner in self.sudo():
            program = partner.dunning_program_id
            if program and program.company_id != company:
                raise ValidationError(
                    self.env._(
                        "The program %(program)s belongs to %(other)s, not to %(company)s.",
                        program=program.name,
                        other=program.company_id.name,
                        company=company.name,
                    )
                )

    def _check_dunning(self):
        """Refuse who does not work with dunning: a client may call a public method on any ids."""
        self.check_access("read")
        self.env["dunning.reminder"].check_access("read")

    def action_dunning_statement(self):
        """Open the dialog that prints or downloads the statements of these customers."""
        self._dunning_check_statement()
        return self.env["dunning.statement.dialog"]._open(self.commercial_partner_id)

    def action_dunning_block(self):
        """Open the dialog that blocks the reminders of this customer."""
        self._check_dunning()
        self.ensure_one()
        return self.env["dunning.block"]._get_dialog(partner=self)

    def action_dunning_customise(self):
        """Give this customer a program of its own, copied from the one it follows, and open it."""
        self._check_dunning()
        self.ensure_one()
        return self.commercial_partner_id._dunning_customise_program()

    def action_view_dunning_reminders(self):
        """Open the reminders to this customer."""
        self._check_dunning()
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_recurrence_dunning.dunning_reminder_action"
        )
        action["domain"] = [("partner_id", "=", self.commercial_partner_id.id)]
        action["context"] = {}
        return action

    def action_view_dunning_open(self):
        """Open the reminders to this customer that are still to be done."""
        action = self.action_view_dunning_reminders()
        states = ("draft", "queued", "failed", "undeliverable")
        return {**action, "domain": [*action["domain"], ("state", "in", states)]}

    def action_view_dunning_overdue(self):
        """Open the overdue invoices of this customer."""
        self._check_dunning()
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_out_invoice_type"
        )
        action["domain"] = [
            ("commercial_partner_id", "=", self.commercial_partner_id.id),
            ("company_id", "=", self.env.company.id),
            ("move_type", "in", ("out_invoice", "out_receipt")),
            ("state", "=", "posted"),
            ("line_ids", "any", self._dunning_get_overdue_domain()),
        ]
        return action

    def action_dunning_change_program(self):
        """Open the dialog that gives this customer another program, and shows the effect before."""
        self._check_dunning()
        self.ensure_one()
        customer = self.commercial_partner_id
        program = customer.dunning_effective_program_id
        if not program:
            raise UserError(
                self.env._(
                    "%(company)s has no default dunning program: choose one in the settings.",
                    company=self.env.company.name,
                )
            )
        return self.env["dunning.change"]._open("partner", program, customer)

    def _compute_recurrence_schedule_count(self):
        groups = self.env["recurrence.schedule"]._read_group(
            [("partner_id", "child_of", self.ids), ("state", "!=", "finished")],
            ["partner_id"],
            ["__count"],
        )
        counts = defaultdict(int)
        for partner, count in groups:
            # a contact counts for everybody above it too; they are all read at once, level by level
            while partner:
                counts[partner.id] += count
                partner = partner.sudo().parent_id
        for partner in self:
            partner.recurrence_schedule_count = counts[partner._origin.id]

    def write(self, vals):
        result = super().write(vals)
        self._dunning_follow_partner_write(vals)
        return result

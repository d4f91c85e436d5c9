from odoo import api, fields, models
from odoo.exceptions import ValidationError

DUNNING_POLICIES = [
    ("general", "Company's program"),
    ("own", "Own program"),
    ("never", "Never automatically"),
]


# Who works with invoices. Reading for a job or for the sync with contacts goes through sudo.
DUNNING_READERS = "account.group_account_invoice,account.group_account_readonly"


class ResPartner(models.Model):
    _inherit = "res.partner"

    # Kept per company on the commercial partner; contacts show what their company has.
    dunning_policy = fields.Selection(
        DUNNING_POLICIES,
        string="Reminders",
        company_dependent=True,
        groups=DUNNING_READERS,
        help="Empty: the switch of the company decides.",
    )
    dunning_program_id = fields.Many2one(
        "dunning.program",
        string="Own Dunning Program",
        company_dependent=True,
        groups=DUNNING_READERS,
    )
    dunning_contact_id = fields.Many2one(
        "res.partner",
        string="Dunning Contact",
        company_dependent=True,
        groups=DUNNING_READERS,
        help="Looked at where the program says dunning contact.",
    )
    billing_contact_id = fields.Many2one(
        "res.partner",
        string="Billing Contact",
        company_dependent=True,
        groups=DUNNING_READERS,
        help="Looked at where the program says billing contact.",
    )
    dunning_preferred = fields.Boolean(
        string="Preferred for Reminders",
        groups=DUNNING_READERS,
        help="Looked at where the program says preferred contact.",
    )
    dunning_also = fields.Boolean(
        string="Also Gets Reminders",
        groups=DUNNING_READERS,
        help="Receives a copy of each reminder to the customer.",
    )
    dunning_effective_program_id = fields.Many2one(
        "dunning.program",
        string="Follows",
        compute="_compute_dunning_effective_program_id",
        compute_sudo=True,
        groups=DUNNING_READERS,
    )
    dunning_block_ids = fields.One2many(
        "dunning.block",
        "partner_id",
        string="Dunning Blocks",
        groups="account_recurrence_dunning.dunning_group_user",
    )
    dunning_reminder_count = fields.Integer(
        compute="_compute_dunning_reminder_count",
        groups="account_recurrence_dunning.dunning_group_user",
    )
    recurrence_schedule_ids = fields.One2many("recurrence.schedule", "partner_id")
    recurrence_schedule_count = fields.Integer(compute="_compute_recurrence_schedule_count")

    def _commercial_fields(self):
        return super()._commercial_fields() + [
            "dunning_policy",
            "dunning_program_id",
            "dunning_contact_id",
            "billing_contact_id",
        ]

    @api.depends("dunning_policy", "dunning_program_id")
    @api.depends_context("company")
    def _compute_dunning_effective_program_id(self):
        general = self.env.company.dunning_program_id
        for partner in self:
            own = partner.dunning_policy == "own" and partner.dunning_program_id
            partner.dunning_effective_program_id = own or general

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

    def _compute_dunning_reminder_count(self):
        counts = dict(
            self.env["dunning.reminder"]._read_group(
                [
                    ("partner_id", "in", self.commercial_partner_id.ids),
                    ("company_id", "in", self.env.companies.ids),
                ],
                ["partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.dunning_reminder_count = counts.get(partner.commercial_partner_id, 0)

    def action_dunning_block(self):
        """Open the dialog that blocks the reminders of this customer."""
        self.ensure_one()
        return self.env["dunning.invoice"]._get_block_action(partner=self)

    def action_dunning_customise(self):
        """Give this customer a program of its own, copied from the one it follows, and open it."""
        self.ensure_one()
        return self.env["dunning.program"]._customise_for(self.commercial_partner_id)

    def action_view_dunning_reminders(self):
        """Open the reminders to this customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_recurrence_dunning.dunning_reminder_action"
        )
        action["domain"] = [("partner_id", "=", self.commercial_partner_id.id)]
        action["context"] = {}
        return action

    def _compute_recurrence_schedule_count(self):
        counts = dict(
            self.env["recurrence.schedule"]._read_group(
                [("partner_id", "child_of", self.ids), ("state", "!=", "finished")],
                ["partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            family = self.browse(
                p.id for p in counts if p == partner or partner in p._get_ancestors()
            )
            partner.recurrence_schedule_count = sum(counts[p] for p in family)

    def write(self, vals):
        self.env["recurrence.template.guard"]._check_write(self, vals)
        result = super().write(vals)
        self.env["dunning.invoice"]._follow_partner_write(self, vals)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used_by_recurrence(self):
        self.env["recurrence.template.guard"]._check_unused(self)

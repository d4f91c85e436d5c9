from odoo import fields, models

DUNNING_POLICIES = [
    ("general", "Company's program"),
    ("own", "Own program"),
    ("never", "Never automatically"),
]


class ResPartner(models.Model):
    _inherit = "res.partner"

    # Kept per company on the commercial partner; contacts show what their company has.
    dunning_policy = fields.Selection(
        DUNNING_POLICIES,
        company_dependent=True,
        help="Empty: the switch of the company decides.",
    )
    dunning_program_id = fields.Many2one(
        "dunning.program", string="Dunning Program", company_dependent=True
    )
    dunning_contact_id = fields.Many2one(
        "res.partner", string="Dunning Contact", company_dependent=True
    )
    billing_contact_id = fields.Many2one(
        "res.partner", string="Billing Contact", company_dependent=True
    )
    dunning_preferred = fields.Boolean(
        string="Preferred for Reminders", help="Looked at where the program says preferred contact."
    )
    dunning_also = fields.Boolean(
        string="Also Gets Reminders", help="Receives a copy of each reminder to the customer."
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

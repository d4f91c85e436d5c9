from odoo import fields, models


class DunningLevel(models.Model):
    """Whether a level asks for interest and fixed sums (M3)."""

    _inherit = "dunning.level"

    charge_compute = fields.Boolean(related="program_id.charge_compute")
    charge_show = fields.Boolean(
        string="Claim Interest and Fixed Sums",
        help=(
            "E-mail, letter and statement of this level list them apart from what is outstanding, "
            "with the sentence of the rule, and ask for both. A notice before the due date never "
            "does."
        ),
    )

    def _shows_claims(self):
        """Whether messages of this level ask for interest and fixed sums."""
        self.ensure_one()
        return self.charge_show and self.days >= 0 and self.program_id.sudo().charge_compute

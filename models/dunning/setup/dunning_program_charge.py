from odoo import fields, models


class DunningProgram(models.Model):
    """Whether a program claims interest and fixed sums (M3)."""

    _inherit = "dunning.program"

    charge_compute = fields.Boolean(
        string="Compute Interest and Fixed Sums",
        help=(
            "What the law or your contracts allow for paying late is computed for the invoices of "
            "this program and shown to your colleagues. Customers are not asked for it."
        ),
    )

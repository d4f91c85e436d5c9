from odoo import fields, models


class DunningLevel(models.Model):
    """What a caller says at a level that is a call."""

    _inherit = "dunning.level"

    call_script = fields.Text(
        translate=True,
        help=(
            "What the caller says. #CUSTOMER#, #CONTACT#, #REF# (the invoice numbers), #TOTAL# and "
            "#COMPANY# are filled in."
        ),
    )

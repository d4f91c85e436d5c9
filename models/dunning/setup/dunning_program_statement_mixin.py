import base64

from odoo import fields, models

from ....tools.common.banner import BANNER_SIZE, find_width


class DunningProgramStatementMixin(models.AbstractModel):
    """How statements of open items look that belong to no level."""

    _name = "dunning.program.statement.mixin"
    _description = "Look of Statements"

    statement_title = fields.Char(
        translate=True, help="Heading of statements that belong to no level."
    )
    statement_banner = fields.Image(
        max_width=1200,
        max_height=400,
        help="Shown on top of statements, where their level has no banner of its own.",
    )

    def _get_banner_width(self):
        """Return the width of the banner in pixels, which Outlook wants to be told, or None."""
        return find_width(base64.b64decode(self.sudo().statement_banner or b""), BANNER_SIZE)

from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    is_vip = fields.Boolean(copy=False, help="The customer is spoken to, not written to.")
    shelf = fields.Char(copy=False, readonly=True)

    def _put_on_shelf(self):
        """Finish what the invoice mode "shelf" issues."""
        for move in self:
            move.shelf = f"{move.date.year}/{move.name}"

from odoo import fields, models

from odoo.addons.account_recurrence_dunning.tools.dunning.obstacle import Obstacle


class DunningProgram(models.Model):
    _inherit = "dunning.program"

    grouping = fields.Selection(
        selection_add=[("month", "One per month they are due in")],
        ondelete={"month": "set default"},
    )

    def _get_fax_obstacle(self, recipient, contact, blacklist=()):
        if recipient and not recipient.fax:
            return Obstacle("no_fax", {"recipient": recipient.id})
        return None if recipient else Obstacle("no_recipient", {"customer": contact.id})

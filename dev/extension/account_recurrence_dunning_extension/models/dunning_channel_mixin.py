from odoo import api, fields, models

from odoo.addons.account_recurrence_dunning.tools.dunning.channel import Channel


class DunningChannelMixin(models.AbstractModel):
    _inherit = "dunning.channel.mixin"

    channel = fields.Selection(selection_add=[("fax", "Fax")], ondelete={"fax": "set default"})

    @api.model
    def _get_channels(self):
        fax = Channel(find_obstacle="_get_fax_obstacle", send="_send_faxes")
        return {**super()._get_channels(), "fax": fax}

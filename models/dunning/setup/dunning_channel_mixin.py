from odoo import api, fields, models

from ....tools.dunning.channel import Channel


class DunningChannelMixin(models.AbstractModel):
    """The way a message takes to the customer, for levels and reminders.

    Another addon adds one here for both: with ``selection_add``, and in ``_get_channels``.
    """

    _name = "dunning.channel.mixin"
    _description = "Channel of Reminders"

    channel = fields.Selection(
        [
            ("email", "E-mail"),
            ("letter", "Letter"),
            ("call", "Call"),
            ("email_letter", "E-mail and letter"),
        ],
        required=True,
        default="email",
    )
    leaves_by_itself = fields.Boolean(
        string="Sent Automatically", compute="_compute_leaves_by_itself"
    )

    @api.depends("channel")
    def _compute_leaves_by_itself(self):
        for record in self:
            record.leaves_by_itself = bool(record.channel) and record._get_channel().is_queued

    @api.model
    def _get_channels(self):
        """Return what the channels are made of: ``{value of the field: Channel}``."""
        by_mail = "_get_recipient_obstacle"
        return {
            "email": Channel(mail=True, find_obstacle=by_mail),
            "letter": Channel(letter=True, find_obstacle="_get_postal_obstacle"),
            "call": Channel(text=False),
            "email_letter": Channel(mail=True, letter=True, find_obstacle=by_mail),
        }

    def _get_channel(self):
        """Return what the channel of this record is made of."""
        return self._get_channels()[self.channel]

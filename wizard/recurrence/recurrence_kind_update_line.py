from odoo import fields, models
from odoo.exceptions import UserError

from ...tools.recurrence.kind import get_fingerprint


class RecurrenceKindUpdateLine(models.TransientModel):
    """One recurring invoice, and what the changes of its kind mean for it."""

    _name = "recurrence.kind.update.line"
    _description = "Recurring Invoice of a Changed Kind"
    _inherit = "recurrence.change.line.mixin"
    _order = "id"

    update_id = fields.Many2one(
        "recurrence.kind.update", required=True, ondelete="cascade", index=True
    )
    is_included = fields.Boolean(string="Choose")
    effect = fields.Text(string="What Changes")
    kept = fields.Text(string="Kept as Agreed")
    offer_key = fields.Char(readonly=True, help="What was offered when it was shown.")

    def _get_change(self):
        return self.schedule_id._get_kind_change(self._get_offer())

    def _get_offer(self):
        """Return what is offered, a ``KindOffer``.

        :raise UserError: it is not what was shown
        """
        update = self.update_id
        offer = self.schedule_id._get_kind_offer(update.with_own)
        if offer.kind != update.kind_id or self._get_offer_key(offer) != self.offer_key:
            raise UserError(self.env._("It has changed since this was shown."))
        return offer

    def _get_offer_key(self, offer):
        """Return a text that is another one for every other offer."""
        return get_fingerprint([offer.changes, offer.kept])

from odoo import fields, models


class DunningAnswer(models.Model):
    """What customers answer on their page becomes the same record as what they say on the phone."""

    _inherit = "dunning.answer"

    def _hold(self, kind, until, today):
        if self.kind != "promise":
            return super()._hold(kind, until, today)
        promise = self.env["dunning.promise"].create(
            {**self._prepare_agreement(today), "date": until, "amount": self.amount}
        )
        self.block_ids |= promise.block_ids
        return None

    def _prepare_agreement(self, today):
        """Return the values that every record of what a customer said has."""
        return {
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "move_line_ids": [fields.Command.set(self.move_line_ids.ids)],
            "date_given": today,
            "user_id": (self._get_responsible() or self.env.user).id,
            "source": "page",
            "note": self._get_summary(),
            "answer_id": self.id,
        }

from odoo import models

from ....tools.dunning.credit import take
from ....tools.dunning.fact import covered


class DunningReminderCreditMixin(models.AbstractModel):
    """A customer's credits and payments on account, as they stand in messages (rule 13).

    A message shows them as far as they cover its own lines: what covers a line that does not
    stand in it, or was paid out, would make the message ask for too little.
    """

    _name = "dunning.reminder.credit.mixin"
    _description = "Credits in Reminders"

    def _prepare_credit_lines(self, facts, credits):
        """Return the values of the credits that stand in a message.

        :param facts: of the due lines in the message, with and without effect
        :param credits: what ``dunning.engine._read_credits`` returned
        """
        shared = self._prepare_shared_lines()
        rows = credits.get(self.partner_id.id, ())
        return [{**row, **shared, "kind": "credit"} for row in take(rows, covered(facts))]

    def _renew_credit_lines(self, facts, credits):
        """Let a message show the credits there are now."""
        old = self.line_ids.filtered(lambda line: line.kind == "credit")
        new = self._prepare_credit_lines(facts, credits)
        shown = [
            (line.move_line_id.id, line.move_name, line.invoice_date, line.amount_residual)
            for line in old.sorted("id")
        ]
        names = ("move_line_id", "move_name", "invoice_date", "amount_residual")
        self._note_other_credits(credits)
        if shown != [tuple(row[name] for name in names) for row in new]:
            old.unlink()
            old.create(new)

    def _note_other_credits(self, credits):
        """Keep what a customer has to his credit in currencies in which the message asks nothing.

        :param credits: what ``dunning.engine._read_credits`` returned
        """
        rows = credits.get(self.partner_id.id, ())
        if not rows and not self.other_credits:
            return
        asked = set(self._get_standing().filtered(lambda ln: ln.kind != "credit").currency_id.ids)
        others = {}
        for row in rows:
            if row["currency_id"] not in asked:
                key = str(row["currency_id"])
                others[key] = round(others.get(key, 0.0) - row["amount_residual"], 6)
        if (others or False) != (self.other_credits or False):
            self.other_credits = others or False

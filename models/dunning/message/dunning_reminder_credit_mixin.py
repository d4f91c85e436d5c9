from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

from ....tools.dunning.credit import take
from ....tools.dunning.fact import covered


class DunningReminderCreditMixin(models.AbstractModel):
    """A customer's credits and payments on account, as they stand in messages (design rule 13).

    A message shows them as far as they cover its own lines: what covers a line that does not
    stand in it, or was paid out, would make the message ask for too little.
    """

    _name = "dunning.reminder.credit.mixin"
    _description = "Credits in Reminders"

    @api.model
    def _read_credits(self, company, facts):
        """Return the open credits of the customers whose due lines are covered by any.

        :param facts: of the due lines that stand in messages
        :return: ``{customer id: [row, …]}``, oldest first, with negative amounts; a row has the
            values of a line in a reminder
        """
        partner_ids = list({fact.partner_id for fact in facts if fact.credit})
        if not partner_ids:
            return {}
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT line.id AS move_line_id, line.move_id, move.name AS move_name,
                       COALESCE(move.invoice_date, line.date) AS invoice_date,
                       line.currency_id, line.amount_currency AS amount_total,
                       line.amount_residual_currency AS amount_residual,
                       customer.id AS partner_id
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                                              AND account.account_type = 'asset_receivable'
                  JOIN account_move move ON move.id = line.move_id
                  JOIN res_partner contact ON contact.id = line.partner_id
                  JOIN res_partner customer ON customer.id = contact.commercial_partner_id
                 WHERE line.reconciled IS NOT TRUE AND line.parent_state = 'posted'
                   AND line.company_id = %s AND line.amount_residual_currency < 0
                   AND customer.id = ANY(%s)
              ORDER BY line.date, line.id
                """,
                company.id,
                partner_ids,
            )
        )
        credits = defaultdict(list)
        for row in rows:
            credits[row["partner_id"]].append(row)
        return credits

    def _prepare_credit_lines(self, facts, credits):
        """Return the values of the credits that stand in a message.

        :param facts: of the due lines in the message, with and without effect
        :param credits: what ``_read`` returned
        """
        shared = self.env["dunning.run"]._prepare_shared_lines(self)
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
        if shown != [tuple(row[name] for name in names) for row in new]:
            old.unlink()
            old.create(new)

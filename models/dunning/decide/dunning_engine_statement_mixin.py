from collections import defaultdict
from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from .dunning_engine_line_mixin import SHOWN_NUMBER


class DunningEngineStatementMixin(models.AbstractModel):
    """What stands in statements of open items: all that is open (C1)."""

    _name = "dunning.engine.statement.mixin"
    _description = "Open Items of Customers"

    @api.model
    def _collect_statements(self, company, as_of, partners):
        """Return what is open of customers, due or not: ``{customer id: [values of a line, …]}``.

        With the amounts that reminders state; what is wholly paid by a payment in process is not
        open. Credits and other entries follow, none is taken off.

        :param partners: commercial partners
        """
        facts = self._collect(company, as_of, partners=partners, by_hand=True) if partners else []
        items = defaultdict(list)
        for fact in facts:
            if fact.payable > 0:
                items[fact.partner_id].append(self._prepare_statement_item(fact, as_of))
        for row in self._read_other_items(company, partners, [fact.id for fact in facts]):
            items[row.pop("partner_id")].append({**row, "kind": "credit"})
        return items

    @api.model
    def _prepare_statement_item(self, fact, as_of):
        line = fact.line
        return {
            "kind": "overdue",
            "move_line_id": fact.id,
            "move_id": fact.move_id,
            "move_name": fact.move_name,
            "invoice_date": fact.invoice_date,
            "due_date": line.due,
            "days_late": (as_of - line.due) // timedelta(days=1),
            "currency_id": fact.currency_id,
            "amount_total": fact.amount_total,
            "amount_residual": fact.payable,
            "level_number": line.level,
        }

    @api.model
    def _read_other_items(self, company, partners, due_ids):
        """Return the open items of customers that are no due lines, the oldest first."""
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT line.id AS move_line_id, line.move_id, %(number)s AS move_name,
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
                   AND line.company_id = %(company)s AND line.amount_residual_currency <> 0
                   AND customer.id = ANY(%(customers)s) AND line.id <> ALL(%(due)s::int[])
              ORDER BY line.date, line.id
                """,
                number=SHOWN_NUMBER,
                company=company.id,
                customers=partners.ids,
                due=due_ids,
            )
        )

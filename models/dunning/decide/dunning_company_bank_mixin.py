from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL


class DunningCompanyBankMixin(models.AbstractModel):
    """How far the bank is known: who paid since then must not be reminded by a machine."""

    _name = "dunning.company.bank.mixin"
    _description = "Bank Data for Reminders"

    def _dunning_get_bank_age(self, as_of):
        """Return the figures of bank data that is too old to remind by, or None.

        Measured on the newest statement line or registered payment of the journals marked as bank
        feed; where none is marked, or no limit is set, nothing is asked.

        :param date as_of: the company's day of the run
        :return: dict of ``newest`` (date, or None where there is no bank data) and ``days``
        """
        limit = self.dunning_bank_days
        if limit <= 0:
            return None
        journals = (
            self.env["account.journal"]
            .sudo()
            .search([("company_id", "=", self.id), ("dunning_bank_feed", "=", True)])
        )
        if not journals:
            return None
        newest = self._dunning_get_newest_bank_lines(journals, as_of)
        if newest and newest >= as_of - timedelta(days=limit):
            return None
        return {"newest": newest, "days": limit}

    @api.model
    def _dunning_get_newest_bank_lines(self, journals, as_of):
        """Return the day of the newest bank data up to a day: what is dated ahead says nothing."""
        self.env["account.bank.statement.line"].flush_model()
        self.env["account.payment"].flush_model()
        self.env["account.move"].flush_model(["date", "state"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT max(day) FROM (
                    SELECT max(move.date) AS day
                      FROM account_bank_statement_line bank
                      JOIN account_move move ON move.id = bank.move_id
                     WHERE bank.journal_id = ANY(%(journals)s) AND move.date <= %(as_of)s
                       AND move.state = 'posted'
                 UNION ALL
                    SELECT max(payment.date)
                      FROM account_payment payment
                     WHERE payment.journal_id = ANY(%(journals)s) AND payment.date <= %(as_of)s
                       AND payment.payment_type = 'inbound'
                       AND payment.state IN ('in_process', 'paid')
                ) AS bank_data
                """,
                journals=journals.ids,
                as_of=as_of,
            )
        )
        return rows[0][0]

    def _dunning_get_bank_warning(self, as_of):
        """Return the sentence about bank data that is too old; empty: it is not."""
        figures = self._dunning_get_bank_age(as_of)
        if not figures:
            return ""
        if not figures["newest"]:
            return self.env._(
                "There is no bank data yet: customers who have paid would be reminded. Import "
                "bank statements, or execute the run anyway."
            )
        return self.env["dunning.reason"]._get_sentence("bank_stale", figures)

from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from ....tools.common.sql_array import array_literal
from ....tools.dunning.credit import exact
from ....tools.dunning.figures import COUNT_BACK_MONTHS, OpenItem

# What the queries read of each model; they see what is pending of it.
READ_FIELDS = {
    "account.account": ["account_type"],
    "account.journal": ["type"],
    "account.move": ["move_type", "payment_state"],
    "account.move.line": [
        "account_id",
        "amount_residual",
        "amount_residual_currency",
        "company_id",
        "currency_id",
        "date",
        "date_maturity",
        "parent_state",
        "partner_id",
        "reconciled",
    ],
    "account.partial.reconcile": [
        "amount",
        "company_id",
        "credit_amount_currency",
        "credit_move_id",
        "debit_amount_currency",
        "debit_move_id",
        "max_date",
    ],
    "dunning.reminder.line": ["effective_date", "is_test", "kind", "move_line_id", "state"],
    "res.partner": ["commercial_partner_id"],
}
SALES = ("out_invoice", "out_receipt", "out_refund")


class DunningCompanyOpenMixin(models.AbstractModel):
    """What stood open on a day, and what was sold and paid until then: one query each (K9).

    A day that is over is found from what there is now, by adding what was matched since: so only
    what was open is read, never all there ever was.
    """

    _name = "dunning.company.open.mixin"
    _description = "Receivables of a Company on a Day"

    def _dunning_read_open(self, as_of, disputed=()):
        """Return what stood open on a day, credits too, as a list of ``OpenItem``.

        :param date as_of: the day, booked entries of which count
        :param disputed: how much is disputed of due lines, in their currencies:
            ``{due line id: amount}``, infinite for all of it
        """
        self.ensure_one()
        for model, names in READ_FIELDS.items():
            self.env[model].flush_model(names)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner.commercial_partner_id, item.currency_id, item.due,
                       item.amount, item.amount_company,
                       CASE WHEN item.amount > 0 AND disputed.part IS NOT NULL
                            THEN round((item.amount_company * LEAST(disputed.part / item.amount, 1)
                                       )::numeric, %(digits)s)
                            ELSE 0 END AS disputed,
                       item.id
                  FROM (%(items)s) item
             LEFT JOIN res_partner partner ON partner.id = item.partner_id
             LEFT JOIN unnest(%(ids)s::int[], %(parts)s::float8[]) disputed (id, part)
                    ON disputed.id = item.id
                 WHERE item.amount <> 0 OR item.amount_company <> 0
                """,
                items=self._dunning_get_sql_open(as_of),
                digits=self.currency_id.decimal_places,
                ids=array_literal(disputed),
                parts=array_literal(dict(disputed).values()),
            )
        )
        return list(map(OpenItem._make, rows))

    def _dunning_get_sql_open(self, as_of):
        """Return the query of the receivable lines that stood open on a day, with their amounts."""
        return SQL(
            """
            WITH back AS (
                SELECT id, sum(amount) AS amount, sum(amount_company) AS amount_company
                  FROM (SELECT debit_move_id AS id, debit_amount_currency AS amount,
                               amount AS amount_company
                          FROM account_partial_reconcile
                         WHERE company_id = %(company)s AND max_date > %(as_of)s
                     UNION ALL
                        SELECT credit_move_id, -credit_amount_currency, -amount
                          FROM account_partial_reconcile
                         WHERE company_id = %(company)s AND max_date > %(as_of)s) later
              GROUP BY id
            )
            SELECT line.id, line.partner_id, line.currency_id,
                   COALESCE(line.date_maturity, line.date) AS due,
                   line.amount_residual_currency + COALESCE(back.amount, 0) AS amount,
                   line.amount_residual + COALESCE(back.amount_company, 0) AS amount_company
              FROM account_move_line line
         LEFT JOIN back ON back.id = line.id
             WHERE line.reconciled IS NOT TRUE AND %(counted)s
         UNION ALL
            SELECT line.id, line.partner_id, line.currency_id,
                   COALESCE(line.date_maturity, line.date),
                   line.amount_residual_currency + back.amount,
                   line.amount_residual + back.amount_company
              FROM back
              JOIN account_move_line line ON line.id = back.id
             WHERE line.reconciled AND %(counted)s
            """,
            company=self.id,
            as_of=as_of,
            counted=self._dunning_get_sql_booked(as_of),
        )

    def _dunning_get_sql_booked(self, as_of):
        """Return the condition under which a ``line`` is a receivable that was booked by a day."""
        return SQL(
            "line.company_id = %s AND line.parent_state = 'posted' AND line.date <= %s"
            " AND line.account_id IN (SELECT id FROM account_account"
            " WHERE account_type = 'asset_receivable')",
            self.id,
            as_of,
        )

    def _dunning_get_open_domain(self, as_of):
        """Return the domain of the due lines and credits that stood open on a day."""
        return Domain(
            [
                ("company_id", "=", self.id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("date", "<=", as_of),
                "|",
                "|",
                ("reconciled", "=", False),
                ("matched_credit_ids.max_date", ">", as_of),
                ("matched_debit_ids.max_date", ">", as_of),
            ]
        )

    def _dunning_read_sales(self, as_of):
        """Return invoices less credit notes, taxes included, by day in the company's currency.

        As far back as DSO is counted.
        """
        domain = self._dunning_get_sales_domain(
            as_of.replace(day=1) - relativedelta(months=COUNT_BACK_MONTHS - 1), as_of
        )
        groups = self.env["account.move"]._read_group(
            domain, ["invoice_date:day"], ["amount_total_signed:sum"]
        )
        return {day: exact(amount) for day, amount in groups}

    def _dunning_get_sales_domain(self, date_from, date_to):
        """Return the domain of the invoices and credit notes of a period."""
        return [
            ("company_id", "=", self.id),
            ("move_type", "in", SALES),
            ("state", "=", "posted"),
            ("invoice_date", ">=", date_from),
            ("invoice_date", "<=", date_to),
        ]

    def _dunning_read_collected(self, as_of):
        """Return what was paid in the month of a day, until that day, in the company's currency.

        Money that came in by a journal of money counts, credit notes and write-offs do not.

        :return: amount in all, amount of items that had got a reminder, and the ids of these
        """
        return self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(sum(amount), 0),
                       COALESCE(sum(amount) FILTER (WHERE reminded), 0),
                       COALESCE(array_agg(DISTINCT line_id) FILTER (WHERE reminded), '{}')
                  FROM (SELECT part.amount, line.id AS line_id, EXISTS (
                               SELECT FROM dunning_reminder_line sent
                                WHERE sent.move_line_id = line.id AND sent.kind = 'remind'
                                  AND sent.state = 'sent' AND sent.is_test IS NOT TRUE
                                  AND sent.effective_date <= part.max_date) AS reminded
                          FROM account_partial_reconcile part
                          JOIN account_move_line line ON line.id = part.debit_move_id
                          JOIN account_account account ON account.id = line.account_id
                                               AND account.account_type = 'asset_receivable'
                          JOIN account_move_line paying ON paying.id = part.credit_move_id
                          JOIN account_journal journal ON journal.id = paying.journal_id
                                               AND journal.type IN ('bank', 'cash', 'credit')
                         WHERE part.company_id = %(company)s AND line.parent_state = 'posted'
                           AND part.max_date BETWEEN %(first)s AND %(as_of)s) paid
                """,
                company=self.id,
                first=as_of.replace(day=1),
                as_of=as_of,
            )
        )[0]

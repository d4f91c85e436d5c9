from collections import defaultdict
from dataclasses import fields
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ....tools.dunning.credit import exact
from ....tools.dunning.fact import DueFact
from ....tools.dunning.ladder import DueLine

# By what the customer knows an item: of an opening balance its label, the number of old.
SHOWN_NUMBER = SQL(
    "CASE WHEN move.move_type = 'entry' AND move.origin_payment_id IS NULL"
    " AND move.statement_line_id IS NULL"
    " THEN COALESCE(NULLIF(trim(line.name), ''), move.name) ELSE move.name END"
)
# What is read of each due line as it stands, by the name of the fact.
PLAIN_COLUMNS = {
    "move_id": SQL("line.move_id"),
    # the line of an invoice names the commercial partner, not the contact
    "contact_id": SQL(
        "CASE WHEN move.move_type = 'entry' THEN line.partner_id"
        " ELSE COALESCE(move.partner_id, line.partner_id) END"
    ),
    "partner_id": SQL("customer.id"),
    "currency_id": SQL("line.currency_id"),
    "residual": SQL("line.amount_residual_currency"),
    "residual_company": SQL("line.amount_residual"),
    "cycle": SQL("COALESCE(line.dunning_cycle, 0)"),
    "amount_total": SQL("line.amount_currency"),
    "move_name": SHOWN_NUMBER,
    "invoice_date": SQL("COALESCE(move.invoice_date, line.date)"),
    "payment_state": SQL("move.payment_state"),
    "creator_id": SQL("move.create_uid"),
    "salesperson_id": SQL("move.invoice_user_id"),
}
FACT_NAMES = frozenset(field.name for field in fields(DueFact))


class DunningEngineLineMixin(models.AbstractModel):
    """Reads due lines, credits and debits of a company by one query (rule 9)."""

    _name = "dunning.engine.line.mixin"
    _description = "Dunning Engine: Due Lines"

    @api.model
    def _get_due_line_columns(self, company, known, as_of, grace):
        """Return what is read of each due line: ``{name: SQL}``.

        A name that ``DueFact`` has none of is found in its ``extra``. The tables are ``line``,
        its ``move``, the ``contact`` of the line and the ``customer``, its commercial partner.

        :param known: what there is, ``dunning_engine_source_mixin.Known``
        :param grace: for how many days an invoice sent after its due date is left alone
        """
        invoices = self.env["account.move"]
        return {
            **PLAIN_COLUMNS,
            "program_id": invoices._dunning_get_sql_program(company, "move", "customer"),
            "exclusion": invoices._dunning_get_sql_exclusion(company, "move", "customer"),
            "hold": SQL(
                """CASE WHEN line.no_followup THEN 'no_followup'
                        WHEN move.move_type <> 'entry' AND move.is_move_sent IS NOT TRUE
                             AND %s THEN 'never_sent'
                        WHEN %s THEN 'direct_debit'
                        ELSE '' END""",
                bool(company.dunning_skip_unsent),
                self._get_sql_direct_debit(company, known.direct_debits),
            ),
            "late_sent": SQL(
                """CASE WHEN move.dunning_sent_date > COALESCE(line.date_maturity, line.date)
                             AND %s BETWEEN move.dunning_sent_date
                                        AND move.dunning_sent_date + %s - 1
                        THEN move.dunning_sent_date END""",
                as_of,
                grace,
            ),
        }

    @api.model
    def _read_lines(self, company, known, as_of, grace, partners=None):
        """Return the due lines, and per customer and currency the credits and other debits.

        :param known: see ``_get_due_line_columns``, as for the others
        """
        columns = self._get_due_line_columns(company, known, as_of, grace)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.id, COALESCE(line.date_maturity, line.date),
                       COALESCE(line.dunning_level, 0), line.dunning_last_date,
                       line.dunning_level_days,
                       (move.move_type IN ('out_invoice', 'out_receipt')
                        OR move.move_type = 'entry' AND line.journal_id = ANY(%(journals)s)
                           AND move.origin_payment_id IS NULL
                           AND move.statement_line_id IS NULL),
                       %(columns)s
                  FROM account_move_line line
                  JOIN account_move move ON move.id = line.move_id
                  JOIN res_partner contact ON contact.id = line.partner_id
                  JOIN res_partner customer ON customer.id = contact.commercial_partner_id
                 WHERE line.reconciled IS NOT TRUE
                   AND line.account_id = ANY(%(accounts)s)
                   AND line.parent_state = 'posted'
                   AND line.company_id = %(company)s
                   AND line.amount_residual_currency <> 0
                   %(only)s
                """,
                columns=SQL(", ").join(columns.values()),
                accounts=known.accounts,
                journals=known.journals,
                company=company.id,
                only=SQL("AND customer.id = ANY(%s)", partners.ids) if partners else SQL(""),
            )
        )
        return self._sort_rows([*columns], rows)

    @api.model
    def _get_sql_direct_debit(self, company, methods):
        """Return the condition under which an invoice is collected by one of these methods."""
        if not methods:
            return SQL("false")
        customers = self.env["res.partner"].sudo().with_company(company)
        return SQL(
            "COALESCE(move.preferred_payment_method_line_id, %s) = ANY(%s)",
            customers._field_to_sql("customer", "property_inbound_payment_method_line_id"),
            methods,
        )

    @api.model
    def _sort_rows(self, names, rows):
        """Tell due lines from credits and from debits that only use credits up (refunds paid).

        :param names: of the columns after the six that make a ``DueLine``
        """
        facts, credits, debits = [], defaultdict(Decimal), defaultdict(Decimal)
        more = [name for name in names if name not in FACT_NAMES]
        for line_id, due, level, last_date, level_days, is_due_line, *row in rows:
            values = dict(zip(names, row, strict=True))
            key, residual = (values["partner_id"], values["currency_id"]), values["residual"]
            if residual < 0:
                credits[key] -= exact(residual)
            elif not is_due_line:
                debits[key] += exact(residual)
            else:
                line = DueLine(line_id, due, level, level_days if level else None, last_date)
                line.by_hand = level > 0
                extra = {name: values.pop(name) for name in more} if more else None
                facts.append(DueFact(line, extra=extra, **values))
        return facts, credits, debits

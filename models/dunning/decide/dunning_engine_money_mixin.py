from collections import defaultdict
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ....tools.common.sql_array import array_literal
from ....tools.dunning.credit import exact
from ....tools.dunning.decision import MENTIONED_REASONS
from ....tools.dunning.fact import cover
from ....tools.dunning.payment import NumberFinder, assign
from .dunning_engine_line_mixin import SHOWN_NUMBER
from .dunning_engine_source_mixin import UNDERWAY, UNMATCHED

# Online payments that are neither refused nor in the books yet.
ONLINE_UNDERWAY = SQL(
    """tx.payment_id IS NULL AND provider.code NOT IN ('none', 'custom')
       AND tx.state IN ('pending', 'authorized', 'done')
       AND tx.operation IS DISTINCT FROM 'refund'"""
)


class DunningEngineMoneyMixin(models.AbstractModel):
    """What is open of due lines: less payments on their way, credits, payments found (rule 9)."""

    _name = "dunning.engine.money.mixin"
    _description = "Payments and Credits for Due Lines"

    @api.model
    def _subtract_payments(self, company, facts, credits, debits, known):
        """Take off the open amounts of facts what is paid or will be.

        :param credits: Decimal by (customer id, currency id), positive
        :param debits: what uses credits up without being a due line, in the same form
        :param known: what there is, ``dunning_engine_source_mixin.Known``
        """
        self._subtract_in_process(facts, known)
        self._subtract_credits(facts, credits, debits)
        if known.has_bank_lines:
            self._assign_payments(company, facts)

    # === PAYMENTS ON THEIR WAY === #

    @api.model
    def _subtract_in_process(self, facts, known):
        """Take off payments on their way: without an entry yet, or pending online (rule 9)."""
        lines = defaultdict(list)
        for fact in facts:
            lines[fact.move_id].append(fact)
        rows = []
        if lines and known.has_payments:
            rows += self._read_payments(lines)
        if lines and known.has_transactions:
            rows += self._read_transactions(lines)
        amounts = defaultdict(Decimal)
        for move_id, currency_id, day, amount in rows:
            fact = lines[move_id][0]
            company = self.env["account.move"].browse(move_id).sudo().company_id
            amounts[move_id] += self._convert(amount, currency_id, fact.currency_id, company, day)
        for move_id, amount in amounts.items():
            cover(lines[move_id], amount)
            for fact in lines[move_id]:
                fact.in_process = float(exact(fact.residual) - exact(fact.open_amount))

    @api.model
    def _read_payments(self, move_ids):
        """Return the payments of invoices that have no entry yet: (invoice id, currency id, …)."""
        return self.env.execute_query(
            SQL(
                """
                SELECT rel.invoice_id, payment.currency_id, payment.date, sum(payment.amount)
                  FROM account_move__account_payment rel
                  JOIN account_payment payment ON payment.id = rel.payment_id
                 WHERE rel.invoice_id = ANY(%s::int[]) AND %s
                   AND payment.payment_type = 'inbound'
              GROUP BY rel.invoice_id, payment.currency_id, payment.date
                """,
                array_literal(move_ids),
                UNDERWAY,
            )
        )

    @api.model
    def _read_transactions(self, move_ids):
        """Return the online payments of invoices that are under way, as ``_read_payments``."""
        return self.env.execute_query(
            SQL(
                """
                SELECT rel.invoice_id, tx.currency_id,
                       (tx.create_date AT TIME ZONE 'UTC'
                        AT TIME ZONE COALESCE(company.recurrence_dunning_tz, 'UTC'))::date,
                       sum(tx.amount)
                  FROM account_invoice_transaction_rel rel
                  JOIN account_move move ON move.id = rel.invoice_id
                  JOIN res_company company ON company.id = move.company_id
                  JOIN payment_transaction tx ON tx.id = rel.transaction_id
                  JOIN payment_provider provider ON provider.id = tx.provider_id
                 WHERE rel.invoice_id = ANY(%s::int[]) AND %s
              GROUP BY 1, 2, 3
                """,
                array_literal(move_ids),
                ONLINE_UNDERWAY,
            )
        )

    @api.model
    def _sum_underway(self, move_ids):
        """Return what is on its way for invoices, each payment once: ``{currency id: amount}``.

        Where the others tell a payment of several invoices with each of them.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT currency_id, sum(amount)
                  FROM (SELECT DISTINCT payment.id, payment.currency_id, payment.amount
                          FROM account_move__account_payment rel
                          JOIN account_payment payment ON payment.id = rel.payment_id
                         WHERE rel.invoice_id = ANY(%(moves)s::int[]) AND %(underway)s
                           AND payment.payment_type = 'inbound'
                     UNION ALL
                        SELECT DISTINCT tx.id, tx.currency_id, tx.amount
                          FROM account_invoice_transaction_rel rel
                          JOIN payment_transaction tx ON tx.id = rel.transaction_id
                          JOIN payment_provider provider ON provider.id = tx.provider_id
                         WHERE rel.invoice_id = ANY(%(moves)s::int[]) AND %(online)s) found
              GROUP BY currency_id
                """,
                moves=array_literal(move_ids),
                underway=UNDERWAY,
                online=ONLINE_UNDERWAY,
            )
        )
        return {currency_id: float(amount) for currency_id, amount in rows}

    @api.model
    def _convert(self, amount, from_id, to_id, company, day):
        """Return an amount in another currency, at the company's rate of that day, exactly."""
        if from_id != to_id:
            currencies = self.env["res.currency"]
            amount = currencies.browse(from_id)._convert(
                amount, currencies.browse(to_id), company, day
            )
        return exact(amount)

    # === CREDITS === #

    @api.model
    def _subtract_credits(self, facts, credits, debits):
        """Spread each customer's credits over the due lines, oldest first, once (rule 9)."""
        groups = defaultdict(list)
        for fact in facts if credits else ():
            key = (fact.partner_id, fact.currency_id)
            if key in credits:
                groups[key].append(fact)
        for key, group in groups.items():
            credit = max(credits[key] - debits.get(key, Decimal()), Decimal())
            cover(group, credit)
            for fact in group:
                fact.credit = float(credit)

    # === PAYMENTS THAT ARE NOT MATCHED === #

    @api.model
    def _assign_payments(self, company, facts):
        """Note on due lines what bank statement lines nobody matched yet may be for.

        A statement line is for the invoices whose number or reference its text names, else for
        the open lines of its partner, oldest first; what is left over of it is for nobody.
        """
        payments = self._read_bank_lines(company) if facts else []
        if not payments:
            return
        by_partner, by_move = defaultdict(list), defaultdict(list)
        for fact in facts:
            by_partner[fact.partner_id].append(fact)
            by_move[fact.move_id].append(fact)
        finder = self._get_number_finder(list(by_move))
        for text, partner_id, currency_id, amount, day, _entry_id in payments:
            named = [fact for move_id in finder.find(text) for fact in by_move[move_id]]
            facts = named or by_partner.get(partner_id, ())
            self._assign(company, facts, currency_id, exact(amount), day)

    @api.model
    def _assign(self, company, facts, currency_id, amount, day):
        """Spread one payment over facts: first over those in its currency, then over others."""
        by_currency = defaultdict(list)
        for fact in facts:
            by_currency[fact.currency_id].append(fact)
        for found in sorted(by_currency, key=lambda key: key != currency_id):
            there = self._convert(float(amount), currency_id, found, company, day)
            left = assign(by_currency[found], there, day)
            amount = self._convert(float(left), found, currency_id, company, day)
            if amount <= 0:
                return

    @api.model
    def _read_bank_lines(self, company):
        """Return what came in on bank statements and is not matched.

        :return: list of (text, commercial partner id or None, currency id, amount, day, entry id)
        """
        return self.env.execute_query(
            SQL(
                """
                SELECT concat_ws(' ', bank.payment_ref, move.ref, bank.transaction_details::text),
                       partner.commercial_partner_id,
                       COALESCE(bank.foreign_currency_id, bank.currency_id),
                       LEAST(-bank.amount_residual, CASE WHEN bank.foreign_currency_id IS NULL
                                                         THEN bank.amount
                                                         ELSE bank.amount_currency END),
                       move.date, move.id
                  FROM account_bank_statement_line bank
                  JOIN account_move move ON move.id = bank.move_id AND move.state = 'posted'
             LEFT JOIN res_partner partner ON partner.id = bank.partner_id
                 WHERE bank.company_id = %s AND %s
              ORDER BY move.date, bank.id
                """,
                company.id,
                UNMATCHED,
            )
        )

    @api.model
    def _get_number_finder(self, move_ids):
        """Return the finder of the numbers and payment references of invoices."""
        rows = self.env.execute_query(
            SQL(
                "SELECT id, name, payment_reference FROM account_move WHERE id = ANY(%s::int[])",
                array_literal(move_ids),
            )
        )
        return NumberFinder(
            (number, move_id) for move_id, *numbers in rows for number in numbers if number
        )

    # === MINIMUM === #

    @api.model
    def _get_minimums(self, company, facts):
        """Return the minimum of the levels that have one, by id, and the company's by None.

        In the company's currency; empty where no program of these facts has one.
        """
        programs = self.env["dunning.program"].browse(
            {fact.program_id for fact in facts if fact.program_id}
        )
        minimums = {
            level.id: level.min_amount
            for level in programs.level_ids
            if level.active and level.min_amount > 0
        }
        if company.dunning_min_amount > 0:
            minimums[None] = company.dunning_min_amount
        return minimums

    @api.model
    def _apply_minimum(self, facts, company, as_of):
        """Skip what is to be reminded where too little would be asked of a customer.

        What counts is the net of the message per customer and currency: the lines reminded and
        those that stand in it without effect, less credits and payments. The minimum of the
        highest level holds, else the company's; converted at the rate of the day.
        """
        minimums = self._get_minimums(company, facts)
        if not minimums:
            return
        groups = defaultdict(list)
        for fact in facts:
            mentioned = fact.line.due < as_of and fact.decision.reason in MENTIONED_REASONS
            if fact.decision.remind or mentioned:
                groups[fact.partner_id, fact.currency_id].append(fact)
        for (_partner_id, currency_id), group in groups.items():
            self._skip_below(group, minimums, currency_id, company, as_of)

    @api.model
    def _skip_below(self, group, minimums, currency_id, company, as_of):
        """Skip the lines of one customer and currency if they fall short of the minimum."""
        reminded = [fact for fact in group if fact.decision.remind]
        if not reminded:
            return
        top = max((fact.decision.level for fact in reminded), key=lambda level: level.days)
        minimum = minimums.get(top.id) or minimums.get(None)
        if not minimum:
            return
        minimum = self._convert(minimum, company.currency_id.id, currency_id, company, as_of)
        total = sum(exact(max(fact.open_amount, 0)) for fact in group)
        if total >= minimum:
            return
        figures = {"amount": float(total), "minimum": float(minimum), "currency_id": currency_id}
        for fact in reminded:
            fact.decision = fact.decision._replace(
                remind=False,
                reason="below_minimum",
                next_date=None,
                params=fact.decision.params | figures,
            )

    @api.model
    def _read_credits(self, company, facts):
        """Return the open credits of customers, also those that cover nothing.

        :param facts: of the due lines that stand in messages
        :return: ``{customer id: [row, …]}``, oldest first, with negative amounts; a row has the
            values of a line in a reminder
        """
        partner_ids = list({fact.partner_id for fact in facts})
        if not partner_ids:
            return {}
        rows = self.env.execute_query_dict(
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
                   AND line.company_id = %(company)s AND line.amount_residual_currency < 0
                   AND customer.id = ANY(%(customers)s)
              ORDER BY line.date, line.id
                """,
                number=SHOWN_NUMBER,
                company=company.id,
                customers=partner_ids,
            )
        )
        credits = defaultdict(list)
        for row in rows:
            credits[row["partner_id"]].append(row)
        return credits

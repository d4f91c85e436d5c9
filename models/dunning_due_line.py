from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ..tools.dunning_fact import DueFact, cover, exact, longest_block
from ..tools.dunning_ladder import DueLine, Ladder, decide

# Values of ``payment_state`` that keep an invoice from being reminded, with the reason (rule 9).
# A payment that has no entry yet makes Odoo write "paid" whatever its amount, so that state is
# believed only where the amounts in process do not say otherwise.
PAYMENT_STATE_HOLDS = {
    "reversed": "reversed",
    "blocked": "blocked_payment",
    "invoicing_legacy": "legacy",
}
UNDELIVERED_STATES = ("failed", "undeliverable")
PROGRESS_STATES = ("draft", "queued")
# What a person may overrule who reminds one invoice by hand (D9).
AUTOMATIC_ONLY = ("invoice_off", "customer_never", "before_activation")
# Inbound payment methods with which the creditor collects: reminding would be absurd.
DIRECT_DEBIT_CODES = ("sdd", "sdd_core", "sdd_b2b", "sepa_direct_debit")


class DunningDueLine(models.AbstractModel):
    """The facts about due lines, read by a handful of queries however many lines there are."""

    _name = "dunning.due.line"
    _description = "Facts about Due Lines"

    # === ENTRY POINTS === #

    @api.model
    def _collect(self, company, as_of, programs=None, moves=None, partners=None, by_hand=False):
        """Return the facts about the due lines of a company (design rule 9).

        A due line is an open, posted receivable item of a customer invoice, or of an entry of a
        general journal (opening balance). Credits are spread over all of them, whichever are
        asked for.

        :param company: the company; nothing of another one is read
        :param date as_of: the day of the decision
        :param programs: only due lines that follow one of these programs; empty: all
        :param moves: only due lines of these entries; empty: all
        :param partners: only due lines of these commercial partners; empty: all
        :param bool by_hand: whether a person asks for these lines: "never automatically" and the
            gap between messages then do not hold them back
        :return: list of ``DueFact``, oldest due date first
        """
        self._flush()
        partners = partners or (moves and moves.commercial_partner_id)
        facts, credits, debits = self._read_lines(company, partners)
        self._subtract_in_process(facts)
        self._subtract_credits(facts, credits, debits)
        wanted = facts
        if programs:
            wanted = [fact for fact in wanted if fact.program_id in programs._ids]
        if moves:
            wanted = [fact for fact in wanted if fact.move_id in moves._ids]
        self._add_history(wanted, company)
        self._add_holds(wanted, company, as_of, by_hand)
        if not by_hand:
            self._add_contacts(wanted, company, as_of)
        wanted.sort(key=lambda fact: (fact.line.due, fact.id))
        return wanted

    @api.model
    def _decide(self, facts, company, as_of, levels=None, by_hand=False):
        """Set the decision on each of these facts and return them.

        :param levels: the only levels that may go; empty: all
        """
        ladders = {}
        contact_gap = 0 if by_hand else company.dunning_contact_gap
        for fact in facts:
            ladder = ladders.get(fact.program_id)
            if ladder is None:
                program = self.env["dunning.program"].browse(fact.program_id or [])
                ladder = ladders[fact.program_id] = program._get_ladder() if program else Ladder(())
            decision = decide(fact.line, ladder, as_of, contact_gap)
            if levels and decision.remind and decision.level.id not in levels._ids:
                decision = decision._replace(remind=False, reason="level_not_chosen")
            fact.decision = decision
        return facts

    # === FACTS === #

    @api.model
    def _flush(self):
        """Write what is still in memory, since the facts are read by SQL."""
        self.env["account.move.line"].flush_model()
        self.env["account.move"].flush_model()
        self.env["res.partner"].flush_model()
        self.env["account.payment"].flush_model()
        self.env["payment.transaction"].flush_model()
        self.env["dunning.reminder"].flush_model()
        self.env["dunning.reminder.line"].flush_model()
        self.env["dunning.block"].flush_model()

    @api.model
    def _read_lines(self, company, partners=None):
        """Return the due lines, and per customer and currency the credits and other debits."""
        policy = self.env["dunning.policy"]
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT line.id, line.move_id,
                       -- the line of an invoice names the commercial partner, not the contact
                       CASE WHEN move.move_type = 'entry' THEN line.partner_id
                            ELSE COALESCE(move.partner_id, line.partner_id) END AS contact_id,
                       customer.id AS partner_id, line.currency_id,
                       COALESCE(line.date_maturity, line.date) AS due,
                       line.amount_residual_currency AS residual,
                       line.amount_residual AS residual_company,
                       line.dunning_level, line.dunning_last_date, line.dunning_cycle,
                       line.amount_currency AS amount_total, move.name AS move_name,
                       move.invoice_date, move.payment_state,
                       move.create_uid AS creator_id, move.invoice_user_id AS salesperson_id,
                       %(program)s AS program_id, %(exclusion)s AS exclusion,
                       (move.move_type IN ('out_invoice', 'out_receipt')
                        OR move.move_type = 'entry' AND journal.type IN ('general', 'sale')
                           AND move.origin_payment_id IS NULL
                           AND move.statement_line_id IS NULL) AS is_due_line,
                       CASE WHEN line.no_followup THEN 'no_followup'
                            WHEN move.move_type <> 'entry' AND move.is_move_sent IS NOT TRUE
                                 AND %(skip_unsent)s THEN 'never_sent'
                            WHEN method.code = ANY(%(direct_debit)s)
                                 OR method.code LIKE '%%direct_debit%%' THEN 'direct_debit'
                       END AS hold
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                                              AND account.account_type = 'asset_receivable'
                  JOIN account_move move ON move.id = line.move_id
                  JOIN account_journal journal ON journal.id = line.journal_id
                  JOIN res_partner contact ON contact.id = line.partner_id
                  JOIN res_partner customer ON customer.id = contact.commercial_partner_id
             LEFT JOIN account_payment_method_line method_line
                    ON method_line.id = move.preferred_payment_method_line_id
             LEFT JOIN account_payment_method method
                    ON method.id = method_line.payment_method_id
                 WHERE line.reconciled IS NOT TRUE
                   AND line.parent_state = 'posted'
                   AND line.company_id = %(company)s
                   AND line.amount_residual_currency <> 0
                   %(only)s
                """,
                program=policy._get_sql_program(company, "move", "customer"),
                exclusion=policy._get_sql_exclusion(company, "move", "customer"),
                skip_unsent=bool(company.dunning_skip_unsent),
                direct_debit=list(DIRECT_DEBIT_CODES),
                company=company.id,
                only=SQL("AND customer.id = ANY(%s)", partners.ids) if partners else SQL(""),
            )
        )
        return self._sort_rows(rows)

    @api.model
    def _sort_rows(self, rows):
        """Tell due lines from credits and from debits that only use credits up (refunds paid)."""
        facts, credits, debits = [], defaultdict(Decimal), defaultdict(Decimal)
        for row in rows:
            key = (row["partner_id"], row["currency_id"])
            if row["residual"] < 0:
                credits[key] -= exact(row["residual"])
            elif not row.pop("is_due_line"):
                debits[key] += exact(row["residual"])
            else:
                facts.append(self._make_fact(row))
        return facts, credits, debits

    @api.model
    def _make_fact(self, row):
        line = DueLine(
            row.pop("id"),
            due=row.pop("due"),
            level=row.pop("dunning_level") or 0,
            last_date=row.pop("dunning_last_date"),
        )
        return DueFact(
            line=line,
            cycle=row.pop("dunning_cycle") or 0,
            open_amount=row["residual"],
            hold=row.pop("hold") or "",
            **row,
        )

    @api.model
    def _subtract_in_process(self, facts):
        """Take off payments on their way: without an entry yet, or pending online (rule 9)."""
        lines = defaultdict(list)
        for fact in facts:
            lines[fact.move_id].append(fact)
        if not lines:
            return
        rows = self.env.execute_query(
            SQL(
                """
                SELECT rel.invoice_id, payment.currency_id, payment.date, sum(payment.amount)
                  FROM account_move__account_payment rel
                  JOIN account_payment payment ON payment.id = rel.payment_id
                 WHERE rel.invoice_id = ANY(%(moves)s) AND payment.move_id IS NULL
                   AND payment.state IN ('in_process', 'paid')
                   AND payment.payment_type = 'inbound'
              GROUP BY rel.invoice_id, payment.currency_id, payment.date
             UNION ALL
                SELECT rel.invoice_id, tx.currency_id, tx.create_date::date, sum(tx.amount)
                  FROM account_invoice_transaction_rel rel
                  JOIN payment_transaction tx ON tx.id = rel.transaction_id
                  JOIN payment_provider provider ON provider.id = tx.provider_id
                 WHERE rel.invoice_id = ANY(%(moves)s) AND tx.payment_id IS NULL
                   AND provider.code NOT IN ('none', 'custom')
                   AND tx.state IN ('pending', 'authorized', 'done')
                   AND tx.operation IS DISTINCT FROM 'refund'
              GROUP BY rel.invoice_id, tx.currency_id, tx.create_date::date
                """,
                moves=list(lines),
            )
        )
        amounts = defaultdict(Decimal)
        for move_id, currency_id, day, amount in rows:
            fact = lines[move_id][0]
            if currency_id != fact.currency_id:
                amount = self._convert(amount, currency_id, fact, day)
            amounts[move_id] += exact(amount)
        for move_id, amount in amounts.items():
            cover(lines[move_id], amount)
            for fact in lines[move_id]:
                fact.in_process = float(exact(fact.residual) - exact(fact.open_amount))

    @api.model
    def _convert(self, amount, currency_id, fact, day):
        """Return an amount in the currency of the due line, at the rate of that day."""
        currencies = self.env["res.currency"]
        company = self.env["account.move"].browse(fact.move_id).sudo().company_id
        return currencies.browse(currency_id)._convert(
            amount, currencies.browse(fact.currency_id), company, day
        )

    @api.model
    def _subtract_credits(self, facts, credits, debits):
        """Spread each customer's credits over the due lines, oldest first, once (rule 9)."""
        groups = defaultdict(list)
        for fact in facts:
            key = (fact.partner_id, fact.currency_id)
            if key in credits:
                groups[key].append(fact)
        for key, group in groups.items():
            cover(group, max(credits[key] - debits.get(key, Decimal()), Decimal()))

    @api.model
    def _add_history(self, facts, company):
        """Add what was already sent in the cycle, and whether something is on its way."""
        by_id = {fact.id: fact for fact in facts}
        if not by_id:
            return
        rows = self.env.execute_query(
            SQL(
                """
                SELECT sent.move_line_id, sent.level_id, sent.level_number, sent.level_days,
                       sent.repeat, sent.state
                  FROM dunning_reminder_line sent
                  JOIN account_move_line line ON line.id = sent.move_line_id
                                             AND COALESCE(line.dunning_cycle, 0) = sent.cycle
                 WHERE line.reconciled IS NOT TRUE AND line.company_id = %s
                   AND sent.kind = 'remind' AND sent.is_test IS NOT TRUE
                   AND sent.drop_reason IS NULL
                   AND sent.state NOT IN ('cancelled', 'reversed')
              ORDER BY sent.id
                """,
                company.id,
            )
        )
        for line_id, level_id, number, days, repeat, state in rows:
            fact = by_id.get(line_id)
            if fact is None:
                continue
            if state in UNDELIVERED_STATES:
                fact.hold = fact.hold or "undelivered"
            elif state in PROGRESS_STATES:
                fact.hold = fact.hold or "in_progress"
            else:
                line = fact.line
                line.got = (*line.got, level_id)
                if number and number == line.level:
                    line.level_days = days
                    line.repeats = max(line.repeats, repeat)

    @api.model
    def _add_holds(self, facts, company, as_of, by_hand):
        """Set the hold on each due line: the weightiest that applies."""
        blocks = self._read_blocks(company, as_of)
        off = self._get_program_holds(facts, company)
        for fact in facts:
            kind, until = longest_block(
                blocks[key]
                for key in (
                    ("line", fact.id),
                    ("move", fact.move_id),
                    ("partner", fact.partner_id),
                )
                if key in blocks
            )
            exclusion = fact.exclusion
            if by_hand and exclusion in AUTOMATIC_ONLY:
                exclusion = None
            if not fact.program_id:
                exclusion = exclusion or "no_program"
            else:
                exclusion = exclusion or off.get(fact.program_id)
            hold = self._get_money_hold(fact)
            if not hold and kind:
                hold, fact.line.hold_until = kind, until
            fact.line.hold = hold or fact.hold or exclusion or ""

    @api.model
    def _get_money_hold(self, fact):
        """Return the reason why nothing is to be paid for this line, if so."""
        hold = PAYMENT_STATE_HOLDS.get(fact.payment_state)
        if hold:
            return hold
        if fact.in_process and fact.in_process >= fact.residual:
            return "in_payment"
        if fact.payment_state == "paid" and not fact.in_process:
            return "paid"
        return "covered_by_credit" if fact.open_amount <= 0 else ""

    @api.model
    def _get_program_holds(self, facts, company):
        """Return why programs remind nobody now: ``{program id: reason code}``."""
        programs = self.env["dunning.program"].browse(
            {fact.program_id for fact in facts if fact.program_id}
        )
        holds = {program.id: "program_off" for program in programs if not program.active}
        if company.dunning_home and company._is_dunning_copy():
            # design rule 16: on a copy only to the test address, and only where allowed
            for program in programs.filtered(lambda found: not found.allow_copy):
                holds[program.id] = "database_copy"
        return holds

    @api.model
    def _read_blocks(self, company, as_of):
        """Return the blocks that hold on the day, by what they hold: ``{(scope, id): [...]}``."""
        blocks = defaultdict(list)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT block.move_line_id, block.move_id, partner.commercial_partner_id,
                       block.kind, block.date_until
                  FROM dunning_block block
                  JOIN res_partner partner ON partner.id = block.partner_id
                 WHERE block.company_id = %(company)s
                   AND (block.lifted_date IS NULL OR block.lifted_date > %(as_of)s)
                   AND block.date_from <= %(as_of)s
                   AND (block.date_until IS NULL OR block.date_until >= %(as_of)s)
                """,
                company=company.id,
                as_of=as_of,
            )
        )
        for line_id, move_id, partner_id, kind, until in rows:
            if line_id:
                key = ("line", line_id)
            elif move_id:
                key = ("move", move_id)
            else:
                key = ("partner", partner_id)
            blocks[key].append((until or date.max, kind))
        return blocks

    @api.model
    def _add_contacts(self, facts, company, as_of):
        """Add the day of the last message to the customer, as far as the gap makes it matter."""
        gap = company.dunning_contact_gap
        if gap <= 0 or not facts:
            return
        last = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT partner_id, max(COALESCE(sent_date, date))
                      FROM dunning_reminder
                     WHERE company_id = %s AND state IN ('queued', 'sent')
                       AND is_test IS NOT TRUE AND COALESCE(sent_date, date) > %s
                  GROUP BY partner_id
                    """,
                    company.id,
                    as_of - timedelta(days=gap),
                )
            )
        )
        for fact in facts:
            fact.line.contact_last = last.get(fact.partner_id)

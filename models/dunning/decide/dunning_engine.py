from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ....tools.common.sql_array import array_literal
from ....tools.dunning.decision import WITHDRAWN, decider, send_ahead
from ....tools.dunning.ladder import Ladder
from ....tools.dunning.message_state import PREPARED, UNDELIVERED


class DunningEngine(models.AbstractModel):
    """Collects the facts about due lines and decides on each (rule 6).

    A service, as it works on many due lines of a company at once, which are read by a handful of
    queries and never become records; other addons extend its facts, holds and money.
    """

    _name = "dunning.engine"
    _description = "Dunning Engine"
    _inherit = [
        "dunning.engine.line.mixin",
        "dunning.engine.source.mixin",
        "dunning.engine.money.mixin",
        "dunning.engine.hold.mixin",
        "dunning.engine.status.mixin",
        "dunning.engine.statement.mixin",
        "dunning.engine.trial.mixin",
    ]

    # === ENTRY POINTS === #

    @api.model
    def _collect(
        self,
        company,
        as_of,
        programs=None,
        moves=None,
        partners=None,
        by_hand=False,
        over_block=False,
        leaving=(),
        instead=None,
    ):
        """Return the facts about the due lines of a company (rule 9).

        These are open, posted receivable items of customer invoices and of entries of general
        journals (opening balances). Credits are spread over all, whichever are asked for.

        :param date as_of: the day of the decision
        :param programs: only due lines that follow one of these programs; empty: all
        :param moves: only due lines of these entries; empty: all
        :param partners: only due lines of these commercial partners; empty: all
        :param bool by_hand: a person asks: "never automatically" and the gap then hold none back
        :param bool over_block: whether blocks are left out, as a manager may ask
        :param leaving: ids of reminders that count as not under way: they are checked once more
        :param instead: ``{program id: id of the one tried in its place}``
        :return: list of ``DueFact``, oldest first; with a minimum all that its customers owe
        """
        self._flush_read_fields()
        partners = partners or (moves and moves.commercial_partner_id)
        known = self._get_known(company, as_of)
        grace = 0 if by_hand else company.dunning_grace_days
        facts, credits, debits = self._read_lines(company, known, as_of, grace, partners)
        self._subtract_payments(company, facts, credits, debits, known)
        wanted = self._get_wanted(facts, company, programs, moves, by_hand, instead or {})
        self._add_history(wanted, leaving)
        self._add_holds(wanted, company, as_of, by_hand, known, over_block)
        if not by_hand:
            self._add_contacts(wanted, company, as_of)
        wanted.sort(key=lambda fact: (fact.line.due, fact.id))
        return wanted

    @api.model
    def _get_wanted(self, facts, company, programs, moves, by_hand, instead):
        """Return the facts asked for, and those needed to know what a message would ask."""
        if programs:
            self._ask_for(facts, "program_id", programs)
        if moves:
            self._ask_for(facts, "move_id", moves)
        for fact in facts if instead else ():
            fact.program_id = instead.get(fact.program_id, fact.program_id)
        asked = [fact for fact in facts if fact.asked]
        if by_hand or not self._get_minimums(company, facts):
            return asked
        partner_ids = {fact.partner_id for fact in asked}
        return [fact for fact in facts if fact.partner_id in partner_ids]

    @api.model
    def _ask_for(self, facts, name, records):
        """Note on facts that only those about these records are asked for."""
        ids = set(records._ids)
        for fact in facts:
            fact.asked = fact.asked and getattr(fact, name) in ids

    @api.model
    def _decide(self, facts, company, as_of, levels=None, by_hand=False, ahead=False):
        """Set the decision on each of these facts and return those asked for.

        :param levels: the only levels that may go; empty: all
        :param bool ahead: a person sends the next level before its day
        """
        deciders = self._get_deciders(facts, company, as_of, by_hand)
        trials = self._get_trials(company, as_of, by_hand)
        for fact in facts:
            decision = self._decide_line(fact, deciders[fact.program_id], trials, as_of)
            if ahead:
                decision = send_ahead(decision, as_of)
            if levels and decision.remind and decision.level.id not in levels._ids:
                decision = decision._replace(remind=False, reason="level_not_chosen")
            fact.decision = self._add_figures(decision, fact)
        if not by_hand:
            self._apply_minimum(facts, company, as_of)
        self._review_decisions(facts, company, as_of, by_hand)
        return [fact for fact in facts if fact.asked]

    @api.model
    def _add_figures(self, decision, fact):
        """Return the decision on a due line with the figures that only its facts know."""
        figures = {}
        if fact.params and decision.reason == fact.line.hold:
            figures = fact.params
        elif fact.withdrawn and decision.reason == WITHDRAWN:
            figures = fact.withdrawn
        elif "barred" in decision.params:
            figures = {"filter": ["dunning.level", decision.params["barred"]]}
        return decision._replace(params={**decision.params, **figures}) if figures else decision

    @api.model
    def _get_deciders(self, facts, company, as_of, by_hand):
        """Return what decides on the due lines of each program, by its id; of none, by None."""
        contact_gap = 0 if by_hand else company.dunning_contact_gap
        deciders = {}
        for program_id in {fact.program_id for fact in facts}:
            program = self.env["dunning.program"].browse(program_id or [])
            ladder = program._get_ladder() if program else Ladder(())
            deciders[program_id] = decider(ladder, as_of, contact_gap)
        return deciders

    @api.model
    def _review_decisions(self, facts, company, as_of, by_hand):
        """Change the decisions of facts, for what is known only when all of them are decided.

        A decision is replaced: ``fact.decision = fact.decision._replace(remind=False, reason=…)``.
        ``fact.asked = False`` takes a due line out of what is listed. What must stop a message that
        waits to be sent is a hold: holds are looked at again before it leaves.
        """

    # === FACTS === #

    @api.model
    def _add_history(self, facts, leaving=()):
        """Add what was already sent in the cycle, and whether something is on its way."""
        by_id = {fact.id: fact for fact in facts}
        if not by_id:
            return
        leaving = set(leaving)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT move_line_id, cycle, level_id, level_number, level_days, repeat, state,
                       date, reminder_id
                  FROM dunning_reminder_line
                 WHERE move_line_id = ANY(%s::int[]) AND kind = 'remind' AND is_test IS NOT TRUE
                   AND drop_reason IS NULL AND state NOT IN ('cancelled', 'reversed')
              ORDER BY id
                """,
                array_literal(by_id),
            )
        )
        for line_id, cycle, level_id, number, days, repeat, state, day, reminder_id in rows:
            fact = by_id[line_id]
            if cycle != fact.cycle or reminder_id in leaving:
                continue
            if state in UNDELIVERED:
                self._hold(fact, "undelivered", day)
            elif state in PREPARED:
                self._hold(fact, "in_progress", day)
            else:
                line = fact.line
                line.got = (*line.got, level_id)
                if line.level_days is None and number == line.level:
                    line.level_days = days
                if number and days == line.level_days:
                    line.by_hand = False
                    line.level_id = level_id
                    line.repeats = max(line.repeats, repeat)
        self._add_withdrawn(facts)

    @api.model
    def _add_withdrawn(self, facts):
        """Note on which due lines a withdrawal left the level, and of which reminder."""
        by_id = {fact.id: fact for fact in facts if fact.cycle and fact.line.level}
        if not by_id:
            return
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (gone.move_line_id)
                       gone.move_line_id, reminder.withdrawn_user_id, reminder.withdrawn_date
                  FROM dunning_reminder_line gone
                  JOIN dunning_reminder reminder ON reminder.id = gone.reminder_id
                  JOIN account_move_line line ON line.id = gone.move_line_id
                 WHERE gone.move_line_id = ANY(%s::int[]) AND gone.state = 'reversed'
                   AND gone.kind = 'remind' AND gone.is_test IS NOT TRUE
                   AND gone.cycle < line.dunning_cycle
                   AND NOT EXISTS (SELECT FROM dunning_reminder_line later
                                    WHERE later.move_line_id = line.id AND later.id > gone.id
                                      AND later.state = 'sent' AND later.kind = 'remind'
                                      AND later.effective_date >= reminder.withdrawn_date)
                   AND (COALESCE(gone.level_before, 0) = line.dunning_level
                        AND gone.last_date_before IS NOT DISTINCT FROM line.dunning_last_date
                        OR EXISTS (SELECT FROM dunning_reminder_line sent
                                    WHERE sent.move_line_id = line.id AND sent.state = 'sent'
                                      AND sent.level_number = line.dunning_level
                                      AND sent.effective_date = line.dunning_last_date))
              ORDER BY gone.move_line_id, reminder.withdrawn_date DESC NULLS LAST, gone.id DESC
                """,
                array_literal(by_id),
            )
        )
        for line_id, user_id, day in rows:
            by_id[line_id].line.withdrawn = True
            by_id[line_id].withdrawn = {"user": user_id, "held_date": day}

    @api.model
    def _hold(self, fact, code, day):
        if not fact.hold:
            fact.hold, fact.params = code, {"held_date": day}

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
                       AND is_test IS NOT TRUE AND is_statement IS NOT TRUE
                       AND COALESCE(sent_date, date) > %s
                  GROUP BY partner_id
                    """,
                    company.id,
                    as_of - timedelta(days=gap),
                )
            )
        )
        for fact in facts:
            fact.line.contact_last = last.get(fact.partner_id)

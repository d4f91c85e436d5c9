from collections import defaultdict
from datetime import date, timedelta

import psycopg2

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize

from ..tools.dunning_fact import longest_block

# Values of ``payment_state`` that keep an invoice from being reminded, with the reason (rule 9).
# A payment that has no entry yet makes Odoo write "paid" whatever its amount, so that state is
# believed only where the amounts in process do not say otherwise.
PAYMENT_STATE_HOLDS = {
    "reversed": "reversed",
    "blocked": "blocked_payment",
    "invoicing_legacy": "legacy",
}
# What a person may overrule who reminds one invoice by hand (D9).
AUTOMATIC_ONLY = ("invoice_off", "customer_never", "before_activation")
# Channels with which an address is needed.
MAIL_CHANNELS = ("email", "email_letter")
# An error stops a due line for 1, 2, 4, 8, then 16 days (rule 15).
LONGEST_RETRY = 4
RETRIES_REMEMBERED = timedelta(days=60)


class BrokenFilterError(Exception):
    """A filter that cannot be used; ``figures`` say which, and why."""

    def __init__(self, figures):
        super().__init__(figures["error"])
        self.figures = figures


class DunningDueHold(models.AbstractModel):
    """Why due lines are not to be reminded whatever their place on the ladder, with the figures."""

    _name = "dunning.due.hold"
    _description = "Holds on Due Lines"

    @api.model
    def _add(self, facts, company, as_of, by_hand):
        """Set the hold on each due line, the weightiest that applies, and its figures."""
        if not facts:
            return
        sources = {
            "blocks": self._read_blocks(company, as_of),
            "bounced": self._read_bounced(company) if company.dunning_skip_unsent else {},
            "errors": {} if by_hand else self._read_errors(company, as_of),
            "programs": self._get_program_holds(facts, company),
        }
        self._add_filters(facts, company, sources["programs"])
        for fact in facts:
            fact.line.hold, fact.params = (
                self._get_money_hold(fact)
                or self._get_block(fact, sources["blocks"])
                or self._get_own_hold(fact, sources)
                or self._get_exclusion(fact, company, sources["programs"], by_hand)
                or ("", fact.params)
            )

    # === MONEY === #

    @api.model
    def _get_money_hold(self, fact):
        """Return the reason why nothing is to be paid for this line, and its figures, if so."""
        hold = PAYMENT_STATE_HOLDS.get(fact.payment_state)
        if hold:
            return hold, None
        money = {"currency_id": fact.currency_id}
        if fact.in_process and fact.in_process >= fact.residual:
            return "in_payment", {**money, "amount": fact.in_process}
        if fact.payment_state == "paid" and not fact.in_process:
            return "paid", None
        if fact.found:
            return "payment_found", {**money, "amount": fact.found, "held_date": fact.found_date}
        if fact.open_amount <= 0:
            return "covered_by_credit", {**money, "amount": fact.credit}
        return None

    # === BLOCKS === #

    @api.model
    def _get_block(self, fact, blocks):
        if not blocks:
            return None
        keys = (("line", fact.id), ("move", fact.move_id), ("partner", fact.partner_id))
        kind, until, why = longest_block(blocks[key] for key in keys if key in blocks)
        if not kind:
            return None
        fact.line.hold_until = until
        return kind, {"because": why}

    @api.model
    def _read_blocks(self, company, as_of):
        """Return the blocks that hold on the day, by what they hold: ``{(scope, id): [...]}``."""
        blocks = defaultdict(list)
        if self.env.context.get("dunning_over_block"):
            return blocks
        rows = self.env.execute_query(
            SQL(
                """
                SELECT block.move_line_id, block.move_id, partner.commercial_partner_id,
                       block.kind, block.date_until, block.reason
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
        for line_id, move_id, partner_id, kind, until, why in rows:
            if line_id:
                key = ("line", line_id)
            elif move_id:
                key = ("move", move_id)
            else:
                key = ("partner", partner_id)
            blocks[key].append((until or date.max, kind, why or ""))
        return blocks

    # === THE LINE AND ITS HISTORY === #

    @api.model
    def _get_own_hold(self, fact, sources):
        """Return what its own settings, messages and errors say."""
        if fact.hold:
            return fact.hold, fact.params or {"customer": fact.partner_id}
        if fact.move_id in sources["bounced"]:
            email, day = sources["bounced"][fact.move_id]
            return "bounced", {"email": email, "held_date": day}
        if fact.id in sources["errors"]:
            day, fact.line.hold_until = sources["errors"][fact.id]
            return "retry_later", {"held_date": day}
        return None

    @api.model
    def _read_bounced(self, company):
        """Return the open invoices whose last e-mail to the customer came back.

        An e-mail counts as arrived where any address of the customer took it.

        :return: ``{move id: (address, day)}``
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (move.id) move.id, COALESCE(partner.email, partner.name),
                       message.date::date
                  FROM mail_notification failed
                  JOIN mail_message message ON message.id = failed.mail_message_id
                                           AND message.model = 'account.move'
                  JOIN account_move move ON move.id = message.res_id
                                        AND move.company_id = %s AND move.state = 'posted'
                                        AND move.payment_state IN ('not_paid', 'partial')
                  JOIN res_partner partner ON partner.id = failed.res_partner_id
                                AND partner.commercial_partner_id = move.commercial_partner_id
                 WHERE failed.notification_status IN ('bounce', 'exception')
                   AND failed.notification_type = 'email'
                   AND NOT EXISTS (
                       SELECT FROM mail_message later
                         JOIN mail_notification arrived ON arrived.mail_message_id = later.id
                         JOIN res_partner reader ON reader.id = arrived.res_partner_id
                        WHERE later.model = 'account.move' AND later.res_id = move.id
                          AND later.id >= message.id
                          AND arrived.notification_status IN ('sent', 'pending')
                          AND arrived.notification_type = 'email'
                          AND reader.commercial_partner_id = move.commercial_partner_id)
              ORDER BY move.id, message.id DESC
                """,
                company.id,
            )
        )
        return {move_id: (email, day) for move_id, email, day in rows}

    @api.model
    def _read_errors(self, company, as_of):
        """Return the due lines whose reminder failed to be made, and until when they wait.

        :return: ``{move line id: (day of the last error, last day to wait)}``
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.move_line_id, count(DISTINCT run.date), max(run.date)
                  FROM dunning_run_line line
                  JOIN dunning_run run ON run.id = line.run_id AND run.state = 'done'
                 WHERE line.reason = 'error' AND run.company_id = %(company)s
                   AND run.date BETWEEN %(since)s AND %(as_of)s
                   AND NOT EXISTS (
                       SELECT FROM dunning_reminder_line sent
                        WHERE sent.move_line_id = line.move_line_id AND sent.date >= run.date
                          AND sent.kind = 'remind' AND sent.is_test IS NOT TRUE)
              GROUP BY line.move_line_id
                """,
                company=company.id,
                since=as_of - RETRIES_REMEMBERED,
                as_of=as_of,
            )
        )
        return {
            line_id: (day, until)
            for line_id, times, day in rows
            if (until := day + timedelta(days=2 ** min(times - 1, LONGEST_RETRY) - 1)) >= as_of
        }

    # === PROGRAMS === #

    @api.model
    def _get_exclusion(self, fact, company, programs, by_hand):
        """Return what the switches of invoice, customer, company and program say."""
        exclusion = fact.exclusion
        if exclusion and not (by_hand and exclusion in AUTOMATIC_ONLY):
            if exclusion == "before_activation":
                return exclusion, {
                    "invoice_date": fact.invoice_date,
                    "activation": company.dunning_activation_date,
                }
            return exclusion, {"customer": fact.partner_id}
        if not fact.program_id:
            return "no_program", {"customer": fact.partner_id}
        hold = programs.get(fact.program_id)
        if not hold and fact.params and "filter" in fact.params:
            hold = ("not_in_filter", fact.params)
        return hold

    @api.model
    def _get_program_holds(self, facts, company):
        """Return why programs remind nobody now: ``{program id: (reason code, figures)}``."""
        programs = self.env["dunning.program"].browse(
            {fact.program_id for fact in facts if fact.program_id}
        )
        holds = {
            program.id: ("program_off", {"program": program.id})
            for program in programs
            if not program.active
        }
        copy = company.dunning_home and company._is_dunning_copy()
        if copy:
            # design rule 16: on a copy only to the test address, and only where allowed
            hold = self._get_copy_hold(company)
            for program in programs.filtered(lambda found: not found.allow_copy):
                holds[program.id] = hold
        return holds

    @api.model
    def _get_copy_hold(self, company):
        """Return whether this database is a copy or was moved, and where it was and is."""
        home, here = company.dunning_home, company._get_dunning_home()
        neutralized = self.env["ir.config_parameter"].sudo().get_param("database.is_neutralized")
        moved = not neutralized and home.split("@")[0] == here.split("@")[0]
        return "database_moved" if moved else "database_copy", {"home": home, "here": here}

    # === FILTERS === #

    @api.model
    def _add_filters(self, facts, company, holds):
        """Note which filters leave which invoices out (D12), each evaluated once for all.

        :param holds: the holds of programs, which get that of a filter that cannot be used
        """
        by_program = defaultdict(list)
        for fact in facts:
            if fact.program_id and fact.program_id not in holds:
                by_program[fact.program_id].append(fact)
        for program in self.env["dunning.program"].browse(by_program):
            found = by_program[program.id]
            try:
                self._filter_program(program, found)
                for level in program.level_ids:
                    self._filter_level(level, found)
            except BrokenFilterError as error:
                holds[program.id] = ("filter_broken", error.figures)

    @api.model
    def _filter_program(self, program, facts):
        left_out = self._get_left_out(program, facts)
        for fact in facts if left_out else ():
            if fact.move_id in left_out and not fact.params:
                fact.params = {"filter": [program._name, program.id]}

    @api.model
    def _filter_level(self, level, facts):
        left_out = self._get_left_out(level, facts)
        for fact in facts if left_out else ():
            if fact.move_id in left_out:
                fact.line.barred = (*fact.line.barred, level.id)

    @api.model
    def _get_left_out(self, record, facts):
        """Return the ids of the invoices that the filter of a program or level leaves out.

        :raise BrokenFilterError: the filter cannot be used
        """
        if (record.filter_domain or "[]").strip() == "[]":
            return ()
        move_ids = {fact.move_id for fact in facts}
        moves = self.env["account.move"].sudo().with_context(active_test=False)
        try:
            domain = self.env["dunning.program.guard"]._get_filter(record.filter_domain)
            with self.env.cr.savepoint(flush=False):
                found = moves.search(Domain("id", "in", list(move_ids)) & domain)
        except psycopg2.OperationalError:
            raise
        except Exception as error:
            # whatever a stored text can do wrong: a field that went with its addon, a slip
            raise BrokenFilterError(
                {"filter": [record._name, record.id], "error": str(error)}
            ) from error
        return move_ids.difference(found._ids)

    # === WHO WOULD NOT GET IT === #

    @api.model
    def _add_warnings(self, facts, company):
        """Note on decisions to remind by e-mail that nobody can be reached (D6).

        The reminder is made all the same and stands in *Not delivered* (design rule 11).
        """
        reminded = [fact for fact in facts if fact.decision.remind]
        levels = self.env["dunning.level"].browse({fact.decision.level.id for fact in reminded})
        by_mail = {level.id for level in levels if level.channel in MAIL_CHANNELS}
        reminded = [fact for fact in reminded if fact.decision.level.id in by_mail]
        if not reminded:
            return
        programs, partners = self.env["dunning.program"], self.env["res.partner"]
        pairs = {(fact.program_id, fact.contact_id) for fact in reminded}
        partners.browse({contact_id for _id, contact_id in pairs}).fetch(["commercial_partner_id"])
        found = self.env["dunning.recipient"]._find(
            company, [(programs.browse(one), partners.browse(other)) for one, other in pairs]
        )
        warnings = {pair: self._get_warning(recipient) for pair, (recipient, _) in found.items()}
        for fact in reminded:
            warning = warnings[fact.program_id, fact.contact_id]
            if warning:
                fact.decision.params.update({"customer": fact.partner_id, **warning})

    @api.model
    def _get_warning(self, recipient):
        """Return why a recipient cannot be reached by e-mail, with its figures; else nothing."""
        if not recipient:
            return {"warning": "no_recipient"}
        if not email_normalize(recipient.email or "", strict=False):
            return {"warning": "no_address", "recipient": recipient.id}
        return None

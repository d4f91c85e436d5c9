from collections import defaultdict

import psycopg2

from odoo import api, models

from ....tools.dunning.fact import holding_blocks, longest_block
from ....tools.dunning.ladder import add_days
from ...common.isolation import get_error_text

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


class BrokenFilterError(Exception):
    """A filter that cannot be used; ``figures`` say which, and why."""

    def __init__(self, figures):
        super().__init__(figures["error"])
        self.figures = figures


class DunningEngineHoldMixin(models.AbstractModel):
    """Why due lines are not to be reminded whatever their place on the ladder, with the figures."""

    _name = "dunning.engine.hold.mixin"
    _description = "Holds on Due Lines"

    @api.model
    def _add_holds(self, facts, company, as_of, by_hand, known, over_block=False):
        """Set the hold on each due line, the weightiest that applies, and its figures.

        :param known: what there is, ``dunning_engine_source_mixin.Known``
        """
        if not facts:
            return
        sources = self._read_holds(company, as_of, by_hand, known, over_block)
        sources |= {"company": company, "as_of": as_of, "by_hand": by_hand}
        sources["programs"] = self._get_program_holds(facts, company)
        self._add_filters(facts, company, sources["programs"])
        finders = [getattr(self, name) for name in self._get_holds()]
        for fact in facts:
            for find in finders:
                found = find(fact, sources)
                if found:
                    fact.line.hold, fact.params = found
                    break
            else:
                fact.line.hold = ""

    @api.model
    def _get_holds(self):
        """Return the methods that find holds, the weightiest first.

        Each is called with a fact and what holds are found from: what ``_read_holds`` read, and
        ``company``, ``as_of``, ``by_hand`` and the holds of ``programs``. It returns the code of
        the reason and its figures, or None; a hold that ends sets ``fact.line.hold_until``.
        """
        return [
            "_get_money_hold",
            "_get_block_hold",
            "_get_own_hold",
            "_get_exclusion",
            "_get_grace",
        ]

    # === MONEY === #

    @api.model
    def _get_money_hold(self, fact, _sources=None):
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
    def _get_block_hold(self, fact, sources):
        """Return the kind of the block that holds longest, if there is any."""
        blocks = sources["blocks"]
        if not blocks:
            return None
        keys = (("line", fact.id), ("move", fact.move_id))
        found = [blocks[key] for key in keys if key in blocks]
        found.append(holding_blocks(blocks.get(("partner", fact.partner_id), ()), fact.line.due))
        kind, until, why, since = longest_block(found)
        if not kind:
            return None
        fact.line.hold_until = until
        if kind == "reply" and until and not why:
            return kind, {"held_date": since}
        return kind, {"because": why}

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
    def _get_grace(self, fact, sources):
        """Return that the invoice was sent after its due date just now, if so."""
        if not fact.late_sent:
            return None
        again = add_days(fact.late_sent, sources["company"].dunning_grace_days)
        fact.line.hold_until = add_days(again, -1)
        return "first_sent", {"held_date": fact.late_sent, "reminded_from": again}

    # === PROGRAMS === #

    @api.model
    def _get_exclusion(self, fact, sources):
        """Return what the switches of invoice, customer, company and program say."""
        exclusion = fact.exclusion
        if exclusion and not (sources["by_hand"] and exclusion in AUTOMATIC_ONLY):
            if exclusion == "before_activation":
                return exclusion, {
                    "invoice_date": fact.invoice_date,
                    "activation": sources["company"].dunning_activation_date,
                }
            return exclusion, {"customer": fact.partner_id}
        if not fact.program_id:
            return "no_program", {"customer": fact.partner_id}
        hold = sources["programs"].get(fact.program_id)
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
        if company._is_job_copy():
            # rule 16: on a copy only to the test address, and only where allowed
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
        if not record._has_filter():
            return ()
        move_ids = {fact.move_id for fact in facts}
        try:
            with self.env.cr.savepoint(flush=False):
                found = record._find_matching(move_ids)
        except psycopg2.OperationalError:
            raise
        except Exception as error:
            # whatever a stored text can do wrong: a field that went with its addon, a right lost
            reason = get_error_text(error)
            raise BrokenFilterError(
                {"filter": [record._name, record.id], "error": reason}
            ) from error
        return move_ids - found

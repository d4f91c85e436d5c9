from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import format_amount, format_date

from ....tools.dunning.message_state import UNDELIVERED
from ...common.amount_text import format_amounts
from ...common.rate_text import format_rate

AMOUNTS = ("interest_due", "fixed_sum_due", "amount")


class DunningReminderClaimMixin(models.AbstractModel):
    """Interest and fixed sums that a message asks for, apart from what is outstanding (M3).

    Kept with the message as they were told: a rate that is corrected later changes none. Until it
    leaves they are computed anew as of the day it speaks of (rule 8). What was booked is an
    invoice like any other and stands among the items; what was waived is not asked for.
    """

    _name = "dunning.reminder.claim.mixin"
    _description = "Claims in Reminders"

    claim_ids = fields.One2many(
        "dunning.claim", "reminder_id", string="Interest and Fixed Sums", readonly=True
    )
    claimed_text = fields.Char(
        string="Claimed for Late Payment",
        compute="_compute_claimed_text",
        help="Interest and fixed sums that the message claims, per currency.",
    )

    @api.depends("claim_ids.amount")
    @api.depends_context("lang")
    def _compute_claimed_text(self):
        for reminder in self:
            reminder.claimed_text = reminder._tell_claimed()

    def _tell_claimed(self):
        """Return what these messages claim, per currency, as a text."""
        return format_amounts(self.env, self._get_claim_totals().items())

    def _asks_claims(self):
        """Whether this message asks for interest and fixed sums: its level or program says so."""
        self.ensure_one()
        if self.is_statement:
            program = self.program_id.sudo()
            return program.charge_compute and program.charge_statement
        return bool(self.level_id) and self.level_id.sudo()._shows_claims()

    def _renew_claims(self):
        """Let messages ask for what is claimed on the day they speak of."""
        asking = self.filtered(lambda reminder: reminder._asks_claims())
        (self - asking).filtered("claim_ids").claim_ids.unlink()
        groups = asking.grouped(lambda reminder: (reminder.company_id, reminder._get_text_date()))
        tellers = asking._find_tellers()
        stale, new = self.claim_ids.browse(), []
        for (company, day), found in groups.items():
            moves, reminding = found._get_asking_moves(), found._get_reminding()
            claims = self._prepare_claims(company, moves, day, reminding)
            for reminder in found:
                own = reminder._get_own_claims(claims, tellers)
                if reminder._tells_otherwise(own):
                    stale |= reminder.claim_ids
                    new += [{**values, "reminder_id": reminder.id} for values in own]
        stale.unlink()
        stale.create(new)

    def _add_claims(self):
        """Let statements that are not stored ask for what is claimed, as stored ones do."""
        asking = self.filtered(lambda reminder: reminder._asks_claims())
        for (company, day), found in asking.grouped(lambda one: (one.company_id, one.date)).items():
            claims = self._prepare_claims(company, found._get_asking_moves(), day)
            for reminder in found:
                reminder.claim_ids = [
                    Command.create(values) for values in reminder._get_own_claims(claims)
                ]

    def _get_reminding(self):
        """Return what these messages remind of, and which invoice bears the fee of each.

        :return: ``{due line id: whether its invoice bears it}``
        """
        result = {}
        for reminder in self.filtered(lambda one: not one.is_test):
            lines = reminder._get_reminded().filtered(lambda ln: ln.counts and ln.level_number)
            bearer = lines.sorted(lambda line: (line.due_date, line.id))[:1].move_id
            result |= {line.move_line_id.id: line.move_id == bearer for line in lines}
        return result

    @api.model
    def _prepare_claims(self, company, moves, day, reminding=()):
        """Return what is left to claim on invoices as of a day: ``{invoice id: [values, …]}``.

        :param reminding: as ``_get_reminding`` returns it
        """
        by_move = defaultdict(list)
        claims = self.env["dunning.claim"].sudo()
        for values in claims._prepare_claims(company.sudo(), moves, day, reminding=reminding):
            by_move[values["move_id"]].append(values)
        return by_move

    def _get_own_claims(self, claims, tellers=None):
        """Return the values of the claims on the invoices in this message.

        An entry, as an opening balance, may be about several customers: the message is about one.

        :param claims: as ``_prepare_claims`` returns them
        :param tellers: as ``_find_tellers`` returns them
        """
        run, tellers = self.run_id, tellers or {}
        return [
            {**values, "partner_id": self.partner_id.id}
            for move in self._get_asking_moves()
            if tellers.get((run, move, self.partner_id), self) == self
            for values in claims.get(move.id, ())
        ]

    def _find_tellers(self):
        """Return which message of a run claims what is claimed on an invoice: the first (rule 2).

        Instalments of an invoice may stand in two messages, at a level that counts as a reminder
        and at one that does not.

        :return: ``{(run, invoice, customer): message}``
        """
        lines = self.env["dunning.reminder.line"].search_fetch(
            [
                ("reminder_id.run_id", "in", self.run_id.ids),
                ("move_id", "in", self._get_standing().move_id.ids),
                ("kind", "in", ("remind", "overdue")),
                ("drop_reason", "=", False),
                ("reminder_id.state", "not in", ("cancelled", "reversed", *UNDELIVERED)),
            ],
            ["reminder_id", "move_id"],
        )
        asking = {reminder for reminder in lines.reminder_id if reminder._asks_claims()}
        found = {}
        # what a message has asked for already stays with it
        for line in lines.sorted(lambda line: (not _has_claimed(line), line.reminder_id.id)):
            reminder = line.reminder_id
            if reminder in asking:
                found.setdefault((reminder.run_id, line.move_id, reminder.partner_id), reminder)
        return found

    def _get_asking_moves(self):
        """Return the invoices that messages remind of, or tell as overdue.

        A statement is about invoices of all programs: those that compute no claims have none.
        """
        lines = self._get_standing().filtered(lambda line: line.kind in ("remind", "overdue"))
        moves = lines.filtered(lambda line: not line.reminder_id.is_statement).move_id
        for move in (lines.move_id - moves).sudo():
            moves |= move if move.dunning_effective_program_id.charge_compute else moves.browse()
        return moves

    def _tells_otherwise(self, claims):
        """Whether this message tells other claims than these, of which the values are given."""
        told = [
            (claim.move_line_id.id, claim.date, claim.amount, claim.gaps or [])
            for claim in self.claim_ids.sorted("id")
        ]
        return told != [
            (
                values.get("move_line_id", False),
                values["date"],
                values.get("amount", 0.0),
                values["gaps"],
            )
            for values in claims
        ]

    # === WHAT THE CUSTOMER READS === #

    def _get_claims(self):
        """Return the claims that the message asks for."""
        return self.claim_ids.filtered(lambda claim: claim.amount > 0)

    def _get_claim_totals(self):
        """Return what is asked for beside what is outstanding: ``{currency: amount}``."""
        return {
            currency: currency.round(sum(found.mapped("amount")))
            for currency, found in self._get_claims().grouped("currency_id").items()
        }

    def _get_total_rows(self):
        """Return the totals of the message as pairs of a label and a text.

        Of each currency what is outstanding and, where more is claimed, that and both together.
        """
        claimed, rows = self._get_claim_totals(), []
        outstanding = dict(self._get_totals())
        for currency in outstanding | claimed:
            amount = outstanding.get(currency, 0.0)
            rows.append((self.env._("Total outstanding"), currency, amount))
            if currency in claimed:
                more = claimed[currency]
                rows.append((self.env._("Interest and fixed sums"), currency, more))
                rows.append((self.env._("Total to pay"), currency, amount + more))
        lang = self.lang or self.env.lang
        return [
            (label, format_amount(self.env, total, currency, lang))
            for label, currency, total in rows
        ]

    def _get_claim_rows(self, lang, currency=None):
        """Return what is claimed on each invoice as texts, the one that was due first comes first.

        :param currency: only those in this currency
        """
        claims = self._get_claims().filtered(
            lambda claim: not currency or claim.currency_id == currency
        )
        found = claims._sort_by_due_date().grouped(
            # by number: invoices may have been deleted since
            lambda claim: (claim.move_name, claim.currency_id)
        )
        rows = [self._prepare_claim_row(own, lang) for own in found.values()]
        # the message has as many as it has items, what is printed has all
        return rows if currency else rows[: self._get_item_limit()]

    def _get_claim_table(self, currency, outstanding, lang):
        """Return the claims in one currency as texts for a printed table, None without any.

        :param outstanding: what the table of open items adds up to
        """
        claimed = self._get_claim_totals().get(currency)
        return claimed and {
            "rows": self._get_claim_rows(lang, currency),
            "total": format_amount(self.env, claimed, currency, lang),
            "to_pay": format_amount(self.env, outstanding + claimed, currency, lang),
        }

    @api.model
    def _prepare_claim_row(self, claims, lang):
        """Return the claims on the due lines of one invoice as texts; empty: nothing of that."""
        totals = {name: sum(claims.mapped(name)) for name in AMOUNTS}
        texts = {
            name: format_amount(self.env, total, claims.currency_id, lang) if total else ""
            for name, total in totals.items()
        }
        row = {
            "number": claims[:1].move_name or "",
            "amount": texts["amount"],
            "interest": texts["interest_due"],
            "fixed_sum": texts["fixed_sum_due"],
            **dict.fromkeys(("from", "to", "rates"), ""),
        }
        if texts["interest_due"]:
            row |= self._tell_claim_days(claims, lang)
        return {**row, "details": self._get_claim_details(row)}

    @api.model
    def _tell_claim_days(self, claims, lang):
        """Return the first and last day of interest, and its rates, as texts."""
        parts = [part for claim in claims for part in claim.parts or ()]
        days = [fields.Date.to_date(part[name]) for part in parts for name in ("from", "to")]
        # of some of these days it was charged or waived before
        is_rest = sum(claims.mapped("interest_due")) < sum(claims.mapped("interest"))
        rates = dict.fromkeys(format_rate(self.env, part["rate"]) for part in parts)
        return {
            "from": "" if is_rest else format_date(self.env, min(days), lang),
            "to": format_date(self.env, max(days), lang),
            "rates": " · ".join(f"{rate}\xa0%" for rate in rates),
        }

    @api.model
    def _get_claim_details(self, row):
        """Return what a message tells of the claims on one invoice, below its number."""
        details = []
        if row["interest"] and not row["from"]:
            details.append(
                self.env._(
                    "Interest up to %(to)s, less what was charged or waived before: %(interest)s",
                    **row,
                )
            )
        elif row["interest"]:
            details.append(
                self.env._("Interest from %(from)s to %(to)s (%(rates)s): %(interest)s", **row)
            )
        if row["fixed_sum"]:
            details.append(self.env._("Fixed sum: %(amount)s", amount=row["fixed_sum"]))
        return details

    def _get_claim_sentences(self):
        """Return what the rules say to the customer, each once, in the language of the message."""
        rules = self._get_claims().rule_id.sudo().with_context(lang=self.lang)
        return list(dict.fromkeys(filter(None, rules.mapped("legal_text"))))


def _has_claimed(line):
    """Whether the message of a line was sent and asks for what is claimed on its invoice."""
    reminder = line.reminder_id
    return reminder.state == "sent" and line.move_id in reminder._get_claims().move_id

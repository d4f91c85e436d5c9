from collections import defaultdict
from datetime import timedelta

from markupsafe import Markup

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_amount, format_date

from ....tools.dunning.decision import CONTACT_GAP, GAP, LEVEL_BY_HAND, NOT_DUE_YET, WITHDRAWN
from ...common.access_groups import DUNNING_SETTINGS
from ...common.isolation import run_isolated

MOST_DAYS = 60
# With these reasons a due line waits for a day that comes by itself.
WAITING = (NOT_DUE_YET, GAP, CONTACT_GAP, LEVEL_BY_HAND, WITHDRAWN)


class DunningCompanyForewarningMixin(models.AbstractModel):
    """Telling the salesperson before the last level goes to a customer."""

    _name = "dunning.company.forewarning.mixin"
    _description = "Notices before the Last Level"

    dunning_last_level_days = fields.Integer(
        string="Notice to the Salesperson (days)",
        help=(
            "The salesperson of an invoice is told this many days before its last level is due. "
            "Leave at 0 to tell nobody."
        ),
        groups=DUNNING_SETTINGS,
        prefetch="recurrence_dunning",
    )

    @api.constrains("dunning_last_level_days")
    def _check_dunning_last_level_days(self):
        for company in self:
            if not 0 <= company.dunning_last_level_days <= MOST_DAYS:
                raise ValidationError(
                    self.env._("Notice to the salesperson: 0 to %(days)s days.", days=MOST_DAYS)
                )

    def _dunning_forewarn(self, as_of):
        """Tell salespeople, each once, what the engine will send as last level soon."""
        days = self.dunning_last_level_days
        if not days or self._is_job_copy():
            return
        facts = self._dunning_get_last_steps(as_of, as_of + timedelta(days=days))
        moves = self.env["account.move"].sudo().browse({fact.move_id for fact in facts})
        people = {move.id: self._dunning_get_forewarned(move) for move in moves}
        by_user = defaultdict(list)
        for fact in facts:
            by_user[people[fact.move_id]].append(fact)
        for user, found in by_user.items():
            run_isolated(
                user,
                lambda one, found=found: self._dunning_tell_last_steps(one, found, as_of),
                lambda one, error: None,  # logged; the next day's job tries again
            )

    def _dunning_get_last_steps(self, as_of, until):
        """Return the facts about due lines to which the last level goes by a day.

        Not those that somebody was told of, and those that wait for a person's decision.
        """
        decided = self._dunning_decide(as_of)
        programs = (
            self.env["dunning.program"].sudo().browse({f.program_id for f in decided} - {None})
        )
        last = {program.id: program._get_last_level().id for program in programs}
        found = [
            fact
            for fact in decided
            if fact.decision.level
            and fact.decision.level.id == last.get(fact.program_id)
            and self._dunning_goes_by_itself(fact, until)
        ]
        rows = self.env["dunning.forewarning"].sudo()
        rows = rows.search([("move_line_id", "in", [fact.id for fact in found])])
        told = {(row.move_line_id.id, row.cycle) for row in rows}
        return [fact for fact in found if (fact.id, fact.cycle) not in told]

    @api.model
    def _dunning_goes_by_itself(self, fact, until):
        """Whether the next level of a due line goes by a day if nobody does anything."""
        decision, line = fact.decision, fact.line
        if decision.level.id in line.got:
            return False
        if not decision.next_date or decision.next_date > until:
            return False
        if decision.remind or decision.reason in WAITING:
            return True
        return decision.reason == line.hold and bool(line.hold_until)

    def _dunning_get_forewarned(self, move):
        """Return whom to tell about an invoice: its salesperson, else who answers for dunning."""
        user = move.invoice_user_id
        if user.active and not user.share and user.id != SUPERUSER_ID:
            return user
        return self._dunning_find_colleague([self.dunning_program_id.user_id])

    def _dunning_tell_last_steps(self, user, facts, as_of):
        """Tell one person in one message what is about to go, and remember it."""
        company = self.with_context(lang=user.lang)
        env = company.env
        by_customer = defaultdict(list)
        for fact in facts:
            by_customer[fact.partner_id].append(fact)
        customers = env["res.partner"].sudo().browse(by_customer)
        names = ", ".join(customers[:3].mapped("display_name"))
        more = len(customers) - 3
        subject = env._(
            "The last level goes out soon: %(customers)s",
            customers=f"{names} + {more}" if more > 0 else names,
        )
        body = Markup().join(
            company._dunning_describe_last_step(customer, by_customer[customer.id], as_of)
            for customer in customers
        )
        body += Markup("<p>%s</p>") % env._(
            "It is sent unless the invoices are paid, or reminders are blocked, before that day."
        )
        move = env["account.move"].sudo().browse(facts[0].move_id)
        user.sudo()._dunning_notify(move, subject, body)
        self.env["dunning.forewarning"].sudo().create(
            [
                {
                    "company_id": self.id,
                    "move_line_id": fact.id,
                    "cycle": fact.cycle,
                    "user_id": user.id,
                    "date": as_of,
                }
                for fact in facts
            ]
        )

    def _dunning_describe_last_step(self, customer, facts, as_of):
        """Return what goes to one customer, and when: its invoices with their amounts."""
        env = self.env
        level = env["dunning.level"].sudo().browse(facts[0].decision.level.id)
        day = max(min(fact.decision.next_date for fact in facts), as_of)
        head = env._(
            "%(level)s to %(customer)s on %(date)s:",
            level=level.name,
            customer=customer.display_name,
            date=format_date(env, day),
        )
        currencies = env["res.currency"]
        rows = Markup().join(
            Markup("<li>%s: %s</li>")
            % (
                fact.move_name,
                format_amount(env, fact.payable, currencies.browse(fact.currency_id)),
            )
            for fact in facts
        )
        return Markup("<p><b>%s</b></p><ul>%s</ul>") % (head, rows)

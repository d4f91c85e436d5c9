from datetime import timedelta

from odoo import api, models
from odoo.tools.translate import LazyTranslate

from ....tools.dunning import case as tasks
from ....tools.dunning.case import Task
from ....tools.dunning.message_state import PREPARED, UNDELIVERED

_lt = LazyTranslate(__name__)

# Why a customer stands in the worklist: label, and sentence with its figures.
SENTENCES = {
    tasks.ANSWER: (
        _lt("Customer answered"),
        _lt("The customer answered on %(held_date)s: %(answer_kind)s."),
    ),
    tasks.BROKEN: (
        _lt("Promise not kept"),
        _lt("What was promised by %(held_date)s was not paid, or not in full."),
    ),
    tasks.UNDELIVERED: (
        _lt("Not delivered"),
        _lt("The reminder of %(held_date)s was not delivered."),
    ),
    tasks.CALL: (_lt("Call due"), _lt("The customer is to be called since %(held_date)s.")),
    tasks.NUMBER: (
        _lt("Wrong number"),
        _lt("The number called on %(held_date)s is wrong: find another one."),
    ),
    tasks.LETTER: (
        _lt("Letter to print"),
        _lt("The letter of %(held_date)s is to be printed."),
    ),
    tasks.DISPUTE: (
        _lt("Dispute to settle"),
        _lt("The dispute is to be settled by %(held_date)s."),
    ),
    tasks.PAYMENT: (
        _lt("Payment not matched"),
        _lt("A payment of %(amount)s, received on %(held_date)s, is not matched yet."),
    ),
    tasks.UNREACHABLE: (
        _lt("No address"),
        _lt("The next message has no recipient with a valid e-mail address."),
    ),
    tasks.DECIDE: (
        _lt("End of the ladder"),
        _lt("The last level was sent: to be decided as of %(held_date)s."),
    ),
}
# The sentences of what is to be done on a day to come, where they are others.
COMING = {
    tasks.CALL: _lt("The customer is to be called on %(held_date)s."),
    tasks.DECIDE: _lt("The last level was sent: to be decided on %(held_date)s."),
}
# How long before the next message somebody is told that nobody will get it.
FORESIGHT = timedelta(days=3)
# A promise that broke longer ago is no task any more.
REMEMBERED = timedelta(days=90)


class DunningCaseTaskMixin(models.AbstractModel):
    """What a customer asks of a person today, and why."""

    _name = "dunning.case.task.mixin"
    _description = "Tasks of Cases"

    @api.model
    def _get_task_sentences(self):
        """Return the reasons to work on a case: ``{code: (label, sentence)}``."""
        return dict(SENTENCES)

    @api.model
    def _get_task_selection(self):
        sentences = self._get_task_sentences()
        labels = (label for label, _sentence in sentences.values())
        return list(zip(sentences, map(self.env._, labels), strict=True))

    @api.model
    def _get_coming_sentences(self):
        """Return what is said of a reason while its day is to come: ``{code: sentence}``."""
        return dict(COMING)

    @api.depends("tasks")
    @api.depends_context("lang")
    def _compute_todo_text(self):
        for company, cases in self.grouped("company_id").items():
            today = company._get_job_today().isoformat()
            for case in cases:
                due = [task for task in case.tasks or () if task[1] <= today]
                coming = [task for task in case.tasks or () if task[1] > today]
                found = case._describe_tasks(due, self._get_task_sentences())
                later = case._describe_tasks(coming, self._get_task_sentences(), coming=True)
                case.todo_all_text = "\n".join(found)
                case.coming_text = "\n".join(later)
                case.todo_text = case._sum_up_texts(found or later)

    def _sum_up_texts(self, texts):
        """Return the first of several sentences, and how many there are more; none: nothing."""
        if len(texts) < 2:
            return texts[0] if texts else False
        return self.env._("%(first)s (and %(more)s more)", first=texts[0], more=len(texts) - 1)

    def _describe_tasks(self, noted, sentences, *, coming=False):
        """Return the sentences of what is to be done, the most pressing first.

        :param noted: of the tasks: lists of code, day and figures
        :param coming: whether their days are to come
        """
        self.ensure_one()
        reasons = self.env["dunning.reason"]
        figures = reasons._get_figures()
        others = self._get_coming_sentences() if coming else {}
        lazy = (others.get(code, sentences[code][1]) for code, _day, _params in noted)
        found = []
        for text, (_code, day, params) in zip(map(self.env._, lazy), noted, strict=True):
            params = {"held_date": day, **params}
            # a lazy text takes no values: it is translated first, then filled in
            found.append(text % {key: reasons._format(key, params, figures) for key in params})
        return found

    # === FINDERS === #

    @api.model
    def _get_task_finders(self):
        """Return the methods that find tasks.

        Each is called with the company, its customers, the day, ``{customer id: CaseFacts}`` and
        the decided facts by customer id, and appends to ``tasks`` of the cases.
        """
        return [
            "_find_answers",
            "_find_broken_promises",
            "_find_messages",
            "_find_level_calls",
            "_find_calls",
            "_find_disputes",
            "_find_payments",
            "_find_unreachable",
            "_find_ends",
        ]

    @api.model
    def _add_task(self, cases, partner_id, code, day, **params):
        if partner_id in cases and day:
            cases[partner_id].tasks.append(Task(code, day, params))

    @api.model
    def _get_own_domain(self, company, customers):
        return [("company_id", "=", company.id), ("partner_id", "in", customers.ids)]

    @api.model
    def _find_answers(self, company, customers, as_of, cases, by_partner):
        answers = self.env["dunning.answer"].search_fetch(
            [*self._get_own_domain(company, customers), ("state", "=", "open")],
            ["partner_id", "date", "kind"],
            order="date desc, id desc",
        )
        first = {answer.partner_id.id: answer for answer in answers}
        for partner_id, answer in first.items():
            self._add_task(cases, partner_id, tasks.ANSWER, answer.date, answer_kind=answer.kind)

    @api.model
    def _find_broken_promises(self, company, customers, as_of, cases, by_partner):
        """A promise was not kept, and nobody got in touch with the customer since."""
        groups = self.env["dunning.promise"]._read_group(
            [
                *self._get_own_domain(company, customers),
                ("date", ">=", as_of - REMEMBERED),
            ],
            ["partner_id", "state"],
            ["date:max", "date_given:max"],
        )
        given = {}
        for partner, _state, _day, noted in groups:
            given[partner.id] = max(noted, given.get(partner.id, noted))
        for partner, state, day, _noted in groups:
            since = max(filter(None, (cases[partner.id].contact, given[partner.id])))
            if state in ("broken", "partly") and since <= day:
                self._add_task(cases, partner.id, tasks.BROKEN, day)

    @api.model
    def _find_messages(self, company, customers, as_of, cases, by_partner):
        """Letters to print, and messages that did not get through."""
        groups = self.env["dunning.reminder"]._read_group(
            [
                *self._get_own_domain(company, customers),
                ("is_test", "=", False),
                ("state", "in", (*PREPARED, *UNDELIVERED)),
            ],
            ["partner_id", "state", "channel"],
            ["date:min"],
        )
        for partner, state, channel, day in groups:
            code = tasks.LETTER if channel == "letter" else None
            if state in UNDELIVERED:
                code = tasks.UNDELIVERED
            if code:
                self._add_task(cases, partner.id, code, day)

    @api.model
    def _find_level_calls(self, company, customers, as_of, cases, by_partner):
        """Calls of levels to make; one that reached nobody waits for the day agreed on."""
        waiting = self.env["dunning.reminder"].search_fetch(
            [
                *self._get_own_domain(company, customers),
                ("is_test", "=", False),
                ("channel", "=", "call"),
                ("state", "in", PREPARED),
            ],
            ["partner_id", "date"],
        )
        tried = self.env["dunning.call"].search_fetch(
            [("reminder_id", "in", waiting.ids)], ["reminder_id", "date_again"], order="date, id"
        )
        again = {call.reminder_id: call.date_again for call in tried}
        days = {}
        for reminder in waiting:
            day = again.get(reminder) or reminder.date
            days[reminder.partner_id.id] = min(day, days.get(reminder.partner_id.id, day))
        for partner_id, day in days.items():
            self._add_task(cases, partner_id, tasks.CALL, day)

    @api.model
    def _find_calls(self, company, customers, as_of, cases, by_partner):
        """Who was not reached is to be called again, unless somebody called since."""
        calls = self.env["dunning.call"].search_fetch(
            [*self._get_own_domain(company, customers), ("date_logged", ">=", as_of - REMEMBERED)],
            ["partner_id", "contact_id", "phone", "outcome", "date_again", "date_logged"],
            order="date, id",
        )
        last = {call.partner_id.id: call for call in calls}
        for partner_id, call in last.items():
            if call._lacks_number():
                self._add_task(cases, partner_id, tasks.NUMBER, call.date_logged)
            elif not any(task.code == tasks.CALL for task in cases[partner_id].tasks):
                self._add_task(cases, partner_id, tasks.CALL, call.date_again)

    @api.model
    def _find_disputes(self, company, customers, as_of, cases, by_partner):
        groups = self.env["dunning.dispute"]._read_group(
            [*self._get_own_domain(company, customers), ("state", "=", "open")],
            ["partner_id"],
            ["date_deadline:min"],
        )
        for partner, day in groups:
            cases[partner.id].disputed = True
            self._add_task(cases, partner.id, tasks.DISPUTE, day)

    @api.model
    def _find_payments(self, company, customers, as_of, cases, by_partner):
        for partner_id, facts in by_partner.items():
            found = next((fact for fact in facts if fact.found), None)
            if found:
                self._add_task(
                    cases,
                    partner_id,
                    tasks.PAYMENT,
                    found.found_date or as_of,
                    amount=found.found,
                    currency_id=found.currency_id,
                )

    @api.model
    def _find_unreachable(self, company, customers, as_of, cases, by_partner):
        """Somebody is to get an e-mail soon, and there is no address."""
        soon = self._get_soon_mailed(as_of, by_partner)
        programs, partners = self.env["dunning.program"], self.env["res.partner"]
        found = soon and programs._find_fact_recipients(company, soon)
        days = {}
        for fact in soon:
            recipient, _copies = found[fact.program_id, fact.contact_id]
            program, contact = programs.browse(fact.program_id), partners.browse(fact.contact_id)
            if program._get_recipient_obstacle(recipient, contact):
                day = min(max(fact.decision.next_date - FORESIGHT, fact.line.due), as_of)
                days[fact.partner_id] = min(day, days.get(fact.partner_id, day))
        for partner_id, day in days.items():
            self._add_task(cases, partner_id, tasks.UNREACHABLE, day)

    @api.model
    def _get_soon_mailed(self, as_of, by_partner):
        """Return the facts about due lines that are to be reminded by e-mail within days."""
        latest = as_of + FORESIGHT
        soon = [
            fact
            for facts in by_partner.values()
            for fact in facts
            if fact.program_id and fact.decision.level and not fact.line.hold
            if fact.decision.next_date and fact.decision.next_date <= latest
        ]
        levels = self.env["dunning.level"].browse({fact.decision.level.id for fact in soon})
        by_mail = set(levels.filtered(lambda level: level._get_channel().mail).ids)
        return [fact for fact in soon if fact.decision.level.id in by_mail]

    @api.model
    def _find_ends(self, company, customers, as_of, cases, by_partner):
        """What got the last level: nobody decided yet, or it is to be looked at again."""
        facts = {fact.id: fact for found in by_partner.values() for fact in found}
        ends = self.env["dunning.escalation"].search_fetch(
            self._get_own_domain(company, customers),
            ["partner_id", "move_line_id", "decision", "date_entered", "date_again"],
        )
        days = {}
        for end in ends:
            partner_id, fact = end.partner_id.id, facts.get(end.move_line_id.id)
            if not fact:
                continue
            if end.decision:
                cases[partner_id].ended = True
            day = end.date_again if end.decision else end.date_entered
            if fact.line.hold:  # it waits for something else first
                until = fact.line.hold_until
                day = until and max(day or until, until + timedelta(days=1))
            if day:
                days[partner_id] = min(day, days.get(partner_id, day))
        for partner_id, day in days.items():
            self._add_task(cases, partner_id, tasks.DECIDE, day)

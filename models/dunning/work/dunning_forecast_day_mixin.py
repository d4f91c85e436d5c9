from odoo import models

from ....tools.dunning.course import Course, days_between, is_paid_as_usual
from ....tools.dunning.decision import Decision
from ....tools.dunning.message_state import PREPARED

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class DunningForecastDayMixin(models.AbstractModel):
    """One day of a forecast: the engine decides, the run groups, and nothing is written."""

    _name = "dunning.forecast.day.mixin"
    _description = "A Day of a Forecast"

    def _get_leaving(self):
        """Return the reminders that are made and did not leave yet."""
        return (
            self.env["dunning.reminder"]
            .sudo()
            .search(
                [
                    ("company_id", "=", self.company_id.id),
                    ("state", "in", PREPARED),
                    ("is_test", "=", False),
                ]
            )
        )

    def _get_first_course(self):
        """Return a course on which what is on its way has left, today."""
        course, today = Course(), self.company_id._get_job_today()
        leaving = self._get_leaving()
        facts = leaving and self.company_id._dunning_collect(
            today, partners=leaving.partner_id, leaving=leaving.ids
        )
        known = {fact.id: fact.line for fact in facts}
        for line in leaving._get_reminded():
            level = line.level_id._get_ladder_level()
            level = level._replace(number=line.level_number, days=line.level_days)
            due = course.lines.get(line.move_line_id.id) or known.get(line.move_line_id.id)
            if due:
                decision = Decision(True, line.reason, level, None, {})
                course.send(due, line.reminder_id.partner_id.id, decision, today)
        return course

    def _foresee_day(self, day, course, instead, variant):
        """Return the values of the messages of a day, and remember them on the course.

        :param course: a ``Course`` of the days before
        :param instead: see ``dunning.engine._collect``
        :param variant: the code of the variant
        """
        return [
            {**vals, "variant": variant}
            for group in self._foresee_messages(day, course, instead)
            for vals in self._prepare_message(day, group)
        ]

    def _foresee_messages(self, day, course, instead):
        """Yield the messages of a day as a run plans them, and remember each on the course.

        Each is to be looked at before the next one is asked for: later ones decide anew.
        """
        company, programs = self.company_id, self.program_id or self.program_ids
        facts = company._dunning_collect(
            day, programs=programs, leaving=self._get_leaving().ids, instead=instead
        )
        if self.assumption == "usual":
            facts = self._leave_out_paid(facts, day)
        for fact in facts:
            course.put_on(fact.line, fact.partner_id)
        for program, levels in self._get_slots(day, {fact.program_id for fact in facts}):
            yield from self._foresee_program(day, facts, program, levels, course)

    def _foresee_program(self, day, facts, program, levels, course):
        """Yield the messages of one program."""
        company = self.company_id
        asked = [fact for fact in facts if fact.program_id == program.id and fact.asked]
        partner_ids = {fact.partner_id for fact in asked}
        found = [fact for fact in facts if fact.partner_id in partner_ids]
        decided = company._dunning_decide(day, levels=levels, facts=found)
        decided = [fact for fact in decided if fact.program_id == program.id]
        run = self.env["dunning.run"].sudo().with_company(company)
        run = run.new({"company_id": company.id, "date": day, "program_ids": program.ids})
        for group in run._plan_messages(decided):
            yield group
            course.follow(group["facts"], day, gets_through=not group["obstacle"])
        for fact in found:
            course.put_on(fact.line, fact.partner_id)

    def _count_messages(self):
        """Return how many messages will leave by themselves, by day: ``{day: number}``."""
        course, counts = self._get_first_course(), {}
        for day in days_between(self.company_id._get_job_today(), self.date_until):
            groups = self._foresee_messages(day, course, {})
            counts[day] = sum(self._leaves(group) for group in groups)
        return {day: count for day, count in counts.items() if day >= self.date_from}

    def _leaves(self, group):
        """Whether a planned message leaves by itself, and nothing keeps it back."""
        level = self.env["dunning.level"].browse(group["top"].decision.level.id)
        return not group["obstacle"] and level._get_channel().is_queued

    def _prepare_message(self, day, group):
        """Return the values of one message, one for each currency."""
        level = self.env["dunning.level"].browse(group["top"].decision.level.id)
        obstacle, by_currency = group["obstacle"], {}
        for fact in group["facts"]:
            by_currency.setdefault(fact.currency_id, []).append(fact)
        reasons = self.env["dunning.reason"]
        return [
            {
                "forecast_id": self.id,
                "date": day,
                "kind": "reminder",
                "partner_id": group["partner"].id,
                "program_id": group["program"].id,
                "level_id": level.id,
                "currency_id": currency_id,
                "amount": sum(fact.open_amount for fact in facts),
                "line_count": len(facts),
                "items": ", ".join(dict.fromkeys(fact.move_name or "" for fact in facts)),
                "obstacle": obstacle and reasons._get_sentence(*obstacle),
            }
            for currency_id, facts in by_currency.items()
        ]

    # === WHICH DAYS === #

    def _get_slots(self, day, program_ids):
        """Return the programs that run on a day, by the hour, each with the levels that may go.

        One without a schedule is run by hand: it counts for each day. What was to run today and
        did is over.
        """
        company = self.company_id
        today, slots = company._get_job_today(), []
        programs = self.env["dunning.program"].sudo().browse(filter(None, program_ids))
        for program in programs.sorted():
            planned = program.schedule_ids.filtered("active")
            lines = planned.filtered(lambda line: line[WEEKDAYS[day.weekday()]])
            lines = lines.filtered(lambda line: not line._is_idle())
            if day == today:
                lines = lines.filtered(lambda line: line._is_still_due(today))
            if planned and not lines:
                continue
            levels = lines.level_ids if all(line.level_ids for line in lines) else None
            slots.append((min(lines.mapped("hour"), default=0.0), program.id, levels))
        slots.sort(key=lambda slot: slot[:2])
        return [(programs.browse(program_id), levels) for _hour, program_id, levels in slots]

    # === WHO PAYS === #

    def _leave_out_paid(self, facts, day):
        """Return the facts of what is not paid by a day, if customers pay as late as usual."""
        late, average = self._get_lateness({fact.partner_id for fact in facts})
        today = self.company_id._get_job_today()
        return [
            fact
            for fact in facts
            if not is_paid_as_usual(fact.line.due, late.get(fact.partner_id, average), today, day)
        ]

    def _get_lateness(self, partner_ids):
        """Return ``{customer id: days}`` and the average of all customers."""
        partners = self.env["res.partner"].browse(sorted(partner_ids))
        found = partners._dunning_get_average_late(
            self.company_id, partners, self.company_id._get_job_today()
        )
        count = sum(number for _days, number in found.values())
        total = sum(days * number for days, number in found.values())
        late = {partner_id: days for partner_id, (days, _number) in found.items()}
        return late, total / count if count else 0.0

    # === RECURRING INVOICES === #

    def _foresee_invoices(self):
        """Return the values of the recurring invoices to come, of schedules the user may read.

        Amounts are those of the template as it stands today.
        """
        planned = self.company_id._recurrence_get_planned(self.date_from, self.date_until)
        return [
            {
                "forecast_id": self.id,
                "date": day,
                "kind": "invoice",
                "partner_id": template.commercial_partner_id.id,
                "schedule_id": schedule.id,
                "currency_id": template.currency_id.id,
                "invoice_amount": template.amount_total,
                "items": schedule.display_name,
            }
            for day, schedule in planned
            for template in schedule.sudo().template_move_id
        ]

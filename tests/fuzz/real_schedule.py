"""The histories of recurrences, played by the addon on a database."""

from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command

from .schedule import SCHEDULE, play
from .schedule_rule import FIRST_DAY, Row

EVENTS = 14
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Planning:
    """What histories are played on; each is taken back when it is over.

    :param env: of a user of Invoicing, in a company with a chart of accounts
    """

    def __init__(self, env):
        self.env, self.company, self.today = env, env.company, FIRST_DAY
        limits = {
            name: 1000
            for name, field in self.company._fields.items()
            if name.startswith("recurrence_") and name.endswith("_limit") and field.store
        }
        self.company.sudo().write(
            {
                "recurrence_dunning_tz": "UTC",
                "recurrence_horizon_months": 2,
                "recurrence_public_holidays": False,
                **limits,
            }
        )

    @property
    def kinds(self):
        """Interactions, invoices that a person confirms, and invoices the job posts."""
        return tuple(
            SCHEDULE._replace(
                name=f"{SCHEDULE.name} of {name}",
                play=lambda setting, events, mode=mode: self.play(setting, events, mode),
                events=EVENTS,
            )
            for name, mode in (("interactions", ""), ("asked", "confirm"), ("posted", "post"))
        )

    def play(self, setting, events, mode):
        savepoint = self.env.cr.savepoint()
        try:
            # the company's day is the only clock of the addon
            with patch.object(type(self.company), "_get_job_today", lambda _company: self.today):
                play(setting, events, lambda chosen: Recurrence(self, chosen, mode))
        finally:
            savepoint.close(rollback=True)


class Recurrence:
    """Stands where the pure planner stands; the doors are those of a person and of the job."""

    def __init__(self, planning, setting, mode):
        self.planning, self.env = planning, planning.env
        self.pays, self.issued = bool(mode), {}
        values = {
            "name": "Fuzz",
            "company_id": planning.company.id,
            "catch_up": setting["catch_up"],
            **self.columns(setting["rule"]),
        }
        if mode:
            values |= {"target": "invoice", "invoice_mode": mode}
            values["template_move_id"] = self.template().id
        self.schedule = self.env["recurrence.schedule"].create(values)

    def template(self):
        line = Command.create({"name": "Work", "price_unit": 100.0, "tax_ids": False})
        return self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "is_recurrence_template": True,
                "partner_id": self.env["res.partner"].create({"name": "Fuzz"}).id,
                "invoice_line_ids": [line],
            }
        )

    @staticmethod
    def columns(rule):
        return {
            "date_start": FIRST_DAY + timedelta(rule.start),
            "rrule_type": rule.kind,
            "interval": rule.every,
            **{name: number in rule.weekdays for number, name in enumerate(WEEKDAYS)},
            "month_by": rule.month_by,
            "day": rule.day,
            "byday": str(rule.nth),
            "weekday": WEEKDAYS[rule.weekday].upper(),
            "end_type": rule.end,
            "count": rule.count,
            "until": FIRST_DAY + timedelta(rule.until),
            "month_end": rule.month_end,
            "day_shift": rule.shift,
        }

    @property
    def state(self):
        return self.schedule.state

    @property
    def today(self):
        return self.planning.today

    @today.setter
    def today(self, day):
        self.planning.today = day

    def rows(self):
        occurrences = self.schedule.sudo().occurrence_ids
        for occurrence in occurrences:
            known = self.issued.setdefault(occurrence.id, occurrence.move_id)
            self.issued[occurrence.id] = known | occurrence.move_id
        return [
            Row(
                occurrence.rule_date,
                occurrence.date,
                occurrence.state,
                occurrence.number,
                occurrence.is_manual,
                occurrence.is_moved,
                occurrence.is_pinned,
                occurrence.is_left_out,
                occurrence.period_start,
                occurrence.period_end,
                len(self.issued[occurrence.id].filtered(lambda move: move.state == "posted")),
            )
            for occurrence in occurrences
        ]

    def occurrence(self, row):
        return self.schedule.occurrence_ids.filtered(lambda o: o.rule_date == row.rule_date)

    def allowed(self, function, *arguments):
        """Do it; False where the addon refuses it with a sentence."""
        try:
            with self.env.cr.savepoint():
                function(*arguments)
        except UserError:
            return False
        return True

    # === DOORS === #

    def generate(self, _today):
        return self.allowed(self.schedule.action_generate)

    def run(self, today):
        self.schedule.sudo()._run_due(today)

    def edit(self, rule):
        return self.allowed(self.schedule.write, self.columns(rule))

    def regenerate(self, _today):
        return self.allowed(self.schedule.action_regenerate)

    def pause(self, _today, until=None):
        self.schedule.action_pause(until)

    def resume(self, _today):
        self.schedule.action_resume()

    def skip(self, row):
        return self.allowed(self.occurrence(row).action_skip, "Because")

    def move(self, row, day):
        return self.allowed(self.occurrence(row).write, {"date": day})

    def plan_again(self, row):
        return self.allowed(self.occurrence(row).action_plan_again)

    def add(self, day):
        return self.allowed(self.schedule._add_date, day)

    def done(self, row):
        occurrence = self.occurrence(row)
        return self.allowed(occurrence.action_issue if self.pays else occurrence.action_done)

    def cancel(self, row):
        """The invoice is cancelled and issued again."""
        occurrence = self.occurrence(row)

        def again():
            occurrence.move_id.button_draft()
            occurrence.move_id.button_cancel()
            occurrence.action_issue()

        if self.pays:
            self.allowed(again)

    def revive(self, row):
        """The invoice that was replaced comes back."""
        former = self.issued[self.occurrence(row).id] - self.occurrence(row).move_id

        def back():
            former[:1].button_draft()
            former[:1].action_post()

        if former:
            self.allowed(back)

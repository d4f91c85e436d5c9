import logging
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ....tools.dunning.day import Count, judge
from ..setup.dunning_program_schedule import WEEKDAYS
from .dunning_figure_text import DAY_STATES

_logger = logging.getLogger(__name__)

DAYS = 30  # of the strip
# Messages that left, or that somebody stopped from leaving.
LEFT_STATES = ("sent", "cancelled", "reversed")


class DunningCompanyDayMixin(models.AbstractModel):
    """What a company's days should produce, what they did, and how the overview shows it (K10)."""

    _name = "dunning.company.day.mixin"
    _description = "Expected and Produced Day by Day"

    # === THE DAILY JOB === #

    @api.model
    def _cron_dunning_refresh(self):
        """Also compare what each company's day produced with what was expected of it."""
        result = super()._cron_dunning_refresh()
        companies = self.sudo()._dunning_get_followed()
        commit = self.env["ir.cron"]._commit_progress
        if not companies or not commit(remaining=len(companies)):
            return result
        for company in companies:
            company._dunning_follow_days(company._get_job_today())
            if not commit(1):
                break
        return result

    def _dunning_follow_days(self, today):
        """Follow the days of a company; where that fails its daily work is done all the same.

        A day that was not followed shows as such.
        """
        try:
            with self.env.cr.savepoint():
                self.env["dunning.day"]._follow(self, today)
        except psycopg2.OperationalError:
            raise
        except Exception:
            _logger.exception("The days of company %s could not be followed", self.id)

    @api.model
    def _dunning_get_followed(self):
        """Return the companies whose days are followed: where something runs, or once did.

        A database that may be a copy has nothing to produce.
        """
        followed = self.env["dunning.day"].sudo()._read_group([], ["company_id"])
        companies = self.search([("dunning_active", "=", True)])
        companies = companies.union(*(company for (company,) in followed))
        return companies.filtered(lambda company: not company._is_job_copy())

    # === EXPECTED === #

    def _dunning_expect_days(self, days):
        """Return what is expected of today and tomorrow: ``{day: {kind: number}}``."""
        messages = self._dunning_expect_messages(days)
        return {
            day: {
                "runs": len(self._dunning_get_lines_of(day)),
                "messages": messages.get(day, 0),
                "invoices": self._dunning_expect_invoices(day),
            }
            for day in days
        }

    def _dunning_get_lines_of(self, day):
        """Return the planned hours of a day at which a program runs, of today those to come."""
        schedules = self.env["dunning.program.schedule"].sudo()
        lines = schedules.search(
            schedules._get_running_domain()
            & Domain("company_id", "=", self.id)
            & Domain(WEEKDAYS[day.weekday()], "=", True)
        )
        if day == self._get_job_today():
            lines = lines.filtered(lambda line: line._is_still_due(day))
        return lines.filtered(lambda line: not line._is_idle())

    def _dunning_expect_messages(self, days):
        """Return how many messages automatic programs will send on days: ``{day: number}``.

        None where the bank data will be too old: the run then waits for a person.
        """
        lines = self.env["dunning.program.schedule"].union(
            *(self._dunning_get_lines_of(day) for day in days)
        )
        programs = lines.program_id.filtered(lambda program: program.mode == "automatic")
        if not programs:
            return {}
        forecast = self.env["dunning.forecast"].sudo().with_company(self)
        forecast = forecast.create(
            {
                "company_id": self.id,
                "date_from": days[0],
                "date_until": days[-1],
                "program_ids": programs.ids,
            }
        )
        counts = forecast._count_messages()
        forecast.unlink()
        return {
            day: count for day, count in counts.items() if not self._dunning_get_bank_warning(day)
        }

    def _dunning_expect_invoices(self, day):
        """Return how many recurring invoices a day will bring; whatever plans them says so."""
        return 0

    # === PRODUCED === #

    def _dunning_count_produced(self, days):
        """Return what days produced: ``{day: {kind: number}}``."""
        found = {day: dict.fromkeys(("runs", "messages", "invoices"), 0) for day in days}
        for kind, model, domain in (
            ("runs", "dunning.run", self._dunning_get_run_domain(days)),
            ("messages", "dunning.reminder", self._dunning_get_left_domain(days)),
        ):
            groups = self.env[model].sudo()._read_group(domain, ["date:day"], ["__count"])
            for day, count in groups:
                found[day][kind] = count
        for day, count in self._dunning_count_invoices(days).items():
            found[day]["invoices"] = count
        return found

    def _dunning_get_run_domain(self, days):
        """Return the domain of the runs that schedules or people made on days."""
        return [
            ("company_id", "=", self.id),
            ("date", "in", days),
            ("by_hand", "=", False),
            ("state", "in", ("done", "to_check")),
        ]

    def _dunning_get_made_domain(self, days):
        """Return the domain of the reminders of days' runs that leave by themselves."""
        channels = self.env["dunning.level"]._get_channels()
        return [
            ("company_id", "=", self.id),
            ("date", "in", days),
            ("run_id", "!=", False),
            ("by_hand", "=", False),
            ("is_test", "=", False),
            ("channel", "in", [name for name, channel in channels.items() if channel.is_queued]),
        ]

    def _dunning_get_left_domain(self, days):
        """Return the domain of those of them that left, were stopped, or wait to be recalled."""
        left = Domain("state", "in", LEFT_STATES) | Domain("sent_date", "!=", False)
        waiting = [("state", "=", "queued"), ("try_after", ">", fields.Datetime.now())]
        return Domain(self._dunning_get_made_domain(days)) & (left | Domain(waiting))

    def _dunning_count_invoices(self, days):
        """Return how many recurring invoices were issued on days; whatever issues them says so."""
        return {}

    def _dunning_get_day_users(self, alarms):
        """Return who is told of days that produced too little."""
        users = self.env["res.users"]
        if not alarms:
            return users
        if any(day.expected_runs or day.expected_messages for day in alarms):
            programs = self.env["dunning.program"].sudo()
            users = programs.search([("company_id", "=", self.id)]).user_id
        return self.env["ir.cron"]._get_alarm_users(users)

    # === THE STRIP === #

    def _dunning_tell_strip(self, last):
        """Return the last days that are known, the earliest first: state and sentence of each."""
        begun = self.env["dunning.day"].search(
            [("company_id", "=", self.id)], order="date", limit=1
        )
        days = self._dunning_get_strip_days(last, begun.date)
        rows = self.env["dunning.day"].search([("company_id", "=", self.id), ("date", "in", days)])
        rows = {row.date: row for row in rows}
        produced = self._dunning_count_unclosed(rows, begun and last)
        labels = self._dunning_translate(DAY_STATES)
        cells = []
        for day in days:
            counts = self._dunning_get_day_counts(rows.get(day), produced.get(day))
            state = self._dunning_get_day_state(day, rows.get(day), counts, begun.date)
            label = format_date(self.env, day, date_format="EEE d MMM")
            cells.append(
                {
                    "day": day.isoformat(),
                    "state": state,
                    "number": format_date(self.env, day, date_format="d"),
                    "label": label,
                    "text": self.env._(
                        "%(day)s: %(state)s. %(counts)s",
                        day=label,
                        state=labels[state],
                        counts=self._dunning_tell_counts(*counts) if counts else "",
                    ).strip(),
                }
            )
        shown = {cell["state"] for cell in cells}
        legend = [(name, label) for name, label in labels.items() if name in shown]
        return {"cells": cells, "legend": legend}

    @api.model
    def _dunning_get_strip_days(self, last, begun):
        """Return the last days from the first that is known; none is known: the last one.

        :param begun: the first day that is known; False: there is none
        """
        days = [last - timedelta(days=number) for number in range(DAYS - 1, -1, -1)]
        return [day for day in days if begun and day >= begun] or days[-1:]

    def _dunning_count_unclosed(self, rows, last):
        """Return what the days that are not closed produced by now: ``{day: {kind: number}}``.

        :param rows: the days that are known, by date
        :param last: the last day shown; today is counted though the job has not looked at it yet
        """
        unclosed = [day for day, row in rows.items() if row.state == "open"]
        if last and last == self._get_job_today() and last not in rows:
            unclosed.append(last)
        return self._dunning_count_produced(unclosed) if unclosed else {}

    @api.model
    def _dunning_get_day_counts(self, row, produced):
        """Return what was expected and what there was of each kind; nothing known: None.

        :param produced: what there is by now of a day that is not closed
        """
        if not row and not produced:
            return None
        counts = row._get_counts() if row else [Count(None)] * len(produced)
        if produced:
            counts = [
                count._replace(done=done)
                for count, done in zip(counts, produced.values(), strict=True)
            ]
        return counts

    def _dunning_get_day_state(self, day, row, counts, begun):
        """Return the state of a day on the strip, a key of ``DAY_STATES``.

        :param begun: the first day that is known; False: there is none
        """
        today = self._get_job_today()
        if day >= today:
            return "open" if counts else "unknown"
        if row and row.state != "open":
            return row.state
        if row and day == today - timedelta(days=1):
            return judge(*counts)  # the job of today closes it
        if not begun or day < begun or self._is_job_copy():
            return "unknown"
        return "missing"

    def _dunning_tell_counts(self, runs, messages, invoices):
        """Return what was expected and what there was, as sentences."""
        if runs.expected is None:
            return self.env._(
                "What is expected was not noted. Runs done: %(runs)s, messages sent: %(messages)s, "
                "recurring invoices issued: %(invoices)s.",
                runs=runs.done,
                messages=messages.done,
                invoices=invoices.done,
            )
        texts = [
            runs.expected + runs.done
            and self.env._(
                "Runs: expected %(expected)s, done %(done)s.",
                expected=runs.expected,
                done=runs.done,
            ),
            messages.expected + messages.done
            and self.env._(
                "Messages: expected %(expected)s, sent %(done)s.",
                expected=messages.expected,
                done=messages.done,
            ),
            invoices.expected + invoices.done
            and self.env._(
                "Recurring invoices: expected %(expected)s, issued %(done)s.",
                expected=invoices.expected,
                done=invoices.done,
            ),
        ]
        return " ".join(filter(None, texts)) or self.env._("Nothing was expected.")

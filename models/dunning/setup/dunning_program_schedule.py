from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command, Domain
from odoo.tools import babel_locale_parse, format_datetime, format_duration
from odoo.tools.misc import get_lang

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TIMING_FIELDS = (*WEEKDAYS, "hour", "active")
# A run counts as missed this long after its hour: the job may start late or take its time.
MISSED_AFTER = timedelta(hours=2)
# A moment further ahead than this was noted while the clock was wrong; workers differ by seconds.
CLOCK_SLACK = timedelta(hours=1)


class DunningProgramSchedule(models.Model):
    """One line of weekdays and an hour at which a program runs."""

    _name = "dunning.program.schedule"
    _description = "Dunning Program Schedule"
    _inherit = ["recurrence.dunning.own.record.mixin"]
    _order = "program_id, hour, id"
    _check_company_auto = True

    program_id = fields.Many2one("dunning.program", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="program_id.company_id", store=True, index=True)
    active = fields.Boolean(default=True)
    mon = fields.Boolean("Mo", default=True)
    tue = fields.Boolean("Tu", default=True)
    wed = fields.Boolean("We", default=True)
    thu = fields.Boolean("Th", default=True)
    fri = fields.Boolean("Fr", default=True)
    sat = fields.Boolean("Sa")
    sun = fields.Boolean("Su")
    hour = fields.Float(
        default=8.0, required=True, aggregator=None, help="In the time zone of the company's jobs."
    )
    level_ids = fields.Many2many(
        "dunning.level",
        "dunning_program_schedule_level_rel",
        string="Levels",
        domain="[('program_id', '=', program_id)]",
        # without the archived ones, a line for these alone would be one for all levels
        context={"active_test": False},
        copy=False,
        help="Leave empty for all levels of the program.",
    )
    date_since = fields.Datetime(
        string="Runs Expected Since",
        readonly=True,
        copy=False,
        default=fields.Datetime.now,
        help=(
            "Runs planned before this time do not count as missed: the line was created or "
            "changed then."
        ),
    )
    last_run = fields.Datetime(readonly=True, copy=False)
    next_run = fields.Datetime(compute="_compute_next_run", store=True, index=True)
    alarmed_run = fields.Datetime(
        readonly=True,
        copy=False,
        help="The planned run that was reported as not having taken place.",
    )
    is_missed = fields.Boolean(
        string="Missed", compute="_compute_is_missed", search="_search_is_missed"
    )

    _hour_valid = models.Constraint(
        "CHECK (hour >= 0 AND hour < 24)", "The hour must be between 0:00 and 23:59."
    )

    @api.depends(
        *TIMING_FIELDS,
        "level_ids.active",
        "last_run",
        "date_since",
        "company_id.recurrence_dunning_tz",
    )
    def _compute_next_run(self):
        for line in self:
            since = line.date_since or fields.Datetime.now()
            after = max(since, line.last_run or since)
            planned = line.active and not line._is_idle()
            line.next_run = line._get_next_slot(after) if planned else False

    @api.depends("next_run", "program_id.active", "company_id.dunning_active")
    def _compute_is_missed(self):
        limit = fields.Datetime.now() - MISSED_AFTER
        for line in self:
            runs = line.program_id.active and line.company_id.dunning_active
            # where programs hold none is expected to run
            runs = runs and not line.company_id._is_job_copy()
            line.is_missed = bool(runs and line.next_run and line.next_run < limit)

    def _search_is_missed(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return self._get_missed_domain(fields.Datetime.now())

    @api.depends(*WEEKDAYS, "hour")
    def _compute_display_name(self):
        names = babel_locale_parse(get_lang(self.env).code).days["format"]["abbreviated"]
        for line in self:
            days = [names[number] for number, day in enumerate(WEEKDAYS) if line[day]]
            line.display_name = self.env._(
                "%(days)s at %(hour)s", days=", ".join(days), hour=format_duration(line.hour)
            )

    @api.constrains(*WEEKDAYS, "active")
    def _check_weekdays(self):
        for line in self:
            if line.active and not any(line[day] for day in WEEKDAYS):
                raise ValidationError(self.env._("Choose at least one weekday for the run."))

    @api.constrains("level_ids", "program_id")
    def _check_levels(self):
        for line in self:
            if line.level_ids.program_id - line.program_id:
                raise ValidationError(
                    self.env._("A schedule can only use levels of its own program.")
                )

    def write(self, vals):
        result = super().write(vals)
        if any(name in vals for name in TIMING_FIELDS) and "date_since" not in vals:
            now = fields.Datetime.now()
            super(DunningProgramSchedule, self.sudo()).write({"date_since": now})
        return result

    def _is_idle(self):
        """Whether the line runs nothing: it is for chosen levels, and all of them are archived."""
        self.ensure_one()
        return bool(self.level_ids) and not any(self.level_ids.mapped("active"))

    def _tell_idle(self):
        """Return which of these lines run nothing, as a sentence; empty: none."""
        idle = self.filtered(lambda line: line.active and line._is_idle())
        return idle and self.env._(
            "Nothing is sent at these run times, because all levels chosen for them are archived: "
            "%(times)s.",
            times=", ".join(idle.mapped("display_name")),
        )

    def _copy_levels_to(self, copies, levels):
        """Let copies of these lines be for the copies of the levels that these are for.

        :param levels: ``{level: its copy}``
        """
        for line, copied in zip(self.sorted("id"), copies.sorted("id"), strict=False):
            chosen = [levels[level].id for level in line.level_ids if level in levels]
            if line.level_ids:
                # where no such level was copied, it must not run all the others
                copied.write({"level_ids": [Command.set(chosen)], "active": bool(chosen)})

    def _get_next_slot(self, after):
        """Return the first planned moment later than ``after``.

        :param after: naive UTC datetime
        :return: naive UTC datetime, or False where no weekday is chosen. An hour the clock leaves
            out when summer time begins comes one hour later.
        """
        self.ensure_one()
        tz = pytz.timezone(self.company_id.recurrence_dunning_tz or "UTC")
        day = pytz.utc.localize(after).astimezone(tz).date()
        # an hour that the constraint is going to refuse comes by here first
        hour, minute = divmod(round(min(max(self.hour, 0), 23.99) * 60), 60)
        for offset in range(8):
            date = day + timedelta(days=offset)
            if not self[WEEKDAYS[date.weekday()]]:
                continue
            local = tz.localize(datetime.combine(date, time(hour, minute)))
            slot = local.astimezone(pytz.utc).replace(tzinfo=None)
            if slot > after:
                return slot
        return False

    @api.model
    def _get_running_domain(self):
        """Return the domain of the lines that run at all."""
        return Domain(
            [
                ("active", "=", True),
                ("program_id.active", "=", True),
                ("company_id.dunning_active", "=", True),
            ]
        )

    @api.model
    def _get_missed_domain(self, now):
        """Return the domain of the lines whose planned run did not happen."""
        companies = self.env["res.company"].sudo().search([("dunning_active", "=", True)])
        working = companies.filtered(lambda company: not company._is_job_copy())
        return (
            self._get_running_domain()
            & Domain("company_id", "in", working.ids)
            & Domain("next_run", "<", now - MISSED_AFTER)
        )

    @api.model
    def _alarm_missed(self, now, alarms):
        """Note planned runs that did not happen and whom to tell, once for each.

        :param alarms: ``{user: sentences}``, added to
        :return: the lines concerned
        """
        self._follow_clock(now)
        missed = self.search(self._get_missed_domain(now))
        missed = missed.filtered(lambda line: line.alarmed_run != line.next_run)
        for line in missed.try_lock_for_update():
            line.alarmed_run = line.next_run
            for user in self.env["ir.cron"]._get_alarm_users(line.program_id.user_id):
                spoken = line.with_context(lang=user.lang)
                alarms[user].append(
                    spoken.env._(
                        "The run of “%(program)s” planned for %(planned)s did not take place.",
                        program=spoken.program_id.name,
                        # as the hour of the line is meant
                        planned=format_datetime(
                            spoken.env, line.next_run, tz=line.company_id.recurrence_dunning_tz
                        ),
                    )
                )
        return missed

    @api.model
    def _follow_clock(self, now):
        """Plan anew what ran, or was planned from, a moment that is still to come.

        A clock that ran ahead and was put right must not keep programs waiting for that moment.
        """
        latest = now + CLOCK_SLACK
        self.search([("date_since", ">", latest)]).date_since = now
        for line in self.search([("last_run", ">", latest)]):
            # nobody knows when it really ran last: one run makes up for what the week had
            since = max(line.date_since or now, now - timedelta(weeks=1))
            line.write({"last_run": False, "date_since": since})

    def _is_still_due(self, today):
        """Whether a run of today, a day of the company, is still to come or was missed so far."""
        self.ensure_one()
        tz = pytz.timezone(self.company_id.recurrence_dunning_tz or "UTC")
        slot = self.next_run and pytz.utc.localize(self.next_run).astimezone(tz).date()
        return bool(slot and slot <= today)

    @api.model
    def _get_due(self, company, now):
        """Return the lines of a company whose planned hour has come.

        A line that was due several times meanwhile is due once: a missed hour is made up for by
        one run, not by many. In a database that may be a copy only programs that may run there
        are due; the others wait until a manager says that it was moved.

        :param now: naive UTC datetime
        """
        domain = self._get_running_domain() & Domain(
            [("company_id", "=", company.id), ("next_run", "<=", now)]
        )
        if company._is_job_copy():
            domain &= Domain("program_id.allow_copy", "=", True)
        return self.search(domain, order="next_run, id")

    def _mark_run(self, now):
        """Note that the program ran for these lines, which plans their next run.

        :param now: naive UTC datetime of the run
        """
        self.sudo().write({"last_run": now})

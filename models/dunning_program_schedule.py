from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import babel_locale_parse, format_duration
from odoo.tools.misc import get_lang

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TIMING_FIELDS = (*WEEKDAYS, "hour", "active")
# A run counts as missed this long after its hour: the job may start late or take its time.
MISSED_AFTER = timedelta(hours=2)


class DunningProgramSchedule(models.Model):
    """One line of weekdays and an hour at which a program runs."""

    _name = "dunning.program.schedule"
    _description = "Dunning Program Schedule"
    _inherit = "own.record.mixin"
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
        copy=False,
        help="Empty: all levels of the program.",
    )
    date_since = fields.Datetime(
        string="Runs Expected Since",
        readonly=True,
        copy=False,
        default=fields.Datetime.now,
        help="Planned hours before this moment are not missed: the line was made or changed then.",
    )
    last_run = fields.Datetime(readonly=True, copy=False)
    next_run = fields.Datetime(compute="_compute_next_run", store=True, index=True)
    is_missed = fields.Boolean(
        string="Missed", compute="_compute_is_missed", search="_search_is_missed"
    )

    _hour_valid = models.Constraint(
        "CHECK (hour >= 0 AND hour < 24)", "The hour must lie between 0:00 and 23:59."
    )

    @api.depends(*TIMING_FIELDS, "last_run", "date_since", "company_id.job_tz")
    def _compute_next_run(self):
        for line in self:
            since = line.date_since or fields.Datetime.now()
            after = max(since, line.last_run or since)
            line.next_run = line._get_next_slot(after) if line.active else False

    @api.depends("next_run", "program_id.active", "company_id.dunning_active")
    def _compute_is_missed(self):
        limit = fields.Datetime.now() - MISSED_AFTER
        for line in self:
            runs = line.program_id.active and line.company_id.dunning_active
            line.is_missed = bool(runs and line.next_run and line.next_run < limit)

    def _search_is_missed(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return self._get_running_domain() & Domain(
            "next_run", "<", fields.Datetime.now() - MISSED_AFTER
        )

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
                raise ValidationError(self.env._("A schedule names levels of its own program."))

    def write(self, vals):
        result = super().write(vals)
        if any(name in vals for name in TIMING_FIELDS) and "date_since" not in vals:
            now = fields.Datetime.now()
            super(DunningProgramSchedule, self.sudo()).write({"date_since": now})
        return result

    def _get_next_slot(self, after):
        """Return the first planned moment later than ``after``.

        :param after: naive UTC datetime
        :return: naive UTC datetime, or False where no weekday is chosen. An hour the clock leaves
            out when summer time begins comes one hour later.
        """
        self.ensure_one()
        tz = pytz.timezone(self.company_id.job_tz or "UTC")
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
    def _get_due(self, company, now):
        """Return the lines of a company whose planned hour has come.

        A line that was due several times meanwhile is due once: a missed hour is made up for by
        one run, not by many.

        :param now: naive UTC datetime
        """
        domain = self._get_running_domain() & Domain(
            [("company_id", "=", company.id), ("next_run", "<=", now)]
        )
        return self.search(domain, order="next_run, id")

    def _mark_run(self, now):
        """Note that the program ran for these lines, which plans their next run.

        :param now: naive UTC datetime of the run
        """
        self.sudo().write({"last_run": now})

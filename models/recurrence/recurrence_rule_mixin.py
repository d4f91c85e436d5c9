from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from odoo.addons.calendar.models.calendar_recurrence import (
    BYDAY_SELECTION,
    END_TYPE_SELECTION,
    RRULE_TYPE_SELECTION,
    WEEKDAY_SELECTION,
)

from ...tools.common.value_bounds import YEARS
from ...tools.recurrence.month_days import (
    read_days,
    read_weekdays,
    write_days,
    write_weekdays,
)
from ...tools.recurrence.rule import WEEKDAYS, RecurrenceRule, RuleError
from ...tools.recurrence.start import FOLLOWING_FIELDS, find_chosen, follow_start
from ...tools.recurrence.term import find_last_day

WEEKDAY_FIELDS = tuple(weekday.lower() for weekday in WEEKDAYS)
RULE_FIELDS = (
    "date_start",
    "rrule_type",
    "interval",
    *WEEKDAY_FIELDS,
    "month_by",
    "day",
    "more_days",
    "byday",
    "weekday",
    "more_weekdays",
    "end_type",
    "count",
    "until",
    "month_end",
    "day_shift",
)
PREVIEW_DATES = 12
# The most dates that are given at once.
MAX_DATES = 10_000


class RecurrenceRuleMixin(models.AbstractModel):
    """The columns of a rule: on which dates something repeats.

    The vocabulary is that of ``calendar.recurrence``. All dates are plain days without a time
    zone; each one is computed from the anchor ``date_start``, never from the date before it.
    """

    _name = "recurrence.rule.mixin"
    _inherit = ["recurrence.rule.sentence.mixin"]
    _description = "Recurrence Rule"

    date_start = fields.Date(
        string="Starts On",
        required=True,
        default=lambda self: self._get_rule_company()._get_job_today(),
    )
    followed_start = fields.Date(
        store=False,
        default=lambda self: self._get_rule_company()._get_job_today(),
        help="In a form, the start date from which day and weekday are derived.",
    )
    rrule_type = fields.Selection(
        RRULE_TYPE_SELECTION, string="Repeat Every", required=True, default="weekly"
    )
    interval = fields.Integer(required=True, default=1)
    mon = fields.Boolean(string="Mon")
    tue = fields.Boolean(string="Tue")
    wed = fields.Boolean(string="Wed")
    thu = fields.Boolean(string="Thu")
    fri = fields.Boolean(string="Fri")
    sat = fields.Boolean(string="Sat")
    sun = fields.Boolean(string="Sun")
    month_by = fields.Selection(
        [("date", "Day of the month"), ("day", "Weekday")],
        string="By",
        required=True,
        default="date",
    )
    day = fields.Integer(
        string="Day of the Month",
        compute="_compute_day",
        store=True,
        readonly=False,
        help="Leave empty to use the day of the start date.",
    )
    more_days = fields.Char(
        string="And On",
        help="Further days of the month, such as 15 or -1 for the last day, with commas between.",
    )
    byday = fields.Selection(
        BYDAY_SELECTION, string="Which One", compute="_compute_day", store=True, readonly=False
    )
    weekday = fields.Selection(
        WEEKDAY_SELECTION, compute="_compute_day", store=True, readonly=False
    )
    more_weekdays = fields.Char(
        string="And On the",
        help=(
            "Further weekdays of the month, such as 3MO for the third Monday or -1FR for the last "
            "Friday, with commas between."
        ),
    )
    end_type = fields.Selection(END_TYPE_SELECTION, string="Ends", required=True, default="forever")
    count = fields.Integer(
        string="Number of Times", default=12, help="Both completed and skipped dates count."
    )
    until = fields.Date(string="End Date", compute="_compute_until", store=True, readonly=False)
    duration_number = fields.Integer(
        string="For", help="The length of time from the start; it sets the end date."
    )
    duration_unit = fields.Selection(
        [("days", "Days"), ("weeks", "Weeks"), ("months", "Months"), ("years", "Years")],
        required=True,
        default="years",
    )
    month_end = fields.Selection(
        [("clamp", "Use its last day"), ("skip", "Leave that month out")],
        string="Month Too Short",
        required=True,
        default="clamp",
    )
    day_shift = fields.Selection(
        [
            ("none", "Keep the date"),
            ("previous", "Move to the previous working day"),
            ("next", "Move to the next working day"),
            ("skip", "Leave that date out"),
        ],
        string="On a Non-Working Day",
        required=True,
        default="none",
    )
    rrule = fields.Char(
        string="Rule as Text",
        compute="_compute_rrule",
        inverse="_inverse_rrule",
        help=(
            "In RFC 5545 format, such as FREQ=MONTHLY;BYDAY=1TU. Entering it sets the fields "
            "of the rule."
        ),
    )
    rule_summary = fields.Char(string="Rule", compute="_compute_rule_summary")
    rule_cycle = fields.Char(
        string="Repeats", compute="_compute_rule_summary", help="The rule in short, for lists."
    )
    rule_preview = fields.Html(string="Next Dates", compute="_compute_rule_preview", sanitize=False)

    # === COMPUTES === #

    @api.depends("date_start")
    def _compute_day(self):
        """Follow the start date where nobody chose another day."""
        for record in self.filtered("date_start"):
            followed = follow_start(
                record.date_start,
                record._origin.date_start,
                {name: record[name] for name in FOLLOWING_FIELDS},
                find_chosen(record.more_days, record.more_weekdays),
            )
            for name, value in followed.items():
                record[name] = value

    @api.depends("date_start", "duration_number", "duration_unit")
    def _compute_until(self):
        for record in self:
            if record.date_start and record.duration_number > 0:
                record.until = record._get_duration_end() or False

    @api.depends(*RULE_FIELDS)
    def _compute_rrule(self):
        for record in self:
            try:
                record.rrule = record._get_composed_rule().to_rrule()
            except RuleError:
                record.rrule = False

    def _inverse_rrule(self):
        for record in self.filtered("rrule"):
            try:
                rule = RecurrenceRule.from_rrule(
                    record.rrule,
                    record.date_start,
                    day_shift=record.day_shift,
                    month_end=record.month_end,
                )
            except RuleError as error:
                raise ValidationError(self._explain_rule_error(error, self)) from error
            record.write(record._prepare_rule_vals(rule))

    @api.depends(*RULE_FIELDS)
    @api.depends_context("lang", "tz")
    def _compute_rule_summary(self):
        """Fill the sentence; it also tells what is still wrong."""
        for record in self:
            try:
                rule = record._get_rule()
                rule.validate()
            except RuleError as error:
                record.rule_summary = self._explain_rule_error(error, self)
                record.rule_cycle = record.rule_summary
            else:
                record.rule_summary = self._describe_rule(rule)
                record.rule_cycle = self._describe_rule_cycle(rule)

    @api.depends(*RULE_FIELDS)
    @api.depends_context("lang", "tz")
    def _compute_rule_preview(self):
        """Fill the table of next dates; a rule that makes no sense yet has none."""
        for record in self:
            try:
                rule = record._get_rule()
                rule.validate()
            except RuleError:
                record.rule_preview = False
            else:
                record.rule_preview = record._render_rule_preview(rule)

    # === CONSTRAINTS AND ONCHANGES === #

    @api.constrains(*RULE_FIELDS)
    def _check_rule(self):
        for record in self:
            try:
                record._get_rule().validate()
            except RuleError as error:
                raise ValidationError(self._explain_rule_error(error, self)) from error

    @api.constrains("date_start", "duration_number", "duration_unit", "until")
    def _check_duration(self):
        for record in self:
            if record.duration_number and not (
                record.duration_number > 0 and record._get_duration_end()
            ):
                raise ValidationError(
                    self.env._(
                        "The duration must be greater than zero and end before the year %(year)s.",
                        year=YEARS.stop,
                    )
                )

    @api.onchange("date_start")
    def _onchange_date_start(self):
        """Follow the start also while the rule is composed, when nothing is saved yet."""
        if self.date_start:
            values = {name: self[name] for name in FOLLOWING_FIELDS}
            chosen = find_chosen(self.more_days, self.more_weekdays)
            self.update(follow_start(self.date_start, self.followed_start, values, chosen))
            self.followed_start = self.date_start

    @api.onchange("until")
    def _onchange_until(self):
        """An end date typed by hand is no duration any more."""
        if self.duration_number and self.date_start and self.until != self._get_duration_end():
            self.duration_number = 0

    # === PUBLIC === #

    def get_rule_dates(self, date_from=None, limit=None):
        """Return the dates the rule gives, before any shift to a working day.

        :param date_from: first date of interest (``date`` or ISO text), default the anchor
        :param limit: at most so many dates, up to 10,000; without it a rule without end gives
            720, another one at most 10,000
        :return: list of ``date``, ascending
        """
        self.check_access("read")
        self.ensure_one()
        rule = self._get_rule()
        if limit is None:
            limit = 720 if rule.end_type == "forever" else MAX_DATES
        if not isinstance(limit, int) or not 0 <= limit <= MAX_DATES:
            raise ValidationError(
                self.env._("The limit must be a whole number from 0 to %(most)s.", most=MAX_DATES)
            )
        try:
            first = fields.Date.to_date(date_from)
        except (TypeError, ValueError) as error:
            raise ValidationError(self.env._("The first date cannot be read.")) from error
        try:
            return rule.rule_dates(first, limit=limit)
        except RuleError as error:
            raise ValidationError(self._explain_rule_error(error, self)) from error

    # === BUSINESS === #

    def _get_rule(self):
        """Return the rule that gives the dates; it may still be one that makes no sense."""
        return self._get_composed_rule()

    def _get_composed_rule(self):
        """Return the columns as a plain rule, whatever else ends it."""
        self.ensure_one()
        is_monthly = self.rrule_type == "monthly"
        return RecurrenceRule(
            date_start=self.date_start,
            rrule_type=self.rrule_type,
            interval=self.interval,
            weekdays=self._get_weekdays(),
            month_by=self.month_by,
            day=self.day or None,
            more_days=read_days(self.more_days) if is_monthly else (),
            byday=self.byday,
            weekday=WEEKDAYS.index(self.weekday) if self.weekday else -1,
            more_weekdays=read_weekdays(self.more_weekdays) if is_monthly else (),
            end_type=self.end_type,
            count=self.count,
            until=self.until or None,
            month_end=self.month_end,
            day_shift=self.day_shift,
        )

    @api.model
    def _prepare_rule_vals(self, rule):
        """Return the values that make the columns say ``rule``."""
        vals = {name: getattr(rule, name) for name in RULE_FIELDS if name not in WEEKDAY_FIELDS}
        vals.update(
            {name: number in rule.weekdays for number, name in enumerate(WEEKDAY_FIELDS)},
            day=rule.day or rule.date_start.day,
            weekday=WEEKDAYS[rule.weekday],
            more_days=write_days(rule.more_days) or False,
            more_weekdays=write_weekdays(rule.more_weekdays) or False,
            count=rule.count or 0,
            until=rule.until or False,
            duration_number=0,
        )
        return vals

    def _get_weekdays(self):
        return frozenset(number for number, name in enumerate(WEEKDAY_FIELDS) if self[name])

    def _get_duration_end(self):
        """Return the last day of the duration: a year from 5 January ends on 4 January.

        :return: a ``date``, or None when the duration is longer than anybody plans
        """
        try:
            delta = relativedelta(**{self.duration_unit or "years": self.duration_number})
            end = find_last_day(self.date_start, delta)
        except (ArithmeticError, ValueError):
            return None
        return end if end.year in YEARS else None

    def _get_rule_company(self):
        """Return the company whose working days count."""
        return self.env.company

    def _get_preview_dates(self, rule, limit=PREVIEW_DATES):
        """Return the next dates of the rule, from today on, as ``RuleDate``."""
        today = self._get_rule_company()._get_job_today()
        rule_dates = rule.rule_dates(max(today, rule.date_start), limit=limit)
        if not rule_dates:
            return []
        calendar = self._get_rule_company()._recurrence_get_calendar(rule_dates[0], rule_dates[-1])
        return [rule.resolve(rule_date, calendar) for rule_date in rule_dates]

    def _get_last_date_text(self, rule):
        """Return the day the rule ends on, after its shift; empty when it has no end."""
        rule_date = rule.last_date()
        if not rule_date:
            return ""
        calendar = self._get_rule_company()._recurrence_get_calendar(rule_date, rule_date)
        return format_date(self.env, rule.resolve(rule_date, calendar).date or rule_date)

    def _get_preview_note(self):
        """Return what is to be told beside the next dates."""
        return ""

    def _render_rule_preview(self, rule):
        """Return the next dates as a small table, each flagged when it is no ordinary one."""
        return self.env["ir.qweb"]._render(
            "account_recurrence_dunning.recurrence_rule_preview",
            {
                "dates": [
                    {
                        "day": format_date(self.env, item.date or item.rule_date),
                        "weekday": self._get_weekday_name(item.date or item.rule_date),
                        "left_out": not item.date,
                        "flags": self._get_date_flags(item),
                    }
                    for item in self._get_preview_dates(rule)
                ],
                "last_date": self._get_last_date_text(rule),
                "note": self._get_preview_note(),
                "calendar_note": self._get_rule_company()._recurrence_get_calendar_note(),
            },
        )

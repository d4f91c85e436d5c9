from babel.dates import format_skeleton, get_day_names, get_month_names
from babel.lists import format_list

from odoo import api, models
from odoo.tools import LazyTranslate, babel_locale_parse, format_date

from ...tools.recurrence.rule import WEEKEND

_lt = LazyTranslate(__name__)

# Whole sentences, one per case, so that each language orders its words as it likes. The first of
# a pair is for every single period, the second for every n-th.
DAILY = (_lt("Every day."), _lt("Every %(interval)s days."))
WEEKLY = (_lt("Every week on %(days)s."), _lt("Every %(interval)s weeks on %(days)s."))
MONTHLY_DATE = (
    _lt("Every month on day %(day)s."),
    _lt("Every %(interval)s months on day %(day)s."),
)
MONTHLY_LAST = (
    _lt("Every month on the last day."),
    _lt("Every %(interval)s months on the last day of the month."),
)
MONTHLY_DATES = (
    _lt("Every month on these days: %(days)s."),
    _lt("Every %(interval)s months on these days: %(days)s."),
)
# Several weekdays of the month, each named in the same sentence.
MONTHLY_NTHS = (
    _lt("Every month on the %(days)s."),
    _lt("Every %(interval)s months on the %(days)s."),
)
NTH = {
    1: _lt("first %(weekday)s"),
    2: _lt("second %(weekday)s"),
    3: _lt("third %(weekday)s"),
    4: _lt("fourth %(weekday)s"),
    -1: _lt("last %(weekday)s"),
}
LAST = _lt("last day")
MONTHLY_NTH = {
    "1": (
        _lt("Every month on the first %(weekday)s."),
        _lt("Every %(interval)s months on the first %(weekday)s."),
    ),
    "2": (
        _lt("Every month on the second %(weekday)s."),
        _lt("Every %(interval)s months on the second %(weekday)s."),
    ),
    "3": (
        _lt("Every month on the third %(weekday)s."),
        _lt("Every %(interval)s months on the third %(weekday)s."),
    ),
    "4": (
        _lt("Every month on the fourth %(weekday)s."),
        _lt("Every %(interval)s months on the fourth %(weekday)s."),
    ),
    "-1": (
        _lt("Every month on the last %(weekday)s."),
        _lt("Every %(interval)s months on the last %(weekday)s."),
    ),
}
YEARLY_DATE = (_lt("Every year on %(date)s."), _lt("Every %(interval)s years on %(date)s."))
YEARLY_NTH = {
    "1": (
        _lt("Every year on the first %(weekday)s of %(month)s."),
        _lt("Every %(interval)s years on the first %(weekday)s of %(month)s."),
    ),
    "2": (
        _lt("Every year on the second %(weekday)s of %(month)s."),
        _lt("Every %(interval)s years on the second %(weekday)s of %(month)s."),
    ),
    "3": (
        _lt("Every year on the third %(weekday)s of %(month)s."),
        _lt("Every %(interval)s years on the third %(weekday)s of %(month)s."),
    ),
    "4": (
        _lt("Every year on the fourth %(weekday)s of %(month)s."),
        _lt("Every %(interval)s years on the fourth %(weekday)s of %(month)s."),
    ),
    "-1": (
        _lt("Every year on the last %(weekday)s of %(month)s."),
        _lt("Every %(interval)s years on the last %(weekday)s of %(month)s."),
    ),
}
ENDS = {
    "forever": _lt("From %(start)s, without an end."),
    "count": _lt("From %(start)s, %(count)s times."),
    "once": _lt("On %(start)s, once."),
    "end_date": _lt("From %(start)s to %(until)s."),
}
MONTH_ENDS = {
    "clamp": _lt("In shorter months, on the last day."),
    "skip": _lt("Shorter months are left out."),
}
DAY_SHIFTS = {
    "previous": _lt("A date that is not a working day is moved to the previous working day."),
    "next": _lt("A date that is not a working day is moved to the next working day."),
    "skip": _lt("Dates that are not working days are left out."),
}
# A refused rule, by the code of ``RuleError``.
ERRORS = {
    "date_start": _lt("The rule needs a start date."),
    "choice": _lt("%(part)s cannot be %(value)s: choose one of %(allowed)s."),
    "range": _lt("%(part)s is %(value)s: it must be a whole number from %(low)s to %(high)s."),
    "day": _lt("The day of the month is %(value)s: it must be 1 to 31, or -1 for the last day."),
    "more_days": _lt("%(value)s is not a day of the month: write 1 to 31, or -1 for the last day."),
    "more_weekdays": _lt(
        "%(value)s is not a weekday of the month: write such as 3MO for the third Monday, or -1FR "
        "for the last Friday."
    ),
    "weekdays": _lt("%(value)s is not a weekday: weekdays are 0 (Monday) to 6 (Sunday)."),
    "until_missing": _lt("A rule that ends on a date needs an end date."),
    "until_before_start": _lt("The rule ends on %(value)s, before it starts on %(start)s."),
    "freq_missing": _lt("The text has no FREQ part, so it is not a recurrence rule."),
    "syntax": _lt("%(value)s is not in the format NAME=VALUE."),
    "line": _lt(
        "The line %(part)s is not supported: only one RRULE and one DTSTART line are read."
    ),
    "repeated": _lt("%(part)s is given twice."),
    "unknown": _lt("%(part)s is not a part of a recurrence rule."),
    "unsupported": _lt("%(part)s is not supported: the rule has no field for it."),
    "combination": _lt("%(part)s cannot be combined with the other parts of a FREQ=%(freq)s rule."),
    "value": _lt("%(part)s=%(value)s cannot be read."),
    "freq": _lt("FREQ=%(value)s is not supported: choose DAILY, WEEKLY, MONTHLY or YEARLY."),
    "count_and_until": _lt("COUNT and UNTIL cannot be combined."),
    "timezone": _lt("The time zone %(value)s of DTSTART is not known."),
    "byday_several": _lt(
        "BYDAY=%(value)s is not supported: give weekdays of the month with their numbers, such as "
        "1TU,3TU."
    ),
    "byday_nth": _lt(
        "BYDAY=%(value)s is not supported: only the first to fourth or last weekday of a month."
    ),
    "byday_ordinal": _lt(
        "BYDAY=%(value)s is not supported: with FREQ=%(freq)s, weekdays cannot have a number."
    ),
    "byday_interval": _lt(
        "BYDAY without a number is supported with FREQ=%(freq)s only if INTERVAL is 1."
    ),
    "byday_bymonth": _lt("BYDAY with FREQ=YEARLY needs BYMONTH and a number, such as 1TU."),
    "bymonth": _lt(
        "BYMONTH=%(value)s is not supported: only the month of the start date, %(month)s."
    ),
    "bymonthday_from_end": _lt(
        "BYMONTHDAY=%(value)s is not supported: only -1 can be counted from the end."
    ),
    "bymonthday_bymonth": _lt("BYMONTHDAY with FREQ=YEARLY needs BYMONTH."),
    "bysetpos": _lt(
        "BYSETPOS=%(value)s is not supported: it can select one weekday of a month, or the last "
        "of the days 28 to 29, 30 or 31."
    ),
    "wkst": _lt("WKST=%(value)s would give other dates: weeks are counted from Monday."),
    "rscale": _lt("RSCALE=%(value)s is not supported: only GREGORIAN."),
    "skip": _lt("SKIP=%(value)s is not supported: only OMIT and BACKWARD."),
    "skip_rscale": _lt("SKIP needs RSCALE=GREGORIAN."),
}


class RecurrenceRuleSentenceMixin(models.AbstractModel):
    """Rules, flags of dates and refusals in the user's language."""

    _name = "recurrence.rule.sentence.mixin"
    _description = "Recurrence Rules in Words"

    @api.model
    def _describe_rule(self, rule):
        """Return a valid rule as sentences.

        :param rule: a ``RecurrenceRule``
        :return: such as "Every month on day 31. In shorter months, on the last day. From …"
        """
        sentences = [self._describe_rule_cycle(rule)]
        if rule.month_by == "date" and self._has_short_months(rule):
            sentences.append(self._translate_rule(MONTH_ENDS[rule.month_end]))
        if rule.day_shift in DAY_SHIFTS:
            sentences.append(self._translate_rule(DAY_SHIFTS[rule.day_shift]))
        sentences.append(
            self._translate_rule(
                ENDS["once" if rule.end_type == "count" and rule.count == 1 else rule.end_type],
                start=format_date(self.env, rule.date_start),
                until=format_date(self.env, rule.until) if rule.until else "",
                count=rule.count,
            )
        )
        return " ".join(sentences)

    @api.model
    def _explain_rule_error(self, error, record=None):
        """Return the sentence of a ``RuleError`` in the user's language.

        :param record: where given, columns are called by their labels
        """
        params = dict(error.params)
        if record is not None and params.get("part") in record._fields:
            names = record.fields_get([params["part"]], ["string"])
            params["part"] = names[params["part"]]["string"]
        for key, value in params.items():
            if hasattr(value, "isoformat"):
                params[key] = format_date(self.env, value)
        return self._translate_rule(ERRORS[error.code], **params)

    @api.model
    def _get_date_flags(self, item):
        """Return what is special about a date, as ``{"style": …, "text": …}``.

        :param item: a ``RuleDate``
        """
        flags = []
        if item.clamped:
            flags.append({"style": "text-bg-info", "text": self.env._("shorter month")})
        reason = self._get_free_day_reason(item)
        if not item.date:
            flags.append(
                {
                    "style": "text-bg-secondary",
                    "text": self.env._("left out: %(reason)s", reason=reason),
                }
            )
        elif item.shifted:
            flags.append(
                {
                    "style": "text-bg-warning",
                    "text": self.env._(
                        "instead of %(weekday)s %(date)s: %(reason)s",
                        weekday=self._get_weekday_name(item.rule_date),
                        date=format_date(self.env, item.rule_date),
                        reason=reason,
                    ),
                }
            )
        elif item.reason:
            flags.append({"style": "text-bg-warning", "text": reason})
        return flags

    @api.model
    def _get_free_day_reason(self, item):
        """Return why the date is no working day: the name of the holiday, or that it is weekend."""
        return self.env._("weekend") if item.reason == WEEKEND else item.reason

    @api.model
    def _get_weekday_name(self, day):
        return get_day_names("wide", locale=self._get_rule_locale())[day.weekday()]

    # === INSIDE === #

    @api.model
    def _translate_rule(self, sentence, **params):
        translate = self.env._
        text = translate(sentence)
        return text % params if params else text

    @api.model
    def _get_rule_locale(self):
        return babel_locale_parse(self.env.lang or "en_US")

    @api.model
    def _describe_rule_cycle(self, rule):
        locale = self._get_rule_locale()
        weekdays = get_day_names("wide", locale=locale)
        params = {"interval": rule.interval}
        if rule.rrule_type == "daily":
            pair = DAILY
        elif rule.rrule_type == "weekly":
            pair = WEEKLY
            days = sorted(rule.weekdays) or [rule.date_start.weekday()]
            params["days"] = format_list([weekdays[day] for day in days], locale=locale)
        elif rule.rrule_type == "monthly" and self._has_several_days(rule):
            return self._describe_several_days(rule, params)
        elif rule.month_by == "day":
            pair = (MONTHLY_NTH if rule.rrule_type == "monthly" else YEARLY_NTH)[rule.byday]
            params["weekday"] = weekdays[rule.weekday]
            params["month"] = get_month_names("wide", locale=locale)[rule.date_start.month]
        elif rule.rrule_type == "monthly":
            [params["day"]] = rule.month_days()
            pair = MONTHLY_LAST if params["day"] == -1 else MONTHLY_DATE
        else:
            pair = YEARLY_DATE
            params["date"] = format_skeleton("MMMMd", rule.date_start, locale=locale)
        return self._translate_rule(pair[rule.interval > 1], **params)

    @api.model
    def _has_several_days(self, rule):
        days = rule.month_days() if rule.month_by == "date" else rule.month_weekdays()
        return len(days) > 1

    @api.model
    def _describe_several_days(self, rule, params):
        """Return the sentence of a monthly rule with several days."""
        locale = self._get_rule_locale()
        if rule.month_by == "date":
            last = self._translate_rule(LAST)
            names = [last if day == -1 else str(day) for day in rule.month_days()]
            pair = MONTHLY_DATES
        else:
            weekdays = get_day_names("wide", locale=locale)
            names = [
                self._translate_rule(NTH[nth], weekday=weekdays[weekday])
                for nth, weekday in rule.month_weekdays()
            ]
            pair = MONTHLY_NTHS
        days = format_list(names, locale=locale)
        return self._translate_rule(pair[rule.interval > 1], days=days, **params)

    @api.model
    def _has_short_months(self, rule):
        if rule.rrule_type == "monthly":
            return max(rule.month_days()) > 28
        start = rule.date_start
        return rule.rrule_type == "yearly" and (start.month, start.day) == (2, 29)

"""Thousands of random rules against ``dateutil.rrule`` and against themselves, without a database.

Runs in Odoo's test runs and without Odoo: ``python tests/test_recurrence_properties_pure.py``.
Needs hypothesis; without it the tests are skipped.
"""

import string
import sys
import unittest
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import islice, pairwise
from pathlib import Path
from unittest.mock import MagicMock

from dateutil import rrule as dateutil_rrule
from dateutil.relativedelta import relativedelta

try:
    from odoo.tests import BaseCase

    from odoo.addons.account_recurrence_dunning.tools.recurrence import rule as recurrence_rule
except ImportError:  # without Odoo the checkout is a folder, and tools/ a package in it
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tools.recurrence import rule as recurrence_rule

    BaseCase = unittest.TestCase

try:
    from hypothesis import assume, given, settings
    from hypothesis import strategies as st
except ImportError:
    given = settings = lambda *_arguments, **_named: lambda test: test
    assume, st = None, MagicMock()

RecurrenceRule, RuleError = recurrence_rule.RecurrenceRule, recurrence_rule.RuleError
WorkingCalendar = recurrence_rule.WorkingCalendar
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# How many dates of a rule are compared: years of most, a leap day or two of the yearly ones.
COMPARED = 30

many = settings(max_examples=2000, deadline=None, database=None)
some = settings(max_examples=500, deadline=None, database=None)

# Month ends and leap days far more often than chance would bring them.
anchors = st.one_of(
    st.dates(date(1900, 1, 1), date(2100, 12, 31)),
    st.sampled_from(
        [date(2023, 1, 29), date(2024, 1, 30), date(2025, 1, 31), date(2024, 2, 29)]
        + [date(2096, 2, 29), date(2025, 2, 28), date(2024, 11, 30), date(2025, 12, 31)]
    ),
)
weekday_sets = st.frozensets(st.integers(0, 6))
rules = st.builds(
    RecurrenceRule,
    date_start=anchors,
    rrule_type=st.sampled_from(["daily", "weekly", "monthly", "yearly"]),
    interval=st.one_of(st.integers(1, 4), st.integers(1, 60)),
    weekdays=weekday_sets,
    month_by=st.sampled_from(["date", "day"]),
    day=st.one_of(st.none(), st.integers(1, 31), st.integers(28, 31), st.just(-1)),
    byday=st.sampled_from(["1", "2", "3", "4", "-1"]),
    weekday=st.integers(0, 6),
    more_days=st.one_of(
        st.just(()),
        st.lists(st.sampled_from([1, 15, 28, 29, 30, 31, -1]), max_size=3).map(tuple),
    ),
    more_weekdays=st.one_of(
        st.just(()),
        st.lists(st.tuples(st.sampled_from([1, 2, 3, 4, -1]), st.integers(0, 6)), max_size=3).map(
            tuple
        ),
    ),
    month_end=st.sampled_from(["clamp", "skip"]),
    day_shift=st.sampled_from(["none", "previous", "next", "skip"]),
)


@st.composite
def ending_rules(draw):
    """A rule with any of the three ends."""
    endless = draw(rules)
    end = draw(st.sampled_from(["forever", "count", "end_date"]))
    columns = {name: getattr(endless, name) for name in RecurrenceRule.__slots__}
    columns["end_type"] = end
    if end == "count":
        columns["count"] = draw(st.integers(1, 40))
    elif end == "end_date":
        columns["until"] = endless.date_start + timedelta(draw(st.integers(0, 5000)))
    return RecurrenceRule(**columns)


# The parts that make sense with each FREQ.
FREQ_PARTS = {
    "DAILY": ("INTERVAL", "BYDAY"),
    "WEEKLY": ("INTERVAL", "BYDAY", "WKST"),
    "MONTHLY": ("INTERVAL", "BYDAY", "BYMONTHDAY", "BYSETPOS"),
    "YEARLY": ("INTERVAL", "BYMONTH", "BYDAY", "BYMONTHDAY", "BYSETPOS"),
}


def comma_listed(values, **sizes):
    return st.lists(values, min_size=1, **sizes).map(lambda found: ",".join(map(str, found)))


weekday_lists = st.one_of(
    comma_listed(st.sampled_from(DAYS), max_size=4),
    st.sampled_from(DAYS),
    st.just(",".join(DAYS)),
)
numbered_weekdays = st.builds(
    "{}{}".format, st.sampled_from(["1", "2", "3", "4", "-1", "5", "-2"]), st.sampled_from(DAYS)
)
monthdays = st.one_of(st.integers(1, 31), st.sampled_from([-1, -2, -31])).map(str)
clamp_forms = st.sampled_from(["28,29", "28,29,30", "28,29,30,31", "30,-1", "31,-1", "29,30"])
# Part -> values of it; weights favour what a rule could keep.
PART_VALUES = {
    "INTERVAL": st.sampled_from([1, 1, 2, 3, 12]),
    "BYDAY": st.one_of(weekday_lists, numbered_weekdays, comma_listed(numbered_weekdays)),
    "BYMONTHDAY": st.one_of(monthdays, clamp_forms, comma_listed(monthdays, max_size=3)),
    "BYMONTH": st.sampled_from(["anchor", "anchor", "anchor", "2", "1,7"]),
    "BYSETPOS": st.sampled_from([1, 1, -1, -1, 2, 4, 5, 28, 29]),
    "WKST": st.sampled_from(DAYS),
    "COUNT": st.integers(1, 20),
}
freqs = st.sampled_from(["DAILY", "WEEKLY", "WEEKLY", "MONTHLY", "MONTHLY", "YEARLY", "YEARLY"])
sensible_parts = {freq: st.sets(st.sampled_from(parts)) for freq, parts in FREQ_PARTS.items()}
odd_parts = st.sampled_from([frozenset()] * 6 + [frozenset({name}) for name in PART_VALUES])


@st.composite
def rrule_texts(draw):
    """(Any mixture of parts, mostly sensible ones, and an anchor)."""
    anchor, freq = draw(anchors), draw(freqs)
    names = draw(sensible_parts[freq]) | draw(odd_parts)
    chosen = [f"{name}={draw(PART_VALUES[name])}" for name in sorted(names)]
    return ";".join([f"FREQ={freq}", *chosen]).replace("anchor", str(anchor.month)), anchor


def midnight(day):
    return datetime.combine(day, time())


def oracle(rule):
    """The same rule for dateutil: the dates of each of its days, each date once."""
    found = dateutil_rrule.rruleset()
    days = [{}]
    if rule.rrule_type == "monthly":
        days += [{"day": wanted} for wanted in rule.more_days]
        if rule.month_by == "day":
            found_weekdays = [(str(nth), weekday) for nth, weekday in rule.more_weekdays]
            days = [{}, *({"byday": nth, "weekday": weekday} for nth, weekday in found_weekdays)]
    ends = {"count": None, "end_type": "forever"} if rule.end_type == "count" else {}
    for one in days:
        found.rrule(oracle_of_one(replace(rule, **one, **ends)))
    return islice(found, rule.count) if rule.end_type == "count" else found


def oracle_of_one(rule):
    """The same rule for dateutil, written from the columns and not through any text."""
    words = {"interval": rule.interval, "dtstart": midnight(rule.date_start), "wkst": 0}
    if rule.end_type == "count":
        words["count"] = rule.count
    elif rule.end_type == "end_date":
        words["until"] = midnight(rule.until)
    if rule.rrule_type == "weekly" and rule.weekdays:
        words["byweekday"] = sorted(rule.weekdays)
    if rule.rrule_type in ("monthly", "yearly"):
        words |= oracle_month(rule)
    return dateutil_rrule.rrule(getattr(dateutil_rrule, rule.rrule_type.upper()), **words)


def oracle_month(rule):
    words = {"bymonth": rule.date_start.month} if rule.rrule_type == "yearly" else {}
    if rule.month_by == "day":
        return words | {"byweekday": dateutil_rrule.weekday(rule.weekday, int(rule.byday))}
    wanted = rule.date_start.day if rule.rrule_type == "yearly" else rule.day or rule.date_start.day
    if rule.month_end == "clamp" and wanted > 28:
        return words | {"bymonthday": range(28, wanted + 1), "bysetpos": -1}
    return words | {"bymonthday": wanted}


def first_dates(source, limit=COMPARED):
    return [found.date() for found in islice(source, limit)]


@unittest.skipUnless(assume, "hypothesis is not installed")
class TestEqualToDateutil(BaseCase):
    """What both can express, both compute alike."""

    @many
    @given(ending_rules())
    def test_same_dates(self, rule):
        self.assertEqual(rule.rule_dates(limit=COMPARED), first_dates(oracle(rule)))

    @many
    @given(ending_rules())
    def test_same_dates_through_the_text(self, rule):
        text = rule.to_rrule()
        assume("RSCALE" not in text)  # which dateutil does not read
        other = dateutil_rrule.rrulestr(text, dtstart=midnight(rule.date_start))
        self.assertEqual(rule.rule_dates(limit=COMPARED), first_dates(other))

    @many
    @given(anchors, st.integers(1, 60), st.booleans())
    def test_clamped_dates_are_the_anchor_plus_months(self, anchor, interval, yearly):
        rule_type, unit = ("yearly", "years") if yearly else ("monthly", "months")
        rule = RecurrenceRule(anchor, rule_type, interval)
        expected = [anchor + relativedelta(**{unit: interval * number}) for number in range(30)]
        self.assertEqual(rule.rule_dates(limit=30), expected)

    @many
    @given(rrule_texts())
    def test_any_text_is_read_exactly_or_refused(self, text_and_anchor):
        text, anchor = text_and_anchor
        try:
            rule = RecurrenceRule.from_rrule(text, anchor)
        except RuleError as error:
            self.assertIn(error.part, text)
            return
        other = dateutil_rrule.rrulestr(text, dtstart=midnight(anchor))
        self.assertEqual(rule.rule_dates(limit=COMPARED), first_dates(other))


@unittest.skipUnless(assume, "hypothesis is not installed")
class TestConsistent(BaseCase):
    """Every way to ask a rule gives the same answer."""

    @some
    @given(ending_rules())
    def test_text_reads_back_as_the_same_rule(self, rule):
        text = rule.to_rrule()
        again = RecurrenceRule.from_rrule(text, rule.date_start, day_shift=rule.day_shift)
        self.assertEqual(again.to_rrule(), text)
        self.assertEqual(again.dates(limit=COMPARED), rule.dates(limit=COMPARED))

    @some
    @given(st.text(string.ascii_uppercase + string.digits + "=;:,+-\n ", max_size=40), anchors)
    def test_nonsense_is_refused_with_a_sentence(self, text, anchor):
        for tested in (text, "FREQ=MONTHLY;" + text, "DTSTART:" + text):
            try:
                RecurrenceRule.from_rrule(tested, anchor)
            except RuleError as error:
                self.assertTrue(error.code and error.part and str(error))

    @some
    @given(ending_rules(), st.integers(-400, 4000))
    def test_neighbours_and_windows_agree_with_the_list(self, rule, distance):
        asked = rule.date_start + timedelta(distance)
        until = asked + timedelta(days=4000)
        listed = rule.rule_dates(date_to=until)
        self.assertEqual(rule.rule_dates(asked, until), [day for day in listed if day >= asked])
        earlier = [day for day in listed if day < asked]
        self.assertEqual(rule.previous_before(asked), earlier[-1] if earlier else None)
        later = next((day for day in listed if day > asked), None)
        found = rule.next_after(asked)
        if later or (found and found <= until):
            self.assertEqual(found, later)

    @some
    @given(ending_rules().filter(lambda rule: rule.end_type != "forever"))
    def test_last_date_is_the_last_of_the_list(self, rule):
        listed = rule.rule_dates()
        self.assertEqual(rule.last_date(), listed[-1] if listed else None)
        if listed:
            self.assertIsNone(rule.next_after(listed[-1]))
            self.assertEqual(rule.previous_before(date.max), listed[-1])

    @some
    @given(ending_rules(), st.sampled_from(["pre", "post"]))
    def test_periods_tile(self, rule, paid):
        listed = rule.rule_dates(limit=COMPARED)
        periods = [rule.period(day, paid) for day in listed]
        # the last day of a month ends a period: the next one begins on the day after
        by_date = (rule.rrule_type, rule.month_by) == ("monthly", "date")
        is_last_day = by_date and rule.month_days() == (-1,)
        late = timedelta(days=is_last_day)
        for day, (first, last) in zip(listed, periods, strict=True):
            self.assertLessEqual(first, last)
            self.assertEqual(day + late, first if paid == "pre" else last + timedelta(days=1))
        for (_first, last), (following, _last) in pairwise(periods):
            self.assertEqual(following, last + timedelta(days=1))

    @some
    @given(rules, st.frozensets(st.integers(0, 6), max_size=6), st.frozensets(st.integers(1, 366)))
    def test_shifted_dates_are_the_nearest_working_days(self, rule, weekend, numbers):
        holidays = {rule.date_start + timedelta(number): "Holiday" for number in numbers}
        calendar = WorkingCalendar(weekend, holidays)
        for found in rule.dates(calendar, limit=12):
            self.assertEqual(bool(found.reason), bool(calendar.closed(found.rule_date)))
            self.assertEqual(found.shifted, found.date not in (None, found.rule_date))
            if rule.day_shift == "none" or not found.reason:
                self.assertEqual(found.date, found.rule_date)
            elif rule.day_shift == "skip":
                self.assertIsNone(found.date)
            else:
                step = timedelta(1 if rule.day_shift == "next" else -1)
                day = found.rule_date
                while calendar.closed(day):
                    day += step
                self.assertEqual(found.date, day)


if __name__ == "__main__":
    unittest.main()

"""The RFC 5545 text of a rule, read and written, without a database.

Runs in Odoo's test runs and without Odoo: ``python tests/test_recurrence_text_pure.py``.
"""

import sys
import unittest
from datetime import date
from pathlib import Path

try:
    from odoo.tests import BaseCase

    from odoo.addons.account_recurrence_dunning.tools.recurrence import rule as recurrence_rule
except ImportError:  # without Odoo the checkout is a folder, and tools/ a package in it
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tools.recurrence import rule as recurrence_rule

    BaseCase = unittest.TestCase

RecurrenceRule, RuleError = recurrence_rule.RecurrenceRule, recurrence_rule.RuleError
MON, TUE, WED, THU, FRI = range(5)
TUESDAY = "DTSTART;TZID=America/New_York:19970902T090000\nRRULE:"
FRIDAY = "DTSTART;TZID=America/New_York:19970905T090000\nRRULE:"


def day(text):
    return date.fromisoformat(text)


def read(text, start="2025-01-15", **defaults):
    return RecurrenceRule.from_rrule(text, day(start), **defaults)


class TestExamplesOfTheRfc(BaseCase):
    """RFC 5545 section 3.8.5.3: each example as printed there, with its dates as printed there."""

    def assertExample(self, text, expected):
        """`expected` reads "1997-09 2 3 4 / 1997-10 1"; a last "..." leaves the end open."""
        dates = []
        for month in expected.removesuffix("...").split("/"):
            head, *days = month.split()
            year, number = map(int, head.split("-"))
            dates += [date(year, number, int(found)) for found in days]
        found = RecurrenceRule.from_rrule(text, None)
        is_open = expected.endswith("...")
        self.assertEqual(found.rule_dates(limit=len(dates) if is_open else None), dates)

    def test_daily(self):
        self.assertExample(TUESDAY + "FREQ=DAILY;COUNT=10", "1997-09 2 3 4 5 6 7 8 9 10 11")
        self.assertExample(
            TUESDAY + "FREQ=DAILY;INTERVAL=2",
            "1997-09 2 4 6 8 10 12 14 16 18 20 22 24 26 28 30 / 1997-10 2 4 6 ...",
        )
        self.assertExample(
            TUESDAY + "FREQ=DAILY;INTERVAL=10;COUNT=5", "1997-09 2 12 22 / 1997-10 2 12"
        )

    def test_daily_until_december_24_at_midnight_utc(self):
        # The 24th at nine in New York is later than that: the RFC's own list ends on the 23rd.
        found = RecurrenceRule.from_rrule(TUESDAY + "FREQ=DAILY;UNTIL=19971224T000000Z", None)
        self.assertEqual(found.last_date(), day("1997-12-23"))
        self.assertEqual(len(found.rule_dates()), 29 + 31 + 30 + 23)

    def test_weekly(self):
        tuesdays = "1997-09 2 9 16 23 30 / 1997-10 7 14 21 28 / 1997-11 4"
        self.assertExample(TUESDAY + "FREQ=WEEKLY;COUNT=10", tuesdays)
        self.assertExample(
            TUESDAY + "FREQ=WEEKLY;UNTIL=19971224T000000Z",
            tuesdays + " 11 18 25 / 1997-12 2 9 16 23",
        )
        self.assertExample(
            TUESDAY + "FREQ=WEEKLY;INTERVAL=2;WKST=SU",
            "1997-09 2 16 30 / 1997-10 14 28 / 1997-11 11 25 / 1997-12 9 23 / 1998-01 6 20 /"
            " 1998-02 3 17 ...",
        )

    def test_weekly_on_chosen_days(self):
        five_weeks = "1997-09 2 4 9 11 16 18 23 25 30 / 1997-10 2"
        self.assertExample(
            TUESDAY + "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH", five_weeks
        )
        self.assertExample(TUESDAY + "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", five_weeks)
        self.assertExample(
            "DTSTART;TZID=America/New_York:19970901T090000\n"
            "RRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
            "1997-09 1 3 5 15 17 19 29 / 1997-10 1 3 13 15 17 27 29 31 /"
            " 1997-11 10 12 14 24 26 28 / 1997-12 8 10 12 22",
        )
        self.assertExample(
            TUESDAY + "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
            "1997-09 2 4 16 18 30 / 1997-10 2 14 16",
        )

    def test_monthly_on_the_first_friday(self):
        self.assertExample(
            FRIDAY + "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
            "1997-09 5 / 1997-10 3 / 1997-11 7 / 1997-12 5 / 1998-01 2 / 1998-02 6 /"
            " 1998-03 6 / 1998-04 3 / 1998-05 1 / 1998-06 5",
        )
        self.assertExample(
            FRIDAY + "FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR",
            "1997-09 5 / 1997-10 3 / 1997-11 7 / 1997-12 5",
        )

    def test_monthly_on_several_days(self):
        self.assertExample(
            "DTSTART;TZID=America/New_York:19970907T090000\n"
            "RRULE:FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
            "1997-09 7 28 / 1997-11 2 30 / 1998-01 4 25 / 1998-03 1 29 / 1998-05 3 31",
        )
        self.assertExample(
            TUESDAY + "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
            "1997-09 2 15 / 1997-10 2 15 / 1997-11 2 15 / 1997-12 2 15 / 1998-01 2 15",
        )
        self.assertExample(
            "DTSTART;TZID=America/New_York:19970930T090000\n"
            "RRULE:FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
            "1997-09 30 / 1997-10 1 31 / 1997-11 1 30 / 1997-12 1 31 / 1998-01 1 31 / 1998-02 1",
        )
        self.assertExample(
            "DTSTART;TZID=America/New_York:19970910T090000\n"
            "RRULE:FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
            "1997-09 10 11 12 13 14 15 / 1999-03 10 11 12 13",
        )
        self.assertExample(
            "DTSTART;TZID=America/New_York:20070115T090000\n"
            "RRULE:FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5",
            "2007-01 15 30 / 2007-02 15 / 2007-03 15 30",
        )

    def test_the_31st_and_the_last_day_are_the_last_day(self):
        """The 31st is left out where a month lacks it, the last day is not."""
        for month_end in ("skip", "clamp"):
            rule = RecurrenceRule(
                day("2023-01-29"), "monthly", day=31, more_days=(-1,), month_end=month_end
            )
            self.assertEqual(rule.to_rrule(), "FREQ=MONTHLY;BYMONTHDAY=-1")
            expected = [day("2023-01-31"), day("2023-02-28"), day("2023-03-31")]
            self.assertEqual(rule.rule_dates(limit=3), expected)
            self.assertEqual(read(rule.to_rrule(), "2023-01-29").rule_dates(limit=3), expected)

    def test_first_day_of_the_week(self):
        head = "DTSTART;TZID=America/New_York:19970805T090000\nRRULE:"
        text = head + "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST="
        self.assertExample(text + "MO", "1997-08 5 10 19 24")
        # From Sundays on it would be 5, 17, 19, 31: no column says that.
        with self.assertRaises(RuleError) as caught:
            RecurrenceRule.from_rrule(text + "SU", None)
        self.assertEqual(caught.exception.part, "WKST")

    def test_the_others_are_refused_by_name(self):
        for part, text in (
            ("BYDAY", "FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=9;BYDAY=SU,MO,TU,WE,TH,FR,SA"),
            ("BYMONTH", "FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1"),
            ("BYDAY", "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO"),
            ("BYMONTHDAY", "FREQ=MONTHLY;BYMONTHDAY=-3"),
            ("BYDAY", "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU"),
            ("BYMONTH", "FREQ=YEARLY;COUNT=10;BYMONTH=6,7"),
            ("BYMONTH", "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3"),
            ("BYYEARDAY", "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200"),
            ("BYDAY", "FREQ=YEARLY;BYDAY=20MO"),
            ("BYWEEKNO", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO"),
            ("BYMONTH", "FREQ=YEARLY;BYMONTH=3;BYDAY=TH"),
            ("BYMONTH", "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8"),
            ("BYMONTHDAY", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13"),
            ("BYMONTHDAY", "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13"),
            ("BYMONTH", "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8"),
            ("BYDAY", "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3"),
            ("BYDAY", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2"),
            ("FREQ", "FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000Z"),
            ("FREQ", "FREQ=MINUTELY;INTERVAL=15;COUNT=6"),
            ("BYHOUR", "FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40"),
        ):
            with self.subTest(text), self.assertRaises(RuleError) as caught:
                RecurrenceRule.from_rrule(TUESDAY + text, None)
            self.assertEqual(caught.exception.part, part)

    def test_skip_of_rfc_7529(self):
        monthly = "DTSTART;VALUE=DATE:20140131\nRRULE:RSCALE=GREGORIAN;FREQ=MONTHLY;COUNT=4"
        omitted = "2014-01 31 / 2014-03 31 / 2014-05 31 / 2014-07 31"
        self.assertExample(monthly, omitted)
        self.assertExample(monthly + ";SKIP=OMIT", omitted)
        self.assertExample(
            monthly + ";SKIP=BACKWARD", "2014-01 31 / 2014-02 28 / 2014-03 31 / 2014-04 30"
        )
        yearly = "DTSTART;VALUE=DATE:20160229\nRRULE:RSCALE=GREGORIAN;FREQ=YEARLY;COUNT=2"
        self.assertExample(yearly, "2016-02 29 / 2020-02 29")
        self.assertExample(yearly + ";SKIP=BACKWARD", "2016-02 29 / 2017-02 28")


class TestWriting(BaseCase):
    """Each kind of rule and the text it has, which reads back as the same columns."""

    def assertText(self, text, start="2025-01-15", **columns):
        written = RecurrenceRule(day(start), **columns)
        self.assertEqual(written.to_rrule(), text)
        self.assertEqual(read(text, start), written)

    def test_several_days_of_the_month(self):
        self.assertText("FREQ=MONTHLY;BYMONTHDAY=1,15", day=1, more_days=(15,))
        self.assertText("FREQ=MONTHLY;BYMONTHDAY=15,-1", day=15, more_days=(-1,))
        self.assertText("FREQ=MONTHLY;BYMONTHDAY=15,31", day=15, more_days=(31,), month_end="skip")
        self.assertText(
            "RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=15,30;SKIP=BACKWARD",
            day=15,
            more_days=(30,),
        )
        self.assertText(
            "FREQ=MONTHLY;BYDAY=1MO,3MO,-1FR",
            month_by="day",
            weekday=MON,
            more_weekdays=((3, MON), (-1, FRI)),
        )
        self.assertEqual(
            read("FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1,15"),
            read("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=1,15"),
        )

    def test_daily_and_weekly(self):
        self.assertText("FREQ=DAILY;INTERVAL=3", rrule_type="daily", interval=3)
        self.assertText("FREQ=WEEKLY", rrule_type="weekly")
        days = frozenset({THU, MON})
        self.assertText("FREQ=WEEKLY;BYDAY=MO,TH", rrule_type="weekly", weekdays=days)

    def test_monthly(self):
        self.assertText("FREQ=MONTHLY")
        self.assertText("FREQ=MONTHLY;BYMONTHDAY=5", day=5)
        self.assertText("FREQ=MONTHLY;BYMONTHDAY=-1", day=-1)
        self.assertText("FREQ=MONTHLY;BYDAY=1TU", month_by="day", weekday=TUE)
        self.assertText("FREQ=MONTHLY;BYDAY=-1FR", month_by="day", byday="-1", weekday=FRI)

    def test_clamp_and_skip(self):
        for last, days in ((29, "28,29"), (30, "28,29,30"), (31, "28,29,30,31")):
            self.assertText(f"FREQ=MONTHLY;BYMONTHDAY={days};BYSETPOS=-1", day=last)
            self.assertText(f"FREQ=MONTHLY;BYMONTHDAY={last}", day=last, month_end="skip")
        self.assertText("FREQ=MONTHLY", "2025-01-31", month_end="skip")
        clamped = RecurrenceRule(day("2025-01-31")).to_rrule()
        self.assertEqual(clamped, "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1")

    def test_yearly(self):
        self.assertText("FREQ=YEARLY", rrule_type="yearly")
        self.assertText("FREQ=YEARLY", "2025-12-31", rrule_type="yearly")
        self.assertText(
            "FREQ=YEARLY;BYMONTH=1;BYDAY=4TH",
            rrule_type="yearly",
            month_by="day",
            byday="4",
            weekday=THU,
        )
        self.assertText("FREQ=YEARLY", "2024-02-29", rrule_type="yearly", month_end="skip")
        self.assertText(
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1", "2024-02-29", rrule_type="yearly"
        )

    def test_ends(self):
        self.assertText("FREQ=MONTHLY;COUNT=12", end_type="count", count=12)
        until = day("2025-12-31")
        self.assertText("FREQ=MONTHLY;UNTIL=20251231", end_type="end_date", until=until)
        early = RecurrenceRule(date(1, 1, 1), end_type="end_date", until=date(33, 4, 3))
        self.assertEqual(early.to_rrule(), "FREQ=MONTHLY;UNTIL=00330403")

    def test_senseless_rule_has_no_text(self):
        with self.assertRaises(RuleError):
            RecurrenceRule(day("2025-01-31"), interval=0).to_rrule()


class TestReading(BaseCase):
    """Texts of other programs: read exactly, or refused by name."""

    def assertSame(self, text, canonical, start="2025-01-15"):
        self.assertEqual(read(text, start), read(canonical, start))

    def test_forms_of_the_same_text(self):
        canonical = "FREQ=WEEKLY;BYDAY=MO,TU;COUNT=3"
        for text in (
            "RRULE:FREQ=WEEKLY;BYDAY=MO,TU;COUNT=3",
            "rrule:freq=weekly;byday=tu,mo;count=3",
            "  FREQ=WEEKLY;BYDAY=MO,TU;COUNT=3;\n",
            "COUNT=3;BYDAY=MO,TU,MO;FREQ=WEEKLY;INTERVAL=1;WKST=MO",
            "RRULE:FREQ=WEEKLY;BYDAY=MO,\r\n TU;COUNT=3\r\n",
            "DTSTART:20250115T000000\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU;COUNT=3",
        ):
            with self.subTest(text):
                self.assertSame(text, canonical)

    def test_dtstart_wins(self):
        for line in ("DTSTART:20240229", "dtstart;value=date:20240229", "DTSTART:20240229T080000Z"):
            with self.subTest(line):
                self.assertEqual(read(f"{line}\nFREQ=DAILY").date_start, day("2024-02-29"))

    def test_equal_rules(self):
        for text, canonical in (
            ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
            ("FREQ=MONTHLY;BYDAY=TU,TH", "FREQ=WEEKLY;BYDAY=TU,TH"),
            ("FREQ=YEARLY;BYDAY=TU", "FREQ=WEEKLY;BYDAY=TU"),
            ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=1", "FREQ=MONTHLY;BYDAY=1TU"),
            ("FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1", "FREQ=MONTHLY;BYDAY=-1FR"),
            ("FREQ=MONTHLY;BYDAY=+1TU;BYSETPOS=-1", "FREQ=MONTHLY;BYDAY=1TU"),
            ("FREQ=MONTHLY;BYDAY=SU,MO,TU,WE,TH,FR,SA;BYSETPOS=-1", "FREQ=MONTHLY;BYMONTHDAY=-1"),
            ("FREQ=MONTHLY;BYDAY=SU,MO,TU,WE,TH,FR,SA;BYSETPOS=3", "FREQ=MONTHLY;BYMONTHDAY=3"),
            ("FREQ=MONTHLY;BYMONTHDAY=31;BYSETPOS=1", "FREQ=MONTHLY;BYMONTHDAY=31"),
            (
                "FREQ=MONTHLY;BYMONTHDAY=30,-1;BYSETPOS=1",
                "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1",
            ),
            ("FREQ=YEARLY;BYMONTH=1", "FREQ=YEARLY"),
            ("FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=15", "FREQ=YEARLY"),
            ("FREQ=YEARLY;BYMONTHDAY=5", "FREQ=MONTHLY;BYMONTHDAY=5"),
            (
                "FREQ=YEARLY;INTERVAL=2;BYMONTH=1;BYMONTHDAY=-1",
                "FREQ=MONTHLY;INTERVAL=24;BYMONTHDAY=-1",
            ),
            ("FREQ=YEARLY;BYMONTH=1;BYDAY=MO;BYSETPOS=2", "FREQ=YEARLY;BYMONTH=1;BYDAY=2MO"),
            ("RSCALE=GREGORIAN;FREQ=WEEKLY", "FREQ=WEEKLY"),
        ):
            with self.subTest(text):
                self.assertSame(text, canonical)

    def test_clamp_form_wins_over_an_omission_that_never_happens(self):
        text = "RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1;SKIP=OMIT"
        self.assertEqual(read(text).month_end, "clamp")

    def test_plain_text_skips_as_the_rfc_says(self):
        self.assertEqual(read("FREQ=MONTHLY", "2025-01-31").month_end, "skip")
        self.assertEqual(read("FREQ=MONTHLY;BYMONTHDAY=30").month_end, "skip")
        self.assertEqual(read("FREQ=YEARLY", "2024-02-29").month_end, "skip")

    def test_defaults_fill_what_the_text_leaves_open(self):
        found = read("FREQ=MONTHLY;BYMONTHDAY=5", month_end="skip", day_shift="next", day=9)
        self.assertEqual((found.month_end, found.day_shift, found.day), ("skip", "next", 5))
        self.assertEqual(read("FREQ=MONTHLY", "2025-01-31", month_end="clamp").month_end, "skip")

    def test_until_with_a_time(self):
        paris = "DTSTART;TZID=Europe/Paris:20250101T090000\nRRULE:FREQ=DAILY;UNTIL="
        for text, until in (
            ("FREQ=DAILY;UNTIL=20250131T225959Z", "2025-01-31"),
            ("DTSTART:20250101T090000\nFREQ=DAILY;UNTIL=20250131T090000", "2025-01-31"),
            ("DTSTART:20250101T090000\nFREQ=DAILY;UNTIL=20250131T085959", "2025-01-30"),
            (paris + "20250131T080000Z", "2025-01-31"),
            (paris + "20250131T075959Z", "2025-01-30"),
            (paris + "20250131", "2025-01-31"),
        ):
            with self.subTest(text):
                self.assertEqual(read(text).until, day(until))

    def test_refused(self):
        for part, code, text in (
            ("FREQ", "freq_missing", ""),
            ("FREQ", "freq_missing", "DTSTART:20250101"),
            ("FREQ", "freq_missing", "INTERVAL=2"),
            ("FREQ", "freq", "FREQ=SECONDLY"),
            ("RRULE", "syntax", "=DAILY"),
            ("DAILY", "syntax", "daily"),
            ("COUNT", "syntax", "FREQ=DAILY;COUNT="),
            ("COUNT", "value", "FREQ=DAILY;COUNT=ten"),
            ("COUNT", "value", "FREQ=DAILY;COUNT=99999999999999999999"),
            ("count", "range", "FREQ=DAILY;COUNT=0"),
            ("interval", "range", "FREQ=DAILY;INTERVAL=0"),
            ("interval", "range", "FREQ=DAILY;INTERVAL=1000"),
            ("interval", "range", "FREQ=YEARLY;INTERVAL=2000000000;BYMONTH=1;BYMONTHDAY=3"),
            ("UNTIL", "count_and_until", "FREQ=DAILY;COUNT=3;UNTIL=20250131"),
            ("UNTIL", "value", "FREQ=DAILY;UNTIL=20250230"),
            ("UNTIL", "value", "FREQ=DAILY;UNTIL=2025-02-03"),
            ("UNTIL", "value", "DTSTART:20250101T090000\nFREQ=DAILY;UNTIL=00010101T000000"),
            ("until", "until_before_start", "FREQ=DAILY;UNTIL=20250114"),
            ("FREQ", "repeated", "FREQ=DAILY;FREQ=DAILY"),
            ("RRULE", "repeated", "RRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY"),
            ("EXDATE", "line", "RRULE:FREQ=DAILY\nEXDATE:20250116"),
            ("RDATE", "line", "RDATE;VALUE=DATE:20250116\nRRULE:FREQ=DAILY"),
            ("DTSTART", "value", "DTSTART:tomorrow\nRRULE:FREQ=DAILY"),
            (
                "DTSTART",
                "timezone",
                "DTSTART;TZID=Nowhere/None:20250101T090000\nFREQ=DAILY;UNTIL=20250131T000000Z",
            ),
            ("X-NAME", "unknown", "FREQ=DAILY;X-NAME=1"),
            ("BYSECOND", "unsupported", "FREQ=DAILY;BYSECOND=0"),
            ("BYEASTER", "unsupported", "FREQ=YEARLY;BYEASTER=0"),
            ("BYDAY", "value", "FREQ=WEEKLY;BYDAY=XX"),
            ("BYDAY", "value", "FREQ=MONTHLY;BYDAY=0MO"),
            ("BYDAY", "byday_ordinal", "FREQ=WEEKLY;BYDAY=1MO"),
            ("BYDAY", "byday_interval", "FREQ=DAILY;INTERVAL=2;BYDAY=MO"),
            ("BYDAY", "byday_nth", "FREQ=MONTHLY;BYDAY=5MO"),
            ("BYDAY", "byday_several", "FREQ=MONTHLY;BYDAY=1MO,5TU"),
            ("BYDAY", "byday_several", "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1"),
            ("BYMONTHDAY", "bymonthday_from_end", "FREQ=MONTHLY;BYMONTHDAY=1,-2"),
            ("BYDAY", "byday_bymonth", "FREQ=YEARLY;BYDAY=1MO"),
            ("BYDAY", "byday_nth", "FREQ=YEARLY;BYMONTH=1;BYDAY=MO"),
            ("BYDAY", "combination", "FREQ=MONTHLY;BYDAY=1FR;BYMONTHDAY=13"),
            ("BYMONTHDAY", "value", "FREQ=MONTHLY;BYMONTHDAY=32"),
            ("BYMONTHDAY", "value", "FREQ=MONTHLY;BYMONTHDAY=0"),
            ("BYMONTHDAY", "combination", "FREQ=WEEKLY;BYMONTHDAY=1"),
            ("BYMONTHDAY", "bymonthday_bymonth", "FREQ=YEARLY;INTERVAL=2;BYMONTHDAY=1"),
            ("BYMONTH", "bymonth", "FREQ=YEARLY;BYMONTH=3"),
            ("BYMONTH", "combination", "FREQ=MONTHLY;BYMONTH=1"),
            ("BYSETPOS", "bysetpos", "FREQ=MONTHLY;BYMONTHDAY=29,30;BYSETPOS=-1"),
            ("BYSETPOS", "bysetpos", "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=1"),
            ("BYSETPOS", "bysetpos", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=5"),
            ("BYSETPOS", "bysetpos", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1,2"),
            ("BYSETPOS", "bysetpos", "FREQ=MONTHLY;BYSETPOS=1"),
            ("BYSETPOS", "combination", "FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=1"),
            ("BYSETPOS", "value", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0"),
            ("WKST", "value", "FREQ=WEEKLY;WKST=1"),
            ("WKST", "wkst", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;WKST=SU"),
            ("RSCALE", "rscale", "RSCALE=HEBREW;FREQ=YEARLY"),
            ("SKIP", "skip", "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD"),
            ("SKIP", "skip_rscale", "FREQ=MONTHLY;SKIP=BACKWARD"),
        ):
            with self.subTest(text), self.assertRaises(RuleError) as caught:
                read(text)
            error = caught.exception
            self.assertEqual((error.part, error.code), (part, code))
            self.assertEqual(error.params["part"], part)

    def test_what_dateutil_would_guess_or_drop_is_refused(self):
        for part, code, text in (
            ("UNTIL", "value", "FREQ=DAILY;UNTIL=12"),
            ("UNTIL", "value", "FREQ=DAILY;UNTIL=20250131T240000"),
            ("UNTIL", "value", "FREQ=DAILY;UNTIL=20250131T090000+0100"),
            ("DTSTART", "value", "DTSTART:20250131,20250201\nFREQ=DAILY"),
            ("DTSTART", "value", "DTSTART:20250230\nFREQ=DAILY"),
            ("COUNT", "value", "FREQ=DAILY;COUNT=1_0"),
            ("BYMONTHDAY", "value", "FREQ=MONTHLY;BYMONTHDAY=0,5"),
            ("BYMONTHDAY", "value", "FREQ=MONTHLY;BYMONTHDAY=\u0663"),
            ("BYDAY", "value", "FREQ=MONTHLY;BYDAY=TH(+1)"),
            ("BYDAY", "byday_ordinal", "FREQ=DAILY;BYDAY=2TU"),
            ("BYWEEKDAY", "unknown", "FREQ=WEEKLY;BYWEEKDAY=MO"),
        ):
            with self.subTest(text), self.assertRaises(RuleError) as caught:
                read(text)
            self.assertEqual((caught.exception.part, caught.exception.code), (part, code))
        zoned = "dtstart;tzid=Europe/Paris;value=date-time:20250101T090000\nFREQ=DAILY;UNTIL="
        self.assertEqual(read(zoned + "20250131T075959Z").until, day("2025-01-30"))

    def test_no_start_at_all(self):
        with self.assertRaises(RuleError) as caught:
            RecurrenceRule.from_rrule("FREQ=DAILY", None)
        self.assertEqual(caught.exception.code, "date_start")


if __name__ == "__main__":
    unittest.main()

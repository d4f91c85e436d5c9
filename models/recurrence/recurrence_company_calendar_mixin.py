from collections import ChainMap
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import pytz

from odoo import models

from ...tools.recurrence.rule import WorkingCalendar

try:
    import holidays as holidays_library
except ImportError:
    # an extra: without it weekends and Odoo's own company leaves count
    holidays_library = None

WEEKEND_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# A leave makes a day free when it covers these hours: half a day off is still a working day.
FREE_FROM, FREE_TO = time(10), time(16)
# How far a shift may look for a working day, in days.
MARGIN = 366


class PublicHolidays(Mapping):
    """Day → name; a year is looked up when one of its days is asked for."""

    def __init__(self, find):
        """:param find: called with a year, gives the mapping of that year"""
        self._find = find
        self._years = {}

    def _get_year(self, year):
        if year not in self._years:
            self._years[year] = self._find(year)
        return self._years[year]

    def __getitem__(self, day):
        return self._get_year(day.year)[day]

    def __iter__(self):
        return iter([day for days in self._years.values() for day in days])

    def __len__(self):
        return sum(map(len, self._years.values()))


class RecurrenceCompanyCalendarMixin(models.AbstractModel):
    """Which days a company does not work: weekend, public holidays, company leaves."""

    _name = "recurrence.company.calendar.mixin"
    _description = "Working Days of Recurrences"

    def _recurrence_get_calendar(self, first, last):
        """Return the working days of a company.

        :param first: first day (``date``) of interest
        :param last: last day of interest
        :return: a ``WorkingCalendar`` that is complete from a year before to a year after
        """
        first = date.fromordinal(max(first.toordinal() - MARGIN, 1))
        last = date.fromordinal(min(last.toordinal() + MARGIN, date.max.toordinal()))
        leaves = self._recurrence_get_leaves(first, last)
        holidays = PublicHolidays(lambda year: self._recurrence_get_public_holidays(year))
        return WorkingCalendar(self._get_weekend_days(), ChainMap(leaves, holidays))

    def _recurrence_get_leaves(self, first, last):
        """Return day → name of the leaves that hold for the whole company."""
        leaves = (
            self.env["resource.calendar.leaves"]
            .sudo()
            .search_fetch(
                [
                    ("resource_id", "=", False),
                    ("time_type", "=", "leave"),
                    ("company_id", "in", (self.id, False)),
                    ("calendar_id", "in", (self.resource_calendar_id.id, False)),
                    ("date_from", "<=", datetime.combine(last, time.max)),
                    ("date_to", ">=", datetime.combine(first, time.min)),
                ],
                ["name", "date_from", "date_to"],
            )
        )
        tz = pytz.timezone(self.resource_calendar_id.tz or self.recurrence_dunning_tz or "UTC")
        result = {}
        for leave in leaves:
            start = pytz.utc.localize(leave.date_from).astimezone(tz).replace(tzinfo=None)
            stop = pytz.utc.localize(leave.date_to).astimezone(tz).replace(tzinfo=None)
            day = max(start.date(), first)
            while day <= min(stop.date(), last):
                if (
                    start
                    <= datetime.combine(day, FREE_FROM)
                    < datetime.combine(day, FREE_TO)
                    <= stop
                ):
                    result[day] = leave.name or self.env._("Company day off")
                day += timedelta(days=1)
        return result

    def _recurrence_get_public_holidays(self, year):
        """Return day → name of the public holidays of the company's country and state."""
        if not (self.recurrence_public_holidays and self._recurrence_knows_holidays()):
            return {}
        return _public_holidays(
            self.country_id.code,
            self.state_id.code or "",
            self.env.lang or "en_US",
            year,
        )

    def _recurrence_knows_holidays(self):
        """Whether the optional library is there and knows the company's country."""
        return bool(
            holidays_library and self.country_id.code in holidays_library.list_supported_countries()
        )

    def _recurrence_get_calendar_note(self):
        """Return the sentence that says which days count as free."""
        if not self.recurrence_public_holidays:
            return self.env._("Weekends and the company's days off count as non-working days.")
        if not self.country_id:
            return self.env._(
                "Only weekends and the company's days off count as non-working days: "
                "%(company)s has no country, so its public holidays are not known.",
                company=self.name,
            )
        if self._recurrence_knows_holidays():
            return self.env._(
                "Weekends, public holidays of %(country)s and the company's days off count as "
                "non-working days.",
                country=self.state_id.name or self.country_id.name,
            )
        if not holidays_library:
            return self.env._(
                "Only weekends and the company's days off count as non-working days: the Python "
                "library holidays is not installed on the server."
            )
        return self.env._(
            "Only weekends and the company's days off count as non-working days: the public "
            "holidays of %(country)s are not known.",
            country=self.country_id.name,
        )

    def _get_weekend_days(self):
        """Return the numbers (0 is Monday) of the weekdays on which this company does not work."""
        self.ensure_one()
        names = (self.recurrence_weekend or "").split(",")
        return frozenset(WEEKEND_DAYS.index(name) for name in names if name in WEEKEND_DAYS)


@lru_cache(maxsize=512)
def _public_holidays(country, state, lang, year):
    """Return day → name for one year; state and language only where the library knows them.

    :param state: the code Odoo has, such as ``DE-BY`` or ``CA``
    """
    state = state.removeprefix(f"{country}-")
    states = holidays_library.list_supported_countries()[country]
    languages = holidays_library.list_localized_countries().get(country, ())
    language = next((code for code in (lang, lang[:2], "en_US") if code in languages), None)
    return dict(
        holidays_library.country_holidays(
            country, subdiv=state if state in states else None, years=year, language=language
        )
    )

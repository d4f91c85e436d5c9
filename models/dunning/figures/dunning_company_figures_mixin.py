from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_amount, format_date, formatLang
from odoo.tools.gc import disabling_gc

from ....tools.dunning.credit import exact
from ....tools.dunning.figures import (
    SALES_DAYS,
    WEEKS,
    age_items,
    get_count_back_dso,
    get_overdue_share,
    get_simple_dso,
    get_week,
    rank_debtors,
    sum_by_month,
)
from ....tools.dunning.message_state import UNDELIVERED
from ...common.access_groups import DUNNING_USERS
from .dunning_figure_text import AGES, DEFINITIONS, RESTS, SERIES, TITLES


class DunningCompanyFiguresMixin(models.AbstractModel):
    """The picture of a company's receivables on a day, as the overview shows it (K9).

    Amounts are handed over as texts in the reader's language; those of charts as numbers too.
    """

    _name = "dunning.company.figures.mixin"
    _description = "Overview of a Company's Receivables"

    def get_dunning_figures(self, as_of=None):
        """Return the picture of the receivables.

        :param as_of: the day, as a date or an ISO text; None: today
        :return: a dict of what the overview shows, see ``dunning_dashboard.js``
        :raise UserError: the day is to come
        """
        self.ensure_one()
        day = self._dunning_check_figures(as_of)
        company = self.sudo().with_company(self)
        with disabling_gc():  # a hundred thousand items, none of them garbage yet
            figures = company._dunning_tell_figures(day)
        companies = [(found.id, found.display_name) for found in self.env.companies]
        start = self._dunning_tell_start()
        return {**figures, "companies": companies, "start": start}

    def _dunning_tell_figures(self, day):
        items = self._dunning_read_open(day, self._dunning_read_disputed(day))
        by_currency, total = age_items(items, day)
        sales = self._dunning_read_sales(day)
        return {
            "day": day.isoformat(),
            "day_text": format_date(self.env, day),
            "today": self._get_job_today().isoformat(),
            "company": self.display_name,
            "currency": self.currency_id.name,
            "is_active": self.dunning_active,
            "is_empty": not items and not sales,
            "titles": self._dunning_translate(TITLES),
            "definitions": self._dunning_translate(DEFINITIONS),
            "head": self._dunning_tell_head(day, total, sales),
            "ages": self._dunning_tell_ages(by_currency, total),
            "cash": self._dunning_tell_cash(self._dunning_expect_cash(items, day), day),
            "debtors": self._dunning_tell_debtors(rank_debtors(items, day)),
            "levels": self._dunning_tell_levels(self._dunning_measure_levels(day)),
            "disputes": self._dunning_tell_disputes(day),
            "days": self._dunning_tell_strip(day),
            "trials": self._dunning_tell_trials(day),
        }

    def _dunning_check_figures(self, as_of):
        """Refuse who may not see the figures, and a day to come; return the day."""
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group(DUNNING_USERS):
            raise AccessError(self.env._("Only dunning users may see the overview."))
        today = self._get_job_today()
        try:
            day = fields.Date.to_date(as_of) or today
        except ValueError as error:
            raise UserError(self.env._("%(text)s is not a date.", text=as_of)) from error
        if day > today:
            raise UserError(self.env._("The overview is of today or of an earlier day."))
        return day

    def _dunning_translate(self, texts):
        return dict(zip(texts, map(self.env._, texts.values()), strict=True))

    def _dunning_tell_amount(self, amount, currency=None):
        return format_amount(self.env, float(amount), currency or self.currency_id)

    def _dunning_tell_share(self, share):
        """Return a share in percent as a text; none: a dash."""
        if share is None:
            return "–"
        return self.env._("%(share)s %%", share=formatLang(self.env, share, digits=1))

    # === HEAD === #

    def _dunning_tell_head(self, day, total, sales):
        """Return the key figures: name, value, and a line below it."""
        undelivered = self.env["dunning.reminder"].search_count(
            self._dunning_get_undelivered_domain()
        )
        since = day - timedelta(days=SALES_DAYS)
        recent = sum(amount for sold_on, amount in sales.items() if sold_on > since)
        counted = get_count_back_dso(total.balance, sum_by_month(sales, day))
        values = {
            "receivables": (
                self._dunning_tell_amount(total.balance),
                self.env._("as of %(day)s", day=format_date(self.env, day)),
            ),
            "overdue": (
                self._dunning_tell_amount(sum(total.ages[1:])),
                self.env._(
                    "%(share)s of open items",
                    share=self._dunning_tell_share(get_overdue_share(total.ages)),
                ),
            ),
            "dso": (
                self._dunning_tell_days(get_simple_dso(total.balance, exact(recent))),
                self._dunning_tell_sales(recent),
            ),
            "count_back": (
                self._dunning_tell_counted(counted),
                self.env._("of the latest sales, still unpaid"),
            ),
            "collected": self._dunning_tell_collected(day),
            "undelivered": (str(undelivered), self.env._("reminders and statements, as of now")),
        }
        return [
            {"name": name, "value": value, "text": text} for name, (value, text) in values.items()
        ]

    def _dunning_tell_collected(self, day):
        """Return what was collected after a reminder, and its share of all payments."""
        collected, reminded, _line_ids = self._dunning_read_collected(day)
        return (
            self._dunning_tell_amount(reminded),
            self.env._(
                "%(share)s of payments since %(day)s",
                share=self._dunning_tell_share(100 * reminded / collected if collected else None),
                day=format_date(self.env, day.replace(day=1)),
            ),
        )

    def _dunning_tell_sales(self, amount):
        return self.env._("sales of 90 days: %(amount)s", amount=self._dunning_tell_amount(amount))

    def _dunning_tell_days(self, days):
        if days is None:
            return "–"
        return self.env._("%(number)s days", number=formatLang(self.env, days, digits=1))

    def _dunning_tell_counted(self, counted):
        if counted.is_whole:
            return self._dunning_tell_days(counted.days)
        return self.env._("over %(days)s", days=self._dunning_tell_days(counted.days))

    def _dunning_get_undelivered_domain(self):
        return [
            ("company_id", "=", self.id),
            ("state", "in", UNDELIVERED),
            ("is_test", "=", False),
        ]

    # === TABLES AND CHARTS === #

    def _dunning_tell_ages(self, by_currency, total):
        """Return what is open by age: a row for each currency, and the total as numbers too."""
        currencies = self.env["res.currency"].browse(by_currency)
        rows = [
            self._dunning_tell_ageing(by_currency[currency.id], currency)
            for currency in currencies.sorted(lambda found: (found != self.currency_id, found.name))
        ]
        return {
            "labels": [
                {"name": name, "label": label}
                for name, label in self._dunning_translate(AGES).items()
            ],
            "credits": self.env._("Credits"),
            "rows": rows,
            "total": self._dunning_tell_ageing(total, self.currency_id),
            "values": [float(amount) for amount in total.ages],
        }

    def _dunning_tell_ageing(self, ageing, currency):
        amounts = [*ageing.ages, ageing.credits, ageing.balance]
        *ages, credits, balance = (
            self._dunning_tell_amount(amount, currency) if amount else "" for amount in amounts
        )
        return {
            "currency": currency.name,
            "currency_id": currency.id,
            "ages": ages,
            "credits": credits,
            "balance": balance or self._dunning_tell_amount(0.0, currency),
        }

    def _dunning_tell_cash(self, expected, day):
        """Return what is expected by week, a series for each reason; and what is in no week."""
        weeks = [get_week(day) + timedelta(weeks=number) for number in range(WEEKS)]
        series = []
        for name, label in self._dunning_translate(SERIES).items():
            by_week = getattr(expected, name)
            values = [float(by_week.get(week, 0)) for week in weeks]
            series.append(
                {
                    "name": name,
                    "label": label,
                    "values": values,
                    "texts": [
                        self._dunning_tell_amount(value) if value else "" for value in values
                    ],
                    "total": self._dunning_tell_amount(sum(by_week.values())),
                }
            )
        return {
            "weeks": [week.isoformat() for week in weeks],
            "labels": [format_date(self.env, week, date_format="d MMM") for week in weeks],
            "series": series,
            "totals": [
                self._dunning_tell_amount(sum(values))
                for values in zip(*(one["values"] for one in series), strict=True)
            ],
            "rests": [
                {
                    "name": name,
                    "label": label,
                    "value": self._dunning_tell_amount(getattr(expected, name)),
                }
                for name, label in self._dunning_translate(RESTS).items()
                if getattr(expected, name)
            ],
        }

    def _dunning_tell_debtors(self, debtors):
        names = {
            partner.id: partner.display_name
            for partner in self.env["res.partner"].browse([one.partner_id for one in debtors])
        }
        most = max((one.overdue for one in debtors), default=0)
        return [
            {
                "id": one.partner_id,
                "name": names[one.partner_id],
                "overdue": self._dunning_tell_amount(one.overdue),
                "opened": self._dunning_tell_amount(one.opened),
                "days": one.days_late,
                "share": round(float(100 * one.overdue / most)),
            }
            for one in debtors
        ]

    def _dunning_tell_levels(self, effects):
        """Return what levels achieved, in the order of programs and their ladders."""
        levels = self.env["dunning.level"].browse(effects)
        levels = levels.sorted(
            lambda level: (level.program_id.name, level.program_id.id, level.days)
        )
        first = levels.grouped("program_id") if len(levels.program_id) > 1 else {}
        first = {found[0] for found in first.values()}
        return [
            {
                "id": level.id,
                "name": level.display_name,
                # a heading, where there are several programs
                "program": level.program_id.name if level in first else "",
                "count": effects[level.id].count,
                "amount": self._dunning_tell_amount(effects[level.id].amount),
                "soon_count": effects[level.id].soon_count,
                "soon_amount": self._dunning_tell_amount(effects[level.id].soon_amount),
                "soon_share": self._dunning_tell_share(effects[level.id].soon_share),
                "share": round(effects[level.id].soon_share, 1),
                "days": self._dunning_tell_days(effects[level.id].median_days),
            }
            for level in levels
        ]

    def _dunning_tell_disputes(self, day):
        groups = self.env["dunning.dispute"]._read_group(
            self._dunning_get_dispute_domain(day),
            ["reason"],
            ["__count", "amount_company:sum"],
            order="amount_company:sum desc",
        )
        reasons = dict(self.env["dunning.dispute"]._get_reasons())
        most = max((amount for _reason, _count, amount in groups), default=0)
        return [
            {
                "reason": reason,
                "label": reasons.get(reason, reason),
                "count": count,
                "amount": self._dunning_tell_amount(amount),
                "share": round(100 * amount / most) if most else 0,
            }
            for reason, count, amount in groups
        ]

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ....tools.dunning.ageing import LIMITS
from ....tools.dunning.figures import SALES_DAYS, get_week
from .dunning_figure_text import AGES, TITLES

MODULE = "account_recurrence_dunning"
ITEMS = "account.move.line"


class DunningCompanyFigureListMixin(models.AbstractModel):
    """The list behind each figure of the overview (K9).

    Each is made when somebody asks for it, with the rights of who asks.
    """

    _name = "dunning.company.figure.list.mixin"
    _description = "Lists behind Figures"

    def _dunning_get_figure_lists(self):
        """Return what opens the list of each figure: ``{name: method(day, key)}``.

        A method returns model, domain and title; the key is what of the figure was clicked.
        """
        return {
            "receivables": self._dunning_list_receivables,
            "overdue": self._dunning_list_overdue,
            "dso": self._dunning_list_sales,
            "count_back": self._dunning_list_receivables,
            "collected": self._dunning_list_collected,
            "undelivered": self._dunning_list_undelivered,
            "ages": self._dunning_list_age,
            "credits": self._dunning_list_credits,
            "promised": self._dunning_list_promised,
            "usual": self._dunning_list_usual,
            "planned": self._dunning_list_planned,
            "overstayed": self._dunning_list_overstayed,
            "disputed": self._dunning_list_disputes,
            "debtors": self._dunning_list_debtor,
            "levels": self._dunning_list_level,
            "disputes": self._dunning_list_disputes,
            "trials": self._dunning_list_trial,
            "days": self._dunning_list_day,
            "day_runs": self._dunning_list_day_runs,
            "day_messages": self._dunning_list_day_messages,
            "day_invoices": self._dunning_list_day_invoices,
        }

    def action_dunning_figure(self, name="receivables", as_of=None, key=None):
        """Open the list behind a figure.

        :param name: of the figure
        :param as_of: the day the overview shows, as a date or an ISO text; None: today
        :param key: what of it: an age, a currency, the Monday of a week, a customer, a level or a
            reason
        """
        self.ensure_one()
        self.check_access("read")
        day = self._dunning_check_figures(as_of)
        lists = self._dunning_get_figure_lists()
        if name not in lists:
            raise UserError(self.env._("There is no list behind “%(figure)s”.", figure=name))
        model, domain, title = lists[name](day, key)
        # what is open of an item is known as of today only
        is_past = model == ITEMS and day < self._get_job_today()
        if is_past:
            title = self._dunning_get_day_title(day, title)
        views = [(self._dunning_get_figure_view(name, model, is_past), "list"), (False, "form")]
        # the ordinary one of journal items has a panel of accounts
        search = model == ITEMS and self.env.ref("account.view_account_move_line_filter").id
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": model,
            "views": views,
            "search_view_id": [search, "search"],
            "domain": list(Domain(domain)),
            "context": {"create": False, "active_test": False},
        }

    def _dunning_get_figure_view(self, name, model, is_past):
        """Return the id of the list view of a figure, where it is not the ordinary one."""
        view = False
        if model == ITEMS:
            view = f"account_move_line_view_list_due{'_past' if is_past else ''}"
        elif name == "undelivered":
            # with what can be done about it
            view = "dunning_reminder_view_list_undelivered"
        return view and self.env.ref(f"{MODULE}.{view}").id

    def _dunning_get_title(self, name):
        return self._dunning_translate(TITLES)[name]

    # === OPEN ITEMS === #

    def _dunning_list_receivables(self, day, key):
        """Open items and credits, of one currency where its id is the key."""
        domain = self._dunning_get_open_domain(day)
        if key:
            domain &= Domain("currency_id", "=", int(key))
        return ITEMS, domain, self._dunning_get_title("receivables")

    def _dunning_get_item_domain(self, day):
        return self._dunning_get_open_domain(day) & Domain("balance", ">", 0)

    def _dunning_list_overdue(self, day, key):
        domain = self._dunning_get_item_domain(day) & self._dunning_get_due_domain(None, day)
        return ITEMS, domain, self._dunning_get_title("overdue")

    def _dunning_list_credits(self, day, key):
        domain = self._dunning_get_open_domain(day) & Domain("balance", "<", 0)
        if key:
            domain &= Domain("currency_id", "=", int(key))
        return ITEMS, domain, self.env._("Credits")

    def _dunning_list_age(self, day, key):
        """Open items of an age; with the id of a currency after it ("age_30,2"), in this one."""
        name, _comma, currency = str(key).partition(",")
        place = self._dunning_pick(list(AGES), name)
        domain = self._dunning_get_item_domain(day)
        until = place and day - timedelta(days=LIMITS[place - 1])
        first = place < len(LIMITS) and day - timedelta(days=LIMITS[place])
        domain &= self._dunning_get_due_domain(first, until)
        if currency:
            domain &= Domain("currency_id", "=", int(currency))
        return ITEMS, domain, self._dunning_translate(AGES)[name]

    def _dunning_get_due_domain(self, first, until):
        """Return the domain of what was due within days; what has no due date was at once.

        :param first: the first day; None: no matter how early
        :param until: the day after the last one; None: no matter how late
        """
        within = []
        for name in ("date_maturity", "date"):
            bounds = [Domain(name, ">=", first)] if first else []
            within.append(Domain.AND([*bounds, *([Domain(name, "<", until)] if until else [])]))
        return within[0] & Domain("date_maturity", "!=", False) | (
            within[1] & Domain("date_maturity", "=", False)
        )

    def _dunning_pick(self, keys, key):
        """Return the place of a key; a made-up one is refused."""
        if key not in keys:
            raise UserError(self.env._("There is no list behind “%(figure)s”.", figure=key))
        return keys.index(key)

    def _dunning_list_debtor(self, day, key):
        """The overdue items of a customer; without one, of all."""
        model, domain, title = self._dunning_list_overdue(day, None)
        if key:
            partner = self.env["res.partner"].browse(int(key))
            domain &= Domain("partner_id.commercial_partner_id", "=", partner.id)
            title = partner.display_name
        return model, domain, title

    def _dunning_list_sales(self, day, key):
        domain = self._dunning_get_sales_domain(day - timedelta(days=SALES_DAYS - 1), day)
        return "account.move", domain, self.env._("Sales of 90 days")

    def _dunning_list_collected(self, day, key):
        _collected, _reminded, line_ids = self.sudo()._dunning_read_collected(day)
        return ITEMS, [("id", "in", line_ids)], self._dunning_get_title("collected")

    def _dunning_list_undelivered(self, day, key):
        domain = self._dunning_get_undelivered_domain()
        return "dunning.reminder", domain, self._dunning_get_title("undelivered")

    # === CASH === #

    def _dunning_read_week(self, key):
        """Return the first day of a week and that of the next one; no key: no days."""
        monday = get_week(fields.Date.to_date(key)) if key else None
        return monday, monday and monday + relativedelta(weeks=1)

    def _dunning_list_promised(self, day, key):
        domain = self._dunning_get_promise_domain(day)
        monday, following = self._dunning_read_week(key)
        if monday:
            domain &= Domain([("date", ">=", monday), ("date", "<", following)])
        return "dunning.promise", domain, self.env._("Promised")

    def _dunning_list_usual(self, day, key):
        """Open items expected in a week, or in all of them."""
        monday, _following = self._dunning_read_week(key)
        ids = self._dunning_get_expected_ids(day, "usual", monday)
        return ITEMS, [("id", "in", ids)], self.env._("As usual")

    def _dunning_list_overstayed(self, day, key):
        ids = self._dunning_get_expected_ids(day, "overstayed")
        return ITEMS, [("id", "in", ids)], self.env._("Later than usual")

    def _dunning_get_expected_ids(self, day, kind, monday=None):
        """Return the ids of the open items that a figure of expected cash adds up.

        Of an item that is promised or disputed in part the figure counts the rest.

        :param kind: ``usual`` or ``overstayed``
        :param monday: of a week; None: all weeks
        """
        company = self.sudo().with_company(self)
        items = company._dunning_read_open(day, company._dunning_read_disputed(day))
        found = company._dunning_expect_cash(items, day).item_ids
        return [
            item_id
            for (name, week), ids in found.items()
            if name == kind and monday in (None, week)
            for item_id in ids
        ]

    def _dunning_list_planned(self, day, key):
        """Whatever plans invoices says which list."""
        raise UserError(self.env._("There is no list behind “%(figure)s”.", figure=key))

    # === PEOPLE === #

    def _dunning_list_disputes(self, day, key):
        domain = self._dunning_get_dispute_domain(day)
        if key:
            domain &= Domain("reason", "=", key)
        return "dunning.dispute", domain, self._dunning_get_title("disputes")

    def _dunning_list_level(self, day, key):
        domain = Domain(self._dunning_get_effect_domain(day))
        if key:
            domain &= Domain("level_id", "=", int(key))
        return "dunning.level.effect", domain, self._dunning_get_title("levels")

    def _dunning_list_trial(self, day, key):
        """The customers drawn for a control group; no key: for all of the company."""
        domain = Domain([("company_id", "=", self.id), ("date", "<=", day)])
        if key:
            domain &= Domain("trial_id", "=", int(key))
        return "dunning.trial.member", domain, self._dunning_get_title("trials")

    # === DAY BY DAY === #

    def _dunning_list_day(self, day, key):
        """What a day produced: its messages, else its invoices, else its runs; no key: all days."""
        if not key:
            return "dunning.day", [("company_id", "=", self.id)], self._dunning_get_title("days")
        day = self._dunning_check_figures(key)
        row = self.env["dunning.day"].search([("company_id", "=", self.id), ("date", "=", day)])
        produced = self.sudo()._dunning_count_produced([day])[day]
        for kind in ("messages", "invoices"):
            if row[f"expected_{kind}"] or produced[kind]:
                return self._dunning_get_figure_lists()[f"day_{kind}"](day, None)
        return self._dunning_list_day_runs(day, None)

    def _dunning_list_day_runs(self, day, key):
        return "dunning.run", self._dunning_get_run_domain([day]), self._dunning_get_day_title(day)

    def _dunning_list_day_messages(self, day, key):
        domain = self._dunning_get_made_domain([day])
        return "dunning.reminder", domain, self._dunning_get_day_title(day)

    def _dunning_list_day_invoices(self, day, key):
        """Whatever plans invoices says which list."""
        raise UserError(self.env._("There is no list behind “%(figure)s”.", figure=key))

    def _dunning_get_day_title(self, day, title=None):
        return self.env._(
            "%(title)s: %(day)s",
            title=title or self._dunning_get_title("days"),
            day=format_date(self.env, day),
        )

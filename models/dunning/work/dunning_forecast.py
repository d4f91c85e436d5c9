from datetime import timedelta
from time import monotonic

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ....tools.dunning.course import Course, days_between

MODULE = "account_recurrence_dunning"
MOST_DAYS = 92
FURTHEST = timedelta(days=366)
DEFAULT_DAYS = 30
# A request looks ahead for so many seconds, then says how far it came.
STRETCH = 4.0
SETTINGS = {
    "date_from",
    "date_until",
    "assumption",
    "program_ids",
    "program_id",
    "other_program_id",
    "with_invoices",
}


class DunningForecast(models.TransientModel):
    """What would go out day by day, and what recurring invoices would be issued (K11).

    Nothing is written but the forecast itself: the engine decides on each day of the range, and
    what it decided to send stands as sent on the days that follow.
    """

    _name = "dunning.forecast"
    _description = "Forecast"
    _inherit = ["recurrence.dunning.own.record.mixin", "dunning.forecast.day.mixin"]
    _dialog_about = ("company_id", "date_from", "date_until")
    _transient_max_hours = 24.0

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        string="From", required=True, default=lambda self: self.env.company._get_job_today()
    )
    date_until = fields.Date(
        string="Until",
        required=True,
        default=lambda self: self.env.company._get_job_today() + timedelta(days=DEFAULT_DAYS - 1),
    )
    assumption = fields.Selection(
        [("nobody", "Nobody pays"), ("usual", "Customers pay as late as usual")],
        string="Assume That",
        required=True,
        default="nobody",
        help=(
            "Usual is the average of what a customer paid in the last twelve months; for a "
            "customer who paid nothing yet, the average of all. What is later than usual already "
            "counts as not paid."
        ),
    )
    program_ids = fields.Many2many(
        "dunning.program",
        string="Programs",
        domain="[('company_id', '=', company_id)]",
        context={"active_test": False},
        help="Leave empty for all programs of the company.",
    )
    program_id = fields.Many2one(
        "dunning.program",
        string="Compare Program",
        domain="[('company_id', '=', company_id)]",
        ondelete="cascade",
        help="Its customers are looked at twice: as they are, and as if they followed another one.",
    )
    other_program_id = fields.Many2one(
        "dunning.program",
        string="With",
        domain="[('company_id', '=', company_id), ('id', '!=', program_id)]",
        ondelete="cascade",
    )
    with_invoices = fields.Boolean(string="Recurring Invoices", default=True)
    date_done = fields.Date(string="Looked Ahead Until", readonly=True, system=True)
    courses = fields.Json(readonly=True, system=True)
    line_ids = fields.One2many("dunning.forecast.line", "forecast_id", readonly=True)
    day_ids = fields.One2many("dunning.forecast.day", "forecast_id", readonly=True)

    def _compute_display_name(self):
        self.display_name = self.env._("Forecast")

    @api.constrains("date_from", "date_until", "company_id")
    def _check_range(self):
        for forecast in self:
            if forecast.date_from < forecast.company_id._get_job_today():
                raise ValidationError(self.env._("A forecast begins today at the earliest."))
            if forecast.date_until < forecast.date_from:
                raise ValidationError(self.env._("The last day lies before the first."))
            if (forecast.date_until - forecast.date_from).days >= MOST_DAYS:
                raise ValidationError(self.env._("A forecast covers three months at most."))
            if forecast.date_until > forecast.company_id._get_job_today() + FURTHEST:
                raise ValidationError(self.env._("A forecast looks a year ahead at most."))

    @api.constrains("program_ids", "program_id", "other_program_id", "company_id")
    def _check_programs(self):
        for forecast in self:
            pair = forecast.program_id | forecast.other_program_id
            if (pair | forecast.program_ids).company_id - forecast.company_id:
                raise ValidationError(self.env._("Choose programs of the company."))
            if forecast.program_id and len(pair) < 2:
                raise ValidationError(self.env._("Choose two programs to compare."))

    def write(self, vals):
        """Other settings: what was found does not answer them."""
        result = super().write(vals)
        if not SETTINGS.isdisjoint(vals):
            self._restart()
        return result

    def action_continue(self):
        """Look ahead for some seconds, from where it stopped; the screen asks until all is done.

        Asked once more after that, it begins anew.

        :return: dict of ``done`` (bool), ``share`` (0 to 1) and ``day`` (ISO date reached)
        """
        self._check_dialog()
        self.ensure_one()
        started = monotonic()
        if not self.date_done or self.date_done >= self.date_until:
            self._start()
        # what leaves before the first day shown is a step of each ladder too
        today = self.company_id._get_job_today()
        first = self.date_done + timedelta(days=1) if self.date_done else today
        for day in days_between(first, self.date_until):
            self._look_at(day)
            if monotonic() - started > STRETCH:
                break
        is_done = self.date_done >= self.date_until
        if is_done:
            self._finish()
        days = (self.date_until - today).days + 1
        share = ((self.date_done - today).days + 1) / days
        return {"done": is_done, "share": share, "day": self.date_done.isoformat()}

    def action_open_days(self):
        """Open what was found, day by day."""
        return self._open_result("dunning_forecast_day_action")

    def action_open_lines(self):
        """Open each message and each invoice that was found."""
        return self._open_result("dunning_forecast_line_action")

    def _check_found(self):
        """Refuse to show the result of a forecast that did not come to its end."""
        self._check_dialog()
        self.ensure_one()
        if not self.date_done or self.date_done < self.date_until:
            raise UserError(self.env._("Look ahead first."))

    def _open_result(self, name):
        self._check_found()
        action = self.env["ir.actions.act_window"]._for_xml_id(f"{MODULE}.{name}")
        action["domain"] = [("forecast_id", "=", self.id)]
        action["context"] = {"dunning_level_program": True}
        if self._get_compared():
            action["context"] |= {"search_default_by_program": 1, "search_default_by_level": 2}
            listed = self.env.ref(f"{MODULE}.{name.replace('_action', '_view_list_compare')}")
            action["views"] = [
                (listed.id if kind == "list" else view_id, kind)
                for view_id, kind in action["views"]
            ]
        return action

    def _restart(self):
        own = self.sudo()
        own.line_ids.unlink()
        own.day_ids.unlink()
        own.write({"date_done": False, "courses": False})

    def _get_compared(self):
        """Return the program a comparison is with; left over without the first one, it is none."""
        return self.program_id and self.other_program_id

    def _get_variants(self):
        """Return what is looked at: ``{code: {program id: id of the one in its place}}``."""
        variants = {"now": {}}
        if self._get_compared():
            variants["other"] = {self.program_id.id: self.other_program_id.id}
        return variants

    def _start(self):
        """Begin with what is on its way: it leaves on the first day."""
        self._restart()
        self.check_access("read")
        self.company_id.check_access("read")
        course = self._get_first_course()
        self.sudo().courses = {code: course.dump() for code in self._get_variants()}

    def _look_at(self, day):
        """Find what goes out on a day, in each variant."""
        courses = dict(self.sudo().courses)
        values = []
        for code, instead in self._get_variants().items():
            course = Course.load(courses[code])
            found = self._foresee_day(day, course, instead, code)
            values += found if day >= self.date_from else []
            courses[code] = course.dump()
        self.env["dunning.forecast.line"].sudo().create(values)
        self.sudo().write({"date_done": day, "courses": courses})

    def _finish(self):
        """Add the recurring invoices, and sum up by day."""
        own = self.sudo()
        if self.with_invoices and not self._get_compared():
            own.env["dunning.forecast.line"].create(self._foresee_invoices())
        own.courses = False
        own.env["dunning.forecast.day"]._sum_up(own)

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ....tools.dunning.day import ALARM, GOOD, LESS, Count, judge

KINDS = ("runs", "messages", "invoices")


class DunningDay(models.Model):
    """What was expected of a day of a company, and what it produced (K10).

    The daily job notes what it expects of the next day, and closes the days that are over.
    """

    _name = "dunning.day"
    _inherit = "recurrence.dunning.own.record.mixin"
    _is_engine_made = True
    _description = "Expected and Produced on a Day"
    _order = "date desc, id desc"
    _rec_name = "date"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    date = fields.Date(required=True, readonly=True)
    expected_runs = fields.Integer(
        string="Runs Expected", readonly=True, help="By the run times of the programs."
    )
    done_runs = fields.Integer(string="Runs Done", readonly=True, help="Done, or left to check.")
    expected_messages = fields.Integer(
        string="Messages Expected",
        readonly=True,
        help="Of automatic programs, without those that cannot be delivered, if nobody pays.",
    )
    done_messages = fields.Integer(
        string="Messages Sent", readonly=True, help="Also those that somebody stopped."
    )
    expected_invoices = fields.Integer(
        string="Invoices Expected",
        readonly=True,
        help="Recurring invoices that nobody has to confirm.",
    )
    done_invoices = fields.Integer(
        string="Invoices Issued", readonly=True, help="On that day or before, also as drafts."
    )
    # Of a day that is not over, what there is by now; the job notes the rest when it is.
    made_runs = fields.Integer(string="Runs by Now", compute="_compute_made")
    made_messages = fields.Integer(
        string="Messages by Now",
        compute="_compute_made",
        help="Also those that somebody stopped. Of today: by now.",
    )
    made_invoices = fields.Integer(
        string="Invoices by Now",
        compute="_compute_made",
        help="On that day or before, also as drafts. Of today: by now.",
    )
    state = fields.Selection(
        [
            ("open", "Not over"),
            (GOOD, "As expected"),
            (LESS, "Less than expected"),
            (ALARM, "Far less than expected"),
        ],
        string="Status",
        required=True,
        readonly=True,
        default="open",
    )

    _company_once = models.UniqueIndex(
        "(company_id, date)", "What is expected of a day is noted once."
    )

    @api.depends("state", "date", *(f"done_{kind}" for kind in KINDS))
    def _compute_made(self):
        for day in self:
            day.update({f"made_{kind}": day[f"done_{kind}"] for kind in KINDS})
        for company, days in (
            self.filtered(lambda day: day.state == "open").grouped("company_id").items()
        ):
            today = company._get_job_today()
            begun = days.filtered(lambda day, today=today: day.date <= today)
            produced = begun and company.sudo()._dunning_count_produced(begun.mapped("date"))
            for day in begun:
                day.update({f"made_{kind}": produced[day.date][kind] for kind in KINDS})

    @api.model
    def formatted_read_group(self, domain, groupby=(), aggregates=(), *args, **kwargs):
        """Of what was produced, only days that are over add up: the others would count as none."""
        if any(name.startswith("done_") for name in aggregates):
            domain = Domain(domain) & Domain("state", "!=", "open")
        return super().formatted_read_group(domain, groupby, aggregates, *args, **kwargs)

    # === THE DAILY JOB === #

    @api.model
    def _follow(self, company, today):
        """Close the days of a company that are over, and note what is expected of the next one.

        :param date today: the company's day
        """
        own = self.sudo().with_company(company)
        over = [("company_id", "=", company.id), ("state", "=", "open"), ("date", "<", today)]
        own.search(over)._close()
        days = (today, today + timedelta(days=1))
        known = own.search([("company_id", "=", company.id), ("date", "in", days)])
        by_date = known.grouped("date")
        for day, expected in company._dunning_expect_days(days).items():
            values = {f"expected_{kind}": count for kind, count in expected.items()}
            if day not in by_date:
                own.create({"company_id": company.id, "date": day, **values})
            elif day > today:
                by_date[day].write(values)

    def _close(self):
        """Note what these days of one company produced; tell who answers for it what is missing."""
        if not self:
            return
        company = self.company_id
        produced = company._dunning_count_produced(self.mapped("date"))
        for day in self:
            done = produced[day.date]
            day.write({f"done_{kind}": done[kind] for kind in KINDS})
            day.state = judge(*day._get_counts())
        alarms = self.filtered(lambda day: day.state == ALARM)
        for user in company._dunning_get_day_users(alarms):
            alarms.with_context(lang=user.lang)._tell(user)

    def _get_counts(self):
        """Return what was expected and what there was of runs, messages and invoices."""
        self.ensure_one()
        return [Count(self[f"expected_{kind}"], self[f"done_{kind}"]) for kind in KINDS]

    def _tell(self, user):
        """Tell a user, in the language of the environment, of days that produced too little."""
        sentences = [
            self.env._(
                "%(company)s, %(day)s. %(counts)s",
                company=day.company_id.name,
                day=day.display_name,
                counts=day.company_id._dunning_tell_counts(*day._get_counts()),
            )
            for day in self.sorted("date")
        ]
        self.env["ir.cron"]._tell_user(
            user,
            sentences,
            title=self.env._("Far less was sent or issued than expected"),
            outlook=self.env._(
                "Look at the runs, at what was not delivered and at the dates of recurring "
                "invoices, or ask an administrator whether the scheduled jobs run."
            ),
        )

    @api.depends("date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for day in self:
            day.display_name = format_date(self.env, day.date)

    # === WHAT IT MADE === #

    def action_open_runs(self):
        """Open the runs of this day."""
        return self._open_made("runs")

    def action_open_messages(self):
        """Open the reminders that runs made on this day."""
        return self._open_made("messages")

    def action_open_invoices(self):
        """Open the recurring invoices of this day."""
        return self._open_made("invoices")

    def _open_made(self, kind):
        self.check_access("read")
        self.ensure_one()
        if self.date > self.company_id._get_job_today():
            raise UserError(
                self.env._("%(day)s is still to come.", day=format_date(self.env, self.date))
            )
        return self.company_id.action_dunning_figure(f"day_{kind}", self.date, None)

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from .recurrence_saved_filter_mixin import JOB_SECONDS, SCREEN_SECONDS
from .recurrence_schedule_filter_mixin import MAX_ACTIVITIES
from .recurrence_schedule_planning_mixin import ENGINE_CONTEXT


class RecurrenceScheduleBacklogMixin(models.AbstractModel):
    """What becomes of missed dates, and the bound on how much is done at once without asking.

    Nothing of it is stored: what waits for a person follows from the dates that are due, the way
    of catching up and the bound of the company, whichever of them changes.
    """

    _name = "recurrence.schedule.backlog.mixin"
    _inherit = ["recurrence.dunning.system.field.mixin"]
    _description = "Backlog of a Recurrence"

    catch_up = fields.Selection(
        [("all", "Do all of them"), ("last", "Only the last one"), ("skip", "Skip them")],
        string="Missed Dates",
        required=True,
        default="all",
    )
    catch_up_confirmed = fields.Boolean(
        copy=False,
        readonly=True,
        help="Somebody has confirmed more than the safety limit allows.",
    )
    backlog_count = fields.Integer(
        compute="_compute_backlog_count",
        help=(
            "The number of missed invoices or activities on hold until somebody confirms all "
            "of them."
        ),
    )
    backlog_activity_id = fields.Many2one(
        "mail.activity",
        string="Question About the Backlog",
        system=True,
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
    missed_message = fields.Char(compute="_compute_missed_message")

    # === COMPUTES === #

    @api.depends(
        "state",
        "target",
        "catch_up",
        "catch_up_confirmed",
        "filter_mode",
        "filter_id",
        "lead_days",
        "invoice_mode",
        "company_id.recurrence_invoice_limit",
        "company_id.recurrence_activity_limit",
        "occurrence_ids.state",
        "occurrence_ids.date",
    )
    def _compute_backlog_count(self):
        held = {}
        for company, schedules in self._origin.sudo().grouped("company_id").items():
            held.update(schedules._get_backlogs(company._get_job_today(), SCREEN_SECONDS))
        counts = {schedule.id: count for schedule, (count, _dates) in held.items()}
        for schedule in self:
            schedule.backlog_count = counts.get(schedule._origin.id, 0)

    @api.depends("backlog_count", "run_date", "rule_stale")
    def _compute_missed_message(self):
        """Say what the next run will do with dates that nobody looked at, as after an outage."""
        missed = {}
        running = self.filtered(lambda s: s.state == "running" and not s.backlog_count)
        for company, schedules in running.grouped("company_id").items():
            as_of = company._get_job_today()
            occurrences = self.env["recurrence.occurrence"]
            domain = [
                *schedules._get_within_rule_domain(as_of),
                ("schedule_id", "in", schedules.ids),
                ("state", "=", "planned"),
                ("is_wanted", "=", False),
                ("is_moved", "=", False),
            ]
            rows = occurrences._read_group(
                [*domain, ("date", "<", as_of)], ["schedule_id"], ["__count", "date:min"]
            )
            busy = occurrences.search([*domain, ("date", "=", as_of)]).schedule_id if rows else ()
            for schedule, count, first in rows:
                missed[schedule.id] = count, format_date(self.env, first), schedule in busy
        for schedule in self:
            found = missed.get(schedule._origin.id)
            schedule.missed_message = found and schedule._get_missed_message(*found)

    def _get_missed_message(self, count, first, is_busy):
        """Return what the next run does with missed dates, as a sentence.

        :param is_busy: whether there is one of today to do, which stands for the last one
        """
        params = {"count": count, "first": first}
        if self.catch_up == "skip" or (self.catch_up == "last" and is_busy):
            return self.env._(
                "Missed since %(first)s: %(count)s. The next run skips them.", **params
            )
        if self.catch_up == "last":
            return self.env._(
                "Missed since %(first)s: %(count)s. The next run processes the last one and "
                "skips the others.",
                **params,
            )
        return self.env._(
            "Missed since %(first)s: %(count)s. The next run processes all of them.", **params
        )

    # === WHAT IS DUE === #

    def _get_due(self, as_of):
        """Return the planned occurrences whose day, minus the days ahead, has come.

        Where the rule was changed and nobody regenerated, those outside of it wait.
        """
        leads = self.grouped(lambda s: s._get_lead())
        domain = Domain.OR(
            Domain("schedule_id", "in", schedules.ids)
            & Domain("date", "<=", as_of + timedelta(days=lead))
            for lead, schedules in leads.items()
        )
        return self.env["recurrence.occurrence"].search(
            Domain("state", "=", "planned") & domain & self._get_within_rule_domain(as_of),
            order="date, rule_date, id",
        )

    def _get_missed(self, due, as_of):
        """Return which of the due dates catching up leaves out.

        What a person planned again, added or moved is done whatever became of the others.
        """
        missed = due.browse()
        unwanted = due.filtered(
            lambda o: o.schedule_id.catch_up != "all" and not (o.is_wanted or o.is_moved)
        )
        for schedule, occurrences in unwanted.grouped("schedule_id").items():
            earlier = occurrences.filtered(lambda o: o.date < as_of)
            if schedule.catch_up == "last" and as_of not in occurrences.mapped("date"):
                earlier = earlier[:-1]
            missed |= earlier
        return missed

    def _get_backlogs(self, as_of, seconds=JOB_SECONDS):
        """Return what is more at once than the bound of the company allows and waits for a person.

        :param as_of: the company's today, a ``date``
        :param seconds: how long counting what a filter finds may take
        :return: dict of schedule → (number of invoices or activities, the occurrences)
        """
        asking = self.filtered(
            lambda s: s.state in ("running", "finished") and not s.catch_up_confirmed
        )
        if not asking:
            return {}
        due = asking._get_due(as_of)
        due -= asking._get_missed(due, as_of)
        result = {}
        for schedule, occurrences in due.grouped("schedule_id").items():
            count = schedule._count_work(occurrences, seconds)
            if count > schedule._get_work_limit():
                result[schedule] = count, occurrences
        return result

    def _get_work_limit(self):
        if self.target == "invoice":
            return self.company_id.recurrence_invoice_limit
        return self.company_id.recurrence_activity_limit

    def _count_work(self, occurrences, seconds):
        """Return how many invoices or activities dates of this schedule become.

        One date alone is nothing to catch up with, however many activities it has.
        """
        count = len(occurrences)
        each = self.target == "interaction" and self.subject == "filter"
        if count > 1 and each and self.filter_mode == "each":
            found = self._count_matching(self._get_responsible(), seconds)
            count *= min(max(found, 1), MAX_ACTIVITIES)
        return count if len(occurrences) > 1 or self.target == "invoice" else 0

    # === STEPS OF A DAY === #

    def _catch_up_missed(self, as_of):
        """Leave out missed dates where the schedule says so."""
        lenient = self.filtered(lambda s: s.catch_up != "all")
        missed = lenient._get_missed(lenient._get_due(as_of), as_of) if lenient else None
        if missed:
            missed.with_context(**ENGINE_CONTEXT).write(
                {"state": "skipped", "skip_reason": self.env._("Missed")}
            )

    def _hold_backlog(self, as_of):
        """Ask where more is due than the safety bound allows; withdraw questions that are answered.

        :return: the occurrences that wait for a person
        """
        held = self.env["recurrence.occurrence"]
        backlogs = self._get_backlogs(as_of)
        for schedule, (count, occurrences) in backlogs.items():
            held |= occurrences
            schedule._ask_about_backlog(count)
        answered = self.filtered(lambda s: s not in backlogs)
        answered._withdraw_question("backlog_activity_id")
        answered._refresh_error()
        return held

    def _withdraw_question(self, name):
        """Take back a question that is answered.

        :param name: the field that holds the activity which asks it
        """
        asked = self.sudo().filtered(name)
        if asked:
            asked[name].filtered("active").unlink()
            asked.write({name: False})

    def _ask_about_backlog(self, count):
        spoken = self.with_context(lang=self._get_responsible().lang)
        message = spoken._get_backlog_message(count)
        if self.error != message:
            self._keep_error(message, fields.Datetime.now())
        if not self.backlog_activity_id:
            self.backlog_activity_id = self._ask_responsible(
                lambda spoken: (
                    spoken.env._("Many invoices due")
                    if spoken.target == "invoice"
                    else spoken.env._("Many activities due")
                ),
                lambda spoken: spoken._get_backlog_message(count),
            )

    def _get_backlog_message(self, count):
        if self.target == "invoice":
            return self.env._(
                "Invoices due at the same time: %(count)s, more than the limit of %(limit)s. "
                "Nothing is issued until you confirm.",
                count=count,
                limit=self._get_work_limit(),
            )
        return self.env._(
            "Activities due at the same time: %(count)s, more than the limit of %(limit)s. None "
            "is created until you confirm.",
            count=count,
            limit=self._get_work_limit(),
        )

    # === ACTIONS === #

    def action_confirm_backlog(self):
        """Agree to more at once than the safety bound of the company allows."""
        self.check_access("write")
        self.sudo().write({"catch_up_confirmed": True, "run_date": False})
        self._withdraw_question("backlog_activity_id")
        self._refresh_error()
        self._wake_up()
        return True

    def _ask_responsible(self, summary, message):
        """Give the responsible one activity on the schedule with a question, and return it.

        :param summary: called with the schedule in the language of the responsible; so is message
        """
        return self.with_context(mail_activity_quick_update=True).activity_schedule(
            "mail.mail_activity_data_warning",
            date_deadline=fields.Date.context_today(self),
            summary=summary,
            note=message,
            user_id=self._get_responsible().id,
        )

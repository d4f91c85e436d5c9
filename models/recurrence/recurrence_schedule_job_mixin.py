import logging

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import split_every

from .recurrence_occurrence_invoice_mixin import OPEN_STATES, get_retry_domain
from .recurrence_schedule_planning_mixin import ENGINE_CONTEXT

_logger = logging.getLogger(__name__)

# schedules that the job has something to do for; a finished one may have dates to issue
JOB_STATES = ("running", "paused", "finished")


class RecurrenceScheduleJobMixin(models.AbstractModel):
    """What the job does with schedules each day; every step takes the day as ``as_of``."""

    _name = "recurrence.schedule.job.mixin"
    _description = "Daily Work of a Recurrence"

    hold_text = fields.Char(string="On Hold", compute="_compute_hold_text")
    job_problem = fields.Text(compute="_compute_hold_text")

    # === COMPUTES === #

    @api.depends("state", "company_id.dunning_home")
    def _compute_hold_text(self):
        self.hold_text = self.job_problem = False
        started = self.filtered(lambda s: s.company_id and s.state in ("running", "paused"))
        for company, schedules in started.grouped("company_id").items():
            schedules.hold_text = company._is_job_copy() and self.env._("On hold: a copy?")
            schedules.job_problem = company._get_recurrence_job_problem()

    # === ENTRY POINTS === #

    @api.model
    def _cron_run_due(self, batch_size=100):
        """Run every company's schedules as of its own today; committed batch by batch.

        In a database that may be a copy nothing is planned, offered or issued (rule 16).
        """
        self.env["ir.cron"]._watch_jobs()
        commit = self.env["ir.cron"]._commit_progress
        work = []
        for (company,) in self._read_group([("state", "in", JOB_STATES)], ["company_id"]):
            company._keep_home()
            if company._is_job_copy():
                continue
            as_of = company._get_job_today()
            ids = self.search(self._get_run_domain(company, as_of), order="id").ids
            work.append((company, as_of, ids))
        if not commit(remaining=sum(len(ids) for _company, _as_of, ids in work)):
            return
        for company, as_of, ids in work:
            if not self._run_backlog(company, as_of, ids, batch_size):
                return
            self.with_company(company)._propose_clauses(company, as_of)
            commit(0)
        self.env["recurrence.price.rise"]._apply_waiting()

    @api.model
    def _run_backlog(self, company, as_of, ids, batch_size=100, schedules=None):
        """Run schedules batch by batch, then issue what is due; each batch is committed.

        :param company: res.company
        :param as_of: the company's today, a ``date``
        :param ids: of the schedules of the company that were not run on that day
        :param schedules: issue only the dates of these; None: all of the company
        :return: whether all was looked at; False where the time of the job is up
        """
        commit = self.env["ir.cron"]._commit_progress
        for batch in split_every(batch_size, ids, list):
            self._run_batch(company.id, batch, as_of)
            if not commit(len(batch)):
                return False
        issuing = self.env["recurrence.issuing"]
        issuing._issue_due(company, as_of, commit=True, schedules=schedules)
        return True

    def _run_due(self, as_of):
        """Do the work of one day for these schedules of one company, unattended invoices too.

        Resumes, extends, catches up, makes activities, offers deleted ones again, finishes.
        Repeating it on the same day changes nothing.

        :param as_of: the company's today, a ``date``
        """
        self._process_due(as_of)
        issuing = self.env["recurrence.issuing"]
        for company, schedules in self.grouped("company_id").items():
            issuing._issue_due(company, as_of, schedules=schedules)

    # === THE JOB === #

    @api.model
    def _get_run_domain(self, company, as_of):
        failed = [
            ("target", "!=", "invoice"),
            ("state", "=", "failed"),
            *get_retry_domain(fields.Datetime.now()),
        ]
        return (
            Domain("company_id", "=", company.id)
            & (
                Domain("state", "in", ("running", "paused"))
                # what is left to do of one that has ended, planned again by a person
                | Domain("state", "=", "finished") & Domain("next_date", "!=", False)
            )
            & (
                Domain("run_date", "=", False)
                | Domain("run_date", "<", as_of)
                # noted while the clock was wrong: as if it had not run
                | Domain("run_date", ">", as_of)
                | Domain("occurrence_ids", "any", failed)
            )
        )

    @api.model
    def _run_batch(self, company_id, ids, as_of):
        """Run a batch; when it fails, run one by one so that one bad schedule stops nobody."""
        company = self.env["res.company"].browse(company_id)
        domain = self._get_run_domain(company, as_of)
        try:
            schedules = self.with_company(company).browse(ids)
            schedules.try_lock_for_update(allow_referencing=True).filtered_domain(
                domain
            )._process_due(as_of)
            self.env.flush_all()
        except OperationalError:
            # another worker changed one of them meanwhile: the next run sees what is left
            self.env.cr.rollback()
        except Exception as error:
            self.env.cr.rollback()
            if len(ids) > 1:
                for schedule_id in ids:
                    self._run_batch(company_id, [schedule_id], as_of)
                    self.env["ir.cron"]._commit_progress()
                return
            if not isinstance(error, UserError):
                _logger.exception("The schedule %s failed as of %s", ids, as_of)
            schedule = self.with_company(company).browse(ids)
            schedule._keep_error(str(error), fields.Datetime.now())
            schedule.write({"run_date": as_of})

    def _process_due(self, as_of):
        """Do all that is due on a day, except issuing unattended invoices."""
        schedules = self.sudo().with_context(**ENGINE_CONTEXT)
        schedules.filtered(
            lambda s: s.state == "paused" and s.resume_date and s.resume_date <= as_of
        )._resume(as_of)
        running = schedules.filtered(lambda s: s.state == "running")
        following = running.filtered(lambda s: not s.rule_stale)
        for company_schedules in following.grouped("company_id").values():
            company_schedules._generate(as_of)
        working = schedules.filtered(lambda s: s.state in ("running", "finished"))
        working._ask_about_rule()
        working._catch_up_missed(as_of)
        working._start_due(as_of)
        working._withdraw_unreadable()
        running._warn_about_orders(as_of)
        schedules.filtered(lambda s: s.state in ("running", "paused"))._follow_agreements(as_of)
        working._offer_again(as_of)
        following._finish_ended(as_of)
        schedules.filtered(lambda s: s.run_date != as_of).write({"run_date": as_of})

    # === STEPS OF A DAY === #

    def _is_attended(self):
        """Whether a person does the work, so that an activity is needed."""
        self.ensure_one()
        is_invoice = self.target == "invoice"
        return self._get_issue_mode().is_asked if is_invoice else self.target == "interaction"

    def _get_lead(self):
        """Return how many days ahead there is something to do: an activity or a draft."""
        self.ensure_one()
        is_draft = self.target == "invoice" and not self._get_issue_mode().is_posted
        return self.lead_days if self._is_attended() or is_draft else 0

    def _start_due(self, as_of):
        """Make due dates to do: an activity for a person, or ready for unattended issuing."""
        held = self._hold_backlog(as_of)
        (self._get_due(as_of) - held)._run_dates(as_of)
        # agreed once, for what was due then
        self.filtered("catch_up_confirmed").write({"catch_up_confirmed": False})

    def _offer_again(self, as_of):
        """Offer what was deleted without being done, and what failed and may be tried again."""
        occurrences = self.env["recurrence.occurrence"].search(
            Domain("schedule_id", "in", self.ids)
            & (
                Domain("state", "=", "todo")
                & (Domain("offered_date", "<", as_of) | Domain("offered_date", ">", as_of))
                & (Domain("move_id", "=", False) | Domain("move_id.state", "=", "cancel"))
                & Domain("recurrence_activity_ids", "not any", [("active", "=", True)])
                | Domain("state", "=", "failed")
                & Domain("target", "!=", "invoice")
                & get_retry_domain(fields.Datetime.now())
            )
        )
        occurrences._follow_activities()
        # unattended invoices are tried again by who issues them
        attended = occurrences.schedule_id._filter_attended()
        entered = occurrences._filter_entered()
        again = occurrences.filtered(
            lambda o: (
                o.state in OPEN_STATES
                and (o.target != "invoice" or o.schedule_id in attended or o in entered)
            )
        )
        again._run_dates(as_of)

    def _finish_ended(self, as_of):
        """Finish schedules whose rule has ended and that have nothing left to do."""
        ended = self.filtered(
            lambda s: (
                (s.end_type != "forever" or s.agreement_end)
                and not s.next_date
                and not (s.agreement_end and s.agreement_end >= as_of)
                and (not s.last_date or s.last_date <= (s.generated_until or as_of))
            )
        )
        ended.write({"state": "finished"})
        ended._withdraw_order_warning()

    # === ERRORS === #

    def _keep_error(self, message, now):
        """Show an error on the schedules.

        :param now: naive UTC ``datetime``
        """
        self.sudo().with_context(**ENGINE_CONTEXT).write({"error": message, "error_date": now})

    def _refresh_error(self):
        """Forget the error of schedules that have no open date with an error any more."""
        for schedule in self.sudo().filtered("error"):
            failed = schedule.occurrence_ids.filtered(lambda o: o.state in OPEN_STATES and o.error)
            vals = {"error": failed[-1:].error or False}
            if not failed:
                vals["error_date"] = False
            schedule.with_context(**ENGINE_CONTEXT).write(vals)

    def _reset_run_date(self):
        """Let the next run of the job look at these again, also on the same day."""
        self.sudo().with_context(**ENGINE_CONTEXT).write({"run_date": False})
        self._wake_up()

    def _move_activities(self):
        """Give open activities, and meetings to come, to the responsible there is now."""
        now = fields.Datetime.now()
        for schedule in self.sudo():
            user = schedule._get_responsible()
            activities = schedule.occurrence_ids.recurrence_activity_ids.filtered("active")
            asked = schedule.order_activity_id | schedule.renewal_activity_id
            asked.filtered("active").user_id = user
            for former, found in activities.grouped("user_id").items():
                if former == user:
                    continue
                events = found.calendar_event_id.filtered(lambda event: event.start > now)
                found.write({"user_id": user.id})
                # who is asked to come for another reason still comes
                asked = schedule.meeting_partner_ids | schedule.partner_id
                gone = former.partner_id - asked
                events.write(
                    {
                        "user_id": user.id,
                        "partner_ids": [
                            *(Command.unlink(partner.id) for partner in gone),
                            Command.link(user.partner_id.id),
                        ],
                    }
                )

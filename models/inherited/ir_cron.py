import logging
from collections import defaultdict
from datetime import timedelta

from markupsafe import Markup

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import format_datetime
from odoo.tools.translate import LazyTranslate

from odoo.addons.base.models.ir_cron import _intervalTypes

from ..common.activity_type import find_activity_type

_logger = logging.getLogger(__name__)
_lt = LazyTranslate(__name__)

MODULE = "account_recurrence_dunning"
# The names they are made with, for one that was deleted.
RECURRENCE_JOBS = {"recurrence_cron_run_due": _lt("Recurrences: process due dates")}
DUNNING_JOBS = {
    "ir_cron_dunning_run": _lt("Dunning: run scheduled programs"),
    "ir_cron_dunning_outbox": _lt("Dunning: send queued reminders"),
    "ir_cron_dunning_statements": _lt("Dunning: send statements on schedule"),
    "ir_cron_dunning_refresh": _lt("Dunning: refresh levels and dates of open invoices"),
    "ir_cron_dunning_cases": _lt("Dunning: refresh the worklist after changes"),
}
# What was told of jobs that are not there any more: they cannot note it themselves.
DELETED = f"{MODULE}.deleted_jobs"
# A job may start late or take its time; after that it did not run.
LATE = timedelta(hours=2)


class IrCron(models.Model):
    """The addon's jobs watch each other: one that stands still is told of by those that run."""

    _inherit = "ir.cron"

    job_alarm_date = fields.Datetime(
        string="Alarm Raised",
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="When users were alerted that this job is not running. Empty if it is running.",
        prefetch="recurrence_dunning",
    )

    # === STATE === #

    @api.model
    def _wake(self, xml_id, at=None):
        """Let a job run soon, or at a moment or several.

        Where it was deleted, what it would do waits: who answers for it is told of the job.
        """
        job = self.env.ref(xml_id, raise_if_not_found=False)
        if job:
            job.sudo()._trigger(at)

    @api.model
    def _get_jobs(self, names):
        """Return the jobs of these names that were not deleted, as superuser."""
        jobs = self.sudo().browse()
        for name in names:
            jobs |= self.env.ref(f"{MODULE}.{name}", raise_if_not_found=False) or jobs
        return jobs

    @api.model
    def _get_deleted_jobs(self, names):
        """Return ``{name: sentence}`` of those jobs of a half that were deleted."""
        return {
            name: self.env._(
                "The job “%(job)s” was deleted. Upgrading the add-on under Apps creates it again.",
                job=label,
            )
            for name, label in zip(names, map(self.env._, names.values()), strict=True)
            if not self._get_jobs([name])
        }

    def _get_job_problem(self, now):
        """Return why this job does not run as planned, as a sentence; empty: it does.

        Times are those of the user it is told.

        :param now: naive UTC datetime
        """
        self.ensure_one()
        values, first_failure = {"job": self.name}, self.first_failure_date
        tz = self.env.user.tz or self.env.company.recurrence_dunning_tz
        if not self.active:
            return self.env._("The job “%(job)s” is switched off.", **values)
        if self.failure_count and first_failure and first_failure < now - LATE:
            since = format_datetime(self.env, first_failure, tz=tz)
            return self.env._(
                "The job “%(job)s” has been failing since %(since)s.", since=since, **values
            )
        if self.failure_count and first_failure and first_failure > now + LATE:
            # noted while the clock was wrong
            return self.env._("The job “%(job)s” is failing.", **values)
        planned = format_datetime(self.env, self.nextcall, tz=tz)
        if self.nextcall > now + self._get_interval() + LATE:
            return self.env._(
                "The job “%(job)s” is not planned until %(planned)s, as if the clock had been "
                "set ahead.",
                planned=planned,
                **values,
            )
        if self.nextcall < now - LATE and not self._is_working(now):
            return self.env._(
                "The job “%(job)s” should have run at %(planned)s and did not.",
                planned=planned,
                **values,
            )
        return ""

    def _get_interval(self):
        return _intervalTypes[self.interval_type](self.interval_number)

    def _is_working(self, now):
        """Whether a long backlog keeps it busy: it is planned anew only when that is done."""
        return bool(
            self.env["ir.cron.progress"]
            .sudo()
            .search_count(
                [("cron_id", "=", self.id), ("done", ">", 0), ("create_date", ">", now - LATE)],
                limit=1,
            )
        )

    @api.model
    def _get_job_problems(self, names):
        """Return what is wrong with jobs, a line each, for people to see; empty: nothing."""
        now = fields.Datetime.now()
        found = [job._get_job_problem(now) for job in self._get_jobs(names)]
        found += self._get_deleted_jobs(names).values()
        return "\n".join(filter(None, found))

    # === ALARM === #

    @api.model
    def _watch_jobs(self):
        """Tell those responsible what stands still: jobs, and planned runs that did not happen.

        Each job of the addon calls this first, so that any of them notices the others. One alarm
        an outage: it is noted where it was raised, until all is well again.
        """
        try:
            with self.env.cr.savepoint():
                is_changed = self._raise_alarms(fields.Datetime.now())
        except Exception:
            # the watch must not stop the work
            _logger.exception("The jobs could not be watched")
            return
        if is_changed:
            self._commit_progress()

    @api.model
    def _raise_alarms(self, now):
        """Note and tell what is new; return whether there was anything."""
        jobs = self._get_jobs((*RECURRENCE_JOBS, *DUNNING_JOBS))
        ahead = jobs.filtered(lambda job: job.lastcall and job.lastcall > now + LATE)
        # they ran while the clock was wrong: without this they would wait until it is that late
        changed = ahead.filtered(lambda job: job.nextcall > now).try_lock_for_update()
        changed.nextcall = now
        alarms = defaultdict(list)
        missed = self.env["dunning.program.schedule"].sudo()._alarm_missed(now, alarms)
        for job in jobs:
            changed |= job._follow_problem(now, alarms)
        missed = self._follow_deleted(alarms) or missed
        for user, sentences in alarms.items():
            if sentences:
                self._tell_user(user, sentences)
        return bool(missed or changed)

    def _follow_problem(self, now, alarms):
        """Note whether this job stands still now and, where that is new, whom to tell what.

        :param alarms: ``{user: sentences}``, added to
        :return: the job where something was noted
        """
        is_bad = bool(self._get_job_problem(now))
        is_recurrence = self in self._get_jobs(RECURRENCE_JOBS)
        users = self._get_job_users(is_recurrence) if is_bad else self.env["res.users"]
        if bool(is_bad and users) == bool(self.job_alarm_date):
            return self.browse()
        # one that runs at this moment is held by its worker: somebody looks again soon
        job = self.try_lock_for_update()
        job.job_alarm_date = now if is_bad else False
        for user in users if job else ():
            spoken = job.with_user(user).with_context(lang=user.lang).sudo()
            alarms[user].append(spoken._get_job_problem(now))
        return job

    @api.model
    def _follow_deleted(self, alarms):
        """Note which jobs are not there any more and, where that is new, whom to tell.

        :param alarms: ``{user: sentences}``, added to
        :return: whether anything was noted
        """
        parameters = self.env["ir.config_parameter"].sudo()
        told = set((parameters.get_param(DELETED) or "").split(",")) - {""}
        gone = set()
        for names in (RECURRENCE_JOBS, DUNNING_JOBS):
            deleted = self._get_deleted_jobs(names)
            users = self._get_job_users(names is RECURRENCE_JOBS) if deleted else ()
            gone |= set(deleted if users else ())
            for user in users:
                spoken = self.with_context(lang=user.lang)._get_deleted_jobs(names)
                alarms[user] += [spoken[name] for name in deleted if name not in told]
        if gone == told:
            return False
        parameters.set_param(DELETED, ",".join(sorted(gone)))
        return True

    # === PEOPLE === #

    @api.model
    def _get_job_users(self, is_recurrence):
        """Return who answers for what the jobs of a half do; nobody: they have nothing to do.

        A database that may be a copy has no work to miss.
        """
        users = self.env["res.users"].sudo()
        if is_recurrence:
            running = [("state", "=", "running")]
            groups = self.env["recurrence.schedule"].sudo()._read_group(running, ["company_id"])
            companies = [company for (company,) in groups if not company._is_job_copy()]
            for company in companies:
                users |= company._get_recurrence_alarm_users()
        else:
            companies = self.env["res.company"].sudo().search([("dunning_active", "=", True)])
            companies = companies.filtered(lambda company: not company._is_job_copy())
            programs = self.env["dunning.program"].sudo()
            users = programs.search([("company_id", "in", companies.ids)]).user_id
        return self._get_alarm_users(users) if companies else users.browse()

    @api.model
    def _get_alarm_users(self, users):
        """Return those of users who can be told something; nobody: the administrators."""
        real = users.filtered(
            lambda user: user.active and not user.share and user.id != SUPERUSER_ID
        )
        if not real:
            administrators = self.env.ref("base.group_system").sudo().all_user_ids
            real = administrators.filtered(lambda user: user.active and user.id != SUPERUSER_ID)
        return real

    @api.model
    def _get_outlook(self, user):
        """Return what a user is told to do about jobs that did not run."""
        spoken = self.with_context(lang=user.lang).env
        if user.has_group("base.group_system"):
            return spoken._(
                "The missed work is done as soon as the jobs run: see Settings, Scheduled Actions."
            )
        return spoken._(
            "The missed work is done as soon as the jobs run: ask an administrator to look into it."
        )

    @api.model
    def _tell_user(self, user, sentences, title=None, outlook=None):
        """Give a user an activity and a mail about what stands still.

        :param title: what it is about, in the language of the user; None: jobs that did not run
        :param outlook: what to do, likewise; None: what to do about jobs
        """
        spoken = self.with_context(lang=user.lang).env
        title = title or spoken._("Scheduled jobs did not run")
        items = Markup().join(Markup("<li>%s</li>") % sentence for sentence in sentences)
        outlook = outlook or self._get_outlook(user)
        body = Markup("<ul>%s</ul><p>%s</p>") % (items, outlook)
        activities = self.env["mail.activity"].sudo()
        activities.with_context(mail_activity_quick_update=True).create(
            {
                "activity_type_id": find_activity_type(
                    self.env, "mail.mail_activity_data_warning"
                ).id,
                "summary": title,
                "note": body,
                "user_id": user.id,
            }
        )
        if not user.email:
            return
        sender = user.company_id.email_formatted or user.email_formatted
        self.env["mail.mail"].sudo().create(
            {
                "subject": title,
                "body_html": body,
                "email_from": sender,
                "email_to": user.email_formatted,
                # so that a copy of the database knows it
                "model": self._name,
                "res_id": self._get_jobs((*RECURRENCE_JOBS, *DUNNING_JOBS))[:1].id,
            }
        )
        self._wake("mail.ir_cron_mail_scheduler_action")

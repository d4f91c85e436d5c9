import logging

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


class DunningJob(models.AbstractModel):
    """What the scheduled job does: the planned runs of each company, and telling people."""

    _name = "dunning.job"
    _description = "Planned Dunning Runs"

    @api.model
    def _cron_run_due(self):
        """Run the programs whose planned hour has come in the time zone of their company.

        Manual programs get a run to check and an activity; automatic ones are executed and their
        reminders sent by the outbox job. One failing program is noted and stops no other.
        """
        self.env["ir.cron"]._watch_jobs()
        self.env["dunning.run"]._send_pending_reports()
        now = fields.Datetime.now()
        companies = self.env["res.company"].search([("dunning_active", "=", True)])
        companies._keep_home()
        self.env["dunning.program.schedule"]._follow_clock(now)
        planned = [
            schedule.id
            for company in companies
            for schedule in self.env["dunning.program.schedule"]._get_due(company, now)
        ]
        commit = self.env["ir.cron"]._commit_progress
        if not planned or not commit(remaining=len(planned)):
            return
        for schedule_id in planned:
            schedule = self.env["dunning.program.schedule"].browse(schedule_id)
            schedule = schedule.try_lock_for_update()
            if schedule and schedule.next_run and schedule.next_run <= now:
                self._run_schedule(schedule, now)
            if not commit(1):
                break

    @api.model
    def _run_schedule(self, schedule, now):
        """Run one planned line; an error is kept on a failed run and the line goes on."""
        company, as_of = schedule.company_id, schedule.company_id._get_job_today()
        # an allowed copy writes to its test address alone, not to those who get an activity
        quiet = self.with_context(
            mail_activity_quick_update=company._is_job_copy(),
            # what the run notes is read by who answers for it
            lang=schedule.program_id.user_id.lang,
        )
        try:
            run = quiet.with_company(company)._run_program(
                schedule.program_id, as_of, schedule.level_ids
            )
            schedule._mark_run(now)
            if run.state == "to_check" and not company._is_job_copy():
                run._send_report()
        except psycopg2.OperationalError:
            raise
        except Exception as error:
            if not isinstance(error, UserError):
                _logger.exception("Dunning program %s failed", schedule.program_id.id)
            self.env.cr.rollback()
            schedule = self.env["dunning.program.schedule"].browse(schedule.id)
            self._keep_error(schedule, as_of, self.env["job.isolation"]._get_text(error))
            schedule._mark_run(now)

    @api.model
    def _run_program(self, program, as_of, levels=None):
        """Run a program for a day as its mode says and return the run.

        An automatic one stays to be checked where the bank data are too old to know who paid.
        """
        runs = self.env["dunning.run"]
        company = program.company_id
        warning = company._dunning_get_bank_warning(as_of)
        if program.mode == "automatic" and not warning:
            run = runs._execute_for(company, as_of, programs=program, levels=levels)
            run.user_id = program.user_id
            self.env.ref("account_recurrence_dunning.ir_cron_dunning_outbox")._trigger()
            return run
        run = runs.create(
            {
                "company_id": company.id,
                "date": as_of,
                "program_ids": program.ids,
                "level_ids": levels and levels.ids,
                "user_id": program.user_id.id,
            }
        )
        run._simulate(state="to_check")
        if run.remind_count:
            self._ask_to_check(run, program)
        return run

    @api.model
    def _ask_to_check(self, run, program):
        """Give the responsible one activity: nothing leaves until the run is executed.

        Runs of the same program that nobody executed are out of date with this one.
        """
        earlier = self.env["dunning.run"].search(
            [
                ("state", "=", "to_check"),
                ("program_ids", "in", program.ids),
                ("id", "!=", run.id),
            ]
        )
        earlier.filtered(lambda found: found.program_ids == program).activity_ids.unlink()
        run.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=run.date,
            summary=lambda spoken: spoken.env._("Check the reminders and execute the run"),
            note=lambda spoken: run.company_id._dunning_get_bank_warning(run.date),
            user_id=(program.user_id or self.env.user).id,
        )

    @api.model
    def _keep_error(self, schedule, as_of, message):
        """Keep what went wrong where a person sees it."""
        _logger.warning("Dunning program %s failed: %s", schedule.program_id.id, message)
        program = schedule.program_id
        run = self.env["dunning.run"].create(
            {
                "company_id": schedule.company_id.id,
                "date": as_of,
                "program_ids": program.ids,
                "state": "failed",
                "error": message,
                "user_id": program.user_id.id,
            }
        )
        run.activity_schedule(
            "mail.mail_activity_data_warning",
            date_deadline=as_of,
            summary=lambda spoken: spoken.env._("The dunning run failed"),
            note=lambda spoken: spoken.error,
            user_id=(program.user_id or self.env.user).id,
        )

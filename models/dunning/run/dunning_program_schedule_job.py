import logging

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...common.isolation import get_error_text

_logger = logging.getLogger(__name__)


class DunningProgramSchedule(models.Model):
    """What the scheduled job does: the planned runs of each company, and telling people."""

    _inherit = "dunning.program.schedule"

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
        self._follow_clock(now)
        planned = [schedule.id for company in companies for schedule in self._get_due(company, now)]
        commit = self.env["ir.cron"]._commit_progress
        if not planned or not commit(remaining=len(planned)):
            return
        for schedule_id in planned:
            schedule = self.env["dunning.program.schedule"].browse(schedule_id)
            schedule = schedule.try_lock_for_update()
            if schedule and schedule.next_run and schedule.next_run <= now:
                schedule._run_planned(now)
            if not commit(1):
                break

    def _run_planned(self, now):
        """Run one planned line; an error is kept on a failed run and the line goes on."""
        company, as_of = self.company_id, self.company_id._get_job_today()
        # an allowed copy writes to its test address alone, not to those who get an activity
        quiet = self.with_context(
            mail_activity_quick_update=company._is_job_copy(),
            # what the run notes is read by who answers for it
            lang=self.program_id.user_id.lang,
        )
        try:
            run = quiet.with_company(company).program_id._run_for(as_of, quiet.level_ids)
            self._mark_run(now)
            if run.state == "to_check" and not company._is_job_copy():
                run._send_report()
        except psycopg2.OperationalError:
            raise
        except Exception as error:
            if not isinstance(error, UserError):
                _logger.exception("Dunning program %s failed", self.program_id.id)
            self.env.cr.rollback()
            self._keep_run_error(as_of, get_error_text(error))
            self._mark_run(now)

    def _keep_run_error(self, as_of, message):
        """Keep what went wrong where a person sees it."""
        _logger.warning("Dunning program %s failed: %s", self.program_id.id, message)
        program = self.program_id
        run = self.env["dunning.run"].create(
            {
                "company_id": self.company_id.id,
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

import logging

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
        now = fields.Datetime.now()
        companies = self.env["res.company"].search([("dunning_active", "=", True)])
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
        try:
            run = self.with_company(company)._run_program(
                schedule.program_id, as_of, schedule.level_ids
            )
            schedule._mark_run(now)
            self._send_report(run)
        except UserError as error:
            self.env.cr.rollback()
            schedule = self.env["dunning.program.schedule"].browse(schedule.id)
            self._keep_error(schedule, as_of, str(error))
            schedule._mark_run(now)

    @api.model
    def _run_program(self, program, as_of, levels=None):
        """Run a program for a day as its mode says and return the run."""
        runs = self.env["dunning.run"]
        company = program.company_id
        if program.mode == "automatic":
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
        """Give the responsible one activity: nothing leaves until the run is executed."""
        run.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=run.date,
            summary=self.env._("Check the reminders and execute the run"),
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
            summary=self.env._("The dunning run failed"),
            note=message,
            user_id=(program.user_id or self.env.user).id,
        )

    @api.model
    def _send_report(self, run):
        """Mail the report of a run to the users its programs name (W5)."""
        users = run.program_ids.report_user_ids.filtered(lambda user: user.active and user.email)
        mails = []
        for user in users:
            found = run.with_context(lang=user.lang or self.env.lang)
            mails.append(
                {
                    "subject": found.env._("Dunning run of %(run)s", run=found.name),
                    "body_html": self._render_report(found),
                    "email_from": run.company_id.email_formatted or self.env.user.email_formatted,
                    "email_to": user.email_formatted,
                    "author_id": run.company_id.partner_id.id,
                    "model": run._name,
                    "res_id": run.id,
                }
            )
        return self.env["mail.mail"].sudo().create(mails)

    @api.model
    def _render_report(self, run):
        """Return the report of a run: totals per reason and level, and a link to it."""
        groups = self.env["dunning.run.line"]._read_group(
            [("run_id", "=", run.id)], ["decision", "reason"], ["__count"]
        )
        labels = dict(self.env["dunning.reason"].with_env(run.env)._get_selection())
        rows = sorted(
            ((decision, labels.get(reason, reason), count) for decision, reason, count in groups),
            key=lambda row: (row[0], -row[2]),
        )
        return self.env["ir.qweb"]._render(
            "account_recurrence_dunning.dunning_run_report",
            {
                "run": run,
                "rows": rows,
                "url": f"{run.get_base_url()}/odoo/dunning-runs/{run.id}",
            },
            lang=run.env.lang,
        )

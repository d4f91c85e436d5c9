import logging

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError

from ....tools.dunning.message_state import UNDELIVERED
from ...common.isolation import get_error_text, run_isolated
from ..setup.dunning_program_schedule import CLOCK_SLACK

_logger = logging.getLogger(__name__)

# Customers between two commits: what was made stays, whatever happens to the others.
BATCH = 50
# Errors told in one activity.
MOST_TOLD = 20


class DunningStatementSchedule(models.Model):
    """What the scheduled job does: the statements of each planned day, each once."""

    _inherit = "dunning.statement.schedule"

    @api.model
    def _cron_send_due(self):
        """Queue the statements whose day has come in the time zone of their company.

        Not where dunning is switched off, nor in a database that may be a copy.
        """
        self.env["ir.cron"]._watch_jobs()
        now = fields.Datetime.now()
        self._follow_clock(now)
        companies = self.env["res.company"].search([("dunning_active", "=", True)])
        companies = companies.filtered(lambda company: not company._is_job_copy())
        domain = [("company_id", "in", companies.ids), ("next_run", "<=", now)]
        planned = self.search(domain, order="next_run, id").ids
        commit = self.env["ir.cron"]._commit_progress
        if not planned or not commit(remaining=len(planned)):
            return
        for number, schedule_id in enumerate(planned, 1):
            schedule = self.browse(schedule_id).exists().try_lock_for_update()
            if schedule.next_run and schedule.next_run <= now and not schedule._send_planned(now):
                break  # the rest has its turn the next time
            if not commit(1, remaining=len(planned) - number):
                break

    @api.model
    def _follow_clock(self, now):
        """Plan anew what was noted by a clock that ran ahead and was put right."""
        latest = now + CLOCK_SLACK
        self.search([("date_since", ">", latest)]).date_since = now
        self.search([("last_run", ">", latest)]).write({"last_run": False, "date_since": now})

    def _send_planned(self, now):
        """Make the statements of a planned moment, batch by batch, each with its commit.

        :return: whether all of them are made; else the time of the job is over
        """
        commit = self.env["ir.cron"]._commit_progress
        slot, today, errors = self.next_run, self.company_id._get_job_today(), []
        try:
            waiting = self._find_waiting(slot, today).ids
            while waiting:
                batch, waiting = waiting[:BATCH], waiting[BATCH:]
                errors += self._queue_statements(self._get_customers(batch), slot)
                if not commit(len(batch), remaining=len(waiting) + 1):
                    self._tell_of_errors(errors, today)
                    return False
        except OperationalError:
            raise
        except Exception as error:
            if not isinstance(error, UserError):
                _logger.exception("Statement schedule %s failed", self.id)
            self.env.cr.rollback()
            errors.append(get_error_text(error))
        self.last_run = now
        self._tell_of_errors(errors, today)
        self._tell_of_undelivered(slot, today)
        return True

    def _find_waiting(self, slot, today):
        """Return the customers who have no statement of a planned moment, or of this day, yet."""
        customers = self._find_customers()
        made = self.env["dunning.reminder"].search(
            [
                ("is_statement", "=", True),
                ("company_id", "=", self.company_id.id),
                ("partner_id", "in", customers.ids),
                "|",
                "&",
                ("statement_schedule_id", "=", self.id),
                ("statement_slot", "=", slot),
                "&",
                ("date", "=", today),
                ("state", "in", ("queued", "sent")),
            ]
        )
        return customers - made.partner_id

    def _queue_statements(self, customers, slot):
        """Make the statements of customers; return what went wrong with single ones."""
        values, errors = {"statement_schedule_id": self.id, "statement_slot": slot}, []
        reminders = self.env["dunning.reminder"]
        run_isolated(
            customers,
            lambda found: reminders._queue_statements(self._get_statements(found), values),
            lambda customer, error: errors.append(
                f"{customer.display_name}: {get_error_text(error)}"
            ),
        )
        return errors

    def _tell_of_errors(self, errors, today):
        """Give who answers for the schedule an activity about what went wrong."""
        if errors:
            self.activity_schedule(
                "mail.mail_activity_data_warning",
                date_deadline=today,
                summary=lambda spoken: spoken.env._("Statements could not be made"),
                note=lambda _spoken: "\n".join(errors[:MOST_TOLD]),
                user_id=(self.user_id or self.env.user).id,
            )

    def _tell_of_refused(self):
        """Give who answers for the schedule an activity about what left it and came to nobody.

        One is enough until it is done: it says where all of them are listed.
        """
        user = self.user_id or self.env.user
        told = self.with_context(lang=user.lang).env._("Statements were not delivered")
        if told not in self.activity_ids.mapped("summary"):
            self.activity_schedule(
                "mail.mail_activity_data_warning",
                date_deadline=self.company_id._get_job_today(),
                summary=lambda spoken: spoken.env._("Statements were not delivered"),
                note=lambda spoken: spoken.env._(
                    "They are listed under Not Delivered until somebody decides."
                ),
                user_id=user.id,
            )

    def _tell_of_undelivered(self, slot, today):
        """Give who answers for the schedule an activity about statements that reach nobody."""
        count = self.env["dunning.reminder"].search_count(
            [
                ("statement_schedule_id", "=", self.id),
                ("statement_slot", "=", slot),
                ("state", "in", UNDELIVERED),
            ]
        )
        if count:
            self.activity_schedule(
                "mail.mail_activity_data_warning",
                date_deadline=today,
                summary=lambda spoken: spoken.env._("Statements were not delivered"),
                note=lambda spoken: spoken.env._(
                    "Listed under Not Delivered until somebody decides: %(count)s", count=count
                ),
                user_id=(self.user_id or self.env.user).id,
            )

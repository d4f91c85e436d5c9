from odoo import api, models
from odoo.tools import SQL

from ...common.isolation import get_error_text, run_isolated
from .dunning_invoice_status_mixin import MOVE_FIELDS, NO_STATUS


class DunningCompanyStatusMixin(models.AbstractModel):
    """Refreshing what stands on the open invoices of a company."""

    _name = "dunning.company.status.mixin"
    _description = "Dunning Status of a Company"

    def _dunning_refresh_status(self, as_of, partners=None, facts=None):
        """Refresh level, dates and next date of the open invoices of a company.

        :param partners: only those of these commercial partners; empty: all
        :param facts: what is known of their due lines; None: it is read
        """
        decided = self._dunning_decide(as_of, partners=partners, facts=facts)
        self._dunning_follow_decided(decided, as_of, partners)
        status = self._dunning_get_engine()._summarize(decided, as_of)
        stale = self._dunning_find_with_status(partners)
        self.env["account.move"]._dunning_write_invoice_status(
            dict.fromkeys(stale, NO_STATUS) | status
        )

    def _dunning_follow_decided(self, decided, as_of, partners=None):
        """Bring in line what is kept of decisions, beside what stands on the invoices.

        :param decided: decided facts of all open due lines of the company, or of ``partners``
        """
        self.env["dunning.escalation"]._follow(self, decided, as_of, partners)

    def _dunning_find_with_status(self, partners=None):
        """Return the ids of the invoices of a company, or of partners, that have a status.

        Every status has a reason, and an index knows the invoices that have one.
        """
        self.env["account.move"].flush_model([*MOVE_FIELDS, "commercial_partner_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM account_move
                 WHERE company_id = %s AND dunning_reason IS NOT NULL %s
                """,
                self.id,
                SQL("AND commercial_partner_id = ANY(%s)", partners.ids) if partners else SQL(),
            )
        )
        return [move_id for (move_id,) in rows]

    @api.model
    def _cron_dunning_refresh(self):
        """Refresh what stands on the open invoices of every company where dunning is on."""
        self.env["ir.cron"]._watch_jobs()
        companies = self.env["res.company"].search([("dunning_active", "=", True)])
        commit = self.env["ir.cron"]._commit_progress
        if not companies or not commit(remaining=len(companies)):
            return
        for company in companies:
            run_isolated(
                company,
                lambda one: one.with_company(one)._dunning_do_daily(one._get_job_today()),
                lambda one, error: one._dunning_tell_failed(error),
            )
            if not commit(1):
                break

    def _dunning_tell_failed(self, error):
        """Tell those responsible that the daily work of this company failed (rule 15)."""
        jobs, programs = self.env["ir.cron"], self.env["dunning.program"].sudo()
        people = programs.search([("company_id", "=", self.id)]).user_id
        for user in jobs._get_alarm_users(people):
            spoken = self.with_context(lang=user.lang).env
            jobs._tell_user(
                user,
                [
                    spoken._(
                        "Levels, dates and the worklist of %(company)s could not be brought up to "
                        "date: %(error)s",
                        company=self.name,
                        error=get_error_text(error),
                    )
                ],
                title=spoken._("The daily work of dunning failed"),
                outlook=spoken._(
                    "It is tried again tomorrow. The log of the server says more: ask an "
                    "administrator to look into it."
                ),
            )

    def _dunning_do_daily(self, today):
        """Do what a company's dunning needs once a day.

        :param date today: the company's day
        """
        self.env["dunning.reminder"]._drop_late_notices(self, today)
        self.env["dunning.reminder"]._recheck_waiting(self, today)
        self._dunning_refresh_status(today)
        self._dunning_forewarn(today)
        self._dunning_thank(today)

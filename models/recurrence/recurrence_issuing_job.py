from datetime import datetime, timedelta
from datetime import time as daytime
from functools import partial

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..common.isolation import get_error_text, run_isolated
from .recurrence_occurrence_invoice_mixin import get_retry_domain

# Rows looked at to find a batch that no other worker holds, as a multiple of the batch.
LOOK_AHEAD = 5 * 100
MAX_CONFLICTS = 20
# When the job looks again where others were busy.
PAUSE = timedelta(minutes=1)


class RecurrenceIssuing(models.AbstractModel):
    """What the job issues by itself: batch by batch, in the order of the dates."""

    _inherit = "recurrence.issuing"

    # === BACKLOG === #

    @api.model
    def _issue_backlog(self, domain, as_of, batch_size, commit):
        progress = self.env["ir.cron"]._commit_progress if commit else self._no_commit
        remaining = self.env["recurrence.occurrence"].search_count(domain)
        if not remaining or not progress(remaining=remaining):
            return 0
        issued = conflicts = 0
        while True:
            try:
                batch, is_busy = self._take_batch(domain, batch_size)
                count = self._issue_batch(batch, as_of)
            except psycopg2.OperationalError:
                # another transaction was faster: look again, from what it left
                if not commit:
                    raise
                self.env.cr.rollback()
                conflicts += 1
                if conflicts <= MAX_CONFLICTS:
                    continue
                batch, is_busy = self.env["recurrence.occurrence"], True
            if not batch:
                if is_busy and commit:
                    self._retry_soon()
                break
            issued += count
            conflicts = 0
            if not progress(len(batch)):
                break
        return issued

    @api.model
    def _retry_soon(self):
        """Let the job come back to what others are busy with: nobody waits for them meanwhile.

        Whoever holds the rows goes on with what follows, so that only the last one leaves any.
        """
        soon = fields.Datetime.now() + PAUSE
        self.env["ir.cron"]._wake("account_recurrence_dunning.recurrence_cron_run_due", soon)

    @api.model
    def _no_commit(self, processed=0, *, remaining=None):
        """Stand in for the progress of a cron where nothing may be committed."""
        self.env.flush_all()
        return float("inf")

    @api.model
    def _get_due_domain(self, company, as_of):
        """Return which occurrences are to be issued by themselves on a day."""
        now = self._get_now(company, as_of)
        schedules = self.env["recurrence.schedule"]
        unasked = [name for name, way in schedules._get_issue_modes().items() if not way.is_asked]
        stale = schedules.search([("company_id", "=", company.id), ("rule_stale", "=", True)])
        return [
            *stale._get_within_rule_domain(as_of),
            ("company_id", "=", company.id),
            *self._get_day_domain(company, as_of),
            ("schedule_id.target", "=", "invoice"),
            ("schedule_id.active", "=", True),
            # nothing is delivered to the customer: a person is asked, or it waits
            ("schedule_id", "not in", schedules._find_stopped(company).ids),
            *schedules._get_ripe_domain(company, as_of),
            # of one that a person finished only what a person planned afterwards
            "|",
            ("schedule_id.state", "=", "running"),
            "&",
            ("schedule_id.state", "=", "finished"),
            ("state", "=", "planned"),
            ("schedule_id.invoice_mode", "in", unasked),
            # a date planned again after its invoice was cancelled gets another one
            "|",
            ("move_id", "=", False),
            ("move_id.state", "=", "cancel"),
            "|",
            "|",
            ("state", "=", "todo"),
            "&",
            ("state", "=", "planned"),
            # more than the safety bound allows: a person has to agree first
            ("schedule_id", "not in", self._get_held(company, as_of).ids),
            "&",
            ("state", "=", "failed"),
            *get_retry_domain(now),
        ]

    @api.model
    def _get_held(self, company, as_of):
        """Return the schedules with more due at once than the safety bound allows."""
        counted = self.env["recurrence.occurrence"]._read_group(
            [
                ("company_id", "=", company.id),
                *self._get_day_domain(company, as_of),
                ("state", "=", "planned"),
                ("schedule_id.target", "=", "invoice"),
            ],
            ["schedule_id"],
            having=[("__count", ">", company.recurrence_invoice_limit)],
        )
        schedules = self.env["recurrence.schedule"].union(*(row[0] for row in counted))
        return schedules.browse([schedule.id for schedule in schedules._get_backlogs(as_of)])

    @api.model
    def _get_day_domain(self, company, as_of):
        """Return which dates have come; a draft is made its schedule's days ahead."""
        schedules = self.env["recurrence.schedule"]
        drafting = [k for k, way in schedules._get_issue_modes().items() if not way.is_posted]
        leads = schedules._read_group(
            [
                ("company_id", "=", company.id),
                ("target", "=", "invoice"),
                ("invoice_mode", "in", drafting),
                ("lead_days", ">", 0),
            ],
            ["lead_days"],
        )
        ahead = [
            Domain("date", "<=", as_of + timedelta(days=lead))
            & Domain("schedule_id.invoice_mode", "in", drafting)
            & Domain("schedule_id.lead_days", "=", lead)
            for (lead,) in leads
        ]
        return Domain.OR([Domain("date", "<=", as_of), *ahead])

    @api.model
    def _get_now(self, company, as_of):
        """Return the moment of a run: the clock's, or noon of a day that is only played."""
        if as_of == company._get_job_today():
            return fields.Datetime.now()
        return datetime.combine(as_of, daytime(12))

    @api.model
    def _take_batch(self, domain, batch_size):
        """Lock the next rows of the backlog, in the order of their dates.

        :return: the rows, and whether others are busy with some of the backlog
        """
        order = "date, rule_date, id"  # of two on one day the earlier period comes first
        rows = self.env["recurrence.occurrence"].search(domain, order=order, limit=LOOK_AHEAD)
        locked = rows.try_lock_for_update(limit=batch_size, allow_referencing=True)
        last = locked[-1:]
        passed = rows[: rows._ids.index(last.id)] - locked if last else rows
        if passed:
            # never overtake: a later date would get the lower number
            earliest = min(passed.mapped("date"))
            locked = locked.filtered(lambda row: row.date <= earliest)
        locked, is_busy = self._complete_batch(locked, domain)
        return locked.filtered_domain(domain), bool(passed) or is_busy

    # === ONE BATCH === #

    @api.model
    def _issue_batch(self, batch, as_of):
        """Issue the rows together; where that fails, one by one.

        :return: number of invoices issued
        """
        issued, drafted = 0, False
        modes = self.env["recurrence.schedule"]._get_issue_modes()
        groups = self._split(
            batch, lambda o: (self._get_actor(o.schedule_id), o.schedule_id.invoice_mode)
        )
        for (user, mode), group in groups:
            # errors are kept in the language of who is told of them
            responsible = group.schedule_id[:1]._get_responsible()
            self = self.with_context(lang=responsible.lang)
            group = group.with_env(self.env)
            problem = self._get_actor_problem(user, group.company_id)
            if problem:
                self._record_problem(group, problem, as_of)
                continue
            results = run_isolated(
                group,
                partial(self._issue_as, user, mode=mode, as_of=as_of),
                partial(self._keep_error, as_of=as_of),
                together=self._get_units,
            )
            count = sum(map(len, results))
            issued += count
            drafted |= bool(count) and not modes[mode].is_posted
        if drafted:
            self.env["recurrence.schedule"]._refresh_drafts(batch.company_id, as_of)
        return issued

    @api.model
    def _hold_for_taxes(self, occurrences, fiscal):
        """Leave to a person what shall wait because its taxes have changed.

        :param fiscal: dict schedule → FiscalChange
        :return: the others
        """
        waiting = {s: c for s, c in fiscal.items() if s._get_fiscal_choice(c) == "wait"}
        held = occurrences.filtered(lambda o: o.schedule_id in waiting)
        for schedule, group in held.grouped("schedule_id").items():
            group._hold(schedule._get_fiscal_wait_message(waiting[schedule]))
        held.schedule_id._tell_fiscal(waiting)
        return occurrences - held

    @api.model
    def _keep_error(self, occurrence, error, as_of):
        message = str(error) if isinstance(error, UserError) else get_error_text(error)
        self._record_problem(occurrence, message, as_of)

    @api.model
    def _get_actor(self, schedule):
        """Return who issues unattended: the company's default where the responsible has left."""
        user, stand_in = schedule.user_id, schedule.company_id.recurrence_user_id
        if not user:
            return stand_in
        is_there = user._is_superuser() or (user.active and not user.share)
        return user if is_there or not stand_in.active else stand_in

    @api.model
    def _issue_as(self, user, occurrences, mode, as_of):
        """Issue the rows as a user; what waits because of its taxes is left out.

        :return: the invoices
        """
        fiscal = occurrences.schedule_id._get_fiscal_changes()
        occurrences = self._hold_for_taxes(occurrences, fiscal)
        counts = occurrences._count_quantities()
        occurrences -= occurrences._skip_unbilled(counts)
        if not occurrences:
            return self.env["account.move"]
        company = occurrences.company_id
        issuing = self.with_user(user).with_context(
            allowed_company_ids=company.ids, lang=user.lang, tz=self.env.context.get("tz")
        )
        fiscal = {s: c for s, c in fiscal.items() if s in occurrences.schedule_id}
        return issuing._issue_now(
            occurrences.with_env(issuing.env), mode, as_of, fiscal=fiscal, counts=counts
        )

    @api.model
    def _record_problem(self, occurrences, message, as_of):
        now = self._get_now(occurrences.company_id, as_of)
        occurrences.sudo().with_context(tracking_disable=True)._record_error(message, now)

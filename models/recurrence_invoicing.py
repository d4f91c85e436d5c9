from collections import defaultdict
from datetime import datetime, timedelta
from datetime import time as daytime
from functools import partial

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import clean_context, format_date

BATCH_SIZE = 100
# Rows looked at to find a batch that no other worker holds.
LOOK_AHEAD = 5 * BATCH_SIZE
MAX_CONFLICTS = 20
# When the job looks again where others were busy.
PAUSE = timedelta(minutes=1)


class RecurrenceInvoicing(models.AbstractModel):
    """Issues the invoices of due occurrences: once each, in the order of their dates."""

    _name = "recurrence.invoicing"
    _description = "Issuing of Recurring Invoices"

    # === DOORS === #

    @api.model
    def _issue(self, occurrences, mode=None, as_of=None, changes=None):
        """Issue the invoices of occurrences for the user who asks.

        :param occurrences: recurrence.occurrence; those that others are issuing are refused
        :param mode: "draft", "post" or "send"; None takes the one of each schedule, where
            "confirm" posts: whoever calls this has confirmed
        :param as_of: the day of issue, default today in the company's time zone
        :param changes: dict occurrence → values for this invoice only, see
            ``recurrence.invoice.values._apply_changes``
        :return: the invoices, account.move
        :raise UserError: with what hinders the first one that cannot be issued; nothing is kept
        """
        self._check_user(self.env.user, occurrences.company_id)
        self._check_issuable(occurrences)
        moves = self.env["account.move"]
        for company, of_company in occurrences.grouped("company_id").items():
            day = as_of or company._get_job_today()
            service = self.with_company(company).with_context(recurrence_changes=changes)
            moves += service._issue_locked(of_company.with_env(service.env), mode, day)
        return moves.with_env(self.env)

    @api.model
    def _issue_due(self, company, as_of, batch_size=BATCH_SIZE, commit=None, schedules=None):
        """Issue what is due and needs nobody's confirmation, batch by batch.

        May be killed at any time and may run in several workers: the rows of a batch are locked,
        a batch is committed whole, and no worker overtakes the dates another one is busy with,
        so that numbers follow dates. What fails is kept with its error; all others go on.

        :param company: res.company
        :param as_of: the company's today, a ``date``
        :param commit: whether to commit each batch; None: only inside a scheduled job
        :param schedules: only the dates of these; None: all of the company
        :return: number of invoices issued
        """
        if commit is None:
            commit = bool(self.env.context.get("ir_cron_progress_id"))
        service = self.sudo().with_company(company).with_context(tz=company.job_tz or "UTC")
        domain = service._get_due_domain(company, as_of)
        if schedules is not None:
            domain.append(("schedule_id", "in", schedules.ids))
        return service._issue_backlog(domain, as_of, batch_size, commit)

    @api.model
    def _preview_pdf(self, schedule, rule_date):
        """Return the PDF of a future invoice; nothing is stored or numbered."""
        return self.env["recurrence.invoice.preview"]._preview_pdf(schedule, rule_date)

    @api.model
    def _open_preview(self, schedule, rule_date=None):
        """Return the action that shows a future invoice, by default the next one."""
        return self.env["recurrence.invoice.preview"]._open(schedule, rule_date)

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
                    self._look_again()
                break
            issued += count
            conflicts = 0
            if not progress(len(batch)):
                break
        return issued

    @api.model
    def _look_again(self):
        """Let the job come back to what others are busy with: nobody waits for them meanwhile.

        Whoever holds the rows goes on with what follows, so that only the last one leaves any.
        """
        cron = self.env.ref("account_recurrence_dunning.recurrence_cron_run_due")
        cron.sudo()._trigger(fields.Datetime.now() + PAUSE)

    @api.model
    def _no_commit(self, processed=0, *, remaining=None):
        """Stand in for the progress of a cron where nothing may be committed."""
        self.env.flush_all()
        return float("inf")

    @api.model
    def _get_due_domain(self, company, as_of):
        """Return which occurrences are to be issued by themselves on a day."""
        now = self._get_now(company, as_of)
        return [
            ("company_id", "=", company.id),
            ("date", "<=", as_of),
            ("schedule_id.target", "=", "invoice"),
            ("schedule_id.active", "=", True),
            ("schedule_id.state", "in", ("running", "finished")),
            # more than the safety bound allows: a person has to agree first
            ("schedule_id.backlog_count", "=", 0),
            ("schedule_id.invoice_mode", "in", ("draft", "post", "send")),
            ("move_id", "=", False),
            "|",
            ("state", "in", ("planned", "todo")),
            "&",
            ("state", "=", "failed"),
            ("retry_at", "<=", now),
        ]

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
        rows = self.env["recurrence.occurrence"].search(domain, order="date, id", limit=LOOK_AHEAD)
        locked = rows.try_lock_for_update(limit=batch_size, allow_referencing=True)
        last = locked[-1:]
        passed = rows[: rows._ids.index(last.id)] - locked if last else rows
        if passed:
            # never overtake: a later date would get the lower number
            earliest = min(passed.mapped("date"))
            locked = locked.filtered(lambda row: row.date <= earliest)
        return locked.filtered_domain(domain), bool(passed)

    # === ONE BATCH === #

    @api.model
    def _issue_batch(self, batch, as_of):
        """Issue the rows together; where that fails, one by one.

        :return: number of invoices issued
        """
        issued = 0
        for (user, mode), group in self._group_by_actor(batch).items():
            problem = self._get_actor_problem(user, group.company_id)
            if problem:
                self._record_problem(group, problem, as_of)
                continue
            results = self.env["job.isolation"]._run(
                group,
                partial(self._issue_as, user, mode=mode, as_of=as_of),
                partial(self._keep_error, as_of=as_of),
            )
            issued += sum(map(len, results))
        return issued

    @api.model
    def _keep_error(self, occurrence, error, as_of):
        isolation = self.env["job.isolation"]
        message = str(error) if isinstance(error, UserError) else isolation._get_text(error)
        self._record_problem(occurrence, message, as_of)

    @api.model
    def _group_by_actor(self, batch):
        """Group rows by who acts and how; within a group the order stays."""
        groups = defaultdict(lambda: batch.browse())
        for occurrence in batch:
            schedule = occurrence.schedule_id
            user = schedule.user_id or schedule.company_id.recurrence_user_id
            groups[user, schedule.invoice_mode] += occurrence
        return groups

    @api.model
    def _issue_as(self, user, occurrences, mode, as_of):
        company = occurrences.company_id
        service = self.with_user(user).with_context(
            allowed_company_ids=company.ids, lang=user.lang, tz=self.env.context.get("tz")
        )
        return service._issue_now(occurrences.with_env(service.env), mode, as_of)

    @api.model
    def _record_problem(self, occurrences, message, as_of):
        now = self._get_now(occurrences.company_id, as_of)
        occurrences.sudo().with_context(tracking_disable=True)._record_error(message, now)

    # === ISSUING === #

    @api.model
    def _issue_locked(self, occurrences, mode, as_of):
        """Lock what a person asked for, then issue it in the order of its dates."""
        locked = occurrences.sudo().try_lock_for_update(allow_referencing=True)
        if len(locked) < len(occurrences):
            busy = (occurrences.sudo() - locked)[:1]
            raise UserError(
                self.env._(
                    "%(name)s of %(date)s is being issued by somebody else right now.",
                    name=busy.display_name,
                    date=fields.Date.to_string(busy.date),
                )
            )
        occurrences.invalidate_recordset(["state", "move_id"])
        self._check_issuable(occurrences)
        moves = self.env["account.move"]
        ordered = occurrences.sorted(lambda occ: (occ.date, occ.id))
        by_mode = ordered.grouped(lambda occ: mode or occ.schedule_id.invoice_mode)
        for one_mode, group in by_mode.items():
            moves += self._issue_now(group, "post" if one_mode == "confirm" else one_mode, as_of)
        return moves

    @api.model
    def _issue_now(self, occurrences, mode, as_of):
        """Create the invoices in one go, post and send them as ``mode`` says.

        :param occurrences: of one company, locked, in the order of their dates
        :return: the invoices, in the same order
        """
        values = self.env["recurrence.invoice.values"]
        dates, reasons = self.env["recurrence.invoice.date"]._get_dates(occurrences, as_of)
        vals_list = values._prepare(occurrences, dates)
        values._apply_changes(occurrences, vals_list)
        if mode == "send":
            self.env["recurrence.invoice.sending"]._check_recipients(occurrences)
        self._release_replaced(occurrences)
        # defaults of the screen this is called from are not meant for these invoices
        context = {**clean_context(self.env.context), "recurrence_issuing": True}
        # _tell writes one note per invoice, all in one go, instead of "Invoice Created"
        context["mail_create_nolog"] = True
        moves = self.env(context=context)["account.move"]
        moves = self.env["recurrence.template"]._as_engine(moves).create(vals_list)
        values._copy_template_attachments(occurrences, moves)
        self._link(occurrences, moves)
        if mode != "draft":
            moves._post(soft=False)
        self._close(occurrences, moves, mode, as_of)
        moves = moves.with_env(self.env)
        self._tell(moves, occurrences, reasons)
        if mode == "send":
            self.env["recurrence.invoice.sending"]._queue(moves)
        return moves

    @api.model
    def _release_replaced(self, occurrences):
        """Untie the former invoice where a person issues again for the same date."""
        former = occurrences.sudo().move_id
        if former:
            former = self.env["recurrence.template"]._as_engine(former)
            former.write({"recurrence_occurrence_id": False})

    @api.model
    def _link(self, occurrences, moves):
        for occurrence, move in zip(self._as_job(occurrences), moves, strict=True):
            occurrence.move_id = move.id

    @api.model
    def _close(self, occurrences, moves, mode, as_of):
        """Give the occurrences the state that follows from what became of the invoices."""
        occurrences = self._as_job(occurrences)
        if mode == "draft":
            occurrences.write({"state": "todo", "error": False, "error_count": 0})
        else:
            occurrences._set_done(as_of)

    @api.model
    def _as_job(self, occurrences):
        return occurrences.sudo().with_context(tracking_disable=True, recurrence_engine_write=True)

    @api.model
    def _tell(self, moves, occurrences, reasons):
        """Note on each invoice where it comes from, and why it is dated as it is."""
        bodies = {}
        for move, occurrence in zip(moves, occurrences, strict=True):
            origin = self.env._(
                "Issued by the recurrence %(name)s for %(date)s.",
                name=occurrence.schedule_id.name,
                date=format_date(self.env, occurrence.date),
            )
            bodies[move.id] = " ".join(filter(None, [origin, reasons.get(occurrence)]))
        moves._message_log_batch(bodies=bodies)

    # === CHECKS === #

    @api.model
    def _check_issuable(self, occurrences):
        """Refuse what is issued already, skipped, or has nothing to issue."""
        for occurrence in occurrences:
            name, date = occurrence.display_name, fields.Date.to_string(occurrence.date)
            if occurrence.target != "invoice" or not occurrence.schedule_id.template_move_id:
                raise UserError(
                    self.env._("%(name)s of %(date)s issues no invoice.", name=name, date=date)
                )
            move = occurrence.sudo().move_id
            if occurrence.state == "done" or move.state in ("draft", "posted"):
                raise UserError(
                    self.env._(
                        "The invoice of %(name)s for %(date)s exists already: %(move)s.",
                        name=name,
                        date=date,
                        move=move.display_name,
                    )
                )
            if occurrence.state == "skipped":
                raise UserError(
                    self.env._(
                        "%(name)s of %(date)s was skipped. Plan it again first.",
                        name=name,
                        date=date,
                    )
                )

    @api.model
    def _check_user(self, user, companies):
        for company in companies:
            problem = self._get_actor_problem(user, company)
            if problem:
                raise UserError(problem)

    @api.model
    def _get_actor_problem(self, user, company):
        """Return why a user cannot issue invoices for a company, or None."""
        if not user:
            return self.env._("Nobody is responsible: choose a responsible on the recurrence.")
        if user._is_superuser():
            # OdooBot is archived by design; scripts and jobs act as it
            return None
        if not user.active:
            return self.env._(
                "The responsible %(user)s is archived. Choose another responsible.", user=user.name
            )
        if not user.has_group("account.group_account_invoice"):
            return self.env._("%(user)s has no right to issue invoices.", user=user.name)
        if company not in user.company_ids:
            return self.env._(
                "%(user)s has no access to %(company)s.", user=user.name, company=company.name
            )
        return None

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import clean_context, format_date

from ...tools.common.sealed import ON
from ..common.common_defaults import COMMON_DEFAULTS
from ..common.engine_mark import as_engine
from .recurrence_schedule_planning_mixin import ENGINE_CONTEXT

BATCH_SIZE = 100


class RecurrenceIssuing(models.AbstractModel):
    """Issues the invoices of due occurrences: once each, in the order of their dates.

    A service, as a batch mixes occurrences of many schedules, users and modes, and other addons
    extend what is issued.
    """

    _name = "recurrence.issuing"
    _description = "Issuing of Recurring Invoices"

    # === ENTRY POINTS === #

    @api.model
    def _issue(self, occurrences, mode=None, as_of=None, changes=None):
        """Issue the invoices of occurrences for the user who asks.

        :param occurrences: recurrence.occurrence; those that others are issuing are refused
        :param mode: a key of ``recurrence.schedule._get_issue_modes``; None takes the one of each
            schedule, where "confirm" posts: whoever calls this has confirmed
        :param as_of: the day of issue, default today in the company's time zone
        :param changes: dict occurrence → values for this invoice only, see
            ``recurrence.occurrence._apply_changes``
        :return: the invoices, account.move
        :raise UserError: with what hinders the first one that cannot be issued; nothing is kept
        """
        self._check_user(self.env.user, occurrences.company_id)
        self._check_issuable(occurrences)
        moves = self.env["account.move"]
        for company, of_company in occurrences.grouped("company_id").items():
            day = as_of or company._get_job_today()
            issuing = self.with_company(company)
            moves += issuing._issue_locked(of_company.with_env(issuing.env), mode, day, changes)
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
        :return: number of invoices issued; none in a database that may be a copy
        """
        if company._is_job_copy():
            return 0
        if commit is None:
            commit = bool(self.env.context.get("ir_cron_progress_id"))
        issuing = (
            self.sudo()
            .with_company(company)
            .with_context(tz=company.recurrence_dunning_tz or "UTC")
        )
        domain = issuing._get_due_domain(company, as_of)
        if schedules is not None:
            domain.append(("schedule_id", "in", schedules.ids))
        return issuing._issue_backlog(domain, as_of, batch_size, commit)

    # === ISSUING === #

    @api.model
    def _issue_locked(self, occurrences, mode, as_of, changes=None):
        """Lock what a person asked for, then issue it in the order of its dates."""
        locked = occurrences.sudo().try_lock_for_update(allow_referencing=True)
        if len(locked) < len(occurrences):
            busy = (occurrences.sudo() - locked)[:1]
            raise UserError(
                self.env._(
                    "%(name)s of %(date)s is currently being issued by somebody else.",
                    name=busy.display_name,
                    date=fields.Date.to_string(busy.date),
                )
            )
        occurrences.invalidate_recordset(["state", "move_id"])
        self._check_issuable(occurrences)
        moves = self.env["account.move"]
        ordered = self._arrange(occurrences)
        groups = self._split(ordered, lambda occ: mode or occ.schedule_id.invoice_mode)
        for one_mode, group in groups:
            moves += self._issue_now(group, one_mode, as_of, changes)
        return moves

    @api.model
    def _split(self, occurrences, key):
        """Split rows into those that follow each other and are alike: numbers follow dates.

        :param key: function of a row
        :return: iterator of (key, rows)
        """
        keys = [key(occurrence) for occurrence in occurrences]
        start = 0
        for end in range(1, len(keys) + 1):
            if end == len(keys) or keys[end] != keys[start]:
                yield keys[start], occurrences[start:end]
                start = end

    @api.model
    def _issue_now(self, occurrences, mode, as_of, changes=None, fiscal=None, counts=None):
        """Create the invoices in one go, post and send them as ``mode`` says.

        :param occurrences: of one company, locked, in the order of their dates
        :param changes: what a person changed, see ``recurrence.occurrence._apply_changes``
        :param fiscal: see ``recurrence.schedule._get_fiscal_changes``; None: asked now
        :param counts: see ``recurrence.occurrence._count_quantities``; None: counted now
        :return: the invoices, in the same order; one that is consolidated bills several of them
        """
        if counts is None:
            counts = occurrences._count_quantities()
        if fiscal is None:
            fiscal = occurrences.schedule_id._get_fiscal_changes()
        self._check_fiscal(occurrences, changes or {}, fiscal)
        self._check_not_corrected(occurrences)
        occurrences._check_counted(counts, changes or {})
        vals_list, reasons = occurrences._get_drafts(as_of, changes, fiscal, counts)
        way = self.env["recurrence.schedule"]._get_issue_modes()[mode]
        if way.check:
            getattr(occurrences, way.check)()
        moves, by_date = self._create_invoices(occurrences, vals_list)
        occurrences._copy_template_attachments(by_date)
        self._link(by_date)
        occurrences._keep_counts(counts)
        if way.is_posted:
            moves._post(soft=False)
        self._close(occurrences, way, as_of)
        moves = moves.with_env(self.env)
        self._tell(moves, by_date, reasons, fiscal, counts)
        occurrences.schedule_id._tell_fiscal(fiscal)
        occurrences.schedule_id._refresh_once()
        if way.finish:
            getattr(moves, way.finish)()
        return moves

    @api.model
    def _create_invoices(self, occurrences, vals_list):
        """Create the invoices of dates, one for several where they are consolidated.

        :param vals_list: the values of the invoice of each date alone
        :return: account.move, and dict recurrence.occurrence → its account.move
        """
        invoices = self._consolidate(occurrences, vals_list)
        # defaults of the screen this is called from are not meant for these invoices
        context = {**clean_context(self.env.context), **COMMON_DEFAULTS, "recurrence_issuing": ON}
        # _tell writes one note per invoice, all in one go, instead of "Invoice Created"
        context["mail_create_nolog"] = True
        moves = self.env(context=context)["account.move"]
        moves = as_engine(moves).create([vals for _dates, vals in invoices])
        by_date = {
            occurrence: move
            for (dates, _vals), move in zip(invoices, moves, strict=True)
            for occurrence in dates
        }
        return moves, by_date

    @api.model
    def _link(self, by_date):
        """Make invoices those of their dates.

        :param by_date: dict recurrence.occurrence → account.move
        """
        for occurrence, move in by_date.items():
            self._as_job(occurrence).move_id = move.id
        self.env["account.move"]._recurrence_add_dates(
            [(move, occurrence) for occurrence, move in by_date.items()]
        )

    @api.model
    def _close(self, occurrences, way, as_of):
        """Give the occurrences the state that follows from what became of the invoices."""
        occurrences = self._as_job(occurrences)
        if not way.is_posted:
            occurrences.write({"state": "todo", "error": False, "error_count": 0})
        else:
            occurrences._set_done(as_of)

    @api.model
    def _as_job(self, occurrences):
        return occurrences.sudo().with_context(**ENGINE_CONTEXT)

    @api.model
    def _tell(self, moves, by_date, reasons, fiscal, counts):
        """Note on each invoice where it comes from, and what is otherwise than expected.

        :param by_date: dict recurrence.occurrence → account.move
        """
        occurrences = self.env["recurrence.occurrence"].concat(*by_date)
        bodies, billed = {}, occurrences._leave_out_zero(occurrences._get_billed(), counts)
        for occurrence, move in by_date.items():
            origin = self.env._(
                "Issued by the recurrence %(name)s for %(date)s.",
                name=occurrence.schedule_id.name,
                date=format_date(self.env, occurrence.date),
            )
            schedule = occurrence.schedule_id
            taxes = schedule in fiscal and self.env._(
                "An invoice created manually today would differ from the template. %(changes)s",
                changes=schedule._describe_fiscal(fiscal[schedule]),
            )
            there = move.invoice_line_ids.recurrence_line_id
            decisions = {
                line: decision
                for line, decision in billed.get(occurrence, {}).items()
                if decision != "zero" or line not in there
            }
            left_out = occurrence._explain_left_out(decisions)
            lines = left_out and self.env._("Lines not billed: %(lines)s.", lines=left_out)
            counted = "; ".join(occurrence._describe_counts(counts.get(occurrence, {})))
            counted = counted and self.env._("Counted: %(figures)s.", figures=counted)
            texts = [origin, reasons.get(occurrence), counted, lines, taxes]
            text = " ".join(filter(None, texts))
            bodies[move.id] = Markup("<br/>").join(filter(None, [bodies.get(move.id), text]))
        moves._message_log_batch(bodies=bodies)

    # === CHECKS === #

    @api.model
    def _check_fiscal(self, occurrences, changes, fiscal):
        """Refuse what shall wait for a person, unless the person chose for this invoice."""
        for occurrence in occurrences:
            change = fiscal.get(occurrence.schedule_id)
            choice = changes.get(occurrence, {}).get("fiscal")
            schedule = occurrence.schedule_id
            if change and schedule._get_fiscal_choice(change, choice) == "wait":
                raise UserError(schedule._get_fiscal_wait_message(change))

    @api.model
    def _check_not_corrected(self, occurrences):
        """Refuse to issue a date again whose days a correction has billed meanwhile."""
        for occurrence in occurrences.sudo():
            correction = occurrence.correction_move_ids.filtered(
                lambda move: move.state != "cancel" and move.payment_state != "reversed"
            )[:1]
            if correction:
                raise UserError(
                    self.env._(
                        "%(correction)s corrects what was billed for %(date)s. Cancel or credit "
                        "it before you issue this date again.",
                        correction=correction.display_name,
                        date=format_date(self.env, occurrence.date),
                    )
                )

    @api.model
    def _check_issuable(self, occurrences):
        """Refuse what is issued already, skipped, or has nothing to issue."""
        for occurrence in occurrences:
            name, date = occurrence.display_name, fields.Date.to_string(occurrence.date)
            if occurrence.target != "invoice" or not occurrence.schedule_id.template_move_id:
                raise UserError(
                    self.env._(
                        "%(name)s of %(date)s does not issue an invoice.", name=name, date=date
                    )
                )
            move = occurrence.sudo().move_id
            if occurrence.state == "done" or occurrence._has_invoice():
                raise UserError(
                    self.env._(
                        "The invoice of %(name)s for %(date)s already exists: %(move)s.",
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
            return self.env._("No responsible user: choose one on the recurrence.")
        if user._is_superuser():
            # OdooBot is archived by design; scripts and jobs act as it
            return None
        if not user.active:
            return self.env._(
                "The responsible user %(user)s is archived. Choose another responsible user.",
                user=user.name,
            )
        if not user.has_group("account.group_account_invoice"):
            return self.env._("%(user)s is not allowed to issue invoices.", user=user.name)
        if company not in user.company_ids:
            return self.env._(
                "%(user)s has no access to %(company)s.", user=user.name, company=company.name
            )
        return None

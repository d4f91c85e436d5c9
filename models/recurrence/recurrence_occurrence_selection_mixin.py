from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from ..common.client_action import notify, open_dialog
from ..common.isolation import find_failing

BATCH_SIZE = 100


class RecurrenceOccurrenceSelectionMixin(models.AbstractModel):
    """Issues what a person selected in a list: many at once, with progress, failures apart."""

    _name = "recurrence.occurrence.selection.mixin"
    _description = "Issuing of Selected Recurring Invoices"

    def action_open_issue_many(self):
        """Open the dialog that says what issuing these dates does.

        :return: the action of the dialog; where nothing is selected it is about all that the list
            shows
        """
        self.check_access("write")
        shown = self.env.context.get("active_domain")
        dates = self.search(shown) if shown and not self else self
        if not dates:
            return notify(self.env._("There is no invoice to issue."), "warning")
        return open_dialog(
            self.env["recurrence.occurrence.issue.many"],
            self.env._("Issue Invoices"),
            context={"default_occurrence_ids": dates.ids},
        )

    def _issue_selection(self, with_drafts=False):
        """Issue the invoices of the selected dates for the user who asks.

        One alone raises what hinders it. Of many, those that fail keep their error and the
        others go on; each batch is committed, and the user is told how far it is.

        :param with_drafts: whether drafts that wait are posted too; else they go on waiting
        :return: the action that tells the outcome and leads to what was issued
        """
        issuing = self.env["recurrence.issuing"]
        issuing._check_user(self.env.user, self.company_id)
        if len(self) == 1:
            move = self._issue_or_post() if with_drafts else issuing._issue(self)
            return notify(
                self.env._("%(name)s has been issued.", name=move.display_name),
                next=self._get_issued_action(move),
            )
        ready, drafted, left_out = self._split_selection()
        waiting = 0 if with_drafts else len(drafted.sudo().move_id)
        unbilled = ready._skip_unbilled(ready._count_quantities())
        ready, left_out = ready - unbilled, left_out + len(unbilled)
        ready += drafted if with_drafts else self.browse()
        done = failed = 0
        # what belongs on one invoice is in one batch
        for units in split_every(BATCH_SIZE, issuing._get_units(ready)):
            batch = self.browse().concat(*units)
            count = self._issue_selected_batch(batch, units)
            done += count
            failed += len(batch) - count
            self._commit_selection(done + failed, len(ready))
        kind = "warning" if failed or left_out else "success"
        moves = ready.sudo().filtered(lambda o: o.state != "failed").move_id
        moves = moves.filtered(lambda move: move.state != "cancel")
        params = {"next": self._get_issued_action(moves)} if done else {}
        return notify(self._get_outcome(len(moves), failed, left_out, waiting), kind, **params)

    @api.model
    def _get_issued_action(self, moves):
        """Return the action that shows the invoices that were just issued."""
        action = moves._recurrence_get_list_action(set(moves.mapped("move_type")))
        title = self.env._("Issued Invoices")
        action.update(name=title, display_name=title, domain=[("id", "in", moves.ids)])
        return action

    def _split_selection(self):
        """Return what can be issued, whose draft waits, and how many are neither."""
        ready, drafted = self.browse(), self._filter_drafted()
        for occurrence in self - drafted:
            try:
                self.env["recurrence.issuing"]._check_issuable(occurrence)
            except UserError:
                continue
            ready += occurrence
        return ready, drafted, len(self) - len(ready) - len(drafted)

    @api.model
    def _issue_selected_batch(self, batch, units):
        """Issue a batch; where that fails, one invoice at a time.

        :param units: list of the dates that belong on one invoice
        :return: number of dates done
        """
        try:
            with self.env.cr.savepoint():
                batch._issue_or_post()
                return len(batch)
        except UserError:
            return sum(unit._issue_selected_unit() for unit in units)

    def _issue_selected_unit(self):
        """Issue what belongs on one invoice; dates that cannot be issued are left out of it."""
        error = self._try_selected()
        if not error:
            return len(self)
        if len(self) == 1:
            as_of = self.company_id._get_job_today()
            self.env["recurrence.issuing"]._record_problem(self, str(error), as_of)
            return 0
        failing = find_failing(self, lambda date: date._issue_or_post(), UserError)
        left = self.filtered(lambda date: date not in failing)
        # where each of them works alone, together they do not
        parts = [left, *(self - left)] if failing else [*self]
        return sum(part._issue_selected_unit() for part in parts if part)

    def _try_selected(self):
        """Issue these dates; return what hinders it, or None."""
        try:
            with self.env.cr.savepoint():
                self._issue_or_post()
        except UserError as error:
            return error
        return None

    @api.model
    def _commit_selection(self, done, total):
        """Keep what is done, and tell the user on long selections how far it is."""
        if not self.env["account.move"]._can_commit():
            return
        if done < total:
            message = self.env._("%(done)s of %(total)s done.", done=done, total=total)
            self.env.user._bus_send("simple_notification", {"type": "info", "message": message})
        self.env["ir.cron"]._commit_progress()

    @api.model
    def _get_outcome(self, issued, failed, left_out, waiting=0):
        parts = [self.env._("Invoices issued: %(count)s.", count=issued)]
        if failed:
            parts.append(
                self.env._("Failed, with the error shown on the date: %(count)s.", count=failed)
            )
        if waiting:
            parts.append(self.env._("Drafts that still wait: %(count)s.", count=waiting))
        if left_out:
            parts.append(
                self.env._(
                    "Already issued or skipped, or not an invoice: %(count)s.", count=left_out
                )
            )
        return " ".join(parts)

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import split_every

BATCH_SIZE = 100


class RecurrenceInvoiceSelection(models.AbstractModel):
    """Issues what a person selected in a list: many at once, with progress, failures apart."""

    _name = "recurrence.invoice.selection"
    _description = "Issuing of Selected Recurring Invoices"

    @api.model
    def _issue(self, occurrences):
        """Issue the invoices of the selected dates for the user who asks.

        One alone raises what hinders it. Of many, those that fail keep their error and the
        others go on; each batch is committed, and the user is told how far it is.

        :return: the action that tells the outcome
        """
        service = self.env["recurrence.invoicing"]
        service._check_user(self.env.user, occurrences.company_id)
        if len(occurrences) == 1:
            move = service._issue(occurrences)
            return self._tell(self.env._("%(name)s is issued.", name=move.display_name))
        ready, left_out = self._split(occurrences)
        issued = failed = 0
        ordered = ready.sorted(lambda occurrence: (occurrence.date, occurrence.id))
        for ids in split_every(BATCH_SIZE, ordered.ids):
            batch = occurrences.browse(ids)
            count = self._issue_batch(batch)
            issued += count
            failed += len(batch) - count
            self._commit(issued + failed, len(ordered))
        return self._tell(self._get_outcome(issued, failed, left_out), failed or left_out)

    @api.model
    def _split(self, occurrences):
        """Return what can be issued, and how many of the selection cannot."""
        ready = occurrences.browse()
        for occurrence in occurrences:
            try:
                self.env["recurrence.invoicing"]._check_issuable(occurrence)
            except UserError:
                continue
            ready += occurrence
        return ready, len(occurrences) - len(ready)

    @api.model
    def _issue_batch(self, batch):
        """Issue a batch; where that fails, one by one.

        :return: number of invoices issued
        """
        service = self.env["recurrence.invoicing"]
        try:
            with self.env.cr.savepoint():
                return len(service._issue(batch))
        except UserError:
            return sum(self._issue_one(occurrence) for occurrence in batch)

    @api.model
    def _issue_one(self, occurrence):
        service = self.env["recurrence.invoicing"]
        try:
            with self.env.cr.savepoint():
                return len(service._issue(occurrence))
        except UserError as error:
            as_of = occurrence.company_id._get_job_today()
            service._record_problem(occurrence, str(error), as_of)
            return 0

    @api.model
    def _commit(self, done, total):
        """Keep what is done, and tell the user on long selections how far it is."""
        if not self.env["account.move"]._can_commit():
            return
        if done < total:
            message = self.env._("%(done)s of %(total)s done.", done=done, total=total)
            self.env.user._bus_send("simple_notification", {"type": "info", "message": message})
        self.env["ir.cron"]._commit_progress()

    @api.model
    def _get_outcome(self, issued, failed, left_out):
        parts = [self.env._("Invoices issued: %(count)s.", count=issued)]
        if failed:
            parts.append(
                self.env._("Failed, with the error shown on the date: %(count)s.", count=failed)
            )
        if left_out:
            parts.append(
                self.env._("Issued or skipped before, or no invoice: %(count)s.", count=left_out)
            )
        return " ".join(parts)

    @api.model
    def _tell(self, message, is_warning=False):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if is_warning else "success",
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

from odoo import api, models


class RecurrenceInvoiceSendingMixin(models.AbstractModel):
    """Hands posted invoices to Odoo's own sending."""

    _name = "recurrence.invoice.sending.mixin"
    _description = "Sending of Recurring Invoices"

    def _recurrence_get_held(self):
        """Return those invoices of recurrences that stay here: this database may be a copy."""
        held = self.filtered("recurrence_schedule_id")
        return held.filtered(lambda move: move.company_id._is_job_copy())

    @api.model
    def _recurrence_send_others(self, job_count):
        """Do the work of Odoo's sending job where invoices of recurrences are to stay here.

        :return: whether there are such; without them the job is Odoo's own
        """
        moves = self.env["account.move"]
        waiting = [("sending_data", "!=", False), ("state", "=", "posted")]
        ours = moves.search([*waiting, ("recurrence_schedule_id", "!=", False)], order="id")
        held = ours._recurrence_get_held()
        if not held:
            return False
        domain = [*waiting, ("id", "not in", held.ids)]
        found = moves.search(domain, order="date, invoice_date, id", limit=job_count)
        found = found.try_lock_for_update()
        if found:
            self.env["account.move.send"]._generate_and_send_invoices(found, from_cron=True)
            remaining = moves.search_count(domain)
            self.env["ir.cron"]._commit_progress(len(found), remaining=remaining)
        return True

    def _recurrence_get_sending_methods(self, by_person):
        """Return how an invoice goes out: as the customer wants it.

        By e-mail where the customer's invoices are handed over by hand and a person asks to
        send one.
        """
        methods = self.env["account.move.send"]._get_default_sending_methods(self)
        return {"email"} if by_person and methods == {"manual"} else methods

    def _recurrence_queue_sending(self):
        """Leave invoices to Odoo's sending job, in the transaction that posts them.

        The mails are made after the commit, with the acting user as author: an issue that is
        rolled back sends nothing, and one that was committed is sent even after a crash.
        """
        self.sending_data = {
            "author_user_id": self.env.user.id,
            "author_partner_id": self.env.user.partner_id.id,
        }
        self.env["ir.cron"]._wake("account.ir_cron_account_move_send")

    def _recurrence_send_now(self):
        """Send one invoice at once, for a person who waits."""
        self.env["account.move.send"]._generate_and_send_invoices(
            self, sending_methods=list(self._recurrence_get_sending_methods(by_person=True))
        )

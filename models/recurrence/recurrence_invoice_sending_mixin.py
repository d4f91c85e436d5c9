from odoo import api, models
from odoo.exceptions import UserError


class RecurrenceInvoiceSendingMixin(models.AbstractModel):
    """Hands posted invoices to Odoo's own sending."""

    _name = "recurrence.invoice.sending.mixin"
    _description = "Sending of Recurring Invoices"

    def _check_recipients(self, by_person=False):
        """Refuse to issue what could not be sent: nothing is posted then.

        :param by_person: a person asks to send now, see ``_get_methods``
        :raise UserError: naming the customer without an address; nothing leaves a copy
        """
        self._check_place(self.company_id)
        for schedule in self.schedule_id:
            template = schedule.template_move_id
            methods = self._get_methods(template, by_person)
            if "email" in methods and not template.partner_id.email:
                raise UserError(
                    self.env._(
                        "%(partner)s has no e-mail address, so the invoice cannot be sent.",
                        partner=template.partner_id.display_name,
                    )
                )

    @api.model
    def _check_place(self, companies):
        """Refuse to send anything from a database that may be a copy (design rule 16)."""
        if any(company._is_job_copy() for company in companies):
            raise UserError(companies._get_copy_sentence())

    @api.model
    def _get_held(self, moves):
        """Return those invoices of recurrences that stay here: this database may be a copy."""
        held = moves.filtered("recurrence_schedule_id")
        return held.filtered(lambda move: move.company_id._is_job_copy())

    @api.model
    def _send_others(self, job_count):
        """Do the work of Odoo's sending job where invoices of recurrences are to stay here.

        :return: whether there are such; without them the job is Odoo's own
        """
        moves = self.env["account.move"]
        waiting = [("sending_data", "!=", False), ("state", "=", "posted")]
        held = self._get_held(
            moves.search([*waiting, ("recurrence_schedule_id", "!=", False)], order="id")
        )
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

    @api.model
    def _get_methods(self, move, by_person):
        """Return how an invoice goes out: as the customer wants it.

        By e-mail where the customer's invoices are handed over by hand and a person asks to
        send one.
        """
        methods = self.env["account.move.send"]._get_default_sending_methods(move)
        return {"email"} if by_person and methods == {"manual"} else methods

    @api.model
    def _queue(self, moves):
        """Leave invoices to Odoo's sending job, in the transaction that posts them.

        The mails are made after the commit, with the acting user as author: an issue that is
        rolled back sends nothing, and one that was committed is sent even after a crash.
        """
        moves.sending_data = {
            "author_user_id": self.env.user.id,
            "author_partner_id": self.env.user.partner_id.id,
        }
        self.env.ref("account.ir_cron_account_move_send").sudo()._trigger()

    @api.model
    def _send_queued(self, move):
        """Send one invoice at once, for a person who waits."""
        self.env["account.move.send"]._generate_and_send_invoices(
            move, sending_methods=list(self._get_methods(move, by_person=True))
        )

from odoo import fields, models
from odoo.tools import format_date

from ...common.access_groups import DUNNING_USERS
from ...common.common_defaults import COMMON_DEFAULTS
from ...common.isolation import run_isolated

MODULE = "account_recurrence_dunning"
# Of the states of a payment those that are confirmed, and as what.
CONFIRMED = {"pending": "ordered", "authorized": "ordered", "done": "paid"}
# Further numbers say little to who reads them.
MOST_NUMBERS = 50


class DunningTransactionConfirmationMixin(models.AbstractModel):
    """Confirming by e-mail what a customer paid on the page a reminder leads to (C5).

    A confirmation demands nothing: it leaves where dunning was switched off meanwhile too, but
    never from a copy of the database. That a payment was ordered is confirmed, and that it was
    made, each once; what failed is told by the page alone.
    """

    _name = "dunning.transaction.confirmation.mixin"
    _description = "Confirmation of Payments on the Customer's Page"
    _inherit = "recurrence.dunning.system.field.mixin"

    dunning_reminder_id = fields.Many2one(
        "dunning.reminder",
        string="Paid by the Link Of",
        prefetch=False,
        readonly=True,
        system=True,
        copy=False,
        index="btree_not_null",
        groups=DUNNING_USERS,
    )
    dunning_email_to = fields.Char(
        string="Payment Confirmed To",
        prefetch=False,
        readonly=True,
        system=True,
        copy=False,
        groups=DUNNING_USERS,
        help="Whom a payment on the customer's page is confirmed to.",
    )
    dunning_lang = fields.Char(
        string="Language of the Confirmation",
        prefetch=False,
        readonly=True,
        system=True,
        copy=False,
        groups=DUNNING_USERS,
    )
    dunning_confirmed = fields.Selection(
        [("ordered", "Payment order"), ("paid", "Payment")],
        string="Confirmed to the Customer",
        prefetch=False,
        readonly=True,
        system=True,
        copy=False,
        groups=DUNNING_USERS,
    )

    def _dunning_confirm_payments(self):
        """Confirm payments that Odoo has booked, whatever becomes of the confirmation."""
        run_isolated(
            self.sudo().filtered(lambda transaction: transaction._dunning_is_to_confirm()),
            lambda transactions: [one._dunning_confirm() for one in transactions],
            lambda transaction, error: None,  # logged; the money was booked all the same
        )

    def _dunning_is_to_confirm(self):
        kind = CONFIRMED.get(self.state)
        return (
            kind
            and self.dunning_email_to
            and self.dunning_confirmed not in (kind, "paid")
            and not self.company_id._is_job_copy()
        )

    def _dunning_confirm(self):
        """Send the customer what was ordered or paid, to where the link was sent."""
        kind = CONFIRMED[self.state]
        lang = self.dunning_lang
        if not self.env["res.lang"]._get_data(code=lang):  # uninstalled meanwhile
            lang = self.partner_id._dunning_get_lang(self.partner_id, self.company_id)
        spoken = self.with_context(lang=lang).with_company(self.company_id)
        mails = self.env["mail.mail"].with_context(**COMMON_DEFAULTS)
        mails.create(spoken._dunning_prepare_confirmation(kind)).send_after_commit()
        self.dunning_confirmed = kind
        if kind == "paid":
            self._dunning_leave_out_thanks()

    def _dunning_prepare_confirmation(self, kind):
        company, reminder = self.company_id, self.dunning_reminder_id.with_env(self.env)
        body = self.env["ir.qweb"]._render(
            f"{MODULE}.dunning_payment_mail",
            {"transaction": self, "kind": kind, **self._dunning_describe_payment()},
            minimal_qcontext=True,
            lang=self.env.lang or "en_US",
        )
        if kind == "paid":
            subject = self.env._("Your payment to %(company)s", company=company.name)
        else:
            subject = self.env._("Your payment order to %(company)s", company=company.name)
        return company._dunning_prepare_confirmation(
            self.partner_id,
            reminder,
            reminder or self.invoice_ids[:1],
            subject,
            body,
            self.dunning_email_to,
        )

    def _dunning_describe_payment(self):
        """Return what a confirmation says of the payment, in the language of its reader."""
        done = self.child_transaction_ids.filtered(
            lambda child: child.state == "done" and child.operation == self.operation
        )
        numbers = self.invoice_ids.sorted(
            lambda move: (move.invoice_date_due or move.date, move.id)
        )
        numbers = list(filter(None, numbers.mapped("name")))
        more = len(numbers) - MOST_NUMBERS
        day = self.company_id._get_job_day(self.last_state_change or self.create_date)
        return {
            # what was taken in parts may be less than what was ordered
            "amount": sum(done.mapped("amount")) if done else self.amount,
            "numbers": ", ".join(numbers[:MOST_NUMBERS]) + (f" + {more}" if more > 0 else ""),
            "day": format_date(self.env, day),
        }

    def _dunning_leave_out_thanks(self):
        """Count what is settled now as thanked for: nobody is thanked twice for a payment."""
        settled = self.invoice_ids.filtered(
            lambda move: move.currency_id.is_zero(move.amount_residual)
        )
        lines = self.env["dunning.reminder.line"].search(
            [("move_id", "in", settled.ids), ("thanked_date", "=", False)]
        )
        lines.thanked_date = self.company_id._get_job_today()

    def _dunning_get_instructions(self):
        """Return what the customer has to do to complete a payment order, as HTML; may be empty.

        Other providers do the rest themselves, and their text is Odoo's, in one language.
        """
        transfers = self.state == "pending" and self.provider_code == "custom"
        return self.provider_id.pending_msg if transfers else ""

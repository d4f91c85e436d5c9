from datetime import date

from odoo import api, fields, models
from odoo.tools import format_date
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

# The sentences of tools.dunning_ladder.REASONS where they can be translated; a test keeps the
# codes and placeholders of both equal.
SENTENCES = {
    "level_due": _lt("Level %(level)s is due since %(date)s."),
    "repeat_due": _lt("Level %(level)s is to be repeated since %(date)s."),
    "notice_due": _lt("The notice before the due date %(due)s is to be sent since %(date)s."),
    "mailing_due": _lt("A mailing that does not count as a reminder is due since %(date)s."),
    "not_due_yet": _lt("It is not time yet: next step on %(date)s."),
    "gap": _lt(
        "Level %(level)s goes no sooner than %(gap)s days after the reminder of %(last_date)s: "
        "next step on %(date)s."
    ),
    "contact_gap": _lt(
        "The customer was written to on %(contact_last)s: this waits until %(date)s."
    ),
    "notice_dropped": _lt(
        "The customer was written to on %(contact_last)s: the notice is left out."
    ),
    "ladder_done": _lt("No further level follows in the program."),
    "no_level": _lt("The program has no active level."),
    "dispute": _lt("The customer disputes it."),
    "promise": _lt("The customer promised to pay."),
    "direct_debit": _lt("It is collected by direct debit."),
    "goodwill": _lt("Reminders are stopped out of goodwill."),
    "legal": _lt("It is with a lawyer or a collection agency."),
    "other": _lt("It is blocked by hand."),
    "never_sent": _lt("The invoice was never sent to the customer."),
    "bounced": _lt("The message with the invoice came back as undeliverable."),
    "undelivered": _lt("The last reminder was not delivered: see Not delivered."),
    "in_progress": _lt("A reminder is prepared or on its way."),
    "customer_never": _lt("This customer is never reminded automatically."),
    "invoice_off": _lt("Automatic reminders are off for this invoice."),
    "before_activation": _lt("The invoice is older than the activation of dunning."),
    "no_program": _lt("No program applies."),
    "other_program": _lt("Another program applies."),
    "program_off": _lt("The program is switched off."),
    "database_copy": _lt("The program holds: this database may be a copy."),
    "bank_stale": _lt("The bank statements are not up to date."),
    "level_not_chosen": _lt("This run does not send this level."),
    "removed": _lt("It was taken out of the run by hand."),
    "no_followup": _lt("The journal item is marked as not to be followed up."),
    "blocked_payment": _lt("The payment of the invoice is blocked."),
    "in_payment": _lt("A payment is in process."),
    "covered_by_credit": _lt("The customer's credits and payments on account cover it."),
    "paid": _lt("It is paid."),
    "reversed": _lt("The invoice was reversed."),
    "legacy": _lt("The invoice comes from an older accounting application."),
}
# What a person filters and groups by; the sentence carries the details.
REASON_LABELS = {
    "level_due": _lt("Level due"),
    "repeat_due": _lt("Repetition due"),
    "notice_due": _lt("Notice due"),
    "mailing_due": _lt("Mailing due"),
    "not_due_yet": _lt("Not yet time"),
    "gap": _lt("Gap between levels"),
    "contact_gap": _lt("Gap between messages"),
    "notice_dropped": _lt("Notice left out"),
    "ladder_done": _lt("All levels done"),
    "no_level": _lt("No active level"),
    "dispute": _lt("Dispute"),
    "promise": _lt("Promise to pay"),
    "direct_debit": _lt("Direct debit"),
    "goodwill": _lt("Goodwill"),
    "legal": _lt("Lawyer or agency"),
    "other": _lt("Blocked by hand"),
    "never_sent": _lt("Never sent"),
    "bounced": _lt("Invoice bounced"),
    "undelivered": _lt("Not delivered"),
    "in_progress": _lt("In progress"),
    "customer_never": _lt("Customer: never"),
    "invoice_off": _lt("Invoice: off"),
    "before_activation": _lt("Before activation"),
    "no_program": _lt("No program"),
    "other_program": _lt("Other program"),
    "program_off": _lt("Program off"),
    "database_copy": _lt("Database copy"),
    "bank_stale": _lt("Bank not up to date"),
    "level_not_chosen": _lt("Level not chosen"),
    "removed": _lt("Taken out"),
    "no_followup": _lt("No follow-up"),
    "blocked_payment": _lt("Payment blocked"),
    "in_payment": _lt("Payment in process"),
    "covered_by_credit": _lt("Covered by credit"),
    "paid": _lt("Paid"),
    "reversed": _lt("Reversed"),
    "legacy": _lt("Legacy"),
}


class DunningReason(models.AbstractModel):
    """The reason of a decision as a sentence in the reader's language."""

    _name = "dunning.reason"
    _description = "Reasons of Dunning Decisions"

    @api.model
    def _get_selection(self):
        """Return the reason codes with their short labels, for a Selection field."""
        return [(code, str(label)) for code, label in REASON_LABELS.items()]

    @api.model
    def _get_sentence(self, code, params):
        """Return the sentence of a reason.

        :param str code: a key of ``SENTENCES``
        :param dict params: the decision's values; days as date or ISO text (as stored in JSON)
        :return: text in the language of the environment
        """
        values = {key: self._format(key, value) for key, value in (params or {}).items()}
        values = (
            dict.fromkeys(("level", "date", "due", "gap", "last_date", "contact_last"), "?")
            | values
        )
        sentence = SENTENCES.get(code)
        if not sentence:
            return code or ""
        # a lazy text takes no values: it is translated first, then filled in
        text = self.env._(sentence)
        return text % values

    @api.model
    def _format(self, key, value):
        """Return one placeholder's value as text; what is unknown is shown as a dash."""
        if value is None or value is False:
            return "–"
        if isinstance(value, date) or key in ("date", "due", "last_date", "contact_last"):
            return format_date(self.env, fields.Date.to_date(value))
        return value

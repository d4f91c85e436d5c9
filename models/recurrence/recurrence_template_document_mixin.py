from odoo import api, models
from odoo.exceptions import UserError

from ...tools.recurrence.document import DOCUMENTS
from ...tools.recurrence.repeat_period import AUTO_POST_MONTHS

# What opens the documents of a kind; the name of what composes a new one that recurs.
LIST_ACTIONS = {
    "out_invoice": "account.action_move_out_invoice_type",
    "out_refund": "account.action_move_out_refund_type_non_legacy",
    "out_receipt": "account.action_move_out_invoice_type",
    "in_invoice": "account.action_move_in_invoice_type",
    "in_refund": "account.action_move_in_refund_type",
    "in_receipt": "account.action_move_in_invoice_type",
    "entry": "account.action_move_journal_line",
}
NEW_ACTIONS = {
    "out_invoice": "recurrence_template_action_new",
    "out_refund": "recurrence_template_action_new_credit_note",
    "out_receipt": "recurrence_template_action_new",
    "in_invoice": "recurrence_template_action_new_bill",
    "in_refund": "recurrence_template_action_new_refund",
    "in_receipt": "recurrence_template_action_new_bill",
    "entry": "recurrence_template_action_new_entry",
}
# Entries that Odoo makes itself, from something else.
MADE_BY_ODOO = (
    "statement_line_id",
    "origin_payment_id",
    "tax_cash_basis_origin_move_id",
    "exchange_diff_partial_ids",
)


class RecurrenceTemplateDocumentMixin(models.AbstractModel):
    """What differs between an invoice, a credit note, a bill, a receipt and a journal entry."""

    _name = "recurrence.template.document.mixin"
    _description = "Kinds of Recurring Documents"

    def _recurrence_get_document(self):
        """Return the kind of this document, a ``Document``."""
        self.ensure_one()
        return DOCUMENTS[self.move_type]

    def _recurrence_get_new_name(self):
        """Return what a template is called while it has no recurrence."""
        if self.sudo().recurrence_is_kind:
            return self.env._("New Kind of Recurring Invoice")
        return {
            "out_refund": self.env._("New Recurring Credit Note"),
            "out_receipt": self.env._("New Recurring Receipt"),
            "in_invoice": self.env._("New Recurring Bill"),
            "in_refund": self.env._("New Recurring Refund"),
            "in_receipt": self.env._("New Recurring Receipt"),
            "entry": self.env._("New Recurring Journal Entry"),
        }.get(self.move_type, self.env._("New Recurring Invoice"))

    def _recurrence_check_makeable(self):
        """Refuse to make recurring what repeats already, or what Odoo makes by itself."""
        self._recurrence_check_own()
        problem = False
        if self.auto_post in AUTO_POST_MONTHS:
            problem = self.env._(
                "This invoice is already posted and repeated automatically. Set “Auto-post” to "
                "“No” first, or use “Take Over Recurring Invoices” under Configuration. "
                "Otherwise the customer would be billed twice."
            )
        elif self.auto_post_origin_id and self.auto_post != "no":
            problem = self.env._(
                "This invoice belongs to a series that was taken over and repeats already. "
                "Duplicate it first if it shall be repeated once more."
            )
        if problem:
            raise UserError(problem)

    def _recurrence_check_own(self):
        """Refuse what recurs by this addon, or cannot recur by itself."""
        problem = False
        if self.is_recurrence_template:
            problem = self.env._("This is already the template of a recurrence.")
        elif any(self[name] for name in MADE_BY_ODOO):
            problem = self.env._(
                "This entry was made from a payment, a bank statement, a tax due on payment or an "
                "exchange difference, so it cannot recur by itself."
            )
        elif self.recurrence_occurrence_id:
            problem = self.env._(
                "This invoice was issued by %(name)s, which already repeats.",
                name=self.recurrence_schedule_id.name,
            )
        if problem:
            raise UserError(problem)

    # === ACTIONS === #

    @api.model
    def _recurrence_get_list_action(self, kinds):
        """Return the action that lists documents.

        :param kinds: set of their kinds; those of several are listed as journal entries
        """
        kind = next(iter(kinds)) if len(kinds) == 1 else "entry"
        action = self.env["ir.actions.act_window"]._for_xml_id(LIST_ACTIONS[kind])
        action["context"] = {"default_move_type": kind, "create": False}
        return action

    @api.model
    def _recurrence_get_new_action(self, kind):
        """Return the action that composes the template of a recurring document of a kind."""
        name = NEW_ACTIONS.get(kind, NEW_ACTIONS["out_invoice"])
        return self.env["ir.actions.act_window"]._for_xml_id(f"account_recurrence_dunning.{name}")

    # === WHAT A PRODUCT SAYS === #

    def _recurrence_get_product_text(self, product):
        """Return the text of a product on a line of this document, in the language of ``product``.

        As Odoo writes it when the product is chosen.
        """
        if self._recurrence_get_document().is_sale:
            return product.get_product_multiline_description_sale()
        return "\n".join(filter(None, (product.display_name, product.description_purchase)))

    def _recurrence_get_product_taxes(self, product):
        """Return the taxes of a product in the company of this document, not mapped."""
        is_sale = self._recurrence_get_document().is_sale
        taxes = product.taxes_id if is_sale else product.supplier_taxes_id
        return taxes._filter_taxes_by_company(self.company_id)

    def _recurrence_get_product_price(self, product, date, position, **price):
        """Return the price of a product on a day, as Odoo sets it on a new line.

        :param position: account.fiscal.position
        :param price: where it is not that of the product, in terms of Odoo's method
        """
        return product._get_tax_included_unit_price(
            self.company_id,
            self.currency_id,
            date,
            self._recurrence_get_document().side,
            fiscal_position=position,
            **price,
        )

    # === DUPLICATES === #

    @api.model
    def _recurrence_leave_out_templates(self, found):
        """Return which documents look like others, without templates: they bill nothing.

        :param found: dict move → moves, as ``_fetch_duplicate_reference`` gives it
        """
        real = {
            move: others.filtered(lambda other: not other.is_recurrence_template)
            for move, others in found.items()
        }
        return {move: others for move, others in real.items() if others}

from odoo import models
from odoo.exceptions import UserError

# What is of one customer alone: it does not go to another.
OWN_FIELDS = (
    "ref",
    "payment_reference",
    "invoice_origin",
    "dunning_choice",
    "dunning_program_id",
)


class RecurrenceScheduleCustomersMixin(models.AbstractModel):
    """Makes the same recurring invoice for other customers."""

    _name = "recurrence.schedule.customers.mixin"
    _inherit = "recurrence.schedule.import.mixin"
    _description = "The Same Recurrence for Other Customers"

    def action_open_customers(self):
        """Open the dialog that makes the same recurring invoice for other customers."""
        self.check_access("write")
        self.ensure_one()
        self._check_template()
        if not self._get_document().is_sale:
            raise UserError(self.env._("%(name)s does not bill a customer.", name=self.name))
        title = self.env._("The Same for Other Customers")
        if self.is_kind:
            title = self.env._("%(name)s for Customers", name=self.name)
        return self._open_dialog("recurrence.schedule.customers", title)

    def _copy_for(self, partner, date_start):
        """Make the same recurring invoice for another customer, a draft.

        Payment terms, taxes and texts of products are those of an invoice made for them today.

        :param partner: res.partner
        :param date_start: first day, a ``date``
        :return: the new recurrence
        """
        self.ensure_one()
        template = self.env["account.move"]._recurrence_create_template(
            self.template_move_id, self._get_terms_for(partner), with_attachments=False
        )
        over = template.invoice_line_ids.filtered(
            lambda line: line.recurrence_until and line.recurrence_until < date_start
        )
        over.unlink()
        copied = self.copy(
            {
                "template_move_id": template.id,
                "partner_id": partner.id,
                "date_start": date_start,
                # the order is the first customer's
                "order_until": False,
                **self._get_copy_values(partner, date_start),
            }
        )
        copied.name = template._recurrence_get_schedule_name()
        self._adapt_copy(copied)
        return copied

    def _get_copy_values(self, partner, date_start):
        """Return more of what the recurring invoice of another customer has otherwise.

        :param partner: res.partner
        :param date_start: its first day, a ``date``
        """
        return {}

    def _adapt_copy(self, copied):
        """Give the recurring invoice of another customer the taxes that hold for them."""
        # what the source says is not meant for this customer
        copied.sudo().fiscal_accepted = False
        copied.action_fiscal_take()

    def _get_terms_for(self, partner):
        """Return the values of a template for another customer, as Odoo has them on a new one."""
        source = self.template_move_id
        owner = partner.with_company(self.company_id)
        terms = owner.property_payment_term_id or source.invoice_payment_term_id
        way = "outbound" if source.move_type == "out_receipt" else "inbound"
        return {
            "partner_id": partner.id,
            "partner_shipping_id": partner.address_get(["delivery"])["delivery"],
            "invoice_payment_term_id": terms.id,
            "fiscal_position_id": source.fiscal_position_id.id,
            "preferred_payment_method_line_id": owner[f"property_{way}_payment_method_line_id"].id,
            # the first customer's own
            **dict.fromkeys(OWN_FIELDS, False),
        }

    def _find_same(self, partner):
        """Return the recurring invoices of a customer that have a line as this one has.

        :param partner: res.partner
        """
        lines = self.template_move_id.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        )
        keys = {line.product_id.id or line.name for line in lines}
        # also what is archived: it can be taken up again
        customers = self.with_context(active_test=False).search(
            [
                ("partner_id", "child_of", partner.commercial_partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("document_type", "=", self.document_type),
                ("state", "!=", "finished"),
            ]
        )
        return customers.filtered(
            lambda s: (
                keys
                & {line.product_id.id or line.name for line in s.template_move_id.invoice_line_ids}
            )
        )

from odoo import models


class DunningInvoiceSentenceMixin(models.AbstractModel):
    """What an invoice says about late payment where the law asks it to (M3)."""

    _name = "dunning.invoice.sentence.mixin"
    _description = "Sentences on Invoices"

    def _dunning_get_charge_sentence(self):
        """Return what is printed on an invoice about late payment, in the customer's language.

        :return: the sentence of the rule; empty where the company has not switched that on, no
            rule in use asks for one, or the customer is a consumer
        """
        self.ensure_one()
        # asked for each invoice that is printed: switched off, it costs no query
        if not self._dunning_is_charge_printed():
            return ""
        customer = self.sudo().commercial_partner_id
        kind = customer._dunning_get_debtor_kind()
        if kind == "consumer":
            return ""
        company = self.company_id.sudo()
        day = self.invoice_date or company._get_job_today()
        rules = self.env["dunning.charge.rule"]
        rule = rules._find_for_invoice(company, customer.country_id, kind, day)
        return rule.with_context(lang=self.partner_id.lang or self.env.lang).invoice_text or ""

    def _dunning_is_charge_printed(self):
        """Whether this is a customer invoice of a company that has this printed on them."""
        return (
            self.move_type == "out_invoice"
            and self.state in ("draft", "posted")
            and not self.is_recurrence_template
            and self.company_id.id in self.company_id._get_charge_printing_ids()
        )

from odoo import api, models

PUBLIC = "account_recurrence_dunning.partner_category_public"


class DunningPartnerDebtorMixin(models.AbstractModel):
    """What kind of debtor a customer is: what may be claimed of it depends on that (M1)."""

    _name = "dunning.partner.debtor.mixin"
    _description = "Kind of Debtor"

    @api.model
    def _dunning_get_debtor_fields(self):
        """Return what the kind is read from, so that it can be read for many at once."""
        return ["category_id", "commercial_partner_id", "dunning_debtor_kind", "is_company", "vat"]

    def _dunning_get_debtor_kind(self):
        """Return what a customer is, of ``dunning.charge.rule``'s kinds.

        What was chosen; else a public body by its tag, a business as a company or by its tax
        number, else a consumer.
        """
        customer = self.commercial_partner_id or self
        # not "env.ref", which asks the database each time
        public = self.env["ir.model.data"]._xmlid_to_res_id(PUBLIC)
        if customer.dunning_debtor_kind:
            return customer.dunning_debtor_kind
        if public and public in customer.category_id.ids:
            return "public"
        # Odoo has "/" for who has no tax number
        has_number = customer.vat and customer.vat.strip() != "/"
        return "business" if customer.is_company or has_number else "consumer"

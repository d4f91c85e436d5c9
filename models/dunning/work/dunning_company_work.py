from odoo import models


class DunningCompanyStatusMixin(models.AbstractModel):
    """What people and customers agreed is looked at each day; the worklist follows each refresh."""

    _inherit = "dunning.company.status.mixin"

    def _dunning_do_daily(self, today):
        self.env["dunning.promise"]._judge(self, today)
        self.env["dunning.plan"]._judge(self, today)
        return super()._dunning_do_daily(today)

    def _dunning_follow_decided(self, decided, as_of, partners=None):
        result = super()._dunning_follow_decided(decided, as_of, partners)
        self.env["dunning.case"]._refresh(self, decided, as_of, partners or None)
        return result


class DunningInvoiceStatusMixin(models.AbstractModel):
    """Whatever moves an invoice on the ladder, or off it, changes its customer's case."""

    _inherit = "dunning.invoice.status.mixin"

    def _compute_dunning_status(self):
        result = super()._compute_dunning_status()
        saved = self._origin.filtered(
            lambda move: (
                move.company_id.dunning_active
                and move.commercial_partner_id
                and move.move_type in ("out_invoice", "out_receipt", "entry")
            )
        )
        changes = self.env["dunning.case.change"]
        for company, moves in saved.grouped("company_id").items():
            changes._note(company.id, moves.commercial_partner_id.ids)
        return result

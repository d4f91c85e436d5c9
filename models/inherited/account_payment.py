from odoo import models


class AccountPayment(models.Model):
    """Finds payments that have no entry yet among all there ever were."""

    _inherit = "account.payment"

    _dunning_underway_idx = models.Index(
        "(id) WHERE move_id IS NULL AND state IN ('in_process', 'paid')"
    )

from odoo import fields, models

from ..common.access_groups import INVOICE_READERS


class RecurrenceOccurrenceMoneyMixin(models.AbstractModel):
    """What the invoice of a date is expected to come to."""

    _name = "recurrence.occurrence.money.mixin"
    _description = "Amount of a Recurrence Date"

    schedule_id = fields.Many2one("recurrence.schedule", string="Recurrence")
    currency_id = fields.Many2one(
        related="schedule_id.template_move_id.currency_id", groups=INVOICE_READERS
    )
    # not after each change of an amount: Odoo would look from every invoice for dates
    amount_total = fields.Monetary(
        related="schedule_id.template_move_id.amount_total",
        depends=["schedule_id"],
        string="Expected Total",
        groups=INVOICE_READERS,
        help="With the prices and taxes of the recurring invoice as they are now.",
    )

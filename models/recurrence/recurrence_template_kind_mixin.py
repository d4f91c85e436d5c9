from odoo import fields, models

from ..common.access_groups import INVOICE_READERS


class RecurrenceTemplateKindMixin(models.AbstractModel):
    """The template of a kind of recurring invoices, and of what was made from one."""

    _name = "recurrence.template.kind.mixin"
    _description = "Templates of Kinds of Recurring Invoices"

    recurrence_schedule_id = fields.Many2one("recurrence.schedule", groups=INVOICE_READERS)
    # the form asks it of whoever sees the invoice: no customer is needed where it holds
    recurrence_is_kind = fields.Boolean(
        string="Is a Kind", related="recurrence_schedule_id.is_kind", readonly=False
    )
    recurrence_name = fields.Char(
        string="Recurrence Name",
        related="recurrence_schedule_id.name",
        readonly=False,
        groups=INVOICE_READERS,
    )
    recurrence_kind_day = fields.Selection(
        related="recurrence_schedule_id.kind_day", readonly=False, groups=INVOICE_READERS
    )
    recurrence_kind_id = fields.Many2one(
        related="recurrence_schedule_id.kind_id", groups=INVOICE_READERS
    )
    recurrence_member_count = fields.Integer(
        related="recurrence_schedule_id.member_count", groups=INVOICE_READERS
    )
    recurrence_outdated_count = fields.Integer(
        related="recurrence_schedule_id.outdated_count", groups=INVOICE_READERS
    )

    def action_recurrence_update_kind(self):
        """Open the dialog that offers the changes of this kind to what was made from it."""
        self._check_recurrence("write")
        return self._get_recurrence().action_open_kind_update()

    def action_recurrence_members(self):
        """Open the recurring invoices that were made from this kind."""
        self._check_recurrence("read")
        return self._get_recurrence().action_open_members()

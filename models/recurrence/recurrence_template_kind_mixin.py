from odoo import api, fields, models
from odoo.fields import Command

from ..common.access_groups import INVOICE_READERS


class RecurrenceTemplateKindMixin(models.AbstractModel):
    """The template of a kind of recurring invoices, and of what was made from one."""

    _name = "recurrence.template.kind.mixin"
    _inherit = "recurrence.dunning.system.field.mixin"
    _description = "Templates of Kinds of Recurring Invoices"

    recurrence_schedule_id = fields.Many2one("recurrence.schedule", groups=INVOICE_READERS)
    recurrence_is_kind = fields.Boolean(
        string="Is a Kind",
        related="recurrence_schedule_id.is_kind",
        readonly=True,
        system="once",
        groups=INVOICE_READERS,
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
        related="recurrence_schedule_id.kind_id",
        readonly=True,
        system="once",
        groups=INVOICE_READERS,
    )
    recurrence_member_count = fields.Integer(
        related="recurrence_schedule_id.member_count", groups=INVOICE_READERS
    )
    recurrence_outdated_count = fields.Integer(
        related="recurrence_schedule_id.outdated_count", groups=INVOICE_READERS
    )

    @api.onchange("recurrence_kind_id")
    def _onchange_recurrence_kind_id(self):
        """Compose what a kind says: its lines, rule, modes and texts, as the customer has them."""
        kind = self.recurrence_kind_id
        if not kind or self._origin:
            return
        for name, value in kind._get_composed_values(self.recurrence_date_start).items():
            self[f"recurrence_{name}"] = value
        self.currency_id = kind.template_move_id.currency_id
        self.narration = kind.template_move_id.narration or self.narration
        if not self.partner_id.with_company(self.company_id).property_payment_term_id:
            self.invoice_payment_term_id = kind.template_move_id.invoice_payment_term_id
        lines = kind._get_composed_lines(self.fiscal_position_id)
        self.invoice_line_ids = [Command.clear(), *map(Command.create, lines)]

from odoo import fields, models

from ..common.access_groups import INVOICE_READERS


class RecurrenceTemplateAgreementMixin(models.AbstractModel):
    """The agreement that a recurring invoice bills, as fields of its template (R15).

    Its history is kept on the recurrence alone.
    """

    _name = "recurrence.template.agreement.mixin"
    _description = "Agreement of a Recurring Invoice on its Template"

    recurrence_schedule_id = fields.Many2one("recurrence.schedule", groups=INVOICE_READERS)
    recurrence_agreement_start = fields.Date(
        related="recurrence_schedule_id.agreement_start",
        readonly=False,
        tracking=False,
        groups=INVOICE_READERS,
    )
    recurrence_term_number = fields.Integer(
        related="recurrence_schedule_id.term_number",
        readonly=False,
        tracking=False,
        groups=INVOICE_READERS,
    )
    recurrence_term_unit = fields.Selection(
        related="recurrence_schedule_id.term_unit", readonly=False, groups=INVOICE_READERS
    )
    recurrence_renewal = fields.Selection(
        related="recurrence_schedule_id.renewal",
        readonly=False,
        tracking=False,
        groups=INVOICE_READERS,
    )
    recurrence_renewal_number = fields.Integer(
        related="recurrence_schedule_id.renewal_number",
        readonly=False,
        tracking=False,
        groups=INVOICE_READERS,
    )
    recurrence_renewal_unit = fields.Selection(
        related="recurrence_schedule_id.renewal_unit", readonly=False, groups=INVOICE_READERS
    )
    recurrence_notice_number = fields.Integer(
        related="recurrence_schedule_id.notice_number",
        readonly=False,
        tracking=False,
        groups=INVOICE_READERS,
    )
    recurrence_notice_unit = fields.Selection(
        related="recurrence_schedule_id.notice_unit", readonly=False, groups=INVOICE_READERS
    )
    recurrence_notice_to = fields.Selection(
        related="recurrence_schedule_id.notice_to", readonly=False, groups=INVOICE_READERS
    )

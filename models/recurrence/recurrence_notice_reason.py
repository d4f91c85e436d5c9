from odoo import fields, models


class RecurrenceNoticeReason(models.Model):
    """Why an agreement ends, such as "Too expensive"; all companies share the list."""

    _name = "recurrence.notice.reason"
    _description = "Termination Reason"
    _inherit = "recurrence.dunning.own.record.mixin"
    _order = "sequence, name, id"

    name = fields.Char(string="Reason", required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

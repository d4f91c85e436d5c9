from odoo import api, fields, models

# What was read is not for people to change: what they tick is made of it.
READ = {"readonly": True, "system": True}


class RecurrenceImportLine(models.TransientModel):
    """One agreement of a file: what would be made of it, or why nothing is."""

    _name = "recurrence.import.line"
    _description = "Imported Agreement"
    _inherit = "recurrence.dunning.own.record.mixin"
    _order = "line, id"

    dialog_id = fields.Many2one(
        "recurrence.import", required=True, ondelete="cascade", index=True, **READ
    )
    is_included = fields.Boolean(string="Import")
    line = fields.Integer(**READ)
    customer = fields.Char(string="In the File", **READ)
    partner_id = fields.Many2one("res.partner", string="Customer", ondelete="cascade", **READ)
    reference = fields.Char(**READ)
    what = fields.Char(string="Billed", **READ)
    rule_summary = fields.Char(string="Repeats", **READ)
    first_date = fields.Date(string="First Invoice", **READ)
    currency_id = fields.Many2one("res.currency", ondelete="cascade", **READ)
    total = fields.Monetary(string="Total per Invoice", **READ)
    taxes = fields.Char(**READ)
    is_double = fields.Boolean(**READ)
    # as texts they are wrapped where there are several
    note = fields.Text(**READ)
    problem = fields.Text(**READ)
    message = fields.Text(string="Remark", compute="_compute_message")
    is_rejected = fields.Boolean(string="Rejected", compute="_compute_is_rejected", store=True)
    cells = fields.Json(**READ)
    values = fields.Json(**READ)

    @api.depends("problem", "note")
    def _compute_message(self):
        for row in self:
            row.message = row.problem or row.note

    @api.depends("problem")
    def _compute_is_rejected(self):
        for row in self:
            row.is_rejected = bool(row.problem)

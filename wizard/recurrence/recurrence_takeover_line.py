from odoo import api, fields, models

# What was found is not for people to change: what they tick is made of it.
READ = {"readonly": True, "system": True}


class RecurrenceTakeoverLine(models.TransientModel):
    """One document that other software repeats: what would go on with it, or why nothing does."""

    _name = "recurrence.takeover.line"
    _description = "Document to Take Over"
    _inherit = "recurrence.dunning.own.record.mixin"
    _order = "is_refused desc, name, id"

    dialog_id = fields.Many2one(
        "recurrence.takeover", required=True, ondelete="cascade", index=True, **READ
    )
    # of the model that the source of the dialog takes over
    record_id = fields.Integer(**READ)
    is_included = fields.Boolean(string="Take Over")
    name = fields.Char(string="Original", **READ)
    partner_id = fields.Many2one("res.partner", string="Contact", ondelete="cascade", **READ)
    current = fields.Text(string="Repeats Now", **READ)
    # as texts they are wrapped where there are several
    what = fields.Text(string="Billed", **READ)
    rule_summary = fields.Text(string="Will Repeat", **READ)
    first_date = fields.Date(string="First Invoice", **READ)
    amounts = fields.Text(string="Total", **READ)
    note = fields.Text(**READ)
    problem = fields.Text(**READ)
    message = fields.Text(string="Remark", compute="_compute_message")
    is_refused = fields.Boolean(string="Refused", compute="_compute_is_refused", store=True)

    @api.depends("problem", "note")
    def _compute_message(self):
        for row in self:
            row.message = row.problem or row.note

    @api.depends("problem")
    def _compute_is_refused(self):
        for row in self:
            row.is_refused = bool(row.problem)

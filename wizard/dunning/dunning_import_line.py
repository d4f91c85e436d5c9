from odoo import api, fields, models


class DunningImportLine(models.TransientModel):
    """One line of the file: what it says, the invoice found, and why it is rejected if so."""

    _name = "dunning.import.line"
    _description = "Line of an Import of Levels"
    _inherit = "recurrence.dunning.own.record.mixin"
    _order = "line, id"

    import_id = fields.Many2one("dunning.import", required=True, index=True, ondelete="cascade")
    line = fields.Integer(string="Line", readonly=True)
    number = fields.Char(string="Invoice", readonly=True)
    has_level = fields.Boolean(readonly=True)
    level = fields.Integer(readonly=True)
    date = fields.Date(string="Last Reminder", readonly=True)
    tags = fields.Char(readonly=True)
    cells = fields.Json(readonly=True)
    move_id = fields.Many2one("account.move", string="Found", readonly=True, ondelete="cascade")
    partner_id = fields.Many2one(related="move_id.commercial_partner_id", string="Customer")
    # as text it is wrapped where several things are wrong
    problem = fields.Text(string="Reason for Rejection", readonly=True)
    is_rejected = fields.Boolean(string="Rejected", compute="_compute_is_rejected", store=True)

    @api.depends("problem")
    def _compute_is_rejected(self):
        for line in self:
            line.is_rejected = bool(line.problem)

    def _get_tag_names(self):
        """Return the names of the tags of the line."""
        self.ensure_one()
        return [name for name in (self.tags or "").split(", ") if name]

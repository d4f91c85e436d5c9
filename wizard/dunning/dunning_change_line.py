from odoo import api, fields, models

from ...tools.dunning.ladder import Level
from .dunning_change import LADDER_FIELDS


class DunningChangeLine(models.TransientModel):
    """One level in the dialog: as it is to be, and how many due lines it concerns."""

    _name = "dunning.change.line"
    _description = "Level of a Change"
    _inherit = "recurrence.dunning.own.record.mixin"
    _order = "change_id, id"

    change_id = fields.Many2one("dunning.change", required=True, ondelete="cascade")
    level_id = fields.Many2one("dunning.level", readonly=True, ondelete="cascade")
    program_id = fields.Many2one(related="level_id.program_id")
    name = fields.Char(required=True)
    number = fields.Integer(string="No.", readonly=True)
    days = fields.Integer(string="Days After Due Date", required=True, default=5)
    sentence = fields.Char(string="When", compute="_compute_sentence")
    gap = fields.Integer(string="Gap (days)", default=7)
    repeat_every = fields.Integer(string="Repeat Every (days)")
    repeat_max = fields.Integer(string="Times Repeated")
    counts = fields.Boolean(string="Counts as a Reminder", default=True)
    active = fields.Boolean(default=True)
    standing = fields.Integer(string="Items at This Level", readonly=True)
    before = fields.Integer(string="Tomorrow, Before the Change", readonly=True)
    after = fields.Integer(string="Tomorrow, After the Change", readonly=True)

    def _get_ladder_level(self, key):
        """Return the level as it is to be, as the plain value the ladder works on."""
        return Level(key, number=self.level_id.number, days=self.days, active=self.active)

    @api.depends("days")
    def _compute_sentence(self):
        for line in self:
            line.sentence = self.env["dunning.level"]._get_sentence(line.days)

    def _is_changed(self):
        """Whether the level is to be other than it is."""
        self.ensure_one()
        if not self.level_id:
            return True
        return any(self[name] != self.level_id[name] for name in (*LADDER_FIELDS, "name"))

    def _get_values(self):
        """Return the values to write on the level, or to create it with."""
        self.ensure_one()
        return {name: self[name] for name in (*LADDER_FIELDS, "name")}

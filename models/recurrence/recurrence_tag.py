from random import randint

from odoo import fields, models


class RecurrenceTag(models.Model):
    """A free label for schedules."""

    _name = "recurrence.tag"
    _description = "Recurrence Tag"
    _inherit = "recurrence.dunning.own.record.mixin"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    color = fields.Integer(default=lambda self: randint(1, 11))

    _name_uniq = models.UniqueIndex("(name)", "A tag with this name already exists.")

from odoo import api, fields, models

from ...tools.recurrence.placeholder import (
    fill_placeholders,
    has_placeholder,
    strip_placeholders,
)


class RecurrenceScheduleNameMixin(models.AbstractModel):
    """How a recurrence and its dates are called.

    A name may hold the placeholders of a recurring invoice. The recurrence itself is called
    without them, each of its dates with its own month, period or number.
    """

    _name = "recurrence.schedule.name.mixin"
    _description = "Name of a Recurrence"

    name = fields.Char(required=True, tracking=True)
    name_pattern = fields.Char(help="The name as entered, with its placeholders.")

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._split_name(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._split_name(vals))

    @api.model
    def _split_name(self, vals):
        """Keep a name that is written with placeholders as pattern, and its rest as name."""
        if "name" not in vals:
            return vals
        pattern = vals["name"] if has_placeholder(vals["name"]) else False
        name = strip_placeholders(vals["name"])
        if pattern:
            name = name or self.env._("Recurrence")
        return {**vals, "name": name, "name_pattern": pattern}

    def _get_name_for(self, occurrence):
        """Return the name of one date of this schedule, filled for the current user."""
        self.ensure_one()
        return self._fill_for(occurrence, self.name_pattern or self.name or "")

    @api.model
    def _fill_for(self, occurrence, text):
        """Fill the placeholders of a text for one date, in the language of the current user."""
        if not has_placeholder(text):
            return text
        values = self.env["recurrence.occurrence"]
        lang = values._get_installed_lang(self.env.lang)
        return fill_placeholders(text, occurrence._get_placeholder_values(lang, occurrence.date))

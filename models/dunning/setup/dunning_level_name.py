from odoo import api, models
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

NOTICE = _lt("Polite notice")
REMINDERS = (_lt("First reminder"), _lt("Second reminder"), _lt("Third reminder"))


class DunningLevel(models.Model):
    """The name of a new level is proposed by its place on the ladder; what somebody types stays."""

    _inherit = "dunning.level"

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if "name" in fields and not values.get("name") and "days" in values:
            values["name"] = self.new(values)._propose_name()
        return values

    @api.onchange("days")
    def _onchange_days(self):
        proposals = list(map(self.env._, (NOTICE, *REMINDERS)))
        if not self._origin and (not self.name or self.name in proposals):
            self.name = self._propose_name()

    def _propose_name(self):
        """Return the name of a new level by those before it; none after the third."""
        self.ensure_one()
        translate = self.env._
        if self.days < 0:
            return translate(NOTICE)
        others = (self.program_id.level_ids - self).filtered("active")
        place = sum(0 <= level.days < self.days for level in others)
        return translate(REMINDERS[place]) if place < len(REMINDERS) else False

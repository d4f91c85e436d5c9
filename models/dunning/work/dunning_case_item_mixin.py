from odoo import api, models
from odoo.tools import format_amount, format_date
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

# What mends a reason: the label of its button, and the method of the invoice.
REMEDY_LABELS = {"never_sent": _lt("Send it now"), "before_activation": _lt("Include it")}
REMEDIES = {"never_sent": "action_dunning_send", "before_activation": "action_dunning_include"}


class DunningCaseItemMixin(models.AbstractModel):
    """The open items on the screen of a case: level, next step and why."""

    _name = "dunning.case.item.mixin"
    _description = "Open Items of Cases"

    def _decide_open_items(self):
        """Return the decided facts of what is open, oldest due date first."""
        company = self.company_id
        facts = company._dunning_decide(company._get_job_today(), partners=self.partner_id)
        return [fact for fact in facts if fact.open_amount + fact.found > 0]

    def _get_items(self, facts):
        """Return the open items, each with its next step and why.

        :param facts: decided facts about them
        """
        today = self.company_id._get_job_today()
        reasons = self.env["dunning.reason"]
        reasons._prefetch_names([fact.decision.params for fact in facts])
        ends = self.env["dunning.escalation"].search_fetch(
            [("move_line_id", "in", [fact.id for fact in facts])], ["move_line_id"]
        )
        ended = set(ends.move_line_id.ids)
        names = self._get_level_names(facts)
        return [
            {
                **self._describe_item(fact, today, reasons, fact.id in ended),
                "level_name": names.get(fact.id, ""),
            }
            for fact in facts
        ]

    @api.model
    def _get_level_names(self, facts):
        """Return how the levels are called that open items stand on: ``{due line id: name}``."""
        programs = self.env["dunning.program"].browse({fact.program_id for fact in facts} - {None})
        ladders = {program.id: program._get_ladder() for program in programs}
        found = {
            fact.id: level.id
            for fact in facts
            if fact.program_id and (level := ladders[fact.program_id].last_level(fact.line))
        }
        levels = self.env["dunning.level"].browse(found.values())
        names = {level.id: level.name for level in levels}
        return {fact_id: names[level_id] for fact_id, level_id in found.items()}

    @api.model
    def _describe_item(self, fact, today, reasons, is_ended):
        currency = self.env["res.currency"].browse(fact.currency_id)
        days = (today - fact.line.due).days
        step = fact.decision.next_date
        held = fact.line.hold and not fact.line.hold_until
        labels = dict(zip(REMEDY_LABELS, map(self.env._, REMEDY_LABELS.values()), strict=True))
        return {
            "id": fact.id,
            "move_id": fact.move_id,
            "name": fact.move_name,
            "due": format_date(self.env, fact.line.due),
            "days": max(days, 0),
            "amount": format_amount(self.env, fact.open_amount + fact.found, currency),
            "level": fact.line.level or "",
            "next": format_date(self.env, max(step, today)) if step and not held else "",
            "reason": reasons._get_sentence(fact.decision.reason, fact.decision.params),
            "is_held": bool(fact.line.hold),
            "is_ended": is_ended,
            "remedy": REMEDIES.get(fact.decision.reason, ""),
            "remedy_label": labels.get(fact.decision.reason, ""),
        }

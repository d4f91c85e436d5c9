from odoo import api, models
from odoo.tools import SQL


class DunningEngine(models.AbstractModel):
    """After a broken promise the next level comes at once, where the company wants it."""

    _inherit = "dunning.engine"

    @api.model
    def _add_history(self, facts, leaving=()):
        result = super()._add_history(facts, leaving)
        company = self.env.company
        broken = company.dunning_broken_at_once and self._read_broken(company)
        for fact in facts if broken else ():
            days = [
                lifted
                for key in (("line", fact.id), ("move", fact.move_id), ("partner", fact.partner_id))
                for lifted, until in broken.get(key, ())
                if fact.line.due <= until
            ]
            last = fact.line.last_date
            fact.line.at_once = any(last is None or day > last for day in days)
        return result

    @api.model
    def _read_broken(self, company):
        """Return the promises that were broken: ``{(scope, id): [(day found, day promised)]}``."""
        self.env["dunning.block"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT move_line_id, move_id, partner_id, lifted_date, date_until
                  FROM dunning_block
                 WHERE company_id = %s AND kind = 'promise' AND outcome = 'broken'
                   AND lifted_date IS NOT NULL
                """,
                company.id,
            )
        )
        broken = {}
        for line_id, move_id, partner_id, lifted, until in rows:
            scopes = (("line", line_id), ("move", move_id), ("partner", partner_id))
            key = next(scope for scope in scopes if scope[1])
            broken.setdefault(key, []).append((lifted, until))
        return broken

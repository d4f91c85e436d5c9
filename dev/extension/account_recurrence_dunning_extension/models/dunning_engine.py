from odoo import api, models
from odoo.tools import SQL


class DunningEngine(models.AbstractModel):
    _inherit = "dunning.engine"

    # === A COLUMN OF DUE LINES === #

    @api.model
    def _get_due_line_columns(self, company, known, as_of, grace):
        columns = super()._get_due_line_columns(company, known, as_of, grace)
        return {**columns, "is_vip": SQL("move.is_vip"), "ref": SQL("customer.ref")}

    @api.model
    def _get_read_fields(self):
        found = super()._get_read_fields()
        found["account.move"] += ("is_vip",)
        found["res.partner"] += ("ref",)
        return found

    # === A HOLD === #

    @api.model
    def _get_holds(self):
        return [*super()._get_holds(), "_get_vip_hold"]

    @api.model
    def _get_vip_hold(self, fact, _sources):
        if not fact.extra["is_vip"]:
            return None
        return "vip", {"customer": fact.partner_id, "customer_ref": fact.extra["ref"]}

    # === A FILTER OF DECISIONS === #

    @api.model
    def _review_decisions(self, facts, company, as_of, by_hand):
        result = super()._review_decisions(facts, company, as_of, by_hand)
        for fact in facts:
            if fact.decision.remind and fact.residual < 10 and not by_hand:
                fact.decision = fact.decision._replace(remind=False, reason="trifle")
        return result

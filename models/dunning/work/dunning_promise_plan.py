from odoo import api, fields, models
from odoo.exceptions import UserError


class DunningPromise(models.Model):
    """An instalment of a payment plan is a promise; the plan holds its items and judges it."""

    _inherit = "dunning.promise"

    plan_id = fields.Many2one(
        "dunning.plan",
        string="Payment Plan",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )

    @api.depends("plan_id.currency_id")
    def _compute_currency_id(self):
        parts = self.filtered("plan_id")
        for promise in parts:
            promise.currency_id = promise.plan_id.currency_id
        return super(DunningPromise, self - parts)._compute_currency_id()

    def write(self, vals):
        result = super().write(vals)
        if "date" in vals:
            self.sudo().plan_id._follow_days()
        return result

    def _may_be_about_nothing(self):
        return bool(self.plan_id) or super()._may_be_about_nothing()

    def _hold(self):
        return super(DunningPromise, self.filtered(lambda found: not found.plan_id))._hold()

    def action_withdraw(self):
        """Take promises back; of a plan all instalments go together."""
        self._check_no_plan()
        return super().action_withdraw()

    def _settle_by_hand(self, state):
        self._check_no_plan()
        return super()._settle_by_hand(state)

    def _check_no_plan(self):
        if self.sudo().plan_id:
            raise UserError(
                self.env._("This is an instalment of a payment plan: decide on the plan.")
            )

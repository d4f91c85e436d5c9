from odoo import api, fields, models
from odoo.exceptions import ValidationError


class DunningChargeRule(models.Model):
    """What a rule says of each reminder, and until when anything is claimed by it."""

    _inherit = "dunning.charge.rule"

    fee = fields.Monetary(
        string="Fee for Each Reminder",
        aggregator=None,
        help="Added to the fixed sum for each reminder that was sent. There is no fee for notices.",
    )
    fee_from = fields.Integer(
        string="From Reminder No.",
        default=2,
        aggregator=None,
        help="Enter 1 to charge a fee for the first reminder too.",
    )
    bar_years = fields.Integer(
        string="Barred after (years)",
        aggregator=None,
        help="Nothing is claimed after this period. 0: no period.",
    )
    bar_from = fields.Selection(
        [("due", "The due date"), ("year", "The end of the year of the due date")],
        string="Counted from",
        required=True,
        default="due",
    )

    @api.onchange("fee_allowed")
    def _onchange_fee_allowed(self):
        """Without fees none is left behind where nobody sees it."""
        if not self.fee_allowed:
            self.update({"fee": 0.0, "fee_from": 2})

    @api.constrains("fee", "fee_from", "fee_allowed")
    def _check_fee(self):
        for rule in self:
            if rule.fee < 0 or (rule.fee and not rule.fee_allowed):
                raise ValidationError(
                    self.env._(
                        "%(rule)s: enter a fee above zero, and only where fees are allowed.",
                        rule=rule.name,
                    )
                )
            if not 1 <= rule.fee_from <= 100:
                raise ValidationError(
                    self.env._(
                        "%(rule)s: enter 1 to 100 for the reminder a fee begins with.",
                        rule=rule.name,
                    )
                )

    @api.constrains("bar_years")
    def _check_bar_years(self):
        for rule in self:
            if not 0 <= rule.bar_years <= 100:
                raise ValidationError(
                    self.env._(
                        "%(rule)s: enter 0 to 100 years until a claim is barred.", rule=rule.name
                    )
                )

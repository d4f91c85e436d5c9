from odoo import api, fields, models
from odoo.exceptions import ValidationError

MOST_PROMISE_DAYS = 365


class DunningProgram(models.Model):
    """What customers may promise on their page."""

    _inherit = "dunning.program"

    promise_days = fields.Integer(
        string="Customers May Promise to Pay within (days)",
        default=14,
        aggregator=None,
        help=(
            "On their page customers can promise to pay by a day that is at most this far ahead; "
            "until then the items are not reminded. Each item can be promised once. Set to 0 to "
            "take no promises there."
        ),
    )

    @api.constrains("promise_days")
    def _check_promise_days(self):
        for program in self:
            if not 0 <= program.promise_days <= MOST_PROMISE_DAYS:
                raise ValidationError(
                    self.env._(
                        "Customers may promise to pay within 0 to %(days)s days.",
                        days=MOST_PROMISE_DAYS,
                    )
                )

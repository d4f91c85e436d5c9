from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

TASK = "mail.mail_activity_data_todo"
# A day mistyped by a century would silence the customer for good.
LONGEST = relativedelta(years=1)


class DunningPromise(models.Model):
    """A day by which a customer said that something will be paid, and what came of it (K4).

    It holds its items until that day. The day after it is judged by what the engine knows:
    payments in process, credits on account and bank lines that nobody matched count.
    """

    _name = "dunning.promise"
    _description = "Promise to Pay"
    _inherit = ["dunning.agreement.mixin", "dunning.promise.outcome.mixin"]
    _order = "date desc, id desc"

    date = fields.Date(
        string="Promised For",
        required=True,
        index=True,
        tracking=True,
        help="The last day on which the payment is in time.",
    )
    move_line_ids = fields.Many2many(relation="dunning_promise_line_rel")
    state = fields.Selection(
        [
            ("open", "Open"),
            ("kept", "Kept"),
            ("partly", "Partly Kept"),
            ("broken", "Broken"),
            ("withdrawn", "Withdrawn"),
        ],
        string="Status",
        required=True,
        readonly=True,
        default="open",
        index=True,
        copy=False,
        tracking=True,
    )
    paid_amount = fields.Monetary(
        string="Paid Amount",
        readonly=True,
        copy=False,
        aggregator=None,
        help="What was paid of it when its day was over, in the currency of the promise.",
    )
    block_ids = fields.One2many("dunning.block", "promise_id", string="Blocks", readonly=True)

    _customer_idx = models.Index("(partner_id, company_id)")

    @api.depends("partner_id", "date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for promise in self:
            promise.display_name = self.env._(
                "%(customer)s: payment by %(day)s",
                customer=promise.partner_id.name or "",
                day=format_date(self.env, promise.date) if promise.date else "–",
            )

    @api.constrains("date")
    def _check_date(self):
        for promise in self:
            if promise.date < promise.date_given:
                raise ValidationError(
                    self.env._("The promised day cannot be before the day it was promised on.")
                )
            if promise.date > promise.date_given + LONGEST and not promise.plan_id:
                raise ValidationError(
                    self.env._(
                        "A promise is at most a year ahead: is the year right? For payments that "
                        "come later agree a payment plan."
                    )
                )

    def write(self, vals):
        if "date" in vals and any(promise.state != "open" for promise in self):
            raise UserError(self.env._("This promise is settled: note a new one for another day."))
        result = super().write(vals)
        if "date" in vals:
            self.sudo().block_ids.write({"date_until": self[:1].date})
        return result

    @api.depends("date")
    def _compute_full_text(self):
        return super()._compute_full_text()

    @api.model
    def _name_everything(self):
        return self.env._("Everything due by then")

    def _is_about(self, fact):
        if self.move_line_ids:
            return True
        # what the customer disputes he does not promise to pay
        return fact.line.hold != "dispute" and (not self.date or fact.line.due <= self.date)

    def _may_be_about_nothing(self):
        return bool(self.block_ids)

    @api.model
    def _get_dialog_title(self):
        return self.env._("Note a promise")

    def _get_held_until(self):
        return self.date

    def action_withdraw(self):
        """Take promises back that were noted by mistake, or do not hold any more."""
        self.check_access("write")
        if any(promise.state != "open" for promise in self):
            raise UserError(self.env._("Only an open promise can be withdrawn."))
        self.sudo()._withdraw()
        return True

    def _withdraw(self):
        self.state = "withdrawn"
        self._release()

    def action_kept(self):
        """Note that these promises were kept."""
        self._settle_by_hand("kept")
        return True

    def action_broken(self):
        """Note that these promises were broken; what they hold ends with it."""
        self._settle_by_hand("broken")
        self.sudo()._release()
        return True

    def _settle_by_hand(self, state):
        self.check_access("write")
        if any(promise.state == "withdrawn" for promise in self):
            raise UserError(self.env._("This promise was withdrawn."))
        promises = self.sudo()
        promises.state = state
        promises.block_ids.outcome = state
        promises.activity_feedback([TASK])

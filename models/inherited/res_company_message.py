from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ..common.access_groups import DUNNING_SETTINGS

MOST_ITEMS = 1000
MOST_DAYS = 365


class ResCompany(models.Model):
    _inherit = "res.company"

    dunning_message_items = fields.Integer(
        string="Items in a Message",
        default=50,
        help=(
            "A message about more items shows the totals and the oldest items only, and encloses "
            "the statement with all of them."
        ),
        groups=DUNNING_SETTINGS,
        prefetch="recurrence_dunning",
    )
    dunning_tone_by_customer = fields.Boolean(
        string="Tone by Customer",
        default=True,
        help=(
            "A customer whose older invoices stand on the last level does not get a gentle text "
            "with the first reminder of a newer one. The level itself stays the same."
        ),
        groups=DUNNING_SETTINGS,
        prefetch="recurrence_dunning",
    )

    dunning_broken_at_once = fields.Boolean(
        string="At Once after a Broken Promise",
        help=(
            "The next level after a broken promise does not wait for the days between two levels, "
            "or between two messages."
        ),
        groups=DUNNING_SETTINGS,
        prefetch="recurrence_dunning",
    )

    dunning_charge_on_invoices = fields.Boolean(
        string="Late Payment on Invoices",
        help=(
            "Invoices say what is charged for late payment where the law of the company's country "
            "asks for it, as that of France does for business customers."
        ),
        groups=DUNNING_SETTINGS,
        prefetch="recurrence_dunning",
    )

    dunning_dispute_days = fields.Integer(
        string="Days to Settle a Dispute",
        default=14,
        help="By then the responsible of a dispute is to settle it.",
        groups=DUNNING_SETTINGS,
        prefetch="recurrence_dunning",
    )

    dunning_plan_grace_days = fields.Integer(
        string="Days of Grace of a Payment Plan",
        default=7,
        help="A missed instalment ends the plan if it is not paid within these days.",
        groups=DUNNING_SETTINGS,
        prefetch="recurrence_dunning",
    )

    @api.constrains("dunning_plan_grace_days")
    def _check_dunning_plan_grace_days(self):
        if any(not 0 <= company.dunning_plan_grace_days <= MOST_DAYS for company in self):
            raise ValidationError(
                self.env._(
                    "Days of grace of a payment plan: enter a number from 0 to %(most)s.",
                    most=MOST_DAYS,
                )
            )

    @api.constrains("dunning_dispute_days")
    def _check_dunning_dispute_days(self):
        if any(not 0 <= company.dunning_dispute_days <= MOST_DAYS for company in self):
            raise ValidationError(
                self.env._(
                    "Days to settle a dispute: enter a number from 0 to %(most)s.", most=MOST_DAYS
                )
            )

    @api.constrains("dunning_message_items")
    def _check_dunning_message_items(self):
        if any(not 1 <= company.dunning_message_items <= MOST_ITEMS for company in self):
            raise ValidationError(
                self.env._(
                    "Items in a message: enter a number from 1 to %(most)s.", most=MOST_ITEMS
                )
            )

    def write(self, vals):
        result = super().write(vals)
        if "dunning_charge_on_invoices" in vals:
            self.env.registry.clear_cache()
        return result

    @api.model
    @tools.ormcache()
    def _get_charge_printing_ids(self):
        """Return the ids of the companies whose invoices say what late payment costs.

        Kept, for it is asked for each invoice that is printed, also by whoever has not switched
        that on and may not read the setting.
        """
        return frozenset(self.sudo().search([("dunning_charge_on_invoices", "=", True)]).ids)

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...common.access_groups import DUNNING_SETTINGS

MOST_PAGE_DAYS = 3650


class DunningCompanyPageMixin(models.AbstractModel):
    """Whether the reminders of a company lead to a page of their reader, and for how long."""

    _name = "dunning.company.page.mixin"
    _description = "Customer Page of a Company"

    dunning_page = fields.Boolean(
        string="Customer Page",
        default=True,
        groups=DUNNING_SETTINGS,
        help="Reminders contain a link to a page with the customer's open items, without login.",
    )
    dunning_page_days = fields.Integer(
        string="Days a Link Is Valid",
        default=60,
        groups=DUNNING_SETTINGS,
        help="Counted from the day the reminder was sent.",
    )

    @api.constrains("dunning_page_days")
    def _check_dunning_page_days(self):
        for company in self.sudo():
            if not 1 <= company.dunning_page_days <= MOST_PAGE_DAYS:
                raise ValidationError(
                    self.env._(
                        "A link to the customer page is valid for 1 to %(most)s days.",
                        most=MOST_PAGE_DAYS,
                    )
                )

    def _dunning_can_be_paid(self):
        """Whether the customer page tells how to pay: by transfer or online."""
        self.ensure_one()
        if self._dunning_get_accounts():
            return True
        providers = self.env["payment.provider"].sudo()
        domain = [
            *providers._check_company_domain(self.id),
            ("state", "in", ("enabled", "test")),
            ("is_published", "=", True),
        ]
        return bool(providers.search_count(domain, limit=1))

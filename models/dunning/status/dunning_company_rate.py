from datetime import timedelta

from odoo import models
from odoo.tools import format_date

from ....tools.dunning.rate import get_half_year


class DunningCompanyStatusMixin(models.AbstractModel):
    """A half-year whose reference rate is not known is asked for, never guessed (M1, rule 22)."""

    _inherit = "dunning.company.status.mixin"

    def _dunning_do_daily(self, today):
        self._dunning_ask_for_rates(today)
        return super()._dunning_do_daily(today)

    def _dunning_ask_for_rates(self, today):
        """Give a manager a task for each rate that is missing, from 2 January and 2 July on.

        Once for a half-year; asked for is what open invoices of the company need, if one of its
        programs computes interest.

        :param date today: the company's day
        """
        half_year = get_half_year(today)
        if today < half_year + timedelta(days=1):
            return
        programs = self.env["dunning.program"].search(
            [("company_id", "=", self.id), ("charge_compute", "=", True)]
        )
        if not programs or half_year in programs.mapped("charge_asked_date"):
            return
        asked = self._dunning_get_series_needed()._get_missing(half_year).sudo()
        if not asked:
            return
        programs[0].sudo().charge_asked_date = half_year
        programs[0].activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=today,
            summary=lambda spoken: spoken.env._(
                "Enter the reference rates from %(day)s", day=format_date(spoken.env, half_year)
            ),
            note=lambda spoken: spoken.env._(
                "Missing under Configuration → Reference Rates: %(names)s. Until they are entered "
                "and confirmed, no interest is computed for these days.",
                names=", ".join(asked.with_env(spoken.env).mapped("name")),
            ),
            user_id=self._dunning_find_colleague(programs.user_id).id,
        )

    def _dunning_get_series_needed(self):
        """Return the series of the rules in use that customers with open invoices fall under."""
        groups = self.env["account.move"]._read_group(
            [
                ("company_id", "=", self.id),
                ("move_type", "in", ("out_invoice", "out_receipt")),
                ("state", "=", "posted"),
                ("payment_state", "in", ("not_paid", "partial")),
            ],
            ["commercial_partner_id"],
        )
        customers = self.env["res.partner"].union(*(customer for (customer,) in groups))
        countries = customers.country_id
        rules = self.env["dunning.charge.rule"]._read_used(self)
        return rules.filtered(
            lambda rule: not rule.country_ids or rule.country_ids & countries
        ).series_id

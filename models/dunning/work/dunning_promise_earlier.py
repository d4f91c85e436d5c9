from odoo import api, fields, models
from odoo.tools import format_date


class DunningPromise(models.Model):
    """A promise takes the place of earlier ones about the same items, unless a person says not."""

    _inherit = "dunning.promise"

    replaces = fields.Boolean(
        string="Instead of Earlier Promises",
        default=True,
        system="once",
        copy=False,
        help=(
            "Open promises about the same items are withdrawn. Clear it where the customer pays "
            "on several days."
        ),
    )
    earlier_text = fields.Char(string="Promised Already", compute="_compute_earlier_text")

    @api.depends("partner_id", "company_id", "move_line_ids")
    @api.depends_context("lang")
    def _compute_earlier_text(self):
        for company, records in self.grouped("company_id").items():
            earlier = records._find_open(company)
            for record in records:
                record.earlier_text = ", ".join(
                    self.env._(
                        "%(amount)s by %(day)s",
                        amount=promise.amount_text,
                        day=format_date(self.env, promise.date),
                    )
                    for promise in earlier
                    if record._is_replacing(promise)
                )

    @api.model_create_multi
    def create(self, vals_list):
        promises = super().create(vals_list)
        promises.sudo().filtered(lambda new: new.replaces and not new.plan_id)._replace_earlier()
        return promises

    def _find_open(self, company):
        """Return the open promises of these customers in a company, instalments of plans apart."""
        customers = self.partner_id.commercial_partner_id._origin
        return self.search(
            [
                ("company_id", "=", company.id),
                ("partner_id", "in", customers.ids),
                ("state", "=", "open"),
                ("plan_id", "=", False),
                ("id", "not in", self._origin.ids),
            ],
            order="date, id",
        )

    def _is_replacing(self, earlier):
        """Whether another promise of the customer is about items that this one is about.

        None named: all that it has open.
        """
        if earlier.partner_id != self.partner_id.commercial_partner_id._origin:
            return False
        named, before = self.move_line_ids._origin, earlier.move_line_ids
        return not named or not before or bool(named & before)

    def _replace_earlier(self):
        """Withdraw what was promised before about the same items."""
        for company, promises in self.grouped("company_id").items():
            earlier = promises._find_open(company)
            over = earlier.filtered(
                lambda old, new=promises: any(n._is_replacing(old) for n in new)
            )
            if over:
                over.action_withdraw()
                over._message_log_batch(
                    bodies=dict.fromkeys(
                        over.ids, self.env._("The customer promised something else since.")
                    )
                )

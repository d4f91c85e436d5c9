from odoo import api, fields, models
from odoo.exceptions import ValidationError


class RecurrencePriceClause(models.Model):
    """What an agreement says of its prices: by how much they rise, and how often."""

    _name = "recurrence.price.clause"
    _description = "Price Clause"
    _inherit = ["recurrence.price.terms.mixin", "recurrence.dunning.own.record.mixin"]
    _order = "name, id"
    _check_company_auto = True

    active = fields.Boolean(default=True)
    name = fields.Char(required=True, translate=True)
    user_id = fields.Many2one(
        help="Who looks at the new prices; empty: the responsible of the recurrences.",
    )
    months = fields.Integer(
        string="Every n Months", default=12, required=True, help="12: once a year."
    )
    notice_days = fields.Integer(string="Notice (Days)", default=30)
    is_announced = fields.Boolean(string="Tell the Customers", default=True)
    lead_days = fields.Integer(
        string="Days to Look at It",
        default=14,
        help="The prices are worked out so many days before the customers have to be told.",
    )
    terms = fields.Char(compute="_compute_terms")
    error = fields.Text(readonly=True, copy=False)
    schedule_ids = fields.One2many("recurrence.schedule", "price_clause_id")
    schedule_count = fields.Integer(string="Recurrences", compute="_compute_schedule_count")

    @api.depends("method", "percent", "amount", "index_id", "threshold", "share", "cap")
    @api.depends_context("lang")
    def _compute_terms(self):
        for clause in self:
            clause.terms = clause._describe_terms()

    @api.depends("schedule_ids")
    def _compute_schedule_count(self):
        counts = dict(
            self.env["recurrence.schedule"]._read_group(
                [("price_clause_id", "in", self.ids)], ["price_clause_id"], ["__count"]
            )
        )
        for clause in self:
            clause.schedule_count = counts.get(clause, 0)

    def _find_value_problem(self, month):
        """Return why an index says nothing yet, as a sentence, or None.

        :param month: first day of the month that is counted from; False: by another method
        """
        if self.method != "index":
            return None
        last = self.index_id.last_month
        if not last or last <= month.replace(day=1):
            return self.env._("The index has no later value yet.")
        if self.index_id._get_move(month, last).percent is None:
            return self.env._("The index has no value for the month that it is counted from.")
        return None

    @api.constrains("company_id")
    def _check_company_of_schedules(self):
        for clause in self.sudo():
            if clause.with_context(active_test=False).schedule_ids.company_id - clause.company_id:
                raise ValidationError(
                    self.env._("Recurrences of another company have this clause. Copy it instead.")
                )

    @api.constrains("months", "notice_days", "lead_days")
    def _check_numbers(self):
        for clause in self:
            if not 1 <= clause.months <= 1200:
                raise ValidationError(self.env._("Prices rise every 1 to 1,200 months."))
            if not 0 <= clause.notice_days <= 3650 or not 0 <= clause.lead_days <= 3650:
                raise ValidationError(self.env._("Days must be from 0 to 3,650."))

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_amount

from ...common.amount_text import format_amounts

STAGES = [
    ("todo", "To Do"),
    ("disputed", "Disputed"),
    ("promised", "Promised"),
    ("planned", "Next Reminder Planned"),
    ("stopped", "No Reminder Planned"),
    ("ended", "Decided"),
]


class DunningCase(models.Model):
    """All that one customer has open in one company: a row of the worklist (K1, K2).

    Whatever a row shows is kept here, refreshed daily and whenever something about the customer
    changes, so that twenty thousand customers are sorted and searched by the database. What people
    may set is who collects.
    """

    _name = "dunning.case"
    _description = "Customer's Case"
    _is_engine_made = True
    _inherit = [
        "recurrence.dunning.own.record.mixin",
        "recurrence.dunning.bulk.write.mixin",
        "mail.thread",
        "recurrence.dunning.plain.note.mixin",
        "dunning.case.refresh.mixin",
        "dunning.case.task.mixin",
        "dunning.case.search.mixin",
        "dunning.case.head.mixin",
        "dunning.case.item.mixin",
        "dunning.case.timeline.mixin",
        "dunning.case.action.mixin",
    ]
    _mail_post_access = "read"
    _order = "weight desc, id"
    _rec_name = "partner_id"

    active = fields.Boolean(default=True, readonly=True, help="Something of it is open.")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, ondelete="cascade"
    )
    collector_id = fields.Many2one(
        "res.users",
        string="Collections Responsible",
        domain="[('share', '=', False)]",
        tracking=True,
        help=(
            "Who looks after this customer. Leave empty for the salesperson, or else the person "
            "responsible for the dunning program."
        ),
    )
    user_id = fields.Many2one("res.users", string="Responsible", readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")

    # --- money ---
    amounts = fields.Json(readonly=True, help="Open and overdue, by currency.")
    open_text = fields.Char(string="Total Open", compute="_compute_texts")
    overdue_text = fields.Char(string="Total Overdue", compute="_compute_texts")
    open_amount = fields.Monetary(
        string="Open in Company Currency", readonly=True, help="Also what is not due yet."
    )
    overdue_amount = fields.Monetary(string="Overdue in Company Currency", readonly=True)
    age_0 = fields.Monetary(string="Not Due", readonly=True)
    age_30 = fields.Monetary(string="1–30", readonly=True, help="Days late.")
    age_60 = fields.Monetary(string="31–60", readonly=True, help="Days late.")
    age_90 = fields.Monetary(string="61–90", readonly=True, help="Days late.")
    age_over = fields.Monetary(string="> 90", readonly=True, help="Days late.")
    oldest_due = fields.Date(string="Oldest Due Date", readonly=True)
    days_late = fields.Integer(string="Oldest Days Late", readonly=True, aggregator="max")
    usual_days_late = fields.Float(
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help=(
            "Average for invoices paid in the last 12 months; negative if paid before the due date."
        ),
    )
    paid_count = fields.Integer(string="Invoices Paid in 12 Months", readonly=True, aggregator=None)
    weight = fields.Float(
        readonly=True,
        aggregator=None,
        help="The overdue amount in company currency, times the days its oldest item is late.",
    )
    weight_text = fields.Char(compute="_compute_texts")

    # --- where it stands ---
    level = fields.Integer(string="Highest Level", readonly=True, aggregator="max")
    next_date = fields.Date(string="Next Reminder", readonly=True)
    next_code = fields.Char(string="Code of the Next Step", readonly=True)
    next_params = fields.Json(readonly=True)
    next_text = fields.Char(string="Next Step", compute="_compute_next_text")
    stage = fields.Selection(
        STAGES, readonly=True, required=True, default="planned", group_expand=True
    )
    last_contact_date = fields.Date(string="Last Contact", readonly=True)
    promise_date = fields.Date(string="Promised For", readonly=True)
    kept_count = fields.Integer(string="Promises Kept", readonly=True)
    broken_count = fields.Integer(string="Promises Broken", readonly=True)

    # --- what is to do ---
    tasks = fields.Json(readonly=True)
    todo_code = fields.Selection(selection="_get_task_selection", string="Reason", readonly=True)
    todo_date = fields.Date(string="To Do On", readonly=True, index=True)
    todo_text = fields.Char(string="To Do", compute="_compute_todo_text")
    todo_all_text = fields.Text(string="All That Is to Do", compute="_compute_todo_text")
    coming_text = fields.Text(string="Coming", compute="_compute_todo_text")

    _customer_once = models.UniqueIndex(
        "(company_id, partner_id)", "This customer already has a case in this company."
    )
    _weight_idx = models.Index("(company_id, weight DESC, id) WHERE active")

    @api.depends("amounts", "weight")
    @api.depends_context("lang")
    def _compute_texts(self):
        for case in self:
            case.open_text = case._format_amounts(0)
            case.overdue_text = case._format_amounts(1)
            case.weight_text = self.env._(
                "%(amount)s overdue × days late: %(days)s",
                amount=format_amount(self.env, case.overdue_amount, case.currency_id),
                days=case.days_late,
            )

    def _format_amounts(self, place):
        """Return open or overdue amounts as a text, per currency, never added up.

        :param place: 0 for what is open, 1 for what is overdue
        """
        currencies = self.env["res.currency"]
        return format_amounts(
            self.env,
            (
                (currencies.browse(int(currency_id)), found[place])
                for currency_id, found in (self.amounts or {}).items()
                if found[place]
            ),
        )

    @api.depends("next_code", "next_params")
    @api.depends_context("lang")
    def _compute_next_text(self):
        reasons = self.env["dunning.reason"]
        reasons._prefetch_names([case.next_params for case in self])
        for case in self:
            params = case.next_params or {}
            text = case.next_code and reasons._get_sentence(case.next_code, params)
            case.next_text = f"{params['item']}: {text}" if text and params.get("item") else text

    @api.constrains("collector_id")
    def _check_collector(self):
        for case in self.sudo():
            if case.collector_id.share:
                raise ValidationError(
                    self.env._("%(user)s is no colleague.", user=case.collector_id.name)
                )

    def write(self, vals):
        if "stage" in vals and not self.env.su:
            raise UserError(
                self.env._(
                    "A case moves by itself: open it, and note a promise or a dispute, do what is "
                    "to be done, or block reminders."
                )
            )
        result = super().write(vals)
        if "collector_id" in vals:
            self.sudo()._refresh_responsible()
        return result

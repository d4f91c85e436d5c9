from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...models.common.client_action import notify
from ...tools.common.value_bounds import YEARS

# Dates that are listed; of more it is said how many.
SHOWN = 12


class RecurrenceScheduleNotice(models.TransientModel):
    """Gives notice: shows when the agreement ends, its last period, and what is not billed."""

    _name = "recurrence.schedule.notice"
    _description = "Give Notice"
    _inherit = "recurrence.dunning.own.record.mixin"
    _dialog_about = ("schedule_id",)

    schedule_id = fields.Many2one("recurrence.schedule", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="schedule_id.company_id", related_sudo=False)
    date = fields.Date(
        string="Notice Given On",
        required=True,
        help="The day on which it arrived. The notice period begins with the day after.",
    )
    given_by = fields.Selection(
        [("them", "The customer or vendor"), ("us", "Our company")],
        string="Notice Given By",
        required=True,
        default="them",
    )
    reason_id = fields.Many2one("recurrence.notice.reason", string="Reason")
    remark = fields.Text()
    earliest_end = fields.Date(string="Ends at the Earliest", compute="_compute_earliest_end")
    end_date = fields.Date(
        string="Ends On",
        compute="_compute_end_date",
        store=True,
        readonly=False,
        help="The last day of the agreement.",
    )
    agreement_text = fields.Text(compute="_compute_earliest_end")
    early_message = fields.Char(compute="_compute_plan")
    last_message = fields.Text(compute="_compute_plan")
    problem = fields.Text(compute="_compute_plan")
    dropped_ids = fields.Many2many(
        "recurrence.occurrence", string="Will Not Be Invoiced", compute="_compute_plan"
    )
    dropped_count = fields.Integer(compute="_compute_plan")
    dropped_table = fields.Html(compute="_compute_plan", sanitize=False)
    plan_key = fields.Char(compute="_compute_plan_key", store=True, readonly=False)
    ahead_message = fields.Text(compute="_compute_plan")
    can_credit = fields.Boolean(compute="_compute_plan")
    with_credit = fields.Boolean(
        string="Credit It", help="A draft credit note for what was billed after the end."
    )

    @api.model
    def default_get(self, fields):
        defaults = super().default_get(fields)
        schedule = self.env["recurrence.schedule"].browse(defaults.get("schedule_id")).exists()
        if schedule:
            schedule.check_access("read")
            defaults.setdefault("date", schedule.company_id._get_job_today())
        return defaults

    @api.depends("schedule_id", "date")
    def _compute_earliest_end(self):
        for dialog in self:
            schedule = dialog.schedule_id
            is_known = schedule and dialog.date
            dialog.earliest_end = is_known and schedule._find_notice_end(dialog.date)
            dialog.agreement_text = schedule.agreement_text

    @api.depends("earliest_end")
    def _compute_end_date(self):
        for dialog in self:
            dialog.end_date = dialog.earliest_end

    @api.depends("schedule_id", "date", "end_date")
    def _compute_plan(self):
        """Show the last period, what is not billed any more, and what was billed ahead."""
        for dialog in self:
            dialog.update(
                {
                    "early_message": False,
                    "last_message": False,
                    "problem": False,
                    "dropped_ids": False,
                    "dropped_count": 0,
                    "dropped_table": False,
                    "ahead_message": False,
                    "can_credit": False,
                }
            )
            if dialog.schedule_id and dialog.date and dialog.end_date:
                dialog._show_plan()

    @api.depends("schedule_id", "end_date")
    def _compute_plan_key(self):
        """Keep what is shown: something else is not carried out."""
        for dialog in self:
            schedule, end = dialog.schedule_id, dialog.end_date
            is_possible = schedule and end and end.year in YEARS
            plan = schedule._get_end_plan(end) if is_possible else None
            dialog.plan_key = plan and schedule._get_end_key(plan)

    def _show_plan(self):
        schedule = self.schedule_id
        if self.end_date < self.earliest_end:
            self.early_message = self.env._(
                "Sooner than agreed: notice given on %(date)s ends it on %(end)s.",
                date=format_date(self.env, self.date),
                end=format_date(self.env, self.earliest_end),
            )
        try:
            schedule._check_end(self.end_date)
        except UserError as error:
            self.problem = str(error)
            return
        plan = schedule._get_end_plan(self.end_date)
        self.dropped_ids = plan.dropped.with_env(self.env)
        self.dropped_count = len(plan.dropped)
        if plan.dropped:
            self.dropped_table = self._render_dropped(plan.dropped)
        self.last_message = self._describe_last(plan)
        if plan.credited_from:
            self._show_billed_ahead(plan)

    def _render_dropped(self, dropped):
        """Return the dates that will not be invoiced as a table, the first few of many."""
        rows = [
            {
                "date": format_date(self.env, occurrence.date),
                "period": occurrence.period_start
                and " – ".join(
                    format_date(self.env, day)
                    for day in (occurrence.period_start, occurrence.period_end)
                ),
                "total": occurrence.currency_id.format(occurrence.amount_total),
            }
            for occurrence in dropped[:SHOWN]
        ]
        return self.env["ir.qweb"]._render(
            "account_recurrence_dunning.recurrence_dropped_dates",
            {"rows": rows, "more": len(dropped) - len(rows)},
        )

    def _describe_last(self, plan):
        """Return which invoice is the last one, as a sentence.

        :param plan: EndPlan
        """
        if not plan.last:
            return self.env._("No invoice is issued any more.")
        first, last = (format_date(self.env, day) for day in plan.period)
        params = {"date": format_date(self.env, plan.last), "first": first, "last": last}
        dates = self.schedule_id.sudo().occurrence_ids
        if dates.filtered(lambda o: o.rule_date == plan.last and o.state == "done"):
            return self.env._(
                "The last invoice is that of %(date)s, for %(first)s – %(last)s. It has been "
                "issued.",
                **params,
            )
        text = self.env._(
            "The last invoice is that of %(date)s, for %(first)s – %(last)s.", **params
        )
        if self.schedule_id.period_paid == "pre" and self.schedule_id._has_usage():
            text += " " + self.env._(
                "What is counted of its days is billed by no date: issue it by hand."
            )
        return text

    def _show_billed_ahead(self, plan):
        self.ahead_message = self.env._(
            "Days after the end have been billed already, from %(date)s on.",
            date=format_date(self.env, plan.credited_from),
        )
        try:
            self.can_credit = bool(self.schedule_id._get_end_corrections(plan))
        except UserError as error:
            self.ahead_message += f"\n{error}"

    def action_confirm(self):
        """End the agreement as it was shown."""
        self._check_dialog()
        self.ensure_one()
        schedule = self.schedule_id
        if not self.end_date:
            raise UserError(self.env._("Choose the day on which the agreement ends."))
        if self.date > schedule.company_id._get_job_today():
            raise UserError(
                self.env._("The notice cannot be given on a day that is still to come.")
            )
        credit = schedule._give_notice(
            {
                "notice_date": self.date,
                "notice_by": self.given_by,
                "notice_end": self.end_date,
                "notice_reason_id": self.reason_id.id,
                "notice_remark": self.remark,
            },
            with_credit=self.with_credit and self.can_credit,
            expected=self.plan_key,
        )
        if credit:
            return credit.get_formview_action()
        end = format_date(self.env, self.end_date)
        return notify(self.env._("The agreement ends on %(end)s.", end=end))

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.recurrence.plan import MAX_ROWS
from .recurrence_occurrence_invoice_mixin import OPEN_STATES
from .recurrence_rule_mixin import PREVIEW_DATES


class RecurrenceSchedule(models.Model):
    """What repeats, for whom, from when.

    An *interaction* schedule gives its responsible an activity on each date; an *invoice*
    schedule issues a copy of its template invoice.
    """

    _name = "recurrence.schedule"
    _description = "Recurrence"
    _inherit = [
        "recurrence.schedule.kind.making.mixin",
        "recurrence.schedule.template.use.mixin",
        "recurrence.dunning.own.record.mixin",
        "recurrence.schedule.name.mixin",
        "recurrence.schedule.suspension.mixin",
        "recurrence.schedule.proration.mixin",
        "recurrence.rule.mixin",
        "recurrence.schedule.subject.mixin",
        "recurrence.schedule.stale.mixin",
        "recurrence.schedule.backlog.mixin",
        "recurrence.schedule.lifecycle.mixin",
        "recurrence.schedule.job.mixin",
        "recurrence.schedule.team.mixin",
        "recurrence.schedule.billing.mixin",
        "recurrence.schedule.money.mixin",
        "recurrence.schedule.fiscal.mixin",
        "recurrence.schedule.counting.mixin",
        "recurrence.schedule.stop.mixin",
        "recurrence.schedule.line.change.mixin",
        "recurrence.schedule.price.mixin",
        "recurrence.schedule.price.clause.mixin",
        "recurrence.dunning.may.write.mixin",
        "mail.thread",
        "recurrence.dunning.plain.note.mixin",
        "recurrence.schedule.preview.mixin",
        "recurrence.schedule.planning.mixin",
        "recurrence.schedule.next.dates.mixin",
    ]
    _order = "next_date, name, id"
    _check_company_auto = True

    active = fields.Boolean(default=True)
    target = fields.Selection(
        [("interaction", "Interaction"), ("invoice", "Invoice")],
        string="Kind",
        required=True,
        default="interaction",
        index=True,
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("running", "Running"),
            ("paused", "Paused"),
            ("finished", "Finished"),
        ],
        string="Status",
        required=True,
        default="draft",
        copy=False,
        readonly=True,
        index=True,
        tracking=True,
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        tracking=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        index=True,
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    partner_id = fields.Many2one(
        "res.partner", string="Contact", index="btree_not_null", check_company=True, tracking=True
    )
    tag_ids = fields.Many2many("recurrence.tag", string="Tags")
    note = fields.Html()

    # --- what the engine keeps ---
    next_date = fields.Date(compute="_compute_next_date", store=True, index="btree_not_null")
    last_date = fields.Date(
        copy=False, readonly=True, help="The last date of the recurrence; empty if it has no end."
    )
    is_ending = fields.Boolean(
        string="About to End", compute="_compute_is_ending", search="_search_is_ending"
    )
    is_user_gone = fields.Boolean(compute="_compute_is_user_gone")
    pause_date = fields.Date(string="Paused Since", copy=False, readonly=True)
    resume_date = fields.Date(copy=False, tracking=True)
    generated_until = fields.Date(
        copy=False, readonly=True, help="Dates of the rule up to this day are planned."
    )
    run_date = fields.Date(
        string="Last Processed",
        copy=False,
        readonly=True,
        help=("The day on which it was last processed."),
    )
    error = fields.Text(copy=False, readonly=True)
    error_date = fields.Datetime(copy=False, readonly=True)
    occurrence_ids = fields.One2many("recurrence.occurrence", "schedule_id", copy=False)
    open_occurrence_ids = fields.One2many(
        "recurrence.occurrence",
        "schedule_id",
        string="Open Dates",
        domain=[("state", "in", OPEN_STATES)],
    )
    closed_occurrence_ids = fields.One2many(
        "recurrence.occurrence",
        "schedule_id",
        string="Past Dates",
        domain=[("state", "not in", OPEN_STATES)],
    )
    occurrence_count = fields.Integer(compute="_compute_occurrence_count")
    open_count = fields.Integer(compute="_compute_occurrence_count")

    # --- invoice ---
    template_move_id = fields.Many2one(
        "account.move", string="Template", copy=False, index="btree_not_null", ondelete="restrict"
    )
    invoice_mode = fields.Selection(
        [
            ("confirm", "Ask me on the day"),
            ("draft", "Create a draft"),
            ("post", "Post"),
            ("send", "Post and send"),
        ],
        string="On the Day",
        required=True,
        default="confirm",
        tracking=True,
    )
    period_paid = fields.Selection(
        [("pre", "In advance"), ("post", "In arrears")],
        string="Period Is Billed",
        required=True,
        default="pre",
        help=(
            "In advance, an invoice bills the time from its date to the day before the next one; "
            "in arrears, from the date before to the day before its own. On the last day of the "
            "month it bills whole months: those that follow, or those that end with it."
        ),
    )
    price_source = fields.Selection(
        [
            ("template", "As entered in the template"),
            ("product", "From the product on the day of issue"),
            ("pricelist", "From the customer's price list on the day of issue"),
        ],
        string="Prices",
        required=True,
        default="template",
    )
    due_mode = fields.Selection(
        [
            ("term", ("According to the payment terms")),
            ("distance", "As many days as in the recurring invoice"),
        ],
        string="Due Date Calculation",
        required=True,
        default="term",
    )
    # those of which it is the first; a consolidated one stands in "recurrence.billed.date"
    invoice_ids = fields.One2many(
        "account.move",
        "recurrence_schedule_id",
        domain=[("is_recurrence_template", "=", False)],
        copy=False,
    )
    invoice_count = fields.Integer(compute="_compute_invoice_count")

    # === COMPUTES === #

    @api.depends("occurrence_ids.state", "occurrence_ids.date")
    def _compute_next_date(self):
        dates = dict(
            self.env["recurrence.occurrence"]
            .sudo()
            ._read_group(
                [("schedule_id", "in", self.ids), ("state", "in", OPEN_STATES)],
                ["schedule_id"],
                ["date:min"],
            )
        )
        for schedule in self:
            schedule.next_date = dates.get(schedule._origin.sudo(), False)

    @api.depends("state", "last_date", "company_id.recurrence_ending_days")
    def _compute_is_ending(self):
        for schedule in self:
            limit = schedule._get_ending_limit(schedule.company_id)
            schedule.is_ending = bool(
                schedule.state == "running" and schedule.last_date and schedule.last_date <= limit
            )

    def _search_is_ending(self, operator, value):
        if operator != "in":
            return NotImplemented
        ending = Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("last_date", "<=", self._get_ending_limit(company))
            for company in self.env.companies
        )
        ending &= Domain("state", "=", "running")
        if set(value) == {True}:
            return ending
        return ~ending if set(value) == {False} else Domain(len(value) > 1)

    @api.depends("user_id.active", "user_id.share")
    def _compute_is_user_gone(self):
        for schedule in self:
            user = schedule.user_id.sudo()
            schedule.is_user_gone = not user.active or user.share

    @api.depends("occurrence_ids.state")
    def _compute_occurrence_count(self):
        groups = self.env["recurrence.occurrence"]._read_group(
            [("schedule_id", "in", self.ids)], ["schedule_id", "state"], ["__count"]
        )
        for schedule in self:
            counts = {state: n for owner, state, n in groups if owner == schedule._origin}
            schedule.occurrence_count = sum(counts.values())
            schedule.open_count = sum(counts.get(state, 0) for state in OPEN_STATES)

    def _compute_invoice_count(self):
        rows = self.env["recurrence.billed.date"].sudo()
        counts = dict(
            rows._read_group([("schedule_id", "in", self.ids)], ["schedule_id"], ["__count"])
        )
        for schedule in self:
            schedule.invoice_count = counts.get(schedule.sudo(), 0)

    @api.constrains("user_id", "company_id")
    def _check_user(self):
        for schedule in self:
            user = schedule.user_id.sudo()
            user._check_internal_user()
            if user and schedule.company_id not in user.company_ids:
                raise ValidationError(
                    self.env._(
                        "%(user)s has no access to %(company)s, so cannot be responsible there.",
                        user=user.name,
                        company=schedule.company_id.name,
                    )
                )

    # === CRUD === #

    @api.model
    def _check_bounds(self, vals):
        """Days that people write have bounds; where a rule ends may be later than that."""
        return super()._check_bounds({k: v for k, v in vals.items() if k != "last_date"})

    @api.model_create_multi
    def create(self, vals_list):
        schedules = super().create(vals_list)
        invoicing = schedules.filtered("template_move_id")
        if invoicing:
            self.env["account.move"]._recurrence_adopt(invoicing)
        return schedules

    def write(self, vals):
        self._check_changes(vals)
        result = super().write(vals)
        # what an installation starts (demonstration) says nothing of the place it is used in
        if vals.get("state") == "running" and self.env.registry.ready:
            self.company_id._keep_home()
        if vals.get("template_move_id"):
            self.env["account.move"]._recurrence_adopt(self)
        if "user_id" in vals:
            self._move_activities()
        if {"proration", "template_move_id", "price_source"} & vals.keys():
            self._refresh_expected()
        return result

    def unlink(self):
        self.check_access("unlink")
        self._unlink_except_issued()
        drop_templates = self._untie_templates()
        self.sudo().occurrence_ids.unlink()
        result = super().unlink()
        drop_templates()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_issued(self):
        issued = self.sudo().filtered(lambda s: s.invoice_ids or s.occurrence_ids.billed_ids)[:1]
        if issued:
            raise UserError(
                self.env._(
                    "%(name)s has issued invoices, so it cannot be deleted. Finish or archive it.",
                    name=issued.name,
                )
            )

    def _check_changes(self, vals):
        """Refuse what would mix companies or kinds once dates exist."""
        for name in ("company_id", "target"):
            if name in vals and self.filtered(
                lambda s, name=name: (
                    s.state != "draft"
                    and (s[name].id if name == "company_id" else s[name]) != vals[name]
                )
            ):
                raise UserError(
                    self.env._(
                        "The company and kind of a recurrence that has started cannot be "
                        "changed. Finish it and create a new one."
                    )
                )
        self._check_running_invoice(vals)
        if vals.get("active") is False and self.filtered(lambda s: s.state == "running"):
            raise UserError(self.env._("Pause or finish the recurrence before archiving it."))

    # === BUSINESS === #

    def _get_rule_company(self):
        return self.company_id or self.env.company

    @api.depends(
        "state",
        "generated_until",
        "resume_date",
        "occurrence_ids.state",
        "occurrence_ids.date",
    )
    def _compute_rule_preview(self):
        return super()._compute_rule_preview()

    def _get_preview_dates(self, rule, limit=PREVIEW_DATES):
        """Show what is planned and what the rule adds to it, nothing else."""
        schedule = self._origin
        if not schedule.generated_until and not schedule.occurrence_ids:
            return super()._get_preview_dates(rule, limit)
        as_of = self._get_rule_company()._get_job_today()
        return schedule._get_next_dates(rule, as_of, limit)

    def _get_preview_note(self):
        """Say what a pause makes of the next dates."""
        if self._origin.state != "paused":
            return super()._get_preview_note()
        return self.env._(
            "Paused: these dates are on hold; dates that pass in the meantime are skipped."
        )

    def _get_last_date_text(self, rule):
        if rule.end_type == "count" and self._origin.occurrence_ids:
            # the count goes on from the dates there are
            items = self._get_preview_dates(rule, MAX_ROWS)
            if len(items) < MAX_ROWS:
                days = [item.date or item.rule_date for item in items]
                return format_date(self.env, max(days, default=self.last_date)) or ""
        return super()._get_last_date_text(rule)

    def _get_ending_limit(self, company):
        return company._get_job_today() + timedelta(days=company.recurrence_ending_days)

    def _get_responsible(self):
        """Return who gets the work: the responsible, or who stands in for one that left.

        :return: an active internal user
        """
        self.ensure_one()
        stand_ins = self.user_id, self.company_id.recurrence_user_id, self.create_uid
        for user in stand_ins:
            if user.sudo().active and not user.sudo().share:
                return user
        # not env.ref, which asks the database each time
        admin_id = self.env["ir.model.data"]._xmlid_to_res_id("base.user_admin")
        return self.env["res.users"].browse(admin_id)

    def _update_last_date(self):
        """Store the day the schedules end on; empty for those without an end."""
        for schedule in self.sudo():
            if schedule.last_date != (last := schedule._get_last_date()):
                schedule.last_date = last

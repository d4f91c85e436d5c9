from odoo import api, fields, models


class RecurrenceSchedule(models.Model):
    """What repeats, for whom, from when.

    An *interaction* schedule gives its responsible an activity on each date; an *invoice*
    schedule issues a copy of its template invoice.
    """

    _name = "recurrence.schedule"
    _description = "Recurrence"
    _inherit = ["recurrence.rule.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "next_date, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    target = fields.Selection(
        [("interaction", "Interaction"), ("invoice", "Invoice")],
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
    last_date = fields.Date(string="Last Planned Date", copy=False, readonly=True)
    pause_date = fields.Date(string="Paused Since", copy=False, readonly=True)
    resume_date = fields.Date(copy=False, tracking=True)
    generated_until = fields.Date(
        copy=False, readonly=True, help="Dates of the rule up to this day are planned."
    )
    error = fields.Text(copy=False, readonly=True)
    error_date = fields.Datetime(copy=False, readonly=True)
    occurrence_ids = fields.One2many("recurrence.occurrence", "schedule_id", copy=False)

    # --- catching up with missed dates ---
    catch_up = fields.Selection(
        [("all", "Do all of them"), ("last", "Only the last one"), ("skip", "Skip them")],
        string="Missed Dates",
        required=True,
        default="all",
    )
    catch_up_confirmed = fields.Boolean(
        copy=False,
        readonly=True,
        help="A person agreed to more invoices at once than the safety bound allows.",
    )

    # --- interaction ---
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        ondelete="restrict",
        default=lambda self: self.env.ref("mail.mail_activity_data_todo", False),
    )
    summary = fields.Char()
    lead_days = fields.Integer(
        string="Days Ahead", help="The activity is created so many days before the date."
    )
    subject = fields.Selection(
        [
            ("none", "Nothing in particular"),
            ("partner", "The contact"),
            ("record", "A record"),
            ("filter", "A saved filter"),
        ],
        string="About",
        required=True,
        default="none",
    )
    res_model = fields.Char(string="Model of the Record")
    res_id = fields.Many2oneReference(string="Record", model_field="res_model")
    filter_id = fields.Many2one("ir.filters", string="Saved Filter", ondelete="restrict")
    filter_mode = fields.Selection(
        [("one", "One activity for all"), ("each", "One activity each (at most 50)")],
        required=True,
        default="one",
    )
    meeting_hour = fields.Float(default=9.0)
    meeting_duration = fields.Float(string="Duration", default=1.0)
    meeting_location = fields.Char(string="Location")
    meeting_partner_ids = fields.Many2many("res.partner", string="Attendees")

    # --- invoice ---
    template_move_id = fields.Many2one(
        "account.move", string="Template", copy=False, index="btree_not_null", ondelete="restrict"
    )
    currency_id = fields.Many2one(related="template_move_id.currency_id")
    invoice_mode = fields.Selection(
        [
            ("confirm", "Ask me on the day"),
            ("draft", "Create a draft"),
            ("post", "Post"),
            ("send", "Post and send"),
        ],
        required=True,
        default="confirm",
        tracking=True,
    )
    period_paid = fields.Selection(
        [("pre", "In advance"), ("post", "Afterwards")],
        string="Period Is Billed",
        required=True,
        default="pre",
    )
    price_source = fields.Selection(
        [("template", "As in the template"), ("product", "From the product on the day")],
        string="Prices",
        required=True,
        default="template",
    )
    due_mode = fields.Selection(
        [("term", "By the payment terms"), ("distance", "As far as in the template")],
        string="Due Date",
        required=True,
        default="term",
    )
    invoice_ids = fields.One2many(
        "account.move",
        "recurrence_schedule_id",
        domain=[("is_recurrence_template", "=", False)],
        copy=False,
    )
    invoice_count = fields.Integer(compute="_compute_invoice_count")

    @api.depends("occurrence_ids.state", "occurrence_ids.date")
    def _compute_next_date(self):
        dates = dict(
            self.env["recurrence.occurrence"]
            .sudo()
            ._read_group(
                [("schedule_id", "in", self.ids), ("state", "in", ("planned", "todo", "failed"))],
                ["schedule_id"],
                ["date:min"],
            )
        )
        for schedule in self:
            schedule.next_date = dates.get(schedule._origin, False)

    def _compute_invoice_count(self):
        counts = dict(
            self.env["account.move"]._read_group(
                [
                    ("recurrence_schedule_id", "in", self.ids),
                    ("is_recurrence_template", "=", False),
                ],
                ["recurrence_schedule_id"],
                ["__count"],
            )
        )
        for schedule in self:
            schedule.invoice_count = counts.get(schedule, 0)

from odoo import api, fields, models

from ...tools.recurrence.document import fit_values
from ...tools.recurrence.start import FOLLOWING_FIELDS, find_chosen, follow_start
from ..common.access_groups import INVOICE_READERS
from .recurrence_rule_mixin import RULE_FIELDS
from .recurrence_schedule_agreement_mixin import TERM_COLUMNS

# Columns of the schedule that are edited on the page "Recurrence" of its template.
RULE_COLUMNS = (*RULE_FIELDS, "duration_number", "duration_unit")
# What its next dates follow from.
PREVIEW_COLUMNS = (
    *RULE_COLUMNS,
    *TERM_COLUMNS,
    "period_paid",
    "proration",
    "is_kind",
    "kind_day",
)
SCHEDULE_COLUMNS = (
    "name",
    "is_kind",
    "kind_id",
    "kind_day",
    *RULE_COLUMNS,
    *TERM_COLUMNS,
    "user_id",
    "invoice_mode",
    "lead_days",
    "period_paid",
    "proration",
    "price_source",
    "due_mode",
    "catch_up",
    "consolidation",
    "order_until",
    "attach_files",
    "send_files",
)

DURATION_COLUMNS = ("date_start", "duration_number", "duration_unit")
PREFIX = "recurrence_"


class RecurrenceTemplateRuleMixin(models.AbstractModel):
    """The rule of a recurring invoice, as fields of its template.

    Nothing is stored here: each field is the schedule's. While a template is being composed
    there is no schedule yet; ``_recurrence_create_schedules`` makes it when the form is saved.
    """

    _name = "recurrence.template.rule.mixin"
    _inherit = [
        "recurrence.template.kind.mixin",
        "recurrence.template.agreement.mixin",
        "recurrence.template.actions.mixin",
    ]
    _description = "Rule of a Recurring Invoice on its Template"

    is_recurrence_template = fields.Boolean()
    recurrence_schedule_id = fields.Many2one("recurrence.schedule", groups=INVOICE_READERS)

    recurrence_date_start = fields.Date(
        related="recurrence_schedule_id.date_start", readonly=False, groups=INVOICE_READERS
    )
    recurrence_followed_start = fields.Date(store=False, copy=False, groups=INVOICE_READERS)
    recurrence_rrule_type = fields.Selection(
        related="recurrence_schedule_id.rrule_type", readonly=False, groups=INVOICE_READERS
    )
    recurrence_interval = fields.Integer(
        related="recurrence_schedule_id.interval", readonly=False, groups=INVOICE_READERS
    )
    recurrence_mon = fields.Boolean(
        related="recurrence_schedule_id.mon", readonly=False, groups=INVOICE_READERS
    )
    recurrence_tue = fields.Boolean(
        related="recurrence_schedule_id.tue", readonly=False, groups=INVOICE_READERS
    )
    recurrence_wed = fields.Boolean(
        related="recurrence_schedule_id.wed", readonly=False, groups=INVOICE_READERS
    )
    recurrence_thu = fields.Boolean(
        related="recurrence_schedule_id.thu", readonly=False, groups=INVOICE_READERS
    )
    recurrence_fri = fields.Boolean(
        related="recurrence_schedule_id.fri", readonly=False, groups=INVOICE_READERS
    )
    recurrence_sat = fields.Boolean(
        related="recurrence_schedule_id.sat", readonly=False, groups=INVOICE_READERS
    )
    recurrence_sun = fields.Boolean(
        related="recurrence_schedule_id.sun", readonly=False, groups=INVOICE_READERS
    )
    recurrence_month_by = fields.Selection(
        related="recurrence_schedule_id.month_by", readonly=False, groups=INVOICE_READERS
    )
    recurrence_day = fields.Integer(
        related="recurrence_schedule_id.day", readonly=False, groups=INVOICE_READERS
    )
    recurrence_more_days = fields.Char(
        related="recurrence_schedule_id.more_days", readonly=False, groups=INVOICE_READERS
    )
    recurrence_more_weekdays = fields.Char(
        related="recurrence_schedule_id.more_weekdays", readonly=False, groups=INVOICE_READERS
    )
    recurrence_byday = fields.Selection(
        related="recurrence_schedule_id.byday", readonly=False, groups=INVOICE_READERS
    )
    recurrence_weekday = fields.Selection(
        related="recurrence_schedule_id.weekday", readonly=False, groups=INVOICE_READERS
    )
    recurrence_end_type = fields.Selection(
        related="recurrence_schedule_id.end_type", readonly=False, groups=INVOICE_READERS
    )
    recurrence_count = fields.Integer(
        related="recurrence_schedule_id.count", readonly=False, groups=INVOICE_READERS
    )
    recurrence_until = fields.Date(
        related="recurrence_schedule_id.until", readonly=False, groups=INVOICE_READERS
    )
    recurrence_duration_number = fields.Integer(
        related="recurrence_schedule_id.duration_number", readonly=False, groups=INVOICE_READERS
    )
    recurrence_duration_unit = fields.Selection(
        related="recurrence_schedule_id.duration_unit", readonly=False, groups=INVOICE_READERS
    )
    recurrence_month_end = fields.Selection(
        related="recurrence_schedule_id.month_end", readonly=False, groups=INVOICE_READERS
    )
    recurrence_day_shift = fields.Selection(
        related="recurrence_schedule_id.day_shift", readonly=False, groups=INVOICE_READERS
    )
    recurrence_user_id = fields.Many2one(
        related="recurrence_schedule_id.user_id", readonly=False, groups=INVOICE_READERS
    )
    recurrence_invoice_mode = fields.Selection(
        related="recurrence_schedule_id.invoice_mode", readonly=False, groups=INVOICE_READERS
    )
    recurrence_lead_days = fields.Integer(
        related="recurrence_schedule_id.lead_days", readonly=False, groups=INVOICE_READERS
    )
    recurrence_period_paid = fields.Selection(
        related="recurrence_schedule_id.period_paid", readonly=False, groups=INVOICE_READERS
    )
    recurrence_proration = fields.Selection(
        related="recurrence_schedule_id.proration", readonly=False, groups=INVOICE_READERS
    )
    recurrence_price_source = fields.Selection(
        related="recurrence_schedule_id.price_source", readonly=False, groups=INVOICE_READERS
    )
    recurrence_consolidation = fields.Selection(
        related="recurrence_schedule_id.consolidation", readonly=False, groups=INVOICE_READERS
    )
    recurrence_consolidation_text = fields.Text(
        related="recurrence_schedule_id.consolidation_text", groups=INVOICE_READERS
    )
    recurrence_order_until = fields.Date(
        related="recurrence_schedule_id.order_until", readonly=False, groups=INVOICE_READERS
    )
    recurrence_order_message = fields.Char(
        related="recurrence_schedule_id.order_message", groups=INVOICE_READERS
    )
    recurrence_attach_files = fields.Boolean(
        related="recurrence_schedule_id.attach_files", readonly=False, groups=INVOICE_READERS
    )
    recurrence_send_files = fields.Boolean(
        related="recurrence_schedule_id.send_files", readonly=False, groups=INVOICE_READERS
    )
    recurrence_due_mode = fields.Selection(
        related="recurrence_schedule_id.due_mode",
        string="Due Date Calculation",
        readonly=False,
        groups=INVOICE_READERS,
    )
    recurrence_catch_up = fields.Selection(
        related="recurrence_schedule_id.catch_up", readonly=False, groups=INVOICE_READERS
    )

    recurrence_state = fields.Selection(
        string="Recurrence Status", related="recurrence_schedule_id.state", groups=INVOICE_READERS
    )
    recurrence_next_date = fields.Date(
        related="recurrence_schedule_id.next_date", groups=INVOICE_READERS
    )
    recurrence_error = fields.Text(related="recurrence_schedule_id.error", groups=INVOICE_READERS)
    recurrence_ending_lines = fields.Char(
        related="recurrence_schedule_id.ending_lines", groups=INVOICE_READERS
    )
    recurrence_terms_note = fields.Char(
        compute="_compute_recurrence_terms_note", groups=INVOICE_READERS
    )
    recurrence_rule_summary = fields.Char(
        string="Rule", compute="_compute_recurrence_preview", groups=INVOICE_READERS
    )
    recurrence_rule_preview = fields.Html(
        string="Next Dates",
        compute="_compute_recurrence_preview",
        sanitize=False,
        groups=INVOICE_READERS,
    )
    recurrence_agreement_text = fields.Text(
        string="Agreement", compute="_compute_recurrence_preview", groups=INVOICE_READERS
    )
    recurrence_invoice_count = fields.Integer(
        related="recurrence_schedule_id.invoice_count", groups=INVOICE_READERS
    )

    @api.depends(
        "is_recurrence_template",
        "recurrence_schedule_id",
        *(PREFIX + name for name in PREVIEW_COLUMNS),
    )
    def _compute_recurrence_preview(self):
        """Show sentence and next dates while the rule is being edited, before it is saved."""
        for move in self:
            schedule = self.env["recurrence.schedule"]
            if move.is_recurrence_template and move.recurrence_date_start:
                rule = {name: move[PREFIX + name] for name in PREVIEW_COLUMNS}
                schedule = schedule.new(
                    {**rule, "target": "invoice", "company_id": move.company_id.id},
                    origin=move.recurrence_schedule_id._origin,
                )
                # the virtual record of an origin is one: what it showed before is told anew
                shown = ("rule_summary", "rule_preview", "agreement_text")
                schedule.invalidate_recordset(shown, flush=False)
            move.recurrence_agreement_text = schedule.agreement_text
            move.recurrence_rule_summary = schedule.rule_summary
            move.recurrence_rule_preview = schedule.rule_preview

    @api.depends(
        "is_recurrence_template",
        "invoice_line_ids.recurrence_start",
        "invoice_line_ids.recurrence_until",
        "invoice_line_ids.recurrence_every",
        "invoice_line_ids.recurrence_billing",
        "invoice_line_ids.recurrence_quantity_id",
        "invoice_line_ids.recurrence_formula",
    )
    def _compute_recurrence_terms_note(self):
        """Name the lines with terms of their own: the columns that say so may be hidden."""
        for move in self:
            lines = move.invoice_line_ids if move.is_recurrence_template else ()
            texts = [
                self.env._("%(line)s (%(terms)s)", line=line._recurrence_get_name(), terms=terms)
                for line in lines
                if line.display_type == "product" and (terms := line._recurrence_describe_terms())
            ]
            move.recurrence_terms_note = bool(texts) and self.env._(
                "Lines with terms of their own: %(lines)s", lines="; ".join(texts)
            )

    @api.model
    def default_get(self, fields):
        """Fill the rule of a new template with what a new schedule would have."""
        defaults = super().default_get(fields)
        if "default_is_recurrence_template" not in self.env.context:
            # asked for by a button, never by what somebody has stored for his invoices
            defaults.pop("is_recurrence_template", None)
        if not defaults.get("is_recurrence_template"):
            return defaults
        wanted = [name for name in fields if self._get_schedule_column(name)]
        if wanted:
            kind = defaults.get("move_type") or self.env.context.get("default_move_type")
            schedule_defaults = fit_values(
                kind or "out_invoice", self._recurrence_get_default_rule()
            )
            for name in wanted:
                column = self._get_schedule_column(name)
                if column in schedule_defaults:
                    defaults[name] = schedule_defaults[column]
            defaults["recurrence_followed_start"] = schedule_defaults.get("date_start")
        return defaults

    @api.onchange("recurrence_date_start")
    def _onchange_recurrence_date_start(self):
        """Follow the start with day and weekday where nobody chose others."""
        start = self.recurrence_date_start
        if not start:
            return
        before = self.recurrence_followed_start or self._origin.recurrence_date_start
        values = {name: self[PREFIX + name] for name in FOLLOWING_FIELDS}
        chosen = find_chosen(self.recurrence_more_days, self.recurrence_more_weekdays)
        for name, value in follow_start(start, before, values, chosen).items():
            self[PREFIX + name] = value
        self.recurrence_followed_start = start

    @api.onchange("recurrence_date_start", "recurrence_duration_number", "recurrence_duration_unit")
    def _onchange_recurrence_duration(self):
        """Show the end date that a duration gives."""
        if self.recurrence_date_start and self.recurrence_duration_number > 0:
            self.recurrence_until = self._recurrence_get_duration_end()

    @api.onchange("recurrence_until")
    def _onchange_recurrence_until(self):
        """An end date typed by hand is no duration any more."""
        if not (self.recurrence_duration_number and self.recurrence_date_start):
            return
        if self.recurrence_until != self._recurrence_get_duration_end():
            self.recurrence_duration_number = 0

    def _recurrence_get_duration_end(self):
        rule = {name: self[PREFIX + name] for name in DURATION_COLUMNS}
        return self.env["recurrence.schedule"].new(rule)._get_duration_end()

    @api.model
    def _traverse_related_sql(self, alias, field, query):
        """Let ``groups`` hold too where a field is grouped, summed up or ordered by.

        Odoo looks at those of the field at the end of the path alone, and as superuser.
        """
        self._check_field_access(field, "read")
        return super()._traverse_related_sql(alias, field, query)

    @api.model
    def _get_schedule_column(self, name):
        """Return the column of the schedule that a field of this mixin stands for, or None."""
        column = name.removeprefix(PREFIX)
        return column if column != name and column in SCHEDULE_COLUMNS else None

    def get_formview_id(self, access_uid=None):
        """Open templates in their own form, the ordinary one with the page *Recurrence*."""
        if len(self) == 1 and self.is_recurrence_template:
            what = "kind" if self.sudo().recurrence_is_kind else "template"
            return self.env.ref(f"account_recurrence_dunning.recurrence_{what}_view_form").id
        return super().get_formview_id(access_uid=access_uid)

    def _get_template_action(self):
        """Return the action that opens this template in the invoice form."""
        action = self._recurrence_get_new_action(self.move_type)
        return {**action, "res_id": self.id, "name": self.display_name}

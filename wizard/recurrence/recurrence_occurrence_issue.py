from odoo import api, fields, models
from odoo.exceptions import MissingError, UserError
from odoo.fields import Command
from odoo.tools import format_date

from ...models.common.client_action import notify

# What the dialog shows of the invoice that would be issued.
DRAFT_FIELDS = (
    "issue_date",
    "date_note",
    "is_future",
    "invoice_date_due",
    "tax_totals",
    "amount_untaxed",
    "amount_tax",
    "amount_total",
)


class RecurrenceOccurrenceIssue(models.TransientModel):
    """Issue one invoice of a recurrence: date, lines and total, editable for this one only."""

    _name = "recurrence.occurrence.issue"
    _description = "Issue a Recurring Invoice"
    _inherit = "recurrence.dunning.own.record.mixin"

    occurrence_id = fields.Many2one("recurrence.occurrence", required=True, ondelete="cascade")
    schedule_id = fields.Many2one(related="occurrence_id.schedule_id", related_sudo=False)
    company_id = fields.Many2one(related="occurrence_id.company_id", related_sudo=False)
    template_move_id = fields.Many2one(related="schedule_id.template_move_id", related_sudo=False)
    move_type = fields.Selection(related="template_move_id.move_type")
    partner_id = fields.Many2one(related="template_move_id.partner_id", string="Customer")
    currency_id = fields.Many2one(related="template_move_id.currency_id")
    period_start = fields.Date(related="occurrence_id.period_start", related_sudo=False)
    period_end = fields.Date(related="occurrence_id.period_end", related_sudo=False)
    former_move_id = fields.Many2one(
        related="occurrence_id.move_id", related_sudo=False, string="Former Invoice"
    )
    invoice_date = fields.Date(required=True)
    issue_date = fields.Date(string="Will Be Dated", compute="_compute_draft")
    is_future = fields.Boolean(compute="_compute_draft")
    date_note = fields.Char(compute="_compute_draft")
    invoice_date_due = fields.Date(string="Due Date", compute="_compute_draft")
    ref = fields.Char(string="Reference")
    left_out = fields.Text(
        string="Lines Not Billed",
        compute="_compute_left_out",
        help="Lines of the recurring invoice that are not due on this date.",
    )
    counted = fields.Text(
        string="Counted",
        compute="_compute_counted",
        help="What the quantities of this invoice were counted from.",
    )
    count_problem = fields.Text(compute="_compute_counted")
    order_note = fields.Char(compute="_compute_order_note")
    fiscal_message = fields.Text(related="schedule_id.fiscal_message", related_sudo=False)
    fiscal_choice = fields.Selection(
        [("keep", "As in the recurring invoice"), ("take", "As on an invoice created today")],
        string="Taxes of This Invoice",
    )
    line_ids = fields.One2many("recurrence.occurrence.issue.line", "issue_id", string="Lines")
    possible_ids = fields.Many2many(
        "recurrence.occurrence",
        "recurrence_occurrence_issue_possible_rel",
        string="Dates That May Be on It",
        readonly=True,
    )
    shown_ref = fields.Char(string="Reference Shown", readonly=True)
    together_ids = fields.Many2many(
        "recurrence.occurrence",
        "recurrence_occurrence_issue_together_rel",
        string="Together With",
        domain="[('id', 'in', possible_ids)]",
        help=(
            "The customer's other recurrences of the same day that are consolidated: they are on "
            "this invoice with a section of their own. What you take out is issued by itself."
        ),
    )
    tax_totals = fields.Binary(compute="_compute_draft", exportable=False)
    amount_untaxed = fields.Monetary(compute="_compute_draft", string="Untaxed Amount")
    amount_tax = fields.Monetary(compute="_compute_draft", string="Taxes")
    amount_total = fields.Monetary(compute="_compute_draft", string="Total")

    @api.model
    def default_get(self, fields):
        defaults = super().default_get(fields)
        if self.env.context.get("active_model") == "recurrence.occurrence":
            defaults.setdefault("occurrence_id", self.env.context.get("active_id"))
        if defaults.get("occurrence_id"):
            defaults.update(self._prepare_defaults(defaults["occurrence_id"]))
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        """A script that names the occurrence only gets what the dialog would show."""
        for vals in vals_list:
            self._check_bounds(vals)
        return super().create(
            [
                {**self._prepare_defaults(vals["occurrence_id"], vals.get("fiscal_choice")), **vals}
                if vals.get("occurrence_id") and "line_ids" not in vals
                else vals
                for vals in vals_list
            ]
        )

    @api.model
    def _prepare_defaults(self, occurrence_id, choice=None):
        """Return what the dialog shows at first: the invoice as it would be issued now.

        :param choice: "keep" or "take", where taxes differ; None: as the company has set
        """
        occurrence = self.env["recurrence.occurrence"].browse(occurrence_id).exists()
        if not occurrence:
            raise UserError(self.env._("This date of the recurrence no longer exists."))
        self.env["recurrence.issuing"]._check_issuable(occurrence)
        schedule = occurrence.schedule_id
        change = schedule._get_fiscal_changes().get(schedule)
        if change:
            choice = schedule._get_fiscal_choice(change, choice)
        counts = occurrence._count_quantities()
        # a line of which nothing was counted is shown too
        move, _reason = self._make_draft(occurrence, {"fiscal": choice, "lines": None}, counts)
        counted = counts.get(occurrence, {})
        together = occurrence._get_joining()
        ref = self._get_joined_ref(occurrence, together) if together else move.ref
        is_entry = schedule._get_document().is_entry
        return {
            "occurrence_id": occurrence.id,
            "invoice_date": move.invoice_date or move.date,
            "ref": ref,
            "shown_ref": ref,
            "fiscal_choice": choice if change and choice != "wait" else False,
            "possible_ids": [Command.set(together.ids)],
            "together_ids": [Command.set(together.ids)],
            "line_ids": [
                Command.create(self._prepare_line(position, line, counted))
                for position, line in enumerate(
                    move.line_ids if is_entry else move.invoice_line_ids
                )
                if is_entry or line.display_type in self._get_shown_types()
            ],
        }

    @api.model
    def _make_draft(self, occurrence, change, counts=(), together=None):
        """Return the invoice as it would be issued now, in memory.

        :param change: what a person changed, see ``recurrence.occurrence._apply_changes``
        :param counts: what was counted; empty: the quantities stand in what was changed
        :param together: recurrence.occurrence that are on it too
        :return: account.move, and why it is dated otherwise or None
        """
        as_of = occurrence.company_id._get_job_today()
        return occurrence._make_draft(as_of, change, dict(counts), together)

    @api.model
    def _get_shown_types(self):
        return ("product", "line_section", "line_subsection", "line_note")

    @api.model
    def _prepare_line(self, position, line, counts):
        is_product = line.display_type == "product"
        counted = counts.get(line.recurrence_line_id._origin)
        is_missing = bool(counted) and counted.quantity is None
        return {
            "is_counted": bool(counted),
            "is_missing": is_missing,
            "counted": float(counted.quantity) if counted and not is_missing else 0,
            "position": position,
            "sequence": 10 * position,
            "display_type": False if is_product else line.display_type,
            "product_id": line.product_id.id,
            "template_product_id": line.product_id.id,
            "name": line.name,
            "quantity": line.quantity if is_product and not is_missing else 0,
            "price_unit": line.price_unit if is_product else 0,
            "discount": line.discount if is_product else 0,
            "account_id": line.account_id.id,
            "debit": line.debit,
            "credit": line.credit,
            "tax_ids": [Command.set(line.tax_ids.ids)],
        }

    @api.depends(
        "occurrence_id",
        "together_ids",
        "invoice_date",
        "ref",
        "fiscal_choice",
        "line_ids.display_type",
        "line_ids.product_id",
        "line_ids.quantity",
        "line_ids.price_unit",
        "line_ids.discount",
        "line_ids.tax_ids",
    )
    def _compute_draft(self):
        """Show date and totals of the invoice itself, with all that Odoo adds to its lines."""
        for wizard in self:
            if not wizard.occurrence_id:
                wizard.update(dict.fromkeys(DRAFT_FIELDS, False))
                continue
            together = wizard.together_ids._origin
            move, reason = self._make_draft(
                wizard.occurrence_id, wizard._get_change(), together=together
            )
            # a journal entry has no taxes of its own
            totals = move.tax_totals or {
                "tax_amount_currency": 0,
                "total_amount_currency": move.amount_total,
            }
            wizard.issue_date = move.invoice_date or move.date
            today = wizard.company_id._get_job_today()
            wizard.is_future = wizard.issue_date > today
            wizard.date_note = reason or wizard._get_moved_reason()
            wizard.invoice_date_due = move.invoice_date_due
            wizard.tax_totals = move.tax_totals
            wizard.amount_tax = totals["tax_amount_currency"]
            wizard.amount_total = totals["total_amount_currency"]
            wizard.amount_untaxed = wizard.amount_total - wizard.amount_tax

    @api.depends("occurrence_id")
    def _compute_left_out(self):
        for wizard in self:
            occurrence = wizard.occurrence_id
            billed = occurrence and occurrence._get_billed().get(occurrence)
            wizard.left_out = occurrence._explain_left_out(billed) or False

    @api.depends("occurrence_id", "issue_date")
    def _compute_order_note(self):
        """Say that the customer's order has ended before the date of the invoice."""
        for wizard in self:
            day = wizard.issue_date
            wizard.order_note = day and wizard.schedule_id._get_order_note(day)

    @api.depends("occurrence_id")
    def _compute_counted(self):
        for wizard in self:
            counts = wizard.occurrence_id._count_quantities()
            found = counts.get(wizard.occurrence_id, {})
            problems = [counted.problem for counted in found.values() if counted.problem]
            wizard.count_problem = "\n".join(dict.fromkeys(problems)) or False
            wizard.counted = "\n".join(wizard.occurrence_id._describe_counts(found)) or False

    def _get_moved_reason(self):
        """Say why the date is not that of the recurrence, or False."""
        planned = self.occurrence_id.date
        if self.invoice_date == planned:
            return False
        occurrence = self.occurrence_id
        as_of = occurrence.company_id._get_job_today()
        _dates, reasons = occurrence.with_company(occurrence.company_id)._get_invoice_dates(as_of)
        return reasons.get(occurrence) or self.env._(
            "According to the recurrence, the date is %(date)s.",
            date=format_date(self.env, planned),
        )

    @api.model
    def _get_joined_ref(self, occurrence, together):
        """Return the reference of an invoice of one date with others, as their templates say."""
        move, _reason = self._make_draft(occurrence, None, together=together)
        return move.ref

    @api.onchange("together_ids")
    def _onchange_together_ids(self):
        """Let the reference follow what is on the invoice, unless it was changed."""
        if self.ref == self.shown_ref and self.occurrence_id:
            self.ref = self._get_joined_ref(self.occurrence_id, self.together_ids._origin)
            self.shown_ref = self.ref

    @api.onchange("fiscal_choice")
    def _onchange_fiscal_choice(self):
        """Give the lines of the template the taxes, and the prices that go with them, chosen."""
        if not self.fiscal_choice or not self.occurrence_id:
            return
        change = {"fiscal": self.fiscal_choice, "lines": None}
        move, _reason = self._make_draft(self.occurrence_id, change)
        lines = list(move.invoice_line_ids)
        for line in self.line_ids:
            is_same = line.product_id == line.template_product_id
            if not line.display_type and is_same and 0 <= line.position < len(lines):
                line.tax_ids = lines[line.position].tax_ids
                line.price_unit = lines[line.position].price_unit

    # === ACTIONS === #

    def action_issue(self):
        """Issue, post and number the invoice."""
        self._check_dialog()
        move = self._issue("post")
        return self._notify(self.env._("%(name)s has been issued.", name=move.name), move)

    def action_issue_send(self):
        """Issue the invoice and send it to the customer at once."""
        self._check_dialog()
        self.occurrence_id._check_recipients(by_person=True)
        move = self._issue("post")
        move._recurrence_send_now()
        return self._notify(self.env._("%(name)s has been issued and sent.", name=move.name), move)

    def action_open_draft(self):
        """Create the invoice as a draft and open it; the date stays to do until it is posted."""
        self._check_dialog()
        return self._get_move_action(self._issue("draft"))

    def action_preview(self):
        """Show the invoice as it would be issued now, with what was changed here, as PDF."""
        self._check_dialog()
        self.ensure_one()
        occurrence = self.occurrence_id
        action = self.schedule_id._open_preview(occurrence.rule_date)
        fresh = self.new(self._prepare_defaults(occurrence.id))
        is_changed = fresh._get_change() != self._get_change()
        if is_changed or self.together_ids or occurrence._get_companions():
            action["url"] += f"?issue={self.id}"
        return action

    def _get_shown_change(self, schedule, rule_date):
        """Return what was changed in this dialog, for a preview of its date.

        :return: see ``recurrence.occurrence._apply_changes``, and the dates on the same invoice
        :raise MissingError: where it is the dialog of another date or user
        """
        dialog = self.exists()
        occurrence = dialog.occurrence_id
        if dialog.create_uid != self.env.user or (occurrence.schedule_id, occurrence.rule_date) != (
            schedule,
            rule_date,
        ):
            raise MissingError(self.env._("This dialog no longer exists."))
        return dialog._get_change(), dialog.together_ids

    def _get_change(self):
        """Return what is entered here, as ``recurrence.occurrence._apply_changes`` takes it."""
        change = {
            "invoice_date": self.invoice_date,
            "fiscal": self.fiscal_choice or None,
            "values": {"ref": self.ref},
        }
        if not self.schedule_id._get_document().is_entry:
            lines = self.line_ids.filtered(lambda line: not line._is_nothing())
            change["lines"] = [line._prepare_change() for line in lines]
        return change

    def _issue(self, mode):
        self.ensure_one()
        if self.fiscal_message and not self.fiscal_choice:
            raise UserError(
                self.env._("First choose whether this invoice uses the taxes of the template.")
            )
        self.line_ids._check_counted()
        shown = self.amount_total
        dates = self.occurrence_id + self.together_ids
        move = self.env["recurrence.issuing"]._issue(
            dates, mode=mode, changes=dates._spread_change(self.occurrence_id, self._get_change())
        )
        if len(move) > 1:
            raise UserError(
                self.env._(
                    "These dates cannot be on one invoice any more. Take out those that shall be "
                    "issued by themselves, or open the dialog again."
                )
            )
        if self.currency_id.compare_amounts(move.amount_total, shown):
            raise UserError(
                self.env._(
                    "The total would be %(total)s, not %(shown)s as shown. Open the dialog again.",
                    total=move.currency_id.format(move.amount_total),
                    shown=self.currency_id.format(shown),
                )
            )
        return move

    @api.model
    def _get_move_action(self, move):
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": move.id,
            "view_mode": "form",
            "view_id": self.env.ref("account.view_move_form").id,
            "views": [(self.env.ref("account.view_move_form").id, "form")],
        }

    @api.model
    def _notify(self, message, move):
        path = move._recurrence_get_list_action({move.move_type})["path"]
        link = {"label": self.env._("View"), "url": f"/odoo/{path}/{move.id}"}
        return notify(f"{message} %s", links=[link])

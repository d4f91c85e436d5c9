from odoo import api, fields, models

from ...common.due_line import DUE_LINE_HELP
from .dunning_reminder import STATES


class DunningReminderLine(models.Model):
    """One due line in a message, frozen as it was: reading the invoice later changes nothing.

    ``kind`` tells the lines whose level rises from those that only stand in the message. Amounts
    are in the currency of the due line. A line that was paid or blocked before the message left
    keeps its row with a ``drop_reason``.
    """

    _name = "dunning.reminder.line"
    _description = "Due Line in a Reminder"
    _is_engine_made = True
    _inherit = "recurrence.dunning.own.record.mixin"
    _order = "reminder_id desc, due_date, id"
    _rec_name = "move_name"

    reminder_id = fields.Many2one(
        "dunning.reminder", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True, index=True)
    kind = fields.Selection(
        [("remind", "Reminded"), ("overdue", "Also overdue"), ("credit", "Credit")],
        required=True,
        default="remind",
        readonly=True,
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Due Line",
        help=DUE_LINE_HELP,
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    move_name = fields.Char(string="Number", readonly=True)
    invoice_date = fields.Date(readonly=True)
    due_date = fields.Date(readonly=True)
    days_late = fields.Integer(readonly=True, aggregator="max", help="Negative if not yet due.")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    amount_total = fields.Monetary(string="Amount", readonly=True, aggregator=None)
    amount_residual = fields.Monetary(
        string="Open Amount",
        readonly=True,
        aggregator=None,
        help="Less payments in process; negative for a credit.",
    )

    # --- its place on the ladder ---
    level_id = fields.Many2one("dunning.level", readonly=True, index=True, ondelete="restrict")
    level_number = fields.Integer(string="Level Number", readonly=True, aggregator="max")
    level_days = fields.Integer(readonly=True, aggregator=None)
    counts = fields.Boolean(readonly=True)
    cycle = fields.Integer(required=True, default=0, readonly=True, aggregator=None)
    repeat = fields.Integer(
        string="Repetition No.",
        required=True,
        default=0,
        readonly=True,
        aggregator=None,
        help="0 is the first reminder at this level; otherwise the number of the repetition.",
    )
    reason = fields.Char(readonly=True)
    level_before = fields.Integer(readonly=True, aggregator=None)
    last_date_before = fields.Date(readonly=True)

    # --- its result ---
    # As of the reminder. Not related fields: those are looked up line by line when lines are
    # created, even where the values are given; and a line never writes on its reminder.
    state = fields.Selection(
        STATES,
        string="Status",
        compute="_compute_from_reminder",
        store=True,
        precompute=True,
        readonly=False,
        system=True,
        index=True,
    )
    is_test = fields.Boolean(
        compute="_compute_from_reminder", store=True, precompute=True, readonly=False, system=True
    )
    date = fields.Date(
        compute="_compute_from_reminder", store=True, precompute=True, readonly=False, system=True
    )
    effective_date = fields.Date(
        readonly=True, help="The day the message was sent and the level became effective."
    )
    thanked_date = fields.Date(
        string="Thanked On", readonly=True, help="The day the customer was thanked for paying."
    )
    tag_added = fields.Boolean(
        readonly=True, help="The tag of the level was put on the invoice by this reminder."
    )
    drop_reason = fields.Selection(
        lambda self: self.env["dunning.reason"]._get_selection(),
        string="Left Out",
        readonly=True,
        help="Why it was removed from the message before sending.",
    )

    # Rule 2: one effective reminder for a due line, cycle and level. What is on its way or
    # could not be delivered holds the place too; taken back, left out and test ones do not.
    _level_once = models.UniqueIndex(
        "(move_line_id, cycle, level_id, repeat) WHERE move_line_id IS NOT NULL"
        " AND kind = 'remind' AND is_test IS NOT TRUE AND drop_reason IS NULL"
        " AND state NOT IN ('cancelled', 'reversed')",
        "This due line has already been reminded at this level.",
    )

    @api.depends("reminder_id.state", "reminder_id.is_test", "reminder_id.date")
    def _compute_from_reminder(self):
        for line in self:
            reminder = line.reminder_id
            line.state, line.is_test, line.date = reminder.state, reminder.is_test, reminder.date

    @api.depends("move_name", "level_number")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.move_name or self.env._("Open item")

    def action_open_reminder(self):
        """Open the message this line stands in."""
        self.check_access("read")
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "dunning.reminder",
            "res_id": self.reminder_id.id,
            "views": [(False, "form")],
        }

    def _get_gone_reason(self):
        """Return why the engine knows of this due line no more: paid, or what else became of it."""
        self.ensure_one()
        return self.env["dunning.reason"]._find_gone_reason(self.move_line_id)

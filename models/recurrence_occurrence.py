from odoo import fields, models

# States in which something is still expected to happen.
OPEN_STATES = ("planned", "todo", "failed")


class RecurrenceOccurrence(models.Model):
    """One date of a schedule.

    ``rule_date`` is what the rule says and, with the schedule, names the occurrence for ever;
    ``date`` is the day it is really due, after a shift to a working day or a move by a person.
    """

    _name = "recurrence.occurrence"
    _description = "Recurrence Date"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date, id"
    _check_company_auto = True

    schedule_id = fields.Many2one(
        "recurrence.schedule", string="Recurrence", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="schedule_id.company_id", store=True, precompute=True, index=True
    )
    partner_id = fields.Many2one(
        related="schedule_id.partner_id", store=True, precompute=True, index="btree_not_null"
    )
    user_id = fields.Many2one(related="schedule_id.user_id", store=True, precompute=True)
    target = fields.Selection(related="schedule_id.target", store=True, precompute=True)
    number = fields.Integer(readonly=True, help="Counts the dates of the schedule from 1.")
    rule_date = fields.Date(required=True, readonly=True)
    date = fields.Date(required=True)
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("todo", "To do"),
            ("done", "Done"),
            ("skipped", "Skipped"),
            ("failed", "Failed"),
        ],
        required=True,
        default="planned",
        readonly=True,
        tracking=True,
    )
    skip_reason = fields.Char(readonly=True)
    is_moved = fields.Boolean(string="Moved", readonly=True)
    is_manual = fields.Boolean(string="Added by Hand", readonly=True)
    is_pinned = fields.Boolean(
        string="Kept", readonly=True, help="Stays as it is when the schedule is regenerated."
    )
    period_start = fields.Date(readonly=True)
    period_end = fields.Date(readonly=True)
    move_id = fields.Many2one("account.move", string="Invoice", readonly=True, copy=False)
    activity_id = fields.Many2one(
        "mail.activity", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    event_id = fields.Many2one(
        "calendar.event", string="Meeting", readonly=True, copy=False, ondelete="set null"
    )
    offered_date = fields.Date(
        readonly=True, copy=False, help="Day on which the activity was last created."
    )
    error = fields.Text(readonly=True, copy=False)
    error_count = fields.Integer(readonly=True, copy=False)
    retry_at = fields.Datetime(readonly=True, copy=False)
    done_date = fields.Date(readonly=True, copy=False)

    _schedule_rule_date_uniq = models.UniqueIndex(
        "(schedule_id, rule_date)", "This schedule has this date already."
    )
    _open_idx = models.Index("(company_id, date) WHERE state IN ('planned', 'todo', 'failed')")

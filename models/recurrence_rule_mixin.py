from odoo import fields, models
from odoo.addons.calendar.models.calendar_recurrence import (
    BYDAY_SELECTION,
    END_TYPE_SELECTION,
    MONTH_BY_SELECTION,
    RRULE_TYPE_SELECTION,
    WEEKDAY_SELECTION,
)

WEEKDAY_FIELDS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class RecurrenceRuleMixin(models.AbstractModel):
    """The columns of a rule: on which dates something repeats.

    The vocabulary is that of ``calendar.recurrence``. All dates are plain days without a time
    zone; each one is computed from the anchor ``date_start``, never from the date before it.
    """

    _name = "recurrence.rule.mixin"
    _description = "Recurrence Rule"

    date_start = fields.Date(
        string="Starts On", required=True, default=fields.Date.context_today, tracking=True
    )
    rrule_type = fields.Selection(
        RRULE_TYPE_SELECTION, string="Repeat Every", required=True, default="weekly"
    )
    interval = fields.Integer(required=True, default=1)
    mon = fields.Boolean(string="Mon")
    tue = fields.Boolean(string="Tue")
    wed = fields.Boolean(string="Wed")
    thu = fields.Boolean(string="Thu")
    fri = fields.Boolean(string="Fri")
    sat = fields.Boolean(string="Sat")
    sun = fields.Boolean(string="Sun")
    month_by = fields.Selection(MONTH_BY_SELECTION, required=True, default="date")
    day = fields.Integer(string="Day of the Month", default=1, help="1 to 31; -1: the last day.")
    byday = fields.Selection(BYDAY_SELECTION, string="Which One", default="1")
    weekday = fields.Selection(WEEKDAY_SELECTION, default="MON")
    end_type = fields.Selection(
        END_TYPE_SELECTION, string="Ends", required=True, default="forever"
    )
    count = fields.Integer(string="Number of Times", default=12)
    until = fields.Date(string="Until")
    month_end = fields.Selection(
        [("clamp", "Take the last day"), ("skip", "Leave that month out")],
        string="Month Too Short",
        required=True,
        default="clamp",
    )
    day_shift = fields.Selection(
        [
            ("none", "Keep the date"),
            ("previous", "Take the working day before"),
            ("next", "Take the working day after"),
            ("skip", "Leave it out"),
        ],
        string="Not a Working Day",
        required=True,
        default="none",
    )

    def get_rule_dates(self, date_from=None, limit=None):
        """Return the dates the rule gives, before any shift to a working day.

        :param date_from: first date of interest, default the anchor
        :param limit: at most so many dates; needed when the rule has no end
        :return: list of ``date``, ascending
        """
        self.ensure_one()
        return []

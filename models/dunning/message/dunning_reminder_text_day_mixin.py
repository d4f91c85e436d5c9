from odoo import fields, models


class DunningReminderTextDayMixin(models.AbstractModel):
    """The day a message speaks of: that of the decision until it leaves, then that day."""

    _name = "dunning.reminder.text.day.mixin"
    _description = "Document Date of a Reminder"

    text_date = fields.Date(
        string="Document Date",
        readonly=True,
        help=(
            "Days late are counted up to this date, which also appears on the letter and the "
            "statement."
        ),
    )

    def _get_text_date(self):
        """Return the day the text speaks of; messages of earlier versions noted none."""
        self.ensure_one()
        return self.text_date or self.sent_date or self.date

    def _date_anew(self, day):
        """Let messages speak of the day they leave; return those that spoke of another.

        Days late are counted up to it, and what was not yet due may be overdue by then.

        :param day: the day they leave; none: the day each was decided on
        """
        stale = self.filtered(lambda reminder: day and reminder._get_text_date() != day)
        stale.text_date = day
        for line in stale._get_standing():
            if line.kind != "credit" and line.due_date:
                line.days_late = (day - line.due_date).days
        return stale

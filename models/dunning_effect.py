from odoo import api, models
from odoo.fields import Command


class DunningEffect(models.AbstractModel):
    """What a reminder changes on invoices once it left, and how that is taken back."""

    _name = "dunning.effect"
    _description = "Effects of Reminders"

    @api.model
    def _apply(self, reminders):
        """Make the levels of sent reminders effective: level, date, cycle and tag.

        Notices and plain mailings only leave their date in the history (D4, D14).
        """
        reminders = reminders.filtered(lambda reminder: not reminder.is_test)
        lines = self._get_lines(reminders)
        for day, found in lines.grouped(lambda line: line.reminder_id.sent_date).items():
            found.write({"effective_date": day})
        counting = lines.filtered(lambda line: line.counts and line.level_number > 0)
        self.env["dunning.due.status"]._derive_lines(counting.move_line_id.ids)
        for tag, found in counting.grouped(lambda line: line.level_id.tag_id).items():
            if tag:
                found.move_id.write({"tag_ids": [Command.link(tag.id)]})
        self._refresh(reminders)

    @api.model
    def _take_back(self, reminders):
        """Undo the effects: the lines stand where the reminders that remain put them."""
        reminders = reminders.filtered(lambda reminder: not reminder.is_test)
        lines = self._get_lines(reminders)
        lines.write({"effective_date": False})
        self.env["dunning.due.status"]._derive_lines(lines.move_line_id.ids)
        self._refresh(reminders)

    @api.model
    def _get_lines(self, reminders):
        """Return the lines whose level these reminders raise."""
        return reminders.line_ids.filtered(
            lambda line: line.kind == "remind" and not line.drop_reason
        )

    @api.model
    def _refresh(self, reminders):
        """Refresh what stands on the open invoices of the customers of these reminders."""
        for company, found in reminders.grouped("company_id").items():
            self.env["dunning.due.status"].sudo()._refresh(
                company,
                max(reminder.sent_date or reminder.date for reminder in found),
                partners=found.partner_id,
            )

from odoo import models
from odoo.exceptions import UserError


class RecurrenceOccurrenceDraftMixin(models.AbstractModel):
    """Dates whose draft waits until a person posts it."""

    _name = "recurrence.occurrence.draft.mixin"
    _description = "Waiting Draft of a Recurrence Date"

    def action_post_draft(self):
        """Post the drafts that wait for these dates, and show them."""
        self.check_access("write")
        drafted = self._filter_drafted()
        if not drafted:
            raise UserError(self.env._("There is no draft to post."))
        return drafted._issue_selection(with_drafts=True)

    def action_open_draft(self):
        """Open the draft that waits for this date."""
        self.ensure_one()
        self.check_access("read")
        return self.env["recurrence.occurrence.issue"]._get_move_action(self.move_id)

    def _filter_drafted(self):
        return self.filtered(lambda o: o.sudo().issue_step == "draft")

    def _is_dated_ahead(self):
        """Whether what is issued for this date will bear a date after today."""
        self.ensure_one()
        day = self.date
        if self.sudo().issue_step == "draft":
            draft = self.sudo().move_id
            day = draft.invoice_date or draft.date or day
        return day > self.company_id._get_job_today()

    def _issue_or_post(self):
        """Issue the invoices of these dates, or post the drafts that wait, in their order.

        :return: the invoices, account.move
        """
        # a draft that bills several dates is posted with the first of them
        moves, rest = self.env["account.move"], self.filtered(lambda o: o.state != "done")
        while rest:
            # as many as come next and are alike: numbers follow dates
            step = rest[0].sudo().issue_step
            other = next((n for n, o in enumerate(rest) if o.sudo().issue_step != step), len(rest))
            dates, rest = rest[:other], rest[other:]
            if step == "draft":
                dates.move_id._post(soft=False)
                moves += dates.move_id
            else:
                moves += self.env["recurrence.issuing"]._issue(dates)
        return moves

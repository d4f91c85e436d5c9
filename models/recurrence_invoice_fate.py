from odoo import api, fields, models
from odoo.exceptions import UserError


class RecurrenceInvoiceFate(models.AbstractModel):
    """What becomes of an issued invoice comes back to its date of the recurrence."""

    _name = "recurrence.invoice.fate"
    _description = "Fate of Invoices Issued by a Recurrence"

    @api.model
    def _follow_state(self, moves, state):
        """Bring the occurrences in step after ``state`` was written on invoices.

        A posted invoice is done. Reset to draft it is to do again; cancelled it waits for a
        person: nothing issues it a second time by itself.
        """
        issued = moves.sudo().filtered("recurrence_occurrence_id")
        if not issued or self.env.context.get("recurrence_issuing"):
            return
        for move in issued:
            occurrence = move.recurrence_occurrence_id
            if occurrence.move_id != move:
                self._check_only_live(move, state)
            elif state == "posted":
                occurrence._set_done(fields.Date.context_today(move))
            elif state == "cancel":
                message = self.env._(
                    "The invoice %(name)s was cancelled. Issue it again or skip this date.",
                    name=move.display_name,
                )
                self._reopen(occurrence, "failed", message)
            else:
                message = self.env._("The invoice is back in draft: post, cancel or delete it.")
                self._reopen(occurrence, "todo", message)

    @api.model
    def _reopen(self, occurrence, state, message, **vals):
        """Leave the decision to a person: without ``retry_at`` no job issues it again."""
        occurrence.write(
            {
                "state": state,
                "done_date": False,
                "retry_at": False,
                "error_count": 0,
                "error": message,
                **vals,
            }
        )

    @api.model
    def _check_only_live(self, move, state):
        live = move.recurrence_occurrence_id.move_id
        if state != "cancel" and live and live.state != "cancel":
            raise UserError(
                self.env._(
                    "%(name)s was issued in place of this invoice. It stays cancelled, so that "
                    "the period is billed once.",
                    name=live.display_name,
                )
            )

    @api.model
    def _before_unlink(self, moves):
        """Return the occurrences whose live invoice is about to be deleted, with its name."""
        return [
            (move.recurrence_occurrence_id, move.display_name)
            for move in moves.sudo()
            if move.recurrence_occurrence_id.move_id == move
        ]

    @api.model
    def _after_unlink(self, lost):
        for occurrence, name in lost:
            message = self.env._(
                "The invoice %(name)s was deleted. Issue it again or skip this date.", name=name
            )
            self._reopen(occurrence, "failed", message, move_id=False)

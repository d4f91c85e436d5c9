from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools.common.sealed import unseal
from ..common.engine_mark import as_engine


class RecurrenceInvoiceStateMixin(models.AbstractModel):
    """What becomes of an issued invoice comes back to its date of the recurrence.

    A date knows every invoice that was ever issued for it; one of them at most is live: neither
    cancelled, nor credited and replaced. The database holds the same by a unique index. What holds
    of an invoice holds of each date that it bills.
    """

    _name = "recurrence.invoice.state.mixin"
    _inherit = "recurrence.invoice.dates.mixin"
    _description = "State of Invoices Issued by a Recurrence"

    # === BEFORE === #

    def _recurrence_before_state(self, state):
        """Refuse what would make a second invoice of a date live, naming the first."""
        moves = self.sudo()
        if state != "posted":
            self._recurrence_check_credit_notes(
                moves, moves if state == "cancel" else moves.browse()
            )
        issued = moves.filtered("recurrence_occurrence_id")
        if not issued or state == "cancel":
            return
        issued._recurrence_check_only_live()
        issued._check_not_covered()
        issued.filtered(lambda move: move.state == "cancel")._recurrence_check_usage()
        if state == "posted" and not unseal(self.env.context, "recurrence_issuing"):
            issued._check_lines_billed_once()
        replaced = issued.filtered("is_recurrence_replaced")
        if replaced:
            # nothing stands in its place any more: it counts again
            as_engine(replaced.sudo()).write({"is_recurrence_replaced": False})
            replaced.flush_recordset(["is_recurrence_replaced"])

    def _recurrence_check_usage(self):
        """Refuse that these count again where another invoice bills their usage meanwhile."""
        for row in self.sudo().recurrence_billed_ids:
            if row.occurrence_id not in row.move_id._recurrence_get_leaving():
                row.occurrence_id._check_usage_of(row.move_id)

    def _recurrence_check_only_live(self):
        """Refuse moves beside which another invoice of one of their dates is live."""
        live = self._recurrence_get_live(self._recurrence_get_dates())
        for occurrence, rows in self.sudo().recurrence_billed_ids.grouped("occurrence_id").items():
            group = rows.move_id
            other = (live.get(occurrence, group) - group)[:1] or group[1:2]
            if other:
                raise UserError(
                    self.env._(
                        "%(name)s is the invoice for this date of the recurrence. %(former)s "
                        "cannot count as well, or the period would be billed twice.",
                        name=other.display_name,
                        former=group[:1]._get_name(),
                    )
                )

    def _check_not_covered(self):
        """Refuse invoices of skipped dates whose period another date bills, or is going to."""
        for row in self.sudo().recurrence_billed_ids:
            move, skipped = row.move_id, row.occurrence_id
            if skipped.state != "skipped" or skipped.is_manual or not skipped.period_end:
                continue
            if skipped in move._recurrence_get_leaving():
                continue
            other = skipped.search(
                [
                    ("schedule_id", "=", skipped.schedule_id.id),
                    ("id", "!=", skipped.id),
                    ("state", "!=", "skipped"),
                    ("is_manual", "=", False),
                    ("period_start", "<=", skipped.period_end),
                    ("period_end", ">=", skipped.period_start),
                ],
                order="period_start",
                limit=1,
            )
            if other:
                raise UserError(
                    self.env._(
                        "%(name)s belongs to a skipped date, and its period from %(first)s to "
                        "%(last)s is also billed with the date %(other)s. Skip that date first.",
                        name=move._get_name(),
                        first=format_date(self.env, skipped.period_start),
                        last=format_date(self.env, skipped.period_end),
                        other=format_date(self.env, other.date),
                    )
                )

    def _check_lines_billed_once(self):
        """Refuse lines that are not on each date and that another date has billed meanwhile."""
        lines = self.invoice_line_ids.filtered("recurrence_line_id")
        lines = lines.filtered(lambda line: line.recurrence_line_id._recurrence_is_counted())
        if not lines:
            return
        posted = lines.search(
            [
                ("recurrence_line_id", "in", lines.recurrence_line_id.ids),
                ("parent_state", "=", "posted"),
                ("move_id.recurrence_occurrence_id", "!=", False),
                ("move_id.is_recurrence_replaced", "=", False),
                ("move_id.payment_state", "!=", "reversed"),
            ]
        )
        for line in lines:
            other = (posted | lines).filtered(line._recurrence_bills_the_same)[:1]
            if other:
                raise UserError(
                    self.env._(
                        "%(line)s is billed already, with %(other)s. Delete the line from "
                        "%(name)s, or cancel %(other)s first.",
                        line=line._recurrence_get_name(),
                        other=other.move_id._get_name(),
                        name=line.move_id._get_name(),
                    )
                )

    def _get_name(self):
        """Return what to call an invoice; a cancelled one without a number has no name."""
        return self.display_name or self.env._("The cancelled invoice")

    @api.model
    def _recurrence_get_live(self, occurrences):
        """Return dict date → the invoice that bills it, of those that have one."""
        rows = self.env["recurrence.billed.date"].sudo()
        rows = rows.search([("occurrence_id", "in", occurrences.ids), ("is_live", "=", True)])
        return {row.occurrence_id: row.move_id for row in rows}

    @api.model
    def _recurrence_check_credit_notes(self, credits, leaving):
        """Keep the credit note of an invoice in whose place another one bills the date.

        :param leaving: account.move that do not bill any more once this is done
        """
        originals = self._get_uncredited(credits)
        if not originals:
            return
        originals._check_not_covered()
        originals._recurrence_check_usage()
        live = self._recurrence_get_live(originals._recurrence_get_dates())
        for row in originals.sudo().recurrence_billed_ids:
            original = row.move_id
            other = live.get(row.occurrence_id, leaving.browse()) - leaving
            if other:
                raise UserError(
                    self.env._(
                        "%(credit)s cancels out %(former)s, which %(name)s has replaced. Without "
                        "it the period would be billed twice. Cancel or credit %(name)s first.",
                        credit=(original.reversal_move_ids & credits)[:1].display_name,
                        former=original.display_name,
                        name=other[:1].display_name,
                    )
                )

    @api.model
    def _get_uncredited(self, credits):
        """Return the replaced invoices that count again once these credit notes do not."""
        originals = credits.browse()
        for original in credits.reversed_entry_id.filtered("is_recurrence_replaced"):
            left = original.reversal_move_ids.filtered(lambda m: m.state == "posted") - credits
            credited = sum(left.mapped("amount_total"))
            if original.currency_id.compare_amounts(credited, original.amount_total) < 0:
                originals |= original
        return originals

    # === AFTER === #

    def _recurrence_follow_state(self, state):
        """Bring the occurrences in step after ``state`` was written on invoices.

        A posted invoice is done. Reset to draft it is to do again; cancelled it waits for a
        person: nothing issues it a second time by itself.
        """
        if state != "posted":
            self._reinstate(self._get_uncredited(self.sudo()))
        issued = self.sudo().filtered("recurrence_occurrence_id")
        if not issued or unseal(self.env.context, "recurrence_issuing"):
            return
        if state == "posted":
            issued._recurrence_drop_emptied()
        elif state == "draft":
            issued._recurrence_drop_skipped()
        for row in issued.recurrence_billed_ids:
            move, occurrence = row.move_id, row.occurrence_id
            if occurrence.move_id != move:
                if state == "cancel":
                    continue
                occurrence.move_id = move
            if state == "posted":
                occurrence._set_done(fields.Date.context_today(move))
            elif state == "cancel":
                message = self.env._(
                    "%(name)s was cancelled. Issue it again or skip this date.",
                    name=move.name or self.env._("The draft of the invoice"),
                )
                self._recurrence_reopen(occurrence, "failed", message)
            else:
                message = self.env._("The invoice is back in draft: post, cancel or delete it.")
                self._recurrence_reopen(occurrence, "todo", message)
        issued._recurrence_refresh_drafts()

    @api.model
    def _reinstate(self, originals):
        """Let invoices bill their dates again whose credit notes do not count any more."""
        if not originals:
            return  # Odoo's write on invoices costs much, also on none
        as_engine(originals).write({"is_recurrence_replaced": False})
        for row in originals.sudo().recurrence_billed_ids:
            row.occurrence_id.move_id = row.move_id
            row.occurrence_id._set_done(fields.Date.context_today(row.move_id))

    @api.model
    def _recurrence_reopen(self, occurrence, state, message, **vals):
        """Leave the decision to a person: without ``retry_at`` no job issues it again."""
        occurrence.write(
            {
                "state": state,
                "done_date": False,
                "retry_at": False,
                "error_count": 0,
                "error": message,
                "skip_reason": False,
                "is_held": False,
                **vals,
            }
        )

    # === REVERSED AND CREATED ANEW === #

    def _recurrence_check_replaceable(self):
        """Refuse to make a further invoice in place of one that another bills instead of."""
        self.sudo().filtered("recurrence_occurrence_id")._recurrence_check_only_live()

    def _recurrence_release(self):
        """Let another invoice take the place of one that is being reversed.

        :return: the values that tie the other one to the same date
        """
        if not self.recurrence_occurrence_id:
            return {}
        as_engine(self.sudo()).write({"is_recurrence_replaced": True})
        # the other one is inserted next, and the index would still see two
        self.flush_recordset(["is_recurrence_replaced"])
        return {
            "recurrence_schedule_id": self.recurrence_schedule_id.id,
            "recurrence_occurrence_id": self.recurrence_occurrence_id.id,
        }

    def _recurrence_succeed(self):
        """Make invoices that replace reversed ones those of their dates."""
        for move in self.sudo().filtered("recurrence_occurrence_id"):
            former = move.recurrence_occurrence_id.move_id
            dates = former._recurrence_get_dates().filtered(lambda o, m=former: o.move_id == m)
            message = self.env._(
                "The invoice %(former)s was credited, and a draft has taken its place: post, "
                "cancel or delete it.",
                former=former.display_name,
            )
            self._recurrence_add_dates([(move, occurrence) for occurrence in dates])
            for occurrence in dates:
                self._recurrence_reopen(occurrence, "todo", message, move_id=move.id)

    # === DELETED === #

    def _recurrence_before_unlink(self):
        """Return what ``_recurrence_after_unlink`` needs to know of invoices about to be deleted.

        :return: the occurrences that lose their live invoice, each with its name; the invoices
            whose credit note goes
        """
        moves = self.sudo()
        self._recurrence_check_credit_notes(moves, moves)
        lost = [
            (row.occurrence_id, row.move_id.display_name)
            for row in moves.recurrence_billed_ids
            if row.occurrence_id.move_id == row.move_id
        ]
        return lost, self._get_uncredited(moves) - moves

    @api.model
    def _recurrence_after_unlink(self, lost, uncredited):
        for occurrence, name in lost:
            message = self.env._(
                "The invoice %(name)s was deleted. Issue it again or skip this date.", name=name
            )
            self._recurrence_reopen(occurrence, "failed", message, move_id=False)
        self._reinstate(uncredited)
        for company in (
            self.env["recurrence.occurrence"].union(*[row for row, _ in lost]).company_id
        ):
            self.env["recurrence.schedule"]._refresh_drafts(company)

    def _recurrence_refresh_drafts(self):
        for company in self.company_id:
            self.env["recurrence.schedule"]._refresh_drafts(company)

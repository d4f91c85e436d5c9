from collections import defaultdict

from odoo import api, models
from odoo.fields import Command
from odoo.tools import SQL
from odoo.tools.misc import split_every

from ...common.bulk_write_mixin import PLAIN_WRITE
from .dunning_invoice_status_mixin import MOVE_FIELDS

INVOICE_TYPES = ("out_invoice", "out_receipt")
CHUNK = 1000


class DunningInvoiceBulkMixin(models.AbstractModel):
    """Changes to many invoices or due lines at once (W4), and why some could not be made.

    Also the way to move over from other software in the middle of a dunning cycle.
    """

    _name = "dunning.invoice.bulk.mixin"
    _description = "Bulk Changes of Dunning"

    def _dunning_apply(self, changes, lines=None):
        """Make the changes and say what was left out.

        :param dict changes: any of ``tags_add``, ``tags_remove`` (account.move.tag), ``sent``,
            ``include`` (booleans), ``level`` (number; 0: not yet reminded), ``last_date`` (date or
            False)
        :param lines: only these due lines of the invoices get level and date; None: all
        :return: tuple of the changed moves and ``{reason code: moves left out}``; a move may be
            changed in one respect and left out in another
        """
        return self._dunning_apply_groups([(self, changes)], lines)

    @api.model
    def _dunning_apply_groups(self, groups, lines=None):
        """Make different changes to different invoices and say what was left out.

        :param groups: list of (moves, changes) as ``_dunning_apply`` takes them; no move in two
        :return: as ``_dunning_apply``
        """
        skipped = {}
        invoices = [
            (
                moves._dunning_leave_out(
                    moves.filtered(lambda move: move.move_type in INVOICE_TYPES),
                    "no_invoice",
                    skipped,
                ),
                changes,
            )
            for moves, changes in groups
        ]
        every = self.env["account.move"].union(*(moves for moves, _changes in invoices))
        changed = self.env["account.move"]
        # Next step and level are computed once for all at the end, not after each change.
        computed = [every._fields[name] for name in MOVE_FIELDS]
        with self.env.protecting(computed, every):
            for moves, changes in invoices:
                changed |= moves._dunning_change(changes, lines, skipped)
        changed._dunning_refresh()
        return changed, skipped

    def _dunning_change(self, changes, lines, skipped):
        """Make each of the changes and return the invoices changed."""
        changed = self.env["account.move"]
        if changes.get("tags_add") or changes.get("tags_remove"):
            changed |= self._dunning_set_tags(changes.get("tags_add"), changes.get("tags_remove"))
        if "include" in changes:
            for chunk in split_every(CHUNK, self.ids, self.browse):
                chunk._dunning_set_included(changes["include"])
            changed |= self
        if "sent" in changes:
            changed |= self._dunning_set_sent(changes["sent"], skipped)
        if "level" in changes or "last_date" in changes:
            changed |= self._dunning_set_level(changes, lines, skipped)
        return changed

    def _dunning_leave_out(self, kept, reason, skipped):
        """Note those of the moves that are not kept, and return the others."""
        dropped = self - kept
        if dropped:
            skipped[reason] = skipped.get(reason, dropped.browse()) | dropped
        return kept

    def _dunning_set_tags(self, add, remove):
        commands = [Command.link(tag.id) for tag in add or ()]
        commands += [Command.unlink(tag.id) for tag in remove or ()]
        for chunk in split_every(CHUNK, self.ids, self.browse):
            chunk.with_context(**PLAIN_WRITE).write({"tag_ids": commands})
        return self

    def _dunning_set_sent(self, sent, skipped):
        posted = self._dunning_leave_out(
            self.filtered(lambda move: move.state == "posted"), "not_posted", skipped
        )
        for chunk in split_every(CHUNK, posted.ids, posted.browse):
            chunk.with_context(**PLAIN_WRITE).write({"is_move_sent": sent})
        return posted

    def _dunning_set_level(self, changes, lines, skipped):
        """Set level and date of the last reminder on open due lines.

        Setting a level back opens a new cycle, so that the levels above may come again (rule 2).
        """
        posted = self._dunning_leave_out(
            self.filtered(lambda move: move.state == "posted"), "not_posted", skipped
        )
        rows = posted._dunning_read_due_lines(lines)
        tops = posted._dunning_get_top_levels()
        values, reasons, found = {}, defaultdict(set), set()
        today = {move.id: move.company_id._get_job_today() for move in posted}
        for row in rows:
            row["today"] = today[row["move_id"]]
            found.add(row["move_id"])
            reason = self._dunning_get_refusal(row, changes, tops)
            if reason:
                reasons[reason].add(row["move_id"])
            else:
                values[row["id"]] = self._dunning_get_new_status(row, changes)
        reasons["nothing_open"] = set(posted.ids) - found
        for reason, ids in reasons.items():
            posted.browse(ids)._dunning_leave_out(posted.browse(), reason, skipped)
        self.env["account.move.line"]._dunning_write_line_status(values)
        done = {row["move_id"] for row in rows if row["id"] in values}
        return posted.browse(done)

    def _dunning_read_due_lines(self, lines=None):
        """Return the open due lines of posted invoices with what dunning keeps on them."""
        fields = ["reconciled", "dunning_level", "dunning_last_date", "dunning_cycle"]
        self.env["account.move.line"].flush_model(fields)
        self.env["dunning.reminder.line"].flush_model(["state", "kind", "cycle", "is_test"])
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT line.id, line.move_id, COALESCE(line.dunning_level, 0) AS level,
                       line.dunning_last_date AS last_date,
                       COALESCE(line.dunning_cycle, 0) AS cycle,
                       COALESCE(bool_or(sent.state IN ('draft', 'queued')), FALSE) AS on_its_way,
                       count(sent.id) AS reminders
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                                              AND account.account_type = 'asset_receivable'
             LEFT JOIN dunning_reminder_line sent
                    ON sent.move_line_id = line.id AND sent.kind = 'remind'
                   AND sent.cycle = COALESCE(line.dunning_cycle, 0)
                   AND sent.is_test IS NOT TRUE AND sent.state NOT IN ('cancelled', 'reversed')
                 WHERE line.move_id = ANY(%s) AND line.reconciled IS NOT TRUE %s
              GROUP BY line.id
              ORDER BY line.id
                """,
                self.ids,
                SQL("AND line.id = ANY(%s)", lines.ids) if lines is not None else SQL(""),
            )
        )

    def _dunning_get_top_levels(self):
        """Return ``{move id: highest number of its program}``; without program: none."""
        tops, by_program = {}, {}
        for move in self:
            program = move._dunning_get_program().sudo()
            if program not in by_program:
                numbers = program.level_ids.filtered("active").mapped("number")
                by_program[program] = max(numbers, default=0)
            tops[move.id] = by_program[program]
        return tops

    @api.model
    def _dunning_get_refusal(self, row, changes, tops):
        """Return the code why a due line cannot be changed so, or None."""
        if row["on_its_way"]:
            return "on_its_way"
        level = changes.get("level", row["level"])
        if "level" in changes and level > tops[row["move_id"]]:
            return "no_such_level"
        if changes.get("last_date") and not level:
            return "date_without_level"
        if changes.get("last_date") and changes["last_date"] > row["today"]:
            return "future_date"
        return None

    @api.model
    def _dunning_get_new_status(self, row, changes):
        """Return (level, last date, cycle) of a due line after the change."""
        level = changes.get("level", row["level"])
        last_date = changes.get("last_date", row["last_date"]) if level else None
        restarted = "level" in changes and (
            level < row["level"] or (not level and row["reminders"] > 0)
        )
        return level, last_date or None, row["cycle"] + 1 if restarted else row["cycle"]

    @api.model
    def _dunning_get_refusal_text(self, code, one=False):
        """Return why invoices were left out, as a sentence for the user.

        :param bool one: whether it is said of a single one
        """
        if one:
            return {
                "no_invoice": self.env._("It is no customer invoice."),
                "not_posted": self.env._("The invoice is not posted."),
                "nothing_open": self.env._("Nothing is open on the invoice."),
                "on_its_way": self.env._("A reminder is prepared or on its way."),
                "no_such_level": self.env._("The program has no such level."),
                "date_without_level": self.env._("It has no level: a date alone is not enough."),
                "future_date": self.env._("The date of the last reminder lies in the future."),
                "no_access": self.env._("You may not change the invoice."),
            }[code]
        return {
            "no_invoice": self.env._("They are no customer invoices."),
            "not_posted": self.env._("They are not posted."),
            "nothing_open": self.env._("Nothing is open on them."),
            "on_its_way": self.env._("A reminder is prepared or on its way."),
            "no_such_level": self.env._("Their program has no such level."),
            "date_without_level": self.env._("They have no level yet: a date alone says nothing."),
            "future_date": self.env._("The date of the last reminder lies in the future."),
            "no_access": self.env._("You may not change them."),
        }[code]

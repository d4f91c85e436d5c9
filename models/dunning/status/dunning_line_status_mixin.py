from odoo import api, models
from odoo.tools import SQL

from ....tools.common.sql_array import array_literal

LINE_FIELDS = (
    "dunning_level",
    "dunning_level_days",
    "dunning_last_date",
    "dunning_cycle",
    "dunning_due_date",
)


class DunningLineStatusMixin(models.AbstractModel):
    """What dunning keeps on due lines: one path writes it, in batch, by SQL."""

    _name = "dunning.line.status.mixin"
    _description = "Dunning Status of Due Lines"

    @api.model
    def _dunning_write_line_status(self, values):
        """Write level, date of the last reminder and cycle on due lines.

        :param values: ``{move line id: (level, last date or None, cycle)}``, or with the days of
            the level as a fourth. The due date the level belongs to is noted beside it (see
            ``_dunning_follow_due_dates``), and the level's days: those given, else those it
            had, else those of the level so numbered in the program the line follows.
        """
        if not values:
            return
        lines = self.env["account.move.line"].sudo()
        lines.flush_model(["date_maturity", "date", *LINE_FIELDS])
        lines = lines.browse(values)
        lines.fetch(["company_id"])  # that alone, of a hundred columns
        for company, found in lines.grouped("company_id").items():
            rows = SQL(", ").join(
                SQL("(%s, %s, %s::date, %s, %s::int4)", line_id, *(*values[line_id], None)[:4])
                for line_id in found.ids
            )
            columns = {
                "dunning_level": SQL("new.level"),
                "dunning_last_date": SQL("new.last_date"),
                "dunning_cycle": SQL("new.cycle"),
                "dunning_due_date": SQL("COALESCE(target.date_maturity, target.date)"),
                "dunning_level_days": SQL(
                    """CASE WHEN new.level > 0 THEN COALESCE(
                           new.days,
                           CASE WHEN target.dunning_level = new.level
                                THEN target.dunning_level_days END,
                           (%s)) END""",
                    self._dunning_get_sql_days(company),
                ),
            }
            source = SQL("(VALUES %s) AS new(id, level, last_date, cycle, days)", rows)
            found._write_in_bulk(columns, source)

    @api.model
    def _dunning_get_sql_days(self, company):
        """Return the SQL of the days of a line's new level, by the program it follows."""
        self.env["dunning.level"].flush_model(["number", "days", "active", "program_id"])
        return SQL(
            """SELECT level.days
                 FROM account_move move
                 JOIN res_partner contact ON contact.id = target.partner_id
                 JOIN res_partner customer ON customer.id = contact.commercial_partner_id
                 JOIN dunning_level level ON level.number = new.level AND level.days >= 0
                                         AND level.program_id = %s
                WHERE move.id = target.move_id
             ORDER BY level.active DESC, level.id LIMIT 1""",
            self.env["account.move"]._dunning_get_sql_program(company, "move", "customer"),
        )

    @api.model
    def _dunning_derive_status(self, move_line_ids, *, may_lower=True):
        """Set level and date of due lines to what the reminders that left say.

        Of a cycle the highest counted level, its days and the latest date of it hold. A higher one
        that a person set holds: what the line had before one of them, and none before gave it.

        :param bool may_lower: whether reminders were taken back: one that left lowers nothing
        """
        if not move_line_ids:
            return
        rows = self._dunning_read_history(move_line_ids)
        values = {}
        for line_id, cycle, level, last_date, before, dates, numbers, days, present in rows:
            given, given_date = _find_given(before, dates, numbers)
            if level is None:
                level, last_date = given, given_date
            elif given > level:
                level, last_date, days = (
                    given,
                    max(filter(None, (given_date, last_date)), default=None),
                    None,
                )
            if may_lower or level >= present:
                values[line_id] = (level, last_date, cycle, days)
        self._dunning_write_line_status(values)

    @api.model
    def _dunning_read_history(self, move_line_ids):
        """Return what the counted reminders of the present cycle of due lines say, a row each."""
        self.env["dunning.reminder.line"].flush_model()
        self.env["account.move.line"].flush_model(LINE_FIELDS)
        return self.env.execute_query(
            SQL(
                """
                SELECT line.id, COALESCE(line.dunning_cycle, 0),
                       max(sent.level_number) FILTER (WHERE sent.state = 'sent'),
                       max(sent.effective_date) FILTER (WHERE sent.state = 'sent'),
                       array_agg(sent.level_before ORDER BY sent.id),
                       array_agg(sent.last_date_before ORDER BY sent.id),
                       array_agg(sent.level_number ORDER BY sent.id),
                       max(sent.level_days) FILTER (WHERE sent.state = 'sent'),
                       COALESCE(line.dunning_level, 0)
                  FROM dunning_reminder_line sent
                  JOIN account_move_line line ON line.id = sent.move_line_id
                                             AND COALESCE(line.dunning_cycle, 0) = sent.cycle
                 WHERE sent.move_line_id = ANY(%s::int[]) AND sent.kind = 'remind' AND sent.counts
                   AND sent.is_test IS NOT TRUE AND sent.level_number > 0
                   AND sent.drop_reason IS NULL
              GROUP BY line.id
                """,
                array_literal(move_line_ids),
            )
        )

    @api.model
    def _dunning_match_by_due(self, lines):
        """Yield each noted status of an invoice with the line that has its due date now.

        An invoice with one due line keeps its status when the due date was put off; with several
        a due date that no longer exists takes its status along.
        """
        statuses = [row for row in lines if row["noted"]]
        if len(lines) == 1:
            yield statuses[0], lines[0]
            return
        free = list(lines)
        for status in statuses:
            same = [row for row in free if row["due"] == status["noted"]]
            successor = next((row for row in same if row["id"] == status["id"]), same and same[0])
            if successor:
                free.remove(successor)
            yield status, successor

    @api.model
    def _dunning_move_history(self, successors):
        """Let reminder lines point to the due line that took over their due date."""
        changed = {old: new for old, new in successors.items() if old != new}
        if not changed:
            return
        history = self.env["dunning.reminder.line"].sudo()
        lines = history.search([("move_line_id", "in", list(changed))])
        by_line = lines.grouped(lambda line: line.move_line_id.id)
        # Two lines may swap: the unique key is free again only after all have let go.
        lines.move_line_id = False
        history.flush_model(["move_line_id"])
        for old, new in changed.items():
            if old in by_line:
                by_line[old].move_line_id = new


def _find_given(levels, dates, numbers):
    """Return the highest level that no reminder gave, with its date: what was set by hand.

    :param levels: the levels a due line had before each of its reminders, in their order
    :param dates: the dates of these levels
    :param numbers: the levels of the reminders themselves

    >>> _find_given([0, 2], [None, "2026-03-20"], [1, 3])
    (2, '2026-03-20')
    >>> _find_given([1, 1, 2], ["2026-02-01", "2026-02-01", "2026-03-16"], [1, 2, 3])
    (1, '2026-02-01')
    """
    found, reached = (levels[0] or 0, dates[0]), 0
    for level, day, number in zip(levels, dates, numbers, strict=True):
        if (level or 0) > max(found[0], reached):
            found = (level, day)
        reached = max(reached, number or 0)
    return found

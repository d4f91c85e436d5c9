from collections import defaultdict
from datetime import date

from odoo import api, models
from odoo.tools import SQL

from ....tools.common.sql_array import array_literal
from .dunning_line_status_mixin import LINE_FIELDS

MOVE_FIELDS = (
    "dunning_level",
    "dunning_last_date",
    "dunning_first_date",
    "dunning_next_date",
    "dunning_reason",
)
# level, last date, first date, next date and reason where nothing is open
NO_STATUS = (0, None, None, None, None)


class DunningInvoiceStatusMixin(models.AbstractModel):
    """What dunning keeps on invoices: one path writes it, in batch, by SQL.

    Going through the ORM would synchronise each invoice for every reminder; what depends on these
    fields is told all the same (``recurrence.dunning.bulk.write.mixin``).
    """

    _name = "dunning.invoice.status.mixin"
    _description = "Dunning Status of Invoices"

    # === DUE LINES === #

    def _dunning_follow_due_dates(self):
        """After posting: let level and date follow the due date (rule 9).

        Odoo re-uses the ids of due lines when a draft changes, so that a line may come back with
        another instalment's level. What a line has belongs to the due date noted with it.
        """
        cleared, values, successors = {}, {}, {}
        for lines in self._dunning_read_noted_lines():
            for status, successor in self.env["account.move.line"]._dunning_match_by_due(lines):
                cleared[status["id"]] = (0, None, status["cycle"])
                if successor:
                    names = ("level", "last_date", "cycle", "days")
                    values[successor["id"]] = tuple(status[name] for name in names)
                    successors[status["id"]] = successor["id"]
        if cleared:
            self.env["account.move.line"]._dunning_write_line_status(cleared | values)
            self.env["account.move.line"]._dunning_move_history(successors)

    def _dunning_read_noted_lines(self):
        """Return the receivable lines of those of these invoices that have a level, by invoice."""
        # whoever posts an invoice need not have rights on dunning
        lines = self.env["account.move.line"].sudo()
        lines.flush_model(["move_id", "dunning_due_date"])
        noted = self.env.execute_query(
            SQL(
                "SELECT DISTINCT move_id FROM account_move_line"
                " WHERE move_id = ANY(%s) AND dunning_due_date IS NOT NULL",
                self.ids,
            )
        )
        moves = self.browse(row[0] for row in noted)
        if not moves:
            return []
        lines.flush_model(["date_maturity", "date", *LINE_FIELDS])
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT line.id, line.move_id, COALESCE(line.date_maturity, line.date) AS due,
                       line.dunning_due_date AS noted, COALESCE(line.dunning_level, 0) AS level,
                       line.dunning_last_date AS last_date,
                       COALESCE(line.dunning_cycle, 0) AS cycle, line.dunning_level_days AS days
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                                              AND account.account_type = 'asset_receivable'
                 WHERE line.move_id = ANY(%s)
              ORDER BY line.move_id, due, line.id
                """,
                moves.ids,
            )
        )
        by_move = defaultdict(list)
        for row in rows:
            by_move[row["move_id"]].append(row)
        return list(by_move.values())

    # === INVOICES === #

    # not what "payment_state" follows itself, state and open amount: each way to a field counts
    @api.depends(
        "payment_state",
        "line_ids.date_maturity",
        "is_move_sent",
        "dunning_sent_date",
        "partner_id",
        "dunning_choice",
        "dunning_program_id",
        "dunning_block_ids.date_until",
        "dunning_block_ids.lifted_date",
    )
    def _compute_dunning_status(self):
        """Fill level, dates and day of the next reminder of invoices from their open due lines.

        Where dunning is off or nothing is open nothing is read: posting an invoice costs no query
        more, and a payment none for its own entry or for what it pays in full.
        """
        real = self._origin
        unsaved = self.filtered(lambda move: not move.id)
        by_move = {}
        for company, found in (
            real.filtered(lambda move: move._dunning_may_be_due()).grouped("company_id").items()
        ):
            today = company._get_job_today()
            facts = company._dunning_decide(today, moves=found)
            by_move.update(company._dunning_get_engine()._summarize(facts, today))
        for move in self - unsaved:
            status = by_move.get(move.id, NO_STATUS)
            move.dunning_level, move.dunning_last_date = status[:2]
            move.dunning_first_date, move.dunning_next_date, move.dunning_reason = status[2:]
        for name in MOVE_FIELDS:
            unsaved[name] = False

    def _dunning_may_be_due(self):
        """Whether an entry can have open due lines at all; asked before anything is collected."""
        if self.state != "posted" or not self.company_id.dunning_active:
            return False
        if self.move_type == "entry":
            return self.journal_id.type in ("general", "sale")
        if self.move_type not in ("out_invoice", "out_receipt"):
            return False
        return not self.currency_id.is_zero(self.amount_residual)

    @api.depends("dunning_next_date")
    def _compute_dunning_next_reason(self):
        """Fill the sentence that says when and why the next reminder comes, or why not."""
        sentence = self.env["dunning.reason"]._get_sentence
        self.dunning_next_reason = False
        posted = self._origin.filtered(lambda move: move.state == "posted")
        for company, found in posted.grouped("company_id").items():
            decided = defaultdict(list)
            for fact in company._dunning_decide(company._get_job_today(), moves=found):
                decided[fact.move_id].append(fact.decision)
            for move in found:
                decisions = decided.get(move.id)
                if decisions:
                    first = min(decisions, key=lambda found: found.next_date or date.max)
                    move.dunning_next_reason = sentence(first.reason, first.params)

    @api.model
    def _dunning_write_invoice_status(self, status):
        """Write the status of invoices, where it changed.

        :param status: as ``dunning.engine._summarize`` returns it
        """
        if not status:
            return
        moves = self.env["account.move"].sudo()
        moves.flush_model(MOVE_FIELDS)
        arrays = map(array_literal, zip(*status.values(), strict=True))
        columns = {name: SQL("new.%s", SQL.identifier(name)) for name in MOVE_FIELDS}
        source = SQL(
            """unnest(%s::int4[], %s::int4[], %s::date[], %s::date[], %s::date[], %s::varchar[])
               AS new(id, %s)""",
            array_literal(status),
            *arrays,
            SQL(", ").join(map(SQL.identifier, MOVE_FIELDS)),
        )
        changed = SQL(
            "(%s) IS DISTINCT FROM (%s)",
            SQL(", ").join(SQL("target.%s", SQL.identifier(name)) for name in MOVE_FIELDS),
            SQL(", ").join(columns.values()),
        )
        moves._write_in_bulk(columns, source, changed)

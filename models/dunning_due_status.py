from collections import defaultdict
from datetime import date

from odoo import api, models
from odoo.tools import SQL

from ..tools.sql_array import array_literal

MOVE_FIELDS = (
    "dunning_level",
    "dunning_last_date",
    "dunning_first_date",
    "dunning_next_date",
    "dunning_reason",
)
# level, last date, first date, next date and reason where nothing is open
NO_STATUS = (0, None, None, None, None)
LINE_FIELDS = (
    "dunning_level",
    "dunning_level_days",
    "dunning_last_date",
    "dunning_cycle",
    "dunning_due_date",
)


class DunningDueStatus(models.AbstractModel):
    """What dunning keeps on due lines and invoices: one path writes it, in batch, by SQL.

    Going through the ORM would synchronise each invoice for every reminder; what depends on these
    fields is told all the same (``bulk.write.mixin``).
    """

    _name = "dunning.due.status"
    _description = "Dunning Status of Due Lines and Invoices"

    # === DUE LINES === #

    @api.model
    def _write_lines(self, values):
        """Write level, date of the last reminder and cycle on due lines.

        :param values: ``{move line id: (level, last date or None, cycle)}``, or with the days of
            the level as a fourth. The due date the level belongs to is noted beside it (see
            ``_realign``), and the level's days: those given, else those it had, else those of the
            level so numbered in the program the line follows.
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
                "dunning_due_date": SQL("COALESCE(kept.date_maturity, kept.date)"),
                "dunning_level_days": SQL(
                    """CASE WHEN new.level > 0 THEN COALESCE(
                           new.days,
                           CASE WHEN kept.dunning_level = new.level
                                THEN kept.dunning_level_days END,
                           (%s)) END""",
                    self._get_sql_days(company),
                ),
            }
            source = SQL("(VALUES %s) AS new(id, level, last_date, cycle, days)", rows)
            found._write_in_bulk(columns, source)

    @api.model
    def _get_sql_days(self, company):
        """Return the SQL of the days of a line's new level, by the program it follows."""
        self.env["dunning.level"].flush_model(["number", "days", "active", "program_id"])
        return SQL(
            """SELECT level.days
                 FROM account_move move
                 JOIN res_partner contact ON contact.id = kept.partner_id
                 JOIN res_partner customer ON customer.id = contact.commercial_partner_id
                 JOIN dunning_level level ON level.number = new.level AND level.days >= 0
                                         AND level.program_id = %s
                WHERE move.id = kept.move_id
             ORDER BY level.active DESC, level.id LIMIT 1""",
            self.env["dunning.policy"]._get_sql_program(company, "move", "customer"),
        )

    @api.model
    def _derive_lines(self, move_line_ids):
        """Set level and date of due lines to what the reminders that left say.

        Of a cycle the highest counted level, its days and the latest date of it hold; where no
        reminder of the cycle is left (all taken back), what the line had before the first one.
        """
        if not move_line_ids:
            return
        self.env["dunning.reminder.line"].flush_model()
        self.env["account.move.line"].flush_model(LINE_FIELDS)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.id, COALESCE(line.dunning_cycle, 0),
                       max(sent.level_number) FILTER (WHERE sent.state = 'sent'),
                       max(sent.effective_date) FILTER (WHERE sent.state = 'sent'),
                       (array_agg(sent.level_before ORDER BY sent.id))[1],
                       (array_agg(sent.last_date_before ORDER BY sent.id))[1],
                       max(sent.level_days) FILTER (WHERE sent.state = 'sent')
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
        values = {}
        for line_id, cycle, level, last_date, level_before, date_before, days in rows:
            level_before = level_before or 0
            if level is None:
                level, last_date = level_before, date_before
            values[line_id] = (max(level, level_before), last_date, cycle, days)
        self._write_lines(values)

    @api.model
    def _realign(self, moves):
        """After posting: let level and date follow the due date (design rule 9).

        Odoo re-uses the ids of due lines when a draft changes, so that a line may come back with
        another instalment's level. What a line has belongs to the due date noted with it.
        """
        # whoever posts an invoice need not have rights on dunning
        lines = self.env["account.move.line"].sudo()
        lines.flush_model(["move_id", "dunning_due_date"])
        noted = self.env.execute_query(
            SQL(
                "SELECT DISTINCT move_id FROM account_move_line"
                " WHERE move_id = ANY(%s) AND dunning_due_date IS NOT NULL",
                moves.ids,
            )
        )
        moves = moves.browse(row[0] for row in noted)
        if not moves:
            return
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
        cleared, values, heirs = {}, {}, {}
        for lines in by_move.values():
            for status, heir in self._match_by_due(lines):
                cleared[status["id"]] = (0, None, status["cycle"])
                if heir:
                    names = ("level", "last_date", "cycle", "days")
                    values[heir["id"]] = tuple(status[name] for name in names)
                    heirs[status["id"]] = heir["id"]
        self._write_lines(cleared | values)
        self._move_history(heirs)

    @api.model
    def _match_by_due(self, lines):
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
            heir = next((row for row in same if row["id"] == status["id"]), same and same[0])
            if heir:
                free.remove(heir)
            yield status, heir

    @api.model
    def _move_history(self, heirs):
        """Let reminder lines point to the due line that took over their due date."""
        changed = {old: new for old, new in heirs.items() if old != new}
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

    # === INVOICES === #

    @api.model
    def _compute_moves(self, moves):
        """Fill level, dates and day of the next reminder of invoices from their open due lines.

        Where dunning is off or nothing is open nothing is read: posting an invoice costs no query
        more, and a payment none for its own entry or for what it pays in full.
        """
        real = moves._origin
        unsaved = moves.filtered(lambda move: not move.id)
        by_move = {}
        for company, found in real.filtered(self._may_be_due).grouped("company_id").items():
            by_move.update(self._get_status(company, company._get_job_today(), moves=found))
        for move in moves - unsaved:
            status = by_move.get(move.id, NO_STATUS)
            move.dunning_level, move.dunning_last_date = status[:2]
            move.dunning_first_date, move.dunning_next_date, move.dunning_reason = status[2:]
        for name in MOVE_FIELDS:
            unsaved[name] = False

    @api.model
    def _may_be_due(self, move):
        """Whether an entry can have open due lines at all; asked before anything is collected."""
        if move.state != "posted" or not move.company_id.dunning_active:
            return False
        if move.move_type == "entry":
            return move.journal_id.type in ("general", "sale")
        if move.move_type not in ("out_invoice", "out_receipt"):
            return False
        return not move.currency_id.is_zero(move.amount_residual)

    @api.model
    def _compute_reasons(self, moves):
        """Fill the sentence that says when and why the next reminder comes, or why not."""
        sentence = self.env["dunning.reason"]._get_sentence
        moves.dunning_next_reason = False
        posted = moves._origin.filtered(lambda move: move.state == "posted")
        for company, found in posted.grouped("company_id").items():
            decided = defaultdict(list)
            for fact in self._get_decided(company, company._get_job_today(), moves=found):
                decided[fact.move_id].append(fact.decision)
            for move in found:
                decisions = decided.get(move.id)
                if decisions:
                    first = min(decisions, key=lambda found: found.next_date or date.max)
                    move.dunning_next_reason = sentence(first.reason, first.params)

    @api.model
    def _get_decided(self, company, as_of, moves=None, partners=None, facts=None):
        service = self.env["dunning.due.line"].sudo().with_company(company)
        if facts is None:
            facts = service._collect(company, as_of, moves=moves, partners=partners)
        return service._decide(facts, company, as_of)

    @api.model
    def _get_status(self, company, as_of, moves=None, partners=None):
        """Return ``{move id: status}`` of open invoices.

        A status is (level, last date, first date, next date, reason of the line that comes next).
        """
        return self._summarize(self._get_decided(company, as_of, moves, partners), as_of)

    @api.model
    def _summarize(self, facts, as_of):
        """Return the status of the invoices decided facts are about (see ``_get_status``)."""
        next_dates = self._get_next_dates(facts, as_of)
        by_move = defaultdict(list)
        for fact in facts:
            by_move[fact.move_id].append(fact)
        status = {}
        for move_id, found in by_move.items():
            dates = [fact.line.last_date for fact in found if fact.line.last_date]
            first = min(found, key=lambda fact: fact.decision.next_date or date.max)
            status[move_id] = (
                max(fact.line.level for fact in found),
                max(dates, default=None),
                min(dates, default=None),
                next_dates.get(move_id),
                first.decision.reason,
            )
        return status

    @api.model
    def _get_next_dates(self, facts, as_of):
        """Return ``{move id: day of its next reminder}`` from decided facts; no day: no entry.

        A line held without an end has none; one that is due today or since has today.
        """
        next_dates = {}
        for fact in facts:
            decision = fact.decision
            held = fact.line.hold and not fact.line.hold_until
            if held or not decision.next_date:
                continue
            day = max(decision.next_date, as_of)
            next_dates[fact.move_id] = min(day, next_dates.get(fact.move_id, day))
        return next_dates

    @api.model
    def _write_moves(self, status):
        """Write the status of invoices, where it changed.

        :param status: as ``_get_status`` returns it
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
            SQL(", ").join(SQL("kept.%s", SQL.identifier(name)) for name in MOVE_FIELDS),
            SQL(", ").join(columns.values()),
        )
        moves._write_in_bulk(columns, source, changed)

    @api.model
    def _refresh(self, company, as_of, partners=None, facts=None):
        """Refresh level, dates and next date of the open invoices of a company.

        :param partners: only those of these commercial partners; empty: all
        :param facts: what is known of their due lines; None: it is read
        """
        decided = self._get_decided(company, as_of, partners=partners, facts=facts)
        self.env["dunning.end"]._follow(company, decided, as_of, partners)
        status = self._summarize(decided, as_of)
        stale = self._find_with_status(company, partners)
        self._write_moves(dict.fromkeys(stale, NO_STATUS) | status)

    @api.model
    def _find_with_status(self, company, partners=None):
        """Return the ids of the invoices of a company, or of partners, that have a status.

        Every status has a reason, and an index knows the invoices that have one.
        """
        self.env["account.move"].flush_model([*MOVE_FIELDS, "commercial_partner_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM account_move
                 WHERE company_id = %s AND dunning_reason IS NOT NULL %s
                """,
                company.id,
                SQL("AND commercial_partner_id = ANY(%s)", partners.ids) if partners else SQL(),
            )
        )
        return [move_id for (move_id,) in rows]

    @api.model
    def _cron_refresh(self):
        """Refresh what stands on the open invoices of every company where dunning is on."""
        self.env["ir.cron"]._watch_jobs()
        companies = self.env["res.company"].search([("dunning_active", "=", True)])
        commit = self.env["ir.cron"]._commit_progress
        if not companies or not commit(remaining=len(companies)):
            return
        for company in companies:
            today = company._get_job_today()
            self.env["dunning.block"].sudo()._check_promises(company, today)
            self.with_company(company)._refresh(company, today)
            if not commit(1):
                break

"""Play real receivables through the dunning engine, day by day, and count what happened."""

import csv
import gc
import time
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from odoo.fields import Command
from odoo.tools import SQL

from dev.console import Failure, say

from . import play

COLUMNS = ("customerID", "invoiceNumber", "InvoiceDate", "DueDate", "InvoiceAmount", "SettledDate")
KNOWN_COLUMNS = {
    *COLUMNS,
    "countryCode",
    "PaperlessDate",
    "Disputed",
    "PaperlessBill",
    "DaysToSettle",
    "DaysLate",
}


# The tables whose statistics a play needs: planned by those of an empty one, queries are slow.
GROWING = (
    "account_move",
    "account_move_line",
    "account_partial_reconcile",
    "dunning_reminder",
    "dunning_reminder_line",
    "dunning_run_line",
)

# Counted from the entries themselves, not from what the engine says of its own doing.
INVOICES = """
    SELECT count(*) FROM account_move WHERE move_type = 'out_invoice' AND state = 'posted'
"""
SENT = """
    SELECT count(*), count(DISTINCT partner_id) FROM dunning_reminder
    WHERE state = 'sent' AND NOT COALESCE(is_test, false)
"""
LINES_BY_LEVEL = """
    SELECT CASE WHEN level.days < 0 THEN 'notice' ELSE level.number::text END AS name, count(*)
    FROM dunning_reminder_line line
    JOIN dunning_reminder reminder ON reminder.id = line.reminder_id
    JOIN dunning_level level ON level.id = line.level_id
    WHERE reminder.state = 'sent' AND line.kind = 'remind'
    GROUP BY 1 ORDER BY min(level.days)
"""
REMINDED_AFTER_PAYMENT = """
    SELECT count(*)
    FROM dunning_reminder_line line
    JOIN dunning_reminder reminder ON reminder.id = line.reminder_id
    WHERE reminder.state = 'sent' AND line.kind = 'remind' AND EXISTS (
        SELECT 1
        FROM account_partial_reconcile part
        JOIN account_move_line paid ON paid.id = part.credit_move_id
        WHERE part.debit_move_id = line.move_line_id AND paid.date <= reminder.date
    )
"""
REPEATED = """
    SELECT COALESCE(sum(times - 1), 0)::int FROM (
        SELECT count(*) AS times
        FROM dunning_reminder_line line
        JOIN dunning_reminder reminder ON reminder.id = line.reminder_id
        WHERE reminder.state = 'sent' AND line.kind = 'remind'
        GROUP BY line.move_line_id, line.level_id
    ) AS sent
"""


class Row(NamedTuple):
    """One invoice of the file: who, how much (company currency), and its three dates."""

    customer: str
    number: str
    invoiced: date
    due: date
    settled: date | None
    amount: float
    disputed: bool


class BadRow(ValueError):
    """A row that cannot be an invoice; the message says why."""


def read_rows(path):
    """Read the file.

    :return: the good rows, and a list of ``(line number, reason)`` for the others
    """
    rows, bad = [], []
    numbers = set()
    with Path(path).open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        header = reader.fieldnames or []
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            raise BadRow(f"{path} has no column {', '.join(missing)}")
        bad += [(1, f"unknown column {name!r}") for name in header if name not in KNOWN_COLUMNS]
        for record in reader:
            try:
                row = _parse(record)
                if row.number in numbers:
                    raise BadRow(f"invoice number {row.number} occurs twice")
            except BadRow as error:
                bad.append((reader.line_num, str(error)))
            else:
                numbers.add(row.number)
                rows.append(row)
    return rows, bad


def _parse(record):
    if record.get(None):
        raise BadRow("more values than columns")
    row = Row(
        customer=_text(record, "customerID"),
        number=_text(record, "invoiceNumber"),
        invoiced=_date(record, "InvoiceDate"),
        due=_date(record, "DueDate"),
        settled=_date(record, "SettledDate") if record["SettledDate"] else None,
        amount=_amount(record),
        disputed=(record.get("Disputed") or "").strip().lower() == "yes",
    )
    if row.due < row.invoiced:
        raise BadRow("the due date is before the invoice date")
    if row.settled and row.settled < row.invoiced:
        raise BadRow("the settlement is before the invoice date")
    return row


def _text(record, column):
    text = (record[column] or "").strip()
    if not text:
        raise BadRow(f"{column} is empty")
    return text


def _date(record, column):
    text = _text(record, column)
    for form in ("%m/%d/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise BadRow(f"{column} {text!r} is no date")


def _amount(record):
    text = _text(record, "InvoiceAmount")
    try:
        amount = float(text)
    except ValueError:
        raise BadRow(f"InvoiceAmount {text!r} is no number") from None
    if not 0 < amount < float("inf"):
        raise BadRow(f"InvoiceAmount {text} is not positive")
    return amount


class Options(NamedTuple):
    """How the replay plays: days of the levels, their gap, the contact gap, disputed invoices."""

    levels: tuple[int, ...] = (-3, 5, 15, 30)
    gap: int = 7
    contact_gap: int = 0
    block_disputes: bool = False

    @classmethod
    def read(cls, variables):
        """The options as the command's variables give them."""
        levels = variables.get("LEVELS") or "-3,5,15,30"
        return cls(
            levels=tuple(sorted(int(days) for days in levels.split(","))),
            gap=int(variables.get("GAP") or 7),
            contact_gap=int(variables.get("CONTACT_GAP") or 0),
            block_disputes=variables.get("DISPUTES") == "block",
        )


class Replay:
    """One play of a file on a fresh database."""

    def __init__(self, env, smtp, options):
        self.env = env
        self.options = options
        self.seconds_dunning = 0.0
        self.company = play.set_up_company(env, "Replay")
        play.use_mail_server(env, smtp)
        self._set_up_dunning()

    def _set_up_dunning(self):
        company, options = self.company, self.options
        program = company.dunning_program_id
        templates = {level.number: level.mail_template_id.id for level in program.level_ids}
        numbered = [days for days in options.levels if days >= 0]
        levels = []
        for days in options.levels:
            number = numbered.index(days) + 1 if days in numbered else 0
            levels.append(
                {
                    "name": f"{days:+d} days",
                    "days": days,
                    "gap": options.gap if number else 0,
                    "mail_template_id": templates[min(number, max(templates))],
                    "attach_statement": False,
                }
            )
        ladder = [Command.clear(), *(Command.create(values) for values in levels)]
        program.write({"mode": "automatic", "level_ids": ladder})
        company.write(
            {
                "dunning_active": True,
                "dunning_activation_date": date(2000, 1, 1),
                "dunning_contact_gap": options.contact_gap,
            }
        )

    def play(self, rows):
        """Play every day from the first invoice to the last settlement."""
        customers = self._create_customers(rows)
        invoiced = play.by_day((row.invoiced, row) for row in rows)
        settled = play.by_day((row.settled, row.number) for row in rows if row.settled)
        moves = {}
        days = play.days_between(min(invoiced), max([*settled, *invoiced]))
        with _collected_by_hand():
            for number, day in enumerate(days, 1):
                self._invoice(invoiced.get(day, ()), customers, moves)
                paid = [moves[row_number] for row_number in settled.get(day, ())]
                play.pay(self.env, self.env["account.move"].union(*paid), day)
                # environments end in circles; while they stay, each new one is compared with all
                gc.collect()
                self._run_dunning(day)
                if number % 30 == 0 or day == days[-1]:
                    # PostgreSQL's own housekeeping does so within a minute of real time
                    self.env.cr.execute(SQL("ANALYZE %s", SQL(", ").join(map(SQL, GROWING))))
                    self.env.cr.commit()
                    self.env.invalidate_all()
                    say(f"  {day}: day {number} of {len(days)}, {len(moves)} invoices")

    def _run_dunning(self, day):
        self.env.flush_all()
        started = time.monotonic()
        play.run_dunning(self.env, self.company, day)
        self.env.flush_all()
        self.seconds_dunning += time.monotonic() - started

    def _create_customers(self, rows):
        names = sorted({row.customer for row in rows})
        partners = self.env["res.partner"].create(
            [
                {"name": name, "is_company": True, "email": f"{name.lower()}@customer.example"}
                for name in names
            ]
        )
        return dict(zip(names, partners.ids, strict=True))

    def _invoice(self, rows, customers, moves):
        issued = play.issue_invoices(
            self.env,
            [
                {
                    "partner_id": customers[row.customer],
                    "ref": row.number,
                    "invoice_date": row.invoiced,
                    "invoice_date_due": row.due,
                    "invoice_payment_term_id": False,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": row.number,
                                "quantity": 1,
                                "price_unit": row.amount,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                }
                for row in rows
            ],
        )
        moves.update({row.number: move for row, move in zip(rows, issued, strict=True)})
        self._block(row for row in rows if row.disputed and self.options.block_disputes)

    def _block(self, rows):
        for row in rows:
            move = self.env["account.move"].search([("ref", "=", row.number)])
            self.env["dunning.block"].create(
                {
                    "partner_id": move.commercial_partner_id.id,
                    "move_id": move.id,
                    "kind": "dispute",
                    "reason": "Disputed in the file",
                    "date_from": row.invoiced,
                }
            )

    def summary(self):
        """What happened, counted in the database."""
        self.env.flush_all()
        rows = self.env.execute_query(SQL(LINES_BY_LEVEL))
        reminders, customers = self._row(SENT)
        return {
            "invoices": self._row(INVOICES)[0],
            "reminder_lines_by_level": {name: count for name, count in rows},
            "reminders": reminders,
            "customers_reminded": customers,
            "reminded_after_payment": self._row(REMINDED_AFTER_PAYMENT)[0],
            "repeated": self._row(REPEATED)[0],
        }

    def _row(self, query):
        return self.env.execute_query(SQL(query))[0]


@contextmanager
def _collected_by_hand():
    """Keep what is in memory already, and let what comes be collected only when asked for."""
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def main(env, smtp, out, path, options):
    """Replay a file.

    :param out: called with each line of the report
    :return: the result, a dict for JSON
    """
    started = time.monotonic()
    try:
        rows, bad = read_rows(path)
        options = Options.read(options)
    except (BadRow, ValueError) as error:
        raise Failure(str(error)) from error
    for line, reason in bad:
        out(f"line {line}: {reason}; left out")
    if not rows:
        raise Failure(f"{path} has no row that is an invoice")
    replay = Replay(env, smtp, options)
    replay.play(rows)
    return {
        **replay.summary(),
        "seconds": round(time.monotonic() - started, 1),
        "seconds_dunning": round(replay.seconds_dunning, 1),
    }

"""Kills and races over real servers: nothing leaves twice, nothing is lost, whatever dies.

Two Odoo servers with cron threads work on one database in which invoices and reminders are due. In
turns they are killed with -9 in the middle of it and started again; PostgreSQL crashes once. Then
SQL and the mail server's store are counted, thing by thing.

What a dying server was just handing to the mail server may have left or not; nobody can know. Such
a reminder *asks a person*: it stands in "failed", and the row of its e-mail in
``dunning_mail_handover`` says that the hand-over had begun. It is neither lost nor sent again.
"""

import email
import os
import subprocess
import time
from collections import Counter
from pathlib import Path

from dev import cluster, databases
from dev.console import DIE_WITH_PARENT, Failure, progress, say, step
from dev.environment import prepare
from dev.inside import lines_for
from dev.locations import LOGS
from dev.mail_server import mail_server

SERVERS = 2
KILLS = 40
CRASH_AT = 6  # PostgreSQL goes with this kill
# Seconds: how long a killer waits for the victim to have done something; for the whole play.
PATIENCE, LIMIT = 60, 840
SMTP_SECONDS = 0.04
MAIL_DOMAIN = "torture.example"
CRONS = "recurrence_cron_run_due ir_cron_dunning_run ir_cron_dunning_outbox"

# What is to be done, one row a thing: kind, whose, how often it was done, how it stands.
INVOICES = f"""
    SELECT partner.email, count(move.id) FILTER (WHERE move.state = 'posted'), occurrence.state
      FROM recurrence_occurrence occurrence
      JOIN recurrence_schedule schedule ON schedule.id = occurrence.schedule_id
      JOIN account_move template ON template.id = schedule.template_move_id
      JOIN res_partner partner ON partner.id = template.partner_id
      LEFT JOIN account_move move ON move.recurrence_schedule_id = schedule.id
           AND NOT coalesce(move.is_recurrence_template, FALSE)
     WHERE partner.email LIKE '%@{MAIL_DOMAIN}' AND occurrence.date <= CURRENT_DATE
     GROUP BY partner.email, occurrence.id
"""
REMINDERS = f"""
    SELECT partner.email, count(reminder.id),
           coalesce(string_agg(CASE WHEN reminder.state = 'failed' AND handover.state = 'leaving'
                                    THEN 'asks' ELSE reminder.state END, ','), 'none'),
           max(line.dunning_level)
      FROM res_partner partner
      JOIN account_move_line line ON line.partner_id = partner.id AND line.parent_state = 'posted'
           AND line.date_maturity < CURRENT_DATE - 20
      JOIN account_account account ON account.id = line.account_id
           AND account.account_type = 'asset_receivable'
      LEFT JOIN dunning_reminder reminder ON reminder.partner_id = partner.id
      LEFT JOIN dunning_mail_handover handover ON handover.mail_id = reminder.mail_id
     WHERE partner.email LIKE '%@{MAIL_DOMAIN}'
     GROUP BY partner.email
"""
DONE = """
    SELECT (SELECT count(*) FROM account_move WHERE recurrence_occurrence_id IS NOT NULL
                                                AND state = 'posted'),
           (SELECT count(*) FROM dunning_reminder WHERE state IN ('sent', 'failed')),
           (SELECT count(*) FROM dunning_reminder)
"""
# As soon as the job that is asked for is free: its own row is locked while it works.
ASK = f"""
    INSERT INTO ir_cron_trigger (cron_id, call_at)
    SELECT data.res_id, now() AT TIME ZONE 'UTC' FROM ir_model_data data
     WHERE data.model = 'ir.cron' AND (data.name = ANY(string_to_array('{CRONS}', ' '))
           OR data.name = 'ir_cron_mail_scheduler_action')
       AND NOT EXISTS (SELECT 1 FROM ir_cron_trigger asked
                        WHERE asked.cron_id = data.res_id
                          AND asked.call_at <= now() AT TIME ZONE 'UTC')
"""


def torture():
    """Play it; the number of things that went wrong decides on the exit code."""
    count = int(os.environ.get("COUNT", "500"))
    environment = prepare()
    template = databases.addon_template(environment)
    started = time.monotonic()
    with databases.temporary_copy(environment, template, "torture") as database:
        # the crash of a server is played, not that of a disk: what was committed has to stay
        environment.query("postgres", f'ALTER DATABASE "{database}" SET synchronous_commit = on')
        with mail_server(database, delay=SMTP_SECONDS) as smtp:
            step(f"Making {count} invoices and {count} reminders due")
            script = lines_for("benchmarks.torture", smtp=smtp, count=count)
            environment.odoo_shell(database, script)
            ordeal = Ordeal(environment, database, count)
            try:
                ordeal.play(started + LIMIT)
            finally:
                ordeal.end()
            return ordeal.report(Path(smtp.maildir), time.monotonic() - started)


def main(env, smtp, out, count):
    """Make the company, one invoice schedule and one overdue invoice for each customer."""
    from datetime import timedelta

    from odoo.fields import Command

    from . import play

    company = play.set_up_company(env, "Torture")
    company.write({"recurrence_dunning_tz": "UTC", "dunning_active": True, "dunning_grace_days": 0})
    today = company._get_job_today()
    company.dunning_activation_date = today - timedelta(365)
    program = company.dunning_program_id
    program.write({"mode": "automatic"})
    program.level_ids.attach_statement = False
    play.use_mail_server(env, smtp)
    partners = env["res.partner"].create(
        [{"name": f"Customer {n}", "email": f"c{n}@{MAIL_DOMAIN}"} for n in range(count)]
    )
    line = Command.create({"name": "Work", "price_unit": 100.0, "tax_ids": False})
    values = {"invoice_line_ids": [line], "invoice_payment_term_id": False}
    dates = {"invoice_date": today - timedelta(60), "invoice_date_due": today - timedelta(30)}
    play.issue_invoices(env, [{**values, **dates, "partner_id": p.id} for p in partners])
    templates = env["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "is_recurrence_template": True,
                "partner_id": partner.id,
                "invoice_line_ids": [line],
            }
            for partner in partners
        ]
    )
    rule = {"rrule_type": "yearly", "date_start": today, "target": "invoice"}
    schedules = env["recurrence.schedule"].create(
        [
            {**rule, "name": f"S{move.id}", "template_move_id": move.id, "invoice_mode": "post"}
            for move in templates
        ]
    )
    schedules.action_generate()
    days = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), True)
    planned = env["dunning.program.schedule"].create({"program_id": program.id, **days})
    env.flush_all()
    env.cr.execute(
        "UPDATE dunning_program_schedule SET next_run = now() - interval '1 minute' WHERE id = %s",
        [planned.id],
    )


class Ordeal:
    """The servers, who kills them, and what is left in the end."""

    def __init__(self, environment, database, count):
        self.environment, self.database, self.count = environment, database, count
        self.servers, self.kills, self.crashes = [None] * SERVERS, 0, 0
        self.log = LOGS / "torture.log"
        LOGS.mkdir(exist_ok=True)
        self.log.write_text("")

    def play(self, deadline):
        """Kill in turns until all is done, then leave them alone until nothing moves."""
        for number in range(SERVERS):
            self.start(number)
        seen, shown = self.done(), progress(range(KILLS), "Killing servers in turns")
        for kill in shown:
            if not self.wait(lambda s=seen: self.done() != s, PATIENCE) and self.all_done():
                break
            if time.monotonic() > deadline - 300 or self.all_done():
                break
            if kill == CRASH_AT:
                self.crash()
            self.kill(kill % SERVERS)
            self.start(kill % SERVERS)
            seen = self.done()
        shown.close()
        step("Leaving the servers alone")
        # threads of a server that lost its database may be gone: a watchdog would restart it too
        for number in range(SERVERS):
            self.kill(number)
            self.start(number)
        if not self.wait(self.all_done, deadline - time.monotonic()):
            say("    Not all was done in time.")

    def wait(self, condition, seconds):
        """Ask for the jobs again and again, until something is true or time is up."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            self.query(ASK)
            self.query(f"NOTIFY cron_trigger, '{self.database}'", "postgres")
            if condition():
                return True
            time.sleep(0.5)
        return False

    def query(self, sql, database=None):
        """Rows as lists of texts; while PostgreSQL comes up again it is asked again."""
        for _attempt in range(60):
            try:
                lines = self.environment.query(database or self.database, sql)
                return [line.split("|") for line in lines]
            except subprocess.CalledProcessError as error:
                failure = error.stderr
                time.sleep(0.5)
        raise Failure(f"PostgreSQL does not answer: {failure}")

    def done(self):
        return self.query(DONE)[0]

    def all_done(self):
        invoices, settled, _made = map(int, self.done())
        return invoices >= self.count and settled >= self.count

    # --- life and death ---

    def start(self, number):
        options = ["-d", self.database, "--max-cron-threads=2", "--no-http", "--log-level=warn"]
        command = [*DIE_WITH_PARENT, *self.environment.odoo_command(*options)]
        with self.log.open("ab") as output:
            self.servers[number] = subprocess.Popen(
                command,
                env=self.environment.process_environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def kill(self, number):
        self.servers[number].kill()
        self.servers[number].wait()
        self.kills += 1

    def crash(self):
        """PostgreSQL dies without a word to anybody, and comes up again."""
        cluster.stop("immediate")
        cluster.start()
        self.crashes += 1

    def end(self):
        for server in filter(None, self.servers):
            server.kill()
            server.wait()

    # --- what came of it ---

    def report(self, maildir, seconds):
        """Print what was counted; return 1 where a single thing is wrong."""
        arrived = Counter(_addressees(maildir))
        wrong = [
            *self.check_invoices(),
            *self.check_reminders(arrived),
            *self.check_numbers(),
        ]
        say(f"    {self.kills} servers killed, {self.crashes} crash of PostgreSQL, {seconds:.0f} s")
        for text in wrong:
            say(f"    WRONG: {text}")
        total = 2 * self.count + 1
        print(f"{total - min(len(wrong), total)} passed, {len(wrong)} failed", flush=True)
        return 1 if wrong else 0

    def check_invoices(self):
        rows = self.query(INVOICES)
        double = [row for row in rows if int(row[1]) > 1]
        lost = [row for row in rows if row[1:] not in (["1", "done"],) and row not in double]
        say(
            f"    Invoices: {len(rows)} due, {sum(int(row[1]) for row in rows)} posted; "
            f"{len(double)} double, {len(lost)} lost"
        )
        missing = [["nobody", "0", "not due"]] * max(self.count - len(rows), 0)
        return [f"invoice of {row}" for row in (*double, *lost, *missing)]

    def check_reminders(self, arrived):
        rows = self.query(REMINDERS)
        double = [row for row in rows if arrived[row[0]] > 1 or int(row[1]) > 1]
        lost = [row for row in rows if row not in double and not _is_right(row, arrived[row[0]])]
        say(
            f"    Reminders: {len(rows)} due, {sum(row[2] == 'sent' for row in rows)} sent, "
            f"{arrived.total()} messages arrived; {len(double)} double, {len(lost)} lost"
        )
        missing = [["nobody", "0", "not due"]] * max(self.count - len(rows), 0)
        wrong = [f"reminder of {row}" for row in (*double, *lost, *missing)]
        return wrong + self.check_asking([row[0] for row in rows if row[2] == "asks"], arrived)

    def check_asking(self, addressees, arrived):
        """The reminders that ask a person are no more than hand-overs were cut."""
        count, came = len(addressees), sum(bool(arrived[name]) for name in addressees)
        say(
            f"    {count} ask a person, their hand-over was cut by a kill: "
            f"{came} of them had arrived, {count - came} not"
        )
        # at most what one sender and Odoo's own mail queue had in hand at each death
        if count > 2 * (self.kills + SERVERS * self.crashes):
            return [f"{count} reminders ask a person: more than hand-overs were cut"]
        return []

    def check_numbers(self):
        """The numbers of what was issued have no gap: nothing was posted and taken back."""
        sql = """
            SELECT count(*), max(sequence_number) - min(sequence_number) + 1 FROM account_move
             WHERE recurrence_occurrence_id IS NOT NULL AND state = 'posted'
        """
        ((count, span),) = self.query(sql)
        return [] if count == span else [f"{count} invoices bear numbers of a span of {span}"]


def _is_right(row, arrived):
    """Whether a reminder was sent and arrived once, or asks a person and had no effect."""
    _address, _count, state, level = row
    if state == "asks":
        return level == "0"
    return state == "sent" and arrived == 1 and level == "1"


def _addressees(maildir):
    """Whom each message that arrived is for."""
    for path in (maildir / "new").iterdir():
        message = email.message_from_bytes(path.read_bytes())
        if message["X-RcptTo"].endswith(MAIL_DOMAIN):
            yield message["X-RcptTo"]

"""Real processes on a real database: killed in the middle, and four at once on one backlog.

Everything is committed, so this happens in a copy of the template database of the developer's
tools; without one the tests are skipped.
"""

import time

from odoo.tests import tagged

from .process_case import ProcessCase

ROWS = 60
BATCH = 5
TIMEOUT = 600

PREPARE = """
from datetime import date
from odoo.fields import Command
company = env.company
if not company.chart_template:
    env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
user = env.ref("base.user_admin")
partner = env["res.partner"].create({"name": "Customer"})
line = {"name": "Support", "price_unit": 100.0}
templates = env["account.move"].create([
    {
        "move_type": "out_invoice",
        "is_recurrence_template": True,
        "partner_id": partner.id,
        "invoice_line_ids": [Command.create(line)],
    }
    for number in range(%(rows)s)
])
schedules = env["recurrence.schedule"].create([
    {
        "name": f"Set %(month)s row {number}",
        "target": "invoice",
        "template_move_id": template.id,
        "invoice_mode": "post",
        "user_id": user.id,
        "date_start": date(2026, %(month)s, 1),
        "rrule_type": "monthly",
    }
    for number, template in enumerate(templates)
])
schedules.write({"state": "running"})
env["recurrence.occurrence"].create([
    {
        "schedule_id": schedule.id,
        "rule_date": date(2026, %(month)s, 1 + number %% 3),
        "date": date(2026, %(month)s, 1 + number %% 3),
        "number": 1,
    }
    for number, schedule in enumerate(schedules)
])
env.cr.commit()
"""
# Two recurrences of each customer, that is, every two rows: one invoice for both.
PAIR = """
from datetime import date
named = [("name", "=like", "Set %(month)s row %%")]
schedules = env["recurrence.schedule"].search(named, order="id")
customers = env["res.partner"].create([
    {"name": f"Pair {number}", "recurrence_consolidation": True}
    for number in range(len(schedules) // 2)
])
schedules.write({"state": "draft"})
for number, schedule in enumerate(schedules):
    schedule.template_move_id.partner_id = customers[number // 2]
    schedule.occurrence_ids.write({
        "rule_date": date(2026, %(month)s, 1 + number // 2 %% 3),
        "date": date(2026, %(month)s, 1 + number // 2 %% 3),
    })
schedules.write({"state": "running"})
env.cr.commit()
"""
WORK = """
from datetime import date
env["recurrence.issuing"]._issue_due(
    env.company, date(2026, %(month)s, 28), batch_size=%(batch)s, commit=True
)
env.cr.commit()
"""
PRESS = """
from datetime import date
from odoo.exceptions import UserError
schedules = env["recurrence.schedule"].search([("name", "=like", "Set %(month)s row _")])
rows = schedules.occurrence_ids
try:
    env["recurrence.issuing"]._issue(rows, mode="post", as_of=date(2026, %(month)s, 28))
    env.cr.commit()
    print("ISSUED")
except UserError as error:
    print("REFUSED", error)
"""


@tagged("post_install", "-at_install")
class TestRecurrenceExactlyOnce(ProcessCase):
    """Rule 2: at most one invoice for a (schedule, rule date), whatever crashes or runs beside."""

    def start(self, script, **values):
        return super().start(script, **{"rows": ROWS, "batch": BATCH, **values})

    def finish(self, *processes):
        """Wait for processes; fail with what they printed when one went wrong."""
        outputs = []
        for process in processes:
            outputs.append(process.stdout.read())
            process.wait(TIMEOUT)
            self.assertNotIn("Traceback", outputs[-1])
            self.assertEqual(process.returncode, 0, outputs[-1])
        return outputs

    def count(self, month):
        """Return how many invoices of a set are committed."""
        [[issued]] = self.query(
            """
            SELECT COUNT(*)
              FROM account_move move
              JOIN recurrence_occurrence occurrence ON occurrence.id = move.recurrence_occurrence_id
             WHERE EXTRACT(month FROM occurrence.rule_date) = %(month)s
               AND move.state = 'posted'
            """,
            month=month,
        )
        return issued

    def check_set(self, month, rows=ROWS):
        """No double, no gap, and numbers follow dates: counted by SQL of its own."""
        invoices = self.query(
            """
            SELECT move.sequence_number, move.invoice_date, occurrence.date, occurrence.id,
                   occurrence.state, occurrence.move_id = move.id
              FROM account_move move
              JOIN recurrence_occurrence occurrence ON occurrence.id = move.recurrence_occurrence_id
             WHERE EXTRACT(month FROM occurrence.rule_date) = %(month)s
             ORDER BY move.sequence_number
            """,
            month=month,
        )
        self.assertEqual(len(invoices), rows)
        self.assertEqual(len({row[3] for row in invoices}), rows, "one invoice per date")
        numbers = [row[0] for row in invoices]
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + rows)), "no gap")
        dates = [row[1] for row in invoices]
        self.assertEqual(dates, sorted(dates), "numbers follow dates")
        self.assertEqual([row[1] for row in invoices], [row[2] for row in invoices])
        self.assertEqual({row[4] for row in invoices}, {"done"})
        self.assertTrue(all(row[5] for row in invoices))
        [[open_rows]] = self.query(
            """
            SELECT COUNT(*) FROM recurrence_occurrence
             WHERE EXTRACT(month FROM rule_date) = %(month)s AND state != 'done'
            """,
            month=month,
        )
        self.assertEqual(open_rows, 0)

    def test_1_four_workers_on_one_backlog(self):
        self.finish(self.start(PREPARE, month=1))
        self.finish(*(self.start(WORK, month=1) for _number in range(4)))
        self.check_set(1)

    def test_2_killed_and_started_again(self):
        self.finish(self.start(PREPARE, month=2))
        for enough in (BATCH, 5 * BATCH):
            process = self.start(WORK, month=2)
            deadline = time.monotonic() + TIMEOUT
            while self.count(2) < enough and process.poll() is None:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.02)
            process.kill()
            process.wait(TIMEOUT)
            self.assertEqual(self.count(2) % BATCH, 0, "a batch is committed whole")
        self.assertLess(self.count(2), ROWS, "it was killed in the middle")
        self.finish(self.start(WORK, month=2))
        self.check_set(2)

    def test_3_two_people_press_issue_at_once(self):
        self.finish(self.start(PREPARE, month=3, rows=9))
        outputs = self.finish(self.start(PRESS, month=3), self.start(PRESS, month=3))
        self.assertEqual(sum("ISSUED" in output for output in outputs), 1, outputs)
        self.check_set(3, rows=9)

    def test_4_consolidated_four_workers_and_one_killed(self):
        """R14: each date once, each customer's two on one invoice, whoever takes which batch."""
        self.finish(self.start(PREPARE, month=4))
        self.finish(self.start(PAIR, month=4))
        process = self.start(WORK, month=4)
        deadline = time.monotonic() + TIMEOUT
        while self.count(4) < BATCH and process.poll() is None:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        process.kill()
        process.wait(TIMEOUT)
        self.finish(*(self.start(WORK, month=4) for _number in range(4)))
        rows = self.query(
            """
            SELECT move.id, move.sequence_number, move.invoice_date, template.partner_id,
                   move.partner_id, occurrence.id, occurrence.date, occurrence.state,
                   occurrence.move_id = move.id AND billed.is_live
              FROM recurrence_billed_date billed
              JOIN account_move move ON move.id = billed.move_id AND move.state = 'posted'
              JOIN recurrence_occurrence occurrence ON occurrence.id = billed.occurrence_id
              JOIN recurrence_schedule schedule ON schedule.id = occurrence.schedule_id
              JOIN account_move template ON template.id = schedule.template_move_id
             WHERE EXTRACT(month FROM occurrence.rule_date) = 4
             ORDER BY move.sequence_number
            """
        )
        self.assertEqual(len(rows), ROWS)
        self.assertEqual(len({row[5] for row in rows}), ROWS, "each date once")
        moves = list(dict.fromkeys(row[:3] for row in rows))
        self.assertEqual(len(moves), ROWS // 2, "one invoice for two dates")
        numbers = [number for _id, number, _day in moves]
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + ROWS // 2)), "no gap")
        days = [day for _id, _number, day in moves]
        self.assertEqual(days, sorted(days), "numbers follow dates")
        self.assertTrue(all(row[3] == row[4] and row[2] == row[6] for row in rows))
        self.assertEqual({row[7:] for row in rows}, {("done", True)})

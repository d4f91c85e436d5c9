"""K10: what a day was expected to produce, what it did, and who is told."""

from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DunningMailCommon, RecurrenceInvoiceCommon

MODULE = "account_recurrence_dunning"
MONDAY, TUESDAY, WEDNESDAY = date(2026, 3, 9), date(2026, 3, 10), date(2026, 3, 11)


@tagged("post_install", "-at_install")
class TestDunningDay(RecurrenceInvoiceCommon, DunningMailCommon):
    """The program runs from Monday to Friday at 8:00 and is automatic; the job looks at 5:00."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = cls.create_user("day_clerk", "dunning_group_user")
        cls.clerk.email = "clerk@company.example"
        cls.biller = cls.create_user("day_biller", "account.group_account_invoice")
        cls.biller.email = "biller@company.example"
        cls.company.email = "us@company.example"
        cls.notice.active = False
        cls.program.write({"mode": "automatic", "user_id": cls.clerk.id})
        others = cls.env["res.company"].sudo().search([("id", "!=", cls.company.id)])
        others.dunning_active = False
        cls.env["recurrence.schedule"].sudo().search([]).state = "finished"
        line = cls.program.schedule_ids.sudo()
        line.write({"hour": 8.0})
        line.write({"date_since": "2026-03-06 12:00:00", "last_run": "2026-03-06 08:00:00"})
        cls.customers = cls.env["res.partner"].create(
            [
                {"name": f"Customer {number}", "email": f"c{number}@customer.example"}
                for number in range(6)
            ]
        )

    def follow(self, day):
        """Do the daily job's work of a day, at 5:00."""
        with freeze_time(f"{day} 05:00:00"):
            self.company._dunning_follow_days(day)

    def run_programs(self, day, send=True):
        """Let the planned runs of a day take place at 8:00, and the outbox send."""
        with freeze_time(f"{day} 08:00:00"), self.mock_mail_gateway():
            schedules = self.env["dunning.program.schedule"].sudo()
            for line in schedules._get_due(self.company, self.env.cr.now()) or (
                self.program.schedule_ids.sudo()
            ):
                line._run_planned(f"{day} 08:00:00")
            if send:
                self.env["dunning.reminder"].sudo()._send_queued(day)

    def day(self, day):
        domain = [("company_id", "=", self.company.id), ("date", "=", day)]
        return self.env["dunning.day"].search(domain)

    def counts(self, day):
        row = self.day(day)
        return [
            (row[f"expected_{kind}"], row[f"done_{kind}"])
            for kind in ("runs", "messages", "invoices")
        ]

    def told(self, user):
        activities = self.env["mail.activity"].sudo()
        activities = activities.search([("user_id", "=", user.id), ("res_model", "=", False)])
        mails = self.env["mail.mail"].sudo().search([("email_to", "ilike", user.email)])
        return activities.mapped("note"), len(mails)

    def invoice_customers(self, due="2026-03-05", count=6):
        """Level 1 comes 5 days after the due date: due on the 5th, on Tuesday 10 March."""
        for customer in self.customers[:count]:
            self.create_due_invoice(due, partner=customer)

    def cells(self, last=None):
        cells = self.company.get_dunning_figures(last)["days"]["cells"]
        return {cell["day"]: (cell["state"], cell["text"]) for cell in cells}

    # === EXPECTED AND PRODUCED === #

    def test_k10_a_day_as_expected(self):
        self.invoice_customers()
        self.follow(MONDAY)
        self.assertEqual(self.counts(TUESDAY), [(1, 0), (6, 0), (0, 0)])
        self.run_programs(MONDAY)
        self.follow(TUESDAY)
        self.assertEqual(self.day(MONDAY).state, "good", "one run, nothing to send")
        self.assertEqual(self.counts(MONDAY), [(1, 1), (0, 0), (0, 0)])
        self.run_programs(TUESDAY)
        self.follow(WEDNESDAY)
        self.assertEqual(self.counts(TUESDAY), [(1, 1), (6, 6), (0, 0)])
        self.assertEqual(self.day(TUESDAY).state, "good")
        self.assertEqual(self.told(self.clerk), ([], 0))

    def test_k10_what_leaves_today_is_not_expected_tomorrow(self):
        self.invoice_customers("2026-03-04")
        self.follow(MONDAY)
        self.assertEqual(self.counts(MONDAY)[1], (6, 0))
        self.assertEqual(self.counts(TUESDAY)[1], (0, 0))

    def test_k10_a_run_that_did_not_take_place_is_told_once(self):
        self.follow(MONDAY)
        self.follow(TUESDAY)
        self.assertEqual(self.day(MONDAY).state, "alarm")
        notes, mails = self.told(self.clerk)
        self.assertEqual((len(notes), mails), (1, 1))
        self.assertIn("03/09/2026. Runs: expected 1, done 0.", notes[0])
        self.follow(TUESDAY)
        self.assertEqual(self.told(self.clerk)[1], 1)

    def test_k10_messages_that_stay_in_the_outbox_are_told(self):
        self.invoice_customers()
        self.follow(MONDAY)
        self.run_programs(MONDAY)
        self.follow(TUESDAY)
        self.run_programs(TUESDAY, send=False)
        self.follow(WEDNESDAY)
        self.assertEqual(self.counts(TUESDAY), [(1, 1), (6, 0), (0, 0)])
        notes, mails = self.told(self.clerk)
        self.assertEqual((len(notes), mails), (1, 1))
        self.assertIn("Messages: expected 6, sent 0.", notes[0])

    def test_k10_few_messages_less_is_no_alarm(self):
        self.invoice_customers(count=4)
        self.follow(MONDAY)
        self.run_programs(MONDAY)
        self.follow(TUESDAY)
        self.run_programs(TUESDAY, send=False)
        self.follow(WEDNESDAY)
        self.assertEqual(self.day(TUESDAY).state, "less")
        self.assertEqual(self.told(self.clerk), ([], 0))

    def test_k10_messages_that_wait_to_be_recalled_or_were_stopped_are_not_missing(self):
        self.invoice_customers()
        self.company.dunning_send_delay = 60 * 48
        self.follow(MONDAY)
        self.run_programs(MONDAY)
        self.follow(TUESDAY)
        self.run_programs(TUESDAY, send=False)
        queued = self.env["dunning.reminder"].search([("company_id", "=", self.company.id)])
        self.assertEqual(set(queued.mapped("state")), {"queued"})
        queued[:2].action_cancel()
        self.follow(WEDNESDAY)
        self.assertEqual(self.counts(TUESDAY)[1], (6, 6))

    def test_k10_not_expected_by_themselves(self):
        """Letters, customers without address, manual programs and old bank data wait for people."""
        self.invoice_customers()
        self.customers[0].email = False
        self.follow(MONDAY)
        self.assertEqual(self.counts(TUESDAY)[1], (5, 0))
        self.program.mode = "manual"
        self.follow(MONDAY)
        self.assertEqual(self.counts(TUESDAY)[:2], [(1, 0), (0, 0)])
        self.program.mode, self.level_1.channel = "automatic", "letter"
        self.follow(MONDAY)
        self.assertEqual(self.counts(TUESDAY)[1], (0, 0))
        self.level_1.channel, self.company.dunning_bank_days = "email", 3
        self.company_data["default_journal_bank"].sudo().dunning_bank_feed = True
        self.follow(MONDAY)
        self.assertEqual(self.counts(TUESDAY)[1], (0, 0))

    def test_k10_expectations_of_a_day_that_began_stay(self):
        self.invoice_customers()
        self.follow(MONDAY)
        self.program.mode = "manual"
        self.follow(TUESDAY)
        self.assertEqual(self.counts(TUESDAY)[1], (6, 0))

    # === RECURRING INVOICES === #

    def create_posted_schedules(self, count, mode="post"):
        schedules = self.env["recurrence.schedule"].union(
            *(
                self.create_schedule(
                    customer,
                    date_start="2026-03-10",
                    day=10,
                    invoice_mode=mode,
                    user_id=self.biller.id,
                )
                for customer in self.customers[:count]
            )
        )
        with freeze_time("2026-03-06 09:00:00"):
            schedules.action_generate()
        return schedules

    def test_k10_recurring_invoices(self):
        schedules = self.create_posted_schedules(5)
        self.create_posted_schedules(1, mode="confirm")
        self.follow(MONDAY)
        self.assertEqual(self.counts(TUESDAY)[2], (5, 0))
        with freeze_time("2026-03-10 06:00:00"):
            schedules.sudo()._run_due(TUESDAY)
        moves = schedules.sudo().occurrence_ids.move_id
        self.assertEqual(len(moves), 5)
        self.env.flush_all()
        # the database has a clock of its own
        self.env.cr.execute(
            "UPDATE account_move SET create_date = '2026-03-10 06:00:00' WHERE id IN %s",
            [moves._ids],
        )
        moves.invalidate_recordset(["create_date"])
        self.run_programs(TUESDAY)
        self.follow(WEDNESDAY)
        self.assertEqual(self.counts(TUESDAY)[2], (5, 5))
        self.assertEqual(self.day(TUESDAY).state, "good")

    def test_k10_recurring_invoices_that_were_not_issued_are_told_to_who_bills(self):
        self.create_posted_schedules(5)
        self.program.schedule_ids.unlink()
        self.follow(MONDAY)
        self.follow(WEDNESDAY)
        self.assertEqual(self.day(TUESDAY).state, "alarm")
        notes, mails = self.told(self.biller)
        self.assertEqual((len(notes), mails), (1, 1))
        self.assertIn("Recurring invoices: expected 5, issued 0.", notes[0])
        self.assertEqual(self.told(self.clerk), ([], 0))

    def test_k10_a_company_without_dunning_is_followed_for_its_invoices(self):
        self.company.dunning_active = False
        companies = self.env["res.company"]
        self.assertNotIn(self.company, companies._dunning_get_followed())
        self.create_posted_schedules(1)
        self.assertIn(self.company, companies._dunning_get_followed())
        self.follow(MONDAY)
        self.assertEqual(self.counts(TUESDAY), [(0, 0), (0, 0), (1, 0)])

    # === THE JOB === #

    @freeze_time("2026-03-09 05:00:00")
    def test_k10_the_daily_job_follows_the_days(self):
        with self.enter_registry_test_mode():
            self.env.ref(f"{MODULE}.ir_cron_dunning_refresh").sudo().method_direct_trigger()
        self.assertEqual(self.counts(TUESDAY)[0], (1, 0))
        self.assertEqual(len(self.env["dunning.day"].search([])), 2)

    def test_k10_what_goes_wrong_stops_no_work(self):
        days = type(self.env["dunning.day"])
        with (
            patch.object(days, "_follow", side_effect=ValueError("It broke")),
            mute_logger(
                "odoo.addons.account_recurrence_dunning.models.dunning.figures"
                ".dunning_company_day_mixin"
            ),
        ):
            self.follow(MONDAY)
        self.assertFalse(self.day(MONDAY))

    def test_k10_rule_16_a_copy_follows_nothing(self):
        self.company.sudo().dunning_home = "elsewhere@erp.example.com"
        self.assertNotIn(self.company, self.env["res.company"]._dunning_get_followed())

    # === THE STRIP === #

    def test_k10_the_strip(self):
        self.invoice_customers()
        self.follow(MONDAY)
        self.run_programs(MONDAY)
        self.follow(TUESDAY)
        self.run_programs(TUESDAY)
        with freeze_time("2026-03-10 09:00:00"):
            strip = self.cells()
            self.assertEqual(list(strip), ["2026-03-09", "2026-03-10"], "known since then")
            self.assertEqual(strip["2026-03-09"][0], "good")
            state, text = strip["2026-03-10"]
            self.assertEqual(state, "open")
            self.assertIn("Messages: expected 6, sent 6.", text)
        with freeze_time("2026-03-11 03:00:00"):
            self.assertEqual(self.cells()["2026-03-10"][0], "good", "before the job closes it")
        with freeze_time("2026-03-13 09:00:00"):
            strip = self.cells()
            self.assertEqual(strip["2026-03-10"][0], "missing", "the job did not close it")
            self.assertEqual(strip["2026-03-12"][0], "missing")
            state, text = strip["2026-03-13"]
            self.assertEqual(state, "open", "the job has not looked at it")
            self.assertIn("What is expected was not noted. Runs done: 0, messages sent: 0", text)
            self.assertEqual(self.cells("2026-03-09")["2026-03-09"][0], "good")

    def test_k10_the_list_tells_today_so_far(self):
        self.invoice_customers()
        self.follow(MONDAY)
        self.run_programs(MONDAY)
        self.follow(TUESDAY)
        self.run_programs(TUESDAY)
        rows = self.day(MONDAY) | self.day(TUESDAY) | self.day(WEDNESDAY)
        with freeze_time("2026-03-10 09:00:00"):
            rows = rows.with_user(self.clerk)
            self.assertEqual(
                [(row.made_runs, row.made_messages, row.state) for row in rows],
                [(1, 0, "good"), (1, 6, "open"), (0, 0, "open")],
            )
            self.assertEqual(self.counts(TUESDAY)[1], (6, 0), "noted when the day is over")

    def test_k10_the_graph_leaves_out_a_day_that_is_not_over(self):
        days = self.env["dunning.day"].with_user(self.clerk)
        today = self.company._get_job_today()
        self.env["dunning.day"].sudo().create(
            [
                {"company_id": self.company.id, "date": today, "expected_messages": 4},
                {
                    "company_id": self.company.id,
                    "date": today - timedelta(days=1),
                    "expected_messages": 3,
                    "done_messages": 3,
                    "state": "good",
                },
            ]
        )
        own = [("company_id", "=", self.company.id), ("date", ">=", today - timedelta(days=1))]
        (group,) = days.formatted_read_group(own, ["date:day"], ["done_messages:sum"])
        self.assertEqual(group["done_messages:sum"], 3)
        groups = days.formatted_read_group(own, ["date:day"], ["expected_messages:sum"])
        self.assertEqual([group["expected_messages:sum"] for group in groups], [3, 4])

    def test_k10_a_click_opens_what_the_day_made(self):
        self.invoice_customers()
        self.follow(MONDAY)
        self.run_programs(MONDAY)
        self.follow(TUESDAY)
        self.run_programs(TUESDAY)
        with freeze_time("2026-03-10 09:00:00"):
            found = []
            for day in ("2026-03-09", "2026-03-10"):
                action = self.company.action_dunning_figure("days", None, day)
                records = self.env[action["res_model"]].search(action["domain"])
                found.append((action["res_model"], len(records)))
            self.assertEqual(found, [("dunning.run", 1), ("dunning.reminder", 6)])
            row = self.day(TUESDAY)
            self.assertEqual(row.action_open_invoices()["res_model"], "recurrence.occurrence")
            self.assertEqual(row.action_open_runs()["res_model"], "dunning.run")
            with self.assertRaises(AccessError):
                row.with_user(self.biller).action_open_messages()

    def test_k10_the_strip_costs_the_same_for_thirty_days(self):
        self.follow(MONDAY)
        with freeze_time("2026-03-10 09:00:00"):
            self.company._dunning_tell_strip(TUESDAY)
            before = self.env.cr.sql_log_count
            self.company._dunning_tell_strip(TUESDAY)
            few = self.env.cr.sql_log_count - before
            self.env["dunning.day"].sudo().create(
                [
                    {"company_id": self.company.id, "date": MONDAY - timedelta(days=number)}
                    for number in range(1, 20)
                ]
            )
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.company._dunning_tell_strip(TUESDAY)
            self.assertLessEqual(self.env.cr.sql_log_count - before, few + 2)

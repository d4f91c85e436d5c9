import smtplib
from datetime import datetime
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError
from psycopg2.errors import CheckViolation

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DunningMailCommon

MODULE = "account_recurrence_dunning"


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 08:30:00")
class TestStatementSchedule(DunningMailCommon):
    """Statements that are sent by themselves: at their hour, once, to whom it says (C1)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.write({"name": "Late & Sons", "email": "a@customer.example"})
        cls.partner_b.write({"name": "Early Ltd", "email": "b@customer.example"})
        cls.late = cls.create_due_invoice("2026-03-01", 100.0)
        cls.coming = cls.create_due_invoice("2026-04-01", 40.0, partner=cls.partner_b)
        cls.clerk = cls.create_user("schedule_clerk", "dunning_group_user")
        cls.schedule = cls.env["dunning.statement.schedule"].create(
            {
                "name": "Monthly",
                "every": "monthly",
                "date_start": "2026-01-10",
                "user_id": cls.clerk.id,
            }
        )
        cls.since("2026-03-09 12:00:00")

    @classmethod
    def since(cls, moment, **vals):
        cls.schedule.sudo().write({"date_since": moment, "last_run": False, **vals})

    def run_jobs(self, *xmlids):
        for xmlid in xmlids or ("ir_cron_dunning_statements", "ir_cron_dunning_outbox"):
            with self.enter_registry_test_mode(), self.mock_mail_gateway():
                self.env.ref(f"{MODULE}.{xmlid}").sudo().method_direct_trigger()
        self.env.invalidate_all()

    def get_made(self):
        return self.env["dunning.reminder"].search(
            [("company_id", "=", self.company.id)], order="id"
        )

    # === WHEN === #

    def plan(self, moment, **vals):
        self.since(moment, **vals)
        return str(self.schedule.next_run)

    def test_rule_1_the_days_are_counted_from_the_first(self):
        self.assertEqual(self.plan("2026-03-09 12:00:00"), "2026-03-10 08:00:00")
        self.assertEqual(self.plan("2026-03-10 12:00:00"), "2026-04-10 08:00:00")
        month = {"date_start": "2026-01-31", "hour": 6.5}
        self.assertEqual(self.plan("2026-02-01 00:00:00", **month), "2026-02-28 06:30:00")
        self.assertEqual(self.plan("2026-03-01 00:00:00", **month), "2026-03-31 06:30:00")
        week = {"every": "weekly", "date_start": "2026-03-02", "hour": 8.0}
        self.assertEqual(self.plan("2026-03-10 00:00:00", **week), "2026-03-16 08:00:00")
        quarter = {"every": "quarterly", "date_start": "2026-01-01"}
        self.assertEqual(self.plan("2026-03-10 00:00:00", **quarter), "2026-04-01 08:00:00")
        self.assertEqual(self.plan("2025-03-10 00:00:00", **quarter), "2026-01-01 08:00:00")

    def test_the_hour_is_the_company_s(self):
        self.company.recurrence_dunning_tz = "America/New_York"
        self.assertEqual(self.plan("2026-03-09 12:00:00"), "2026-03-10 12:00:00")

    def test_c1_what_was_planned_before_a_change_is_not_made_up(self):
        self.schedule.hour = 7.0
        self.assertEqual(str(self.schedule.next_run), "2026-04-10 07:00:00")
        self.run_jobs()
        self.assertFalse(self.get_made())

    def test_c1_a_wrong_hour_is_refused(self):
        with (
            self.assertRaises(CheckViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.schedule.hour = 24.0

    # === WHAT AND TO WHOM === #

    def test_c1_statements_leave_on_their_day_and_raise_no_level(self):
        self.run_jobs("ir_cron_dunning_statements")
        made = self.get_made()
        self.assertEqual(made.mapped("state"), ["queued", "queued"])
        self.assertEqual(str(self.schedule.last_run), "2026-03-10 08:30:00")
        self.assertEqual(str(self.schedule.next_run), "2026-04-10 08:00:00")
        self.run_jobs("ir_cron_dunning_outbox")
        self.assertEqual(made.mapped("state"), ["sent", "sent"], made.mapped("failure_reason"))
        self.assertEqual(made.partner_id, self.partner_a + self.partner_b)
        self.assertEqual(made.line_ids.move_id, self.late + self.coming)
        self.assertEqual(
            made.mapped("email_to"),
            ['"Late & Sons" <a@customer.example>', '"Early Ltd" <b@customer.example>'],
        )
        self.assertEqual(len(made[0].mail_id.attachment_ids), 1)
        self.assertTrue(all(made.mapped("proof_hash")))
        self.assertEqual(self.late.dunning_level, 0)
        self.assertFalse(self.schedule.activity_ids)
        self.assertEqual(self.schedule.sent_count, 2)

    def test_c1_also_when_nothing_is_overdue_or_only_then(self):
        for which, customers in (
            ("open", self.partner_a + self.partner_b),
            ("overdue", self.partner_a),
            ("not_overdue", self.partner_b),
        ):
            self.schedule.which = which
            with self.subTest(which), self.env.cr.savepoint() as savepoint:
                action = self.schedule.with_user(self.clerk).action_open_customers()
                found = self.env["res.partner"].search(action["domain"])
                self.assertEqual(found.sorted("id"), customers.sorted("id"))
                self.run_jobs("ir_cron_dunning_statements")
                self.assertEqual(self.get_made().partner_id, customers)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_c1_customers_are_chosen_by_a_filter(self):
        self.schedule.filter_domain = "[('name', 'ilike', 'early')]"
        self.assertEqual(self.schedule.filter_user_id, self.env.user)
        self.run_jobs("ir_cron_dunning_statements")
        self.assertEqual(self.get_made().partner_id, self.partner_b)

    def test_d12_a_filter_that_does_not_work_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "does not work"):
            self.schedule.filter_domain = "[('nonsense', '=', 1)]"

    def test_c1_who_has_nothing_open_gets_none(self):
        self._register_payment(self.late)
        self.run_jobs("ir_cron_dunning_statements")
        self.assertEqual(self.get_made().partner_id, self.partner_b)

    def test_c1_each_in_the_language_of_its_customer(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.partner_b.lang = "de_DE"
        self.run_jobs()
        self.assertEqual(self.get_made().mapped("lang"), ["en_US", "de_DE"])
        self.assertIn("01.04.2026", self.get_made()[1].proof_body)

    def test_c1_a_missing_address_shows_and_stops_nobody(self):
        self.partner_a.email = False
        self.run_jobs()
        made = self.get_made()
        self.assertEqual(made.mapped("state"), ["undeliverable", "sent"])
        self.assertEqual(made[0].failure_code, "no_address")
        self.assertEqual(self.schedule.activity_ids.user_id, self.clerk)
        self.assertIn("somebody decides: 1", self.schedule.activity_ids.note)

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_rule_15_one_activity_for_what_the_mail_server_refused_later(self):
        self.run_jobs("ir_cron_dunning_statements")
        made = self.get_made()
        self.assertEqual(made.mapped("state"), ["queued", "queued"])
        self.assertFalse(self.schedule.activity_ids)
        with patch.object(
            self.registry["ir.mail_server"],
            "_connect__",
            side_effect=smtplib.SMTPSenderRefused(550, b"Not yours", "us@example.com"),
        ):
            for _attempt in range(6):
                made._send_queued(fields.Date.to_date("2026-03-10"))
        self.assertEqual(made.mapped("state"), ["failed", "failed"])
        self.assertRecordValues(
            self.schedule.activity_ids,
            [{"summary": "Statements were not delivered", "user_id": self.clerk.id}],
        )
        self.assertIn("until somebody decides", self.schedule.activity_ids.note)

    def test_rule_15_one_activity_for_statements_that_come_back(self):
        self.run_jobs("ir_cron_dunning_statements")
        made = self.get_made()
        with self.mock_mail_gateway():
            made._send_queued(fields.Date.to_date("2026-03-10"))
        self.assertEqual(made.mapped("state"), ["sent", "sent"])
        for statement in made:
            statement._message_receive_bounce(statement.email_to, statement.partner_id)
        self.assertEqual(made.mapped("state"), ["undeliverable", "undeliverable"])
        self.assertEqual(
            self.schedule.activity_ids.mapped("summary"), ["Statements were not delivered"]
        )

    def test_rule_17_of_its_own_company_alone(self):
        other = self.setup_other_company(name="Second")["company"]
        other.write({"recurrence_dunning_tz": "UTC", "dunning_active": True})
        self.init_invoice(
            "out_invoice", self.partner_a, "2026-03-01", post=True, amounts=[9.0], company=other
        )
        self.run_jobs("ir_cron_dunning_statements")
        made = self.env["dunning.reminder"].search([("is_statement", "=", True)])
        self.assertEqual(made.company_id, self.company)
        self.assertEqual(made.line_ids.move_id, self.late + self.coming)

    # === ONCE === #

    def test_rule_2_the_job_sends_none_twice(self):
        self.run_jobs()
        self.run_jobs()
        self.assertEqual(len(self.get_made()), 2)

    def test_rule_2_after_a_crash_the_rest_is_made(self):
        slot = self.schedule.next_run
        self.schedule._queue_statements(self.schedule._get_customers(self.partner_a.ids), slot)
        first = self.get_made()
        self.run_jobs("ir_cron_dunning_statements")
        self.assertEqual((self.get_made() - first).partner_id, self.partner_b)
        self.assertEqual(str(self.schedule.last_run), "2026-03-10 08:30:00")

    def test_rule_2_one_that_was_not_delivered_is_not_made_again(self):
        self.partner_a.email = False
        slot = self.schedule.next_run
        self.schedule._queue_statements(self.schedule._get_customers(self.partner_a.ids), slot)
        self.run_jobs("ir_cron_dunning_statements")
        self.assertEqual(len(self.get_made()), 2)

    def test_rule_2_two_schedules_send_one_a_day(self):
        self.schedule.copy({"name": "Also"}).sudo().write({"date_since": "2026-03-09 12:00:00"})
        self.run_jobs("ir_cron_dunning_statements")
        self.assertEqual(len(self.get_made()), 2)

    def test_rule_2_the_database_refuses_a_second_one(self):
        slot = self.schedule.next_run
        customers = self.schedule._get_customers(self.partner_a.ids)
        self.schedule._queue_statements(customers, slot)
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.env["dunning.reminder"]._queue_statements(
                self.schedule._get_statements(customers),
                {"statement_schedule_id": self.schedule.id, "statement_slot": slot},
            )

    def test_rule_15_one_bad_customer_stops_no_other_and_is_told(self):
        reminders = self.registry["dunning.reminder"]
        create = reminders._create_statements
        partner = self.partner_a

        def fail(self, statements, values):
            if partner in statements.partner_id:
                raise ZeroDivisionError
            return create(self, statements, values)

        self.patch(reminders, "_create_statements", fail)
        with mute_logger("odoo.addons.account_recurrence_dunning.models.common.isolation"):
            self.run_jobs("ir_cron_dunning_statements")
        self.assertEqual(self.get_made().partner_id, self.partner_b)
        self.assertIn("Late &amp; Sons: ZeroDivisionError", self.schedule.activity_ids.note)

    # === WHERE NOTHING MAY LEAVE === #

    def test_rule_21_off_is_off(self):
        self.company.dunning_active = False
        self.run_jobs()
        self.assertFalse(self.get_made())
        self.assertTrue(self.schedule.is_on_hold)
        self.company.dunning_active = True
        self.run_jobs()
        self.assertEqual(len(self.get_made()), 2, "what was missed is made up for once")

    def test_rule_21_what_was_queued_waits_for_a_person(self):
        self.run_jobs("ir_cron_dunning_statements")
        self.company.dunning_active = False
        self.run_jobs("ir_cron_dunning_outbox")
        self.assertEqual(set(self.get_made().mapped("state")), {"queued"})

    def test_rule_16_a_copy_of_the_database_sends_none(self):
        self.company.sudo().dunning_home = "elsewhere@somewhere"
        self.run_jobs()
        self.assertFalse(self.get_made())
        self.assertTrue(self.schedule.is_on_hold)

    def test_an_archived_schedule_rests(self):
        self.schedule.active = False
        self.assertFalse(self.schedule.next_run)
        self.run_jobs()
        self.assertFalse(self.get_made())

    def test_a_clock_that_ran_ahead_does_not_stop_it(self):
        self.since("2026-03-09 12:00:00")
        self.schedule.sudo().last_run = datetime(2031, 1, 1)
        self.run_jobs("ir_cron_dunning_statements")
        self.assertEqual(str(self.schedule.next_run), "2026-04-10 08:00:00")

    # === ON SCREEN === #

    def test_c1_its_statements_are_listed(self):
        self.run_jobs("ir_cron_dunning_statements")
        action = self.schedule.with_user(self.clerk).action_open_statements()
        found = self.env["dunning.reminder"].with_user(self.clerk).search(action["domain"])
        self.assertEqual(len(found), 2)
        self.assertEqual(found[0].display_name, "Early Ltd: Statement of open items")

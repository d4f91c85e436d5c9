"""A real copy of a database under another name, its jobs run by a process of their own (rule 16).

Without a template database of the developer's tools the test is skipped.
"""

from datetime import date
from pathlib import Path

from aiosmtpd.controller import Controller

from odoo.exceptions import UserError
from odoo.sql_db import close_db
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from .common import RecurrenceInvoiceCommon
from .process_case import ProcessCase
from .smtp_case import get_free_port

TIMEOUT = 600
NEUTRALIZE = Path(__file__).parents[1] / "data" / "neutralize.sql"

# Recurrences alone in one company, dunning in another: each half is protected by itself.
PREPARE = """
from datetime import timedelta
from odoo.fields import Command
env["ir.mail_server"].search([]).active = False
env["ir.mail_server"].create({"name": "Test", "smtp_host": "127.0.0.1", "smtp_port": %(port)s,
                              "smtp_encryption": "none"})
user = env.ref("base.user_admin")
user.email = "admin@us.example"
billing = env["res.company"].create({"name": "Billing", "email": "billing@us.example"})
dunning = env["res.company"].create({"name": "Dunning", "email": "dunning@us.example"})
user.company_ids += billing + dunning
for company in billing + dunning:
    env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
today = billing._get_job_today()
env = env(context={"allowed_company_ids": billing.ids})
customer = env["res.partner"].create(
    {"name": "Customer", "email": "customer@them.example", "invoice_sending_method": "email"})
for mode in ("draft", "post", "send"):
    template = env["account.move"].create({
        "move_type": "out_invoice", "is_recurrence_template": True, "partner_id": customer.id,
        "invoice_line_ids": [Command.create({"name": "Support", "price_unit": 100.0})]})
    env["recurrence.schedule"].create({
        "name": mode, "target": "invoice", "template_move_id": template.id, "invoice_mode": mode,
        "user_id": user.id, "date_start": today, "rrule_type": "monthly", "month_by": "date",
        "day": today.day}).action_generate()
env["recurrence.schedule"].create({
    "name": "Call", "user_id": user.id, "date_start": today, "rrule_type": "daily",
    "partner_id": customer.id, "subject": "partner"}).action_generate()
assert not billing.dunning_active
env = env(context={"allowed_company_ids": dunning.ids})
dunning = dunning.with_env(env)
dunning.write({"dunning_active": True, "dunning_activation_date": "2020-01-01",
               "dunning_grace_days": 0})
program = dunning.dunning_program_id
program.write({"mode": "automatic", "user_id": user.id, "report_user_ids": [user.id]})
program.level_ids.attach_statement = False
days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
program.schedule_ids.write(dict.fromkeys(days, True))
program.schedule_ids.write({"hour": 0.0, "date_since": today - timedelta(days=2)})
for number in range(2):
    debtor = env["res.partner"].create({"name": f"Debtor {number}", "email": "debtor@them.example"})
    move = env["account.move"].create({
        "move_type": "out_invoice", "partner_id": debtor.id, "invoice_payment_term_id": False,
        "invoice_date": today - timedelta(days=40), "invoice_date_due": today - timedelta(days=10),
        "invoice_line_ids": [Command.create({"name": "X", "price_unit": 100.0})]})
    move.action_post()
    move.is_move_sent = True
    if not number:
        env["dunning.run"]._execute_for(dunning, today, moves=move)
env.cr.commit()
print("DONE")
"""
JOBS = """
import logging
logging.getLogger("odoo.addons.mail.models.mail_mail").setLevel(logging.CRITICAL)
for name in ("account_recurrence_dunning.recurrence_cron_run_due",
             "account_recurrence_dunning.ir_cron_dunning_run",
             "account_recurrence_dunning.ir_cron_dunning_statements",
             "account_recurrence_dunning.ir_cron_dunning_outbox",
             "account_recurrence_dunning.ir_cron_dunning_refresh",
             "account.ir_cron_account_move_send", "mail.ir_cron_mail_scheduler_action"):
    env.ref(name).method_direct_trigger()
    env.cr.commit()
print("DONE")
"""
CONFIRM = """
env["res.company"].search([("name", "in", ("Billing", "Dunning"))]).action_dunning_confirm_move()
env.cr.commit()
print("DONE")
"""
# What the original had posted and queued for Odoo's own jobs when it was copied.
HALF_WAY = """
schedule = env["recurrence.schedule"].search([("name", "=", "send")])
env = env(context={"allowed_company_ids": schedule.company_id.ids})
schedule.with_env(env).occurrence_ids.sorted("date")[:1].action_issue()
env.cr.commit()
print("DONE")
"""


class Post:
    def __init__(self):
        self.kept = []

    async def handle_DATA(self, server, session, envelope):
        self.kept.extend(envelope.rcpt_tos)
        return "250 OK"


@tagged("post_install", "-at_install")
class TestJobCopy(ProcessCase):
    def setUp(self):
        super().setUp()
        self.post = Post()
        port = get_free_port()
        server = Controller(self.post, hostname="127.0.0.1", port=port)
        server.start()
        self.addCleanup(server.stop)
        self.run_script(PREPARE, port=port)
        self.post.kept.clear()  # colleagues who were assigned something

    def run_script(self, script, database=None, **values):
        process = self.start(script, database=database, **values)
        output = process.stdout.read()
        process.wait(TIMEOUT)
        self.assertIn("DONE", output)

    def copy_database(self, name):
        close_db(self.database)
        names = SQL.identifier(name), SQL.identifier(self.database)
        self._administer(SQL("CREATE DATABASE %s TEMPLATE %s", *names))
        self.addCleanup(self._administer, SQL("DROP DATABASE %s WITH (FORCE)", names[0]))
        self.addCleanup(close_db, name)
        return name

    def count(self, database):
        """Return number of invoices of recurrences by state, activities, reminders by state."""
        moves = """
            SELECT state, count(*) FROM account_move
             WHERE recurrence_occurrence_id IS NOT NULL GROUP BY 1
        """
        activities = "SELECT count(*) FROM mail_activity WHERE recurrence_occurrence_id IS NOT NULL"
        reminders = "SELECT state, count(*) FROM dunning_reminder GROUP BY 1"
        return (
            dict(self.query(moves, database)),
            self.query(activities, database)[0][0],
            dict(self.query(reminders, database)),
        )

    def test_rule_16_a_copy_issues_and_sends_nothing_until_it_is_said_to_be_moved(self):
        copy = self.copy_database(f"{self.database}_copy")
        self.run_script(JOBS, database=copy)
        self.assertEqual(self.post.kept, [])
        self.assertEqual(self.count(copy), ({}, 0, {"queued": 1}))
        runs = self.query("SELECT count(*) FROM dunning_run WHERE by_hand IS NOT TRUE", copy)
        self.assertEqual(runs, [(0,)])

        self.run_script(HALF_WAY)
        self.assertEqual(self.post.kept, [])
        second = self.copy_database(f"{self.database}_later")
        self.run_script(JOBS, database=second)
        self.assertEqual(self.post.kept, [], "what the original posted is sent by the original")
        self.assertEqual(self.count(second), ({"posted": 1}, 0, {"queued": 1}))

        # the original goes on, and so does the copy once a manager says that it was moved
        self.run_script(JOBS)
        expected = {"draft": 1, "posted": 2}, 1, {"sent": 2}
        self.assertEqual(self.count(self.database), expected)
        self.assertEqual(self.post.kept.count("customer@them.example"), 1)
        self.assertEqual(self.post.kept.count("debtor@them.example"), 2)
        self.post.kept.clear()
        self.run_script(CONFIRM, database=second)
        self.run_script(JOBS, database=second)
        self.assertEqual(self.count(second), expected)
        self.assertEqual(self.post.kept.count("customer@them.example"), 1)
        self.assertEqual(self.post.kept.count("debtor@them.example"), 2)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-01 10:00:00")
class TestJobCopyByHand(RecurrenceInvoiceCommon):
    """What a person may do in a copy: issue to try it out, but send nothing to a customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.partner_a.write({"email": "a@customer.example", "invoice_sending_method": "email"})

    def start_schedule(self, **vals):
        schedule = self.create_schedule(self.partner_a, date_start=date(2026, 3, 1), **vals)
        schedule.action_generate()
        return schedule

    def move_away(self):
        self.company.sudo().dunning_home = "production@erp.example.com"

    def test_the_home_is_where_the_first_schedule_starts(self):
        self.assertFalse(self.company.dunning_home)
        self.assertFalse(self.company._is_job_copy())
        self.start_schedule()
        self.assertEqual(self.company.dunning_home, self.company._get_dunning_home())
        self.assertFalse(self.company.dunning_active)

    def test_what_is_started_in_a_copy_makes_it_no_home(self):
        self.move_away()
        self.start_schedule()
        self.company.sudo().dunning_active = True
        self.assertEqual(self.company.dunning_home, "production@erp.example.com")
        self.assertTrue(self.company._is_job_copy())

    def test_an_upgrade_notes_the_home_of_what_is_in_use(self):
        schedule = self.start_schedule()
        self.company.sudo().dunning_home = False
        self.env["res.company"].sudo()._keep_homes_in_use()
        self.assertFalse(self.company.dunning_home, "no job has run it yet")
        schedule.sudo().run_date = "2026-03-01"
        self.env["res.company"].sudo()._keep_homes_in_use()
        self.assertTrue(self.company.dunning_home)

    def test_the_job_issues_nothing_and_the_screens_say_why(self):
        schedule = self.start_schedule(invoice_mode="post")
        self.move_away()
        self.env["recurrence.issuing"]._issue_due(self.company, date(2026, 3, 1))
        self.assertFalse(schedule.invoice_ids)
        self.assertEqual(schedule.hold_text, "On hold: a copy?")
        settings = self.env["res.config.settings"].sudo().create({})
        self.assertTrue(settings.dunning_is_copy)
        settings.action_dunning_confirm_move()
        self.env["recurrence.issuing"]._issue_due(self.company, date(2026, 3, 1))
        self.assertEqual(schedule.invoice_ids.state, "posted")
        schedule.invalidate_recordset(["hold_text"])
        self.assertFalse(schedule.hold_text)

    def test_posting_by_hand_works_sending_is_refused(self):
        schedule = self.start_schedule(invoice_mode="post")
        second = self.start_schedule(invoice_mode="send")
        self.move_away()
        schedule.occurrence_ids.sorted("date")[:1].action_issue()
        self.assertEqual(schedule.invoice_ids.state, "posted")
        with self.assertRaisesRegex(UserError, "may be a copy"):
            second.occurrence_ids.sorted("date")[:1].action_issue()
        self.assertFalse(second.invoice_ids)
        send = self.env["account.move.send"]
        with self.assertRaisesRegex(UserError, "may be a copy"):
            send._generate_and_send_invoices(schedule.invoice_ids, sending_methods=["email"])
        send._generate_and_send_invoices(schedule.invoice_ids, sending_methods=["manual"])
        self.assertTrue(schedule.invoice_ids.invoice_pdf_report_id)

    def test_neutralized_no_recurrence_issues_by_itself(self):
        schedule = self.start_schedule(invoice_mode="send")
        schedule.occurrence_ids.sorted("date")[:1].action_issue()
        invoice = schedule.invoice_ids
        self.assertTrue(invoice.sending_data)
        mail = self.env["mail.mail"].sudo()
        mail = mail.create({"model": "account.move", "res_id": invoice.id, "body_html": "x"})
        self.env.flush_all()
        self.env.cr.execute(NEUTRALIZE.read_text())
        self.env.invalidate_all()
        self.assertEqual(schedule.invoice_mode, "confirm")
        self.assertFalse(invoice.sending_data)
        self.assertEqual(mail.state, "cancel")

    def test_other_invoices_are_sent_by_odoos_job_in_a_copy(self):
        schedule = self.start_schedule(invoice_mode="send")
        schedule.occurrence_ids.sorted("date")[:1].action_issue()
        other = self._create_invoice_one_line(
            price_unit=10.0, partner_id=self.partner_a, invoice_date="2026-03-01", post=True
        )
        other.sending_data = {"author_user_id": self.env.user.id}
        self.move_away()
        with self.enter_registry_test_mode():
            self.env.ref("account.ir_cron_account_move_send").sudo().method_direct_trigger()
        self.env.invalidate_all()
        self.assertTrue(other.is_move_sent)
        self.assertFalse(schedule.invoice_ids.is_move_sent)
        self.assertTrue(schedule.invoice_ids.sending_data)

    # === WHAT ELSE THE ORIGINAL HAD QUEUED === #

    def queue_invitation_and_alarm(self):
        """Return what waits about a meeting of a recurrence and about a job, and another mail."""
        meeting = self.env["mail.activity.type"].search([("category", "=", "meeting")], limit=1)
        schedule = self.env["recurrence.schedule"].create(
            {
                "name": "Visit",
                "company_id": self.company.id,
                "date_start": date(2026, 3, 1),
                "rrule_type": "daily",
                "subject": "partner",
                "partner_id": self.partner_a.id,
                "activity_type_id": meeting.id,
            }
        )
        schedule.action_generate()
        schedule.sudo()._run_due(date(2026, 3, 1))
        mails = self.env["mail.mail"].sudo()
        events = schedule.sudo().occurrence_ids.event_id
        self.assertTrue(events)
        own_meeting = self.env["calendar.event"].create(
            {"name": "Lunch", "start": "2026-03-02 12:00:00", "stop": "2026-03-02 13:00:00"}
        )
        values = {"email_to": "guest@them.example", "body_html": "x", "model": "calendar.event"}
        invitations = mails.create([{**values, "res_id": event.id} for event in events])
        other = mails.create({**values, "res_id": own_meeting.id})
        self.env.user.email = "me@us.example"
        before = mails.search([])
        self.env["ir.cron"].sudo()._tell_user(self.env.user, ["The job did not run."])
        return invitations + (mails.search([]) - before), other

    def test_rule_16_invitations_and_alarms_are_sent_by_the_original(self):
        kept, other = self.queue_invitation_and_alarm()
        self.assertEqual(set(kept.mapped("model")), {"calendar.event", "ir.cron"})
        self.assertEqual(
            (kept + other)._without_held_copies(), kept + other, "this is the original"
        )
        self.move_away()
        self.assertEqual((kept + other)._without_held_copies(), other)
        self.env["mail.activity"].sudo().search([]).active = False
        self.assertEqual((kept + other)._without_held_copies(), other, "also once it is done")
        self.env.flush_all()
        self.env.cr.execute(NEUTRALIZE.read_text())
        self.env.invalidate_all()
        self.assertEqual(set(kept.mapped("state")), {"cancel"})
        self.assertEqual(other.state, "outgoing")

    def test_rule_16_neutralizing_names_all_own_models_people_write_about(self):
        sql = NEUTRALIZE.read_text()
        for name, model in self.registry.items():
            own = model._original_module == "account_recurrence_dunning"
            if own and not model._abstract and "message_ids" in model._fields:
                self.assertIn(f"'{name}'", sql)

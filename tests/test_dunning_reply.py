from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DunningMailCommon
from .test_dunning_auto_reply_pure import AUTOMATIC, EXIM, EXIM_DELAY, MEETING, POSTFIX, RECEIPT

GATEWAY = "odoo.addons.mail.models.mail_thread"


class ReplyCommon(DunningMailCommon):
    """A company with an alias domain; 10 March 2026, the first level was sent to a customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2026-03-10 10:00:00"))
        cls.domain = cls.env["mail.alias.domain"].create(
            {"name": "us.example", "bounce_alias": "bounce", "catchall_alias": "catchall"}
        )
        cls.company.write({"name": "Brightwater", "email": "billing@us.example"})
        cls.company.alias_domain_id = cls.domain
        cls.clerk = cls.create_user("reply_clerk", "dunning_group_user")
        cls.clerk.sudo().email = "clerk@us.example"
        cls.program.user_id = cls.clerk
        cls.partner_a.write({"name": "Anna Muster", "email": "anna@customer.example"})
        cls.partner_b.write({"name": "Bolt Ltd", "email": "bolt@other.example"})
        cls.move = cls.create_due_invoice("2026-03-01", 120.0)

    def setUp(self):
        super().setUp()
        self.reminder = self.execute("2026-03-10").reminder_ids

    def receive(self, text, reminder=None):
        """Give a raw message to Odoo's mail gateway; it refers to a reminder's."""
        message_id = (reminder or self.reminder).mail_message_id.message_id
        raw = text.replace("<reminder-1@us.example>", message_id).encode()
        with self.mock_mail_gateway(), mute_logger(GATEWAY):
            return self.env["mail.thread"].message_process(False, raw)

    def answer(
        self,
        body="I paid on Monday.",
        number=1,
        sender="Anna Muster <anna@customer.example>",
        to="reminders@us.example",
        subject="Re: Reminder",
        reference=True,
    ):
        """Let a customer answer."""
        refers = "In-Reply-To: <reminder-1@us.example>\n" if reference else ""
        return self.receive(
            f"From: {sender}\nTo: {to}\nSubject: {subject}\n"
            f"Message-ID: <answer-{number}@customer.example>\n{refers}"
            f'Content-Type: text/plain; charset="utf-8"\n\n{body}\n\n> Please pay\n'
        )

    def get_tasks(self, record=None):
        return (record or self.reminder).activity_ids

    def assertNothingMade(self):
        """Neither a task on the reminder nor a pause."""
        self.assertFalse(self.get_tasks())
        self.assertFalse(self.get_blocks())

    def get_blocks(self):
        return self.env["dunning.block"].search([("kind", "=", "reply")])

    def get_decision(self, day):
        """Return the reason and the sentence of the simulation of a day for the invoice."""
        run = self.env["dunning.run"].create({"date": day, "company_id": self.company.id})
        run.action_simulate()
        line = run.line_ids.filtered(lambda ln: ln.move_id == self.move)
        return line.decision, line.reason, line.reason_text


@tagged("post_install", "-at_install")
class TestDunningReply(ReplyCommon):
    """Customers answer reminders: somebody is told, and further ones wait (C4)."""

    # === WHERE ANSWERS GO === #

    def test_c4_answers_go_to_an_address_of_the_company(self):
        alias = self.company.dunning_alias_id
        self.assertEqual(alias.alias_full_name, "reminders@us.example")
        self.assertEqual(self.reminder.mail_id.reply_to, '"Brightwater" <reminders@us.example>')
        self.assertTrue(self.reminder._can_be_answered())

    def test_c4_each_company_has_an_address_of_its_own(self):
        other = self.env["res.company"].create(
            {"name": "Second", "alias_domain_id": self.domain.id, "dunning_active": True}
        )
        name = f"reminders-{other.id}"
        self.assertEqual(other.dunning_alias_id.alias_name, name)
        third = self.env["mail.alias.domain"].create({"name": "third.example"})
        other.alias_domain_id = third
        self.assertEqual(other.dunning_alias_id.alias_full_name, f"{name}@third.example")

    def test_c4_without_an_alias_domain_no_text_asks_for_an_answer(self):
        self.company.alias_domain_id = False
        self.assertFalse(self.reminder._can_be_answered())
        self.create_due_invoice("2026-03-01", 80.0, partner=self.partner_b)
        reminder = self.execute("2026-03-10").reminder_ids
        self.assertEqual(reminder.mail_id.reply_to, reminder.email_from)
        self.assertFalse(self.program.answer_address)

    def test_c4_a_program_may_have_the_sender_answered(self):
        self.program.write(
            {"answers_to": "sender", "sender": "user", "sender_user_id": self.clerk.id}
        )
        self.create_due_invoice("2026-03-01", 80.0, partner=self.partner_b)
        reminder = self.execute("2026-03-10").reminder_ids
        self.assertEqual(reminder.mail_id.reply_to, self.clerk.email_formatted)

    # === AN ANSWER === #

    def test_c4_an_answer_shows_asks_somebody_and_holds(self):
        self.answer()
        message = self.reminder.message_ids[0]
        self.assertEqual(message.message_type, "email")
        self.assertEqual(message.author_id, self.partner_a)
        self.assertIn("I paid on Monday.", message.body)
        task = self.get_tasks()
        self.assertEqual(task.user_id, self.clerk)
        self.assertEqual(task.date_deadline, date(2026, 3, 10))
        self.assertIn("I paid on Monday.", task.note)
        self.assertNotIn("Please pay", task.note)
        for record in (self.partner_a, self.move):
            line = record.message_ids[0]
            self.assertIn("Anna Muster replied to the", line.body)
            self.assertIn(f'data-oe-id="{self.reminder.id}"', line.body)
            self.assertIn("03/16/2026", line.body)
            self.assertNotIn("I paid", line.body)
            self.assertTrue(line.is_internal or line.subtype_id.internal)
        self.assertEqual(self.reminder.reply_date, date(2026, 3, 10))
        self.assertEqual(self.reminder.reply_hold_until, date(2026, 3, 16))

    def test_c4_what_the_customer_quotes_is_not_in_the_task(self):
        self.receive(
            "From: anna@customer.example\nTo: reminders@us.example\nSubject: Re: Reminder\n"
            "Message-ID: <html-1@customer.example>\nIn-Reply-To: <reminder-1@us.example>\n"
            'Content-Type: text/html; charset="utf-8"\n\n<div>See the receipt.</div>'
            '<blockquote type="cite">Hello Acme, please pay</blockquote>\n'
        )
        note = self.get_tasks().note
        self.assertIn("See the receipt.", note)
        self.assertNotIn("please pay", note)
        self.assertIn("please pay", self.reminder.message_ids[0].body)

    def test_c4_the_pause_is_told_and_ends_by_itself(self):
        self.assertEqual(self.get_decision("2026-03-17")[:2], ("remind", "level_due"))
        self.company.dunning_reply_days = 10
        self.answer()
        for day in ("2026-03-10", "2026-03-17", "2026-03-19"):
            decision, reason, sentence = self.get_decision(day)
            self.assertEqual((decision, reason), ("skip", "reply"))
            self.assertEqual(
                sentence, "The customer replied on 03/10/2026: not reminded until 03/19/2026."
            )
        self.assertEqual(self.get_decision("2026-03-20")[:2], ("remind", "level_due"))
        self.assertEqual(self.move.dunning_next_date, date(2026, 3, 20))

    def test_c4_rule_8_what_is_queued_does_not_leave(self):
        self.env["dunning.reminder"].search([]).line_ids.move_line_id.flush_recordset()
        queued = self.queue("2026-03-25")
        self.assertEqual(queued.state, "queued")
        with freeze_time("2026-03-24 09:00:00"):
            self.answer()
        self.send(queued, "2026-03-25")
        self.assertEqual(queued.state, "cancelled")
        self.assertEqual(queued.line_ids.drop_reason, "reply")

    def test_c4_an_answer_of_a_later_day_holds_longer_in_the_same_task(self):
        self.answer()
        with freeze_time("2026-03-12 10:00:00"):
            self.answer("And here is the receipt.", number=2)
            self.assertEqual(self.reminder.reply_hold_until, date(2026, 3, 18))
        task = self.get_tasks()
        self.assertEqual(len(task), 1)
        self.assertIn("I paid on Monday.", task.note)
        self.assertIn("And here is the receipt.", task.note)
        self.assertEqual(len(self.get_blocks()), 1)

    def test_c4_after_the_task_is_done_an_answer_makes_another(self):
        self.answer()
        self.get_tasks().with_user(self.clerk).action_feedback()
        self.answer("One more thing.", number=2)
        self.assertEqual(len(self.get_tasks()), 1)
        self.assertNotIn("Monday", self.get_tasks().note)

    def test_c4_the_same_message_twice_is_one(self):
        self.answer()
        self.answer()
        self.assertEqual(
            len(self.reminder.message_ids.filtered(lambda m: m.message_type == "email")), 1
        )

    def test_c4_continue_reminding(self):
        self.company.dunning_reply_days = 10
        self.answer()
        self.assertEqual(self.get_decision("2026-03-17")[:2], ("skip", "reply"))
        self.reminder.with_user(self.clerk).action_continue()
        self.assertEqual(self.get_blocks().lifted_user_id, self.clerk)
        self.assertFalse(self.reminder.reply_hold_until)
        self.assertEqual(self.get_decision("2026-03-17")[:2], ("remind", "level_due"))
        stranger = self.create_user("reply_stranger", "account.group_account_invoice")
        with self.assertRaises(AccessError):
            self.reminder.with_user(stranger).action_continue()

    def test_c4_off_holds_nothing(self):
        self.company.dunning_reply_days = 0
        self.answer()
        self.assertFalse(self.get_blocks())
        self.assertEqual(len(self.get_tasks()), 1)
        self.assertNotIn("blocked", self.move.message_ids[0].body)

    def test_c4_the_days_are_bounded(self):
        for days in (-1, 366):
            with self.assertRaises(ValidationError):
                self.company.dunning_reply_days = days

    def test_c4_what_a_person_decided_of_the_pause_stays(self):
        self.answer()
        self.get_blocks().date_until = False
        self.answer("Hello?", number=2)
        self.assertFalse(self.get_blocks().date_until)
        self.assertEqual(self.get_decision("2026-05-01")[1], "reply")

    def test_c4_a_test_holds_nothing(self):
        self.reminder.sudo().is_test = True
        self.answer()
        self.assertNothingMade()

    def test_c4_what_a_script_posts_as_an_answer_counts(self):
        self.reminder.sudo().message_post(
            body="I dispute it", author_id=self.partner_a.id, message_type="email"
        )
        self.assertEqual(len(self.get_tasks()), 1)
        self.assertEqual(len(self.get_blocks()), 1)

    def test_rule_19_what_a_colleague_posts_as_an_e_mail_is_none_of_the_customer(self):
        self.reminder.with_user(self.clerk).sudo(False).message_post(
            body="I owe this",
            author_id=self.partner_a.id,
            email_from="Anna Muster <anna@customer.example>",
            message_type="email",
        )
        self.assertNothingMade()
        self.assertFalse(self.reminder.sudo().received_ids)
        self.answer()
        self.assertIn("I paid on Monday", self.reminder.sudo().received_ids.body)

    def test_c4_hostile_text_stays_text(self):
        self.answer(
            body="<script>alert(1)</script><img src=x onerror=alert(1)>",
            sender='"<b>Anna</b> %(reminder)s" <evil@evil.example>',
        )
        note, line = self.get_tasks().note, self.move.message_ids[0].body
        self.assertNotIn("<script", note + line)
        self.assertNotIn("<img", note + line)
        self.assertIn("&lt;b&gt;Anna", line)

    # === WHO ANSWERS, WHO IS ASKED === #

    def test_c4_a_colleague_is_no_customer(self):
        senders = ("clerk@us.example", "billing@us.example", "reminders@us.example")
        for number, sender in enumerate(senders):
            self.answer("I talked to them.", number=number, sender=sender)
        self.assertEqual(
            len(self.reminder.message_ids.filtered(lambda m: m.message_type == "email")), 3
        )
        self.assertNothingMade()
        self.assertFalse(self.reminder.reply_date)

    def test_c4_a_colleague_who_is_the_customer_is_one(self):
        self.partner_a.email = "clerk@us.example"
        self.reminder.sudo().email_to = "clerk@us.example"
        self.answer(sender="clerk@us.example")
        self.assertEqual(len(self.get_tasks()), 1)

    def test_c4_an_unknown_colleague_of_the_customer_answers_for_him(self):
        self.answer(sender="Boss <boss@customer.example>")
        self.assertEqual(len(self.get_tasks()), 1)
        self.assertIn("Boss", self.move.message_ids[0].body)

    def test_c4_the_sender_is_asked_first_then_who_may(self):
        self.assertEqual(self.reminder._get_responsible(), self.clerk)
        sender = self.create_user("reply_sender", "dunning_group_user")
        self.reminder.sudo().user_id = sender
        self.assertEqual(self.reminder._get_responsible(), sender)
        (sender | self.clerk).sudo().active = False
        manager = self.create_user("reply_manager", "dunning_group_manager")
        found = self.reminder._get_responsible()
        self.assertTrue(found.active and found.has_group("base.group_user"))
        self.assertIn(self.company, found.company_ids)
        self.assertTrue(found._has_group("account_recurrence_dunning.dunning_group_manager"))
        self.assertTrue(manager)

    # === WITHOUT A REFERENCE === #

    def test_c4_an_invoice_number_in_the_subject_finds_the_last_reminder_of_it(self):
        second = self.execute("2026-03-17").reminder_ids
        self.answer(reference=False, subject=f"Payment of {self.move.name}")
        self.assertEqual(len(self.get_tasks(second)), 1)
        self.assertFalse(self.get_tasks())

    def test_c4_the_subject_of_the_reminder_finds_it(self):
        self.answer(reference=False, subject=f"AW: {self.reminder.subject}")
        self.assertEqual(len(self.get_tasks()), 1)

    def test_c4_the_number_of_somebody_else_s_invoice_finds_nothing_of_theirs(self):
        self.answer(reference=False, sender="bolt@other.example", subject=f"About {self.move.name}")
        self.assertNothingMade()
        self.assertEqual(self.partner_b.activity_ids.user_id, self.clerk)

    def test_c4_what_names_nothing_stands_on_the_customer(self):
        self.answer(reference=False, subject="Hello", body="When is the office open?")
        self.assertNothingMade()
        self.assertIn("When is the office open?", self.partner_a.message_ids[0].body)
        task = self.partner_a.activity_ids
        self.assertEqual(task.user_id, self.clerk)
        self.assertIn("When is the office open?", task.note)

    def test_c4_what_is_from_nobody_stands_on_the_program(self):
        self.answer(reference=False, sender="who@nowhere.example", subject="Hello", body="Hm?")
        self.assertIn("Hm?", self.program.message_ids[0].body)
        self.assertEqual(self.program.activity_ids.user_id, self.clerk)

    def test_c4_an_answer_to_a_deleted_reminder_is_not_lost(self):
        message = self.reminder.mail_message_id
        message.sudo().res_id = 0x7FFFFFFF
        self.answer(subject="Re: something")
        self.assertIn("I paid on Monday.", self.partner_a.message_ids[0].body)

    def test_c4_a_colleague_who_passes_one_on_finds_the_reminder(self):
        self.answer(reference=False, sender="clerk@us.example", subject=f"WG: {self.move.name}")
        self.assertEqual(self.reminder.message_ids[0].message_type, "email")
        self.assertFalse(self.get_tasks())
        self.answer(reference=False, sender="clerk@us.example", subject="WG: hm", number=2)
        self.assertEqual(self.program.activity_ids.user_id, self.clerk)

    def test_c4_companies_never_mix(self):
        other = self.setup_other_company()["company"]
        other.write({"alias_domain_id": self.domain.id, "dunning_active": True})
        address = other.dunning_alias_id.alias_full_name
        self.answer(reference=False, to=address, subject=f"Payment of {self.move.name}")
        self.assertNothingMade()

    # === PROGRAMS THAT ANSWER === #

    def assertNothingHeld(self, label):
        message = self.reminder.message_ids[0]
        self.assertIn(label, message.body)
        self.assertEqual(message.message_type, "notification")
        self.assertEqual(message.subtype_id, self.env.ref("mail.mt_note"))
        self.assertFalse(message.notification_ids)
        self.assertNothingMade()
        self.assertFalse(self.reminder.reply_date)
        self.assertEqual(self.reminder.state, "sent")
        self.assertEqual(self.move.dunning_level, 1)

    def test_c4_automatic_answers_hold_nothing(self):
        for number, (name, text) in enumerate(AUTOMATIC.items()):
            with self.subTest(name):
                self.receive(text.replace("<answer-1@", f"<answer-{number}@"))
                self.assertNothingHeld("Automatic reply")

    def test_c4_automatic_answers_to_the_way_back_are_shown(self):
        text = AUTOMATIC["vacation"].replace("reminders@us.example", "bounce@us.example")
        self.receive(text)
        self.assertNothingHeld("Automatic reply")

    def test_c4_a_person_who_writes_to_the_way_back_is_heard(self):
        self.answer(to="bounce@us.example")
        self.assertEqual(len(self.get_tasks()), 1)
        self.assertEqual(self.reminder.message_ids[0].author_id, self.partner_a)

    def test_c4_receipts_invitations_and_delays_hold_nothing(self):
        self.receive(RECEIPT)
        self.assertNothingHeld("Receipt: the message was displayed")
        self.receive(MEETING)
        self.assertNothingHeld("Reply to an invitation")
        for number, (action, status) in enumerate([("delayed", "4.4.1"), ("relayed", "2.0.0")]):
            report = POSTFIX.format(action=action, status=status)
            self.receive(report.replace("<20260310.1@", f"<20260310.9{number}@"))
            self.assertNothingHeld(("is delayed", "was delivered")[number])
        self.receive(EXIM_DELAY)
        self.assertNothingHeld("is delayed")

    def test_c4_rule_11_what_came_back_is_not_delivered(self):
        for name, report in (
            ("Postfix", POSTFIX.format(action="failed", status="5.1.1")),
            ("Exim", EXIM),
        ):
            with self.subTest(name):
                self.reminder.sudo().state = "sent"
                self.receive(report)
                self.assertEqual(self.reminder.state, "undeliverable")
                self.assertEqual(
                    self.reminder.failure_reason,
                    "The message to anna@customer.example bounced.",
                )
                self.assertFalse(self.get_blocks())

    def test_c4_an_automatic_answer_that_refers_to_nothing_makes_no_task(self):
        text = AUTOMATIC["German"].replace("In-Reply-To: <reminder-1@us.example>\n", "")
        self.receive(text)
        self.assertIn("Automatic reply", self.partner_a.message_ids[0].body)
        self.assertFalse(self.partner_a.activity_ids)

    def test_c4_answers_to_other_records_go_odoo_s_way(self):
        message = self.move.message_post(body="Your invoice", message_type="comment")
        text = AUTOMATIC["Gmail"].replace("<reminder-1@us.example>", message.message_id)
        self.receive(text.replace("reminders@us.example", "catchall@us.example"))
        self.assertEqual(self.move.message_ids[0].message_type, "email")

    def test_c4_two_reminders_of_a_day_hold_the_customer_once(self):
        self.create_due_invoice("2026-03-04", 80.0)
        self.answer()
        self.assertEqual(self.get_blocks().partner_id, self.partner_a)
        self.assertFalse(self.get_blocks().move_id)
        run = self.env["dunning.run"]._execute_for(self.company, date(2026, 3, 12))
        self.assertFalse(run.reminder_ids)

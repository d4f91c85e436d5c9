"""What went out stands in the chatter of invoice and customer, with a link, for colleagues."""

from odoo.tests import tagged

from .common import DunningMailCommon


@tagged("post_install", "-at_install")
class TestDunningNote(DunningMailCommon):
    def setUp(self):
        super().setUp()
        self.partner_a.email = "pay@customer.example"
        self.invoice = self.create_due_invoice("2026-03-01")

    def notes(self, record, reminder):
        """Return the notes about a reminder on a record, latest first."""
        link = f'data-oe-id="{reminder.id}"'
        return record.message_ids.filtered(
            lambda note: "dunning.reminder" in note.body and link in note.body
        )

    def test_w1_sent_reminder_stands_on_invoice_and_customer(self):
        other = self.create_due_invoice("2026-03-20")
        reminder = self.execute("2026-03-06").reminder_ids
        for record in (self.invoice, self.partner_a):
            (note,) = self.notes(record, reminder)
            text = note.preview
            self.assertIn("First reminder of 03/06/2026", text)
            self.assertIn("was sent by e-mail to", text)
            self.assertIn("pay@customer.example", text)
            self.assertTrue(note.is_internal, "the portal shows no internal note")
            self.assertEqual(note.subtype_id, self.env.ref("mail.mt_note"))
        self.assertFalse(self.notes(other, reminder))

    def test_w1_test_message_leaves_no_note(self):
        before = len(self.invoice.message_ids)
        with self.mock_mail_gateway():
            self.env["dunning.test"].create(
                {
                    "move_id": self.invoice.id,
                    "program_id": self.program.id,
                    "level_id": self.level_1.id,
                    "email": "me@company.example",
                }
            ).action_send()
        self.assertEqual(len(self.invoice.message_ids), before)

    def test_w1_withdrawn_and_bounced_are_said_too(self):
        reminder = self.execute("2026-03-06").reminder_ids
        reminder.action_cancel()
        self.assertIn("was withdrawn", self.notes(self.invoice, reminder)[0].preview)
        again = self.execute("2026-03-07").reminder_ids
        again.sudo()._set_bounced("550 <no> such user")
        latest = self.notes(self.partner_a, again)[0]
        self.assertIn("was not delivered: 550", latest.preview)
        self.assertNotIn("<no>", latest.body)

    def test_w1_note_is_in_the_senders_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        sender = self.create_user(
            "french_sender", "account_recurrence_dunning.dunning_group_user", self.company
        )
        sender.lang = "fr_FR"
        self.program.write({"sender": "user", "sender_user_id": sender.id})
        reminder = self.execute("2026-03-06").reminder_ids
        self.assertEqual(reminder.user_id, sender)
        (note,) = self.notes(self.invoice, reminder)
        self.assertIn("06/03/2026", note.preview)

    def count_queries(self, reminders):
        """Return what noting costs, with nothing of these reminders read before."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        reminders._note_sent()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_w1_ten_reminders_with_two_invoices_each_cost_no_more_queries_than_one(self):
        customers = self.env["res.partner"].create(
            [{"name": f"C{number}", "email": f"c{number}@x.example"} for number in range(10)]
        )
        for customer in customers:
            for _number in range(2):
                self.create_due_invoice("2026-03-01", partner=customer)
        reminders = self.execute("2026-03-06").reminder_ids
        reminders = reminders.filtered(lambda reminder: reminder.partner_id in customers)
        self.assertEqual(len(reminders._get_reminded().move_id), 20)
        self.count_queries(reminders[:1])  # what the registry caches is not counted
        self.assertLessEqual(self.count_queries(reminders), self.count_queries(reminders[:1]))

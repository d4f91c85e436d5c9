from odoo.tests import tagged

from odoo.addons.account_recurrence_dunning.tests.common import DunningMailCommon


@tagged("post_install", "-at_install")
class TestMessages(DunningMailCommon):
    """Channels, documents, placeholders, lines and groupings that another addon adds."""

    def setUp(self):
        super().setUp()
        self.level_1.channel = "fax"
        self.partner_a.write({"email": "a@example.com", "fax": "+32 2 123"})

    def test_an_invoice_is_reminded_by_the_channel(self):
        move = self.create_due_invoice()
        reminder = self.execute("2026-03-09").reminder_ids
        self.assertEqual((reminder.channel, reminder.state), ("fax", "sent"))
        self.assertIn(move.name, reminder.fax_text)
        self.assertFalse(reminder.mail_id)
        line = move.line_ids.filtered("date_maturity")
        self.assertEqual((line.dunning_level, str(line.dunning_last_date)), (1, "2026-03-09"))
        self.assertEqual(reminder.proof_to, "+32 2 123")
        self.assertEqual(reminder.proof_subject, reminder.fax_text)

    def test_the_outbox_job_sends_it(self):
        self.create_due_invoice()
        reminder = self.queue("2026-03-09")
        self.assertEqual(reminder.state, "queued")
        self.assertFalse(reminder.activity_ids)
        with self.mock_mail_gateway(), self.enter_registry_test_mode():
            self.env.ref(
                "account_recurrence_dunning.ir_cron_dunning_outbox"
            ).method_direct_trigger()
        self.assertEqual(reminder.state, "sent")

    def test_a_person_reminds_by_it_from_the_invoice(self):
        move = self.create_due_invoice()
        action = self.env["dunning.remind"]._open(move)
        dialog = self.env["dunning.remind"].browse(action["res_id"])
        self.assertEqual(dialog.channel, "Fax")
        dialog.subject = "Please pay"
        reminder = self.env["dunning.reminder"].browse(dialog.action_remind()["res_id"])
        self.assertEqual(reminder.state, "queued")
        self.send(reminder, reminder.date.isoformat())
        self.assertEqual((reminder.state, reminder.fax_text), ("sent", "Please pay"))

    def test_what_is_paid_meanwhile_is_not_sent(self):
        move = self.create_due_invoice()
        reminder = self.queue("2026-03-09")
        self.create_payment_on_its_way(move, 100.0)
        self.send(reminder, "2026-03-10")
        self.assertEqual((reminder.state, reminder.fax_text), ("cancelled", False))

    def test_its_failure_stands_in_not_delivered_until_a_person_sends_again(self):
        self.partner_a.fax = "+32 2 120"
        move = self.create_due_invoice()
        reminder = self.execute("2026-03-09").reminder_ids
        self.assertEqual((reminder.state, reminder.failure_code), ("failed", "fax_busy"))
        self.assertEqual(reminder.failure_reason, "The fax +32 2 120 was engaged.")
        self.assertTrue(reminder.run_id.activity_ids)
        action = self.env.ref("account_recurrence_dunning.dunning_reminder_action_undelivered")
        domain = action._get_eval_context() and action.domain
        self.assertIn("failed", domain)
        line = move.line_ids.filtered("date_maturity")
        self.assertEqual(line.dunning_level, 0)
        self.partner_a.fax = "+32 2 123"
        self.assertTrue(reminder.leaves_by_itself)
        reminder.action_send_again()
        self.assertEqual((reminder.state, reminder.failure_code), ("queued", False))
        self.send(reminder, "2026-03-11")
        self.assertEqual((reminder.state, line.dunning_level), ("sent", 1))

    def test_a_missing_address_is_foreseen_and_keeps_it_back(self):
        self.partner_a.fax = False
        move = self.create_due_invoice()
        run = self.env["dunning.run"].create({"date": "2026-03-09"})
        run.action_simulate()
        self.assertEqual(run.line_ids.warning, "no_fax")
        self.assertIn("partner_a has no fax number.", run.line_ids.reason_text)
        run.action_execute()
        self.assertEqual(run.reminder_ids.state, "failed")
        self.assertEqual(run.reminder_ids.failure_reason, "partner_a has no fax number.")
        self.assertEqual(run.line_ids.move_id, move)

    def test_one_that_breaks_stops_no_other(self):
        self.partner_b.write({"email": "b@example.com", "fax": "+32 2 999"})
        self.create_due_invoice()
        self.create_due_invoice(partner=self.partner_b)
        reminders = self.queue("2026-03-09")
        bad = reminders.filtered(lambda reminder: reminder.partner_id == self.partner_a)

        def send(found):
            if found == bad:
                raise ValueError("Paper jam")
            return original(found)

        model = type(self.env["dunning.reminder"])
        original = model._send_faxes
        self.patch(model, "_send_faxes", send)
        with self.assertLogs("odoo.addons.account_recurrence_dunning", "ERROR"):
            self.send(reminders, "2026-03-09")
        self.assertEqual((bad.state, (reminders - bad).state), ("failed", "sent"))
        self.assertEqual(bad.failure_reason, "ValueError: Paper jam")

    def test_a_level_encloses_the_document(self):
        self.level_1.write({"channel": "email", "attach_terms": True})
        self.create_due_invoice()
        reminder = self.execute("2026-03-09").reminder_ids
        self.assertEqual(reminder.state, "sent")
        self.assertEqual(reminder.document_ids.mapped("name"), ["Terms.pdf"])
        self.assertIn("Terms.pdf", reminder.mail_id.attachment_ids.mapped("name"))
        self.assertEqual([file["name"] for file in reminder.proof_files], ["Terms.pdf"])

    def test_a_text_names_the_placeholder(self):
        self.partner_a.ref = "A-17"
        template = self.level_1._get_template().copy()
        editor = self.create_user("editor", "dunning_group_manager")
        template.with_user(editor).body_html = '<p>Quote <t t-out="object.payment_hint"/></p>'
        self.level_1.write({"channel": "email", "mail_template_id": template.id})
        self.create_due_invoice()
        reminder = self.execute("2026-03-09").reminder_ids
        self.assertIn("Quote RF A-17", reminder.mail_id.body_html)

    def test_a_fee_is_printed_and_counts_in_the_total(self):
        self.level_1.write({"channel": "email", "fee": 5.0})
        move = self.create_due_invoice(amount=100.0)
        self.create_refund(30.0)
        reminder = self.execute("2026-03-09").reminder_ids
        self.assertEqual(reminder.line_ids.mapped("kind"), ["remind", "fee", "credit"])
        [(_currency, total)] = reminder._get_totals()
        self.assertEqual(total, 75.0)
        body = reminder.mail_id.body_html
        self.assertIn("Reminder fee", body)
        self.assertIn("5.00", body)
        self.assertIn("75.00", reminder.total_text)
        self.assertLess(body.index("Reminder fee"), body.index("Credits and payments"))
        self.assertEqual(move.amount_residual, 100.0)

    def test_messages_are_grouped(self):
        self.level_1.channel = "email"
        self.program.grouping = "month"
        march = self.create_due_invoice(due="2026-03-01") + self.create_due_invoice("2026-03-02")
        april = self.create_due_invoice(due="2026-04-01")
        reminders = self.execute("2026-04-20").reminder_ids
        found = {reminder.line_ids.move_id for reminder in reminders}
        self.assertEqual(found, {march, april})

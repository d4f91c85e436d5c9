import doctest

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..tools.dunning import placeholder, plain_text, template_map, tone
from .common import DunningMailCommon

NEUTRAL = "account_recurrence_dunning.mail_template_level_1_neutral"


@tagged("post_install", "-at_install")
class TestDunningTone(DunningMailCommon):
    """D14: no gentle words to a customer whose older invoices stand on the last level."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"email": "us@example.com", "dunning_contact_gap": 0})
        cls.partner_a.write({"email": "a@customer.example", "lang": "en_US"})
        cls.old = cls.create_due_invoice("2026-02-05")
        for day in ("2026-02-10", "2026-02-20", "2026-03-07"):
            cls.env["dunning.run"]._execute_for(
                cls.company, fields.Date.to_date(day)
            ).reminder_ids.filtered(lambda reminder: reminder.state == "queued").sudo()._set_sent()
        cls.new = cls.create_due_invoice("2026-03-03")

    def test_the_old_invoice_stands_on_the_last_level(self):
        self.assertEqual(self.old.dunning_level, 3)

    def test_d14_the_newer_invoice_gets_the_neutral_text(self):
        (reminder,) = self.queue("2026-03-10")
        self.assertEqual((reminder.level_id, reminder.level_number), (self.level_1, 1))
        self.assertEqual(reminder.firm_because, self.old.name)
        self.assertNotIn("overlooked", reminder.body_html)
        self.assertIn("According to our records", reminder.body_html)
        self.assertIn(self.old.name, reminder.tone_note)

    def test_d14_the_simulation_shows_it(self):
        run = self.env["dunning.run"].create({"company_id": self.company.id, "date": "2026-03-10"})
        run._simulate()
        line = run.line_ids.filtered(lambda found: found.move_id == self.new)
        self.assertIn("The firm text is used", line.reason_text)
        self.assertIn(self.old.name, line.reason_text)

    def test_d14_a_plain_mailing_is_not_the_last_level(self):
        self.env["dunning.level"].create(
            {"program_id": self.program.id, "name": "Survey", "days": 60, "counts": False}
        )
        (reminder,) = self.queue("2026-03-10")
        self.assertEqual(reminder.firm_because, self.old.name)
        self.send(reminder, "2026-03-10")
        self.assertIn("According to our records", self._mails[0]["body"])

    def test_d14_an_archived_level_is_not_the_last_one(self):
        level = self.env["dunning.level"].create(
            {"program_id": self.program.id, "name": "Fourth reminder", "days": 60}
        )
        self.assertEqual(level.number, 4)
        level.active = False
        self.assertEqual(level.number, 4, "it keeps the number it had")
        (reminder,) = self.queue("2026-03-10")
        self.assertEqual(reminder.firm_because, self.old.name)

    def test_d14_by_hand_too(self):
        run = self.env["dunning.run"]._execute_for(
            self.company, fields.Date.to_date("2026-03-10"), moves=self.new
        )
        self.assertEqual(run.reminder_ids.firm_because, self.old.name)

    def test_d14_another_customer_gets_the_gentle_text(self):
        other = self.create_due_invoice("2026-03-01", partner=self.partner_b)
        self.partner_b.email = "b@customer.example"
        reminders = self.queue("2026-03-10")
        bolt = reminders.filtered(lambda found: found.line_ids.move_id == other)
        self.assertFalse(bolt.firm_because)
        self.assertIn("overlooked", bolt.body_html)

    def test_d14_a_setting(self):
        self.company.dunning_tone_by_customer = False
        (reminder,) = self.queue("2026-03-10")
        self.assertFalse(reminder.firm_because)
        self.assertIn("overlooked", reminder.body_html)

    def test_d14_paid_meanwhile_the_gentle_text_leaves(self):
        (reminder,) = self.queue("2026-03-10")
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.old.ids
        ).create({"payment_date": "2026-03-10"})._create_payments()
        self.send(reminder, "2026-03-10")
        self.assertFalse(reminder.firm_because)
        self.assertIn("overlooked", self._mails[0]["body"])

    def test_d14_a_text_of_ones_own_stays_unless_a_firm_one_is_chosen(self):
        own = self.level_1.mail_template_id.sudo().copy({"body_html": "<p>Our own words</p>"})
        self.level_1.mail_template_id = own
        with self.env.cr.savepoint() as savepoint:
            (reminder,) = self.queue("2026-03-10")
            self.assertFalse(reminder.firm_because)
            self.assertIn("Our own words", reminder.body_html)
            savepoint.rollback()
        self.level_1.firm_template_id = own.copy({"body_html": "<p>Our firm words</p>"})
        (reminder,) = self.queue("2026-03-10")
        self.assertIn("Our firm words", reminder.body_html)

    def test_d14_a_firm_text_about_something_else_is_refused(self):
        with self.assertRaises(ValidationError):
            self.level_1.firm_template_id = self.env.ref("account.email_template_edi_invoice")

    def test_doctests(self):
        for module in (placeholder, plain_text, template_map, tone):
            self.assertEqual(doctest.testmod(module).failed, 0, module.__name__)

import io
from datetime import date

from freezegun import freeze_time

from odoo.tests import HttpCase, tagged
from odoo.tools.pdf import PdfFileReader

from .common import DunningMailCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-20")
class TestDunningTextDay(DunningMailCommon, HttpCase):
    """Days late, amounts and dates of a message are those of the day it leaves (b9)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.write({"name": "Acme", "email": "a@customer.example"})
        cls.overdue = cls.create_due_invoice("2026-03-01", 100.0)

    def late(self, reminder):
        return {line.move_name: line.days_late for line in reminder.line_ids}

    def test_b9_what_left_later_says_so(self):
        reminder = self.queue("2026-03-10")
        self.assertEqual(self.late(reminder), {self.overdue.name: 9})
        self.send(reminder, "2026-03-20")
        self.assertEqual(self.late(reminder), {self.overdue.name: 19})
        self.assertEqual(reminder.sent_date, date(2026, 3, 20))
        self.assertEqual(reminder.date, date(2026, 3, 10), "the decision keeps its day")
        self.assertRegex(reminder.body_html, r">\s*Days late: 19\s*<")
        self.assertEqual(reminder.level_id, self.level_1, "the tone stays")

    def test_b9_a_line_not_due_then_is_overdue_now(self):
        soon = self.create_due_invoice("2026-03-12", 50.0)
        self.notice.days = -5
        self.company.dunning_contact_gap = 0
        reminder = self.queue("2026-03-10")
        self.assertEqual(self.late(reminder)[soon.name], -2)
        self.assertIn("Due soon", reminder.body_html)
        self.send(reminder, "2026-03-20")
        self.assertEqual(self.late(reminder)[soon.name], 8)
        self.assertNotIn("Due soon", reminder.body_html)

    def test_b9_by_the_outbox_job(self):
        reminder = self.queue("2026-03-10")
        with self.mock_mail_gateway(), self.enter_registry_test_mode():
            cron = self.env.ref("account_recurrence_dunning.ir_cron_dunning_outbox")
            cron.sudo().method_direct_trigger()
        reminder.invalidate_recordset()
        self.assertEqual(reminder.state, "sent")
        self.assertEqual(self.late(reminder), {self.overdue.name: 19})

    def test_b9_by_the_button(self):
        reminder = self.queue("2026-03-10")
        with self.mock_mail_gateway():
            reminder.action_send_now()
        self.assertEqual(self.late(reminder), {self.overdue.name: 19})

    def test_b9_a_letter_printed_later(self):
        self.level_1.channel = "letter"
        reminder = self.queue("2026-03-10")
        action = reminder.action_print()
        self.assertEqual(self.late(reminder), {self.overdue.name: 19})
        number = int(action["params"]["next"]["url"].split("/")[3].split("?")[0])
        content = self.env["ir.attachment"].browse(number).raw
        text = PdfFileReader(io.BytesIO(content), strict=False).pages[0].extract_text()
        self.assertIn("03/20/2026", text)
        self.assertNotIn("03/10/2026", text)

    def test_b9_the_same_day_writes_nothing_anew(self):
        reminder = self.queue("2026-03-10")
        mail, written = reminder.mail_id, reminder.mail_id.write_date
        self.send(reminder, "2026-03-10")
        self.assertEqual((reminder.mail_id, mail.subject), (mail, reminder.subject))
        self.assertTrue(written)
        self.assertEqual(self.late(reminder), {self.overdue.name: 9})

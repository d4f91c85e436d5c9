from datetime import date

from odoo.tests import tagged

from .common import DunningMailCommon


@tagged("post_install", "-at_install")
class TestDunningLateNotice(DunningMailCommon):
    """A polite notice that did not leave before the due date is not to be delivered any more."""

    def prepare_notice(self, channel="email", email=False):
        """Return a notice about what is due on 12 March, made on the 9th and not delivered."""
        self.notice.channel = channel
        self.partner_a.email = email
        self.create_due_invoice("2026-03-12")
        return self.execute("2026-03-09", levels=self.notice).reminder_ids

    def test_d4_an_undeliverable_notice_is_dropped_after_the_due_date(self):
        notice = self.prepare_notice()
        self.assertEqual(notice.state, "undeliverable")
        self.company._dunning_do_daily(date(2026, 3, 12))
        self.assertEqual(notice.state, "undeliverable")
        self.company._dunning_do_daily(date(2026, 3, 13))
        self.assertEqual(notice.state, "cancelled")
        self.assertIn("outdated", notice.failure_reason)
        self.assertFalse(notice.activity_ids)

    def test_d4_a_notice_that_nobody_printed_is_dropped_after_the_due_date(self):
        notice = self.prepare_notice("letter")
        self.assertEqual(notice.state, "draft")
        self.company._dunning_do_daily(date(2026, 3, 13))
        self.assertEqual(notice.state, "cancelled")

    def test_d4_a_reminder_and_a_notice_of_several_due_dates_stay(self):
        self.create_due_invoice("2026-03-20")
        self.notice.days = -15
        notice = self.prepare_notice()
        self.assertEqual(
            set(notice.line_ids.mapped("due_date")), {date(2026, 3, 12), date(2026, 3, 20)}
        )
        self.company._dunning_do_daily(date(2026, 3, 13))
        self.assertEqual(notice.state, "undeliverable")
        self.create_due_invoice("2026-03-01", partner=self.partner_b)
        self.partner_b.email = False
        reminder = self.execute("2026-03-09").reminder_ids
        self.company._dunning_do_daily(date(2026, 3, 13))
        self.assertEqual(reminder.state, "undeliverable")

from datetime import date

from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import RecurrenceInvoiceCommon, TourCase


@tagged("post_install", "-at_install")
class TestRecurrenceInvoiceTour(RecurrenceInvoiceCommon, TourCase):
    """A clerk's way through the screens, in Chromium."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.clerk = new_test_user(
            cls.env,
            login="tour_clerk",
            groups="base.group_user,account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.customer = cls.env["res.partner"].create(
            {"name": "Tour Customer", "email": "tour@example.com"}
        )
        action = cls.env.ref("account.action_move_out_invoice_type")
        cls.url = f"/odoo/action-{action.id}"

    def test_creates_a_recurring_invoice_from_the_invoice_list(self):
        self.start_tour(self.url, "recurrence_new_invoice", login="tour_clerk")
        schedule = self.env["recurrence.schedule"].search([("partner_id", "=", self.customer.id)])
        self.assertRecordValues(
            schedule,
            [{"target": "invoice", "state": "draft", "rrule_type": "monthly", "interval": 3}],
        )
        template = schedule.template_move_id
        self.assertTrue(template.is_recurrence_template)
        self.assertEqual(template.amount_untaxed, 50.0)
        self.assertEqual(template.create_uid, self.clerk)

    def test_monthly_invoice_compose_preview_generate_issue_send(self):
        self.start_tour(self.url, "recurrence_monthly_invoice", login="tour_clerk")
        schedule = self.env["recurrence.schedule"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(schedule.state, "running")
        first = schedule.occurrence_ids.sorted("date")[0]
        self.assertEqual(first.state, "done")
        self.assertEqual(first.move_id.state, "posted")
        self.assertTrue(first.move_id.is_move_sent)

    def test_r10_line_added_in_the_middle_of_a_month(self):
        """January 2026 is billed; 17 of 31 days of 62.00 are 34.00, with 15 % tax 39.10."""
        schedule = self.create_schedule(
            self.customer, invoice_mode="post", user_id=self.clerk.id, proration="days"
        )
        schedule.sudo().state = "running"
        schedule.sudo()._run_due(date(2026, 1, 1))
        template = schedule.template_move_id
        action = "account_recurrence_dunning.recurrence_template_action_new"
        self.start_tour(
            f"/odoo/action-{action}/{template.id}",
            "recurrence_line_in_mid_month",
            login="tour_clerk",
        )
        added = template.invoice_line_ids[1]
        self.assertRecordValues(
            added, [{"name": "Backup", "price_unit": 62.0, "recurrence_start": date(2026, 1, 15)}]
        )
        correction = self.env["account.move.line"].search([("recurrence_line_id", "=", added.id)])
        self.assertRecordValues(
            correction.move_id,
            [{"state": "draft", "move_type": "out_invoice", "amount_total": 39.1}],
        )

    def test_r11_price_rise_of_3_percent_for_forty_customers(self):
        """100.00 become 103.00 for each; 39 are told by e-mail, one by a letter."""
        for number in range(40):
            partner = self.env["res.partner"].create(
                {
                    "name": f"Tour Customer {number:02}",
                    "email": number < 39 and f"customer{number}@example.com",
                }
            )
            schedule = self.create_schedule(partner, invoice_mode="post", user_id=self.clerk.id)
            schedule.sudo().state = "running"
        action = "account_recurrence_dunning.recurrence_schedule_action_invoice"
        self.start_tour(f"/odoo/action-{action}", "recurrence_price_rise", login="tour_clerk")
        rise = self.env["recurrence.price.rise"].search([])
        self.assertRecordValues(rise, [{"state": "applied", "percent": 3.0}])
        self.assertEqual(rise.line_ids.mapped("price"), [103.0] * 40)
        told = rise.notice_ids.grouped("told_by")
        self.assertEqual((len(told["email"]), len(told["letter"])), (39, 1))
        mails = told["email"].message_ids.filtered("partner_ids")
        self.assertEqual(len(mails), 39)
        self.assertEqual(mails.author_id, self.clerk.partner_id)
        self.assertEqual(len(mails.partner_ids), 39)

    def test_r14_two_recurrences_one_invoice(self):
        """100.00 and 40.00 of one customer, due on the same day, with 15 % tax: 161.00."""
        partners = self.env.ref("base.group_partner_manager")
        self.clerk.sudo().group_ids += partners
        for name, price in (("Hosting", 100.0), ("Support", 40.0)):
            schedule = self.create_schedule(
                self.customer, line={"price_unit": price}, name=name, user_id=self.clerk.id
            )
            schedule.sudo().state = "running"
            self.create_occurrence(schedule, date(2026, 1, 1), state="todo")
        login = self.clerk.login
        url = f"/odoo/res.partner/{self.customer.id}"
        self.start_tour(url, "recurrence_consolidate_customer", login=login)
        self.assertTrue(self.customer.with_company(self.company).recurrence_consolidation)
        self.start_tour(
            "/odoo/recurring-invoices-to-issue", "recurrence_two_on_one_invoice", login=login
        )
        dates = self.env["recurrence.occurrence"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(len(dates), 2)
        self.assertRecordValues(dates.move_id, [{"state": "posted", "amount_total": 161.0}])

    def test_r15_give_notice(self):
        """A year from January on, three months' notice: given on 30 September it ends in time."""
        schedule = self.create_schedule(
            self.customer,
            user_id=self.clerk.id,
            line={"price_unit": 100.0},
            term_number=12,
            renewal="auto",
            notice_number=3,
        )
        schedule.sudo().state = "running"
        schedule.sudo()._generate(date(2026, 1, 1))
        self.start_tour(
            f"/odoo/recurring-invoices/{schedule.id}", "recurrence_give_notice", login="tour_clerk"
        )
        self.assertRecordValues(
            schedule,
            [
                {
                    "notice_date": date(2026, 9, 30),
                    "notice_end": date(2026, 12, 31),
                    "notice_by": "them",
                    "notice_value": 100.0,
                    "last_date": date(2026, 12, 1),
                }
            ],
        )
        self.assertEqual(schedule.notice_reason_id.name, "Too expensive")

from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from .common import RecurrenceInvoiceCommon


@freeze_time("2026-01-25 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceDrafts(RecurrenceInvoiceCommon):
    """What a recurrence needs to start, and drafts: days ahead, and who hears of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.clerk = new_test_user(
            cls.env,
            login="drafts_clerk",
            groups="base.group_user,account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def make(self, mode="draft", day=date(2026, 1, 25), **vals):
        schedule = self.create_schedule(
            self.partner_a, invoice_mode=mode, user_id=self.clerk.id, **vals
        )
        schedule.sudo().state = "running"
        return self.create_occurrence(schedule, day)

    def run_day(self, day):
        return self.env["recurrence.invoicing"]._issue_due(self.company, day, commit=False)

    def told(self, user=None):
        kind = self.env.ref("account_recurrence_dunning.mail_activity_type_drafts")
        return self.env["mail.activity"].search(
            [("activity_type_id", "=", kind.id), ("user_id", "=", (user or self.clerk).id)]
        )

    # --- drafts wait ---

    def test_r9_one_activity_says_how_many_drafts_wait(self):
        dates = self.env["recurrence.occurrence"].union(*(self.make() for _number in range(5)))
        self.assertEqual(self.run_day(date(2026, 1, 25)), 5)
        self.assertEqual(self.told().summary, "Drafts of recurring invoices to post: 5")
        self.assertIn("/odoo/recurring-drafts", self.told().note)
        moves = dates.move_id
        moves[:2].action_post()
        self.assertEqual(self.told().summary, "Drafts of recurring invoices to post: 3")
        self.make(day=date(2026, 1, 26))
        self.run_day(date(2026, 1, 26))
        self.assertEqual(self.told().summary, "Drafts of recurring invoices to post: 4")
        moves[2:4].unlink()
        self.assertEqual(self.told().summary, "Drafts of recurring invoices to post: 2")
        self.env["account.move"].search(
            [("recurrence_occurrence_id", "!=", False), ("state", "=", "draft")]
        ).action_post()
        self.assertFalse(self.told())

    def test_each_responsible_hears_of_his_own(self):
        second = self.clerk.copy({"login": "drafts_second"})
        self.make()
        other = self.make()
        other.schedule_id.user_id = second
        self.run_day(date(2026, 1, 25))
        self.assertEqual(self.told().summary, "Drafts of recurring invoices to post: 1")
        self.assertEqual(self.told(second).summary, "Drafts of recurring invoices to post: 1")

    def test_posting_tells_nobody(self):
        self.make("post")
        self.run_day(date(2026, 1, 25))
        self.assertFalse(self.told())

    def test_drafts_open_from_the_activity(self):
        action = self.env.ref("account_recurrence_dunning.recurrence_draft_action")
        self.assertEqual(action.path, "recurring-drafts")
        occurrence = self.make()
        self.run_day(date(2026, 1, 25))
        domain = [("recurrence_occurrence_id", "!=", False), ("state", "=", "draft")]
        self.assertEqual(str(domain), action.domain.replace('"', "'"))
        self.assertEqual(self.env["account.move"].search(domain), occurrence.move_id)

    # --- days ahead ---

    def test_r9_draft_is_made_days_ahead_with_its_own_date(self):
        occurrence = self.make(day=date(2026, 2, 1), lead_days=7)
        self.assertEqual(self.run_day(date(2026, 1, 24)), 0)
        self.assertEqual(self.run_day(date(2026, 1, 25)), 1)
        self.assertRecordValues(
            occurrence.move_id, [{"state": "draft", "invoice_date": date(2026, 2, 1)}]
        )

    def test_r9_draft_is_made_days_ahead_by_the_job(self):
        schedule = self.create_schedule(
            self.partner_a,
            invoice_mode="draft",
            user_id=self.clerk.id,
            date_start=date(2026, 2, 1),
            lead_days=7,
        )
        schedule.action_generate()
        for day, count in ((24, 0), (25, 1), (26, 1)):
            schedule.sudo()._run_due(date(2026, 1, day))
            schedule.invalidate_recordset(["invoice_count"])
            self.assertEqual(schedule.invoice_count, count)

    def test_r9_post_and_send_ignore_days_ahead(self):
        for mode in ("post", "send"):
            with self.subTest(mode):
                self.partner_a.email = "a@example.com"
                occurrence = self.make(mode, day=date(2026, 2, 1), lead_days=7)
                self.assertEqual(self.run_day(date(2026, 1, 31)), 0)
                self.assertEqual(occurrence.schedule_id._get_lead(), 0)

    def test_several_days_ahead_are_kept_apart(self):
        near = self.make(day=date(2026, 2, 1), lead_days=3)
        far = self.make(day=date(2026, 2, 1), lead_days=10)
        confirm = self.make("confirm", day=date(2026, 2, 1), lead_days=10)
        self.run_day(date(2026, 1, 25))
        self.assertEqual([bool(row.move_id) for row in (near, far, confirm)], [False, True, False])

    def test_days_ahead_are_shown_where_they_count(self):
        views = self.env.ref("account_recurrence_dunning.recurrence_schedule_view_form").arch_db
        views += self.env.ref("account_recurrence_dunning.view_move_form").arch_db
        self.assertIn("invoice_mode not in ('confirm', 'draft')", views)
        self.assertIn("recurrence_invoice_mode not in ('confirm', 'draft')", views)

    # --- what cannot start ---

    def assertNotStarted(self, schedule, sentence):
        with self.assertRaisesRegex(UserError, sentence), self.cr.savepoint():
            schedule.action_generate()
        self.assertEqual(schedule.state, "draft")
        self.assertFalse(schedule.occurrence_ids)

    def test_r5_without_a_customer(self):
        schedule = self.create_schedule(self.partner_a, template={"partner_id": False})
        self.assertNotStarted(schedule, "has no customer")

    def test_r5_without_lines(self):
        for lines in ([], [Command.create({"display_type": "line_note", "name": "Note"})]):
            schedule = self.create_schedule(self.partner_a, template={"invoice_line_ids": lines})
            self.assertNotStarted(schedule, "has no lines to invoice")

    def test_r5_with_a_negative_total(self):
        schedule = self.create_schedule(self.partner_a, line={"price_unit": -10.0})
        self.assertNotStarted(schedule, "11.50: an invoice with a negative total")

    def test_r5_with_a_negative_price_of_the_product(self):
        self.product_a.lst_price = -10.0
        schedule = self.create_schedule(
            self.partner_a,
            line={"product_id": self.product_a.id, "price_unit": 10.0},
            price_source="product",
        )
        self.assertNotStarted(schedule, "negative total")

    def test_other_ways_to_start_are_closed_too(self):
        schedule = self.create_schedule(self.partner_a, line={"price_unit": -10.0})
        with self.assertRaisesRegex(UserError, "negative total"), self.cr.savepoint():
            schedule.action_regenerate()
        schedule.sudo().state = "finished"
        with self.assertRaisesRegex(UserError, "negative total"), self.cr.savepoint():
            schedule.action_resume()

    def test_total_of_nothing_can_start(self):
        schedule = self.create_schedule(self.partner_a, line={"price_unit": 0.0})
        schedule.action_generate()
        self.assertEqual(schedule.state, "running")

    def test_template_of_a_running_one_cannot_become_so(self):
        template = self.make().schedule_id.template_move_id
        line = template.invoice_line_ids
        for vals, sentence in (
            ({"invoice_line_ids": [Command.update(line.id, {"price_unit": -1.0})]}, "negative"),
            ({"invoice_line_ids": [Command.delete(line.id)]}, "has no lines"),
        ):
            with self.assertRaisesRegex(UserError, sentence), self.cr.savepoint():
                template.write(vals)
        template.write({"invoice_line_ids": [Command.update(line.id, {"price_unit": 7.0})]})
        self.assertEqual(template.amount_untaxed, 7.0)

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
        return self.env["recurrence.issuing"]._issue_due(self.company, day, commit=False)

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
        views += self.env.ref("account_recurrence_dunning.recurrence_template_view_form").arch_db
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

    def archive(self, record):
        record.with_context(recurrence_archive_anyway=True).active = False
        return record

    def test_r5_with_something_archived(self):
        tax = self.tax_sale_a.copy({"name": "Former tax"})
        child = self.tax_sale_a.copy({"name": "Child"})
        group = self.env["account.tax"].create(
            {
                "name": "Group",
                "amount_type": "group",
                "type_tax_use": "sale",
                "children_tax_ids": [Command.set(child.ids)],
            }
        )
        term = self.env["account.payment.term"].create({"name": "Former term"})
        customer = self.env["res.partner"].create({"name": "Former customer"})
        product = self.env["product.product"].sudo().create({"name": "Former product"})
        cases = (
            (customer, {"template": {"partner_id": customer.id}}),
            (product, {"line": {"product_id": product.id}}),
            (tax, {"line": {"tax_ids": [Command.set(tax.ids)]}}),
            (child, {"line": {"tax_ids": [Command.set(group.ids)]}}),
            (term, {"template": {"invoice_payment_term_id": term.id}}),
        )
        for record, vals in cases:
            with self.subTest(record.display_name):
                schedule = self.create_schedule(self.partner_a, **vals)
                self.archive(record)
                self.assertNotStarted(schedule, f"{record.name}.* is archived. Change the template")

    def test_r5_a_text_that_looks_like_a_placeholder_and_is_none(self):
        for text in ("Cleaning #MONTH# #FOO#", "Cleaning #month#"):
            line = Command.create({"name": text, "price_unit": 9.0})
            schedule = self.create_schedule(self.partner_a, template={"invoice_line_ids": [line]})
            mark = text.split()[-1]
            self.assertNotStarted(schedule, f"{mark}, which nothing fills in.*#PERIOD_START#")
        schedule.template_move_id.invoice_line_ids.name = "Cleaning #MONTH#, colour #FFCC00#"
        schedule.action_generate()
        self.assertEqual(schedule.state, "running")

    def test_r5_template_of_a_running_one_keeps_something_to_bill(self):
        """Also where lines are written alone, as an import or a script does."""
        schedule = self.create_schedule(self.partner_a)
        schedule.action_generate()
        line = schedule.template_move_id.invoice_line_ids
        doors = {
            "write": (line.write, {"price_unit": -50.0}, "negative total"),
            "unlink": (lambda _vals: line.unlink(), {}, "no lines to invoice"),
            "create": (
                self.env["account.move.line"].create,
                {"move_id": line.move_id.id, "name": "Discount", "price_unit": -500.0},
                "negative total",
            ),
        }
        for name, (door, vals, sentence) in doors.items():
            with self.subTest(name), self.assertRaisesRegex(UserError, sentence):
                with self.cr.savepoint():
                    door(vals)
            self.env.invalidate_all()
        line.price_unit = 50.0
        self.assertEqual(schedule.template_move_id.amount_total, 57.5)
        # all lines replaced in one go: looked at when the invoice is done
        schedule.template_move_id.invoice_line_ids = [
            Command.delete(line.id),
            Command.create({"name": "New", "price_unit": 10.0, "tax_ids": False}),
        ]
        self.assertEqual(schedule.template_move_id.amount_total, 10.0)

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

    # --- finished ---

    def test_r2_finishing_leaves_nothing_to_be_invoiced(self):
        """One planned again after its invoice was cancelled stays with it, and gets no other."""
        occurrence = self.make("post")
        self.run_day(date(2026, 1, 25))
        move = occurrence.move_id
        move.button_draft()
        move.button_cancel()
        occurrence.action_skip("wrong customer")
        occurrence.action_plan_again()
        occurrence.schedule_id.action_finish()
        self.assertEqual(
            (occurrence.state, occurrence.skip_reason, occurrence.is_wanted),
            ("skipped", "The recurrence was finished", False),
        )
        self.assertEqual(self.run_day(date(2026, 1, 25)), 0)


@freeze_time("2026-01-25 10:00:00")
@tagged("post_install", "-at_install")
class TestSkippedInvoices(RecurrenceInvoiceCommon):
    """A skipped date bills nothing, whatever became of its invoice; planned again it does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.company.sudo().recurrence_dunning_tz = "UTC"

    def start(self, mode):
        """Start a monthly schedule on 25 January 2026, run its first day, return its first date."""
        schedule = self.create_schedule(
            self.partner_a, invoice_mode=mode, date_start=date(2026, 1, 25), day=25
        )
        schedule.action_generate()
        self.run_day(schedule, date(2026, 1, 25))
        return schedule.occurrence_ids[0]

    def run_day(self, schedule, day):
        with freeze_time(f"{day} 10:00:00"):
            schedule.sudo()._run_due(day)
        self.env.invalidate_all()

    def move_to_the_26th(self, schedule):
        """Regenerate for the 26th, so that another date bills the days of the first one."""
        schedule.write({"date_start": date(2026, 1, 26), "day": 26})
        schedule.action_regenerate()
        self.run_day(schedule, date(2026, 1, 26))

    def test_skipping_cancels_the_draft(self):
        first = self.start("draft")
        draft = first.move_id
        first.action_skip("On leave")
        self.assertEqual((first.state, draft.state), ("skipped", "cancel"))
        self.assertEqual((first.skip_reason, first.error), ("On leave", False))
        self.assertIn("Cancelled together with its date", draft.message_ids[0].body)
        self.assertIn("On leave", draft.message_ids[0].body)
        self.assertFalse(first.schedule_id.activity_ids)

    def test_draft_of_a_skipped_date_can_come_back(self):
        first = self.start("draft")
        first.action_skip("On leave")
        first.move_id.button_draft()
        self.assertEqual((first.state, first.skip_reason), ("todo", False))
        first.move_id.action_post()
        self.assertEqual(first.state, "done")

    def test_rule_3_its_period_is_billed_once(self):
        for mode in ("draft", "post"):
            with self.subTest(mode), self.cr.savepoint() as savepoint:
                first = self.start(mode)
                move = first.move_id
                if mode == "post":
                    move.button_draft()
                    move.button_cancel()
                first.action_skip("On leave")
                self.move_to_the_26th(first.schedule_id)
                with self.assertRaisesRegex(
                    UserError,
                    "a skipped date, and its period from 01/25/2026 to 02/24/2026 is also billed "
                    "with the date 01/26/2026",
                ):
                    move.button_draft()
                self.assertEqual(first.state, "skipped")
                savepoint.rollback()

    def test_rule_3_a_credit_note_stays_where_another_date_bills_the_period(self):
        first = self.start("post")
        move = first.move_id
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"journal_id": move.journal_id.id, "date": date(2026, 1, 25)})
        )
        self.env["account.move"].browse(wizard.modify_moves()["res_id"]).unlink()
        first.action_skip("On leave")
        self.move_to_the_26th(first.schedule_id)
        with self.assertRaisesRegex(UserError, "is also billed with the date 01/26/2026"):
            move.reversal_move_ids.button_draft()

    def plan_again(self, first):
        if first.move_id.state == "posted":
            first.move_id.button_draft()
            first.move_id.button_cancel()
        first.action_skip("On leave")
        first.action_plan_again()

    def test_planned_again_after_it_was_cancelled_gets_a_new_invoice(self):
        for mode in ("draft", "post"):
            first = self.start(mode)
            former = first.move_id
            self.plan_again(first)
            self.run_day(first.schedule_id, date(2026, 1, 26))
            self.assertEqual(first.invoice_ids - former, first.move_id)
            self.assertEqual(first.move_id.state, "draft" if mode == "draft" else "posted")
            with self.assertRaisesRegex(UserError, "billed twice"), self.cr.savepoint():
                former.button_draft()

    def test_planned_again_where_a_person_confirms_is_offered_until_it_is_issued(self):
        first = self.start("confirm")
        first.action_issue()
        self.plan_again(first)
        with self.assertRaisesRegex(UserError, "Issue the invoice, or skip this date"):
            first.action_done()
        for day in (date(2026, 1, 26), date(2026, 1, 27)):
            self.run_day(first.schedule_id, day)
            activity = first.recurrence_activity_ids.filtered("active")
            self.assertEqual((first.state, len(activity)), ("todo", 1))
            activity.unlink()

    def test_cancelled_draft_has_no_empty_name(self):
        first = self.start("draft")
        first.move_id.button_cancel()
        self.assertIn("The draft of the invoice was cancelled.", first.error)

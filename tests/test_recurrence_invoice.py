from datetime import date, datetime

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import RecurrenceInvoiceCommon


@tagged("post_install", "-at_install")
class TestRecurrenceInvoice(RecurrenceInvoiceCommon):
    """Modes, dates, texts, prices, failures and states of recurring invoices."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.partner_a.email = "a@example.com"
        (cls.partner_a + cls.partner_b).invoice_sending_method = "email"
        cls.clerk = new_test_user(
            cls.env,
            login="recurrence_clerk",
            groups="base.group_user,account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.service = cls.env["recurrence.issuing"]

    def issue(self, occurrences, day, mode="post", **kwargs):
        return self.service._issue(occurrences, mode=mode, as_of=day, **kwargs)

    def issue_due(self, day, **kwargs):
        return self.service._issue_due(self.company, day, commit=False, **kwargs)

    def start(self, schedule):
        schedule.sudo().state = "running"
        return schedule

    # --- modes ---

    def test_r9_confirming_posts_and_numbers(self):
        schedule = self.start(self.create_schedule(self.partner_a))
        occurrence = self.create_occurrence(schedule, date(2026, 1, 6), state="todo")
        moves = self.service.with_user(self.clerk)._issue(
            occurrence.with_user(self.clerk), as_of=date(2026, 1, 6)
        )
        self.assertEqual(moves.state, "posted")
        self.assertEqual(moves.name, "INV/2026/00001")
        self.assertEqual(moves.invoice_date, date(2026, 1, 6))
        self.assertRecordValues(
            occurrence,
            [{"state": "done", "move_id": moves.id, "done_date": date(2026, 1, 6), "error": False}],
        )

    def test_confirm_is_never_issued_by_the_job(self):
        schedule = self.start(self.create_schedule(self.partner_a, invoice_mode="confirm"))
        occurrence = self.create_occurrence(schedule, date(2026, 1, 6), state="todo")
        self.assertEqual(self.issue_due(date(2026, 2, 1)), 0)
        self.assertFalse(occurrence.move_id)

    def test_draft_stays_to_do_until_posted(self):
        schedule = self.start(
            self.create_schedule(self.partner_a, invoice_mode="draft", user_id=self.clerk.id)
        )
        occurrence = self.create_occurrence(schedule, date(2026, 1, 6))
        self.assertEqual(self.issue_due(date(2026, 1, 6)), 1)
        self.assertEqual(occurrence.move_id.state, "draft")
        self.assertEqual(occurrence.state, "todo")
        self.assertEqual(self.issue_due(date(2026, 1, 7)), 0)
        occurrence.move_id.action_post()
        self.assertEqual(occurrence.state, "done")

    def test_post_acts_as_the_responsible(self):
        schedule = self.start(
            self.create_schedule(self.partner_a, invoice_mode="post", user_id=self.clerk.id)
        )
        occurrence = self.create_occurrence(schedule, date(2026, 1, 6))
        self.issue_due(date(2026, 1, 6))
        self.assertEqual(occurrence.move_id.state, "posted")
        self.assertEqual(occurrence.move_id.create_uid, self.clerk)

    def test_send_is_left_to_odoo(self):
        schedule = self.start(
            self.create_schedule(self.partner_a, invoice_mode="send", user_id=self.clerk.id)
        )
        occurrence = self.create_occurrence(schedule, date(2026, 1, 6))
        self.issue_due(date(2026, 1, 6))
        move = occurrence.move_id
        self.assertEqual(move.state, "posted")
        self.assertEqual(
            move.sending_data,
            {
                "author_user_id": self.clerk.id,
                "author_partner_id": self.clerk.partner_id.id,
            },
        )

    def test_send_without_an_address_fails_and_posts_nothing(self):
        self.partner_b.email = False
        schedule = self.start(
            self.create_schedule(self.partner_b, invoice_mode="send", user_id=self.clerk.id)
        )
        occurrence = self.create_occurrence(schedule, date(2026, 1, 6))
        self.assertEqual(self.issue_due(date(2026, 1, 6)), 0)
        self.assertEqual(occurrence.state, "failed")
        self.assertIn("no e-mail address", occurrence.error)
        self.assertFalse(occurrence.move_id)

    def test_responsible_without_right(self):
        employee = new_test_user(
            self.env,
            login="recurrence_employee",
            groups="base.group_user",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        schedule = self.start(
            self.create_schedule(self.partner_a, invoice_mode="post", user_id=employee.id)
        )
        occurrence = self.create_occurrence(schedule, date(2026, 1, 6))
        self.issue_due(date(2026, 1, 6))
        self.assertIn("is not allowed to issue invoices", occurrence.error)
        with self.assertRaisesRegex(UserError, "is not allowed to issue invoices"):
            self.service.with_user(employee)._issue(occurrence.with_user(employee))

    def test_responsible_archived(self):
        schedule = self.start(
            self.create_schedule(self.partner_a, invoice_mode="post", user_id=self.clerk.id)
        )
        occurrence = self.create_occurrence(schedule, date(2026, 1, 6))
        self.clerk.sudo().active = False
        self.issue_due(date(2026, 1, 6))
        self.assertIn("is archived", occurrence.error)

    # --- due ones only ---

    def test_only_what_is_due(self):
        schedule = self.start(
            self.create_schedule(self.partner_a, invoice_mode="post", user_id=self.clerk.id)
        )
        due = self.create_occurrence(schedule, date(2026, 1, 6))
        later = self.create_occurrence(schedule, date(2026, 1, 7), number=2)
        skipped = self.create_occurrence(schedule, date(2026, 1, 5), number=0, state="skipped")
        paused = self.create_schedule(self.partner_b, invoice_mode="post", user_id=self.clerk.id)
        paused.sudo().state = "paused"
        asleep = self.create_occurrence(paused, date(2026, 1, 6))
        self.assertEqual(self.issue_due(date(2026, 1, 6)), 1)
        self.assertTrue(due.move_id)
        self.assertFalse((later + skipped + asleep).move_id)

    def test_backlog_is_issued_in_the_order_of_its_dates(self):
        first = self.start(
            self.create_schedule(self.partner_a, invoice_mode="post", user_id=self.clerk.id)
        )
        second = self.start(
            self.create_schedule(self.partner_b, invoice_mode="post", user_id=self.clerk.id)
        )
        march = self.create_occurrence(first, date(2026, 3, 1))
        january = self.create_occurrence(second, date(2026, 1, 1))
        february = self.create_occurrence(first, date(2026, 2, 1), number=0)
        self.assertEqual(self.issue_due(date(2026, 3, 5), batch_size=2), 3)
        self.assertEqual(
            (january + february + march).move_id.mapped("name"),
            ["INV/2026/00001", "INV/2026/00002", "INV/2026/00003"],
        )
        self.assertEqual(
            (january + february + march).move_id.mapped("invoice_date"),
            [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)],
        )

    # --- once ---

    def test_rule_2_database_refuses_a_second_invoice(self):
        schedule = self.start(self.create_schedule(self.partner_a))
        occurrence = self.create_occurrence(schedule, date(2026, 1, 6))
        move = self.issue(occurrence, date(2026, 1, 6))
        other = self.init_invoice("out_invoice", partner=self.partner_a, amounts=[1])
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env.cr.execute(
                "UPDATE account_move SET recurrence_occurrence_id = %s WHERE id = %s",
                [occurrence.id, other.id],
            )
        self.assertTrue(move)

    def test_issuing_twice_is_refused(self):
        schedule = self.start(self.create_schedule(self.partner_a))
        occurrence = self.create_occurrence(schedule, date(2026, 1, 6))
        self.issue(occurrence, date(2026, 1, 6))
        with self.assertRaisesRegex(UserError, "already exists: .*INV/2026/00001"):
            self.issue(occurrence, date(2026, 1, 6))

    def test_skipped_is_refused(self):
        schedule = self.start(self.create_schedule(self.partner_a))
        occurrence = self.create_occurrence(schedule, date(2026, 1, 6), state="skipped")
        with self.assertRaisesRegex(UserError, "was skipped"):
            self.issue(occurrence, date(2026, 1, 6))

    def test_interaction_issues_nothing(self):
        schedule = self.env["recurrence.schedule"].create(
            {"name": "Call", "date_start": "2026-01-01"}
        )
        occurrence = self.create_occurrence(schedule, date(2026, 1, 6))
        with self.assertRaisesRegex(UserError, "does not issue an invoice"):
            self.issue(occurrence, date(2026, 1, 6))

    # --- dates ---

    def test_later_invoice_makes_the_day_of_issue(self):
        self.init_invoice(
            "out_invoice", partner=self.partner_b, amounts=[5], invoice_date="2026-01-20", post=True
        )
        schedule = self.start(self.create_schedule(self.partner_a, line={"name": "#PERIOD_START#"}))
        occurrence = self.create_occurrence(
            schedule, date(2026, 1, 6), period_start=date(2026, 1, 6), period_end=date(2026, 2, 5)
        )
        move = self.issue(occurrence, date(2026, 1, 25))
        self.assertEqual(move.invoice_date, date(2026, 1, 25))
        self.assertEqual(move.invoice_line_ids.name, "01/06/2026")
        said = " ".join(move.message_ids.mapped("body"))
        self.assertIn("01/25/2026", said)
        self.assertIn("01/20/2026", said)

    def test_invoice_of_the_same_day_changes_nothing(self):
        self.init_invoice(
            "out_invoice", partner=self.partner_b, amounts=[5], invoice_date="2026-01-06", post=True
        )
        schedule = self.start(self.create_schedule(self.partner_a))
        occurrence = self.create_occurrence(schedule, date(2026, 1, 6))
        move = self.issue(occurrence, date(2026, 1, 25))
        self.assertEqual(move.invoice_date, date(2026, 1, 6))

    def test_locked_period_makes_the_day_of_issue(self):
        schedule = self.start(self.create_schedule(self.partner_a))
        occurrence = self.create_occurrence(schedule, date(2026, 1, 6))
        self.company.sale_lock_date = date(2026, 1, 31)
        move = self.issue(occurrence, date(2026, 2, 3))
        self.assertEqual(move.invoice_date, date(2026, 2, 3))
        self.assertEqual(move.date, date(2026, 2, 3))
        self.assertIn("locked", " ".join(move.message_ids.mapped("body")))

    def test_due_date_by_payment_terms(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "30 days",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})
                ],
            }
        )
        schedule = self.start(
            self.create_schedule(self.partner_a, template={"invoice_payment_term_id": term.id})
        )
        occurrence = self.create_occurrence(schedule, date(2026, 1, 6))
        move = self.issue(occurrence, date(2026, 1, 6))
        self.assertEqual(move.invoice_date_due, date(2026, 2, 5))
        self.assertEqual(move.invoice_payment_term_id, term)

    def test_due_date_at_the_distance_of_the_template(self):
        schedule = self.start(
            self.create_schedule(
                self.partner_a,
                template={
                    "date": date(2025, 12, 1),
                    "invoice_payment_term_id": False,
                    "invoice_date_due": date(2025, 12, 11),
                },
                due_mode="distance",
            )
        )
        occurrence = self.create_occurrence(schedule, date(2026, 1, 25))
        move = self.issue(occurrence, date(2026, 1, 25))
        self.assertEqual(move.invoice_date_due, date(2026, 2, 4))

    # --- texts ---

    def test_placeholders_in_the_language_of_the_customer(self):
        self.env["res.lang"].sudo()._activate_lang("fr_FR")
        self.partner_a.lang = "fr_FR"
        schedule = self.start(
            self.create_schedule(
                self.partner_a,
                line={"name": "Abonnement #MONTH# #YEAR# (#PERIOD_START# - #PERIOD_END#)"},
                template={"ref": "No #NUMBER#", "narration": "<p>#MONTH#</p>"},
            )
        )
        occurrence = self.create_occurrence(
            schedule,
            date(2026, 2, 1),
            number=14,
            period_start=date(2026, 2, 1),
            period_end=date(2026, 2, 28),
        )
        move = self.issue(occurrence, date(2026, 2, 1))
        self.assertEqual(
            move.invoice_line_ids.name, "Abonnement février 2026 (01/02/2026 - 28/02/2026)"
        )
        self.assertEqual(move.ref, "No 14")
        self.assertEqual(str(move.narration), "<p>février</p>")

    def test_text_that_is_no_placeholder_stays(self):
        schedule = self.start(self.create_schedule(self.partner_a, line={"name": "Paint #FF0000#"}))
        occurrence = self.create_occurrence(schedule, date(2026, 2, 1))
        move = self.issue(occurrence, date(2026, 2, 1))
        self.assertEqual(move.invoice_line_ids.name, "Paint #FF0000#")

    # --- prices ---

    def test_price_of_the_template_or_of_the_product(self):
        line = {"product_id": self.product_a.id, "price_unit": 80.0}
        fixed = self.start(self.create_schedule(self.partner_a, line=line))
        floating = self.start(
            self.create_schedule(self.partner_b, line=line, price_source="product")
        )
        self.product_a.lst_price = 123.0
        both = self.create_occurrence(fixed, date(2026, 2, 1))
        both += self.create_occurrence(floating, date(2026, 2, 1))
        moves = self.issue(both, date(2026, 2, 1))
        self.assertEqual(moves.mapped("amount_untaxed"), [80.0, 123.0])

    def test_price_from_now_on_is_changed_on_the_template(self):
        schedule = self.start(self.create_schedule(self.partner_a))
        first = self.create_occurrence(schedule, date(2026, 1, 1))
        second = self.create_occurrence(schedule, date(2026, 2, 1), number=2)
        before = self.issue(first, date(2026, 1, 1))
        schedule.template_move_id.invoice_line_ids.price_unit = 110.0
        after = self.issue(second, date(2026, 2, 1))
        self.assertEqual((before + after).mapped("amount_untaxed"), [100.0, 110.0])

    def test_foreign_currency_takes_the_rate_of_the_date(self):
        currency = self.setup_other_currency(
            "EUR", rounding=0.01, rates=[("2026-01-01", 2.0), ("2026-02-01", 4.0)]
        )
        schedule = self.start(
            self.create_schedule(self.partner_a, template={"currency_id": currency.id})
        )
        occurrence = self.create_occurrence(schedule, date(2026, 2, 1))
        move = self.issue(occurrence, date(2026, 2, 1))
        self.assertEqual(move.currency_id, currency)
        self.assertEqual(move.amount_total, 115.0)
        self.assertEqual(move.amount_total_signed, 28.75)

    # --- failures ---

    def test_rule_15_one_bad_record_stops_nobody(self):
        schedules = [
            self.start(
                self.create_schedule(
                    self.partner_a, invoice_mode="post", user_id=self.clerk.id, name=f"S{number}"
                )
            )
            for number in range(3)
        ]
        rows = [self.create_occurrence(schedule, date(2026, 1, 6)) for schedule in schedules]
        account = schedules[1].template_move_id.invoice_line_ids.account_id.copy()
        schedules[1].template_move_id.invoice_line_ids.account_id = account
        account.with_context(recurrence_archive_anyway=True).active = False
        self.assertEqual(self.issue_due(date(2026, 1, 6)), 2)
        self.assertEqual([row.state for row in rows], ["done", "failed", "done"])
        self.assertIn("is archived", rows[1].error)
        self.assertEqual(schedules[1].error, rows[1].error)
        self.assertFalse(schedules[0].error)

    def test_back_off_then_a_person(self):
        self.partner_b.email = False
        schedule = self.start(
            self.create_schedule(self.partner_b, invoice_mode="send", user_id=self.clerk.id)
        )
        occurrence = self.create_occurrence(schedule, date(2026, 1, 6))
        self.issue_due(date(2026, 1, 6))
        self.assertEqual(occurrence.retry_at, datetime(2026, 1, 6, 13))
        self.assertEqual(self.issue_due(date(2026, 1, 6)), 0)
        self.assertEqual(occurrence.error_count, 1)
        self.issue_due(date(2026, 1, 7))
        self.assertEqual(occurrence.retry_at, datetime(2026, 1, 7, 18))
        self.issue_due(date(2026, 1, 8))
        self.assertEqual(occurrence.retry_at, datetime(2026, 1, 9, 12))
        self.issue_due(date(2026, 1, 10))
        self.assertFalse(occurrence.retry_at)
        self.assertEqual(occurrence.error_count, 4)
        self.issue_due(date(2026, 3, 1))
        self.assertEqual(occurrence.error_count, 4)
        self.partner_b.email = "b@example.com"
        occurrence.with_user(self.clerk).action_retry()
        self.assertEqual(occurrence.state, "done")
        self.assertFalse(schedule.error)

    def test_a_person_gets_the_error_and_nothing_is_kept(self):
        schedule = self.start(self.create_schedule(self.partner_a))
        occurrence = self.create_occurrence(schedule, date(2026, 1, 6))
        journal = schedule.template_move_id.journal_id
        journal.with_context(recurrence_archive_anyway=True).active = False
        self.env["account.journal"].search([("type", "=", "sale")]).with_context(
            recurrence_archive_anyway=True
        ).active = False
        with self.assertRaises(UserError):
            self.issue(occurrence, date(2026, 1, 6))

    # --- state of the invoice ---

    def _issued(self):
        schedule = self.start(
            self.create_schedule(self.partner_a, invoice_mode="post", user_id=self.clerk.id)
        )
        occurrence = self.create_occurrence(schedule, date(2026, 1, 6))
        return occurrence, self.issue(occurrence, date(2026, 1, 6))

    def test_reset_to_draft(self):
        occurrence, move = self._issued()
        move.button_draft()
        self.assertEqual(occurrence.state, "todo")
        self.assertIn("back in draft", occurrence.error)
        self.assertEqual(self.issue_due(date(2026, 2, 1)), 0)
        move.action_post()
        self.assertEqual(occurrence.state, "done")
        self.assertFalse(occurrence.error)

    def test_cancelled_then_issued_again_deliberately(self):
        occurrence, move = self._issued()
        move.button_cancel()
        self.assertEqual(occurrence.state, "failed")
        self.assertIn("was cancelled", occurrence.error)
        self.assertEqual(self.issue_due(date(2026, 2, 1)), 0, "no job issues it again")
        second = self.issue(occurrence, date(2026, 1, 7))
        self.assertEqual(occurrence.move_id, second)
        self.assertEqual(occurrence.state, "done")
        self.assertEqual(move.recurrence_schedule_id, occurrence.schedule_id)
        self.assertEqual(occurrence.invoice_ids, move + second, "both stay known")

    def test_deleted(self):
        schedule = self.start(self.create_schedule(self.partner_a))
        occurrence = self.create_occurrence(schedule, date(2026, 1, 6))
        self.issue(occurrence, date(2026, 1, 6), mode="draft").unlink()
        self.assertEqual(occurrence.state, "failed")
        self.assertFalse(occurrence.move_id)
        self.assertIn("was deleted", occurrence.error)
        self.assertEqual(self.issue_due(date(2026, 2, 1)), 0)

    def test_auto_post_of_an_issued_invoice_is_refused(self):
        occurrence, move = self._issued()
        move.button_draft()
        with self.assertRaisesRegex(UserError, "would be billed twice"):
            move.auto_post = "monthly"
        self.assertTrue(occurrence)

    # --- many ---

    def test_issue_many_takes_few_queries(self):
        """The cost of one more invoice is that of Odoo's own create and post, not of ours."""
        schedules = [
            self.start(
                self.create_schedule(
                    self.partner_a, invoice_mode="post", user_id=self.clerk.id, name=f"S{number}"
                )
            )
            for number in range(12)
        ]
        day = date(2026, 1, 6)

        def count(batch):
            for schedule in batch:
                self.create_occurrence(schedule, day)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(self.issue_due(day), len(batch))
            return self.env.cr.sql_log_count - before

        count(schedules[:1])
        two, nine = count(schedules[1:3]), count(schedules[3:])
        self.assertLess((nine - two) / 7, 12)

    def test_two_companies_are_kept_apart(self):
        other = self.setup_other_company()["company"]
        mine = self.start(
            self.create_schedule(self.partner_a, invoice_mode="post", user_id=self.clerk.id)
        )
        occurrence = self.create_occurrence(mine, date(2026, 1, 6))
        self.assertEqual(self.service._issue_due(other, date(2026, 1, 6), commit=False), 0)
        self.assertFalse(occurrence.move_id)
        self.assertEqual(self.issue_due(date(2026, 1, 6)), 1)
        self.assertEqual(occurrence.move_id.company_id, self.company)

    def test_amounts_follow_a_tax_that_was_changed(self):
        """The amounts copied from the template are a start only; Odoo's tax engine decides."""
        schedule = self.start(self.create_schedule(self.partner_a))
        before, after = (
            self.create_occurrence(schedule, date(2026, month, 1), number=month) for month in (1, 2)
        )
        first = self.issue(before, date(2026, 1, 1))
        self.tax_sale_a.amount = 20.0
        second = self.issue(after, date(2026, 2, 1))
        self.assertEqual((first + second).mapped("amount_total"), [115.0, 120.0])
        self.assertEqual(sum(second.line_ids.mapped("balance")), 0.0)

    def test_amounts_follow_a_price_that_includes_tax_now(self):
        schedule = self.start(self.create_schedule(self.partner_a))
        occurrence = self.create_occurrence(schedule, date(2026, 1, 1))
        self.tax_sale_a.price_include_override = "tax_included"
        move = self.issue(occurrence, date(2026, 1, 1))
        self.assertEqual(move.amount_total, 100.0)
        self.assertEqual(move.amount_untaxed, 86.96)
        line = move.invoice_line_ids
        self.assertEqual((line.balance, line.amount_currency), (-86.96, -86.96))

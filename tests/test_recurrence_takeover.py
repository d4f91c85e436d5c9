from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from ..wizard.recurrence import recurrence_takeover
from .test_recurrence_billed_line import BilledLineCase


class TakeoverCase(BilledLineCase):
    """Base of the tests of taking over; runs as a clerk of Invoicing unless told otherwise."""

    source = "recurrence.source.auto.post"

    def open_takeover(self, user=None, **vals):
        dialogs = self.env["recurrence.takeover"].with_user(user or self.clerk)
        dialog = dialogs.with_company(self.company).create({"source": self.source, **vals})
        dialog.action_preview()
        return dialog

    def take_over(self, **vals):
        dialog = self.open_takeover(**vals)
        self.assertFalse("".join(filter(None, dialog.row_ids.mapped("problem"))))
        dialog.action_confirm()
        return dialog.made_ids

    def assertRefused(self, sentence):
        dialog = self.open_takeover()
        self.assertIn(sentence, dialog.row_ids.problem or "")
        self.assertEqual((dialog.ready_count, dialog.refused_count), (0, 1))
        with self.assertRaisesRegex(UserError, "Tick at least one row"):
            dialog.action_confirm()


@freeze_time("2026-12-01 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceTakeover(TakeoverCase):
    """R16: going on with what Odoo's own auto-post repeats."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.azure = cls.env["res.partner"].create({"name": "Azure"})

    def create_series(self, day, every="monthly", posts=0, **vals):
        """Create a series of Odoo and post its first entries; returns the draft that is left."""
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.azure.id,
                "invoice_date": day,
                "date": day,
                "auto_post": every,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Hotline",
                            "price_unit": 100.0,
                            "tax_ids": [Command.set(self.tax_sale_a.ids)],
                        }
                    )
                ],
                **vals,
            }
        )
        for _number in range(posts):
            move.action_post()
            move = move.search(
                [("auto_post_origin_id", "=", move.auto_post_origin_id.id)]
            ).filtered(lambda move: move.state == "draft")
        return move

    def run_odoo_job(self):
        with self.enter_registry_test_mode():
            self.env.ref("account.ir_cron_auto_post_draft_entry").method_direct_trigger()

    def series_dates(self, move):
        origin = move.auto_post_origin_id or move
        series = origin | origin.search([("auto_post_origin_id", "=", origin.id)])
        return sorted(series.mapped("invoice_date"))

    def test_r16_a_series_of_odoo_goes_on_after_its_draft(self):
        """31 August to 30 November are posted; Odoo counts each date from the first."""
        draft = self.create_series(date(2026, 8, 31), posts=4)
        self.assertEqual(draft.invoice_date, date(2026, 12, 31))
        before = self.env["recurrence.schedule"].search_count([])
        dialog = self.open_takeover()
        self.assertEqual(self.env["recurrence.schedule"].search_count([]), before)
        self.assertEqual(draft.auto_post, "monthly", "the preview stops nothing")
        self.assertRecordValues(
            dialog.row_ids,
            [
                {
                    "partner_id": self.azure.id,
                    "current": "Monthly",
                    "what": "Hotline",
                    "first_date": date(2027, 1, 31),
                    "amounts": "$\N{NO-BREAK SPACE}115.00",
                    "note": "The draft of 12/31/2026 remains: Odoo posts it on that day.",
                    "is_included": True,
                }
            ],
        )
        dialog.action_confirm()
        made = dialog.made_ids
        self.assertRecordValues(
            made,
            [
                {
                    "state": "running",
                    "name": "Azure · Hotline",
                    "invoice_mode": "post",
                    "date_start": date(2027, 1, 31),
                }
            ],
        )
        dates = [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31)]
        self.assertEqual(made.get_rule_dates(limit=3), dates)
        self.assertEqual(draft.auto_post, "at_date")
        self.assertIn("Repeated from now on by", draft.message_ids[0].body)
        self.assertIn("Taken over from", "".join(made.message_ids.mapped("body")))
        self.assertEqual(dialog.action_open_made()["domain"], [("id", "in", made.ids)])

    def test_r16_each_period_of_a_series_is_billed_once_by_one_of_both(self):
        draft = self.create_series(date(2026, 11, 15), posts=1)
        made = self.take_over()
        with freeze_time("2026-12-15 10:00:00"):
            self.run_odoo_job()
        self.assertEqual(draft.state, "posted")
        with freeze_time("2027-02-15 10:00:00"):
            self.run_odoo_job()
            self.run_on(made, date(2027, 2, 15))
        self.assertEqual(self.series_dates(draft), [date(2026, 11, 15), date(2026, 12, 15)])
        self.assertEqual(
            made.occurrence_ids.move_id.mapped("invoice_date"),
            [date(2027, 1, 15), date(2027, 2, 15)],
        )
        self.assertEqual(made.occurrence_ids.move_id.mapped("amount_total"), [115.0, 115.0])

    def test_r16_an_entry_posted_once_more_does_not_revive_the_series(self):
        draft = self.create_series(date(2026, 10, 15), posts=2)
        posted = draft.auto_post_origin_id
        self.take_over()
        posted.button_draft()
        posted.action_post()
        self.assertEqual(
            self.series_dates(draft), [date(2026, 10, 15), date(2026, 11, 15), date(2026, 12, 15)]
        )

    def test_r16_a_series_in_locked_time_is_stopped_as_well(self):
        draft = self.create_series(date(2026, 10, 15), posts=2)
        self.company.fiscalyear_lock_date = "2026-11-30"
        self.take_over()
        self.assertEqual(draft.auto_post_origin_id.auto_post, "at_date")

    def test_r16_a_series_not_begun_yet_keeps_its_first_entry(self):
        draft = self.create_series(date(2026, 12, 20), "quarterly", auto_post_until="2027-10-01")
        row = self.open_takeover().row_ids
        self.assertEqual(row.current, "Quarterly until 10/01/2027")
        made = self.take_over()
        self.assertEqual(draft.state, "draft")
        self.assertEqual(
            made.get_rule_dates(), [date(2027, 3, 20), date(2027, 6, 20), date(2027, 9, 20)]
        )

    def test_r16_the_last_entry_of_a_series_is_refused(self):
        draft = self.create_series(date(2026, 12, 20), "yearly", auto_post_until="2027-12-19")
        self.assertRefused("This is the last entry of the series; nothing is left to repeat.")
        self.assertEqual(draft.auto_post, "yearly")

    def test_r16_several_drafts_of_one_series_are_refused(self):
        draft = self.create_series(date(2026, 10, 15), posts=2)
        posted = draft.auto_post_origin_id
        posted.button_draft()
        posted.action_post()
        self.assertRefused("The series has several drafts: 11/15/2026, 12/15/2026.")

    def test_r16_bills_and_entries_of_a_series_go_on_as_such(self):
        self.create_series(date(2026, 12, 5), move_type="in_invoice", ref="B-1")
        self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": "2026-12-31",
                "ref": "Accrual",
                "auto_post": "monthly",
                "line_ids": [
                    Command.create(
                        {"account_id": account.id, "debit": debit, "credit": 40.0 - debit}
                    )
                    for account, debit in (
                        (self.company_data["default_account_expense"], 40.0),
                        (self.company_data["default_account_payable"], 0.0),
                    )
                ],
            }
        )
        made = self.take_over().sorted("date_start")
        self.assertEqual(made.mapped("document_type"), ["in_invoice", "entry"])
        self.assertEqual(made.mapped("date_start"), [date(2027, 1, 5), date(2027, 1, 31)])
        self.assertFalse(made[0].template_move_id.ref, "the number of one bill")

    def test_r16_due_days_without_payment_terms_stay_as_many(self):
        self.create_series(
            date(2026, 12, 5), invoice_payment_term_id=False, invoice_date_due="2026-12-19"
        )
        made = self.take_over()
        with freeze_time("2027-01-05 10:00:00"):
            invoice = self.run_on(made, date(2027, 1, 5))
        self.assertEqual(invoice.invoice_date_due, date(2027, 1, 19))

    def test_r16_only_the_chosen_customers_are_taken_over(self):
        self.create_series(date(2026, 12, 5))
        other = self.create_series(date(2026, 12, 6), partner_id=self.partner_b.id)
        dialog = self.open_takeover(partner_ids=[Command.set(self.azure.ids)])
        self.assertEqual(dialog.row_ids.partner_id, self.azure)
        dialog.action_confirm()
        self.assertEqual(other.auto_post, "monthly")

    def test_r16_what_has_changed_since_it_was_shown_is_refused(self):
        draft = self.create_series(date(2026, 12, 5))
        dialog = self.open_takeover()
        draft.invoice_line_ids.price_unit = 120.0
        with self.assertRaisesRegex(UserError, "has changed since it was shown"):
            dialog.action_confirm()
        dialog = self.open_takeover()
        draft.auto_post = "no"
        with self.assertRaisesRegex(UserError, "has changed since it was shown"):
            dialog.action_confirm()
        self.assertFalse(dialog.made_ids)

    def test_r16_another_end_than_was_shown_is_refused(self):
        draft = self.create_series(date(2026, 12, 5))
        for change in ({"auto_post_until": "2027-05-31"}, {"auto_post": "quarterly"}):
            dialog = self.open_takeover()
            draft.write(change)
            with self.assertRaisesRegex(UserError, "has changed since it was shown"):
                dialog.action_confirm()

    def test_r16_all_that_are_ticked_are_taken_over_or_none(self):
        first = self.create_series(date(2026, 12, 5))
        second = self.create_series(date(2026, 12, 6))
        dialog = self.open_takeover()
        self.assertEqual(dialog.ready_count, 2)
        second.invoice_line_ids.price_unit = 120.0
        with self.assertRaises(UserError), self.env.cr.savepoint():
            dialog.action_confirm()
        self.assertEqual(first.auto_post, "monthly")
        self.assertFalse(
            self.env["recurrence.schedule"].search([("partner_id", "=", self.azure.id)])
        )

    def test_r16_two_dialogs_take_it_over_once(self):
        self.create_series(date(2026, 12, 5))
        one, other = self.open_takeover(), self.open_takeover()
        one.action_confirm()
        with self.assertRaisesRegex(UserError, "has changed since it was shown"):
            other.action_confirm()
        with self.assertRaisesRegex(UserError, "Show first what would be taken over"):
            one.action_confirm()

    def test_r16_what_is_refused_does_not_stand_before_the_rest(self):
        self.create_series(date(2026, 12, 20), "yearly", auto_post_until="2027-12-19")
        for day in (5, 6, 7):
            self.create_series(date(2026, 12, day))
        with patch.object(recurrence_takeover, "MOST", 2):
            dialog = self.open_takeover()
            self.assertEqual(
                (dialog.ready_count, dialog.refused_count, dialog.more_count), (2, 1, 1)
            )
            dialog.action_confirm()
            dialog = self.open_takeover()
            self.assertEqual(
                (dialog.ready_count, dialog.refused_count, dialog.more_count), (1, 1, 0)
            )

    def test_r16_dates_that_differ_are_refused(self):
        self.create_series(date(2026, 12, 5), move_type="in_invoice", date="2026-12-20")
        self.assertRefused("another accounting date than invoice date")

    def test_r16_a_late_draft_is_told(self):
        self.create_series(date(2026, 11, 20))
        self.assertEqual(
            self.open_takeover().row_ids.note,
            "The draft of 11/20/2026 is not posted yet: check it.",
        )

    def test_r16_credit_notes_and_other_currencies_go_on_as_such(self):
        euro = self.setup_other_currency("EUR")
        self.create_series(date(2026, 12, 5), move_type="out_refund", currency_id=euro.id)
        dialog = self.open_takeover()
        self.assertEqual(dialog.row_ids.amounts, "115.00\N{NO-BREAK SPACE}€")
        dialog.action_confirm()
        self.assertRecordValues(
            dialog.made_ids, [{"document_type": "out_refund", "currency_id": euro.id}]
        )

    def test_r16_defaults_of_an_administrator_change_no_dates(self):
        self.create_series(date(2026, 11, 15))
        for name, value in (("catch_up", "skip"), ("proration", "days"), ("day_shift", "next")):
            self.env["ir.default"].sudo().set("recurrence.schedule", name, value)
        made = self.take_over()
        self.assertRecordValues(
            made, [{"catch_up": "all", "proration": "whole", "day_shift": "none"}]
        )

    def test_r16_an_entry_of_a_series_that_was_taken_over_is_not_made_recurring(self):
        draft = self.create_series(date(2026, 11, 5), posts=1)
        self.take_over()
        with self.assertRaisesRegex(UserError, "was taken over and repeats already"):
            draft.auto_post_origin_id.action_make_recurring()

    def test_r16_an_invoice_that_is_posted_on_its_date_can_be_made_recurring(self):
        draft = self.create_series(date(2026, 12, 5), "at_date")
        draft.action_make_recurring()
        self.assertTrue(
            self.env["recurrence.schedule"].search([("partner_id", "=", self.azure.id)])
        )

    def test_r16_nothing_to_take_over_is_said(self):
        with self.assertRaisesRegex(UserError, "nothing that still repeats was found in"):
            self.open_takeover()

    def test_r16_an_invoice_that_repeats_already_names_the_way(self):
        draft = self.create_series(date(2026, 12, 5))
        with self.assertRaisesRegex(UserError, "Take Over Recurring Invoices"):
            draft.action_make_recurring()

    def test_r16_another_company_sees_nothing_of_it(self):
        self.create_series(date(2026, 12, 5))
        other = self.setup_other_company()["company"]
        self.clerk.company_ids += other
        dialogs = self.env["recurrence.takeover"].with_user(self.clerk).with_company(other)
        with self.assertRaisesRegex(UserError, "nothing that still repeats was found in"):
            dialogs.create({"source": self.source}).action_preview()

from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .test_recurrence_billed_line import FEBRUARY, JANUARY, MARCH, BilledLineCase

MIDDLE = date(2026, 1, 15)


class LineChangeCase(BilledLineCase):
    """Base: hosting of 310.00 by days, January 2026 is billed and posted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.schedule = cls.create_running(cls.line("Hosting", 310.0), proration="days")
        cls.template = cls.schedule.template_move_id
        cls.schedule.sudo()._run_due(JANUARY)
        cls.january = cls.schedule.occurrence_ids.filtered(lambda o: o.rule_date == JANUARY).move_id

    def open_dialog(self, day=None, schedule=None, user=None):
        template = (schedule or self.schedule).template_move_id
        action = template.with_user(user or self.clerk).action_recurrence_change()
        model = self.env["recurrence.line.change"].with_user(user or self.clerk)
        dialog = Form(model.with_context(**action["context"]))
        if day:
            dialog.date = day
        return dialog

    def change(self, day, quantity=None, price=None, schedule=None):
        """Change the first line from a day on, by the dialog; return the correction."""
        dialog = self.open_dialog(day, schedule)
        with dialog.line_ids.edit(0) as line:
            if quantity is not None:
                line.quantity = quantity
            if price is not None:
                line.price_unit = price
        return self.confirm(dialog)

    def confirm(self, dialog):
        action = dialog.save().action_confirm()
        return self.env["account.move"].browse(action.get("res_id") or ())

    def bill(self, schedule, day):
        """Return the lines of the invoice of a date as (text, amount)."""
        move = self.run_on(schedule, day)
        return [(line.name, line.price_subtotal) for line in move.invoice_line_ids]


@freeze_time("2026-01-05 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceLineChange(LineChangeCase):
    """R10: a new price or quantity from any day; what was billed ahead is corrected once."""

    def test_r10_from_the_next_period_on_is_what_the_dialog_offers(self):
        dialog = self.open_dialog()
        self.assertEqual(dialog.date, FEBRUARY)
        self.assertEqual(dialog.line_ids.edit(0).former, "1 × $\xa0310.00")
        self.assertFalse(self.change(FEBRUARY, price=280.0))
        self.assertEqual(self.bill(self.schedule, FEBRUARY), [("Hosting", 280.0)])
        # what January was billed with stays in the template, for who issues it again
        self.assertRecordValues(
            self.template.invoice_line_ids,
            [
                {"price_unit": 310.0, "recurrence_until": date(2026, 1, 31)},
                {"price_unit": 280.0, "recurrence_until": False},
            ],
        )

    def test_r10_line_that_was_never_billed_changes_in_place(self):
        other = self.create_running(self.line("Hosting", 310.0), proration="days")
        self.change(JANUARY, price=280.0, schedule=other)
        self.assertEqual(other.template_move_id.invoice_line_ids.mapped("price_unit"), [280.0])

    def test_r10_price_rises_in_the_middle_of_a_billed_month(self):
        """17 of 31 days: 170.00 of 310.00 given back, 221.93 of 404.70 billed; tax 15 %."""
        dialog = self.open_dialog(MIDDLE)
        with dialog.line_ids.edit(0) as line:
            line.price_unit = 404.70
        self.assertEqual(dialog.correction_kind, "more")
        for text in ("Hosting", self.january.name, "01/15/2026", "01/31/2026", "170.00", "221.93"):
            self.assertIn(text, dialog.corrections)
        self.assertAlmostEqual(dialog.correction_totals["total_amount_currency"], 59.72, 9)
        move = self.confirm(dialog)
        self.assertRecordValues(
            move,
            [
                {
                    "move_type": "out_invoice",
                    "state": "draft",
                    "partner_id": self.partner_a.id,
                    "invoice_origin": self.january.name,
                    "amount_untaxed": 51.93,
                    "amount_total": 59.72,
                    "recurrence_schedule_id": False,
                }
            ],
        )
        period = "01/15/2026 – 01/31/2026"
        self.assertLines(
            move,
            (f"Hosting: billed with {self.january.name}, {period}", -170.0),
            (f"Hosting: {period}", 221.93),
        )
        self.assertEqual(self.bill(self.schedule, FEBRUARY), [("Hosting", 404.7)])
        move.action_post()

    def test_r10_price_falls_in_the_middle_of_a_billed_month(self):
        """17 of 31 days of 310.00 are 170.00, of 155.00 85.00: 85.00 are given back."""
        move = self.change(MIDDLE, price=155.0)
        self.assertRecordValues(
            move,
            [{"move_type": "out_refund", "amount_untaxed": 85.0, "amount_total": 97.75}],
        )
        move.action_post()
        self.assertEqual(move.state, "posted")

    def test_r10_line_ends_in_the_middle_of_a_billed_month(self):
        self.template.write({"invoice_line_ids": [self.line("Backup", 30.0)]})
        move = self.change(MIDDLE, quantity=0)
        self.assertRecordValues(move, [{"move_type": "out_refund", "amount_untaxed": 170.0}])
        self.assertEqual(self.template.invoice_line_ids[0].recurrence_until, date(2026, 1, 14))
        self.assertEqual(self.bill(self.schedule, FEBRUARY), [("Backup", 30.0)])

    def test_r10_line_is_added_in_the_middle_of_a_billed_month(self):
        """17 of 31 days of 62.00 are 34.00."""
        dialog = self.open_dialog(MIDDLE)
        with dialog.line_ids.new() as line:
            line.name = "Backup"
            line.price_unit = 62.0
        move = self.confirm(dialog)
        self.assertLines(move, ("Backup: 01/15/2026 – 01/31/2026", 34.0))
        # taxed as the first line of the template: 15 %
        self.assertEqual(move.amount_total, 39.1)
        self.assertEqual(self.bill(self.schedule, FEBRUARY), [("Hosting", 310.0), ("Backup", 62.0)])

    def test_r10_new_line_of_a_product_has_its_price_and_taxes(self):
        dialog = self.open_dialog(FEBRUARY)
        with dialog.line_ids.new() as line:
            line.product_id = self.product_a
        self.assertFalse(self.confirm(dialog))
        added = self.template.invoice_line_ids[1]
        self.assertRecordValues(
            added,
            [
                {
                    "product_id": self.product_a.id,
                    "price_unit": self.product_a.lst_price,
                    "tax_ids": self.tax_sale_a.ids,
                }
            ],
        )

    def test_r10_two_changes_in_one_month_give_back_what_was_billed_last(self):
        """310.00 until the 14th, 372.00 from the 15th, 341.00 from the 25th: 7 of 31 days."""
        first = self.change(MIDDLE, price=372.0)
        # 17 days: 204.00 instead of 170.00
        self.assertEqual(first.amount_untaxed, 34.0)
        dialog = self.open_dialog(date(2026, 1, 25))
        with dialog.line_ids.edit(1) as line:
            line.price_unit = 341.0
        self.assertIn("earlier change still is a draft", dialog.problem)
        with self.assertRaisesRegex(UserError, "still is a draft"):
            dialog.save().action_confirm()
        first.action_post()
        self.assertEqual(dialog.line_ids.edit(0).former, "1 × $\xa0310.00 (until 01/14/2026)")
        dialog = self.open_dialog(date(2026, 1, 25))
        with dialog.line_ids.edit(1) as line:
            line.price_unit = 341.0
        second = self.confirm(dialog)
        # 7 days: 84.00 of 372.00 given back, 77.00 of 341.00 billed
        self.assertRecordValues(second, [{"move_type": "out_refund", "amount_untaxed": 7.0}])
        self.assertEqual(
            [line.price_subtotal for line in second.invoice_line_ids.sorted("price_subtotal")],
            [-77.0, 84.0],
        )
        self.assertEqual(self.bill(self.schedule, FEBRUARY), [("Hosting", 341.0)])

    def change_line(self, number, day, **values):
        """Change one of the lines of the dialog; return the correction, posted."""
        dialog = self.open_dialog(day)
        with dialog.line_ids.edit(number) as line:
            for name, value in values.items():
                setattr(line, name, value)
        move = self.confirm(dialog)
        if move:
            move.action_post()
        return move

    def test_r10_second_change_is_earlier_than_the_first(self):
        """372.00 from the 25th; then 0 from the 15th: 10 of 31 days of 310.00 are 100.00."""
        self.change_line(0, date(2026, 1, 25), price_unit=372.0)
        move = self.change_line(0, MIDDLE, quantity=0)
        self.assertRecordValues(move, [{"move_type": "out_refund", "amount_untaxed": 100.0}])

    def test_r10_second_change_of_several_billed_months(self):
        """620.00 from 15 January, 310.00 from 10 February: 19 of 28 days, 420.71 and 210.36."""
        self.bill(self.schedule, FEBRUARY)
        self.change_line(0, MIDDLE, price_unit=620.0)
        move = self.change_line(1, date(2026, 2, 10), price_unit=310.0)
        self.assertEqual(
            [line.price_subtotal for line in move.invoice_line_ids.sorted("price_subtotal")],
            [-210.36, 420.71],
        )

    def test_r10_what_was_corrected_counts_not_what_the_template_says_now(self):
        """372.00 from the 15th, 400.00 from February; ended on the 25th: 7 of 31 days of 372.00."""
        self.change_line(0, MIDDLE, price_unit=372.0)
        self.change_line(1, FEBRUARY, price_unit=400.0)
        self.template.write({"invoice_line_ids": [self.line("Backup", 30.0)]})
        move = self.change_line(1, date(2026, 1, 25), quantity=0)
        self.assertRecordValues(move, [{"move_type": "out_refund", "amount_untaxed": 84.0}])

    def test_r10_deleted_correction_counts_for_nothing(self):
        """310.00 stands billed for January: from the 25th 70.00 are given back for 84.00."""
        self.change(MIDDLE, price=372.0).unlink()
        dialog = self.open_dialog(date(2026, 1, 25))
        with dialog.line_ids.edit(1) as line:
            line.price_unit = 341.0
        move = self.confirm(dialog)
        self.assertEqual(sorted(move.invoice_line_ids.mapped("price_subtotal")), [-70.0, 77.0])

    def test_r10_corrected_date_is_not_issued_again_beside_its_correction(self):
        correction = self.change_line(0, MIDDLE, price_unit=404.7)
        self.january.button_draft()
        self.january.button_cancel()
        occurrence = self.occurrence_on(self.schedule, JANUARY)
        with self.assertRaisesRegex(UserError, "corrects what was billed for 01/01/2026"):
            occurrence.with_user(self.clerk).action_issue()
        correction.button_draft()
        correction.button_cancel()
        occurrence.with_user(self.clerk).action_issue()
        # 14 of 31 days of 310.00 and 17 of 404.70: 140.00 and 221.93
        self.assertEqual(occurrence.move_id.amount_untaxed, 361.93)

    def test_r10_same_amount_with_another_tax_is_corrected(self):
        """One line ends and another begins, of the same price: the tax differs."""
        other_tax = self.tax_sale_a.copy({"name": "5 %", "amount": 5})
        dialog = self.open_dialog(MIDDLE)
        with dialog.line_ids.edit(0) as line:
            line.quantity = 0
        with dialog.line_ids.new() as line:
            line.name = "Books"
            line.price_unit = 310.0
            line.tax_ids.set(other_tax)
        move = self.confirm(dialog)
        # 170.00 are taxed with 8.50 instead of 25.50
        self.assertRecordValues(
            move, [{"move_type": "out_refund", "amount_untaxed": 0.0, "amount_total": 17.0}]
        )

    def test_r10_line_ends_on_the_day_it_began(self):
        self.change_line(0, MIDDLE, price_unit=372.0)
        self.template.write({"invoice_line_ids": [self.line("Backup", 30.0)]})
        move = self.change_line(1, MIDDLE, quantity=0)
        self.assertRecordValues(move, [{"move_type": "out_refund", "amount_untaxed": 204.0}])
        self.assertEqual(self.bill(self.schedule, FEBRUARY), [("Backup", 30.0)])

    def test_r10_reference_of_a_correction_is_filled(self):
        self.template.ref = "PO 7, #MONTH# #YEAR#"
        self.assertEqual(self.change(MIDDLE, price=620.0).ref, "PO 7, January 2026")

    def test_r10_line_that_has_ended_is_not_changed_later(self):
        self.change(MIDDLE, price=372.0).action_post()
        dialog = self.open_dialog(date(2026, 1, 25))
        with dialog.line_ids.edit(0) as line:
            line.price_unit = 341.0
        self.assertEqual(dialog.problem, "Hosting ends on 01/14/2026, before 01/25/2026.")

    def test_r10_day_ahead_ends_one_line_and_begins_the_next(self):
        self.change(date(2026, 2, 11), price=280.0)
        self.assertEqual(
            self.bill(self.schedule, FEBRUARY),
            [
                ("Hosting\n10 of 28 days: 02/01/2026 – 02/10/2026", 110.71),
                ("Hosting\n18 of 28 days: 02/11/2026 – 02/28/2026", 180.0),
            ],
        )
        self.assertEqual(self.bill(self.schedule, MARCH), [("Hosting", 280.0)])

    def test_r10_months_billed_ahead_are_in_one_document(self):
        """January and February are billed; from 15 January: 17 of 31 days and all of February."""
        self.bill(self.schedule, FEBRUARY)
        move = self.change(MIDDLE, price=620.0)
        self.assertEqual(
            sorted(move.invoice_line_ids.mapped("price_subtotal")), [-310.0, -170.0, 340.0, 620.0]
        )
        self.assertEqual(move.amount_untaxed, 480.0)

    def test_r10_what_was_billed_is_what_the_invoice_says(self):
        """A price of 217.00 was agreed for January alone: 119.00 are given back."""
        other = self.create_running(self.line("Hosting", 310.0), proration="days")
        january = self.occurrence_on(other, JANUARY)
        dialog = Form(
            self.env["recurrence.occurrence.issue"].with_context(default_occurrence_id=january.id)
        )
        with dialog.line_ids.edit(0) as line:
            line.price_unit = 217.0
        dialog.save().action_issue()
        other.template_move_id.write({"invoice_line_ids": [self.line("Backup", 30.0)]})
        move = self.change(MIDDLE, quantity=0, schedule=other)
        self.assertRecordValues(move, [{"move_type": "out_refund", "amount_untaxed": 119.0}])

    def test_r10_credited_invoice_is_not_corrected(self):
        reversal = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=self.january.ids)
            .create({"journal_id": self.january.journal_id.id, "reason": "wrong customer"})
        )
        reversal.refund_moves()
        refund = self.january.reversal_move_ids
        refund.action_post()
        (self.january + refund).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).filtered(lambda line: not line.reconciled).reconcile()
        self.assertEqual(self.january.payment_state, "reversed")
        self.assertFalse(self.change(MIDDLE, price=620.0))

    def test_r10_waiting_draft_is_settled_first(self):
        self.schedule.invoice_mode = "draft"
        self.schedule.sudo()._run_due(FEBRUARY)
        dialog = self.open_dialog(MIDDLE)
        with dialog.line_ids.edit(0) as line:
            line.price_unit = 620.0
        self.assertIn("The draft invoice of 02/01/2026", dialog.problem)

    def test_r10_whole_periods_change_on_their_first_day(self):
        other = self.create_running(self.line("Hosting", 310.0))
        dialog = self.open_dialog(MIDDLE, other)
        with dialog.line_ids.edit(0) as line:
            line.price_unit = 620.0
        self.assertIn("such as 02/01/2026", dialog.problem)
        dialog.date = FEBRUARY
        self.assertFalse(dialog.problem)

    def test_r10_quarterly_line_changes_with_its_quarter(self):
        other = self.create_running(
            self.line("Certificate", 60.0, recurrence_every=3), proration="days"
        )
        dialog = self.open_dialog(FEBRUARY, other)
        with dialog.line_ids.edit(0) as line:
            line.price_unit = 90.0
        self.assertIn("such as 04/01/2026", dialog.problem)
        dialog.date = date(2026, 4, 1)
        self.confirm(dialog)
        self.assertEqual(self.bill(other, JANUARY), [("Certificate", 60.0)])
        self.assertEqual(self.bill(other, date(2026, 4, 1)), [("Certificate", 90.0)])

    def test_r10_invoice_of_before_is_left_to_a_person(self):
        """Its lines do not say of which line of the template they are."""
        self.january.sudo().invoice_line_ids.recurrence_line_id = False
        dialog = self.open_dialog(MIDDLE)
        with dialog.line_ids.edit(0) as line:
            line.price_unit = 620.0
        self.assertIn("does not say which of its lines bill what", dialog.problem)
        self.assertIn("after 01/31/2026", dialog.problem)

    def test_r10_nothing_entered(self):
        with self.assertRaisesRegex(UserError, "Nothing was changed"):
            self.open_dialog().save().action_confirm()

    def test_r10_change_is_told_on_both_records(self):
        self.change(FEBRUARY, price=280.0)
        for record in (self.schedule, self.template):
            bodies = "".join(record.message_ids.mapped("body"))
            self.assertIn("From 02/01/2026 on: Hosting: 1 × $&nbsp;280.00 instead of", bodies)

    def test_r10_lines_of_another_recurrence_are_refused(self):
        other = self.create_running(self.line("Backup", 30.0))
        dialog = self.open_dialog(FEBRUARY).save()
        dialog.line_ids.template_line_id = other.template_move_id.invoice_line_ids
        with self.assertRaisesRegex(UserError, "The lines have changed"):
            dialog.action_confirm()

    def test_r10_employee_changes_no_lines(self):
        employee = new_test_user(
            self.env,
            login="no_biller",
            groups="base.group_user",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        with self.assertRaises(AccessError):
            self.template.with_user(employee).action_recurrence_change()

    def test_r10_customer_reads_the_correction_in_the_own_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.partner_a.lang = "fr_FR"
        move = self.change(MIDDLE, price=620.0)
        self.assertIn("15/01/2026 – 31/01/2026", move.invoice_line_ids[0].name)

    def test_r10_other_currency(self):
        """17 of 31 days of 1000 yen are 548, of 2000 1097: no cents."""
        yen = self.env.ref("base.JPY")
        yen.active = True
        schedule = self.create_schedule(
            self.partner_a,
            template={"currency_id": yen.id},
            line={"price_unit": 1000.0},
            invoice_mode="post",
            user_id=self.clerk.id,
            proration="days",
        )
        schedule.sudo().state = "running"
        schedule.sudo()._generate(JANUARY)
        self.run_on(schedule, JANUARY)
        move = self.change(MIDDLE, price=2000.0, schedule=schedule)
        self.assertEqual(move.currency_id, yen)
        self.assertEqual(sorted(move.invoice_line_ids.mapped("price_subtotal")), [-548.0, 1097.0])

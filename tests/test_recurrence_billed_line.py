from datetime import date

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .common import RecurrenceInvoiceCommon

JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


class BilledLineCase(RecurrenceInvoiceCommon):
    """Base: a monthly recurrence on the 1st, in advance, of 2026; 15 % tax."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.clerk = new_test_user(
            cls.env,
            login="line_clerk",
            groups="base.group_user,account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def line(cls, name, price, **vals):
        tax = [Command.set(cls.tax_sale_a.ids)]
        return Command.create({"name": name, "price_unit": price, "tax_ids": tax, **vals})

    @classmethod
    def create_running(cls, *lines, day=JANUARY, **vals):
        """Create, plan and start a recurrence of these lines; unattended, posted on the day."""
        schedule = cls.create_schedule(
            cls.partner_a,
            template={"invoice_line_ids": list(lines)},
            invoice_mode="post",
            user_id=cls.clerk.id,
            **vals,
        )
        schedule.sudo().state = "running"
        schedule.sudo()._generate(day)
        return schedule

    def run_on(self, schedule, day):
        """Do the work of a day and return the invoice of that date."""
        schedule.sudo()._run_due(day)
        return schedule.occurrence_ids.filtered(lambda o: o.date == day).move_id

    def occurrence_on(self, schedule, day):
        return schedule.occurrence_ids.filtered(lambda o: o.rule_date == day)

    def assertLines(self, move, *expected):
        lines = move.invoice_line_ids.sorted("sequence")
        found = [(line.name, line.price_subtotal) for line in lines]
        self.assertEqual(found, list(expected))


@freeze_time("2026-01-01 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceBilledLine(BilledLineCase):
    """R10: lines with their own start, end and interval, billed once or held."""

    def test_r10_each_line_has_its_own_dates(self):
        schedule = self.create_running(
            self.line("Hosting", 100.0),
            self.line("Backup", 30.0, recurrence_start="2026-02-01"),
            self.line("Migration", 50.0, recurrence_until="2026-01-31"),
            self.line("Certificate", 60.0, recurrence_every=3),
            self.line("Audit", 70.0, recurrence_billing="held"),
        )
        january = self.run_on(schedule, JANUARY)
        self.assertLines(january, ("Hosting", 100.0), ("Migration", 50.0), ("Certificate", 60.0))
        self.assertEqual(january.state, "posted")
        self.assertLines(self.run_on(schedule, FEBRUARY), ("Hosting", 100.0), ("Backup", 30.0))
        self.assertLines(self.run_on(schedule, MARCH), ("Hosting", 100.0), ("Backup", 30.0))
        self.assertLines(
            self.run_on(schedule, date(2026, 4, 1)),
            ("Hosting", 100.0),
            ("Backup", 30.0),
            ("Certificate", 60.0),
        )

    def test_r10_quarter_is_billed_once_when_the_rule_begins_anew(self):
        """January to March are billed; from 1 February on the rule counts anew."""
        schedule = self.create_running(
            self.line("Hosting", 100.0), self.line("Certificate", 60.0, recurrence_every=3)
        )
        self.run_on(schedule, JANUARY)
        schedule.date_start = FEBRUARY
        schedule.sudo()._regenerate(date(2026, 1, 2))
        self.assertLines(
            self.run_on(schedule, FEBRUARY),
            ("Hosting", 100.0),
            ("Certificate\n30 of 89 days: 04/01/2026 – 04/30/2026", 20.0),
        )
        self.assertLines(
            self.run_on(schedule, date(2026, 5, 1)), ("Hosting", 100.0), ("Certificate", 60.0)
        )

    def test_r10_copy_of_a_recurrence_has_the_dates_of_its_lines(self):
        schedule = self.create_running(
            self.line("Certificate", 60.0, recurrence_every=3, recurrence_until="2027-01-31"),
            self.line("Setup", 250.0, recurrence_billing="once"),
        )
        copied = schedule.copy().template_move_id.invoice_line_ids
        self.assertEqual(copied.mapped("recurrence_every"), [3, 0])
        self.assertEqual(copied[0].recurrence_until, date(2027, 1, 31))
        self.assertEqual(copied[1].recurrence_billing, "once")

    def test_r10_line_of_the_invoice_knows_its_line_of_the_template(self):
        schedule = self.create_running(self.line("Hosting", 100.0, recurrence_start="2026-01-01"))
        move = self.run_on(schedule, JANUARY)
        template_line = schedule.template_move_id.invoice_line_ids
        self.assertRecordValues(
            move.invoice_line_ids,
            [
                {
                    "recurrence_line_id": template_line.id,
                    "recurrence_start": False,
                    "recurrence_billing": False,
                }
            ],
        )
        # an ordinary copy of the invoice is no invoice of the recurrence
        self.assertFalse(move.copy().invoice_line_ids.recurrence_line_id)

    def test_r10_nobody_says_of_which_line_an_invoice_line_is(self):
        schedule = self.create_running(self.line("Hosting", 100.0))
        move = self.run_on(schedule, JANUARY)
        line = schedule.template_move_id.invoice_line_ids
        with self.assertRaises(UserError):
            move.with_user(self.clerk).invoice_line_ids.recurrence_line_id = False
        with self.assertRaises(UserError):
            self.env["account.move.line"].with_user(self.clerk).create(
                {"move_id": move.id, "name": "x", "recurrence_line_id": line.id}
            )

    def test_r10_dates_that_make_no_sense(self):
        for terms in (
            {"recurrence_start": "2026-02-01", "recurrence_until": "2026-01-31"},
            {"recurrence_every": -1},
            {"recurrence_every": 1000},
        ):
            with self.subTest(terms), self.assertRaises(ValidationError):
                self.create_schedule(self.partner_a, line=terms)

    def test_r10_nothing_to_bill_makes_no_invoice(self):
        """The date is skipped with the reason of each line; the next one is issued."""
        schedule = self.create_running(
            self.line("Backup", 30.0, recurrence_start="2026-02-01"),
            self.line("Audit", 70.0, recurrence_billing="held"),
        )
        self.assertFalse(self.run_on(schedule, JANUARY))
        self.assertRecordValues(
            self.occurrence_on(schedule, JANUARY),
            [
                {
                    "state": "skipped",
                    "skip_reason": ("Nothing to bill: Backup: from 02/01/2026 on; Audit: on hold"),
                    "error": False,
                }
            ],
        )
        self.assertLines(self.run_on(schedule, FEBRUARY), ("Backup", 30.0))

    def test_r10_nothing_to_bill_asks_nobody(self):
        schedule = self.create_running(self.line("Audit", 70.0, recurrence_billing="held"))
        schedule.invoice_mode = "confirm"
        self.run_on(schedule, JANUARY)
        occurrence = self.occurrence_on(schedule, JANUARY)
        self.assertEqual(occurrence.state, "skipped")
        self.assertFalse(occurrence.recurrence_activity_ids)

    def test_r10_nothing_to_bill_is_said_to_who_issues_by_hand(self):
        schedule = self.create_running(self.line("Audit", 70.0, recurrence_billing="held"))
        january = self.occurrence_on(schedule, JANUARY)
        with self.assertRaisesRegex(UserError, "Nothing to bill: Audit: on hold"):
            january.with_user(self.clerk).action_issue()
        with self.assertRaisesRegex(UserError, "Nothing to bill: Audit: on hold"):
            Form(
                self.env["recurrence.occurrence.issue"]
                .with_user(self.clerk)
                .with_context(default_occurrence_id=january.id)
            )
        with self.assertRaisesRegex(UserError, "Nothing to bill: Audit: on hold"):
            schedule._preview_pdf(JANUARY)
        self.assertEqual(january.state, "planned")

    def test_r10_of_many_those_with_nothing_to_bill_are_left_out(self):
        held = self.create_running(self.line("Audit", 70.0, recurrence_billing="held"))
        other = self.create_running(self.line("Hosting", 100.0))
        dates = self.occurrence_on(held, JANUARY) + self.occurrence_on(other, JANUARY)
        action = dates.with_user(self.clerk)._issue_selection()
        self.assertIn("Invoices issued: 1.", action["params"]["message"])
        self.assertEqual(dates.mapped("state"), ["skipped", "done"])

    def test_r10_heading_goes_with_its_lines(self):
        schedule = self.create_running(
            Command.create({"display_type": "line_section", "name": "Services"}),
            self.line("Audit", 70.0, recurrence_billing="held"),
            Command.create({"display_type": "line_section", "name": "Servers"}),
            self.line("Hosting", 100.0),
        )
        self.assertLines(self.run_on(schedule, JANUARY), ("Servers", 0.0), ("Hosting", 100.0))

    def test_r10_invoice_says_which_lines_it_does_not_bill(self):
        schedule = self.create_running(
            self.line("Hosting", 100.0), self.line("Certificate", 60.0, recurrence_every=3)
        )
        self.run_on(schedule, JANUARY)
        note = self.run_on(schedule, FEBRUARY).message_ids.mapped("body")
        self.assertIn("Lines not billed: Certificate: every 3 dates.", "".join(note))

    def test_r10_dialog_shows_what_is_billed_and_what_is_not(self):
        schedule = self.create_running(
            self.line("Audit", 70.0, recurrence_billing="held"),
            self.line("Hosting", 310.0, recurrence_start="2026-01-15"),
            proration="days",
        )
        january = self.occurrence_on(schedule, JANUARY)
        dialog = Form(
            self.env["recurrence.occurrence.issue"]
            .with_user(self.clerk)
            .with_context(default_occurrence_id=january.id)
        )
        self.assertEqual(dialog.left_out, "Audit: on hold")
        # 17 of 31 days of 310.00, and 15 % of it
        self.assertEqual((dialog.amount_untaxed, dialog.amount_total), (170.0, 195.5))
        dialog.save().action_issue()
        move = january.move_id
        self.assertEqual((move.amount_untaxed, move.amount_total), (170.0, 195.5))


@freeze_time("2026-01-01 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceBilledOnce(BilledLineCase):
    """R10: a setup fee is billed once, whatever becomes of the first date."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.schedule = cls.create_running(
            cls.line("Hosting", 100.0), cls.line("Setup", 250.0, recurrence_billing="once")
        )

    def assertFees(self, *days):
        """The fee is on the invoices of these dates, and on no other."""
        moves = self.schedule.occurrence_ids.move_id.filtered(
            lambda m: m.state != "cancel" and "Setup" in m.invoice_line_ids.mapped("name")
        )
        found = moves.recurrence_occurrence_id.sorted("rule_date").mapped("rule_date")
        self.assertEqual(found, list(days))

    def test_r10_fee_is_on_the_first_invoice_only(self):
        self.run_on(self.schedule, JANUARY)
        self.run_on(self.schedule, FEBRUARY)
        self.assertFees(JANUARY)

    def test_r10_two_dates_in_one_batch(self):
        self.schedule.catch_up = "all"
        self.schedule.sudo()._run_due(FEBRUARY)
        self.assertEqual(len(self.schedule.occurrence_ids.move_id), 2)
        self.assertFees(JANUARY)

    def test_r10_fee_of_a_skipped_date_is_on_the_next(self):
        self.occurrence_on(self.schedule, JANUARY).action_skip()
        self.run_on(self.schedule, FEBRUARY)
        self.assertFees(FEBRUARY)

    def test_r10_fee_of_a_cancelled_invoice_is_billed_again(self):
        move = self.run_on(self.schedule, JANUARY)
        move.button_draft()
        move.button_cancel()
        self.occurrence_on(self.schedule, JANUARY).action_skip()
        self.run_on(self.schedule, FEBRUARY)
        self.assertFees(FEBRUARY)

    def test_r10_fee_of_a_replaced_invoice_is_not_billed_again(self):
        move = self.run_on(self.schedule, JANUARY)
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"journal_id": move.journal_id.id, "reason": "wrong text"})
        )
        wizard.modify_moves()
        self.run_on(self.schedule, FEBRUARY)
        february = self.occurrence_on(self.schedule, FEBRUARY).move_id
        self.assertEqual(february.invoice_line_ids.mapped("name"), ["Hosting"])

    def test_r10_fee_taken_out_of_one_invoice_is_on_the_next(self):
        january = self.occurrence_on(self.schedule, JANUARY)
        dialog = Form(
            self.env["recurrence.occurrence.issue"].with_context(default_occurrence_id=january.id)
        )
        dialog.line_ids.remove(1)
        dialog.save().action_issue()
        self.run_on(self.schedule, FEBRUARY)
        self.assertFees(FEBRUARY)

    def test_r10_fee_whose_product_was_changed_in_the_dialog_is_billed(self):
        january = self.occurrence_on(self.schedule, JANUARY)
        dialog = Form(
            self.env["recurrence.occurrence.issue"].with_context(default_occurrence_id=january.id)
        )
        with dialog.line_ids.edit(1) as line:
            line.product_id = self.product_a
            line.name = "Setup"
        dialog.save().action_issue()
        self.run_on(self.schedule, FEBRUARY)
        self.assertFees(JANUARY)

    def test_r10_fee_added_later_is_on_the_next_invoice(self):
        self.run_on(self.schedule, JANUARY)
        self.schedule.template_move_id.write(
            {"invoice_line_ids": [self.line("Extension", 40.0, recurrence_billing="once")]}
        )
        self.assertLines(
            self.run_on(self.schedule, FEBRUARY), ("Hosting", 100.0), ("Extension", 40.0)
        )
        self.assertLines(self.run_on(self.schedule, MARCH), ("Hosting", 100.0))

    def test_r10_fee_waits_for_its_day(self):
        fee = self.schedule.template_move_id.invoice_line_ids[1]
        fee.recurrence_start = "2026-02-10"
        self.run_on(self.schedule, JANUARY)
        self.run_on(self.schedule, FEBRUARY)
        self.assertFees(FEBRUARY)

    def test_r10_preview_shows_the_fee_where_it_will_be(self):
        def names(day):
            occurrence = self.schedule.occurrence_ids.filtered(lambda o: o.rule_date == day)
            occurrence = occurrence or self.schedule._get_imagined(day)
            move, _reason = occurrence._make_draft(JANUARY)
            return move.invoice_line_ids.mapped("name")

        self.assertEqual(names(JANUARY), ["Hosting", "Setup"])
        self.assertEqual(names(FEBRUARY), ["Hosting"])
        self.assertEqual(names(date(2040, 1, 1)), ["Hosting"])
        copied = self.schedule.copy()
        copied.date_start = FEBRUARY
        self.assertEqual(copied.state, "draft")
        for day, count in ((FEBRUARY, 2), (MARCH, 1)):
            move, _reason = copied._get_imagined(day)._make_draft(JANUARY)
            self.assertEqual(len(move.invoice_line_ids), count)


@freeze_time("2026-01-01 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceProration(BilledLineCase):
    """R10: what is billed of a part of a period."""

    def test_r10_line_added_in_the_middle_of_a_month(self):
        """From 15 January: 17 of 31 days of 310.00 are 170.00, tax 25.50."""
        schedule = self.create_running(
            self.line("Hosting", 310.0, recurrence_start="2026-01-15"), proration="days"
        )
        move = self.run_on(schedule, JANUARY)
        note = "Hosting\n17 of 31 days: 01/15/2026 – 01/31/2026"
        self.assertLines(move, (note, 170.0))
        self.assertEqual((move.amount_tax, move.amount_total), (25.5, 195.5))
        self.assertLines(self.run_on(schedule, FEBRUARY), ("Hosting", 310.0))

    def test_r10_thirty_days_to_each_month(self):
        """Until 10 February: 10 of 30 days of 300.00."""
        schedule = self.create_running(
            self.line("Hosting", 300.0, recurrence_until="2026-02-10"), proration="30_360"
        )
        self.assertLines(self.run_on(schedule, JANUARY), ("Hosting", 300.0))
        note = "Hosting\n10 of 30 days: 02/01/2026 – 02/10/2026"
        self.assertLines(self.run_on(schedule, FEBRUARY), (note, 100.0))

    def test_r10_in_full(self):
        schedule = self.create_running(self.line("Hosting", 310.0, recurrence_start="2026-01-15"))
        self.assertLines(self.run_on(schedule, JANUARY), ("Hosting", 310.0))

    def test_r10_first_and_last_period_of_a_recurrence(self):
        """From 15 January to 10 March: 17 of 31 and 10 of 31 days of 310.00."""
        schedule = self.create_running(
            self.line("Hosting #PERIOD_START# to #PERIOD_END#", 310.0),
            day=date(2026, 1, 15),
            date_start=date(2026, 1, 15),
            end_type="end_date",
            until=date(2026, 3, 10),
            proration="days",
        )
        self.assertEqual(
            schedule.occurrence_ids.mapped("rule_date"),
            [date(2026, 1, 15), FEBRUARY, MARCH],
        )
        self.assertLines(
            self.run_on(schedule, date(2026, 1, 15)),
            (
                "Hosting 01/15/2026 to 01/31/2026\n17 of 31 days: 01/15/2026 – 01/31/2026",
                170.0,
            ),
        )
        self.assertLines(
            self.run_on(schedule, FEBRUARY), ("Hosting 02/01/2026 to 02/28/2026", 310.0)
        )
        self.assertLines(
            self.run_on(schedule, MARCH),
            (
                "Hosting 03/01/2026 to 03/10/2026\n10 of 31 days: 03/01/2026 – 03/10/2026",
                100.0,
            ),
        )

    def test_r10_in_arrears_the_last_days_are_billed_on_the_last_day(self):
        schedule = self.create_running(
            self.line("Hosting", 310.0),
            date_start=JANUARY,
            end_type="end_date",
            until=date(2026, 3, 10),
            period_paid="post",
            proration="days",
        )
        self.assertEqual(
            schedule.occurrence_ids.mapped("rule_date"), [FEBRUARY, MARCH, date(2026, 3, 10)]
        )
        self.run_on(schedule, FEBRUARY)
        self.run_on(schedule, MARCH)
        last = self.run_on(schedule, date(2026, 3, 10))
        self.assertLines(last, ("Hosting\n10 of 31 days: 03/01/2026 – 03/10/2026", 100.0))

    def test_r10_two_prices_in_one_month_are_together_as_exact_as_one(self):
        """100.00 until 10 January and 100.00 from the 11th on: 32.26 and 67.74."""
        schedule = self.create_running(
            self.line("Old", 100.0, recurrence_until="2026-01-10"),
            self.line("New", 100.0, recurrence_start="2026-01-11"),
            proration="days",
        )
        move = self.run_on(schedule, JANUARY)
        self.assertEqual(move.invoice_line_ids.mapped("price_subtotal"), [32.26, 67.74])
        self.assertEqual(move.amount_untaxed, 100.0)

    def test_r10_quantity_discount_and_tax_in_the_price(self):
        """3 × 37.00 less 10 % are 99.90 with tax: 17 of 31 days are 54.78, 47.63 without."""
        included = self.tax_sale_a.copy({"name": "in", "price_include_override": "tax_included"})
        schedule = self.create_running(
            self.line(
                "Seats",
                37.0,
                quantity=3,
                discount=10,
                tax_ids=[Command.set(included.ids)],
                recurrence_start="2026-01-15",
            ),
            proration="days",
        )
        move = self.run_on(schedule, JANUARY)
        self.assertRecordValues(
            move.invoice_line_ids,
            [{"quantity": 3, "discount": 10, "price_total": 54.78, "price_subtotal": 47.63}],
        )

    def test_r10_price_of_the_product_on_the_day(self):
        self.product_a.lst_price = 620.0
        schedule = self.create_running(
            self.line("Hosting", 1.0, product_id=self.product_a.id, recurrence_start="2026-01-15"),
            proration="days",
            price_source="product",
        )
        move = self.run_on(schedule, JANUARY)
        self.assertEqual(move.invoice_line_ids.price_subtotal, 340.0)

    def create_listed(self, quantity=1, **line):
        """Create a recurrence of a product of 1000.00 that the customer's list sells for less.

        10 % less; from 5 pieces on 600.00 each; from 1 February on 20 % less.
        """
        self.env["res.config.settings"].create({"group_product_pricelist": True}).execute()
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Friends",
                "currency_id": self.company.currency_id.id,
                "item_ids": [
                    Command.create(
                        {
                            "compute_price": "fixed",
                            "fixed_price": 600.0,
                            "min_quantity": 5,
                            "applied_on": "1_product",
                            "product_tmpl_id": self.product_a.product_tmpl_id.id,
                        }
                    ),
                    Command.create(
                        {
                            "compute_price": "percentage",
                            "percent_price": 20,
                            "date_start": "2026-02-01",
                            "applied_on": "1_product",
                            "product_tmpl_id": self.product_a.product_tmpl_id.id,
                        }
                    ),
                    Command.create({"compute_price": "percentage", "percent_price": 10}),
                ],
            }
        )
        self.partner_a.property_product_pricelist = pricelist
        return self.create_running(
            self.line("Hosting", 1.0, product_id=self.product_a.id, quantity=quantity, **line),
            price_source="pricelist",
            proration="days",
        )

    def test_r10_price_of_the_customers_price_list_on_the_day(self):
        schedule = self.create_listed()
        self.assertEqual(self.run_on(schedule, JANUARY).amount_untaxed, 900.0)
        self.assertEqual(self.run_on(schedule, FEBRUARY).amount_untaxed, 800.0)

    def test_r10_price_list_knows_the_quantity(self):
        self.assertEqual(self.run_on(self.create_listed(5), JANUARY).amount_untaxed, 3000.0)

    def test_r10_part_of_a_price_of_the_price_list(self):
        """17 of 31 days of 900.00 are 493.55."""
        schedule = self.create_listed(recurrence_start="2026-01-15")
        self.assertEqual(self.run_on(schedule, JANUARY).amount_untaxed, 493.55)

    def test_r10_without_price_lists_the_product_says_the_price(self):
        schedule = self.create_running(
            self.line("Hosting", 1.0, product_id=self.product_a.id),
            self.line("Support", 50.0),
            price_source="pricelist",
        )
        move = self.run_on(schedule, JANUARY)
        self.assertEqual(move.invoice_line_ids.mapped("price_unit"), [1000.0, 50.0])

    def test_r10_other_currency(self):
        """Yen has no cents: 17 of 31 days of 1000 are 548."""
        yen = self.env.ref("base.JPY")
        yen.active = True
        schedule = self.create_schedule(
            self.partner_a,
            template={"currency_id": yen.id},
            line={"price_unit": 1000.0, "recurrence_start": "2026-01-15"},
            invoice_mode="post",
            user_id=self.clerk.id,
            proration="days",
        )
        schedule.sudo().state = "running"
        move = self.run_on(schedule, JANUARY)
        self.assertEqual(move.invoice_line_ids.price_subtotal, 548.0)
        self.assertFalse(any(line.balance == 1000.0 for line in move.line_ids))

    def test_r10_taken_over_taxes_are_of_the_part(self):
        """A price with tax in it keeps its amount without tax; a part of it is billed."""
        self.company.recurrence_fiscal_change = "take"
        schedule = self.create_running(
            self.line(
                "Hosting", 310.0, product_id=self.product_a.id, recurrence_start="2026-01-15"
            ),
            proration="days",
        )
        self.product_a.taxes_id = self.tax_sale_b
        move = self.run_on(schedule, JANUARY)
        self.assertRecordValues(
            move.invoice_line_ids, [{"price_subtotal": 170.0, "tax_ids": self.tax_sale_b.ids}]
        )

    def test_r10_text_is_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.partner_a.lang = "fr_FR"
        schedule = self.create_running(
            self.line("Hosting", 310.0, recurrence_start="2026-01-15"), proration="days"
        )
        name = self.run_on(schedule, JANUARY).invoice_line_ids.name
        self.assertIn("15/01/2026 – 31/01/2026", name)

    def test_r10_changing_it_asks_to_regenerate(self):
        schedule = self.create_schedule(self.partner_a, user_id=self.clerk.id)
        schedule.action_generate()
        self.assertEqual((schedule.state, schedule.rule_stale), ("running", False))
        schedule.proration = "days"
        self.assertTrue(schedule.rule_stale)

    def test_r10_next_dates_show_the_first_part(self):
        """What is being composed shows the date of the start, which the rule does not have."""
        composing = self.env["account.move"].with_context(
            default_move_type="out_invoice", default_is_recurrence_template=True
        )
        form = Form(composing, "account_recurrence_dunning.recurrence_template_view_form")
        form.recurrence_date_start = "2026-01-15"
        form.recurrence_day = 1
        self.assertNotIn("01/15/2026", form.recurrence_rule_preview)
        form.recurrence_proration = "days"
        self.assertIn("01/15/2026", form.recurrence_rule_preview)


@freeze_time("2026-01-01 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceExpectedTotal(BilledLineCase):
    """R10: lists show what each date will come to."""

    def totals(self, schedule, count=3):
        return schedule.occurrence_ids.sorted("rule_date")[:count].mapped("amount_total")

    def test_r10_each_date_shows_its_own_total(self):
        """310.00 + 15 % are 356.50; with a fee of 100.00 471.50; 17 of 31 days 195.50."""
        schedule = self.create_running(
            self.line("Hosting", 310.0, recurrence_start="2026-02-01"),
            self.line("Setup", 100.0, recurrence_billing="once", recurrence_start="2026-02-01"),
        )
        self.assertEqual(self.totals(schedule), [0.0, 471.5, 356.5])
        groups = self.env["recurrence.occurrence"]._read_group(
            [("schedule_id", "=", schedule.id), ("rule_date", "<=", MARCH)],
            [],
            ["amount_total:sum"],
        )
        self.assertEqual(groups, [(828.0,)])
        self.occurrence_on(schedule, FEBRUARY).action_skip()
        self.assertEqual(self.totals(schedule)[2], 471.5)

    def test_r10_total_follows_what_the_template_says(self):
        schedule = self.create_running(self.line("Hosting", 310.0))
        self.assertEqual(self.totals(schedule), [356.5, 356.5, 356.5])
        line = schedule.template_move_id.invoice_line_ids
        schedule.proration = "days"
        line.recurrence_start = "2026-01-15"
        self.assertEqual(self.totals(schedule), [195.5, 356.5, 356.5])
        line.recurrence_start = False
        self.assertEqual(self.totals(schedule), [356.5, 356.5, 356.5])

    def test_r10_total_shown_is_the_total_issued(self):
        schedule = self.create_running(
            self.line("Hosting", 99.99, quantity=7, recurrence_start="2026-01-06"),
            self.line("Seats", 33.33, recurrence_until="2026-01-17"),
            proration="days",
        )
        shown = self.totals(schedule, 1)
        self.assertEqual([self.run_on(schedule, JANUARY).amount_total], shown)

    def test_r10_value_of_a_month_counts_what_recurs(self):
        """100.00 each month and a third of 60.00; what is once, held or over does not recur."""
        schedule = self.create_running(
            self.line("Hosting", 100.0),
            self.line("Certificate", 60.0, recurrence_every=3),
            self.line("Setup", 250.0, recurrence_billing="once"),
            self.line("Audit", 70.0, recurrence_billing="held"),
            self.line("Backup", 30.0, recurrence_start="2026-02-01"),
            self.line("Migration", 50.0, recurrence_until="2025-12-31"),
        )
        self.assertEqual(schedule.monthly_value, 120.0)
        # of an invoice with the certificate: 160.00, and 184.00 with tax
        self.assertEqual((schedule.amount_untaxed, schedule.amount_total), (160.0, 184.0))
        found = self.env["recurrence.schedule"].search(
            [("amount_total", ">", 0), ("id", "=", schedule.id)], order="amount_untaxed desc"
        )
        self.assertEqual(found, schedule)

    def test_r10_fee_taken_out_in_the_dialog_is_in_the_next_total(self):
        schedule = self.create_running(
            self.line("Hosting", 310.0), self.line("Setup", 100.0, recurrence_billing="once")
        )
        self.assertEqual(self.totals(schedule), [471.5, 356.5, 356.5])
        dialog = Form(
            self.env["recurrence.occurrence.issue"].with_context(
                default_occurrence_id=self.occurrence_on(schedule, JANUARY).id
            )
        )
        dialog.line_ids.remove(1)
        dialog.save().action_issue()
        self.assertEqual(self.totals(schedule), [356.5, 471.5, 356.5])

    def test_r10_lines_about_to_end_are_named(self):
        self.company.recurrence_ending_days = 30
        schedule = self.create_running(
            self.line("Hosting", 100.0),
            self.line("Backup", 30.0, recurrence_until="2026-01-20"),
            self.line("Audit", 70.0, recurrence_until="2026-03-20"),
        )
        self.assertEqual(schedule.ending_lines, "Backup (until 01/20/2026)")

    def test_r10_a_thousand_recurrences_take_no_more_queries_than_one(self):
        def count(number):
            schedules = self.env["recurrence.schedule"].union(
                *(self.create_running(self.line("Hosting", 100.0)) for _n in range(number))
            )
            dates = schedules.occurrence_ids.filtered(lambda o: o.rule_date == JANUARY)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            dates.sudo()._get_billed()
            return self.env.cr.sql_log_count - before

        self.assertEqual(count(1), count(30))

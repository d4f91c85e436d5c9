from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .test_recurrence_billed_line import BilledLineCase

JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
ACCESS = "odoo.addons.base.models.ir_model"


class QuantityCase(BilledLineCase):
    """Base: hours of customers are analytic lines; they are billed in arrears from 1 January."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        plan = cls.env["account.analytic.plan"].create({"name": "Projects"})
        cls.account = cls.env["account.analytic.account"].create(
            {"name": "Support", "plan_id": plan.id, "company_id": cls.company.id}
        )
        cls.chief = new_test_user(
            cls.env,
            login="quantity_chief",
            groups="account.group_account_manager,analytic.group_analytic_accounting",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def save_filter(cls, domain="[]", model="account.analytic.line", user=None):
        user = user or cls.chief
        filters = cls.env["ir.filters"].with_user(user)
        return filters.create(
            {"name": "Hours", "model_id": model, "domain": domain, "user_ids": [user.id]}
        )

    @classmethod
    def create_quantity(cls, user=None, **vals):
        quantities = cls.env["recurrence.quantity"].with_user(user or cls.chief)
        return quantities.create({"name": "Hours", "company_id": cls.company.id, **vals}).sudo()

    @classmethod
    def create_hours(cls, **vals):
        return cls.create_quantity(
            filter_id=cls.save_filter().id,
            sum_field="unit_amount",
            date_field="date",
            partner_path="partner_id",
            **vals,
        )

    @classmethod
    def work(cls, day, hours, partner=None, **vals):
        return cls.env["account.analytic.line"].create(
            {
                "name": "Work",
                "date": day,
                "unit_amount": hours,
                "account_id": cls.account.id,
                "partner_id": (partner or cls.partner_a).id,
                "company_id": cls.company.id,
                **vals,
            }
        )

    def counted(self, schedule, day):
        dates = self.occurrence_on(schedule, day)
        return [
            (count.name, count.counted, count.billed, count.record_count)
            for count in dates.count_ids
        ]


@freeze_time("2026-01-01 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceQuantity(QuantityCase):
    """R12: a quantity is counted from the records of a saved filter, or by a formula."""

    def create_counted(self, *lines, paid="post", **vals):
        return self.create_running(*lines, period_paid=paid, **vals)

    def test_r12_hours_of_the_month_of_the_customer(self):
        hours = self.create_hours(unit="h")
        line = self.line("Support", 80.0, recurrence_quantity_id=hours.id)
        schedule = self.create_counted(self.line("Base", 50.0), line)
        january = self.work("2026-01-01", 2.5) + self.work("2026-01-31", 4.25)
        self.work("2025-12-31", 100)
        self.work("2026-02-01", 1.5)
        self.work("2026-01-10", 9, self.partner_b)
        contact = self.partner_a.child_ids.create({"name": "Ann", "parent_id": self.partner_a.id})
        january += self.work("2026-01-12", 1, contact)
        with freeze_time("2026-02-01 10:00:00"):
            move = self.run_on(schedule, FEBRUARY)
        # 2.5 + 4.25 + 1 = 7.75 hours at 80.00
        self.assertLines(move, ("Base", 50.0), ("Support", 620.0))
        self.assertEqual(move.invoice_line_ids[1].quantity, 7.75)
        self.assertEqual(move.amount_total, 770.5)
        self.assertEqual(move.state, "posted")
        self.assertEqual(self.counted(schedule, FEBRUARY), [("Support", 7.75, 7.75, 3)])
        count = self.occurrence_on(schedule, FEBRUARY).count_ids
        self.assertEqual((count.date_start, count.date_end), (JANUARY, date(2026, 1, 31)))
        action = count.with_user(self.clerk).action_open_records()
        self.assertEqual(action["res_model"], "account.analytic.line")
        self.assertEqual(sorted(action["domain"][0][2]), sorted(january.ids))
        note = move.message_ids.filtered(lambda m: "Counted" in (m.body or "")).body
        self.assertIn("Hours: 7.75 h (01/01/2026 – 01/31/2026)", note)
        with freeze_time("2026-03-01 10:00:00"):
            self.assertLines(self.run_on(schedule, MARCH), ("Base", 50.0), ("Support", 120.0))

    def test_r12_in_advance_the_month_before_is_counted(self):
        line = self.line(
            "Support #PERIOD_START# – #PERIOD_END#",
            80.0,
            recurrence_quantity_id=self.create_hours().id,
        )
        schedule = self.create_counted(self.line("Base", 50.0), line, paid="pre")
        self.work("2026-01-10", 2)
        self.work("2026-02-10", 5)
        self.assertLines(self.run_on(schedule, JANUARY), ("Base", 50.0))
        with freeze_time("2026-02-01 10:00:00"):
            move = self.run_on(schedule, FEBRUARY)
        self.assertLines(move, ("Base", 50.0), ("Support 01/01/2026 – 01/31/2026", 160.0))
        billed = move.invoice_line_ids[1]
        self.assertEqual(
            (billed.recurrence_billed_start, billed.recurrence_billed_end),
            (JANUARY, date(2026, 1, 31)),
        )

    def test_r12_number_of_records_by_the_hour_they_begin(self):
        """A moment belongs to the day it has in the company's time zone."""
        self.company.recurrence_dunning_tz = "Asia/Tokyo"
        meetings = self.create_quantity(
            name="Meetings",
            filter_id=self.save_filter("[('name', '=', 'Visit')]", "calendar.event").id,
            date_field="start",
        )
        self.env["calendar.event"].with_user(self.chief).create(
            [
                # 1 January 00:30 and 31 January 23:30 in Tokyo, then half an hour outside
                {"name": "Visit", "start": "2025-12-31 15:30:00", "stop": "2025-12-31 16:00:00"},
                {"name": "Visit", "start": "2026-01-31 14:30:00", "stop": "2026-01-31 15:00:00"},
                {"name": "Visit", "start": "2025-12-31 14:30:00", "stop": "2025-12-31 15:00:00"},
                {"name": "Visit", "start": "2026-01-31 15:30:00", "stop": "2026-01-31 16:00:00"},
            ]
        )
        line = self.line("Visits", 10.0, recurrence_quantity_id=meetings.id)
        schedule = self.create_counted(line)
        with freeze_time("2026-02-01 10:00:00"):
            self.assertLines(self.run_on(schedule, FEBRUARY), ("Visits", 20.0))

    def test_r12_without_a_date_as_on_the_day_and_part_of_a_period_by_days(self):
        seats = self.create_quantity(
            name="Contacts",
            filter_id=self.save_filter("[('function', '=', 'seat')]", "res.partner").id,
        )
        self.env["res.partner"].create([{"name": f"Seat {n}", "function": "seat"} for n in "1234"])
        line = self.line(
            "Seats", 31.0, recurrence_quantity_id=seats.id, recurrence_start="2026-01-15"
        )
        schedule = self.create_counted(line, paid="pre", proration="days")
        # 4 seats at 31.00 are 124.00; 17 of 31 days are 68.00
        [found] = self.run_on(schedule, JANUARY).invoice_line_ids
        self.assertEqual((found.quantity, found.price_subtotal), (4, 68.0))

    def test_r12_formula(self):
        hours = self.create_hours()
        self.create_quantity(
            name="Visits",
            code="visits",
            filter_id=self.save_filter("[('name', '=', 'Visit')]").id,
            date_field="date",
        )
        schedule = self.create_counted(
            self.line(
                "First 5",
                60.0,
                recurrence_quantity_id=hours.id,
                recurrence_formula="min(counted, 5)",
            ),
            self.line("More", 50.0, recurrence_formula="max(hours - 5, 0)"),
            self.line("Travel", 10.0, recurrence_formula="visits * quantity", quantity=3),
            self.line("Days", 1.0, recurrence_formula="period_days / 4"),
        )
        self.work("2026-01-05", 4)
        self.work("2026-01-06", 3.5, name="Visit")
        with freeze_time("2026-02-01 10:00:00"):
            move = self.run_on(schedule, FEBRUARY)
        # 7.5 hours: 5 at 60.00, 2.5 at 50.00; one visit of 3; 31 / 4 = 7.75
        self.assertLines(
            move, ("First 5", 300.0), ("More", 125.0), ("Travel", 30.0), ("Days", 7.75)
        )
        self.assertEqual(
            self.counted(schedule, FEBRUARY),
            [
                ("First 5", 7.5, 5.0, 2),
                ("More", 7.5, 2.5, 2),
                ("Travel", 1.0, 3.0, 1),
                ("Days", 0.0, 7.75, 0),
            ],
        )

    def test_r12_nothing_counted_is_not_billed_and_said(self):
        line = self.line("Support", 80.0, recurrence_quantity_id=self.create_hours().id)
        schedule = self.create_counted(self.line("Base", 50.0), line)
        with freeze_time("2026-02-01 10:00:00"):
            move = self.run_on(schedule, FEBRUARY)
        self.assertLines(move, ("Base", 50.0))
        self.assertIn(
            "Lines not billed: Support: nothing was counted.",
            " ".join(move.message_ids.mapped("body")),
        )

    def test_r12_a_date_with_nothing_to_bill_is_skipped(self):
        line = self.line("Support", 80.0, recurrence_quantity_id=self.create_hours().id)
        schedule = self.create_counted(line)
        with freeze_time("2026-02-01 10:00:00"):
            self.assertFalse(self.run_on(schedule, FEBRUARY))
        skipped = self.occurrence_on(schedule, FEBRUARY)
        self.assertEqual(skipped.state, "skipped")
        self.assertEqual(skipped.skip_reason, "Nothing to bill: Support: nothing was counted")
        self.assertEqual(self.counted(schedule, FEBRUARY), [("Support", 0.0, 0.0, 0)])

    def test_r12_never_counted_before_the_days_are_over(self):
        """A draft made ahead waits until its days are over; a person sees that they are not."""
        line = self.line("Support", 80.0, recurrence_quantity_id=self.create_hours().id)
        schedule = self.create_counted(line)
        schedule.write({"invoice_mode": "draft", "lead_days": 5})
        self.work("2026-01-05", 4)
        with freeze_time("2026-01-30 10:00:00"):
            schedule.sudo()._run_due(date(2026, 1, 30))
            dialog = self.open_dialog(schedule, FEBRUARY)
            self.assertIn(
                "counted so far; the days counted end on 01/31/2026", dialog.count_problem
            )
            with self.assertRaisesRegex(UserError, "counted so far"):
                self.env["recurrence.issuing"].with_user(self.clerk)._issue(
                    self.occurrence_on(schedule, FEBRUARY).with_user(self.clerk)
                )
        self.assertFalse(self.occurrence_on(schedule, FEBRUARY).move_id)
        self.work("2026-01-31", 1)
        with freeze_time("2026-02-01 10:00:00"):
            schedule.sudo()._run_due(FEBRUARY)
        move = self.occurrence_on(schedule, FEBRUARY).move_id
        self.assertEqual((move.state, move.amount_untaxed), ("draft", 400.0))

    def open_dialog(self, schedule, day):
        dates = self.occurrence_on(schedule, day).with_user(self.clerk)
        return (
            self.env["recurrence.occurrence.issue"]
            .with_user(self.clerk)
            .create({"occurrence_id": dates.id})
        )

    def test_r12_expected_amounts_are_those_of_the_expected_quantity(self):
        line = self.line(
            "Support", 80.0, quantity=10, recurrence_quantity_id=self.create_hours().id
        )
        schedule = self.create_counted(line)
        self.assertEqual(self.occurrence_on(schedule, FEBRUARY).amount_total, 920.0)
        self.assertEqual(schedule.with_user(self.clerk).monthly_value, 800.0)
        schedule._preview_pdf(FEBRUARY)

    def test_r12_a_copy_of_the_template_counts_too(self):
        hours = self.create_hours()
        line = self.line(
            "Support", 80.0, recurrence_quantity_id=hours.id, recurrence_formula="counted + 1"
        )
        schedule = self.create_counted(line)
        copied = schedule.with_user(self.clerk).copy().template_move_id.invoice_line_ids
        self.assertEqual(copied.recurrence_quantity_id, hours)
        self.assertEqual(copied.recurrence_formula, "counted + 1")

    def test_r12_corrections_leave_what_was_counted_alone(self):
        """A price that changes inside a period billed ahead: what was counted is of other days."""
        line = self.line("Support", 80.0, recurrence_quantity_id=self.create_hours().id)
        schedule = self.create_counted(self.line("Base", 310.0), line, paid="pre", proration="days")
        self.run_on(schedule, JANUARY)
        self.work("2026-01-10", 2)
        with freeze_time("2026-02-01 10:00:00"):
            move = self.run_on(schedule, FEBRUARY)
        self.assertLines(move, ("Base", 310.0), ("Support", 160.0))
        action = schedule.template_move_id.with_user(self.clerk).action_recurrence_change()
        dialogs = self.env["recurrence.line.change"].with_user(self.clerk)
        dialog = Form(dialogs.with_context(**action["context"]))
        dialog.date = date(2026, 2, 15)
        with dialog.line_ids.edit(1) as row:
            row.price_unit = 90.0
        dialog.save().action_confirm()
        corrections = self.occurrence_on(schedule, FEBRUARY).correction_move_ids
        self.assertFalse(corrections)
        new = schedule.template_move_id.invoice_line_ids.filtered("recurrence_start")
        self.assertEqual(new.recurrence_quantity_id.name, "Hours")
        self.work("2026-02-14", 1)
        self.work("2026-02-15", 1)
        with freeze_time("2026-03-01 10:00:00"):
            move = self.run_on(schedule, MARCH)
        # an hour until the 14th at 80.00, one from the 15th on at 90.00
        self.assertLines(move, ("Base", 310.0), ("Support", 80.0), ("Support", 90.0))

    # --- found in a review ---

    def test_days_are_counted_once_when_a_date_is_added_by_hand(self):
        line = self.line("Support", 80.0, recurrence_quantity_id=self.create_hours().id)
        schedule = self.create_counted(line)
        self.work("2026-02-05", 1)
        self.work("2026-02-20", 2)
        with freeze_time("2026-02-10 10:00:00"):
            schedule.sudo()._add_date(date(2026, 2, 10))
            self.assertLines(self.run_on(schedule, date(2026, 2, 10)), ("Support", 80.0))
        with freeze_time("2026-03-01 10:00:00"):
            self.assertLines(self.run_on(schedule, MARCH), ("Support", 160.0))

    def test_backdated_change_of_what_was_counted_is_refused(self):
        line = self.line("Support", 80.0, recurrence_quantity_id=self.create_hours().id)
        schedule = self.create_counted(line, proration="days")
        self.work("2026-01-10", 7.75)
        with freeze_time("2026-02-01 10:00:00"):
            self.run_on(schedule, FEBRUARY)
            dialog = self.open_change(schedule, JANUARY)
            with dialog.line_ids.edit(0) as row:
                row.price_unit = 90.0
            with self.assertRaisesRegex(UserError, "was counted and billed until 01/31/2026"):
                dialog.save().action_confirm()

    def open_change(self, schedule, day):
        action = schedule.template_move_id.with_user(self.clerk).action_recurrence_change()
        dialogs = self.env["recurrence.line.change"].with_user(self.clerk)
        dialog = Form(dialogs.with_context(**action["context"]))
        dialog.date = day
        return dialog

    def test_new_price_of_a_line_with_an_expected_quantity_of_zero(self):
        line = self.line("Support", 80.0, quantity=0, recurrence_quantity_id=self.create_hours().id)
        schedule = self.create_counted(self.line("Base", 50.0), line)
        with freeze_time("2026-02-01 10:00:00"):
            self.run_on(schedule, FEBRUARY)
            dialog = self.open_change(schedule, FEBRUARY)
            with dialog.line_ids.edit(1) as row:
                row.price_unit = 90.0
            dialog.save().action_confirm()
        self.work("2026-02-10", 2)
        with freeze_time("2026-03-01 10:00:00"):
            self.assertLines(self.run_on(schedule, MARCH), ("Base", 50.0), ("Support", 180.0))

    def test_in_advance_days_before_a_change_keep_their_price(self):
        line = self.line("Support", 80.0, recurrence_quantity_id=self.create_hours().id)
        schedule = self.create_counted(self.line("Base", 50.0), line, paid="pre")
        self.run_on(schedule, JANUARY)
        dialog = self.open_change(schedule, FEBRUARY)
        with dialog.line_ids.edit(1) as row:
            row.price_unit = 90.0
        dialog.save().action_confirm()
        self.work("2026-01-10", 1)
        self.work("2026-02-10", 1)
        with freeze_time("2026-02-01 10:00:00"):
            self.assertLines(self.run_on(schedule, FEBRUARY), ("Base", 50.0), ("Support", 80.0))
        with freeze_time("2026-03-01 10:00:00"):
            self.assertLines(self.run_on(schedule, MARCH), ("Base", 50.0), ("Support", 90.0))

    def test_amounts_of_several_currencies_are_not_added_up(self):
        euro = self.setup_other_currency("EUR")
        for currency in (self.company.currency_id, euro):
            move = self.env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.partner_b.id,
                    "invoice_date": "2026-01-10",
                    "currency_id": currency.id,
                    "invoice_line_ids": [
                        Command.create({"name": "Sold", "price_unit": 100.0, "tax_ids": False})
                    ],
                }
            )
        commission = self.create_quantity(
            name="Turnover",
            filter_id=self.save_filter(
                f"[('partner_id', '=', {self.partner_b.id})]", "account.move"
            ).id,
            sum_field="amount_total",
            date_field="invoice_date",
        )
        self.assertTrue(move)
        line = self.line("Commission", 0.1, recurrence_quantity_id=commission.id)
        schedule = self.create_counted(line)
        with freeze_time("2026-02-01 10:00:00"):
            self.assertFalse(self.run_on(schedule, FEBRUARY))
        self.assertIn("in several currencies", self.occurrence_on(schedule, FEBRUARY).error)

    def test_note_says_what_a_person_billed_although_nothing_was_counted(self):
        line = self.line("Support", 80.0, recurrence_quantity_id=self.create_hours().id)
        schedule = self.create_counted(self.line("Base", 50.0), line)
        with freeze_time("2026-02-01 10:00:00"):
            wizard = self.open_dialog(schedule, FEBRUARY)
            wizard.line_ids[1].quantity = 5
            wizard.action_issue()
        move = self.occurrence_on(schedule, FEBRUARY).move_id
        self.assertLines(move, ("Base", 50.0), ("Support", 400.0))
        self.assertNotIn("not billed", " ".join(move.message_ids.mapped("body")))

    # --- rights ---

    def test_counted_with_the_rights_of_who_chose_the_filter(self):
        """Whoever issues, the number is the same; nobody counts what he may not read."""
        filters = self.save_filter(model="ir.config_parameter", user=self.clerk)
        with self.assertRaisesRegex(AccessError, "is not allowed to see the records"):
            self.create_quantity(self.clerk, filter_id=filters.id)
        hours = self.create_hours()
        with self.assertRaises(AccessError):
            hours.with_user(self.clerk).filter_id = self.save_filter("[('id', '>', 0)]").id

    def test_who_changes_what_is_counted_answers_for_it(self):
        hours = self.create_hours()
        self.assertEqual(hours.filter_user_id, self.chief)
        other = new_test_user(
            self.env,
            login="quantity_other",
            groups="account.group_account_manager,analytic.group_analytic_accounting",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        hours.filter_id.user_ids = [Command.clear()]
        hours.with_user(other).sum_field = "amount"
        self.assertEqual(hours.filter_user_id, other)
        hours.with_user(self.chief).write({"partner_path": False})
        self.assertEqual(hours.filter_user_id, self.chief)

    def test_who_changes_the_filter_counts_no_more_than_he_may_read(self):
        """The filter is shared; whoever edits it may read his own documents only."""
        hours = self.create_quantity(
            name="Contacts",
            filter_id=self.save_filter("[('function', '=', 'x')]", "res.partner").id,
        )
        own = self.env["res.partner"].create(
            [
                {"name": "Mine", "function": "y", "ref": "open"},
                {"name": "Theirs", "function": "y", "ref": "closed"},
            ]
        )
        group = self.env["res.groups"].create({"name": "Open only"})
        self.env["ir.rule"].create(
            {
                "name": "Open only",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "groups": [Command.set(group.ids)],
                "domain_force": "[('ref', '!=', 'closed')]",
            }
        )
        hours.filter_id.user_ids = [Command.link(self.clerk.id)]
        line = self.line("Contacts", 1.0, recurrence_quantity_id=hours.id)
        schedule = self.create_counted(line)
        hours.filter_id.with_user(self.clerk).domain = "[('function', '=', 'y')]"
        dates = self.occurrence_on(schedule, FEBRUARY)

        def count():
            [found] = dates._count_quantities()[dates].values()
            return found.quantity

        self.assertEqual(count(), 2)
        self.clerk.group_ids += group
        self.assertEqual(count(), 1)
        self.assertEqual(len(own), 2)

    def test_two_companies(self):
        hours = self.create_hours()
        data = self.setup_other_company()
        other = data["company"]
        with self.assertRaisesRegex(ValidationError, "another company"):
            self.create_schedule(
                self.partner_a,
                company_id=other.id,
                template={
                    "company_id": other.id,
                    "journal_id": data["default_journal_sale"].id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "Support",
                                "price_unit": 1.0,
                                "recurrence_quantity_id": hours.id,
                                "tax_ids": False,
                            }
                        )
                    ],
                },
            )


@freeze_time("2026-01-01 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceQuantityRefused(QuantityCase):
    """What a billable quantity or a line with one may not say, each with a sentence."""

    def test_source_without_what_it_needs(self):
        with self.assertRaisesRegex(ValidationError, "choose a saved filter"):
            self.create_quantity()
        saved = self.save_filter()
        for vals, field in (
            ({"sum_field": "name"}, "Sum Of"),
            ({"sum_field": "nothing"}, "Sum Of"),
            ({"sum_field": "account_id.balance"}, "Sum Of"),
            ({"date_field": "unit_amount"}, "By Date"),
            ({"partner_path": "user_id"}, "Customer"),
            ({"partner_path": "name.partner_id"}, "Customer"),
        ):
            with self.subTest(vals), self.assertRaisesRegex(ValidationError, field):
                self.create_quantity(filter_id=saved.id, **vals)

    def test_customer_over_several_steps(self):
        quantity = self.create_quantity(
            filter_id=self.save_filter().id, partner_path="account_id.partner_id"
        )
        self.assertIn("of the customer", quantity.sentence)

    def test_name_in_formulas(self):
        hours = self.create_hours()
        self.assertEqual(hours.code, "hours")
        self.assertEqual(self.create_quantity(name="3 Max!", source="entered").code, "max_1")
        for code in ("Hours", "1st", "max", "quantity", "for", "a b"):
            with self.subTest(code), self.assertRaisesRegex(ValidationError, "cannot be a name"):
                hours.code = code

    def test_lines(self):
        hours = self.create_hours()
        entered = self.create_quantity(name="Reading", source="entered")
        usage = self.create_quantity(name="Storage", source="usage")
        for vals, sentence in (
            ({"recurrence_formula": "hours +"}, "cannot be read"),
            ({"recurrence_formula": "hous * 2"}, "has the name hous, but knows only"),
            ({"recurrence_formula": "counted * 2"}, "has the name counted"),
            ({"recurrence_formula": "'a'"}, "does not come to a number"),
            ({"recurrence_formula": "reading * 2"}, "goes without a formula"),
            (
                {"recurrence_quantity_id": entered.id, "recurrence_formula": "counted"},
                "goes without a formula",
            ),
            (
                {"recurrence_quantity_id": hours.id, "recurrence_billing": "once"},
                "billed once cannot be counted over days",
            ),
            (
                {"recurrence_quantity_id": usage.id, "recurrence_every": 3},
                "imported usage is billed on each date",
            ),
        ):
            with self.subTest(vals), self.assertRaisesRegex(ValidationError, sentence):
                self.create_running(self.line("Support", 80.0, **vals))

    def test_what_is_used_can_be_neither_deleted_nor_renamed(self):
        hours = self.create_hours()
        schedule = self.create_running(self.line("More", 5.0, recurrence_formula="hours * 2"))
        with self.assertRaisesRegex(UserError, "stands in a formula of .* Change the formulas"):
            hours.code = "time"
        with self.assertRaisesRegex(UserError, "Archive it instead"):
            hours.unlink()
        line = schedule.template_move_id.invoice_line_ids
        line.write({"recurrence_formula": False, "recurrence_quantity_id": hours.id})
        with self.assertRaisesRegex(UserError, "counts with Hours. Archive it instead"):
            hours.unlink()
        hours.code = "time"

    def test_what_fails_on_the_day_waits_with_a_sentence(self):
        """A filter that was deleted with its model, a formula that divides by what is nothing."""
        hours = self.create_hours()
        for formula, sentence in (
            ("100 / counted", "Support: the formula divides by zero."),
            ("counted - 5", "Support: the quantity comes to -5.0."),
        ):
            line = self.line(
                "Support", 80.0, recurrence_quantity_id=hours.id, recurrence_formula=formula
            )
            schedule = self.create_running(line, period_paid="post")
            with self.subTest(formula), freeze_time("2026-02-01 10:00:00"):
                self.assertFalse(self.run_on(schedule, FEBRUARY))
                failed = self.occurrence_on(schedule, FEBRUARY)
                self.assertEqual(failed.state, "failed")
                self.assertIn(sentence, failed.error)

    def test_filter_that_cannot_be_used_stops_only_its_own_invoices(self):
        hours = self.create_hours()
        line = self.line("Support", 80.0, recurrence_quantity_id=hours.id)
        broken = self.create_running(line, period_paid="post")
        other = self.create_running(self.line("Base", 50.0), period_paid="post")
        self.chief.active = False
        with freeze_time("2026-02-01 10:00:00"):
            (broken + other).sudo()._run_due(FEBRUARY)
        failed = self.occurrence_on(broken, FEBRUARY)
        self.assertEqual(failed.state, "failed")
        self.assertIn("is no longer active. Choose the filter again.", failed.error)
        self.assertEqual(self.occurrence_on(other, FEBRUARY).move_id.amount_untaxed, 50.0)

    def test_form(self):
        with Form(self.env["recurrence.quantity"].with_user(self.chief)) as form:
            form.name = "Hours of Support"
            form.filter_id = self.save_filter()
            form.sum_field = "unit_amount"
        quantity = form.record
        self.assertEqual(quantity.code, "hours_of_support")
        self.assertEqual(quantity.sentence, "The sum of “Quantity” of “Hours”")


@freeze_time("2026-01-01 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceQuantityMany(QuantityCase):
    """One query counts for many customers."""

    def test_queries_do_not_grow_with_recurrences(self):
        hours = self.create_hours()

        def create(number):
            partners = self.env["res.partner"].create([{"name": f"C{n}"} for n in range(number)])
            schedules = self.env["recurrence.schedule"]
            for partner in partners:
                self.work("2026-01-10", 2, partner)
                schedule = self.create_schedule(
                    partner,
                    template={
                        "invoice_line_ids": [
                            self.line("Support", 80.0, recurrence_quantity_id=hours.id)
                        ]
                    },
                    invoice_mode="post",
                    period_paid="post",
                    user_id=self.clerk.id,
                )
                schedule.sudo().state = "running"
                schedules |= schedule
            schedules.sudo()._generate(FEBRUARY)
            return schedules.occurrence_ids.filtered(lambda o: o.rule_date == FEBRUARY)

        def count(dates):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = dates.sudo()._count_quantities()
            spent = self.env.cr.sql_log_count - before
            numbers = {float(c.quantity) for lines in found.values() for c in lines.values()}
            self.assertEqual(numbers, {2.0})
            return spent

        few, many = create(2), create(30)
        count(few)
        self.assertLessEqual(count(many), count(few) + 3)

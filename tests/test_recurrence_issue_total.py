from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .common import RecurrenceInvoiceCommon


@freeze_time("2026-01-20 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceIssueTotal(RecurrenceInvoiceCommon):
    """What the dialog and the preview show is what is issued: totals, dates, due date."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.clerk = new_test_user(
            cls.env,
            login="total_clerk",
            groups="base.group_user,account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.reader = new_test_user(
            cls.env,
            login="total_reader",
            groups="base.group_user,account.group_account_readonly",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.foreign = cls.setup_other_currency(
            "EUR", rates=[("2016-01-01", 3.0), ("2026-01-10", 4.0)]
        )
        cls.tax_included = cls.tax_sale_a.copy(
            {"name": "21 % incl.", "amount": 21.0, "price_include_override": "tax_included"}
        )
        cls.tax_6 = cls.tax_sale_a.copy({"name": "6 %", "amount": 6.0})
        cls.number = 0

    # --- the table: values of template, line and schedule, and the total by hand ---

    def get_cases(self):
        def discount(computation):
            return (
                self.env["account.payment.term"]
                .create(
                    {
                        "name": f"2/7 {computation}",
                        "early_discount": True,
                        "discount_percentage": 2,
                        "discount_days": 7,
                        "early_pay_discount_computation": computation,
                        "line_ids": [
                            Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})
                        ],
                    }
                )
                .id
            )

        free = {"tax_ids": [Command.clear()]}
        two = [
            Command.create({"display_type": "line_section", "name": "Hosting"}),
            *(
                Command.create(
                    {
                        "name": name,
                        "price_unit": price,
                        "quantity": quantity,
                        "tax_ids": [Command.set(taxes.ids)],
                    }
                )
                for name, price, quantity, taxes in (
                    ("Server", 33.33, 3, self.tax_sale_a),
                    ("Book", 9.99, 7, self.tax_6),
                )
            ),
        ]
        product = {"product_id": self.product_a.id, "price_unit": 80.0}
        return {
            "plain": ({}, {}, {}, 115.0),
            "cash rounding as a line": (
                {"invoice_cash_rounding_id": self.cash_rounding_a.id},
                {"price_unit": 10.02, **free},
                {},
                10.05,
            ),
            "cash rounding in the biggest tax": (
                {"invoice_cash_rounding_id": self.cash_rounding_b.id},
                {"price_unit": 10.02},
                {},
                None,
            ),
            "early discount, Belgian": (
                {"invoice_payment_term_id": discount("mixed")},
                {},
                {},
                114.7,
            ),
            "early discount, always": (
                {"invoice_payment_term_id": discount("included")},
                {},
                {},
                115.0,
            ),
            "early discount, never": (
                {"invoice_payment_term_id": discount("excluded")},
                {},
                {},
                115.0,
            ),
            "discount and cash rounding": (
                {
                    "invoice_payment_term_id": discount("mixed"),
                    "invoice_cash_rounding_id": self.cash_rounding_a.id,
                },
                {"price_unit": 33.37, "discount": 12.5},
                {},
                None,
            ),
            "foreign currency": ({"currency_id": self.foreign.id}, {}, {}, 115.0),
            "foreign currency, price of the product": (
                {"currency_id": self.foreign.id},
                product,
                {"price_source": "product"},
                None,
            ),
            "price of the product": ({}, product, {"price_source": "product"}, 1150.0),
            "price with tax in it": (
                {},
                {"tax_ids": [Command.set(self.tax_included.ids)]},
                {},
                100.0,
            ),
            "several lines and taxes": ({"invoice_line_ids": two}, {}, {}, None),
            "days as in the template": (
                {
                    "invoice_payment_term_id": False,
                    "date": date(2025, 12, 1),
                    "invoice_date_due": date(2025, 12, 18),
                },
                {},
                {"due_mode": "distance"},
                115.0,
            ),
        }

    def make_occurrence(self, template, line, vals):
        TestRecurrenceIssueTotal.number += 1
        schedule = self.create_schedule(self.partner_a, template=template, line=line, **vals)
        return self.create_occurrence(schedule, date(2026, 1, 20), number=self.number)

    def open_dialog(self, occurrence):
        model = self.env["recurrence.occurrence.issue"].with_user(self.clerk)
        return Form(model.with_context(default_occurrence_id=occurrence.id))

    def check_issued(self, shown, wizard, occurrence):
        wizard.action_issue()
        move = occurrence.move_id
        issued = {
            "amount_total": move.amount_total,
            "amount_untaxed": move.amount_untaxed,
            "amount_tax": move.amount_tax,
            "invoice_date_due": move.invoice_date_due,
            "issue_date": move.invoice_date,
        }
        for name, value in shown.items():
            if isinstance(value, float):
                self.assertAlmostEqual(value, issued[name], 2, name)
            else:
                self.assertEqual(value, issued[name], name)
        return move

    def read_shown(self, dialog):
        names = ("amount_total", "amount_untaxed", "amount_tax", "invoice_date_due", "issue_date")
        return {name: dialog[name] for name in names}

    def test_r9_total_of_the_dialog_is_the_total_issued(self):
        for name, (template, line, vals, total) in self.get_cases().items():
            with self.subTest(name):
                occurrence = self.make_occurrence(template, line, vals)
                dialog = self.open_dialog(occurrence)
                shown = self.read_shown(dialog)
                if total:
                    self.assertAlmostEqual(shown["amount_total"], total, 2)
                self.assertAlmostEqual(
                    dialog.tax_totals["total_amount_currency"], shown["amount_total"], 2
                )
                self.check_issued(shown, dialog.save(), occurrence)

    def test_r9_total_after_changes_in_the_dialog(self):
        for name, (template, line, vals, _total) in self.get_cases().items():
            with self.subTest(name):
                occurrence = self.make_occurrence(template, line, vals)
                dialog = self.open_dialog(occurrence)
                before = dialog.amount_total
                last = len(dialog.line_ids) - 1
                with dialog.line_ids.edit(last) as edited:
                    edited.price_unit = 77.77
                    edited.quantity = 2
                with dialog.line_ids.new() as added:
                    added.product_id = self.product_b
                dialog.invoice_date = date(2026, 1, 12)
                shown = self.read_shown(dialog)
                self.assertNotEqual(shown["amount_total"], before)
                self.check_issued(shown, dialog.save(), occurrence)

    def test_what_would_be_issued_otherwise_is_refused(self):
        """Another addon may add lines when the invoice is made: nothing else than shown leaves."""
        occurrence = self.make_occurrence({}, {}, {})
        wizard = self.open_dialog(occurrence).save()
        model = self.env.registry["account.move"]
        original = model.create

        def create(moves, vals_list):
            created = original(moves, vals_list)
            created.invoice_line_ids.price_unit = 200.0
            return created

        self.patch(model, "create", create)
        with self.assertRaisesRegex(UserError, "230.00, not .*115.00"), self.cr.savepoint():
            wizard.action_issue()
        self.assertFalse(occurrence.move_id)

    # --- dates ---

    def post_later_one(self):
        self.init_invoice(
            "out_invoice", partner=self.partner_b, amounts=[5], invoice_date="2026-01-15", post=True
        )

    def test_typed_date_that_cannot_be_used_is_told_before(self):
        self.post_later_one()
        occurrence = self.make_occurrence({}, {}, {})
        dialog = self.open_dialog(occurrence)
        self.assertEqual(dialog.issue_date, date(2026, 1, 20))
        self.assertFalse(dialog.date_note)
        dialog.invoice_date = date(2026, 1, 8)
        self.assertEqual(dialog.issue_date, date(2026, 1, 20))
        self.assertIn("Dated 01/20/2026, the day of issue, instead of 01/08/2026", dialog.date_note)
        self.assertIn("01/15/2026", dialog.date_note)
        move = self.check_issued(self.read_shown(dialog), dialog.save(), occurrence)
        self.assertEqual(move.invoice_date, date(2026, 1, 20))

    def test_typed_date_in_a_locked_period_is_told_before(self):
        self.company.sale_lock_date = date(2026, 1, 10)
        occurrence = self.make_occurrence({}, {}, {})
        dialog = self.open_dialog(occurrence)
        dialog.invoice_date = date(2026, 1, 8)
        self.assertEqual(dialog.issue_date, date(2026, 1, 20))
        self.assertIn("that period is locked", dialog.date_note)
        self.check_issued(self.read_shown(dialog), dialog.save(), occurrence)

    def test_typed_date_that_can_be_used(self):
        self.post_later_one()
        occurrence = self.make_occurrence({}, {}, {})
        dialog = self.open_dialog(occurrence)
        for day in (date(2026, 1, 16), date(2026, 1, 25)):
            dialog.invoice_date = day
            self.assertEqual(dialog.issue_date, day)
            self.assertEqual(
                dialog.date_note, "According to the recurrence, the date is 01/20/2026."
            )
        self.check_issued(self.read_shown(dialog), dialog.save(), occurrence)

    # --- preview ---

    def preview(self, occurrence, user=None, change=None):
        schedule = occurrence.schedule_id.with_user(user or self.clerk)
        return schedule._preview_pdf(occurrence.rule_date, change).decode()

    def test_r8_preview_is_dated_as_it_would_be_issued(self):
        self.post_later_one()
        schedule = self.create_schedule(
            self.partner_a, line={"name": "Dated #DATE#"}, day=5, date_start=date(2026, 1, 5)
        )
        past = self.create_occurrence(schedule, date(2026, 1, 5))
        self.assertIn("Dated 01/20/2026", self.preview(past))
        future = self.create_occurrence(schedule, date(2026, 2, 5))
        self.assertIn("Dated 02/05/2026", self.preview(future))
        self.company.sale_lock_date = date(2026, 1, 19)
        self.assertIn("Dated 01/20/2026", self.preview(past))
        wizard = self.open_dialog(past).save()
        wizard.action_issue()
        self.assertEqual(past.move_id.invoice_line_ids.name, "Dated 01/20/2026")

    def test_r8_preview_for_a_reader_of_the_accounts(self):
        occurrence = self.make_occurrence({}, {"name": "Support #NUMBER#"}, {})
        text = self.preview(occurrence, self.reader)
        self.assertIn(f"Support {self.number}", text)
        self.assertEqual(text.count("115.00"), self.preview(occurrence).count("115.00"))
        self.assertFalse(occurrence.move_id)

    def test_r8_preview_has_the_totals_of_the_invoice(self):
        for name, (template, line, vals, total) in self.get_cases().items():
            if not total:
                continue
            with self.subTest(name):
                occurrence = self.make_occurrence(template, line, vals)
                self.assertIn(f"{total:,.2f}", self.preview(occurrence))

    def test_r8_preview_of_the_dialog_shows_its_changes(self):
        occurrence = self.make_occurrence({}, {}, {})
        dialog = self.open_dialog(occurrence)
        wizard = dialog.save()
        url = f"/recurrence/preview/{occurrence.schedule_id.id}/2026-01-20"
        self.assertEqual(wizard.action_preview()["url"], url)
        with dialog.line_ids.edit(0) as line:
            line.price_unit = 1234.0
        wizard = dialog.save()
        self.assertEqual(wizard.action_preview()["url"], f"{url}?issue={wizard.id}")
        change, _together = wizard._get_shown_change(occurrence.schedule_id, date(2026, 1, 20))
        self.assertIn("1,419.10", self.preview(occurrence, change=change))
        wizard.action_issue()
        self.assertEqual(occurrence.move_id.amount_total, 1419.1)

    def test_r8_number_of_a_date_that_is_not_planned(self):
        schedule = self.create_schedule(self.partner_a, line={"name": "No #NUMBER#."})
        self.create_occurrence(schedule, date(2026, 1, 1), number=41)
        text = schedule._preview_pdf(date(2026, 3, 1)).decode()
        self.assertIn("No 43.", text)

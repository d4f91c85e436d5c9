from base64 import b64decode, b64encode
from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .test_recurrence_billed_line import BilledLineCase

HEADING = "Customer;Reference;Product;Description;Quantity;Price;Repeats;Start;Next invoice;End\n"


@freeze_time("2026-11-30 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceImport(BilledLineCase):
    """R16: recurring invoices from a file of agreements; shown first, all made or none."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.care = cls.env["product.product"].create(
            {
                "name": "Care",
                "default_code": "CARE",
                "list_price": 80.0,
                "taxes_id": [Command.set(cls.tax_sale_a.ids)],
            }
        )
        cls.azure = cls.env["res.partner"].create({"name": "Azure", "ref": "C-7"})
        cls.deco = cls.env["res.partner"].create({"name": "Deco", "email": "deco@example.com"})

    def open_import(self, text, user=None, encoding="utf-8", **vals):
        dialogs = self.env["recurrence.import"].with_user(user or self.clerk)
        dialog = dialogs.with_company(self.company).create(
            {"file": b64encode(text.encode(encoding)), **vals}
        )
        dialog.action_read()
        return dialog

    def problems(self, dialog):
        return {row.line: row.problem for row in dialog.row_ids if row.problem}

    def count(self):
        return self.env["recurrence.schedule"].with_context(active_test=False).search_count([])

    # === WHAT IS MADE === #

    def test_r16_agreements_of_a_file_are_shown_and_then_made(self):
        before = self.count()
        dialog = self.open_import(
            HEADING + "Azure;A-1;;Hotline;2;40,50;monthly;15.03.2025;15.12.2026;\n"
            ";;CARE;;;;;;;\n"
            "deco@example.com;A-2;Care;;1;1.200,00;jährlich;15.06.2024;;14.06.2028\n"
        )
        self.assertEqual(self.count(), before, "the preview keeps nothing")
        self.assertEqual((dialog.ready_count, dialog.rejected_count), (2, 0))
        # 2 x 40.50 without tax, the product's 80.00 with 15 %; 1200.00 with 15 %
        self.assertRecordValues(
            dialog.row_ids,
            [
                {
                    "line": 2,
                    "partner_id": self.azure.id,
                    "what": "Hotline, [CARE] Care",
                    "first_date": date(2026, 12, 15),
                    "total": 173.0,
                    "is_included": True,
                    "note": "Without tax: Hotline",
                },
                {
                    "line": 4,
                    "partner_id": self.deco.id,
                    "what": "[CARE] Care",
                    "first_date": date(2027, 6, 15),
                    "total": 1380.0,
                    "is_included": True,
                    "note": False,
                },
            ],
        )
        dialog.action_confirm()
        self.assertEqual((dialog.step, dialog.made_count), ("done", 2))
        first, second = dialog.made_ids.sorted("id")
        self.assertRecordValues(
            first | second,
            [
                {
                    "name": "Azure · Hotline",
                    "state": "draft",
                    "rrule_type": "monthly",
                    "interval": 1,
                    "date_start": date(2026, 12, 15),
                    "agreement_start": date(2025, 3, 15),
                    "until": False,
                    "invoice_mode": "confirm",
                },
                {
                    "name": "Deco · [CARE] Care",
                    "state": "draft",
                    "rrule_type": "yearly",
                    "interval": 1,
                    "date_start": date(2027, 6, 15),
                    "agreement_start": date(2024, 6, 15),
                    "until": date(2028, 6, 14),
                    "invoice_mode": "confirm",
                },
            ],
        )
        self.assertLines(first.template_move_id, ("Hotline", 81.0), ("[CARE] Care", 80.0))
        self.assertEqual(first.template_move_id.invoice_origin, "A-1")
        self.assertEqual(second.template_move_id.amount_total, 1380.0)
        action = dialog.action_open_made()
        self.assertEqual(action["domain"], [("id", "in", (first | second).ids)])

    def test_r16_started_at_once_they_bill_their_first_date(self):
        dialog = self.open_import(
            HEADING + "C-7;A-1;CARE;;;;monthly;;30.11.2026;\n", is_started=True, invoice_mode="post"
        )
        dialog.action_confirm()
        made = dialog.made_ids
        self.assertEqual(made.state, "running")
        invoice = self.run_on(made, date(2026, 11, 30))
        self.assertRecordValues(
            invoice, [{"state": "posted", "amount_total": 92.0, "invoice_origin": "A-1"}]
        )

    def test_r16_the_31st_stays_the_31st_after_a_february(self):
        dialog = self.open_import(HEADING + "Azure;;CARE;;;;monthly;31.01.2025;28.02.2027;\n")
        dialog.action_confirm()
        dates = dialog.made_ids.get_rule_dates(limit=3)
        self.assertEqual(dates, [date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30)])

    def test_r16_dates_before_today_are_billed_only_if_wanted(self):
        text = HEADING + "Azure;;CARE;;;;monthly;15.09.2026;;\n"
        dialog = self.open_import(text)
        self.assertEqual(dialog.row_ids.first_date, date(2026, 12, 15))
        dialog = self.open_import(text, past="here")
        self.assertEqual(dialog.row_ids.first_date, date(2026, 9, 15))
        # 15 September, October and November
        self.assertEqual(dialog.row_ids.note, "Dates in the past: 3. They become due immediately.")
        self.assertTrue(dialog.row_ids.is_included)

    def test_r16_terms_of_the_agreement_are_taken_over(self):
        dialog = self.open_import(
            "Customer;Product;Repeats;Start;Minimum term;Renewal;Notice period\n"
            "Azure;CARE;monthly;2026-01-01;24 months;1 year;3 months\n"
            "Deco;CARE;monthly;2027-01-01;;;1 month\n",
            is_started=True,
        )
        dialog.action_confirm()
        first, second = dialog.made_ids.sorted("id")
        # 24 months from the start of the agreement, not from the first invoice here
        self.assertRecordValues(
            first | second,
            [
                {
                    "date_start": date(2026, 12, 1),
                    "renewal": "auto",
                    "term_end": date(2027, 12, 31),
                    "notice_limit": date(2027, 9, 30),
                },
                {
                    "date_start": date(2027, 1, 1),
                    "renewal": "open",
                    "term_end": False,
                    "notice_limit": False,
                },
            ],
        )
        self.assertEqual((second.notice_number, second.notice_unit), (1, "months"))

    def test_r16_a_tax_that_is_named_is_taken(self):
        other = self.tax_sale_a.copy({"name": "Reduced", "amount": 5.0})
        dialog = self.open_import(
            "Customer;Product;Description;Price;Tax;Repeats;Next invoice\n"
            "Azure;CARE;;100;Reduced;monthly;2027-01-01\n"
            "Deco;;Hotline;100;Reduced;monthly;2027-01-01\n"
            "Deco;;Other;100;19 %;monthly;2027-01-01\n"
        )
        self.assertEqual(dialog.row_ids.filtered("is_included").mapped("total"), [105.0, 105.0])
        self.assertEqual(self.problems(dialog), {4: "Line 4: no tax on sales has the name 19 %."})
        self.assertFalse(dialog.row_ids.filtered("note"))
        dialog.action_confirm()
        self.assertEqual(dialog.made_ids.template_move_id.invoice_line_ids.tax_ids, other)

    def test_r16_customer_has_a_currency_language_and_taxes(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.care.with_context(lang="fr_FR").name = "Entretien"
        self.azure.lang = "fr_FR"
        euro = self.env.ref("base.EUR")
        euro.active = True
        dialog = self.open_import(
            "Customer;Product;Price;Currency;Repeats;Next invoice\n"
            "Azure;CARE;100.00;eur;quarterly;2027-01-01\n"
            "Deco;CARE;100.00;XYZ;quarterly;2027-01-01\n"
        )
        self.assertEqual(self.problems(dialog), {3: "There is no active currency XYZ."})
        row = dialog.row_ids.filtered("is_included")
        self.assertEqual((row.currency_id, row.total), (euro, 115.0))
        dialog.action_confirm()
        template = dialog.made_ids.template_move_id
        self.assertEqual(template.currency_id, euro)
        self.assertEqual(template.invoice_line_ids.name, "[CARE] Entretien")

    # === WHAT IS NOT === #

    def test_r16_what_is_wrong_stands_with_its_line(self):
        self.env["res.partner"].create([{"name": "Twin"}, {"name": "Twin"}])
        dialog = self.open_import(
            HEADING + "Nobody;;CARE;;;;monthly;;01.01.2027;\n"
            "Twin;;CARE;;;;monthly;;01.01.2027;\n"
            "Azure;;GONE;;x;12.5.0;often;;soon;\n"
            "Azure;;;Hotline;;;;;;\n"
            ";;;;;;weekly;;;\n"
            "Deco;;CARE;;;;monthly;01.03.2027;01.02.2027;\n"
            "Deco;;CARE;;;;monthly;;01.02.2027;31.01.2027\n"
            "Deco;;CARE;;;;monthly;01.03.2025;;30.11.2026\n"
        )
        expected = {
            2: "No contact has the reference, tax ID, email address or name Nobody.",
            3: "Several contacts are found for Twin: use their reference, tax ID or email address.",
            4: "Line 4: how often it repeats cannot be read; write “monthly” or “3 months”.\n"
            "Line 4: the next invoice cannot be read as a date.\n"
            "Line 4: the quantity is not a number.\n"
            "Line 4: the price is not a number; write it without the currency.\n"
            "Line 4: no product has the code or name GONE.",
            5: "Line 5: how often it repeats is missing.\n"
            "Line 5: neither the start nor the next invoice is given.\n"
            "Line 5: without a product, a price is needed.\n"
            "Line 6: it does not agree with the first row of the same agreement.\n"
            "Line 6: neither a product nor a description is given.",
            7: "Line 7: the next invoice is before the start.",
            8: "Line 8: it ends before its next invoice.",
            9: "Line 9: it ends before its next invoice.",
        }
        self.assertEqual(self.problems(dialog), expected)
        self.assertEqual(dialog.ready_count, 0)
        with self.assertRaisesRegex(UserError, "Tick at least one row"):
            dialog.action_confirm()

    def test_r16_rejected_lines_come_back_with_all_rows_of_their_agreement(self):
        dialog = self.open_import(
            HEADING + "Azure;A-1;CARE;;;;monthly;;01.01.2027;\n"
            ";;GONE;;;;;;;\n"
            "Deco;;CARE;;;;monthly;;01.01.2027;\n"
        )
        lines = b64decode(dialog.rejected_file).decode("utf-8-sig").splitlines()
        reason = "Line 3: no product has the code or name GONE."
        self.assertEqual(
            lines,
            [
                f"{HEADING.strip()};Rejected",
                f"Azure;A-1;CARE;;;;monthly;;01.01.2027;;2: {reason}",
                f";;GONE;;;;;;;;3: {reason}",
            ],
        )
        # corrected, the file can be read again
        again = self.open_import("\n".join(lines).replace("GONE", "Care"))
        self.assertFalse(self.problems(again))
        self.assertEqual(again.row_ids.total, 184.0)
        self.assertEqual(again.unused, "Rejected")
        dialog.action_confirm()
        self.assertEqual(dialog.made_ids.partner_id, self.deco, "never a part of an agreement")
        self.assertIn(f"/{dialog.id}/rejected_file", dialog.action_download_rejected()["url"])

    def test_r16_what_cannot_be_started_fails_alone(self):
        self.azure.country_id = self.env.ref("base.be")
        dialog = self.open_import(
            HEADING + "Azure;;CARE;;;-5,00;monthly;;01.01.2027;\n"
            "Deco;;CARE;;;5,00;monthly;;01.01.2027;\n"
        )
        self.assertEqual(list(self.problems(dialog)), [2])
        self.assertEqual(dialog.row_ids.filtered("is_included").total, 5.75)

    def test_r16_a_file_read_twice_bills_nobody_twice(self):
        text = (
            HEADING + "Azure;A-1;CARE;;;;monthly;;01.01.2027;\n"
            "Deco;;CARE;;;;monthly;;01.01.2027;\n"
            "Deco;;CARE;;;;monthly;;01.01.2027;\n"
        )
        first = self.open_import(text)
        self.assertEqual(first.row_ids.mapped("note"), [False, False, "The same as in line 3"])
        self.assertEqual(first.row_ids.mapped("is_included"), [True, True, False])
        second = self.open_import(text)
        first.action_confirm()
        with self.assertRaisesRegex(UserError, "invoice of Azure has been created in the"):
            second.action_confirm()
        second.action_read()
        self.assertEqual(second.ready_count, 0)
        self.assertEqual(second.row_ids[0].note, "Already has: Azure · [CARE] Care")
        # another agreement of the same customer, of the same product
        third = self.open_import(HEADING + "Azure;A-9;CARE;;;;monthly;;01.01.2027;\n")
        self.assertEqual(third.ready_count, 1)
        self.assertEqual(third.row_ids.note, "Of another number: Azure · [CARE] Care")
        with self.assertRaisesRegex(UserError, "Read a file first"):
            first.action_confirm()

    def test_r16_the_same_is_known_however_it_is_written(self):
        dialog = self.open_import(
            HEADING + "Azure;a-1;CARE;;;;monthly;;01.01.2027;\n"
            "c-7;A-1;care;;;;1 month;;01.01.2027;\n"
        )
        self.assertEqual(dialog.row_ids.mapped("note"), [False, "The same as in line 2"])
        twice = self.open_import(HEADING + "Azure;A-1;CARE;;;;monthly;;01.01.2027;\n" * 2)
        self.assertEqual(self.problems(twice), {2: "Line 3: it says the same as an earlier row."})

    def test_r16_what_is_archived_is_there_too(self):
        text = HEADING + "Azure;A-1;CARE;;;;monthly;;01.01.2027;\n"
        first = self.open_import(text)
        first.action_confirm()
        first.made_ids.active = False
        second = self.open_import(text)
        self.assertEqual(second.row_ids.note, "Already has: Azure · [CARE] Care (archived)")
        self.assertFalse(second.row_ids.is_included)

    def test_r16_choices_stay_when_the_file_is_read_again(self):
        dialog = self.open_import(
            HEADING + "Azure;;CARE;;;1,5;monthly;;01.01.2027;\n"
            "Deco;;CARE;;;1,5;monthly;;01.01.2027;\n"
        )
        dialog.row_ids[0].is_included = False
        dialog.action_read()
        self.assertEqual(dialog.row_ids.mapped("is_included"), [False, True])

    def test_r16_columns_that_are_not_read_are_named(self):
        dialog = self.open_import(
            "Customer;Product;Net price;Repeats;Next invoice;Contract end date\n"
            "Azure;CARE;55;monthly;2027-01-01;2027-12-31\n"
        )
        self.assertEqual(dialog.unused, "Net price, Contract end date")

    def test_r16_one_customer_is_meant_or_none(self):
        branch = {"name": "Branch", "email": "office@example.com"}
        person = {**branch, "name": "Person", "parent_id": self.deco.id}
        text = "Customer;Product;Repeats;Next invoice\noffice@example.com;CARE;monthly;2027-01-01\n"
        self.deco.email = "OFFICE@example.com"
        self.env["res.partner"].create(person)
        dialog = self.open_import(text)
        self.assertEqual(dialog.row_ids.partner_id, self.deco, "a company and its own contact")
        self.env["res.partner"].create(branch)
        dialog = self.open_import(text)
        self.assertIn("Several contacts are found", dialog.row_ids.problem)

    def test_r16_every_two_weeks_on_the_day_of_the_start(self):
        # a Monday
        dialog = self.open_import(
            "Customer;Product;Repeats;Start\nAzure;CARE;every 2 weeks;2026-11-09\n"
            "Deco;CARE;yearly;2024-02-29\n"
        )
        dialog.action_confirm()
        weekly, yearly = dialog.made_ids.sorted("id")
        self.assertEqual(weekly.get_rule_dates(limit=2), [date(2026, 12, 7), date(2026, 12, 21)])
        self.assertEqual(yearly.get_rule_dates(limit=2), [date(2027, 2, 28), date(2028, 2, 29)])

    def test_r16_what_odoo_would_round_is_refused(self):
        dialog = self.open_import(
            "Customer;Product;Quantity;Discount;Repeats;Next invoice\n"
            "Azure;CARE;0.125;33.333 %;monthly;2027-01-01\n"
            "Deco;CARE;0.25;10 %;monthly;2027-01-01\n"
        )
        self.assertEqual(
            self.problems(dialog),
            {
                2: "Line 2: the quantity has more than 2 decimals.\n"
                "Line 2: the discount has more than 2 decimals."
            },
        )
        # 80.00 x 0.25 less 10 % with 15 %
        self.assertEqual(dialog.row_ids.filtered("is_included").total, 20.7)

    def test_r16_nothing_billed_and_too_much_are_told(self):
        dialog = self.open_import(
            "Customer;Product;Quantity;Price;Repeats;Next invoice\n"
            "Azure;CARE;1;0;monthly;2027-01-01\n"
            "Deco;CARE;100000;1000000000000;monthly;2027-01-01\n"
        )
        self.assertEqual(
            dialog.row_ids.sorted("line")[0].note, "Nothing is billed: the total is 0."
        )
        self.assertEqual(self.problems(dialog), {3: "Line 3: the amount is too large."})

    def test_r16_one_that_cannot_be_created_leaves_the_others(self):
        """What Odoo refuses when it is created stands with its row."""
        self.care.copy({"default_code": "OLD"}).active = False
        other = self.env["product.product"].create({"name": "Old", "default_code": "OLD"})
        dialog = self.open_import(
            "Customer;Product;Repeats;Next invoice\n"
            "Azure;OLD;monthly;2027-01-01\nDeco;CARE;monthly;2027-01-01\n"
        )
        refuse = "account_recurrence_dunning.test_refused"
        create = type(self.env["account.move.line"]).create

        def refused(lines, vals_list):
            if any(vals.get("product_id") == other.id for vals in vals_list):
                raise UserError(refuse)
            return create(lines, vals_list)

        with patch.object(type(self.env["account.move.line"]), "create", refused):
            dialog.action_read()
        self.assertEqual(self.problems(dialog), {2: refuse})
        self.assertEqual(dialog.row_ids.filtered("is_included").partner_id, self.deco)

    def test_r16_taxes_are_those_of_the_customers_fiscal_position(self):
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        self.tax_sale_a.copy(
            {
                "name": "Exempt",
                "amount": 0.0,
                "fiscal_position_ids": [Command.set(position.ids)],
                "original_tax_ids": [Command.set(self.tax_sale_a.ids)],
            }
        )
        self.azure.with_company(self.company).property_account_position_id = position
        dialog = self.open_import(HEADING + "Azure;;CARE;;;;monthly;;01.01.2027;\n")
        self.assertRecordValues(dialog.row_ids, [{"total": 80.0, "taxes": "Exempt"}])

    def test_r16_nothing_is_made_when_one_fails(self):
        dialog = self.open_import(
            HEADING + "Azure;;CARE;;;;monthly;;01.01.2027;\nDeco;;Care;;;;monthly;;01.01.2027;\n",
            is_started=True,
        )
        before = self.count()
        self.deco.active = False
        with self.assertRaises(UserError), self.env.cr.savepoint():
            dialog.action_confirm()
        self.assertEqual(self.count(), before)
        self.assertEqual(dialog.step, "look", "what was read is still there")

    def test_r16_doubtful_dates_and_numbers_are_told_and_can_be_chosen(self):
        dialog = self.open_import(HEADING + "Azure;;CARE;;;1.234;monthly;;03/02/2027;\n")
        self.assertTrue(dialog.is_date_doubtful and dialog.is_decimal_doubtful)
        self.assertEqual(dialog.row_ids.first_date, date(2027, 2, 3))
        self.assertEqual(dialog.row_ids.total, 1.42)
        dialog.write({"date_format": "%m/%d/%Y", "decimal_sign": ","})
        dialog.action_read()
        self.assertFalse(dialog.is_date_doubtful or dialog.is_decimal_doubtful)
        self.assertEqual(dialog.row_ids.first_date, date(2027, 3, 2))
        # 1234.00 with 15 %
        self.assertEqual(dialog.row_ids.total, 1419.1)

    def test_r16_what_is_no_such_file_is_refused(self):
        for text, sentence in (
            ("", "contains no lines"),
            ("Product;Price\nCARE;5\n", "No column contains the customers"),
            ("Customer;Kunde\nA;B\n", "These columns have the same meaning: “Customer”, “Kunde”"),
            (HEADING + "Azure;;CARE;;;;monthly;;01.01.2027;\n" * 501, "501 agreements"),
        ):
            with self.subTest(sentence=sentence), self.assertRaisesRegex(UserError, sentence):
                self.open_import(text)

    # === WHO MAY === #

    def test_r16_rights(self):
        text = HEADING + "Azure;;CARE;;;;monthly;;01.01.2027;\n"
        reader = new_test_user(
            self.env, "import_reader", groups="base.group_user,account.group_account_readonly"
        )
        with self.assertRaises(AccessError):
            self.open_import(text, reader)
        dialog = self.open_import(text)
        with self.assertRaises(AccessError):
            dialog.row_ids.values = {"move_type": "entry"}

    def test_r16_customers_of_another_company_are_not_found(self):
        other = self.setup_other_company(name="Other")["company"]
        self.azure.company_id = other
        dialog = self.open_import(HEADING + "Azure;;CARE;;;;monthly;;01.01.2027;\n")
        self.assertEqual(
            self.problems(dialog),
            {2: "No contact has the reference, tax ID, email address or name Azure."},
        )

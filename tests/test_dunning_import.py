from base64 import b64decode, b64encode
from datetime import date

from freezegun import freeze_time
from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestDunningImport(DunningCommon):
    """Level, date and tags taken over from a file (W4)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.create_user("import_manager", "dunning_group_manager")
        cls.first = cls.create_due_invoice("2026-02-01")
        cls.second = cls.create_due_invoice("2026-02-01", partner=cls.partner_b, ref="OLD-77")
        cls.paid = cls.create_due_invoice("2026-02-01")
        cls._register_payment(cls.paid)

    def open_import(self, text, user=None):
        dialog = self.env["dunning.import"].with_user(user or self.manager).create({})
        dialog.file = b64encode(text.encode())
        dialog.action_read()
        return dialog

    def problems(self, dialog):
        return {line.line: line.problem for line in dialog.line_ids if line.problem}

    def test_w4_preview_then_import(self):
        self.env["account.move.tag"].create({"name": "Hot"})
        dialog = self.open_import(
            "Invoice;Level;Date;Tags\n"
            f"{self.first.name};2;17.02.2026;Hot, From before\n"
            "OLD-77;1;07.02.2026;\n"
            "NOT/THERE;1;;\n"
        )
        self.assertEqual(dialog.state, "preview")
        self.assertEqual((dialog.matched_count, dialog.rejected_count), (2, 1))
        self.assertIn("Lines: 3, separated by semicolon", dialog.recognised)
        self.assertEqual(dialog.date_format, "%d.%m.%Y")
        self.assertEqual(
            self.problems(dialog), {4: "No customer invoice has this number or reference."}
        )
        self.assertEqual(self.first.dunning_level, 0, "the preview changes nothing")
        dialog.action_import()
        self.assertEqual((dialog.state, dialog.changed_count), ("done", 2))
        self.assertRecordValues(
            self.first | self.second,
            [
                {"dunning_level": 2, "dunning_last_date": date(2026, 2, 17)},
                {"dunning_level": 1, "dunning_last_date": date(2026, 2, 7)},
            ],
        )
        self.assertEqual(set(self.first.tag_ids.mapped("name")), {"From before", "Hot"})
        self.assertFalse(self.second.tag_ids)
        # the third level of the first: 30 days after 2026-02-01, 14 after 2026-02-17
        self.assertEqual(self.first.dunning_next_date, date(2026, 3, 10))

    def test_w4_what_could_not_be_taken_can_be_downloaded(self):
        dialog = self.open_import(
            "Invoice,Level\n"
            f"{self.first.name},1\n"
            f"{self.paid.name},1\n"
            f"{self.second.name},9\n"
            f"{self.first.name},2\n"
        )
        dialog.action_import()
        self.assertEqual(dialog.changed_count, 1)
        self.assertEqual(
            self.problems(dialog),
            {
                3: "Nothing is outstanding on the invoice.",
                4: "The program has no such level.",
                5: "An earlier line refers to the same invoice.",
            },
        )
        self.assertEqual(dialog.rejected_count, 3)
        self.assertEqual(dialog.rejected_ids.mapped("line"), [3, 4, 5])
        content = b64decode(dialog.rejected_file).decode("utf-8-sig")
        self.assertEqual(
            content.splitlines()[1],
            f"{self.paid.name},1,3: Nothing is outstanding on the invoice.",
        )
        self.assertIn(f"/{dialog.id}/rejected_file", dialog.action_download_rejected()["url"])

    def test_w4_all_that_is_wrong_with_a_line_is_named(self):
        dialog = self.open_import(
            "Invoice;Level;Date\n"
            f"{self.second.name};9;soon\n"
            ";x;soon\n"
            "NOT/THERE;x;17.02.2026\n"
            f"{self.first.name};1;17.03.2026\n"
        )
        expected = {
            2: "The date cannot be read. The program has no such level.",
            3: "It has no invoice number. The level is not a number of 0 or higher. "
            "The date cannot be read.",
            4: "The level is not a number of 0 or higher. "
            "No customer invoice has this number or reference.",
            5: "The date of the last reminder is in the future.",
        }
        self.assertEqual(self.problems(dialog), expected)
        self.assertEqual((dialog.matched_count, dialog.rejected_count), (0, 4))
        with self.assertRaisesRegex(UserError, "nothing matches"):
            dialog.action_import()
        self.assertFalse((self.first | self.second).filtered("dunning_level"))

    def test_w4_what_is_wrong_with_a_rejected_line_stands_after_the_import_too(self):
        dialog = self.open_import(
            f"Invoice;Level;Date\n{self.second.name};9;soon\n{self.first.name};1;\n"
        )
        dialog.action_import()
        self.assertEqual(dialog.changed_count, 1)
        self.assertEqual(
            self.problems(dialog), {2: "The date cannot be read. The program has no such level."}
        )
        self.assertFalse(self.second.dunning_level)

    def test_w4_rejected_lines_come_first_in_the_order_of_the_file(self):
        dialog = self.open_import(
            "Invoice;Level;Date\n"
            f"{self.second.name};1;\n"
            f"{self.paid.name};1;\n"
            "NOT/THERE;1;\n"
            f"{self.first.name};x;\n"
        )
        view = self.env.ref("account_recurrence_dunning.dunning_import_view_form")
        [order] = etree.fromstring(view.arch).xpath("//field[@name='line_ids']/list/@default_order")
        lines = self.env["dunning.import.line"].with_user(self.manager)
        found = lines.search([("import_id", "=", dialog.id)], order=order)
        self.assertEqual(found.mapped("line"), [3, 4, 5, 2])
        dialog.action_import()
        content = b64decode(dialog.rejected_file).decode("utf-8-sig").splitlines()
        self.assertEqual(content[0], "Invoice;Level;Date;Rejected")
        self.assertEqual([row.rsplit(";", 1)[1][0] for row in content[1:]], ["3", "4", "5"])

    def test_w4_the_same_invoice_by_number_and_by_reference(self):
        dialog = self.open_import(f"Invoice;Level\n{self.second.name};1\nOLD-77;2")
        self.assertEqual(self.problems(dialog), {3: "An earlier line refers to the same invoice."})

    def test_w4_doubtful_dates_can_be_read_another_way(self):
        dialog = self.open_import(f"Invoice;Level;Date\n{self.first.name};1;03/02/2026")
        self.assertTrue(dialog.is_date_doubtful)
        self.assertEqual(dialog.line_ids.date, date(2026, 2, 3))
        dialog.date_format = "%m/%d/%Y"
        dialog.action_read()
        self.assertEqual(dialog.line_ids.date, date(2026, 3, 2))

    def test_w4_a_file_that_is_none_is_a_clear_error(self):
        with self.assertRaisesRegex(UserError, "contains no lines"):
            self.open_import("")
        with self.assertRaisesRegex(UserError, "No column contains the invoice numbers"):
            self.open_import("Level;Date\n1;2026-01-01")
        with self.assertRaisesRegex(UserError, "nothing matches"):
            self.open_import("Invoice;Level\nNO;1").action_import()

    def test_rule_17_invoices_of_other_companies_are_not_found(self):
        other = self.setup_other_company(name="Other")["company"]
        self.manager.company_ids |= other
        dialog = self.env["dunning.import"].with_user(self.manager).with_company(other).create({})
        dialog.file = b64encode(f"Invoice;Level\n{self.first.name};1".encode())
        dialog.action_read()
        self.assertEqual(dialog.rejected_count, 1)

    def test_w4_managers_only(self):
        clerk = self.create_user("import_clerk", "dunning_group_user")
        with self.assertRaises(AccessError):
            self.open_import("Invoice;Level\nA;1", user=clerk)

    def test_w4_many_lines_take_no_query_each(self):
        moves = self.env["account.move"]
        for _number in range(12):
            moves |= self.create_due_invoice("2026-02-01")
        self.env.flush_all()
        counts = []
        for found in (moves[:3], moves[3:]):
            rows = "".join(f"{move.name};1;2026-02-07\n" for move in found)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            dialog = self.open_import("Invoice;Level;Date\n" + rows)
            dialog.action_import()
            self.env.flush_all()
            self.assertEqual(dialog.changed_count, len(found))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 5)

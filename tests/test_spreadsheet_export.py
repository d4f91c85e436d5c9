import csv
import io
import json
from base64 import b64decode, b64encode
from zipfile import ZipFile

from freezegun import freeze_time
from lxml import etree

from odoo.http import Request
from odoo.tests import HttpCase, tagged

from .common import DunningCommon

MODULE = "account_recurrence_dunning"
FORMULAS = ('=HYPERLINK("http://x.example")', "+A1", "-A1", "@SUM(A1)", "\t=1", "\r=1", " =1")


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestSpreadsheetExport(DunningCommon, HttpCase):
    """No cell that a list of the addon exports is run by a spreadsheet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls.create_user(
            "export_user",
            "dunning_group_manager,base.group_allow_export,account.group_account_user",
        )
        cls.user.sudo().password = "export_user"
        cls.partner_a.email = "customer@customer.example"

    def get_type(self, model, path):
        name, _, rest = path.partition("/")
        field = self.env[model]._fields[name]
        return self.get_type(field.comodel_name, rest) if rest else field.type

    def export(self, kind, model, names, records, **params):
        fields = [
            {"name": name, "label": name, "type": self.get_type(model, name)} for name in names
        ]
        data = {
            "model": model,
            "fields": fields,
            "ids": records.ids,
            "domain": [],
            "import_compat": False,
            "context": {"allowed_company_ids": self.company.ids},
            **params,
        }
        self.authenticate("export_user", "export_user")
        response = self.url_open(
            f"/web/export/{kind}",
            data={"data": json.dumps(data), "csrf_token": Request.csrf_token(self)},
        )
        response.raise_for_status()
        return response.content

    def read_xlsx(self, content):
        """Return the texts of a workbook, the numbers, and how many formulas it holds."""
        with ZipFile(io.BytesIO(content)) as book:
            sheet = etree.fromstring(book.read("xl/worksheets/sheet1.xml"))
            shared = etree.fromstring(book.read("xl/sharedStrings.xml"))
        texts = ["".join(item.itertext()) for item in shared.iter("{*}si")]
        numbers = [
            float(cell.findtext("{*}v"))
            for cell in sheet.iter("{*}c")
            if cell.get("t") in (None, "n") and cell.findtext("{*}v")
        ]
        return texts, numbers, len(list(sheet.iter("{*}f")))

    def assertHarmless(self, texts):
        for text in texts:
            self.assertNotRegex(text, r"^\s*[=+@\-]\D|^[\t\r\n]")

    def test_no_list_of_the_addon_exports_a_formula(self):
        """Generated: each text of each kind of record that a person can name."""
        tags = self.env["account.move.tag"].create([{"name": text} for text in FORMULAS])
        programs = self.env["dunning.program"]
        for text in FORMULAS:
            programs |= self.program.copy({"name": text, "note": text})
        schedules = self.env["recurrence.schedule"].create(
            [
                {"name": text, "date_start": "2026-03-02", "user_id": self.user.id}
                for text in FORMULAS
            ]
        )
        for model, names, records in (
            ("account.move.tag", ["name"], tags),
            ("dunning.program", ["name", "note"], programs),
            ("recurrence.schedule", ["name"], schedules),
        ):
            with self.subTest(model, kind="csv"):
                text = self.export("csv", model, names, records).decode()
                cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
                self.assertEqual(len(cells), len(names) * (len(FORMULAS) + 1))
                self.assertHarmless(cells)
            for params in ({}, {"import_compat": True}, {"groupby": ["name"]}):
                with self.subTest(model, kind="xlsx", **params):
                    texts, _, formulas = self.read_xlsx(
                        self.export("xlsx", model, names, records, **params)
                    )
                    self.assertFalse(formulas)
                    self.assertHarmless(texts)
                    self.assertTrue(any("HYPERLINK" in text for text in texts))

    def test_no_column_of_the_addon_on_a_list_of_odoo_s_exports_a_formula(self):
        """Generated: each field of the addon on invoices, and what it links to."""
        bad = FORMULAS[0]
        tag = self.env["account.move.tag"].create({"name": bad})
        schedule = self.env["recurrence.schedule"].create(
            {"name": bad, "date_start": "2026-03-02", "user_id": self.user.id}
        )
        self.program.name = bad
        move = self.create_due_invoice("2026-03-01", 100.0)
        move.write({"tag_ids": tag.ids, "dunning_program_id": self.program.id})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move SET recurrence_schedule_id = %s WHERE id = %s",
            [schedule.id, move.id],
        )
        self.env.invalidate_all()
        own = []
        for name, field in self.env["account.move"]._fields.items():
            if field._module != MODULE or field.name == "dunning_block_ids":
                continue
            own.append(name)
            comodel = self.env.get(field.comodel_name) if field.comodel_name else None
            if comodel is not None and comodel._original_module == MODULE:
                own += [f"{name}/{comodel._rec_name_fallback()}", f"{name}/display_name"]
        self.assertIn("tag_ids/name", own)
        self.assertIn("recurrence_schedule_id", own)
        names = ["name", *own, "journal_id/dunning_bank_feed"]
        for params in (
            {},
            {"groupby": ["tag_ids"]},
            {"groupby": ["recurrence_schedule_id", "tag_ids"]},
            {"groupby": ["dunning_program_id.name"]},
            {"groupby": ["journal_id", "tag_ids"]},
        ):
            with self.subTest(**params):
                texts, _, formulas = self.read_xlsx(
                    self.export("xlsx", "account.move", names, move, **params)
                )
                self.assertFalse(formulas)
                self.assertHarmless(texts)
                self.assertTrue(any(f"'{bad}" in text for text in texts))
        cells = self.export("csv", "account.move", names, move).decode()
        self.assertHarmless(next(csv.reader(io.StringIO(cells.split("\n", 1)[1]))))

    def test_what_is_odoo_s_own_is_exported_as_odoo_does(self):
        move = self.create_due_invoice("2026-03-01", 100.0)
        move.ref = "@SUM(A1)"
        texts, _, _ = self.read_xlsx(self.export("xlsx", "account.move", ["ref", "tag_ids"], move))
        self.assertIn("@SUM(A1)", texts)

    def test_no_label_of_an_own_column_is_a_formula(self):
        fields = [{"name": "name", "label": "=1+1", "type": "char"}]
        _, _, formulas = self.read_xlsx(
            self.export("xlsx", "dunning.level", ["name"], self.notice, fields=fields)
        )
        self.assertFalse(formulas)

    def test_decisions_of_a_customer_with_a_formula_for_a_name(self):
        self.partner_a.name = FORMULAS[0]
        self.create_due_invoice("2026-03-01", 100.0)
        self.create_refund(30.0)
        run = self.env["dunning.run"].create({"date": "2026-03-10"})
        run.action_simulate()
        names = ["partner_id", "move_name", "days_late", "amount_residual"]
        for params in ({}, {"groupby": ["partner_id"]}):
            texts, numbers, formulas = self.read_xlsx(
                self.export("xlsx", "dunning.run.line", names, run.line_ids, **params)
            )
            self.assertFalse(formulas)
            self.assertIn("'" + FORMULAS[0], [text.split(" (")[0] for text in texts])
            self.assertIn(100.0, numbers)

    def test_negative_numbers_stay_numbers(self):
        levels = self.program.level_ids
        texts, numbers, _ = self.read_xlsx(
            self.export("xlsx", "dunning.level", ["name", "days"], levels)
        )
        self.assertIn(-3.0, numbers)
        self.assertFalse([text for text in texts if text.startswith("'")])
        text = self.export("csv", "dunning.level", ["days"], self.notice).decode()
        self.assertEqual(text.split(), ['"days"', '"-3"'])

    def test_a_pivot_of_the_addon_exports_no_formula(self):
        for model in ("dunning.run.line", "account.move"):
            with self.subTest(model):
                self.assertPivotHarmless(model)

    def assertPivotHarmless(self, model):
        table = {
            "model": model,
            "title": "Decisions",
            "measure_count": 1,
            "col_group_headers": [[{"title": FORMULAS[0], "width": 1, "height": 1}]],
            "measure_headers": [{"title": "+Amount", "is_bold": False}],
            "rows": [{"indent": 0, "title": "=Total", "values": [{"value": -12.5}]}],
        }
        self.authenticate("export_user", "export_user")
        response = self.url_open(
            "/web/pivot/export_xlsx",
            data={"data": json.dumps(table), "csrf_token": Request.csrf_token(self)},
        )
        response.raise_for_status()
        texts, numbers, formulas = self.read_xlsx(response.content)
        self.assertEqual((numbers, formulas), ([-12.5], 0))
        self.assertHarmless(texts)

    def test_the_file_of_rejected_lines_runs_nothing_and_comes_back(self):
        content = "\n".join(["Invoice;Level;Tags", *(f"{text};-2;x" for text in FORMULAS[:4])])
        dialog = self.env["dunning.import"].create({})
        dialog.file = b64encode(content.encode())
        dialog.action_read()
        dialog._keep_rejected()
        rejected = b64decode(dialog.rejected_file)
        cells = [
            cell
            for row in csv.reader(io.StringIO(rejected.decode("utf-8-sig")), delimiter=";")
            for cell in row
        ]
        self.assertTrue(any(cell.startswith("'=HYPERLINK") for cell in cells))
        self.assertIn("-2", cells)
        self.assertHarmless(cells)
        again = self.env["dunning.import"].create({})
        again.file = b64encode(rejected)
        again.action_read()
        self.assertEqual(again.rejected_ids[0].cells[0], FORMULAS[0])

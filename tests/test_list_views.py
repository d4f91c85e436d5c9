"""Whether lists leave names and headers legible, read from the views."""

from lxml import etree

from odoo.tests import TransactionCase, tagged

ADDON = "account_recurrence_dunning"
# Pixels: what Odoo gives a column of numbers however long its header is
# (`web/static/src/views/list/column_width_hook.js`), a letter of a header, its margins.
NUMBERS = {"integer": 71, "float": 93, "monetary": 105, "boolean": 100}
LETTER, MARGIN = 8, 16
# The same of a date in figures; the letters of a header as they come, wide and narrow.
DATE, DATE_LETTER = 85, 7.2
LANGUAGES = ("fr_FR", "de_DE", "ro_RO")
# A list with fewer columns has room for everything.
MANY_COLUMNS = 6
# Names as long as "Centre Équestre du Lac" or "1. First reminder".
NAMES = {"res.partner": 180, "dunning.level": 140}
# What a clerk works with, in whichever language.
WORK = [
    f"{ADDON}.dunning_{name}_view_list"
    for name in ("case", "escalation", "promise", "dispute", "plan", "call")
]


@tagged("post_install", "-at_install")
class TestListViews(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        views = cls.env["ir.ui.view"].search([("type", "=", "list"), ("mode", "=", "primary")])
        cls.lists = [
            (view, etree.fromstring(view.get_combined_arch()))
            for view in views
            if (view.xml_id or "").startswith(f"{ADDON}.")
        ]

    def read_columns(self, view, arch):
        """Return ``[(field, label, width or 0)]`` of the columns a list opens with."""
        model = view.env[view.model]
        fields = model.fields_get(attributes=["string", "type", "relation"])
        return [
            (
                fields[node.get("name")],
                node.get("string") or fields[node.get("name")]["string"],
                int((node.get("width") or "0").removesuffix("px")),
            )
            for node in arch.iterchildren("field")
            if not node.get("column_invisible")
            and node.get("optional") != "hide"
            and node.get("widget") != "handle"
            and not node.get("groups")
        ]

    def test_a_column_of_numbers_is_as_wide_as_its_header(self):
        self.assertGreater(len(self.lists), 15)
        for view, arch in self.lists:
            for field, label, width in self.read_columns(view, arch):
                if field["type"] in NUMBERS:
                    with self.subTest(f"{view.xml_id}: {label}"):
                        room = width or NUMBERS[field["type"]]
                        self.assertGreaterEqual(room + MARGIN, LETTER * len(label) + MARGIN)

    def test_dates_of_the_days_work_are_as_wide_as_their_headers_in_each_language(self):
        work = [view for view, _arch in self.lists if view.xml_id in WORK]
        self.assertEqual(len(work), len(WORK))
        for lang in LANGUAGES:
            self.env["res.lang"]._activate_lang(lang)
            self.env["ir.module.module"]._load_module_terms([ADDON], [lang])
        for lang in ("en_US", *LANGUAGES):
            for view in work:
                spoken = view.with_context(lang=lang)
                columns = self.read_columns(spoken, etree.fromstring(spoken.arch))
                for field, label, width in columns:
                    if field["type"] == "date":
                        with self.subTest(f"{lang} {view.xml_id}: {label}"):
                            self.assertGreaterEqual((width or DATE) + 1, DATE_LETTER * len(label))

    def test_names_of_customers_and_levels_keep_their_room(self):
        for view, arch in self.lists:
            columns = self.read_columns(view, arch)
            for field, label, width in columns:
                if len(columns) > MANY_COLUMNS and field.get("relation") in NAMES:
                    if field["type"] == "many2one":
                        with self.subTest(f"{view.xml_id}: {label}"):
                            self.assertGreaterEqual(width, NAMES[field["relation"]])
                if len(columns) > MANY_COLUMNS and field["string"] == "Name":
                    with self.subTest(f"{view.xml_id}: {label}"):
                        self.assertGreaterEqual(width, 180)

    def test_a_calendar_makes_nothing_that_its_list_does_not(self):
        closed = {view.model for view, arch in self.lists if arch.get("create") == "0"}
        views = self.env["ir.ui.view"].search([("type", "=", "calendar")])
        own = [view for view in views if (view.xml_id or "").startswith(f"{ADDON}.")]
        self.assertTrue(own)
        for view in own:
            if view.model in closed:
                with self.subTest(view.xml_id):
                    self.assertEqual(etree.fromstring(view.arch).get("create"), "0")


@tagged("post_install", "-at_install")
class TestDateFormats(TransactionCase):
    """On the screens of recurrences dates look alike, whether a field or a sentence shows them."""

    def test_dates_are_in_the_format_of_the_user(self):
        views = self.env["ir.ui.view"].search([("model", "like", "recurrence.%")])
        own = [view for view in views if (view.xml_id or "").startswith(f"{ADDON}.")]
        self.assertGreater(len(own), 15)
        for view in own:
            for node in etree.fromstring(view.arch).iter("field"):
                field = self.env[view.model]._fields.get(node.get("name"))
                if (
                    view.type in ("search", "calendar", "graph", "pivot")
                    or node.get("invisible") == "1"
                ):
                    continue
                if field and field.type == "date" and not node.get("widget"):
                    with self.subTest(f"{view.xml_id}: {node.get('name')}"):
                        self.assertEqual(node.get("options"), "{'numeric': true}")

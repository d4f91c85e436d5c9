"""One date format on a screen: fields show dates as the sentences beside them do, in figures."""

from ast import literal_eval

from lxml import etree

from odoo.tests import TransactionCase, tagged

ADDON = "account_recurrence_dunning"
# Views that show no field as a text, and widgets that tell a date in words or as a picture.
OTHER_VIEWS = {"search", "pivot", "graph", "calendar", "kanban", "activity"}


@tagged("post_install", "-at_install")
class TestDateFormat(TransactionCase):
    def find_dates(self, model, node):
        """Yield the date fields below a node of a view, with the name of their model."""
        for child in node:
            if not isinstance(child.tag, str):
                continue
            name = child.get("name")
            field = child.tag == "field" and self.env[model]._fields.get(name)
            if field and field.type in ("date", "datetime"):
                yield model, child
            inner = field.comodel_name if field and field.relational else model
            yield from self.find_dates(inner, child)

    def is_shown_otherwise(self, node):
        return bool(
            node.get("widget", "daterange") != "daterange"
            or node.get("column_invisible") in ("1", "True")
            or node.get("invisible") in ("1", "True")
        )

    def test_every_date_is_written_in_figures(self):
        data = self.env["ir.model.data"].search(
            [("module", "=", ADDON), ("model", "=", "ir.ui.view")]
        )
        views = self.env["ir.ui.view"].browse(data.mapped("res_id"))
        checked = 0
        for view in views.filtered("model"):
            if view.type in OTHER_VIEWS or view.model not in self.env:
                continue
            arch = etree.fromstring(view.arch_db.encode())
            root = etree.Element("root")
            root.append(arch)
            for model, node in self.find_dates(view.model, root):
                if self.is_shown_otherwise(node):
                    continue
                checked += 1
                with self.subTest(view=view.name, model=model, field=node.get("name")):
                    text = (node.get("options") or "{}").replace("true", "True")
                    options = literal_eval(text.replace("false", "False"))
                    self.assertIs(options.get("numeric"), True)
        self.assertGreater(checked, 100)

    def test_hours_are_told_with_their_time_zone(self):
        """Each form that asks for an hour names the zone beside it."""
        found = 0
        for view in self.env["ir.ui.view"].search([("arch_db", "like", 'name="hour"')]):
            if ADDON not in (view.xml_id or ""):
                continue
            arch = etree.fromstring(view.arch_db.encode())
            if arch.tag != "form":
                continue
            found += 1
            names = {node.get("name") for node in arch.iter("field")}
            self.assertTrue(names & {"tz", "schedule_tz", "meeting_tz"}, view.name)
        self.assertEqual(found, 2)

import re

from lxml import etree

from odoo.tests import TransactionCase, tagged

MODULE = "account_recurrence_dunning"
# A place in a list of nodes: whoever adds one before it moves it.
PLACE = re.compile(r"\[\d+\]|\[position\(|\[last\(|sibling::")


@tagged("post_install", "-at_install")
class TestViewAnchors(TransactionCase):
    """Where views of other addons are extended: by name or id, so that theirs may change."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        data = cls.env["ir.model.data"].search(
            [("module", "=", MODULE), ("model", "=", "ir.ui.view")]
        )
        views = cls.env["ir.ui.view"].browse(data.mapped("res_id")).filtered("inherit_id")
        cls.anchors = [
            (view, spec) for view in views for spec in cls.find_specs(etree.fromstring(view.arch))
        ]

    @classmethod
    def find_specs(cls, arch):
        """Return the elements of an inheriting view that say where it changes its parent."""
        roots = arch if arch.tag == "data" else [arch]
        return [node for node in roots if isinstance(node.tag, str)]

    def find_problem(self, spec, parent):
        """Return what is wrong with the anchor of a change to a view, or None."""
        if spec.tag == "xpath":
            expr = spec.get("expr")
            found = parent.xpath(expr)
        else:
            keys = {k: v for k, v in spec.attrib.items() if k not in ("position", "groups")}
            if keys.keys() - {"name", "id"}:
                return f"goes by {', '.join(sorted(keys))}"
            expr = f"//{spec.tag}" + "".join(f"[@{k}='{v}']" for k, v in keys.items())
            found = parent.xpath(expr)
        last = re.split(r"/(?![^\[]*\])", expr)[-1]
        by_name = any(f"@{key}=" in last for key in ("name", "id", "for"))
        if PLACE.search(expr) and not by_name:
            return f"{expr} goes by its place alone"
        if by_name:
            return None
        if len(found) != 1:
            return f"{expr} finds {len(found)} elements"
        if found[0].get("name") or found[0].get("id"):
            return f"{expr} has a name: {found[0].get('name') or found[0].get('id')}"
        return None

    def test_every_anchor_is_a_name_where_there_is_one(self):
        self.assertGreater(len(self.anchors), 40)
        arches = {}
        for view, spec in self.anchors:
            parent = view.inherit_id
            if parent not in arches:
                arches[parent] = parent._get_combined_arch()
            with self.subTest(f"{view.xml_id}: {etree.tostring(spec)[:80]}"):
                self.assertIsNone(self.find_problem(spec, arches[parent]))

    def test_the_rule_sees_what_it_is_for(self):
        parent = etree.fromstring(
            "<form><header/><group name='a'><div/><div/></group><group/><page string='X'/></form>"
        )
        for good in (
            "<header position='inside'/>",
            "<xpath expr='//page' position='inside'/>",
            """<xpath expr="//group[@name='a']" position='inside'/>""",
            """<xpath expr="(//group[@name='a'])[1]" position='inside'/>""",
        ):
            self.assertIsNone(self.find_problem(etree.fromstring(good), parent), good)
        for bad in (
            "<xpath expr='//group[1]' position='inside'/>",
            "<xpath expr='//header/following-sibling::group' position='inside'/>",
            """<xpath expr="//group[@name='a']/div" position='inside'/>""",
            "<page string='X' position='inside'/>",
            "<group position='inside'/>",
        ):
            self.assertTrue(self.find_problem(etree.fromstring(bad), parent), bad)

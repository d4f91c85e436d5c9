"""What the search views of the addon offer, read from the registry."""

from lxml import etree

from odoo.tests import TransactionCase, tagged
from odoo.tools.safe_eval import safe_eval

ADDON = "account_recurrence_dunning"
# What the bell turns on (`mail/static/src/core/web/activity_menu.js`).
BELL = {
    "filter_activities_my": [("activity_user_id", "=", 7)],
    "activities_overdue": [("my_activity_date_deadline", "<", "today")],
    "activities_today": [("my_activity_date_deadline", "=", "today")],
    "activities_upcoming_all": [("my_activity_date_deadline", ">", "today")],
}
# Filters that say the same thing by another field than their neighbours.
SAME = {("dunning.run.line", "is_blocked"): "reason"}


@tagged("post_install", "-at_install")
class TestSearchViews(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        views = cls.env["ir.ui.view"].search([("type", "=", "search"), ("mode", "=", "primary")])
        own = [view for view in views if (view.xml_id or "").startswith(f"{ADDON}.")]
        # the one that opens by itself has the lowest priority
        cls.searches = {view.model: etree.fromstring(view.arch) for view in reversed(own)}

    def read_groups(self, arch):
        """Return the filters of a search view as ``[{name: domain}]``, one of each group.

        Filters of one group are combined with *or*, groups with *and*.
        """
        groups = [{}]
        for node in arch:
            if node.tag in ("separator", "group"):
                groups.append({})
            elif node.tag == "filter" and node.get("domain"):
                domain = safe_eval(node.get("domain"), {"uid": 7})
                groups[-1][node.get("name")] = domain
        return [group for group in groups if group]

    def test_the_bell_opens_what_is_mine_and_due(self):
        models = [
            name
            for name, model in self.registry.items()
            if issubclass(model, self.registry["mail.activity.mixin"])
            and model._original_module == ADDON
            and not model._abstract
        ]
        self.assertGreater(len(models), 8)
        for name in models:
            with self.subTest(name):
                groups = self.read_groups(self.searches[name])
                dates = {key: value for key, value in BELL.items() if "my" not in key.split("_")}
                self.assertIn({"filter_activities_my": BELL["filter_activities_my"]}, groups)
                self.assertIn(dates, groups)
                for domain in BELL.values():
                    self.env[name].search(domain, limit=1)

    def test_what_is_mine_is_not_combined_with_or(self):
        """Of a group all filters ask for the same: mine and invoices are not *mine or invoices*."""
        self.assertGreater(len(self.searches), 10)
        for model, arch in self.searches.items():
            for group in self.read_groups(arch):
                fields = [
                    {SAME.get((model, leaf[0]), leaf[0]) for leaf in domain if len(leaf) == 3}
                    for domain in group.values()
                ]
                with self.subTest(f"{model}: {', '.join(group)}"):
                    self.assertTrue(set.intersection(*fields), fields)

    def test_dates_open_on_what_is_mine_and_not_done_the_earliest_first(self):
        action = self.env.ref(f"{ADDON}.recurrence_occurrence_action")
        self.assertEqual(
            safe_eval(action.context), {"search_default_open": 1, "search_default_mine": 1}
        )
        arch = etree.fromstring(self.env.ref(f"{ADDON}.recurrence_occurrence_view_list").arch)
        self.assertEqual(arch.get("default_order"), "date, id")
        self.assertEqual(
            arch.find("field[@name='date']").get("decoration-danger"),
            "state in ('planned', 'todo', 'failed') and date < current_date",
        )

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import DunningMailCommon

# one of them for the settings, which are not fetched wherever Odoo reads a company
FORM_QUERIES = 4
VIEWS = {
    "form": ("account.view_move_form", "form"),
    "template": ("account_recurrence_dunning.recurrence_template_view_form", "form"),
    "list": ("account.view_out_invoice_tree", "list"),
}


@tagged("post_install", "-at_install")
class TestDunningInvoiceCost(DunningMailCommon):
    """What the addon adds to opening an invoice and to listing invoices (rule 18)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.email = "a@customer.example"
        cls.clerk = cls.create_user("cost_clerk", "dunning_group_user")

    def fields_of(self, kind):
        """Return what the client asks for: the whole view, and the view without dunning fields."""
        moves = self.env["account.move"].with_user(self.clerk)
        xmlid, view_type = VIEWS[kind]
        view = moves.get_view(self.env.ref(xmlid).id, view_type)
        names = set(view["models"]["account.move"])
        return names, {name for name in names if not name.startswith("dunning_")}

    def specification(self, names):
        moves = self.env["account.move"]
        spec = {}
        for name in names:
            field = moves._fields[name]
            spec[name] = {}
            if field.type == "many2one":
                spec[name] = {"fields": {"display_name": {}}}
        return spec

    def count(self, moves, names):
        """Return the queries of reading these fields as the client does, with a cold cache."""
        moves = moves.with_user(self.clerk)
        spec = self.specification(names)
        for _time in range(2):  # what the registry caches is not counted
            moves.web_read(spec)
            self.env.flush_all()
            self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        moves.web_read(spec)
        return self.env.cr.sql_log_count - before

    def test_w1_opening_an_invoice_costs_four_queries_more_at_most(self):
        every, without = self.fields_of("form")
        self.assertGreater(len(every), len(without))
        fresh = self.create_due_invoice("2026-03-01")
        more = self.count(fresh, every) - self.count(fresh, without)
        self.assertLessEqual(more, FORM_QUERIES, "never reminded")
        self.execute("2026-03-10")
        self.env["dunning.block"].create({"move_id": fresh.id, "kind": "dispute"})
        more = self.count(fresh, every) - self.count(fresh, without)
        self.assertLessEqual(more, FORM_QUERIES, "reminded and blocked")

    def test_the_list_costs_nothing_a_row(self):
        every, without = self.fields_of("list")
        moves = self.env["account.move"]
        for day in range(1, 21):
            moves |= self.create_due_invoice(f"2026-03-{day:02}")
        self.assertEqual(self.count(moves, every), self.count(moves, without))
        self.assertEqual(self.count(moves[:1], every), self.count(moves[:1], without))

    def test_the_rule_of_a_recurrence_is_in_the_form_of_templates_alone(self):
        """Odoo computes each field of a form again and again, and the rule has many of them."""
        asked = {name for name in self.fields_of("form")[0] if "recurrence" in name}
        self.assertEqual(asked, {"is_recurrence_template", "recurrence_schedule_id"})
        asked = {name for name in self.fields_of("template")[0] if "recurrence" in name}
        self.assertGreater(len(asked), 30)

    def test_who_may_not_read_the_rule_is_refused_as_ever(self):
        move = self.create_due_invoice().with_user(self.create_user("cost_employee"))
        with self.assertRaises(AccessError):
            move.web_read({"recurrence_interval": {}})

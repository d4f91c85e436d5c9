"""No change of an invoice looks for rows of the addon: what it stores does not follow invoices."""

from odoo.tests import TransactionCase, tagged

ADDON = "account_recurrence_dunning"
BUSY_MODELS = (
    "account.move",
    "account.move.line",
    "account.partial.reconcile",
    "account.payment",
)


@tagged("post_install", "-at_install")
class TestFieldTriggers(TransactionCase):
    def find_searches(self, tree):
        """Yield the fields by which rows with stored values are looked for at each change."""
        for field, subtree in tree.items():
            found = self.env.registry.field_inverses[field]
            if field._module == ADDON and not found and self.stores(subtree):
                yield field
            yield from self.find_searches(subtree)

    def stores(self, tree):
        return any(field.store for field in tree.root or ()) or any(
            self.stores(subtree) for subtree in tree.values()
        )

    def test_rule_18_nothing_stored_follows_invoices_and_payments(self):
        """Odoo searches at each change, for each model: in its own tests 7 % more queries."""
        registry, checked = self.env.registry, 0
        for model in BUSY_MODELS:
            for field in self.env[model]._fields.values():
                if field._module == ADDON:
                    continue
                checked += 1
                with self.subTest(field=str(field)):
                    tree = registry.get_field_trigger_tree(field)
                    self.assertEqual({str(key) for key in self.find_searches(tree)}, set())
        self.assertGreater(checked, 300)

    def test_rule_18_the_trees_of_invoices_hardly_grow(self):
        """Odoo merges these trees at each write: a fifth more of them was 7 % of the time."""
        registry, own, total = self.env.registry, 0, 0
        for model in BUSY_MODELS:
            for field in self.env[model]._fields.values():
                if field._module != ADDON:
                    tree = registry.get_field_trigger_tree(field)
                    total += sum(1 for _node in tree.depth_first())
                    own += sum(1 for node in tree.depth_first() if self.is_own(node))
        self.assertGreater(total, 1000)
        self.assertLess(own / total, 0.01)

    def is_own(self, tree):
        """Whether nothing but fields of the addon hang on this node."""
        return bool(tree) and all(
            field._module == ADDON for node in tree.depth_first() for field in node.root or ()
        )

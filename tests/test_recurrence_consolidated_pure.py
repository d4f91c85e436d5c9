"""R14: which invoices of a customer become one, without Odoo."""

import unittest
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from ..tools.recurrence.consolidated import find_differences, gather, join_texts

many = settings(max_examples=1000, deadline=None)
# (owner, (number, key)); None: it is alone
rows = st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from([None, 1, 2])), max_size=12).map(
    lambda found: [(owner, (number, key)) for number, (owner, key) in enumerate(found)]
)


class TestConsolidated(unittest.TestCase):
    """R14: one invoice for several recurrences."""

    def gather(self, *found):
        return gather(list(found), lambda row: row[1], lambda one, other: True)

    def test_r14_heads_that_are_alike(self):
        hosting = {"partner_id": 7, "ref": "PO 1", "line_ids": ["a"], "currency_id": 1}
        support = {"partner_id": 7, "ref": "PO 2", "line_ids": ["b"], "currency_id": 1}
        self.assertEqual(find_differences(hosting, support), [])
        support.update(currency_id=2, partner_id=8)
        self.assertEqual(find_differences(hosting, support), ["currency_id", "partner_id"])

    def test_r14_nothing_is_nothing(self):
        self.assertEqual(find_differences({"bank": False, "note": ""}, {"bank": None}), [])
        self.assertEqual(find_differences({"bank": False}, {"bank": 3}), ["bank"])

    def test_r14_field_of_another_addon_keeps_apart(self):
        self.assertEqual(find_differences({"x_branch": 4}, {}), ["x_branch"])

    def test_r14_texts_stand_beside_each_other_once(self):
        self.assertEqual(join_texts(["PO 1", "PO 2", False, "PO 1"], ", "), "PO 1, PO 2")
        self.assertIsNone(join_texts([False, None, ""], ", "))

    def test_r14_gathered_by_key_and_one_of_each_owner(self):
        one, two, again, alone, other = (
            ("A", (1, "x")), ("B", (2, "x")), ("A", (3, "x")), ("C", (4, None)), ("C", (5, "y")),
        )  # fmt: skip
        self.assertEqual(
            self.gather(one, two, again, alone, other),
            [[(1, "x"), (2, "x")], [(3, "x")], [(4, None)], [(5, "y")]],
        )

    def test_r14_unlike_ones_do_not_keep_the_others_apart(self):
        found = [("A", (1, "x")), ("B", (2, "x")), ("C", (3, "x"))]
        groups = gather(found, lambda row: row[1], lambda one, other: other[0] != 2)
        self.assertEqual(groups, [[(1, "x"), (3, "x")], [(2, "x")]])

    @many
    @given(rows)
    def test_r14_each_is_in_one_group_in_its_order(self, found):
        groups = self.gather(*found)
        numbers = [number for group in groups for number, _key in group]
        self.assertEqual(sorted(numbers), list(range(len(found))))
        for one, other in pairwise(groups):
            self.assertLess(one[0][0], other[0][0])
        owners = {row: owner for owner, row in found}
        for group in groups:
            self.assertEqual([row[0] for row in group], sorted(row[0] for row in group))
            self.assertEqual(len({key for _number, key in group}), 1)
            self.assertEqual(len({owners[row] for row in group}), len(group))
            self.assertTrue(group[0][1] is not None or len(group) == 1)


if __name__ == "__main__":
    unittest.main()

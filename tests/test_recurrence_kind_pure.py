"""R14: what a changed kind means for what was made from it, without Odoo."""

import json
import unittest
from copy import deepcopy

from hypothesis import given, settings
from hypothesis import strategies as st

from ..tools.recurrence.kind import (
    ADDED,
    CHANGED,
    REMOVED,
    find_differences,
    get_fingerprint,
    pair_lines,
)

many = settings(max_examples=1000, deadline=None)
values = st.dictionaries(st.sampled_from(["mode", "interval"]), st.integers(0, 2), min_size=2)
line = st.fixed_dictionaries({"price": st.integers(0, 2), "text": st.sampled_from("ab")})
lines = st.dictionaries(st.sampled_from("1234"), line, max_size=4)
snapshots = st.fixed_dictionaries({"values": values, "lines": lines})


def state(mode="draft", **prices):
    return {"values": {"mode": mode}, "lines": {key: {"price": p} for key, p in prices.items()}}


def apply(differences, own):
    """Return what a recurring invoice is when all that is offered was done."""
    own = deepcopy(own)
    for found in differences:
        if found.what == ADDED:
            own["lines"][found.key] = found.new
        elif found.what == REMOVED:
            del own["lines"][found.key]
        else:
            side = own["lines"][found.key] if found.key else own["values"]
            side[found.name] = found.new
    return own


class TestKind(unittest.TestCase):
    """R14: the changes of a kind, held against what was agreed with a customer."""

    def find(self, *sides):
        return [
            (found.what, found.key, found.name, found.old, found.new, found.is_own)
            for found in find_differences(*sides)
        ]

    def test_r14_what_the_kind_changed_is_offered(self):
        before, now = state(a=100, b=30), state("post", a=110, b=30)
        self.assertEqual(
            self.find(before, now, before),
            [
                (CHANGED, None, "mode", "draft", "post", False),
                (CHANGED, "a", "price", 100, 110, False),
            ],
        )

    def test_r14_what_one_customer_has_otherwise_is_own(self):
        before, now = state(a=100), state(a=110)
        # changed since
        self.assertEqual(
            self.find(before, now, state(a=90)), [(CHANGED, "a", "price", 90, 110, True)]
        )
        # otherwise from the start
        own = state(a=90)
        self.assertEqual(self.find(before, now, own, own), [(CHANGED, "a", "price", 90, 110, True)])

    def test_r14_what_is_alike_already_is_not_offered(self):
        before, now = state(a=100), state(a=110)
        self.assertEqual(self.find(before, now, now), [])

    def test_r14_lines_that_came_and_went(self):
        before, now = state(a=100, b=30), state(a=100, c=5)
        self.assertEqual(
            self.find(before, now, before),
            [
                (ADDED, "c", None, None, {"price": 5}, False),
                (REMOVED, "b", None, {"price": 30}, None, False),
            ],
        )
        # at a price of its own it is the customer's
        own = state(a=100, b=25)
        self.assertEqual(self.find(before, now, own)[-1][-1], True)
        # who had ended it before is asked nothing
        self.assertEqual(
            self.find(before, now, state(a=100)),
            [(ADDED, "c", None, None, {"price": 5}, False)],
        )

    def test_r14_line_a_customer_never_had_stays_away(self):
        before, now = state(a=100, b=30), state(a=100, b=40)
        self.assertEqual(self.find(before, now, state(a=100)), [])

    def test_r14_what_the_kind_says_for_the_first_time(self):
        """The day of the month was each one's own; who has changed it keeps it."""
        before, now = {"values": {}, "lines": {}}, {"values": {"day": 10}, "lines": {}}
        own, then = {"values": {"day": 1}, "lines": {}}, {"day": 1}
        changed = {"values": {"day": 20}, "lines": {}}
        self.assertEqual(self.find(before, now, own, then), [(CHANGED, None, "day", 1, 10, False)])
        self.assertEqual(
            self.find(before, now, changed, then), [(CHANGED, None, "day", 20, 10, True)]
        )

    @given(snapshots, snapshots)
    @many
    def test_r14_what_was_never_touched_becomes_the_kind(self, before, now):
        """Made from a kind and left alone: nothing is its own, and all that is offered makes it
        the kind again."""
        differences = find_differences(before, now, before)
        self.assertFalse([found for found in differences if found.is_own])
        self.assertEqual(apply(differences, before)["lines"], now["lines"])
        self.assertEqual(
            {**before["values"], **now["values"]}, apply(differences, before)["values"]
        )

    @given(snapshots, snapshots, snapshots, values)
    @many
    def test_r14_nothing_is_offered_twice(self, before, now, own, then):
        done = apply(find_differences(before, now, own, then), own)
        self.assertEqual(find_differences(before, now, done, then), [])
        self.assertEqual(find_differences(now, now, done, done["values"]), [])

    @given(snapshots, snapshots, values)
    @many
    def test_r14_kind_that_did_not_change_offers_nothing(self, kind, own, then):
        self.assertEqual(find_differences(kind, deepcopy(kind), own, then), [])

    def test_r14_lines_are_paired_with_those_most_alike(self):
        def line(name, price, product=4):
            values = {"name": name, "price_unit": price, "product_id": product}
            return {"display_type": "product", **values}

        kind = {"1": line("Server", 100), "2": line("Server", 200), "3": line("Note", 0, False)}
        own = {7: line("Server", 200), 8: line("Server", 90), 9: line("Note", 5, False)}
        self.assertEqual(pair_lines(kind, own), {"1": 8, "2": 7, "3": 9})
        # a text alone is no product
        self.assertEqual(
            pair_lines({"3": line("Note", 0, False)}, {9: line("Other", 0, False)}), {}
        )
        # which of two of the same product it is cannot be known
        self.assertEqual(pair_lines(kind, {7: line("Ours", 50)}), {})

    @given(snapshots, snapshots)
    @many
    def test_r14_fingerprint_is_one_of_what_is_said(self, one, other):
        self.assertEqual(get_fingerprint(one) == get_fingerprint(other), one == other)
        # as the database gives it back
        self.assertEqual(get_fingerprint(json.loads(json.dumps(one))), get_fingerprint(one))


if __name__ == "__main__":
    unittest.main()

"""R11: what a price becomes, worked out by hand, without Odoo."""

import unittest
from decimal import Decimal as D
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from ..tools.recurrence.price_rise import IndexMove, RaisedPrice, RiseTerms, raise_price, round_to

many = settings(max_examples=1000, deadline=None)
# consumer prices, 2020 = 100
JANUARY_2026, JANUARY_2027 = D("117.0"), D("119.34")  # 2.00 % more

prices = st.decimals("-100000", "100000", places=2, allow_nan=False, allow_infinity=False)
values = st.decimals("50", "200", places=1, allow_nan=False, allow_infinity=False)
percents = st.decimals("0", "20", places=2, allow_nan=False, allow_infinity=False)


class TestPriceRise(unittest.TestCase):
    """R11: literal prices."""

    def assertRaised(self, expected, price, move=None, **terms):
        for name in ("percent", "amount", "threshold", "share", "cap", "rounding"):
            if name in terms:
                terms[name] = D(terms[name])
        found = raise_price(D(price), RiseTerms(**terms), move)
        self.assertEqual(str(found.price) if isinstance(found, RaisedPrice) else found, expected)

    def test_r11_percentage(self):
        self.assertRaised("103.00", "100", percent="3")
        self.assertRaised("51.40", "49.90", percent="3")  # 51.397
        self.assertRaised("47.41", "49.90", percent="-5")  # 47.405

    def test_r11_rounded_to_a_step(self):
        self.assertRaised("51.50", "49.90", percent="3", rounding="0.50")  # 51.397
        self.assertRaised("51", "49.90", percent="3", rounding="1")
        self.assertRaised("49.9035", "49.8905", percent="0.026", rounding="0.0001")  # 49.90347

    def test_r11_amount(self):
        self.assertRaised("102.50", "100", method="amount", amount="2.50")
        self.assertRaised("97.50", "100", method="amount", amount="-2.50")
        # a rebate is no price that rises by an amount
        self.assertRaised("no_price", "-10", method="amount", amount="2.50")

    def test_r11_nothing_to_raise(self):
        self.assertRaised("no_price", "0", percent="3")
        self.assertRaised("unchanged", "0.10", percent="3")
        self.assertRaised("unchanged", "100", percent="0")

    def test_r11_price_is_not_rounded_away(self):
        self.assertRaised("0.0129", "0.0125", percent="3")  # 0.012875
        self.assertRaised("rounding", "0.02", percent="3", rounding="0.05")
        self.assertRaised("rounding", "1.02", percent="3", rounding="0.5")
        self.assertRaised("rounding", "1", method="amount", amount="-2")
        self.assertRaised("rounding", "1", method="amount", amount="-1")

    def test_r11_rebate_keeps_its_part(self):
        self.assertRaised("-10.30", "-10", percent="3")

    def test_r11_index(self):
        move = IndexMove(JANUARY_2026, JANUARY_2027)
        self.assertRaised("102.00", "100", move, method="index")
        self.assertRaised("101.00", "100", move, method="index", share="50")
        self.assertRaised("101.50", "100", move, method="index", cap="1.5")
        # half of 2.00 % is under the cap
        self.assertRaised("101.00", "100", move, method="index", cap="1.5", share="50")
        self.assertRaised("102.00", "100", move, method="index", threshold="2")
        self.assertRaised("below_threshold", "100", move, method="index", threshold="2.01")

    def test_r11_index_falls(self):
        move = IndexMove(D("120"), D("114"))  # 5 % less
        self.assertRaised("falls", "100", move, method="index")
        self.assertRaised("95.00", "100", move, method="index", may_fall=True)
        self.assertRaised("97.00", "100", move, method="index", may_fall=True, cap="3")
        self.assertRaised(
            "below_threshold", "100", move, method="index", may_fall=True, threshold="6"
        )

    def test_r11_missing_value_is_not_guessed(self):
        for move in (
            None,
            IndexMove(None, D("120")),
            IndexMove(D("120"), None),
            IndexMove(D(0), D(1)),
        ):
            with self.subTest(move=move):
                self.assertRaised("no_value", "100", move, method="index")

    def test_r11_percent_that_is_told_is_that_of_the_rounded_price(self):
        found = raise_price(D("0.99"), RiseTerms(percent=D("3"), rounding=D("0.05")))
        self.assertEqual(found, RaisedPrice(D("1.00"), D("1.01")))


class TestPriceRiseRandom(unittest.TestCase):
    """R11: what always holds."""

    @many
    @given(prices, values, values, percents, percents, percents)
    def test_r11_an_index_moves_no_price_beyond_its_cap(
        self, price, base, now, threshold, share, cap
    ):
        terms = RiseTerms("index", threshold=threshold, share=share * 5, cap=cap, may_fall=True)
        found = raise_price(price, terms, IndexMove(base, now))
        if isinstance(found, str):
            return
        moved = Fraction(now) / Fraction(base) - 1
        self.assertEqual(found.price > price, (moved > 0) == (price > 0))
        self.assertGreaterEqual(abs(moved) * 100, threshold)
        most = abs(Fraction(price)) * abs(moved) * Fraction(share) * 5 / 100
        if cap:
            most = min(most, abs(Fraction(price)) * Fraction(cap) / 100)
        self.assertLessEqual(abs(found.price - price), most + Fraction("0.005"))

    @many
    @given(prices, percents)
    def test_r11_rounding_is_within_half_a_step(self, price, percent):
        found = raise_price(price, RiseTerms(percent=percent, rounding=D("0.05")))
        if isinstance(found, str):
            return
        exact = Fraction(price) * (100 + Fraction(percent)) / 100
        self.assertLessEqual(abs(Fraction(found.price) - exact), Fraction("0.025"))
        self.assertEqual(found.price % D("0.05"), 0)

    @many
    @given(prices)
    def test_r11_rounding_is_the_same_up_and_down(self, price):
        step = D("0.05")
        self.assertEqual(round_to(Fraction(price), step), -round_to(-Fraction(price), step))


if __name__ == "__main__":
    unittest.main()

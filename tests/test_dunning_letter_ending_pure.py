import doctest
from unittest import TestCase

from ..tools.dunning import letter_ending

END = "<p>If you have paid, disregard this.</p><p>Regards,</p><p>Ann</p>"


class TestLetterEnding(TestCase):
    """What stands at the end of a letter, and not on a page alone (D14)."""

    def test_d14_doctests(self):
        self.assertEqual(doctest.testmod(letter_ending).failed, 0)

    def test_d14_what_follows_the_last_table_is_kept(self):
        table = "<table><tr><td>1</td></tr></table>"
        text = f"<div><p>Hello</p>{table}{table}{END}</div>"
        self.assertEqual(
            letter_ending.keep_ending(text, "kept"),
            f'<div><p>Hello</p>{table}{table}<div class="kept">{END}</div></div>',
        )

    def test_d14_a_table_inside_an_element_counts(self):
        part = "<div><table><tr><td>1</td></tr></table></div>"
        self.assertEqual(
            letter_ending.keep_ending(f"<div>{part}{END}</div>", "kept"),
            f'<div>{part}<div class="kept">{END}</div></div>',
        )

    def test_d14_a_long_text_is_kept_as_far_as_a_page_has_room(self):
        long = f"<p>{'word ' * 1000}</p>"
        self.assertEqual(
            letter_ending.keep_ending(f"<div>{long}{long}{END}</div>", "kept"),
            f'<div>{long}{long}<div class="kept">{END}</div></div>',
        )

    def test_d14_text_without_elements_stays(self):
        self.assertEqual(
            letter_ending.keep_ending("Pay &amp; go", "kept"), "<div>Pay &amp; go</div>"
        )
        self.assertEqual(letter_ending.keep_ending("", "kept"), "<div></div>")

"""The picture of the ladder on an invoice (W1): which levels it got, which comes next, to whom."""

import doctest
from datetime import date

from freezegun import freeze_time

from odoo.tests import BaseCase, tagged

from odoo.addons.account_recurrence_dunning.tools.dunning import ladder_view
from odoo.addons.account_recurrence_dunning.tools.dunning.decision import decide
from odoo.addons.account_recurrence_dunning.tools.dunning.ladder import DueLine, Ladder, Level

from .common import DunningMailCommon


class TestLadderViewPure(BaseCase):
    ladder = Ladder(
        [
            Level(1, days=-3),
            Level(2, number=1, days=5),
            Level(3, number=2, days=15, gap=7),
            Level(4, number=3, days=30, gap=14),
        ]
    )

    def look(self, as_of, **facts):
        line = DueLine(7, due=date(2026, 3, 1), **facts)
        decision = decide(line, self.ladder, as_of)
        places = ladder_view.place_levels(line, self.ladder, decision, as_of)
        return [(place.level.id, place.state, place.day and str(place.day)) for place in places]

    def test_doctest(self):
        failed, run = doctest.testmod(ladder_view)
        self.assertEqual((failed, run > 0), (0, True))

    def test_before_the_due_date(self):
        self.assertEqual(
            self.look(date(2026, 2, 20)),
            [
                (1, "next", "2026-02-26"),
                (2, "later", "2026-03-06"),
                (3, "later", "2026-03-16"),
                (4, "later", "2026-03-31"),
            ],
        )

    def test_levels_follow_with_their_gaps_where_all_is_late(self):
        """Nobody reminded until 10 April: 7 days to the second, 14 more to the third level."""
        self.assertEqual(
            self.look(date(2026, 4, 10)),
            [
                (1, "passed", None),
                (2, "next", "2026-04-10"),
                (3, "later", "2026-04-17"),
                (4, "later", "2026-05-01"),
            ],
        )

    def test_held_without_end(self):
        held = self.look(date(2026, 3, 10), hold="legal")
        self.assertEqual(held[1:], [(2, "next", None), (3, "later", None), (4, "later", None)])

    def test_held_until_a_day(self):
        """The block holds until 20 March: the level may go on the 21st."""
        held = self.look(date(2026, 3, 10), hold="dispute", hold_until=date(2026, 3, 20))
        self.assertEqual(
            held[1:],
            [(2, "next", "2026-03-21"), (3, "later", "2026-03-28"), (4, "later", "2026-04-11")],
        )

    def test_level_left_out_by_its_filter(self):
        found = self.look(date(2026, 3, 10), barred=(3,))
        self.assertEqual(found[2:], [(3, "passed", None), (4, "later", "2026-03-31")])

    def test_all_levels_done(self):
        facts = {"level": 3, "got": (1, 2, 3, 4), "last_date": date(2026, 4, 1)}
        self.assertEqual(
            [state for _level, state, _day in self.look(date(2026, 4, 10), **facts)], ["got"] * 4
        )


@tagged("post_install", "-at_install")
class TestLadderView(DunningMailCommon):
    def look(self, move, day, **context):
        with freeze_time(f"{day} 10:00:00"):
            move.invalidate_recordset()
            return move.with_context(**context).get_dunning_next_step()["ladders"]

    def test_w1_picture_names_level_channel_recipient_and_why(self):
        self.partner_a.email = "pay@customer.example"
        invoice = self.create_due_invoice("2026-03-01")
        self.execute("2026-03-06")
        (ladder,) = self.look(invoice, "2026-03-10")
        self.assertEqual(
            [(place["name"], place["state"], place["text"]) for place in ladder["places"]],
            [
                (self.notice.display_name, "passed", "left out"),
                (self.level_1.display_name, "got", "sent 03/06/2026"),
                (self.level_2.display_name, "next", "next: 03/16/2026"),
                (self.level_3.display_name, "later", "from 03/31/2026"),
            ],
        )
        self.assertEqual(
            ladder["next"],
            f"{self.level_2.display_name} goes by e-mail to partner_a (pay@customer.example) on "
            "03/16/2026. Days after the due date (03/01/2026): 15.",
        )

    def test_w1_what_keeps_the_next_step_back_is_said(self):
        self.partner_a.email = False
        invoice = self.create_due_invoice("2026-03-01")
        (ladder,) = self.look(invoice, "2026-03-02")
        self.assertIn("is planned for 03/06/2026, but: ", ladder["next"])
        self.assertIn("no e-mail address", ladder["next"])

    def test_w1_call_names_the_telephone_number(self):
        self.partner_a.phone = "+1 555 0100"
        self.level_1.channel = "call"
        invoice = self.create_due_invoice("2026-03-01")
        (ladder,) = self.look(invoice, "2026-03-02")
        self.assertIn("partner_a (+1 555 0100) is to be called on 03/06/2026.", ladder["next"])
        self.assertEqual(ladder["places"][1]["icon"], "fa-phone")

    def test_w1_each_instalment_has_its_ladder(self):
        """30 % at once, 70 % at the end of the month after."""
        invoice = self._create_invoice_one_line(
            price_unit=100.0,
            tax_ids=[],
            partner_id=self.partner_a,
            invoice_date="2026-02-01",
            invoice_payment_term_id=self.pay_terms_b.id,
            post=True,
        )
        ladders = self.look(invoice, "2026-03-02")
        self.assertEqual(
            [ladder["title"] for ladder in ladders],
            [
                "$\N{NO-BREAK SPACE}30.00 due on 02/01/2026",
                "$\N{NO-BREAK SPACE}70.00 due on 03/31/2026",
            ],
        )

    def test_w1_no_picture_of_what_is_paid_or_where_dunning_is_off(self):
        invoice = self.create_due_invoice("2026-03-01")
        self.company.dunning_active = False
        self.assertEqual(self.look(invoice, "2026-03-02"), [])
        draft = invoice.copy()
        self.assertEqual(self.look(draft, "2026-03-02"), [])

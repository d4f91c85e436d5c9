from datetime import date

from freezegun import freeze_time

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .link_case import LinkCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10")
class TestDunningOpeningAnswer(LinkCase):
    """C5: what was open before this software is answered about like an invoice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        lines = [(cls.partner_a, 77.0), (cls.partner_b, 88.0)]
        cls.entry = cls.create_entry("misc", lines, no_followup=False)
        cls.own, cls.foreign = cls.entry.line_ids.filtered("partner_id").sorted("debit")

    def decide(self, day="2026-03-19"):
        """Return what the engine says about the lines of the entry: {id: reason}."""
        facts = self.company._dunning_decide(
            date.fromisoformat(day), partners=self.partner_a | self.partner_b
        )
        return {fact.id: fact.decision.reason for fact in facts if fact.move_id == self.entry.id}

    def test_c5_each_kind_of_answer(self):
        for kind, typed in (
            ("plan", {"count": "2", "step": "week", "day": "2026-03-12"}),
            ("paid", {"day": "2026-03-01"}),
            ("dispute", {"reason": "amount"}),
            ("promise", {"day": "2026-03-20"}),
        ):
            before = self.entry.message_ids
            response = self.post(kind, {"items": self.own.id, **typed})
            self.assertEqual(response.status_code, 303, kind)
            answer = self.answers()[:1]
            self.assertEqual((answer.kind, answer.move_line_ids), (kind, self.own))
            self.assertEqual(answer.block_ids.partner_id, self.partner_a, kind)
            # the entry is about other customers too
            self.assertEqual(self.entry.message_ids, before)

    def test_c5_a_promise_holds_the_own_line_alone(self):
        before = self.decide()
        self.post("promise", {"items": self.own.id, "day": "2026-03-20"})
        after = self.decide()
        self.assertEqual(after[self.own.id], "promise")
        self.assertEqual(after[self.foreign.id], before[self.foreign.id])
        self.assertIn("Payment promised by 03/20/2026", self.open().text)
        self.assertNotIn("88.00", self.open().text)

    def test_c5_a_promise_is_broken_and_told_to_the_customer(self):
        self.post("promise", {"items": self.own.id, "day": "2026-03-20"})
        self.env["dunning.promise"]._judge(self.company, date(2026, 3, 21))
        self.assertEqual(self.answers().outcome, "broken")
        self.assertIn("now resume", self.partner_a.message_ids[:1].body)

    def test_c5_lines_of_other_customers_are_not_answered_about(self):
        response = self.post("promise", {"items": self.foreign.id, "day": "2026-03-20"})
        self.assertEqual(response.status_code, 400)
        self.assertFalse(self.answers())

    def test_c5_it_is_not_paid_online(self):
        """Odoo would spend the money on all customers the entry names."""
        self.offer_online_payment()
        self.assertIn(self.entry.name, self.open().text)
        page = self.open(f"{self.get_token()}/pay/USD?items={self.own.id}").text
        self.assertIn(self.move.name, page)
        self.assertNotIn(self.entry.name, page)

    def test_b8_an_entry_is_blocked_by_its_due_line_alone(self):
        blocks = self.env["dunning.block"]
        with self.assertRaises(ValidationError):
            blocks.create(
                {"kind": "other", "move_id": self.entry.id, "partner_id": self.partner_a.id}
            )
        with self.assertRaises(ValidationError):
            blocks.create(
                {"kind": "other", "move_line_id": self.own.id, "partner_id": self.partner_b.id}
            )
        block = blocks.create({"kind": "other", "move_line_id": self.own.id})
        self.assertEqual(block.partner_id, self.partner_a)
        self.assertEqual(self.decide()[self.own.id], "other")
        block.action_lift()
        self.assertNotEqual(self.decide()[self.own.id], "other")

"""Interest and fixed sums that a company does without: who, when, why, and what is left (M4)."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .test_dunning_claim_told import ClaimToldCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-31 09:00:00")
class TestWaiver(ClaimToldCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.move = cls.create_due_invoice("2026-03-01", 1000.0)
        cls.clerk = cls.create_user("waiver_clerk", "dunning_group_user")

    def waive(self, **vals):
        return (
            self.env["dunning.waiver"]
            .with_user(self.clerk)
            .create({"move_id": self.move.id, "reason": "Long-standing customer", **vals})
        )

    def left(self, day="2026-03-31"):
        day = date.fromisoformat(day)
        claims = self.env["dunning.claim"]._prepare_claims(self.company, self.move, day)
        return (
            round(sum(claim["interest_due"] for claim in claims), 2),
            round(sum(claim["fixed_sum_due"] for claim in claims), 2),
        )

    def test_m4_the_whole_with_who_when_and_why(self):
        waiver = self.waive()
        self.assertEqual((waiver.interest, waiver.fixed_sum, waiver.amount), (9.0, 40.0, 49.0))
        self.assertEqual(waiver.user_id, self.clerk)
        self.assertEqual(str(waiver.date), "2026-03-31")
        self.assertEqual(self.left(), (0.0, 0.0))
        # what the law gives stays what it is
        self.assertEqual(self.claim(self.move), (9.0, 40.0))

    def test_m4_the_case_tells_it_in_its_timeline(self):
        waiver = self.waive(share="half", reason="Agreed on the phone")

        def read_event():
            page = self.case().with_user(self.clerk).get_case_page()
            (event,) = [one for one in page["events"] if one["kind"] == "waiver"]
            return event

        self.assertEqual(read_event()["day"], "2026-03-31")
        self.assertIn("Agreed on the phone", str(read_event()))
        waiver.action_withdraw()
        self.assertIn("Withdrawn", str(read_event()))

    def test_m4_half(self):
        waiver = self.waive(share="half")
        self.assertEqual((waiver.interest, waiver.fixed_sum), (4.5, 20.0))
        self.assertEqual(self.left(), (4.5, 20.0))

    def test_m4_other_amounts_and_the_rest_later(self):
        self.waive(share="part", interest=2.0, fixed_sum=0.0)
        self.assertEqual(self.left(), (7.0, 40.0))
        self.waive(share="part", interest=0.0, fixed_sum=40.0)
        self.assertEqual(self.left(), (7.0, 0.0))

    def test_m4_interest_runs_on_unless_that_is_waived_too(self):
        waiver = self.waive()
        self.assertEqual(self.left("2026-04-10"), (3.0, 0.0))  # ten days at 0.30
        waiver.action_withdraw()
        self.assertEqual(self.left("2026-04-10"), (12.0, 40.0))
        self.waive(includes_later=True)
        self.assertEqual(self.left("2026-04-10"), (0.0, 0.0))

    def test_m4_never_more_than_is_claimed(self):
        for vals in (
            {"share": "part", "interest": 9.01, "fixed_sum": 0.0},
            {"share": "part", "interest": 0.0, "fixed_sum": 41.0},
            {"share": "part", "interest": -1.0, "fixed_sum": 2.0},
            {"share": "part", "interest": 0.0, "fixed_sum": 0.0},
        ):
            with self.subTest(vals), self.assertRaises(ValidationError):
                self.waive(**vals)
        self.waive()
        with self.assertRaisesRegex(ValidationError, "nothing to waive"):
            self.waive()

    def test_m4_it_is_never_edited(self):
        waiver = self.waive(share="half")
        for vals in ({"interest": 1.0}, {"reason": "Other"}, {"share": "whole"}):
            with self.subTest(vals), self.assertRaises(AccessError):
                waiver.write(vals)
        with self.assertRaises(AccessError):
            waiver.unlink()

    def test_m4_the_message_asks_for_what_is_left(self):
        self.waive(share="half", includes_later=False)
        reminder = self.tell("2026-03-31")
        self.assertEqual([claim.amount for claim in reminder.claim_ids], [24.5])
        self.assertIn("24.50", str(reminder.mail_id.body_html))

    def test_m4_summed_up_in_the_currency_of_the_company(self):
        euro = self.setup_other_currency("EUR", rates=[("2016-01-01", 3.0), ("2017-01-01", 2.0)])
        self.rule.sudo().currency_id = euro
        move = self.create_due_invoice("2026-03-01", 1000.0, currency_id=euro.id)
        waiver = self.waive(move_id=move.id)
        self.assertEqual((waiver.amount, waiver.amount_company), (49.0, 24.5))

    def test_m4_what_is_withdrawn_adds_nothing(self):
        waiver = self.waive()
        self.assertEqual(waiver.amount_company, 49.0)
        waiver.action_withdraw()
        self.assertEqual((waiver.amount, waiver.amount_company), (49.0, 0.0))

    def test_m4_draft_invoices_and_bills_have_none(self):
        draft = self._create_invoice_one_line(price_unit=5.0, partner_id=self.partner_a)
        bill = self._create_invoice_one_line(
            price_unit=5.0, partner_id=self.partner_a, move_type="in_invoice", post=True
        )
        for move in (draft, bill):
            with self.subTest(move.move_type), self.assertRaises(ValidationError):
                self.waive(move_id=move.id, share="part", interest=1.0)

    def test_m4_of_another_company_is_out_of_reach(self):
        other = self.setup_other_company()["company"]
        stranger = self.create_user("stranger", "dunning_group_user", companies=other)
        waiver = self.waive()
        with self.assertRaises(AccessError):
            waiver.with_user(stranger).read(["amount"])
        with self.assertRaises(AccessError):
            self.env["dunning.waiver"].with_user(stranger).create(
                {"move_id": self.move.id, "reason": "Mine"}
            )

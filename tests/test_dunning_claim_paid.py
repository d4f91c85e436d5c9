"""Which payments a claim counts, and as of when; whose rule it is computed by (M1, M2, rule 9)."""

from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from .claim_case import ClaimCommon
from .link_case import LinkCase


@tagged("post_install", "-at_install")
class TestClaimPaid(ClaimCommon):
    def test_m2_a_payment_booked_later_counts_on_its_own_day(self):
        move = self.create_due_invoice("2026-03-01", 1000.0)
        # March was closed before the clerk entered it
        self.company.sudo().fiscalyear_lock_date = "2026-03-31"
        self._register_payment(move, amount=1000.0, payment_date="2026-03-11")
        entry = self.env["account.payment"].search([("invoice_ids", "in", move.ids)]).move_id
        self.assertGreater(entry.date, date(2026, 3, 31))
        # 2 to 11 March: ten days at 0.30
        self.assertEqual(self.claim(move, "2026-04-30"), (3.0, 40.0))

    def test_m1_a_branch_claims_by_the_rule_of_its_parent(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id, "country_id": self.land.id}
        )
        self.env.user.company_ids += branch
        self.add_rule(
            name="Contract", company_id=self.company.id, interest="fixed", fixed_rate=21.9
        )
        terms = self.env["dunning.charge.rule"]._read_used(branch)
        self.assertEqual(terms[0].name, "Contract")
        # not the other way round
        self.add_rule(name="Branch only", company_id=branch.id, interest="fixed", fixed_rate=1.0)
        names = self.env["dunning.charge.rule"]._read_used(self.company).mapped("name")
        self.assertNotIn("Branch only", names)

    def test_m2_many_half_years_and_countries_at_once(self):
        """Each line by its own rule and days, though they are computed together."""
        germany = self.env.ref("base.de")
        self.add_rule(
            name="Other land",
            country_ids=[Command.set(germany.ids)],
            interest="fixed",
            fixed_rate=7.3,  # 0.20 a day on 1,000
            tiers=((0, 25),),
        )
        self.add_rate("2025-07-01", 1.05)
        self.partner_b.write({"is_company": True, "country_id": germany.id})
        moves = [
            self.create_due_invoice(due, 1000.0, partner=partner)
            for due in ("2025-11-30", "2026-02-28", "2026-03-21")
            for partner in (self.partner_a, self.partner_b)
        ]
        claims = self.env["dunning.claim"]._prepare_claims(
            self.company, self.env["account.move"].union(*moves), date(2026, 3, 31)
        )
        found = {values["move_id"]: (values["interest"], values["fixed_sum"]) for values in claims}
        self.assertEqual(
            [found[move.id] for move in moves],
            [(36.3, 40.0), (24.2, 25.0), (9.3, 40.0), (6.2, 25.0), (3.0, 40.0), (2.0, 25.0)],
        )
        # the same as each by itself
        for move in moves:
            self.assertEqual(self.claim(move), found[move.id])


@tagged("post_install", "-at_install")
class TestClaimPaidOnline(LinkCase):
    """What a customer paid online and no entry was made for yet makes a claim smaller (rule 9)."""

    def test_m2_a_payment_under_way_counts(self):
        provider = self.offer_online_payment()
        rule = self.env["dunning.charge.rule"].create(
            {
                "name": "Own",
                "interest": "fixed",
                "fixed_rate": 36.5,  # 0.10 a day on 100
                "sequence": 1,
                "currency_id": self.company.currency_id.id,
            }
        )
        rule.sudo().action_confirm()
        self.assertEqual(self.move.get_dunning_claim("2026-03-11")["interest"], 1.0)
        transaction = (
            self.env["payment.transaction"]
            .sudo()
            .create(
                {
                    "provider_id": provider.id,
                    "payment_method_id": provider.payment_method_ids[:1].id,
                    "reference": "T1",
                    "amount": 100.0,
                    "currency_id": self.company.currency_id.id,
                    "partner_id": self.partner_a.id,
                    "invoice_ids": [Command.set(self.move.ids)],
                    "operation": "online_redirect",
                    "state": "pending",
                }
            )
        )
        self.env.flush_all()
        # one without code stands for a transfer that was only announced
        self.env.cr.execute(
            "UPDATE payment_provider SET code = 'demo' WHERE id = %s", [provider.id]
        )
        self.env.cr.execute(
            "UPDATE payment_transaction SET create_date = '2026-03-06 10:00' WHERE id = %s",
            [transaction.id],
        )
        self.env.invalidate_all()
        # 2 to 6 March
        self.assertEqual(self.move.get_dunning_claim("2026-03-11")["interest"], 0.5)
        transaction.state = "cancel"
        self.assertEqual(self.move.get_dunning_claim("2026-03-11")["interest"], 1.0)

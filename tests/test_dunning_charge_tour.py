"""Charging and waiving in a real browser; the clock cannot be stopped there (M3, M4)."""

from datetime import timedelta

from odoo.fields import Command
from odoo.tests import tagged

from .claim_case import ClaimCommon
from .common import TourCase


@tagged("post_install", "-at_install")
class TestChargeTour(ClaimCommon, TourCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        france = cls.env.ref("base.fr")
        cls.add_rule(
            name="France: businesses",
            country_ids=[Command.set(france.ids)],
            interest="fixed",
            fixed_rate=10.95,
        )
        cls.partner_a.write({"country_id": france.id, "name": "Atelier Martin"})
        cls.program.charge_compute = True
        cls.company.dunning_activation_date = "2020-01-01"
        today = cls.company._get_job_today()
        cls.move = cls.create_due_invoice(today - timedelta(days=10), 1000.0)
        cls.clerk = cls.create_user("charge_clerk", "dunning_group_user")

    def walk(self, name):
        action = self.env.ref("account.action_move_out_invoice")
        url = f"/odoo/action-{action.id}/{self.move.id}"
        self.start_tour(url, name, login=self.clerk.login, timeout=120)

    def test_m3_charge_a_french_business(self):
        self.walk("dunning_charge_tour")
        charge = self.env["account.move"].search([("invoice_origin", "=", self.move.name)])
        self.assertEqual((charge.state, charge.amount_total), ("draft", 43.0))
        self.assertEqual(charge.create_uid, self.clerk)

    def test_m3_a_consumer_is_refused(self):
        self.partner_a.dunning_debtor_kind = "consumer"
        self.walk("dunning_consumer_tour")

    def test_m4_waive_half(self):
        self.walk("dunning_waive_tour")
        waiver = self.env["dunning.waiver"].search([("move_id", "=", self.move.id)])
        self.assertEqual((waiver.interest, waiver.fixed_sum), (1.5, 20.0))
        self.assertEqual((waiver.user_id, waiver.reason), (self.clerk, "Agreed with Mrs Martin"))

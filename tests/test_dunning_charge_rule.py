"""What may be charged to whom, and how a rule or a rate is corrected (M1)."""

from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .claim_case import ClaimCommon
from .client_views import ADDON
from .common import DunningMailCommon

QUIET = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")


@tagged("post_install", "-at_install")
class TestDebtor(ClaimCommon):
    def test_m1_kind_of_debtor(self):
        person = self.env["res.partner"].create({"name": "Jane"})
        self.assertEqual(person._dunning_get_debtor_kind(), "consumer")
        person.vat = "/"  # has none, as Odoo has it written
        self.assertEqual(person._dunning_get_debtor_kind(), "consumer")
        person.vat = "BE0477472701"
        self.assertEqual(person._dunning_get_debtor_kind(), "business")
        person.category_id = self.env.ref(f"{ADDON}.partner_category_public")
        self.assertEqual(person._dunning_get_debtor_kind(), "public")
        person.dunning_debtor_kind = "consumer"
        self.assertEqual(person._dunning_get_debtor_kind(), "consumer")

    def test_m1_a_contact_is_what_its_company_is(self):
        contact = self.env["res.partner"].create({"name": "J", "parent_id": self.partner_a.id})
        self.assertEqual(contact._dunning_get_debtor_kind(), "business")

    def test_m1_a_consumer_is_refused_with_the_reason(self):
        self.partner_a.dunning_debtor_kind = "consumer"
        move = self.create_due_invoice("2026-03-01", 1000.0)
        self.assertEqual(self.claim(move), (0.0, 0.0))
        self.assertEqual(self.reasons(move), ["No rule is in use for Belgium: Consumers."])
        self.add_rule(name="No", debtor_kind="consumer", interest="none", tiers=())
        self.assertEqual(self.claim(move), (0.0, 0.0))
        self.assertEqual(self.reasons(move), ["Nothing may be charged in Belgium: Consumers."])

    def test_rule_22_without_a_country_nothing_is_claimed(self):
        self.partner_a.country_id = False
        move = self.create_due_invoice("2026-03-01", 1000.0)
        self.assertEqual(self.claim(move), (0.0, 0.0))
        self.assertEqual(self.reasons(move), ["The customer has no country: no rule is known."])

    def test_m1_what_is_not_confirmed_is_not_claimed(self):
        self.rule.sudo().state = "replaced"
        rule = self.add_rule(confirm=False)
        move = self.create_due_invoice("2026-03-01", 1000.0)
        self.assertEqual(self.claim(move), (0.0, 0.0))
        rule.sudo().action_confirm()
        self.assertEqual(self.claim(move), (9.0, 40.0))

    def test_m1_the_company_s_own_contract_comes_first(self):
        own = {"company_id": self.company.id, "interest": "fixed", "fixed_rate": 3.65}
        self.add_rule(name="Ours", tiers=(), country_ids=False, **own)
        move = self.create_due_invoice("2026-03-01", 1000.0)
        self.assertEqual(self.claim(move), (3.0, 0.0))

    def test_rule_17_another_company_s_contract_is_not_ours(self):
        other = self.setup_other_company(name="Other")["company"]
        rules = self.env["dunning.charge.rule"].with_company(other).sudo()
        rule = rules.create(
            {
                "name": "Theirs",
                "company_id": other.id,
                "interest": "fixed",
                "fixed_rate": 36.5,
                "currency_id": self.company.currency_id.id,
            }
        )
        rule.action_confirm()
        move = self.create_due_invoice("2026-03-01", 1000.0)
        self.assertEqual(self.claim(move), (9.0, 40.0))

    def test_m1_a_rule_for_later_invoices_only(self):
        self.add_rule(name="New law", tiers=(), date_from="2026-02-01", sequence=5)
        old = self.create_due_invoice("2026-03-01", 1000.0)  # dated 30 January
        new = self.create_due_invoice("2026-03-01", 1000.0, invoice_date=date(2026, 2, 1))
        self.assertEqual(self.claim(old), (9.0, 40.0))
        self.assertEqual(self.claim(new), (9.0, 0.0))


@tagged("post_install", "-at_install")
class TestVersions(ClaimCommon):
    """What is in use is not edited; a correction takes its place when it is confirmed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        companies = cls.company | cls.env["res.company"].sudo().search([])
        cls.manager = cls.create_user("claim_manager", "dunning_group_manager", companies)
        cls.narrow = cls.create_user("claim_narrow", "dunning_group_manager")

    def test_m1_a_rate_is_corrected_by_another(self):
        rate = self.env["dunning.rate"].search([("series_id", "=", self.series.id)])
        rate = rate.with_user(self.manager)
        with self.assertRaisesRegex(UserError, "not edited"):
            rate.percent = 99.0
        with self.assertRaisesRegex(UserError, "What was in use stays"):
            rate.unlink()
        action = rate.action_correct()
        copied = rate.browse(action["res_id"])
        copied.percent = 2.05
        self.assertEqual((rate.state, copied.state), ("used", "open"))
        copied.action_confirm()
        self.assertEqual((rate.state, copied.state), ("replaced", "used"))
        self.assertEqual(copied.confirmed_user_id, self.manager)
        self.assertEqual(copied.replaces_id, rate)
        with self.assertRaisesRegex(UserError, "confirmed already"):
            copied.action_confirm()

    def test_m1_one_rate_a_half_year_is_in_use(self):
        first = self.env["dunning.rate"].search([("series_id", "=", self.series.id)])
        second = self.add_rate("2026-01-01", 3.0)
        self.assertEqual((first.state, second.state), ("replaced", "used"))

    def test_m1_what_ships_later_does_not_replace_what_somebody_confirmed(self):
        vals = {"series_id": self.series.id, "date_from": "2026-01-01", "percent": 7.0}
        shipped = self.env["dunning.rate"].sudo().create({**vals, "state": "used"})
        self.assertEqual(shipped.state, "open")
        other = {**vals, "date_from": "2025-07-01", "state": "used"}
        self.assertEqual(shipped.create(other).state, "used")

    def test_m1_a_rule_is_corrected_with_its_fixed_sums(self):
        rule = self.rule.with_user(self.manager)
        for change in (
            lambda: rule.write({"margin": 20.0}),
            lambda: rule.tier_ids.write({"amount": 400.0}),
            lambda: rule.tier_ids.unlink(),
            lambda: rule.tier_ids.create({"rule_id": rule.id, "amount": 1.0}),
        ):
            with self.assertRaises(UserError):
                change()
        copied = rule.browse(rule.action_correct()["res_id"])
        copied.tier_ids.amount = 60.0
        copied.action_confirm()
        move = self.create_due_invoice("2026-03-01", 1000.0)
        self.assertEqual(self.claim(move), (9.0, 60.0))
        self.assertEqual(rule.tier_ids.amount, 40.0)

    def test_m1_two_rules_for_the_same_are_refused(self):
        twin = self.add_rule(name="Twin", confirm=False)
        with self.assertRaisesRegex(UserError, "Twin and Test rule are for the same"):
            twin.sudo().action_confirm()
        twin.sequence = 20
        twin.sudo().action_confirm()
        shipped = {"name": "Shipped", "interest": "none", "state": "used", "company_id": False}
        later = self.env["dunning.charge.rule"].sudo().create(shipped)
        self.assertEqual(later.state, "open")  # it would count for all countries

    def test_m1_a_correction_takes_the_place_only_of_what_it_covers(self):
        rule = self.rule.with_user(self.manager)
        copied = rule.browse(rule.action_correct()["res_id"])
        copied.country_ids = self.env.ref("base.fr")
        copied.action_confirm()
        self.assertEqual((rule.state, copied.state), ("used", "used"))
        rate = self.env["dunning.rate"].search([("series_id", "=", self.series.id)])
        other = rate.browse(rate.with_user(self.manager).action_correct()["res_id"])
        other.date_from = "2026-07-01"
        other.sudo().action_confirm()
        self.assertEqual((rate.state, other.state), ("used", "used"))

    @mute_logger(*QUIET)
    def test_rule_17_what_is_for_all_companies_is_confirmed_by_who_may_enter_all(self):
        rule = self.add_rule(name="Law", confirm=False, sequence=20).with_user(self.narrow)
        with self.assertRaisesRegex(AccessError, "for all companies"):
            rule.action_confirm()
        rule.company_id = self.company
        rule.action_confirm()
        self.assertEqual(rule.state, "used")

    def test_bad_figures_are_refused(self):
        rates, rules = self.env["dunning.rate"], self.env["dunning.charge.rule"]
        rate = {"series_id": self.series.id, "date_from": "2027-01-01", "percent": 1.0}
        for model, vals in (
            (rates, {**rate, "date_from": "2027-02-01"}),
            (rates, {**rate, "percent": 1000.0}),
            (rules, {"name": "x", "interest": "series"}),
            (rules, {"name": "x", "interest": "fixed", "fixed_rate": -1.0}),
            (rules, {"name": "x", "interest": "none", "begins_days": 0}),
            (rules, {"name": "x", "interest": "none", "minimum": -1.0}),
        ):
            with self.subTest(vals), self.assertRaises(ValidationError):
                model.create(vals)

    @mute_logger(*QUIET)
    def test_rule_19_only_managers_change_them_and_dunning_users_read(self):
        user = self.create_user("claim_user", "dunning_group_user")
        self.assertEqual(self.rule.with_user(user).margin, 9.9)
        rule = self.add_rule(name="Draft", confirm=False).with_user(user)
        for change in (lambda: rule.write({"margin": 1.0}), rule.action_confirm, rule.unlink):
            with self.assertRaises(AccessError):
                change()


@tagged("post_install", "-at_install")
class TestShipped(DunningMailCommon):
    """What ships, and what it gives, worked out by hand."""

    def claim(self, country, currency, amount=1000.0, **vals):
        """Return interest and fixed sum as of 31 March 2026 of an invoice due on 1 March."""
        currency = (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "=", currency)])
        )
        currency.active = True
        country = self.env.ref(f"base.{country}")
        self.partner_a.write({"is_company": True, "country_id": country.id, **vals})
        move = self.create_due_invoice("2026-03-01", amount, currency_id=currency.id)
        found = move.get_dunning_claim("2026-03-31")
        return found["interest"], found["fixed_sum"]

    def test_m1_only_what_was_read_or_derived_is_in_use(self):
        count = 0
        for model in ("dunning.rate", "dunning.charge.rule"):
            for fact in self.env[model].sudo().search([]):
                count += 1
                with self.subTest(fact.display_name):
                    self.assertTrue(fact.source and fact.date_read)
                    self.assertEqual(fact.state == "open", fact.evidence == "unchecked")
        self.assertGreater(count, 150)

    def test_m1_what_is_used_of_a_reference_rate_has_rates(self):
        rates = self.env["dunning.rate"]._read_used()
        for rule in self.env["dunning.charge.rule"].sudo().search([("state", "=", "used")]):
            if rule.series_id:
                self.assertIn(rule.series_id.id, rates)

    def test_m2_thirty_days_late(self):
        # 2.15 + 10 = 12.15 %; 1.27 + 9 = 10.27 %; 3.75 + 8 = 11.75 %; each × 30 / 365
        self.assertEqual(self.claim("fr", "EUR"), (9.99, 40.0))
        self.assertEqual(self.claim("de", "EUR"), (8.44, 40.0))
        self.assertEqual(self.claim("uk", "GBP", 1500.0), (14.49, 70.0))
        # 1.53 + 9.2 = 10.73 %, and 2.15 + 8 = 10.15 %
        self.assertEqual(self.claim("at", "EUR"), (8.82, 40.0))
        for country in ("es", "it", "nl", "pt"):
            self.assertEqual(self.claim(country, "EUR"), (8.34, 40.0))
        # 5 % × 29 / 360: the 31st is the 30th
        self.assertEqual(self.claim("ch", "CHF"), (4.03, 0.0))

    def test_m1_consumers(self):
        consumer = {"dunning_debtor_kind": "consumer"}
        self.assertEqual(self.claim("fr", "EUR", **consumer), (0.0, 0.0))
        self.assertEqual(self.claim("uk", "GBP", **consumer), (0.0, 0.0))
        self.assertEqual(self.claim("de", "EUR", **consumer), (0.0, 0.0))  # not reminded yet
        self.assertEqual(self.claim("at", "EUR", **consumer), (3.29, 0.0))  # 4 %

    def test_rule_22_belgium_ships_to_be_confirmed(self):
        self.assertEqual(self.claim("be", "EUR"), (0.0, 0.0))
        self.env.ref(f"{ADDON}.dunning_charge_rule_be_business").sudo().action_confirm()
        # 2.15 + 8 is rounded up to 10.5 %
        self.assertEqual(self.claim("be", "EUR"), (8.63, 40.0))

    def test_m2_the_example_of_the_documentation(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 1.0)])
        germany = self.env.ref("base.de")
        self.partner_a.write({"is_company": True, "country_id": germany.id})
        move = self.create_due_invoice("2026-05-31", 1000.0, currency_id=euro.id)
        self._register_payment(move, amount=500.0, payment_date="2026-07-15", currency_id=euro.id)
        found = move.get_dunning_claim("2026-07-31")
        self.assertEqual((found["interest"], found["fixed_sum"]), (15.31, 40.0))
        self.assertEqual(
            [(part["days"], part["base"], part["amount"]) for part in found["parts"]],
            [(30, 1000.0, 8.44), (15, 1000.0, 4.32), (16, 552.76, 2.55)],
        )

"""Rules and rates of their own for the tests of claims."""

from odoo.fields import Command

from .common import DunningMailCommon


class ClaimCommon(DunningMailCommon):
    """Rules of the test's own: nothing depends on what ships."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["dunning.charge.rule"].sudo().search([]).state = "replaced"
        cls.land = cls.env["res.country"].search([("code", "=", "BE")])
        cls.partner_a.write({"is_company": True, "vat": False, "country_id": cls.land.id})
        cls.series = cls.env["dunning.rate.series"].create({"name": "Test rate"})
        cls.add_rate("2026-01-01", 1.05)
        cls.rule = cls.add_rule()

    @classmethod
    def add_rate(cls, day, percent):
        vals = {"series_id": cls.series.id, "date_from": day, "percent": percent}
        rate = cls.env["dunning.rate"].create(vals)
        rate.sudo().action_confirm()
        return rate

    @classmethod
    def add_rule(cls, tiers=((0, 40),), confirm=True, **vals):
        """Add a rule for businesses: 10.95 % a year, which is 0.30 a day on 1,000."""
        rule = cls.env["dunning.charge.rule"].create(
            {
                "name": "Test rule",
                "company_id": False,
                "country_ids": [Command.set(cls.land.ids)],
                "series_id": cls.series.id,
                "margin": 9.90,
                "currency_id": cls.company.currency_id.id,
                "tier_ids": [
                    Command.create({"amount_from": start, "amount": amount})
                    for start, amount in tiers
                ],
                **vals,
            }
        )
        if confirm:
            rule.sudo().action_confirm()
        return rule

    @classmethod
    def create_instalments(cls):
        """Create an invoice of 1,000 whose halves are due on 1 and 11 March 2026."""
        term = cls.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 0}),
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 10}),
                ],
            }
        )
        move = cls.create_due_invoice("2026-03-01", 1000.0)
        move.button_draft()
        move.write({"invoice_date": "2026-03-01", "invoice_payment_term_id": term.id})
        move.action_post()
        return move

    def claim(self, move, as_of="2026-03-31"):
        found = move.get_dunning_claim(as_of)
        return found["interest"], found["fixed_sum"]

    def reasons(self, move, as_of="2026-03-31"):
        return [gap["reason"] for gap in move.get_dunning_claim(as_of)["missing"]]

    def case(self):
        """Return the customer's case, brought up to date."""
        self.env["dunning.case.change"]._write_noted()
        self.env["dunning.case.change"]._take()
        return self.env["dunning.case"].search([("partner_id", "=", self.partner_a.id)])

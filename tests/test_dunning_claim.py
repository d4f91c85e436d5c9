"""What is claimed on an invoice, from when and on which payments (M2, rule 22)."""

from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .claim_case import ClaimCommon

QUIET = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")


@tagged("post_install", "-at_install")
class TestClaim(ClaimCommon):
    def test_m2_a_claim_with_its_parts(self):
        move = self.create_due_invoice("2026-03-01", 1000.0)
        line = move.line_ids.filtered(lambda ln: ln.account_type == "asset_receivable")
        self.assertEqual(
            move.get_dunning_claim("2026-03-31"),
            {
                "currency": self.company.currency_id.name,
                "interest": 9.0,
                "fixed_sum": 40.0,
                "parts": [
                    {
                        "line_id": line.id,
                        "from": date(2026, 3, 2),
                        "to": date(2026, 3, 31),
                        "days": 30,
                        "rate": 10.95,
                        "base": 1000.0,
                        "amount": 9.0,
                    }
                ],
                "missing": [],
            },
        )

    def test_m2_nothing_on_the_due_date(self):
        move = self.create_due_invoice("2026-03-01", 1000.0)
        self.assertEqual(self.claim(move, "2026-03-01"), (0.0, 0.0))
        self.assertEqual(self.claim(move, "2026-03-02"), (0.3, 40.0))

    def test_m2_a_part_payment_lowers_what_bears_interest_from_the_next_day(self):
        move = self.create_due_invoice("2026-03-01", 1000.0)
        self._register_payment(move, amount=400.0, payment_date="2026-03-11")
        bases = [
            (part["days"], part["base"], part["amount"])
            for part in move.get_dunning_claim("2026-03-31")["parts"]
        ]
        self.assertEqual(bases, [(10, 1000.0, 3.0), (20, 600.0, 3.6)])

    def test_m2_paid_late_the_claim_stays(self):
        move = self.create_due_invoice("2026-03-01", 1000.0)
        self._register_payment(move, amount=1000.0, payment_date="2026-03-11")
        self.assertEqual(move.amount_residual, 0.0)
        for as_of in ("2026-03-11", "2026-06-30"):
            self.assertEqual(self.claim(move, as_of), (3.0, 40.0))

    def test_m2_barred_by_time_nothing_is_claimed(self):
        move = self.create_due_invoice("2026-03-01", 1000.0)
        self.rule.sudo().write({"bar_years": 3, "bar_from": "due"})
        self.assertEqual(self.claim(move, "2029-03-01")[1], 40.0)
        self.assertEqual(self.claim(move, "2029-03-02"), (0.0, 0.0))
        self.assertEqual(
            self.reasons(move, "2029-03-02"),
            ["The claim is barred by time: the period of the rule is over."],
        )
        self.rule.sudo().bar_from = "year"
        self.assertEqual(self.claim(move, "2029-12-31")[1], 40.0)
        self.assertEqual(self.claim(move, "2030-01-01"), (0.0, 0.0))

    def test_m2_paid_in_time_there_is_none(self):
        move = self.create_due_invoice("2026-03-01", 1000.0)
        self._register_payment(move, amount=1000.0, payment_date="2026-03-01")
        self.assertEqual(self.claim(move), (0.0, 0.0))

    def test_m2_a_credit_note_lowers_it_from_its_day(self):
        move = self.create_due_invoice("2026-03-01", 1000.0)
        refund = self.create_refund(500.0, "2026-03-11")
        (move | refund).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        ).reconcile()
        self.assertEqual(self.claim(move), (6.0, 40.0))  # 10 × 0.30 + 20 × 0.15

    def test_m2_the_fixed_sum_counts_once_for_all_instalments(self):
        move = self.create_instalments()
        # 30 days × 0.15 and 20 days × 0.15
        self.assertEqual(self.claim(move), (7.5, 40.0))

    def test_m1_the_fixed_sum_goes_by_the_amount_that_is_late(self):
        self.rule.sudo().state = "replaced"
        self.add_rule(tiers=((0, 40), (1000, 70), (10000, 100)))
        for amount, fixed_sum in ((999.99, 40.0), (1000.0, 70.0), (10000.0, 100.0)):
            move = self.create_due_invoice("2026-03-01", amount)
            self.assertEqual(self.claim(move)[1], fixed_sum)

    def test_rule_22_a_half_year_without_a_rate_is_named_and_asks_nothing(self):
        move = self.create_due_invoice("2026-06-20", 1000.0)
        self.assertEqual(self.claim(move, "2026-07-10"), (3.0, 40.0))
        found = move.get_dunning_claim("2026-07-10")["missing"]
        self.assertEqual(
            [(gap["from"], gap["to"]) for gap in found], [(date(2026, 7, 1), date(2026, 7, 10))]
        )
        self.assertIn("no rate is known", found[0]["reason"])
        self.add_rate("2026-07-01", 1.05)
        self.assertEqual(self.claim(move, "2026-07-10"), (6.0, 40.0))
        self.assertEqual(self.reasons(move, "2026-07-10"), [])

    def test_m1_a_rate_fixed_by_the_day_interest_begins(self):
        self.add_rate("2026-07-01", 11.05)
        self.rule.sudo().follows = False
        move = self.create_due_invoice("2026-06-20", 1000.0)
        self.assertEqual(self.claim(move, "2026-07-10")[0], 6.0)
        self.rule.sudo().follows = True
        # ten days at 10.95 % and ten at 20.95 %: 3.00 and 5.7397
        self.assertEqual(self.claim(move, "2026-07-10")[0], 8.74)

    def test_m2_a_payment_without_an_entry_counts_on_its_day(self):
        move = self.create_due_invoice("2026-03-01", 1000.0)
        payment = self.create_payment_on_its_way(move, 1000.0)
        self.assertFalse(payment.move_id)
        self.assertEqual(str(payment.date), "2026-03-09")
        self.assertEqual(self.claim(move), (2.4, 40.0))  # eight days × 0.30

    def test_m2_a_credit_covers_as_much_as_it_is_and_no_more(self):
        moves = [self.create_due_invoice("2026-03-01", 1000.0) for _n in range(3)]
        self.create_refund(1000.0, "2026-03-01")
        self.assertEqual(
            sorted(self.claim(move) for move in moves), [(0.0, 0.0), (9.0, 40.0), (9.0, 40.0)]
        )

    def test_m2_what_is_on_account_counts_as_paid_in_time(self):
        move = self.create_due_invoice("2026-03-01", 1000.0)
        self.create_refund(400.0, "2026-03-20")
        self.assertEqual(self.claim(move), (5.4, 40.0))  # 30 days × 0.18, matched or not
        self.create_refund(600.0, "2026-03-20")
        self.assertEqual(self.claim(move), (0.0, 0.0))

    def test_rule_9_a_reversed_invoice_claims_nothing(self):
        move = self.create_due_invoice("2026-03-01", 1000.0)
        move._reverse_moves([{"date": "2026-03-15", "invoice_date": "2026-03-15"}], cancel=True)
        self.assertEqual(move.payment_state, "reversed")
        self.assertEqual(self.claim(move), (0.0, 0.0))
        self.assertEqual(self.reasons(move), ["The invoice was reversed."])

    def test_m2_a_write_off_settles_the_principal_whatever_the_rule(self):
        self.rule.sudo().set_off = "costs"
        move = self.create_due_invoice("2026-03-01", 1000.0)
        receivable = self.partner_a.property_account_receivable_id
        entry = self.env["account.move"].create(
            {
                "date": "2026-03-11",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": receivable.id,
                            "partner_id": self.partner_a.id,
                            "credit": 1000.0,
                        }
                    ),
                    Command.create(
                        {
                            "account_id": self.company_data["default_account_expense"].id,
                            "debit": 1000.0,
                        }
                    ),
                ],
            }
        )
        entry.action_post()
        (move | entry).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        ).reconcile()
        self.assertEqual(self.claim(move, "2026-03-31"), (3.0, 40.0))
        self.assertEqual(self.claim(move, "2026-12-31"), (3.0, 40.0))

    def test_m2_an_instalment_below_zero_lowers_the_others(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "1,000 now",
                "line_ids": [
                    Command.create({"value": "fixed", "value_amount": 1000.0, "nb_days": 0}),
                    Command.create({"value": "percent", "value_amount": 100, "nb_days": 10}),
                ],
            }
        )
        move = self._create_invoice_one_line(
            price_unit=800.0,
            tax_ids=[],
            partner_id=self.partner_a,
            invoice_date="2026-03-01",
            invoice_payment_term_id=term.id,
            post=True,
        )
        lines = move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        self.assertEqual(sorted(lines.mapped("balance")), [-200.0, 1000.0])
        self.assertEqual(self.claim(move)[0], 7.2)  # 30 days × 0.24

    def test_m1_after_the_first_reminder(self):
        self.rule.sudo().begins = "reminder"
        self.partner_a.email = "a@customer.example"
        move = self.create_due_invoice("2026-03-01", 1000.0)
        self.assertEqual(self.claim(move), (0.0, 0.0))
        self.assertIn("first reminder", self.reasons(move)[0])
        self.execute("2026-03-11")
        line = self.env["dunning.reminder.line"].search([("move_id", "=", move.id)]).sudo()
        line.effective_date = "2026-03-11"
        self.assertEqual(self.claim(move), (6.0, 40.0))  # from 12 to 31 March

    def test_what_is_no_invoice_says_so(self):
        bill = self.init_invoice("in_invoice", post=True, amounts=[100.0])
        draft = self._create_invoice_one_line(price_unit=10.0, partner_id=self.partner_a)
        for move in (bill, draft):
            self.assertEqual(self.claim(move), (0.0, 0.0))
            self.assertEqual(
                self.reasons(move), ["Late payment is charged on posted customer invoices only."]
            )

    def test_a_day_that_is_none_is_refused(self):
        move = self.create_due_invoice("2026-03-01", 1000.0)
        for value in ("tomorrow", "2026-13-01", "9999-12-31", "0001-01-01", 7, [1]):
            with self.assertRaisesRegex(UserError, "not a day"):
                move.get_dunning_claim(value)

    def test_m1_a_reminder_counts_on_the_day_it_left_and_if_it_was_about_the_line(self):
        self.rule.sudo().begins = "reminder"
        self.partner_a.email = "a@customer.example"
        move = self.create_due_invoice("2026-03-01", 1000.0)
        self.execute("2026-03-11")
        line = self.env["dunning.reminder.line"].search([("move_id", "=", move.id)]).sudo()
        for vals in (
            {"effective_date": False},
            {"effective_date": "2026-02-28"},  # before it was due
            {"effective_date": "2026-03-11", "counts": False},
            {"effective_date": "2026-03-11", "counts": True, "drop_reason": "dispute"},
        ):
            line.write(vals)
            self.assertEqual(self.claim(move), (0.0, 0.0), vals)
        line.write({"effective_date": "2026-03-21", "drop_reason": False})
        self.assertEqual(self.claim(move), (3.0, 40.0))  # from 22 to 31 March


@tagged("post_install", "-at_install")
class TestClaimCurrency(ClaimCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_currency("XAF", rounding=1.0, rates=[("2026-03-01", 600.0)])

    def test_m2_interest_is_in_the_invoice_s_currency_and_the_fixed_sum_is_not_guessed(self):
        move = self.create_due_invoice("2026-03-01", 100000.0, currency_id=self.other.id)
        found = move.get_dunning_claim("2026-03-31")
        self.assertEqual((found["currency"], found["interest"]), ("XAF", 900.0))
        self.assertEqual(found["fixed_sum"], 0.0)
        self.assertIn("not converted from USD into XAF", found["missing"][0]["reason"])

    def test_m2_converted_at_the_rate_of_the_day_the_rule_names(self):
        move = self.create_due_invoice("2026-03-01", 100000.0, currency_id=self.other.id)
        self.rule.sudo().conversion = "first_day"
        self.assertEqual(self.claim(move), (900.0, 24000.0))
        self.rule.sudo().conversion = "month_before"  # 28 February: no rate of about then
        found = move.get_dunning_claim("2026-03-31")
        self.assertEqual(found["fixed_sum"], 0.0)
        self.assertIn("No rate of the day converts", found["missing"][0]["reason"])


@tagged("post_install", "-at_install")
class TestClaimDoors(ClaimCommon):
    @mute_logger(*QUIET)
    def test_rule_19_who_does_not_work_with_dunning_is_refused(self):
        move = self.create_due_invoice("2026-03-01", 1000.0)
        biller = self.create_user("claim_biller", groups="account.group_account_invoice")
        clerk = self.create_user("claim_clerk", "dunning_group_user")
        for method in ("get_dunning_claim", "get_dunning_claim_page"):
            with self.assertRaises(AccessError):
                getattr(move.with_user(biller), method)()
        self.assertEqual(self.claim(move.with_user(clerk)), (9.0, 40.0))

    def test_m3_the_page_shows_it_only_if_the_program_computes_it(self):
        move = self.create_due_invoice("2026-03-01", 1000.0)
        self.assertFalse(move.get_dunning_claim_page())
        self.program.charge_compute = True
        page = move.get_dunning_claim_page()
        self.assertEqual([rule["name"] for rule in page["rules"]], ["Test rule"])
        self.assertTrue(page["total"])

    def test_rule_22_a_missing_rate_is_asked_for_once_a_half_year(self):
        self.create_due_invoice("2026-03-01", 1000.0)
        for day in ("2026-07-02", "2026-07-03"):
            self.company._dunning_ask_for_rates(date.fromisoformat(day))
        self.assertFalse(self.program.activity_ids)  # nothing is computed
        self.program.charge_compute = True
        self.company._dunning_ask_for_rates(date(2026, 7, 1))
        self.assertFalse(self.program.activity_ids)
        for day in ("2026-07-02", "2026-07-03"):
            self.company._dunning_ask_for_rates(date.fromisoformat(day))
        activity = self.program.activity_ids
        self.assertEqual(activity.summary, "Enter the reference rates from 07/01/2026")
        self.assertIn("Test rate", activity.note)
        self.add_rate("2027-01-01", 1.0)
        self.company._dunning_ask_for_rates(date(2027, 1, 2))
        self.assertEqual(len(self.program.activity_ids), 1)

    def test_twenty_customers_take_no_more_queries_than_one(self):
        moves = []
        for number in range(20):
            partner = self.partner_a.copy({"name": f"Customer {number}"})
            moves.append(self.create_due_invoice("2026-03-01", 1000.0, partner))
        lines = (
            self.env["account.move"]
            .union(*moves)
            .line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        )
        day = date(2026, 3, 31)
        counts = []
        for found in (lines[:1], lines):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found._dunning_compute_claims(self.company, day)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertGreaterEqual(counts[0], counts[1])

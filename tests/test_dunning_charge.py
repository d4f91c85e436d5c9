"""Claims become invoices: each amount once, given back with the invoice (M3, rule 2)."""

from datetime import date

from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_dunning_claim_told import ClaimToldCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-31 09:00:00")
class TestCharge(ClaimToldCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.move = cls.create_due_invoice("2026-03-01", 1000.0)
        cls.clerk = cls.create_user("charging", "dunning_group_user")

    def charge(self, moves=None, **settings):
        self.company.write(settings)
        moves = (moves or self.move).with_user(self.clerk)
        action = moves.action_dunning_charge()
        return self.env["account.move"].browse(action["res_id"])

    def left(self, day="2026-03-31"):
        claims = self.env["dunning.claim"]._prepare_claims(
            self.company, self.move, date.fromisoformat(day)
        )
        return round(sum(claim.get("amount", 0.0) for claim in claims), 2)

    def test_m3_booked_as_an_invoice_of_its_own_without_tax(self):
        charge = self.charge()
        self.assertEqual((charge.state, charge.move_type), ("draft", "out_invoice"))
        self.assertEqual(charge.partner_id, self.partner_a)
        self.assertEqual(charge.invoice_origin, self.move.name)
        self.assertEqual(
            [
                (line.name, line.price_subtotal, line.tax_ids.ids)
                for line in charge.invoice_line_ids
            ],
            [
                (
                    f"Interest for late payment of {self.move.name}, 03/02/2026 to 03/31/2026",
                    9.0,
                    [],
                ),
                (f"Fixed sum for late payment of {self.move.name}", 40.0, []),
            ],
        )
        self.assertEqual(charge.amount_total, 49.0)
        self.assertEqual(self.left(), 0.0)

    def test_m3_nothing_is_booked_twice(self):
        self.charge()
        with self.assertRaisesRegex(UserError, "Nothing is left to charge"):
            self.charge()
        # ten days later only their interest: the fixed sum counts once
        self.assertEqual(self.left("2026-04-10"), 3.0)

    def test_m3_the_database_refuses_the_same_booking_twice(self):
        charge = self.charge()
        booked = self.env["dunning.claim"].sudo().search([("charge_move_id", "=", charge.id)])
        with (
            self.assertRaises(UniqueViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            booked[:1].copy()
            self.env.flush_all()

    def test_m3_deleted_cancelled_or_reversed_it_is_given_back(self):
        charge = self.charge()
        charge.invoice_line_ids.sorted("id")[1].unlink()
        self.assertEqual(self.left(), 40.0)
        charge.unlink()
        self.assertEqual(self.left(), 49.0)
        charge = self.charge()
        charge.button_cancel()
        self.assertEqual(self.left(), 49.0)
        charge = self.charge()
        charge.action_post()
        self.assertEqual(self.left(), 0.0)
        charge._reverse_moves(cancel=True)
        self.assertEqual(charge.payment_state, "reversed")
        self.assertEqual(self.left(), 49.0)
        self.assertEqual(self.charge().amount_total, 49.0)

    def test_m3_reversed_and_corrected_the_copy_charges_it(self):
        charge = self.charge()
        charge.action_post()
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=charge.ids
        )
        wizard = wizard.create({"journal_id": charge.journal_id.id, "reason": "Address"})
        copied = self.env["account.move"].browse(wizard.modify_moves()["res_id"])
        self.assertEqual((copied.state, copied.amount_total), ("draft", 49.0))
        self.assertEqual(len(copied.dunning_claim_ids), 2)
        self.assertEqual(self.left(), 0.0)

    def test_m3_a_cancelled_one_does_not_come_back_beside_another(self):
        first = self.charge()
        first.button_cancel()
        second = self.charge()
        with self.assertRaisesRegex(UserError, "charges more than is left to claim"):
            first.button_draft()
        second.button_cancel()
        first.button_draft()
        self.assertEqual(self.left(), 0.0)

    def test_m3_the_next_one_does_not_name_days_that_were_charged(self):
        self.charge()
        with freeze_time("2026-04-10 09:00:00"):
            charge = self.charge()
        self.assertEqual(
            charge.invoice_line_ids.mapped(lambda line: (line.name, line.price_subtotal)),
            [
                (
                    f"Interest for late payment of {self.move.name} up to 04/10/2026, less what "
                    "was charged or waived before",
                    3.0,
                )
            ],
        )

    def test_rule_22_after_a_booking_payments_settle_the_principal(self):
        """Costs first would take from the payment what was paid with the other invoice."""
        self.rule.sudo().set_off = "costs"
        charge = self.charge()
        charge.action_post()
        self._register_payment(charge, payment_date="2026-03-31")
        self._register_payment(self.move, amount=500.0, payment_date="2026-03-31")
        # 31 March to 10 April: ten days of 0.15
        self.assertEqual(self.left("2026-04-10"), 1.5)

    def test_m3_what_was_waived_is_not_booked(self):
        self.env["dunning.waiver"].create(
            {"move_id": self.move.id, "share": "half", "reason": "Agreed by phone"}
        )
        charge = self.charge()
        self.assertEqual(charge.invoice_line_ids.sorted("id").mapped("price_subtotal"), [4.5, 20.0])
        self.assertEqual(self.left(), 0.0)

    def test_m3_booked_then_paid_together_with_the_invoice(self):
        charge = self.charge()
        charge.action_post()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=(self.move | charge).ids
        ).create({"group_payment": True, "payment_date": "2026-03-31"})._create_payments()
        self.assertEqual((self.move | charge).mapped("amount_residual"), [0.0, 0.0])
        # late, but booked: nothing is left
        self.assertEqual(self.left("2026-06-30"), 0.0)

    def test_m3_no_interest_on_interest(self):
        charge = self.charge()
        charge.action_post()
        claim = charge.get_dunning_claim("2026-12-31")
        self.assertEqual((claim["interest"], claim["fixed_sum"]), (0.0, 0.0))
        self.assertEqual(
            [gap["reason"] for gap in claim["missing"]],
            ["This invoice charges for late payment: nothing is claimed on it."],
        )

    def test_m3_what_was_booked_is_reminded_unless_switched_off(self):
        self.assertFalse(self.charge().dunning_choice)
        self.move = self.create_due_invoice("2026-03-01", 500.0)
        self.assertEqual(self.charge(dunning_charge_remind=False).dunning_choice, "never")

    def test_m3_journal_product_account_and_tax_by_setting(self):
        journal = self.company_data["default_journal_sale"].copy({"code": "LATE"})
        account = self.company_data["default_account_revenue"].copy({"code": "770099"})
        charge = self.charge(
            dunning_charge_journal_id=journal.id,
            dunning_charge_account_id=account.id,
            dunning_charge_product_id=self.product_a.id,
            dunning_charge_tax_id=self.tax_sale_a.id,
        )
        self.assertEqual(charge.journal_id, journal)
        lines = charge.invoice_line_ids
        self.assertEqual(lines.account_id, account)
        self.assertEqual(lines.product_id, self.product_a)
        self.assertEqual(lines.tax_ids, self.tax_sale_a)
        self.assertEqual(sum(lines.mapped("price_subtotal")), 49.0)

    def test_m3_as_lines_of_the_next_draft_invoice(self):
        draft = self._create_invoice_one_line(
            price_unit=200.0, tax_ids=[], partner_id=self.partner_a
        )
        charge = self.charge(dunning_charge_target="next")
        self.assertEqual(charge, draft)
        self.assertEqual(charge.amount_total, 249.0)
        self.assertEqual(self.left(), 0.0)

    def test_m3_one_invoice_for_each_customer_and_currency(self):
        euro = self.setup_other_currency("EUR")
        moves = self.move | self.create_due_invoice("2026-03-11", 500.0)
        moves |= self.create_due_invoice("2026-03-01", 1000.0, currency_id=euro.id)
        action = moves.with_user(self.clerk).action_dunning_charge()
        charges = self.env["account.move"].search(action["domain"])
        found = {charge.currency_id.name: charge.amount_total for charge in charges}
        # 9.00 + 40.00 + 20 days of 0.15 + 40.00; no fixed sum in euros: it is not converted
        self.assertEqual(found, {"USD": 92.0, "EUR": 9.0})

    def test_rule_15_who_cannot_be_charged_stops_nobody_else(self):
        self.partner_b.write({"is_company": True, "country_id": self.land.id})
        moves = self.move | self.create_due_invoice("2026-03-01", 500.0, partner=self.partner_b)
        # of 4.00 this tax is below a cent, of 40.00 it is not
        self.company.dunning_charge_tax_id = self.env["account.tax"].create(
            {"name": "Included", "amount": 0.1, "price_include_override": "tax_included"}
        )
        self.env["dunning.waiver"].create(
            {
                "move_id": self.move.id,
                "share": "part",
                "interest": 5.0,
                "fixed_sum": 40.0,
                "reason": "Agreed",
            }
        )
        action = moves.with_user(self.clerk).action_dunning_charge()
        self.assertEqual(action["params"]["type"], "warning")
        self.assertIn(self.partner_b.name, action["params"]["message"])
        self.assertIn("cannot be booked as", action["params"]["message"])
        charge = self.env["account.move"].browse(action["params"]["next"]["res_id"])
        self.assertEqual((charge.partner_id, charge.amount_total), (self.partner_a, 4.0))
        with self.assertRaisesRegex(UserError, f"{self.partner_b.name}: .*cannot be booked as"):
            moves.with_user(self.clerk).action_dunning_charge()

    def test_m3_neither_defaults_of_a_list_nor_those_of_the_user_reach_it(self):
        self.env["ir.default"].set("account.move", "narration", "Mine", user_id=self.clerk.id)
        listed = self.move.with_user(self.clerk).with_context(
            default_move_type="out_refund", default_narration="Of the list"
        )
        charge = self.env["account.move"].browse(listed.action_dunning_charge()["res_id"])
        self.assertEqual((charge.move_type, charge.narration), ("out_invoice", False))

    def test_m3_a_consumer_is_refused_with_the_reason(self):
        self.partner_a.dunning_debtor_kind = "consumer"
        with self.assertRaisesRegex(UserError, "No rule is in use for Belgium: Consumers."):
            self.charge()

    def test_m3_who_does_not_work_with_dunning_may_neither_charge_nor_waive(self):
        biller = self.create_user("only_billing", "account.group_account_invoice")
        for name in ("action_dunning_charge", "action_dunning_waive"):
            with self.subTest(name), self.assertRaises(AccessError):
                getattr(self.move.with_user(biller), name)()

    def test_m3_never_for_a_day_to_come(self):
        with self.assertRaisesRegex(UserError, "cannot be booked as of a future date"):
            self.env["dunning.claim"]._book(self.company, self.move, date(2026, 4, 1))

    def test_m3_both_instalments_of_an_invoice(self):
        self.move = self.create_instalments()
        charge = self.charge()
        # 30 days of 0.15 and the fixed sum, 20 days of 0.15
        self.assertEqual(sorted(charge.invoice_line_ids.mapped("price_subtotal")), [3.0, 4.5, 40.0])
        self.assertEqual(self.left(), 0.0)

    def test_m3_a_level_books_what_it_asked_for(self):
        for choice, state in (("draft", "draft"), ("post", "posted")):
            with self.subTest(choice), self.env.cr.savepoint() as savepoint:
                self.program.level_ids.charge_book = choice
                reminder = self.tell("2026-03-31")
                self.assertFalse(reminder.claim_ids.charge_move_id)
                self.send(reminder, "2026-03-31")
                charge = self.env["account.move"].search([("dunning_claim_ids", "!=", False)])
                self.assertEqual((charge.state, charge.amount_total), (state, 49.0))
                self.assertEqual(reminder.state, "sent")
                # the message keeps what it told
                self.assertEqual([claim.amount for claim in reminder.claim_ids], [49.0])
                self.assertEqual(self.left(), 0.0)
                savepoint.rollback()

    def test_m3_a_message_taken_back_takes_its_draft_along(self):
        self.program.level_ids.charge_book = "draft"
        reminder = self.tell("2026-03-31")
        self.send(reminder, "2026-03-31")
        self.assertEqual(self.left(), 0.0)
        reminder.action_cancel()
        self.assertEqual(reminder.state, "reversed")
        self.assertFalse(self.env["account.move"].search([("dunning_claim_ids", "!=", False)]))
        self.assertEqual(self.left(), 49.0)

    def test_m3_posted_for_a_message_taken_back_asks_a_person(self):
        self.program.level_ids.charge_book = "post"
        reminder = self.tell("2026-03-31")
        self.send(reminder, "2026-03-31")
        reminder.action_cancel()
        self.assertEqual(self.left(), 0.0)
        self.assertIn("Charged for a message", str(reminder.run_id.activity_ids.note))

    def test_m3_a_level_leaves_the_drafts_of_others_alone(self):
        self.company.dunning_charge_target = "next"
        draft = self._create_invoice_one_line(
            price_unit=200.0, tax_ids=[], partner_id=self.partner_a
        )
        self.program.level_ids.charge_book = "post"
        reminder = self.tell("2026-03-31")
        self.send(reminder, "2026-03-31")
        self.assertEqual((draft.state, draft.amount_total), ("draft", 200.0))
        charge = self.env["account.move"].search([("dunning_claim_ids", "!=", False)])
        self.assertEqual((charge.state, charge.amount_total), ("posted", 49.0))

    def test_m3_no_more_is_booked_than_the_message_told(self):
        self.program.level_ids.charge_book = "draft"
        reminder = self.tell("2026-03-31")
        with freeze_time("2026-04-10 09:00:00"):
            reminder.sudo()._set_sent(date(2026, 4, 10))
        charge = self.env["account.move"].search([("dunning_claim_ids", "!=", False)])
        self.assertEqual(charge.amount_total, 49.0)

    def test_m3_one_activity_a_run_however_many_bookings_fail(self):
        self.program.level_ids.charge_book = "post"
        self.partner_b.write({"is_company": True, "country_id": self.land.id})
        self.create_due_invoice("2026-03-01", 500.0, partner=self.partner_b)
        self.company_data["default_journal_sale"].active = False
        reminders = self.queue("2026-03-31")
        self.assertEqual(len(reminders), 2)
        with mute_logger("odoo.addons.account_recurrence_dunning.models.common.isolation"):
            self.send(reminders, "2026-03-31")
        self.assertEqual(len(reminders.run_id.activity_ids), 1)

    def test_m3_a_program_that_computes_nothing_is_charged_by_the_invoice_only(self):
        other = self.program.copy({"name": "Quiet", "charge_compute": False})
        quiet = self.create_due_invoice("2026-03-01", 500.0)
        quiet.dunning_program_id = other
        case = self.case()
        self.assertEqual(case.charge_text.replace("\N{NO-BREAK SPACE}", " "), "$ 49.00")
        charge = self.env["account.move"].browse(
            case.with_user(self.clerk).action_charge()["res_id"]
        )
        self.assertEqual(charge.invoice_origin, self.move.name)

    def test_m3_a_booking_that_fails_stops_no_reminder(self):
        self.program.level_ids.charge_book = "post"
        self.company_data["default_journal_sale"].active = False
        reminder = self.tell("2026-03-31")
        with mute_logger("odoo.addons.account_recurrence_dunning.models.common.isolation"):
            self.send(reminder, "2026-03-31")
        self.assertEqual(reminder.state, "sent")
        self.assertEqual(
            reminder.run_id.activity_ids.mapped("summary"),
            ["Check how interest and fixed sums are booked"],
        )

"""What was booked or waived of a claim is asked for once, whatever happens to it later (M3, M4)."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_dunning_claim_told import ClaimToldCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-31 09:00:00")
class TestClaimSettled(ClaimToldCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.move = cls.create_due_invoice("2026-03-01", 1000.0)

    def charge(self):
        return self.env["account.move"].browse(self.move.action_dunning_charge()["res_id"])

    def waive(self, **vals):
        vals = {"move_id": self.move.id, "reason": "Agreed", **vals}
        return self.env["dunning.waiver"].create(vals)

    def left(self, day="2026-03-31"):
        claims = self.env["dunning.claim"]._prepare_claims(
            self.company, self.move, date.fromisoformat(day)
        )
        return (
            round(sum(claim["interest_due"] for claim in claims), 2),
            round(sum(claim["fixed_sum_due"] for claim in claims), 2),
        )

    # === REVERSED OR NOT === #

    def test_m3_a_charge_settled_with_other_goods_returned_stays_charged(self):
        """Odoo calls it reversed, as whatever credit notes alone settled."""
        charge = self.charge()
        charge.action_post()
        credit = self.create_refund(49.0, "2026-03-31")
        lines = (charge | credit).line_ids
        lines.filtered(lambda line: line.account_type == "asset_receivable").reconcile()
        self.assertEqual(charge.payment_state, "reversed")
        self.assertEqual(self.left(), (0.0, 0.0))

    def test_m3_reversed_in_part_it_stays_charged(self):
        charge = self.charge()
        charge.action_post()
        own = charge._reverse_moves([{"invoice_date": charge.invoice_date}])
        own.invoice_line_ids[1].unlink()
        own.action_post()
        credit = self.create_refund(40.0, "2026-03-31")
        lines = (charge | own | credit).line_ids
        lines.filtered(lambda line: line.account_type == "asset_receivable").reconcile()
        self.assertEqual(charge.payment_state, "reversed")
        self.assertEqual(self.left(), (0.0, 0.0))

    def test_m3_of_two_cancelled_charges_one_comes_back(self):
        first = self.charge()
        first.button_cancel()
        second = self.charge()
        second.button_cancel()
        first.button_draft()
        with self.assertRaisesRegex(UserError, "charges more than is left to claim"):
            second.button_draft()

    def test_m4_a_cancelled_charge_does_not_come_back_after_a_waiver(self):
        charge = self.charge()
        charge.button_cancel()
        waiver = self.waive()
        with self.assertRaisesRegex(UserError, "charges more than is left to claim"):
            charge.button_draft()
        waiver.action_withdraw()
        charge.button_draft()
        self.assertEqual(self.left(), (0.0, 0.0))

    def test_m3_the_corrected_copy_is_reminded_as_the_charge_was(self):
        self.company.dunning_charge_remind = False
        charge = self.charge()
        charge.action_post()
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=charge.ids
        )
        wizard = wizard.create({"journal_id": charge.journal_id.id, "reason": "Address"})
        copied = self.env["account.move"].browse(wizard.modify_moves()["res_id"])
        self.assertEqual((charge.dunning_choice, copied.dunning_choice), ("never", "never"))

    # === INTEREST AFTER IT === #

    def test_m3_interest_that_was_booked_bears_none_itself(self):
        """1,000 from 2 March 2025: 109.50 in the first year, booked a day before it is added."""
        self.add_rate("2025-01-01", 1.05)
        self.add_rate("2025-07-01", 1.05)
        self.rule.sudo().compounds = True
        self.move = self.create_due_invoice("2025-03-01", 1000.0)
        # 31 days of 2 to 31 March 2026 on 1,109.50: 30 × 0.33285 = 9.99 beside 109.50
        self.assertEqual(self.left(), (119.49, 40.0))
        self.charge()
        # ten days of 0.30
        self.assertEqual(self.left("2026-04-10"), (3.0, 0.0))

    def test_m4_a_waiver_changes_nothing_of_the_days_before_it(self):
        self.rule.sudo().set_off = "interest"
        self._register_payment(self.move, amount=500.0, payment_date="2026-03-11")
        # ten days of 0.30 are paid first: 503.00 stay, of which 20 days bear 0.1509
        self.assertEqual(self.left(), (6.02, 40.0))
        waiver = self.waive()
        self.assertEqual((waiver.interest, waiver.fixed_sum), (6.02, 40.0))
        self.assertEqual(self.left(), (0.0, 0.0))
        # from then on what the books show as open bears interest: ten days of 0.15
        self.assertEqual(self.left("2026-04-10"), (1.5, 0.0))

    def test_m3_a_booking_is_no_difference_to_what_was_told(self):
        self.rule.sudo().set_off = "interest"
        self._register_payment(self.move, amount=500.0, payment_date="2026-03-11")
        reminder = self.tell("2026-03-31")
        self.charge()
        self.assertEqual(reminder.claim_ids.mapped("difference_text"), [False])

    def test_m4_half_of_it_and_none_later(self):
        self.waive(share="half", includes_later=True)
        self.assertEqual(self.left(), (4.5, 20.0))
        self.assertEqual(self.left("2026-04-10"), (4.5, 20.0))

    def test_m4_none_of_it_but_what_runs_on(self):
        self.waive(share="part", interest=0.0, fixed_sum=40.0, includes_later=True)
        self.assertEqual(self.left("2026-04-10"), (9.0, 0.0))

    # === BOOKED FOR A MESSAGE === #

    def test_m3_a_level_books_no_part_that_its_message_did_not_tell(self):
        """The rate was confirmed after the message was written."""
        self.program.level_ids.charge_book = "post"
        rate = self.env["dunning.rate"].search([("series_id", "=", self.series.id)])
        rate.sudo().state = "replaced"
        reminder = self.tell("2026-03-31")
        self.assertEqual(reminder.claim_ids.mapped("amount"), [40.0])
        self.add_rate("2026-01-01", 1.05)
        reminder.sudo()._set_sent(date(2026, 3, 31))
        charge = self.env["account.move"].search([("dunning_claim_ids", "!=", False)])
        self.assertEqual(charge.amount_total, 40.0)
        self.assertEqual(self.left(), (9.0, 0.0))

    def test_m3_a_message_can_be_taken_back_while_its_charge_is_corrected(self):
        self.program.level_ids.charge_book = "post"
        reminder = self.tell("2026-03-31")
        self.send(reminder, "2026-03-31")
        charge = self.env["account.move"].search([("dunning_claim_ids", "!=", False)])
        charge.button_draft()
        reminder.action_cancel()
        self.assertEqual(reminder.state, "reversed")
        self.assertTrue(charge.exists())
        self.assertIn("Charged for a message", str(reminder.run_id.activity_ids.note))

    def test_m3_the_next_draft_is_none_that_was_posted_or_made_for_a_message(self):
        self.company.dunning_charge_target = "next"
        corrected = self._create_invoice_one_line(
            price_unit=200.0, tax_ids=[], partner_id=self.partner_a, post=True
        )
        corrected.button_draft()
        self.program.level_ids.charge_book = "draft"
        reminder = self.tell("2026-03-31")
        self.send(reminder, "2026-03-31")
        made = self.env["account.move"].search([("dunning_claim_ids", "!=", False)])
        self.move = self.create_due_invoice("2026-03-11", 500.0)
        charge = self.charge()
        self.assertNotIn(charge, corrected | made)

    def test_rule_15_a_failed_booking_is_told_beside_other_troubles(self):
        self.program.level_ids.charge_book = "post"
        reminder = self.tell("2026-03-31")
        self.send(reminder, "2026-03-31")
        run = reminder.run_id
        run.activity_schedule("mail.mail_activity_data_warning", summary="Something else")
        reminder.action_cancel()
        self.assertEqual(len(run.activity_ids), 2)
        # and others join the first, of very many some
        for number in range(30):
            reminder.sudo()._tell_of_booking(f"Trouble {number}")
        self.assertEqual(len(run.activity_ids), 2)
        notes = "".join(map(str, run.activity_ids.mapped("note")))
        self.assertIn(f"{self.partner_a.name}: Trouble 18", notes)
        self.assertNotIn("Trouble 19", notes)

    # === ASKED ONCE === #

    def test_rule_2_two_messages_of_a_run_do_not_claim_the_same(self):
        """Instalments of one invoice at two levels, one of which does not count."""
        self.move = self.create_instalments()
        self.level_1.counts = False
        first = self.queue("2026-03-06", moves=self.move)
        self.send(first, "2026-03-06")
        both = self.queue("2026-03-16", moves=self.move)
        self.assertEqual(len(both), 2)
        # 15 days of 0.15, five days of 0.15, and one fixed sum
        self.assertEqual(round(sum(both.claim_ids.mapped("amount")), 2), 43.0)
        first, second = both.sorted("id")
        self.assertEqual(round(sum(first.claim_ids.mapped("amount")), 2), 43.0)
        # the one that asked goes on asking, whatever becomes of the other
        first.sudo()._set_sent(date(2026, 3, 16))
        second.sudo()._renew_claims()
        self.assertFalse(second.claim_ids)
        # where the first one does not reach the customer, the second asks
        first.sudo()._set_bounced("No such address")
        second.sudo()._renew_claims()
        self.assertEqual(round(sum(second.claim_ids.mapped("amount")), 2), 43.0)

    def test_m3_a_message_is_not_sent_again_when_its_charge_was_paid(self):
        self.program.level_ids.charge_book = "post"
        reminder = self.tell("2026-03-31")
        self.send(reminder, "2026-03-31")
        self.assertFalse("".join(reminder.sudo()._find_copy_obstacles().values()))
        charge = self.env["account.move"].search([("dunning_claim_ids", "!=", False)])
        self._register_payment(charge, payment_date="2026-03-31")
        self.assertIn("have been paid", "".join(reminder.sudo()._find_copy_obstacles().values()))

    def test_m3_a_message_is_sent_again_when_nothing_of_its_charge_was_paid(self):
        """Three rests whose sum depends on the order in which floats are added."""
        dues = ("2026-03-01", "2026-03-11", "2026-03-21")
        moves = self.move.union(*[self.create_due_invoice(due, 1000.0) for due in dues])
        charge = moves.action_dunning_charge()
        charge = self.env["account.move"].browse(charge["res_id"])
        charge.action_post()
        self._register_payment(charge, payment_date="2026-03-31")
        with freeze_time("2026-04-10 09:00:00"):
            reminder = self.tell("2026-04-10")
            self.send(reminder, "2026-04-10")
            self.assertTrue(reminder.claim_ids)
            self.assertFalse(reminder._is_charge_paid())

    def test_m3_what_is_on_its_way_is_not_asked_again(self):
        """1,049.00 paid without an entry yet, for 1,000.00 and 49.00."""
        reminder = self.tell("2026-03-31")
        self.send(reminder, "2026-03-31")
        other = self.create_due_invoice("2026-03-21", 100.0)
        self.create_payment_on_its_way(self.move | other, 1149.0)
        self.assertEqual(reminder._get_page_claims("en_US"), [])

    def test_m3_the_page_tells_where_to_pay_what_is_left_of_the_claim(self):
        self.env["res.partner.bank"].create(
            {"acc_number": "BE71096123456769", "partner_id": self.company.partner_id.id}
        )
        reminder = self.tell("2026-03-31")
        self.send(reminder, "2026-03-31")
        self._register_payment(self.move, payment_date="2026-03-31")
        claims = reminder._get_page_claims("en_US")
        self.assertEqual([section["amount"] for section in claims], [49.0])
        (part,) = reminder._get_open_payment_parts([], date(2026, 3, 31), claims)
        self.assertEqual(part["amount"].replace("\N{NO-BREAK SPACE}", " "), "$ 49.00")
        self.assertIn("BE71", part["iban"])


@tagged("post_install", "-at_install")
@freeze_time("2026-03-31 09:00:00")
class TestClaimAsked(ClaimToldCase):
    """What a message asks for in all, and how many rows it takes."""

    def test_rule_9_credits_beyond_what_is_due_lower_the_transfer(self):
        """The 30.00 over were entered after the interest had been told."""
        self.env["res.partner.bank"].create(
            {"acc_number": "BE71096123456769", "partner_id": self.company.partner_id.id}
        )
        self.create_due_invoice("2026-03-01", 1000.0)
        reminder = self.tell("2026-03-31")
        line = reminder.line_ids
        line.sudo().copy({"amount_residual": -1030.0, "kind": "credit", "move_line_id": False})
        (part,) = reminder._get_payment_parts()
        # 1,000.00 + 49.00 - 1,030.00
        self.assertEqual(part["amount"].replace("\N{NO-BREAK SPACE}", " "), "$ 19.00")

    def test_m3_as_many_rows_in_the_message_as_it_has_items_and_all_in_print(self):
        for due in ("2026-03-01", "2026-03-02", "2026-03-03"):
            self.create_due_invoice(due, 1000.0)
        self.company.sudo().dunning_message_items = 2
        reminder = self.tell("2026-03-31")
        self.assertEqual(len(reminder.claim_ids), 3)
        self.assertEqual(len(reminder._get_claim_rows("en_US")), 2)
        printed = reminder._get_claim_rows("en_US", self.company.currency_id)
        self.assertEqual(len(printed), 3)

    def test_m3_invoices_deleted_since_keep_a_row_each(self):
        moves = [self.create_due_invoice(due, 1000.0) for due in ("2026-03-01", "2026-03-02")]
        reminder = self.tell("2026-03-31")
        names = [move.name for move in moves]
        for move in moves:
            move.button_draft()
        self.env["account.move"].union(*moves).with_context(force_delete=True).unlink()
        self.assertFalse(reminder.claim_ids.move_id)
        rows = reminder._get_claim_rows("en_US")
        self.assertEqual(sorted(row["number"] for row in rows), sorted(names))

    def test_m3_a_charge_is_due_at_once_and_lists_invoices_as_they_were_due(self):
        term = self.env.ref("account.account_payment_term_30days")
        self.partner_a.property_payment_term_id = term
        dues = ("2026-03-21", "2026-03-01", "2026-03-11")
        moves = [self.create_due_invoice(due, 1000.0) for due in dues]
        action = self.env["account.move"].union(*moves).action_dunning_charge()
        charge = self.env["account.move"].browse(action["res_id"])
        self.assertEqual(charge.invoice_date_due, date(2026, 3, 31))
        names = [line.name for line in charge.invoice_line_ids if line.name.startswith("Fixed")]
        ordered = [moves[place].name for place in (1, 2, 0)]
        self.assertEqual(names, [f"Fixed sum for late payment of {name}" for name in ordered])

    def test_m3_the_dialog_remind_now_says_what_is_claimed(self):
        move = self.create_due_invoice("2026-03-01", 1000.0)
        action = move.action_dunning_remind()
        dialog = self.env["dunning.remind"].browse(action["res_id"])
        self.assertEqual(dialog.claimed_text.replace("\N{NO-BREAK SPACE}", " "), "$ 49.00")

    def test_m3_the_reminder_opens_what_was_booked_for_it(self):
        self.program.level_ids.charge_book = "draft"
        self.create_due_invoice("2026-03-01", 1000.0)
        reminder = self.tell("2026-03-31")
        self.assertEqual(reminder.charge_count, 0)
        self.send(reminder, "2026-03-31")
        self.assertEqual(reminder.charge_count, 1)
        charge = self.env["account.move"].search([("dunning_claim_ids", "!=", False)])
        clerk = self.create_user("opens_charges", "dunning_group_user")
        self.assertEqual(reminder.with_user(clerk).action_open_charges()["res_id"], charge.id)

    def test_rule_2_who_books_and_who_waives_at_once_meet_on_the_row_of_the_invoice(self):
        """In PostgreSQL's repeatable read only a row that was written makes the other try again."""
        move = self.create_due_invoice("2026-03-01", 1000.0)

        def place():
            self.env.flush_all()
            self.env.cr.execute("SELECT ctid::text FROM account_move WHERE id = %s", [move.id])
            return self.env.cr.fetchone()[0]

        before = place()
        self.env["dunning.waiver"].create({"move_id": move.id, "share": "half", "reason": "Agreed"})
        waived = place()
        self.assertNotEqual(waived, before)
        move.action_dunning_charge()
        self.assertNotEqual(place(), waived)

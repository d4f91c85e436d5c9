from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged

from .common import DunningCommon, DunningMailCommon

PAYMENT_FOUND = (
    "from a bank payment of 03/09/2026 may relate to this due line: match the payment first."
)


@tagged("post_install", "-at_install")
class TestDunningReasonFigures(DunningCommon):
    """Each reason as a clerk reads it in a simulation, with its amounts, days and names."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.email = "a@customer.example"
        cls.clerk = cls.create_user("reason_clerk", "dunning_group_user")
        cls.bank = cls.company_data["default_journal_bank"]

    def simulate(self, day="2026-03-10", **vals):
        run = self.env["dunning.run"].with_user(self.clerk).create({"date": day, **vals})
        run.action_simulate()
        return run

    def assertReason(self, move, reason, text="", decision="skip", **vals):
        """Compare reason and sentence of the decision on the only due line of an invoice."""
        run = self.simulate(**vals)
        line = run.line_ids.filtered(lambda line: line.move_id == move)
        self.assertEqual((line.decision, line.reason), (decision, reason))
        self.assertEqual(line.reason_text.replace("\xa0", " "), text)
        return line

    def bank_line(self, amount, text="", partner=None, **vals):
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": "2026-03-09",
                "amount": amount,
                "payment_ref": text,
                "partner_id": partner and partner.id,
                **vals,
            }
        )

    # === PAYMENTS === #

    def test_reason_payment_found_of_the_customer(self):
        move = self.create_due_invoice("2026-03-01", 100.0)
        bank_line = self.bank_line(100.0, "thank you", self.partner_a)
        text = f"$ 100.00 {PAYMENT_FOUND}"
        line = self.assertReason(move, "payment_found", text)
        action = line.action_open_payment()
        moves = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(moves, bank_line.move_id)

    def test_reason_payment_found_by_the_number_in_its_text(self):
        other = self.create_due_invoice("2026-02-01", 100.0, partner=self.partner_b)
        move = self.create_due_invoice("2026-03-01", 80.0)
        self.bank_line(80.0, f"Transfer {move.name.replace('/', ' ').lower()}, thanks")
        text = f"$ 80.00 {PAYMENT_FOUND}"
        self.assertReason(move, "payment_found", text)
        self.assertEqual(
            self.simulate().line_ids.filtered(lambda ln: ln.move_id == other).reason, "level_due"
        )

    def test_reason_payment_found_reaches_the_oldest_line_only(self):
        first = self.create_due_invoice("2026-02-01", 100.0)
        second = self.create_due_invoice("2026-03-01", 100.0)
        self.bank_line(60.0, "", self.partner_a)
        text = f"$ 60.00 {PAYMENT_FOUND}"
        self.assertReason(first, "payment_found", text)
        line = self.simulate().line_ids.filtered(lambda line: line.move_id == second)
        self.assertEqual(line.decision, "remind")

    def test_reason_payment_found_not_once_it_is_matched_nor_for_money_that_left(self):
        move = self.create_due_invoice("2026-03-01", 100.0)
        self.bank_line(-100.0, move.name, self.partner_a)
        line = self.simulate().line_ids
        self.assertEqual(line.decision, "remind")

    def test_reason_payment_found_in_another_currency(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        move = self.create_due_invoice("2026-03-01", 100.0, currency_id=euro.id)
        self.bank_line(20.0, "", self.partner_a)
        text = f"40.00 € {PAYMENT_FOUND}"
        self.assertReason(move, "payment_found", text)

    def test_reason_covered_by_credit_says_how_much(self):
        move = self.create_due_invoice("2026-03-01", 100.0)
        refund = self.create_refund(120.0)
        text = "Credits and payments on account of $ 120.00 cover it."
        line = self.assertReason(move, "covered_by_credit", text)
        action = line.action_open_payment()
        items = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(items.move_id, move | refund)

    def test_reason_in_payment_says_how_much(self):
        move = self.create_due_invoice("2026-03-01", 100.0)
        self.create_payment_on_its_way(move, 100.0)
        self.assertReason(move, "in_payment", "A payment of $ 100.00 is in process.")

    # === MINIMUM === #

    def test_reason_below_minimum_counts_the_net_of_the_customer(self):
        first = self.create_due_invoice("2026-02-01", 30.0)
        second = self.create_due_invoice("2026-03-01", 25.0)
        self.company.dunning_min_amount = 55.0
        self.assertEqual(set(self.simulate().line_ids.mapped("decision")), {"remind"})
        self.company.dunning_min_amount = 55.01
        text = "The reminder would be for $ 55.00, less than the minimum of $ 55.01."
        self.assertReason(first, "below_minimum", text)
        self.assertReason(second, "below_minimum", text)
        self.company._dunning_refresh_status(date(2026, 3, 10))
        self.assertFalse(second.dunning_next_date)
        self.company.dunning_min_amount = 0
        self.assertEqual(self.simulate().remind_count, 2)

    def test_reason_below_minimum_level_s_own_wins(self):
        move = self.create_due_invoice("2026-03-01", 30.0)
        self.company.dunning_min_amount = 50.0
        self.level_1.min_amount = 20.0
        self.assertEqual(self.simulate().line_ids.decision, "remind")
        self.level_1.min_amount = 31.0
        text = "The reminder would be for $ 30.00, less than the minimum of $ 31.00."
        self.assertReason(move, "below_minimum", text)

    def test_reason_below_minimum_per_currency_at_the_day_s_rate(self):
        """EUR 2 to the dollar: 25.00 dollars are 50.00 euros, and not the other way round."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        foreign = self.create_due_invoice("2026-03-01", 49.0, currency_id=euro.id)
        own = self.create_due_invoice("2026-03-01", 30.0)
        self.company.dunning_min_amount = 25.0
        text = "The reminder would be for 49.00 €, less than the minimum of 50.00 €."
        self.assertReason(foreign, "below_minimum", text)
        line = self.simulate().line_ids.filtered(lambda line: line.move_id == own)
        self.assertEqual(line.decision, "remind")

    def test_reason_below_minimum_shown_on_one_invoice_counts_the_others_too(self):
        first = self.create_due_invoice("2026-03-01", 30.0)
        self.create_due_invoice("2026-03-01", 30.0)
        self.company.dunning_min_amount = 50.0
        facts = self.company._dunning_decide(date(2026, 3, 10), moves=first)
        self.assertEqual([(f.move_id, f.decision.remind) for f in facts], [(first.id, True)])

    def test_reason_below_minimum_does_not_hold_a_person(self):
        move = self.create_due_invoice("2026-03-01", 30.0)
        self.company.dunning_min_amount = 50.0
        run = self.env["dunning.run"]._execute_for(self.company, date(2026, 3, 10), moves=move)
        self.assertEqual(run.line_ids.decision, "remind")

    # === BLOCKS === #

    def test_reason_blocks_say_until_when_and_why(self):
        move = self.create_due_invoice("2026-03-01")
        block = self.env["dunning.block"].create(
            {
                "move_id": move.id,
                "kind": "dispute",
                "reason": "two were broken",
                "date_from": "2026-03-05",
                "date_until": "2026-03-20",
            }
        )
        text = "The customer disputes it. Blocked until 03/20/2026. Note: two were broken"
        self.assertReason(move, "dispute", text)
        block.write({"date_until": False, "reason": False})
        text = "The customer disputes it. Blocked until lifted."
        self.assertReason(move, "dispute", text)

    # === SENDING AND PEOPLE === #

    def test_reason_never_sent_names_the_customer(self):
        move = self.create_due_invoice("2026-03-01", sent=False)
        text = "The invoice was never sent to partner_a."
        self.assertReason(move, "never_sent", text)

    def send(self, move, status, partner=None, day="2026-02-02 10:00:00"):
        message = self.env["mail.message"].create(
            {
                "model": "account.move",
                "res_id": move.id,
                "message_type": "comment",
                "date": day,
                "body": "Your invoice",
            }
        )
        return self.env["mail.notification"].create(
            {
                "mail_message_id": message.id,
                "res_partner_id": (partner or self.partner_a).id,
                "notification_type": "email",
                "notification_status": status,
            }
        )

    def test_reason_bounced_says_when_and_from_where(self):
        move = self.create_due_invoice("2026-03-01")
        self.send(move, "bounce")
        text = "The message of 02/02/2026 with the invoice bounced from a@customer.example."
        self.assertReason(move, "bounced", text)
        self.send(move, "sent", day="2026-02-03 10:00:00")
        self.assertEqual(self.simulate().line_ids.decision, "remind")

    def test_reason_bounced_not_where_another_address_took_it(self):
        move = self.create_due_invoice("2026-03-01")
        failed = self.send(move, "exception")
        contact = self.env["res.partner"].create(
            {"name": "Accounts", "parent_id": self.partner_a.id, "email": "acc@customer.example"}
        )
        self.env["mail.notification"].create(
            {
                "mail_message_id": failed.mail_message_id.id,
                "res_partner_id": contact.id,
                "notification_type": "email",
                "notification_status": "sent",
            }
        )
        self.assertEqual(self.simulate().line_ids.decision, "remind")
        stranger = self.create_due_invoice("2026-03-01", partner=self.partner_b)
        self.send(stranger, "bounce", partner=self.partner_a)
        self.assertEqual(set(self.simulate().line_ids.mapped("decision")), {"remind"})

    def test_reason_direct_debit_of_the_customer(self):
        method = (
            self.env["account.payment.method"]
            .sudo()
            .create({"name": "Debit", "code": "sepa_direct_debit", "payment_type": "inbound"})
        )
        line = self.env["account.payment.method.line"].create(
            {"name": "Debit", "payment_method_id": method.id, "journal_id": self.bank.id}
        )
        move = self.create_due_invoice("2026-03-01")
        self.partner_a.property_inbound_payment_method_line_id = line
        text = "It is collected by direct debit on 03/01/2026."
        self.assertReason(move, "direct_debit", text)

    def test_reason_customer_never_names_the_customer(self):
        move = self.create_due_invoice("2026-03-01")
        self.partner_a.dunning_policy = "never"
        self.assertReason(move, "customer_never", "partner_a is never reminded automatically.")

    def test_reason_before_activation_names_both_days(self):
        move = self.create_due_invoice("2026-01-20", invoice_date="2025-12-31")
        text = "It is dated 12/31/2025, before dunning was activated on 01/01/2026."
        self.assertReason(move, "before_activation", text)

    def test_reason_no_recipient_and_no_address_are_seen_in_the_simulation(self):
        move = self.create_due_invoice("2026-03-01", partner=self.partner_b)
        self.partner_b.email = False
        text = (
            "It will not be delivered: partner_b has no e-mail address. "
            "Level 1 has been due since 03/06/2026."
        )
        line = self.assertReason(move, "level_due", text, decision="remind")
        self.assertEqual(line.warning, "no_address")
        self.program.write(
            {"recipient_second": False, "recipient_third": False, "recipient_fourth": False}
        )
        text = (
            "It will not be delivered: No recipient was found for partner_b. "
            "Level 1 has been due since 03/06/2026."
        )
        line = self.assertReason(move, "level_due", text, decision="remind")
        self.assertEqual(line.warning, "no_recipient")

    # === PROGRAMS, LEVELS, DATABASE === #

    def test_d12_reason_not_in_filter_of_the_program(self):
        small = self.create_due_invoice("2026-03-01", 30.0)
        large = self.create_due_invoice("2026-03-01", 300.0)
        self.program.filter_domain = "[('amount_total', '>', 100)]"
        text = "The filter of Standard program excludes it."
        self.assertReason(small, "not_in_filter", text)
        line = self.simulate().line_ids.filtered(lambda line: line.move_id == large)
        self.assertEqual(line.decision, "remind")

    def test_d12_reason_not_in_filter_of_a_level_passes_it_over(self):
        move = self.create_due_invoice("2026-03-01", 30.0)
        self.level_1.filter_domain = "[('amount_total', '>', 100)]"
        text = "The filter of 1. First reminder excludes it."
        line = self.assertReason(move, "not_in_filter", text)
        self.assertEqual((line.level_id, str(line.next_date)), (self.level_2, "2026-03-16"))
        line = self.simulate("2026-03-16").line_ids
        self.assertEqual((line.decision, line.level_id), ("remind", self.level_2))

    def test_d12_a_broken_filter_is_a_reason_and_stops_nobody_else(self):
        move = self.create_due_invoice("2026-03-01")
        other = self.program.copy({"name": "Other"})
        fine = self.create_due_invoice("2026-03-01", dunning_program_id=other.id)
        # a field goes with its addon after the filter was written
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE dunning_program SET filter_domain = %s WHERE id = %s",
            ["[('field_that_went', '=', 1)]", self.program.id],
        )
        self.env.invalidate_all()
        run = self.simulate()
        by_move = {line.move_id: line for line in run.line_ids}
        self.assertEqual(by_move[move].reason, "filter_broken")
        self.assertIn("Standard program", by_move[move].reason_text)
        self.assertIn("field_that_went", by_move[move].reason_text)
        self.assertEqual(by_move[fine].decision, "remind")

    def test_d12_filters_cost_one_query_each(self):
        for _number in range(3):
            self.create_due_invoice("2026-03-01", 30.0)
        self.program.filter_domain = "[('amount_total', '>', 10)]"
        self.simulate()

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.simulate()
            return self.cr.sql_log_count - before

        few = count()
        for _number in range(20):
            self.create_due_invoice("2026-03-01", 30.0)
        self.simulate()
        self.assertLessEqual(count(), few + 2)

    def test_reason_ladder_done_names_the_last_level(self):
        move = self.create_due_invoice("2026-01-20", invoice_date="2026-01-05")
        move._dunning_apply({"level": 3, "last_date": date(2026, 3, 1)})
        text = "Level 3 of 03/01/2026 was the last level of the program."
        self.assertReason(move, "ladder_done", text)

    def test_reason_level_by_hand_says_what_comes_next(self):
        move = self.create_due_invoice("2026-03-01")
        move._dunning_apply({"level": 1, "last_date": date(2026, 3, 8)})
        text = "Level 1 of 03/08/2026 was set manually: next step on 03/16/2026."
        self.assertReason(move, "level_by_hand", text)

    def test_reason_undelivered_says_since_when(self):
        move = self.create_due_invoice("2026-03-01", partner=self.partner_b)
        self.partner_b.email = False
        self.env["dunning.run"]._execute_for(self.company, date(2026, 3, 6))
        text = "The reminder of 03/06/2026 was not delivered: see Not Delivered."
        self.assertReason(move, "undelivered", text)

    def test_reason_in_progress_says_since_when(self):
        move = self.create_due_invoice("2026-03-01")
        self.env["dunning.run"]._execute_for(self.company, date(2026, 3, 6))
        text = "A reminder of 03/06/2026 has been prepared or is being sent."
        self.assertReason(move, "in_progress", text)

    def test_rule_16_reason_copy_and_moved_database(self):
        move = self.create_due_invoice("2026-03-01")
        here = self.company._get_dunning_home()
        self.company.sudo().dunning_home = "other@billing.example.com"
        text = (
            f"The program is on hold: this database ({here}) may be a copy. Dunning was switched "
            "on in other@billing.example.com."
        )
        self.assertReason(move, "database_copy", text)
        self.company.sudo().dunning_home = f"{self.env.cr.dbname}@old.example.com"
        text = (
            f"The program is on hold: this database is now at {here}, dunning was switched on at "
            f"{self.env.cr.dbname}@old.example.com. A manager must confirm in the settings whether "
            "it was moved."
        )
        self.assertReason(move, "database_moved", text)
        self.env["ir.config_parameter"].sudo().set_param("database.is_neutralized", "True")
        self.assertEqual(self.simulate().line_ids.reason, "database_copy")

    # === THE PLACE ON THE LADDER === #

    def test_d3_a_level_set_by_hand_keeps_its_place_when_levels_are_renumbered(self):
        move = self.create_due_invoice("2026-01-20", invoice_date="2026-01-05")
        move._dunning_apply({"level": 2, "last_date": date(2026, 2, 10)})
        line = move.line_ids.filtered(lambda ln: ln.account_type == "asset_receivable")
        self.assertEqual((line.dunning_level, line.dunning_level_days), (2, 15))
        # A level at 10 days comes in between: what stands at 15 days is number 3 from now on.
        self.env["dunning.level"].create(
            {"program_id": self.program.id, "name": "Between", "days": 10}
        )
        self.assertEqual(self.level_2.number, 3)
        decided = self.simulate().line_ids
        self.assertEqual((decided.decision, decided.level_id), ("remind", self.level_3))

    def test_d3_a_line_that_was_never_reminded_has_no_days(self):
        self.create_due_invoice("2026-03-01")
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT count(*) FROM account_move_line WHERE dunning_level_days IS NOT NULL"
            " AND dunning_level > 0"
        )
        self.assertEqual(self.env.cr.fetchone(), (0,))


@tagged("post_install", "-at_install")
class TestDunningReasonWithdrawn(DunningMailCommon):
    """What a withdrawn reminder leaves is not said to be set by somebody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.email = "us@example.com"
        cls.partner_a.email = "a@customer.example"
        cls.clerk = cls.create_user("withdrawing_clerk", "dunning_group_user")
        cls.move = cls.create_due_invoice("2026-02-01")

    def setUp(self):
        super().setUp()
        self.execute("2026-02-06")
        self.execute("2026-02-16")

    def withdraw(self, number, day):
        reminders = self.env["dunning.reminder"].search([("level_id.number", "=", number)])
        with freeze_time(f"{day} 10:00:00"):
            reminders.with_user(self.clerk).action_cancel()

    def get_reason(self):
        run = self.env["dunning.run"].with_user(self.clerk).create({"date": "2026-02-19"})
        run.action_simulate()
        line = run.line_ids.filtered(lambda line: line.move_id == self.move)
        return line.reason, line.reason_text

    def test_it_says_who_withdrew_it_and_when(self):
        self.withdraw(2, "2026-02-17")
        self.level_2.gap = 14
        self.assertEqual(self.move.dunning_level, 1)
        text = (
            f"{self.clerk.name} withdrew a reminder on 02/17/2026, level 1 stands: next step on "
            "02/20/2026."
        )
        self.assertEqual(self.get_reason(), ("withdrawn", text))

    def test_it_says_so_too_where_a_lower_one_was_withdrawn(self):
        self.withdraw(1, "2026-02-18")
        text = (
            f"{self.clerk.name} withdrew a reminder on 02/18/2026, level 2 stands: next step on "
            "03/03/2026."
        )
        self.assertEqual(self.get_reason(), ("withdrawn", text))

    def test_a_level_set_manually_later_is_said_to_be(self):
        self.withdraw(2, "2026-02-17")
        self.move._dunning_apply({"level": 2, "last_date": date(2026, 2, 18)})
        text = "Level 2 of 02/18/2026 was set manually: next step on 03/04/2026."
        self.assertEqual(self.get_reason(), ("level_by_hand", text))

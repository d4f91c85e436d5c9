import base64
import io
from datetime import date

from freezegun import freeze_time
from openpyxl import load_workbook

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .common import DunningMailCommon

MODULE = "account_recurrence_dunning"
DAY = "2026-03-10"


@tagged("post_install", "-at_install")
@freeze_time(f"{DAY} 09:00:00")
class TestStatementByHand(DunningMailCommon, HttpCase):
    """The statement of open items of customers, printed and as a spreadsheet (C1)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = cls.create_user("statement_clerk", "dunning_group_user")
        cls.partner_a.email = "books@customer.example"
        cls.late = cls.create_due_invoice("2026-03-01", 100.0)
        cls.coming = cls.create_due_invoice("2026-04-01", 40.0)

    def get_statements(self, customers=None):
        customers = customers or self.partner_a
        return customers.with_user(self.clerk)._dunning_get_statements()

    def render(self, customers):
        reports = self.env["ir.actions.report"].with_user(self.clerk)
        html, _kind = reports._render_qweb_html(
            f"{MODULE}.dunning_customer_statements_report", customers.ids
        )
        return html.decode()

    def open_dialog(self, customers):
        action = customers.with_user(self.clerk).action_dunning_statement()
        return self.env["dunning.statement.dialog"].with_user(self.clerk).browse(action["res_id"])

    # === WHAT STANDS IN IT === #

    def test_c1_all_that_is_open_stands_in_it_due_or_not(self):
        refund = self.create_refund(30.0)
        lines = self.get_statements()._get_statement_lines()
        self.assertEqual(
            [(ln.move_name, ln.kind, ln.days_late, ln.amount_residual) for ln in lines],
            [
                (self.late.name, "overdue", 9, 100.0),
                (self.coming.name, "overdue", -22, 40.0),
                (refund.name, "credit", 0, -30.0),
            ],
        )

    def test_c1_what_a_payment_in_process_pays_is_not_open(self):
        self.create_payment_on_its_way(self.late, 25.0)
        lines = self.get_statements()._get_statement_lines()
        self.assertEqual(lines.mapped("amount_residual"), [75.0, 40.0])

    def test_c1_a_subtotal_and_the_ageing_of_each_currency(self):
        other = self.setup_other_currency("EUR")
        self.create_due_invoice("2025-11-01", 7.0, currency_id=other.id)
        self.create_refund(30.0)
        statement = self.get_statements()
        tables = {
            currency.name: (float(sum(lines.mapped("amount_residual"))), statement._get_ages(lines))
            for currency, lines in statement._get_statement_lines().grouped("currency_id").items()
        }
        tables = {name: (total, [*map(float, ages)]) for name, (total, ages) in tables.items()}
        self.assertEqual(
            tables,
            {
                "USD": (110.0, [40.0, 100.0, 0.0, 0.0, 0.0, -30.0]),
                "EUR": (7.0, [0.0, 0.0, 0.0, 0.0, 7.0, 0.0]),
            },
        )
        html = self.render(self.partner_a)
        self.assertIn("110.00", html)
        self.assertNotIn("117.00", html)

    def test_c1_thanks_for_what_was_paid_since_the_last_letter(self):
        self.assertNotIn("Thank you", self.render(self.partner_a))
        reminder = self.queue("2026-03-08")
        self.send(reminder, "2026-03-08")
        self.assertEqual(reminder.state, "sent")
        self.assertNotIn("Thank you", self.render(self.partner_a))
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.late.ids
        ).create({"amount": 33.0, "payment_date": "2026-03-09"})._create_payments()
        html = self.render(self.partner_a)
        self.assertIn("Since our last letter you paid", html)
        self.assertIn("33.00", html)

    def test_c1_thanks_for_what_came_in_later_on_the_day_of_the_letter(self):
        self.send(self.queue("2026-03-08"), "2026-03-08")
        self.create_payment_on_its_way(self.late, 25.0)
        payment = self.env["account.payment"].search([("amount", "=", 25.0)])
        payment.date = "2026-03-08"
        self.assertIn("Since our last letter you paid", self.render(self.partner_a))
        payment.date = "2026-03-07"
        self.assertNotIn("Since our last letter you paid", self.render(self.partner_a))

    def test_c1_a_customer_without_open_items_is_named(self):
        with self.assertRaisesRegex(UserError, "No open items: partner_b"):
            self.open_dialog(self.partner_b)
        with self.assertRaisesRegex(UserError, "No open items: partner_b"):
            self.render(self.partner_b)
        dialog = self.open_dialog(self.partner_a + self.partner_b)
        self.assertEqual(dialog.partner_ids, self.partner_a)
        self.assertEqual(dialog.left_out, "No open items: partner_b.")

    def test_c1_whoever_has_no_address_is_named_before(self):
        self.partner_a.email, self.partner_b.email = "a@customer.example", False
        for partner in self.partner_a | self.partner_b:
            self.create_due_invoice("2026-03-01", partner=partner)
        both = self.open_dialog(self.partner_a + self.partner_b)
        self.assertEqual((both.no_address, both.is_sendable), ("partner_b", True))
        alone = self.open_dialog(self.partner_b)
        self.assertEqual((alone.no_address, alone.is_sendable), ("partner_b", False))

    def test_c1_why_none_can_be_sent_is_told_before(self):
        """The program's sender lost the right to send: no button that ends in "Failed"."""
        sender = self.create_user("sender", "dunning_group_user")
        sender.email = "sender@example.com"
        self.partner_a.email = "a@customer.example"
        self.program.write({"sender": "user", "sender_user_id": sender.id})
        dialog = self.open_dialog(self.partner_a)
        self.assertEqual((dialog.send_problem, dialog.is_sendable), ("", True))
        sender.active = False
        dialog = self.open_dialog(self.partner_a)
        self.assertIn("sender", dialog.send_problem)
        self.assertFalse(dialog.is_sendable)

    def test_c2_what_the_company_lacks_for_it_is_told(self):
        bank = {"acc_number": "BE71096123456769", "partner_id": self.company.partner_id.id}
        account = self.env["res.partner.bank"].create(bank)
        dialog = self.open_dialog(self.partner_a)
        self.assertNotIn("no bank account", dialog.document_warning)
        account.unlink()
        dialog.invalidate_recordset()
        self.assertIn("The company has no bank account", dialog.document_warning)

    def test_c1_a_contact_stands_for_its_customer(self):
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": self.partner_a.id})
        self.assertEqual(self.get_statements(contact).partner_id, self.partner_a)

    def test_c1_one_statement_for_each_company(self):
        other = self.setup_other_company(name="Second")["company"]
        other.recurrence_dunning_tz = "UTC"
        move = self.init_invoice(
            "out_invoice", self.partner_a, DAY, post=True, amounts=[9.0], company=other
        )
        self.clerk.company_ids |= other
        both = self.partner_a.with_user(self.clerk).with_context(
            allowed_company_ids=(self.company + other).ids
        )
        statements = both._dunning_get_statements()
        self.assertEqual(
            [(one.company_id, len(one.line_ids)) for one in statements],
            [(self.company, 2), (other, len(move.line_ids.filtered("date_maturity")))],
        )
        one = self.partner_a.with_context(allowed_company_ids=self.company.ids)
        self.assertEqual(self.get_statements(one).company_id, self.company)

    def test_c1_it_is_in_the_language_of_its_recipient(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.partner_b.lang = "fr_FR"
        self.create_due_invoice("2026-03-01", 50.0, partner=self.partner_b)
        statements = self.get_statements(self.partner_a + self.partner_b)
        self.assertEqual(statements.mapped("lang"), ["en_US", "fr_FR"])
        self.assertIn("01/03/2026", self.render(self.partner_b))

    # === WHO MAY === #

    def test_c1_only_dunning_users_may(self):
        accountant = self.create_user("statement_books", "account.group_account_invoice")
        with self.assertRaises(AccessError):
            self.partner_a.with_user(accountant).action_dunning_statement()
        reports = self.env["ir.actions.report"].with_user(accountant)
        with self.assertRaises(AccessError):
            reports._render_qweb_html(
                f"{MODULE}.dunning_customer_statements_report", self.partner_a.ids
            )

    # === FILES === #

    def test_c1_the_spreadsheet_holds_figures_and_no_formula(self):
        self.partner_a.name = '=HYPERLINK("http://bad.example")'
        dialog = self.open_dialog(self.partner_a)
        action = dialog.action_download()
        self.assertIn(f"/dunning.statement.dialog/{dialog.id}/spreadsheet/", action["url"])
        book = load_workbook(io.BytesIO(base64.b64decode(dialog.spreadsheet)))
        rows = [*book["Open items"].iter_rows(values_only=True)]
        self.assertEqual(
            [(row[2], row[4].date(), row[5], row[9]) for row in rows[1:]],
            [
                (self.late.name, date(2026, 3, 1), 9, 100),
                (self.coming.name, date(2026, 4, 1), 0, 40),
            ],
        )
        self.assertEqual(rows[1][0], '\'=HYPERLINK("http://bad.example")')
        self.assertEqual(book["Open items"]["A2"].data_type, "s")
        ages = [*book["Ageing"].iter_rows(min_row=2, values_only=True)]
        self.assertEqual([row[2:] for row in ages], [("USD", 40, 100, 0, 0, 0, 0, 140)])

    # === SENDING === #

    def send_by_dialog(self, customers):
        dialog = self.open_dialog(customers)
        with self.mock_mail_gateway():
            action = dialog.action_send()
            sent = self.env["dunning.reminder"].search(action["domain"])
            sent.filtered(lambda reminder: reminder.state == "queued")._send_queued(
                date(2026, 3, 10)
            )
        return sent

    def test_c1_a_statement_leaves_by_e_mail_and_raises_no_level(self):
        self.create_refund(30.0)
        sent = self.send_by_dialog(self.partner_a)
        self.assertEqual(sent.state, "sent", sent.failure_reason)
        self.assertTrue(sent.is_statement)
        self.assertTrue(sent.proof_hash)
        self.assertEqual(sent.email_to, '"partner_a" <books@customer.example>')
        self.assertEqual(sent.document_ids.name, "Statement of 03-10-2026.pdf")
        self.assertEqual(sent.mail_id.attachment_ids, sent.document_ids)
        self.assertEqual(sum(sent.line_ids.mapped("amount_residual")), 110.0)
        self.assertEqual((self.late + self.coming).mapped("dunning_level"), [0, 0])
        self.assertNotIn("Also overdue", sent.proof_body)
        reminder = self.queue(DAY)
        self.assertEqual(self.reminded(reminder), [self.late.name], "reminded all the same")

    def test_rule_2_a_statement_is_sent_again_while_anything_is_open(self):
        sent = self.send_by_dialog(self.partner_a)
        with self.mock_mail_gateway():
            sent.with_user(self.clerk).action_send_again()
        self.assertEqual(len(self._mails), 1)
        self.assertEqual(self._mails[0]["subject"], sent.subject)
        self._register_payment(self.late)
        self._register_payment(self.coming)
        with self.assertRaisesRegex(UserError, "paid in the meantime"):
            sent.with_user(self.clerk).action_send_again()

    def test_c1_a_statement_is_no_contact_that_makes_a_reminder_wait(self):
        self.company.dunning_contact_gap = 10
        self.send_by_dialog(self.partner_a)
        self.assertEqual(self.reminded(self.queue(DAY)), [self.late.name])

    def test_rule_2_a_second_click_sends_nothing(self):
        dialog = self.open_dialog(self.partner_a)
        with self.mock_mail_gateway():
            first, second = dialog.action_send(), dialog.action_send()
        self.assertEqual(first["domain"], second["domain"])
        self.assertEqual(
            self.env["dunning.reminder"].search_count([("is_statement", "=", True)]), 1
        )

    def test_c1_without_a_program_it_is_printed_and_not_sent(self):
        self.company.sudo().dunning_program_id = False
        self.assertIn(self.late.name, self.render(self.partner_a))
        with self.assertRaisesRegex(UserError, "has no dunning program"):
            self.send_by_dialog(self.partner_a)

    def test_c1_it_states_what_is_open_when_it_leaves(self):
        statement = self.env["dunning.reminder"]._create_statements(self.get_statements(), {})
        statement._set_queued()
        self._register_payment(self.late)
        self.send(statement, DAY)
        self.assertEqual(statement.state, "sent")
        self.assertEqual(statement.line_ids.mapped("move_name"), [self.coming.name])
        self.assertNotIn(self.late.name, statement.proof_body)

    def test_c1_one_that_nobody_gets_says_so_and_stops_no_other(self):
        self.create_due_invoice("2026-03-01", 10.0, partner=self.partner_b)
        self.partner_b.email = False
        sent = self.send_by_dialog(self.partner_a + self.partner_b)
        states = {one.partner_id: one.state for one in sent}
        self.assertEqual(states, {self.partner_a: "sent", self.partner_b: "undeliverable"})

    def test_rule_21_off_is_off(self):
        self.company.dunning_active = False
        with self.assertRaises(UserError):
            self.send_by_dialog(self.partner_a)

    # === SPEED === #

    def test_c1_queries_do_not_grow_with_the_customers(self):
        customers = self.env["res.partner"].create([{"name": f"Store {n}"} for n in range(20)])
        for customer in customers:
            self.create_due_invoice("2026-03-01", 10.0, partner=customer)

        def count(found):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.render(found)
            return self.env.cr.sql_log_count - before

        self.render(self.partner_a)
        few, many = count(customers[:2]), count(customers)
        self.assertLess((many - few) / 18, 3, f"{few} queries for 2 customers, {many} for 20")

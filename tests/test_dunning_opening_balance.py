from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from .common import DunningMailCommon

DAY = "2026-03-10"


@tagged("post_install", "-at_install")
class TestDunningOpeningBalance(DunningMailCommon):
    """What was taken over from other software stands in one entry: the customer's own numbers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.bank_ids = [
            Command.clear(),
            Command.create({"acc_number": "DE89370400440532013000"}),
        ]
        cls.partner_a.email = "books@customer.example"
        receivable = cls.company_data["default_account_receivable"].id
        items = (
            (cls.partner_b, "OLD-7", 70.0, "2026-02-10"),
            (cls.partner_a, "OLD-815", 321.0, "2026-02-01"),
            (cls.partner_a, " ", 9.0, "2026-02-02"),
            (cls.partner_a, "Credit OLD-9", -21.0, False),
        )
        cls.entry = cls.env["account.move"].create(
            {
                "journal_id": cls.company_data["default_journal_misc"].id,
                "date": "2026-01-31",
                "partner_id": cls.partner_b.id,
                "ref": "Balances of the old ledger",
                "line_ids": [
                    *(
                        Command.create(
                            {
                                "account_id": receivable,
                                "partner_id": partner.id,
                                "name": label,
                                "debit": max(amount, 0.0),
                                "credit": max(-amount, 0.0),
                                "date_maturity": due,
                            }
                        )
                        for partner, label, amount, due in items
                    ),
                    Command.create(
                        {
                            "account_id": cls.company_data["default_account_revenue"].id,
                            "credit": 379.0,
                        }
                    ),
                ],
            }
        )
        cls.entry.action_post()
        cls.entry.line_ids.no_followup = False

    def reminder(self):
        return self.queue(DAY).filtered(lambda found: found.partner_id == self.partner_a)

    def test_rule_9_a_reminder_names_the_old_numbers_and_dates(self):
        lines = self.reminder()._get_statement_lines()
        self.assertEqual(
            [(line.move_name, line.invoice_date, line.amount_residual) for line in lines],
            [
                ("OLD-815", date(2026, 1, 31), 321.0),
                (self.entry.name, date(2026, 1, 31), 9.0),
                ("Credit OLD-9", date(2026, 1, 31), -21.0),
            ],
        )

    def test_rule_9_one_of_them_is_taken_out_of_a_run_until_a_date(self):
        run = self.env["dunning.run"].create({"date": DAY})
        run.action_simulate()
        line = run.line_ids.filtered(lambda found: found.amount_residual == 321.0)
        dialog = self.env["dunning.run.omit"].browse(line.action_omit()["res_id"])
        dialog.write({"scope": "date", "date_until": "2026-04-10", "kind": "dispute"})
        dialog.action_omit()
        [block] = self.env["dunning.block"].search([("move_line_id.move_id", "=", self.entry.id)])
        self.assertEqual((block.partner_id, block.kind), (self.partner_a, "dispute"))
        self.assertEqual(block.move_line_id.debit, 321.0)
        self.assertEqual(self.reminded(self.reminder()), [self.entry.name])

    def test_rule_9_a_statement_names_them_too(self):
        statement = self.partner_a._dunning_get_statements()
        names = statement._get_statement_lines().mapped("move_name")
        self.assertEqual(names, ["OLD-815", self.entry.name, "Credit OLD-9"])

    def test_rule_9_the_bookkeeper_s_reference_is_not_told(self):
        reminder = self.reminder()
        self.assertIn("OLD-815", reminder.mail_id.body_html)
        self.assertNotIn("old ledger", reminder.mail_id.body_html)

    def test_c2_the_transfer_names_the_old_numbers(self):
        reminder = self.reminder()
        (part,) = reminder._get_payment_parts(pictures=False)
        self.assertEqual(part["reference"], f"OLD-815, {self.entry.name}")
        facts = self.partner_a._dunning_get_open_facts(self.company, date(2026, 3, 10))
        (part,) = reminder._get_open_payment_parts(facts, date(2026, 3, 10))
        self.assertEqual(part["reference"], f"OLD-815, {self.entry.name}")

    def test_c2_the_debtor_is_the_customer_not_who_the_entry_names(self):
        banks, debtors = type(self.env["res.partner.bank"]), []

        def note(_bank, _amount, _free, _structured, _currency, debtor, **_kwargs):
            debtors.append(debtor)
            return ""

        self.patch(banks, "build_qr_code_url", note)
        self.reminder()._get_payment_parts()
        self.assertEqual(set(debtors), {self.partner_a})

    def test_rule_13_sent_again_it_goes_to_whom_it_is_about(self):
        """The entry names the other customer; the one reminded has an address only later."""
        self.partner_a.email = False
        reminder = self.execute(DAY).reminder_ids.filtered(
            lambda found: found.partner_id == self.partner_a
        )
        self.assertEqual(reminder.state, "undeliverable")
        self.partner_b.email = "others@customer.example"
        self.partner_a.email = "books@customer.example"
        reminder.action_send_again()
        self.assertEqual(reminder.recipient_ids, self.partner_a)

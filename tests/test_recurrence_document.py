from datetime import date

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools.safe_eval import safe_eval

from ..models.recurrence.recurrence_schedule_correction_mixin import LineChange
from ..tools.recurrence.document import DOCUMENTS
from .test_recurrence_billed_line import BilledLineCase

JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
# What a customer or a vendor gets in the end: the kind, its amount with 15 % tax in lists.
SIGNED = {
    "out_invoice": 115.0,
    "out_refund": -115.0,
    "out_receipt": 115.0,
    "in_invoice": -115.0,
    "in_refund": 115.0,
    "in_receipt": -115.0,
}


class DocumentCase(BilledLineCase):
    """Base: recurrences of each kind of document, monthly on the 1st of 2026, posted on the day."""

    @classmethod
    def get_tax(cls, kind):
        return cls.tax_sale_a if DOCUMENTS[kind].is_sale else cls.tax_purchase_a

    @classmethod
    def line_of(cls, kind, price=100.0, name="Rent", **vals):
        tax = [Command.set(cls.get_tax(kind).ids)]
        return Command.create({"name": name, "price_unit": price, "tax_ids": tax, **vals})

    @classmethod
    def create_of(cls, kind, *lines, template=None, **vals):
        return cls.create_schedule(
            cls.partner_a,
            template={
                "move_type": kind,
                "invoice_line_ids": list(lines or (cls.line_of(kind),)),
                **(template or {}),
            },
            **{"invoice_mode": "post", "user_id": cls.clerk.id, **vals},
        )

    @classmethod
    def create_entry_of(cls, *amounts, template=None, **vals):
        """Create a recurrence of a journal entry.

        :param amounts: (account, balance) of each line
        """
        lines = [
            Command.create({"account_id": account.id, "balance": balance, "name": account.name})
            for account, balance in amounts
        ]
        return cls.create_schedule(
            cls.env["res.partner"],
            template={
                "move_type": "entry",
                "partner_id": False,
                "invoice_line_ids": [],
                "line_ids": lines,
                **(template or {}),
            },
            **{"name": "Accrual", "invoice_mode": "post", "user_id": cls.clerk.id, **vals},
        )

    def start(self, schedule, *days):
        """Start a recurrence as the clerk, and do the work of some days; return the last."""
        schedule.with_user(self.clerk).action_generate()
        move = None
        for day in days:
            move = self.run_on(schedule, day)
        return move

    def rent(self):
        """Return the accounts of an accrual: expense and accrued liability."""
        accounts = self.env["account.account"]
        expense = self.company_data["default_account_expense"]
        accrued = accounts.create(
            {
                "name": "Accrued rent",
                "code": "215000",
                "account_type": "liability_current",
                "company_ids": [Command.set(self.company.ids)],
            }
        )
        return expense, accrued


@freeze_time("2026-03-01 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceDocument(DocumentCase):
    """R13: every kind of document recurs, with the same engine as customer invoices."""

    def test_r13_each_kind_is_issued_once_on_its_day(self):
        for kind, total in SIGNED.items():
            with self.subTest(kind=kind):
                schedule = self.create_of(kind)
                first = self.start(schedule, JANUARY)
                second = self.run_on(schedule, FEBRUARY)
                self.run_on(schedule, FEBRUARY)
                moves = schedule.invoice_ids.sorted("date")
                self.assertEqual(moves, first + second)
                self.assertEqual(set(moves.mapped("move_type")), {kind})
                self.assertEqual(set(moves.mapped("state")), {"posted"})
                self.assertEqual(moves.mapped("invoice_date"), [JANUARY, FEBRUARY])
                self.assertEqual(moves.mapped("date"), [JANUARY, FEBRUARY])
                self.assertEqual(moves.mapped("amount_total_in_currency_signed"), [total] * 2)
                self.assertEqual(schedule.invoice_count, 2)

    def test_r13_vendor_bill_has_expense_vendor_tax_and_payable(self):
        product = self.env["product.product"].create(
            {
                "name": "Server rent",
                "standard_price": 40.0,
                "taxes_id": [Command.set(self.tax_sale_a.ids)],
                "supplier_taxes_id": [Command.set(self.tax_purchase_a.ids)],
                "description_purchase": "Rack 7",
            }
        )
        line = Command.create({"product_id": product.id, "quantity": 2})
        schedule = self.create_of("in_invoice", line, template={"ref": "R-#YEAR#-#NUMBER#"})
        bill = self.start(schedule, JANUARY)
        self.assertLines(bill, ("Server rent\nRack 7", 80.0))
        self.assertEqual(bill.invoice_line_ids.tax_ids, self.tax_purchase_a)
        self.assertEqual(bill.invoice_line_ids.account_id.account_type, "expense")
        self.assertEqual(bill.ref, "R-2026-1")
        by_type = {line.account_id.account_type: line.balance for line in bill.line_ids}
        # 2 × 40.00 and 15 % are 92.00
        self.assertEqual(by_type["liability_payable"], -92.0)
        self.assertEqual(schedule.partner_id, self.partner_a)
        self.assertTrue(self.partner_a.supplier_rank)

    def test_r13_price_of_the_vendor_on_the_day(self):
        product = self.env["product.product"].create({"name": "Power", "standard_price": 40.0})
        line = Command.create({"product_id": product.id, "tax_ids": []})
        schedule = self.create_of("in_invoice", line, price_source="product")
        self.assertEqual(self.start(schedule, JANUARY).amount_total, 40.0)
        product.standard_price = 45.0
        self.assertEqual(self.run_on(schedule, FEBRUARY).amount_total, 45.0)

    def test_r13_journal_entry_is_copied_as_it_is(self):
        expense, accrued = self.rent()
        schedule = self.create_entry_of(
            (expense, 800.0), (accrued, -800.0), template={"ref": "Rent #MONTH#"}
        )
        entry = self.start(schedule, JANUARY)
        self.assertEqual((entry.move_type, entry.state, entry.date), ("entry", "posted", JANUARY))
        self.assertFalse(entry.invoice_date)
        self.assertEqual(entry.ref, "Rent January")
        rows = [(line.account_id, line.debit, line.credit) for line in entry.line_ids]
        self.assertEqual(rows, [(expense, 800.0, 0.0), (accrued, 0.0, 800.0)])
        self.assertEqual(schedule.amount_total, 800.0)
        self.assertEqual(schedule.monthly_value, 800.0)
        # nobody pays it: the dates to issue add up without it
        dates = schedule.occurrence_ids
        self.assertEqual(set(dates.mapped("amount_total")), {0.0})
        groups = dates._read_group([("schedule_id", "=", schedule.id)], [], ["amount_total:sum"])
        self.assertEqual(groups, [(0.0,)])
        self.assertEqual(self.run_on(schedule, FEBRUARY).ref, "Rent February")

    def test_r13_entry_with_tax_and_foreign_currency_balances(self):
        expense, accrued = self.rent()
        foreign = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        lines = [
            {"account_id": expense.id, "balance": 100.0, "tax_ids": self.tax_purchase_a.ids},
            {
                "account_id": accrued.id,
                "balance": -115.0,
                "amount_currency": -230.0,
                "currency_id": foreign.id,
            },
        ]
        schedule = self.create_entry_of(
            template={"line_ids": [Command.create({"name": "Rent", **vals}) for vals in lines]}
        )
        rows = [(100.0, 100.0), (-115.0, -230.0), (15.0, 15.0)]
        template = schedule.template_move_id
        self.assertEqual([(li.balance, li.amount_currency) for li in template.line_ids], rows)
        # another rate changes nothing: the entry is what was entered
        self.env["res.currency.rate"].create(
            {
                "name": JANUARY,
                "rate": 9.0,
                "currency_id": foreign.id,
                "company_id": self.company.id,
            }
        )
        entry = self.start(schedule, JANUARY)
        self.assertEqual([(li.balance, li.amount_currency) for li in entry.line_ids], rows)

    def test_r13_make_recurring_from_each_ordinary_document(self):
        expense, accrued = self.rent()
        for kind in DOCUMENTS:
            with self.subTest(kind=kind):
                vals = {"move_type": kind, "partner_id": self.partner_a.id, "date": "2026-02-10"}
                if kind == "entry":
                    vals["line_ids"] = [
                        Command.create({"account_id": expense.id, "balance": 800.0}),
                        Command.create({"account_id": accrued.id, "balance": -800.0}),
                    ]
                else:
                    vals["invoice_date"] = "2026-02-10"
                    vals["invoice_line_ids"] = [self.line_of(kind)]
                move = self.env["account.move"].with_user(self.clerk).create(vals)
                move.action_post()
                action = move.action_make_recurring()
                template = move.browse(action["res_id"])
                self.assertTrue(template.is_recurrence_template)
                self.assertEqual(template.move_type, kind)
                schedule = template.recurrence_schedule_id
                self.assertEqual((schedule.date_start, schedule.day), (date(2026, 3, 10), 10))
                self.assertEqual(schedule.document_type, kind)
                schedule.invoice_mode = "post"
                issued = self.start(schedule, date(2026, 3, 10))
                self.assertEqual(
                    issued.amount_total_in_currency_signed, SIGNED.get(kind, 800.0), kind
                )

    def test_r13_new_document_opens_its_ordinary_form(self):
        for kind in DOCUMENTS:
            moves = self.env["account.move"].with_user(self.clerk)
            action = moves.with_context(default_move_type=kind).action_new_recurring_invoice()
            expected = kind.replace("receipt", "invoice")
            self.assertIn(f'"default_move_type": "{expected}"', action["context"])

    def test_r13_bill_is_composed_in_its_form(self):
        action = self.env["account.move"].with_user(self.clerk)
        action = action.with_context(default_move_type="in_invoice").action_new_recurring_invoice()
        view = self.env.ref("account_recurrence_dunning.recurrence_template_view_form")
        moves = (
            self.env["account.move"]
            .with_user(self.clerk)
            .with_context(default_move_type="in_invoice", default_is_recurrence_template=True)
        )
        with Form(moves, view=view) as form:
            form.partner_id = self.partner_a
            form.recurrence_date_start = JANUARY
            form.recurrence_invoice_mode = "draft"
            with form.invoice_line_ids.new() as line:
                line.name = "Rent"
                line.price_unit = 100.0
                line.tax_ids.clear()
        schedule = form.record.recurrence_schedule_id
        self.assertEqual((schedule.target, schedule.document_type), ("invoice", "in_invoice"))
        bill = self.start(schedule, JANUARY)
        self.assertEqual(
            (bill.move_type, bill.state, bill.amount_total), ("in_invoice", "draft", 100)
        )

    def test_r13_first_part_of_a_period_of_a_bill(self):
        schedule = self.create_of(
            "in_invoice",
            self.line_of("in_invoice", 310.0, tax_ids=[]),
            date_start=date(2026, 1, 22),
            proration="days",
        )
        # 22 to 31 January: 10 of 31 days of 310.00
        self.assertEqual(self.start(schedule, date(2026, 1, 22)).amount_total, 100.0)

    # === WHAT IS NOT FOR EACH KIND === #

    def test_r13_only_what_customers_get_is_sent(self):
        for kind in ("in_invoice", "in_refund", "in_receipt"):
            with self.assertRaisesRegex(ValidationError, "Only what customers get can be sent"):
                self.create_of(kind, invoice_mode="send")
        schedule = self.create_of("in_invoice")
        schedule.with_user(self.clerk).action_generate()
        occurrence = self.occurrence_on(schedule, JANUARY)
        dialog = self.open_issue(occurrence)
        with self.assertRaisesRegex(UserError, "is not for a customer, so it cannot be sent"):
            dialog.action_issue_send()
        self.assertFalse(occurrence.move_id)

    def test_r13_price_lists_and_clauses_are_for_customers(self):
        with self.assertRaisesRegex(ValidationError, "Price lists are for customers"):
            self.create_of("in_invoice", price_source="pricelist")
        clause = self.env["recurrence.price.clause"].create({"name": "Yearly", "percent": 3.0})
        for kind in ("in_invoice", "out_refund"):
            schedule = self.create_of(kind)
            with self.assertRaisesRegex(ValidationError, "Price clauses are for invoices"):
                schedule.price_clause_id = clause
        self.create_of("out_receipt").price_clause_id = clause

    def test_r13_price_rise_leaves_bills_as_they_are(self):
        bill, invoice = self.create_of("in_invoice"), self.create_of("out_invoice")
        both = (bill + invoice).with_user(self.clerk)
        both.action_generate()
        rise = self.env["recurrence.price.rise"].browse(both.action_raise_prices()["res_id"])
        self.assertEqual(rise.schedule_ids, invoice)
        rise.schedule_ids = both
        rise.write({"method": "percent", "percent": 3.0, "is_announced": False})
        rise.with_user(self.clerk).action_propose()
        reasons = {line.schedule_id: line.reason for line in rise.line_ids}
        self.assertEqual(reasons, {bill: "not_invoice", invoice: False})
        with self.assertRaisesRegex(UserError, "Select recurring invoices to customers"):
            bill.with_user(self.clerk).action_raise_prices()
        with self.assertRaisesRegex(UserError, "does not bill a customer"):
            bill.with_user(self.clerk).action_open_customers()

    def test_r13_entry_is_whole_or_not_at_all(self):
        expense, accrued = self.rent()
        amounts = (expense, 800.0), (accrued, -800.0)
        with self.assertRaisesRegex(ValidationError, "A journal entry must balance"):
            self.create_entry_of(*amounts, proration="days")
        with self.assertRaisesRegex(ValidationError, "amounts of a journal entry are those"):
            self.create_entry_of(*amounts, price_source="product")
        schedule = self.create_entry_of(*amounts)
        with self.assertRaisesRegex(UserError, "must balance: change them on the template"):
            schedule._change_lines(
                FEBRUARY, [LineChange(schedule.template_move_id.line_ids[0], {})]
            )
        schedule.template_move_id.line_ids[0].recurrence_billing = "held"
        with self.assertRaisesRegex(UserError, "A journal entry must balance"):
            schedule.with_user(self.clerk).action_generate()

    def test_r13_kind_of_a_running_recurrence_stays(self):
        schedule = self.create_of("out_invoice")
        template = schedule.template_move_id
        template.with_user(self.clerk).action_switch_move_type()
        self.assertEqual(schedule.document_type, "out_refund")
        template.action_switch_move_type()
        schedule.with_user(self.clerk).action_generate()
        with self.assertRaisesRegex(UserError, "create a new recurrence for another kind"):
            template.with_user(self.clerk).action_switch_move_type()
        self.assertEqual(template.move_type, "out_invoice")

    def test_r13_entry_of_a_payment_does_not_recur(self):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.partner_a.id,
                "amount": 50.0,
                "payment_method_line_id": self.inbound_payment_method_line.id,
            }
        )
        payment.action_post()
        self.assertTrue(payment.move_id)
        with self.assertRaisesRegex(UserError, "made from a payment"):
            payment.move_id.action_make_recurring()

    def test_r13_bill_needs_a_vendor(self):
        schedule = self.create_of("in_invoice", template={"partner_id": False})
        with self.assertRaisesRegex(UserError, "has no vendor"):
            schedule.with_user(self.clerk).action_generate()

    # === DATES === #

    def test_r13_credit_notes_follow_their_own_numbers(self):
        self.company_data["default_journal_sale"].refund_sequence = True
        invoice = self.create_of("out_invoice", date_start=FEBRUARY)
        self.start(invoice, FEBRUARY)
        schedule = self.create_of("out_refund")
        # a later invoice is posted, no later credit note
        schedule.with_user(self.clerk).action_generate()
        schedule.sudo()._run_due(FEBRUARY)
        self.assertEqual(self.occurrence_on(schedule, JANUARY).move_id.invoice_date, JANUARY)
        # now a credit note of February is
        late = self.create_of("out_refund")
        late.with_user(self.clerk).action_generate()
        late.sudo()._run_due(FEBRUARY)
        self.assertEqual(self.occurrence_on(late, JANUARY).move_id.invoice_date, FEBRUARY)

    def test_r13_credit_notes_in_one_series_follow_invoices(self):
        self.company_data["default_journal_sale"].refund_sequence = False
        self.start(self.create_of("out_invoice", date_start=FEBRUARY), FEBRUARY)
        schedule = self.create_of("out_refund")
        schedule.with_user(self.clerk).action_generate()
        schedule.sudo()._run_due(FEBRUARY)
        self.assertEqual(self.occurrence_on(schedule, JANUARY).move_id.invoice_date, FEBRUARY)

    def test_r13_bills_are_in_no_order(self):
        self.start(self.create_of("in_invoice", date_start=FEBRUARY), FEBRUARY)
        late = self.create_of("in_invoice")
        late.with_user(self.clerk).action_generate()
        late.sudo()._run_due(FEBRUARY)
        self.assertEqual(self.occurrence_on(late, JANUARY).move_id.invoice_date, JANUARY)

    def test_r13_each_kind_heeds_its_own_lock(self):
        self.company.sale_lock_date = date(2026, 1, 31)
        bill = self.create_of("in_invoice")
        self.start(bill)
        bill.sudo()._run_due(FEBRUARY)
        self.assertEqual(self.occurrence_on(bill, JANUARY).move_id.date, JANUARY)
        self.company.purchase_lock_date = date(2026, 1, 31)
        late = self.create_of("in_invoice")
        self.start(late)
        late.sudo()._run_due(FEBRUARY)
        move = self.occurrence_on(late, JANUARY).move_id
        # the vendor's date stays, it is booked when that is possible
        self.assertEqual((move.invoice_date, move.date, move.state), (JANUARY, FEBRUARY, "posted"))
        self.assertEqual(move.invoice_date_due, JANUARY)
        self.assertIn("Booked on 02/01/2026", str(move.message_ids.mapped("body")))

    def test_r13_tax_lock_concerns_what_has_taxes(self):
        self.company.tax_lock_date = date(2026, 1, 31)
        taxed = self.create_of("in_invoice")
        untaxed = self.create_of("in_invoice", self.line_of("in_invoice", tax_ids=[]))
        for schedule in taxed + untaxed:
            self.start(schedule)
            schedule.sudo()._run_due(FEBRUARY)
        self.assertEqual(self.occurrence_on(taxed, JANUARY).move_id.date, FEBRUARY)
        self.assertEqual(self.occurrence_on(untaxed, JANUARY).move_id.date, JANUARY)

    # === WHAT ELSE FOLLOWS FROM THE KIND === #

    def test_r13_entry_keeps_partner_and_distance_of_due_days(self):
        receivable = self.company_data["default_account_receivable"]
        expense, _accrued = self.rent()
        rows = [
            {"account_id": receivable.id, "balance": 50.0, "date_maturity": "2026-01-20"},
            {"account_id": expense.id, "balance": -50.0},
        ]
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "partner_id": self.partner_a.id,
                "date": "2026-01-10",
                "line_ids": [
                    Command.create({"partner_id": self.partner_a.id, **row}) for row in rows
                ],
            }
        )
        entry.action_post()
        template = entry.with_user(self.clerk)._recurrence_make_template()
        schedule = template.recurrence_schedule_id
        self.assertEqual((template.partner_id, schedule.partner_id), (self.partner_a,) * 2)
        schedule.invoice_mode = "post"
        issued = self.start(schedule, date(2026, 2, 10))
        self.assertEqual(issued.partner_id, self.partner_a)
        days = issued.line_ids.filtered(lambda li: li.account_id == receivable)
        self.assertEqual(days.date_maturity, date(2026, 2, 20))

    def test_r13_entry_in_foreign_currency_is_told_in_that_of_the_company(self):
        expense, accrued = self.rent()
        foreign = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        rows = [
            {
                "account_id": expense.id,
                "balance": 115.0,
                "amount_currency": 230.0,
                "currency_id": foreign.id,
            },
            {"account_id": accrued.id, "balance": -115.0},
        ]
        schedule = self.create_entry_of(
            template={"line_ids": [Command.create({"name": "Rent", **row}) for row in rows]}
        ).with_user(self.clerk)
        self.assertEqual((schedule.amount_total, schedule.monthly_value), (115.0, 115.0))
        own = [("id", "=", schedule.id)]
        self.assertEqual(schedule.search([*own, ("amount_untaxed", ">", 100)]), schedule)
        self.assertFalse(schedule.search([*own, ("amount_untaxed", ">", 116)]))

    def test_r13_new_product_of_a_bill_is_one_that_is_bought(self):
        product = self.env["product.product"].create(
            {
                "name": "Server rent",
                "taxes_id": [Command.set(self.tax_sale_a.ids)],
                "supplier_taxes_id": [Command.set(self.tax_purchase_b.ids)],
                "description_purchase": "Rack 7",
            }
        )
        schedule = self.create_of("in_invoice").with_user(self.clerk)
        schedule.action_generate()
        action = schedule.action_open_change()
        dialogs = self.env["recurrence.schedule.change"].with_user(self.clerk)
        dialog = dialogs.with_context(**action["context"]).create(
            {"line_text": "Rent", "new_product_id": product.id}
        )
        self.assertEqual(dialog.tax_use, "purchase")
        dialog.action_preview()
        dialog.action_confirm()
        line = schedule.template_move_id.invoice_line_ids[-1:]
        self.assertEqual(line.name, "Server rent\nRack 7")
        self.assertEqual(line.tax_ids, self.tax_purchase_b)
        self.assertEqual(line.account_id.account_type, "expense")

    def test_r13_change_of_many_knows_entries(self):
        expense, accrued = self.rent()
        entry = self.create_entry_of((expense, 800.0), (accrued, -800.0))
        invoice = self.create_of("out_invoice")
        both = (entry + invoice).with_user(self.clerk)
        both.action_generate()
        dialogs = self.env["recurrence.schedule.change"].with_user(self.clerk)
        dialogs = dialogs.with_context(**both.action_open_change()["context"])
        dialog = dialogs.create({"invoice_mode": "draft"})
        dialog.action_preview()
        self.assertEqual(dialog.row_ids.mapped("problem"), [False, False])
        terms = self.env.ref("account.account_payment_term_30days")
        dialog = dialogs.create({"payment_term_id": terms.id})
        dialog.action_preview()
        self.assertEqual(
            dialog.row_ids.mapped("problem"), ["A journal entry has no payment terms.", False]
        )
        dialog = dialogs.create({"line_text": "Rent", "sets_price": True, "new_price": 5.0})
        with self.assertRaisesRegex(UserError, "Select either invoices or bills"):
            dialog.action_preview()

    def test_r13_stored_defaults_fit_the_kind(self):
        for name, value in (("invoice_mode", "send"), ("proration", "days")):
            self.env["ir.default"].set("recurrence.schedule", name, value)
        bill = self.init_invoice("in_invoice", partner=self.partner_a, amounts=[10], post=True)
        schedule = bill.with_user(self.clerk)._recurrence_make_template().recurrence_schedule_id
        self.assertEqual((schedule.invoice_mode, schedule.proration), ("post", "days"))
        invoice = self.init_invoice("out_invoice", partner=self.partner_a, amounts=[10], post=True)
        schedule = invoice.with_user(self.clerk)._recurrence_make_template().recurrence_schedule_id
        self.assertEqual(schedule.invoice_mode, "send")
        moves = (
            self.env["account.move"]
            .with_user(self.clerk)
            .with_context(default_move_type="entry", default_is_recurrence_template=True)
        )
        names = ["move_type", "recurrence_invoice_mode", "recurrence_proration"]
        found = moves.default_get([*names, "is_recurrence_template"])
        self.assertEqual([found[name] for name in names], ["entry", "post", "whole"])

    def test_r13_number_and_scan_of_a_bill_stay_with_it(self):
        bill = self.init_invoice("in_invoice", partner=self.partner_a, amounts=[10])
        bill.write({"ref": "RE-4711", "payment_reference": "RE-4711"})
        bill.action_post()
        self.env["ir.attachment"].create(
            {"name": "Scan.txt", "raw": b"x", "res_model": bill._name, "res_id": bill.id}
        )
        template = bill.with_user(self.clerk)._recurrence_make_template()
        self.assertFalse(template.ref or template.payment_reference)
        self.assertFalse(
            self.env["ir.attachment"].search_count(
                [("res_model", "=", "account.move"), ("res_id", "=", template.id)]
            )
        )

    def test_r13_credit_note_of_a_recurring_invoice_may_recur(self):
        invoice = self.start(self.create_of("out_invoice"), JANUARY)
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        reversal = wizard.create({"journal_id": invoice.journal_id.id, "date": "2026-02-01"})
        reversal.reverse_moves()
        template = reversal.new_move_ids.with_user(self.clerk)._recurrence_make_template()
        self.assertEqual(template.move_type, "out_refund")

    def test_r13_stop_of_deliveries_is_for_customers(self):
        self.company.recurrence_stopped = "hold"
        bill, invoice = self.create_of("in_invoice"), self.create_of("out_invoice")
        self.assertEqual((bill + invoice)._find_stops(self.company), {})
        self.patch(
            self.env.registry["res.partner"],
            "_recurrence_get_stops",
            lambda partners, company: dict.fromkeys(partners.ids, "Stopped."),
        )
        self.assertEqual((bill + invoice)._find_stops(self.company), {invoice: "Stopped."})

    def test_r13_vendors_and_cash_know_no_bills_to_come(self):
        made = [self.create_of(kind) for kind in ("out_invoice", "in_invoice", "out_refund")]
        for schedule in made:
            schedule.with_user(self.clerk).action_generate()
        planned = self.company._dunning_get_planned(MARCH)
        self.assertEqual(planned.schedule_id, made[0])

    def test_r13_template_is_no_duplicate_of_its_bills(self):
        schedule = self.create_of("in_invoice", template={"ref": "CONTRACT-1"})
        bill = self.start(schedule, JANUARY)
        self.assertFalse(bill.duplicated_ref_ids)
        self.assertFalse(schedule.template_move_id.duplicated_ref_ids)
        # a bill that is there twice still is found
        copied = bill.copy({"invoice_date": JANUARY, "ref": "CONTRACT-1"})
        self.assertEqual(copied.duplicated_ref_ids, bill)

    def test_r13_taxes_of_a_bill_are_those_of_purchases(self):
        product = self.env["product.product"].create(
            {
                "name": "Server rent",
                "taxes_id": [Command.set(self.tax_sale_a.ids)],
                "supplier_taxes_id": [Command.set(self.tax_purchase_a.ids)],
            }
        )
        line = Command.create({"product_id": product.id, "price_unit": 100.0})
        schedule = self.create_of("in_invoice", line)
        self.assertFalse(schedule._get_fiscal_changes())
        product.taxes_id = self.tax_sale_b
        self.assertFalse(schedule._get_fiscal_changes())
        product.supplier_taxes_id = self.tax_purchase_b
        self.start(schedule, JANUARY)
        self.assertIn(self.tax_purchase_b.name, schedule.fiscal_message)

    def test_r13_lower_price_of_a_bill_is_a_refund(self):
        line = self.line_of("in_invoice", 310.0, tax_ids=[])
        schedule = self.create_of("in_invoice", line, proration="days")
        self.start(schedule, JANUARY)
        change = schedule._change_lines(
            date(2026, 1, 22),
            [LineChange(schedule.template_move_id.invoice_line_ids, {"price_unit": 279.0})],
        )
        # 22 to 31 January: 100.00 are given back, and 90.00 billed
        self.assertEqual(change.move_type, "in_refund")
        self.assertEqual(change.amount_total, 10.0)

    def test_r13_forecast_of_reminders_knows_invoices_only(self):
        invoice, bill, credit = map(self.create_of, ("out_invoice", "in_invoice", "out_refund"))
        (invoice + bill + credit).with_user(self.clerk).action_generate()
        planned = self.company._recurrence_get_planned(MARCH, date(2026, 3, 31))
        self.assertEqual(planned, [(MARCH, invoice)])

    def test_r13_amounts_of_lists_have_the_sign_of_odoo(self):
        for kind, total in SIGNED.items():
            schedule = self.create_of(kind)
            schedule.with_user(self.clerk).action_generate()
            occurrence = self.occurrence_on(schedule, JANUARY).with_user(self.clerk)
            seen = schedule.with_user(self.clerk)
            self.assertEqual((seen.amount_total, occurrence.amount_total), (total, total), kind)
            self.assertEqual(seen.amount_untaxed, 100.0 if total > 0 else -100.0)
            self.assertEqual(seen.monthly_value, 100.0 if total > 0 else -100.0)
            found = seen.search([("amount_total", "=", total), ("id", "=", schedule.id)])
            self.assertEqual(found, schedule)
            groups = occurrence._read_group([("id", "=", occurrence.id)], [], ["amount_total:sum"])
            self.assertEqual(groups, [(total,)])

    # === SCREENS === #

    def open_issue(self, occurrence):
        dialogs = self.env["recurrence.occurrence.issue"].with_user(self.clerk)
        return dialogs.create({"occurrence_id": occurrence.id})

    def test_r13_dialog_issues_each_kind(self):
        for kind, total in SIGNED.items():
            schedule = self.create_of(kind)
            schedule.with_user(self.clerk).action_generate()
            dialog = self.open_issue(self.occurrence_on(schedule, JANUARY))
            self.assertEqual(dialog.amount_total, 115.0)
            self.assertEqual(dialog.line_ids.tax_use, DOCUMENTS[kind].side)
            action = dialog.action_issue()
            move = schedule.invoice_ids
            self.assertEqual(move.amount_total_in_currency_signed, total, kind)
            self.assertTrue(action["params"]["links"][0]["url"].endswith(f"/{move.id}"))

    def test_r13_dialog_of_an_entry_shows_debit_and_credit(self):
        expense, accrued = self.rent()
        schedule = self.create_entry_of((expense, 800.0), (accrued, -800.0))
        schedule.with_user(self.clerk).action_generate()
        dialog = self.open_issue(self.occurrence_on(schedule, JANUARY))
        rows = [(line.account_id, line.debit, line.credit) for line in dialog.line_ids]
        self.assertEqual(rows, [(expense, 800.0, 0.0), (accrued, 0.0, 800.0)])
        self.assertEqual(dialog.amount_total, 800.0)
        dialog.ref = "Rent"
        dialog.action_issue()
        self.assertEqual(schedule.invoice_ids.ref, "Rent")
        self.assertEqual(schedule.invoice_ids.state, "posted")

    def test_r13_preview_shows_a_bill_and_refuses_an_entry(self):
        bill = self.create_of("in_invoice").with_user(self.clerk)
        self.assertIn(b"Rent", bill._preview_pdf(JANUARY))
        expense, accrued = self.rent()
        entry = self.create_entry_of((expense, 800.0), (accrued, -800.0)).with_user(self.clerk)
        with self.assertRaisesRegex(UserError, "which are not printed"):
            entry._preview_pdf(JANUARY)

    def test_r13_each_kind_has_its_own_list(self):
        made = {kind: self.create_of(kind) for kind in SIGNED}
        names = {"sale": "invoice", "purchase": "bill"}
        for side, name in names.items():
            action = self.env.ref(f"account_recurrence_dunning.recurrence_schedule_action_{name}")
            domain = [*safe_eval(action.domain), ("id", "in", [s.id for s in made.values()])]
            found = self.env["recurrence.schedule"].with_user(self.clerk).search(domain)
            kinds = {kind for kind in SIGNED if DOCUMENTS[kind].side == side}
            self.assertEqual(set(found.mapped("document_type")), kinds)

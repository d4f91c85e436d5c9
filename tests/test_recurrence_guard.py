from datetime import date

from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import RecurrenceInvoiceCommon

# What a template may refer to although it is not guarded, and why.
NOT_GUARDED = {
    "account.account.tag": "follows from the taxes, which are guarded",
    "account.bank.statement": "entries of a bank only",
    "account.bank.statement.line": "entries of a bank only",
    "account.full.reconcile": "posted entries only",
    "account.move": "entries that come out of other entries",
    "account.move.line": "the line of the template that another took the place of",
    "account.move.tag": "a label: an invoice without it bills the same",
    "account.partial.reconcile": "posted entries only",
    "account.payment": "payments of posted invoices",
    "account.reconcile.model": "entries of a bank only",
    "account.tax.group": "follows from the taxes, which are guarded",
    "account.tax.repartition.line": "follows from the taxes, which are guarded",
    "dunning.program": "the other half guards its programs",
    "ir.attachment": "chatter",
    "payment.transaction": "payments of posted invoices",
    "recurrence.occurrence": "issued invoices only",
    "recurrence.quantity": "refuses by itself to be deleted, and counts where it is archived",
    "recurrence.schedule": "refuses by itself to be archived while it runs",
    "res.company": "Odoo archives none that is in use",
    "res.users": "a salesperson who left stays on the invoice; who acts is the responsible",
}


@tagged("post_install", "-at_install")
class TestRecurrenceGuard(RecurrenceInvoiceCommon):
    """Rule 4: Odoo does not see the templates, so what they use is guarded here."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.env["res.partner"].create({"name": "Guarded"})
        cls.product = (
            cls.env["product.product"].sudo().create({"name": "Guarded"}).with_env(cls.env)
        )
        cls.tax = cls.tax_sale_a.copy({"name": "15 % guarded"})
        cls.account = cls.company_data["default_account_revenue"].copy()
        cls.journal = cls.company_data["default_journal_sale"].copy()
        cls.term = cls.env["account.payment.term"].create({"name": "Guarded"})
        cls.schedule = cls.create_schedule(
            cls.customer,
            template={"journal_id": cls.journal.id, "invoice_payment_term_id": cls.term.id},
            line={
                "product_id": cls.product.id,
                "tax_ids": [Command.set(cls.tax.ids)],
                "account_id": cls.account.id,
            },
        )
        cls.schedule.sudo().state = "running"

    def check(self, record):
        with self.assertRaisesRegex(UserError, f"running recurrences:\n- {self.schedule.name}"):
            record.active = False
        with self.assertRaisesRegex(UserError, f"running recurrences:\n- {self.schedule.name}"):
            record.unlink()
        self.schedule.sudo().state = "finished"
        record.active = False
        self.assertFalse(record.active)

    def test_customer(self):
        self.check(self.customer)

    def test_product(self):
        self.check(self.product)

    def test_product_template(self):
        self.check(self.product.product_tmpl_id)

    def test_tax(self):
        self.check(self.tax)

    def test_account(self):
        self.check(self.account)

    def test_journal(self):
        self.check(self.journal)

    def test_payment_term(self):
        self.check(self.term)

    def test_paused_counts_as_running(self):
        self.schedule.sudo().state = "paused"
        with self.assertRaisesRegex(UserError, "running recurrences"):
            self.customer.active = False

    def test_deliberately(self):
        self.customer.with_context(recurrence_archive_anyway=True).active = False
        self.assertFalse(self.customer.active)

    def test_what_no_template_uses_is_free(self):
        self.partner_b.active = False
        self.assertFalse(self.partner_b.active)

    def test_of_another_user_without_access(self):
        """The guard sees the schedules of every company and of every user."""
        schedule = self.schedule.sudo()
        schedule.company_id = self.env.company
        self.assertEqual(self.customer._recurrence_get_schedules(), schedule)

    def test_ten_names_at_most(self):
        for number in range(11):
            extra = self.create_schedule(self.customer, name=f"More {number}")
            extra.sudo().state = "running"
        with self.assertRaisesRegex(UserError, "and 2 more"):
            self.customer.active = False
        self.assertEqual(self.schedule.date_start, date(2026, 1, 1))

    # --- generated from the registry ---

    def get_relations(self):
        """Yield owner, field and the model it leads to, of all a template may hold."""
        for owner in ("account.move", "account.move.line"):
            for field in self.env[owner]._fields.values():
                if field.store and field.type in ("many2one", "many2many"):
                    yield owner, field, field.comodel_name

    def is_guarded(self, model):
        return issubclass(self.env.registry[model], self.env.registry["recurrence.guarded.mixin"])

    def test_rule_4_every_relation_is_guarded_or_listed(self):
        for owner, field, model in self.get_relations():
            with self.subTest(f"{owner}.{field.name}"):
                self.assertNotEqual(self.is_guarded(model), model in NOT_GUARDED, model)
        for model in NOT_GUARDED:
            self.assertIn(model, self.env)

    def test_rule_4_every_guarded_model_is_found_in_a_template(self):
        for model in self.env.registry["recurrence.guarded.mixin"]._inherit_children:
            with self.subTest(model):
                self.assertTrue(self.env["recurrence.guarded.mixin"]._recurrence_get_uses(model))

    # --- what else a template holds ---

    def use(self, template=None, line=None):
        schedule = self.create_schedule(self.customer, template=template, line=line, name="Other")
        schedule.sudo().state = "running"
        return schedule

    def check_archive(self, record):
        with self.assertRaisesRegex(UserError, "running recurrences:\n- Other"):
            record.active = False
        with self.assertRaisesRegex(RedirectWarning, "used by running recurrences"):
            record.action_archive()

    def test_bank_account(self):
        bank = self.env["res.partner.bank"].create(
            {
                "acc_number": "BE71096123456769",
                "partner_id": self.company_data["company"].partner_id.id,
                "allow_out_payment": True,
            }
        )
        self.use({"partner_bank_id": bank.id})
        self.check_archive(bank)

    def test_fiscal_position(self):
        position = self.fiscal_pos_a.copy({"name": "Guarded"})
        self.use({"fiscal_position_id": position.id})
        self.check_archive(position)
        with self.assertRaisesRegex(UserError, "running recurrences"):
            position.unlink()

    def test_analytic_account(self):
        plan = self.env["account.analytic.plan"].create({"name": "Plan"})
        analytic = self.env["account.analytic.account"].create(
            {"name": "Project", "plan_id": plan.id}
        )
        self.use(line={"analytic_distribution": {str(analytic.id): 100}})
        self.check_archive(analytic)

    def test_currency(self):
        currency = self.setup_other_currency("EUR")
        self.use({"currency_id": currency.id})
        self.check_archive(currency)

    def test_delivery_address(self):
        address = self.env["res.partner"].create(
            {"name": "Depot", "type": "delivery", "parent_id": self.customer.id}
        )
        self.use({"partner_shipping_id": address.id})
        self.check_archive(address)

    def test_child_of_a_group_of_taxes(self):
        child = self.tax_sale_a.copy({"name": "Child"})
        group = self.env["account.tax"].create(
            {
                "name": "Group",
                "amount_type": "group",
                "type_tax_use": "sale",
                "children_tax_ids": [Command.set(child.ids)],
            }
        )
        self.use(line={"tax_ids": [Command.set(group.ids)]})
        self.check_archive(child)

    def test_preferred_payment_method(self):
        """Odoo unties one that payments were made with, and deletes others."""
        method = self.company_data["default_journal_bank"].inbound_payment_method_line_ids[:1]
        self.use({"preferred_payment_method_line_id": method.id})
        with self.assertRaisesRegex(RedirectWarning, "used by running recurrences"):
            method.unlink()
        self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_id": self.customer.id,
                "amount": 1.0,
                "payment_method_line_id": method.id,
            }
        )
        with self.assertRaisesRegex(RedirectWarning, "used by running recurrences"):
            method.unlink()
        self.assertTrue(method.journal_id)

    def test_dunning_program(self):
        program = self.env["dunning.program"].sudo().create({"name": "Strict"})
        schedule = self.use({"dunning_program_id": program.id})
        for door in (program.action_archive, program.unlink):
            with self.assertRaisesRegex(UserError, "Strict is used by recurring invoices: Other"):
                door()
        schedule.sudo().state = "finished"
        program.action_archive()
        self.assertFalse(program.active)

    def test_cash_rounding_is_asked_about_and_can_go(self):
        rounding = self.cash_rounding_a.copy()
        self.use({"invoice_cash_rounding_id": rounding.id})
        with self.assertRaises(RedirectWarning) as asked:
            rounding.unlink()
        message, action, button, _context = asked.exception.args
        self.assertIn("running recurrences:\n- Other", message)
        self.assertEqual(button, "Delete Anyway…")
        self.confirm(action)
        self.assertFalse(rounding.exists())

    # --- anyway ---

    def confirm(self, action):
        self.assertEqual(action["res_model"], "recurrence.guard.anyway")
        dialog = self.env[action["res_model"]].with_context(**action["context"]).create({})
        self.assertIn("running recurrences", dialog.message)
        return dialog.action_confirm()

    def test_rule_4_archive_anyway(self):
        for record in (self.customer, self.product, self.tax, self.term, self.account):
            with self.subTest(record._name):
                with self.assertRaises(RedirectWarning) as asked:
                    record.action_archive()
                message, action, button, _context = asked.exception.args
                self.assertIn(f"running recurrences:\n- {self.schedule.name}", message)
                self.assertEqual(button, "Archive Anyway…")
                self.confirm(action)
                self.assertFalse(record.active)

    def test_rule_4_anyway_is_no_way_to_other_records(self):
        dialog = self.env["recurrence.guard.anyway"].create(
            {"res_model": "res.users", "res_ids": [self.env.uid], "operation": "archive"}
        )
        with self.assertRaisesRegex(UserError, "nothing to confirm"):
            dialog.action_confirm()

    def test_rule_4_anyway_keeps_the_rights_of_the_user(self):
        employee = new_test_user(self.env, login="guard_employee", groups="base.group_user")
        dialog = (
            self.env["recurrence.guard.anyway"]
            .with_user(employee)
            .create({"res_model": "account.tax", "res_ids": self.tax.ids, "operation": "archive"})
        )
        with self.assertRaises(AccessError):
            dialog.action_confirm()

"""A dunning manager can do a dunning manager's work, with that right alone (b4)."""

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import DunningCommon

ADDON = "account_recurrence_dunning"


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestManagerAlone(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.create_user("alone_manager", "dunning_group_manager")
        cls.user = cls.create_user("alone_user", "dunning_group_user")
        cls.customer = cls.partner_a.with_user(cls.manager)
        cls.contact = cls.env["res.partner"].create(
            {"name": "Ann", "parent_id": cls.partner_a.id, "email": "ann@example.com"}
        )
        cls.text = cls.level_1.mail_template_id.with_user(cls.manager)

    # === CUSTOMERS (D7, D9) === #

    def test_d9_sets_policy_program_and_contacts(self):
        own = self.env["dunning.program"].create({"name": "Patient"})
        self.customer.write({"dunning_policy": "own", "dunning_program_id": own.id})
        self.customer.dunning_contact_id = self.contact
        self.customer.billing_contact_id = self.contact
        self.contact.with_user(self.manager).write(
            {"dunning_preferred": True, "dunning_also": True}
        )
        self.assertEqual(self.partner_a.dunning_program_id, own)
        self.assertEqual(self.partner_a.dunning_contact_id, self.contact)
        self.customer.dunning_policy = "never"
        self.assertEqual(self.partner_a.dunning_policy, "never")

    def test_nothing_else_of_a_contact(self):
        for values in (
            {"name": "x"},
            {"email": "mine@example.com"},
            {"dunning_policy": "never", "email": "mine@example.com"},
            {"bank_ids": []},
            {"user_id": self.manager.id},
        ):
            with self.assertRaises(AccessError, msg=values):
                self.customer.write(values)
        with self.assertRaises(AccessError):
            self.customer.unlink()
        with self.assertRaises(AccessError):
            self.customer.write({})

    def test_a_dunning_user_sets_nothing(self):
        with self.assertRaises(AccessError):
            self.partner_a.with_user(self.user).dunning_policy = "never"
        with self.assertRaises(AccessError):
            self.partner_a.with_user(self.user).action_dunning_setup()

    def test_rule_17_neither_customer_contact_nor_program_of_another_company(self):
        other = self.setup_other_company(name="Other")["company"]
        hidden = self.env["res.partner"].create({"name": "Hidden", "company_id": other.id})
        with self.assertRaises(AccessError):
            hidden.with_user(self.manager).dunning_policy = "never"
        with self.assertRaises(AccessError):
            self.customer.dunning_contact_id = hidden.id
        with self.assertRaises(AccessError):
            self.customer.write(
                {"dunning_policy": "own", "dunning_program_id": other.dunning_program_id.id}
            )
        with self.assertRaises(AccessError):
            self.env["res.partner"].with_user(self.manager).create(
                {"name": "x", "parent_id": hidden.id}
            )

    def test_d7_creates_a_contact_of_a_customer(self):
        contacts = self.env["res.partner"].with_user(self.manager)
        made = contacts.with_context(default_is_company=True).create(
            {"name": "Bob", "parent_id": self.partner_a.id, "email": "bob@example.com"}
        )
        self.assertEqual(made.parent_id, self.partner_a)
        self.assertEqual(made.email, "bob@example.com")
        self.assertFalse(made.is_company)
        self.customer.dunning_contact_id = made
        self.assertEqual(self.partner_a.dunning_contact_id, made)

    def test_no_other_contact(self):
        contacts = self.env["res.partner"].with_user(self.manager)
        for values in (
            {"name": "x"},
            {"name": "x", "parent_id": False},
            {"name": "x", "parent_id": self.partner_a.id, "is_company": True},
            {"name": "x", "parent_id": self.partner_a.id, "user_id": self.user.id},
            {"name": "x", "parent_id": self.partner_a.id, "credit_limit": 1e6},
        ):
            with self.assertRaises(AccessError, msg=values):
                contacts.create(values)
        for nobodys in (self.company.partner_id, self.user.partner_id):
            with self.assertRaisesRegex(UserError, "is not a customer"):
                contacts.create({"name": "x", "parent_id": nobodys.id})

    def test_d9_customises_and_changes_the_program(self):
        action = self.customer.action_dunning_customise()
        program = self.env["dunning.program"].browse(action["res_id"])
        self.assertEqual(self.partner_a.dunning_program_id, program)
        self.assertEqual(program.partner_id, self.partner_a)
        self.assertEqual(program.kit, "standard")
        self.assertEqual(
            program.level_ids.mapped("default_key"), ["notice", "level_1", "level_2", "level_3"]
        )
        change = self.customer.action_dunning_change_program()
        dialog = self.env["dunning.change"].with_user(self.manager).browse(change["res_id"])
        dialog.program_id = self.program
        dialog.action_apply()
        self.assertEqual(self.partner_a.dunning_program_id, self.program)

    def test_the_screens_for_it(self):
        setup = self.customer.action_dunning_setup()
        view = self.env["ir.ui.view"].browse(setup["views"][0][0])
        self.assertTrue(self.customer.dunning_needs_dialog)
        with Form(self.customer, view=view) as form:
            form.dunning_policy = "never"
            form.dunning_contact_id = self.contact
        self.assertEqual(self.partner_a.dunning_policy, "never")
        contact = self.customer.action_dunning_new_contact()
        view = self.env["ir.ui.view"].browse(contact["views"][0][0])
        contacts = self.env["res.partner"].with_user(self.manager)
        with Form(contacts.with_context(**contact["context"]), view=view) as form:
            form.name = "Eve"
            form.email = "eve@example.com"
        self.assertEqual(form.record.parent_id, self.partner_a)

    def test_whoever_edits_contacts_needs_no_dialog(self):
        self.manager.group_ids += self.env.ref("base.group_partner_manager")
        self.assertFalse(self.customer.dunning_needs_dialog)
        self.customer.write({"name": "Renamed", "dunning_policy": "never"})
        self.assertEqual(self.partner_a.name, "Renamed")

    # === TEXTS (D4, D8) === #

    def test_d8_edits_and_copies_the_texts_with_all_placeholders(self):
        offered = self.env["dunning.reminder"].mail_allowed_qweb_expressions()
        known = [text for text in offered if self.exists_on_reminder(text)]
        self.assertIn("object.total_text", known)
        self.assertIn("object.lang", known)
        body = "".join(f'<p><t t-out="{text}">x</t></p>' for text in known)
        self.text.write({"subject": "Hi #REF# {{ object.addressee }}", "body_html": body})
        copy = self.text.copy()
        self.assertEqual(copy.body_html, self.text.body_html)
        self.env["dunning.level"].with_user(self.manager).browse(
            self.level_1.id
        ).mail_template_id = copy
        for shipped in self.program.level_ids.mail_template_id.with_user(self.manager):
            shipped.write({"subject": f"{shipped.subject} now"})

    def exists_on_reminder(self, expression):
        record = self.env["dunning.reminder"]
        for name in expression.split(".")[1:]:
            if name not in record._fields:
                return False
            record = record[name]
        return True

    def test_no_other_text_and_nothing_but_placeholders(self):
        invoices = self.env["mail.template"].with_user(self.manager)
        invoice = self.env.ref("account.email_template_edi_invoice").with_user(self.manager)
        with self.assertRaises(AccessError):
            invoice.subject = "x"
        with self.assertRaises(AccessError):
            self.text.body_html = '<t t-out="object.env.user.sudo().password"/>'
        with self.assertRaises(AccessError):
            self.text.unlink()
        with self.assertRaises(AccessError):
            self.text.with_user(self.user).subject = "x"
        self.assertTrue(invoices.has_access("read"))

    def test_rule_17_not_a_text_that_another_company_sends(self):
        other = self.setup_other_company(name="Other")["company"]
        other.sudo().dunning_active = True
        with self.assertRaisesRegex(UserError, "also used by other companies"):
            self.text.subject = "x"
        self.text.copy().subject = "Ours"
        # statements, thanks and gentle texts stand on no level: every company sends them
        shipped = self.env["ir.model.data"].search(
            [("module", "=", "account_recurrence_dunning"), ("model", "=", "mail.template")]
        )
        self.assertGreater(len(shipped), 8)
        texts = self.env["mail.template"].with_user(self.manager)
        told = 0
        for text in texts.browse(shipped.mapped("res_id")):
            with self.assertRaises(UserError, msg=text.sudo().name) as refusal:
                text.write({"subject": "x"})
            told += "also used by other companies" in str(refusal.exception)
        self.assertGreater(told, 6)
        other.sudo().dunning_active = False
        texts.browse(self.text.id).subject = "Ours"

    # === SETTINGS === #

    def test_rule_16_says_whether_the_database_was_moved(self):
        self.env["ir.config_parameter"].sudo().set_param("web.base.url", "https://new.example.com")
        self.assertTrue(self.company._is_dunning_copy())
        program = self.program.with_user(self.manager)
        self.assertTrue(program.is_on_hold)
        self.assertTrue(program.action_confirm_move())
        self.assertFalse(self.company._is_dunning_copy())
        with self.assertRaises(AccessError):
            self.company.with_user(self.user).action_dunning_confirm_move()
        with self.assertRaises(AccessError):
            self.program.with_user(self.user).action_confirm_move()

    def test_no_settings_in_general(self):
        with self.assertRaises(AccessError):
            self.env["res.config.settings"].with_user(self.manager).create({})
        with self.assertRaises(AccessError):
            self.company.with_user(self.manager).dunning_active = False

    def test_d13_reads_which_mail_servers_there_are_without_their_secrets(self):
        servers = self.env["ir.mail_server"]
        server = servers.sudo().create(
            {"name": "Ours", "smtp_host": "a.example.com", "smtp_pass": "secret"}
        )
        found = server.with_user(self.manager)
        self.assertEqual(found.name, "Ours")
        with self.assertRaises(AccessError):
            found.read(["smtp_pass"])
        with self.assertRaises(AccessError):
            found.name = "Mine"
        with self.assertRaises(AccessError):
            server.with_user(self.user).read(["name"])

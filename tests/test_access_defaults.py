"""No default of a user's fills what the system keeps, nor what that user may not write."""

from datetime import date

from freezegun import freeze_time

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from . import access_table as table
from .test_access_matrix import ADDON, QUIET, AccessMatrixCase

SAMPLES = {
    "boolean": True,
    "char": "forged",
    "date": "2020-02-02",
    "datetime": "2020-02-02 02:02:02",
    "float": 77.0,
    "html": "<p>forged</p>",
    "integer": 77,
    "json": {"forged": True},
    "monetary": 77.0,
    "text": "forged",
}

# What is drawn anew for each record.
DRAWN = ("secret",)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestAccessDefaults(AccessMatrixCase):
    def get_kept(self):
        """Return ``{model: names of stored fields that only the system fills}``."""
        mixin = self.registry["recurrence.dunning.system.field.mixin"]
        kept = {
            name: [model._fields[kept] for kept in self.env[name]._get_system_names()]
            for name, model in self.registry.items()
            # a view of the database takes no records
            if issubclass(model, mixin) and not model._abstract and model._auto
        }
        return {
            model: [
                field.name
                for field in fields
                if field.store and field.name not in models.MAGIC_COLUMNS
                # the messages and followers of a record are made with it
                if field.type != "one2many" or field._module == ADDON
            ]
            for model, fields in kept.items()
            if fields
        }

    def test_rule_19_what_nobody_may_create_is_made_by_the_engine_alone(self):
        granted = self.env["ir.model.access"].sudo().search([("perm_create", "=", True)])
        may_be_created = set(granted.model_id.mapped("model"))
        for name in self.get_own_models():
            made = self.registry[name]._is_engine_made
            self.assertEqual(made, name not in may_be_created, f"{name}: set _is_engine_made")

    def test_rule_19_h1_no_default_fills_a_kept_field(self):
        """For each field: stored by the user, and in the context, created as user and as system."""
        tried = 0
        for model, names in self.get_kept().items():
            with self.subTest(model):
                tried += self.check_defaults(model, names)
        self.assertGreater(tried, 150)

    def check_defaults(self, model, names):
        """Make a record without and with forged defaults; return how many were forged."""
        user = self.get_lowest(model)
        vals = self.get_vals(model)
        plain = self.make(model, user, vals, names)
        forged = {name: value for name in names if (value := self.get_sample(model, name))}
        context = {f"default_{name}": value for name, value in forged.items()}
        with self.env.cr.savepoint() as savepoint:
            for name, value in forged.items():
                self.env["ir.default"].with_user(user).set(model, name, value, user_id=True)
            self.assertEqual(self.make(model, user, vals, names), plain, "stored default")
            found = self.make(model, user, vals, names, context=context)
            self.assertEqual(found, plain, "stored and in the context")
            # what is made with kept values is the engine's in any case
            is_theirs = vals.keys().isdisjoint(names)
            # for a payment Odoo reads its provider, which only administrators may
            is_theirs = is_theirs and model != "payment.transaction"
            if is_theirs and self.env[model].with_user(user).has_access("create"):
                found = self.make(model, user, vals, names, su=False)
                self.assertEqual(found, plain, "created by the user")
            savepoint.rollback()
        self.env.registry.clear_cache()
        return len(forged)

    def get_lowest(self, model):
        """Return the user with the least rights who may create such records, or reads them."""
        others = table.EMPLOYEES if model == "mail.activity" else table.BILLERS
        rights = table.MODELS.get(model) or (others,) * 4
        if model in table.DIALOGS:
            rights = (table.DIALOGS[model],) * 4
        allowed = rights[2] or rights[0]
        return self.people[next(role for role in table.ROLES if role in allowed)]

    def get_vals(self, model):
        """Return values for another record like the one there is."""
        record = self.records[model].sudo()
        if model == "account.move":
            return self.get_invoice_vals()
        if model == "account.move.line":
            draft = self.env["account.move"].create(self.get_invoice_vals())
            account = self.company_data["default_account_revenue"].id
            return {"move_id": draft.id, "name": "x", "account_id": account}
        if model == "res.company":
            return {"name": "New"}
        if model == "mail.activity":
            return {
                "res_model_id": self.env["ir.model"]._get_id("recurrence.schedule"),
                "res_id": self.private["recurrence.schedule"].id,
                "user_id": self.people[table.EMPLOYEE].id,
            }
        vals = self.get_new(record)
        if not vals:
            vals = {
                name: field.convert_to_write(record[name], record)
                for name, field in record._fields.items()
                if field.required and field.store and name not in models.MAGIC_COLUMNS
            }
        return {**vals, **self.get_other(model)}

    def get_other(self, model):
        """Return what differs in another record, where the database takes one of each."""
        line = self.move.line_ids - self.records["dunning.escalation"].move_line_id
        if model == "dunning.link":
            reminder = self.level_1._make_reminder(self.move, date(2026, 3, 10))
            return {"reminder_id": reminder.id, "token_hash": "y"}
        return {
            "dunning.answer": {"fingerprint": "y"},
            "dunning.case": {"partner_id": self.partner_b.id},
            "dunning.mail.handover": {"mail_id": self.records["mail.mail"].id},
            "dunning.escalation": {"move_line_id": line[:1].id},
            "dunning.day": {"date": "2031-01-01"},
            "dunning.forewarning": {"cycle": 1},
            "dunning.reminder.line": {"kind": "overdue"},
            "dunning.trial.member": {"partner_id": self.partner_b.id},
            # Odoo's own form gives them
            "payment.transaction": {
                name: self.records["payment.transaction"][name].id
                for name in ("payment_method_id", "currency_id")
            }
            | {"amount": 1.0},
            "recurrence.occurrence": {"rule_date": "2031-01-01"},
            "recurrence.billed.date": {"move_id": self.move.id, "is_live": False},
        }.get(model, {})

    def get_invoice_vals(self):
        line = Command.create({"name": "x", "price_unit": 5.0, "tax_ids": []})
        return {
            "move_type": "out_invoice",
            "partner_id": self.partner_a.id,
            "invoice_date": "2026-03-01",
            "invoice_line_ids": [line],
        }

    def get_sample(self, model, name):
        """Return a value to forge a field with; none where nothing fits."""
        field = self.registry[model]._fields[name]
        if field.type == "selection":
            return field.get_values(self.env)[-1]
        if field.type in ("many2one", "many2many", "one2many"):
            comodel = self.env[field.comodel_name].sudo().with_context(active_test=False)
            record = comodel.search([], limit=1, order="id")
            return record.id if field.type == "many2one" else record.ids
        return SAMPLES.get(field.type)

    def make(self, model, user, vals, names, su=True, context=None):
        """Return the kept values of a record that is created for a user, and taken back."""
        records = self.env[model].with_user(user).with_company(self.company).sudo(su)
        with mute_logger(*QUIET), self.env.cr.savepoint() as savepoint:
            made = records.with_context(**(context or {})).create(dict(vals)).sudo()
            self.env.flush_all()
            self.env.invalidate_all()
            found = {name: self.get_value(made, name) for name in names}
            savepoint.rollback()
        self.env.invalidate_all()
        return found

    def get_value(self, record, name):
        value = record[name]
        if name in DRAWN:
            return value not in SAMPLES.values()
        if not isinstance(value, models.BaseModel):
            return value
        # what a record makes for itself is a new one each time
        return len(value) if record._fields[name].type == "one2many" else value.ids

    def test_rule_19_h1_a_default_fills_nothing_that_its_user_may_not_write(self):
        biller = self.create_user("default_biller", "base.group_partner_manager")
        defaults = self.env["ir.default"].with_user(biller)
        defaults.set("res.partner", "dunning_policy", "never", user_id=True)
        defaults.set("res.partner", "comment", "Mine", user_id=True)
        partner = self.env["res.partner"].with_user(biller).create({"name": "New"})
        self.assertFalse(partner.sudo().dunning_policy)
        # what he may write he may also preset
        self.assertIn("Mine", partner.comment)
        self.env["ir.default"].sudo().set("res.partner", "dunning_policy", "general")
        partner = self.env["res.partner"].with_user(biller).create({"name": "Newer"})
        self.assertEqual(partner.sudo().dunning_policy, "general")

    def test_rule_19_h1_a_contact_of_a_dunning_manager_takes_none_of_his_defaults(self):
        manager = self.people[table.MANAGER]
        defaults = self.env["ir.default"].with_user(manager)
        defaults.set("res.partner", "comment", "forged", user_id=True)
        defaults.set("res.partner", "is_company", True, user_id=True)
        contacts = self.env["res.partner"].with_user(manager)
        contact = contacts.create({"name": "Ann", "parent_id": self.partner_a.id}).sudo()
        self.assertFalse(contact.comment)
        self.assertFalse(contact.is_company)

    def test_rule_19_h1_a_reminder_goes_where_and_says_what_the_engine_decided(self):
        user = self.people[table.USER]
        defaults = self.env["ir.default"].with_user(user)
        defaults.set("dunning.reminder", "own_subject", "forged", user_id=True)
        defaults.set("dunning.reminder", "other_email", "evil@example.com", user_id=True)
        defaults.set("mail.mail", "recipient_ids", user.partner_id.ids, user_id=True)
        defaults.set("mail.mail", "scheduled_date", "2030-01-01 00:00:00", user_id=True)
        defaults.set("ir.attachment", "public", True, user_id=True)
        move = self.create_due_invoice("2026-03-01", partner=self.partner_b)
        self.partner_b.email = "b@example.com"
        runs = self.env["dunning.run"].with_user(user)
        reminder = runs._execute_for(self.company, date(2026, 3, 10), moves=move).reminder_ids
        mail = reminder.sudo().mail_id
        self.assertEqual(len(mail), 1)
        self.assertFalse(reminder.other_email)
        self.assertNotEqual(mail.subject, "forged")
        self.assertIn("b@example.com", mail.email_to)
        self.assertFalse(mail.recipient_ids)
        self.assertFalse(mail.scheduled_date)

    def test_rule_4_h2_the_context_makes_no_invoice_that_of_a_date(self):
        biller = self.people[table.INVOICING]
        occurrence = self.records["recurrence.occurrence"]
        defaults = {
            "default_recurrence_occurrence_id": occurrence.id,
            "default_recurrence_schedule_id": occurrence.schedule_id.id,
        }
        moves = self.env["account.move"].with_user(biller)
        for name, value in defaults.items():
            with self.assertRaisesRegex(UserError, "managed by the system"):
                moves.with_context(**{name: value}).create(self.get_invoice_vals())
        made = moves.sudo().with_context(**defaults).create(self.get_invoice_vals())
        self.assertFalse(made.recurrence_occurrence_id or made.recurrence_schedule_id)

    def test_rule_4_a_stored_default_makes_no_template(self):
        biller = self.people[table.INVOICING]
        defaults = self.env["ir.default"].with_user(biller)
        defaults.set("account.move", "is_recurrence_template", True, user_id=True)
        moves = self.env["account.move"].with_user(biller)
        self.assertFalse(moves.create(self.get_invoice_vals()).is_recurrence_template)

    def test_rule_4_m4_each_kind_recurs_when_it_is_asked_for(self):
        biller = self.people[table.INVOICING]
        vals = {"partner_id": self.partner_a.id}
        for kind in ("in_invoice", "in_refund", "in_receipt", "out_refund", "out_receipt", "entry"):
            moves = self.env["account.move"].with_user(biller)
            by_default = moves.with_context(
                default_move_type=kind, default_is_recurrence_template=True
            )
            made = by_default.create({**vals, "recurrence_date_start": "2026-03-10"})
            self.assertEqual((made.move_type, made.is_recurrence_template), (kind, True))
            self.assertEqual(made.recurrence_schedule_id.document_type, kind)
            self.assertFalse(made.invoice_date or made.state != "draft")

import ast
import re
import sys
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.api import Environment
from odoo.fields import Command
from odoo.sql_db import BaseCursor, Cursor
from odoo.tests import TransactionCase, tagged

from ..models.dunning.decide.dunning_engine_source_mixin import READ_FIELDS
from .common import DunningMailCommon

ADDON = "account_recurrence_dunning"
HERE = Path(__file__).resolve().parent
TABLE_ALIAS = re.compile(r"\b(?:FROM|JOIN)\s+(\w+)\s+(?!WHERE|JOIN|ON\b)(\w+)")
COLUMN = re.compile(r"\b(\w+)\.(\w+)\b")
# Between whoever asks and what is done: no caller of its own.
MACHINERY = ("sql_db.py", "contextlib.py", "mock.py", "environments.py")
# Odoo's stored models whose create, write or unlink runs code of the addon, each played below.
PLAYED = {
    "account.account",
    "account.analytic.account",
    "account.cash.rounding",
    "account.fiscal.position",
    "account.incoterms",
    "account.journal",
    "account.move",
    "account.move.line",
    "account.payment.method.line",
    "account.payment.term",
    "account.tax",
    "calendar.event",
    "ir.attachment",
    "mail.activity",
    "mail.template",
    "payment.transaction",
    "product.product",
    "product.template",
    "res.company",
    "res.currency",
    "res.partner",
    "res.partner.bank",
    "res.users",
    "uom.uom",
}


def find_addon_caller():
    """Return where in the addon something was asked for, if it was the addon that asked."""
    frame = sys._getframe(2)
    while frame:
        path = Path(frame.f_code.co_filename)
        if path.name not in MACHINERY and path.name != Path(__file__).name:
            break
        frame = frame.f_back
    path = path.resolve()
    if frame and HERE.parent in path.parents and HERE not in path.parents:
        return f"{path.name}:{frame.f_lineno}"
    return None


@tagged("post_install", "-at_install")
class TestCoreHooks(DunningMailCommon):
    """Inside Odoo's own create, write and unlink the addon opens no savepoint, flushes not all
    there is and commits nothing: hooks that wait for the end of a transaction stay waiting."""

    @contextmanager
    def watched(self):
        """Fail where the addon does what Odoo's own methods must not find done inside them."""
        found = []

        def note(owner, name):
            origin = getattr(owner, name)

            def noting(self, *args, **kwargs):
                caller = find_addon_caller()
                if caller and not (name == "savepoint" and kwargs.get("flush") is False):
                    found.append(f"{name} in {caller}")
                return origin(self, *args, **kwargs)

            return patch.object(owner, name, noting)

        names = [(BaseCursor, "savepoint"), (BaseCursor, "flush"), (Environment, "flush_all")]
        names += [(Cursor, "commit"), (Cursor, "rollback")]
        patches = [note(owner, name) for owner, name in names]
        for patcher in patches:
            patcher.start()
        try:
            yield
        finally:
            for patcher in patches:
                patcher.stop()
        self.assertEqual(found, [])

    def test_all_models_with_hooks_are_played(self):
        hooked = set()
        for name, model in self.registry.items():
            if model._original_module == ADDON or model._abstract or model._transient:
                continue
            for parent in model.mro():
                if parent.__module__.startswith(f"odoo.addons.{ADDON}."):
                    methods = {"create", "write", "unlink"} & parent.__dict__.keys()
                    guards = [m for m in parent.__dict__ if m.startswith("_unlink_except")]
                    if methods or guards:
                        hooked.add(name)
        self.assertEqual(hooked, PLAYED)

    def test_companies(self):
        with self.watched():
            company = self.env["res.company"].sudo().create({"name": "Just founded"})
            company.write({"name": "Founded", "dunning_contact_gap": 3})
            company.write({"dunning_active": True})
        self.assertEqual(company.dunning_program_id.mode, "manual")

    def test_pending_hooks_stay_pending_when_a_company_is_made(self):
        ran = []
        self.env.cr.precommit.add(lambda: ran.append(1))
        self.env["res.company"].sudo().create({"name": "Just founded"})
        self.assertEqual(ran, [])

    def test_payments_on_the_page(self):
        provider = self.env["payment.provider"].sudo()
        provider = provider.create({"name": "Online", "company_id": self.company.id})
        with self.watched():
            transaction = provider.env["payment.transaction"].create(
                {
                    "provider_id": provider.id,
                    "payment_method_id": self.env.ref("payment.payment_method_unknown").id,
                    "amount": 1.0,
                    "currency_id": self.company.currency_id.id,
                    "partner_id": self.partner_a.id,
                    "dunning_email_to": "customer@example.com",
                }
            )
            transaction.write({"state_message": "Waits"})
        self.assertEqual(transaction.dunning_email_to, "customer@example.com")

    def test_a_company_is_written_far_in_the_future(self):
        """Odoo's own tests of lock dates do so: nothing of dunning is touched by it."""
        with freeze_time("4000-01-01"):
            self.company.fiscalyear_lock_date = date(2026, 1, 31)
            self.company.street = "Elsewhere 1"
            self.company.flush_recordset()
        self.assertEqual(self.company.fiscalyear_lock_date, date(2026, 1, 31))

    def test_partners(self):
        with self.watched():
            partner = self.env["res.partner"].create({"name": "New"})
            partner.write({"email": "new@customer.example"})
            partner.write({"active": False})
            partner.unlink()

    def test_what_invoices_are_made_of(self):
        self.plan = self.env["account.analytic.plan"].sudo().create({"name": "Plan"})
        vals = {
            "account.account": {"name": "A", "code": "X1", "account_type": "income"},
            "account.journal": {"name": "J", "code": "XJ", "type": "sale"},
            "account.payment.term": {"name": "T"},
            "account.tax": {"name": "Tax X", "amount": 5.0},
            "product.template": {"name": "P"},
            "product.product": {"name": "Q"},
            "account.analytic.account": {"name": "AA", "plan_id": self.plan.id},
            "account.cash.rounding": {
                "name": "R",
                "rounding": 0.05,
                "strategy": "biggest_tax",
                "rounding_method": "HALF-UP",
            },
            "account.fiscal.position": {"name": "F"},
            "account.incoterms": {"name": "I", "code": "XIN"},
            "account.payment.method.line": {
                "name": "M",
                "payment_method_id": self.env.ref("account.account_payment_method_manual_in").id,
                "journal_id": self.company_data["default_journal_bank"].id,
            },
            "res.currency": {"name": "XQX", "symbol": "Q"},
            "res.partner.bank": {"acc_number": "X1", "partner_id": self.partner_a.id},
            "uom.uom": {"name": "U"},
        }
        with self.watched():
            for model, values in vals.items():
                record = self.env[model].sudo().create(values)
                name = next(iter(values))
                record.write({name: "XQZ"})
                if "active" in record._fields:
                    record.write({"active": False})
                record.unlink()

    def test_users_templates_and_files(self):
        model = self.env["ir.model"]._get("dunning.reminder")
        vals = {
            "res.users": {"name": "U", "login": "core_hooks_user"},
            "mail.template": {"name": "T", "model_id": model.id, "subject": "S"},
            "ir.attachment": {"name": "A", "raw": b"A"},
        }
        with self.watched():
            for name, values in vals.items():
                record = self.env[name].sudo().create(values)
                record.write({"name": "Other"})
                record.unlink()

    def test_invoices(self):
        """An overdue invoice of a customer who was reminded: all its facts are looked at."""
        self.partner_a.email = "acme@customer.example"
        self.program.filter_domain = "[('ref', '!=', 'HQ')]"
        self.create_due_invoice("2026-03-01")
        self.execute("2026-03-10")
        with self.watched():
            move = self._create_invoice_one_line(
                price_unit=100.0,
                tax_ids=[],
                partner_id=self.partner_a,
                invoice_date=fields.Date.to_date("2026-03-01"),
            )
            move.write({"ref": "PO 1", "invoice_date_due": "2026-03-02"})
            move.invoice_line_ids.write({"price_unit": 90.0})
            move.action_post()
            self.assertTrue(move.dunning_reason)
            move.write({"is_move_sent": True, "dunning_choice": "remind"})
            self.assertTrue(move.dunning_reason)
            self._register_payment(move, amount=10.0)
            self.assertEqual(move.amount_residual, 80.0)
            move.line_ids.remove_move_reconcile()
            move.button_draft()
            move.write({"invoice_line_ids": [Command.clear()]})
            move.button_cancel()
            copy = move.copy()
            copy.unlink()

    def test_activities_and_meetings(self):
        todo = self.env.ref("mail.mail_activity_data_todo")
        with self.watched():
            activity = self.partner_a.activity_schedule(activity_type_id=todo.id)
            activity.write({"summary": "Call", "date_deadline": "2026-03-01"})
            activity.action_done()
            event = self.env["calendar.event"].create(
                {"name": "Meeting", "start": "2026-03-02 08:00:00", "stop": "2026-03-02 09:00:00"}
            )
            event.write({"name": "Other"})
            event.unlink()


@tagged("post_install", "-at_install")
class TestFetchedColumns(TransactionCase):
    """Reading one of Odoo's fields does not fetch the addon's columns beside it."""

    # Asked by every hook of an invoice: fetched once with the rest it costs less.
    ASKED_BY_HOOKS = {
        ("account.move", "is_recurrence_template"),
        ("account.move", "recurrence_schedule_id"),
        ("mail.activity", "recurrence_occurrence_id"),
        ("res.company", "dunning_active"),
    }

    def test_own_columns_are_fetched_apart(self):
        found = {
            (model._name, field.name)
            for model in self.env.registry.values()
            if model._original_module != ADDON
            for field in model._fields.values()
            if field._module == ADDON
            and not model._abstract
            and field.store
            and field.column_type
            and field.prefetch is True
        }
        self.assertEqual(found, self.ASKED_BY_HOOKS)

    def test_a_partner_is_read_without_the_dunning_columns(self):
        partner = self.env["res.partner"].create({"name": "Acme"})
        self.env.invalidate_all()
        self.assertEqual(partner.name, "Acme")
        cached = partner._fields["dunning_also"]._get_cache(self.env)
        self.assertNotIn(partner.id, cached)
        self.assertFalse(partner.dunning_also)


@tagged("post_install", "-at_install")
class TestFlushedFields(TransactionCase):
    """What the queries about due lines read is what is flushed before them."""

    def test_every_column_read_is_flushed(self):
        tables = {model._table: name for name, model in self.registry.items() if model._auto}
        checked = 0
        room = HERE.parent / "models" / "dunning" / "decide"
        for path in sorted(room.glob("dunning_engine*.py")):
            tree = ast.parse(path.read_text())
            for node in ast.walk(tree):
                if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
                    continue
                found = TABLE_ALIAS.findall(node.value)
                aliases = {alias: table for table, alias in found if table in tables}
                for alias, column in COLUMN.findall(node.value):
                    if alias in aliases:
                        checked += self.check_column(tables[aliases[alias]], column)
        self.assertGreater(checked, 50)

    def check_column(self, model, column):
        """See that a column of a model is flushed, if anything of it can be pending."""
        field = self.env[model]._fields.get(column)
        if not field or column in ("id", "create_uid", "create_date"):
            return 0
        with self.subTest(f"{model}.{column}"):
            self.assertIn(model, READ_FIELDS)
            names = READ_FIELDS[model]
            self.assertTrue(names is None or column in names)
        return 1

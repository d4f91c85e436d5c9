import ast
from contextlib import suppress
from pathlib import Path

from odoo import fields
from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.tests import BaseCase, tagged

from odoo.addons.rpc.controllers.xmlrpc import dumps

from .common import DunningMailCommon, RecurrenceInvoiceCommon

ROOT = Path(__file__).resolve().parent.parent
ADDON = "account_recurrence_dunning"


def always_answers(body):
    """Whether every way through these statements ends with a value or an exception."""
    for statement in body:
        match statement:
            case ast.Return(value=value):
                return value is not None and getattr(value, "value", value) is not None
            case ast.Raise():
                return True
            case ast.If(orelse=[_, *_]):
                if always_answers(statement.body) and always_answers(statement.orelse):
                    return True
            case ast.With() if always_answers(statement.body):
                return True
            case ast.Try(handlers=handlers):
                bodies = [statement.body, *(handler.body for handler in handlers)]
                if all(map(always_answers, bodies)):
                    return True
    return False


def gives_nothing(function):
    """Whether a function may return None."""
    returns = [node for node in ast.walk(function) if isinstance(node, ast.Return)]
    nothing = any(node.value is None or ast.unparse(node.value) == "None" for node in returns)
    return nothing or not always_answers(function.body)


@tagged("post_install", "-at_install")
class TestRpcAnswerSource(BaseCase):
    """XML-RPC knows no None: who calls a method that returns none gets a fault for what was
    done and committed."""

    def test_every_public_method_returns_something(self):
        functions = {}
        for function, _label in self.get_functions():
            functions.setdefault(function.name, []).append(function)
        public = [pair for pair in self.get_functions() if not pair[0].name.startswith("_")]
        self.assertGreater(len(public), 100)
        for function, label in public:
            with self.subTest(label):
                self.assertFalse(gives_nothing(function))
                for name in self.get_returned_calls(function):
                    helpers = functions.get(name, [])
                    self.assertFalse(helpers and all(map(gives_nothing, helpers)), name)

    def get_functions(self):
        """Return the methods of models, each with where it stands."""
        return [
            (part, f"{path.name}: {part.name}")
            for folder in ("models", "wizard")
            for path in sorted((ROOT / folder).rglob("*.py"))
            for node in ast.parse(path.read_text()).body
            if isinstance(node, ast.ClassDef)
            and any("models." in ast.unparse(b) for b in node.bases)
            for part in node.body
            if isinstance(part, ast.FunctionDef)
        ]

    def get_returned_calls(self, function):
        """Return the names of the methods whose result a method returns."""
        return [
            getattr(node.value.func, "attr", "")
            for node in ast.walk(function)
            if isinstance(node, ast.Return) and isinstance(node.value, ast.Call)
        ]


class RpcMixin:
    def call_all(self, records, arguments=()):
        """Call every public method without arguments as a client would, each undone again.

        :return: number of answers
        """
        answers = 0
        model = type(records)
        for name in sorted(dir(model)):
            method = getattr(model, name)
            if name.startswith("_") or not callable(method):
                continue
            if not method.__module__.startswith(f"odoo.addons.{ADDON}.") or name in (
                "create",
                "write",
                "unlink",
                "default_get",
                "button_cancel",  # Odoo's own returns none
            ):
                continue
            code = method.__code__
            if code.co_argcount - 1 > len(method.__defaults__ or ()):
                continue
            ids = [] if getattr(method, "_api_model", False) else [records.ids]
            with self.subTest(f"{records._name}.{name}"):
                # refused with a sentence is an answer too
                with suppress(UserError), self.env.cr.savepoint(), self.mock_mail():
                    dumps((call_kw(records.browse(), name, ids, {}),))
                    answers += 1
        return answers


@tagged("post_install", "-at_install")
class TestRpcAnswerDunning(RpcMixin, DunningMailCommon):
    def mock_mail(self):
        return self.mock_mail_gateway()

    def test_answers_can_be_sent(self):
        self.partner_a.email = "acme@customer.example"
        move = self.create_due_invoice("2026-03-01")
        run = self.execute("2026-03-10")
        block = self.env["dunning.block"].create(
            {"partner_id": self.partner_a.id, "kind": "promise", "date_until": fields.Date.today()}
        )
        waiting = self.env["dunning.run"].create(
            {"company_id": self.company.id, "date": "2026-03-20"}
        )
        simulated = self.env["dunning.run"].create(
            {"company_id": self.company.id, "date": "2026-03-20"}
        )
        simulated.action_simulate()
        for records in (
            move,
            move.line_ids[:1],
            run,
            waiting,
            simulated,
            run.line_ids[:1],
            run.reminder_ids[:1],
            run.reminder_ids.line_ids[:1],
            self.program,
            self.level_1,
            block,
            self.partner_a,
            self.company,
        ):
            self.assertGreater(self.call_all(records), 0, records)


@tagged("post_install", "-at_install")
class TestRpcAnswerRecurrence(RpcMixin, RecurrenceInvoiceCommon):
    def mock_mail(self):
        return self.env.cr.savepoint()

    def test_answers_can_be_sent(self):
        today = fields.Date.today()
        vals = {"day": today.day, "date_start": today}
        draft = self.create_schedule(self.partner_a, **vals)
        running = self.create_schedule(self.partner_a, **vals)
        running.action_generate()
        running.sudo()._process_due(today)
        answers = 0
        for records in (
            draft,
            running,
            running.template_move_id,
            running.occurrence_ids[:1],
            running.occurrence_ids[1:2],
        ):
            answers += self.call_all(records)
        self.assertGreater(answers, 20)

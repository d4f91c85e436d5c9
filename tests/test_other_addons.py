import ast
import re
from pathlib import Path
from unittest.mock import patch

from odoo.modules import Manifest
from odoo.tests import BaseCase, tagged

from .common import DunningMailCommon

ADDON = "account_recurrence_dunning"
ROOT = Path(__file__).resolve().parent.parent
WRITING_SQL = re.compile(r"^\s*(UPDATE|INSERT\s+INTO|DELETE\s+FROM|COPY|TRUNCATE)\s", re.M)
# The statements that write, each with whoever tells other addons (rule 23).
TOLD = {
    "bulk_write_mixin.py": 1,  # modified()
    "dunning_case_refresh_mixin.py": 1,  # modified() after INSERT
    "dunning_case_change.py": 1,  # rows that nothing depends on, deleted when they are done
    "dunning_invoice_claim_mixin.py": 1,  # writes what is there already, to be met by others
    "dunning_run_line.py": 2,  # modified() after COPY, before DELETE
    "recurrence_billed_date.py": 1,  # while the addon is upgraded, before anybody computes
    # noted on a connection of its own, for what the sending transaction may lose
    "dunning_mail_handover.py": 3,
}
# Models of addons that are looked for, not needed.
OPTIONAL_MODELS = {"base.automation", "crm.team"}


def python_files(*folders):
    for folder in folders:
        yield from sorted((ROOT / folder).glob("*.py" if folder == "." else "**/*.py"))


@tagged("post_install", "-at_install")
class TestRule23Source(BaseCase):
    """What the source itself shows of how the addon gets on with others."""

    def test_rule_23_every_statement_that_writes_is_known_to_tell(self):
        found = {}
        for path in python_files("models", "wizard", "controllers", "report", "tools"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    count = len(WRITING_SQL.findall(node.value))
                    if count:
                        found[path.name] = found.get(path.name, 0) + count
        self.assertEqual(found, TOLD)

    def test_no_product_code_asks_whether_it_is_tested(self):
        for path in python_files("models", "wizard", "controllers", "report", "tools", "."):
            with self.subTest(path.name):
                self.assertNotRegex(path.read_text(), r"current_test|test_enable|time\.sleep")

    def test_every_model_used_belongs_to_an_addon_that_is_depended_on(self):
        closure, waiting = set(), [ADDON]
        while waiting:
            name = waiting.pop()
            if name not in closure:
                closure.add(name)
                waiting += Manifest.for_addon(name)["depends"]
        declared = set(Manifest.for_addon(ADDON)["depends"])
        self.assertIn("resource", declared, "its leaves are read by the working calendar")
        owners = {}
        for name in closure | {"base"}:
            for path in Path(Manifest.for_addon(name).path).rglob("*.py"):
                if "tests" not in path.parts:
                    for model in re.findall(
                        r"^    _name = ['\"]([\w.]+)['\"]", path.read_text(), re.M
                    ):
                        owners.setdefault(model, set()).add(name)
        for path in python_files("models", "wizard", "controllers", "report"):
            used = re.findall(r"env\[\s*\"([a-z_]+(?:\.[a-z_]+)+)\"\s*\]", path.read_text())
            used += re.findall(
                r"(?:Many2one|One2many|Many2many)\(\s*\"([\w.]+)\"", path.read_text()
            )
            for model in set(used) - OPTIONAL_MODELS:
                with self.subTest(path=path.name, model=model):
                    self.assertIn(model, owners)


@tagged("post_install", "-at_install")
class TestRule23(DunningMailCommon):
    """Other addons are told of what is written past the ORM (rule 23)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.email = "acme@customer.example"
        cls.registry_enter_test_mode_cls()

    def setUp(self):
        # the last thing done, when the fields are gone from the database
        self.addCleanup(self.registry.reset_changes)
        super().setUp()

    def add_field(self, model, depends, code):
        """Add a stored computed field as another addon would."""
        self.env["ir.model.fields"].sudo().create(
            {
                "name": "x_seen",
                "model_id": self.env["ir.model"]._get(model).id,
                "ttype": "char",
                "store": True,
                "depends": depends,
                "compute": code,
            }
        )

    def stored(self, table, record):
        self.env.flush_all()
        self.env.cr.execute(f"SELECT x_seen FROM {table} WHERE id = %s", [record.id])
        return self.env.cr.fetchone()[0]

    def test_rule_23_a_field_of_another_addon_on_the_invoice(self):
        self.add_field(
            "account.move",
            "dunning_level,dunning_last_date,dunning_reason",
            "for r in self:\n    r['x_seen'] = '%s %s' % (r.dunning_level, r.dunning_last_date)",
        )
        move = self.create_due_invoice("2026-03-01")
        self.assertEqual(self.stored("account_move", move), "0 False")
        self.execute("2026-03-10")
        self.assertEqual(self.stored("account_move", move), "1 2026-03-10")

    def test_rule_23_a_field_of_another_addon_on_the_due_line_and_through_it(self):
        self.add_field(
            "account.move.line",
            "dunning_level,dunning_cycle",
            "for r in self:\n    r['x_seen'] = '%s %s' % (r.dunning_level, r.dunning_cycle)",
        )
        self.add_field(
            "account.move",
            "line_ids.dunning_level",
            "for r in self:\n    r['x_seen'] = str(max(r.line_ids.mapped('dunning_level')))",
        )
        move = self.create_due_invoice("2026-03-01")
        line = move.line_ids.filtered(lambda found: found.account_type == "asset_receivable")
        self.execute("2026-03-10")
        self.assertEqual(self.stored("account_move_line", line), "1 0")
        self.assertEqual(self.stored("account_move", move), "1")
        self.env["dunning.reminder"].search([]).action_cancel()
        self.assertEqual(self.stored("account_move_line", line), "0 1")
        self.assertEqual(self.stored("account_move", move), "0")

    def test_rule_23_a_field_of_another_addon_on_decisions(self):
        self.add_field(
            "dunning.run.line",
            "decision,reminder_id",
            "for r in self:\n    r['x_seen'] = '%s %s' % (r.decision, bool(r.reminder_id))",
        )
        self.create_due_invoice("2026-03-01")
        run = self.execute("2026-03-10")
        self.assertEqual(self.stored("dunning_run_line", run.line_ids), "remind True")

    def test_rule_23_the_token_of_a_link_is_made_by_odoo(self):
        move = self.create_due_invoice("2026-03-01")
        self.assertFalse(move.access_token)
        self.execute("2026-03-10")
        body = self.env["dunning.reminder"].search([]).mail_id.sudo().body_html
        self.assertIn(move.get_portal_url().replace("&", "&amp;"), body)

    def test_rule_23_the_links_of_an_addon_with_its_own_way_are_used(self):
        """Tokens and addresses of a portal that works otherwise stand in the message."""
        model = self.registry["account.move"]

        def ensure(move):
            if not move.access_token:
                move.access_token = f"own-{move.id}"
            return move.access_token

        def address(move, *args, **kwargs):
            return f"/own/{move.id}?{move._portal_ensure_token()}"

        self.startPatcher(patch.object(model, "_portal_ensure_token", ensure))
        self.startPatcher(patch.object(model, "get_portal_url", address))
        move = self.create_due_invoice("2026-03-01")
        self.execute("2026-03-10")
        body = self.env["dunning.reminder"].search([]).mail_id.sudo().body_html
        self.assertIn(f"/own/{move.id}?own-{move.id}", body)

    def test_rule_23_rules_of_automation_see_it_through_write(self):
        """The same values are stored, by ``write``, where automation has rules of the model."""
        move = self.create_due_invoice("2026-03-01")
        seen = []
        registry = self.registry

        def write(records, vals):
            seen.append((records._name, dict(vals)))
            return origin[records._name](records, vals)

        origin = {}
        for name in ("account.move", "account.move.line"):
            origin[name] = registry[name].write
            self.startPatcher(patch.object(registry[name], "write", write))
            self.startPatcher(patch.object(registry[name], "_is_automated", lambda model: True))
        self.execute("2026-03-10")
        self.assertEqual((move.dunning_level, str(move.dunning_last_date)), (1, "2026-03-10"))
        line = move.line_ids.filtered(lambda found: found.account_type == "asset_receivable")
        self.assertEqual((line.dunning_level, line.dunning_level_days), (1, 5))
        levels = {name for name, vals in seen if vals.get("dunning_level") == 1}
        self.assertEqual(levels, {"account.move", "account.move.line"})

    def test_rule_23_rules_of_automation_see_decisions_come_and_go(self):
        self.create_due_invoice("2026-03-01")
        model = self.registry["dunning.run.line"]
        runs = [self.env["dunning.run"].create({"date": "2026-03-10"}) for _time in range(2)]
        runs[0].action_simulate()
        seen = []

        def watch(name):
            origin = getattr(model, name)

            def watched(records, *args):
                result = origin(records, *args)
                seen.append((name, len(result) if name == "create" else len(records)))
                return result

            watched._api_model = getattr(origin, "_api_model", False)
            self.startPatcher(patch.object(model, name, watched))

        watch("create")
        watch("unlink")
        self.startPatcher(patch.object(model, "_is_automated", lambda model: True))
        runs[1].action_simulate()
        self.assertEqual(seen, [("create", 1)])
        names = ("move_id", "decision", "reason", "reason_text", "level_id", "days_late")
        for name in names:
            self.assertEqual(runs[1].line_ids[name], runs[0].line_ids[name], name)
        runs[1].action_simulate()
        self.assertEqual(seen[1:], [("unlink", 1), ("create", 1)])


@tagged("post_install", "-at_install")
class TestLinesOfOtherKinds(DunningMailCommon):
    """What other addons put into a message stays in it (rule 8)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.email = "acme@customer.example"
        field = cls.env["dunning.reminder.line"]._fields["kind"]
        kinds = [*field.selection, ("fee", "Fee"), ("text", "Text")]
        cls.startClassPatcher(patch.object(field, "selection", kinds))
        cls.startClassPatcher(patch.object(field, "_selection", dict(kinds)))

    def add_line(self, reminder, **vals):
        return (
            self.env["dunning.reminder.line"]
            .sudo()
            .create(
                {
                    "reminder_id": reminder.id,
                    "company_id": reminder.company_id.id,
                    "partner_id": reminder.partner_id.id,
                    "currency_id": reminder.company_id.currency_id.id,
                    **vals,
                }
            )
        )

    def test_rule_8_a_fee_and_a_text_without_due_line_stay(self):
        paid = self.create_due_invoice("2026-03-01", 100.0)
        self.create_due_invoice("2026-03-01", 50.0)
        reminder = self.queue("2026-03-10")
        fee = self.add_line(reminder, kind="fee", move_name="Fixed sum", amount_residual=40.0)
        text = self.add_line(reminder, kind="text", move_name="See our terms")
        also = self.add_line(reminder, kind="overdue", move_name="Old debt", amount_residual=7.0)
        self._register_payment(paid)
        self.send(reminder, "2026-03-10")
        self.assertEqual(reminder.state, "sent")
        self.assertEqual((fee + text + also).mapped("drop_reason"), [False] * 3)
        self.assertEqual([total for _currency, total in reminder._get_totals()], [97.0])
        for words in ("Fixed sum", "40.00", "See our terms", "Old debt", "97.00"):
            self.assertIn(words, reminder.mail_id.body_html)

    def test_rule_8_a_fee_on_a_due_line_keeps_its_own_amount(self):
        move = self.create_due_invoice("2026-03-01", 100.0)
        line = move.line_ids.filtered(lambda found: found.account_type == "asset_receivable")
        reminder = self.queue("2026-03-10")
        fee = self.add_line(
            reminder,
            kind="fee",
            move_name="Interest",
            move_line_id=line.id,
            move_id=move.id,
            amount_residual=3.0,
        )
        self.send(reminder, "2026-03-10")
        self.assertEqual((fee.drop_reason, fee.amount_residual), (False, 3.0))
        self.assertEqual([total for _currency, total in reminder._get_totals()], [103.0])

    def test_rule_8_a_fee_alone_is_no_message(self):
        move = self.create_due_invoice("2026-03-01", 100.0)
        reminder = self.queue("2026-03-10")
        self.add_line(reminder, kind="fee", move_name="Fixed sum", amount_residual=40.0)
        self._register_payment(move)
        self.send(reminder, "2026-03-10")
        self.assertEqual(reminder.state, "cancelled")
        self.assertNotSentEmail()

    def test_rule_8_an_invoice_that_was_deleted_leaves_the_message(self):
        gone = self.create_due_invoice("2026-03-01", 100.0)
        self.create_due_invoice("2026-03-01", 50.0)
        reminder = self.queue("2026-03-10")
        gone.button_draft()
        gone.with_context(force_delete=True).unlink()
        self.send(reminder, "2026-03-10")
        self.assertEqual(reminder.state, "sent")
        dropped = reminder.line_ids.filtered("drop_reason")
        self.assertEqual(dropped.mapped("amount_residual"), [100.0])
        self.assertFalse(dropped.move_line_id)

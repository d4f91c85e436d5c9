import logging
import re

from lxml import etree

from odoo.tests import TransactionCase, tagged

from ..models.common.due_line import DUE_LINE_HELP
from ..models.dunning.decide.dunning_reason_text import REASONS
from .common import RecurrenceCommon

ADDON = "account_recurrence_dunning"
CALL = re.compile(r"(?<![\w.])([a-z_]+)\(")


@tagged("post_install", "-at_install")
class TestLabels(TransactionCase):
    """Labels are in the language of the environment, outside of a web request too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("de_DE")
        cls.env["ir.module.module"]._load_module_terms([ADDON], ["de_DE"])

    def get_labels(self, lang):
        """Return ``{(model, field, value): label}`` of all selections of the addon."""
        found = {}
        env = self.env(context={"lang": lang})
        for name, model in self.registry.items():
            for field in model._fields.values():
                if field.type == "selection" and field._module == ADDON and not field.related:
                    for value, label in env[name].fields_get([field.name])[field.name]["selection"]:
                        found[name, field.name, value] = label
        return found

    def test_selections_are_translated_and_nothing_is_logged(self):
        with self.assertNoLogs("odoo.tools.translate", logging.DEBUG):
            german, english = self.get_labels("de_DE"), self.get_labels("en_US")
        self.assertTrue(all(type(label) is str for label in german.values()))
        self.assertEqual(english["account.move", "dunning_reason", "dispute"], "Dispute")
        for name in ("account.move", "dunning.run.line"):
            field = "dunning_reason" if name == "account.move" else "reason"
            self.assertEqual(german[name, field, "dispute"], "Streitfall")
        # the list of another model's field is that model's, language included
        for (model, field), (source, name) in {
            ("dunning.program.new", "kit"): ("dunning.program", "kit"),
            ("res.config.settings", "dunning_sender"): ("dunning.program", "sender"),
            ("recurrence.schedule.generate", "catch_up"): ("recurrence.schedule", "catch_up"),
        }.items():
            for key, label in german.items():
                if key[:2] == (model, field) and model != "dunning.program.new":
                    self.assertEqual(label, german[source, name, key[2]])

    def test_every_reason_is_german_where_german_is_asked_for(self):
        reasons = self.env["dunning.reason"].with_context(lang="de_DE")
        with self.assertNoLogs("odoo.tools.translate", logging.DEBUG):
            labels = dict(reasons._get_selection())
            sentence = reasons._get_sentence("goodwill", {"because": "X"})
        self.assertEqual(labels.keys(), REASONS.keys())
        english = dict(reasons.with_context(lang="en_US")._get_selection())
        same = {code for code, label in labels.items() if label == english[code]}
        self.assertLess(len(same), 5, same)
        self.assertNotIn("goodwill", sentence)

    def test_ready_made_programs_are_german(self):
        with self.assertNoLogs("odoo.tools.translate", logging.DEBUG):
            values = (
                self.env["dunning.program"]
                .with_context(lang="de_DE")
                ._prepare_program("strict", self.env.company)
            )
            names = [
                level["name"]
                for level in self.env["dunning.program"]
                .with_context(lang="de_DE")
                ._get_level_values("strict")
            ]
        self.assertNotEqual(values["name"], "Strict program for businesses")
        self.assertNotIn("Formal demand", names)


@tagged("post_install", "-at_install")
class TestRuleLabels(RecurrenceCommon):
    def test_the_sentence_of_a_rule_is_german(self):
        self.env(su=True)["res.lang"]._activate_lang("de_DE")
        schedule = self.create_interaction().with_context(lang="de_DE")
        with self.assertNoLogs("odoo.tools.translate", logging.DEBUG):
            summary = schedule.rule_summary
        self.assertNotIn("Every", summary)


@tagged("post_install", "-at_install")
class TestFieldLabels(TransactionCase):
    def test_no_two_fields_of_a_record_have_the_same_label(self):
        """Odoo warns of it in the log of each installation and upgrade."""
        checked = 0
        for model in self.env.registry.values():
            seen = {}
            for field in model._fields.values():
                other = seen.setdefault(field.string, field)
                if ADDON in (field._module, other._module):
                    checked += 1
                    self.assertIs(other, field, f"{model._name}: {field.string}")
        self.assertGreater(checked, 500)

    def test_what_a_due_line_is_is_told_wherever_one_is_named(self):
        told = []
        for model in self.env.registry.values():
            for field in model._fields.values():
                if field._module == ADDON and field.string in ("Due Line", "Due Lines"):
                    told.append(field)
                    self.assertIn(DUE_LINE_HELP, field.help or "", str(field))
        self.assertGreater(len(told), 7)


@tagged("post_install", "-at_install")
class TestViewExpressions(TransactionCase):
    KNOWN = {"bool", "context_today", "relativedelta", "set"}
    MODIFIERS = ("invisible", "readonly", "required", "column_invisible")

    def test_expressions_call_what_the_web_client_knows(self):
        """Odoo's check of views knows ``len``, the browser does not: the form breaks there."""
        checked = 0
        for view in self.env["ir.ui.view"].search([("arch_db", "ilike", "invisible")]):
            if not (view.xml_id or "").startswith(f"{ADDON}."):
                continue
            for node in etree.fromstring(view.arch).iter(etree.Element):
                for name in self.MODIFIERS:
                    called = CALL.findall(node.get(name) or "")
                    checked += 1
                    self.assertLessEqual(set(called), self.KNOWN, f"{view.xml_id}: {called}")
        self.assertGreater(checked, 500)

"""The rule of a recurrence is edited by the same fields and words wherever it stands."""

import re

from lxml import etree

from odoo import fields
from odoo.tests import new_test_user, tagged

from .common import RecurrenceInvoiceCommon, TourCase

PREFIX = "recurrence_"
# What a recurring invoice says beside its rule, on either form.
BILLING = ("invoice_mode", "user_id", "lead_days", "period_paid", "price_source", "due_mode")


class FormReader:
    def read_form(self, model, xml_id):
        view = self.env["ir.ui.view"].browse(self.env.ref(xml_id).id)
        arch = self.env[model].get_view(view.id, "form")["arch"]
        return etree.fromstring(arch)

    def describe(self, node):
        """Return a node of a form as text, without the prefix and what the form itself demands."""
        described = []
        for item in node.iter():
            if not isinstance(item.tag, str):
                continue
            values = {
                key: re.sub(rf"\b{PREFIX}", "", value)
                for key, value in item.attrib.items()
                if key in ("name", "for", "string", "widget", "options", "invisible", "class")
            }
            described.append((item.tag, values, " ".join((item.text or "").split())))
        return described[1:]


@tagged("post_install", "-at_install")
class TestRecurrenceEditor(FormReader, RecurrenceInvoiceCommon):
    def test_invoice_form_and_recurrence_form_edit_a_rule_alike(self):
        invoice = self.read_form(
            "account.move", "account_recurrence_dunning.recurrence_template_view_form"
        )
        schedule = self.read_form(
            "recurrence.schedule", "account_recurrence_dunning.recurrence_schedule_view_form"
        )
        ours = self.describe(schedule.find(".//group[@name='rule_editor']"))
        theirs = self.describe(invoice.find(".//group[@name='recurrence_rule_editor']"))
        self.assertGreater(len(ours), 20)
        self.assertEqual(theirs, ours)

    def test_both_forms_call_things_by_the_same_names(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["ir.module.module"]._load_module_terms(["account_recurrence_dunning"], ["fr_FR"])
        schedules, moves = self.env["recurrence.schedule"], self.env["account.move"]
        for lang in ("en_US", "fr_FR"):
            env_schedules, env_moves = (
                schedules.with_context(lang=lang),
                moves.with_context(lang=lang),
            )
            for name in BILLING:
                if name == "user_id":
                    continue
                ours = env_schedules.fields_get([name], ["string", "selection"])[name]
                theirs = env_moves.fields_get([PREFIX + name], ["string", "selection"])
                self.assertEqual(theirs[PREFIX + name], ours)

    def test_words_are_plain(self):
        labels = self.env["recurrence.schedule"].fields_get(["invoice_mode", "price_source"])
        self.assertEqual(labels["invoice_mode"]["string"], "On the Day")
        self.assertEqual(
            dict(labels["price_source"]["selection"])["template"],
            "As entered in the template",
        )

    def test_new_recurring_invoice_offers_generate_and_no_amount_due(self):
        arch = self.read_form(
            "account.move", "account_recurrence_dunning.recurrence_template_view_form"
        )
        button = arch.find(".//button[@name='action_recurrence_start']")
        self.assertEqual(button.get("string"), "Generate")
        self.assertEqual(
            button.get("invisible"),
            "not is_recurrence_template or (id and recurrence_state != 'draft')",
        )
        footer = arch.find(".//group[@class='oe_subtotal_footer']/field[@name='amount_residual']")
        self.assertIn("is_recurrence_template", footer.get("invisible"))

    def test_generate_on_the_template_leads_to_the_dates(self):
        schedule = self.create_schedule(self.partner_a)
        action = schedule.template_move_id.action_recurrence_start()
        dialog = self.env[action["res_model"]].with_context(**action["context"]).create({})
        shown = dialog.action_confirm()["params"]["next"]
        self.assertEqual(
            (shown["res_model"], shown["res_id"], shown["views"]),
            ("recurrence.schedule", schedule.id, [(False, "form")]),
        )
        form = self.read_form(
            "recurrence.schedule", "account_recurrence_dunning.recurrence_schedule_view_form"
        )
        self.assertEqual(
            form.find(".//page[@name='open_occurrences']").get("autofocus"), "autofocus"
        )

    def test_generate_on_the_recurrence_stays_there(self):
        schedule = self.create_schedule(self.partner_a)
        action = schedule.action_open_generate()
        dialog = self.env[action["res_model"]].with_context(**action["context"]).create({})
        shown = dialog.action_confirm()["params"]["next"]
        self.assertEqual(shown["type"], "ir.actions.act_window_close")


@tagged("post_install", "-at_install")
class TestRecurrenceEditorTour(TourCase):
    def test_yearly_rule_by_month_and_last_day_of_the_month(self):
        user = new_test_user(self.env, "rec_editor", groups="base.group_user")
        self.start_tour("/odoo/recurrences/new", "recurrence_rule_editor", login="rec_editor")
        yearly, monthly = self.env["recurrence.schedule"].search(
            [("user_id", "=", user.id)], order="id"
        )
        today = fields.Date.context_today(user)
        self.assertEqual((yearly.date_start.month, yearly.date_start.day), (3, today.day))
        self.assertGreaterEqual(yearly.date_start, today)
        self.assertIn("March", yearly.rule_summary)
        self.assertEqual((monthly.rrule_type, monthly.day), ("monthly", -1))
        self.assertIn("on the last day", monthly.rule_summary)

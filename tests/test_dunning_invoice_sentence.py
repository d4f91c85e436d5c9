"""What invoices say about late payment where the law asks for it (M3)."""

from datetime import date

from lxml import html

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .claim_case import ClaimCommon
from .client_views import ADDON
from .common import DunningMailCommon, RecurrenceInvoiceCommon

FRENCH = (
    "If this invoice is paid late, interest is due from the day after the due date, without a "
    "reminder, at the European Central Bank’s rate for its most recent refinancing operation plus "
    "ten percentage points, and a fixed sum of 40 euros for the cost of recovery (articles "
    "L441-10 and D441-5 of the French Commercial Code)."
)


class SentenceMixin:
    """Invoices of a French company, as they are printed."""

    def say(self, move, user=None):
        """Return the sentence that an invoice is printed with, None without one.

        :param user: who prints it; by default who ran the test
        """
        reports = self.env["ir.actions.report"].with_user(user or self.env.user)
        page, _kind = reports._render_qweb_html("account.account_invoices", move.ids)
        found = html.fromstring(page).xpath("//p[@name='dunning_sentence']")
        return " ".join(found[0].text_content().split()) if found else None


@tagged("post_install", "-at_install")
class TestFrenchInvoice(SentenceMixin, DunningMailCommon):
    """With what ships."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.france = cls.env.ref("base.fr")
        cls.company.sudo().account_fiscal_country_id = cls.france
        cls.company.sudo().dunning_charge_on_invoices = True
        cls.partner_a.write({"is_company": True, "country_id": cls.france.id, "lang": "en_US"})

    def test_m3_a_french_invoice_states_method_and_fixed_sum(self):
        move = self.create_due_invoice()
        self.assertEqual(self.say(move), FRENCH)
        self.assertEqual(move._dunning_get_charge_sentence(), FRENCH)

    def test_m3_off_until_switched_on_in_the_settings(self):
        new = self.env["res.company"].sudo().create({"name": "New"})
        self.assertFalse(new.dunning_charge_on_invoices)
        self.company.sudo().dunning_charge_on_invoices = False
        move = self.create_due_invoice()
        self.assertIsNone(self.say(move))
        with Form(self.env["res.config.settings"]) as form:
            form.dunning_charge_on_invoices = True
        form.record.execute()
        self.assertEqual(self.say(move), FRENCH)

    def test_m3_it_does_not_need_reminders(self):
        self.company.dunning_active = False
        self.assertEqual(self.say(self.create_due_invoice()), FRENCH)

    def test_m3_customers_abroad_read_it_too(self):
        self.partner_a.country_id = self.env.ref("base.de")
        self.assertEqual(self.say(self.create_due_invoice()), FRENCH)
        self.partner_a.country_id = False
        self.assertEqual(self.say(self.create_due_invoice()), FRENCH)

    def test_m3_consumers_and_public_bodies_do_not(self):
        for kind in ("consumer", "public"):
            self.partner_a.dunning_debtor_kind = kind
            self.assertIsNone(self.say(self.create_due_invoice()), kind)

    def test_m3_no_sentence_ships_for_another_country(self):
        rules = self.env["dunning.charge.rule"].sudo().search([("invoice_text", "!=", False)])
        self.assertEqual(rules, self.env.ref(f"{ADDON}.dunning_charge_rule_fr_business"))
        self.company.sudo().account_fiscal_country_id = self.env.ref("base.de")
        self.assertIsNone(self.say(self.create_due_invoice()))

    def test_m3_drafts_have_it_credit_notes_bills_and_templates_not(self):
        draft = self._create_invoice_one_line(partner_id=self.partner_a, price_unit=100.0)
        self.assertEqual(draft.state, "draft")
        self.assertEqual(self.say(draft), FRENCH)
        draft.button_cancel()
        self.assertIsNone(self.say(draft))
        self.assertIsNone(self.say(self.create_refund(100.0)))
        bill = self._create_invoice_one_line(
            move_type="in_invoice", partner_id=self.partner_a, price_unit=100.0
        )
        self.assertEqual(bill._dunning_get_charge_sentence(), "")
        template = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "is_recurrence_template": True,
                "partner_id": self.partner_a.id,
            }
        )
        self.assertEqual(template._dunning_get_charge_sentence(), "")

    def test_m3_it_is_written_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        rule = self.env.ref(f"{ADDON}.dunning_charge_rule_fr_business").sudo()
        rule.update_field_translations("invoice_text", {"fr_FR": "Tout retard de paiement…"})
        self.partner_a.lang = "fr_FR"
        move = self.create_due_invoice()
        self.assertEqual(self.say(move), "Tout retard de paiement…")
        self.assertEqual(move._dunning_get_charge_sentence(), "Tout retard de paiement…")

    def test_m3_whoever_prints_an_invoice_need_not_know_dunning(self):
        clerk = self.create_user("sentence_clerk", "account.group_account_invoice")
        self.assertEqual(self.say(self.create_due_invoice(), clerk), FRENCH)
        with self.assertRaises(AccessError):
            self.company.with_user(clerk).read(["dunning_charge_on_invoices"])

    def count(self, move, user):
        """Return the queries of printing an invoice with a cold cache."""
        for _time in range(2):  # what the registry caches is not counted
            self.say(move, user)
            self.env.flush_all()
            self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.say(move, user)
        return self.env.cr.sql_log_count - before

    def test_m3_switched_off_printing_costs_no_query_more(self):
        clerk = self.create_user("sentence_printer", "account.group_account_invoice")
        self.company.sudo().dunning_charge_on_invoices = False
        move = self.create_due_invoice()
        off = self.count(move, clerk)
        self.env.ref(f"{ADDON}.dunning_invoice_sentence").sudo().active = False
        self.assertEqual(off, self.count(move, clerk))


@tagged("post_install", "-at_install")
class TestPreviewedInvoice(RecurrenceInvoiceCommon):
    def test_r8_the_preview_of_a_recurring_invoice_shows_the_sentence(self):
        company, france = self.env.company.sudo(), self.env.ref("base.fr")
        company.write({"account_fiscal_country_id": france.id, "dunning_charge_on_invoices": True})
        self.partner_a.is_company = True
        schedule = self.create_schedule(self.partner_a, line={"tax_ids": False})
        page = schedule._preview_pdf(date(2026, 3, 1)).decode()
        self.assertIn("plus ten percentage points", page)


@tagged("post_install", "-at_install")
class TestRuleOfSentence(SentenceMixin, ClaimCommon):
    """Which rule's sentence it is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.sudo().account_fiscal_country_id = cls.land
        cls.company.sudo().dunning_charge_on_invoices = True
        cls.rule.sudo().invoice_text = "The law."

    def test_m3_a_rule_that_is_not_in_use_says_nothing(self):
        move = self.create_due_invoice()
        self.assertEqual(self.say(move), "The law.")
        self.rule.sudo().state = "replaced"
        self.assertIsNone(self.say(move))
        self.add_rule(confirm=False, invoice_text="Not read yet.")
        self.assertIsNone(self.say(move))

    def test_m3_a_correction_takes_the_sentence_over(self):
        copied = self.rule.browse(self.rule.sudo().action_correct()["res_id"])
        self.assertEqual(copied.invoice_text, "The law.")
        copied.sudo().write({"invoice_text": "The law of today."})
        copied.sudo().action_confirm()
        self.assertEqual(self.say(self.create_due_invoice()), "The law of today.")

    def test_m3_the_date_of_the_invoice_decides(self):
        self.add_rule(name="Later", date_from="2026-02-01", sequence=5, invoice_text="New law.")
        old = self.create_due_invoice(invoice_date=date(2026, 1, 31))
        new = self.create_due_invoice(invoice_date=date(2026, 2, 1))
        self.assertEqual((self.say(old), self.say(new)), ("The law.", "New law."))

    def test_m3_a_contract_with_the_customer_comes_before_the_law(self):
        germany = self.env.ref("base.de")
        vals = {"company_id": self.company.id, "interest": "fixed", "fixed_rate": 15.0}
        self.add_rule(name="Ours", country_ids=germany, invoice_text="15 % a year.", **vals)
        self.assertEqual(self.say(self.create_due_invoice()), "The law.")
        self.partner_a.country_id = germany
        self.assertEqual(self.say(self.create_due_invoice()), "15 % a year.")
        self.add_rule(name="Silent", country_ids=self.land, **vals)
        self.partner_a.country_id = self.land
        self.assertIsNone(self.say(self.create_due_invoice()), "the law names another rate")

    def test_m3_not_for_consumers_whatever_their_rule_says(self):
        self.add_rule(name="Consumers", debtor_kind="consumer", invoice_text="Pay in time.")
        self.partner_a.dunning_debtor_kind = "consumer"
        self.assertIsNone(self.say(self.create_due_invoice()))

    def test_rule_17_each_company_has_its_own_switch_and_country(self):
        other = self.setup_other_company(name="Other")["company"]
        self.assertFalse(other.sudo().dunning_charge_on_invoices)
        other.sudo().dunning_charge_on_invoices = True
        find = self.env["dunning.charge.rule"]._find_for_invoice
        day = date(2026, 3, 1)
        self.assertEqual(find(self.company.sudo(), self.land, "business", day), self.rule)
        self.assertFalse(find(other.sudo(), self.land, "business", day))

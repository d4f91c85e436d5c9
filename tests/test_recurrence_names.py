from datetime import date

from babel import Locale
from babel.dates import format_date as babel_format_date

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools.misc import babel_locale_parse

from .common import RecurrenceInvoiceCommon


@tagged("post_install", "-at_install")
class TestRecurrenceNames(RecurrenceInvoiceCommon):
    """Placeholders: the form a month has in each language, and names that show what is filled."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.template = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "is_recurrence_template": True,
                "partner_id": cls.partner_a.id,
                "invoice_line_ids": [
                    (0, 0, {"name": "Support #MONTH# #YEAR#", "price_unit": 100.0})
                ],
                "recurrence_date_start": date(2026, 11, 27),
                "recurrence_rrule_type": "monthly",
            }
        )
        cls.schedule = cls.template.recurrence_schedule_id
        cls.occurrence = cls.create_occurrence(
            cls.schedule, date(2026, 11, 27), number=3, state="todo"
        )

    def test_months_stand_alone_in_every_language(self):
        """Each language that Odoo can install, against babel's own stand-alone names."""
        languages = self.env["res.lang"].with_context(active_test=False).search([])
        self.assertGreater(len(languages), 80)
        differing = 0
        for language in languages:
            language.sudo().active = True
            locale = babel_locale_parse(language.code)
            for month in range(1, 13):
                day = date(2026, month, 27)
                filled = (
                    self.env["recurrence.occurrence"]
                    .new({"rule_date": day})
                    ._get_placeholder_values(language.code, day)
                )
                with self.subTest(lang=language.code, month=month):
                    names = Locale.parse(str(locale)).months
                    self.assertEqual(filled["MONTH"], names["stand-alone"]["wide"][month])
                    self.assertEqual(filled["MONTH_OF"], names["format"]["wide"][month])
                differing += filled["MONTH"] != filled["MONTH_OF"]
        self.assertGreater(differing, 100)

    def test_month_in_a_sentence(self):
        self.env["res.lang"].sudo()._activate_lang("ru_RU")
        self.partner_a.lang = "ru_RU"
        self.template.invoice_line_ids.name = "#MONTH# #YEAR#, 27 #MONTH_OF#"
        move = self.env["recurrence.issuing"]._issue(
            self.occurrence, mode="draft", as_of=date(2026, 11, 27)
        )
        self.assertEqual(move.invoice_line_ids.name, "ноябрь 2026, 27 ноября")
        self.assertEqual(babel_format_date(date(2026, 11, 27), "LLLL", locale="ru"), "ноябрь")

    def test_r10_quarter_half_year_and_other_months(self):
        """A quarter in arrears from November 2026 to January 2027, in French and in English."""
        self.occurrence.sudo().write(
            {"period_start": date(2026, 11, 1), "period_end": date(2027, 1, 31)}
        )
        text = (
            "#MONTH# – #END_MONTH#, #QUARTER# #HALF_YEAR#/#YEAR#; #MONTH-11# #MONTH+2# "
            "#QUARTER+1# #HALF_YEAR+1# #YEAR-1# #END_MONTH+1#"
        )
        self.template.invoice_line_ids.name = text
        expected = {
            "en_US": "November – January, Q4 2/2026; December January Q1 1 2025 February",
            "fr_FR": "novembre – janvier, T4 2/2026; décembre janvier T1 1 2025 février",
        }
        self.env["res.lang"].sudo()._activate_lang("fr_FR")
        for lang, filled in expected.items():
            self.partner_a.lang = lang
            move, _reason = self.occurrence._make_draft(date(2026, 11, 27))
            with self.subTest(lang):
                self.assertEqual(move.invoice_line_ids.name, filled)

    def bill_product_in_french(self, change=""):
        """Template of a product written for an English customer, who reads French on the day."""
        self.env["res.lang"].sudo()._activate_lang("fr_FR")
        product = self.env["product.product"].create(
            {"name": "Hosting #MONTH#", "description_sale": "Per month"}
        )
        product.with_context(lang="fr_FR").write(
            {"name": "Hébergement #MONTH#", "description_sale": "Par mois"}
        )
        self.partner_a.lang = "en_US"
        self.template.invoice_line_ids.unlink()
        self.template.write({"invoice_line_ids": [(0, 0, {"product_id": product.id})]})
        line = self.template.invoice_line_ids
        self.assertEqual(line.name, "Hosting #MONTH#\nPer month")
        line.name += change
        self.partner_a.lang = "fr_FR"
        move, _reason = self.occurrence._make_draft(date(2026, 11, 27))
        return move.invoice_line_ids.name

    def test_r10_text_of_a_product_is_in_the_customers_language(self):
        self.assertEqual(self.bill_product_in_french(), "Hébergement novembre\nPar mois")

    def test_r10_text_that_a_person_wrote_is_not_translated(self):
        self.assertEqual(
            self.bill_product_in_french(" and user"), "Hosting novembre\nPer month and user"
        )

    def test_every_placeholder_is_named_on_the_form(self):
        view = self.env.ref("account_recurrence_dunning.view_move_form").arch_db
        values = self.occurrence._get_placeholder_values("en_US", date(2026, 11, 27))
        for name in values:
            self.assertIn(f"#{name}#", view)

    def test_recurrence_is_called_without_placeholders(self):
        self.assertEqual(self.schedule.name, "partner_a · Support")
        self.assertEqual(self.schedule.display_name, "partner_a · Support")
        self.assertEqual(self.template.display_name, "partner_a · Support")

    def test_each_date_is_called_with_what_is_filled(self):
        self.assertEqual(self.occurrence.display_name, "partner_a · Support November 2026")
        self.env["res.lang"].sudo()._activate_lang("fr_FR")
        self.assertEqual(
            self.occurrence.with_context(lang="fr_FR").display_name,
            "partner_a · Support novembre 2026",
        )

    def test_name_that_a_person_writes(self):
        self.schedule.name = "Hosting #NUMBER# (#PERIOD_START# – #PERIOD_END#)"
        self.assertEqual(self.schedule.name, "Hosting")
        self.assertEqual(self.occurrence.display_name, "Hosting 3 (11/27/2026 – 11/27/2026)")
        self.schedule.name = "#MONTH#"
        self.assertEqual(self.schedule.name, "Recurrence")
        self.assertEqual(self.occurrence.display_name, "November")
        self.schedule.name = "Hosting"
        self.assertEqual(self.occurrence.display_name, "Hosting")

    def test_activities_and_errors(self):
        self.occurrence.sudo().unlink()
        self.schedule.action_generate()
        self.occurrence = self.schedule.occurrence_ids.sorted("date")[0]
        self.schedule.sudo()._run_due(date(2026, 11, 27))
        self.assertEqual(
            self.occurrence.recurrence_activity_ids.summary, "partner_a · Support November 2026"
        )
        self.occurrence._record_error("No rate")
        warning = self.occurrence.activity_ids - self.occurrence.recurrence_activity_ids
        self.assertEqual(warning.summary, "Failed: partner_a · Support November 2026")
        self.occurrence.action_skip()
        with self.assertRaisesRegex(UserError, "partner_a · Support November 2026 of"):
            self.occurrence.date = date(2026, 12, 1)

    def test_summary_of_an_interaction(self):
        schedule = self.env["recurrence.schedule"].create(
            {
                "name": "Report",
                "summary": "Report of #MONTH# #YEAR#",
                "note": "<p>Figures of #MONTH#</p>",
                "date_start": date(2026, 11, 2),
                "rrule_type": "monthly",
                "day": 2,
            }
        )
        schedule.action_generate()
        schedule.sudo()._run_due(date(2026, 11, 2))
        first = schedule.occurrence_ids.sorted("date")[0]
        self.assertEqual(first.recurrence_activity_ids.summary, "Report of November 2026")
        self.assertEqual(first.recurrence_activity_ids.note, "<p>Figures of November</p>")

"""D3, D8: what new programs and levels are called, and in which languages their texts are there."""

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import DunningCommon

FRENCH = "fr_FR"


@tagged("post_install", "-at_install")
class TestDunningLevelText(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang(FRENCH)
        cls.env["ir.module.module"].search(
            [("name", "=", "account_recurrence_dunning")]
        )._update_translations([FRENCH])

    # === NAMES === #

    def test_d3_the_program_of_a_company_is_named_in_each_language(self):
        partner = self.env["res.partner"].create({"name": "Newcomer", "lang": FRENCH})
        company = self.env["res.company"].create({"name": "Newcomer", "partner_id": partner.id})
        program = company.dunning_program_id
        levels = program.level_ids.sorted("days")
        for lang, names in (
            ("en_US", ["Standard program", "Polite notice", "First reminder"]),
            (FRENCH, ["Programme standard", "Avis courtois", "Première relance"]),
        ):
            found = [program.with_context(lang=lang).name]
            found += levels.with_context(lang=lang)[:2].mapped("name")
            with self.subTest(lang):
                self.assertEqual(found, names)

    def test_d3_a_name_that_somebody_chose_stays(self):
        new = self.env["dunning.program.new"].create({"kit": "strict", "name": "Resellers"})
        program = self.env["dunning.program"].browse(new.action_create()["res_id"])
        self.assertEqual(program.with_context(lang=FRENCH).name, "Resellers")
        last = program.level_ids.sorted("days")[-1]
        self.assertEqual(last.name, "Formal demand")
        self.assertNotEqual(last.with_context(lang=FRENCH).name, "Formal demand")

    def test_d3_a_language_installed_later_has_the_names(self):
        last = self.program.level_ids.sorted("days")[-1]
        last.name = "Last call"
        self.env["base.language.install"].create(
            {"lang_ids": self.env["res.lang"]._activate_lang("ro_RO").ids}
        ).lang_install()
        program = self.program.with_context(lang="ro_RO")
        levels = program.level_ids.sorted("days")
        self.assertEqual(program.name, "Program standard")
        self.assertEqual(levels[0].name, "Înștiințare politicoasă")
        self.assertEqual(levels[-1].name, "Last call", "a name that somebody chose")
        self.assertNotEqual(
            levels[0].mail_template_id.subject,
            levels[0].with_context(lang="en_US").mail_template_id.subject,
        )

    def test_d3_what_was_written_in_a_language_stays(self):
        self.env["res.lang"]._activate_lang("ro_RO")
        program = self.program.with_context(lang="ro_RO")
        program.name = "Program propriu"
        self.env["base.language.install"].create(
            {"lang_ids": self.env["res.lang"]._lang_get("ro_RO").ids, "overwrite": True}
        ).lang_install()
        self.assertEqual(program.name, "Program propriu")

    def test_d4_a_new_level_has_a_name(self):
        program = self.env["dunning.program"].create({"name": "Own"})
        with Form(program) as form:
            for days in (5, 12, 30):
                with form.level_ids.new() as level:
                    level.days = days
            with form.level_ids.new() as level:
                level.days = -2
            with form.level_ids.new() as level:
                level.days = 60
                level.name = "Farewell"
        self.assertEqual(
            program.level_ids.sorted("days").mapped("name"),
            ["Polite notice", "First reminder", "Second reminder", "Third reminder", "Farewell"],
        )

    # === LANGUAGES === #

    def test_d8_which_languages_of_customers_have_no_text(self):
        template = self.env["mail.template"].create(
            {
                "name": "Own text",
                "model_id": self.env["ir.model"]._get_id("dunning.reminder"),
                "subject": "Please pay",
                "body_html": "<p>Please pay</p>",
            }
        )
        customers = self.partner_a + self.partner_b
        customers.write({"customer_rank": 1, "lang": "en_US"})
        self.level_1.mail_template_id = template
        self.assertFalse(self.level_1.missing_languages)
        self.partner_b.lang = FRENCH
        levels = self.level_1 + self.level_2
        levels.invalidate_recordset()
        self.program.invalidate_recordset()
        self.assertIn("Fran", self.level_1.missing_languages)
        self.assertFalse(self.level_2.missing_languages, "the shipped text is translated")
        self.assertEqual(self.program.missing_languages, self.level_1.missing_languages)
        template.with_context(lang=FRENCH).write(
            {"subject": "Merci de payer", "body_html": "<p>Merci de payer</p>"}
        )
        levels.invalidate_recordset()
        self.assertFalse(self.level_1.missing_languages)

    def test_d8_a_call_has_no_text(self):
        self.partner_b.write({"customer_rank": 1, "lang": FRENCH})
        self.level_1.channel = "call"
        self.assertFalse(self.level_1.missing_languages)

    def test_d8_the_text_is_one_click_from_the_program(self):
        action = self.level_1.action_open_text()
        self.assertEqual(action["res_model"], "mail.template")
        self.assertEqual(action["res_id"], self.level_1.mail_template_id.id)
        self.assertEqual(action["target"], "new")
        template = self.env["mail.template"].browse(action["res_id"])
        form = Form(template, view=action["views"][0][0])
        self.assertTrue(form.subject)
        self.level_1.mail_template_id = False
        action = self.level_1.action_open_text()
        shipped = self.env.ref("account_recurrence_dunning.mail_template_level_1")
        self.assertEqual(action["res_id"], shipped.id, "the one that is used")
        self.program.level_ids = [Command.update(self.level_1.id, {"mail_template_id": False})]
        self.patch(type(self.level_1), "_get_template", lambda level: self.env["mail.template"])
        with self.assertRaisesRegex(UserError, "has no text"):
            self.level_1.action_open_text()

    def test_rule_18_many_levels_ask_no_more_than_one(self):
        self.partner_b.write({"customer_rank": 1, "lang": FRENCH})
        ids = self.program.level_ids.ids
        self.assertGreater(len(ids), 2)
        counts = []
        for some in (ids[:1], ids):
            found = self.env["dunning.level"].browse(some)
            found.mapped("missing_languages")  # what the registry caches is not counted
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found.mapped("missing_languages")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

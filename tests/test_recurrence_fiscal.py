from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .common import RecurrenceInvoiceCommon


@freeze_time("2026-02-01 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceFiscal(RecurrenceInvoiceCommon):
    """A customer who moves, a product with other taxes: told once, handled as the setting says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.clerk = new_test_user(
            cls.env,
            login="fiscal_clerk",
            groups="base.group_user,account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.env["account.fiscal.position"].search([]).auto_apply = False
        cls.intra = cls.env["account.fiscal.position"].create(
            {"name": "Intra", "auto_apply": True, "country_id": cls.env.ref("base.fr").id}
        )
        cls.tax_intra = cls.tax_sale_a.copy(
            {
                "name": "0 % intra",
                "amount": 0.0,
                "original_tax_ids": [Command.set(cls.tax_sale_a.ids)],
                "fiscal_position_ids": [Command.set(cls.intra.ids)],
            }
        )
        cls.customer = cls.env["res.partner"].create(
            {"name": "Moving", "country_id": cls.env.ref("base.be").id}
        )
        cls.product_a.taxes_id = cls.tax_sale_a
        cls.schedule = cls.create_schedule(
            cls.customer,
            line={"product_id": cls.product_a.id, "name": "Server"},
            invoice_mode="post",
            user_id=cls.clerk.id,
        )
        cls.template = cls.schedule.template_move_id
        cls.schedule.sudo().state = "running"
        cls.january = cls.create_occurrence(cls.schedule, date(2026, 1, 1))
        cls.february = cls.create_occurrence(cls.schedule, date(2026, 2, 1), number=2)

    def run_day(self, day):
        return self.env["recurrence.issuing"]._issue_due(self.company, day, commit=False)

    def move_away(self):
        self.customer.country_id = self.env.ref("base.fr")

    def told(self):
        kind = self.env.ref("account_recurrence_dunning.mail_activity_type_taxes")
        return self.schedule.activity_ids.filtered(lambda a: a.activity_type_id == kind)

    def assertTaxes(self, move, position, taxes):
        self.assertEqual(move.fiscal_position_id, position)
        self.assertEqual(move.invoice_line_ids.tax_ids, taxes)

    def test_nothing_is_told_where_nothing_has_changed(self):
        self.assertEqual(self.run_day(date(2026, 2, 1)), 2)
        self.assertFalse(self.told())
        self.assertFalse(self.schedule.fiscal_message)

    def test_lines_are_told_without_what_is_not_filled(self):
        self.company.recurrence_fiscal_change = "keep"
        line = self.template.invoice_line_ids
        line.write({"product_id": False, "name": "Support #MONTH# #YEAR#"})
        self.move_away()
        self.run_day(date(2026, 1, 1))
        sentence = "Support: taxes 0 % intra instead of 15%"
        self.assertIn(sentence, self.schedule.fiscal_message)
        self.assertIn(sentence, self.told().note)
        self.assertIn(sentence, self.january.move_id.message_ids[0].body)
        line.name = "#MONTH#"
        self.assertIn(
            "Line without text: taxes",
            self.schedule._describe_fiscal(self.schedule._get_fiscal_changes()[self.schedule]),
        )

    def test_keep_and_tell(self):
        self.company.recurrence_fiscal_change = "keep"
        self.move_away()
        self.assertEqual(self.run_day(date(2026, 1, 1)), 1)
        self.assertTaxes(self.january.move_id, self.env["account.fiscal.position"], self.tax_sale_a)
        self.assertEqual(self.told().user_id, self.clerk)
        self.assertIn("Fiscal position: Intra instead of none", self.told().note)
        self.assertIn("taxes 0 % intra instead of 15%", self.told().note)
        self.assertIn("as set in the template", self.told().note)
        self.assertIn("Fiscal position: Intra instead of none", self.schedule.fiscal_message)
        self.assertIn("Intra", self.january.move_id.message_ids[:1].body)

    def test_told_once_and_not_every_month(self):
        self.company.recurrence_fiscal_change = "keep"
        self.move_away()
        self.run_day(date(2026, 1, 1))
        self.told().action_feedback()
        self.run_day(date(2026, 2, 1))
        self.assertTrue(self.february.move_id)
        self.assertFalse(self.told())
        # another difference is told
        self.customer.country_id = self.env.ref("base.de")
        self.env["account.fiscal.position"].create(
            {"name": "Other", "auto_apply": True, "country_id": self.env.ref("base.de").id}
        )
        self.create_occurrence(self.schedule, date(2026, 2, 2), number=3)
        self.run_day(date(2026, 2, 2))
        self.assertIn("Other", self.told().note)

    def test_take_the_new_one(self):
        self.company.recurrence_fiscal_change = "take"
        self.move_away()
        self.assertEqual(self.run_day(date(2026, 1, 1)), 1)
        self.assertTaxes(self.january.move_id, self.intra, self.tax_intra)
        self.assertEqual(self.january.move_id.amount_total, 100.0)
        self.assertIn("with the current values", self.told().note)
        self.assertTaxes(self.template, self.env["account.fiscal.position"], self.tax_sale_a)

    def test_wait_for_a_person_is_the_default(self):
        self.assertEqual(self.company.recurrence_fiscal_change, "wait")
        self.move_away()
        self.assertEqual(self.run_day(date(2026, 2, 1)), 0)
        self.assertFalse((self.january + self.february).move_id)
        self.assertEqual(self.january.state, "failed")
        self.assertFalse(self.january.retry_at)
        self.assertIn("Intra instead of none", self.january.error)
        self.assertIn("Intra instead of none", self.schedule.error)
        self.assertEqual(len(self.told()), 1)
        self.assertFalse(self.january.activity_ids, "not one for each date")
        self.assertEqual(self.run_day(date(2026, 2, 3)), 0)

    def test_waiting_ends_with_taking(self):
        self.move_away()
        self.run_day(date(2026, 1, 1))
        self.schedule.with_user(self.clerk).action_fiscal_take()
        self.assertTaxes(self.template, self.intra, self.tax_intra)
        self.assertFalse(self.told())
        self.assertFalse(self.schedule.fiscal_message)
        self.assertEqual(self.run_day(date(2026, 2, 1)), 2)
        self.assertTaxes(self.january.move_id, self.intra, self.tax_intra)
        self.assertFalse(self.schedule.error)

    def test_waiting_ends_with_keeping(self):
        self.move_away()
        self.run_day(date(2026, 1, 1))
        self.schedule.with_user(self.clerk).action_fiscal_keep()
        self.assertFalse(self.told())
        self.assertEqual(self.run_day(date(2026, 2, 1)), 2)
        self.assertTaxes(
            self.february.move_id, self.env["account.fiscal.position"], self.tax_sale_a
        )

    def test_settling_issues_nothing_that_a_person_has_to_decide_on_for_another_reason(self):
        self.run_day(date(2026, 1, 1))
        self.january.move_id.button_draft()
        self.january.move_id.unlink()
        self.move_away()
        self.run_day(date(2026, 2, 1))
        self.schedule.action_fiscal_keep()
        self.assertEqual(self.run_day(date(2026, 2, 2)), 1)
        self.assertTrue(self.february.move_id)
        self.assertFalse(self.january.move_id)

    def test_others_are_issued_meanwhile(self):
        other = self.create_schedule(self.partner_a, invoice_mode="post", user_id=self.clerk.id)
        other.sudo().state = "running"
        self.create_occurrence(other, date(2026, 1, 1))
        self.move_away()
        self.assertEqual(self.run_day(date(2026, 2, 1)), 1)
        self.assertEqual(other.invoice_count, 1)

    def test_what_a_person_left_in_the_template_is_meant(self):
        schedule = self.create_schedule(
            self.customer, line={"product_id": self.product_a.id, "tax_ids": [Command.clear()]}
        )
        self.assertFalse(schedule.fiscal_message)
        schedule.template_move_id.invoice_line_ids = [
            Command.create({"product_id": self.product_b.id, "tax_ids": [Command.clear()]})
        ]
        self.assertFalse(schedule.fiscal_message)

    def test_a_change_of_the_template_settles_nothing_else(self):
        self.move_away()
        line = self.template.invoice_line_ids
        self.template.invoice_line_ids = [Command.update(line.id, {"quantity": 2})]
        self.assertIn("Intra", self.schedule.fiscal_message)

    def test_product_with_other_taxes(self):
        tax_16 = self.tax_sale_a.copy({"name": "16 %", "amount": 16.0})
        self.product_a.taxes_id = tax_16
        self.company.recurrence_fiscal_change = "take"
        self.run_day(date(2026, 1, 1))
        self.assertEqual(self.january.move_id.amount_total, 116.0)
        self.assertIn("taxes 16 % instead of 15%", self.told().note)

    def test_account_of_the_fiscal_position(self):
        self.intra.account_ids = [
            Command.create(
                {
                    "account_src_id": self.template.invoice_line_ids.account_id.id,
                    "account_dest_id": self.product_b.property_account_income_id.id,
                }
            )
        ]
        self.company.recurrence_fiscal_change = "take"
        self.move_away()
        self.run_day(date(2026, 1, 1))
        self.assertEqual(
            self.january.move_id.invoice_line_ids.account_id,
            self.product_b.property_account_income_id,
        )

    def test_line_without_product_follows_the_fiscal_position_both_ways(self):
        self.company.recurrence_fiscal_change = "take"
        schedule = self.create_schedule(self.customer)
        self.move_away()
        occurrence = self.create_occurrence(schedule, date(2026, 1, 1))
        move = self.env["recurrence.issuing"]._issue(occurrence, mode="draft")
        self.assertTaxes(move, self.intra, self.tax_intra)
        schedule.action_fiscal_take()
        self.customer.country_id = self.env.ref("base.be")
        occurrence = self.create_occurrence(schedule, date(2026, 2, 1))
        move = self.env["recurrence.issuing"]._issue(occurrence, mode="draft")
        self.assertTaxes(move, self.env["account.fiscal.position"], self.tax_sale_a)

    def test_taxes_that_cannot_be_known_wait_even_where_the_new_ones_are_taken(self):
        tax_6 = self.tax_sale_a.copy({"name": "6 %", "amount": 6.0})
        self.tax_intra.original_tax_ids |= tax_6
        self.customer.country_id = self.env.ref("base.fr")
        schedule = self.create_schedule(
            self.customer, line={"tax_ids": [Command.set(self.tax_intra.ids)]}
        )
        self.company.recurrence_fiscal_change = "take"
        self.customer.country_id = self.env.ref("base.be")
        occurrence = self.create_occurrence(schedule, date(2026, 1, 1))
        with self.assertRaisesRegex(
            UserError, "other taxes instead of 0 % intra, still to be chosen"
        ):
            self.env["recurrence.issuing"]._issue(occurrence)
        with self.assertRaisesRegex(UserError, "Choose the taxes on the template"):
            schedule.action_fiscal_take()

    def test_price_with_tax_in_it_keeps_its_net_price(self):
        included = self.tax_sale_a.copy(
            {"name": "25 % incl.", "amount": 25.0, "price_include_override": "tax_included"}
        )
        self.tax_intra.original_tax_ids |= included
        schedule = self.create_schedule(
            self.customer, line={"tax_ids": [Command.set(included.ids)], "price_unit": 125.0}
        )
        self.company.recurrence_fiscal_change = "take"
        self.move_away()
        occurrence = self.create_occurrence(schedule, date(2026, 1, 1))
        move = self.env["recurrence.issuing"]._issue(occurrence)
        self.assertEqual((move.amount_untaxed, move.amount_total), (100.0, 100.0))

    # --- doors of a person ---

    def open_dialog(self):
        model = self.env["recurrence.occurrence.issue"].with_user(self.clerk)
        return Form(model.with_context(default_occurrence_id=self.january.id))

    def test_dialog_asks_and_shows_the_total_of_the_choice(self):
        self.move_away()
        dialog = self.open_dialog()
        self.assertIn("Intra instead of none", dialog.fiscal_message)
        self.assertFalse(dialog.fiscal_choice)
        dialog.fiscal_choice = "take"
        self.assertEqual(dialog.amount_total, 100.0)
        dialog.fiscal_choice = "keep"
        self.assertEqual(dialog.amount_total, 115.0)
        dialog.fiscal_choice = "take"
        dialog.save().action_issue()
        self.assertTaxes(self.january.move_id, self.intra, self.tax_intra)

    def test_dialog_without_a_choice_is_refused(self):
        self.move_away()
        wizard = (
            self.env["recurrence.occurrence.issue"]
            .with_user(self.clerk)
            .create({"occurrence_id": self.january.id})
        )
        with self.assertRaisesRegex(UserError, "First choose"):
            wizard.action_issue()

    def test_dialog_follows_the_setting(self):
        self.move_away()
        for setting, total in (("keep", 115.0), ("take", 100.0)):
            self.company.recurrence_fiscal_change = setting
            dialog = self.open_dialog()
            self.assertEqual((dialog.fiscal_choice, dialog.amount_total), (setting, total))

    def test_selection_of_dates_waits_too(self):
        self.move_away()
        with self.assertRaisesRegex(UserError, "Intra instead of none"), self.cr.savepoint():
            self.january.with_user(self.clerk).action_issue()

    def test_preview_shows_what_the_setting_says(self):
        self.move_away()
        self.company.recurrence_fiscal_change = "take"
        self.assertNotIn("115.00", self.schedule._preview_pdf(date(2026, 2, 1)).decode())
        self.company.recurrence_fiscal_change = "keep"
        self.assertIn("115.00", self.schedule._preview_pdf(date(2026, 2, 1)).decode())

    def test_comparing_takes_few_queries(self):
        """No query per line; one search for fiscal positions per customer."""
        schedules = self.schedule
        for number in range(8):
            customer = self.customer.copy({"name": f"C{number}"})
            schedules += self.create_schedule(
                customer,
                template={
                    "invoice_line_ids": [
                        Command.create({"product_id": self.product_a.id, "price_unit": n})
                        for n in range(5)
                    ]
                },
            )

        def count(group):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            group._get_fiscal_changes()
            return self.cr.sql_log_count - before

        two, eight = count(schedules[1:3]), count(schedules[1:])
        self.assertLessEqual((eight - two) / 6, 2)

    def test_companies_are_told_apart(self):
        other = self.setup_other_company()["company"]
        other.recurrence_fiscal_change = "keep"
        self.assertEqual(self.company.recurrence_fiscal_change, "wait")
        self.move_away()
        self.assertEqual(self.run_day(date(2026, 2, 1)), 0)

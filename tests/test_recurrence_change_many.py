from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .test_recurrence_billed_line import BilledLineCase

JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


class ChangeManyCase(BilledLineCase):
    """Base: three customers with the same line, one of them billed for January already."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hosting = cls.env["product.product"].create(
            {"name": "Hosting", "list_price": 100.0, "taxes_id": [Command.set(cls.tax_sale_a.ids)]}
        )
        cls.plain = cls.env["res.partner"].create({"name": "Plain"})
        cls.billed, cls.fresh, cls.other = (
            cls.create_for(partner) for partner in (cls.partner_a, cls.plain, cls.partner_a)
        )
        cls.other.template_move_id.invoice_line_ids.write({"product_id": False, "name": "Support"})
        cls.billed.sudo()._run_due(JANUARY)
        cls.all = (cls.billed + cls.fresh + cls.other).with_user(cls.clerk)

    @classmethod
    def create_for(cls, partner, template_values=None, **vals):
        schedule = cls.create_schedule(
            partner,
            template={
                "invoice_line_ids": [cls.line("Hosting", 100.0, product_id=cls.hosting.id)],
                **(template_values or {}),
            },
            invoice_mode="post",
            user_id=cls.clerk.id,
            **vals,
        )
        schedule.with_user(cls.clerk).action_generate()
        return schedule

    def open_dialog(self, schedules=None, **vals):
        schedules = self.all if schedules is None else schedules
        action = schedules.with_user(self.clerk).action_open_change()
        dialogs = self.env["recurrence.schedule.change"].with_user(self.clerk)
        return dialogs.with_context(**action["context"]).create(vals)

    def look(self, dialog):
        dialog.action_preview()
        self.assertEqual(dialog.step, "look")
        return [(row.now, row.then, row.problem) for row in dialog.row_ids]


@freeze_time("2026-01-01 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceChangeMany(ChangeManyCase):
    """R10: what several recurring invoices have in common is changed at once, shown first."""

    def test_r10_price_of_many_is_shown_first_then_changed(self):
        dialog = self.open_dialog(line_product_id=self.hosting.id, sets_price=True, new_price=110.0)
        rows = self.look(dialog)
        # with 15 % tax 100.00 is 115.00, and 110.00 is 126.50
        self.assertEqual(
            rows,
            [
                ("02/01/2026: $\xa0115.00", "02/01/2026: $\xa0126.50", False),
                ("01/01/2026: $\xa0115.00", "01/01/2026: $\xa0126.50", False),
                ("01/01/2026: $\xa0115.00", False, "It has no line of this kind that is billed."),
            ],
        )
        self.assertEqual(self.billed.template_move_id.invoice_line_ids.price_unit, 100.0)
        self.assertEqual((dialog.ready_count, dialog.problem_count), (2, 1))
        dialog.action_confirm()
        lines = self.billed.template_move_id.invoice_line_ids
        # what January was billed with stays, until January's last day
        self.assertEqual(
            [(line.price_unit, line.recurrence_until) for line in lines.sorted("id")],
            [(100.0, date(2026, 1, 31)), (110.0, False)],
        )
        self.assertEqual(self.fresh.template_move_id.invoice_line_ids.price_unit, 110.0)
        self.assertEqual(self.other.template_move_id.invoice_line_ids.price_unit, 100.0)
        self.assertLines(self.run_on(self.billed, FEBRUARY), ("Hosting", 110.0))
        self.assertLines(self.run_on(self.fresh, JANUARY), ("Hosting", 110.0))
        self.assertIn("Changed together with others", self.fresh.message_ids[0].body)

    def test_r10_product_and_taxes(self):
        free = self.tax_sale_a.copy({"name": "Free", "amount": 0})
        cloud = self.env["product.product"].create({"name": "Cloud", "list_price": 9.0})
        dialog = self.open_dialog(
            line_text="HOST",
            new_product_id=cloud.id,
            sets_taxes=True,
            new_tax_ids=[Command.set(free.ids)],
        )
        self.assertEqual(self.look(dialog)[1][1], "01/01/2026: $\xa0100.00")
        dialog.action_confirm()
        line = self.fresh.template_move_id.invoice_line_ids
        self.assertEqual((line.product_id, line.name, line.tax_ids), (cloud, "Cloud", free))
        self.assertEqual(line.price_unit, 100.0)
        # billed with the product it had
        former = self.billed.template_move_id.invoice_line_ids.filtered("recurrence_until")
        self.assertEqual(former.product_id, self.hosting)

    def test_r10_terms_mode_and_responsible(self):
        colleague = new_test_user(
            self.env,
            login="change_colleague",
            groups="base.group_user,account.group_account_invoice",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        dialog = self.open_dialog(
            payment_term_id=self.pay_terms_b.id, invoice_mode="draft", user_id=colleague.id
        )
        self.assertFalse(any(problem for _now, _then, problem in self.look(dialog)))
        self.assertEqual(self.fresh.user_id, self.clerk)
        dialog.action_confirm()
        self.assertEqual(self.all.user_id, colleague)
        self.assertEqual(set(self.all.mapped("invoice_mode")), {"draft"})
        self.assertEqual(self.all.template_move_id.invoice_payment_term_id, self.pay_terms_b)

    def test_r10_end(self):
        dialog = self.open_dialog(end_change="end_date", last_day="2026-03-31")
        self.look(dialog)
        dialog.action_confirm()
        self.assertEqual(self.fresh.last_date, MARCH)
        self.assertEqual(max(self.billed.occurrence_ids.mapped("rule_date")), MARCH)

    def test_r10_rule_plans_anew_and_bills_nothing_twice(self):
        dialog = self.open_dialog(
            self.billed + self.fresh, sets_rule=True, rrule_type="monthly", interval=3, day=1
        )
        self.assertEqual(
            self.look(dialog),
            [
                ("02/01/2026: $\xa0115.00", "04/01/2026: $\xa0115.00", False),
                ("01/01/2026: $\xa0115.00", "01/01/2026: $\xa0115.00", False),
            ],
        )
        self.assertTrue(all(row.rule for row in dialog.row_ids))
        before = self.fresh.occurrence_ids
        self.assertIn(FEBRUARY, before.mapped("rule_date"))
        dialog.action_confirm()
        self.assertNotIn(FEBRUARY, self.fresh.occurrence_ids.mapped("rule_date"))
        self.assertFalse(self.fresh.rule_stale)

    def test_what_was_shown_leaves_no_trace(self):
        messages = self.fresh.message_ids
        dialog = self.open_dialog(line_product_id=self.hosting.id, sets_price=True, new_price=1.0)
        self.look(dialog)
        dialog.action_back()
        self.assertEqual((dialog.step, len(dialog.row_ids)), ("choose", 0))
        self.assertEqual(self.fresh.message_ids, messages)
        self.assertEqual(self.fresh.template_move_id.amount_untaxed, 100.0)

    def test_one_that_fails_in_the_end_stops_nobody_and_says_why(self):
        dialog = self.open_dialog(line_product_id=self.hosting.id, sets_price=True, new_price=110.0)
        self.look(dialog)
        self.fresh.sudo().state = "finished"
        dialog.action_confirm()
        self.assertEqual(dialog.step, "done")
        rows = dialog.row_ids
        self.assertEqual(rows.mapped("is_done"), [True, False, False])
        self.assertIn("is finished", rows[1].problem)

    def test_what_is_refused(self):
        for vals, sentence in (
            ({}, "Choose what is to change"),
            ({"sets_price": True, "new_price": 1}, "Choose which lines are meant"),
            ({"line_product_id": self.hosting.id}, "Choose what is to change"),
            ({"end_change": "end_date"}, "Choose the last day"),
        ):
            with self.subTest(vals), self.assertRaisesRegex(UserError, sentence):
                self.open_dialog(**vals).action_preview()
        with self.assertRaisesRegex(UserError, "not finished"):
            self.all.browse().action_open_change()
        employee = new_test_user(self.env, login="change_employee", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.all.with_user(employee).action_open_change()

    def test_price_of_another_currency_or_of_the_product(self):
        euro = self.create_for(
            self.partner_b, template_values={"currency_id": self.setup_other_currency("EUR").id}
        )
        self.billed.price_source = "product"
        dialog = self.open_dialog(
            self.billed + euro, line_product_id=self.hosting.id, sets_price=True, new_price=5.0
        )
        problems = [problem for _now, _then, problem in self.look(dialog)]
        self.assertIn("is that of the product", problems[0])
        self.assertEqual("Its currency is EUR.", problems[1])
        with self.assertRaisesRegex(UserError, "None of them"):
            dialog.action_confirm()

    # --- found in a review ---

    def change(self, schedules, **vals):
        dialog = self.open_dialog(schedules, **vals)
        rows = self.look(dialog)
        dialog.action_confirm()
        return rows

    def test_what_is_billed_once_is_not_billed_again(self):
        setup = self.line("Hosting setup", 500.0, recurrence_billing="once")
        schedule = self.create_running(
            self.line("Hosting", 100.0),
            setup,
            self.line("Hosting audit", 7.0, recurrence_billing="held"),
        )
        self.assertEqual(self.run_on(schedule, JANUARY).amount_untaxed, 600.0)
        self.change(schedule, line_text="hosting", sets_price=True, new_price=110.0)
        self.assertLines(self.run_on(schedule, FEBRUARY), ("Hosting", 110.0))
        held = schedule.template_move_id.invoice_line_ids.filtered(
            lambda line: line.name.endswith("audit")
        )
        self.assertEqual((len(held), held.price_unit), (1, 110.0))

    def test_taxes_that_were_chosen_are_meant(self):
        free = self.tax_sale_a.copy({"name": "Free", "amount": 0})
        self.change(
            self.billed + self.fresh,
            line_text="host",
            sets_taxes=True,
            new_tax_ids=[Command.set(free.ids)],
        )
        self.assertEqual(self.run_on(self.billed, FEBRUARY).amount_total, 100.0)
        self.assertEqual(self.run_on(self.fresh, JANUARY).amount_total, 100.0)
        # and stay so when the price changes
        self.change(self.billed, line_text="host", sets_price=True, new_price=110.0)
        self.assertEqual(self.run_on(self.billed, MARCH).amount_total, 110.0)

    def test_days_that_a_new_rule_does_not_bill_are_named(self):
        dialog = self.open_dialog(self.billed, sets_rule=True, rrule_type="yearly", interval=1)
        self.look(dialog)
        self.assertEqual(
            dialog.row_ids.effect, "The days from 02/01/2026 to 12/31/2026 are not billed."
        )
        dialog.action_confirm()
        self.assertIn("are not billed", self.billed.message_ids[0].body)

    def test_rule_that_waits_to_be_regenerated_is_left_alone(self):
        self.fresh.interval = 3
        self.assertTrue(self.fresh.rule_stale)
        dates = self.fresh.occurrence_ids
        self.change(self.fresh, payment_term_id=self.pay_terms_b.id)
        self.assertEqual(self.fresh.occurrence_ids, dates)
        dialog = self.open_dialog(self.fresh, end_change="end_date", last_day="2026-05-31")
        [(_now, _then, problem)] = self.look(dialog)
        self.assertIn("regenerate its dates first", problem)

    def test_line_that_changes_later_already_is_refused(self):
        self.change(self.billed, line_text="host", sets_price=True, new_price=110.0)
        self.run_on(self.billed, FEBRUARY)
        action = self.billed.template_move_id.with_user(self.clerk).action_recurrence_change()
        change = self.env["recurrence.line.change"].with_user(self.clerk)
        form = Form(change.with_context(**action["context"]))
        form.date = date(2026, 7, 1)
        with form.line_ids.edit(1) as row:
            row.price_unit = 120.0
        form.save().action_confirm()
        dialog = self.open_dialog(self.billed, line_text="host", sets_price=True, new_price=1.0)
        [(_now, _then, problem)] = self.look(dialog)
        self.assertIn("changes after 06/30/2026 already", problem)

    def test_end_before_the_next_date_leaves_none(self):
        rows = self.change(self.billed, end_change="end_date", last_day="2026-01-31")
        self.assertEqual(rows[0][1], "no further date")

    def test_price_of_the_product_is_shown_as_it_will_be(self):
        self.fresh.price_source = "product"
        cloud = self.env["product.product"].create({"name": "Cloud", "list_price": 9.0})
        cloud.taxes_id = self.tax_sale_a
        rows = self.change(self.fresh, line_text="host", new_product_id=cloud.id)
        # 9.00 with 15 % tax
        self.assertEqual(rows[0][1], "01/01/2026: $\xa010.35")

    def test_what_has_changed_since_it_was_shown_is_not_changed(self):
        dialog = self.open_dialog(self.fresh, line_text="host", sets_price=True, new_price=110.0)
        self.look(dialog)
        self.run_on(self.fresh, JANUARY)
        dialog.action_confirm()
        self.assertEqual(dialog.row_ids.problem, "It has changed since this was shown.")
        self.assertEqual(self.fresh.template_move_id.invoice_line_ids.price_unit, 100.0)

    def test_what_else_changes_is_said(self):
        dialog = self.open_dialog(self.fresh, invoice_mode="draft")
        self.look(dialog)
        self.assertEqual(dialog.row_ids.effect, "On the Day: Post → Create a draft.")

    def test_new_rule_keeps_the_day_of_each_start(self):
        with freeze_time("2026-01-17 10:00:00"):
            self.change(self.fresh, sets_rule=True, rrule_type="monthly", interval=2)
        self.assertEqual({day.day for day in self.fresh.occurrence_ids.mapped("rule_date")}, {1})

    def test_form(self):
        action = self.all.action_open_change()
        dialogs = self.env["recurrence.schedule.change"].with_user(self.clerk)
        with Form(dialogs.with_context(**action["context"])) as form:
            form.invoice_mode = "draft"
        self.assertEqual(form.record.schedule_count, 3)


@freeze_time("2026-01-01 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceOtherCustomers(ChangeManyCase):
    """The same recurring invoice for other customers, each as an invoice made for them today."""

    def open_customers(self, partners, **vals):
        action = self.fresh.template_move_id.with_user(self.clerk).action_recurrence_customers()
        dialogs = self.env["recurrence.schedule.customers"].with_user(self.clerk)
        dialog = dialogs.with_context(**action["context"]).create(
            {"partner_ids": [Command.set(partners.ids)], **vals}
        )
        dialog.action_preview()
        return dialog

    def test_same_for_twenty_customers(self):
        partners = self.env["res.partner"].create([{"name": f"C {n:02}"} for n in range(20)])
        dialog = self.open_customers(partners, date_start=FEBRUARY, is_started=True)
        self.assertEqual(dialog.row_ids.mapped("total"), [115.0] * 20)
        self.assertEqual(set(dialog.row_ids.mapped("first_date")), {FEBRUARY})
        schedules = self.env["recurrence.schedule"]
        before = schedules.search_count([])
        dialog.action_confirm()
        made = schedules.search([("partner_id", "in", partners.ids)])
        self.assertEqual(schedules.search_count([]), before + 20)
        self.assertEqual(set(made.mapped("state")), {"running"})
        with freeze_time("2026-02-01 10:00:00"):
            made.sudo()._run_due(FEBRUARY)
        moves = made.occurrence_ids.move_id
        self.assertEqual(len(moves), 20)
        self.assertEqual(set(moves.mapped("amount_total")), {115.0})
        self.assertEqual(moves.partner_id, partners)

    def test_what_is_archived_is_there_too(self):
        """It can be taken up again, and would then bill beside the new one."""
        partner = self.env["res.partner"].create({"name": "Later"})
        self.open_customers(partner, date_start=FEBRUARY).action_confirm()
        made = self.env["recurrence.schedule"].search([("partner_id", "=", partner.id)])
        made.active = False
        row = self.open_customers(partner, date_start=FEBRUARY).row_ids
        self.assertEqual(row.note, f"Already has: {made.name}")
        self.assertFalse(row.is_included)

    def test_terms_and_taxes_of_the_customer(self):
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        exempt = self.tax_sale_a.copy(
            {
                "name": "Exempt",
                "amount": 0,
                "fiscal_position_ids": [Command.set(position.ids)],
                "original_tax_ids": [Command.set(self.tax_sale_a.ids)],
            }
        )
        abroad = self.env["res.partner"].create({"name": "Abroad"})
        abroad.with_company(self.company).write(
            {
                "property_account_position_id": position.id,
                "property_payment_term_id": self.pay_terms_b.id,
            }
        )
        dialog = self.open_customers(abroad)
        row = dialog.row_ids
        self.assertEqual((row.total, row.taxes), (100.0, "Exempt"))
        self.assertEqual(row.terms, self.pay_terms_b.name)
        dialog.action_confirm()
        made = self.env["recurrence.schedule"].search([("partner_id", "=", abroad.id)])
        self.assertEqual(made.state, "draft")
        self.assertEqual(made.name, "Abroad · Hosting")
        self.assertEqual(made.template_move_id.invoice_line_ids.tax_ids, exempt)
        self.assertEqual(made.template_move_id.fiscal_position_id, position)

    def test_customer_who_has_it_already_is_not_billed_twice(self):
        dialog = self.open_customers(self.partner_a)
        row = dialog.row_ids
        self.assertFalse(row.is_included)
        self.assertIn("Already has", row.note)
        with self.assertRaisesRegex(UserError, "Tick at least one"):
            dialog.action_confirm()

    def test_looking_leaves_no_trace(self):
        partner = self.env["res.partner"].create({"name": "Looked at"})
        self.open_customers(partner).action_back()
        self.assertFalse(self.env["recurrence.schedule"].search([("partner_id", "=", partner.id)]))
        with self.assertRaisesRegex(UserError, "Choose the customers"):
            self.open_customers(partner.browse())

    def test_what_is_of_the_first_customer_alone_stays_there(self):
        source = self.fresh.template_move_id
        source.ref = "PO 4711"
        source.dunning_choice = "never"
        self.env["ir.attachment"].create(
            {"name": "contract.pdf", "res_model": source._name, "res_id": source.id, "raw": b"x"}
        )
        partner = self.env["res.partner"].create({"name": "New"})
        self.open_customers(partner).action_confirm()
        made = self.env["recurrence.schedule"].search([("partner_id", "=", partner.id)])
        template = made.template_move_id
        self.assertFalse(template.ref)
        self.assertFalse(template.dunning_choice)
        self.assertFalse(template.message_attachment_count)

    def test_lines_that_are_over_do_not_go_along(self):
        """After a price rise: only the line of today, and its total."""
        lines = self.billed.template_move_id.invoice_line_ids
        lines.recurrence_until = "2026-01-31"
        new = lines.copy_data()[0]
        new.update(
            price_unit=110.0,
            recurrence_start="2026-02-01",
            tax_ids=[Command.set(self.tax_sale_a.ids)],
        )
        self.billed.template_move_id.write({"invoice_line_ids": [Command.create(new)]})
        partner = self.env["res.partner"].create({"name": "New"})
        action = self.billed.template_move_id.with_user(self.clerk).action_recurrence_customers()
        dialogs = self.env["recurrence.schedule.customers"].with_user(self.clerk)
        dialog = dialogs.with_context(**action["context"]).create(
            {"partner_ids": [Command.set(partner.ids)], "date_start": "2026-03-01"}
        )
        dialog.action_preview()
        self.assertEqual(dialog.row_ids.total, 126.5)
        dialog.action_confirm()
        made = self.env["recurrence.schedule"].search([("partner_id", "=", partner.id)])
        self.assertEqual(made.template_move_id.invoice_line_ids.price_unit, 110.0)

    def test_contact_of_a_customer_that_stands_above_is_not_ticked(self):
        company = self.env["res.partner"].create({"name": "Firm", "is_company": True})
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": company.id})
        dialog = self.open_customers(company + contact)
        self.assertEqual(sorted(dialog.row_ids.mapped("is_included")), [False, True])

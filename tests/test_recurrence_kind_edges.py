from datetime import date

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, tagged

from .test_recurrence_kind import FEBRUARY, JANUARY, MARCH, KindCase


@freeze_time("2026-01-01 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceKindEdges(KindCase):
    """R14: what is easily changed, lost or billed wrongly when a kind changes."""

    def setUp(self):
        super().setUp()
        self.own_line = self.care_line(self.kind)

    def take(self, **vals):
        """Take all that a kind offers; nothing may hinder it."""
        dialog = self.offer(**vals)
        dialog.action_confirm()
        self.assertEqual([row.problem for row in dialog.row_ids if row.problem], [])

    def create_product(self, name, price):
        taxes = [Command.set(self.tax_sale_a.ids)]
        return self.env["product.product"].create(
            {"name": name, "list_price": price, "taxes_id": taxes}
        )

    def test_r14_another_product_leaves_the_price_that_was_agreed(self):
        """Care Plus lists 95.00; the kind stays at 100.00, one customer at 90.00."""
        same = self.make_for(self.plain)
        agreed = self.make_for(self.partner_a)
        self.care_line(agreed).write(
            {"price_unit": 90.0, "tax_ids": [Command.set(self.tax_sale_b.ids)]}
        )
        plus = self.create_product("Care Plus", 95.0)
        self.own_line.product_id = plus
        self.own_line.write({"price_unit": 100.0, "tax_ids": [Command.set(self.tax_sale_a.ids)]})
        self.take()
        lines = (same + agreed).template_move_id.invoice_line_ids
        self.assertEqual(lines.product_id, plus)
        self.assertEqual(lines.mapped("price_unit"), [100.0, 90.0])
        self.assertEqual(lines[1].tax_ids, self.tax_sale_b)

    def test_r14_what_was_billed_with_each_date_is_not_billed_once_more(self):
        """Set-up 250.00 was left as "each date" by mistake, and is corrected to "once"."""
        self.kind.template_move_id.write({"invoice_line_ids": [self.line("Set-up", 250.0)]})
        made = self.make_for(self.plain)
        self.assertEqual(self.run_on(made, JANUARY).amount_untaxed, 350.0)
        setup = self.kind.template_move_id.invoice_line_ids - self.own_line
        setup.recurrence_billing = "once"
        self.take()
        self.assertEqual(self.run_on(made, FEBRUARY).amount_untaxed, 100.0)
        self.assertEqual(self.run_on(made, MARCH).amount_untaxed, 100.0)
        # new ones pay it once
        new = self.make_for(self.partner_a)
        self.assertEqual(self.run_on(new, JANUARY).amount_untaxed, 350.0)
        self.assertEqual(self.run_on(new, FEBRUARY).amount_untaxed, 100.0)

    def test_r14_line_that_begins_next_year_changes_too(self):
        made = self.make_for(self.plain)
        made.template_move_id.invoice_line_ids.recurrence_start = date(2027, 1, 1)
        made.template_move_id.write({"invoice_line_ids": [self.line("Support", 10.0)]})
        self.assertEqual(self.run_on(made, JANUARY).amount_untaxed, 10.0)
        self.own_line.price_unit = 110.0
        self.take()
        self.assertEqual(self.care_line(made).price_unit, 110.0)
        self.assertEqual(self.care_line(made).recurrence_start, date(2027, 1, 1))

    def test_r14_line_whose_price_rises_later_is_refused(self):
        """100.00 until 30 June, 103.00 after it: two parts cannot follow the kind alike."""
        made = self.make_for(self.plain)
        self.run_on(made, JANUARY)
        made._raise_prices(date(2026, 7, 1), {self.care_line(made): 103.0})
        self.own_line.quantity = 2
        dialog = self.offer()
        self.assertIn("changes after 06/30/2026 already", dialog.row_ids.problem)
        self.assertEqual(made.template_move_id.invoice_line_ids.mapped("quantity"), [1.0, 1.0])

    def test_r14_two_lines_of_one_product_are_told_apart(self):
        """The customer has only "Server B" of the kind's "Server A" and "Server B"."""
        self.own_line.name = "Server A"
        self.kind.template_move_id.write(
            {"invoice_line_ids": [self.line("Server B", 200.0, product_id=self.care.id)]}
        )
        made = self.create_running(self.line("Server B", 200.0, product_id=self.care.id))
        made.with_user(self.clerk)._join_kind(self.kind)
        self.own_line.quantity = 2
        self.assertEqual(self.offer().row_ids.effect, "")
        (self.kind.template_move_id.invoice_line_ids - self.own_line).price_unit = 220.0
        self.take()
        self.assertRecordValues(
            made.template_move_id.invoice_line_ids, [{"quantity": 1.0, "price_unit": 220.0}]
        )

    def test_r14_copy_for_a_customer_abroad_follows_the_kind(self):
        """121.00 with 21 % in it at home, 100.00 without tax abroad; then 242.00 and 200.00."""
        gross = self.tax_sale_a.copy(
            {"name": "21 % in", "amount": 21, "price_include_override": "tax_included"}
        )
        abroad = self.env["account.fiscal.position"].create({"name": "Export"})
        none = self.env["account.tax"].create(
            {
                "name": "Export",
                "amount": 0,
                "type_tax_use": "sale",
                "fiscal_position_ids": [Command.set(abroad.ids)],
                "original_tax_ids": [Command.set(gross.ids)],
            }
        )
        self.care.taxes_id = gross
        self.own_line.write({"tax_ids": [Command.set(gross.ids)], "price_unit": 121.0})
        at_home = self.make_for(self.plain)
        partner = self.env["res.partner"].create(
            {"name": "Far", "property_account_position_id": abroad.id}
        )
        copied = at_home._copy_for(partner, JANUARY)
        made = self.make_for(partner)
        for schedule in (copied, made):
            self.assertEqual(self.care_line(schedule).tax_ids, none)
            self.assertAlmostEqual(self.care_line(schedule).price_unit, 100.0, 2)
        self.assertEqual(copied.kind_id, self.kind)
        self.own_line.price_unit = 242.0
        self.take()
        for schedule in (copied, made):
            self.assertAlmostEqual(self.care_line(schedule).price_unit, 200.0, 2)
        self.assertAlmostEqual(self.care_line(at_home).price_unit, 242.0, 2)
        # its price at home is not that of the invoice
        with self.assertRaisesRegex(UserError, "cannot be known which taxes and price Care has"):
            made.template_move_id.recurrence_schedule_id.action_save_as_kind()

    def test_r14_customer_who_moves_abroad_agreed_on_nothing(self):
        made = self.make_for(self.plain)
        self.care_line(self.kind).tax_ids = self.tax_sale_a
        made.template_move_id.write({"fiscal_position_id": self.fiscal_pos_a.id})
        self.care_line(made).tax_ids = self.fiscal_pos_a.map_tax(self.tax_sale_a)
        self.own_line.tax_ids = self.tax_sale_a | self.tax_sale_b
        self.assertEqual(self.offer().row_ids.kept, "")

    def test_r14_copy_of_one_that_is_behind_is_behind(self):
        made = self.make_for(self.plain)
        self.own_line.price_unit = 110.0
        copied = made.copy()
        self.assertEqual(self.kind.outdated_count, 2)
        self.take()
        self.assertEqual(self.care_line(copied).price_unit, 110.0)

    def test_r14_end_for_all_on_a_day(self):
        """Without an end; then until 31 December 2026, then a year longer."""
        made = self.make_for(self.plain)
        self.run_on(made, JANUARY)
        self.kind.write({"end_type": "end_date", "until": "2026-12-31"})
        self.take()
        self.assertEqual((made.end_type, made.until), ("end_date", date(2026, 12, 31)))
        self.assertEqual(made.last_date, date(2026, 12, 1))
        self.kind.until = "2027-12-31"
        self.assertEqual(self.offer().row_ids.effect, "End Date: 12/31/2026 → 12/31/2027.")
        self.take()
        self.assertEqual(made.last_date, date(2027, 12, 1))

    def test_r14_kind_in_another_currency_is_refused(self):
        other = self.setup_other_currency("EUR")
        made = self.make_for(self.plain)
        kind = self.compose("In euros")
        kind.template_move_id.currency_id = other
        own = self.create_running(self.line("Care", 100.0, product_id=self.care.id))
        with self.assertRaisesRegex(UserError, "is in USD, the kind in EUR"):
            own._join_kind(kind)
        self.kind.template_move_id.currency_id = other
        self.own_line.price_unit = 110.0
        self.assertIn("is in USD, the kind in EUR", self.offer().row_ids.problem)
        self.assertEqual(made.template_move_id.currency_id, self.company.currency_id)

    def test_r14_new_line_is_not_added_to_who_has_one_already(self):
        """Backup at 25.00 of its own; the kind gets Backup at 30.00."""
        backup = self.create_product("Backup", 30.0)
        made = self.make_for(self.plain)
        made.template_move_id.write(
            {"invoice_line_ids": [self.line("Backup", 25.0, product_id=backup.id)]}
        )
        self.kind.template_move_id.write(
            {"invoice_line_ids": [self.line("Backup", 30.0, product_id=backup.id)]}
        )
        dialog = self.offer()
        self.assertEqual(
            (dialog.row_ids.effect, dialog.row_ids.kept), ("", "Backup, Unit Price: 25.00 → 30.00.")
        )
        self.take(with_own=True)
        self.assertEqual(self.run_on(made, JANUARY).amount_untaxed, 130.0)

    def test_r14_line_that_ended_for_a_while_is_still_that_of_the_kind(self):
        made = self.make_for(self.plain)
        line = self.care_line(made)
        made.template_move_id.write({"invoice_line_ids": [self.line("Support", 10.0)]})
        self.run_on(made, JANUARY)
        line.recurrence_until = "2026-01-31"
        self.own_line.price_unit = 110.0
        dialog = self.offer()
        self.assertEqual((dialog.row_ids.effect, dialog.row_ids.kept), ("", ""))
        dialog.action_keep()
        line.write({"recurrence_until": False, "price_unit": 110.0})
        self.own_line.price_unit = 120.0
        self.take()
        self.assertEqual(self.run_on(made, FEBRUARY).amount_untaxed, 130.0)

    def test_r14_line_with_nothing_to_bill_is_as_if_it_were_not_there(self):
        made = self.make_for(self.plain)
        self.kind.template_move_id.write({"invoice_line_ids": [self.line("Support", 10.0)]})
        self.take()
        self.run_on(made, JANUARY)
        self.own_line.quantity = 0
        self.take()
        self.assertEqual(self.run_on(made, FEBRUARY).amount_untaxed, 10.0)
        self.own_line.quantity = 2
        self.take()
        self.assertEqual(self.run_on(made, MARCH).amount_untaxed, 210.0)

    def test_r14_kind_that_changed_since_it_was_shown_is_refused(self):
        made = self.make_for(self.plain)
        self.own_line.price_unit = 110.0
        dialog = self.offer()
        self.kind.invoice_mode = "send"
        dialog.action_confirm()
        self.assertEqual(dialog.row_ids.problem, "It has changed since this was shown.")
        self.assertEqual((made.invoice_mode, self.care_line(made).price_unit), ("post", 100.0))
        with self.assertRaisesRegex(UserError, "has changed since this was shown"):
            dialog.action_keep()

    def test_r14_row_of_another_recurrence_is_refused(self):
        """A row that was written by hand names what is of no kind."""
        self.make_for(self.plain)
        own = self.create_running(self.line("Care", 100.0, product_id=self.care.id))
        self.own_line.price_unit = 110.0
        dialog = self.offer()
        dialog.row_ids.schedule_id = own
        dialog.action_confirm()
        self.assertTrue(dialog.row_ids.problem)
        self.assertEqual(self.care_line(own).price_unit, 100.0)

    def test_r14_saved_as_another_kind_it_stays_of_its_own(self):
        made = self.make_for(self.plain)
        opened = made.action_save_as_kind()
        self.assertEqual(made.kind_id, self.kind)
        kind = self.env["account.move"].browse(opened["res_id"]).recurrence_schedule_id
        self.assertEqual((kind.member_count, kind.is_kind), (0, True))

    def test_r14_kind_chosen_while_the_start_is_empty(self):
        composing = self.env["account.move"].with_user(self.clerk)
        composing = composing.with_context(
            default_move_type="out_invoice", default_is_recurrence_template=True
        )
        with Form(composing, "account_recurrence_dunning.recurrence_template_view_form") as form:
            form.partner_id = self.plain
            form.recurrence_date_start = False
            form.recurrence_kind_id = self.kind
            form.recurrence_date_start = MARCH
        self.assertEqual(form.record.recurrence_schedule_id.date_start, MARCH)

    def test_r14_price_of_the_product_is_not_offered(self):
        made = self.make_for(self.plain)
        made.price_source = "product"
        self.own_line.price_unit = 110.0
        dialog = self.offer()
        self.assertEqual((dialog.row_ids.effect, dialog.row_ids.kept), ("", ""))
        self.take()
        # the list price
        self.assertEqual(self.run_on(made, JANUARY).amount_untaxed, 80.0)

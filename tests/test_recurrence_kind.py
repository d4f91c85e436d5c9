from datetime import date

from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from .test_recurrence_billed_line import BilledLineCase

JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
OLD, NEW = "$\N{NO-BREAK SPACE}115.00", "$\N{NO-BREAK SPACE}126.50"
KIND_FORM = "account_recurrence_dunning.recurrence_kind_view_form"


class KindCase(BilledLineCase):
    """Base: the kind "Maintenance monthly", 100.00 in advance, posted on the day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.care = cls.env["product.product"].create(
            {"name": "Care", "list_price": 80.0, "taxes_id": [Command.set(cls.tax_sale_a.ids)]}
        )
        cls.plain = cls.env["res.partner"].create({"name": "Plain"})
        cls.kind = cls.compose()

    @classmethod
    def compose(cls, name="Maintenance monthly", **values):
        """Compose a kind in its form, as a clerk does."""
        composing = cls.env["account.move"].with_user(cls.clerk)
        composing = composing.with_context(
            default_move_type="out_invoice",
            default_is_recurrence_template=True,
            default_recurrence_is_kind=True,
        )
        with Form(composing, KIND_FORM) as form:
            form.recurrence_name = name
            form.recurrence_invoice_mode = "post"
            for field, value in values.items():
                form[field] = value
            with form.invoice_line_ids.new() as line:
                line.product_id = cls.care
                line.price_unit = 100.0
        return form.record.recurrence_schedule_id

    def open_customers(self, partners, kind=None, **vals):
        kind = kind or self.kind
        action = kind.template_move_id.with_user(self.clerk).action_recurrence_customers()
        dialogs = self.env["recurrence.schedule.customers"].with_user(self.clerk)
        dialogs = dialogs.with_context(**action["context"])
        return dialogs.create({"partner_ids": [Command.set(partners.ids)], **vals})

    def make_for(self, partner, kind=None, **vals):
        """Make a recurring invoice of a customer from a kind, with the dialog, and start it."""
        kind = kind or self.kind
        dialog = self.open_customers(partner, kind, **{"is_started": True, **vals})
        dialog.action_preview()
        self.assertFalse(dialog.row_ids.problem)
        dialog.row_ids.is_included = True
        before = self.env["recurrence.schedule"].search([])
        dialog.action_confirm()
        made = self.env["recurrence.schedule"].search([]) - before
        return made.with_user(self.clerk)

    def offer(self, kind=None, **vals):
        action = (kind or self.kind).with_user(self.clerk).action_open_kind_update()
        dialogs = self.env["recurrence.kind.update"].with_user(self.clerk)
        dialog = dialogs.with_context(**action["context"]).create(vals)
        dialog.action_preview()
        return dialog

    def care_line(self, schedule):
        """Return the line that bills the care now, of those that followed each other."""
        lines = schedule.template_move_id.invoice_line_ids
        return (lines - lines.recurrence_line_id).filtered(
            lambda line: line.product_id == self.care
        )


@freeze_time("2026-01-01 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceKind(KindCase):
    """R14: a kind of recurring invoices, and those of customers that are made from it."""

    def test_r14_kind_is_composed_in_the_invoice_form(self):
        self.assertRecordValues(
            self.kind,
            [
                {
                    "name": "Maintenance monthly",
                    "is_kind": True,
                    "state": "draft",
                    "partner_id": False,
                    "invoice_mode": "post",
                    "amount_untaxed": 100.0,
                    "rule_summary": "Every month on the day of the start.",
                    "fiscal_message": False,
                }
            ],
        )
        self.assertEqual(self.kind.template_move_id.invoice_line_ids.tax_ids, self.tax_sale_a)

    def test_r14_kind_says_how_what_is_made_of_it_repeats(self):
        kind = self.compose(
            recurrence_interval=3,
            recurrence_end_type="end_date",
            recurrence_duration_number=1,
        )
        self.assertEqual(kind.rule_cycle, "Every 3 months on the day of the start.")
        self.assertEqual(kind.rule_summary, "Every 3 months on the day of the start. For 1 year.")
        kind.write({"kind_day": "rule", "day": 15, "end_type": "count", "count": 4})
        self.assertEqual(kind.rule_summary, "Every 3 months on day 15. 4 times.")

    def test_r14_kind_is_hidden_from_searches(self):
        schedules = self.env["recurrence.schedule"].with_user(self.clerk)
        self.assertNotIn(self.kind, schedules.search([]))
        self.assertNotIn(self.kind, schedules.search([("target", "=", "invoice")]))
        self.assertEqual(schedules.search([("is_kind", "=", True)]), self.kind)
        self.assertEqual(schedules.search([("id", "=", self.kind.id)]), self.kind)
        self.assertFalse(schedules.name_search("Maintenance"))
        found = schedules.name_search("Maintenance", [("is_kind", "=", True)])
        self.assertEqual(found, [(self.kind.id, "Maintenance monthly")])
        made = self.make_for(self.plain)
        self.assertEqual(schedules.search([("kind_id", "ilike", "Maint")]), made)
        self.assertEqual(
            schedules._read_group([], ["kind_id"], ["__count"]),
            [(self.kind.with_user(self.clerk), 1)],
        )

    def test_r14_kind_is_never_issued(self):
        kind = self.kind.with_user(self.clerk)
        for verb in (
            kind.action_generate,
            kind.action_regenerate,
            kind.action_finish,
            kind.action_save_as_kind,
            lambda: kind._add_date(FEBRUARY),
        ):
            with self.assertRaisesRegex(UserError, "Maintenance monthly is a kind"):
                verb()
        kind.action_pause()
        kind.action_resume()
        self.kind.sudo()._run_due(FEBRUARY)
        self.assertEqual((self.kind.state, len(self.kind.occurrence_ids)), ("draft", 0))
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.cr.savepoint():
            self.kind.sudo().write({"state": "running"})
            self.kind.flush_recordset()

    def test_r14_there_are_kinds_for_customers_only(self):
        schedules = self.env["recurrence.schedule"].with_user(self.clerk)
        with self.assertRaisesRegex(ValidationError, "Only recurring invoices to customers"):
            schedules.create({"name": "Call", "is_kind": True})
        bill = self.init_invoice("in_invoice", partner=self.partner_a, products=self.product_a)
        opened = bill.with_user(self.clerk).action_make_recurring()
        bills = self.env["account.move"].browse(opened["res_id"]).recurrence_schedule_id
        with self.assertRaisesRegex(ValidationError, "Only recurring invoices to customers"):
            bills.with_user(self.clerk).action_save_as_kind()

    def test_r14_made_for_a_customer_on_the_day_of_the_start(self):
        made = self.make_for(self.plain, date_start=date(2026, 1, 15))
        self.assertRecordValues(
            made,
            [
                {
                    "name": "Plain · Maintenance monthly",
                    "partner_id": self.plain.id,
                    "kind_id": self.kind.id,
                    "is_kind": False,
                    "state": "running",
                    "day": 15,
                    "fiscal_message": False,
                }
            ],
        )
        made.sudo()._run_due(date(2026, 2, 15))
        moves = made.occurrence_ids.move_id.sorted("invoice_date")
        self.assertEqual(moves.mapped("state"), ["posted", "posted"])
        self.assertEqual(moves.mapped("invoice_date"), [date(2026, 1, 15), date(2026, 2, 15)])
        # 100.00 + 15 %
        self.assertEqual(moves.mapped("amount_total"), [115.0, 115.0])

    def test_r14_made_for_all_on_the_same_day(self):
        kind = self.compose(recurrence_kind_day="rule", recurrence_day=10)
        made = self.make_for(self.plain, kind, date_start=date(2026, 1, 15))
        made.sudo()._run_due(date(2026, 3, 10))
        moves = made.occurrence_ids.move_id
        self.assertEqual(
            sorted(moves.mapped("invoice_date")), [date(2026, 2, 10), date(2026, 3, 10)]
        )

    def test_r14_made_for_a_duration_from_its_own_start(self):
        kind = self.compose(recurrence_end_type="end_date", recurrence_duration_number=1)
        made = self.make_for(self.plain, kind, date_start=FEBRUARY)
        self.assertEqual((made.date_start, made.until), (FEBRUARY, date(2027, 1, 31)))
        self.assertEqual(made.last_date, date(2027, 1, 1))
        # a copy that starts later lasts as long
        copied = made.copy({"date_start": MARCH})
        self.assertEqual(copied.until, date(2027, 2, 28))

    def test_r14_taxes_of_the_kind_as_they_are_for_the_customer(self):
        """A tax chosen by hand on the kind stays; abroad it is the one in its place."""
        self.kind.template_move_id.invoice_line_ids.tax_ids = self.tax_sale_b
        at_home, abroad = self.make_for(self.plain), self.make_for(self.partner_b)
        self.assertEqual(self.care_line(at_home).tax_ids, self.tax_sale_b)
        position = abroad.template_move_id.fiscal_position_id
        self.assertEqual(position, self.fiscal_pos_a)
        self.assertEqual(self.care_line(abroad).tax_ids, position.map_tax(self.tax_sale_b))
        self.assertFalse((at_home + abroad).filtered("fiscal_message"))

    def test_r14_terms_of_the_customer(self):
        self.kind.template_move_id.invoice_payment_term_id = self.pay_terms_a
        self.plain.with_company(self.company).property_payment_term_id = self.pay_terms_b
        other = self.env["res.partner"].create({"name": "Other"})
        made = [self.make_for(partner).template_move_id for partner in (self.plain, other)]
        self.assertEqual(
            [move.invoice_payment_term_id for move in made], [self.pay_terms_b, self.pay_terms_a]
        )

    def compose_for(self, partner, kind, **values):
        """Compose a recurring invoice in the ordinary form, and choose its kind there."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_recurrence_dunning.recurrence_template_action_new"
        )
        composing = self.env["account.move"].with_user(self.clerk)
        composing = composing.with_context(**safe_eval(action["context"]))
        with Form(composing, "account_recurrence_dunning.recurrence_template_view_form") as form:
            form.partner_id = partner
            for field, value in values.items():
                form[field] = value
            form.recurrence_kind_id = kind
        return form.record.recurrence_schedule_id

    def test_r14_kind_chosen_while_composing(self):
        self.kind.template_move_id.write(
            {
                "narration": "Call us.",
                "invoice_line_ids": [
                    Command.create({"display_type": "line_note", "name": "Thank you"}),
                    self.line("Set-up Fee", 250.0, recurrence_billing="once"),
                ],
            }
        )
        self.kind.write({"interval": 2, "lead_days": 3})
        made = self.compose_for(self.plain, self.kind, recurrence_date_start=date(2026, 1, 15))
        self.assertRecordValues(
            made,
            [
                {
                    "name": "Plain · Maintenance monthly",
                    "kind_id": self.kind.id,
                    "is_kind": False,
                    "state": "draft",
                    "invoice_mode": "post",
                    "interval": 2,
                    "lead_days": 3,
                    "day": 15,
                    "fiscal_message": False,
                }
            ],
        )
        template = made.template_move_id
        self.assertIn("Call us.", template.narration)
        self.assertEqual(
            [
                (line.name, line.price_unit, line.recurrence_billing)
                for line in template.invoice_line_ids
            ],
            [("Care", 100.0, False), ("Thank you", 0.0, False), ("Set-up Fee", 250.0, "once")],
        )
        # it is compared with the kind from now on, and nothing differs
        self.care_line(self.kind).price_unit = 110.0
        self.assertEqual(self.offer().row_ids.effect, "Care, Unit Price: 100.00 → 110.00.")

    def test_r14_kind_with_a_duration_chosen_while_composing(self):
        kind = self.compose(recurrence_end_type="end_date", recurrence_duration_number=1)
        made = self.compose_for(self.plain, kind, recurrence_date_start=FEBRUARY)
        self.assertEqual((made.duration_number, made.until), (1, date(2027, 1, 31)))

    def test_r14_kind_chosen_for_a_customer_abroad(self):
        self.care_line(self.kind).tax_ids = self.tax_sale_a
        made = self.compose_for(self.partner_b, self.kind)
        self.assertEqual(made.template_move_id.fiscal_position_id, self.fiscal_pos_a)
        self.assertEqual(self.care_line(made).tax_ids, self.fiscal_pos_a.map_tax(self.tax_sale_a))

    def test_r14_duration_typed_while_composing_says_the_end(self):
        """One year from 15 January 2026 on; an end date typed by hand is no duration."""
        values = {"recurrence_end_type": "end_date", "recurrence_duration_number": 1}
        start = {"recurrence_date_start": date(2026, 1, 15)}
        made = self.compose_for(self.plain, self.kind.browse(), **start, **values)
        self.assertEqual((made.until, made.duration_number), (date(2027, 1, 14), 1))
        typed = {"recurrence_until": date(2026, 12, 31)}
        made = self.compose_for(self.plain, self.kind.browse(), **start, **values, **typed)
        self.assertEqual((made.until, made.duration_number), (date(2026, 12, 31), 0))

    def test_r14_recurring_invoice_saved_as_kind(self):
        schedule = self.create_running(
            self.line("Hosting", 100.0, recurrence_until="2025-12-31"),
            self.line("Support", 40.0),
            self.line("Set-up Fee", 250.0, recurrence_billing="once"),
            date_start=JANUARY,
        )
        schedule.template_move_id.ref = "PO 7"
        kind = schedule.with_user(self.clerk)
        opened = kind.action_save_as_kind()
        self.assertEqual(opened["res_model"], "account.move")
        template = self.env["account.move"].browse(opened["res_id"])
        self.assertRecordValues(
            template,
            [{"partner_id": False, "ref": False, "recurrence_is_kind": True}],
        )
        self.assertEqual(
            template.invoice_line_ids.mapped("name"),
            ["Support", "Set-up Fee"],
        )
        self.assertEqual(template.recurrence_schedule_id.kind_day, "start")
        self.assertEqual(schedule.kind_id, template.recurrence_schedule_id)
        self.assertEqual(template.recurrence_schedule_id.outdated_count, 0)

    def test_r14_saved_as_kind_without_the_taxes_of_a_customer_abroad(self):
        schedule = self.create_schedule(
            self.partner_b,
            template={
                "fiscal_position_id": self.fiscal_pos_a.id,
                "invoice_line_ids": [
                    self.line("Care", 100.0, product_id=self.care.id, tax_ids=self.tax_sale_b.ids)
                ],
            },
        )
        self.assertNotEqual(self.care_line(schedule).tax_ids, self.tax_sale_a)
        opened = schedule.with_user(self.clerk).action_save_as_kind()
        template = self.env["account.move"].browse(opened["res_id"])
        self.assertFalse(template.fiscal_position_id)
        self.assertEqual(template.invoice_line_ids.tax_ids, self.tax_sale_a)

    def test_r14_copy_of_what_was_made_from_a_kind_is_of_it_too(self):
        made = self.make_for(self.plain)
        self.assertEqual(made.copy().kind_id, self.kind)
        copied = self.kind.copy()
        self.assertTrue(copied.is_kind)
        self.assertEqual(copied.member_count, 0)
        self.assertEqual(copied.template_move_id.invoice_line_ids.price_unit, 100.0)

    def test_r14_deleted_kind_leaves_what_was_made(self):
        made = self.make_for(self.plain)
        self.kind.with_user(self.clerk).unlink()
        self.assertFalse(made.kind_id)
        self.assertEqual(self.run_on(made, JANUARY).amount_total, 115.0)

    def test_r14_nobody_says_of_what_kind_it_is(self):
        made = self.make_for(self.plain)
        for values in ({"kind_id": False}, {"is_kind": True}, {"kind_key": "x"}):
            with self.assertRaises(UserError):
                made.write(values)

    def test_r14_kind_of_another_company_is_not_seen(self):
        other = self.setup_other_company(name="Other")["company"]
        foreign = new_test_user(
            self.env,
            login="foreign_clerk",
            groups="base.group_user,account.group_account_invoice",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        schedules = self.env["recurrence.schedule"].with_user(foreign)
        self.assertFalse(schedules.search([("is_kind", "=", True)]))


@freeze_time("2026-01-01 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceKindChanges(KindCase):
    """R14: the changes of a kind are offered to what was made from it."""

    def setUp(self):
        super().setUp()
        self.billed, self.fresh = self.make_for(self.plain), self.make_for(self.partner_a)
        self.billed.sudo()._run_due(JANUARY)
        self.own_line = self.care_line(self.kind)

    def rows(self, dialog):
        return [(row.schedule_id, row.now, row.then, row.effect) for row in dialog.row_ids]

    def test_r14_new_price_is_offered_from_the_first_period_not_billed(self):
        self.own_line.price_unit = 110.0
        self.assertEqual((self.kind.member_count, self.kind.outdated_count), (2, 2))
        dialog = self.offer()
        price = "Care, Unit Price: 100.00 → 110.00."
        # 110.00 + 15 % = 126.50
        self.assertEqual(
            set(self.rows(dialog)),
            set(
                [
                    (self.billed, f"02/01/2026: {OLD}", f"02/01/2026: {NEW}", price),
                    (self.fresh, f"01/01/2026: {OLD}", f"01/01/2026: {NEW}", price),
                ]
            ),
        )
        # nothing has changed yet
        self.assertEqual(self.care_line(self.billed).price_unit, 100.0)
        dialog.action_confirm()
        self.assertEqual(self.kind.outdated_count, 0)
        self.assertEqual(self.run_on(self.billed, FEBRUARY).amount_total, 126.5)
        self.assertEqual(self.run_on(self.fresh, JANUARY).amount_total, 126.5)
        january = self.billed.occurrence_ids.filtered(lambda o: o.date == JANUARY).move_id
        self.assertEqual(january.amount_total, 115.0)

    def test_r14_price_agreed_with_one_customer_stays(self):
        self.care_line(self.fresh).price_unit = 90.0
        self.own_line.price_unit = 110.0
        dialog = self.offer()
        row = dialog.row_ids.filtered(lambda row: row.schedule_id == self.fresh)
        self.assertEqual((row.effect, row.kept), ("", "Care, Unit Price: 90.00 → 110.00."))
        self.assertFalse(row.is_included)
        dialog.action_confirm()
        self.assertEqual(self.care_line(self.fresh).price_unit, 90.0)
        self.assertEqual(self.care_line(self.billed).price_unit, 110.0)
        # it is still offered, and with a tick it changes too
        self.assertEqual(self.kind.outdated_count, 1)
        dialog = self.offer(with_own=True)
        self.assertEqual(dialog.row_ids.effect, "Care, Unit Price: 90.00 → 110.00.")
        dialog.action_confirm()
        self.assertEqual(self.care_line(self.fresh).price_unit, 110.0)

    def test_r14_left_as_it_is_and_not_asked_again(self):
        self.own_line.price_unit = 110.0
        self.offer().action_keep()
        self.assertEqual(self.kind.outdated_count, 0)
        self.assertEqual(self.care_line(self.billed).price_unit, 100.0)
        with self.assertRaisesRegex(UserError, "are up to date"):
            self.offer()
        # what was left is agreed from now on: the next change does not touch it
        self.own_line.write({"price_unit": 120.0, "discount": 10.0})
        dialog = self.offer()
        self.assertEqual(set(dialog.row_ids.mapped("kept")), {"Care, Unit Price: 100.00 → 120.00."})
        self.assertEqual(
            set(dialog.row_ids.mapped("effect")), {"Care, Discount (%): 0.00 → 10.00."}
        )

    def test_r14_lines_that_came_and_went(self):
        """Backup 30.00 comes, care goes; a set-up fee is for those that start from now on."""
        self.kind.template_move_id.with_user(self.clerk).write(
            {
                "invoice_line_ids": [
                    Command.delete(self.own_line.id),
                    self.line("Backup", 30.0),
                    self.line("Set-up Fee", 250.0, recurrence_billing="once"),
                    Command.create({"display_type": "line_note", "name": "Thank you"}),
                ]
            }
        )
        dialog = self.offer()
        self.assertEqual(
            set(dialog.row_ids.mapped("effect")), {"New: Backup. New: Thank you. Care ends."}
        )
        dialog.action_confirm()
        self.assertEqual([r.problem for r in dialog.row_ids if r.problem], [])
        self.assertLines(self.run_on(self.billed, FEBRUARY), ("Backup", 30.0), ("Thank you", 0.0))
        self.assertLines(self.run_on(self.fresh, JANUARY), ("Backup", 30.0), ("Thank you", 0.0))
        new = self.make_for(self.env["res.partner"].create({"name": "New"}))
        self.assertEqual(self.run_on(new, JANUARY).amount_untaxed, 280.0)
        # the new lines are known as those of the kind
        self.kind.template_move_id.invoice_line_ids[0].price_unit = 35.0
        self.offer().action_confirm()
        self.assertEqual(self.run_on(self.billed, MARCH).amount_untaxed, 35.0)

    def test_r14_mode_and_rule(self):
        """Every two months instead of each: February is not billed by what billed January."""
        self.fresh.invoice_mode = "draft"
        self.kind.write({"invoice_mode": "confirm", "interval": 2})
        dialog = self.offer()
        row = dialog.row_ids.filtered(lambda row: row.schedule_id == self.fresh)
        self.assertEqual(row.kept, "On the Day: Create a draft → Ask me on the day.")
        self.assertEqual(row.effect, "Interval: 1 → 2.")
        self.assertIn("Every 2 months on day 1.", row.rule)
        dialog.action_confirm()
        self.assertEqual(self.fresh.invoice_mode, "draft")
        self.assertEqual(self.billed.invoice_mode, "confirm")
        dates = self.billed.open_occurrence_ids.sorted("date").mapped("date")
        self.assertEqual(dates[:2], [MARCH, date(2026, 5, 1)])
        self.assertFalse(self.billed.rule_stale)

    def test_r14_payment_terms_of_a_customer_stay(self):
        self.fresh.template_move_id.invoice_payment_term_id = self.pay_terms_a
        self.kind.template_move_id.invoice_payment_term_id = self.pay_terms_b
        self.offer().action_confirm()
        terms = (self.billed + self.fresh).template_move_id.mapped("invoice_payment_term_id")
        self.assertEqual(terms, self.pay_terms_b + self.pay_terms_a)

    def test_r14_taxes_change_as_they_are_for_each(self):
        abroad = self.make_for(self.partner_b)
        self.own_line.tax_ids = self.tax_sale_b
        self.offer().action_confirm()
        position = abroad.template_move_id.fiscal_position_id
        self.assertEqual(self.care_line(self.fresh).tax_ids, self.tax_sale_b)
        self.assertEqual(self.care_line(abroad).tax_ids, position.map_tax(self.tax_sale_b))
        self.assertFalse((self.fresh + self.billed + abroad).filtered("fiscal_message"))

    def test_r14_same_day_for_all_from_now_on(self):
        """Those on the day of their start move to the 10th; who has another day keeps it."""
        self.fresh.day = 20
        self.fresh.action_regenerate()
        self.kind.write({"kind_day": "rule", "day": 10})
        dialog = self.offer()
        row = dialog.row_ids.filtered(lambda row: row.schedule_id == self.fresh)
        self.assertEqual(row.kept, "Day of the Month: 20 → 10.")
        dialog.action_confirm()
        self.assertEqual((self.billed.day, self.fresh.day), (10, 20))

    def test_r14_one_that_cannot_change_says_why_and_stops_nobody(self):
        self.billed.date_start = date(2026, 1, 2)
        self.assertTrue(self.billed.rule_stale)
        self.kind.interval = 2
        dialog = self.offer()
        row = dialog.row_ids.filtered(lambda row: row.schedule_id == self.billed)
        self.assertIn("regenerate its dates first", row.problem)
        dialog.action_confirm()
        self.assertEqual((self.billed.interval, self.fresh.interval), (1, 2))

    def test_r14_what_changed_since_it_was_shown_is_refused(self):
        self.own_line.price_unit = 110.0
        dialog = self.offer()
        self.care_line(self.fresh).quantity = 3
        dialog.action_confirm()
        self.assertEqual(dialog.step, "done")
        row = dialog.row_ids.filtered("problem")
        self.assertEqual(
            (row.schedule_id, row.problem), (self.fresh, "It has changed since this was shown.")
        )
        self.assertEqual(self.care_line(self.fresh).price_unit, 100.0)

    def test_r14_finished_ones_are_left_alone(self):
        self.fresh.action_finish()
        self.own_line.price_unit = 110.0
        self.assertEqual(self.offer().row_ids.schedule_id, self.billed)

    def test_r14_what_was_made_otherwise_joins_a_kind(self):
        """Its own price stays its own; what is the same follows the kind."""
        own = self.create_running(
            self.line("Care", 90.0, product_id=self.care.id), self.line("Extra", 5.0)
        ).with_user(self.clerk)
        action = own.action_open_change()
        dialog = self.env["recurrence.schedule.change"].with_user(self.clerk)
        dialog = dialog.with_context(**action["context"]).create({"kind_id": self.kind.id})
        dialog.action_preview()
        self.assertEqual(dialog.row_ids.effect, "Invoice Kind: – → Maintenance monthly.")
        dialog.action_confirm()
        self.assertEqual((own.kind_id, self.kind.outdated_count), (self.kind, 0))
        self.own_line.write({"price_unit": 110.0, "quantity": 2})
        row = self.offer().row_ids.filtered(lambda row: row.schedule_id == own)
        self.assertEqual(row.effect, "Care, Quantity: 1.00 → 2.00.")
        self.assertEqual(row.kept, "Care, Unit Price: 90.00 → 110.00.")

    def test_r14_drafts_that_wait_stay_as_they_are(self):
        draft = self.make_for(self.env["res.partner"].create({"name": "Draft"}))
        draft.invoice_mode = "draft"
        draft.sudo()._run_due(JANUARY)
        self.own_line.price_unit = 110.0
        dialog = self.offer()
        row = dialog.row_ids.filtered(lambda row: row.schedule_id == draft)
        self.assertEqual(
            row.effect, "Care, Unit Price: 100.00 → 110.00. Waiting drafts stay as they are."
        )
        dialog.action_confirm()
        self.assertEqual(draft.occurrence_ids.move_id.amount_total, 115.0)
        self.assertEqual(self.run_on(draft, FEBRUARY).amount_untaxed, 110.0)

    def test_r14_counting_what_is_behind_takes_as_many_queries_for_many(self):
        few = self.count_queries(lambda: self.kind.mapped("outdated_count"))
        for number in range(20):
            self.make_for(self.env["res.partner"].create({"name": f"Customer {number}"}))
        self.assertEqual(self.count_queries(lambda: self.kind.mapped("outdated_count")), few)

    def count_queries(self, work):
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        work()
        return self.cr.sql_log_count - before

from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import SQL, mute_logger

from .common import RecurrenceInvoiceCommon


@tagged("post_install", "-at_install")
class TestRecurrenceTemplate(RecurrenceInvoiceCommon):
    """Rule 4: a template is not an invoice. One test for each place that rule names."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.schedule = cls.create_schedule(cls.partner_a)
        cls.template = cls.schedule.template_move_id
        cls.moves = cls.env["account.move"]
        cls.lines = cls.env["account.move.line"]

    # --- hidden ---

    def test_hidden_in_lists(self):
        self.assertNotIn(self.template, self.moves.search([]))
        self.assertNotIn(self.template, self.moves.search([("state", "=", "draft")]))
        self.assertFalse(self.lines.search([("partner_id", "=", self.partner_a.id)]))
        self.assertEqual(self.moves.search_count([("partner_id", "=", self.partner_a.id)]), 0)

    def test_rule_18_hiding_reads_the_few_templates_not_all_entries(self):
        query = self.lines._search([("partner_id", "=", self.partner_a.id)]).select()
        # where an index can serve the condition, this makes PostgreSQL take it
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        plan = self.env.execute_query(SQL("EXPLAIN %s", query))
        self.assertIn("account_move_recurrence_template_idx", str(plan))

    def test_hidden_in_groups(self):
        groups = self.moves._read_group(
            [("partner_id", "=", self.partner_a.id)], ["state"], ["__count"]
        )
        self.assertEqual(groups, [])
        self.assertFalse(
            self.lines._read_group([("partner_id", "=", self.partner_a.id)], ["account_id"])
        )

    def test_hidden_in_pickers(self):
        names = self.moves.name_search("", [("partner_id", "=", self.partner_a.id)])
        self.assertEqual(names, [])

    def test_hidden_when_ids_are_only_excluded(self):
        other = self.init_invoice("out_invoice", partner=self.partner_b, amounts=[10])
        found = self.moves.search([("id", "!=", other.id), ("state", "=", "draft")])
        self.assertNotIn(self.template, found)
        found = self.lines.search([("move_id", "not in", other.ids)])
        self.assertNotIn(self.template, found.move_id)
        found = self.lines.search([("move_id.state", "=", "draft")])
        self.assertNotIn(self.template, found.move_id)
        found = self.lines.search([("move_id", "any", [("state", "=", "draft")])])
        self.assertNotIn(self.template, found.move_id)

    def test_hidden_beside_named_ids_of_an_alternative(self):
        second = self.create_schedule(self.partner_b).template_move_id
        found = self.moves.search(["|", ("id", "=", second.id), ("state", "=", "draft")])
        self.assertIn(second, found)
        self.assertNotIn(self.template, found)

    def test_seen_when_named(self):
        self.assertEqual(self.moves.search([("is_recurrence_template", "=", True)]), self.template)
        self.assertEqual(self.moves.search([("id", "=", self.template.id)]), self.template)
        self.assertEqual(
            self.lines.search([("move_id", "=", self.template.id)]), self.template.line_ids
        )
        self.assertEqual(
            self.lines.search([("move_id.is_recurrence_template", "=", True)]),
            self.template.line_ids,
        )
        asked = self.moves.with_context(with_recurrence_templates=True)
        self.assertIn(self.template, asked.search([("state", "=", "draft")]))

    def test_template_is_not_empty(self):
        """Its lines are read through a search on the inverse field."""
        self.template.invalidate_recordset()
        self.assertEqual(self.template.invoice_line_ids.mapped("price_unit"), [100.0])
        self.assertEqual(self.template.amount_total, 115.0)

    def test_hidden_in_dashboard(self):
        journal = self.template.journal_id
        draft = self.init_invoice("out_invoice", partner=self.partner_b, amounts=[10])
        self.assertEqual(draft.journal_id, journal)
        data = journal._get_journal_dashboard_data_batched()[journal.id]
        self.assertEqual(data["number_draft"], 1)

    def test_hidden_in_activities_of_dashboard(self):
        with self.assertRaisesRegex(UserError, "cannot have activities"):
            self.template.activity_schedule(
                "mail.mail_activity_data_todo", date_deadline=date(2026, 1, 1)
            )

    def test_hidden_in_bank_matching(self):
        receivable = self.template.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        self.assertTrue(receivable)
        found = self.lines.search([("account_id", "=", receivable.account_id.id)])
        self.assertNotIn(receivable, found)

    def test_hidden_in_lock_date_check(self):
        """A draft in the period would forbid the hard lock."""
        self.assertLess(self.template.date, date(2099, 12, 31))
        self.company_data["company"].hard_lock_date = date(2099, 12, 31)

    def test_hidden_in_archive_check_of_journal(self):
        self.schedule.action_finish()
        self.template.journal_id.active = False
        self.assertFalse(self.template.journal_id.active)

    def test_hidden_in_auto_post(self):
        due = self.moves.search([("state", "=", "draft"), ("date", "<=", date(2099, 1, 1))])
        self.assertNotIn(self.template, due)
        with self.assertRaisesRegex(UserError, "not posted automatically"):
            self.template.auto_post = "at_date"

    def test_hidden_in_invoice_analysis(self):
        report = self.env["account.invoice.report"]
        self.assertFalse(report.search([("move_id", "=", self.template.id)]))

    def test_hidden_in_customer_figures(self):
        self.assertEqual(self.partner_a.credit, 0)
        self.assertEqual(self.partner_a.total_invoiced, 0)

    def test_hidden_as_duplicate(self):
        twin = self.moves.create(self.template.copy_data()[0])
        self.assertFalse(twin.is_recurrence_template)
        self.assertFalse(twin.duplicated_ref_ids)

    def test_makes_no_gap_in_the_numbers(self):
        invoice = self.init_invoice("out_invoice", partner=self.partner_b, amounts=[10], post=True)
        self.create_schedule(self.partner_b)
        second = self.init_invoice("out_invoice", partner=self.partner_b, amounts=[10], post=True)
        self.assertEqual(second.sequence_number, invoice.sequence_number + 1)
        self.assertFalse(invoice.journal_id.has_sequence_holes)

    # --- what it is not ---

    def test_has_no_name_and_no_date(self):
        self.assertFalse(self.template.name)
        self.assertFalse(self.template.invoice_date)
        self.assertEqual(self.template.auto_post, "no")
        with self.assertRaisesRegex(UserError, "no number"):
            self.template.name = "INV/2026/00099"
        with self.assertRaisesRegex(UserError, "no invoice date"):
            self.template.invoice_date = date(2026, 1, 1)

    def test_database_refuses_a_dated_template(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env.cr.execute(
                "UPDATE account_move SET invoice_date = '2026-01-01' WHERE id = %s",
                [self.template.id],
            )

    def test_cannot_be_posted(self):
        with self.assertRaisesRegex(UserError, "template of the recurring invoice"):
            self.template.action_post()
        with self.assertRaisesRegex(UserError, "template of a recurring invoice"):
            self.template.state = "posted"

    def test_cannot_be_cancelled(self):
        with self.assertRaisesRegex(UserError, "template of the recurring invoice"):
            self.template.button_cancel()

    def test_cannot_be_paid(self):
        with self.assertRaisesRegex(UserError, "cannot be paid"):
            self.template.action_register_payment()
        with self.assertRaisesRegex(UserError, "cannot be paid"):
            self.template.action_force_register_payment()
        invoice = self.init_invoice("out_invoice", partner=self.partner_a, amounts=[10], post=True)
        refund = invoice._reverse_moves()
        refund._post()
        both = (self.template + refund).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        with self.assertRaisesRegex(UserError, "cannot be paid"):
            both.reconcile()

    def test_cannot_be_sent(self):
        with self.assertRaisesRegex(UserError, "cannot be sent"):
            self.template.action_send_and_print()
        with self.assertRaisesRegex(UserError, "cannot be sent"):
            self.env["account.move.send"]._generate_and_send_invoices(self.template)

    def test_is_not_made_by_writing(self):
        invoice = self.init_invoice("out_invoice", partner=self.partner_b, amounts=[10])
        for vals in (
            {"is_recurrence_template": True},
            {"recurrence_schedule_id": self.schedule.id},
            {"recurrence_occurrence_id": False},
        ):
            with self.assertRaisesRegex(UserError, "cannot be edited"):
                invoice.write(vals)
        with self.assertRaisesRegex(UserError, "cannot be edited"):
            self.template.write({"is_recurrence_template": False})
        with self.assertRaisesRegex(UserError, "only when it is issued from it"):
            self.moves.create(
                {"move_type": "out_invoice", "recurrence_schedule_id": self.schedule.id}
            )

    def test_context_from_outside_is_no_key(self):
        """Whoever calls from outside can send any context, but not our object."""
        with self.assertRaisesRegex(UserError, "cannot be edited"):
            self.template.with_context(recurrence_engine=True).write(
                {"is_recurrence_template": False}
            )

    def test_cannot_be_deleted_under_its_schedule(self):
        with self.assertRaisesRegex(UserError, "Finish or delete the recurrence"):
            self.template.unlink()

    def test_goes_with_its_schedule(self):
        self.schedule.unlink()
        self.assertFalse(self.template.exists())

    def test_values_of_a_copy_make_an_ordinary_invoice(self):
        template = self.template.with_context(default_is_recurrence_template=True)
        copied = template.create(template.copy_data()[0])
        self.assertFalse(copied.is_recurrence_template)
        self.assertFalse(copied.recurrence_schedule_id)
        self.assertIn(copied, self.moves.search([("state", "=", "draft")]))

    # --- made in the ordinary form ---

    def test_r7_composed_in_the_invoice_form(self):
        action = self.moves.action_new_recurring_invoice()
        form_model = self.moves.with_context(
            default_move_type="out_invoice", default_is_recurrence_template=True
        )
        self.assertEqual(action["res_model"], "account.move")
        with Form(form_model, view=action["view_id"][0]) as form:
            form.partner_id = self.partner_a
            self.assertEqual(form.recurrence_rrule_type, "monthly")
            form.recurrence_date_start = date(2026, 1, 6)
            form.recurrence_month_by = "day"
            form.recurrence_byday = "1"
            form.recurrence_weekday = "TUE"
            form.recurrence_invoice_mode = "post"
            with form.invoice_line_ids.new() as line:
                line.product_id = self.product_a
        template = form.record
        schedule = template.recurrence_schedule_id
        self.assertTrue(template.is_recurrence_template)
        self.assertRecordValues(
            schedule,
            [
                {
                    "target": "invoice",
                    "state": "draft",
                    "template_move_id": template.id,
                    "partner_id": self.partner_a.id,
                    "month_by": "day",
                    "byday": "1",
                    "weekday": "TUE",
                    "invoice_mode": "post",
                    "rrule_type": "monthly",
                }
            ],
        )
        self.assertEqual(
            schedule.get_rule_dates(limit=3), [date(2026, 1, 6), date(2026, 2, 3), date(2026, 3, 3)]
        )

    def test_day_follows_the_start_while_composing(self):
        view = "account_recurrence_dunning.recurrence_template_view_form"
        model = self.env["account.move"].with_context(
            default_move_type="out_invoice", default_is_recurrence_template=True
        )
        with Form(model, view) as form:
            form.partner_id = self.partner_a
            with form.invoice_line_ids.new() as line:
                line.name = "Support"
                line.price_unit = 10.0
            form.recurrence_date_start = date(2027, 1, 15)
            self.assertEqual(form.recurrence_day, 15)
            form.recurrence_date_start = date(2027, 1, 31)
            self.assertEqual(form.recurrence_day, 31)
            self.assertIn("on day 31", form.recurrence_rule_summary)
        schedule = form.record.recurrence_schedule_id
        self.assertEqual((schedule.day, schedule.weekday, schedule.byday), (31, "SUN", "-1"))
        with Form(form.record, view) as form:
            form.recurrence_date_start = date(2027, 2, 10)
            self.assertEqual(form.recurrence_day, 10)
            # what somebody chose does not follow
            form.recurrence_day = 5
            form.recurrence_date_start = date(2027, 3, 20)
            self.assertEqual(form.recurrence_day, 5)
        self.assertEqual(schedule.day, 5)
        self.assertEqual(schedule.get_rule_dates(limit=2), [date(2027, 4, 5), date(2027, 5, 5)])

    def test_day_follows_the_start_of_a_script(self):
        for vals, day in (({}, 31), ({"recurrence_day": 5}, 5)):
            template = self.env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "is_recurrence_template": True,
                    "partner_id": self.partner_a.id,
                    "recurrence_date_start": date(2027, 1, 31),
                    **vals,
                }
            )
            self.assertEqual(template.recurrence_day, day)

    def test_rule_is_edited_on_the_template(self):
        self.template.recurrence_interval = 2
        self.assertEqual(self.schedule.interval, 2)

    def test_preview_of_the_rule_before_saving(self):
        draft = self.moves.new(
            {
                "move_type": "out_invoice",
                "is_recurrence_template": True,
                "recurrence_rrule_type": "monthly",
                "recurrence_interval": 1,
                "recurrence_month_by": "date",
                "recurrence_day": 31,
                "recurrence_date_start": date(2026, 1, 31),
                "recurrence_end_type": "forever",
                "recurrence_month_end": "clamp",
                "recurrence_day_shift": "none",
            }
        )
        self.assertIn("month", draft.recurrence_rule_summary)
        self.assertTrue(draft.recurrence_rule_preview)

    def test_preview_of_a_saved_rule_follows_what_is_typed(self):
        form = Form(self.template, "account_recurrence_dunning.recurrence_template_view_form")
        self.assertIn("Every month", form.recurrence_rule_summary)
        form.recurrence_interval = 3
        self.assertIn("Every 3 months", form.recurrence_rule_summary)
        form.recurrence_interval = 2
        self.assertIn("Every 2 months", form.recurrence_rule_summary)

    def test_template_made_by_a_script(self):
        """First the template, then the schedule that names it."""
        template = self.moves.create(
            {
                "move_type": "out_invoice",
                "is_recurrence_template": True,
                "partner_id": self.partner_b.id,
                "invoice_line_ids": [Command.create({"product_id": self.product_a.id})],
            }
        )
        self.assertFalse(template.recurrence_schedule_id)
        schedule = self.env["recurrence.schedule"].create(
            {"name": "Script", "target": "invoice", "template_move_id": template.id}
        )
        self.assertEqual(template.recurrence_schedule_id, schedule)
        self.assertEqual(schedule.partner_id, self.partner_b)
        with self.assertRaisesRegex(UserError, "already belongs to Script"):
            self.env["recurrence.schedule"].create(
                {"name": "Second", "target": "invoice", "template_move_id": template.id}
            )

    def test_ordinary_invoice_is_no_template(self):
        invoice = self.init_invoice("out_invoice", partner=self.partner_b, amounts=[10])
        with self.assertRaisesRegex(UserError, "Make recurring"):
            self.env["recurrence.schedule"].create(
                {"name": "Wrong", "target": "invoice", "template_move_id": invoice.id}
            )

    # --- make recurring ---

    def test_make_recurring(self):
        invoice = self.init_invoice(
            "out_invoice",
            partner=self.partner_b,
            amounts=[10],
            invoice_date="2026-01-31",
            post=True,
        )
        invoice.ref = "PO 77"
        action = invoice.action_make_recurring()
        template = self.moves.browse(action["res_id"])
        self.assertTrue(template.is_recurrence_template)
        self.assertEqual(template.ref, "PO 77")
        self.assertFalse(template.payment_reference)
        self.assertEqual(template.amount_untaxed, 10)
        schedule = template.recurrence_schedule_id
        self.assertEqual(schedule.state, "draft")
        self.assertEqual(schedule.partner_id, self.partner_b)
        self.assertEqual(schedule.get_rule_dates(limit=2), [date(2026, 2, 28), date(2026, 3, 31)])
        self.assertFalse(invoice.is_recurrence_template)

    def test_make_recurring_refused_with_auto_post(self):
        invoice = self.init_invoice("out_invoice", partner=self.partner_b, amounts=[10])
        invoice.auto_post = "monthly"
        with self.assertRaisesRegex(UserError, "would be billed twice"):
            invoice.action_make_recurring()

    def test_make_recurring_refused_for_templates(self):
        with self.assertRaisesRegex(UserError, "already"):
            self.template.action_make_recurring()

    # --- customer of the template ---

    def test_customer_follows_until_it_runs(self):
        self.template.partner_id = self.partner_b
        self.assertEqual(self.schedule.partner_id, self.partner_b)
        self.schedule.action_generate()
        with self.assertRaisesRegex(UserError, "is running for"):
            self.template.partner_id = self.partner_a

    def test_currency_of_a_running_one_cannot_change(self):
        currency = self.setup_other_currency("EUR")
        self.template.currency_id = currency
        self.schedule.action_generate()
        self.template.journal_id = self.template.journal_id.copy()
        with self.assertRaisesRegex(UserError, "is running in EUR for company_1_data"):
            self.template.currency_id = self.company.currency_id
        journal = self.template.journal_id.copy({"currency_id": self.company.currency_id.id})
        with self.assertRaisesRegex(UserError, "Finish it and create a new"):
            self.template.journal_id = journal
        self.assertEqual(self.template.currency_id, currency)

    # --- end of life ---

    def test_uninstall_cancels_the_templates(self):
        invoice = self.init_invoice("out_invoice", partner=self.partner_b, amounts=[10])
        self.env["account.move"]._recurrence_cancel_all_templates()
        self.assertEqual(self.template.state, "cancel")
        self.assertEqual(invoice.state, "draft")

    def test_customer_of_a_template_is_a_customer(self):
        prospect = self.env["res.partner"].create({"name": "Prospect"})
        self.assertEqual(prospect.customer_rank, 0)
        self.create_schedule(prospect)
        self.assertEqual(prospect.customer_rank, 1)

from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from odoo.addons.mail.tests.common import MailCommon

from .common import RecurrenceInvoiceCommon


@freeze_time("2026-01-06 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceIssueDialog(RecurrenceInvoiceCommon, MailCommon):
    """R9: date, lines and total of the invoice, editable for this one; three ways to issue."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.partner_a.email = "a@example.com"
        cls.clerk = new_test_user(
            cls.env,
            login="dialog_clerk",
            groups="base.group_user,account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.schedule = cls.create_schedule(
            cls.partner_a,
            template={
                "ref": "PO 1",
                "invoice_line_ids": [
                    Command.create({"display_type": "line_section", "name": "Support"}),
                    Command.create(
                        {
                            "name": "First",
                            "price_unit": 100.0,
                            "tax_ids": [Command.set(cls.tax_sale_a.ids)],
                            "analytic_distribution": False,
                        }
                    ),
                    Command.create(
                        {
                            "name": "Second",
                            "price_unit": 50.0,
                            "tax_ids": [Command.set(cls.tax_sale_a.ids)],
                        }
                    ),
                ],
            },
        )
        cls.occurrence = cls.create_occurrence(
            cls.schedule,
            date(2026, 1, 6),
            state="todo",
            period_start=date(2026, 1, 6),
            period_end=date(2026, 2, 5),
        )

    def open_dialog(self):
        model = self.env["recurrence.occurrence.issue"].with_user(self.clerk)
        return Form(model.with_context(default_occurrence_id=self.occurrence.id))

    def test_shows_date_lines_and_total(self):
        dialog = self.open_dialog()
        self.assertEqual(dialog.invoice_date, date(2026, 1, 6))
        self.assertEqual(dialog.ref, "PO 1")
        self.assertEqual(dialog.amount_untaxed, 150.0)
        self.assertEqual(dialog.amount_tax, 22.5)
        self.assertEqual(dialog.amount_total, 172.5)
        wizard = dialog.save()
        self.assertRecordValues(
            wizard.line_ids,
            [
                {"name": "Support", "display_type": "line_section", "price_subtotal": 0.0},
                {"name": "First", "display_type": False, "price_subtotal": 100.0},
                {"name": "Second", "display_type": False, "price_subtotal": 50.0},
            ],
        )

    def test_issue(self):
        wizard = self.open_dialog().save()
        action = wizard.action_issue()
        move = self.occurrence.move_id
        self.assertRecordValues(
            move,
            [{"state": "posted", "name": "INV/2026/00001", "amount_total": 172.5, "ref": "PO 1"}],
        )
        self.assertEqual(self.occurrence.state, "done")
        self.assertIn("INV/2026/00001", action["params"]["message"])

    def test_changes_count_for_this_one_only(self):
        with self.open_dialog() as dialog:
            dialog.invoice_date = date(2026, 1, 9)
            dialog.ref = "PO 2"
            with dialog.line_ids.edit(1) as line:
                line.price_unit = 80.0
                line.name = "First, less"
            dialog.line_ids.remove(2)
            with dialog.line_ids.new() as line:
                line.product_id = self.product_a
                line.quantity = 2
                line.price_unit = 10.0
            self.assertEqual(dialog.amount_untaxed, 100.0)
        wizard = dialog.record
        wizard.action_issue()
        move = self.occurrence.move_id
        self.assertEqual(move.invoice_date, date(2026, 1, 9))
        self.assertEqual(move.ref, "PO 2")
        self.assertEqual(move.amount_untaxed, 100.0)
        lines = move.invoice_line_ids.sorted("sequence").filtered(
            lambda line: line.display_type == "product"
        )
        self.assertEqual(lines.mapped("price_unit"), [80.0, 10.0])
        self.assertEqual(lines[0].name, "First, less")
        self.assertEqual(lines[1].product_id, self.product_a)
        template = self.schedule.template_move_id
        self.assertEqual(template.amount_untaxed, 150.0)
        self.assertEqual(template.ref, "PO 1")

    def test_issue_and_send(self):
        wizard = self.open_dialog().save()
        with self.mock_mail_gateway():
            wizard.action_issue_send()
        move = self.occurrence.move_id
        self.assertEqual(move.state, "posted")
        self.assertTrue(move.is_move_sent)
        self.assertIn("a@example.com", self._new_mails.recipient_ids.mapped("email"))

    def test_issue_and_send_without_address(self):
        self.partner_a.email = False
        wizard = self.open_dialog().save()
        with self.assertRaisesRegex(UserError, "no e-mail address"):
            wizard.action_issue_send()
        self.assertFalse(self.occurrence.move_id)

    def test_open_as_draft(self):
        wizard = self.open_dialog().save()
        action = wizard.action_open_draft()
        move = self.env["account.move"].browse(action["res_id"])
        self.assertEqual(move, self.occurrence.move_id)
        self.assertEqual(move.state, "draft")
        self.assertEqual(self.occurrence.state, "todo")

    def test_says_why_the_date_is_another(self):
        self.init_invoice(
            "out_invoice", partner=self.partner_b, amounts=[5], invoice_date="2026-01-08", post=True
        )
        with freeze_time("2026-01-10 10:00:00"):
            dialog = self.open_dialog()
            self.assertEqual(dialog.invoice_date, date(2026, 1, 10))
            self.assertIn("01/06/2026", dialog.date_note)
            wizard = dialog.save()
            wizard.action_issue()
        self.assertEqual(self.occurrence.move_id.invoice_date, date(2026, 1, 10))

    def test_issued_meanwhile(self):
        wizard = self.open_dialog().save()
        self.env["recurrence.issuing"]._issue(self.occurrence, mode="post")
        with self.assertRaisesRegex(UserError, "already exists"):
            wizard.action_issue()

    def test_not_for_an_employee(self):
        employee = new_test_user(self.env, login="dialog_employee", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.env["recurrence.occurrence.issue"].with_user(employee).create(
                {"occurrence_id": self.occurrence.id}
            )

    def test_activity_is_done_with_it(self):
        self.schedule.sudo().state = "running"
        self.occurrence.sudo().state = "planned"
        self.schedule.sudo()._run_due(date(2026, 1, 6))
        activity = self.occurrence.recurrence_activity_ids
        self.assertTrue(activity.active)
        self.open_dialog().save().action_issue()
        self.assertFalse(activity.exists().active)

    def test_line_of_a_template_that_has_fewer_is_refused(self):
        for position in (3, 2**31 - 1):
            dialog = self.env["recurrence.occurrence.issue"].create(
                {"occurrence_id": self.occurrence.id}
            )
            with (
                self.subTest(position),
                self.assertRaisesRegex(UserError, "The lines have changed since this was shown"),
                self.cr.savepoint(),
            ):
                dialog.line_ids[1].position = position
                dialog.action_issue()

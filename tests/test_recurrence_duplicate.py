from datetime import date

from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .common import RecurrenceInvoiceCommon


@freeze_time("2026-03-10 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceDuplicate(RecurrenceInvoiceCommon):
    """A duplicate of a recurring invoice is a further one, which can be started."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.clerk = new_test_user(
            cls.env,
            login="duplicate_clerk",
            groups="base.group_user,account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.schedule = cls.create_schedule(
            cls.partner_a,
            template={"ref": "PO 1", "invoice_origin": "Contract 7"},
            line={"name": "Hosting #MONTH#"},
            name="Hosting #MONTH#",
            invoice_mode="post",
            user_id=cls.clerk.id,
        ).with_user(cls.clerk)
        cls.template = cls.schedule.template_move_id
        cls.env["ir.attachment"].create(
            {
                "name": "terms.txt",
                "raw": b"Our terms",
                "res_model": "account.move",
                "res_id": cls.template.id,
            }
        )
        cls.schedule.action_generate()

    def check_startable(self, schedule):
        template = schedule.template_move_id
        self.assertNotEqual(template, self.template)
        self.assertEqual(schedule.name, "Hosting (copy)")
        self.assertRecordValues(
            schedule,
            [
                {
                    "state": "draft",
                    "target": "invoice",
                    "partner_id": self.partner_a.id,
                    "date_start": date(2026, 4, 1),
                    "day": 1,
                    "invoice_mode": "post",
                    "invoice_count": 0,
                }
            ],
        )
        self.assertRecordValues(
            template,
            [
                {
                    "is_recurrence_template": True,
                    "recurrence_schedule_id": schedule.id,
                    "ref": "PO 1",
                    "invoice_origin": "Contract 7",
                    "amount_total": 115.0,
                }
            ],
        )
        attachments = self.env["ir.attachment"].search(
            [("res_model", "=", "account.move"), ("res_id", "=", template.id)]
        )
        self.assertEqual(attachments.mapped("name"), ["terms.txt"])
        schedule.action_generate()
        first = schedule.occurrence_ids.sorted("date")[0]
        move = self.env["recurrence.issuing"].with_user(self.clerk)._issue(first)
        self.assertEqual((move.state, move.invoice_line_ids.name), ("posted", "Hosting April"))
        self.assertEqual(self.schedule.template_move_id, self.template)

    def test_of_the_schedule(self):
        self.check_startable(self.schedule.copy())

    def test_of_the_template(self):
        """What the form's Duplicate calls."""
        copied = self.template.copy()
        self.check_startable(copied.recurrence_schedule_id)

    def test_shown_form_of_the_duplicate(self):
        copied = self.template.copy()
        with Form(copied, copied.get_formview_id()) as form:
            self.assertTrue(form.is_recurrence_template)
            form.ref = "PO 2"
        self.assertEqual(self.template.ref, "PO 1")

    def test_for_another_customer(self):
        copied = self.template.copy({"partner_id": self.partner_b.id})
        self.assertEqual(copied.recurrence_schedule_id.partner_id, self.partner_b)
        self.assertEqual(
            self.schedule.copy({"partner_id": self.partner_b.id}).template_move_id.partner_id,
            self.partner_b,
        )

    def test_of_a_template_without_recurrence(self):
        alone = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "is_recurrence_template": True,
                "partner_id": self.partner_a.id,
            }
        )
        copied = alone.copy()
        self.assertTrue(copied.is_recurrence_template)
        self.assertFalse(copied.recurrence_schedule_id)

    def test_of_a_template_and_an_invoice_together(self):
        invoice = self._create_invoice_one_line(price_unit=5.0, partner_id=self.partner_a)
        copies = (self.template.sudo() + invoice).copy()
        self.assertEqual(copies.mapped("is_recurrence_template"), [True, False])

    def test_leap_day_keeps_its_anchor(self):
        self.schedule.sudo().write({"rrule_type": "yearly", "date_start": date(2024, 2, 29)})
        self.assertEqual(self.schedule.copy().date_start, date(2024, 2, 29))

    def test_of_an_interaction(self):
        schedule = self.env["recurrence.schedule"].create(
            {"name": "Call", "date_start": date(2026, 1, 5)}
        )
        self.assertEqual(schedule.copy().date_start, date(2026, 1, 5))

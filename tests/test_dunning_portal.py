from datetime import date

from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .link_case import LinkCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10")
class TestDunningPortal(LinkCase):
    """C5: the same for customers who are logged in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = new_test_user(
            cls.env, "c5_portal", groups="base.group_portal", email="ann@customer.example"
        )
        cls.portal.sudo().partner_id.parent_id = cls.partner_a
        cls.portal.sudo().write(
            {"company_ids": [Command.set(cls.company.ids)], "company_id": cls.company.id}
        )
        cls.url = f"/my/open-items/{cls.company.id}"

    def setUp(self):
        super().setUp()
        self.authenticate("c5_portal", "c5_portal")

    def visit(self, path="", **kwargs):
        self.env.flush_all()
        with freeze_time("2026-03-10"):
            return self.url_open(self.url + path, allow_redirects=False, **kwargs)

    def test_c5_portal_shows_the_same(self):
        foreign = self.create_due_invoice("2026-03-05", 41.0, partner=self.partner_b)
        text = self.visit().text
        self.assertIn("Your open items", text)
        self.assertIn(self.move.name, text)
        self.assertNotIn("41.00", text)
        self.assertEqual(self.visit(f"/invoice/{self.move.id}").content[:4], b"%PDF")
        self.assertEqual(self.visit(f"/invoice/{foreign.id}").status_code, 404)
        self.assertEqual(self.visit("/statement").content[:4], b"%PDF")
        home = self.url_open("/my/open-items", allow_redirects=False)
        self.assertTrue(home.headers["Location"].endswith(self.url))

    def test_c5_portal_answers(self):
        form = self.visit("/answer/promise").text
        token = form.split('name="csrf_token" value="')[1].split('"')[0]
        data = {"items": self.get_line().id, "day": "2026-03-20", "csrf_token": token}
        response = self.visit("/answer/promise", data=data)
        self.assertEqual(response.status_code, 303)
        answer = self.answers()
        self.assertEqual(answer.block_ids.date_until, date(2026, 3, 20))
        self.assertIn("ann@customer.example", answer.email_to)
        self.assertEqual(answer.reminder_id, self.reminder)

    def test_c5_portal_answers_without_a_reminder(self):
        self.reminder.state = "cancelled"
        form = self.visit("/answer/promise").text
        token = form.split('name="csrf_token" value="')[1].split('"')[0]
        data = {"items": self.get_line().id, "day": "2026-03-20", "csrf_token": token}
        self.assertEqual(self.visit("/answer/promise", data=data).status_code, 303)
        self.assertFalse(self.answers().reminder_id)
        promise = self.env["dunning.promise"].search([("answer_id", "=", self.answers().id)])
        self.assertEqual(promise.state, "open")
        self.assertEqual(self.visit("/statement").content[:4], b"%PDF")
        mail = self.env["mail.mail"].sudo().search([("email_to", "like", "ann@customer")])
        self.assertEqual(len(mail), 1)

    def test_c5_portal_of_other_companies_and_people(self):
        other = self.setup_other_company()["company"]
        for company_id in (other.id, 0, 2**31):
            self.assertEqual(
                self.url_open(f"/my/open-items/{company_id}", allow_redirects=False).status_code,
                404,
            )
        self.company.dunning_page = False
        self.assertEqual(self.visit().status_code, 404)
        self.company.dunning_page = True
        self.create_user("c5_employee")
        self.authenticate("c5_employee", "c5_employee")
        self.assertEqual(self.visit().status_code, 404)
        self.authenticate(None, None)
        self.assertIn("/web/login", self.visit().headers["Location"])

    def test_c5_portal_shows_planned_invoices(self):
        schedules = self.env["recurrence.schedule"].sudo()
        template = (
            self.env["account.move"]
            .sudo()
            .create(
                {
                    "move_type": "out_invoice",
                    "is_recurrence_template": True,
                    "partner_id": self.partner_a.id,
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "Support #MONTH#", "price_unit": 70.0, "tax_ids": False}
                        )
                    ],
                }
            )
        )
        schedule = schedules.create(
            {
                "name": "Internal: slow payer",
                "target": "invoice",
                "template_move_id": template.id,
                "rrule_type": "monthly",
                "day": 1,
                "date_start": "2026-04-01",
                "company_id": self.company.id,
            }
        )
        schedule.action_generate()
        text = self.visit().text
        self.assertIn("Planned invoices", text)
        self.assertIn("04/01/2026", text)
        self.assertIn("70.00", text)
        self.assertIn("Support", text)
        self.assertNotIn("#MONTH#", text)
        self.assertNotIn("slow payer", text)
        # a link without login does not show them
        self.assertNotIn("Planned invoices", self.open().text)

    def test_c5_portal_leads_there(self):
        text = self.url_open(f"/my/invoices/{self.move.id}").text
        self.assertIn(f'href="{self.url}"', text)
        self.company.dunning_page = False
        self.env.flush_all()
        self.assertNotIn(f'href="{self.url}"', self.url_open(f"/my/invoices/{self.move.id}").text)
        self.assertIn("/my/open-items", self.url_open("/my/home").text)

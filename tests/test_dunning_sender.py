from freezegun import freeze_time

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import DunningMailCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestDunningSender(DunningMailCommon):
    """The user form says who may send, and people are told what left in their name (D5)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.email = "us@example.com"
        cls.clerk = cls.create_user("sender_clerk", "dunning_group_user")
        cls.clerk.write({"email": "clerk@example.com", "notification_type": "email"})
        cls.program.write({"sender": "user", "sender_user_id": cls.clerk.id})
        (cls.partner_a | cls.partner_b).email = "customer@example.com"
        cls.create_due_invoice("2026-03-01")
        cls.create_due_invoice("2026-03-01", partner=cls.partner_b)

    def told(self):
        """Subjects of the messages to the clerk, leaving out the reminders themselves."""
        return [
            mail["subject"]
            for mail in self._mails
            if any("clerk@example.com" in address for address in mail["email_to"])
        ]

    def test_d5_the_user_form_says_why_not(self):
        self.assertTrue(self.clerk.is_dunning_sender)
        self.assertFalse(self.clerk.dunning_problem)
        plain = self.create_user("sender_plain", "account.group_account_invoice")
        self.assertFalse(plain.is_dunning_sender)
        self.assertIn("no dunning rights", plain.dunning_problem)
        self.clerk.email = False
        self.assertIn("no e-mail address", self.clerk.dunning_problem)
        self.clerk.active = False
        self.assertIn("archived", self.clerk.dunning_problem)
        self.assertIn("not a person", self.env.ref("base.user_root").dunning_problem)
        portal = self.env.ref("base.public_user")
        self.assertIn("Only internal users", portal.dunning_problem)

    def lose_the_company(self):
        other = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        self.clerk.sudo().write({"company_ids": [Command.set(other.ids)], "company_id": other.id})

    def test_d5_who_lost_the_company_is_foreseen(self):
        """Whoever may not work in the company any more signs none of its reminders."""
        self.lose_the_company()
        run = self.env["dunning.run"].create({"date": "2026-03-10"})
        run.action_simulate()
        self.assertEqual(run.remind_line_ids.mapped("warning"), ["no_sender"] * 2)
        with self.mock_mail_gateway():
            run.action_execute()
            run.reminder_ids.sudo()._send_queued(run.date)
        self.assertNotSentEmail()
        self.assertEqual(run.reminder_ids.mapped("failure_code"), ["no_sender"] * 2)

    def test_d5_who_lost_the_company_while_it_waited_signs_nothing(self):
        reminders = self.queue("2026-03-10")
        self.lose_the_company()
        self.send(reminders, "2026-03-10")
        self.assertNotSentEmail()
        self.assertEqual(reminders.mapped("failure_code"), ["no_sender"] * 2)

    def test_d5_a_creator_who_lost_the_company_is_passed_over(self):
        """The program's responsible, then the salesperson, then the company stands in."""
        self.program.write({"sender": "salesperson", "sender_user_id": False})
        self.env["account.move"].search([("move_type", "=", "out_invoice")]).write(
            {"invoice_user_id": self.clerk.id}
        )
        reminders = self.queue("2026-03-10")
        self.assertEqual(reminders.user_id, self.clerk)
        self.assertIn("clerk@example.com", reminders[0].mail_id.email_from)
        self.lose_the_company()
        self.send(reminders, "2026-03-10")
        self.assertEqual(reminders.mapped("state"), ["sent", "sent"])
        self.assertFalse(reminders.user_id)
        for mail in self._mails:
            self.assertIn("us@example.com", mail["email_from"])
            self.assertNotIn("sender_clerk", mail["body"])

    def test_d5_a_program_takes_no_sender_of_another_company(self):
        self.lose_the_company()
        with self.assertRaisesRegex(ValidationError, "with access to|has no access to"):
            self.program.sender_user_id = self.clerk
            self.program._check_sender()

    def test_d5_the_address_it_leaves_from_is_that_of_the_day(self):
        reminders = self.queue("2026-03-10")
        self.clerk.partner_id.email = "new@example.com"
        self.send(reminders, "2026-03-10")
        for mail in self._mails:
            self.assertIn("new@example.com", mail["email_from"])

    def test_d5_the_form_agrees_with_who_is_taken_as_sender(self):
        users = self.env["res.users"].with_context(active_test=False).search([])
        for user in users:
            company = user.company_id.sudo()
            may = user.sudo()._dunning_may_send(company)
            self.assertEqual(user.is_dunning_sender, may, user.login)

    def test_d5_told_not(self):
        self.assertEqual(self.clerk.dunning_notify, "no")
        self.execute("2026-03-10")
        self.assertEqual(self.told(), [])

    def test_d5_told_once_a_run(self):
        self.clerk.dunning_notify = "run"
        self.partner_b.email = "no address"
        run = self.execute("2026-03-10")
        self.assertEqual(self.told(), [f"Reminders sent in your name: 1, {run.name}"])
        body = next(mail["body"] for mail in self._mails if mail["subject"] in self.told())
        self.assertIn("Not delivered: 1", body)
        self.assertIn("partner_b", body)

    def test_d5_told_of_each(self):
        self.clerk.dunning_notify = "each"
        self.execute("2026-03-10")
        self.assertEqual(
            sorted(self.told()),
            [
                "Sent in your name: First reminder to partner_a",
                "Sent in your name: First reminder to partner_b",
            ],
        )

    def test_d5_users_choose_for_themselves(self):
        clerk = self.clerk.with_user(self.clerk)
        view = "base.view_users_form_simple_modif"
        with Form(clerk, view=view) as form:
            form.dunning_notify = "run"
        self.assertEqual(self.clerk.dunning_notify, "run")

    def test_no_page_for_plain_employees(self):
        employee = self.create_user("sender_employee")
        view = self.env.ref("base.view_users_form_simple_modif")
        arch = self.env["res.users"].with_user(employee).get_view(view.id, "form")["arch"]
        self.assertNotIn("dunning_notify", arch)

from freezegun import freeze_time

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
        self.assertIn("no person", self.env.ref("base.user_root").dunning_problem)
        portal = self.env.ref("base.public_user")
        self.assertIn("Only internal users", portal.dunning_problem)

    def test_d5_the_form_agrees_with_who_is_taken_as_sender(self):
        users = self.env["res.users"].with_context(active_test=False).search([])
        finder = self.env["dunning.recipient"].sudo()
        for user in users:
            self.assertEqual(user.is_dunning_sender, finder._may_send(user.sudo()), user.login)

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

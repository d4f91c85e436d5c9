"""How many clicks the acts of a day take, typing apart; each tour counts them."""

import re
from datetime import timedelta
from pathlib import Path

from odoo.tests import tagged

from .common import DunningMailCommon, TourCase

TOURS = Path(__file__).parents[1] / "static" / "tests" / "tours" / "dunning_clicks_tour.js"
CLICK = re.compile(r'run: "(?:click|check|uncheck)"|stepUtils\.showAppsMenuItem')


@tagged("post_install", "-at_install")
class TestDunningClicks(DunningMailCommon, TourCase):
    """The clock cannot be stopped in a browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"email": "us@example.com", "dunning_activation_date": "2020-01-01"})
        cls.partner_a.write({"name": "Acme", "email": "customer@example.com"})
        cls.user = cls.create_user("clicks", "dunning_group_manager,base.group_system")
        cls.user.email = "clicks@example.com"
        cls.today = cls.company._get_job_today()

    def count(self, tour):
        """Return the clicks in the steps of a tour that loads a page anew."""
        text = TOURS.read_text(encoding="utf-8")
        start = text.index(f'"{tour}"')
        end = text.find("tours.add(", start)
        return len(CLICK.findall(text[start:end]))

    def play(self, tour, url="/odoo/receivables-overview"):
        with self.mock_mail_gateway():
            self.start_tour(url, tour, login=self.user.login)

    def test_dunning_from_zero(self):
        self.company.dunning_active = False
        self.play("dunning_clicks_zero", "/odoo")
        self.assertTrue(self.company.dunning_active)
        self.assertEqual(self.count("dunning_clicks_zero"), 5)

    def test_simulate(self):
        self.create_due_invoice(self.today - timedelta(days=9))
        self.play("dunning_clicks_simulate")

    def test_execute(self):
        move = self.create_due_invoice(self.today - timedelta(days=9))
        self.play("dunning_clicks_execute")
        self.assertEqual(move.dunning_reminder_line_ids.reminder_id.run_id.state, "done")

    def test_a_bounce(self):
        self.create_due_invoice(self.today - timedelta(days=9))
        reminder = self.execute(self.today).reminder_ids
        reminder.sudo()._set_bounced("The message bounced.")
        self.assertEqual(reminder.state, "undeliverable")
        self.play("dunning_clicks_bounce")
        self.assertEqual(reminder.other_email, "accounts@customer.example")

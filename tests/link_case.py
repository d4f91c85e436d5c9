"""A customer with a reminder that was sent, and who opens its link over HTTP."""

import re
from datetime import date

from freezegun import freeze_time

from odoo.tests import HttpCase

from .common import DunningCommon

TODAY = date(2026, 3, 10)


class LinkCase(DunningCommon, HttpCase):
    """A customer with a reminder that was sent, and its link."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.email = "us@company.example"
        cls.partner_a.write({"email": "anna@customer.example", "is_company": True})
        cls.move = cls.create_due_invoice("2026-03-01", 100.0)
        cls.reminder = cls.remind(cls.move)

    @classmethod
    def remind(cls, move):
        reminder = cls.level_1._make_reminder(move, TODAY)
        reminder.is_test = False
        reminder.sudo()._make_mails()
        reminder.state, reminder.sent_date = "sent", TODAY
        return reminder

    def get_token(self, reminder=None):
        return (reminder or self.reminder)._get_page_url().rpartition("/")[2]

    def get_line(self, move=None):
        lines = (move or self.move).line_ids
        return lines.filtered(lambda line: line.account_type == "asset_receivable")

    def open(self, path=None, **kwargs):
        """Open a path below /dunning; by default the page of the reminder."""
        self.env.flush_all()
        path = path if path is not None else self.get_token()
        with freeze_time("2026-03-10"):
            return self.url_open(f"/dunning/{path}", allow_redirects=False, **kwargs)

    def post(self, kind, typed, token=None, csrf=True, **kwargs):
        """Post an answer as the browser does: with the token of a form it was shown."""
        token = token or self.get_token()
        data = dict(typed)
        if csrf:
            data["csrf_token"] = self.get_csrf(token, kind)
        response = self.open(f"{token}/answer/{kind}", data=data, **kwargs)
        self.env.invalidate_all()
        return response

    def get_csrf(self, token, kind):
        """Return the token of the visitor's session, of this form or of one that is offered."""
        for name in (kind, "dispute", "contact", "plan", "paid"):
            text = self.open(f"{token}/answer/{name}").text
            found = re.search(r'name="csrf_token" value="([^"]+)"', text)
            if found:
                return found[1]
        raise AssertionError("no form is offered")

    def answers(self):
        return self.env["dunning.answer"].search([("partner_id", "=", self.partner_a.id)])

    def assertGone(self, response):
        self.assertEqual(response.status_code, 404)
        self.assertIn("This link is no longer valid", response.text)

"""A customer with a reminder that was sent, and who opens its link over HTTP."""

import re
from datetime import date, timedelta

from freezegun import freeze_time

from odoo.tests import HttpCase

from .common import DunningCommon, TourCase

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

    @classmethod
    def offer_online_payment(cls):
        """Let a provider take payments online; return it."""
        redirect = cls.env["ir.ui.view"].sudo()
        redirect = redirect.create(
            {"name": "Redirect", "type": "qweb", "arch": "<form action='/x' method='post'/>"}
        )
        method = cls.env.ref("payment.payment_method_unknown").sudo()
        provider = (
            cls.env["payment.provider"]
            .sudo()
            .create(
                {
                    "name": "Provider",
                    "code": "none",
                    "company_id": cls.company.id,
                    "state": "test",
                    "is_published": True,
                    "payment_method_ids": method.ids,
                    "redirect_form_view_id": redirect.id,
                }
            )
        )
        method.active = True
        cls._create_dummy_payment_method_for_provider(
            provider=provider, journal=cls.company_data["default_journal_bank"]
        )
        return provider

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


class LinkTodayCase(LinkCase, TourCase):
    """The same for a browser, where no clock stops: what is due now, and what is later."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._get_job_today()
        cls.partner_a.name = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk GmbH"
        cls.company.partner_id.bank_ids.create(
            {"acc_number": "BE15001559627230", "partner_id": cls.company.partner_id.id}
        )
        cls.late = cls.create_due_invoice(str(cls.today - timedelta(5)), 1234567.89)
        cls.create_due_invoice(str(cls.today + timedelta(5)), 10.0)
        cls.reminder = cls.level_1._make_reminder(cls.late, cls.today)
        cls.reminder.is_test = False
        cls.reminder.sudo()._make_mails()
        cls.reminder.state, cls.reminder.sent_date = "sent", cls.today

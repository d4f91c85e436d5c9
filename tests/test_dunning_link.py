from datetime import timedelta
from hashlib import sha256
from time import perf_counter

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from ..controllers.dunning_page import DunningPage
from ..controllers.dunning_payment import DunningPayment
from ..controllers.dunning_portal import DunningPortal
from .link_case import TODAY, LinkCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10")
class TestDunningLink(LinkCase):
    """C5: who may open the page of a reminder, for how long."""

    def test_c5_token_is_hashed_and_found_again(self):
        link, token = self.reminder.link_ids.sudo(), self.get_token()
        self.assertRegex(token, rf"^{self.company.id}-[A-Za-z0-9_-]{{43}}$")
        self.assertEqual(link.token_hash, sha256(token.encode()).hexdigest())
        self.env.flush_all()
        [[stored]] = self.env.execute_query(
            SQL("SELECT row_to_json(link)::text FROM dunning_link link WHERE id = %s", link.id)
        )
        self.assertNotIn(token.partition("-")[2], stored)
        self.assertEqual(self.env["dunning.link"]._find_valid(token), link)
        self.reminder.state = "queued"
        self.reminder.sudo()._render_contents()
        self.assertEqual(self.get_token(), token)

    def test_c5_a_language_that_was_switched_off_since_closes_no_page(self):
        german = self.env["res.lang"]._activate_lang("de_DE")
        self.reminder.lang = "de_DE"
        self.assertIn("Ihre offenen Posten", self.open().text)
        german.active = False
        page = self.open()
        self.assertEqual(page.status_code, 200)
        self.assertIn("Your open items", page.text)

    def test_c5_nobody_reads_the_secrets(self):
        with self.assertRaises(AccessError):
            self.reminder.sudo(False).link_ids.read(["token_hash"])
        with self.assertRaises(AccessError):
            self.reminder.sudo(False).link_ids.read(["salt"])

    def test_c5_each_reminder_has_its_own(self):
        other = self.remind(self.create_due_invoice("2026-03-01", 50.0))
        self.assertNotEqual(self.get_token(other), self.get_token())

    def test_c5_unknown_expired_and_revoked_answer_alike(self):
        token = self.get_token()
        changed = token[:-1] + ("A" if token[-1] != "A" else "B")
        texts = {self.open(changed).text}
        self.reminder.sent_date = TODAY - timedelta(days=61)
        self.assertEqual(self.reminder.link_ids.state, "expired")
        texts.add(self.open(token).text)
        self.reminder.sent_date = TODAY
        self.reminder.action_revoke_link()
        self.assertEqual(self.reminder.link_ids.state, "revoked")
        response = self.open(token)
        self.assertGone(response)
        texts.add(response.text)
        plain = {text.replace(token, "").replace(changed, "") for text in texts}
        self.assertEqual(len({_without_session(text) for text in plain}), 1)

    def test_c5_sixty_days_are_the_last(self):
        self.reminder.sent_date = TODAY - timedelta(days=60)
        self.assertEqual(self.open().status_code, 200)

    def test_c5_withdrawn_or_came_back(self):
        for state in ("reversed", "cancelled", "undeliverable"):
            self.reminder.state = state
            self.assertGone(self.open())

    def test_c5_reader_changed(self):
        token = self.get_token()
        self.partner_a.email = "bob@customer.example"
        self.assertGone(self.open(token))

    def test_c5_the_customer_became_a_contact_of_a_bigger_one(self):
        """The reader is the customer's bookkeeper, who has nothing to do with the bigger one."""
        keeper = self.env["res.partner"].create({"name": "Keeper", "email": "k@keeper.example"})
        self.reminder.sudo().recipient_ids = keeper
        self.reminder.state = "queued"
        self.reminder.sudo()._render_contents()
        self.reminder.state = "sent"
        token = self.get_token()
        self.assertEqual(self.open(token).status_code, 200)
        self.partner_a.sudo().write({"is_company": False, "parent_id": self.partner_b.id})
        self.assertEqual(self.reminder.partner_id.commercial_partner_id, self.partner_b)
        self.assertGone(self.open(token))

    def test_c5_other_dunning_contact(self):
        token = self.get_token()
        self.partner_a.dunning_contact_id = self.partner_a.create(
            {"name": "Bob", "parent_id": self.partner_a.id, "email": "bob@customer.example"}
        )
        self.assertGone(self.open(token))

    def test_c5_written_anew_for_somebody_else(self):
        token = self.get_token()
        self.reminder.state = "undeliverable"
        self.reminder.other_email = "bob@customer.example"
        self.reminder.sudo()._render_contents()
        self.reminder.state = "sent"
        self.assertGone(self.open(token))
        self.assertEqual(self.open().status_code, 200)

    def test_c5_setting_off(self):
        token = self.get_token()
        self.company.dunning_page = False
        self.assertEqual(self.reminder._get_page_url(), "")
        self.assertGone(self.open(token))

    def test_c5_test_messages_have_a_sample(self):
        reminder = self.level_1._make_reminder(self.move, TODAY)
        reminder.sudo()._make_mails()
        self.assertFalse(reminder.link_ids)
        self.assertTrue(reminder._get_page_url().endswith("/dunning/sample"))
        self.assertIn("This is the link of a test message", self.open("sample").text)

    def test_c5_views_offered(self):
        token = self.get_token()
        for view in ("dispute", "promise"):
            url = self.reminder._get_page_url(view)
            self.assertTrue(url.endswith(f"/dunning/{token}/answer/{view}"))
        self.assertEqual(self.reminder._get_page_url("nothing"), "")

    def test_c5_only_doors_that_work_are_offered(self):
        self.company.partner_id.bank_ids.unlink()
        self.assertEqual(self.reminder._get_page_url("pay"), "")
        self.assertNotIn('id="pay"', self.open().text)
        self.company.partner_id.bank_ids.create(
            {"acc_number": "BE15001559627230", "partner_id": self.company.partner_id.id}
        )
        self.assertTrue(self.reminder._get_page_url("pay").endswith("#pay"))
        self.assertIn('id="pay"', self.open().text)
        self.assertIn("BE15 0015 5962 7230", self.open().text)
        self.program.promise_days = 0
        self.assertEqual(self.reminder._get_page_url("promise"), "")
        self.assertNotIn("/answer/promise", self.open().text)
        response = self.open(f"{self.get_token()}/answer/promise")
        self.assertNotIn("<form", response.text)

    def test_c5_mails_have_the_buttons(self):
        texts = self.reminder.sudo().mail_id.body_html
        for view in ("dispute", "promise"):
            self.assertIn(self.reminder._get_page_url(view), texts)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10")
class TestDunningPage(LinkCase):
    """C5: what the page shows, and to whom not."""

    def test_c5_due_now_and_later(self):
        late = self.create_due_invoice("2026-04-01", 70.0)
        self.create_refund(30.0)
        text = self.open().text
        self.assertIn(self.move.name, text)
        self.assertIn(late.name, text)
        due, later = text.partition("Not yet due")[::2]
        self.assertIn("$\N{NO-BREAK SPACE}70.00", due)  # 100 less the credit of 30
        self.assertIn("Paid or credited", due)
        self.assertIn("$\N{NO-BREAK SPACE}70.00", later)
        self.assertIn("already deducted above", later)

    def test_c5_instalments_not_invoices(self):
        move = self.create_due_invoice("2026-03-05", 1000.0)
        move.button_draft()
        move.invoice_payment_term_id = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 30}),
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 90}),
                ],
            }
        )
        move.action_post()
        due, later = self.open().text.partition("Not yet due")[::2]
        self.assertIn("600.00", due)
        self.assertIn("500.00", later)
        self.assertNotIn("1,000.00", due + later)

    def test_c5_per_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.create_due_invoice("2026-03-05", 40.0, currency_id=euro.id)
        text = self.open().text
        self.assertIn("40.00\N{NO-BREAK SPACE}€", text)
        self.assertIn("100.00", text)
        self.assertNotIn("140.00", text)

    def test_c5_children_belong_to_the_customer(self):
        child = self.partner_a.create({"name": "Branch", "parent_id": self.partner_a.id})
        move = self.create_due_invoice("2026-03-05", 40.0, partner=child)
        self.assertIn(move.name, self.open().text)

    def test_c5_nothing_of_others(self):
        other = self.create_due_invoice("2026-03-05", 41.0, partner=self.partner_b)
        company_2 = self.setup_other_company()["company"]
        foreign = self._create_invoice_one_line(
            price_unit=42.0, company_id=company_2.id, partner_id=self.partner_a, post=True
        )
        self.assertEqual(foreign.company_id, company_2)
        text = self.open().text
        self.assertNotIn("41.00", text)
        self.assertNotIn("42.00", text)
        token = self.get_token()
        draft = self.create_due_invoice("2026-03-05", 43.0)
        draft.button_draft()
        for move_id in (other.id, foreign.id, draft.id, 0, 2**40):
            self.assertGone(self.open(f"{token}/invoice/{move_id}"))

    def test_c5_html_in_names_is_text(self):
        self.partner_a.name = "<script>alert(1)</script>"
        text = self.open().text
        self.assertNotIn("<script>alert(1)", text)
        self.assertIn("&lt;script&gt;alert(1)", text)

    def test_c5_no_internal_notes(self):
        self.move.narration = "Only for us"
        self.partner_a.comment = "Bad payer"
        text = self.open().text
        self.assertNotIn("Only for us", text)
        self.assertNotIn("Bad payer", text)

    def test_c5_a_website_knows_the_pages(self):
        """With Odoo's website installed a page that it does not know of is an error."""
        routings = [
            method.original_routing
            for controller in (DunningPage, DunningPayment, DunningPortal)
            for method in vars(controller).values()
            if getattr(method, "original_routing", {}).get("type") == "http"
        ]
        self.assertGreater(len(routings), 12)
        for routing in routings:
            self.assertTrue(routing.get("website"), routing)
            # the address of a link is never changed for a language
            is_link = routing["routes"][0].startswith("/dunning/")
            self.assertEqual(routing.get("multilang", True), not is_link, routing)

    def test_c5_downloads(self):
        token = self.get_token()
        for path in (f"{token}/invoice/{self.move.id}", f"{token}/statement"):
            response = self.open(path)
            self.assertEqual(response.status_code, 200)
            self.assertEqual(response.content[:4], b"%PDF")
            self.assertEqual(response.headers["Cache-Control"], "no-store")
        self.assertGone(self.open(f"x{token}/statement"))

    def test_c5_headers(self):
        for path in (self.get_token(), "nothing", "sample"):
            headers = self.open(path).headers
            self.assertEqual(headers["Referrer-Policy"], "no-referrer")
            self.assertEqual(headers["Cache-Control"], "no-store")
            self.assertIn("noindex", headers["X-Robots-Tag"])
            self.assertEqual(headers["X-Frame-Options"], "DENY")
            self.assertIn("frame-ancestors 'none'", headers["Content-Security-Policy"])

    def test_c5_a_scanner_changes_nothing(self):
        token = self.get_token()
        before = self.count_rows()
        kinds = ("promise", "dispute", "paid", "contact", "plan")
        for path in (
            token,
            f"{token}/invoice/{self.move.id}",
            f"{token}/statement",
            *(f"{token}/answer/{kind}" for kind in kinds),
        ):
            query = f"?items={self.get_line().id}&day=2026-03-12&reason=other&text=x&name=x"
            self.assertEqual(self.open(path + query).status_code, 200)
            self.open(path, method="HEAD")
            self.assertEqual(self.count_rows(), before)
        self.assertEqual(self.open(data={"a": "b"}).status_code, 405)

    def count_rows(self):
        self.env.flush_all()
        self.env.invalidate_all()
        models = (
            "account.move",
            "dunning.answer",
            "dunning.block",
            "dunning.link",
            "dunning.reminder",
            "mail.activity",
        )
        found = {name: self.env[name].sudo().search([]) for name in models}
        attachments = self.env["ir.attachment"].sudo()
        return (
            {name: sorted(records.mapped("write_date")) for name, records in found.items()},
            self.env["mail.message"].sudo().search_count([]),
            attachments.search_count([("url", "not like", "/web/assets/%")]),
        )

    def test_c5_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.reminder.lang = "fr_FR"
        response = self.open()
        self.assertIn('lang="fr-FR"', response.text)
        self.assertIn("100,00", response.text)

    def test_c5_fast_with_200_items(self):
        for _number in range(20):
            self.create_due_invoice("2026-03-05", 10.0)
        few = self.measure()
        for _number in range(40):
            self.create_due_invoice("2026-03-05", 10.0)
        self.assertLessEqual(self.measure(), few)

    def measure(self):
        self.env.flush_all()
        self.partner_a._dunning_get_page(self.company, TODAY, "en_US")
        self.env.invalidate_all()
        start, count = perf_counter(), self.env.cr.sql_log_count
        self.partner_a._dunning_get_page(self.company, TODAY, "en_US")
        self.assertLess(perf_counter() - start, 1)
        return self.env.cr.sql_log_count - count


def _without_session(text):
    """Return a page without what is another in each answer: its CSRF token."""
    return "\n".join(line for line in text.splitlines() if "csrf_token" not in line)

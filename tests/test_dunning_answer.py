from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .link_case import LinkCase

PDF = b"%PDF-1.7 a photo of the broken box"


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10")
class TestDunningAnswer(LinkCase):
    """C5: what a customer answers by the link, and what it does."""

    def promise(self, day="2026-03-20", move=None, **typed):
        return self.post("promise", {"items": self.get_line(move).id, "day": day, **typed})

    def decide(self, day, move=None):
        """Return what the engine says about an invoice on a day: (remind, reason)."""
        facts = self.company._dunning_decide(
            date.fromisoformat(day), moves=(move or self.move).sudo()
        )
        [fact] = facts
        return fact.decision.remind, fact.decision.reason

    def sent_to(self, address="anna@customer.example"):
        mails = self.env["mail.mail"].sudo().search([("email_to", "like", address)])
        return mails.filtered(lambda mail: "Your answer" in (mail.subject or ""))

    # === PROMISE === #

    def test_c5_a_promise_holds_until_its_day(self):
        self.assertEqual(self.decide("2026-03-19")[0], True)
        response = self.promise("2026-03-20")
        self.assertEqual(response.status_code, 303)
        answer = self.answers()
        self.assertEqual(answer.kind, "promise")
        self.assertEqual(answer.day, date(2026, 3, 20))
        self.assertEqual(answer.move_line_ids, self.get_line())
        [block] = answer.block_ids
        self.assertEqual(block.kind, "promise")
        self.assertEqual(block.date_until, date(2026, 3, 20))
        self.assertEqual(block.move_line_id, self.get_line())
        self.assertEqual(self.decide("2026-03-20"), (False, "promise"))
        self.assertEqual(self.decide("2026-03-21")[0], True)

    def test_c5_a_promise_is_kept(self):
        self.promise("2026-03-20")
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.move.ids
        ).create({"payment_date": "2026-03-19"})._create_payments()
        self.env["dunning.promise"]._judge(self.company, date(2026, 3, 21))
        self.assertEqual(self.answers().outcome, "kept")

    def test_c5_a_promise_is_broken(self):
        self.promise("2026-03-20")
        self.env["dunning.promise"]._judge(self.company, date(2026, 3, 21))
        self.assertEqual(self.answers().outcome, "broken")

    def test_c5_a_promise_within_the_limit_of_the_program(self):
        self.program.promise_days = 5
        for day in ("2026-03-16", "2026-03-09", "2026-02-30", "20260312", "soon", "", "9999-12-31"):
            response = self.promise(day)
            self.assertEqual(response.status_code, 400, day)
            self.assertFalse(self.answers())
        self.assertIn("03/15/2026", self.promise("2026-03-16").text)
        self.assertEqual(self.promise("2026-03-15").status_code, 303)

    def test_c5_an_item_is_promised_once(self):
        self.promise("2026-03-12")
        self.assertEqual(self.promise("2026-03-24").status_code, 400)
        self.assertEqual(len(self.answers()), 1)
        self.assertIn("Payment promised by 03/12/2026", self.open().text)
        other = self.create_due_invoice("2026-03-02", 50.0)
        self.assertEqual(self.promise("2026-03-24", other).status_code, 303)

    def test_c5_a_promise_of_chosen_items(self):
        other = self.create_due_invoice("2026-03-02", 50.0)
        self.promise("2026-03-20")
        self.assertEqual(self.decide("2026-03-19")[1], "promise")
        self.assertNotEqual(self.decide("2026-03-19", other)[1], "promise")
        self.assertEqual(self.promise("2026-03-20", items=0).status_code, 400)

    def test_c5_a_promise_of_foreign_items(self):
        foreign = self.create_due_invoice("2026-03-02", 50.0, partner=self.partner_b)
        later = self.create_due_invoice("2026-04-02", 50.0)
        for move in (foreign, later):
            self.assertEqual(self.promise(move=move).status_code, 400)
        self.assertFalse(self.answers())
        self.assertFalse(self.env["dunning.block"].search([("partner_id", "=", self.partner_b.id)]))

    # === DISPUTE === #

    def dispute(self, **typed):
        values = {"items": self.get_line().id, "reason": "defective", "text": "The box is broken"}
        return self.post("dispute", {**values, **typed}, files={"file": ("box.pdf", PDF)})

    def test_c5_a_dispute_blocks_until_somebody_decides(self):
        self.assertEqual(self.dispute(amount="40").status_code, 303)
        answer = self.answers()
        self.assertEqual(answer.text, "The box is broken")
        self.assertEqual(answer.amount, 40.0)
        self.assertEqual(answer.reason, "defective")
        self.assertEqual(answer.document_ids.name, "box.pdf")
        self.assertEqual(answer.document_ids.raw, PDF)
        self.assertFalse(answer.document_ids.public)
        self.assertEqual(self.decide("2026-12-01"), (False, "dispute"))
        answer.action_decline()
        self.assertEqual(answer.state, "declined")
        self.assertTrue(self.decide("2026-12-01")[0])

    def test_c5_a_question_holds_some_days(self):
        self.company.dunning_reply_days = 7
        self.assertEqual(self.dispute(reason="question", text="").status_code, 400)
        self.dispute(reason="question", text="Which order?")
        self.assertEqual(self.decide("2026-03-16"), (False, "reply"))
        self.assertTrue(self.decide("2026-03-17")[0])
        # one more holds nothing; something that is wrong still can be told
        self.dispute(reason="question", text="And when?")
        self.assertTrue(self.decide("2026-03-17")[0])
        self.assertEqual(self.dispute().status_code, 303)

    def test_c5_part_of_an_item(self):
        other = self.create_due_invoice("2026-03-02", 50.0)
        for amount in ("100.01", "0", "-1", "NaN", "1e99", "ten", "Infinity"):
            self.assertEqual(self.dispute(amount=amount).status_code, 400, amount)
        items = [self.get_line().id, self.get_line(other).id]
        self.assertIn("single item", self.dispute(items=items, amount="10").text)
        self.assertEqual(self.dispute(items=items).status_code, 303)
        self.assertEqual(len(self.answers().block_ids), 2)

    def test_c5_files_by_type_and_size(self):
        token = self.get_token()
        values = {"items": self.get_line().id, "reason": "defective"}
        for name, content, error in (
            ("a.pdf", b"<html><script>alert(1)</script>", "Please choose a PDF"),
            ("a.svg", b"<svg onload='alert(1)'/>", "Please choose a PDF"),
            ("a.exe", b"MZ\x90", "Please choose a PDF"),
            ("a.pdf", b"%PDF-" + b"x" * 5 * 1024 * 1024, "larger than 5 MB"),
        ):
            response = self.post("dispute", values, token, files={"file": (name, content)})
            self.assertIn(error, response.text, name)
            self.assertFalse(self.answers())
        # the form comes back with what was typed, up to eight times what is taken
        large = b"%PDF-" + b"x" * 12 * 1024 * 1024
        typed = {**values, "text": "The box"}
        response = self.post("dispute", typed, token, files={"file": ("a.pdf", large)})
        self.assertEqual(response.status_code, 400)
        self.assertIn("larger than 5 MB", response.text)
        self.assertIn("The box", response.text)
        response = self.post("dispute", values, token, files={"file": ("a.pdf", large * 4)})
        self.assertEqual(response.status_code, 413)
        name = "../../<b>x</b>\r\nA: b.html"
        response = self.post("dispute", values, token, files={"file": (name, PDF)})
        self.assertEqual(response.status_code, 303)
        self.assertRegex(self.answers().document_ids.name, r"^[^/\\\r\n]+\.pdf$")
        self.assertEqual(self.answers().document_ids.mimetype, "application/pdf")

    # === ALREADY PAID === #

    def test_c5_already_paid_holds_some_days(self):
        self.company.dunning_reply_days = 7
        values = {"items": self.get_line().id, "day": "2026-03-08", "reference": "TX 77"}
        self.assertEqual(self.post("paid", {**values, "day": "2026-03-11"}).status_code, 400)
        self.assertEqual(self.post("paid", values).status_code, 303)
        answer = self.answers()
        self.assertEqual(answer.reference, "TX 77")
        self.assertEqual(answer.state, "open")
        self.assertEqual(self.decide("2026-03-16"), (False, "reply"))
        self.assertTrue(self.decide("2026-03-17")[0])
        self.assertEqual(self.post("paid", {**values, "day": "2026-03-07"}).status_code, 400)

    # === RIGHT CONTACT === #

    def name_contact(self, **typed):
        values = {"name": "Bob", "email": "bob@customer.example", "phone": "+32 1"}
        return self.post("contact", {**values, **typed})

    def test_c5_another_contact_is_accepted_by_a_person(self):
        token = self.get_token()
        self.assertEqual(self.name_contact().status_code, 303)
        self.assertFalse(self.partner_a.dunning_contact_id)
        answer = self.answers()
        user = self.create_user("answer_user", "dunning_group_user")
        self.assertFalse(answer.with_user(user).may_accept)
        with self.assertRaises(AccessError):
            answer.with_user(user).action_accept()
        manager = self.create_user("answer_manager", "dunning_group_manager")
        self.assertTrue(answer.with_user(manager).may_accept)
        answer.with_user(manager).action_accept()
        contact = self.partner_a.dunning_contact_id
        self.assertEqual(contact.email, "bob@customer.example")
        self.assertEqual(contact.parent_id, self.partner_a)
        # somebody else is to read it from now on
        self.assertGone(self.open(token))

    def test_c5_another_contact_is_one_address(self):
        for email in (
            "",
            "bob",
            "a@x.example,b@x.example",
            "a@x.example\r\nBcc: v@x.example",
            '"<script>"@x.example',
            "a@" + "x" * 300 + ".example",
        ):
            self.assertEqual(self.name_contact(email=email).status_code, 400, email)
        self.assertFalse(self.answers())

    # === PAYMENT PLAN === #

    def propose(self, **typed):
        values = {"items": self.get_line().id, "count": "3", "step": "month", "day": "2026-03-15"}
        return self.post("plan", {**values, **typed})

    def test_c5_a_plan_is_a_proposal_until_accepted(self):
        self.company.dunning_reply_days = 7
        self.assertEqual(self.propose().status_code, 303)
        answer = self.answers()
        self.assertEqual(
            answer._get_instalments(),
            [
                (date(2026, 3, 15), 33.33),
                (date(2026, 4, 15), 33.33),
                (date(2026, 5, 15), 33.34),
            ],
        )
        self.assertEqual(self.decide("2026-03-16"), (False, "reply"))
        self.assertTrue(self.decide("2026-03-17")[0])
        self.assertEqual(self.propose(count="4").status_code, 400)
        answer.action_accept()
        # the last instalment has a week of grace too
        self.assertEqual(self.decide("2026-05-22"), (False, "promise"))
        self.assertTrue(self.decide("2026-05-23")[0])
        self.assertEqual(answer.plan_ids.state, "active")
        days = answer.plan_ids.promise_ids.mapped("date")
        self.assertEqual(sorted(days), [date(2026, 3, 15), date(2026, 4, 15), date(2026, 5, 15)])
        self.assertFalse(answer.activity_ids)
        self.assertIn("We agree to this plan", self.sent_to()[:1].body_html)
        with self.assertRaises(UserError):
            answer.action_accept()

    def test_c5_a_plan_within_bounds(self):
        for typed in ({"count": "1"}, {"count": "13"}, {"count": "x"}, {"step": "year"}):
            self.assertEqual(self.propose(**typed).status_code, 400, typed)
        self.assertEqual(self.propose(day="2026-04-11").status_code, 400)

    def test_c5_forms_tell_what_may_be_typed(self):
        token = self.get_token()
        self.assertIn("From 03/10/2026 to 03/24/2026", self.open(f"{token}/answer/promise").text)
        text = self.open(f"{token}/answer/plan").text
        self.assertIn("2 to 12 instalments", text)
        self.assertIn("From 03/10/2026 to 04/10/2026", text)

    def test_c5_a_plan_in_one_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        other = self.create_due_invoice("2026-03-05", 40.0, currency_id=euro.id)
        items = [self.get_line().id, self.get_line(other).id]
        self.assertIn("in one currency", self.propose(items=items).text)

    # === WHO IS TOLD === #

    def test_c5_an_amount_is_written_as_its_reader_writes_it(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.post("promise", {"items": self.get_line().id, "day": "2026-03-15"})
        answer = self.answers()
        self.assertIn("100.00", answer._get_summary())
        self.assertIn("100,00", answer.with_context(lang="de_DE")._get_summary())
        self.reminder.lang = "de_DE"
        page = self.open().text
        self.assertIn("Zahlung von $\xa0100,00 bis 15.03.2026", page)

    def test_c5_an_answer_is_confirmed_where_the_language_was_switched_off(self):
        german = self.env["res.lang"]._activate_lang("de_DE")
        self.reminder.lang = "de_DE"
        german.active = False
        answer = self.post("paid", {"items": self.get_line().id, "day": "2026-03-09"})
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(len(self.sent_to()), 1)

    def test_c5_every_answer_is_confirmed_and_shown(self):
        line = self.get_line().id
        for kind, typed in (
            ("contact", {"name": "Bob", "email": "bob@customer.example"}),
            ("plan", {"items": line, "count": "2", "step": "week", "day": "2026-03-12"}),
            ("paid", {"items": line, "day": "2026-03-01"}),
            ("promise", {"items": line, "day": "2026-03-20"}),
            ("dispute", {"items": line, "reason": "other", "text": "See <b>here</b>"}),
        ):
            response = self.post(kind, typed)
            self.assertEqual(response.status_code, 303, response.text[:2000])
            answer = self.answers()[:1]
            self.assertEqual(answer.kind, kind)
            page = self.open(response.headers["Location"].partition("/dunning/")[2])
            self.assertIn("Thank you for your answer", page.text)
            self.assertIn("confirmed this by e-mail", page.text)
            self.assertEqual(answer.reminder_id, self.reminder)
            self.assertIn(answer, self.reminder.answer_ids)
            self.assertIn(answer, self.partner_a.dunning_answer_ids)
            task = answer.activity_ids
            self.assertEqual(len(task), kind != "promise", kind)
            for user in task.user_id:
                self.assertTrue(user.has_group("account_recurrence_dunning.dunning_group_user"))
            self.assertIn(f'data-oe-id="{answer.id}"', str(self.log(self.partner_a)))
        self.assertEqual(len(self.sent_to()), 5)
        self.assertEqual(
            set(self.sent_to().mapped("email_to")), {'"partner_a" <anna@customer.example>'}
        )
        body = self.sent_to().sorted("id")[-1:].body_html
        self.assertIn("See &lt;b&gt;here&lt;/b&gt;", body)
        # in the company's frame, as the reminder it answers
        self.assertIn('data-dunning="message"', body)
        # nobody is written to because a visitor typed the address
        self.assertFalse(self.sent_to("bob@"))

    def test_c5_the_clerk_reads_what_to_do(self):
        user = self.create_user("answer_user", "dunning_group_user")
        self.name_contact()
        self.propose()
        self.dispute()
        dispute, plan, contact = self.answers()
        self.assertIn("the items stay blocked", dispute.guide)
        self.assertIn("until the last instalment", plan.guide)
        self.assertIn("A dunning manager", contact.with_user(user).guide)
        dispute.action_accept()
        self.assertFalse(dispute.guide)

    def log(self, record):
        return record.message_ids[:3].mapped("body")

    # === ATTACKS === #

    def test_c5_posts_need_the_token_of_the_form(self):
        values = {"items": self.get_line().id, "day": "2026-03-20"}
        self.assertEqual(self.post("promise", values, csrf=False).status_code, 400)
        values["csrf_token"] = "0" * 40 + "o1900000000"
        self.assertEqual(self.post("promise", values, csrf=False).status_code, 400)
        self.assertFalse(self.answers())

    def test_c5_the_same_twice_is_one_answer(self):
        first, second = self.dispute(), self.dispute()
        self.assertEqual(first.headers["Location"], second.headers["Location"])
        self.assertEqual(len(self.answers()), 1)
        self.assertEqual(len(self.sent_to()), 1)

    def test_c5_many_answers_a_day_are_too_many(self):
        for number in range(20):
            self.dispute(reason="question", text=f"Question {number}")
        self.assertEqual(len(self.answers()), 20)
        response = self.dispute(reason="question", text="Question 21")
        self.assertEqual(response.status_code, 400)
        self.assertIn("several answers", response.text)
        self.assertEqual(len(self.answers()), 20)

    def test_c5_what_is_typed_is_bounded_and_text(self):
        self.assertEqual(self.dispute(text="x" * 2001).status_code, 400)
        nasty = "<script>alert(1)</script>\x00\x1b\u202e{{ 7*7 }} <t t-out='1'/> \"'"
        response = self.dispute(text=nasty, amount="<script>")
        self.assertEqual(response.status_code, 400)
        self.assertNotIn("<script>alert", response.text)
        self.assertEqual(self.dispute(text=nasty).status_code, 303)
        text = self.answers().text
        self.assertNotIn("\x00", text)
        self.assertNotIn("\u202e", text)
        self.assertNotIn("<script>", str(self.answers().activity_ids.note))
        self.assertNotIn("<script>", self.sent_to().body_html)
        self.assertNotIn("alert(1)", self.open().text)

    def test_c5_a_closed_link_shows_no_answer(self):
        token = self.get_token()
        self.promise()
        self.reminder.action_revoke_link()
        for path in (token, f"{token}/answer/dispute", f"{token}/answered/{self.answers().id}"):
            self.assertGone(self.open(path))

    def test_c5_a_form_posted_after_the_link_closed(self):
        token = self.get_token()
        other = self.remind(self.create_due_invoice("2026-03-01", 50.0))
        self.reminder.action_revoke_link()
        # the session and its token are those of another page of the same visitor
        form = self.open(f"{self.get_token(other)}/answer/dispute").text
        csrf = form.split('name="csrf_token" value="')[1].split('"')[0]
        typed = {"items": self.get_line().id, "reason": "defective", "csrf_token": csrf}
        self.assertGone(self.open(f"{token}/answer/dispute", data=typed))
        self.assertFalse(self.answers())

    def test_c5_answers_of_others_are_not_shown(self):
        foreign = self.remind(self.create_due_invoice("2026-03-01", 50.0, partner=self.partner_b))
        self.promise()
        answer = self.answers()
        own = self.get_token()
        token = self.get_token(foreign)
        self.assertNotEqual(token, own)
        self.assertEqual(self.open(f"{own}/answered/{answer.id}").status_code, 200)
        self.assertGone(self.open(f"{token}/answered/{answer.id}"))
        self.assertGone(self.open(f"{own}/answered/{2**40}"))
        self.assertGone(self.open(f"{own}/answer/nothing"))
        self.assertNotIn(answer.items, self.open(token).text)

    def test_c5_nobody_makes_or_changes_answers(self):
        self.promise()
        user = self.create_user("answer_user", "dunning_group_user")
        for name in ("state", "day", "text"):
            with self.assertRaises(AccessError):
                self.answers().with_user(user).write({name: False})
        with self.assertRaises(AccessError):
            self.answers().with_user(user).read(["fingerprint"])

    def test_c5_nothing_of_a_message_is_cached(self):
        self.promise()
        response = self.open(f"{self.get_token()}/answered/{self.answers().id}")
        for name, value in (("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer")):
            self.assertEqual(response.headers[name], value)
        redirect = self.dispute()
        self.assertEqual(redirect.headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(redirect.headers["Cache-Control"], "no-store")

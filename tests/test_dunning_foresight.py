import random
from datetime import date
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.dunning.run import dunning_run_foresight_mixin
from .common import DunningMailCommon
from .smtp_case import DunningSmtpCase

DAY = date(2026, 3, 10)
ROUNDS = 34
PIXEL = (
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    b"+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
class TestDunningForesight(DunningMailCommon):
    """The simulation knows all that will fail (rule 20, b1, b17, b19)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.email = "us@brightwater.example"
        cls.partner_a.write({"name": "Acme", "email": "a@customer.example", "is_company": True})
        cls.partner_b.write({"name": "Bolt", "email": "b@customer.example", "is_company": True})
        cls.clerk = cls.create_user("foresight_clerk", "dunning_group_user")
        cls.clerk.email = "clerk@brightwater.example"
        cls.server = (
            cls.env["ir.mail_server"]
            .sudo()
            .create({"name": "Post", "smtp_host": "localhost", "smtp_encryption": "none"})
        )
        cls.template = cls.level_1.mail_template_id.sudo().copy({"name": "Own text"})
        cls.level_1.mail_template_id = cls.template
        cls.first = cls.create_due_invoice("2026-02-20", 100.0)
        cls.second = cls.create_due_invoice("2026-03-01", 200.0)
        cls.third = cls.create_due_invoice("2026-03-01", 300.0, partner=cls.partner_b)
        cls.moves = cls.first | cls.second | cls.third

    def simulate(self):
        run = self.env["dunning.run"].create({"date": DAY})
        run.action_simulate()
        return run

    def carry_out(self, run):
        """Execute a run, send its e-mails, print its letters."""
        with (
            self.mock_mail_gateway(),
            mute_logger("odoo.addons.account_recurrence_dunning.models.common.isolation"),
        ):
            run.action_execute()
            run.reminder_ids.sudo()._send_queued(DAY)
            letters = run.reminder_ids.filtered(lambda r: r.channel == "letter")
            if letters.filtered(lambda r: r.state == "draft"):
                letters.action_print()

    def foreseen(self, run):
        return {line.move_name: line.warning for line in run.remind_line_ids if line.warning}

    def met(self, run):
        lines = run.reminder_ids.filtered(
            lambda reminder: reminder.state in ("failed", "undeliverable")
        ).line_ids.filtered(lambda line: line.kind == "remind")
        return {line.move_name: line.reminder_id.failure_code for line in lines}

    def assertForeseen(self, code, moves, sentence=""):
        """Simulate, execute and send: both name these invoices and this code, and no other."""
        run = self.simulate()
        expected = dict.fromkeys(moves.mapped("name"), code)
        self.assertEqual(self.foreseen(run), expected)
        lines = run.remind_line_ids.filtered("warning")
        for line in lines:
            self.assertIn("It will not be delivered: ", line.reason_text)
            self.assertIn(sentence, line.reason_text)
        self.carry_out(run)
        self.assertEqual(self.met(run), expected)
        for reminder in run.reminder_ids.filtered("failure_code"):
            self.assertIn(sentence, reminder.failure_reason)
        return run

    # === PEOPLE === #

    def test_b1_an_archived_contact_is_passed_over(self):
        gone = self.env["res.partner"].create(
            {"name": "Jane", "parent_id": self.partner_a.id, "email": "jane@customer.example"}
        )
        self.partner_a.dunning_contact_id = gone
        gone.active = False
        run = self.assertForeseen(None, self.moves.browse())
        reminder = run.reminder_ids.filtered(lambda r: r.partner_id == self.partner_a)
        self.assertEqual((reminder.state, reminder.recipient_ids), ("sent", self.partner_a))

    def test_b1_an_archived_contact_and_nobody_else(self):
        gone = self.env["res.partner"].create({"name": "Jane", "email": "jane@customer.example"})
        self.partner_a.dunning_contact_id = gone
        gone.active = False
        self.only_the_dunning_contact()
        self.partner_b.dunning_contact_id = self.partner_b
        self.assertForeseen("contact_archived", self.first | self.second, "Jane is archived")

    def only_the_dunning_contact(self):
        self.program.write(
            {"recipient_second": False, "recipient_third": False, "recipient_fourth": False}
        )

    def test_b1_an_archived_customer_is_named(self):
        self.partner_b.active = False
        self.assertForeseen("customer_archived", self.third, "Bolt is archived")

    def test_d6_an_address_that_is_none_is_passed_over(self):
        contact = self.env["res.partner"].create({"name": "Jane", "email": "at home"})
        self.partner_a.dunning_contact_id = contact
        run = self.assertForeseen(None, self.moves.browse())
        self.assertEqual(set(run.reminder_ids.mapped("state")), {"sent"})

    def test_b19_a_sender_who_lost_the_right(self):
        self.program.write({"sender": "user", "sender_user_id": self.clerk.id})
        self.clerk.sudo().active = False
        self.assertForeseen("no_sender", self.moves, "foresight_clerk")

    def test_a_sender_lost_between_simulation_and_sending(self):
        self.program.write({"sender": "user", "sender_user_id": self.clerk.id})
        reminders = self.queue("2026-03-10")
        self.assertEqual(set(reminders.mapped("state")), {"queued"})
        self.clerk.sudo().group_ids -= self.env.ref("account_recurrence_dunning.dunning_group_user")
        self.send(reminders, "2026-03-10")
        self.assertEqual(set(reminders.mapped("failure_code")), {"no_sender"})

    def test_whom_it_goes_to_is_found_again_when_it_leaves(self):
        """What a simulation of that moment would name is who gets it."""
        contact = self.env["res.partner"].create({"name": "Jane", "email": "jane@customer.example"})
        self.partner_a.dunning_contact_id = contact
        reminder = self.queue("2026-03-10").filtered(lambda r: r.partner_id == self.partner_a)
        self.assertEqual(reminder.recipient_ids, contact)
        contact.active = False
        self.send(reminder, "2026-03-10")
        self.assertEqual((reminder.state, reminder.recipient_ids), ("sent", self.partner_a))
        self.assertIn("a@customer.example", self._mails[0]["email_to"][0])

    def test_an_address_lost_between_simulation_and_sending(self):
        reminder = self.queue("2026-03-10").filtered(lambda r: r.partner_id == self.partner_b)
        self.partner_b.email = False
        self.send(reminder, "2026-03-10")
        self.assertEqual((reminder.state, reminder.failure_code), ("undeliverable", "no_address"))

    def test_an_address_blacklisted_between_simulation_and_sending(self):
        self.program.undeliverable_blacklisted = True
        reminder = self.queue("2026-03-10").filtered(lambda r: r.partner_id == self.partner_b)
        self.env["mail.blacklist"].sudo().create({"email": self.partner_b.email})
        self.send(reminder, "2026-03-10")
        self.assertEqual((reminder.state, reminder.failure_code), ("undeliverable", "blacklisted"))

    # === ENCLOSURES === #

    def test_b17_an_invoice_without_pdf_is_made_as_one(self):
        self.level_1.attach_invoices = True
        run = self.assertForeseen(None, self.moves.browse())
        reminder = run.reminder_ids.filtered(lambda r: r.partner_id == self.partner_b)
        self.assertEqual(reminder.mail_id.attachment_ids.mapped("mimetype"), ["application/pdf"])
        self.assertFalse(self.third.invoice_pdf_report_id)

    def test_b17_where_no_pdf_can_be_made_the_line_says_so(self):
        self.level_1.attach_invoices = True
        self.env["ir.attachment"].create(
            {
                "name": "sent.pdf",
                "raw": b"%PDF-1.4 as it was sent",
                "res_model": "account.move",
                "res_id": self.third.id,
                "res_field": "invoice_pdf_report_file",
            }
        )
        with self.without_wkhtmltopdf():
            self.assertForeseen("no_pdf", self.first | self.second, "no PDF can be created")

    def without_wkhtmltopdf(self):
        reports = self.registry["ir.actions.report"]
        return patch.object(reports, "get_wkhtmltopdf_state", lambda _self: "install")

    # === TEXTS === #

    def test_a_text_that_fails_for_one_customer_only(self):
        self.template.body_html = "<p t-out=\"1 / (object.partner_id.name != 'Acme')\"/>"
        self.assertForeseen("text_broken", self.first | self.second, "Failed to render")

    def test_a_text_broken_in_one_language_only(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.partner_b.lang = "fr_FR"
        self.template.with_context(lang="fr_FR").subject = "{{ object.no_such_field }}"
        self.assertForeseen("text_broken", self.third)

    def test_texts_are_written_once_for_a_level_and_language(self):
        """However many messages there are, plain placeholders are tried out on one of them."""
        partners = self.env["res.partner"].create(
            [{"name": f"C{n}", "email": f"c{n}@customer.example"} for n in range(8)]
        )
        for partner in partners:
            self.create_due_invoice("2026-03-01", partner=partner)
        composer = self.registry["dunning.reminder"]
        with patch.object(
            composer, "_render_texts", autospec=True, side_effect=composer._render_texts
        ) as made:
            self.simulate()
        self.assertEqual(made.call_count, 1)

    def test_texts_not_tried_out_are_counted(self):
        self.template.body_html = '<p t-out="1 / len(object.partner_id)"/>'
        with patch.object(dunning_run_foresight_mixin, "MOST_TRIED", 1):
            run = self.simulate()
        self.assertEqual(run.untried_count, 1)

    def test_a_simulation_leaves_nothing_behind(self):
        before = self.env["dunning.reminder"].search_count([])
        self.simulate()
        self.assertEqual(self.env["dunning.reminder"].search_count([]), before)
        self.assertFalse(self.first.access_token)

    def test_a_text_that_fails_for_all_is_not_left_open_for_some(self):
        self.template.body_html = "<p t-out='1 / 0'/>"
        with patch.object(dunning_run_foresight_mixin, "MOST_TRIED", 1):
            run = self.simulate()
        self.assertEqual(set(run.remind_line_ids.mapped("warning")), {"text_broken"})
        self.assertEqual(run.untried_count, 0)

    def test_a_letter_counts_once_its_text_is_mended(self):
        self.level_1.channel = "letter"
        sound, self.template.body_html = self.template.body_html, "<p t-out='1 / 0'/>"
        with mute_logger("odoo.addons.account_recurrence_dunning.models.common.isolation"):
            reminders = self.queue("2026-03-10")
        self.assertEqual(set(reminders.mapped("failure_code")), {"text_broken"})
        self.template.body_html = sound
        reminders.action_print()
        self.assertEqual(set(reminders.mapped("state")), {"sent"})
        self.assertEqual(self.moves.mapped("dunning_level"), [1, 1, 1])

    def test_the_dialog_of_remind_now_says_what_keeps_it_back(self):
        self.program.write({"sender": "user", "sender_user_id": self.clerk.id})
        self.clerk.sudo().active = False
        opened = self.env["dunning.remind"]._open(self.third)
        remind = self.env["dunning.remind"].browse(opened["res_id"])
        self.assertIn("is not allowed to send reminders", remind.lost_text)

    # === ONE THING AT A TIME === #

    def break_address(self, rng):
        self.partner_b.email = rng.choice(
            [False, " ", "at home", "x@", "a@b.", "x@y..example", "x@@y.example"]
        )

    def break_blacklist(self, _rng):
        self.program.undeliverable_blacklisted = True
        self.env["mail.blacklist"].sudo().create({"email": self.partner_b.email})

    def break_customer(self, _rng):
        self.partner_b.active = False

    def break_recipients(self, _rng):
        self.only_the_dunning_contact()

    def break_sender(self, rng):
        self.program.write({"sender": "user", "sender_user_id": self.clerk.id})
        rng.choice(
            [
                lambda: self.clerk.sudo().write({"active": False}),
                lambda: self.clerk.sudo().write({"email": False}),
                lambda: self.clerk.sudo().write({"group_ids": [(5,)]}),
                self.lose_company,
            ]
        )()

    def lose_company(self):
        other = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        self.clerk.sudo().write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})

    def break_server(self, rng):
        self.program.mail_server_id = self.server
        rng.choice(
            [
                lambda: self.server.write({"active": False}),
                lambda: self.server.write({"from_filter": "other.example"}),
            ]
        )()

    def break_text(self, rng):
        self.template.body_html = rng.choice(
            [
                "<p t-out='object.no_such_field'/>",
                "<p t-out='1 / 0'/>",
                "<p t-out=\"1 / (object.partner_id.name != 'Bolt')\"/>",
                "<p t-foreach='nothing'/>",
            ]
        )

    def break_subject(self, _rng):
        self.template.subject = "{{ object.partner_id.no_such_field }}"

    def break_missing_text(self, _rng):
        self.level_1.mail_template_id = False
        shipped = "account_recurrence_dunning.mail_template_level_1"
        self.env["ir.model.data"].sudo().search([("name", "=", shipped.split(".")[1])]).unlink()

    def break_banner(self, rng):
        self.level_1.banner = PIXEL
        self.env.flush_all()
        found = [
            ("res_model", "=", "dunning.level"),
            ("res_field", "=", "banner"),
            ("res_id", "=", self.level_1.id),
        ]
        attachment = self.env["ir.attachment"].sudo().search(found)
        attachment.raw = rng.choice([b"", b"no picture", b"\x89PNG cut"])
        self.level_1.invalidate_recordset()

    def break_statement(self, _rng):
        self.level_1.attach_statement = True
        name = "account_recurrence_dunning.dunning_statement_document"
        self.break_view(name)

    def break_letter_page(self, _rng):
        self.break_view("account_recurrence_dunning.dunning_letter")

    def break_invoice_report(self, _rng):
        self.level_1.attach_invoices = True
        self.break_view("account.report_invoice_with_payments")

    def break_view(self, name):
        self.env.ref(name).sudo().arch = "<t><t t-out='1 / 0'/></t>"

    def break_pdf(self, _rng):
        self.level_1.attach_statement = True
        self.startPatcher(self.without_wkhtmltopdf())

    def break_nothing(self, _rng):
        pass

    def test_rule_20_what_is_foreseen_is_met(self):
        """One thing is broken at a time, under random settings: simulation and outcome agree."""
        seed = 2026
        rng = random.Random(seed)
        breakages = sorted(name for name in dir(self) if name.startswith("break_"))
        breakages.remove("break_view")
        failed = set()
        for number in range(max(ROUNDS, len(breakages))):
            name = breakages[number % len(breakages)]
            grouping = rng.choice(["customer", "address", "invoice"])
            channel = rng.choice(["email"] * 4 + ["email_letter", "letter", "call"])
            with (
                self.subTest(seed=seed, number=number, name=name, by=grouping, channel=channel),
                self.env.cr.savepoint() as savepoint,
            ):
                self.program.grouping = grouping
                self.level_1.channel = channel
                getattr(self, name)(rng)
                run = self.simulate()
                foreseen = self.foreseen(run)
                self.carry_out(run)
                self.assertEqual(foreseen, self.met(run))
                failed |= set(foreseen.values())
                savepoint.rollback()
            self.env.invalidate_all()
            self.env.registry.clear_all_caches()
        # the table breaks things indeed
        self.assertGreater(len(failed), 8, failed)


@tagged("post_install", "-at_install")
class TestDunningAddressForesight(DunningSmtpCase):
    """What the simulation says of an address is what becomes of it."""

    # an address as it was typed, and to whom the server is told to bring the message
    TAKEN = {
        "info@müller.example": ["info@xn--mller-kva.example"],
        "Jane <jane@MÜLLER.example>": ["jane@xn--mller-kva.example"],
        "a@b": ["a@b"],
        "<x@y.example>": ["x@y.example"],
        "x@y.example; z@w.example": ["x@y.example", "z@w.example"],
        "x@@y.example, z@w.example": ["z@w.example"],
        "x@y.example,": ["x@y.example"],
        "x@[127.0.0.1]": ["x@[127.0.0.1]"],
        "x@y_z.example": ["x@y_z.example"],
    }
    REFUSED = (
        "a@b.",
        "x@y..example",
        "x@.example",
        "x@@y.example",
        '"a b"@y.example',
        "x@mü..example",
        "x@" + "y" * 64 + ".example",
        "x@" + "y." * 130 + "example",
    )

    def remind(self, email):
        """Simulate, execute and send a reminder to an address of a customer of its own."""
        partner = self.env["res.partner"].create({"name": "Zed", "email": email})
        move = self.create_due_invoice("2026-03-01", partner=partner)
        run = self.env["dunning.run"].create({"date": DAY, "move_ids": move.ids})
        run.action_simulate()
        warning = run.line_ids.warning
        run.action_execute()
        run.reminder_ids.sudo()._send_queued(DAY)
        return warning, run.reminder_ids

    def test_m5_an_address_that_is_taken(self):
        for email, expected in self.TAKEN.items():
            with self.subTest(email=email):
                self.mailbox.messages.clear()
                warning, reminder = self.remind(email)
                self.assertFalse(warning)
                self.assertEqual((reminder.state, reminder.failure_reason), ("sent", False))
                self.assertEqual([to for to, _message in self.mailbox.messages], [expected])

    def test_m5_an_address_that_is_none(self):
        for email in self.REFUSED:
            with self.subTest(email=email):
                warning, reminder = self.remind(email)
                self.assertEqual(warning, "bad_address")
                self.assertEqual(
                    (reminder.state, reminder.failure_code), ("undeliverable", "bad_address")
                )
        self.assertFalse(self.mailbox.messages)

    def test_m5_an_address_that_a_person_gives_is_asked_the_same(self):
        _warning, reminder = self.remind("x@y..example")
        deliver = self.env["dunning.deliver"].create(
            {"reminder_ids": reminder.ids, "way": "address", "email": "x@@y.example"}
        )
        with self.assertRaisesRegex(UserError, "one valid e-mail address"):
            deliver.action_deliver()
        deliver.email = "jane@müller.example"
        deliver.action_deliver()
        reminder.sudo()._send_queued(DAY)
        self.assertEqual(reminder.state, "sent")
        self.assertEqual(
            [to for to, _message in self.mailbox.messages], [["jane@xn--mller-kva.example"]]
        )

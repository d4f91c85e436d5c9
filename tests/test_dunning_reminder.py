from datetime import date
from unittest.mock import patch

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DunningMailCommon


@tagged("post_install", "-at_install")
class TestDunningReminder(DunningMailCommon):
    """Messages: what is in them, to whom they go, when they count, how they are taken back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.write({"name": "Acme", "email": "acme@customer.example"})
        cls.partner_b.write({"name": "Bolt", "email": "bolt@customer.example"})
        cls.due_line_of = staticmethod(
            lambda move: move.line_ids.filtered(lambda ln: ln.account_type == "asset_receivable")
        )

    # === GROUPING === #

    def test_d14_one_message_per_customer_with_the_tone_of_the_highest_level(self):
        old = self.create_due_invoice("2026-02-20", 100.0)
        self.execute("2026-03-01")
        new = self.create_due_invoice("2026-03-05", 50.0)
        other = self.create_due_invoice("2026-03-05", 70.0, partner=self.partner_b)
        reminders = self.execute("2026-03-10").reminder_ids.sorted("id")
        self.assertEqual(reminders.partner_id, self.partner_a | self.partner_b)
        ours = reminders.filtered(lambda r: r.partner_id == self.partner_a)
        self.assertEqual(self.reminded(ours), [old.name, new.name])
        self.assertEqual(ours.level_id, self.level_2)
        self.assertEqual(ours.line_ids.mapped("level_number"), [2, 1])
        self.assertEqual(ours.total_text, "$\xa0150.00")
        self.assertEqual(self.reminded(reminders - ours), [other.name])

    def test_d14_one_message_per_invoice_where_the_program_says_so(self):
        self.program.grouping = "invoice"
        self.create_due_invoice("2026-03-01")
        self.create_due_invoice("2026-03-02")
        self.assertEqual(len(self.queue("2026-03-10")), 2)

    def test_d14_one_message_per_invoice_address_where_the_program_says_so(self):
        site = self.env["res.partner"].create(
            {"name": "Site", "email": "site@customer.example", "parent_id": self.partner_a.id}
        )
        self.partner_a.dunning_contact_id = site
        first = self.create_due_invoice("2026-03-01", 100.0)
        second = self.create_due_invoice("2026-03-02", 50.0)
        third = self.create_due_invoice("2026-03-03", 70.0, partner=site)
        together = self.queue("2026-03-10")
        self.assertEqual(self.reminded(together), [first.name, second.name, third.name])
        self.assertEqual(len(together), 1)
        together.action_cancel()
        self.program.grouping = "address"
        apart = self.queue("2026-03-10").sorted("id")
        self.assertEqual(
            [self.reminded(reminder) for reminder in apart],
            [[first.name, second.name], [third.name]],
        )
        self.assertEqual(apart.mapped("total_text"), ["$\xa0150.00", "$\xa070.00"])
        self.assertEqual(apart.recipient_ids, site)

    def test_rule_13_other_overdue_lines_and_credits_are_mentioned_without_effect(self):
        self.company.dunning_contact_gap = 0
        old = self.create_due_invoice("2026-02-20", 100.0)
        self.execute("2026-03-01")
        self.create_due_invoice("2026-03-01", 50.0)
        credit = self.create_refund(30.0, "2026-03-01")
        reminder = self.execute("2026-03-06").reminder_ids
        self.assertEqual(
            [(ln.kind, ln.amount_residual) for ln in reminder.line_ids.sorted("id")],
            [("remind", 50.0), ("overdue", 100.0), ("credit", -30.0)],
        )
        self.assertEqual(reminder.total_text, "$\xa0120.00")
        self.assertIn(credit.name, reminder.body_html)
        self.assertEqual(old.dunning_level, 1)
        self.assertEqual(str(old.dunning_last_date), "2026-03-01")

    def test_rule_13_a_credit_that_covers_another_line_lowers_no_total(self):
        self.create_due_invoice("2026-02-25", 30.0)
        self.create_due_invoice("2026-03-01", 100.0)
        self.create_refund(30.0)
        reminder = self.queue("2026-03-10")
        # the 30 are settled between them: 100 is what the customer owes
        self.assertEqual(
            [(ln.kind, ln.amount_residual) for ln in reminder.line_ids], [("remind", 100.0)]
        )
        self.assertEqual(reminder.total_text, "$\xa0100.00")

    def test_rule_13_a_credit_that_covers_part_of_another_line_is_shown_for_the_rest(self):
        blocked = self.create_due_invoice("2026-02-25", 30.0)
        self.create_due_invoice("2026-03-01", 100.0)
        self.create_refund(45.0)
        self.env["dunning.block"].create(
            {
                "partner_id": self.partner_a.id,
                "move_id": blocked.id,
                "kind": "dispute",
                "date_from": "2026-03-10",
            }
        )
        reminder = self.queue("2026-03-10")
        # 45 less the 30 of the older invoice
        self.assertEqual(
            [(ln.kind, ln.amount_residual) for ln in reminder.line_ids.sorted("id")],
            [("remind", 100.0), ("credit", -15.0)],
        )
        self.assertEqual(reminder.total_text, "$\xa085.00")

    def test_rule_13_each_message_of_an_invoice_shows_the_credit_that_covers_it(self):
        self.program.grouping = "invoice"
        self.create_due_invoice("2026-03-01", 100.0)
        self.create_due_invoice("2026-03-02", 50.0)
        self.create_refund(30.0)
        reminders = self.queue("2026-03-10")
        self.assertEqual(sorted(reminders.mapped("total_text")), ["$\xa050.00", "$\xa070.00"])

    def test_totals_are_given_per_currency_and_never_added(self):
        euro = self.setup_other_currency("EUR")
        self.create_due_invoice("2026-03-01", 100.0)
        self.create_due_invoice("2026-03-01", 200.0, currency_id=euro.id)
        reminder = self.queue("2026-03-10")
        self.assertEqual(reminder.total_text, "$\xa0100.00, 200.00\xa0€")

    def test_d8_ref_names_three_invoices_oldest_first_and_how_many_more(self):
        names = [
            self.create_due_invoice(day).name
            for day in ("2026-03-04", "2026-03-03", "2026-03-02", "2026-03-01", "2026-03-05")
        ]
        reminder = self.queue("2026-03-10")
        expected = f"{names[3]}, {names[2]}, {names[1]} + 2"
        self.assertEqual(
            reminder.subject, f"Payment reminder: invoices {expected} ({self.company.name})"
        )
        self.assertNotIn("#REF#", reminder.body_html)

    # === RECIPIENTS, LANGUAGE, SENDER === #

    def test_d6_recipient_is_looked_for_in_the_order_of_the_program(self):
        contact = self.env["res.partner"].create(
            {"name": "Dunning Desk", "email": "desk@customer.example"}
        )
        billing = contact.copy({"name": "Billing Desk", "email": "billing@customer.example"})
        self.create_due_invoice("2026-03-01")
        self.partner_a.billing_contact_id = billing
        self.assertEqual(self.queue("2026-03-10").recipient_ids, billing)
        self.env["dunning.reminder"].search([]).action_cancel()
        self.partner_a.dunning_contact_id = contact
        self.assertEqual(self.queue("2026-03-10").recipient_ids, contact)

    def test_d6_the_contact_of_the_invoice_before_the_preferred_one(self):
        self.partner_a.is_company = True
        site, other = self.env["res.partner"].create(
            [
                {"name": name, "email": f"{name}@customer.example", "parent_id": self.partner_a.id}
                for name in ("site", "other")
            ]
        )
        other.dunning_preferred = True
        self.create_due_invoice("2026-03-01", partner=site)
        self.create_due_invoice("2026-03-01")
        first, second = self.queue("2026-03-10").sorted("id")
        self.assertEqual((first.recipient_ids, second.recipient_ids), (site, other))

    def test_d6_preferred_is_the_ticked_contact_then_the_invoice_address_then_the_customer(self):
        self.partner_a.is_company = True
        ticked, address = self.env["res.partner"].create(
            [
                {
                    "name": kind,
                    "email": f"{kind}@customer.example",
                    "parent_id": self.partner_a.id,
                    "type": kind,
                }
                for kind in ("contact", "invoice")
            ]
        )
        ticked.dunning_preferred = True
        self.create_due_invoice("2026-03-01")
        found = []
        for change in (ticked, address, None):
            reminder = self.queue("2026-03-10")
            found.append(reminder.recipient_ids)
            reminder.action_cancel()
            if change:
                change.write({"dunning_preferred": False, "type": "other"})
        self.assertEqual(found, [ticked, address, self.partner_a])

    def test_d7_ticked_contacts_get_a_copy(self):
        self.env["res.partner"].create(
            {
                "name": "Also",
                "email": "also@customer.example",
                "parent_id": self.partner_a.id,
                "dunning_also": True,
            }
        )
        self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10")
        self.assertEqual(reminder.email_to, '"Acme" <acme@customer.example>')
        self.assertEqual(reminder.mail_id.email_cc, '"Also" <also@customer.example>')

    def test_d7_a_level_sends_copies_to_the_salesperson_and_to_others(self):
        seller = self.create_user("seller")
        seller.email = "seller@company.example"
        lawyer = self.env["res.partner"].create({"name": "Lawyer", "email": "lawyer@firm.example"})
        self.level_1.write({"cc_salesperson": True, "cc_partner_ids": [Command.link(lawyer.id)]})
        self.create_due_invoice("2026-03-01", invoice_user_id=seller.id)
        self.create_due_invoice("2026-03-12", partner=self.partner_b, invoice_user_id=seller.id)
        first, notice = self.queue("2026-03-10").sorted("level_number", reverse=True)
        self.assertEqual(first.cc_ids, seller.partner_id | lawyer)
        self.assertIn("seller@company.example", first.mail_id.email_cc)
        self.assertIn("lawyer@firm.example", first.mail_id.email_cc)
        self.assertEqual(notice.level_id, self.notice)
        self.assertFalse(notice.cc_ids, "another level says nothing of copies")

    def test_rule_13_different_recipients_get_different_messages(self):
        contact = self.env["res.partner"].create(
            {"name": "Site", "email": "site@customer.example", "parent_id": self.partner_a.id}
        )
        self.create_due_invoice("2026-03-01")
        self.create_due_invoice("2026-03-01", partner=contact)
        reminders = self.queue("2026-03-10")
        self.assertEqual(reminders.recipient_ids, self.partner_a | contact)
        self.assertEqual(len(reminders), 2)
        self.assertEqual(reminders.partner_id, self.partner_a)

    def test_each_message_speaks_the_language_of_its_recipient(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.partner_a.lang = "de_DE"
        self.partner_b.lang = "en_US"
        template = self.level_1.mail_template_id.sudo()
        template.with_context(lang="de_DE").subject = "Erinnerung #REF#"
        german = self.create_due_invoice("2026-03-01", 1234.5)
        self.create_due_invoice("2026-03-01", partner=self.partner_b)
        reminders = self.queue("2026-03-10")
        ours = reminders.filtered(lambda r: r.partner_id == self.partner_a)
        self.assertEqual(ours.lang, "de_DE")
        self.assertEqual(ours.subject, f"Erinnerung {german.name}")
        self.assertIn("01.03.2026", ours.body_html)
        self.assertIn("1.234,50", ours.body_html)
        other = reminders - ours
        self.assertEqual(other.lang, "en_US")
        self.assertIn("03/01/2026", other.body_html)

    def test_a_language_that_is_not_installed_falls_back(self):
        self.env["res.lang"]._activate_lang("de_DE")
        partner = self.partner_a
        self.env.cr.execute("UPDATE res_partner SET lang = 'de_CH' WHERE id = %s", [partner.id])
        partner.invalidate_recordset(["lang"])
        self.assertEqual(partner._dunning_get_lang(partner, self.company), "de_DE")
        self.env.cr.execute("UPDATE res_partner SET lang = 'vi_VN' WHERE id = %s", [partner.id])
        partner.invalidate_recordset(["lang"])
        self.company.partner_id.lang = "en_US"
        self.assertEqual(partner._dunning_get_lang(partner, self.company), "en_US")

    def test_d5_sender_is_a_user_with_the_right_else_the_company(self):
        self.company.email = "office@company.example"
        clerk = self.create_user("sending_clerk", "dunning_group_user")
        clerk.email = "clerk@company.example"
        plain = self.create_user("plain_clerk")
        self.program.sender = "salesperson"
        self.create_due_invoice("2026-03-01", invoice_user_id=clerk.id)
        self.create_due_invoice("2026-03-01", partner=self.partner_b, invoice_user_id=plain.id)
        first, second = self.queue("2026-03-10").sorted("id")
        self.assertEqual(first.user_id, clerk)
        self.assertEqual(first.mail_id.email_from, clerk.email_formatted)
        self.assertEqual(first.mail_id.create_uid, clerk)
        self.assertFalse(second.user_id)
        self.assertEqual(second.mail_id.email_from, self.company.email_formatted)

    # === EFFECT (RULE 11) === #

    def test_rule_11_a_level_becomes_effective_when_the_message_left(self):
        tag = self.env["account.move.tag"].create({"name": "Reminded once"})
        self.level_1.tag_id = tag
        move = self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10")
        self.assertEqual(reminder.state, "queued")
        self.assertEqual(move.dunning_level, 0)
        self.send(reminder, "2026-03-11")
        self.assertEqual(reminder.state, "sent")
        line = self.due_line_of(move)
        self.assertEqual((line.dunning_level, str(line.dunning_last_date)), (1, "2026-03-11"))
        self.assertEqual(move.dunning_level, 1)
        self.assertEqual(str(move.dunning_last_date), "2026-03-11")
        self.assertEqual(str(move.dunning_next_date), "2026-03-18")
        self.assertEqual(move.tag_ids, tag)

    def test_d4_a_notice_counts_nothing(self):
        self.notice.tag_id = self.env["account.move.tag"].create({"name": "Noticed"})
        move = self.create_due_invoice("2026-03-12")
        run = self.execute("2026-03-09")
        self.assertEqual(run.reminder_ids.state, "sent")
        self.assertEqual(run.reminder_ids.level_id, self.notice)
        self.assertFalse(move.tag_ids)
        self.assertEqual(move.dunning_level, 0)
        self.assertFalse(move.dunning_last_date)
        self.assertEqual(self.decisions(self.execute("2026-03-12"))[move.name][0], "skip")

    def test_d14_a_plain_mailing_leaves_the_level(self):
        tag = self.env["account.move.tag"].create({"name": "Mailed"})
        self.level_1.write({"counts": False, "tag_id": tag.id})
        move = self.create_due_invoice("2026-03-01")
        run = self.execute("2026-03-10")
        self.assertEqual(run.reminder_ids.state, "sent")
        self.assertEqual((move.dunning_level, move.dunning_last_date), (0, False))
        self.assertFalse(move.tag_ids)

    def test_a_level_added_below_lets_none_repeat_again(self):
        self.level_1.write({"repeat_every": 3, "repeat_max": 1})
        self.company.dunning_contact_gap = 0
        move = self.create_due_invoice("2026-03-01")
        sent = [
            (day, line.level_id, line.repeat)
            for day in ("2026-03-06", "2026-03-09", "2026-03-16")
            for line in self.execute(day).reminder_ids.line_ids
        ]
        self.assertEqual(
            sent,
            [
                ("2026-03-06", self.level_1, 0),
                ("2026-03-09", self.level_1, 1),
                ("2026-03-16", self.level_2, 0),
            ],
        )
        self.program.level_ids = [Command.create({"name": "Nudge", "days": 1})]
        # the number of the level got last is that of the one before it now
        self.assertEqual((move.dunning_level, self.level_1.number), (2, 2))
        self.assertEqual(
            self.decisions(self.execute("2026-03-21"))[move.name],
            ("skip", "not_due_yet", self.level_3.name),
        )

    def test_a_level_repeats_as_often_as_it_may(self):
        self.level_3.write({"repeat_every": 10, "repeat_max": 2, "gap": 5})
        self.company.dunning_contact_gap = 0
        move = self.create_due_invoice("2026-01-20", invoice_date="2026-01-05")
        sent = {}
        for day in (
            "2026-02-20",
            "2026-03-01",
            "2026-03-15",
            "2026-03-25",
            "2026-04-04",
            "2026-04-20",
        ):
            for line in self.execute(day).reminder_ids.line_ids:
                sent[day] = (line.level_number, line.repeat)
        self.assertEqual(
            sent,
            {
                "2026-02-20": (1, 0),
                "2026-03-01": (2, 0),
                "2026-03-15": (3, 0),
                "2026-03-25": (3, 1),
                "2026-04-04": (3, 2),
            },
        )
        self.assertEqual(move.dunning_level, 3)

    # === NOT DELIVERED === #

    def test_no_address_is_shown_and_holds_the_next_rung(self):
        self.partner_a.email = False
        move = self.create_due_invoice("2026-03-01")
        reminder = self.execute("2026-03-10").reminder_ids
        self.assertEqual(reminder.state, "undeliverable")
        self.assertEqual(reminder.failure_reason, "Acme has no e-mail address.")
        self.assertEqual(move.dunning_level, 0)
        later = self.execute("2026-04-10")
        self.assertEqual(self.decisions(later)[move.name][:2], ("skip", "undelivered"))
        self.partner_a.email = "new@customer.example"
        with self.mock_mail_gateway():
            reminder.action_send_again()
        self.assertEqual(reminder.state, "sent")
        self.assertEqual(reminder.email_to, '"Acme" <new@customer.example>')
        self.assertEqual(move.dunning_level, 1)
        self.assertEqual(len(reminder.line_ids), 1)

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_a_refused_mail_comes_back_as_failed(self):
        move = self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10")
        refusal = ValueError("The server refused the message")
        with (
            self.mock_mail_gateway(),
            patch.object(self.registry["ir.mail_server"], "send_email", side_effect=refusal),
        ):
            reminder._send_queued(date(2026, 3, 10))
        self.assertEqual(reminder.state, "failed")
        self.assertIn("refused", reminder.failure_reason)
        self.assertEqual(move.dunning_level, 0)

    def test_counted_as_sent_by_a_person(self):
        self.partner_a.email = False
        move = self.create_due_invoice("2026-03-01")
        reminder = self.execute("2026-03-10").reminder_ids
        reminder.action_mark_sent()
        self.assertEqual(reminder.state, "sent")
        self.assertEqual(move.dunning_level, 1)

    def test_a_bounce_takes_the_effect_back(self):
        move = self.create_due_invoice("2026-03-01")
        reminder = self.execute("2026-03-10").reminder_ids
        self.assertEqual(move.dunning_level, 1)
        reminder._message_receive_bounce("acme@customer.example", self.partner_a)
        self.assertEqual(reminder.state, "undeliverable")
        self.assertEqual(reminder.failure_reason, "The message to acme@customer.example bounced.")
        self.assertEqual(move.dunning_level, 0)
        self.assertFalse(move.dunning_last_date)
        self.assertEqual(reminder.run_id.activity_ids.summary, "Reminders were not delivered")

    def test_rule_11_an_older_one_that_comes_back_late_holds_what_comes_next(self):
        move = self.create_due_invoice("2026-03-01")
        older = self.execute("2026-03-10").reminder_ids
        newer = self.execute("2026-03-25").reminder_ids
        self.assertEqual((newer.state, move.dunning_level), ("sent", 2))
        older._message_receive_bounce("acme@customer.example", self.partner_a)
        self.assertEqual((older.state, newer.state), ("undeliverable", "sent"))
        self.assertEqual((move.dunning_level, str(move.dunning_last_date)), (2, "2026-03-25"))
        later = self.execute("2026-04-20")
        self.assertEqual(self.decisions(later)[move.name][:2], ("skip", "undelivered"))
        older.action_mark_sent()
        self.assertEqual(move.dunning_level, 2)
        later = self.execute("2026-04-20")
        self.assertNotEqual(self.decisions(later)[move.name][1], "undelivered")

    def test_letters_and_calls_wait_for_a_person(self):
        self.level_1.channel = "letter"
        move = self.create_due_invoice("2026-03-01")
        reminder = self.execute("2026-03-10").reminder_ids
        self.assertEqual(reminder.state, "draft")
        self.assertEqual(reminder.activity_ids.summary, "Print the reminder and send it by post")
        self.assertEqual(move.dunning_level, 0)
        reminder.action_mark_sent()
        self.assertEqual(move.dunning_level, 1)
        self.assertFalse(reminder.activity_ids)

    # === ONCE (RULE 2) AND BACK === #

    def test_rule_2_the_database_refuses_a_second_effective_reminder(self):
        self.create_due_invoice("2026-03-01")
        reminder = self.execute("2026-03-10").reminder_ids
        second = reminder.sudo().create(
            {
                "company_id": self.company.id,
                "partner_id": self.partner_a.id,
                "date": "2026-03-11",
                "state": "queued",
            }
        )
        values = reminder.sudo().line_ids.copy_data({"reminder_id": second.id})
        with self.assertRaises(psycopg2.IntegrityError), mute_logger("odoo.sql_db"):
            second.line_ids.create(values)
            self.env.flush_all()

    def test_rule_2_test_and_cancelled_ones_do_not_count(self):
        self.create_due_invoice("2026-03-01")
        first = self.queue("2026-03-10")
        first.action_cancel()
        self.assertEqual(first.state, "cancelled")
        second = self.queue("2026-03-10")
        second.action_cancel()
        self.env.flush_all()
        self.assertEqual((first | second).line_ids.mapped("state"), ["cancelled", "cancelled"])

    def test_taking_back_opens_the_level_again(self):
        self.company.dunning_contact_gap = 0
        move = self.create_due_invoice("2026-03-01")
        first = self.execute("2026-03-06").reminder_ids
        second = self.execute("2026-03-16").reminder_ids
        self.assertEqual(move.dunning_level, 2)
        second.action_cancel()
        self.assertEqual(second.state, "reversed")
        self.assertEqual((move.dunning_level, str(move.dunning_last_date)), (1, "2026-03-06"))
        first.action_cancel()
        self.assertEqual((move.dunning_level, move.dunning_last_date), (0, False))
        again = self.execute("2026-03-16").reminder_ids
        self.assertEqual(again.level_id, self.level_1)

    def test_rule_9_after_posting_again_level_and_date_follow_the_due_date(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 10}),
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 40}),
                ],
            }
        )
        move = self._create_invoice_one_line(
            price_unit=100.0,
            tax_ids=[],
            partner_id=self.partner_a,
            invoice_date="2026-02-01",
            invoice_payment_term_id=term.id,
            post=True,
        )
        move.is_move_sent = True
        self.execute("2026-02-20")
        lines = self.due_line_of(move)
        self.assertEqual(
            {str(line.date_maturity): line.dunning_level for line in lines},
            {"2026-02-11": 1, "2026-03-13": 0},
        )
        late = term.copy({"name": "Later halves"})
        late.line_ids[0].nb_days = 60
        move.button_draft()
        move.invoice_payment_term_id = late
        move.action_post()
        self.assertEqual(
            {str(line.date_maturity): line.dunning_level for line in self.due_line_of(move)},
            {"2026-03-13": 0, "2026-04-02": 0},
        )

    def test_rule_9_a_due_date_that_stays_keeps_its_level(self):
        move = self.create_due_invoice("2026-03-01")
        self.execute("2026-03-10")
        move.button_draft()
        move.action_post()
        line = self.due_line_of(move)
        self.assertEqual((line.dunning_level, str(line.dunning_last_date)), (1, "2026-03-10"))
        move.button_draft()
        move.invoice_date_due = "2026-03-20"
        move.action_post()
        line = self.due_line_of(move)
        self.assertEqual((line.dunning_level, str(line.date_maturity)), (1, "2026-03-20"))
        history = self.env["dunning.reminder.line"].search([("move_id", "=", move.id)])
        self.assertEqual(history.move_line_id, line)

    def test_rule_9_swapped_instalments_swap_their_levels_back(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Thirds",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 30, "nb_days": 10}),
                    Command.create({"value": "percent", "value_amount": 70, "nb_days": 40}),
                ],
            }
        )
        move = self._create_invoice_one_line(
            price_unit=100.0,
            tax_ids=[],
            partner_id=self.partner_a,
            invoice_date="2026-02-01",
            invoice_payment_term_id=term.id,
            post=True,
        )
        move.is_move_sent = True
        self.execute("2026-02-20")
        move.button_draft()
        first, second = self.due_line_of(move).sorted("date_maturity")
        first.date_maturity, second.date_maturity = "2026-03-13", "2026-02-11"
        move._dunning_follow_due_dates()
        self.assertEqual((first.dunning_level, second.dunning_level), (0, 1))
        history = self.env["dunning.reminder.line"].search([("move_id", "=", move.id)])
        self.assertEqual(history.move_line_id, second)

    # === RIGHTS === #

    def test_users_act_by_buttons_and_never_write(self):
        self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10")
        clerk = self.create_user("reminder_clerk", "dunning_group_user")
        mine = reminder.with_user(clerk)
        with self.assertRaises(AccessError):
            mine.write({"state": "sent"})
        with self.assertRaises(UserError):
            mine.action_send_again()
        mine.action_cancel()
        self.assertEqual(reminder.state, "cancelled")
        employee = self.create_user("reminder_employee")
        with self.assertRaises(AccessError):
            reminder.with_user(employee).action_cancel()

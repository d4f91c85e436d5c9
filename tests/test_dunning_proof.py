import json

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import DunningMailCommon

FORGED = "<p>You owe 1,000,000.00</p>"


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestDunningProof(DunningMailCommon):
    """What left rests where nobody writes (design rule 14)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = cls.create_user("proof_clerk", "dunning_group_user")
        cls.clerk.sudo().write({"name": "Clerk", "email": "clerk@brightwater.example"})
        cls.company.email = "billing@brightwater.example"
        cls.partner_a.email = "customer@customer.example"
        cls.program.write({"sender": "user", "sender_user_id": cls.clerk.id})
        cls.move = cls.create_due_invoice("2026-03-01", 100.0)

    def remind(self):
        return self.execute("2026-03-10").reminder_ids

    def enclose(self):
        """Let the level enclose the invoice as it was sent; return its PDF."""
        self.level_1.attach_invoices = True
        return self.env["ir.attachment"].create(
            {
                "name": "INV.pdf",
                "raw": b"%PDF-1.4 as it was sent",
                "mimetype": "application/pdf",
                "res_model": "account.move",
                "res_id": self.move.id,
                "res_field": "invoice_pdf_report_file",
            }
        )

    def test_rule_14_what_left_is_kept_with_its_seal(self):
        pdf = self.enclose()
        reminder = self.remind()
        self.assertEqual(reminder.proof_subject, reminder.mail_id.subject)
        self.assertEqual(reminder.proof_from, '"Clerk" <clerk@brightwater.example>')
        self.assertEqual(reminder.proof_to, '"partner_a" <customer@customer.example>')
        self.assertEqual(str(reminder.proof_date), "2026-03-10 10:00:00")
        self.assertEqual(reminder.proof_body, reminder.mail_id.body_html)
        self.assertIn(self.move.name, reminder.body_html)
        self.assertEqual(
            reminder.proof_files, [{"id": pdf.id, "name": "INV.pdf", "checksum": pdf.checksum}]
        )
        self.assertRegex(reminder.proof_hash, r"^[0-9a-f]{64}$")
        self.assertFalse(reminder.proof_problem)
        self.assertEqual(reminder.proof_file_names, "INV.pdf")
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(reminder.proof_problem)

    def test_the_sender_rewrites_his_message_and_the_proof_stays(self):
        reminder = self.remind()
        body, seal = reminder.body_html, reminder.proof_hash
        self.assertNotIn("1,000,000", body)
        message = reminder.mail_message_id.with_user(self.clerk)
        for vals in (
            {"body": FORGED},
            {"date": "2026-01-05 08:00:00"},
            {"email_from": "ceo@brightwater.example"},
            {"subject": "Last warning"},
        ):
            with self.subTest(vals), self.env.cr.savepoint() as savepoint:
                message.write(vals)
                self.env.flush_all()
                self.env.invalidate_all()
                self.assertEqual((reminder.body_html, reminder.proof_hash), (body, seal))
                self.assertEqual(
                    reminder.proof_problem,
                    "The message in the chatter was changed or deleted since it left.",
                )
                savepoint.rollback()
            self.env.invalidate_all()
        message.sudo().unlink()
        self.assertEqual(reminder.body_html, body)
        self.assertIn("changed or deleted", reminder.proof_problem)

    def test_what_is_kept_is_what_left_not_what_was_queued(self):
        reminder = self.queue("2026-03-10")
        reminder.mail_message_id.with_user(self.clerk).subject = "Changed while it waited"
        self.send(reminder, "2026-03-10")
        self.assertEqual(self._mails[0]["subject"], "Changed while it waited")
        self.assertEqual(reminder.proof_subject, "Changed while it waited")

    def test_nobody_writes_the_proof(self):
        """Generated over its fields, for a clerk, a manager and an administrator."""
        reminder = self.remind()
        manager = self.create_user("proof_manager", "dunning_group_manager")
        admin = self.create_user("proof_admin", "dunning_group_manager,base.group_system")
        names = [n for n in reminder._fields if n.startswith("proof_")] + ["letter_id"]
        kept = [n for n in names if reminder._fields[n].store]
        self.assertEqual(len(kept), 11)
        for user in (self.clerk, manager, admin):
            for name in kept:
                with self.subTest(user=user.login, field=name), self.assertRaises(AccessError):
                    reminder.with_user(user).write({name: reminder[name] or False})
        self.assertFalse([n for n in kept if reminder._fields[n].copy])

    def test_a_change_in_the_database_is_seen(self):
        """Generated over what is sealed: each value changed behind the back of the ORM."""
        self.enclose()
        reminder = self.remind()
        self.env.flush_all()
        for name in ("proof_subject", "proof_from", "proof_to", "proof_cc", "proof_reply_to"):
            self.assertChangeSeen(reminder, name, "forged")
        self.assertChangeSeen(reminder, "proof_body", FORGED)
        self.assertChangeSeen(reminder, "proof_date", "2026-01-05 08:00:00")
        files = [{**reminder.proof_files[0], "name": "other.pdf"}]
        self.assertChangeSeen(reminder, "proof_files", json.dumps(files))

    def assertChangeSeen(self, reminder, name, value):
        with self.subTest(name), self.env.cr.savepoint() as savepoint:
            self.env.cr.execute(
                f"UPDATE dunning_reminder SET {name} = %s WHERE id = %s", [value, reminder.id]
            )
            self.env.invalidate_all()
            self.assertIn("does not match its checksum", reminder.proof_problem)
            savepoint.rollback()
        self.env.invalidate_all()

    # === ENCLOSURES === #

    def test_an_enclosure_that_was_changed_is_seen_and_not_sent_again(self):
        pdf = self.enclose()
        reminder = self.remind()
        pdf.raw = b"%PDF-1.4 forged"
        reminder.invalidate_recordset()
        self.assertEqual(reminder.proof_problem, "“INV.pdf” was changed or deleted since.")
        with self.assertRaisesRegex(UserError, "INV.pdf was changed or deleted"):
            reminder.with_user(self.clerk).action_send_again()

    def test_an_enclosure_of_a_sent_reminder_is_not_deleted(self):
        pdf = self.enclose()
        self.level_1.attach_statement = True
        other = pdf.copy({"res_field": False})
        reminder = self.remind()
        self.assertEqual(len(reminder.proof_files), 2)
        for file in pdf | reminder.document_ids:
            with self.assertRaisesRegex(UserError, "part of the proof"):
                file.sudo().unlink()
        other.unlink()
        reminder.mail_message_id.sudo().unlink()
        with self.assertRaisesRegex(UserError, "part of the proof"):
            pdf.sudo().unlink()

    # === AGAIN === #

    def test_again_sends_what_left_whatever_the_message_says_now(self):
        pdf = self.enclose()
        reminder = self.remind()
        body, subject = reminder.proof_body, reminder.proof_subject
        reminder.mail_message_id.with_user(self.clerk).write(
            {"body": FORGED, "subject": "Forged", "email_from": "ceo@brightwater.example"}
        )
        reminder.mail_id.sudo().body_html = FORGED
        with self.mock_mail_gateway():
            reminder.with_user(self.clerk).action_send_again()
        mail = self._new_mails[-1]
        self.assertEqual((mail.subject, mail.body_html), (subject, body))
        self.assertEqual(mail.email_from, '"Clerk" <clerk@brightwater.example>')
        self.assertEqual(mail.attachment_ids, pdf)
        reminder.mail_id.sudo().unlink()
        with self.mock_mail_gateway():
            reminder.with_user(self.clerk).action_send_again()
        self.assertEqual(self._new_mails[-1].body_html, body)

    def test_sent_before_copies_were_kept_it_goes_again_as_its_e_mail_is(self):
        reminder = self.remind()
        reminder.sudo().write({"proof_hash": False, "proof_body": False, "proof_files": False})
        self.assertFalse(reminder.proof_problem)
        with self.mock_mail_gateway():
            reminder.with_user(self.clerk).action_send_again()
        self.assertEqual(self._new_mails[-1].body_html, reminder.mail_id.body_html)

    # === LETTERS AND CALLS === #

    def test_a_letter_is_kept_and_printed_again_as_it_went_out(self):
        self.level_1.channel = "letter"
        reminder = self.remind()
        self.assertEqual((reminder.state, reminder.proof_hash), ("draft", False))
        reminder.with_user(self.clerk).action_print()
        self.assertEqual(reminder.state, "sent")
        self.assertEqual([f["id"] for f in reminder.proof_files], reminder.letter_id.ids)
        self.assertIn(self.move.name, reminder.proof_body)
        self.assertIn("partner_a", reminder.proof_to)
        self.assertFalse(reminder.proof_problem)
        letter = reminder.letter_id
        self.level_1.mail_template_id.sudo().body_html = "<p>Another text</p>"
        action = reminder.with_user(self.clerk).action_print()
        self.assertEqual(reminder.letter_id, letter)
        self.assertIn("/web/content/", action["url"])
        with self.assertRaisesRegex(UserError, "part of the proof"):
            letter.sudo().unlink()

    def test_a_letter_printed_after_its_e_mail_is_added(self):
        self.level_1.channel = "email_letter"
        reminder = self.remind()
        seal = reminder.proof_hash
        self.assertFalse(reminder.proof_files)
        reminder.with_user(self.clerk).action_print()
        self.assertEqual([f["id"] for f in reminder.proof_files], reminder.letter_id.ids)
        self.assertNotEqual(reminder.proof_hash, seal)
        self.assertFalse(reminder.proof_problem)

    def test_a_call_counts_even_where_its_level_has_no_text(self):
        self.level_1.channel = "call"
        reminder = self.remind()
        template = self.level_1.mail_template_id.sudo()
        self.env.cr.execute(
            "UPDATE mail_template SET body_html = NULL, model = 'res.users' WHERE id = %s",
            [template.id],
        )
        self.env.invalidate_all()
        reminder.with_user(self.clerk).action_mark_sent()
        self.assertEqual(reminder.state, "sent")
        self.assertTrue(reminder.proof_hash)
        self.assertFalse(reminder.proof_body)

    # === COST === #

    def test_keeping_the_proof_costs_no_query_a_reminder(self):
        def count(number):
            partners = self.env["res.partner"].create(
                [{"name": f"C{n}", "email": f"c{n}@customer.example"} for n in range(number)]
            )
            for partner in partners:
                self.create_due_invoice("2026-03-01", partner=partner)
            reminders = self.queue("2026-03-10").filtered(lambda r: r.partner_id in partners)
            mails = reminders.mail_id
            mails.state = "sent"
            self.env.flush_all()
            self.env.invalidate_all()
            self.env["dunning.outbox"]._warm_up(mails)
            reminders.fetch()
            reminders.mapped("channel"), reminders.recipient_ids, reminders.letter_id
            before = self.env.cr.sql_log_count
            reminders.sudo()._keep_proof()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        self.move.dunning_choice = "never"
        few, many = count(2), count(12)
        self.assertLessEqual(many, few + 1, (few, many))

    def test_a_bounced_one_that_is_sent_again_is_sealed_anew(self):
        reminder = self.remind()
        first = reminder.proof_hash
        reminder.sudo()._set_bounced("It came back.")
        self.partner_a.email = "new@customer.example"
        with self.mock_mail_gateway():
            reminder.with_user(self.clerk).action_send_again()
        self.assertEqual(reminder.state, "sent")
        self.assertNotEqual(reminder.proof_hash, first)
        self.assertEqual(reminder.proof_to, '"partner_a" <new@customer.example>')
        self.assertFalse(reminder.proof_problem)
        self.assertFalse(reminder.line_ids.filtered(lambda line: line.drop_reason))

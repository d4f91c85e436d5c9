import json
from hashlib import sha256

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.models import MAGIC_COLUMNS
from odoo.tests import tagged

from ..models.dunning.message.dunning_reminder_proof_mixin import (
    MESSAGE_FIELDS,
    MORE_MESSAGE_FIELDS,
)
from .common import DunningMailCommon

FORGED = "<p>You owe 1,000,000.00</p>"


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestDunningProof(DunningMailCommon):
    """What left rests where nobody writes (rule 14)."""

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
        copy = reminder.mail_id.attachment_ids
        self.assertNotEqual(copy, pdf)
        self.assertEqual((copy.raw, copy.res_id), (pdf.raw, reminder.id))
        self.assertEqual(
            reminder.proof_files,
            [
                {
                    "id": copy.id,
                    "name": "INV.pdf",
                    "type": "binary",
                    "url": False,
                    "mimetype": "application/pdf",
                    "checksum": sha256(b"%PDF-1.4 as it was sent").hexdigest(),
                }
            ],
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
            {"message_type": "comment"},
            {"subtype_id": self.env.ref("mail.mt_comment").id},
            {"partner_ids": [Command.link(self.partner_b.id)]},
            {"attachment_ids": [Command.create({"name": "evil.pdf", "raw": b"x"})]},
            {"is_internal": not message.is_internal},
        ):
            with self.subTest(vals), self.env.cr.savepoint() as savepoint:
                message.write(vals)
                self.env.flush_all()
                self.env.invalidate_all()
                self.assertEqual((reminder.body_html, reminder.proof_hash), (body, seal))
                self.assertEqual(
                    reminder.proof_problem,
                    "The message in the chatter was changed or deleted after it was sent.",
                )
                savepoint.rollback()
            self.env.invalidate_all()
        self.delete_message(reminder)
        self.assertEqual(reminder.body_html, body)
        self.assertIn("changed or deleted", reminder.proof_problem)

    def test_each_column_of_a_message_is_sealed_or_tells_nothing(self):
        """Generated: the next column of messages that says what left is not forgotten."""
        sealed = {*MESSAGE_FIELDS, *MORE_MESSAGE_FIELDS, "date", "author_id"}
        # answers, marks, delivery and the way it took: what goes on after it left
        harmless = """
            parent_id child_ids reaction_ids pinned_at starred_partner_ids call_history_ids
            notification_ids notified_partner_ids message_link_preview_ids tracking_value_ids
            mail_ids record_alias_domain_id record_company_id mail_activity_type_id message_id
            mail_server_id reply_to_force_new author_guest_id incoming_email_to incoming_email_cc
            outgoing_email_to
        """.split()
        stored = {
            name: field for name, field in self.env["mail.message"]._fields.items() if field.store
        }
        columns = {name for name, field in stored.items() if field._module == "mail"}
        self.assertFalse(columns - sealed - {*harmless, *MAGIC_COLUMNS})
        self.assertFalse(sealed - set(stored))

    def test_a_message_sealed_before_is_compared_by_what_it_was_sealed_by(self):
        reminder = self.remind()
        reminder.sudo().proof_message_hash = reminder._seal_message(MESSAGE_FIELDS)
        self.assertFalse(reminder.proof_problem)
        reminder.mail_message_id.sudo().subject = "Other"
        reminder.invalidate_recordset()
        self.assertIn("message in the chatter", reminder.proof_problem)

    def test_what_is_kept_is_what_left_not_what_was_queued(self):
        reminder = self.queue("2026-03-10")
        reminder.mail_message_id.with_user(self.clerk).subject = "Changed while it waited"
        self.send(reminder, "2026-03-10")
        # the text is written once more when it leaves
        self.assertIn("Payment reminder", self._mails[0]["subject"])
        self.assertEqual(reminder.proof_subject, self._mails[0]["subject"])

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
        """Generated: each column that says what a file is or where its content comes from."""
        forged = {
            "name": "other.pdf",
            "raw": b"%PDF-1.4 forged",
            "db_datas": b"%PDF-1.4 forged",
            "type": "url",
            "url": "https://evil.example/x.pdf",
            "mimetype": "text/html",
        }
        self.move.dunning_choice = "never"
        for location in ("file", "db"):
            self.env["ir.config_parameter"].sudo().set_param("ir_attachment.location", location)
            self.move = self.create_due_invoice(
                "2026-03-01",
                100.0,
                partner=self.env["res.partner"].create(
                    {"name": location, "email": f"{location}@customer.example"}
                ),
            )
            self.enclose()
            reminder = self.remind()
            file = reminder.mail_id.attachment_ids.sudo()
            self.assertEqual(bool(file.store_fname), location == "file")
            for name, value in forged.items():
                if (location, name) == ("file", "db_datas"):
                    # not read there
                    continue
                with self.subTest(name, location=location), self.env.cr.savepoint() as savepoint:
                    self.assertFalse(reminder.proof_problem)
                    file.write({name: value})
                    self.env.flush_all()
                    self.env.invalidate_all()
                    self.assertEqual(
                        reminder.proof_problem, "“INV.pdf” has since been changed or deleted."
                    )
                    with self.assertRaisesRegex(
                        UserError, "changed or deleted since it was sent .INV.pdf"
                    ):
                        reminder.with_user(self.clerk).action_send_again()
                    savepoint.rollback()
                self.env.invalidate_all()

    def test_a_file_kept_before_with_the_checksum_of_odoo_is_compared_by_its_content(self):
        pdf = self.enclose()
        reminder = self.remind()
        kept = [{"id": pdf.id, "name": "INV.pdf", "checksum": pdf.checksum}]
        reminder.sudo().proof_files = kept
        reminder.sudo().proof_hash = reminder._seal(reminder)
        self.assertFalse(reminder.proof_problem)
        checksum = pdf.checksum
        pdf.raw = b"%PDF-1.4 forged"
        self.env.flush_all()
        self.env.cr.execute("UPDATE ir_attachment SET checksum = %s", [checksum])
        self.env.invalidate_all()
        self.assertEqual(reminder.proof_problem, "“INV.pdf” has since been changed or deleted.")

    def test_nobody_writes_or_deletes_what_is_enclosed(self):
        self.enclose()
        reminder = self.remind()
        file = reminder.mail_id.attachment_ids
        billing = "account.group_account_manager,dunning_group_manager"
        for user in (
            self.clerk,
            self.create_user("proof_biller", billing),
            self.create_user("proof_system", f"{billing},base.group_system"),
        ):
            for vals in (
                {"raw": b"forged"},
                {"db_datas": b"forged"},
                {"type": "url", "url": "https://evil.example"},
                {"name": "x"},
                {"res_model": "res.partner", "res_id": self.partner_a.id},
            ):
                with self.subTest(user.login, vals=vals), self.assertRaises(AccessError):
                    file.with_user(user).write(vals)
            with self.subTest(user.login), self.assertRaises(UserError):
                file.with_user(user).unlink()

    def test_what_happens_to_the_original_does_not_touch_the_copy(self):
        pdf = self.enclose()
        reminder = self.remind()
        pdf.write({"raw": b"%PDF-1.4 another", "name": "detached.pdf", "res_field": False})
        pdf.unlink()
        reminder.invalidate_recordset()
        self.assertFalse(reminder.proof_problem)
        with self.mock_mail_gateway():
            reminder.with_user(self.clerk).action_send_again()
        self.assertEqual(self._new_mails[-1].attachment_ids.raw, b"%PDF-1.4 as it was sent")

    def test_a_chosen_file_of_another_record_is_enclosed_as_a_copy(self):
        """Also where that record, and its files with it, is deleted later."""
        partner = self.env["res.partner"].create({"name": "Deal"})
        file = self.env["ir.attachment"].create(
            {"name": "deal.pdf", "raw": b"%PDF deal", "res_model": "res.partner"}
        )
        file.res_id = partner.id
        action = self.move.with_user(self.clerk).action_dunning_remind()
        remind = self.env["dunning.remind"].with_user(self.clerk).browse(action["res_id"])
        remind.attachment_ids = [Command.link(file.id)]
        with self.mock_mail_gateway():
            remind.action_remind()
        reminder = self.move.dunning_reminder_line_ids.reminder_id
        self.assertEqual(reminder.state, "sent")
        partner.unlink()
        self.assertFalse(file.exists())
        self.assertEqual(reminder.proof_file_names, "deal.pdf")
        self.assertFalse(reminder.proof_problem)

    def delete_message(self, reminder):
        """Delete it as if long after: in one transaction the database would look for its row."""
        message = reminder.mail_message_id.sudo()
        reminder.sudo().write({"mail_id": False, "mail_message_id": False})
        message.unlink()

    def test_an_enclosure_of_a_sent_reminder_is_not_deleted(self):
        self.enclose()
        self.level_1.attach_statement = True
        reminder = self.remind()
        files = reminder.mail_id.attachment_ids
        self.assertEqual(len(files), 2)
        self.assertLess(reminder.document_ids, files)
        self.delete_message(reminder)
        for state in ("sent", "undeliverable", "reversed", "cancelled"):
            reminder.sudo().state = state
            for file in files:
                with self.subTest(state), self.assertRaisesRegex(UserError, "part of the evidence"):
                    file.sudo().unlink()

    def test_what_came_back_leaves_again_with_what_it_enclosed(self):
        self.enclose()
        self.level_1.attach_statement = True
        reminder = self.remind()
        first = reminder.mail_id.attachment_ids
        reminder.sudo()._set_bounced("It came back.")
        self.assertFalse(reminder.proof_problem)
        with self.mock_mail_gateway():
            reminder.with_user(self.clerk).action_send_again()
        self.assertEqual(reminder.state, "sent")
        again = reminder.mail_id.attachment_ids
        self.assertEqual(sorted(again.mapped("name")), sorted(first.mapped("name")))
        self.assertFalse(reminder.proof_problem)
        self.assertEqual(first.exists(), first)

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
        self.assertEqual(mail.attachment_ids.raw, pdf.raw)
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
        with self.assertRaisesRegex(UserError, "part of the evidence"):
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

    def test_printing_the_letter_seals_no_forgery(self):
        """Whatever is changed, in the database or in a file, before the letter is printed."""
        self.level_1.channel = "email_letter"
        self.enclose()
        reminder = self.remind()
        file = reminder.mail_id.attachment_ids.sudo()
        kept = reminder.proof_files

        def forge(name):
            self.env.cr.execute(
                f"UPDATE dunning_reminder SET {name} = 'forged' WHERE id = %s", [reminder.id]
            )

        for change, said in (
            (lambda: forge("proof_body"), "does not match its checksum"),
            (lambda: forge("proof_to"), "does not match its checksum"),
            (
                lambda: file.write({"raw": b"%PDF-1.4 forged"}),
                "“INV.pdf” has since been changed or deleted",
            ),
            (lambda: file.write({"name": "x.pdf"}), "“INV.pdf” has since been changed or deleted"),
        ):
            with self.subTest(said), self.env.cr.savepoint() as savepoint:
                change()
                self.env.flush_all()
                self.env.invalidate_all()
                self.assertIn(said, reminder.proof_problem)
                reminder.with_user(self.clerk).action_print()
                self.env.flush_all()
                self.env.invalidate_all()
                self.assertIn(said, reminder.proof_problem)
                self.assertEqual(reminder.proof_files[0], kept[0])
                self.assertEqual(reminder.proof_files[1]["id"], reminder.letter_id.id)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_a_forged_letter_is_made_again_and_stays_noted(self):
        self.level_1.channel = "letter"
        reminder = self.remind()
        reminder.with_user(self.clerk).action_print()
        first = reminder.letter_id
        first.sudo().raw = b"%PDF forged"
        self.env.invalidate_all()
        reminder.with_user(self.clerk).action_print()
        self.assertNotEqual(reminder.letter_id, first)
        self.assertEqual([f["id"] for f in reminder.proof_files], [first.id, reminder.letter_id.id])
        self.assertIn("has since been changed or deleted", reminder.proof_problem)

    def test_a_call_counts_even_where_its_level_has_no_text(self):
        self.level_1.channel = "call"
        reminder = self.remind()
        template = self.level_1.mail_template_id.sudo()
        self.env.cr.execute(
            "UPDATE mail_template SET body_html = NULL, model = 'res.users' WHERE id = %s",
            [template.id],
        )
        self.env.invalidate_all()
        calls = self.env["dunning.call"].with_user(self.clerk)
        calls.create({"partner_id": reminder.partner_id.id, "outcome": "reached"})
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
            mails._dunning_prefetch()
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

from datetime import date
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .smtp_case import DunningSmtpCase

DAY = date(2026, 3, 10)
MODULE = "account_recurrence_dunning"
LOGGER = "odoo.addons.account_recurrence_dunning.models"


@tagged("post_install", "-at_install")
class TestDunningMailAbout(DunningSmtpCase):
    """Only what repeats a reminder is a repetition: every other mail about it is mail."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls.create_user("about_colleague", "dunning_group_manager")
        cls.colleague.write({"email": "colleague@us.example", "notification_type": "email"})
        cls.move = cls.create_due_invoice("2026-03-01")

    def send_reminder(self):
        reminder = self.env["dunning.run"]._execute_for(self.company, DAY).reminder_ids
        reminder._send_queued(DAY)
        self.assertEqual(reminder.state, "sent")
        self.mailbox.messages.clear()
        return reminder

    def run_queue(self, mails):
        """Let Odoo's mail queue send these mails, as far as it takes them."""
        self.env["mail.mail"].sudo().process_email_queue(mails.ids)

    def make_prices(self):
        rise = self.env["recurrence.price.rise"].sudo().create({"company_id": self.company.id})
        notice = self.env["recurrence.price.notice"].sudo()
        return rise, notice.create({"rise_id": rise.id, "partner_id": self.partner_a.id})

    def make_records(self):
        """Return a record of each own model that people write messages about."""
        reminder = self.send_reminder()
        schedule = self.env["recurrence.schedule"].create(
            {
                "name": "Check",
                "company_id": self.company.id,
                "date_start": DAY,
                "rrule_type": "weekly",
            }
        )
        schedule.action_generate()
        end = self.env["dunning.escalation"].sudo()
        line = self.move.line_ids.filtered(lambda ln: ln.account_type == "asset_receivable")
        answer = {
            "company_id": self.company.id,
            "partner_id": self.partner_a.id,
            "kind": "paid",
            "date": DAY,
            "fingerprint": "x",
        }
        records = [
            reminder,
            self.env["dunning.answer"].sudo().create(answer),
            self.env["dunning.statement.schedule"].create({"name": "Monthly"}),
            *self.make_agreements(),
            reminder.run_id,
            self.program,
            schedule,
            schedule.occurrence_ids[:1],
            *self.make_prices(),
            self.env["dunning.block"].create(
                {"move_id": self.move.id, "kind": "other", "date_from": "2026-03-10"}
            ),
            end.create(
                {
                    "company_id": self.company.id,
                    "move_line_id": line.id,
                    "partner_id": self.partner_a.id,
                    "program_id": self.program.id,
                    "date_entered": DAY,
                }
            ),
        ]
        return [record.with_context(mail_notify_force_send=False) for record in records]

    def make_agreements(self):
        """Return the case of a customer, and one of each record of what was said."""
        customer = {"partner_id": self.partner_a.id}
        cases = self.env["dunning.case"].sudo()
        cases._refresh_customers(self.company, self.partner_a)
        return [
            cases.search([("partner_id", "=", self.partner_a.id)]),
            self.env["dunning.promise"].create({**customer, "date": self.company._get_job_today()}),
            self.env["dunning.dispute"].create({**customer, "reason": "amount"}),
            self.env["dunning.call"].create({**customer, "outcome": "reached"}),
            self.env["dunning.plan"].create(customer),
            self.env["dunning.handover"].create({**customer, "agency_id": self.partner_b.id}),
        ]

    def make_mails(self, record):
        """Queue each sort of mail about a record, to one colleague; yield sort and mail."""
        people = self.colleague.partner_id.ids
        record = record.sudo()
        sorts = {
            "mention": lambda: record.message_post(
                body="Please look",
                partner_ids=people,
                message_type="comment",
                subtype_xmlid="mail.mt_note",
            ),
            "answer": lambda: self.answer(record),
            "notice": lambda: record.message_notify(partner_ids=people, subject="Look", body="x"),
        }
        if "activity_ids" in record:
            sorts["activity"] = lambda: record.activity_schedule(
                "mail.mail_activity_data_todo", user_id=self.colleague.id
            )
        mails = self.env["mail.mail"].sudo()
        domain = [("model", "=", record._name), ("res_id", "=", record.id)]
        for sort, make in sorts.items():
            before = mails.search(domain)
            make()
            found = mails.search(domain) - before
            self.assertEqual(found.mapped("state"), ["outgoing"], (record, sort))
            yield sort, found

    def answer(self, record):
        record.message_subscribe(self.colleague.partner_id.ids)
        record.message_post(
            body="We paid",
            author_id=self.partner_a.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        record.message_unsubscribe(self.colleague.partner_id.ids)

    def test_every_own_model_people_write_about_is_tried(self):
        expected = {
            name
            for name, model in self.registry.items()
            if model._original_module == MODULE
            and not model._abstract
            and not model._transient
            and "message_ids" in model._fields
        }
        self.assertEqual({record._name for record in self.make_records()}, expected)

    def test_each_sort_of_mail_about_each_own_record_leaves_once(self):
        for record in self.make_records():
            for sort, mail in self.make_mails(record):
                with self.subTest(model=record._name, sort=sort), self.assertNoLogs(LOGGER):
                    self.mailbox.messages.clear()
                    mail.send()
                    self.run_queue(mail)
                    to = [address for address, _message in self.mailbox.messages]
                    self.assertEqual(to, [["colleague@us.example"]])
                    self.assertIn(mail.exists().state, (False, "sent"))

    def test_rule_21_a_colleague_is_told_while_dunning_is_off(self):
        reminder = self.send_reminder().with_context(mail_notify_force_send=False)
        _sort, mail = next(self.make_mails(reminder))
        self.company.dunning_active = False
        mail.send()
        self.assertEqual(len(self.mailbox.messages), 1)

    def test_rule_16_a_copy_of_the_database_keeps_all_of_them(self):
        self.company.action_dunning_confirm_move()
        made = [mail for record in self.make_records() for _sort, mail in self.make_mails(record)]
        self.company.sudo().dunning_home = "elsewhere@somewhere"
        for mail in made:
            mail.send()
            self.assertEqual(mail.state, "outgoing")
        self.assertFalse(self.mailbox.messages)

    # === SENT ONCE MORE === #

    def wait_with_copy(self):
        """Return a sent reminder with a repetition that its server takes later."""
        reminder = self.send_reminder()
        self.mailbox.answers = {"RCPT": lambda address: "451 4.7.1 Later"}
        with mute_logger("odoo.addons.mail.models.mail_mail"):
            reminder.action_send_again()
        self.mailbox.answers.clear()
        self.assertEqual(reminder.sudo().copy_mail_ids.mapped("state"), ["outgoing"])
        return reminder, reminder.sudo().copy_mail_ids

    def test_rule_2_two_clicks_make_one_copy_while_one_waits(self):
        reminder, copy = self.wait_with_copy()
        reminder.action_send_again()
        self.assertEqual(reminder.sudo().copy_mail_ids, copy)
        self.assertEqual((copy.state, len(self.mailbox.messages)), ("sent", 1))
        reminder.action_send_again()
        self.assertEqual(len(reminder.sudo().copy_mail_ids), 2)
        self.assertEqual(len(self.mailbox.messages), 2)

    def assertNotRepeated(self, reminder, copy, words):
        copy.scheduled_date = False
        self.run_queue(copy)
        self.assertFalse(self.mailbox.messages)
        self.assertEqual((copy.state, reminder.state), ("cancel", "sent"))
        self.assertIn(words, str(reminder.message_ids.mapped("body")))

    def test_rule_8_what_was_paid_meanwhile_is_not_sent_once_more(self):
        reminder, copy = self.wait_with_copy()
        self._register_payment(self.move)
        self.assertNotRepeated(reminder, copy, "paid in the meantime")

    def test_rule_8_what_is_disputed_meanwhile_is_not_sent_once_more(self):
        reminder, copy = self.wait_with_copy()
        self.env["dunning.block"].create(
            {"move_id": self.move.id, "kind": "dispute", "date_from": "2026-03-10"}
        )
        self.assertNotRepeated(reminder, copy, "There is nothing left to remind")
        with self.assertRaisesRegex(UserError, "There is nothing left to remind"):
            reminder.action_send_again()

    def test_a_copy_deleted_once_sent_leaves_once(self):
        reminder, copy = self.wait_with_copy()
        copy.write({"auto_delete": True, "scheduled_date": False})
        with self.assertNoLogs(LOGGER):
            self.run_queue(copy)
            self.run_queue(copy)
        self.assertEqual(len(self.mailbox.messages), 1)
        self.assertFalse(copy.exists())
        self.assertEqual(reminder.state, "sent")

    def test_a_copy_that_breaks_is_not_tried_again_by_itself(self):
        reminder, copy = self.wait_with_copy()
        copy.scheduled_date = False
        outbox = self.registry["mail.mail"]
        with (
            patch.object(outbox, "_dunning_hand_over", side_effect=ValueError("boom")),
            mute_logger("odoo.addons.account_recurrence_dunning.models.common.isolation"),
        ):
            copy.send()
        self.assertEqual(copy.state, "exception")
        self.assertIn("boom", str(reminder.message_ids.mapped("body")))

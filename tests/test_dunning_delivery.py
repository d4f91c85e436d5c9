from datetime import date
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import DunningMailCommon


@tagged("post_install", "-at_install")
class TestDunningDelivery(DunningMailCommon):
    """What did not get through: why, and the ways a person has then (D5, D6, rule 11)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.write({"name": "Acme", "email": "acme@customer.example"})
        cls.partner_b.write({"name": "Bolt", "email": "bolt@customer.example"})
        cls.clerk = cls.create_user("delivery_clerk", "dunning_group_user")
        cls.clerk.email = "clerk@company.example"

    def undeliverable(self):
        """Return a reminder nobody could be found for, as the clerk sees it, and its invoice."""
        self.partner_a.email = False
        move = self.create_due_invoice("2026-03-01")
        reminder = self.execute("2026-03-10").reminder_ids
        self.assertEqual(reminder.state, "undeliverable")
        return reminder.with_user(self.clerk), move

    def open_deliver(self, reminder, **vals):
        action = reminder.action_deliver()
        deliver = self.env["dunning.deliver"].with_user(self.clerk).browse(action["res_id"])
        deliver.write(vals)
        return deliver

    # === ONE BAD RECORD === #

    @mute_logger("odoo.addons.mail.models.mail_render_mixin")
    def test_rule_15_one_message_that_cannot_be_written_fails_alone(self):
        self.create_due_invoice("2026-03-01")
        self.create_due_invoice("2026-03-01", partner=self.partner_b)
        model = self.registry["dunning.reminder"]
        render = model._render_statement

        def fail_for_acme(reminder):
            if reminder.partner_id == self.partner_a:
                raise ValueError("no such figure")
            return render(reminder)

        with patch.object(model, "_render_statement", fail_for_acme):
            reminders = self.execute("2026-03-10").reminder_ids
        bad = reminders.filtered(lambda r: r.partner_id == self.partner_a)
        self.assertEqual((bad.state, (reminders - bad).state), ("failed", "sent"))
        self.assertIn("could not be created", bad.failure_reason)

    def test_rule_15_one_mail_that_cannot_be_stored_fails_alone(self):
        self.create_due_invoice("2026-03-01")
        self.create_due_invoice("2026-03-01", partner=self.partner_b)
        model = self.registry["dunning.reminder"]
        prepare = model._prepare_mail

        def fail_for_acme(reminder, *args, **kwargs):
            if reminder.partner_id == self.partner_a:
                raise KeyError("address")
            return prepare(reminder, *args, **kwargs)

        with patch.object(model, "_prepare_mail", fail_for_acme):
            reminders = self.execute("2026-03-10").reminder_ids
        self.assertEqual(sorted(reminders.mapped("state")), ["failed", "sent"])

    # === SEVERAL AT ONCE === #

    def undeliverable_of_both(self):
        """Return reminders of two customers nobody was found for, as the clerk sees them."""
        (self.partner_a | self.partner_b).email = False
        self.create_due_invoice("2026-03-01")
        self.create_due_invoice("2026-03-01", partner=self.partner_b)
        reminders = self.execute("2026-03-10").reminder_ids
        self.assertEqual(set(reminders.mapped("state")), {"undeliverable"})
        return reminders.with_user(self.clerk)

    def test_one_address_never_gets_the_claims_of_several_customers(self):
        reminders = self.undeliverable_of_both()
        ways = (
            {"way": "address", "email": "acme@customer.example"},
            {"way": "contact", "contact_id": self.partner_a.id},
        )
        self.partner_a.email = "acme@customer.example"
        for vals in ways:
            with self.subTest(vals["way"]), self.assertRaisesRegex(UserError, "several customers"):
                self.open_deliver(reminders, **vals).action_deliver()
        self.assertEqual(set(reminders.mapped("state")), {"undeliverable"})

    def test_letters_of_several_are_made_but_of_those_without_an_address(self):
        reminders = self.undeliverable_of_both()
        self.partner_a.write(
            {"street": "Bay 1", "city": "Ghent", "country_id": self.ref("base.be")}
        )
        self.partner_b.write({"street": False, "street2": False, "city": False, "zip": False})
        answer = self.open_deliver(reminders, way="letter").action_deliver()["params"]
        self.assertEqual(
            answer["message"],
            "Listed under Letters and Calls: 1. No postal address, still not delivered: Bolt",
        )
        self.assertEqual(answer["type"], "warning")
        states = {reminder.partner_id: reminder.state for reminder in reminders}
        self.assertEqual(states, {self.partner_a: "draft", self.partner_b: "undeliverable"})
        left = reminders.filtered(lambda reminder: reminder.partner_id == self.partner_b)
        with self.assertRaisesRegex(UserError, "Bolt"):
            self.open_deliver(left, way="letter").action_deliver()

    # === SENDER (D5) === #

    def test_d5_a_chosen_sender_who_lost_the_right_keeps_the_reminder_unsent(self):
        self.program.write({"sender": "user", "sender_user_id": self.clerk.id})
        move = self.create_due_invoice("2026-03-01")
        group = self.env.ref("account_recurrence_dunning.dunning_group_user")
        self.clerk.sudo().group_ids = [Command.unlink(group.id)]
        reminder = self.execute("2026-03-10").reminder_ids
        self.assertEqual(reminder.state, "failed")
        self.assertIn("is not allowed to send reminders", reminder.failure_reason)
        self.assertFalse(reminder.mail_id)
        self.assertEqual(move.dunning_level, 0)
        self.assertNotSentEmail()
        with self.mock_mail_gateway():
            reminder.action_send_again()
        self.assertEqual(reminder.state, "failed", "still without the right")
        self.clerk.sudo().group_ids = [Command.link(group.id)]
        with self.mock_mail_gateway():
            reminder.action_send_again()
        self.assertEqual(reminder.state, "sent")
        self.assertEqual(reminder.mail_id.email_from, self.clerk.email_formatted)
        self.assertEqual(move.dunning_level, 1)

    def test_d5_an_archived_creator_falls_back_on_the_responsible(self):
        self.program.write({"sender": "creator", "user_id": self.clerk.id})
        self.create_due_invoice("2026-03-01")
        self.env.cr.execute("UPDATE res_users SET active = false WHERE id = %s", [self.env.uid])
        self.env.user.invalidate_recordset(["active"])
        reminder = self.env["dunning.run"].sudo()._execute_for(self.company, date(2026, 3, 10))
        self.assertEqual(reminder.reminder_ids.user_id, self.clerk)

    # === BLACKLIST === #

    def test_d6_a_blacklisted_address_is_warned_about_and_still_written_to(self):
        self.env["mail.blacklist"].sudo()._add("acme@customer.example")
        self.create_due_invoice("2026-03-01")
        self.create_due_invoice("2026-03-01", partner=self.partner_b)
        reminders = self.execute("2026-03-10").reminder_ids
        self.assertEqual(reminders.mapped("state"), ["sent", "sent"])
        warned = reminders.filtered("address_warning")
        self.assertEqual(warned.partner_id, self.partner_a)
        self.assertIn("acme@customer.example is blacklisted", warned.address_warning)

    def test_d6_a_program_may_make_blacklisted_addresses_undeliverable(self):
        self.env["mail.blacklist"].sudo()._add("acme@customer.example")
        self.program.undeliverable_blacklisted = True
        move = self.create_due_invoice("2026-03-01")
        self.create_due_invoice("2026-03-01", partner=self.partner_b)
        reminders = self.execute("2026-03-10").reminder_ids
        held = reminders.filtered(lambda r: r.partner_id == self.partner_a)
        self.assertEqual((held.state, (reminders - held).state), ("undeliverable", "sent"))
        self.assertIn("on the blacklist", held.failure_reason)
        self.assertEqual(move.dunning_level, 0)

    # === NOT DELIVERED === #

    def test_rule_11_to_another_address_for_this_one_alone(self):
        reminder, move = self.undeliverable()
        deliver = self.open_deliver(reminder, way="address", email="not an address")
        with self.assertRaisesRegex(UserError, "valid e-mail"):
            deliver.action_deliver()
        deliver.email = "new@customer.example"
        with self.mock_mail_gateway():
            deliver.action_deliver()
        self.assertEqual(reminder.state, "sent")
        self.assertEqual(self._mails[0]["email_to"], ["new@customer.example"])
        self.assertFalse(self.partner_a.email, "the contact is left alone")
        self.assertEqual(move.dunning_level, 1)

    def test_rule_11_to_another_contact(self):
        reminder, move = self.undeliverable()
        contact = self.env["res.partner"].create(
            {"name": "Desk", "email": "desk@customer.example", "parent_id": self.partner_a.id}
        )
        with self.mock_mail_gateway():
            self.open_deliver(reminder, way="contact", contact_id=contact.id).action_deliver()
        self.assertEqual((reminder.state, reminder.recipient_ids), ("sent", contact))
        self.assertEqual(reminder.email_to, contact.email_formatted)
        self.assertEqual(move.dunning_level, 1)

    def test_rule_11_as_a_call_that_counts_when_it_is_logged(self):
        reminder, move = self.undeliverable()
        self.open_deliver(reminder, way="call").action_deliver()
        self.assertEqual((reminder.state, reminder.channel), ("draft", "call"))
        self.assertEqual(reminder.activity_ids.summary, "Call about open invoices")
        self.assertEqual(move.dunning_level, 0)
        self.env["dunning.call"].create({"partner_id": self.partner_a.id, "outcome": "reached"})
        self.assertEqual((reminder.state, move.dunning_level), ("sent", 1))

    def test_rule_11_as_a_letter(self):
        reminder, move = self.undeliverable()
        self.open_deliver(reminder, way="letter").action_deliver()
        self.assertEqual(
            (reminder.state, reminder.channel, reminder.letter_state),
            ("draft", "letter", "to_print"),
        )
        self.assertEqual(move.dunning_level, 0)

    def test_rule_11_a_letter_whose_address_was_mended_is_printed_again(self):
        self.level_1.channel = "letter"
        self.partner_a.write({"street": False, "city": False})
        move = self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10").with_user(self.clerk)
        self.assertEqual(reminder.state, "undeliverable")
        reminder.action_send_again()
        self.assertEqual(reminder.state, "undeliverable", "there is no address still")
        self.partner_a.write({"street": "1 Main Street", "city": "Springfield"})
        answer = reminder.action_send_again()["params"]
        self.assertEqual(answer["message"], "Listed under Letters and Calls: 1")
        self.assertEqual(
            (reminder.state, reminder.letter_state, reminder.failure_reason, len(reminder.mail_id)),
            ("draft", "to_print", False, 0),
        )
        self.assertEqual(reminder.activity_ids.summary, "Print the reminder and send it by post")
        self.send(self.env["dunning.reminder"], "2026-03-10")
        self.assertEqual((reminder.state, move.dunning_level), ("draft", 0))
        reminder.action_print()
        self.assertEqual((reminder.state, move.dunning_level), ("sent", 1))

    def test_rule_11_a_letter_that_stands_in_the_outbox_counts_when_printed(self):
        self.level_1.channel = "letter"
        move = self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10")
        reminder.sudo()._set_queued()
        reminder.action_print()
        self.assertEqual((reminder.state, move.dunning_level), ("sent", 1))

    def test_d6_whoever_is_written_to_now_is_not_in_copy(self):
        self.partner_a.email = False
        desk = self.env["res.partner"].create(
            {
                "name": "Desk",
                "email": "desk@customer.example",
                "parent_id": self.partner_a.id,
                "dunning_also": True,
            }
        )
        reminder, _move = self.undeliverable()
        self.assertEqual(reminder.cc_ids, desk)
        desk.dunning_preferred = True
        with self.mock_mail_gateway():
            reminder.action_send_again()
        self.assertEqual((reminder.state, reminder.recipient_ids), ("sent", desk))
        self.assertFalse(reminder.cc_ids)

    def test_rule_11_as_a_letter_only_to_a_postal_address(self):
        reminder, _move = self.undeliverable()
        self.partner_a.street = False
        with self.assertRaisesRegex(UserError, "has no postal address for a letter"):
            self.open_deliver(reminder, way="letter").action_deliver()
        self.assertEqual(reminder.state, "undeliverable")
        self.open_deliver(reminder, way="call").action_deliver()
        self.assertEqual(reminder.channel, "call")

    def test_what_left_is_not_sent_another_way(self):
        self.create_due_invoice("2026-03-01")
        reminder = self.execute("2026-03-10").reminder_ids.with_user(self.clerk)
        with self.assertRaisesRegex(UserError, "have not been sent"):
            self.open_deliver(reminder, way="letter").action_deliver()

    def test_delivery_is_for_dunning_users(self):
        reminder, _move = self.undeliverable()
        biller = self.create_user("delivery_biller", "account.group_account_invoice")
        for method in ("action_deliver", "action_print", "action_send_again"):
            with self.assertRaises(AccessError, msg=method):
                getattr(reminder.with_user(biller), method)()

    def test_a_bounce_of_a_copy_takes_nothing_back(self):
        move = self.create_due_invoice("2026-03-01")
        reminder = self.execute("2026-03-10").reminder_ids
        reminder._message_receive_bounce("somebody@else.example", self.env["res.partner"])
        self.assertEqual((reminder.state, move.dunning_level), ("sent", 1))

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_rule_15_an_unreachable_server_is_tried_again_later(self):
        move = self.create_due_invoice("2026-03-01")
        reminder = self.env["dunning.run"]._execute_for(self.company, date(2026, 3, 10))
        reminder = reminder.reminder_ids
        servers = self.registry["ir.mail_server"]
        for attempt in range(1, 6):
            with patch.object(servers, "_connect__", side_effect=OSError("no route to host")):
                reminder._send_queued(date(2026, 3, 10))
            self.assertEqual((reminder.state, reminder.try_count), ("queued", attempt))
            self.assertTrue(reminder.try_after)
            self.assertIn("no route to host", reminder.failure_reason)
        with patch.object(servers, "_connect__", side_effect=OSError("no route to host")):
            reminder._send_queued(date(2026, 3, 10))
        self.assertEqual(reminder.state, "failed")
        with self.mock_mail_gateway():
            reminder.action_send_again()
        self.assertEqual((reminder.state, reminder.try_count, move.dunning_level), ("sent", 0, 1))

    def test_rule_15_one_activity_a_run_for_what_was_not_delivered(self):
        self.program.user_id = self.clerk
        for partner in (self.partner_a, self.partner_b):
            partner.email = False
            self.create_due_invoice("2026-03-01", partner=partner)
        run = self.execute("2026-03-10")
        self.assertEqual(len(run.reminder_ids), 2)
        self.assertEqual(len(run.activity_ids), 1)
        self.assertEqual(run.activity_ids.user_id, self.clerk)
        self.assertEqual(run.activity_ids.summary, "Reminders were not delivered")

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_rule_15_who_reminded_by_hand_is_told_that_it_failed_later(self):
        self.program.user_id = self.env.user
        move = self.create_due_invoice("2026-03-01")
        runs = self.env["dunning.run"].with_user(self.clerk)
        run = runs._execute_for(self.company, date(2026, 3, 10), moves=move).sudo()
        reminder = run.reminder_ids
        self.assertFalse(run.activity_ids)
        servers = self.registry["ir.mail_server"]
        with patch.object(servers, "_connect__", side_effect=OSError("no route to host")):
            for _attempt in range(6):
                reminder._send_queued(date(2026, 3, 10))
        self.assertEqual((reminder.state, run.by_hand), ("failed", True))
        self.assertEqual(run.activity_ids.mapped("user_id"), self.clerk)
        self.assertEqual(run.activity_ids.summary, "Reminders were not delivered")

    def test_queued_reminders_wait_for_the_minutes_of_the_company(self):
        self.company.dunning_send_delay = 30
        self.create_due_invoice("2026-03-01")
        cron = "account_recurrence_dunning.ir_cron_dunning_outbox"
        with freeze_time("2026-03-10 10:00:00"):
            run = self.env["dunning.run"]._execute_for(self.company, date(2026, 3, 10))
        triggers = self.env["ir.cron.trigger"].sudo()
        triggers = triggers.search([("cron_id", "=", self.env.ref(cron).id)])
        self.assertIn("2026-03-10 10:30:00", [str(trigger.call_at) for trigger in triggers])
        for moment, state in (("10:29:00", "queued"), ("10:30:00", "sent")):
            with freeze_time(f"2026-03-10 {moment}"), self.mock_mail_gateway():
                with self.enter_registry_test_mode():
                    self.env.ref(cron).sudo().method_direct_trigger()
            self.env.invalidate_all()
            self.assertEqual(run.reminder_ids.state, state)

    # === AGAIN AND BACK === #

    def test_rule_2_send_again_repeats_the_same_and_leaves_the_level(self):
        move = self.create_due_invoice("2026-03-01")
        reminder = self.execute("2026-03-10").reminder_ids.with_user(self.clerk)
        with self.mock_mail_gateway():
            reminder.action_send_again()
        self.assertEqual(len(self._mails), 1)
        self.assertEqual(self._mails[0]["subject"], reminder.subject)
        self.assertIn(reminder.mail_id.sudo().body_html.strip(), self._mails[0]["body"])
        self.assertEqual(reminder.state, "sent")
        self.assertEqual((move.dunning_level, str(move.dunning_last_date)), (1, "2026-03-10"))
        self.assertEqual(len(move.dunning_reminder_line_ids), 1)
        self._register_payment(move)
        with self.assertRaisesRegex(UserError, "paid in the meantime"):
            reminder.action_send_again()

    def test_rule_2_taken_back_level_date_and_tag_go_back_in_a_new_cycle(self):
        self.company.dunning_contact_gap = 0
        tags = self.env["account.move.tag"].create([{"name": "One"}, {"name": "Two"}])
        self.level_1.tag_id, self.level_2.tag_id = tags
        move = self.create_due_invoice("2026-03-01")
        line = move.line_ids.filtered(lambda ln: ln.account_type == "asset_receivable")
        self.execute("2026-03-06")
        second = self.execute("2026-03-16").reminder_ids
        self.assertEqual((move.dunning_level, move.tag_ids), (2, tags))
        second.with_user(self.clerk).action_cancel()
        self.assertEqual(second.state, "reversed")
        self.assertEqual((move.dunning_level, str(move.dunning_last_date)), (1, "2026-03-06"))
        self.assertEqual(move.tag_ids, tags[0])
        self.assertEqual(line.dunning_cycle, 1)
        self.assertEqual(second.line_ids.cycle, 0, "the history stays")
        again = self.execute("2026-03-17").reminder_ids
        self.assertEqual((again.level_id, again.line_ids.cycle), (self.level_2, 1))
        self.assertEqual((move.dunning_level, move.tag_ids), (2, tags))

    def test_d11_a_tag_that_was_there_before_stays_when_taken_back(self):
        tag = self.env["account.move.tag"].create({"name": "Mine"})
        self.level_1.tag_id = tag
        move = self.create_due_invoice("2026-03-01")
        move.tag_ids = tag
        reminder = self.execute("2026-03-10").reminder_ids
        reminder.action_cancel()
        self.assertEqual(move.tag_ids, tag)

    def test_rule_16_a_copy_of_the_database_sends_nothing_and_says_so(self):
        self.company.action_dunning_confirm_move()
        self.create_due_invoice("2026-03-01")
        run = self.env["dunning.run"]._execute_for(self.company, date(2026, 3, 10))
        reminder = run.reminder_ids
        self.company.sudo().dunning_home = "elsewhere@somewhere"
        with self.mock_mail_gateway():
            reminder._send_queued(date(2026, 3, 10))
        self.assertNotSentEmail()
        self.assertEqual(reminder.state, "queued")
        self.assertIn("may be a copy", reminder.failure_reason)
        self.company.action_dunning_confirm_move()
        with self.mock_mail_gateway():
            reminder._send_queued(date(2026, 3, 10))
        self.assertEqual(reminder.state, "sent")

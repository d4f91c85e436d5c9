from datetime import date

from odoo.tests import freeze_time, tagged

from .test_recurrence_billed_line import BilledLineCase


@freeze_time("2026-01-01 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceOrder(BilledLineCase):
    """R13: the customer's order is known with its end, and files go along where that is ticked."""

    def create_ordered(self, order_until="2026-02-15", ref="PO-4711", **vals):
        schedule = self.create_schedule(
            self.partner_a,
            template={"ref": ref, "invoice_line_ids": [self.line("Hosting", 100.0)]},
            **{
                "invoice_mode": "post",
                "user_id": self.clerk.id,
                "order_until": order_until,
                **vals,
            },
        )
        schedule.with_user(self.clerk).action_generate()
        return schedule

    def get_warnings(self, schedule):
        return schedule.activity_ids.filtered(lambda a: a.summary == "Ask for a new order")

    # === ORDER === #

    def test_r13_responsible_is_warned_once_before_the_order_ends(self):
        self.company.recurrence_ending_days = 30
        schedule = self.create_ordered()
        self.run_on(schedule, date(2026, 1, 15))
        self.assertFalse(self.get_warnings(schedule))
        for day in (date(2026, 1, 16), date(2026, 1, 17)):
            self.run_on(schedule, day)
        warning = self.get_warnings(schedule)
        self.assertEqual(len(warning), 1)
        self.assertEqual(warning.user_id, self.clerk)
        self.assertIn("The order PO-4711 is valid until 02/15/2026.", str(warning.note))
        # done by the person, it does not come back for the same end
        warning.action_feedback()
        self.run_on(schedule, date(2026, 1, 18))
        self.assertFalse(self.get_warnings(schedule))

    def test_r13_new_order_takes_the_warning_back(self):
        self.company.recurrence_ending_days = 30
        schedule = self.create_ordered()
        self.run_on(schedule, date(2026, 1, 20))
        self.assertEqual(len(self.get_warnings(schedule)), 1)
        schedule.with_user(self.clerk).order_until = date(2026, 12, 31)
        self.assertFalse(self.get_warnings(schedule))
        self.run_on(schedule, date(2026, 1, 21))
        self.assertFalse(self.get_warnings(schedule))
        self.run_on(schedule, date(2026, 12, 10))
        self.assertEqual(len(self.get_warnings(schedule)), 1)

    def test_r13_order_that_is_over_is_told_and_billed(self):
        schedule = self.create_ordered(order_until="2026-01-31")
        self.run_on(schedule, date(2026, 1, 1))
        occurrence = self.occurrence_on(schedule, date(2026, 2, 1))
        with freeze_time("2026-02-01 10:00:00"):
            dialogs = self.env["recurrence.occurrence.issue"].with_user(self.clerk)
            dialog = dialogs.create({"occurrence_id": occurrence.id})
            self.assertEqual(
                dialog.order_note,
                "The customer's order is valid until 01/31/2026 only, before the date of this "
                "invoice.",
            )
            schedule.invalidate_recordset(["order_message"])
            self.assertEqual(
                schedule.order_message, "The order PO-4711 was valid until 01/31/2026."
            )
            dialog.action_issue()
        self.assertEqual(occurrence.move_id.ref, "PO-4711")

    def test_r13_same_end_entered_again_is_warned_of_again(self):
        self.company.recurrence_ending_days = 30
        schedule = self.create_ordered()
        self.run_on(schedule, date(2026, 1, 20))
        for until in ("2026-12-31", "2026-02-15"):
            schedule.with_user(self.clerk).order_until = until
        self.run_on(schedule, date(2026, 1, 21))
        self.assertEqual(len(self.get_warnings(schedule)), 1)
        # written as it is, nothing happens
        schedule.order_until = "2026-02-15"
        self.assertEqual(len(self.get_warnings(schedule)), 1)

    def test_r13_recurrence_that_ends_before_its_order_is_not_warned_of(self):
        self.company.recurrence_ending_days = 30
        schedule = self.create_ordered(end_type="end_date", until=date(2026, 2, 1))
        self.run_on(schedule, date(2026, 1, 20))
        self.assertFalse(self.get_warnings(schedule))

    def test_r13_another_responsible_gets_the_warning(self):
        self.company.recurrence_ending_days = 30
        schedule = self.create_ordered()
        self.run_on(schedule, date(2026, 1, 20))
        schedule.user_id = self.env.user
        self.assertEqual(self.get_warnings(schedule).user_id, self.env.user)

    def test_r13_order_does_not_go_to_other_customers(self):
        schedule = self.create_ordered()
        copied = schedule.with_user(self.clerk)._copy_for(self.partner_b, date(2026, 3, 1))
        self.assertFalse(copied.order_until or copied.template_move_id.ref)

    def test_r13_end_of_a_recurrence_takes_the_warning_back(self):
        self.company.recurrence_ending_days = 30
        schedule = self.create_ordered(ref=False)
        self.run_on(schedule, date(2026, 1, 20))
        warning = self.get_warnings(schedule)
        self.assertIn(
            "The customer's order is valid until", str(warning.note).replace("&#39;", "'")
        )
        schedule.with_user(self.clerk).action_finish()
        self.assertFalse(self.get_warnings(schedule))

    # === FILES === #

    def attach(self, schedule, name="Terms.txt", raw=b"Terms of service"):
        return self.env["ir.attachment"].create(
            {
                "name": name,
                "raw": raw,
                "res_model": "account.move",
                "res_id": schedule.template_move_id.id,
            }
        )

    def get_files(self, move):
        domain = [("res_model", "=", "account.move"), ("res_id", "=", move.id)]
        return self.env["ir.attachment"].search([*domain, ("res_field", "=", False)])

    def get_sent(self, move):
        """Return the names of the files that Odoo's dialog would attach to the e-mail."""
        sending = self.env["account.move.send"]
        template = sending._get_default_mail_template_id(move)
        found = sending._get_default_mail_attachments_widget(move, template)
        return [item["name"] for item in found if not item.get("placeholder")]

    def test_r13_files_are_copied_and_sent_where_ticked(self):
        for attach, send, copied, sent in (
            (True, False, ["Terms.txt"], []),
            (True, True, ["Terms.txt"], ["Terms.txt"]),
            (False, True, [], []),
        ):
            with self.subTest(attach=attach, send=send):
                schedule = self.create_ordered(attach_files=attach, send_files=send)
                self.attach(schedule)
                move = self.run_on(schedule, date(2026, 1, 1))
                self.assertEqual(self.get_files(move).mapped("name"), copied)
                self.assertEqual(self.get_sent(move), sent)

    def test_r13_files_reach_the_customer_with_the_mail_alone(self):
        self.partner_a.email = "a@example.com"
        schedule = self.create_ordered(send_files=True)
        self.attach(schedule)
        move = self.run_on(schedule, date(2026, 1, 1))
        sending = self.env["account.move.send"].with_user(self.clerk)
        sending._generate_and_send_invoices(move, sending_methods=["email"])
        mail = self.env["mail.mail"].search([("model", "=", move._name), ("res_id", "=", move.id)])
        self.assertIn("Terms.txt", mail.attachment_ids.mapped("name"))
        documents = move._get_invoice_legal_documents_all()
        self.assertNotIn("Terms.txt", [found["filename"] for found in documents])

    def test_r13_files_of_notes_are_not_sent(self):
        schedule = self.create_ordered(send_files=True)
        self.attach(schedule)
        schedule.template_move_id.message_post(
            body="Our margin", attachments=[("Margin.txt", b"40 %")]
        )
        move = self.run_on(schedule, date(2026, 1, 1))
        self.assertEqual(set(self.get_files(move).mapped("name")), {"Terms.txt", "Margin.txt"})
        self.assertEqual(self.get_sent(move), ["Terms.txt"])

    def test_r13_files_are_those_of_the_day_of_issue(self):
        schedule = self.create_ordered(send_files=True)
        old = self.attach(schedule)
        move = self.run_on(schedule, date(2026, 1, 1))
        old.unlink()
        self.attach(schedule, "Terms 2027.txt", b"New terms")
        self.assertEqual(self.get_sent(move), ["Terms.txt"])

    def test_r13_what_a_person_adds_to_an_invoice_is_not_sent_by_itself(self):
        schedule = self.create_ordered(send_files=True)
        self.attach(schedule)
        move = self.run_on(schedule, date(2026, 1, 1))
        self.env["ir.attachment"].create(
            {
                "name": "Internal.txt",
                "raw": b"Margin 40 %",
                "res_model": "account.move",
                "res_id": move.id,
            }
        )
        self.assertEqual(self.get_sent(move), ["Terms.txt"])
        # of another recurrence the same file does not count
        other = self.create_ordered(send_files=True)
        self.attach(other, "Internal.txt", b"Margin 40 %")
        self.assertEqual(self.get_sent(move), ["Terms.txt"])

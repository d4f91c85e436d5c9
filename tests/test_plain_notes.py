from datetime import date
from pathlib import Path

from markupsafe import Markup

from odoo.tests import tagged

from .common import DunningMailCommon, RecurrenceCommon

ADDON = "account_recurrence_dunning"
EVIL = '<img src=x onerror=alert(1)><a href="http://evil.example">x</a>'


class PlainMixin:
    def assertPlain(self, html):
        """See that a name in a text is shown as it was written and does nothing."""
        self.assertIn("&lt;img src=x", html)
        for part in ("<img src=x", '<a href="http://evil'):
            self.assertNotIn(part, html)


@tagged("post_install", "-at_install")
class TestPlainNotesDunning(PlainMixin, DunningMailCommon):
    """Names and errors in notes and messages are text, whoever wrote them."""

    def test_every_model_with_activities_takes_plain_notes(self):
        for name, model in self.registry.items():
            if model._original_module == ADDON and not model._abstract:
                if issubclass(model, self.registry["mail.activity.mixin"]):
                    with self.subTest(name):
                        self.assertTrue(
                            issubclass(model, self.registry["recurrence.dunning.plain.note.mixin"])
                        )

    def test_no_text_of_others_is_turned_into_links(self):
        for path in (Path(__file__).parent.parent / "models").rglob("*.py"):
            with self.subTest(path.name):
                self.assertNotRegex(path.read_text(), r"plaintext2html\(")

    def test_notes_are_escaped_and_keep_their_lines(self):
        run = self.env["dunning.run"].create({"company_id": self.company.id, "date": "2026-03-10"})
        activity = run.activity_schedule("mail.mail_activity_data_todo", note=f"A\n{EVIL}")
        self.assertPlain(activity.note)
        self.assertIn("A<br>", activity.note)
        html = run.activity_schedule("mail.mail_activity_data_todo", note=Markup("<b>B</b>"))
        self.assertIn("<b>B</b>", html.note)

    def test_a_failed_run(self):
        schedule = self.program.schedule_ids[:1]
        schedule.sudo()._keep_run_error(date(2026, 3, 10), EVIL)
        run = self.env["dunning.run"].search([("state", "=", "failed")], limit=1)
        self.assertPlain(run.activity_ids.note)

    def test_messages_and_bodies(self):
        """What the addon writes on invoice, customer, run and reminder, and in its mails."""
        self.partner_a.write({"name": EVIL, "email": "acme@customer.example"})
        move = self.create_due_invoice("2026-03-01")
        move.button_draft()
        move.name = EVIL
        move.action_post()
        self.program.report_user_ids = self.env.user
        self.env.user.write({"name": f"Clerk {EVIL}", "dunning_notify": "each"})
        self.env["dunning.block"].create(
            {"partner_id": self.partner_a.id, "move_id": move.id, "kind": "other", "reason": EVIL}
        ).action_lift()
        run = self.execute("2026-03-10")
        reminder = run.reminder_ids
        self.assertPlain(reminder.body_html)
        reminder.sudo()._set_bounced(EVIL)
        reminder.sudo()._message_log(body=reminder.failure_reason)
        with self.mock_mail_gateway():
            run.sudo()._send_report()
        bodies = (run | reminder.run_id).message_ids.mapped("body")
        bodies += reminder.message_ids.mapped("body") + move.message_ids.mapped("body")
        bodies += self._new_mails.mapped("body_html")
        self.assertTrue(any("&lt;img" in body for body in bodies))
        for body in bodies:
            for part in ("<img src=x", '<a href="http://evil'):
                self.assertNotIn(part, body)


@tagged("post_install", "-at_install")
class TestPlainNotesRecurrence(PlainMixin, RecurrenceCommon):
    def test_a_failed_date(self):
        schedule = self.create_interaction(name=EVIL)
        schedule.action_generate()
        occurrence = schedule.occurrence_ids.sorted("date")[:1].sudo()
        occurrence._record_error(EVIL)
        activity = occurrence.activity_ids
        self.assertPlain(activity.note)

    def test_what_a_schedule_says_in_its_messages(self):
        schedule = self.create_interaction(name=EVIL)
        schedule.action_generate()
        schedule.action_regenerate()
        schedule.action_pause()
        for body in schedule.message_ids.mapped("body"):
            self.assertNotIn("<img src=x", body)

    def test_a_question_to_the_responsible(self):
        schedule = self.create_interaction()
        schedule.sudo()._ask_responsible("Many dates", EVIL)
        self.assertPlain(schedule.activity_ids.note)

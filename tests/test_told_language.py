import ast
from datetime import date, timedelta
from pathlib import Path

from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import DunningMailCommon, RecurrenceCommon, RecurrenceInvoiceCommon

HOME = Path(__file__).parent.parent
# Values made for a user are given as ``**method(user, …)``; each speaks that user's language.
MADE_FOR_A_USER = {"_prepare_drafts_activity"}


def find_calls(name):
    """Return (place, call) of each call of a method of this name in the addon's code."""
    found = []
    for folder in ("models", "wizard", "controllers", "tools"):
        for path in sorted((HOME / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == name:
                    found.append((f"{path.name}:{node.lineno}", node))
    return found


@tagged("post_install", "-at_install")
class TestToldLanguageDunning(DunningMailCommon):
    """Rule 13: who is told something is told in the language of their own, whoever does it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.french = cls.create_user("told_fr", "dunning_group_manager")
        cls.french.write({"lang": "fr_FR", "email": "fr@company.example"})
        cls.program.write(
            {
                "user_id": cls.french.id,
                "report_user_ids": cls.french.ids,
                "sender": "user",
                "sender_user_id": cls.french.id,
            }
        )
        cls.partner_a.email = "a@customer.example"

    # === EVERY PLACE === #

    def test_what_an_activity_says_is_made_in_the_language_of_its_user(self):
        calls = [
            (place, call)
            for place, call in find_calls("activity_schedule")
            if "super()" not in ast.unparse(call.func)
        ]
        self.assertGreater(len(calls), 8)
        for place, call in calls:
            with self.subTest(place):
                self.assertLessEqual(len(call.args), 1, "what it says is named")
                for keyword in call.keywords:
                    if keyword.arg in ("summary", "note"):
                        is_ready = isinstance(keyword.value, ast.Lambda)
                        # a method that hands on functions: its own calls are looked at below
                        is_ready |= isinstance(keyword.value, ast.Name) and place.startswith(
                            "recurrence_schedule_backlog_mixin.py"
                        )
                        self.assertTrue(is_ready, f"{keyword.arg} is a function of the record")
                    elif keyword.arg is None:
                        self.assertIn(keyword.value.func.attr, MADE_FOR_A_USER)

    def test_questions_of_recurrences_too(self):
        calls = [
            (place, call)
            for place, call in find_calls("_ask_responsible")
            if place.startswith("recurrence_") and len(call.args) == 2
        ]
        self.assertEqual(len(calls), 6)
        for place, call in calls:
            with self.subTest(place):
                for argument in call.args:
                    self.assertIsInstance(argument, ast.Lambda)

    def test_notifications_leave_by_one_door(self):
        places = [place.partition(":")[0] for place, _call in find_calls("message_notify")]
        self.assertEqual(places, ["dunning_user_sender_mixin.py"])

    # === PLAYED === #

    def test_d3_a_run_to_check_and_its_report(self):
        self.create_due_invoice("2026-03-01")
        run = self.program.sudo().with_context(lang=False)._run_for(date(2026, 3, 10))
        self.assertEqual(run.activity_ids.summary, "Contrôler les relances et lancer l'exécution")
        mail = run.sudo()._send_report()
        self.assertTrue(mail.subject.startswith("Exécution de relance: "), mail.subject)
        mail = run.sudo()._send_table(self.french)
        self.assertTrue(mail.subject.startswith("Décisions de relance: "), mail.subject)

    def test_d3_old_bank_data_are_told_in_it(self):
        self.company.dunning_bank_days = 3
        self.company_data["default_journal_bank"].dunning_bank_feed = True
        self.create_due_invoice("2026-03-01")
        run = self.program.sudo()._run_for(date(2026, 3, 10))
        warning = self.company.with_context(lang="fr_FR")._dunning_get_bank_warning(
            date(2026, 3, 10)
        )
        self.assertTrue(warning)
        self.assertNotEqual(warning, self.company._dunning_get_bank_warning(run.date))
        self.assertIn(warning[:20], run.activity_ids.note)

    def test_rule_15_a_failed_run(self):
        schedule = self.program.schedule_ids.sudo()
        schedule.sudo()._keep_run_error(date(2026, 3, 10), "Panne")
        run = self.env["dunning.run"].search([("state", "=", "failed")], limit=1)
        self.assertEqual(run.activity_ids.summary, "L'exécution de relance a échoué")
        self.assertIn("Panne", run.activity_ids.note)

    @mute_logger(
        "odoo.addons.account_recurrence_dunning.models.dunning.run.dunning_program_schedule_job"
    )
    @freeze_time("2026-03-10 08:30:00")
    def test_rule_15_the_error_of_a_planned_run(self):
        self.program.level_ids.mail_template_id = False
        self.create_due_invoice("2026-03-01")
        self.program.mode = "automatic"
        self.partner_a.email = False
        self.program.schedule_ids.sudo()._run_planned(self.env.cr.now())
        reminder = self.env["dunning.reminder"].search([("partner_id", "=", self.partner_a.id)])
        self.assertEqual(reminder.failure_words, "partner_a n'a pas d'adresse e-mail.")

    def test_w1_what_was_not_delivered(self):
        self.partner_a.email = False
        self.create_due_invoice("2026-03-01")
        run = self.execute("2026-03-10")
        self.assertEqual(run.activity_ids.summary, "Des relances n'ont pas été distribuées")
        self.assertIn("Elles attendent sous Non distribuées", run.activity_ids.note)
        reminder = run.reminder_ids
        self.assertEqual(reminder.failure_reason, "partner_a has no e-mail address.")
        french = reminder.with_context(lang="fr_FR")
        self.assertEqual(french.failure_reason, "partner_a n'a pas d'adresse e-mail.")
        self.assertIn(reminder, reminder.search([("failure_reason", "ilike", "no e-mail")]))
        reminder.sudo()._drop("Cancelled by Clara")
        self.assertEqual(french.failure_reason, "Cancelled by Clara")

    def test_rule_20_what_keeps_a_queued_one_back(self):
        self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10").sudo()
        self.env["ir.mail_server"].sudo().search([]).active = False
        self.french.group_ids -= self.env.ref("account_recurrence_dunning.dunning_group_manager")
        reminder._hold_back()
        self.assertEqual((reminder.state, reminder.failure_code), ("failed", "no_sender"))
        self.assertIn("is not allowed to send reminders", reminder.failure_reason)
        french = reminder.with_context(lang="fr_FR").failure_reason
        self.assertNotIn("is not allowed to", french)
        self.assertIn(self.french.name, french)

    def test_d4_letters_and_calls(self):
        for channel, summary in (
            ("letter", "Imprimer la relance et l'envoyer par la poste"),
            ("call", "Appeler au sujet de factures ouvertes"),
        ):
            with self.subTest(channel):
                self.program.level_ids.channel = channel
                partner = self.partner_a.copy({"name": channel, "email": "x@customer.example"})
                self.create_due_invoice("2026-03-01", partner=partner)
                run = self.execute("2026-03-10")
                reminder = run.reminder_ids
                self.assertEqual(reminder.activity_ids.user_id, self.french)
                self.assertEqual(reminder.activity_ids.summary, summary)

    def test_d5_what_left_in_ones_name(self):
        self.french.dunning_notify = "each"
        self.create_due_invoice("2026-03-01")
        run = self.execute("2026-03-10")
        messages = self.env["mail.message"].sudo()
        message = messages.search(
            [("partner_ids", "in", self.french.partner_id.ids), ("model", "=", "dunning.reminder")]
        )
        self.assertEqual(run.reminder_ids.state, "sent")
        self.assertIn("Envoyée en votre nom", message.subject)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 10:00:00")
class TestToldLanguageRecurrence(RecurrenceCommon):
    """The same in the other half."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"].sudo()._activate_lang("fr_FR")
        cls.employee.sudo().lang = "fr_FR"

    def test_rule_15_a_failed_date(self):
        schedule = self.create_interaction()
        schedule.action_generate()
        occurrence = schedule.occurrence_ids.sorted("date")[:1].sudo()
        occurrence._record_error("Panne")
        self.assertTrue(occurrence.activity_ids.summary.startswith("Échec"))

    def test_many_activities_at_once(self):
        schedule = self.create_interaction(
            rrule_type="daily", date_start=date(2026, 3, 2) - timedelta(days=40)
        )
        schedule.action_generate()
        self.run_day(schedule, "2026-03-02")
        self.assertEqual(schedule.activity_ids.summary, "De nombreuses activités à la fois")
        self.assertNotIn("due at the same time", schedule.activity_ids.note)
        self.assertNotIn("due at the same time", schedule.error)

    def test_a_changed_rule(self):
        schedule = self.create_interaction()
        schedule.action_generate()
        schedule.write({"mon": False, "tue": True})
        self.run_day(schedule, "2026-03-02")
        self.assertIn("Règle modifiée", schedule.activity_ids.summary)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 10:00:00")
class TestToldLanguageInvoices(RecurrenceInvoiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.company = cls.company_data["company"]
        cls.clerk = new_test_user(
            cls.env,
            login="told_clerk",
            groups="base.group_user,account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            lang="fr_FR",
        )

    def test_rule_15_an_invoice_that_cannot_be_made(self):
        schedule = self.create_schedule(
            self.partner_a,
            invoice_mode="post",
            user_id=self.clerk.id,
            date_start=date(2026, 3, 1),
        )
        schedule.action_generate()
        self.clerk.group_ids -= self.env.ref("account.group_account_invoice")
        schedule.sudo().with_context(lang=False)._run_due(date(2026, 3, 2))
        occurrence = schedule.occurrence_ids.sorted("date")[:1]
        self.assertEqual(occurrence.state, "failed")
        self.assertTrue(occurrence.activity_ids.summary.startswith("Échec"))
        self.assertNotIn(" is not allowed to ", occurrence.error)
        self.assertIn(occurrence.error[:20], occurrence.activity_ids.note)

    def test_other_taxes(self):
        position = self.env["account.fiscal.position"].create({"name": "Intra"})
        schedule = self.create_schedule(
            self.partner_a,
            invoice_mode="post",
            user_id=self.clerk.id,
            date_start=date(2026, 3, 1),
        )
        schedule.action_generate()
        self.company.recurrence_fiscal_change = "wait"
        self.partner_a.property_account_position_id = position
        schedule.sudo().with_context(lang=False)._run_due(date(2026, 3, 2))
        note = schedule.activity_ids.note
        self.assertIn("Aucune facture n'est émise avant votre décision.", note)
        self.assertNotIn("instead of", note)
        self.assertNotIn("has not been issued", schedule.error)

from datetime import date

from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, tagged

from .common import RecurrenceCommon, RecurrenceInvoiceCommon


class MoveCase:
    """Opens the dialog that moves a date."""

    def open_move(self, occurrence, day):
        action = occurrence.action_open_move()
        dialog = self.env[action["res_model"]].with_context(**action["context"])
        return dialog.create({"date": day, "scope": "following"})


@freeze_time("2026-02-10 10:00:00")
@tagged("post_install", "-at_install")
class TestMoveFollowingInvoices(MoveCase, RecurrenceInvoiceCommon):
    """This and following: never bills a period twice, and says which days nobody bills."""

    def setUp(self):
        super().setUp()
        self.env.company.sudo().recurrence_dunning_tz = "UTC"
        self.schedule = self.create_schedule(self.partner_a, date_start=date(2026, 2, 1))
        self.schedule.action_generate()
        self.march = self.schedule.occurrence_ids.filtered(lambda o: str(o.date) == "2026-03-01")

    def assertRefused(self, occurrence, sentence):
        days = self.schedule.occurrence_ids.mapped("date")
        dialog = self.open_move(occurrence, date(2026, 3, 10))
        self.assertIn(sentence, dialog.following_problem)
        with self.assertRaisesRegex(UserError, sentence):
            dialog.action_confirm()
        self.assertEqual(self.schedule.occurrence_ids.mapped("date"), days)

    def test_rule_3_one_with_a_draft_moves_only_alone(self):
        draft = self.env["recurrence.issuing"]._issue(self.march, "draft")
        self.assertRefused(self.march, "of 03/01/2026 already has an invoice: Draft Invoice")
        self.march.date = date(2026, 3, 10)
        self.assertEqual(str(draft.invoice_date), "2026-03-10")

    def test_rule_3_one_with_a_cancelled_invoice_moves_only_alone(self):
        self.env["recurrence.issuing"]._issue(self.march, "draft").button_cancel()
        self.assertRefused(self.march, "of 03/01/2026 already has an invoice")

    def test_rule_3_one_added_by_hand_moves_only_alone(self):
        added = self.schedule._add_date(date(2026, 3, 12))
        self.assertRefused(added, "of 03/12/2026 was added by hand and is not part of the rule")

    def test_rule_3_following_is_not_offered_then(self):
        added = self.schedule._add_date(date(2026, 3, 12))
        action = added.action_open_move()
        with Form(self.env[action["res_model"]].with_context(**action["context"])) as form:
            self.assertTrue(form._get_modifier("scope", "invisible"))
            form.date = date(2026, 3, 13)
        form.record.action_confirm()
        self.assertEqual(str(added.date), "2026-03-13")

    def test_r6_days_that_nobody_bills_are_told(self):
        message = self.open_move(self.march, date(2026, 3, 10)).following_message
        self.assertIn("The days from 03/01/2026 to 03/09/2026 are not billed.", message)

    def test_r6_what_is_told_is_what_happens(self):
        dialog = self.open_move(self.march, date(2026, 3, 10))
        self.assertIn("Dates removed: 04/01/2026, 05/01/2026, 06/01/2026", dialog.following_message)
        self.assertIn("Dates added: 04/10/2026, 05/10/2026, 06/10/2026", dialog.following_message)
        dialog.action_confirm()
        days = [str(day) for day in self.schedule.occurrence_ids.sorted("date").mapped("date")]
        self.assertEqual(days[:4], ["2026-02-01", "2026-03-10", "2026-04-10", "2026-05-10"])


@freeze_time("2026-03-02 10:00:00")
@tagged("post_install", "-at_install")
class TestMoveFollowingInteractions(MoveCase, RecurrenceCommon):
    """This and following, with several weekdays."""

    def test_r6_dates_of_other_weekdays_that_go_are_told(self):
        schedule = self.create_interaction(
            mon=True, wed=True, fri=True, end_type="end_date", until=date(2026, 3, 31)
        )
        schedule.action_generate()
        dialog = self.open_move(self.occurrence_on(schedule, "2026-03-09"), date(2026, 3, 12))
        self.assertEqual(
            dialog.following_message,
            "Dates removed: 03/11/2026, 03/16/2026, 03/23/2026, 03/30/2026.\n"
            "Dates added: 03/19/2026, 03/26/2026.",
        )
        dialog.action_confirm()
        self.assertFalse(self.occurrence_on(schedule, "2026-03-11"))
        self.assertTrue(self.occurrence_on(schedule, "2026-03-12"))

    def test_r6_nothing_is_told_where_only_one_moves(self):
        schedule = self.create_interaction()
        schedule.action_generate()
        dialog = self.open_move(schedule.occurrence_ids[0], date(2026, 3, 5))
        dialog.scope = "one"
        self.assertFalse(dialog.following_message)

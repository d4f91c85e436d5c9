from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .test_recurrence_issue_many import ADDON, IssueManyCommon


@freeze_time("2026-03-10 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceDraftWaiting(IssueManyCommon):
    """A draft that nobody posted yet stands in *To Issue Today*, and is posted from there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["recurrence.issuing"]._issue(cls.drafted)
        cls.draft = cls.drafted.move_id

    def test_waiting_drafts_are_to_issue_until_posted(self):
        self.assertEqual(self.find_to_issue(), self.asked | self.drafted | self.posted)
        self.assertEqual(self.asked.issue_step, "issue")
        self.assertEqual(self.drafted.issue_step, "draft")
        self.drafted.action_post_draft()
        self.assertEqual((self.draft.state, self.drafted.state), ("posted", "done"))
        self.assertFalse(self.drafted.issue_step)
        self.assertEqual(self.find_to_issue(), self.asked | self.posted)

    def test_steps_of_what_failed_or_is_to_be_issued_anew(self):
        self.posted._record_error("It broke")
        self.assertEqual(self.posted.issue_step, "failed")
        self.draft.button_cancel()
        self.env.invalidate_all()
        self.assertEqual(self.drafted.issue_step, "failed")
        self.assertIn(self.drafted, self.find_to_issue())

    def test_amount_is_that_of_the_draft(self):
        self.draft.invoice_line_ids.price_unit = 200.0
        self.env.invalidate_all()
        self.assertEqual((self.asked.amount_total, self.drafted.amount_total), (115.0, 230.0))
        dates = self.asked | self.drafted
        [[total]] = dates._read_group([("id", "in", dates.ids)], [], ["amount_total:sum"])
        self.assertEqual(total, 345.0)
        self.draft.button_cancel()
        self.env.invalidate_all()
        [[total]] = dates._read_group([("id", "in", dates.ids)], [], ["amount_total:sum"])
        self.assertEqual((self.drafted.amount_total, total), (115.0, 230.0))

    def test_a_draft_follows_its_date_when_it_is_moved(self):
        self.assertEqual(self.draft.invoice_date, self.drafted.date)
        self.drafted.date = "2026-03-17"
        self.assertEqual(str(self.draft.invoice_date), "2026-03-17")
        self.draft.invoice_date = "2026-03-20"  # chosen by a person
        self.drafted.date = "2026-03-18"
        self.assertEqual(str(self.draft.invoice_date), "2026-03-20")

    def test_dialog_leaves_drafts_unless_ticked(self):
        dialog = self.open_dialog(self.asked | self.drafted | self.posted)
        self.assertEqual((dialog.draft_count, dialog.post_drafts), (1, False))
        self.assertEqual((dialog.ready_count, dialog.left_out_count), (2, 0))
        self.assertEqual((dialog.totals, dialog.draft_totals), ("$\xa0230.00", "$\xa0115.00"))
        self.assertEqual(dialog.effects, "Posted: 2")
        action = dialog.action_confirm()
        self.assertEqual(
            action["params"]["message"], "Invoices issued: 2. Drafts that still wait: 1."
        )
        self.assertEqual(self.draft.state, "draft")

    def test_dialog_posts_drafts_if_ticked(self):
        dialog = self.open_dialog(self.asked | self.drafted)
        dialog.post_drafts = True
        self.assertEqual(dialog.ready_count, 2)
        self.assertEqual(dialog.totals, "$\xa0230.00")
        self.assertEqual(dialog.effects, "Posted: 1, Waiting draft posted: 1")
        action = dialog.action_confirm()
        self.assertEqual(action["params"]["message"], "Invoices issued: 2.")
        shown = self.env["account.move"].search(action["params"]["next"]["domain"])
        self.assertEqual(shown, self.asked.move_id | self.draft)
        self.assertEqual(shown.mapped("state"), ["posted", "posted"])

    def test_nothing_but_drafts_is_ticked_at_first(self):
        dialog = self.open_dialog(self.drafted)
        self.assertTrue(dialog.post_drafts)
        self.assertEqual((dialog.ready_count, dialog.effects), (1, "Waiting draft posted: 1"))
        dialog.action_confirm()
        self.assertEqual(self.draft.state, "posted")

    def test_a_draft_that_cannot_be_posted_stops_nobody(self):
        self.draft.invoice_line_ids.unlink()
        dialog = self.open_dialog(self.asked | self.drafted)
        dialog.post_drafts = True
        action = dialog.action_confirm()
        self.assertIn("Invoices issued: 1.", action["params"]["message"])
        self.assertEqual((self.asked.state, self.drafted.state), ("done", "failed"))
        self.assertEqual(self.drafted.issue_step, "draft")
        with self.assertRaises(UserError):
            self.drafted.action_post_draft()

    def test_only_drafts_of_whom_may_post(self):
        with self.assertRaisesRegex(UserError, "no draft to post"):
            self.asked.action_post_draft()
        employee = new_test_user(self.env(su=True), login="no_biller", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.drafted.with_user(employee).action_post_draft()

    def test_buttons_are_those_of_the_step(self):
        for kind in ("list", "kanban"):
            view = self.env.ref(f"{ADDON}.recurrence_occurrence_view_{kind}_issue").sudo()
            buttons = {
                node.get("name"): node.get("invisible")
                for node in etree.fromstring(view.get_combined_arch()).iter("button")
            }
            self.assertIn("issue_step", buttons["action_open_issue"], kind)
            self.assertEqual(buttons["action_post_draft"], "issue_step != 'draft'", kind)


@freeze_time("2026-03-10 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceFutureDate(IssueManyCommon):
    """Who issues an invoice dated after today is warned before."""

    def test_one(self):
        self.asked.date = "2026-03-20"
        model = self.env["recurrence.occurrence.issue"]
        dialog = Form(model.with_context(default_occurrence_id=self.asked.id))
        self.assertTrue(dialog.is_future)
        dialog.invoice_date = "2026-03-10"
        self.assertFalse(dialog.is_future)
        dialog.invoice_date = "2026-03-11"
        self.assertTrue(dialog.is_future)

    def test_many(self):
        self.asked.date = "2026-03-20"
        self.assertEqual(self.open_dialog(self.asked | self.posted).future_count, 1)
        self.assertEqual(self.open_dialog(self.posted).future_count, 0)

    def test_waiting_drafts_count_by_their_own_date(self):
        self.env["recurrence.issuing"]._issue(self.drafted)
        self.drafted.move_id.invoice_date = "2026-03-11"
        dialog = self.open_dialog(self.drafted | self.posted)
        self.assertEqual(dialog.future_count, 0)
        dialog.post_drafts = True
        self.assertEqual(dialog.future_count, 1)


@freeze_time("2026-03-10 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceMoveDialog(IssueManyCommon):
    """The dialog that moves a date opens with it, and tells of what."""

    def test_r9_an_activity_ticked_done_leaves_the_draft_waiting(self):
        self.asked.schedule_id.sudo()._process_due(fields.Date.to_date("2026-03-10"))
        activity = self.asked.activity_id
        draft = self.env["recurrence.issuing"]._issue(self.asked, "draft")
        activity.action_feedback()
        self.assertEqual((self.asked.state, self.asked.issue_step), ("todo", "draft"))
        with self.assertRaisesRegex(UserError, "Post the draft invoice, or skip this date"):
            self.asked.action_done()
        draft.action_post()
        self.assertEqual((self.asked.state, self.asked.issue_step), ("done", False))

    def open_move(self):
        action = self.asked.action_open_move()
        return Form(self.env[action["res_model"]].with_context(**action["context"]))

    def test_opens_with_the_date_and_name(self):
        dialog = self.open_move()
        self.assertEqual(str(dialog.date), "2026-03-10")
        self.assertEqual(dialog.occurrence_id, self.asked)
        self.assertEqual(dialog.target, "invoice")

    def test_same_day_is_no_move(self):
        with self.assertRaisesRegex(UserError, "already planned for this day"):
            self.open_move().save().action_confirm()
        dialog = self.open_move()
        dialog.date = "2026-03-12"
        dialog.save().action_confirm()
        self.assertEqual((str(self.asked.date), self.asked.is_moved), ("2026-03-12", True))

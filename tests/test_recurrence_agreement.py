from datetime import date

from lxml import etree

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools.safe_eval import safe_eval

from .test_recurrence_billed_line import FEBRUARY, JANUARY
from .test_recurrence_notice import NoticeCase

NONE = {"term_number": 0, "renewal": "open", "notice_number": 0}


@freeze_time("2026-01-01 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceAgreement(NoticeCase):
    """R15: the screen says when an agreement ends or is renewed, and until when to decide."""

    def get_reminders(self, schedule):
        return schedule.activity_ids.filtered(lambda a: a.summary == "Decide on the renewal")

    # === TERMS === #

    def test_r15_screen_says_the_last_day_to_give_notice(self):
        schedule = self.create_agreement()
        self.assertEqual(schedule.notice_limit, date(2026, 9, 30))
        self.assertEqual(schedule.term_end, date(2026, 12, 31))
        self.assertFalse(schedule.agreement_end)
        self.assertEqual(
            schedule.agreement_text,
            "Last day to give notice: 09/30/2026. The agreement then ends on 12/31/2026; without "
            "notice it is renewed for 12 months.",
        )

    def test_r15_each_kind_of_renewal_in_words(self):
        for vals, text in (
            (
                {"renewal": "open"},
                "Last day to give notice: 09/30/2026. The agreement then ends on 12/31/2026; "
                "without notice it continues.",
            ),
            ({"renewal": "ask"}, "The agreement ends on 12/31/2026 unless it is renewed."),
            ({"renewal": "end"}, "The agreement ends on 12/31/2026."),
            (
                {"renewal": "open", "term_number": 0, "notice_to": "quarter"},
                "Notice can be given on any day. Given today, the agreement ends on 06/30/2026.",
            ),
            ({"renewal": "open", "term_number": 0, "notice_number": 0}, False),
        ):
            with self.subTest(vals=vals):
                schedule = self.create_agreement(**vals)
                self.assertEqual(schedule.agreement_text, text)

    def test_r15_in_the_language_of_the_user(self):
        self.env["res.lang"]._activate_lang("de_DE")
        schedule = self.create_agreement().with_context(lang="de_DE")
        self.assertIn("12 Monate", schedule.agreement_text)
        self.assertIn("30.09.2026", schedule.agreement_text)

    def test_r15_agreement_that_ends_is_billed_until_then(self):
        for renewal in ("ask", "end"):
            for paid, last in (("pre", date(2026, 3, 1)), ("post", date(2026, 4, 1))):
                with self.subTest(renewal=renewal, paid=paid):
                    schedule = self.create_agreement(
                        term_number=3, renewal=renewal, period_paid=paid
                    )
                    self.assertEqual(schedule.agreement_end, date(2026, 3, 31))
                    self.assertEqual(schedule.last_date, last)
                    self.assertEqual(max(self.get_dates(schedule)), str(last))
                    self.assertIn(last.strftime("%m/%d/%Y"), schedule.rule_summary)

    def test_r15_agreement_that_began_earlier(self):
        schedule = self.create_agreement(agreement_start="2024-07-01")
        self.assertEqual(schedule.term_end, date(2026, 6, 30))
        self.assertEqual(schedule.notice_limit, date(2026, 3, 31))
        # one that must be renewed was renewed until it is billed here
        asked = self.create_agreement(agreement_start="2024-07-01", renewal="ask")
        self.assertEqual(asked.agreement_end, date(2026, 6, 30))

    def test_r15_terms_that_make_no_sense(self):
        for vals, message in (
            ({"term_number": -1}, "between 0 and 999"),
            ({"notice_number": 1000}, "between 0 and 999"),
            ({"agreement_start": "2020-01-01", "renewal": "end"}, "ends on 12/31/2020"),
        ):
            with self.subTest(vals=vals), self.assertRaisesRegex(ValidationError, message):
                with self.env.cr.savepoint():
                    self.create_agreement(**vals)

    def test_r15_longest_terms_reach_the_end_of_the_calendar(self):
        schedule = self.create_agreement(
            **dict.fromkeys(("term_number", "renewal_number", "notice_number"), 999),
            **dict.fromkeys(("term_unit", "renewal_unit", "notice_unit"), "years"),
        )
        # too late for the end of 3024
        self.assertEqual(schedule.term_end, date(4023, 12, 31))
        self.assertTrue(schedule.agreement_text)

    def test_r15_interactions_and_simple_invoices_have_none(self):
        simple = self.create_agreement(term_number=0, renewal="open", notice_number=0)
        self.assertFalse(simple.agreement_text or simple.term_end or simple.notice_limit)
        self.assertFalse(simple.agreement_end or simple.last_date)

    # === FORM === #

    def test_r15_terms_are_composed_in_the_invoice_form(self):
        form = Form(
            self.env["account.move"]
            .with_user(self.clerk)
            .with_context(default_move_type="out_invoice", default_is_recurrence_template=True),
            view="account_recurrence_dunning.recurrence_template_view_form",
        )
        form.partner_id = self.partner_a
        with form.invoice_line_ids.new() as line:
            line.name = "Hosting"
            line.price_unit = 100.0
        form.recurrence_date_start = JANUARY
        form.recurrence_term_number = 6
        form.recurrence_renewal = "end"
        self.assertEqual(form.recurrence_agreement_text, "The agreement ends on 06/30/2026.")
        self.assertIn("06/01/2026", form.recurrence_rule_summary)
        form.recurrence_renewal = "auto"
        form.recurrence_notice_number = 1
        self.assertEqual(
            form.recurrence_agreement_text,
            "Last day to give notice: 05/31/2026. The agreement then ends on 06/30/2026; without "
            "notice it is renewed for 6 months.",
        )
        schedule = form.save().recurrence_schedule_id
        self.assertEqual((schedule.term_number, schedule.renewal), (6, "auto"))
        schedule.action_generate()
        self.assertEqual(schedule.notice_limit, date(2026, 5, 31))

    def test_r15_terms_of_a_kind_are_those_of_what_is_made_from_it(self):
        source = self.create_agreement()
        source.with_user(self.clerk).action_save_as_kind()
        kind = source.kind_id
        self.assertEqual((kind.term_number, kind.notice_number, kind.renewal), (12, 3, "auto"))
        self.assertFalse(kind.agreement_text or kind.term_end)
        copied = kind.with_user(self.clerk)._copy_for(self.partner_b, FEBRUARY)
        copied.action_generate()
        self.assertEqual(copied.notice_limit, date(2026, 10, 31))
        self.assertFalse(copied.agreement_start)

    def test_r15_copies_have_no_notice(self):
        schedule = self.create_agreement(agreement_start="2025-01-01")
        self.give_notice(schedule, reason_id=self.reason)
        copied = schedule.copy()
        self.assertFalse(copied.notice_date or copied.notice_reason_id or copied.agreement_start)
        self.assertEqual(copied.term_number, 12)

    # === RENEWALS === #

    def test_r15_renewed_by_itself_and_noted(self):
        schedule = self.create_agreement()
        self.run_on(schedule, JANUARY)
        before = schedule.message_ids
        with freeze_time("2026-10-01 10:00:00"):
            self.run_on(schedule, date(2026, 10, 1))
        self.assertEqual(schedule.notice_limit, date(2027, 9, 30))
        self.assertEqual(schedule.term_end, date(2027, 12, 31))
        note = (schedule.message_ids - before).filtered(lambda m: "renewed" in str(m.body))
        self.assertEqual(len(note), 1)
        self.assertIn("ends on 12/31/2027 at the earliest", str(note.body))
        # once
        with freeze_time("2026-10-02 10:00:00"):
            self.run_on(schedule, date(2026, 10, 2))
        note = schedule.message_ids.filtered(lambda m: "renewed" in str(m.body))
        self.assertEqual(len(note), 1)

    def test_r15_responsible_is_reminded_once_of_each_renewal(self):
        self.company.recurrence_renewal_days = 14
        schedule = self.create_agreement()
        with freeze_time("2026-09-15 10:00:00"):
            self.run_on(schedule, date(2026, 9, 15))
            self.assertFalse(self.get_reminders(schedule))
        for day in ("2026-09-16", "2026-09-17"):
            with freeze_time(f"{day} 10:00:00"):
                self.run_on(schedule, date.fromisoformat(day))
                reminder = self.get_reminders(schedule)
                self.assertEqual(len(reminder), 1)
        self.assertEqual(reminder.user_id, self.clerk)
        self.assertIn("Last day to give notice: 09/30/2026.", str(reminder.note))
        with freeze_time("2026-09-17 12:00:00"):
            self.assertIn("09/30/2026", schedule.renewal_message)
            reminder.action_feedback()
            self.run_on(schedule, date(2026, 9, 18))
            self.assertFalse(self.get_reminders(schedule))
        # of the next renewal again
        with freeze_time("2027-09-20 10:00:00"):
            schedule.sudo()._follow_agreements(date(2027, 9, 20))
            self.assertFalse(schedule.notice_limit < date(2027, 9, 20))
            schedule.sudo()._follow_agreements(date(2027, 9, 20))
            self.assertEqual(len(self.get_reminders(schedule)), 1)

    def test_r15_notice_takes_the_reminder_back(self):
        schedule = self.create_agreement(term_number=3, notice_number=2)
        self.run_on(schedule, date(2026, 1, 10))
        self.assertEqual(len(self.get_reminders(schedule)), 1)
        self.give_notice(schedule)
        self.assertFalse(self.get_reminders(schedule))
        self.assertFalse(schedule.renewal_message)

    def test_r15_person_renews(self):
        schedule = self.create_agreement(term_number=3, renewal="ask", renewal_number=6)
        for day in (JANUARY, FEBRUARY, date(2026, 3, 1)):
            self.run_on(schedule, day)
        with freeze_time("2026-03-02 10:00:00"):
            self.run_on(schedule, date(2026, 3, 2))
            self.assertEqual(len(self.get_reminders(schedule)), 1)
            self.assertEqual(
                schedule.renewal_message, "The agreement ends on 03/31/2026 unless it is renewed."
            )
            self.assertFalse(self.get_dates(schedule))
            schedule.with_user(self.clerk).action_renew()
        self.assertEqual(schedule.agreement_end, date(2026, 9, 30))
        self.assertEqual(self.get_dates(schedule)[0], "2026-04-01")
        self.assertEqual(max(self.get_dates(schedule)), "2026-09-01")
        self.assertFalse(self.get_reminders(schedule))

    def test_r15_what_nobody_renews_ends_and_can_be_renewed_later(self):
        schedule = self.create_agreement(term_number=1, renewal="ask", renewal_number=0)
        self.run_on(schedule, JANUARY)
        self.run_on(schedule, date(2026, 1, 31))
        self.assertEqual(schedule.state, "running")
        self.run_on(schedule, FEBRUARY)
        self.assertEqual(schedule.state, "finished")
        with freeze_time("2026-02-10 10:00:00"):
            with self.assertRaisesRegex(UserError, "Renew it"), self.env.cr.savepoint():
                schedule.with_user(self.clerk).action_resume()
            schedule.with_user(self.clerk).action_renew()
        self.assertEqual(schedule.state, "running")
        self.assertEqual(schedule.agreement_end, date(2026, 2, 28))

    def test_r15_what_cannot_be_renewed_says_so(self):
        schedule = self.create_agreement()
        with self.assertRaisesRegex(UserError, "does not end unless"):
            schedule.with_user(self.clerk).action_renew()
        asked = self.create_agreement(renewal="ask")
        self.give_notice(asked)
        with self.assertRaisesRegex(UserError, "Withdraw it first"):
            asked.with_user(self.clerk).action_renew()

    def test_r15_filter_finds_what_is_to_be_renewed(self):
        near = self.create_agreement(term_number=1, renewal="auto", notice_number=0)
        asked = self.create_agreement(term_number=1, renewal="ask")
        far = self.create_agreement()
        left = self.create_agreement(term_number=1, renewal="ask")
        self.give_notice(left)
        view = self.env.ref("account_recurrence_dunning.recurrence_schedule_view_search")
        [node] = etree.fromstring(view.arch).xpath("//filter[@name='to_be_renewed']")
        domain = safe_eval(node.get("domain"))
        found = self.env["recurrence.schedule"].search(domain)
        self.assertEqual(found & (near | asked | far | left), near | asked)

    def test_r15_moving_following_dates_keeps_the_end_of_the_agreement(self):
        schedule = self.create_agreement(renewal="end", term_number=6)
        self.assertEqual(max(self.get_dates(schedule)), "2026-06-01")
        february = self.occurrence_on(schedule, FEBRUARY)
        february.with_user(self.clerk)._move_following(date(2026, 2, 10))
        self.assertEqual(schedule.end_type, "forever")
        self.assertEqual(max(self.get_dates(schedule)), "2026-06-10")

    def test_r15_rule_as_text_is_the_one_composed(self):
        schedule = self.create_agreement(renewal="end")
        self.assertEqual(schedule.rrule, "FREQ=MONTHLY;BYMONTHDAY=1")

    def test_r15_changed_terms_ask_for_new_dates(self):
        schedule = self.create_agreement(renewal="end")
        schedule.with_user(self.clerk).term_number = 24
        self.assertTrue(schedule.rule_stale)
        schedule.with_user(self.clerk).action_regenerate()
        self.assertEqual(schedule.last_date, date(2027, 12, 1))
        self.assertFalse(schedule.rule_stale)

    def test_r15_renewed_late_bills_what_was_missed(self):
        schedule = self.create_agreement(term_number=1, renewal="ask", renewal_number=0)
        self.run_on(schedule, JANUARY)
        self.run_on(schedule, FEBRUARY)
        with freeze_time("2026-04-05 10:00:00"):
            schedule.with_user(self.clerk).action_renew()
        # three more months, to reach today
        self.assertEqual(schedule.agreement_end, date(2026, 4, 30))
        self.assertEqual(self.get_dates(schedule), ["2026-02-01", "2026-03-01", "2026-04-01"])

    def test_r15_two_do_not_renew_twice(self):
        schedule = self.create_agreement(term_number=1, renewal="ask", renewal_number=0)
        seen = schedule.with_user(self.clerk).with_context(recurrence_renewed_from="2026-01-31")
        seen.action_renew()
        with self.assertRaisesRegex(UserError, "renewed already"):
            seen.action_renew()
        self.assertEqual(schedule.agreement_end, date(2026, 2, 28))
        # and it is taken back
        schedule.with_user(self.clerk).renewed_until = date(2026, 1, 31)
        schedule.with_user(self.clerk).action_regenerate()
        self.assertEqual(self.get_dates(schedule), ["2026-01-01"])

    def test_r15_withdrawn_after_the_agreement_has_ended_anyway(self):
        schedule = self.create_agreement(term_number=3, renewal="ask")
        self.give_notice(schedule, end_date=date(2026, 2, 28))
        for day in (JANUARY, FEBRUARY, date(2026, 3, 1)):
            self.run_on(schedule, day)
        self.assertEqual(schedule.state, "finished")
        with freeze_time("2026-04-05 10:00:00"):
            schedule.with_user(self.clerk).action_withdraw_notice()
            self.assertEqual(self.get_dates(schedule), ["2026-03-01"])
            schedule.with_user(self.clerk).action_renew()
        self.assertEqual(schedule.agreement_end, date(2027, 3, 31))

    def test_r15_rule_that_is_being_composed_makes_no_error(self):
        schedule = self.create_agreement(term_number=0, renewal="open", notice_to="period")
        form = Form(schedule.with_user(self.clerk))
        form.end_type = "end_date"
        form.interval = 0
        self.assertTrue(form.agreement_text)

    def test_r15_what_is_hidden_says_nothing(self):
        schedule = self.create_agreement(renewal="end", notice_to="quarter")
        schedule.with_user(self.clerk).write({"term_number": 0, "notice_number": 0})
        self.assertFalse(schedule.agreement_end or schedule.agreement_text)
        self.assertEqual(schedule._find_notice_end(date(2026, 2, 3)), date(2026, 2, 3))

    def test_r15_changed_kind_plans_the_dates_of_its_members(self):
        source = self.create_agreement(renewal="end")
        source.with_user(self.clerk).action_save_as_kind()
        kind = source.kind_id
        kind.term_number = 6
        update = self.env["recurrence.kind.update"].with_user(self.clerk)
        dialog = update.create({"kind_id": kind.id})
        dialog.action_preview()
        dialog.row_ids.is_included = True
        dialog.action_confirm()
        self.assertEqual(source.term_number, 6)
        self.assertEqual(max(self.get_dates(source)), "2026-06-01")
        self.assertFalse(source.rule_stale)

    def test_r15_paused_agreement_is_reminded_of_and_renewed(self):
        schedule = self.create_agreement(term_number=3, notice_number=2)
        schedule.with_user(self.clerk).action_pause()
        self.run_on(schedule, date(2026, 1, 20))
        self.assertEqual(len(self.get_reminders(schedule)), 1)
        with freeze_time("2026-02-01 10:00:00"):
            self.run_on(schedule, FEBRUARY)
        self.assertEqual(schedule.term_end, date(2027, 3, 31))

    def test_r15_moving_the_last_date_renews_nothing(self):
        schedule = self.create_agreement(
            term_number=6, renewal="ask", renewal_number=0, period_paid="post"
        )
        last = self.occurrence_on(schedule, date(2026, 7, 1))
        with freeze_time("2026-06-20 10:00:00"):
            last.with_user(self.clerk)._move_following(date(2026, 7, 5))
        self.assertEqual(schedule.agreement_end, date(2026, 6, 30))
        self.assertEqual(max(self.get_dates(schedule)), "2026-07-05")

    def test_r15_notice_before_the_start(self):
        schedule = self.create_agreement(date_start="2026-03-01", term_number=3)
        self.assertEqual(
            (schedule.notice_limit, schedule.term_end), (date(2026, 2, 28), date(2026, 5, 31))
        )
        self.assertIn("02/28/2026", schedule.agreement_text)

from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from .test_recurrence_billed_line import FEBRUARY, JANUARY, MARCH, BilledLineCase

TERMS = {
    "term_number": 12,
    "renewal": "auto",
    "renewal_number": 12,
    "notice_number": 3,
}


class NoticeCase(BilledLineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.env.ref("account_recurrence_dunning.notice_reason_price")

    def create_agreement(self, *lines, **vals):
        lines = lines or (self.line("Hosting", 100.0),)
        schedule = self.create_schedule(
            self.partner_a,
            template={"invoice_line_ids": list(lines)},
            **{"invoice_mode": "post", "user_id": self.clerk.id, **TERMS, **vals},
        )
        schedule.with_user(self.clerk).action_generate()
        return schedule

    def open_notice(self, schedule, **vals):
        form = Form(
            self.env["recurrence.schedule.notice"]
            .with_user(self.clerk)
            .with_context(default_schedule_id=schedule.id)
        )
        for name, value in vals.items():
            form[name] = value
        return form

    def give_notice(self, schedule, **vals):
        """Give notice as the dialog does, and return what it opens."""
        return self.open_notice(schedule, **vals).save().action_confirm()

    def get_dates(self, schedule, *states):
        states = states or ("planned", "todo")
        rows = schedule.occurrence_ids.filtered(lambda o: o.state in states)
        return [str(day) for day in sorted(rows.mapped("rule_date"))]


@freeze_time("2026-01-01 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceNotice(NoticeCase):
    """R15: notice ends the agreement when it should, and tells what is not billed any more."""

    def test_r15_notice_in_time_ends_it_with_the_term(self):
        schedule = self.create_agreement()
        with freeze_time("2026-09-30 10:00:00"):
            form = self.open_notice(schedule)
            self.assertEqual(form.end_date, date(2026, 12, 31))
            self.assertEqual(
                form.last_message,
                "The last invoice is that of 12/01/2026, for 12/01/2026 – 12/31/2026.",
            )
            self.assertFalse(form.early_message)
            form.reason_id = self.reason
            form.remark = "Went to a cheaper one"
            form.save().action_confirm()
        self.assertEqual(schedule.notice_end, date(2026, 12, 31))
        self.assertEqual(schedule.notice_date, date(2026, 9, 30))
        self.assertEqual(schedule.notice_reason_id, self.reason)
        self.assertEqual(max(self.get_dates(schedule)), "2026-12-01")
        self.assertEqual(schedule.last_date, date(2026, 12, 1))
        self.assertEqual(
            schedule.agreement_text,
            "partner_a gave notice on 09/30/2026. The agreement ends on 12/31/2026. "
            "(Too expensive) Went to a cheaper one",
        )
        # the rule as composed stays without an end
        self.assertEqual((schedule.end_type, schedule.rule_stale), ("forever", False))

    def test_r15_notice_a_day_late_ends_it_a_term_later(self):
        schedule = self.create_agreement()
        with freeze_time("2026-10-01 10:00:00"):
            form = self.open_notice(schedule)
            self.assertEqual(form.end_date, date(2027, 12, 31))
            # received in time, entered a day later
            form.date = date(2026, 9, 30)
            self.assertEqual(form.end_date, date(2026, 12, 31))
            # agreed with the customer
            form.end_date = date(2026, 11, 30)
            self.assertEqual(
                form.early_message,
                "Sooner than agreed: notice given on 09/30/2026 ends it on 12/31/2026.",
            )
            form.save().action_confirm()
        self.assertEqual(max(self.get_dates(schedule)), "2026-11-01")

    def test_r15_dates_that_are_not_billed_are_told_before(self):
        schedule = self.create_agreement(term_number=0, renewal="open", notice_number=0)
        with freeze_time("2026-01-15 10:00:00"):
            self.run_on(schedule, JANUARY)
            form = self.open_notice(schedule, end_date=date(2026, 10, 31))
            dropped = form.dropped_ids
            self.assertEqual(
                [(str(o.date), o.amount_total) for o in dropped],
                [("2026-11-01", 115.0), ("2026-12-01", 115.0), ("2027-01-01", 115.0)],
            )
            form.save().action_confirm()
        self.assertEqual(max(self.get_dates(schedule)), "2026-10-01")

    def test_r15_in_arrears_the_last_month_is_billed_after_the_end(self):
        schedule = self.create_agreement(period_paid="post")
        with freeze_time("2026-02-10 10:00:00"):
            self.give_notice(schedule)
        self.assertEqual(schedule.last_date, date(2027, 1, 1))
        last = self.occurrence_on(schedule, date(2027, 1, 1))
        self.assertEqual(
            (last.period_start, last.period_end), (date(2026, 12, 1), date(2026, 12, 31))
        )

    def test_r15_by_days_the_last_invoice_is_for_a_part(self):
        schedule = self.create_agreement(
            proration="days", term_number=0, renewal="open", notice_number=30, notice_unit="days"
        )
        self.run_on(schedule, JANUARY)
        with freeze_time("2026-01-11 10:00:00"):
            form = self.open_notice(schedule)
            # thirty days from the 12th on
            self.assertEqual(form.end_date, date(2026, 2, 10))
            self.assertEqual(
                form.last_message,
                "The last invoice is that of 02/01/2026, for 02/01/2026 – 02/10/2026.",
            )
            form.save().action_confirm()
        february = self.run_on(schedule, FEBRUARY)
        # 10 of 28 days of 100.00
        self.assertEqual(february.amount_untaxed, 35.71)
        self.assertFalse(self.get_dates(schedule))

    def test_r15_agreement_runs_until_its_end_and_is_finished_then(self):
        schedule = self.create_agreement(rrule_type="yearly")
        self.run_on(schedule, JANUARY)
        with freeze_time("2026-02-10 10:00:00"):
            self.give_notice(schedule)
        self.assertFalse(self.get_dates(schedule))
        for day, state in (
            (date(2026, 6, 1), "running"),
            (date(2026, 12, 31), "running"),
            (date(2027, 1, 1), "finished"),
        ):
            self.run_on(schedule, day)
            self.assertEqual(schedule.state, state, day)
        self.assertEqual(len(schedule.invoice_ids), 1)

    def test_r15_what_is_open_after_the_end_goes_with_its_draft(self):
        schedule = self.create_agreement(
            term_number=0, renewal="open", notice_number=0, invoice_mode="draft", lead_days=40
        )
        self.run_on(schedule, JANUARY)
        self.assertEqual(self.get_dates(schedule, "todo"), ["2026-01-01", "2026-02-01"])
        moved = self.occurrence_on(schedule, MARCH)
        moved.with_user(self.clerk).write({"date": date(2026, 3, 5)})
        draft = self.occurrence_on(schedule, FEBRUARY).move_id
        form = self.open_notice(schedule, end_date=date(2026, 1, 31))
        self.assertEqual(len(form.dropped_ids), 12)
        form.save().action_confirm()
        self.assertFalse(self.get_dates(schedule, "planned"))
        self.assertEqual(self.get_dates(schedule, "todo"), ["2026-01-01"])
        self.assertFalse(draft.exists() and draft.state == "draft")
        self.assertEqual(
            set(schedule.occurrence_ids.mapped("skip_reason")),
            {False, "The agreement ends on 01/31/2026 by notice"},
        )
        self.run_on(schedule, date(2026, 4, 1))
        self.assertEqual(len(schedule.invoice_ids.filtered(lambda m: m.state != "cancel")), 1)

    def test_r15_what_was_billed_ahead_is_credited(self):
        schedule = self.create_agreement(
            self.line("Hosting", 1200.0),
            self.line("Setup", 90.0, recurrence_billing="once"),
            rrule_type="yearly",
            proration="days",
            term_number=0,
            renewal="open",
        )
        invoice = self.run_on(schedule, JANUARY)
        self.assertEqual(invoice.amount_untaxed, 1290.0)
        with freeze_time("2026-03-10 10:00:00"):
            form = self.open_notice(schedule)
            # three months from 10 March
            self.assertEqual(form.end_date, date(2026, 6, 10))
            self.assertEqual(
                form.ahead_message,
                "Days after the end have been billed already, from 06/11/2026 on.",
            )
            self.assertTrue(form.can_credit)
            form.with_credit = True
            action = form.save().action_confirm()
        credit = self.env["account.move"].browse(action["res_id"])
        self.assertEqual((credit.move_type, credit.state), ("out_refund", "draft"))
        # 204 of 365 days of 1,200.00; the set-up fee stays
        self.assertEqual(credit.amount_untaxed, 670.68)
        self.assertEqual(self.occurrence_on(schedule, JANUARY).correction_move_ids, credit)

    def test_r15_whole_periods_are_credited_from_the_next_one_on(self):
        schedule = self.create_agreement(term_number=0, renewal="open", notice_number=0)
        for day in (JANUARY, FEBRUARY, MARCH):
            self.run_on(schedule, day)
        with freeze_time("2026-03-02 10:00:00"):
            form = self.open_notice(schedule, end_date=date(2026, 2, 10))
            self.assertEqual(
                form.last_message,
                "The last invoice is that of 02/01/2026, for 02/01/2026 – 02/28/2026. It has "
                "been issued.",
            )
            self.assertEqual(
                form.ahead_message,
                "Days after the end have been billed already, from 03/01/2026 on.",
            )
            form.with_credit = True
            action = form.save().action_confirm()
        self.assertEqual(self.env["account.move"].browse(action["res_id"]).amount_untaxed, 100.0)

    def test_r15_notice_is_withdrawn(self):
        schedule = self.create_agreement()
        self.give_notice(schedule, end_date=date(2026, 3, 31), reason_id=self.reason)
        self.assertEqual(max(self.get_dates(schedule)), "2026-03-01")
        schedule.with_user(self.clerk).action_withdraw_notice()
        self.assertFalse(schedule.notice_date or schedule.notice_reason_id or schedule.notice_end)
        self.assertEqual(max(self.get_dates(schedule)), "2027-01-01")
        self.assertEqual(schedule.agreement_end, False)

    def test_r15_ended_agreement_begins_again_only_when_it_goes_on(self):
        schedule = self.create_agreement()
        self.give_notice(schedule, end_date=date(2026, 1, 31))
        for day in (JANUARY, FEBRUARY):
            self.run_on(schedule, day)
        self.assertEqual(schedule.state, "finished")
        with freeze_time("2026-02-05 10:00:00"):
            with self.assertRaisesRegex(UserError, "ended on 01/31/2026"), self.env.cr.savepoint():
                schedule.with_user(self.clerk).action_resume()
            schedule.with_user(self.clerk).action_withdraw_notice()
        self.assertEqual(schedule.state, "running")
        # what passed in the meantime is billed too
        self.assertEqual(min(self.get_dates(schedule)), "2026-02-01")

    def test_r15_what_cannot_end_says_so(self):
        schedule = self.create_agreement()
        dialog = self.open_notice(schedule, end_date=date(2025, 12, 31))
        self.assertIn("starts on 01/01/2026", dialog.problem)
        clerk = schedule.with_user(self.clerk)
        for vals, message in (
            ({"state": "draft"}, "is not running"),
            ({"state": "finished"}, "is not running"),
            ({"interval": 2}, "Regenerate its dates first"),
        ):
            with self.subTest(message=message), self.assertRaisesRegex(UserError, message):
                with self.env.cr.savepoint():
                    schedule.sudo().write(vals)
                    clerk.action_open_notice()
            schedule.invalidate_recordset()
        self.give_notice(schedule)
        with self.assertRaisesRegex(UserError, "given for .* already"):
            clerk.action_open_notice()

    def test_r15_notice_of_tomorrow_is_refused(self):
        schedule = self.create_agreement()
        dialog = self.open_notice(schedule, date=date(2026, 1, 2)).save()
        with self.assertRaisesRegex(UserError, "still to come"):
            dialog.action_confirm()

    def test_r15_draft_that_bills_beyond_the_end_is_named(self):
        schedule = self.create_agreement(
            proration="days", term_number=0, renewal="open", notice_number=0, invoice_mode="draft"
        )
        self.run_on(schedule, JANUARY)
        form = self.open_notice(schedule, end_date=date(2026, 1, 20))
        self.assertIn("The draft invoice of 01/01/2026 bills days after 01/20/2026.", form.problem)

    def test_r15_paused_agreement_can_end(self):
        schedule = self.create_agreement()
        schedule.with_user(self.clerk).action_pause()
        self.give_notice(schedule, end_date=date(2026, 6, 30))
        self.assertEqual(schedule.state, "paused")
        self.assertEqual(max(self.get_dates(schedule)), "2026-06-01")

    def test_r15_vendor_bills_end_likewise(self):
        schedule = self.create_schedule(
            self.partner_a,
            template={"move_type": "in_invoice", "invoice_line_ids": [self.line("Rent", 500.0)]},
            invoice_mode="draft",
            user_id=self.clerk.id,
            **TERMS,
        )
        schedule.with_user(self.clerk).action_generate()
        self.assertEqual(schedule.notice_limit, date(2026, 9, 30))
        self.give_notice(schedule, given_by="us")
        self.assertEqual(
            schedule.agreement_text,
            "We gave notice on 01/01/2026. The agreement ends on 12/31/2026.",
        )

    def test_r15_what_is_lost_is_kept_in_the_money_of_the_company(self):
        currency = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        schedule = self.create_agreement(self.line("Hosting", 300.0), interval=3)
        self.assertEqual(schedule.template_move_id.currency_id, self.company.currency_id)
        self.give_notice(schedule)
        self.assertEqual(schedule.notice_value, 100.0)
        abroad = self.create_schedule(
            self.partner_a,
            template={
                "currency_id": currency.id,
                "invoice_line_ids": [self.line("Hosting", 300.0)],
            },
            user_id=self.clerk.id,
        )
        abroad.with_user(self.clerk).action_generate()
        self.give_notice(abroad)
        self.assertEqual(abroad.notice_value, 150.0)

    def test_r15_reasons_are_counted(self):
        for reason in (self.reason, self.reason, self.env["recurrence.notice.reason"]):
            self.give_notice(self.create_agreement(), reason_id=reason)
        groups = (
            self.env["recurrence.schedule"]
            .with_user(self.clerk)
            ._read_group(
                [("notice_date", "!=", False)],
                ["notice_reason_id"],
                ["__count", "notice_value:sum"],
            )
        )
        found = {reason.name: (count, value) for reason, count, value in groups}
        self.assertEqual(found, {"Too expensive": (2, 200.0), False: (1, 100.0)})

    def test_r15_who_may_not_bill_gives_no_notice(self):
        schedule = self.create_agreement()
        employee = self.env["res.users"].create(
            {
                "name": "Employee",
                "login": "notice_employee",
                "group_ids": [(6, 0, self.env.ref("base.group_user").ids)],
                "company_id": self.company.id,
                "company_ids": [(6, 0, self.company.ids)],
            }
        )
        with self.assertRaises(AccessError):
            schedule.with_user(employee).action_open_notice()
        with self.assertRaises(AccessError):
            self.env["recurrence.schedule.notice"].with_user(employee).create(
                {"schedule_id": schedule.id, "date": JANUARY}
            )


@freeze_time("2026-01-01 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceNoticeEdges(NoticeCase):
    """R15: what is due, moved, failed or billed far ahead ends and begins again rightly."""

    FREE = {"term_number": 0, "renewal": "open", "notice_number": 0}

    def test_r15_date_that_is_due_is_billed_by_days_up_to_the_end(self):
        for change in (
            {"state": "todo"},
            {"state": "failed"},
            {"is_pinned": True},
            {"is_moved": True, "date": date(2026, 2, 3)},
        ):
            with self.subTest(change=change):
                schedule = self.create_agreement(
                    proration="days", invoice_mode="confirm", **self.FREE
                )
                self.run_on(schedule, JANUARY)
                february = self.occurrence_on(schedule, FEBRUARY)
                february.sudo().write(change)
                with freeze_time("2026-02-05 10:00:00"):
                    self.give_notice(schedule, end_date=date(2026, 2, 10))
                    self.assertEqual(february.period_end, date(2026, 2, 10))
                    schedule.with_user(self.clerk).action_withdraw_notice()
                    self.assertEqual(february.period_end, date(2026, 2, 28))
                    self.give_notice(schedule, end_date=date(2026, 2, 10))
                    february.with_user(self.clerk).action_issue()
                # 10 of 28 days
                self.assertEqual(february.move_id.amount_untaxed, 35.71)

    def test_r15_withdrawn_notice_brings_back_what_it_skipped(self):
        schedule = self.create_agreement(invoice_mode="draft", lead_days=40, **self.FREE)
        self.run_on(schedule, JANUARY)
        draft = self.occurrence_on(schedule, FEBRUARY).move_id
        march = self.occurrence_on(schedule, MARCH)
        march.with_user(self.clerk).write({"date": date(2026, 3, 5)})
        self.give_notice(schedule, end_date=date(2026, 1, 31))
        self.assertEqual(march.state, "skipped")
        schedule.with_user(self.clerk).action_withdraw_notice()
        self.assertEqual(self.get_dates(schedule)[:3], ["2026-01-01", "2026-02-01", "2026-03-01"])
        self.assertEqual(march.date, date(2026, 3, 5))
        self.run_on(schedule, date(2026, 1, 2))
        again = self.occurrence_on(schedule, FEBRUARY).move_id
        self.assertEqual((draft.state, again.state), ("cancel", "draft"))

    def test_r15_rest_of_a_period_that_notice_cut_is_billed_after_all(self):
        schedule = self.create_agreement(proration="days", **self.FREE)
        self.run_on(schedule, JANUARY)
        self.give_notice(schedule, end_date=date(2026, 2, 10))
        self.assertEqual(self.run_on(schedule, FEBRUARY).amount_untaxed, 35.71)
        with freeze_time("2026-02-05 10:00:00"):
            schedule.with_user(self.clerk).action_withdraw_notice()
        rest = self.run_on(schedule, date(2026, 2, 11))
        # 18 of 28 days
        self.assertEqual(rest.amount_untaxed, 64.29)
        self.assertEqual(self.run_on(schedule, MARCH).amount_untaxed, 100.0)

    def test_r15_in_arrears_the_rest_is_billed_with_the_next_date(self):
        schedule = self.create_agreement(proration="days", period_paid="post", **self.FREE)
        self.give_notice(schedule, end_date=date(2026, 1, 10))
        self.assertEqual(self.run_on(schedule, date(2026, 1, 10)).amount_untaxed, 32.26)
        with freeze_time("2026-01-10 12:00:00"):
            schedule.with_user(self.clerk).action_withdraw_notice()
        # 21 of 31 days
        self.assertEqual(self.run_on(schedule, FEBRUARY).amount_untaxed, 67.74)

    def test_r15_credit_note_goes_with_the_notice(self):
        schedule = self.create_agreement(
            self.line("Hosting", 1200.0), rrule_type="yearly", proration="days", **self.FREE
        )
        self.run_on(schedule, JANUARY)
        action = self.give_notice(schedule, end_date=date(2026, 6, 10), with_credit=True)
        credit = self.env["account.move"].browse(action["res_id"])
        self.assertEqual(schedule.notice_move_id, credit)
        schedule.with_user(self.clerk).action_withdraw_notice()
        self.assertEqual(credit.state, "cancel")
        action = self.give_notice(schedule, end_date=date(2026, 6, 10), with_credit=True)
        credit = self.env["account.move"].browse(action["res_id"])
        self.assertEqual(credit.amount_untaxed, 670.68)
        credit.invoice_date = date(2026, 1, 1)
        credit.action_post()
        with self.assertRaisesRegex(UserError, "Reset it to draft first"):
            schedule.with_user(self.clerk).action_withdraw_notice()

    def test_r15_line_billed_for_a_year_is_credited(self):
        schedule = self.create_agreement(
            self.line("Hosting", 10.0),
            self.line("Certificate", 120.0, recurrence_every=12),
            proration="days",
            **self.FREE,
        )
        for day in (JANUARY, FEBRUARY):
            self.run_on(schedule, day)
        with freeze_time("2026-02-02 10:00:00"):
            form = self.open_notice(schedule, end_date=date(2026, 6, 30))
            self.assertTrue(form.can_credit)
            form.with_credit = True
            action = form.save().action_confirm()
        credit = self.env["account.move"].browse(action["res_id"])
        # July to December, of twelve months
        self.assertEqual(credit.amount_untaxed, 60.0)

    def test_r15_notice_extends_nothing(self):
        schedule = self.create_agreement(renewal="end")
        dialog = self.open_notice(schedule, end_date=date(2027, 12, 31))
        self.assertEqual(dialog.problem, "Without notice the agreement ends on 12/31/2026 already.")
        dialog.end_date = date(9999, 12, 31)
        self.assertIn("Choose a day before the year", dialog.problem)

    def test_r15_what_has_changed_since_it_was_shown_is_refused(self):
        schedule = self.create_agreement(**self.FREE)
        dialog = self.open_notice(schedule, end_date=date(2026, 1, 31)).save()
        self.run_on(schedule, JANUARY)
        self.run_on(schedule, FEBRUARY)
        with self.assertRaisesRegex(UserError, "have changed since"):
            dialog.action_confirm()

    def test_r15_changed_rule_is_not_planned_by_a_withdrawal(self):
        schedule = self.create_agreement()
        self.give_notice(schedule)
        schedule.with_user(self.clerk).interval = 2
        with self.assertRaisesRegex(UserError, "Regenerate its dates first"):
            schedule.with_user(self.clerk).action_withdraw_notice()

    def test_r15_usage_of_the_last_period_is_named(self):
        quantity = self.env["recurrence.quantity"].create(
            {"name": "Hours", "source": "usage", "company_id": self.company.id}
        )
        schedule = self.create_agreement(
            self.line("Hosting", 100.0),
            self.line("Hours", 50.0, recurrence_quantity_id=quantity.id),
        )
        self.assertIn("issue it by hand", self.open_notice(schedule).last_message)

    def test_r15_copy_of_an_ended_agreement_bills_nothing_of_the_past(self):
        schedule = self.create_agreement()
        self.give_notice(schedule, end_date=date(2026, 3, 31))
        with freeze_time("2026-06-10 10:00:00"):
            copied = schedule.copy()
        self.assertEqual(copied.date_start, date(2026, 7, 1))

    def test_r15_count_that_a_rule_before_began(self):
        """Twelve dates; six were monthly, six are every second month: the last is 1 May 2027."""
        schedule = self.create_agreement(end_type="count", count=12, **self.FREE)
        self.company.recurrence_horizon_months = 24
        for month in range(1, 7):
            self.run_on(schedule, date(2026, month, 1))
        with freeze_time("2026-06-02 10:00:00"):
            schedule.write({"interval": 2, "date_start": date(2026, 7, 1)})
            schedule.with_user(self.clerk).action_regenerate()
            self.assertEqual(max(self.get_dates(schedule)), "2027-05-01")
            self.give_notice(schedule, end_date=date(2027, 8, 31))
        self.assertEqual(max(self.get_dates(schedule)), "2027-05-01")

    def test_r15_whole_line_billed_for_a_year_is_not_credited(self):
        schedule = self.create_agreement(
            self.line("Hosting", 10.0),
            self.line("Certificate", 120.0, recurrence_every=12),
            **self.FREE,
        )
        for day in (JANUARY, FEBRUARY, MARCH):
            self.run_on(schedule, day)
        with freeze_time("2026-03-02 10:00:00"):
            action = self.give_notice(schedule, end_date=date(2026, 2, 28), with_credit=True)
        # March of Hosting; the year of the certificate is under way
        self.assertEqual(self.env["account.move"].browse(action["res_id"]).amount_untaxed, 10.0)

    def test_r15_rest_of_a_period_counts_as_billed_when_the_rule_changes(self):
        schedule = self.create_agreement(proration="days", **self.FREE)
        self.run_on(schedule, JANUARY)
        self.give_notice(schedule, end_date=date(2026, 2, 10))
        self.run_on(schedule, FEBRUARY)
        with freeze_time("2026-02-05 10:00:00"):
            schedule.with_user(self.clerk).action_withdraw_notice()
            schedule.with_user(self.clerk).day = 15
            schedule.with_user(self.clerk).action_regenerate()
        rest = self.occurrence_on(schedule, date(2026, 2, 11))
        following = schedule.occurrence_ids.filtered(lambda o: o.rule_date > rest.rule_date)
        first = following.sorted("period_start")[0]
        # 15 February lies in what the rest bills; the gap to 15 March is told when regenerating
        self.assertEqual(
            (rest.period_end, first.period_start), (date(2026, 2, 28), date(2026, 3, 15))
        )

    def test_r15_second_notice_cuts_the_rest_and_gives_it_back(self):
        schedule = self.create_agreement(proration="days", **self.FREE)
        self.run_on(schedule, JANUARY)
        self.give_notice(schedule, end_date=date(2026, 2, 10))
        self.run_on(schedule, FEBRUARY)
        with freeze_time("2026-02-05 10:00:00"):
            clerk = schedule.with_user(self.clerk)
            clerk.action_withdraw_notice()
            rest = self.occurrence_on(schedule, date(2026, 2, 11))
            self.give_notice(schedule, end_date=date(2026, 2, 20))
            self.assertEqual(rest.period_end, date(2026, 2, 20))
            clerk.action_withdraw_notice()
        self.assertEqual(rest.period_end, date(2026, 2, 28))

    def test_r15_reminder_comes_again_after_a_withdrawal(self):
        schedule = self.create_agreement(term_number=3, notice_number=2)
        self.run_on(schedule, date(2026, 1, 10))
        self.give_notice(schedule)
        schedule.with_user(self.clerk).action_withdraw_notice()
        self.run_on(schedule, date(2026, 1, 11))
        reminders = schedule.activity_ids.filtered(lambda a: a.summary == "Decide on the renewal")
        self.assertEqual(len(reminders), 1)

    def test_r15_nothing_is_missed_whatever_becomes_of_missed_dates(self):
        schedule = self.create_agreement(
            term_number=1, renewal="ask", renewal_number=0, catch_up="skip"
        )
        self.run_on(schedule, JANUARY)
        self.run_on(schedule, FEBRUARY)
        with freeze_time("2026-04-05 10:00:00"):
            schedule.with_user(self.clerk).action_renew()
            schedule.sudo()._run_due(date(2026, 4, 5))
        self.assertEqual(
            self.get_dates(schedule, "done"),
            ["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"],
        )

from datetime import date, datetime, timedelta

from lxml import etree

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from .common import RecurrenceCommon


@freeze_time("2026-03-02")
@tagged("post_install", "-at_install")
class TestRecurrenceInteraction(RecurrenceCommon):
    """R1, R3, R9: the activities that dates become, and what becomes of them."""

    def start(self, day="2026-03-02", **vals):
        """Create, generate and run an interaction; return its first occurrence."""
        schedule = self.create_interaction(end_type="count", count=3, **vals)
        schedule.action_generate()
        self.run_day(schedule, day)
        return schedule.occurrence_ids[0]

    def activities_of(self, occurrence):
        return occurrence.recurrence_activity_ids.filtered("active")

    def save_filter(self, domain, model="res.partner", name="Wood customers"):
        return self.env["ir.filters"].create(
            {
                "name": name,
                "model_id": model,
                "domain": domain,
                "user_ids": [Command.link(self.env.uid)],
            }
        )

    # --- the day comes ---

    def test_r9_activity_on_the_day(self):
        occurrence = self.start(summary="Count boxes", note="<p>Aisle 3</p>")
        self.assertEqual(occurrence.state, "todo")
        self.assertRecordValues(
            occurrence.activity_id,
            [
                {
                    "res_model": "recurrence.occurrence",
                    "res_id": occurrence.id,
                    "user_id": self.employee.id,
                    "summary": "Count boxes",
                    "note": "<p>Aisle 3</p>",
                    "date_deadline": date(2026, 3, 2),
                    "automated": True,
                }
            ],
        )
        self.assertEqual(
            occurrence.schedule_id.occurrence_ids[1:].mapped("state"), ["planned", "planned"]
        )

    def test_r9_days_ahead(self):
        occurrence = self.start("2026-03-02", date_start=date(2026, 3, 9), lead_days=8)
        self.assertEqual(occurrence.state, "todo")
        self.assertEqual(occurrence.activity_id.date_deadline, date(2026, 3, 9))

    def test_same_day_again_changes_nothing(self):
        occurrence = self.start()
        self.run_day(occurrence.schedule_id, "2026-03-02")
        self.assertEqual(len(self.activities_of(occurrence)), 1)

    def test_nobody_is_mailed_about_own_activities(self):
        manager = self.new_employee("rec_manager")
        schedule = self.create_interaction(user_id=manager.id)
        schedule.action_generate()
        self.env.flush_all()
        before = self.env["mail.mail"].sudo().search_count([])
        self.run_day(schedule, "2026-03-02")
        self.assertEqual(self.env["mail.mail"].sudo().search_count([]), before)

    # --- what it is about ---

    def test_r3_about_a_contact(self):
        occurrence = self.start(subject="partner", partner_id=self.partner.id)
        self.assertEqual(occurrence.activity_id.res_model, "res.partner")
        self.assertEqual(occurrence.activity_id.res_id, self.partner.id)
        self.assertEqual(self.partner.with_env(self.env).recurrence_schedule_count, 1)

    def test_r3_about_any_record_with_activities(self):
        product = self.env["product.template"].sudo().create({"name": "Drill"})
        occurrence = self.start(subject="record", record_ref=f"product.template,{product.id}")
        self.assertEqual(occurrence.activity_id.res_name, "Drill")

    def test_r3_about_a_filter_with_one_activity(self):
        self.env["res.partner"].sudo().create(
            [{"name": f"Oak {n}", "function": "wood"} for n in range(3)]
        )
        saved = self.save_filter("[('function', '=', 'wood')]")
        occurrence = self.start(subject="filter", filter_id=saved.id)
        self.assertEqual(occurrence.filter_count, 3)
        self.assertEqual(occurrence.activity_id.res_model, "recurrence.occurrence")
        action = occurrence.action_open_records()
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(sorted(found.mapped("name")), ["Oak 0", "Oak 1", "Oak 2"])

    def test_r3_about_a_filter_with_one_activity_each_at_most_50(self):
        self.env["res.partner"].sudo().create(
            [{"name": f"Oak {n}", "function": "wood"} for n in range(52)]
        )
        saved = self.save_filter("[('function', '=', 'wood')]")
        occurrence = self.start(subject="filter", filter_id=saved.id, filter_mode="each")
        activities = self.activities_of(occurrence)
        self.assertEqual(len(activities), 50)
        self.assertEqual(set(activities.mapped("res_model")), {"res.partner"})
        activities[1:].action_feedback()
        self.assertEqual(occurrence.state, "todo")
        activities[0].action_feedback()
        self.assertEqual(occurrence.state, "done")

    def test_filter_that_finds_nothing_is_skipped_with_that_reason(self):
        saved = self.save_filter("[('function', '=', 'nobody has this')]")
        occurrence = self.start(subject="filter", filter_id=saved.id)
        self.assertEqual(occurrence.state, "skipped")
        self.assertEqual(occurrence.skip_reason, "No record matches the filter")

    def test_broken_filter_fails_alone(self):
        saved = self.save_filter("[('function', '=', 'wood')]")
        schedule = self.create_interaction(subject="filter", filter_id=saved.id)
        other = self.create_interaction(name="Sound one")
        (schedule + other).action_generate()
        saved.sudo().domain = "[('no_such_field', '=', 1)]"
        self.run_day(schedule + other, "2026-03-02")
        self.assertEqual(schedule.occurrence_ids[0].state, "failed")
        self.assertEqual(other.occurrence_ids[0].state, "todo")

    def test_subject_must_be_there(self):
        for vals in (
            {"subject": "partner"},
            {"subject": "record"},
            {"subject": "filter"},
            {"subject": "record", "res_model": "res.country", "res_id": 1},
        ):
            with self.subTest(**vals), self.assertRaises(ValidationError):
                self.create_interaction(**vals)

    # --- meetings ---

    def test_meeting_is_made_when_its_day_comes_at_the_same_local_hour(self):
        meeting = self.env.ref("mail.mail_activity_data_meeting")
        guest = self.partner
        schedule = self.create_interaction(
            activity_type_id=meeting.id,
            date_start=date(2026, 3, 23),
            meeting_hour=9.5,
            meeting_duration=1.5,
            meeting_tz="Europe/Brussels",
            meeting_partner_ids=[Command.link(guest.id)],
        )
        schedule.action_generate()
        self.assertFalse(schedule.occurrence_ids.event_id)
        self.run_day(schedule, "2026-03-23")
        self.run_day(schedule, "2026-03-30")
        first, second = schedule.occurrence_ids[:2].event_id.sorted("start")
        # Brussels changes its clocks on 29 March
        self.assertEqual(first.start, datetime(2026, 3, 23, 8, 30))
        self.assertEqual(second.start, datetime(2026, 3, 30, 7, 30))
        self.assertEqual(first.stop - first.start, timedelta(hours=1.5))
        self.assertEqual(first.partner_ids, guest + self.employee.partner_id)
        self.assertEqual(first.user_id, self.employee)
        self.assertEqual(first.activity_ids, schedule.occurrence_ids[0].activity_id)
        self.assertEqual(len(schedule.occurrence_ids.event_id), 2)

    # --- done, deleted, moved ---

    def test_activity_marked_done_closes_the_date(self):
        occurrence = self.start()
        occurrence.activity_id.action_feedback("all there")
        self.assertEqual((occurrence.state, occurrence.done_date), ("done", date(2026, 3, 2)))

    def test_date_marked_done_closes_its_activity(self):
        occurrence = self.start()
        activity = occurrence.activity_id
        occurrence.action_done()
        self.assertFalse(activity.active)
        self.assertEqual(occurrence.state, "done")

    def test_deleted_activity_is_offered_again_next_day(self):
        occurrence = self.start()
        occurrence.activity_id.unlink()
        self.assertEqual(occurrence.state, "todo")
        self.run_day(occurrence.schedule_id, "2026-03-02")
        self.assertFalse(self.activities_of(occurrence))
        self.run_day(occurrence.schedule_id, "2026-03-03")
        self.assertEqual(len(self.activities_of(occurrence)), 1)
        self.assertEqual(occurrence.activity_id.date_deadline, date(2026, 3, 2))

    def test_moved_date_moves_its_activity(self):
        occurrence = self.start()
        occurrence.date = date(2026, 3, 4)
        self.assertEqual(occurrence.activity_id.date_deadline, date(2026, 3, 4))

    def test_rescheduled_activity_moves_its_date(self):
        occurrence = self.start()
        occurrence.activity_id.date_deadline = date(2026, 3, 4)
        self.assertEqual((occurrence.date, occurrence.is_moved), (date(2026, 3, 4), True))
        self.assertEqual(occurrence.rule_date, date(2026, 3, 2))

    def test_one_of_several_activities_does_not_move_the_date(self):
        self.env["res.partner"].sudo().create([{"name": "Oak"}, {"name": "Oak tree"}])
        saved = self.save_filter("[('name', 'like', 'Oak')]")
        occurrence = self.start(subject="filter", filter_id=saved.id, filter_mode="each")
        activity = self.activities_of(occurrence)[0]
        activity.date_deadline = date(2026, 3, 4)
        self.assertEqual(occurrence.date, date(2026, 3, 2))
        occurrence.date = date(2026, 3, 5)
        self.assertEqual(
            self.activities_of(occurrence).mapped("date_deadline"), [date(2026, 3, 5)] * 2
        )

    def test_meeting_moved_in_the_calendar_moves_its_date(self):
        meeting = self.env.ref("mail.mail_activity_data_meeting")
        occurrence = self.start(activity_type_id=meeting.id, meeting_hour=9, meeting_tz="UTC")
        event = occurrence.event_id
        event.write({"start": datetime(2026, 3, 5, 14), "stop": datetime(2026, 3, 5, 15)})
        self.assertEqual((occurrence.date, occurrence.is_moved), (date(2026, 3, 5), True))
        # and the other way round, at the hour it was put on
        occurrence.date = date(2026, 3, 6)
        self.assertEqual(event.start, datetime(2026, 3, 6, 14))

    def test_meeting_deleted_in_the_calendar_is_offered_again(self):
        meeting = self.env.ref("mail.mail_activity_data_meeting")
        occurrence = self.start(
            activity_type_id=meeting.id, date_start=date(2026, 3, 4), lead_days=2
        )
        occurrence.event_id.unlink()
        self.assertEqual(occurrence.state, "todo")
        self.run_day(occurrence.schedule_id, "2026-03-03")
        self.assertEqual(occurrence.event_id.start.date(), date(2026, 3, 4))

    def test_skipped_date_takes_its_activity_away(self):
        occurrence = self.start()
        activity = occurrence.activity_id
        occurrence.action_skip("ill")
        self.assertFalse(activity.exists())

    # --- responsible ---

    def test_archived_responsible_is_shown_and_replaced(self):
        stand_in = self.new_employee("rec_stand_in")
        self.company.sudo().recurrence_user_id = stand_in
        manager = self.new_employee("rec_manager")
        schedule = self.create_interaction(user_id=manager.id)
        schedule.action_generate()
        self.run_day(schedule, "2026-03-02")
        occurrence = schedule.occurrence_ids[0]
        self.assertEqual(occurrence.activity_id.user_id, manager)
        manager.sudo().action_archive()
        self.assertTrue(schedule.is_user_gone)
        self.assertFalse(self.activities_of(occurrence))
        self.run_day(schedule, "2026-03-03")
        self.assertEqual(self.activities_of(occurrence).user_id, stand_in)
        found = self.env["recurrence.schedule"].search([("user_id.active", "=", False)])
        self.assertEqual(found, schedule)

    def test_new_responsible_gets_the_open_activities(self):
        occurrence = self.start()
        other = self.new_employee("rec_other")
        occurrence.schedule_id.user_id = other
        self.assertEqual(self.activities_of(occurrence).user_id, other)

    # --- errors ---

    def test_rule_15_back_off_then_a_person(self):
        product = self.env["product.template"].sudo().create({"name": "Drill"})
        schedule = self.create_interaction(
            subject="record", record_ref=f"product.template,{product.id}"
        )
        schedule.action_generate()
        product.unlink()
        self.run_day(schedule, "2026-03-02")
        occurrence = schedule.occurrence_ids[0]
        self.assertEqual(occurrence.error, "The record this recurrence is about was deleted.")
        self.assertEqual(schedule.error, occurrence.error)
        waits = []
        for _attempt in range(4):
            waits.append(occurrence.retry_at)
            occurrence._record_error("again", now=datetime(2026, 3, 2))
        self.assertEqual(
            waits[1:],
            [datetime(2026, 3, 2, 6), datetime(2026, 3, 3), False],
        )
        self.assertEqual(len(occurrence.activity_ids), 1)

    def test_retry_after_repair(self):
        product = self.env["product.template"].sudo().create({"name": "Drill"})
        schedule = self.create_interaction(
            subject="record", record_ref=f"product.template,{product.id}"
        )
        schedule.action_generate()
        product.unlink()
        self.run_day(schedule, "2026-03-02")
        schedule.write({"subject": "none"})
        schedule.occurrence_ids[0].action_retry()
        self.assertEqual(schedule.occurrence_ids[0].state, "todo")
        self.assertFalse(schedule.occurrence_ids[0].error)

    # --- making something recurring ---

    def test_r1_make_an_activity_recurring(self):
        activity = self.partner.sudo().activity_schedule(
            "mail.mail_activity_data_call",
            date(2026, 3, 4),
            summary="Call Azure",
            user_id=self.env.uid,
        )
        action = activity.with_env(self.env).action_make_recurring()
        with Form(self.env["recurrence.schedule"].with_context(**action["context"])) as form:
            self.assertEqual(form.name, "Call Azure")
        self.assertRecordValues(
            form.record,
            [
                {
                    "subject": "partner",
                    "partner_id": self.partner.id,
                    "date_start": date(2026, 3, 4),
                    "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                }
            ],
        )
        occurrence = self.start()
        with self.assertRaisesRegex(UserError, "comes from the recurrence Check the stock"):
            occurrence.activity_id.action_make_recurring()

    def test_r1_make_a_meeting_recurring(self):
        event = self.env["calendar.event"].create(
            {
                "name": "Stand-up",
                "start": datetime(2026, 3, 4, 8, 15),
                "stop": datetime(2026, 3, 4, 8, 30),
            }
        )
        action = event.action_make_recurring()
        with Form(self.env["recurrence.schedule"].with_context(**action["context"])) as form:
            self.assertEqual(form.activity_category, "meeting")
        self.assertAlmostEqual(form.record.meeting_hour, 9.25)
        self.assertAlmostEqual(form.record.meeting_duration, 0.25)
        self.assertEqual(form.record.meeting_tz, "Europe/Brussels")

    def test_r1_recurrences_open_from_activities_and_calendar(self):
        """Each screen has a visible way to the list, where an employee may create one."""
        action = self.env.ref("account_recurrence_dunning.recurrence_schedule_action_interaction")
        for model, kind, xmlid in (
            ("mail.activity", "list", "mail.mail_activity_view_tree_open_target"),
            ("mail.activity", "kanban", "mail.mail_activity_view_kanban_open_target"),
            ("calendar.event", "list", "calendar.view_calendar_event_tree"),
        ):
            view = self.env[model].get_view(self.env.ref(xmlid).id, kind)
            arch = etree.fromstring(view["arch"])
            [button] = arch.xpath(f"//header/button[@name='{action.id}']")
            self.assertEqual(button.get("display"), "always")
        menus = self.env["ir.ui.menu"].load_menus(False)
        calendar = self.env.ref("calendar.mail_menu_calendar").id
        entries = [menus[child].get("xmlid") for child in menus[calendar]["children"]]
        self.assertIn("account_recurrence_dunning.recurrence_schedule_menu_calendar", entries)
        self.assertTrue(self.env["recurrence.schedule"].has_access("create"))

    def test_parent_of_a_contact_counts_its_recurrences(self):
        parent, child, grandchild = (
            self.env["res.partner"]
            .sudo()
            .create(
                [{"name": name, "is_company": True} for name in ("Parent", "Child", "Grandchild")]
            )
        )
        child.parent_id, grandchild.parent_id = parent, child
        self.create_interaction(subject="partner", partner_id=grandchild.id)
        self.create_interaction(subject="partner", partner_id=child.id)
        family = (parent + child + grandchild + self.partner).with_env(self.env)
        self.assertEqual(family.mapped("recurrence_schedule_count"), [2, 2, 1, 0])
        many = (
            self.env["res.partner"]
            .sudo()
            .create([{"name": f"Contact {n}", "parent_id": parent.id} for n in range(30)])
        )
        for contact in many:
            self.create_interaction(subject="partner", partner_id=contact.id)

        def count_queries(partners):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            partners.with_env(self.env).mapped("recurrence_schedule_count")
            return self.env.cr.sql_log_count - before

        count_queries(many)
        self.assertEqual(count_queries(many), count_queries(many[:2]))

from datetime import date
from time import monotonic

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import RecurrenceCommon

RULES = "odoo.addons.base.models.ir_rule"
ACCESS = "odoo.addons.base.models.ir_model"


@freeze_time("2026-03-02 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceFilter(RecurrenceCommon):
    """A saved filter is evaluated with the rights of whoever chose it, never with more."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = cls.new_employee("rec_admin", "base.group_user,base.group_system")
        cls.env["res.partner"].sudo().create(
            [{"name": f"Oak {n}", "function": "wood"} for n in range(3)]
        )

    def save_filter(self, domain, model="res.partner", user=None, shared=False):
        user = user or self.employee
        return (
            self.env["ir.filters"]
            .with_user(user)
            .create(
                {
                    "name": "Saved",
                    "model_id": model,
                    "domain": domain,
                    "user_ids": [] if shared else [Command.set(user.ids)],
                }
            )
        )

    def start(self, saved, user=None, **vals):
        """Make and run a schedule about a filter; return its first date."""
        schedules = self.env["recurrence.schedule"].with_user(user or self.employee)
        schedule = schedules.create(
            {
                "name": "About a filter",
                "company_id": self.company.id,
                "date_start": date(2026, 3, 2),
                "rrule_type": "weekly",
                "subject": "filter",
                "filter_id": saved.id,
                **vals,
            }
        )
        schedule.action_generate()
        self.run_day(schedule, "2026-03-02")
        return schedule.occurrence_ids[0]

    # --- whose rights ---

    @mute_logger(RULES, ACCESS, "odoo.models")
    def test_secret_is_not_read_through_an_administrator(self):
        """Whether the date was skipped told letter by letter what the administrator may read."""
        secret = self.save_filter(
            "[('key', '=', 'database.secret'), ('value', '=like', 'a%')]", "ir.config_parameter"
        )
        with self.assertRaisesRegex(
            AccessError, "is not allowed to see the records of the filter Saved"
        ):
            self.start(secret, user_id=self.admin.id)
        hidden = self.save_filter("[('child_ids.dunning_preferred', '=', True)]")
        with self.assertRaisesRegex(
            AccessError, "rec_employee .*is not allowed to read .*in their filters"
        ):
            self.start(hidden, user_id=self.admin.id)

    @mute_logger(RULES, ACCESS, "odoo.models")
    def test_filter_changed_after_it_was_chosen_reads_no_more(self):
        saved = self.save_filter("[('function', '=', 'wood')]")
        occurrence = self.start(saved, user_id=self.admin.id)
        self.assertEqual(occurrence.state, "todo")
        for domain, model in (
            ("[('key', '=', 'database.secret')]", "ir.config_parameter"),
            ("[('child_ids.dunning_preferred', '=', True)]", "res.partner"),
            ("[('child_ids', 'any', [('dunning_preferred', '=', True)])]", "res.partner"),
        ):
            saved.write({"domain": domain, "model_id": model})
            second = occurrence.schedule_id.occurrence_ids[1]
            second.sudo().write({"state": "planned", "error": False, "error_count": 0})
            self.run_day(occurrence.schedule_id, "2026-03-09")
            self.assertEqual(second.state, "failed", domain)
            self.assertFalse(second.recurrence_activity_ids)

    @mute_logger(RULES, ACCESS, "odoo.models")
    def test_chosen_by_an_administrator_and_changed_by_its_owner(self):
        saved = self.save_filter("[('function', '=', 'wood')]", shared=True)
        occurrence = self.start(saved, user=self.admin, user_id=self.employee.id)
        self.assertEqual(occurrence.state, "todo")
        self.assertEqual(occurrence.schedule_id.filter_user_id, self.admin)
        saved.write(
            {"domain": "[('key', '=', 'database.secret')]", "model_id": "ir.config_parameter"}
        )
        self.run_day(occurrence.schedule_id, "2026-03-09")
        second = occurrence.schedule_id.occurrence_ids[1]
        self.assertEqual(second.state, "failed")
        self.assertIn("is not allowed to see the records", second.error)

    def test_who_chose_it_is_kept(self):
        saved = self.save_filter("[('function', '=', 'wood')]")
        schedule = self.start(saved).schedule_id
        self.assertEqual(schedule.filter_user_id, self.employee)
        with self.assertRaises(AccessError):
            schedule.filter_user_id = self.admin
        with self.assertRaises(AccessError):
            self.create_interaction(filter_user_id=self.admin.id)

    def test_activities_only_where_both_may_read(self):
        """Two salespeople: of the contacts of the other company none gets an activity."""
        other = self.env["res.company"].sudo().create({"name": "Other"})
        oaks = self.env["res.partner"].sudo().search([("function", "=", "wood")])
        oaks[0].company_id = other
        oaks[1].company_id = self.company
        self.admin.company_ids += other
        saved = self.save_filter("[('function', '=', 'wood')]", user=self.admin, shared=True)
        occurrence = self.start(
            saved, user=self.admin, user_id=self.employee.id, filter_mode="each"
        )
        activities = occurrence.recurrence_activity_ids
        self.assertEqual(set(activities.mapped("res_id")), set(oaks[1:].ids))

    @mute_logger(RULES, ACCESS, "odoo.models")
    def test_responsible_who_may_not_read_gets_a_sentence(self):
        saved = self.save_filter("[('active', '=', True)]", "ir.cron", user=self.admin)
        occurrence = self.start(saved, user=self.admin, user_id=self.employee.id)
        self.assertEqual(occurrence.state, "failed")
        self.assertIn("rec_employee (base.group_user) is not allowed to see", occurrence.error)
        self.assertEqual(occurrence.schedule_id.error, occurrence.error)

    def test_who_chose_it_has_left(self):
        saved = self.save_filter("[('function', '=', 'wood')]", user=self.admin, shared=True)
        occurrence = self.start(saved, user=self.admin, user_id=self.employee.id)
        self.admin.sudo().action_archive()
        self.run_day(occurrence.schedule_id, "2026-03-09")
        second = occurrence.schedule_id.occurrence_ids[1]
        self.assertIn("who chose the filter Saved, is no longer active", second.error)
        # whoever chooses it again answers for it
        second.schedule_id.with_user(self.employee).filter_id = saved
        second.action_retry()
        self.assertEqual(second.state, "todo")

    def test_who_chose_it_was_deleted(self):
        saved = self.save_filter("[('function', '=', 'wood')]", user=self.admin, shared=True)
        occurrence = self.start(saved, user=self.admin, user_id=self.employee.id)
        schedule = occurrence.schedule_id.sudo()
        self.env.flush_all()
        query = "UPDATE recurrence_schedule SET filter_user_id = NULL, create_uid = NULL"
        self.env.cr.execute(f"{query} WHERE id = %s", [schedule.id])
        self.env.invalidate_all()
        self.run_day(schedule, "2026-03-09")
        second = schedule.occurrence_ids[1]
        self.assertEqual(
            second.error,
            "The user who chose the filter Saved was deleted. Choose the filter again.",
        )

    # --- private filters ---

    def test_private_filter_of_a_colleague_is_not_chosen(self):
        private = self.save_filter("[('name', '=', 'my plans')]", user=self.admin)
        with self.assertRaises(AccessError):
            self.start(private)
        own = self.save_filter("[('function', '=', 'wood')]")
        schedule = self.start(own).schedule_id
        with self.assertRaises(AccessError):
            schedule.filter_id = private

    def test_filter_that_became_private_is_not_used(self):
        saved = self.save_filter("[('name', '=', 'my plans')]", user=self.admin, shared=True)
        occurrence = self.start(saved)
        saved.with_user(self.admin).user_ids = self.admin
        with self.assertRaises(AccessError):
            occurrence.action_open_records()
        self.assertEqual(occurrence.filter_count, 0)
        self.assertIn(
            "is not allowed to use the saved filter of",
            occurrence.schedule_id.filter_problem,
        )

    def test_what_stands_in_the_filter_is_not_shown_to_the_responsible(self):
        saved = self.save_filter("[('function', '=', 'wood')]", user=self.admin)
        occurrence = self.start(saved, user=self.admin, user_id=self.employee.id)
        action = occurrence.with_user(self.employee).action_open_records()
        oaks = self.env["res.partner"].search([("function", "=", "wood")])
        self.assertEqual(action["domain"], [("id", "in", oaks.ids)])

    @mute_logger(RULES)
    def test_records_of_a_foreign_schedule_are_not_opened(self):
        occurrence = self.start(self.save_filter("[('function', '=', 'wood')]"))
        colleague = self.new_employee("rec_colleague")
        for record in (occurrence, occurrence.schedule_id):
            with self.assertRaises(AccessError):
                record.with_user(colleague).action_open_records()

    # --- what a filter may compute ---

    def test_dates_as_odoo_writes_them(self):
        for domain in (
            "[('create_date', '>=', (context_today() - relativedelta(days=7))"
            ".strftime('%Y-%m-%d')), ('function', '=', 'wood')]",
            "[('create_date', '>', datetime.datetime.combine(context_today() +"
            " datetime.timedelta(1), datetime.time(0, 0, 0)).to_utc()"
            ".strftime('%Y-%m-%d %H:%M:%S')),"
            " ('function', '=', 'wood')]",
            "[('user_id', '!=', uid), ('function', '=', 'wood')]",
            "[('function', '=', 'wood'), ('create_date', '>', '-7d')]",
        ):
            occurrence = self.start(self.save_filter(domain))
            self.assertEqual((occurrence.state, occurrence.error), ("todo", False), domain)

    def test_day_of_the_run_is_the_day_of_the_filter(self):
        self.env["res.partner"].sudo().create({"name": "Later", "ref": "2026-03-09"})
        saved = self.save_filter("[('ref', '=', context_today().strftime('%Y-%m-%d'))]")
        occurrence = self.start(saved)
        self.assertEqual(occurrence.state, "skipped")
        self.run_day(occurrence.schedule_id, "2026-03-09")
        self.assertEqual(occurrence.schedule_id.occurrence_ids[1].state, "todo")

    def test_what_hung_the_job_is_an_error_of_its_schedule(self):
        for domain in (
            "[('id', '=', 9**9**8)]",
            "[('name', '=', 'a' * 10000000000)]",
            "[('id', 'in', [x for x in range(10000000000)])]",
            "[('id', '=', 1)",
            "[('id', '=', 1, 2, 3)]",
            "[('no_such_field', '=', 1)]",
            "[('name', 'no such operator', 1)]",
            "[('id', '=', 9223372036854775807)]",
            "[('create_date', '>', 'yesterday afternoon')]",
            "['&', '&']",
            "[1]",
        ):
            with self.subTest(domain), mute_logger("odoo.sql_db", "odoo.domains"):
                sound = self.create_interaction(name="Sound")
                sound.action_generate()
                start = monotonic()
                occurrence = self.start(self.save_filter(domain))
                self.assertLess(monotonic() - start, 5)
                self.assertIn(occurrence.state, ("failed", "skipped"))
                if occurrence.state == "failed":
                    self.assertRegex(occurrence.error, "cannot be read|There is no field")
                    self.assertEqual(occurrence.schedule_id.error, occurrence.error)
                    self.assertTrue(occurrence.schedule_id.activity_ids or occurrence.activity_ids)
                self.run_day(sound, "2026-03-02")
                self.assertEqual(sound.occurrence_ids[0].state, "todo")

    def test_broken_filter_is_shown_before_its_day(self):
        saved = self.save_filter("[('id', '=', 9**9**8)]")
        schedule = self.create_interaction(subject="filter", filter_id=saved.id)
        self.assertEqual(schedule.filter_problem, "The saved filter Saved cannot be read.")
        saved.domain = "[('function', '=', 'wood')]"
        self.assertFalse(schedule.filter_problem)

    @mute_logger("odoo.sql_db")
    def test_time_limit_of_a_filter(self):
        saved = self.save_filter("[('function', '=', 'wood')]")
        schedule = self.start(saved).schedule_id
        query = "SELECT current_setting('statement_timeout')"
        self.env.cr.execute(query)
        [before] = self.env.cr.fetchone()
        with self.assertRaisesRegex(UserError, "takes longer than 1 seconds"):
            with schedule._limit_time(1):
                self.env.cr.execute("SELECT pg_sleep(30)")
        self.env.cr.execute(query)
        self.assertEqual(self.env.cr.fetchone(), (before,))
        with schedule._limit_time(1):
            self.env.cr.execute(query)
            self.assertEqual(self.env.cr.fetchone(), ("1s",))
        self.env.cr.execute(query)
        self.assertEqual(self.env.cr.fetchone(), (before,))

    @mute_logger("odoo.sql_db")
    def test_slow_filter_fails_alone(self):
        self.patch(type(self.env["res.partner"]), "_search", self._search_slowly())
        mixin = self.registry["recurrence.saved.filter.mixin"]
        self.patch(mixin._find_matching, "__defaults__", (None, None, 1))
        saved = self.save_filter("[('function', '=', 'wood')]")
        occurrence = self.start(saved)
        self.assertEqual(occurrence.error, "The saved filter Saved takes longer than 1 seconds.")
        sound = self.create_interaction(name="Sound")
        sound.action_generate()
        self.run_day(sound, "2026-03-02")
        self.assertEqual(sound.occurrence_ids[0].state, "todo")

    def _search_slowly(self):
        original = type(self.env["res.partner"])._search

        def search_slowly(records, domain, *args, **kwargs):
            if "wood" in str(domain):
                records.env.cr.execute("SELECT pg_sleep(30)")
            return original(records, domain, *args, **kwargs)

        return search_slowly

    # --- more than fifty ---

    def test_more_than_fifty_are_told(self):
        self.env["res.partner"].sudo().create(
            [{"name": f"Elm {n}", "function": "elm"} for n in range(60)]
        )
        occurrence = self.start(self.save_filter("[('function', '=', 'elm')]"), filter_mode="each")
        self.assertEqual(len(occurrence.recurrence_activity_ids), 50)
        self.assertEqual(
            occurrence.error, "Records that match the filter: 60. Activities created: 50."
        )
        self.assertEqual(occurrence.schedule_id.error, occurrence.error)
        occurrence.action_done()
        self.assertFalse(occurrence.schedule_id.error)

    # --- meetings ---

    def test_r3_skipping_a_date_takes_each_meeting_away(self):
        meeting = self.env.ref("mail.mail_activity_data_meeting")
        occurrence = self.start(
            self.save_filter("[('function', '=', 'wood')]"),
            filter_mode="each",
            activity_type_id=meeting.id,
            date_start=date(2026, 3, 4),
            lead_days=2,
        )
        meetings = occurrence.recurrence_activity_ids.calendar_event_id
        self.assertEqual(len(meetings), 3)
        occurrence.action_skip("nobody is there")
        self.assertFalse(meetings.exists())

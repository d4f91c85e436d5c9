from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import RecurrenceCommon


@freeze_time("2026-03-02")
@tagged("post_install", "-at_install")
class TestRecurrenceAccess(RecurrenceCommon):
    """Who may see and change which schedules."""

    def as_user(self, record, user):
        return record.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)

    def test_employee_makes_and_runs_own_interactions(self):
        schedule = self.create_interaction()
        schedule.action_generate()
        schedule.occurrence_ids[0].action_done()
        schedule.action_pause()
        schedule.action_resume()
        schedule.action_finish()
        self.assertEqual(schedule.state, "finished")

    def test_employee_deletes_own_draft(self):
        schedule = self.create_interaction()
        schedule.action_generate()
        occurrences = schedule.occurrence_ids
        schedule.unlink()
        self.assertFalse(occurrences.exists())

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_colleague_sees_nothing_of_it(self):
        schedule = self.create_interaction()
        schedule.action_generate()
        colleague = self.new_employee("rec_colleague")
        self.assertFalse(self.as_user(schedule, colleague).search([]))
        self.assertFalse(self.as_user(schedule.occurrence_ids, colleague).search([]))
        with self.assertRaises(AccessError):
            self.as_user(schedule, colleague).action_pause()
        with self.assertRaises(AccessError):
            self.as_user(schedule.occurrence_ids[0], colleague).action_skip()

    def test_responsible_sees_what_another_made_for_him(self):
        colleague = self.new_employee("rec_colleague")
        schedule = self.create_interaction(user_id=colleague.id)
        schedule.action_generate()
        self.assertEqual(self.as_user(schedule, colleague).search([]), schedule)
        self.as_user(schedule.occurrence_ids[0], colleague).action_done()
        self.assertEqual(schedule.occurrence_ids[0].state, "done")

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_employee_makes_no_invoice_schedule(self):
        with self.assertRaises(AccessError):
            self.create_interaction(target="invoice")

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_invoicing_sees_no_private_interaction(self):
        schedule = self.create_interaction()
        clerk = self.new_employee("rec_clerk", "base.group_user,account.group_account_invoice")
        self.assertFalse(self.as_user(schedule, clerk).search([]))

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.models")
    def test_reader_of_accounts_only_reads_invoices(self):
        schedule = self.create_interaction()
        invoices = self.create_interaction().sudo()
        invoices.target = "invoice"
        reader = self.new_employee("rec_reader", "account.group_account_readonly")
        found = self.as_user(schedule, reader).search([])
        self.assertEqual(found, invoices)
        with self.assertRaises(AccessError):
            found.name = "changed"

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.models")
    def test_occurrences_are_made_and_removed_by_the_engine_only(self):
        schedule = self.create_interaction()
        schedule.action_generate()
        with self.assertRaises(AccessError):
            schedule.occurrence_ids[0].unlink()
        with self.assertRaises(AccessError):
            self.env["recurrence.occurrence"].create(
                {"schedule_id": schedule.id, "rule_date": "2026-03-05", "date": "2026-03-05"}
            )

    def test_rule_17_companies_never_mix(self):
        self.create_interaction()
        other = self.env["res.company"].sudo().create({"name": "Other"})
        clerk = new_test_user(
            self.env(su=True),
            "rec_other_clerk",
            groups="base.group_user,account.group_account_invoice",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        schedules = self.env["recurrence.schedule"].with_user(clerk)
        schedules = schedules.with_context(allowed_company_ids=other.ids)
        self.assertFalse(schedules.search([]))
        self.assertFalse(schedules.env["recurrence.occurrence"].search([]))

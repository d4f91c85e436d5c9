from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import DunningMailCommon

REASON = "No delivery on credit"


class StopCommon(DunningMailCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.email = "us@example.com"
        cls.partner_a.email = "customer@example.com"
        cls.clerk = cls.create_user("stop_clerk", "dunning_group_user")
        cls.seller = new_test_user(
            cls.env,
            "stop_seller",
            groups="base.group_user",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def stop(self, partner=None, reason=REASON):
        action = (partner or self.partner_a).with_user(self.clerk).action_dunning_stop()
        dialog = self.env["dunning.stop"].with_user(self.clerk).browse(action["res_id"])
        dialog.reason = reason
        return dialog.action_stop()

    def told(self, partner=None, user=None):
        """What the banner of an invoice says."""
        partner = (partner or self.partner_a).with_user(user or self.seller)
        return partner.get_dunning_stop(self.company.id)["text"]

    def case(self, partner=None):
        return (
            self.env["dunning.case"]
            .with_context(active_test=False)
            .search([("partner_id", "=", (partner or self.partner_a).id)])
        )


@tagged("post_install", "-at_install")
@freeze_time("2026-04-10 10:00:00")
class TestDunningStop(StopCommon):
    """K7: whoever sells to a customer is told that nothing more is delivered, and why."""

    def test_k7_a_level_stops_and_payment_ends_it(self):
        self.level_2.stops_deliveries = True
        move = self.create_due_invoice("2026-03-01")
        self.execute("2026-03-06")
        self.assertEqual(self.told(), "")
        self.execute("2026-03-16")
        self.assertEqual(
            self.told(),
            f"Deliveries are stopped since 04/10/2026, by “{self.level_2.name}”: "
            "invoices are overdue.",
        )
        self.company._dunning_refresh_status(date(2026, 4, 10))
        self.assertTrue(self.case().stop_date, "still overdue")
        self._register_payment(move)
        self.company._dunning_refresh_status(date(2026, 4, 10))
        self.assertFalse(self.case().stop_date)
        self.assertEqual(self.told(), "")

    def test_k7_a_reversed_level_ends_it(self):
        self.level_1.stops_deliveries = True
        self.create_due_invoice("2026-03-01")
        run = self.execute("2026-03-06")
        self.assertTrue(self.case().stop_date)
        run.reminder_ids.action_cancel()
        self.assertFalse(self.case().stop_date)

    def test_k7_a_reversed_level_leaves_the_stop_for_another_invoice(self):
        self.level_1.stops_deliveries = True
        first = self.create_due_invoice("2026-03-01")
        self.execute("2026-03-06")
        self.create_due_invoice("2026-03-15")
        [second] = self.execute("2026-03-20").reminder_ids
        second.action_cancel()
        self.assertTrue(self.case().stop_date, f"{first.name} is overdue at the same level")
        self.env["dunning.reminder"].search([("state", "=", "sent")]).action_cancel()
        self.assertFalse(self.case().stop_date)

    def test_k7_a_person_stops_and_ends_it(self):
        self.create_due_invoice("2026-03-01")
        self.stop()
        self.assertEqual(
            self.told(), "Deliveries are stopped since 04/10/2026: No delivery on credit"
        )
        self.assertRecordValues(
            self.case(),
            [{"stop_reason": REASON, "stop_user_id": self.clerk.id, "stop_until_paid": True}],
        )
        notes = [event["text"] for event in self.case()._tell_notes()]
        self.assertIn("No delivery on credit", notes[0])
        self.case().with_user(self.clerk).action_resume_deliveries()
        self.assertEqual(self.told(), "")
        with self.assertRaisesRegex(UserError, "not stopped"):
            self.case().action_resume_deliveries()

    def test_k7_who_owes_nothing_can_be_stopped_too(self):
        self.stop(self.partner_b)
        self.assertTrue(self.told(self.partner_b))
        self.assertFalse(self.case(self.partner_b).active, "nothing of it is open")
        self.company._dunning_refresh_status(date(2026, 4, 11))
        self.assertTrue(self.told(self.partner_b), "a person ends what a person began")

    def test_k7_contacts_are_told_of_their_company_and_others_nothing(self):
        self.create_due_invoice("2026-03-01")
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": self.partner_a.id})
        self.stop(contact)
        self.assertTrue(self.told(contact))
        self.assertFalse(self.told(self.partner_b))
        portal = new_test_user(self.env, "stop_portal", groups="base.group_portal")
        with self.assertRaises(UserError):
            portal.partner_id.with_user(portal).get_dunning_stop()
        other = self.setup_other_company(name="Other")["company"]
        stranger = self.create_user("stop_stranger", "dunning_group_user", companies=other)
        found = self.partner_a.with_user(stranger).get_dunning_stop(self.company.id)
        self.assertEqual(found, {"text": ""}, "companies never mix")

    def test_k7_the_form_of_invoices_gets_no_field_for_it(self):
        arch = self.env["account.move"].get_view(view_type="form")["arch"]
        self.assertIn('<widget name="dunning_stop"', arch)
        self.assertNotIn("stop_date", arch)

    def test_k7_no_query_per_customer(self):
        partners = self.env["res.partner"].create([{"name": f"C {n}"} for n in range(8)])
        for partner in partners:
            self.create_due_invoice("2026-03-01", partner=partner)
        self.company._dunning_refresh_status(date(2026, 4, 10))
        cases = self.env["dunning.case"]

        def count(found):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            cases._find_stops(self.company, found)
            return self.env.cr.sql_log_count - before

        cases._stop_customers(self.company, partners, stop_reason="x")
        self.assertLessEqual(count(partners), count(partners[0]) + 1)


@tagged("post_install", "-at_install")
@freeze_time("2026-04-10 10:00:00")
class TestRecurrenceStop(StopCommon):
    """K7: recurring invoices of such customers are issued, asked about or held."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.recurrence_user_id = cls.env.user
        template = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "is_recurrence_template": True,
                "partner_id": cls.partner_a.id,
                "invoice_line_ids": [
                    Command.create({"name": "Support", "price_unit": 100.0, "tax_ids": []})
                ],
            }
        )
        cls.schedule = cls.env["recurrence.schedule"].create(
            {
                "name": "Support",
                "target": "invoice",
                "template_move_id": template.id,
                "partner_id": cls.partner_a.id,
                "invoice_mode": "post",
                "date_start": "2026-04-10",
                "rrule_type": "monthly",
            }
        )
        cls.schedule.action_generate()

    def run_day(self, day="2026-04-10"):
        as_of = date.fromisoformat(day)
        self.schedule.sudo()._start_due(as_of)
        return self.env["recurrence.issuing"]._issue_due(self.company, as_of)

    def first(self):
        return self.schedule.occurrence_ids.sorted("date")[:1]

    def test_k7_held_until_deliveries_resume(self):
        self.company.recurrence_stopped = "hold"
        self.stop()
        self.assertIn("Its invoices are held", self.schedule.stop_message)
        self.assertEqual(self.run_day(), 0)
        self.assertFalse(self.first().activity_id)
        self.case()._end_stop()
        self.schedule.invalidate_recordset()
        self.assertFalse(self.schedule.stop_message)
        self.assertEqual(self.run_day(), 1)

    def test_k7_a_person_is_asked_and_may_issue(self):
        self.company.recurrence_stopped = "ask"
        self.stop()
        self.assertIn("a person is asked", self.schedule.stop_message)
        self.assertEqual(self.run_day(), 0)
        self.assertTrue(self.first().activity_id)
        self.first().action_issue()
        self.assertEqual(self.first().move_id.state, "posted")

    def test_k7_issued_all_the_same(self):
        self.company.recurrence_stopped = "no"
        self.stop()
        self.assertFalse(self.schedule.stop_message)
        self.assertEqual(self.run_day(), 1)

from datetime import date

from odoo.tests import freeze_time, tagged

from ..hooks import uninstall_hook
from .common import RecurrenceInvoiceCommon


@freeze_time("2026-03-02")
@tagged("post_install", "-at_install")
class TestHooks(RecurrenceInvoiceCommon):
    """What is done once, before the addon goes."""

    def test_uninstall_hinders_no_deletion(self):
        """Odoo deletes the type of the activities while the dates they are about are there."""
        vals = {"day": 2, "date_start": date(2026, 3, 2), "invoice_mode": "confirm"}
        schedules = self.create_schedule(self.partner_a, **vals)
        schedules += self.create_schedule(self.partner_b, **vals)
        schedules.action_generate()
        schedules.sudo()._process_due(date(2026, 3, 2))
        schedules[0].occurrence_ids[0].action_issue()
        activity_type = self.env.ref("account_recurrence_dunning.mail_activity_type_issue_invoice")
        activities = self.env["mail.activity"].sudo().with_context(active_test=False)
        used = activities.search([("activity_type_id", "=", activity_type.id)])
        self.assertEqual(used.sorted("active").mapped("active"), [False, True])
        uninstall_hook(self.env(su=True))
        activity_type.sudo().unlink()
        self.assertFalse(activity_type.exists())

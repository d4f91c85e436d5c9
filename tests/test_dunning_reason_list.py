from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged

from .common import DunningMailCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestDunningReasonList(DunningMailCommon):
    """The list of invoices can be filtered and grouped by why the next reminder comes or not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.email = "us@example.com"
        cls.partner_a.email = "customer@example.com"
        cls.clerk = cls.create_user("list_clerk", "dunning_group_user")

    def get_groups(self):
        """Return ``{reason: numbers of invoices}`` as the list groups them."""
        groups = (
            self.env["account.move"]
            .with_user(self.clerk)
            ._read_group(
                [("move_type", "=", "out_invoice"), ("company_id", "=", self.company.id)],
                ["dunning_reason"],
                ["id:recordset"],
            )
        )
        return {reason: set(moves.mapped("name")) for reason, moves in groups}

    def test_rule_7_reasons_group_the_list(self):
        due = self.create_due_invoice("2026-03-01")
        coming = self.create_due_invoice("2026-03-20")
        unsent = self.create_due_invoice("2026-03-01", sent=False)
        disputed = self.create_due_invoice("2026-03-01")
        self.env["dunning.block"].create({"move_id": disputed.id, "kind": "dispute"})
        self.assertEqual(
            self.get_groups(),
            {
                "level_due": {due.name},
                "not_due_yet": {coming.name},
                "never_sent": {unsent.name},
                "dispute": {disputed.name},
            },
        )

    def test_rule_7_a_paid_invoice_has_no_reason(self):
        move = self.create_due_invoice("2026-03-01")
        self.assertEqual(move.dunning_reason, "level_due")
        self._register_payment(move)
        self.assertFalse(move.dunning_reason)

    def test_rule_7_the_reason_follows_reminders_and_days(self):
        move = self.create_due_invoice("2026-03-01")
        self.execute("2026-03-10")
        self.assertEqual(move.dunning_reason, "not_due_yet")
        self.company._dunning_refresh_status(date(2026, 3, 18))
        self.assertEqual(move.dunning_reason, "level_due")
        move._dunning_apply({"level": 3})
        self.assertEqual(move.dunning_reason, "ladder_done")
        view = self.env.ref("account_recurrence_dunning.account_move_view_search_dunning")
        self.assertIn("('dunning_reason', '=', 'ladder_done')", view.arch)

    def test_rule_7_nothing_where_dunning_is_off(self):
        self.company.dunning_active = False
        self.assertFalse(self.create_due_invoice("2026-03-01").dunning_reason)

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import DunningMailCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-05-04 10:00:00")
class TestDunningEnd(DunningMailCommon):
    """Whatever got its last level stands in a list until it is paid."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.email = "us@example.com"
        cls.partner_a.email = "customer@example.com"
        cls.clerk = cls.create_user("end_clerk", "dunning_group_user")
        cls.move = cls.create_due_invoice("2026-03-01")

    def get_list(self):
        """What the list shows as it opens."""
        return (
            self.env["dunning.escalation"].with_user(self.clerk).search([("is_paid", "=", False)])
        )

    def remind_all(self):
        for day in ("2026-03-06", "2026-03-16", "2026-03-31"):
            self.execute(day)

    def test_last_level_enters_when_it_becomes_effective(self):
        self.execute("2026-03-06")
        self.execute("2026-03-16")
        self.assertFalse(self.get_list())
        self.execute("2026-03-31")
        row = self.get_list()
        self.assertRecordValues(
            row,
            [
                {
                    "move_id": self.move.id,
                    "partner_id": self.partner_a.id,
                    "program_id": self.program.id,
                    "amount_residual": 100.0,
                    "last_date": date(2026, 3, 31),
                    "date_entered": date(2026, 3, 31),
                    "decision": False,
                }
            ],
        )

    def test_it_enters_once_and_the_daily_refresh_keeps_the_decision(self):
        self.remind_all()
        row = self.get_list()
        row._decide("wait", date_again=date(2026, 6, 1))
        row.write({"note": "They sell their house"})
        self.company._dunning_refresh_status(date(2026, 5, 4))
        self.assertEqual(self.get_list(), row)
        self.assertRecordValues(
            row,
            [
                {
                    "decision": "wait",
                    "date_again": date(2026, 6, 1),
                    "decision_date": date(2026, 5, 4),
                    "user_id": self.clerk.id,
                    "note": "They sell their house",
                }
            ],
        )

    def test_it_leaves_when_it_is_paid(self):
        self.remind_all()
        self.assertEqual(len(self.get_list()), 1)
        row = self.get_list()
        self._register_payment(self.move)
        self.assertFalse(self.get_list())
        self.assertTrue(row.is_paid)
        self.company._dunning_refresh_status(date(2026, 5, 5))
        self.assertFalse(row.active)

    def test_it_leaves_when_the_ladder_goes_on(self):
        self.remind_all()
        self.env["dunning.level"].create(
            {"program_id": self.program.id, "name": "One more", "days": 90}
        )
        self.company._dunning_refresh_status(date(2026, 5, 4))
        self.assertFalse(self.get_list())

    def test_a_disputed_one_enters_too(self):
        self.remind_all()
        self.get_list().sudo().unlink()
        self.env["dunning.block"].create({"move_id": self.move.id, "kind": "dispute"})
        self.company._dunning_refresh_status(date(2026, 5, 4))
        self.assertEqual(self.get_list().move_id, self.move)

    def test_the_reverse_of_the_last_reminder_takes_it_out(self):
        self.remind_all()
        self.env["dunning.reminder"].search([("level_id", "=", self.level_3.id)]).action_cancel()
        self.assertFalse(self.get_list())

    def test_a_repeated_last_level_ends_after_its_repetitions(self):
        self.level_3.write({"repeat_every": 10, "repeat_max": 1})
        self.remind_all()
        self.assertFalse(self.get_list())
        self.execute("2026-04-14")
        self.assertEqual(self.get_list().move_id, self.move)

    def test_rights(self):
        self.remind_all()
        row = self.get_list()
        row._decide("wait")
        with self.assertRaises(AccessError):
            row.decision = False
        with self.assertRaises(AccessError):
            row.unlink()
        with self.assertRaisesRegex(UserError, "The decision is kept"):
            row.sudo().unlink()
        with self.assertRaises(AccessError):
            row.create({"move_line_id": row.move_line_id.id, "partner_id": self.partner_a.id})
        other = self.setup_other_company(name="Other")["company"]
        outsider = self.create_user("end_outsider", "dunning_group_user", companies=other)
        self.assertFalse(self.env["dunning.escalation"].with_user(outsider).search([]))

    def test_no_query_per_line(self):
        self.create_due_invoice("2026-03-01")
        self.env["account.move"].search([("company_id", "=", self.company.id)])._dunning_apply(
            {"level": 3}
        )
        few = self.count_queries()
        moves = self.env["account.move"]
        for _number in range(8):
            moves |= self.create_due_invoice("2026-03-01")
        moves._dunning_apply({"level": 3})
        many = self.count_queries()
        self.assertEqual(len(self.get_list()), 10)
        self.assertLessEqual(many, few + 1)

    def count_queries(self):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.company._dunning_refresh_status(date(2026, 5, 4))
        self.env.flush_all()
        return self.env.cr.sql_log_count - before


@tagged("post_install", "-at_install")
@freeze_time("2026-05-04 10:00:00")
class TestDunningEndWaits(DunningMailCommon):
    """What is promised, planned, disputed or blocked is not to be decided: it waits for that."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = cls.create_user("wait_clerk", "dunning_group_user")
        cls.moves = cls.create_due_invoice("2026-03-01") | cls.create_due_invoice("2026-03-02")
        cls.moves |= cls.create_due_invoice("2026-03-03", partner=cls.partner_b)
        cls.moves._dunning_apply({"level": 3})

    def find(self, waiting):
        ends = self.env["dunning.escalation"].with_user(self.clerk)
        return ends.search([("is_waiting", "=", waiting)]).move_id

    def get_end(self, move):
        ends = self.env["dunning.escalation"].with_user(self.clerk)
        return ends.search([("move_id", "=", move.id)])

    def test_a_promised_one_waits_until_its_day_is_over(self):
        first, second, third = self.moves
        self.assertEqual(self.find(waiting=False), self.moves)
        line = first.line_ids.filtered(lambda ln: ln.account_type == "asset_receivable")
        self.env["dunning.promise"].with_user(self.clerk).create(
            {"partner_id": self.partner_a.id, "move_line_ids": line.ids, "date": "2026-05-20"}
        )
        self.assertEqual(self.find(waiting=True), first)
        self.assertEqual(self.find(waiting=False), second | third)
        self.assertTrue(self.get_end(first).is_waiting)
        self.assertEqual(
            self.get_end(first).decision_text, "Waits: Promise to pay until 05/20/2026"
        )
        self.assertEqual(self.get_end(second).decision_text, "Nobody has decided yet")
        with freeze_time("2026-05-20 10:00:00"):
            self.assertEqual(self.find(waiting=True), first)
        with freeze_time("2026-05-21 10:00:00"):
            self.env.invalidate_all()
            self.assertFalse(self.find(waiting=True))
            self.assertFalse(self.get_end(first).is_waiting)

    def test_a_dispute_of_all_holds_the_customers_items_alone(self):
        first, second, third = self.moves
        dispute = (
            self.env["dunning.dispute"]
            .with_user(self.clerk)
            .create({"partner_id": self.partner_a.id, "reason": "amount"})
        )
        self.assertEqual(self.find(waiting=True), first | second)
        self.assertEqual(self.get_end(second).decision_text, "Waits: Dispute")
        self.assertEqual(self.find(waiting=False), third)
        dispute.action_rejected()
        self.env.invalidate_all()
        self.assertFalse(self.find(waiting=True))
        self.assertEqual(self.get_end(second).decision_text, "Nobody has decided yet")

    def test_what_was_decided_tells_that_until_its_day(self):
        first = self.moves[0]
        end = self.get_end(first)
        end._decide("wait", date_again=date(2026, 5, 10))
        self.env["dunning.block"].create(
            {"move_id": first.id, "kind": "goodwill", "date_until": "2026-05-31"}
        )
        with freeze_time("2026-05-12 10:00:00"):
            self.env.invalidate_all()
            self.assertEqual(self.find(waiting=True), first)
            self.assertEqual(self.get_end(first).decision_text, "Waits: Goodwill until 05/31/2026")

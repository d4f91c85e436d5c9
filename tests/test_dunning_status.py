from datetime import date, timedelta

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import DunningMailCommon

FIELDS = (
    "dunning_level",
    "dunning_last_date",
    "dunning_first_date",
    "dunning_next_date",
    "dunning_reason",
)


@tagged("post_install", "-at_install")
class TestDunningStatus(DunningMailCommon):
    """What stands on invoices after messages left is what a fresh look at all facts says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.email = "acme@customer.example"
        cls.partner_b.email = "bolt@customer.example"

    def read_status(self, moves):
        self.env.flush_all()
        moves.invalidate_recordset(FIELDS)
        return {move.name: tuple(move[name] for name in FIELDS) for move in moves}

    def assertStatusHolds(self, moves, first, days):
        """Run dunning day by day; after each day a fresh look must change nothing.

        :return: the number of messages that left
        """
        count = 0
        for number in range(days):
            day = date.fromisoformat(first) + timedelta(number)
            count += len(self.execute(str(day)).reminder_ids.filtered("sent_date"))
            stands = self.read_status(moves)
            self.company._dunning_refresh_status(day)
            self.assertEqual(stands, self.read_status(moves), day)
        return count

    def test_status_after_sending_is_that_of_a_fresh_look(self):
        self.level_1.write({"repeat_every": 4, "repeat_max": 1})
        self.program.level_ids = [
            Command.create({"name": "Greeting", "days": 9, "counts": False, "gap": 1})
        ]
        moves = self.create_due_invoice("2026-03-04", 100.0)
        moves |= self.create_due_invoice("2026-03-12", 70.0)
        moves |= self.create_due_invoice("2026-03-01", 55.0, partner=self.partner_b)
        blocked = self.create_due_invoice("2026-03-02", 40.0, partner=self.partner_b)
        moves |= blocked
        self.env["dunning.block"].create(
            {
                "partner_id": self.partner_b.id,
                "move_id": blocked.id,
                "kind": "promise",
                "date_from": "2026-03-05",
                "date_until": "2026-03-20",
            }
        )
        self.create_refund(30.0)
        for gap in (7, 0):
            with self.subTest(contact_gap=gap):
                self.company.dunning_contact_gap = gap
                first = "2026-03-01" if gap else "2026-03-23"
                self.assertGreater(self.assertStatusHolds(moves, first, 22), 3)

    def test_status_after_a_level_by_hand(self):
        move = self.create_due_invoice("2026-03-01")
        line = move.line_ids.filtered(lambda ln: ln.account_type == "asset_receivable")
        self.env["account.move.line"]._dunning_write_line_status(
            {line.id: (1, date(2026, 3, 6), 0)}
        )
        self.assertEqual(self.assertStatusHolds(move, "2026-03-14", 20), 2)

    def test_status_where_a_filter_asks_for_the_tag_of_a_level(self):
        tag = self.env["account.move.tag"].create({"name": "Reminded"})
        self.level_1.tag_id = tag
        self.level_2.filter_domain = f"[('tag_ids', 'not in', {tag.ids})]"
        move = self.create_due_invoice("2026-03-01")
        self.assertEqual(self.assertStatusHolds(move, "2026-03-06", 20), 1)

    def test_status_of_a_message_that_left_days_after_it_was_decided(self):
        moves = self.create_due_invoice("2026-03-04")
        # its level of 03-12 waits for the gap of 7 days
        moves |= self.create_due_invoice("2026-03-07", 70.0)
        self.send(self.queue("2026-03-09"), "2026-03-11")
        stands = self.read_status(moves)
        self.company._dunning_refresh_status(date(2026, 3, 11))
        self.assertEqual(stands, self.read_status(moves))
        self.assertEqual(moves.mapped("dunning_next_date"), [date(2026, 3, 19), date(2026, 3, 18)])

    @freeze_time("2026-03-10 10:00:00")
    def test_status_where_one_of_two_messages_could_not_leave(self):
        self.program.grouping = "invoice"
        moves = self.create_due_invoice("2026-03-01") | self.create_due_invoice("2026-03-02")
        reminders = self.queue("2026-03-10")
        reminders[0].mail_id.sudo().unlink()
        self.send(reminders, "2026-03-10")
        self.assertEqual(reminders.mapped("state"), ["failed", "sent"])
        stands = self.read_status(moves)
        self.company._dunning_refresh_status(date(2026, 3, 10))
        self.assertEqual(stands, self.read_status(moves))

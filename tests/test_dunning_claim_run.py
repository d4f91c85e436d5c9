"""What a run would claim for late payment, before its execution and after it (M3)."""

from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged

from .test_dunning_claim_told import ClaimToldCase


def plain(text):
    return (text or "").replace("\N{NO-BREAK SPACE}", " ")


@tagged("post_install", "-at_install")
@freeze_time("2026-03-06 09:00:00")
class TestClaimOfRun(ClaimToldCase):
    def simulate(self, day="2026-03-06", **vals):
        run = self.env["dunning.run"].create(
            {"company_id": self.company.id, "date": date.fromisoformat(day), **vals}
        )
        run.action_simulate()
        return run

    def test_m3_the_simulation_tells_what_the_messages_will_claim(self):
        self.create_due_invoice("2026-03-01", 1000.0)
        run = self.simulate()
        # 2 to 6 March: five days at 0.30, and 40.00
        self.assertEqual(plain(run.claimed_text), "$ 41.50")
        self.assertEqual(plain(run.outlook_claimed), "$ 41.50")
        run.action_execute()
        self.assertEqual(sum(run.reminder_ids.claim_ids.mapped("amount")), 41.5)
        self.assertEqual(plain(run.claimed_text), "$ 41.50")

    def test_m1_with_the_fee_of_each_message(self):
        self.rule.sudo().write({"fee_allowed": True, "fee": 2.5, "fee_from": 1})
        self.create_due_invoice("2026-03-01", 1000.0)
        self.create_due_invoice("2026-02-28", 1000.0)
        run = self.simulate()
        # 1.50 + 40.00, 1.80 + 40.00, and one fee for both
        self.assertEqual(plain(run.claimed_text), "$ 85.80")
        run.action_execute()
        self.assertEqual(round(sum(run.reminder_ids.claim_ids.mapped("amount")), 2), 85.8)

    def test_m3_with_the_invoices_that_are_only_mentioned(self):
        self.create_due_invoice("2026-03-01", 1000.0)
        # overdue, but its first reminder is not due yet
        self.create_due_invoice("2026-03-04", 1000.0)
        run = self.simulate()
        self.assertEqual(run.remind_count, 1)
        # 1.50 + 40.00, and two days of the other: 0.60 + 40.00
        self.assertEqual(plain(run.claimed_text), "$ 82.10")
        run.action_execute()
        self.assertEqual(round(sum(run.reminder_ids.claim_ids.mapped("amount")), 2), 82.1)

    def test_m3_what_is_taken_out_of_the_run_is_not_told(self):
        self.create_due_invoice("2026-03-01", 1000.0)
        self.create_due_invoice("2026-03-01", 2000.0, partner=self.partner_b)
        self.partner_b.write({"is_company": True, "country_id": self.land.id})
        run = self.simulate()
        self.assertEqual(plain(run.claimed_text), "$ 84.50")  # 41.50 + 3.00 + 40.00
        lines = run.remind_line_ids
        lines.filtered(lambda line: line.partner_id == self.partner_b)._omit()
        # not what it was: the dialog before the execution tells the rest
        self.assertFalse(run.claimed_text)
        self.assertEqual(plain(run.outlook_claimed), "$ 41.50")
        lines.filtered(lambda line: line.partner_id == self.partner_b)._restore()
        self.assertEqual(plain(run.claimed_text), "$ 84.50")

    def test_m3_nothing_where_the_level_does_not_claim(self):
        self.create_due_invoice("2026-03-01", 1000.0)
        self.program.level_ids.charge_show = False
        run = self.simulate()
        self.assertFalse(run.claimed_text)
        self.assertFalse(run.outlook_claimed)

    def test_m3_a_simulation_is_read_without_computing_it_again(self):
        self.create_due_invoice("2026-03-01", 1000.0)
        run = self.simulate()
        self.env.flush_all()
        self.env.invalidate_all()
        run.read(["state", "company_id"])
        with self.assertQueryCount(4):
            self.assertEqual(plain(run.claimed_text), "$ 41.50")

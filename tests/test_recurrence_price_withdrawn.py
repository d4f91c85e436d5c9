from datetime import date

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from ..models.recurrence.recurrence_schedule_correction_mixin import LineChange
from .test_recurrence_billed_line import FEBRUARY, MARCH
from .test_recurrence_price_rise import APRIL, PriceRiseCase


@freeze_time("2026-01-05 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrencePriceRiseWithdrawn(PriceRiseCase):
    """R11: reversible until it was billed."""

    def test_r11_withdrawn(self):
        rise = self.create_rise()
        rise.action_apply()
        rise.action_withdraw()
        self.assertEqual(rise.state, "withdrawn")
        self.assertEqual(rise.notice_ids.mapped("state"), ["withdrawn", "withdrawn"])
        self.assertEqual(self.get_prices(self.hosting), [(100.0, False, False)])
        self.assertEqual(self.get_prices(self.small), [(49.90, False, False)])
        self.assertEqual(self.bill(self.hosting, MARCH), 100.0)

    def test_r11_line_that_was_never_billed_is_withdrawn_in_place(self):
        fresh = self.create_for(self.partner_a, self.line("Backup", 30.0), date_start=MARCH)
        rise = self.create_rise(fresh)
        rise.action_apply()
        self.assertEqual(self.get_prices(fresh), [(30.9, False, False)])
        rise.action_withdraw()
        self.assertEqual(self.get_prices(fresh), [(30.0, False, False)])

    def test_r11_end_of_a_line_comes_back(self):
        line = self.hosting.template_move_id.invoice_line_ids
        line.recurrence_until = date(2026, 12, 31)
        rise = self.create_rise(self.hosting)
        rise.action_apply()
        self.assertEqual(
            self.get_prices(self.hosting),
            [(100.0, False, date(2026, 2, 28)), (103.0, MARCH, date(2026, 12, 31))],
        )
        rise.action_withdraw()
        self.assertEqual(self.get_prices(self.hosting), [(100.0, False, date(2026, 12, 31))])

    def test_r11_what_is_billed_stays(self):
        rise = self.create_rise()
        rise.action_apply()
        invoice = self.run_on(self.hosting, MARCH)
        ann, ben = rise.notice_ids
        with self.assertRaisesRegex(UserError, f"with the new price already: {invoice.name}"):
            ann.action_withdraw()
        action = rise.action_withdraw()
        self.assertIn(
            "Withdrawn: 1. Billed or changed since, and not withdrawn: 1",
            action["params"]["message"],
        )
        self.assertEqual((ann.state, ben.state), ("applied", "withdrawn"))
        self.assertEqual(rise.state, "applied")

    def test_r11_what_was_changed_since_stays(self):
        rise = self.create_rise(self.hosting)
        rise.action_apply()
        self.hosting.template_move_id.invoice_line_ids[1].price_unit = 99.0
        with self.assertRaisesRegex(UserError, "Hosting was changed since"):
            rise.notice_ids.action_withdraw()

    def test_r11_two_rises_are_withdrawn_in_turn(self):
        first = self.create_rise(self.hosting)
        first.action_apply()
        second = self.create_rise(self.hosting, date=APRIL)
        second.action_apply()
        with self.assertRaisesRegex(UserError, "was changed since"):
            first.notice_ids.action_withdraw()
        self.assertEqual(first.state, "applied")
        second.action_withdraw()
        first.action_withdraw()
        self.assertEqual(self.get_prices(self.hosting), [(100.0, False, False)])

    def test_r11_what_is_in_force_is_not_deleted(self):
        rise = self.create_rise()
        rise.action_apply()
        with self.assertRaisesRegex(UserError, "Withdraw it first"):
            rise.unlink()
        rise.action_withdraw()
        # customers were told: that stays
        with self.assertRaisesRegex(UserError, "stays as the record"):
            rise.unlink()
        untold = self.create_rise(is_announced=False)
        untold.action_apply()
        untold.action_withdraw()
        untold.unlink()
        self.assertFalse(untold.exists())

    def assertKept(self, rise):
        """The former price cannot come back, and nothing is changed by trying."""
        before = self.get_prices(self.hosting)
        with self.assertRaisesRegex(UserError, "Hosting was changed since"):
            rise.notice_ids.action_withdraw()
        self.assertIn("not withdrawn: 1", rise.action_withdraw()["params"]["message"])
        self.assertEqual(self.get_prices(self.hosting), before)

    def test_r11_line_that_was_ended_since_is_not_revived(self):
        rise = self.create_rise(self.hosting)
        rise.action_apply()
        self.hosting.template_move_id.invoice_line_ids[1].recurrence_until = date(2026, 5, 31)
        self.assertKept(rise)

    def test_r11_line_that_is_on_hold_since_is_not_released(self):
        rise = self.create_rise(self.hosting)
        rise.action_apply()
        self.hosting.template_move_id.invoice_line_ids[1].recurrence_billing = "held"
        self.assertKept(rise)

    def test_r11_quantity_that_was_changed_since_stays(self):
        rise = self.create_rise(self.hosting)
        rise.action_apply()
        self.hosting.template_move_id.invoice_line_ids[1].quantity = 5
        self.assertKept(rise)

    def test_r11_account_that_was_changed_since_stays(self):
        rise = self.create_rise(self.hosting)
        rise.action_apply()
        account = self.company_data["default_account_revenue"].copy()
        self.hosting.template_move_id.invoice_line_ids[1].account_id = account
        self.assertKept(rise)

    def test_r11_former_line_that_was_deleted_is_not_missed(self):
        rise = self.create_rise(self.hosting)
        rise.action_apply()
        self.hosting.template_move_id.invoice_line_ids[0].unlink()
        self.assertKept(rise)

    def test_r11_line_that_changes_before_it_too(self):
        """100.00 until January, 90.00 in February, 103.00 from March."""
        rise = self.create_rise(self.hosting)
        rise.action_apply()
        self.hosting._change_lines(
            FEBRUARY,
            [LineChange(self.hosting.template_move_id.invoice_line_ids[0], {"price_unit": 90.0})],
        )
        self.assertKept(rise)

from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from ..models.recurrence import recurrence_price_rise_applying_mixin
from .test_recurrence_billed_line import FEBRUARY, JANUARY, MARCH, BilledLineCase

APRIL = date(2026, 4, 1)
CRON = "account_recurrence_dunning.recurrence_cron_run_due"


class PriceRiseCase(BilledLineCase):
    """Base: hosting of 100.00 for one customer, of 49.90 for another; January is billed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk.partner_id.email = "clerk@example.com"
        cls.partner_a.email = "ann@example.com"
        cls.partner_b.email = "ben@example.com"
        cls.hosting = cls.create_running(cls.line("Hosting", 100.0))
        cls.small = cls.create_for(cls.partner_b, cls.line("Small hosting", 49.90))
        for schedule in cls.hosting + cls.small:
            schedule.sudo()._run_due(JANUARY)

    @classmethod
    def create_for(cls, partner, *lines, **vals):
        schedule = cls.create_schedule(
            partner,
            template={"invoice_line_ids": list(lines), **vals.pop("template", {})},
            invoice_mode="post",
            user_id=cls.clerk.id,
            **vals,
        )
        schedule.sudo().state = "running"
        schedule.sudo()._generate(JANUARY)
        return schedule

    def create_rise(self, schedules=None, **vals):
        """Open a rise from the list, as the clerk; 3 % from 1 February with 30 days' notice."""
        schedules = schedules or self.hosting + self.small
        action = schedules.with_user(self.clerk).action_raise_prices()
        rise = self.env["recurrence.price.rise"].with_user(self.clerk).browse(action["res_id"])
        rise.write({"date": FEBRUARY, "percent": 3, **vals})
        rise.action_propose()
        return rise

    def run_waiting(self):
        """Let the job do what waits, in transactions of its own."""
        with self.enter_registry_test_mode():
            self.env.ref(CRON).sudo().method_direct_trigger()
        self.env.invalidate_all()

    def assertPrices(self, rise, *expected):
        """Each line as (text, former price, new price, date, reason)."""
        found = [
            (line.name, line.former_price, line.price, line.date, line.reason)
            for line in rise.line_ids.sorted("id")
        ]
        self.assertEqual(found, list(expected))

    def get_prices(self, schedule):
        return [
            (line.price_unit, line.recurrence_start, line.recurrence_until)
            for line in schedule.template_move_id.invoice_line_ids
        ]

    def bill(self, schedule, day):
        return self.run_on(schedule, day).amount_untaxed


@freeze_time("2026-01-05 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrencePriceRise(PriceRiseCase):
    """R11: shown first, told in time, in force from the first period that nothing bills yet."""

    def test_r11_shown_first(self):
        """30 days after 5 January are 4 February: the next month begins on 1 March."""
        rise = self.create_rise()
        self.assertPrices(
            rise,
            ("Hosting", 100.0, 103.0, MARCH, False),
            ("Small hosting", 49.90, 51.40, MARCH, False),
        )
        self.assertEqual(rise.line_ids.mapped("percent"), [3.0, 3.01])
        self.assertEqual((rise.notice_count, rise.raised_count, rise.kept_count), (2, 2, 0))
        self.assertEqual(rise.monthly_change, "$\xa04.50")
        self.assertEqual(self.get_prices(self.hosting), [(100.0, False, False)])
        self.assertFalse(rise.notice_ids.message_ids.filtered("partner_ids"))

    def test_r11_without_notice_from_the_day_itself(self):
        rise = self.create_rise(is_announced=False)
        self.assertEqual(rise.line_ids.mapped("date"), [FEBRUARY, FEBRUARY])
        rise.action_apply()
        self.assertEqual(rise.state, "applied")
        self.assertFalse(rise.notice_ids.mapped("told_by")[0])
        self.assertEqual(self.bill(self.hosting, FEBRUARY), 103.0)

    def test_r11_in_force_from_its_date(self):
        self.create_rise().action_apply()
        self.assertEqual(
            self.get_prices(self.hosting),
            [(100.0, False, date(2026, 2, 28)), (103.0, MARCH, False)],
        )
        self.assertEqual(self.bill(self.hosting, FEBRUARY), 100.0)
        self.assertEqual(self.bill(self.hosting, MARCH), 103.0)
        self.assertEqual(self.bill(self.small, FEBRUARY), 49.90)
        self.assertEqual(self.bill(self.small, MARCH), 51.40)

    def test_r11_period_that_is_billed_ahead_keeps_its_price(self):
        """A quarter from 1 January is billed: from 1 April on, whatever the rise says."""
        quarter = self.create_for(self.partner_a, self.line("Support", 300.0), interval=3)
        quarter.sudo()._run_due(JANUARY)
        rise = self.create_rise(quarter, is_announced=False, date=JANUARY)
        self.assertPrices(rise, ("Support", 300.0, 309.0, APRIL, False))

    def test_r11_draft_that_waits_keeps_its_price(self):
        self.hosting.invoice_mode = "draft"
        self.hosting.sudo()._run_due(FEBRUARY)
        rise = self.create_rise(self.hosting, is_announced=False)
        self.assertPrices(rise, ("Hosting", 100.0, 103.0, MARCH, False))
        rise.action_apply()
        self.assertEqual(self.bill(self.hosting, MARCH), 103.0)

    def test_r11_customers_are_told_in_their_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.partner_b.lang = "fr_FR"
        rise = self.create_rise()
        rise.action_apply()
        ann, ben = rise.notice_ids
        self.assertEqual((ann.told_by, ben.told_by), ("email", "email"))
        message = ann.message_ids.filtered("partner_ids")
        self.assertEqual(message.partner_ids, self.partner_a)
        self.assertEqual(message.author_id, self.clerk.partner_id)
        for text in ("Hosting", "100.00", "103.00", "03/01/2026"):
            self.assertIn(text, message.body)
        message = ben.message_ids.filtered("partner_ids")
        self.assertEqual(message.partner_ids, self.partner_b)
        self.assertIn("$\xa051,40", message.body.replace("&nbsp;", "\xa0"))
        self.assertIn("01/03/2026", message.body)
        self.assertIn("Nouveau prix", message.body)

    def test_r11_customer_without_an_address_gets_a_letter(self):
        self.partner_a.email = False
        rise = self.create_rise()
        rise.action_apply()
        ann = rise.notice_ids.filtered(lambda notice: notice.partner_id == self.partner_a)
        self.assertEqual((ann.told_by, ann.told_date), ("letter", False))
        self.assertEqual(rise.letter_count, 1)
        letters = self.env["recurrence.price.notice"].search([("is_letter_due", "=", True)])
        self.assertEqual(letters, ann)
        action = ann.action_print_letters()
        self.assertTrue(ann.told_date)
        report = self.env["ir.actions.report"].with_user(self.clerk)
        html = report._render_qweb_html(action["report_name"], ann.ids)[0].decode()
        for text in ("partner_a", "Hosting", "103.00", "03/01/2026"):
            self.assertIn(text, html)

    def test_r11_live_lines_only(self):
        schedule = self.create_for(
            self.partner_a,
            self.line("Hosting", 100.0),
            self.line("Setup", 250.0, recurrence_billing="once"),
            self.line("Audit", 70.0, recurrence_billing="held"),
            self.line("Migration", 50.0, recurrence_until="2026-02-28"),
            self.line("Backup", 30.0, recurrence_start="2026-06-01"),
            self.line("Included", 0.0),
            self.line("Rebate", -10.0),
        )
        rise = self.create_rise(schedule, date=MARCH)
        self.assertPrices(
            rise,
            ("Hosting", 100.0, 103.0, MARCH, False),
            ("Setup", 250.0, 250.0, False, "once"),
            ("Audit", 70.0, 70.0, False, "held"),
            ("Migration", 50.0, 50.0, False, "ended"),
            ("Backup", 30.0, 30.0, False, "not_begun"),
            ("Included", 0.0, 0.0, False, "no_price"),
            ("Rebate", -10.0, -10.3, MARCH, False),
        )
        rise.action_apply()
        backup = schedule.template_move_id.invoice_line_ids.filtered(lambda f: f.name == "Backup")
        self.assertEqual(backup.price_unit, 30.0)

    def test_r11_price_of_the_product_stays_the_products(self):
        schedule = self.create_for(
            self.partner_a,
            Command.create({"product_id": self.product_a.id}),
            price_source="product",
        )
        [line] = self.create_rise(schedule).line_ids
        self.assertEqual(line.reason, "product_price")

    def test_r11_only_some_products(self):
        self.hosting.template_move_id.write(
            {"invoice_line_ids": [Command.create({"product_id": self.product_a.id})]}
        )
        rise = self.create_rise(product_ids=[Command.set(self.product_a.ids)])
        self.assertEqual(rise.line_ids.line_id.product_id, self.product_a)
        self.assertEqual(len(rise.line_ids), 1)

    def test_r11_amount_and_other_currency(self):
        yen = self.env.ref("base.JPY")
        yen.active = True
        other = self.create_for(
            self.partner_a, self.line("Hosting", 1000.0), template={"currency_id": yen.id}
        )
        rise = self.create_rise(self.hosting + other, method="amount", amount=2.5)
        self.assertPrices(
            rise,
            ("Hosting", 100.0, 102.5, MARCH, False),
            ("Hosting", 1000.0, 1000.0, False, "other_currency"),
        )

    def test_r11_line_of_every_third_date_rises_with_its_quarter(self):
        schedule = self.create_for(
            self.partner_a, self.line("Certificate", 60.0, recurrence_every=3)
        )
        rise = self.create_rise(schedule)
        self.assertPrices(rise, ("Certificate", 60.0, 61.8, APRIL, False))
        # 60.00 each three months are 20.00 a month, 3 % of it 0.60
        self.assertAlmostEqual(rise.line_ids.monthly_change, 0.6, 9)

    def test_r11_by_days_it_still_begins_with_a_period(self):
        schedule = self.create_for(self.partner_a, self.line("Hosting", 100.0), proration="days")
        rise = self.create_rise(schedule, is_announced=False, date=date(2026, 2, 10))
        self.assertPrices(rise, ("Hosting", 100.0, 103.0, MARCH, False))

    def test_r11_second_rise_raises_the_raised_price(self):
        self.create_rise(self.hosting).action_apply()
        rise = self.create_rise(self.hosting, date=APRIL)
        self.assertPrices(
            rise,
            ("Hosting", 100.0, 100.0, False, "ended"),
            ("Hosting", 103.0, 106.09, APRIL, False),
        )
        rise.action_apply()
        self.assertEqual(self.bill(self.hosting, MARCH), 103.0)
        self.assertEqual(self.bill(self.hosting, APRIL), 106.09)

    def test_r11_price_that_a_person_enters(self):
        rise = self.create_rise()
        with Form(rise) as form, form.line_ids.edit(0) as line:
            line.price = 110.0
        rise.action_apply()
        self.assertEqual(self.get_prices(self.hosting)[1][0], 110.0)

    def test_r11_line_and_customer_that_are_left_out(self):
        rise = self.create_rise()
        rise.notice_ids[0].action_leave_out()
        self.assertEqual(rise.line_ids.sorted("id").mapped("reason"), ["left_out", False])
        rise.action_apply()
        self.assertEqual(self.get_prices(self.hosting), [(100.0, False, False)])
        self.assertEqual(self.get_prices(self.small)[1][0], 51.40)
        with self.assertRaisesRegex(UserError, "applied already"):
            rise.line_ids[1:].action_leave_out()

    def test_r11_nothing_to_apply(self):
        rise = self.create_rise()
        rise.line_ids.action_leave_out()
        self.assertEqual(rise.notice_count, 0)
        with self.assertRaisesRegex(UserError, "No price changes"):
            rise.action_apply()

    def test_r11_terms_that_changed_are_worked_out_again(self):
        rise = self.create_rise()
        self.assertFalse(rise.is_stale)
        rise.percent = 4
        self.assertTrue(rise.is_stale)
        with self.assertRaisesRegex(UserError, "Do it again"):
            rise.action_apply()
        rise.action_propose()
        rise.action_apply()
        self.assertEqual(self.get_prices(self.hosting)[1][0], 104.0)
        with self.assertRaisesRegex(UserError, "applied already"):
            rise.percent = 5

    def test_r11_never_announced_too_late(self):
        """Worked out on 5 January for 1 March; on 1 February its notice ends on 3 March."""
        rise = self.create_rise()
        with freeze_time("2026-02-01 10:00:00"):
            with self.assertRaisesRegex(UserError, "in force before 03/03/2026"):
                rise.action_apply()
            rise.action_propose()
            self.assertEqual(rise.line_ids.mapped("date"), [APRIL, APRIL])
            rise.action_apply()
        self.assertEqual(rise.state, "applied")

    def test_r11_line_that_changed_meanwhile_stops_nobody_else(self):
        rise = self.create_rise()
        self.hosting.template_move_id.invoice_line_ids.price_unit = 120.0
        rise.action_apply()
        ann, ben = rise.notice_ids
        self.assertEqual((ann.state, ben.state), ("failed", "applied"))
        self.assertEqual(ann.error, "Hosting has changed since the prices were worked out.")
        self.assertFalse(ann.told_date)
        self.assertEqual(self.get_prices(self.hosting), [(120.0, False, False)])
        with self.assertRaisesRegex(UserError, "applied already"):
            ann.action_leave_out()
        self.hosting.template_move_id.invoice_line_ids.price_unit = 100.0
        rise.action_try_again()
        self.assertEqual(ann.state, "applied")
        with self.assertRaisesRegex(UserError, "No customer failed"):
            rise.action_try_again()
        self.assertEqual(ben.message_ids.filtered("partner_ids").partner_ids, self.partner_b)
        self.assertEqual(len(ben.message_ids.filtered("partner_ids")), 1)

    def test_r11_customers_that_failed_are_worked_out_anew(self):
        """120.00 was agreed meanwhile: 3 % of it, in a rise of its own."""
        rise = self.create_rise()
        self.hosting.template_move_id.invoice_line_ids.price_unit = 120.0
        rise.action_apply()
        action = rise.action_start_anew()
        self.assertEqual((rise.state, rise.notice_count), ("applied", 1))
        anew = self.env["recurrence.price.rise"].browse(action["res_id"])
        self.assertPrices(anew, ("Hosting", 120.0, 123.6, MARCH, False))
        self.assertEqual((anew.state, anew.user_id), ("draft", self.clerk))
        with self.assertRaisesRegex(UserError, "No customer failed"):
            rise.action_start_anew()

    def test_r11_all_are_worked_out_anew_by_who_may(self):
        """The responsible lost his rights; of the first rise nothing is left to withdraw."""
        rise = self.create_rise()
        with patch.object(recurrence_price_rise_applying_mixin, "AT_ONCE", 0):
            rise.action_apply()
        self.clerk.sudo().group_ids -= self.env.ref("account.group_account_invoice")
        self.run_waiting()
        rise = rise.with_user(self.env.user)
        anew = self.env["recurrence.price.rise"].browse(rise.action_start_anew()["res_id"])
        self.assertEqual(anew.user_id, self.env.user)
        self.assertEqual(anew.line_ids.sorted("id").mapped("price"), [103.0, 51.40])
        self.assertEqual(rise.state, "kept")
        rise.unlink()
        self.assertFalse(rise.exists())

    def test_r11_recurrence_that_ended_meanwhile_is_not_announced(self):
        rise = self.create_rise()
        self.hosting.sudo().state = "finished"
        self.small.template_move_id.invoice_line_ids.recurrence_billing = "held"
        rise.action_apply()
        self.assertEqual(
            rise.notice_ids.mapped("error"),
            ["Hosting: The recurrence is not running", "Small hosting: On hold"],
        )
        self.assertFalse(rise.notice_ids.message_ids.filtered("partner_ids"))

    def test_r11_recurrence_that_ends_before_is_not_announced(self):
        schedule = self.create_for(self.partner_a, self.line("Hosting", 100.0), proration="days")
        rise = self.create_rise(schedule)
        schedule.write({"end_type": "end_date", "until": date(2026, 2, 28)})
        rise.action_apply()
        self.assertEqual(rise.notice_ids.error, "Hosting: no period begins on 03/01/2026 any more.")
        self.assertEqual(self.get_prices(schedule), [(100.0, False, False)])

    def test_r11_recurrence_that_was_deleted_is_not_announced(self):
        fresh = self.create_for(self.partner_a, self.line("Backup", 30.0), date_start=MARCH)
        rise = self.create_rise(fresh)
        fresh.sudo().state = "draft"
        fresh.sudo().unlink()
        with self.assertRaisesRegex(UserError, "Do it again"):
            rise.action_apply()
        rise.sudo().notice_ids.state = "waiting"
        rise.notice_ids._apply()
        self.assertIn("Its recurrence was deleted", rise.notice_ids.error)

    def test_r11_job_never_tells_too_late(self):
        """Applied on 30 January for 1 March, 30 days; the job gets to it on 2 February."""
        with freeze_time("2026-01-30 10:00:00"):
            rise = self.create_rise()
            with patch.object(recurrence_price_rise_applying_mixin, "AT_ONCE", 1):
                rise.action_apply()
        with freeze_time("2026-02-02 10:00:00"):
            self.run_waiting()
        ann, ben = rise.notice_ids
        self.assertEqual((ann.state, ben.state), ("applied", "failed"))
        self.assertIn("in force before 03/04/2026", ben.error)
        self.assertEqual(self.get_prices(self.small), [(49.90, False, False)])

    def test_r11_responsible_without_rights_stops_only_his_own(self):
        rise = self.create_rise()
        with patch.object(recurrence_price_rise_applying_mixin, "AT_ONCE", 0):
            rise.action_apply()
        self.clerk.sudo().group_ids -= self.env.ref("account.group_account_invoice")
        self.run_waiting()
        self.assertEqual(set(rise.sudo().notice_ids.mapped("state")), {"failed"})
        self.assertEqual(rise.sudo().state, "applied")
        self.assertEqual(self.get_prices(self.hosting), [(100.0, False, False)])

    def test_r11_responsible_bills(self):
        employee = new_test_user(self.env, login="no_biller_at_all", groups="base.group_user")
        employee.company_ids |= self.company
        with self.assertRaisesRegex(ValidationError, "may not write invoices"):
            self.create_rise().user_id = employee

    def test_r11_colleagues_get_no_copies(self):
        self.env.user.notification_type = "email"
        rise = self.create_rise().with_user(self.env.user)
        rise.action_propose()
        rise.with_user(self.clerk).action_apply()
        messages = rise.notice_ids.message_ids.filtered("partner_ids")
        self.assertEqual(messages.notification_ids.res_partner_id, self.partner_a | self.partner_b)
        self.assertIn(self.clerk.partner_id, rise.notice_ids.message_partner_ids)

    def test_r11_quantity_that_each_invoice_fills_in(self):
        schedule = self.create_for(self.partner_a, self.line("Usage", 0.5, quantity=0))
        rise = self.create_rise(schedule)
        self.assertPrices(rise, ("Usage", 0.5, 0.52, MARCH, False))
        rise.action_apply()
        self.assertEqual([line[0] for line in self.get_prices(schedule)], [0.5, 0.52])
        rise.action_withdraw()
        self.assertEqual(self.get_prices(schedule), [(0.5, False, False)])

    def test_r11_line_that_changes_later_already(self):
        """103.00 from 1 March are told; from 1 February is not a second time 105.00."""
        self.create_rise(self.hosting).action_apply()
        rise = self.create_rise(self.hosting, is_announced=False, percent=5)
        self.assertPrices(
            rise,
            ("Hosting", 100.0, 100.0, False, "changes_later"),
            ("Hosting", 103.0, 103.0, False, "not_begun"),
        )

    def test_r11_price_that_is_none(self):
        rise = self.create_rise()
        rise.line_ids[0].price = 100.0
        with self.assertRaisesRegex(UserError, "Hosting of partner_a keeps its price"):
            rise.action_apply()

    def test_r11_any_day_of_a_month_and_months_the_wrong_way_round(self):
        index = self.env["recurrence.price.index"].create({"name": "Consumer prices"})
        for month, value in (("2025-01-01", 100), ("2025-12-01", 104)):
            self.env["recurrence.price.index.value"].create(
                {"index_id": index.id, "month": month, "value": value}
            )
        rise = self.create_rise(
            self.hosting,
            method="index",
            index_id=index.id,
            base_month="2025-01-15",
            current_month="2025-12-31",
        )
        self.assertEqual(rise.line_ids.price, 104.0)
        self.assertEqual(rise.index_move, "100.0 to 104.0: 4.00 %")
        self.env["res.lang"]._activate_lang("de_DE")
        german = rise.with_context(lang="de_DE")
        self.assertEqual(german.index_move, "100,0 auf 104,0: 4,00 %")
        # what was looked at is not what it is any more
        index.value_ids[:1].value = 105
        self.assertTrue(rise.is_stale)
        with self.assertRaisesRegex(ValidationError, "before the one it starts with"):
            rise.current_month = "2024-12-01"

    def test_r11_text_for_something_else(self):
        with self.assertRaisesRegex(ValidationError, "is no text for new prices"):
            self.create_rise().mail_template_id = self.env.ref("account.email_template_edi_invoice")

    def test_r11_text_that_is_addressed_to_nobody(self):
        rise = self.create_rise()
        rise.sudo().mail_template_id.partner_to = False
        rise.action_apply()
        self.assertIn("addressed to somebody else", rise.notice_ids[0].error)
        self.assertEqual(self.get_prices(self.hosting), [(100.0, False, False)])

    def test_r11_e_mail_that_came_back(self):
        rise = self.create_rise()
        rise.action_apply()
        ann, ben = rise.notice_ids
        sent = ann.message_ids.notification_ids.sudo()
        sent.write({"notification_status": "bounce", "failure_reason": "No such address"})
        ann.invalidate_recordset()
        self.assertEqual((ann.delivery_problem, ben.delivery_problem), ("No such address", False))
        notices = self.env["recurrence.price.notice"]
        self.assertEqual(notices.search([("delivery_problem", "!=", False)]), ann)

    def test_r11_letters_are_printed_in_time_and_once(self):
        self.partner_a.email = False
        rise = self.create_rise()
        rise.action_apply()
        ann, ben = rise.notice_ids
        with (
            freeze_time("2026-02-02 10:00:00"),
            self.assertRaisesRegex(UserError, "Too late for the notice: partner_a"),
        ):
            ann.action_print_letters()
        # of a selection only what is due: the other was told by e-mail
        self.assertEqual(rise.notice_ids.action_print_letters()["context"]["active_ids"], ann.ids)
        with self.assertRaisesRegex(UserError, "no letter to print"):
            rise.notice_ids.action_print_letters()
        self.assertEqual(ann.action_print_letters()["context"]["active_ids"], ann.ids)

    def test_r11_invoice_address_of_a_branch_is_told_itself(self):
        branch = self.env["res.partner"].create(
            {"name": "Branch", "parent_id": self.partner_a.id, "email": "branch@example.com"}
        )
        schedule = self.create_for(
            branch, self.line("Hosting, #PERIOD_START# to #PERIOD_END#\nWith backup", 100.0)
        )
        rise = self.create_rise(self.hosting + schedule)
        self.assertEqual(rise.notice_ids.partner_id, self.partner_a + branch)
        french = self.product_a.with_context(lang=self.env["res.lang"]._activate_lang("fr_FR").code)
        french.name = "Bureau"
        third = self.create_for(
            self.partner_b,
            Command.create({"product_id": self.product_a.id}),
            self.line("No. #NUMBER#: #END_MONTH#", 60.0, recurrence_every=3),
        )
        self.partner_b.lang = "fr_FR"
        self.assertIn("Bureau<", self.create_rise(third).notice_ids.prices)
        self.assertIn("No.: juin<", self.create_rise(third).notice_ids.prices)
        # as on the first invoice with the new price
        self.assertIn("Hosting, 03/01/2026 to 03/31/2026<", rise.notice_ids[1].prices)

    def test_r11_many_are_done_by_the_job(self):
        with patch.object(recurrence_price_rise_applying_mixin, "AT_ONCE", 1):
            rise = self.create_rise()
            action = rise.action_apply()
        self.assertEqual(rise.state, "applying")
        self.assertIn(
            "Customers done: 1. In the background follow: 1.", action["params"]["message"]
        )
        self.run_waiting()
        self.assertEqual(rise.state, "applied")
        self.assertEqual(rise.notice_ids.mapped("state"), ["applied", "applied"])
        message = rise.notice_ids[1].message_ids.filtered("partner_ids")
        self.assertEqual(message.author_id, self.clerk.partner_id)

    def test_r11_copy_of_the_database_tells_nobody(self):
        rise = self.create_rise()
        with (
            patch.object(type(self.company), "_is_job_copy", lambda company: True),
            self.assertRaisesRegex(UserError, "may be a copy"),
        ):
            rise.action_apply()

    def test_r11_text_that_is_gone(self):
        rise = self.create_rise()
        rise.sudo().mail_template_id.unlink()
        with self.assertRaisesRegex(UserError, "Choose the text"):
            rise.action_apply()

    def test_r11_history_of_a_recurrence(self):
        self.create_rise().action_apply()
        self.hosting.template_move_id.write({"invoice_line_ids": [self.line("Backup", 30.0)]})
        self.assertEqual(self.hosting.with_user(self.clerk).price_rise_count, 1)
        action = self.hosting.with_user(self.clerk).action_open_price_rises()
        line = self.env["recurrence.price.rise.line"].search(action["domain"])
        self.assertRecordValues(
            line, [{"former_price": 100.0, "price": 103.0, "date": MARCH, "state": "applied"}]
        )
        bodies = "".join(self.hosting.message_ids.mapped("body"))
        self.assertIn("From 03/01/2026 on: Hosting: 1 × $&nbsp;103.00 instead of", bodies)

    def test_r11_selection_that_makes_no_sense(self):
        with self.assertRaisesRegex(UserError, "not finished"):
            self.env["recurrence.schedule"].with_user(self.clerk).action_raise_prices()
        self.hosting.sudo().state = "finished"
        with self.assertRaisesRegex(UserError, "not finished"):
            self.hosting.with_user(self.clerk).action_raise_prices()

    def test_r11_employee_raises_no_prices(self):
        employee = new_test_user(self.env, login="no_pricer", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.hosting.with_user(employee).action_raise_prices()
        with self.assertRaises(AccessError):
            self.env["recurrence.price.rise"].with_user(employee).search([])

    def test_r11_queries_do_not_grow_with_the_recurrences(self):
        """Worked out for 2 and for 30: the same number of queries, but for what is inserted."""
        more = self.hosting.browse()
        for number in range(30):
            partner = self.env["res.partner"].create(
                {"name": f"Customer {number}", "email": f"c{number}@example.com"}
            )
            more += self.create_for(partner, self.line("Hosting", 100.0))
        rises = [self.create_rise(found) for found in (more[:2], more)]
        counts = []
        for rise in rises:
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            rise.action_propose()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(rises[1].notice_count, 30)
        self.assertLess(counts[1], counts[0] + 15)

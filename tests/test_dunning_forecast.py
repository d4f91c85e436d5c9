from base64 import b64decode
from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from lxml import etree

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import DunningMailCommon, RecurrenceInvoiceCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 06:00:00")  # a Monday; the program runs from Monday to Friday at 8:00
class TestDunningForecast(DunningMailCommon):
    """K11: many days ahead, day by day, as the engine will decide on each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.email = "us@example.com"
        (cls.partner_a | cls.partner_b).email = "customer@example.com"
        cls.notice.active = False
        cls.user = cls.create_user("forecast_user", "dunning_group_user")

    def look_ahead(self, until="2026-04-10", **vals):
        forecast = (
            self.env["dunning.forecast"]
            .with_user(self.user)
            .create({"date_until": until, "company_id": self.company.id, **vals})
        )
        while not forecast.action_continue()["done"]:
            pass
        return forecast

    def found(self, forecast, variant="now"):
        lines = forecast.line_ids.filtered(lambda line: line.variant == variant)
        return [
            (f"{line.date:%m-%d}", line.level_id.name, line.line_count, line.amount)
            for line in lines
        ]

    def test_k11_one_invoice_climbs_the_ladder(self):
        """Due on 1 March: 5 days later is Friday 6, 15 Monday 16, 30 Tuesday 31 March."""
        self.create_due_invoice("2026-03-01", 100.0)
        forecast = self.look_ahead()
        self.assertEqual(
            self.found(forecast),
            [
                ("03-06", "First reminder", 1, 100.0),
                ("03-16", "Second reminder", 1, 100.0),
                ("03-31", "Final reminder", 1, 100.0),
            ],
        )

    def test_k11_what_leaves_before_the_first_day_is_not_forecast_again(self):
        """The reminders of 6, 16 and 31 March are over in April."""
        self.create_due_invoice("2026-03-01", 100.0)
        april = {"until": "2026-04-20", "date_from": "2026-04-01"}
        self.assertEqual(self.found(self.look_ahead(**april)), [])
        march = self.look_ahead(date_from="2026-03-20")
        self.assertEqual(self.found(march), [("03-31", "Final reminder", 1, 100.0)])
        with self.assertRaisesRegex(ValidationError, "a year ahead at most"):
            self.look_ahead(date_from="2027-03-01", until="2027-03-04")

    def test_k11_a_letter_of_a_mailing_that_waits_keeps_the_level(self):
        """Level 1 was got on 6 March, the mailing of 16 March waits as a letter: 31 March is next.

        A mailing moves no level, so the second one is not the first once more.
        """
        self.level_2.write({"channel": "letter", "counts": False})
        move = self.create_due_invoice("2026-03-01", 100.0)
        self.execute("2026-03-06")
        self.execute("2026-03-16")
        self.assertEqual(move.dunning_level, 1)
        with freeze_time("2026-03-17 06:00:00"):
            self.assertEqual(
                self.found(self.look_ahead(date_from="2026-03-17")),
                [("03-31", "Final reminder", 1, 100.0)],
            )

    def test_k11_the_program_runs_on_its_days_only(self):
        """Due on 2 March: the 7th is a Saturday, so the first reminder goes on Monday 9."""
        self.create_due_invoice("2026-03-02")
        self.assertEqual(
            [day for day, *_rest in self.found(self.look_ahead())], ["03-09", "03-17", "04-01"]
        )
        self.program.schedule_ids.unlink()
        by_hand = self.look_ahead()
        self.assertEqual(self.found(by_hand)[0][0], "03-07", "by hand: on any day")

    def test_k11_levels_of_a_schedule(self):
        """On Wednesdays the first level alone may go, and no other line of the schedule is left."""
        self.create_due_invoice("2026-03-01")
        days = dict.fromkeys(("mon", "tue", "thu", "fri"), False)
        self.program.schedule_ids.write({**days, "level_ids": self.level_1.ids})
        self.assertEqual(self.found(self.look_ahead()), [("03-11", "First reminder", 1, 100.0)])

    def test_k11_what_ran_today_is_over(self):
        self.create_due_invoice("2026-02-20")
        self.assertEqual(self.found(self.look_ahead())[0][0], "03-02")
        self.program.schedule_ids.sudo().last_run = "2026-03-02 08:00:00"
        self.assertEqual(self.found(self.look_ahead())[0][0], "03-03")

    def test_k11_messages_keep_their_distance(self):
        """Contact gap of 7 days, second level 7 days after the first.

        The first invoice goes on the 6th, so the other one waits until the 13th; the second level
        of both, due on the 16th and 18th, waits for the 20th, in one message.
        """
        self.create_due_invoice("2026-03-01", 100.0)
        self.create_due_invoice("2026-03-03", 50.0)
        self.assertEqual(
            self.found(self.look_ahead("2026-03-31")),
            [
                ("03-06", "First reminder", 1, 100.0),
                ("03-13", "First reminder", 1, 50.0),
                ("03-20", "Second reminder", 2, 150.0),
            ],
        )

    def test_k11_rule_6_what_is_forecast_happens(self):
        """Played day by day the runs send what was forecast, notices too, if nobody pays."""
        self.notice.active = True
        for number in range(8):
            partner = self.partner_b if number % 3 else self.partner_a
            due = date(2026, 2, 10) + timedelta(days=5 * number)
            self.create_due_invoice(due.isoformat(), 10.0 + number, partner=partner)
        forecast = self.look_ahead()
        expected = sorted(
            (str(line.date), line.partner_id.name, line.level_id.name, line.amount)
            for line in forecast.line_ids
        )
        self.assertGreater(len(expected), 8)
        day = date(2026, 3, 2)
        while day <= date(2026, 4, 10):
            if day.weekday() < 5:
                with freeze_time(f"{day} 08:00:00"):
                    self.execute(day.isoformat())
            day += timedelta(days=1)
        sent = self.env["dunning.reminder"].search([("company_id", "=", self.company.id)])
        happened = sorted(
            (
                str(reminder.sent_date),
                reminder.partner_id.name,
                reminder.level_id.name,
                sum(line.amount_residual for line in reminder.line_ids if line.kind == "remind"),
            )
            for reminder in sent
        )
        self.assertEqual(happened, expected)

    def test_k11_nothing_is_changed(self):
        move = self.create_due_invoice("2026-02-20")
        self.look_ahead()
        self.assertEqual((move.dunning_level, move.dunning_last_date), (0, False))
        self.assertFalse(self.env["dunning.reminder"].search_count([]))
        self.assertFalse(self.env["dunning.run"].search_count([]))

    def test_k11_what_waits_to_be_sent_leaves_first(self):
        """Queued today on level 1: the second level follows 7 days later at the earliest."""
        self.create_due_invoice("2026-02-20")
        self.queue("2026-03-02")
        self.assertEqual(self.found(self.look_ahead())[0], ("03-09", "Second reminder", 1, 100.0))

    def test_k11_what_cannot_be_delivered_stays_on_its_level(self):
        self.partner_a.email = False
        self.create_due_invoice("2026-03-01")
        forecast = self.look_ahead()
        self.assertEqual(self.found(forecast), [("03-06", "First reminder", 1, 100.0)])
        self.assertIn("address", forecast.line_ids.obstacle)
        self.assertEqual(forecast.day_ids.undelivered_count, 1)

    def test_k11_customers_pay_as_late_as_usual(self):
        """Paid 10 days late before; so this one is paid on 11 March, after one reminder."""
        paid = self.create_due_invoice("2026-01-10")
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=paid.ids
        ).create({"payment_date": "2026-01-20"})._create_payments()
        self.create_due_invoice("2026-03-01")
        forecast = self.look_ahead(assumption="usual")
        self.assertEqual([day for day, *_rest in self.found(forecast)], ["03-06"])
        with self.subTest("one without history pays like all: so does its invoice"):
            self.create_due_invoice("2026-03-04", partner=self.partner_b)
            forecast = self.look_ahead(assumption="usual")
            self.assertEqual([day for day, *_rest in self.found(forecast)], ["03-06", "03-09"])
        with self.subTest("what is later than usual already is not paid"):
            self.create_due_invoice("2026-02-16", 70.0)
            forecast = self.look_ahead(assumption="usual")
            self.assertIn(("03-02", "First reminder", 1, 70.0), self.found(forecast))

    def test_k11_program_diff(self):
        """The other program's levels come 5 days earlier; nobody moves."""
        strict = self.program.copy({"name": "Strict"})
        for level in strict.level_ids.filtered(lambda level: level.days > 5):
            level.days -= 5
        self.create_due_invoice("2026-03-01")
        other = self.create_due_invoice("2026-03-01", 70.0, partner=self.partner_b)
        other.sudo().dunning_program_id = strict
        forecast = self.look_ahead(program_id=self.program.id, other_program_id=strict.id)
        self.assertEqual([day for day, *_rest in self.found(forecast)], ["03-06", "03-16", "03-31"])
        # 10 days after 1 March is the 11th, but the level keeps 7 days from the 6th; 25: the 26th
        self.assertEqual(
            self.found(forecast, "other"),
            [
                ("03-06", "First reminder", 1, 100.0),
                ("03-13", "Second reminder", 1, 100.0),
                ("03-27", "Final reminder", 1, 100.0),
            ],
        )
        self.assertEqual(
            forecast.line_ids.filtered(lambda line: line.variant == "other").program_id, strict
        )

    def test_k11_two_programs_side_by_side_are_not_added_up(self):
        other = self.program.copy({"name": "Other"})
        forecast = self.look_ahead(program_id=self.program.id, other_program_id=other.id)
        for action in (forecast.action_open_days(), forecast.action_open_lines()):
            defaults = ("search_default_by_program", "search_default_by_level")
            self.assertEqual([action["context"][name] for name in defaults], [1, 2])
            view_id = next(view_id for view_id, kind in action["views"] if kind == "list")
            arch = self.env[action["res_model"]].get_view(view_id, "list")["arch"]
            self.assertFalse(etree.fromstring(arch).xpath("//field[@sum]"))
        plain = self.look_ahead().action_open_days()
        view_id = next(view_id for view_id, kind in plain["views"] if kind == "list")
        arch = self.env["dunning.forecast.day"].get_view(view_id, "list")["arch"]
        self.assertTrue(etree.fromstring(arch).xpath("//field[@sum]"))

    def test_k11_days_are_summed_up(self):
        self.create_due_invoice("2026-03-01", 100.0)
        self.create_due_invoice("2026-03-01", 20.0, partner=self.partner_b)
        forecast = self.look_ahead("2026-03-10")
        [day] = forecast.day_ids
        self.assertEqual(
            (str(day.date), day.message_count, day.line_count, day.amount),
            ("2026-03-06", 2, 2, 120.0),
        )
        lines = day.env["dunning.forecast.line"].search(day.action_open_lines()["domain"])
        self.assertEqual(len(lines), 2)
        self.assertEqual(day.display_name, "1. First reminder: 2")
        self.assertEqual((day.invoice_count, day.invoice_amount), (0, 0.0))

    def test_k11_looked_at_in_stretches(self):
        """A request ends after some seconds; the next one goes on with what the first found."""
        self.create_due_invoice("2026-03-01", 100.0)
        self.patch_stretch(-1.0)
        forecast = self.env["dunning.forecast"].create({"date_until": "2026-03-31"})
        answers = [forecast.action_continue() for _day in range(30)]
        self.assertEqual([answer["done"] for answer in answers], [False] * 29 + [True])
        self.assertEqual((answers[14]["share"], answers[14]["day"]), (0.5, "2026-03-16"))
        self.assertEqual([day for day, *_rest in self.found(forecast)], ["03-06", "03-16", "03-31"])
        with self.subTest("other settings, nothing found"):
            forecast.date_until = "2026-03-20"
            self.assertFalse(forecast.line_ids)
            with self.assertRaisesRegex(UserError, "Look ahead first"):
                forecast.action_open_days()
        with self.subTest("asked once more it begins anew"):
            self.patch_stretch(60.0)
            forecast.action_continue()
            forecast.action_continue()
            self.assertEqual([day for day, *_rest in self.found(forecast)], ["03-06", "03-16"])

    def patch_stretch(self, seconds):
        path = "odoo.addons.account_recurrence_dunning.models.dunning.work.dunning_forecast.STRETCH"
        self.startPatcher(patch(path, seconds))

    def test_k11_bad_input(self):
        create = self.env["dunning.forecast"].create
        for vals, error in (
            ({"date_until": "2026-03-01"}, "before the first"),
            ({"date_from": "2026-03-01"}, "today at the earliest"),
            ({"date_until": "2026-06-02"}, "three months at most"),
            ({"program_id": self.program.id}, "two programs"),
        ):
            with self.subTest(vals), self.assertRaisesRegex(ValidationError, error):
                create(vals)
        create({"date_until": "2026-06-01"})

    def test_k11_nothing_open(self):
        forecast = self.look_ahead()
        self.assertFalse(forecast.line_ids)
        self.assertEqual(forecast.action_open_days()["res_model"], "dunning.forecast.day")

    def test_k11_each_view_of_what_was_found_opens(self):
        self.create_due_invoice("2026-03-01")
        forecast = self.look_ahead()
        for method in ("action_open_days", "action_open_lines"):
            action = getattr(forecast, method)()
            model = forecast.env[action["res_model"]]
            found = model.search(action["domain"])
            self.assertEqual(len(found), 3)
            kinds = [(False, kind) for kind in action["view_mode"].split(",")]
            views = model.get_views([*kinds, (False, "search")])["views"]
            for kind, view in views.items():
                with self.subTest(method, kind=kind):
                    names = etree.fromstring(view["arch"]).xpath("//field/@name")
                    self.assertTrue(found.read(names) if kind != "search" else names)

    def read_csv(self, forecast, name="forecast 2026-03-02 to 2026-03-10.csv"):
        url = f"/web/content/dunning.forecast/{forecast.id}/csv_file/{name}?download=true"
        self.assertEqual(forecast.action_download_csv()["url"], url)
        data = b64decode(forecast.csv_file)
        self.assertTrue(data.startswith(b"\xef\xbb\xbf"), "spreadsheets read accents right")
        return data.decode("utf-8-sig").split("\r\n")

    def test_k11_csv(self):
        """Two currencies and two variants; nothing in it is run by a spreadsheet."""
        self.partner_a.name = "=1+1 Ltd"
        self.partner_b.write({"name": "Café, Zoë", "email": False})
        strict = self.program.copy({"name": "Strict"})
        strict.level_ids.filtered(lambda level: level.days == 5).days = 3
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        first = self.create_due_invoice("2026-03-01", 100.5).name
        second = self.create_due_invoice("2026-03-01", 70.0, currency_id=euro.id).name
        third = self.create_due_invoice("2026-03-01", 20.0, partner=self.partner_b).name
        forecast = self.look_ahead(
            "2026-03-10", program_id=self.program.id, other_program_id=strict.id
        )
        lost = '"Café, Zoë has no e-mail address."'
        reminder = f"Reminder,{self.program.name},1. First reminder,E-mail"
        other = reminder.replace(self.program.name, "Strict")
        self.assertEqual(
            self.read_csv(forecast),
            [
                "Date,Variant,Kind,Program,Level,Channel,Customer,Items,Amount Reminded,"
                "Amount Invoiced,Currency,Will Not Be Delivered",
                f"2026-03-04,With the Other Program,{other},'=1+1 Ltd,{first},100.50,,USD,",
                f"2026-03-04,With the Other Program,{other},'=1+1 Ltd,{second},70.00,,EUR,",
                f'2026-03-04,With the Other Program,{other},"Café, Zoë",{third},20.00,,USD,{lost}',
                f"2026-03-06,As It Is,{reminder},'=1+1 Ltd,{first},100.50,,USD,",
                f"2026-03-06,As It Is,{reminder},'=1+1 Ltd,{second},70.00,,EUR,",
                f'2026-03-06,As It Is,{reminder},"Café, Zoë",{third},20.00,,USD,{lost}',
                "Total,As It Is,,,,,,,120.50,0.00,USD,",
                "Total,As It Is,,,,,,,70.00,0.00,EUR,",
                "Total,With the Other Program,,,,,,,120.50,0.00,USD,",
                "Total,With the Other Program,,,,,,,70.00,0.00,EUR,",
                "",
            ],
        )

    def test_k11_csv_in_the_language_of_the_reader(self):
        """A decimal comma asks for semicolons between the cells."""
        self.env["res.lang"]._activate_lang("de_DE")
        number = self.create_due_invoice("2026-03-01", 1100.5).name
        forecast = self.look_ahead("2026-03-10").with_context(lang="de_DE")
        text = self.read_csv(forecast, "Vorschau 2026-03-02 bis 2026-03-10.csv")[1]
        self.assertTrue(text.startswith("2026-03-06;"), text)
        self.assertIn(f";{number};1100,50;;USD;", text)

    def test_k11_csv_of_ones_own_finished_forecast(self):
        with self.assertRaisesRegex(UserError, "Look ahead first"):
            self.env["dunning.forecast"].create({}).action_download_csv()
        forecast = self.look_ahead("2026-03-10")
        colleague = self.create_user("csv_colleague", "dunning_group_user")
        with self.assertRaises(AccessError):
            forecast.with_user(colleague).action_download_csv()
        with self.assertRaises(AccessError):
            forecast.with_user(colleague).csv_file  # noqa: B018

    def test_k11_whose_forecast(self):
        self.create_due_invoice("2026-03-01")
        forecast = self.look_ahead()
        stranger = self.create_user("forecast_stranger")
        with self.assertRaises(AccessError):
            forecast.with_user(stranger).line_ids.mapped("amount")
        colleague = self.create_user("forecast_colleague", "dunning_group_user")
        lines = self.env["dunning.forecast.line"].with_user(colleague)
        self.assertFalse(lines.search([]))
        with self.assertRaises(AccessError):
            forecast.with_user(colleague).action_continue()

    def test_k11_queries_do_not_grow_with_customers(self):
        partners = self.env["res.partner"].create(
            [{"name": f"Customer {n}", "email": f"c{n}@example.com"} for n in range(20)]
        )
        self.create_due_invoice("2026-03-01", partner=partners[0])
        self.look_ahead("2026-03-06")
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.look_ahead("2026-03-06")
        for_one = self.env.cr.sql_log_count - before
        for partner in partners[1:]:
            self.create_due_invoice("2026-03-01", partner=partner)
        self.look_ahead("2026-03-06")
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        forecast = self.look_ahead("2026-03-06")
        self.assertEqual(len(forecast.line_ids), 20)
        self.assertLess(self.env.cr.sql_log_count - before, for_one + 20)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 06:00:00")
class TestDunningForecastInvoices(RecurrenceInvoiceCommon):
    """K11: recurring invoices that will be issued stand in the forecast too."""

    def test_k11_recurring_invoices(self):
        """Monthly on the 1st, 115.00 each: 1 April and 1 May."""
        self.env.user.group_ids += self.env.ref("account_recurrence_dunning.dunning_group_user")
        schedule = self.create_schedule(self.partner_a)
        schedule.action_generate()
        forecast = self.env["dunning.forecast"].create(
            {"date_until": "2026-05-10", "company_id": self.env.company.id}
        )
        while not forecast.action_continue()["done"]:
            pass
        lines = forecast.line_ids.filtered(lambda line: line.kind == "invoice")
        self.assertEqual([str(line.date) for line in lines], ["2026-04-01", "2026-05-01"])
        self.assertEqual(lines.mapped("invoice_amount"), [115.0, 115.0])
        self.assertEqual(lines.mapped("amount"), [0.0, 0.0], "nothing is reminded")
        days = forecast.day_ids
        self.assertEqual(days.mapped("invoice_count"), [1, 1])
        self.assertEqual(days.mapped("message_count"), [0, 0], "an invoice is no message")
        self.assertEqual(days.mapped("invoice_amount"), [115.0, 115.0])
        self.assertEqual(days[0].display_name, "Recurring invoices: 1")
        self.assertEqual(lines.schedule_id, schedule)
        rows = b64decode(forecast.csv_file).decode("utf-8-sig").split("\r\n")
        self.assertEqual(
            rows[1],
            f"2026-04-01,As It Is,Recurring Invoice,,,,{self.partner_a.display_name},"
            f"{schedule.display_name},,115.00,USD,",
        )
        self.assertEqual(rows[3:], ["Total,As It Is,,,,,,,0.00,230.00,USD,", ""])
        self.assertEqual(lines[0].action_open()["res_model"], "recurrence.schedule")

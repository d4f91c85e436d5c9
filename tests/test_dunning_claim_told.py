"""Interest and fixed sums in messages: apart from what is outstanding, kept as told (M3)."""

import io
from datetime import date

from freezegun import freeze_time
from openpyxl import load_workbook

from odoo.exceptions import ValidationError
from odoo.tests import Form, HttpCase, tagged

from .claim_case import ClaimCommon

SENTENCE = "Late payment interest under the law of Testland."


class ClaimToldCase(ClaimCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule.sudo().legal_text = SENTENCE
        cls.program.charge_compute = True
        cls.program.level_ids.charge_show = True
        cls.partner_a.write({"email": "books@customer.example", "lang": "en_US"})
        cls.partner_b.write({"email": "second@customer.example", "lang": "en_US"})

    def tell(self, day):
        """Return the message of a run of a day, not sent yet."""
        reminder = self.queue(day)
        self.assertEqual(len(reminder), 1)
        return reminder

    def claims(self, reminder):
        return [
            (claim.move_name, claim.date, claim.interest_due, claim.fixed_sum_due, claim.amount)
            for claim in reminder.claim_ids.sorted("id")
        ]

    def totals(self, reminder):
        return [
            (label, text.replace("\N{NO-BREAK SPACE}", " "))
            for label, text in reminder._get_total_rows()
        ]


@tagged("post_install", "-at_install")
class TestClaimTold(ClaimToldCase):
    def test_m3_a_message_asks_for_them_apart_from_the_principal(self):
        move = self.create_due_invoice("2026-03-01", 1000.0)
        reminder = self.tell("2026-03-06")
        # 2 to 6 March: five days at 0.30
        self.assertEqual(self.claims(reminder), [(move.name, date(2026, 3, 6), 1.5, 40.0, 41.5)])
        self.assertEqual(
            self.totals(reminder),
            [
                ("Total outstanding", "$ 1,000.00"),
                ("Interest and fixed sums", "$ 41.50"),
                ("Total to pay", "$ 1,041.50"),
            ],
        )
        body = str(reminder.mail_id.body_html).replace("\N{NO-BREAK SPACE}", " ")
        for text in (
            "Interest and fixed sums for late payment",
            "Interest from 03/02/2026 to 03/06/2026 (10.95 %): $ 1.50",
            "Fixed sum: $ 40.00",
            SENTENCE,
        ):
            self.assertIn(text, body)
        # the amounts of the due line stay what the books say
        self.assertEqual(reminder.line_ids.amount_residual, 1000.0)
        self.assertEqual(reminder.total_text, "$\N{NO-BREAK SPACE}1,000.00")

    def test_m3_off_unless_program_and_level_say_so(self):
        self.create_due_invoice("2026-03-01", 1000.0)
        for program, level in ((True, False), (False, True), (False, False)):
            with self.subTest(program=program, level=level), self.env.cr.savepoint() as savepoint:
                self.program.charge_compute = program
                self.program.level_ids.charge_show = level
                reminder = self.tell("2026-03-06")
                self.assertFalse(reminder.claim_ids)
                self.assertNotIn("Interest", str(reminder.mail_id.body_html))
                savepoint.rollback()

    def test_m3_a_notice_before_the_due_date_never_does(self):
        self.create_due_invoice("2026-03-04", 1000.0)
        reminder = self.tell("2026-03-01")
        self.assertEqual(reminder.level_number, 0)
        self.assertFalse(reminder.claim_ids)

    def test_m3_a_consumer_is_asked_for_nothing_and_the_reason_is_kept(self):
        self.partner_a.dunning_debtor_kind = "consumer"
        self.create_due_invoice("2026-03-01", 1000.0)
        reminder = self.tell("2026-03-06")
        self.assertEqual([claim.amount for claim in reminder.claim_ids], [0.0])
        self.assertEqual(
            reminder.claim_ids.missing_text, "No rule is in use for Belgium: Consumers."
        )
        self.assertNotIn("Interest", str(reminder.mail_id.body_html))

    def test_m3_an_opening_balance_is_reminded_and_claims_nothing(self):
        self.create_entry("misc", [(self.partner_a, 500.0)], no_followup=False)
        self.company.dunning_activation_date = "2020-01-01"
        reminder = self.tell("2026-03-06")
        self.assertEqual([claim.amount for claim in reminder.claim_ids], [0.0])
        self.assertEqual(reminder.claim_ids.partner_id, self.partner_a)
        self.assertEqual(
            reminder.claim_ids.missing_text,
            "Late payment is charged on posted customer invoices only.",
        )

    def test_m3_the_day_it_leaves_counts(self):
        self.create_due_invoice("2026-03-01", 1000.0)
        reminder = self.tell("2026-03-06")
        self.send(reminder, "2026-03-09")
        # 2 to 9 March: eight days
        self.assertEqual([claim.amount for claim in reminder.claim_ids], [42.4])
        self.assertIn("42.40", str(reminder.mail_id.body_html))

    def test_m3_a_payment_before_it_leaves_makes_it_smaller(self):
        move = self.create_due_invoice("2026-03-01", 1000.0)
        reminder = self.tell("2026-03-06")
        self._register_payment(move, amount=600.0, payment_date="2026-03-04")
        self.send(reminder, "2026-03-06")
        # three days at 0.30, two at 0.12
        self.assertEqual([claim.interest_due for claim in reminder.claim_ids], [1.14])
        self.assertEqual(reminder.state, "sent")

    def test_m3_what_was_told_stays_when_a_rate_is_corrected(self):
        move = self.create_due_invoice("2026-03-01", 1000.0)
        reminder = self.tell("2026-03-06")
        self.send(reminder, "2026-03-06")
        self.add_rate("2026-01-01", 30.0)
        self.assertEqual([claim.interest_due for claim in reminder.claim_ids], [1.5])
        self.assertEqual(self.claim(move, "2026-03-06"), (5.47, 40.0))
        self.assertEqual(
            reminder.claim_ids.difference_text,
            "$\N{NO-BREAK SPACE}45.47 instead of $\N{NO-BREAK SPACE}41.50",
        )

    def test_m3_currencies_are_not_added_up(self):
        leu = self.setup_other_currency("RON", symbol="RON", position="after")
        self.create_due_invoice("2026-03-01", 1000.0)
        self.create_due_invoice("2026-03-01", 2000.0, currency_id=leu.id)
        reminder = self.tell("2026-03-06")
        # the fixed sum is in dollars and is not converted
        self.assertEqual(
            self.totals(reminder),
            [
                ("Total outstanding", "$ 1,000.00"),
                ("Interest and fixed sums", "$ 41.50"),
                ("Total to pay", "$ 1,041.50"),
                ("Total outstanding", "2,000.00 RON"),
                ("Interest and fixed sums", "3.00 RON"),
                ("Total to pay", "2,003.00 RON"),
            ],
        )
        self.assertIn(
            "The fixed sum is not converted from USD into RON.",
            reminder.claim_ids.mapped("missing_text"),
        )

    def test_m3_the_payment_asks_for_both(self):
        euro = self.setup_other_currency("EUR")
        self.env["res.partner.bank"].create(
            {"acc_number": "BE71096123456769", "partner_id": self.company.partner_id.id}
        )
        self.rule.sudo().currency_id = euro
        self.create_due_invoice("2026-03-01", 1000.0, currency_id=euro.id)
        reminder = self.tell("2026-03-06")
        (part,) = reminder._get_payment_parts()
        self.assertEqual(part["amount"], "1,041.50\N{NO-BREAK SPACE}€")

    def test_m3_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.env["ir.module.module"]._load_module_terms(["account_recurrence_dunning"], ["de_DE"])
        self.rule.sudo().with_context(lang="de_DE").legal_text = "Verzugszinsen nach Testrecht."
        self.partner_a.lang = "de_DE"
        self.create_due_invoice("2026-03-01", 1000.0)
        body = str(self.tell("2026-03-06").mail_id.body_html)
        self.assertIn("Verzugszinsen nach Testrecht.", body)
        self.assertIn("02.03.2026 bis zum 06.03.2026", body)
        self.assertIn("1.041,50", body)

    def test_m3_letter_and_statement_list_them(self):
        self.create_due_invoice("2026-03-01", 1000.0)
        self.level_1.write({"channel": "letter", "attach_statement": True})
        reminder = self.tell("2026-03-06")
        for report in ("dunning_letter_report", "dunning_statement_report"):
            html, _kind = self.env["ir.actions.report"]._render_qweb_html(
                f"account_recurrence_dunning.{report}", reminder.ids
            )
            text = html.decode().replace("\N{NO-BREAK SPACE}", " ")
            for expected in ("10.95 %", "$ 1.50", "$ 40.00", "$ 41.50", "$ 1,041.50", SENTENCE):
                self.assertIn(expected, text, report)

    def test_m3_a_test_shows_them_and_has_no_effect(self):
        move = self.create_due_invoice("2026-03-01", 1000.0)
        with self.mock_mail_gateway():
            reminder = self.level_1._send_test(move, "me@example.com", date(2026, 3, 6))
        self.assertEqual(self.claims(reminder)[0][2:], (1.5, 40.0, 41.5))
        self.assertTrue(reminder.is_test)

    def test_m3_two_companies_claim_by_their_own_rules(self):
        other = self.setup_other_company()["company"]
        self.assertFalse(other.dunning_program_id.charge_compute)
        self.add_rule(name="Own contract", company_id=self.company.id, margin=19.0, sequence=1)
        move = self.create_due_invoice("2026-03-01", 1000.0)
        self.assertEqual(self.claim(move, "2026-03-06"), (2.75, 40.0))  # 20.05 % of 5 days

    def test_m3_a_thousand_messages_take_no_more_queries_than_ten(self):
        partners = self.env["res.partner"].create(
            [
                {"name": f"Customer {n}", "is_company": True, "country_id": self.land.id}
                for n in range(12)
            ]
        )
        for partner in partners:
            self.create_due_invoice("2026-03-01", 1000.0, partner=partner)
        reminders = self.queue("2026-03-06")
        self.assertEqual(len(reminders), 12)
        reminders.sudo().claim_ids.unlink()

        def count(found):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            found.sudo()._renew_claims()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        first, rest = count(reminders[:1]), count(reminders[1:])
        self.assertLessEqual(rest, first + 2)


@tagged("post_install", "-at_install")
class TestFee(ClaimToldCase):
    """A fee for each reminder, where the law allows one (M1)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule.sudo().write({"fee_allowed": True, "fee": 2.5, "fee_from": 2})

    def test_m1_the_second_reminder_costs_a_fee_and_tells_it_itself(self):
        move = self.create_due_invoice("2026-03-01", 1000.0)
        first = self.tell("2026-03-06")
        self.send(first, "2026-03-06")
        self.assertEqual(first.claim_ids.fixed_sum_due, 40.0)
        second = self.tell("2026-03-16")
        self.assertEqual(second.level_number, 2)
        self.assertEqual(second.claim_ids.fixed_sum_due, 42.5)
        # not sent, it costs nothing
        self.assertEqual(self.claim(move, "2026-03-16"), (4.5, 40.0))
        self.send(second, "2026-03-16")
        self.assertEqual(second.claim_ids.fixed_sum_due, 42.5)
        self.assertEqual(self.claim(move, "2026-03-16"), (4.5, 42.5))
        self.assertEqual(self.claim(move, "2026-03-15"), (4.2, 40.0))

    def test_m1_a_message_has_one_fee_whatever_it_is_about(self):
        self.rule.sudo().fee_from = 1
        moves = [self.create_due_invoice(due, 1000.0) for due in ("2026-03-01", "2026-02-28")]
        reminder = self.tell("2026-03-06")
        self.assertEqual(len(reminder.line_ids), 2)
        fixed = {claim.move_id: claim.fixed_sum_due for claim in reminder.claim_ids}
        # the one that was due first bears it
        self.assertEqual([fixed[move] for move in moves], [40.0, 42.5])
        self.send(reminder, "2026-03-06")
        self.assertEqual([self.claim(move, "2026-03-06")[1] for move in moves], [40.0, 42.5])

    def test_m1_a_test_and_a_notice_cost_nothing(self):
        self.rule.sudo().fee_from = 1
        move = self.create_due_invoice("2026-03-04", 1000.0)
        self.send(self.tell("2026-03-01"), "2026-03-01")
        with self.mock_mail_gateway():
            self.level_1._send_test(move, "me@example.com", date(2026, 3, 9))
        self.assertEqual(self.claim(move, "2026-03-10"), (1.8, 40.0))

    def test_m1_no_fee_is_left_behind_where_fees_are_switched_off(self):
        rule = self.add_rule(name="Other", confirm=False)
        with Form(rule) as form:
            form.fee_allowed = True
            form.fee = 5.0
            form.fee_from = 3
        with Form(rule) as form:
            form.fee_allowed = False
        self.assertEqual((rule.fee, rule.fee_from), (0.0, 2))

    def test_m1_a_fee_only_where_it_is_allowed(self):
        rule = self.add_rule(name="Other", confirm=False)
        for vals in ({"fee": 1.0}, {"fee_allowed": True, "fee": -1.0}, {"fee_from": 0}):
            with self.subTest(vals), self.assertRaises(ValidationError):
                rule.write(vals)


@tagged("post_install", "-at_install")
class TestClaimOnStatement(ClaimToldCase):
    """Statements of open items by hand and by e-mail (C1, M3)."""

    def statement(self):
        return self.partner_a._dunning_get_statements()

    @freeze_time("2026-03-06 09:00:00")
    def test_m3_a_statement_by_hand_lists_them_where_the_program_says_so(self):
        self.create_due_invoice("2026-03-01", 1000.0)
        self.assertFalse(self.statement().claim_ids)
        self.program.charge_statement = True
        statement = self.statement()
        self.assertEqual([claim.amount for claim in statement.claim_ids], [41.5])
        self.assertIn(
            "Total to pay", str(statement.with_context(dunning_printed=True).statement_html)
        )

    @freeze_time("2026-03-06 09:00:00")
    def test_m3_the_spreadsheet_has_a_sheet_of_them(self):
        self.create_due_invoice("2026-03-01", 1000.0)
        dialogs = self.env["dunning.statement.dialog"]
        book = load_workbook(io.BytesIO(dialogs._make_spreadsheet(self.statement())))
        self.assertEqual(book.sheetnames, ["Open items", "Ageing"])
        self.program.charge_statement = True
        book = load_workbook(io.BytesIO(dialogs._make_spreadsheet(self.statement())))
        (row,) = book["Interest and fixed sums"].iter_rows(min_row=2, values_only=True)
        self.assertEqual(row[5:], (1.5, 40, 41.5))

    @freeze_time("2026-03-06 09:00:00")
    def test_m3_a_statement_by_email_keeps_what_it_told(self):
        self.program.charge_statement = True
        self.create_due_invoice("2026-03-01", 1000.0)
        with self.mock_mail_gateway():
            sent = self.env["dunning.reminder"]._send_statements(self.statement())
        self.assertEqual([claim.amount for claim in sent.claim_ids], [41.5])
        self.assertIn("41.50", str(sent.mail_id.body_html))


@tagged("post_install", "-at_install")
@freeze_time("2026-03-06 09:00:00")
class TestClaimOnPage(ClaimToldCase, HttpCase):
    """The customer's page shows what its message asked for, as far as it still is (C5, M3)."""

    def setUp(self):
        super().setUp()
        self.env["res.partner.bank"].create(
            {"acc_number": "BE71096123456769", "partner_id": self.company.partner_id.id}
        )
        self.move = self.create_due_invoice("2026-03-01", 1000.0)
        self.reminder = self.tell("2026-03-06")
        self.send(self.reminder, "2026-03-06")

    def read_page(self):
        self.env.flush_all()
        path = "/dunning/" + self.reminder._get_page_url().split("/dunning/")[1]
        page = self.url_open(path)
        self.assertEqual(page.status_code, 200)
        return page.text.replace("\N{NO-BREAK SPACE}", " ")

    def test_m3_the_page_asks_for_what_the_message_asked(self):
        text = self.read_page()
        for expected in (
            "Interest and fixed sums",
            "$ 41.50",
            SENTENCE,
            "Interest from 03/02/2026 to 03/06/2026 (10.95 %): $ 1.50",
            "Fixed sum: $ 40.00",
            "Due now, with interest and fixed sums",
            "$ 1,041.50",
        ):
            self.assertIn(expected, text)

    def test_m3_what_was_waived_or_booked_since_is_not_asked_there(self):
        self.env["dunning.waiver"].create(
            {"move_id": self.move.id, "share": "half", "reason": "Agreed"}
        )
        text = self.read_page()
        self.assertIn("$ 20.75", text)
        self.assertNotIn("$ 41.50", text)
        charge = self.move.action_dunning_charge()["res_id"]
        self.env["account.move"].browse(charge).action_post()
        self.assertNotIn("Interest and fixed sums", self.read_page())

    def test_m3_a_draft_is_not_charged_yet(self):
        self.move.action_dunning_charge()
        self.assertIn("$ 41.50", self.read_page())

    def test_m3_paid_as_asked_nothing_more_is_asked(self):
        self._register_payment(self.move, payment_date="2026-03-06")
        self.env["account.payment"].create(
            {
                "amount": 41.5,
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.partner_a.id,
                "date": "2026-03-06",
            }
        ).action_post()
        self.assertIn("Nothing is open", self.read_page())

    def test_m3_it_is_not_sent_again_after_a_waiver(self):
        self.env["dunning.waiver"].create({"move_id": self.move.id, "reason": "Agreed"})
        # in one transaction all is of one moment
        self.env.flush_all()
        self.env.cr.execute("UPDATE dunning_claim SET create_date = '2026-03-05 09:00:00'")
        self.env.invalidate_all()
        self.assertIn(
            "have been waived", "".join(self.reminder.sudo()._find_copy_obstacles().values())
        )

    def test_m3_a_later_day_does_not_ask_for_more_than_the_message(self):
        with freeze_time("2026-03-20 09:00:00"):
            self.assertIn("$ 41.50", self.read_page())

from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, new_test_user, tagged

from ..odoo_private import PEERS, get_signature
from ..test_recurrence_takeover import TakeoverCase


@freeze_time("2026-12-01 10:00:00")
@tagged("post_install", "-at_install")
class TestTakeoverContract(TakeoverCase):
    """R16: going on with contracts of OCA's addon, beside the real one."""

    source = "recurrence.source.contract"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.azure = cls.env["res.partner"].create({"name": "Azure"})
        cls.care = cls.env["product.product"].create(
            {"name": "Care", "list_price": 80.0, "taxes_id": [Command.set(cls.tax_sale_a.ids)]}
        )
        cls.chief = new_test_user(
            cls.env,
            "chief",
            "base.group_user,account.group_account_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def open_takeover(self, user=None, **vals):
        return super().open_takeover(user or self.chief, **vals)

    def line(self, name="Care", price=100.0, **vals):
        return Command.create(
            {
                "name": name,
                "product_id": self.care.id,
                "quantity": 1.0,
                "price_unit": price,
                "specific_price": price,
                **vals,
            }
        )

    def create_contract(self, *lines, bills=0, **vals):
        """Create a contract that bills from 15 September 2026 on, and bill its first dates."""
        lines = list(lines) or [self.line()]
        head = {
            "date_start": "2026-09-15",
            "recurring_rule_type": "monthly",
            "recurring_interval": 1,
            "recurring_invoicing_type": "pre-paid",
        }
        head = {name: vals.get(name, value) for name, value in head.items()}
        for _command, _id, line in lines:
            # as its form copies them; else each has the defaults of the model
            line.update({**head, **line})
        contract = self.env["contract.contract"].create(
            {
                "name": "Azure Care",
                "partner_id": self.azure.id,
                "company_id": self.company.id,
                "code": "C-12",
                "contract_line_ids": lines,
                **head,
                **vals,
            }
        )
        for _number in range(bills):
            contract.recurring_create_invoice()
        # a price that was given is remembered until then, also where it is found by itself
        self.env.invalidate_all()
        return contract

    def periods_of_contract(self, contract):
        """Bill a contract to its end, or five times more, in its own way.

        :return: list of (day, first and last day that is billed)
        """
        line = contract.contract_line_ids
        periods = []
        while len(periods) < 5 and line._can_be_invoiced(date.max):
            periods.append(
                (line.recurring_next_date, line.next_period_date_start, line.next_period_date_end)
            )
            contract.recurring_create_invoice()
        return periods

    def periods_of_recurrence(self, schedule):
        rule = schedule._get_rule()
        return [
            (day, *rule.period(day, schedule.period_paid))
            for day in schedule.get_rule_dates(limit=5)
        ]

    def run_job(self):
        self.env["contract.contract"].cron_recurring_create_invoice()

    # === WHAT IS MADE === #

    def test_r16_a_contract_goes_on_with_its_next_date_lines_and_prices(self):
        contract = self.create_contract(
            Command.create({"display_type": "line_section", "name": "Services"}),
            self.line("Care #START# - #END#", 100.0, discount=10.0, quantity=2.0),
            self.line("Hosting #INVOICEMONTHNAME#", 30.0),
            Command.create({"display_type": "line_note", "name": "As agreed"}),
            bills=3,
        )
        self.assertEqual(contract.recurring_next_date, date(2026, 12, 15))
        before = self.env["recurrence.schedule"].search_count([])
        dialog = self.open_takeover()
        self.assertEqual(self.env["recurrence.schedule"].search_count([]), before)
        self.assertTrue(contract.active, "the preview stops nothing")
        # 2 x 100.00 less 10 % and 30.00, with 15 %
        self.assertRecordValues(
            dialog.row_ids,
            [
                {
                    "partner_id": self.azure.id,
                    "current": "1 Month(s), Pre-paid",
                    "first_date": date(2026, 12, 15),
                    "amounts": "$\N{NO-BREAK SPACE}241.50",
                    "note": False,
                    "problem": False,
                }
            ],
        )
        dialog.action_confirm()
        made = dialog.made_ids
        self.assertRecordValues(
            made,
            [
                {
                    "name": "Azure Care",
                    "state": "running",
                    "invoice_mode": "draft",
                    "period_paid": "pre",
                    "date_start": date(2026, 12, 15),
                    "agreement_start": date(2026, 9, 15),
                    "end_type": "forever",
                }
            ],
        )
        with freeze_time("2026-12-15 10:00:00"):
            invoice = self.run_on(made, date(2026, 12, 15))
        self.assertRecordValues(invoice, [{"state": "draft", "ref": "C-12", "amount_total": 241.5}])
        self.assertLines(
            invoice,
            ("Services", 0.0),
            ("Care 12/15/2026 - 01/14/2027", 180.0),
            ("Hosting December", 30.0),
            ("As agreed", 0.0),
        )

    def test_r16_a_contract_taken_over_bills_nothing_any_more(self):
        contract = self.create_contract(bills=3)
        invoices = contract._get_related_invoices()
        self.take_over()
        self.assertFalse(contract.active)
        self.assertIn("Repeated from now on by", contract.message_ids[0].body)
        with freeze_time("2027-06-01 10:00:00"):
            self.run_job()
            contract.recurring_create_invoice()
            # somebody takes it out of the archive
            contract.active = True
            self.run_job()
            contract.recurring_create_invoice()
        self.assertEqual(contract._get_related_invoices(), invoices)
        with self.assertRaisesRegex(UserError, "nothing that still repeats was found"):
            self.open_takeover()

    def test_r16_same_days_are_billed_as_the_contract_would(self):
        """Each rhythm, in advance and in arrears, without end and with a whole last period."""
        starts = {"monthlylastday": ("2026-10-01",)}
        for kind in (
            "daily",
            "weekly",
            "monthly",
            "monthlylastday",
            "quarterly",
            "semesterly",
            "yearly",
        ):
            for paid in ("pre-paid", "post-paid"):
                for interval in (1, 2):
                    for start in starts.get(kind, ("2026-10-15", "2026-02-28")):
                        for periods in (None, 3):
                            with self.subTest(kind, paid=paid, n=interval, start=start, to=periods):
                                self._compare(kind, paid, interval, start, periods)

    def _compare(self, kind, paid, interval, start, periods):
        end = False
        if periods:
            step = self.env["contract.contract"].get_relative_delta(kind, interval)
            last = date.fromisoformat(start)
            for _number in range(periods):
                last += step
            end = last - relativedelta(days=1)
        contract = self.create_contract(
            self.line(date_end=end),
            recurring_rule_type=kind,
            recurring_invoicing_type=paid,
            recurring_interval=interval,
            date_start=start,
            bills=1,
        )
        source = self.env["recurrence.source.contract"].with_user(self.chief)
        made = source._make(contract.with_user(self.chief))
        found = self.periods_of_recurrence(made)
        self.assertEqual(found, self.periods_of_contract(contract))
        if periods:
            self.assertEqual(len(found), periods - 1)

    # === WHAT IS NOT BILLED ANY MORE === #

    def test_r16_finished_and_cancelled_lines_are_left_out(self):
        contract = self.create_contract(
            self.line("Care", 100.0),
            self.line("Setup", 50.0, date_end="2026-11-14"),
            self.line("Backup", 20.0, is_canceled=True),
            line_recurrence=True,
            bills=3,
        )
        made = self.take_over()
        self.assertLines(made.template_move_id, ("Care", 100.0))
        self.assertEqual(contract.contract_line_ids.mapped("is_canceled"), [True, True, True])

    def test_r16_a_finished_contract_is_not_offered(self):
        self.create_contract(self.line(date_end="2026-11-14"), bills=2)
        with self.assertRaisesRegex(UserError, "nothing that still repeats was found"):
            self.open_takeover()

    def test_r16_the_end_of_the_contract_ends_its_lines(self):
        contract = self.create_contract(bills=3)
        contract.date_end = date(2027, 2, 14)
        made = self.take_over()
        self.assertEqual(made.get_rule_dates(), [date(2026, 12, 15), date(2027, 1, 15)])

    def test_r16_an_end_of_the_contract_inside_a_period_is_that_of_its_lines(self):
        contract = self.create_contract(bills=3)
        contract.date_end = date(2027, 2, 10)
        row = self.open_takeover().row_ids
        self.assertIn("billed in full for its last period, 01/15/2027 – 02/14/2027", row.note)
        made = self.take_over()
        self.assertEqual(made.get_rule_dates(), [date(2026, 12, 15), date(2027, 1, 15)])

    def test_r16_what_the_job_of_the_contract_would_never_bill_is_not_ticked(self):
        """In arrears the last invoice lies after the end, where its job stops."""
        contract = self.create_contract(
            self.line(date_end="2026-11-14"), recurring_invoicing_type="post-paid", bills=1
        )
        contract._compute_date_end()
        self.run_job()
        self.assertEqual(contract.recurring_next_date, date(2026, 11, 15))
        invoices = contract._get_related_invoices()
        self.run_job()
        self.assertEqual(contract._get_related_invoices(), invoices, "its job bills no more")
        dialog = self.open_takeover()
        self.assertEqual((dialog.row_ids.is_included, dialog.row_ids.problem), (False, False))
        self.assertIn("The last period is billed on 11/15/2026.", dialog.row_ids.note)

    def test_r16_a_contract_that_has_ended_at_its_head_is_not_offered(self):
        contract = self.create_contract(bills=3)
        contract.date_end = date(2026, 12, 14)
        with self.assertRaisesRegex(UserError, "nothing that still repeats was found"):
            self.open_takeover()

    def test_r16_a_contract_that_makes_no_invoices_is_not_offered(self):
        contract = self.create_contract()
        contract.generation_type = False
        with self.assertRaisesRegex(UserError, "nothing that still repeats was found"):
            self.open_takeover()

    # === SEVERAL LINES === #

    def test_r16_lines_that_begin_or_end_keep_their_own_days(self):
        self.create_contract(
            self.line("Care", 100.0),
            self.line("Backup", 30.0, date_start="2027-02-15"),
            self.line("Support", 20.0, date_end="2027-01-14"),
            line_recurrence=True,
        )
        contract = self.env["contract.contract"].search([("partner_id", "=", self.azure.id)])
        contract.contract_line_ids[0].write(
            {"recurring_next_date": "2026-12-15", "date_start": "2026-12-15"}
        )
        contract.contract_line_ids[2].write(
            {"recurring_next_date": "2026-12-15", "date_start": "2026-12-15"}
        )
        made = self.take_over()
        self.assertEqual(len(made), 1)
        lines = made.template_move_id.invoice_line_ids
        self.assertEqual(
            [(line.name, line.recurrence_start, line.recurrence_until) for line in lines],
            [
                ("Care", False, False),
                ("Backup", date(2027, 2, 15), False),
                ("Support", False, date(2027, 1, 14)),
            ],
        )
        for day, names in (
            (date(2026, 12, 15), ["Care", "Support"]),
            (date(2027, 1, 15), ["Care"]),
            (date(2027, 2, 15), ["Care", "Backup"]),
        ):
            with freeze_time(day):
                invoice = self.run_on(made, day)
            self.assertEqual(invoice.invoice_line_ids.mapped("name"), names)

    def test_r16_lines_that_repeat_otherwise_become_recurrences_on_one_invoice(self):
        contract = self.create_contract(
            self.line("Care", 100.0, recurring_rule_type="monthly", date_start="2026-12-15"),
            self.line("Licence", 900.0, recurring_rule_type="yearly", date_start="2026-12-15"),
            line_recurrence=True,
        )
        row = self.open_takeover().row_ids
        self.assertEqual(row.current, "1 Month(s), Pre-paid\n1 Year(s), Pre-paid")
        self.assertIn("Recurrences: 2", row.note)
        made = self.take_over()
        self.assertEqual(len(made), 2)
        self.assertEqual(made.mapped("consolidation"), ["yes", "yes"])
        self.assertFalse(contract.active)
        with freeze_time("2026-12-15 10:00:00"):
            made.sudo()._run_due(date(2026, 12, 15))
        invoice = made.occurrence_ids.filtered(lambda o: o.date == date(2026, 12, 15)).move_id
        self.assertEqual((len(invoice), invoice.amount_untaxed), (1, 1000.0))

    def test_r16_prices_of_the_price_list_are_found_on_the_day(self):
        self.create_contract(self.line("Care", automatic_price=True), bills=3)
        made = self.take_over()
        self.assertEqual(made.price_source, "pricelist")
        self.care.list_price = 95.0
        with freeze_time("2026-12-15 10:00:00"):
            invoice = self.run_on(made, date(2026, 12, 15))
        self.assertEqual(invoice.amount_untaxed, 95.0)

    def test_r16_bills_of_a_vendor_contract(self):
        self.create_contract(self.line("Rent", 500.0), contract_type="purchase", bills=3)
        made = self.take_over()
        self.assertEqual(made.document_type, "in_invoice")
        self.assertFalse(made.template_move_id.ref, "the number of one bill")
        self.assertEqual(made.date_start, date(2026, 12, 15))

    # === WHAT IS REFUSED === #

    def test_r16_a_last_period_in_arrears_that_is_cut_stays_in_the_contract(self):
        self.create_contract(
            self.line(date_end="2027-01-31"), recurring_invoicing_type="post-paid", bills=2
        )
        self.assertRefused(
            "Care ends inside its last period, 01/15/2027 – 02/14/2027, which is billed after it."
        )

    def test_r16_a_next_date_that_was_moved_by_hand_stays_in_the_contract(self):
        contract = self.create_contract(bills=3)
        contract.contract_line_ids.recurring_next_date = date(2026, 12, 20)
        self.assertRefused(
            "Care: the invoice of 12/20/2026 bills 12/15/2026 – 01/19/2027 in the contract, but "
            "would bill 12/20/2026 – 01/19/2027 here."
        )

    def test_r16_a_last_day_of_the_month_in_advance_begins_with_a_whole_month(self):
        self.create_contract(recurring_rule_type="monthlylastday", date_start="2026-12-15", bills=0)
        self.assertRefused("Care: the invoice of 12/15/2026 bills 12/15/2026 – 12/31/2026")

    def test_r16_a_note_with_dates_of_its_own_is_refused(self):
        self.create_contract(
            self.line(),
            Command.create(
                {
                    "display_type": "line_note",
                    "name": "Once a year",
                    "note_invoicing_mode": "custom",
                    "recurring_rule_type": "yearly",
                }
            ),
        )
        self.assertRefused("A note has dates of its own.")

    def test_r16_a_note_goes_with_the_line_after_it(self):
        self.create_contract(
            self.line("Setup", date_end="2026-11-14"),
            Command.create(
                {
                    "display_type": "line_note",
                    "name": "Per server",
                    "note_invoicing_mode": "with_next_line",
                }
            ),
            self.line("Care", 100.0),
            line_recurrence=True,
            bills=3,
        )
        self.assertLines(self.take_over().template_move_id, ("Per server", 0.0), ("Care", 100.0))

    def test_r16_a_contract_in_another_currency(self):
        euro = self.setup_other_currency("EUR")
        self.create_contract(currency_id=euro.id, bills=3)
        self.assertEqual(self.open_takeover().row_ids.amounts, "115.00\N{NO-BREAK SPACE}€")
        self.assertEqual(self.take_over().currency_id, euro)

    def test_r16_the_31st_returns_after_a_shorter_month_and_this_is_told(self):
        self.create_contract(self.line(date_start="2026-12-31"))
        row = self.open_takeover().row_ids
        self.assertIn("It returns to day 31 after a shorter month", row.note)
        made = self.take_over()
        self.assertEqual(made.get_rule_dates(limit=3)[1:], [date(2027, 1, 31), date(2027, 2, 28)])

    def test_r16_an_interval_of_nothing_is_refused(self):
        self.create_contract(recurring_interval=0)
        self.assertRefused("Care has an invalid interval: 0.")

    def test_r16_a_price_list_of_its_own_is_refused(self):
        contract = self.create_contract(self.line("Care", automatic_price=True), bills=3)
        contract.pricelist_id = self.env["product.pricelist"].create({"name": "Special"})
        self.assertRefused("Prices would come from a different price list")

    def test_r16_who_may_not_change_contracts_is_told(self):
        self.create_contract(bills=3)
        with self.assertRaisesRegex(UserError, "you need permission to edit them"):
            self.open_takeover(self.clerk)

    # === WHAT IS CALLED === #

    def test_r16_methods_of_the_contract_are_as_they_are_called(self):
        for model in ("contract.contract", "contract.line"):
            for name, signature in PEERS[model].items():
                with self.subTest(f"{model}.{name}"):
                    self.assertEqual(get_signature(self.registry, model, name), signature)

    # === WHAT IS TOLD === #

    def test_r16_missed_dates_and_a_cut_last_period_are_told(self):
        self.create_contract(self.line(date_end="2027-01-31"), bills=1)
        row = self.open_takeover().row_ids
        self.assertEqual(row.first_date, date(2026, 10, 15))
        self.assertEqual(
            row.note,
            "Dates in the past: 2. They become due immediately.\n"
            "Missed invoices have their own dates, not the day they are created.\n"
            "Care is billed in full for its last period, 01/15/2027 – 02/14/2027.",
        )

    def test_r16_the_responsible_of_the_contract_works_with_invoices(self):
        contract = self.create_contract(bills=3)
        contract.user_id = self.clerk
        self.assertEqual(self.take_over().user_id, self.clerk)
        other = self.create_contract(bills=3)
        other.user_id = new_test_user(self.env, "employee", "base.group_user")
        self.assertEqual(self.take_over().user_id, self.chief)

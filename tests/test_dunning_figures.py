"""K9: the figures of the overview, on the example that docs/figures.md works out by hand."""

import re
from pathlib import Path

from odoo.exceptions import AccessError, UserError
from odoo.fields import Date
from odoo.tests import freeze_time, tagged
from odoo.tools.safe_eval import safe_eval

from ..models.dunning.figures.dunning_figure_text import DEFINITIONS, TITLES
from .common import DunningMailCommon, RecurrenceInvoiceCommon

DOCUMENT = Path(__file__).parents[1] / "docs" / "figures.md"
TODAY = "2026-03-10"


def plain(text):
    """A text with ordinary spaces alone."""
    return re.sub(
        r"\s+",
        " ",
        text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{ZERO WIDTH NO-BREAK SPACE}", ""),
    )


class FiguresCommon(RecurrenceInvoiceCommon, DunningMailCommon):
    """The example of docs/figures.md."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.dunning_activation_date = "2025-01-01"
        cls.document = plain(DOCUMENT.read_text(encoding="utf-8"))
        cls.alpha, cls.beta = cls.env["res.partner"].create(
            [
                {
                    "name": name,
                    "email": f"{name.lower()}@customer.example",
                    "street": "1 Road",
                    "city": "Town",
                }
                for name in ("Alpha", "Beta")
            ]
        )

    def make_example(self):
        alpha, beta = {"partner": self.alpha}, {"partner": self.beta}
        self.a0 = self.create_due_invoice("2026-02-06", 200.0, **alpha)
        self.a1 = self.create_due_invoice("2026-02-09", 900.0, **alpha)
        self.a2 = self.create_due_invoice("2026-03-31", 1000.0, **alpha)
        self.b1 = self.create_due_invoice("2025-12-31", 400.0, **beta)
        self.b2 = self.create_due_invoice("2026-03-07", 500.0, **beta)
        euro = self.setup_other_currency("EUR")
        self.b3 = self.create_due_invoice("2026-03-20", 200.0, currency_id=euro.id, **beta)
        self.credit = self.create_refund(100.0, "2026-03-05", partner_id=self.alpha)
        self.execute("2026-02-16")
        self.pay(self.a0, 200.0, "2026-02-20")
        self.pay(self.a1, 300.0, "2026-03-03")
        self.pay(self.b2, 500.0, "2026-03-09")
        self.env["dunning.promise"].create(
            {
                "partner_id": self.alpha.id,
                "date": "2026-03-20",
                "amount": 250.0,
                "move_line_ids": self.due_line(self.a1).ids,
            }
        )
        self.env["dunning.dispute"].create(
            {
                "partner_id": self.beta.id,
                "reason": "defective",
                "move_line_ids": self.due_line(self.b1).ids,
            }
        )
        self.schedule = self.create_schedule(self.beta, date_start="2026-04-01")
        self.schedule.action_generate()

    def pay(self, move, amount, day):
        self._register_payment(move, amount=amount, payment_date=day)

    def due_line(self, move):
        return move.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )

    def figures(self, as_of=None):
        return self.company.get_dunning_figures(as_of)

    def listed(self, name, key=None, as_of=None):
        """Return the records behind a figure."""
        action = self.company.action_dunning_figure(name, as_of, key)
        return self.env[action["res_model"]].search(action["domain"])


@freeze_time(TODAY)
@tagged("post_install", "-at_install")
class TestDunningFigures(FiguresCommon):
    def setUp(self):
        super().setUp()
        self.make_example()

    def assertTold(self, found, expected):
        """A number is the one expected, which stands in the document."""
        self.assertEqual(plain(found), expected)
        self.assertIn(expected, self.document)

    def head(self, name, as_of=None):
        [figure] = [one for one in self.figures(as_of)["head"] if one["name"] == name]
        return plain(figure["value"]), plain(figure["text"])

    def test_key_figures(self):
        for name, expected in (
            ("receivables", "$ 2,000.00"),
            ("overdue", "$ 1,000.00"),
            ("dso", "69.2 days"),
            ("count_back", "52.1 days"),
            ("collected", "$ 300.00"),
            ("undelivered", "0"),
        ):
            with self.subTest(name):
                self.assertTold(self.head(name)[0], expected)

    def test_shares(self):
        self.assertEqual(self.head("overdue")[1], "47.6 % of open items")
        self.assertEqual(self.head("collected")[1], "37.5 % of payments since 03/01/2026")
        self.assertIn("47.6 %", self.document)
        self.assertIn("37.5 %", self.document)

    def test_ageing(self):
        ages = self.figures()["ages"]
        rows = [*ages["rows"], ages["total"]]
        for row, name in zip(rows, ("USD", "EUR", "Total in USD"), strict=True):
            cells = [name, *row["ages"], row["credits"], row["balance"]]
            text = " ".join(f"| {plain(cell)}" if cell else "|" for cell in cells)
            with self.subTest(name):
                self.assertIn(f"{text} |", self.document)
        self.assertEqual(ages["values"], [1100.0, 600.0, 0.0, 400.0, 0.0])

    def test_ageing_is_what_the_books_say(self):
        lines = self.env["account.move.line"].search(
            [
                ("company_id", "=", self.company.id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
            ]
        )
        for day in ("2025-12-01", "2026-02-20", "2026-03-03", TODAY):
            booked = sum(lines.filtered(lambda line, d=day: str(line.date) <= d).mapped("balance"))
            items = self.company._dunning_read_open(Date.to_date(day))
            self.assertAlmostEqual(sum(item.amount_company for item in items), booked, msg=day)

    def test_expected_cash(self):
        cash = self.figures()["cash"]
        weeks = {
            series["name"]: {
                week: value
                for week, value in zip(cash["weeks"], series["values"], strict=True)
                if value
            }
            for series in cash["series"]
        }
        self.assertEqual(
            weeks,
            {
                "promised": {"2026-03-16": 250.0},
                "usual": {"2026-03-16": 100.0, "2026-04-13": 1000.0},
                "planned": {"2026-03-30": 115.0, "2026-04-27": 115.0},
            },
        )
        self.assertEqual((cash["weeks"][0], cash["weeks"][-1]), ("2026-03-09", "2026-05-25"))
        rests = {rest["name"]: plain(rest["value"]) for rest in cash["rests"]}
        self.assertEqual(rests, {"overstayed": "$ 350.00", "disputed": "$ 400.00"})

    def test_top_debtors(self):
        found = [
            (one["name"], plain(one["overdue"]), one["days"]) for one in self.figures()["debtors"]
        ]
        self.assertEqual(found, [("Alpha", "$ 600.00", 29), ("Beta", "$ 400.00", 69)])

    def test_levels(self):
        [level] = self.figures()["levels"]
        self.assertEqual(
            (level["id"], level["count"], level["soon_count"]), (self.level_1.id, 3, 1)
        )
        self.assertTold(level["amount"], "$ 1,500.00")
        self.assertTold(level["soon_share"], "13.3 %")
        self.assertTold(level["days"], "4.0 days")

    def test_disputes(self):
        [dispute] = self.figures()["disputes"]
        self.assertEqual((dispute["reason"], dispute["count"]), ("defective", 1))
        self.assertTold(dispute["amount"], "$ 400.00")

    def test_an_earlier_day(self):
        ages = self.figures("2026-02-28")["ages"]
        # A1 900, 19 days late; B1 400, 59 days late; B2 500 and B3 100 not due
        self.assertEqual(ages["values"], [600.0, 900.0, 400.0, 0.0, 0.0])
        self.assertEqual(ages["total"]["credits"], "")
        self.assertEqual(self.head("collected", "2026-02-28")[0], "$ 200.00")
        self.assertEqual(self.figures("2026-02-28")["disputes"], [])

    def test_an_earlier_day_does_not_know_what_came_after(self):
        [level] = self.figures("2026-02-23")["levels"]
        self.assertEqual((level["count"], level["soon_count"]), (3, 1))
        self.assertEqual(self.figures("2026-02-22")["levels"], [])

    def test_lists_behind_the_figures(self):
        a1, a2, b1, b3 = map(self.due_line, (self.a1, self.a2, self.b1, self.b3))
        credit = self.due_line(self.credit)
        euro = self.b3.currency_id
        for name, key, expected in (
            ("receivables", None, a1 | a2 | b1 | b3 | credit),
            ("receivables", euro.id, b3),
            ("overdue", None, a1 | b1),
            ("ages", "age_0", a2 | b3),
            ("ages", f"age_0,{euro.id}", b3),
            ("ages", "age_30", a1),
            ("ages", "age_60", a1.browse()),
            ("ages", "age_90", b1),
            ("credits", None, credit),
            ("collected", None, a1),
            ("usual", None, a2 | b3),
            ("usual", "2026-03-16", b3),
            ("usual", "2026-04-13", a2),
            ("overstayed", None, a1),
            ("debtors", self.alpha.id, a1),
            ("debtors", None, a1 | b1),
            ("promised", "2026-03-16", self.alpha.env["dunning.promise"].search([], limit=1)),
        ):
            with self.subTest(f"{name} {key}"):
                self.assertEqual(self.listed(name, key), expected)
        self.assertEqual(len(self.listed("dso")), 6)  # B1 was invoiced before
        self.assertEqual(
            self.listed("planned", "2026-03-30").mapped("date"), [Date.to_date("2026-04-01")]
        )
        self.assertEqual(len(self.listed("planned")), 2)
        self.assertEqual(self.listed("disputes", "defective").partner_id, self.beta)
        effects = self.listed("levels", self.level_1.id)
        self.assertEqual(effects.move_id, self.a0 | self.a1 | self.b1)
        self.assertEqual({str(effect.date) for effect in effects}, {"2026-02-16"})
        self.assertFalse(self.listed("undelivered"))

    def test_a_part_of_an_item_is_disputed(self):
        """Of A2 (1,000) 300 are disputed: 700 are expected as usual, 400 + 300 disputed."""
        self.env["dunning.dispute"].create(
            {
                "partner_id": self.alpha.id,
                "reason": "amount",
                "amount": 300.0,
                "move_line_ids": self.due_line(self.a2).ids,
            }
        )
        cash = self.figures()["cash"]
        usual = next(series for series in cash["series"] if series["name"] == "usual")
        self.assertEqual(dict(zip(cash["weeks"], usual["values"], strict=True))["2026-04-13"], 700)
        rests = {rest["name"]: plain(rest["value"]) for rest in cash["rests"]}
        self.assertEqual(rests, {"overstayed": "$ 350.00", "disputed": "$ 700.00"})
        listed = self.listed("disputed")
        self.assertEqual(sum(listed.mapped("amount_company")), 700.0)

    def test_list_of_an_earlier_day(self):
        expected = self.due_line(self.a1) | self.due_line(self.b1)
        self.assertEqual(self.listed("overdue", as_of="2026-02-28"), expected)
        items = self.listed("receivables", as_of="2026-02-28")
        self.assertIn(self.due_line(self.b2), items)
        self.assertNotIn(self.due_line(self.a0), items)

    def test_effect_of_levels(self):
        effect = self.env["dunning.level.effect"].search([("move_id", "=", self.a0.id)])
        self.assertRecordValues(
            effect,
            [
                {
                    "level_id": self.level_1.id,
                    "program_id": self.program.id,
                    "amount": 200.0,
                    "soon_amount": 200.0,
                    "days": 4,
                    "paid_date": Date.to_date("2026-02-20"),
                    "following_date": False,
                }
            ],
        )
        self.assertEqual(effect.action_open_reminder()["res_model"], "dunning.reminder")

    def test_not_delivered(self):
        unknown = self.env["res.partner"].create({"name": "Without address"})
        self.create_due_invoice("2026-02-20", 50.0, partner=unknown)
        self.execute(TODAY)
        self.assertEqual(self.head("undelivered")[0], "1")
        self.assertEqual(self.listed("undelivered").partner_id, unknown)

    def test_a_statement_that_was_not_delivered_waits_for_somebody_too(self):
        unknown = self.env["res.partner"].create({"name": "Without address"})
        self.create_due_invoice("2026-02-20", 50.0, partner=unknown)
        with self.mock_mail_gateway():
            unknown_statement = self.env["dunning.reminder"]._send_statements(
                unknown._dunning_get_statements()
            )
        self.assertEqual(unknown_statement.state, "undeliverable")
        figure = self.head("undelivered")
        self.assertEqual(figure, ("1", "reminders and statements, as of now"))
        self.assertEqual(self.listed("undelivered"), unknown_statement)
        listed = self.env.ref("account_recurrence_dunning.dunning_reminder_action_undelivered")
        found = self.env["dunning.reminder"].search(safe_eval(listed.domain))
        self.assertEqual(found, unknown_statement)
        self.assertEqual(found.kind_name, "Statement of open items")

    def test_a_test_that_was_not_delivered_is_in_neither_list(self):
        action = self.env.ref("account_recurrence_dunning.dunning_reminder_action_undelivered")
        self.assertIn(("is_test", "=", False), safe_eval(action.domain))
        self.assertIn(("is_test", "=", False), self.company._dunning_get_undelivered_domain())

    def test_a_settled_promise_is_not_expected(self):
        self.env["dunning.promise"].search([]).action_withdraw()
        [promised, *_others] = self.figures()["cash"]["series"]
        self.assertEqual(sum(promised["values"]), 0.0)

    def test_proposed_plan_is_not_expected(self):
        self.env["dunning.promise"].search([]).action_withdraw()
        plan = self.env["dunning.plan"].create(
            {"partner_id": self.alpha.id, "move_line_ids": self.due_line(self.a1).ids}
        )
        [promised, *_others] = self.figures()["cash"]["series"]
        self.assertEqual(sum(promised["values"]), 0.0)
        plan.action_activate()
        [promised, *_others] = self.figures()["cash"]["series"]
        # A1 less the credit note; the third instalment is on 17 May, within the twelve weeks
        self.assertEqual(sum(promised["values"]), 500.0)

    def test_definitions_are_those_of_the_document(self):
        told = self.figures()
        self.assertEqual(set(told["titles"]), set(told["definitions"]))
        for name in TITLES:
            with self.subTest(name):
                title, text = str(TITLES[name]), str(DEFINITIONS[name])
                self.assertIn(f"## {title} {plain(text)}", self.document)

    def test_a_day_to_come_is_refused(self):
        with self.assertRaisesRegex(UserError, "today or of an earlier day"):
            self.figures("2026-03-11")
        with self.assertRaisesRegex(UserError, "is not a date"):
            self.figures("tomorrow")

    def test_wrong_lists_are_refused(self):
        for name, key in (("nothing", None), ("ages", "age_1")):
            with self.assertRaisesRegex(UserError, "no list behind"):
                self.company.action_dunning_figure(name, None, key)

    def test_who_may_see_it(self):
        clerk = self.create_user("figures_clerk", "dunning_group_user")
        told = self.company.with_user(clerk).get_dunning_figures()
        self.assertEqual(told["ages"]["values"], [1100.0, 600.0, 0.0, 400.0, 0.0])
        employee = self.create_user("figures_employee")
        with self.assertRaises(AccessError):
            self.company.with_user(employee).get_dunning_figures()
        with self.assertRaises(AccessError):
            self.company.with_user(employee).action_dunning_figure()

    def test_every_list_can_be_read_by_a_clerk(self):
        clerk = self.create_user("figures_reader", "dunning_group_user")
        company = self.company.with_user(clerk)
        keys = {"ages": "age_0"}
        for name in company._dunning_get_figure_lists():
            with self.subTest(name):
                action = company.action_dunning_figure(name, None, keys.get(name))
                records = company.env[action["res_model"]].search(action["domain"])
                records.mapped("display_name")

    def test_queries_do_not_grow_with_items(self):
        self.figures()
        few = self.count_queries()
        for number in range(5):
            self.create_due_invoice(
                "2026-02-01", 10.0, partner=self.partner_b if number % 2 else self.partner_a
            )
        self.assertLessEqual(self.count_queries(), few + 2)

    def count_queries(self):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.figures()
        return self.env.cr.sql_log_count - before


@freeze_time(TODAY)
@tagged("post_install", "-at_install")
class TestDunningFiguresEmpty(FiguresCommon):
    def test_nothing_yet(self):
        told = self.company.get_dunning_figures()
        self.assertTrue(told["is_empty"])
        self.assertEqual(
            [plain(one["value"]) for one in told["head"]],
            ["$ 0.00", "$ 0.00", "–", "0.0 days", "$ 0.00", "0"],
        )

    def test_companies_do_not_mix(self):
        self.create_due_invoice("2026-02-06", 200.0)
        other = self.setup_other_company()["company"]
        self.env.user.company_ids |= other
        self.assertTrue(other.get_dunning_figures()["is_empty"])
        self.assertFalse(self.company.get_dunning_figures()["is_empty"])

    def test_the_app_opens_where_its_user_works(self):
        module = "account_recurrence_dunning"
        for groups, expected in (
            ("dunning_group_manager", "ir.actions.client"),
            ("dunning_group_user", "dunning.case"),
            ("", "recurrence.schedule"),
        ):
            user = self.create_user(f"opens_{groups}", groups)
            action = self.env.ref(f"{module}.menu_root_action").with_user(user).sudo(False).run()
            self.assertEqual(action.get("res_model") or action["type"], expected)
            self.assertEqual(
                self.env.ref(f"{module}.menu_root").action,
                self.env.ref(f"{module}.menu_root_action"),
            )

"""The demonstration: a quarter of a small service company, played day by day.

Everything that happens on a day goes through the code the crons call, with that day as their
``as_of``: payments come in, invoices go out, schedules bring their dates, late payers are reminded.
"""

import csv
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

from odoo.fields import Command
from odoo.tools import convert_file

from benchmarks import play
from benchmarks.visitor import visit_links

from .console import progress
from .settings import ADDON

DATA = Path(__file__).parent / "demo_data"
# The module by which the records of the demonstration are known; it is none of Odoo's.
MODULE = "brightwater"
DAYS = 91
DISPUTED = "fonderie_wallonne"
NEVER_REMINDED = "banque_du_parc"
OWN_PROGRAM = "lycee_victor_horta"
WITH_DUNNING_CONTACT = ("clinique_sainte_anne", "blue_harbor_logistics")
# (net amount's share of the customer's usual one, days before today on which it is invoiced);
# due 30 days later. The oldest are 90 days late today.
INVOICES = ((1.0, 120), (0.8, 97), (1.1, 66), (0.9, 38), (1.0, 12))
# What happened in each month: (month, column of the report, value).
HAPPENED = """
    SELECT to_char(invoice_date, 'YYYY-MM'), 'invoices', count(*)::text FROM account_move
     WHERE move_type = 'out_invoice' AND state = 'posted' AND invoice_date >= %(first)s GROUP BY 1
     UNION ALL
    SELECT to_char(date, 'YYYY-MM'),
           CASE WHEN state <> 'sent' THEN 'undelivered'
                WHEN level_number = 0 THEN 'notices'
                ELSE 'level ' || level_number END,
           count(*)::text
      FROM dunning_reminder
     WHERE state IN ('sent', 'failed', 'undeliverable') AND date >= %(first)s GROUP BY 1, 2
     UNION ALL
    SELECT to_char(paid.date, 'YYYY-MM'), 'recovered', to_char(sum(part.amount), 'FM999,990.00')
      FROM account_partial_reconcile part
      JOIN account_move_line paid ON paid.id = part.credit_move_id
     WHERE paid.date >= %(first)s AND EXISTS (
           SELECT 1 FROM dunning_reminder_line line
            WHERE line.move_line_id = part.debit_move_id
              AND line.state = 'sent' AND line.effective_date <= paid.date)
  GROUP BY 1
     UNION ALL
    SELECT to_char(date, 'YYYY-MM'), kind || 's', count(*)::text
      FROM dunning_answer WHERE kind IN ('promise', 'dispute') GROUP BY 1, 2
     UNION ALL
    SELECT to_char(create_date, 'YYYY-MM'), 'paid by link', count(*)::text
      FROM payment_transaction
     WHERE state = 'done' AND landing_route LIKE '/dunning/%%' GROUP BY 1
"""


def main(env, smtp, out):
    """Fill the database ``env`` is bound to and play the quarter that ends today.

    :param smtp: the open mail server every mail goes to, with ``host`` and ``port``
    :param out: called with each line of the report
    """
    demo = Demonstration(env, smtp)
    demo.play()
    demo.report(out)


class Demonstration:
    """The company, its customers and what happened to them."""

    def __init__(self, env, smtp):
        self.company = play.set_up_company(env, "Brightwater Facility Services")
        self.env = env
        self.today = self.company._get_job_today()
        self.first = self.today - timedelta(DAYS)
        play.use_mail_server(env, smtp)
        self.env.user.tz = self.company.recurrence_dunning_tz = "Europe/Brussels"
        self._load("res.users")
        self.clerk, self.sales = self._ref("clerk"), self._ref("sales")
        self._give_bank_account()
        self.env.ref("base.USD").active = True
        self._load("res.currency.rate")
        self._load("res.partner")
        # currency and net amount of ordinary invoices, and the days after the due date at which
        # they are paid; none: not at all, so far
        with (DATA / "played_customers.csv").open(encoding="utf-8") as file:
            self.customers = list(csv.DictReader(file))
        self._set_up_dunning()
        self.schedules = self._create_schedules()
        env.cr.commit()

    # --- who and how ---

    def _load(self, name, **context):
        """Load a file of records in the form in which Odoo imports them."""
        env = self.env(context={**self.env.context, "no_reset_password": True, **context})
        path = f"{ADDON}/dev/{DATA.name}/{name}.csv"
        convert_file(env, MODULE, path, None, mode="init", noupdate=True, pathname=path)

    def _ref(self, name):
        return self.env.ref(f"{MODULE}.{name}")

    def _give_bank_account(self):
        """Give the company an account, which letters and statements ask to pay to."""
        bank = self.env["res.bank"].create({"name": "Banque du Canal", "bic": "KREDBEBB"})
        self.env["res.partner.bank"].create(
            {
                "partner_id": self.company.partner_id.id,
                "acc_number": "BE71096123456769",
                "bank_id": bank.id,
                "allow_out_payment": True,
            }
        )

    def _create_schedules(self):
        self._load("ir.filters")
        self._load("account.move")
        for kind in ("invoices", "interactions"):
            self._load(f"recurrence.schedule-{kind}", default_date_start=self.first)
        until = self.today + timedelta(21)
        self._ref("call_late").write({"end_type": "end_date", "until": until})
        self._ref("review").date_start = self.first + timedelta(40)
        schedules = self.env["recurrence.schedule"].search([])
        schedules.action_generate()
        return schedules

    def _set_up_dunning(self):
        company = self.company
        company.write(
            {"dunning_active": True, "dunning_activation_date": self.first - timedelta(60)}
        )
        program = company.dunning_program_id
        program.write({"mode": "automatic", "user_id": self.clerk.id, "charge_compute": True})
        # the last reminder names what late payment costs
        program.level_ids.sorted("days")[-1].charge_show = True
        self._ref(NEVER_REMINDED).dunning_policy = "never"
        own = program.copy({"name": "Public schools: patient"})
        own.partner_id = self._ref(OWN_PROGRAM)
        for level in own.level_ids.filtered(lambda level: level.days > 0):
            level.days += 10
        own.partner_id.write({"dunning_policy": "own", "dunning_program_id": own.id})
        for customer in map(self._ref, WITH_DUNNING_CONTACT):
            customer.dunning_contact_id = customer.child_ids[:1]

    # --- the quarter ---

    def play(self):
        """Play from the first day to today."""
        self.env["account.payment.term"].flush_model()
        planned = self._plan_invoices()
        early = [day for day in sorted(planned) if day < self.first]
        for day in early:
            self._invoice(planned.pop(day), day)
        days = play.days_between(self.first, self.today)
        for day in progress(days, "Playing the quarter"):
            self._pay_what_comes_in(day)
            self._invoice(planned.get(day, ()), day)
            self.schedules._run_due(day)
            self._send_what_is_queued()
            self._confirm_what_was_asked(day)
            if day.weekday() < 5:
                play.run_dunning(self.env, self.company, day)
            self._dispute(day)
            self.env.cr.commit()
            self.env.invalidate_all()
        visit_links(self.env, self.today)

    def _plan_invoices(self):
        return play.by_day(
            (self.today - timedelta(age + index % 5), (customer, share))
            for index, customer in enumerate(self.customers)
            for share, age in INVOICES
        )

    def _invoice(self, planned, day):
        play.issue_invoices(
            self.env,
            [
                {
                    "partner_id": self._ref(customer["id"]).id,
                    "invoice_date": day,
                    "currency_id": self.env.ref(f"base.{customer['currency']}").id,
                    "invoice_user_id": self.sales.id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "Cleaning and maintenance",
                                "quantity": 1,
                                "price_unit": round(float(customer["amount"]) * share, 2),
                            }
                        )
                    ],
                }
                for customer, share in planned
            ],
        )

    def _pay_what_comes_in(self, day):
        habits = {self._ref(c["id"]).id: int(c["pays"]) for c in self.customers if c["pays"]}
        open_moves = self.env["account.move"].search(
            [
                ("move_type", "=", "out_invoice"),
                ("state", "=", "posted"),
                ("payment_state", "in", ("not_paid", "partial")),
                ("partner_id", "in", list(habits)),
            ]
        )
        coming = open_moves.filtered(
            lambda move: move.invoice_date_due + timedelta(habits[move.partner_id.id]) <= day
        )
        for _currency, moves in coming.grouped("currency_id").items():
            play.pay(self.env, moves, day)

    def _confirm_what_was_asked(self, day):
        """The clerk confirms what the schedules ask for, but for the last week: that is yours."""
        if day > self.today - timedelta(7):
            return
        asked = self.env["recurrence.occurrence"].search(
            [("target", "=", "invoice"), ("state", "=", "todo"), ("move_id", "=", False)]
        )
        for occurrence in asked.filtered(lambda o: o.schedule_id.invoice_mode == "confirm"):
            occurrence.action_issue()
            occurrence.move_id.is_move_sent = True
            occurrence.move_id.dunning_sent_date = occurrence.move_id.invoice_date
        calls = self.env["recurrence.occurrence"].search(
            [("target", "=", "interaction"), ("state", "=", "todo")]
        )
        calls.action_done()

    def _send_what_is_queued(self):
        """What Odoo's own job does with invoices that are to be sent."""
        if self.env["account.move"].search_count([("sending_data", "!=", False)]):
            # the job has a transaction of its own: it must see ours, and we what it did
            self.env.cr.commit()
            self.env.ref("account.ir_cron_account_move_send").method_direct_trigger()
            self.env.cr.commit()
            self.env.invalidate_all()

    def _dispute(self, day):
        if day != self.today - timedelta(45):
            return
        partner = self._ref(DISPUTED)
        move = self.env["account.move"].search(
            [("partner_id", "=", partner.id), ("payment_state", "=", "not_paid")],
            order="invoice_date",
            limit=1,
        )
        self.env["dunning.block"].create(
            {
                "partner_id": partner.id,
                "move_id": move.id,
                "kind": "dispute",
                "reason": "Half of the windows were not cleaned; credit note under discussion.",
                "date_from": day,
                "user_id": self.clerk.id,
            }
        )

    # --- what came of it ---

    def report(self, out):
        """Print the quarter as a table, one row per month."""
        self.env.flush_all()
        self.env.cr.execute(HAPPENED, {"first": self.first})
        months = defaultdict(dict)
        for month, head, value in self.env.cr.fetchall():
            months[month][head] = value
        levels = {head for row in months.values() for head in row if head.startswith("level")}
        heads = ["invoices", "notices", *sorted(levels), "undelivered", "recovered"]
        heads += ["promises", "disputes", "paid by link"]
        out("")
        out("  ".join(f"{head:>12}" for head in ["month", *heads]))
        for month, row in sorted(months.items()):
            out("  ".join(f"{cell:>12}" for cell in [month, *(row.get(h, "0") for h in heads)]))
        out("  recovered: paid after a reminder had been sent, in euros.")

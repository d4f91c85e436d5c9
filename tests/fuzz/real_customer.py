"""The histories of customers, played by the addon on a database: invoices, payments, mail."""

from contextlib import nullcontext
from datetime import timedelta

from odoo.exceptions import UserError
from odoo.fields import Command

from .customer import CUSTOMER, KINDS, play
from .customer_model import FIRST_DAY, PRICE
from .history import Wrong

# Settings that newer rules bring, which these histories do not tell of: off, where there are any.
OFF = ("dunning_send_delay", "dunning_bank_days", "dunning_min_amount", "dunning_grace_days")
# Real ones are short: each day costs two runs.
EVENTS = 12
ADDRESS = "fuzz@customer.example"


class Database:
    """What histories are played on; each is taken back when it is over.

    :param env: of a dunning manager, in a company with a chart of accounts
    :param mail: gives the context in which mail leaves; mail to ``.invalid`` has to be refused
    """

    def __init__(self, env, mail=nullcontext):
        self.env, self.mail = env, mail
        company = self.company = env.company
        company.sudo().write(
            {
                "recurrence_dunning_tz": "UTC",
                "dunning_active": True,
                "dunning_activation_date": FIRST_DAY - timedelta(365),
                **{name: 0 for name in OFF if name in company._fields},
            }
        )
        self.pay_through = env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", company.id)], limit=1
        )

    @property
    def kind(self):
        return CUSTOMER._replace(play=self.play, events=EVENTS)

    def play(self, setting, events):
        savepoint = self.env.cr.savepoint()
        try:
            play(setting, events, lambda model: Customer(self, model))
        finally:
            savepoint.close(rollback=True)


class Customer:
    """Stands where the pure engine stands: does what happens, runs, tells what left."""

    def __init__(self, database, model):
        self.database, self.model, self.env = database, model, database.env
        self.company = database.company
        self.company.sudo().dunning_contact_gap = model.gap
        self.partner = self.env["res.partner"].create({"name": "Fuzz", "email": ADDRESS})
        self.levels, self.reminders = {}, {}
        self.set_program(model.rungs)
        self.moves = self.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": self.partner.id,
                    "invoice_date": FIRST_DAY - timedelta(40),
                    "invoice_date_due": FIRST_DAY + timedelta(line.due),
                    "invoice_payment_term_id": False,
                    "invoice_line_ids": [self.line(PRICE)],
                }
                for line in model.lines
            ]
        )
        self.moves.action_post()
        self.moves.is_move_sent = True

    @property
    def today(self):
        return FIRST_DAY + timedelta(self.model.today)

    @staticmethod
    def line(amount):
        return Command.create({"name": "Work", "price_unit": amount, "tax_ids": False})

    def due_lines(self):
        """The due line of each invoice, by its number in the model."""
        return {
            move.line_ids.filtered(lambda ln: ln.account_type == "asset_receivable").id: number
            for number, move in enumerate(self.moves)
        }

    def set_program(self, rungs):
        """Give the customer a program of its own with these levels."""
        program = (
            self.env["dunning.program"]
            .sudo()
            .create(
                {
                    "name": "Fuzz",
                    "company_id": self.company.id,
                    "partner_id": self.partner.id,
                    "level_ids": [Command.create(self.level_values(rung)) for rung in rungs],
                }
            )
        )
        self.partner.with_company(self.company).write(
            {"dunning_policy": "own", "dunning_program_id": program.id}
        )
        self.program = program = program.with_env(self.env)
        for rung, level in zip(
            sorted(rungs, key=lambda rung: rung.days),
            program.level_ids.sorted("days"),
            strict=True,
        ):
            self.levels[level.id] = rung.id

    def level_values(self, rung):
        return {
            "name": f"Rung {rung.id}",
            "days": rung.days,
            "gap": rung.gap,
            "repeat_every": rung.every,
            "repeat_max": rung.times,
            "counts": rung.counts,
            "active": rung.active,
            "attach_statement": False,
        }

    # === RUNS === #

    def run(self):
        """Execute a run for the day, send, and return ``{line: (kind, rung)}`` of what left."""
        failing = self.model.failing
        self.partner.email = "fuzz@refused.invalid" if failing else ADDRESS
        with self.database.mail():
            run = self.env["dunning.run"]._execute_for(self.company, self.today)
            self.env["dunning.reminder"]._send_queued(self.today)
        numbers = self.due_lines()
        reminders = run.reminder_ids
        number = self.model.messages
        for counts in (True, False):
            message = reminders.filtered(lambda r, counts=counts: r.level_id.counts == counts)
            if message:
                number += 1
                self.reminders[number] = self.checked(message, failing)
        steps = {}
        for line in run.line_ids.filtered(lambda ln: ln.move_line_id.id in numbers):
            if not line.reason:
                raise Wrong("a decision without a reason")
            if line.decision == "remind":
                step = KINDS[line.reason], self.levels[line.level_id.id]
                steps[numbers[line.move_line_id.id]] = step
        told = {
            numbers[line.move_line_id.id]
            for line in reminders.line_ids
            if line.kind == "remind" and not line.drop_reason
        }
        if told != set(steps):
            raise Wrong(f"the run reminds of {set(steps)}, the message of {told}")
        return steps

    @staticmethod
    def checked(message, failing):
        if len(message) > 1:
            raise Wrong(f"{len(message)} messages to one recipient in one run")
        state = "failed" if failing else "sent"
        if message.state != state:
            raise Wrong(f"the reminder is {message.state}: {message.failure_reason}")
        return message

    # === WHAT HAPPENS === #

    def happen(self, name, number, amount):
        """Do it by the doors a person has; False where the addon refuses it with a sentence."""
        try:
            with self.env.cr.savepoint():
                getattr(self, name, lambda *_arguments: None)(number, amount)
        except UserError:
            return False
        return True

    def pay(self, number, amount):
        amount = min(amount, self.model.lines[number].open)
        if amount <= 0:
            return
        move = self.moves[number]
        # a credit may cover it in part without being matched: the invoice stays open in full
        register = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        values = {"payment_date": self.today, "amount": amount}
        register.create({**values, "journal_id": self.database.pay_through.id})._create_payments()

    def credit_note(self, _number, amount):
        refund = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.partner.id,
                "invoice_date": self.today,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [self.line(amount)],
            }
        )
        refund.action_post()

    def block(self, number, amount, kind="dispute"):
        self.env["dunning.block"].create(
            {
                "move_id": self.moves[number].id,
                "kind": kind,
                "date_from": self.today,
                "date_until": self.today + timedelta(amount),
            }
        )

    def promise(self, number, amount):
        self.block(number, amount, "promise")
        # the clock is not that of the history: what the promise replaced ended on its day
        replaced = (
            self.env["dunning.block"]
            .sudo()
            .search([("partner_id", "=", self.partner.id), ("lifted_date", ">", self.today)])
        )
        replaced.lifted_date = self.today

    def restart(self, number, _amount):
        move = self.moves[number]
        batches = self.env["dunning.batch"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        values = {"set_level": True, "level": 0, "set_last_date": True, "last_date": False}
        batches.create(values).action_apply()

    def take_back(self, number, _amount):
        message, _entries = self.model.message_of(number)
        self.reminders[message].action_cancel()

    def bounce(self, number, _amount):
        message, _entries = self.model.message_of(number)
        reminder = self.reminders[message].sudo()
        reminder._message_receive_bounce(ADDRESS, self.partner)

    def resend(self, number, _amount):
        message = self.model.lines[number].stuck.message
        reminder = self.reminders[message]
        self.partner.email = ADDRESS
        with self.database.mail():
            reminder.action_send_again()
            reminder.sudo()._send_queued(self.today)
        if reminder.state != "sent":
            raise Wrong(f"sent again it is {reminder.state}: {reminder.failure_reason}")

    def change_level(self, number, **values):
        rung = self.model.rungs[number % len(self.model.rungs)]
        ids = {rung_id: level_id for level_id, rung_id in self.levels.items()}
        self.env["dunning.level"].browse(ids[rung.id]).write(values)
        return rung

    def archive(self, number, _amount):
        rung = self.model.rungs[number % len(self.model.rungs)]
        self.change_level(number, active=not rung.active)

    def regap(self, number, amount):
        self.change_level(number, gap=amount % 10)

    def redate(self, number, amount):
        if self.model.rungs[number % len(self.model.rungs)].days >= 0:
            self.change_level(number, days=amount % 40)

    def insert(self, number, amount):
        values = self.level_values(self.new_rung(amount % 40, number % 8))
        level = self.env["dunning.level"].create({**values, "program_id": self.program.id})
        self.levels[level.id] = self.model.ids + 1

    def new_rung(self, days, gap):
        return self.model.rungs[0]._replace(
            id=self.model.ids + 1, days=days, gap=gap, every=0, times=0, active=True, counts=True
        )

    def change_program(self, number, amount):
        self.set_program(self.model.new_program(number, amount))

"""Histories of customers, played against the pure engine of ``tools/`` or another player."""

import sys
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from .customer_model import FIRST_DAY, Model, make
from .history import Kind, Wrong

try:
    from odoo.addons.account_recurrence_dunning.tools.dunning import credit as dunning_credit
    from odoo.addons.account_recurrence_dunning.tools.dunning import decision as dunning_decision
    from odoo.addons.account_recurrence_dunning.tools.dunning import ladder as dunning_ladder
except ImportError:  # without Odoo the checkout is a folder, and tools/ a package in it
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from tools.dunning import credit as dunning_credit
    from tools.dunning import decision as dunning_decision
    from tools.dunning import ladder as dunning_ladder

KINDS = {
    "notice_due": "notice",
    "level_due": "rung",
    "repeat_due": "repeat",
    "mailing_due": "mailing",
}


class Engine:
    """The pure engine of ``tools/`` in the place of the addon: it steps from fact to fact."""

    def __init__(self, model):
        self.model = model
        self.effective = {n: [] for n in range(len(model.lines))}  # (message, decision, day)
        self.stuck = {}

    def happen(self, name, number, _amount):
        """Follow what the model cannot tell the engine as a fact; before the model does."""
        message, entries = self.model.message_of(number)
        if name == "restart":
            self.effective[number].clear()
        elif name == "take_back":
            for n in entries:
                self.effective[n].pop()
        elif name == "bounce":
            for n in entries:
                self.stuck[n] = self.effective[n].pop()
        elif name == "resend":
            for n in self.model.stuck_with(number):
                message, decision, _day = self.stuck.pop(n)
                self.effective[n].append((message, decision, self.model.today))
        return True

    def run(self):
        """Decide for all lines, let them leave, return ``{line: (kind, rung)}``."""
        model, today = self.model, _day(self.model.today)
        levels = [
            dunning_ladder.Level(r.id, 0, r.days, r.gap, r.every, r.times, r.active, r.counts)
            for r in model.rungs
        ]
        ladder = dunning_ladder.Ladder(dunning_ladder.numbered(levels))
        amounts = [(n, _day(line.due), Decimal(line.open)) for n, line in enumerate(model.lines)]
        left = dunning_credit.allocate_credit(amounts, Decimal(model.credit))
        contact = max(model.contacts.values(), default=None)
        steps = {}
        for n, line in enumerate(model.lines):
            facts = self.facts(n, line, left[n], contact)
            decision = dunning_decision.decide(facts, ladder, today, model.gap)
            if not decision.reason:
                raise Wrong("a decision without a reason")
            if decision.remind:
                steps[n] = KINDS[decision.reason], decision.level.id
                entry = (model.messages + 1, decision, model.today)
                if model.failing:
                    self.stuck[n] = entry
                else:
                    self.effective[n].append(entry)
        return steps

    def facts(self, n, line, left, contact):
        facts = dunning_ladder.DueLine(n, _day(line.due))
        for _message, decision, day in self.effective[n]:
            facts = dunning_decision.advance(facts, decision, _day(day))
        blocked = line.blocked >= self.model.today
        hold = "dispute" if blocked else "undelivered" if n in self.stuck else ""
        return replace(
            facts,
            hold=hold if left > 0 else "paid",
            hold_until=_day(line.blocked) if blocked and left > 0 else None,
            contact_last=None if contact is None else _day(contact),
        )


def _day(number):
    return FIRST_DAY + timedelta(number)


def play(setting, events, player=Engine):
    """Play a history; what leaves has to be what the model says, on each day, each time."""
    model = Model(setting)
    engine = player(model)
    for steps, name, number, amount in events:
        model.today += steps
        number %= len(model.lines)
        if name and model.can(name, number, amount) and engine.happen(name, number, amount):
            model.happen(name, number, amount)
        # two runs a day are not more than one
        for _run in range(2):
            expected = model.expected()
            found = engine.run()
            if found != expected:
                raise Wrong(f"on day {model.today} {found} left, expected was {expected}")
            model.leave(expected)


CUSTOMER = Kind("customer", make, play, 50)

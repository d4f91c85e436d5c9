"""Histories of a recurrence, and the rules that hold whatever happens to it (rules 1 to 3).

The model decides nothing: it compares what was there before with what is there now.
"""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from .history import Kind, Wrong
from .schedule_planner import Planner
from .schedule_rule import FIRST_DAY, HORIZON, OPEN, make


class Watch:
    """Compares the recurrence before and after each event with what the rules allow."""

    def __init__(self, setting, player):
        self.player, self.today = player, setting["today"]
        self.rules, self.edited, self.stale = [setting["rule"]], False, False
        self.catch_up, self.paused, self.resume_on = setting["catch_up"], None, None
        self.wanted = set()  # what a person added or planned again since the last pause

    @property
    def day(self):
        return FIRST_DAY + timedelta(self.today)

    def rows(self):
        rows = self.player.rows()
        days = [row.rule_date for row in rows]
        if len(set(days)) < len(days):
            raise Wrong(f"a date twice: {sorted(days)}")
        return {row.rule_date: replace(row) for row in rows}

    # === WHAT HAPPENS === #

    def happen(self, name, number, value):
        """Let one event happen, and check what it changed."""
        before = self.rows()
        if name in ("skip", "move", "plan_again", "done"):
            self.touch(name, number, value, before)
        elif name in ("cancel", "revive"):
            self.replace_invoice(name, number, before)
        elif name.startswith("edit"):
            if self.edit(value) and name == "edit_and_regenerate":
                self.regenerate(before)
        elif name == "regenerate":
            self.regenerate(before)
        elif name:
            getattr(self, name)(value, before)

    def touch(self, name, number, value, before):
        """A person does something with one date."""
        candidates = sorted(self.candidates(name, before), key=lambda row: row.rule_date)
        if candidates:
            row = candidates[number % len(candidates)]
            arguments = (self.day + timedelta(max(value, 0)),) if name == "move" else ()
            if getattr(self.player, name)(self.find(row), *arguments):
                self.check_touched(row, name, *arguments)
                if name == "plan_again":
                    self.wanted.add(row.rule_date)
                else:
                    self.wanted.discard(row.rule_date)

    def add(self, value, _before):
        day = self.day + timedelta(value)
        if self.player.add(day):
            self.wanted.add(day)
            if not self.rows()[day].manual:
                raise Wrong(f"{day} was added by hand and is not marked so")

    def pause(self, _value, _before, until=None):
        if self.paused is None and self.player.state == "running":
            self.player.pause(self.day, until)
            self.paused, self.resume_on = self.day, until
            self.wanted.clear()

    def pause_until(self, value, before):
        self.pause(value, before, self.day + timedelta(max(value, 1)))

    def resume(self, _value, before):
        if self.paused is not None:
            self.player.resume(self.day)
            # the job may be late: the pause ended on the day to resume on all the same
            self.check_resumed(before, min(self.day, self.resume_on or self.day))
            self.paused = self.resume_on = None

    def replace_invoice(self, name, number, rows):
        billed = sorted((row for row in rows.values() if row.bills), key=lambda row: row.rule_date)
        if billed and hasattr(self.player, name):
            getattr(self.player, name)(billed[number % len(billed)])
            self.check_bills(self.rows())

    def candidates(self, name, rows):
        wanted = {
            "skip": lambda row: row.state in OPEN,
            "move": lambda row: row.state == "planned",
            "plan_again": lambda row: row.state == "skipped",
            "done": lambda row: row.state == "todo",
        }.get(name)
        return [row for row in rows.values() if wanted and wanted(row)]

    def find(self, row):
        return next(found for found in self.player.rows() if found.rule_date == row.rule_date)

    def check_touched(self, row, name, day=None):
        after = self.rows()[row.rule_date]
        states = {"skip": "skipped", "move": row.state, "plan_again": "planned", "done": "done"}
        if after.state != states[name] or (day and after.date != day):
            raise Wrong(f"{name} of {row.rule_date} left it {after.state} on {after.date}")

    def edit(self, rule):
        if self.player.edit(rule) is False:
            return False
        self.rules.append(rule)
        self.edited = self.stale = True
        return True

    def regenerate(self, before):
        if self.player.regenerate(self.day) is False:
            return
        self.stale = False
        # what a long pause left unplanned lies behind: the rule goes on from today
        self.edited = self.edited or self.paused is not None
        rule, after = self.rules[-1], self.rows()
        for day, row in before.items():
            passed = day < self.day
            if (row.fixed or (row.left_out and passed)) and after.get(day) != row:
                raise Wrong(f"regenerating changed {row} into {after.get(day)}")
            if (
                not row.fixed
                and passed
                and day in after
                and not rule.says(day)
                and not row.left_out
            ):
                raise Wrong(f"{day} stays, and is no date of the rule {rule}")
        ahead = {day: row for day, row in after.items() if day not in before or not row.fixed}
        for day in ahead:
            if day >= self.day and not rule.says(day):
                raise Wrong(f"{day} is planned and no date of the rule {rule}")
            if day >= self.day and rule.end == "end_date" and (day - FIRST_DAY).days > rule.until:
                raise Wrong(f"{day} is planned beyond the end of the rule")
        self.check_count(after)
        self.check_complete(after)

    def check_count(self, rows):
        """Done and skipped ones count; those that stay may be more than a shorter rule allows."""
        rule = self.rules[-1]
        counting = [row for row in rows.values() if not row.manual]
        stay = [row for row in counting if row.fixed or row.rule_date < self.day]
        if rule.end == "count" and len(counting) > max(rule.count, len(stay)):
            raise Wrong(f"{len(counting)} dates of a rule that ends after {rule.count}")

    def check_empty(self):
        """Only a rule without a single date is refused."""
        rule = self.rules[0]
        if rule.end != "end_date" or rule.dates(rule.until):
            raise Wrong(f"refused is {rule}, which has dates")

    def check_complete(self, rows):
        """No date of the rule is missing up to the horizon, unless it is paid for already."""
        rule = self.rules[-1]
        if rule.end == "count":
            return
        paid = [row for row in rows.values() if row.fixed or row.rule_date < self.day]
        for day in rule.dates(self.today + HORIZON - 4):
            if day < self.day or day in rows:
                continue
            if not any(row.start and row.start <= day <= row.end for row in paid):
                raise Wrong(f"{day} is missing")

    # === THE JOB === #

    def run(self):
        """The job of the day: what is due is to do or left out as chosen, nothing else moves."""
        before = self.rows()
        self.player.run(self.day)
        after = self.rows()
        if self.paused is not None and self.resume_on and self.resume_on <= self.day:
            self.check_resumed(before, self.resume_on, after)
            self.paused = self.resume_on = None
        elif self.paused is not None:
            if {day: row.state for day, row in before.items()} != {
                day: row.state for day, row in after.items()
            }:
                raise Wrong("something happened in a pause")
            return
        if self.player.state == "finished":
            return
        self.check_due(before, after)
        self.check_rule(after)

    def check_due(self, before, after):
        """Nothing stays planned for the past; what a person planned is never left out."""
        due = []
        for day, row in after.items():
            old = before.get(day)
            if row.state == "planned" and row.date <= self.day and not self.is_beyond(row):
                raise Wrong(f"{day} is still planned for {row.date}")
            if self.stale and old and old.state == "planned" != row.state:
                self.check_given(old)
            if old is None or old.state == "planned":
                due += [row] if row.date <= self.day and not row.left_out else []
            elif (row.state, row.date) != (old.state, old.date):
                raise Wrong(f"the job changed {old} into {row}")
        by_hand = [row for row in due if row.rule_date in self.wanted]
        dropped = [row for row in due if row.state == "skipped"]
        if any(row in dropped for row in by_hand) and not self.resumed:
            raise Wrong("the job left out what a person planned")
        if self.catch_up == "all" and dropped and not self.resumed:
            raise Wrong(f"left out, though all are wanted: {dropped}")
        today = [row for row in due if row.date == self.day]
        if self.catch_up == "skip" and any(row in dropped for row in today):
            raise Wrong("today's date was left out")
        last = max(due, key=lambda row: (row.date, row.rule_date), default=None)
        if self.catch_up == "last" and last in dropped and not self.resumed:
            raise Wrong("the last missed date was left out")

    resumed = False

    def is_beyond(self, row):
        """Whether a rule that was changed, but not regenerated, keeps a planned date waiting."""
        rule, number = self.rules[-1], (row.rule_date - FIRST_DAY).days
        return self.stale and (
            # what it would pay for may be another time
            self.player.pays
            or not rule.says(row.rule_date)
            or rule.shifted(row.rule_date) != row.date
            or (rule.end == "end_date" and number > rule.until)
            or rule.end == "count"
        )

    def check_given(self, row):
        """Nothing is done on a date that a rule which was changed does not give."""
        rule, number = self.rules[-1], (row.rule_date - FIRST_DAY).days
        is_given = rule.says(row.rule_date) and rule.shifted(row.rule_date) == row.date
        if rule.end == "end_date":
            is_given = is_given and number <= rule.until
        if not (is_given or row.fixed or self.resumed):
            raise Wrong(f"the job took {row}, which the changed rule {rule} does not give")

    def check_resumed(self, before, until, after=None):
        """What fell into the pause is left out, and nothing from the day of resuming on."""
        after = after or self.rows()
        for day, row in before.items():
            if row.state != "planned" or day not in after:
                continue
            paused = self.paused <= row.date < until
            kept = after[day].manual or after[day].pinned
            if paused and not kept and after[day].state != "skipped":
                raise Wrong(f"{day} fell into the pause and is {after[day].state}")
            if self.catch_up == "all" and row.date >= until and after[day].state == "skipped":
                raise Wrong(f"{day} lies after the pause and was left out")
        self.resumed = True

    def check_rule(self, rows):
        """Dates come from the anchor, in full; no period is paid for twice."""
        for row in rows.values():
            if not row.manual and not any(rule.says(row.rule_date) for rule in self.rules):
                raise Wrong(f"{row.rule_date} is no date of any rule it ever had")
            places = {rule.shifted(row.rule_date) for rule in self.rules}
            if not row.moved and not row.manual and row.date not in places | {row.rule_date}:
                raise Wrong(f"{row.rule_date} falls on {row.date}")
        if not self.edited:
            counted = sorted(row.rule_date for row in rows.values() if not row.manual)
            wanted = self.rules[0].dates((max(counted) - FIRST_DAY).days) if counted else []
            by_hand = {row.rule_date for row in rows.values() if row.manual}
            if counted != [day for day in wanted if day not in by_hand]:
                raise Wrong(f"planned are {counted}, the rule says {wanted}")
        if not self.stale:
            self.check_count(rows)
        paid = [
            row
            for row in rows.values()
            if self.player.pays and row.state != "skipped" and not row.manual and not row.pinned
        ]
        paid.sort(key=lambda row: row.start)
        for row, following in pairwise(paid):
            if row.end >= following.start:
                raise Wrong(f"paid for twice: {row} and {following}")
        self.check_bills(rows)

    @staticmethod
    def check_bills(rows):
        if any(row.bills > 1 for row in rows.values()):
            raise Wrong("two live invoices for one date")


def play(setting, events, player=Planner):
    """Play a history: an event, then the job of the day, unless it does not run."""
    played = player(setting)
    watch = Watch(setting, played)
    played.today = watch.day
    if played.generate(watch.day) is False:
        watch.check_empty()
        return
    watch.check_rule(watch.rows())
    for steps, name, number, value in events:
        watch.today += steps
        played.today = watch.day
        watch.resumed = False
        if name != "miss":
            watch.happen(name, number, value)
            watch.run()
            watch.resumed = False
            watch.run()


SCHEDULE = Kind("schedule", make, play, 40)

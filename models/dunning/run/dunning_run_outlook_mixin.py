from collections import Counter, defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...common.amount_text import format_amounts
from ...common.client_action import CLOSE, notify, open_dialog
from .dunning_run_execution_mixin import QUIET

GROUPED_DAYS = ["run_id", "next_date:day"]


class DunningRunOutlookMixin(models.AbstractModel):
    """Telling before a run is executed what it would send, and after it what it did."""

    _name = "dunning.run.outlook.mixin"
    _inherit = "dunning.outlook.mixin"
    _description = "Before and After the Execution of a Run"

    warning_text = fields.Text(
        compute="_compute_warning_text",
        help="Why messages will not be delivered, with the number of due lines in them.",
    )
    next_due_date = fields.Date(compute="_compute_nothing_due")
    nothing_due_text = fields.Text(
        compute="_compute_nothing_due", help="Why nothing is reminded on this day."
    )

    @api.depends("state", "date")
    def _compute_outlook(self):
        return super()._compute_outlook()

    def _get_outlook(self):
        """Return the numbers of what an execution would send now, as values of the fields."""
        return self._ask_plan(self._count_messages)

    def _ask_plan(self, ask):
        """Return what is found in the messages that an execution would make now.

        :param ask: function of them, as ``_plan_messages`` returns them
        """
        self.ensure_one()
        run = self.sudo().with_company(self.company_id).with_context(**QUIET)
        if run.state == "done" or not run.date:
            return ask([])
        if run.state not in ("simulated", "to_check"):
            return ask(run._plan_messages(run._get_facts()))
        with self.env.cr.savepoint() as savepoint:
            values = ask(run._plan_messages(run._recheck_lines()))
            savepoint.rollback()
        return values

    def _count_messages(self, groups):
        """Return the numbers of messages to make, as values of the fields.

        :param groups: as ``_plan_messages`` returns them
        """
        facts = [fact for group in groups for fact in group["facts"]]
        levels = self._get_fact_levels(facts)
        channels, amounts = Counter(), Counter()
        for group in groups:
            channels[levels[group["top"].decision.level.id].channel] += 1
        for fact in facts:
            amounts[fact.currency_id] += fact.open_amount
        labels = self.env["dunning.level"]._fields["channel"]._description_selection(self.env)
        currencies = self.env["res.currency"].browse(amounts).sorted("name")
        return {
            "outlook_messages": len(groups),
            "outlook_channels": self._tell_counts(
                (label, channels[channel]) for channel, label in labels if channels[channel]
            ),
            "outlook_customers": len({fact.partner_id for fact in facts}),
            "outlook_amounts": format_amounts(
                self.env, ((currency, amounts[currency.id]) for currency in currencies)
            ),
            **self._count_obstacles([group["obstacle"] for group in groups]),
        }

    @api.model
    def _count_obstacles(self, obstacles):
        """Return how many messages can go, and why others cannot, as values of the fields.

        :param obstacles: of each message its ``Obstacle``; None: it has none
        """
        codes = Counter(obstacle.code for obstacle in obstacles if obstacle)
        labels = dict(self.env["dunning.reason"]._get_obstacle_selection())
        return {
            "outlook_obstacles": codes.total(),
            "outlook_sendable": len(obstacles) - codes.total(),
            "outlook_reasons": self._tell_counts(
                (labels.get(code, code), count) for code, count in codes.most_common()
            ),
        }

    @api.depends("remind_count", "state")
    @api.depends_context("lang")
    def _compute_warning_text(self):
        labels = dict(self.env["dunning.reason"]._get_obstacle_selection())
        groups = self.env["dunning.run.line"]._read_group(
            [("run_id", "in", self.ids), ("decision", "=", "remind"), ("warning", "!=", False)],
            ["run_id", "warning"],
            ["__count"],
            order="__count desc",
        )
        for run in self:
            run.warning_text = self._tell_counts(
                (labels.get(warning, warning), count)
                for found, warning, count in groups
                if found == run
            )

    @api.model
    def _tell_counts(self, pairs):
        """Return labels with their numbers in one line."""
        return ", ".join(
            self.env._("%(label)s: %(count)s", label=label, count=count) for label, count in pairs
        )

    # === NOTHING DUE === #

    @api.depends("remind_count", "skip_count", "state")
    @api.depends_context("lang")
    def _compute_nothing_due(self):
        """Fill why nothing is due on the day of a simulation, and the next day something is."""
        lines = self.env["dunning.run.line"]
        labels = dict(self.env["dunning.reason"]._get_selection())
        idle = self.filtered(lambda run: run._origin and run.skip_count and not run.remind_count)
        domain = [("run_id", "in", idle.ids)]
        # of different days, those that are over already are left out for each run below
        dates, reasons = defaultdict(list), defaultdict(list)
        for run, day in lines._read_group([*domain, ("next_date", "!=", False)], GROUPED_DAYS):
            dates[run.id].append(day)
        by_reason = ["run_id", "reason"]
        groups = lines._read_group(domain, by_reason, ["__count"], order="__count desc")
        for run, reason, count in groups:
            reasons[run.id].append((labels.get(reason, reason), count))
        for run in self:
            later = [day for day in dates[run._origin.id] if day > run.date]
            run.next_due_date = min(later, default=False)
            run.nothing_due_text = self._tell_counts(reasons[run._origin.id]) or False

    def action_simulate_next(self):
        """Simulate the next day on which something is due, in place of the day of the run."""
        self.check_access("write")
        self.ensure_one()
        self._check_open()
        if not self.next_due_date:
            raise UserError(self.env._("No due line has a day on which it would be reminded."))
        self.date = self.next_due_date
        return self.action_simulate()

    # === EXECUTING === #

    def action_open_execute(self):
        """Show what executing would send now, and ask."""
        self.check_access("write")
        self.ensure_one()
        self._check_open()
        self.company_id._check_dunning_on()
        view = self.env.ref("account_recurrence_dunning.dunning_run_view_form_execute")
        return open_dialog(
            self,
            self.env._("Execute %(run)s", run=self.display_name),
            views=[(view.id, "form")],
            context={"dialog_size": "medium"},
        )

    def action_execute_now(self):
        """Execute, and tell what was sent."""
        self.check_access("read")
        self.action_execute()
        return self._tell_execution(CLOSE)

    def _tell_execution(self, then):
        """Return the notification that says what an execution made, with a link to it.

        :param then: what follows, as ``notify`` takes it
        """
        self.ensure_one()
        groups = self.env["dunning.reminder"]._read_group(
            [("run_id", "=", self.id)], ["channel"], ["__count"]
        )
        counts = dict(groups)
        labels = self.env["dunning.level"]._fields["channel"]._description_selection(self.env)
        if not counts:
            message = self.env._("Nothing was left to remind: no message was prepared.")
            return notify(message, "warning", then)
        message = self.env._(
            "Messages prepared: %(count)s (%(channels)s), for %(amount)s.",
            count=sum(counts.values()),
            channels=self._tell_counts(
                (label, counts[channel]) for channel, label in labels if channel in counts
            ),
            amount=self.total_text,
        )
        if self.undelivered_count:
            lost = self.env._("Not delivered: %(count)s.", count=self.undelivered_count)
            message = f"{message} {lost}"
        link = {
            "label": self.env._("View the reminders"),
            "url": f"/odoo/dunning-runs/{self.id}/dunning-run-reminders",
        }
        kind = "warning" if self.undelivered_count else "success"
        return notify(f"{message} %s", kind, then, links=[link])

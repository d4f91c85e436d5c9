from datetime import timedelta

from odoo import api, models
from odoo.tools import format_amount, format_date

TASK = "mail.mail_activity_data_todo"
# With these reasons the engine says that nothing is owed any more.
PAID_OR_REVERSED = ("paid", "reversed")


class DunningPlanOutcomeMixin(models.AbstractModel):
    """What becomes of payment plans: each day all that was paid is held against what was due.

    It does not matter which payment was meant for which instalment: they are paid in their order.
    """

    _name = "dunning.plan.outcome.mixin"
    _description = "Outcome of Payment Plans"

    @api.model
    def _judge(self, company, today):
        """Look at each active plan of a company.

        :param date today: the company's day
        """
        plans = self.sudo().search([("company_id", "=", company.id), ("state", "=", "active")])
        if not plans:
            return
        facts = company._dunning_collect(today, partners=plans.partner_id)
        for plan in plans:
            plan._settle(facts, today)

    def _settle(self, facts, today):
        """Note what was paid; keep, warn about or end the plan.

        Where payments were found that may be for it, nothing is said of it until they are matched.

        :param facts: about the customer's due lines
        """
        self.ensure_one()
        paid = self._get_paid(facts)
        self.paid_amount = paid
        owed = self._get_owed(facts)
        missed = self._settle_instalments(paid, today)
        if not owed or self.currency_id.compare_amounts(paid, self.amount) >= 0:
            self._keep()
        elif not missed:
            self._forget_warning()
        elif not all(owed):
            self._set_missed(missed, today)

    def _get_owed(self, facts):
        """Return, for each due line that is open, why the engine claims nothing; empty: it does."""
        engine = self.company_id._dunning_get_engine()
        lines = {int(line_id) for line_id in self.open_amounts or {}}
        found = [fact for fact in facts if fact.id in lines and fact.open_amount > 0]
        holds = [(engine._get_money_hold(fact) or ("", None))[0] for fact in found]
        return [code for code in holds if code not in PAID_OR_REVERSED]

    def _settle_instalments(self, paid, today):
        """Note which instalments are paid; return the first that was missed, or none."""
        due, missed = 0.0, self.promise_ids.browse()
        for promise in self.promise_ids.sorted(lambda found: (found.date, found.id)):
            due += promise.amount
            if promise.state != "open":
                continue
            if self.currency_id.compare_amounts(paid, due) >= 0:
                promise.write({"state": "kept", "paid_amount": promise.amount})
            elif promise.date < today and not missed:
                missed = promise
        return missed

    def _keep(self):
        self.promise_ids.filtered(lambda promise: promise.state == "open").state = "kept"
        self.state = "kept"
        self.block_ids.outcome = "kept"
        self._forget_warning()

    def _forget_warning(self):
        if self.warned_date:
            self.warned_date = False
            self.activity_feedback([TASK])

    def _set_missed(self, missed, today):
        """Warn about a missed instalment; when the days of grace are over, end the plan."""
        grace = timedelta(days=self.company_id.dunning_plan_grace_days)
        if not self.warned_date:
            self.warned_date = today
            if grace:
                self._ask_about(missed, today, today + grace)
        if today >= self.warned_date + grace:
            self._end(missed, today)

    def _end(self, missed, today):
        """End the plan: reminders resume."""
        earlier = self.promise_ids.filtered(lambda promise: promise.state == "kept")
        part = max(self.paid_amount - sum(earlier.mapped("amount")), 0.0)
        state = "broken" if self.currency_id.is_zero(part) else "partly"
        missed.write({"state": state, "paid_amount": part})
        self.block_ids.outcome = "broken"
        self._close("ended")
        self.activity_schedule(
            TASK,
            date_deadline=today,
            summary=lambda spoken: spoken.env._("The payment plan has ended"),
            note=lambda spoken: spoken._get_missed_note(missed),
            user_id=self._get_responsible().id,
        )

    def _close(self, state):
        """End plans: what is to come of them is void, and what they hold is reminded again."""
        for plan in self:
            plan.state = state
            plan.promise_ids.filtered(lambda promise: promise.state == "open").state = "withdrawn"
            plan._release()
            plan.activity_feedback([TASK])

    def _ask_about(self, missed, today, until):
        """Have somebody tell the customer that an instalment is missing."""
        self.activity_schedule(
            TASK,
            date_deadline=today,
            summary=lambda spoken: spoken.env._("An instalment was missed: warn the customer"),
            note=lambda spoken: "\n".join(
                (
                    spoken._get_missed_note(missed),
                    spoken.env._(
                        "If it is not paid before %(day)s, the plan ends.",
                        day=format_date(spoken.env, until),
                    ),
                )
            ),
            user_id=self._get_responsible().id,
        )

    def _get_missed_note(self, missed):
        return self.env._(
            "%(amount)s was to be paid by %(day)s.",
            amount=format_amount(self.env, missed.amount, self.currency_id),
            day=format_date(self.env, missed.date),
        )

from odoo import api, fields, models

from ...common.amount_text import format_amounts


class DunningOutlookMixin(models.AbstractModel):
    _inherit = "dunning.outlook.mixin"

    outlook_claimed = fields.Char(
        string="Plus Interest and Fixed Sums",
        compute="_compute_outlook",
        help="What the messages claim on top, per currency.",
    )


class DunningRun(models.Model):
    """What the messages of a run ask for beside what is outstanding (M3)."""

    _inherit = "dunning.run"

    claimed_amounts = fields.Json(
        readonly=True,
        copy=False,
        help="What the messages of the simulation would claim, by the currency's id.",
    )
    claimed_text = fields.Char(
        string="Interest and Fixed Sums",
        compute="_compute_claimed_text",
        help="What the messages claim on top of the amount in reminders, per currency.",
    )

    @api.depends("claimed_amounts", "state")
    @api.depends_context("lang")
    def _compute_claimed_text(self):
        """Tell what was claimed; before the execution what would be."""
        for run in self:
            is_done = run.state in ("done", "failed")
            totals = run._get_told_claims() if is_done else run._get_coming_claims()
            run.claimed_text = format_amounts(self.env, totals.items())

    def _get_told_claims(self):
        groups = self.env["dunning.claim"]._read_group(
            [
                ("reminder_id.run_id", "=", self.id),
                ("reminder_id.state", "not in", ("cancelled", "reversed")),
                ("amount", ">", 0),
            ],
            ["currency_id"],
            ["amount:sum"],
        )
        return dict(groups)

    def _get_coming_claims(self):
        return {
            self.env["res.currency"].browse(int(currency_id)): amount
            for currency_id, amount in (self.claimed_amounts or {}).items()
        }

    # === WHAT WOULD BE CLAIMED === #

    def _keep_plan(self, groups):
        totals = self._sum_claims(groups)
        self.claimed_amounts = {currency.id: amount for currency, amount in totals.items()}
        return super()._keep_plan(groups)

    def _count_messages(self, groups):
        claimed = format_amounts(self.env, self._sum_claims(groups).items())
        return {**super()._count_messages(groups), "outlook_claimed": claimed}

    def _sum_claims(self, groups):
        """Return what planned messages claim, as the messages will: ``{currency: amount}``.

        :param groups: as ``_plan_messages`` returns them
        """
        levels = self._get_fact_levels([group["top"] for group in groups])
        asking = [
            group for group in groups if levels[group["top"].decision.level.id]._shows_claims()
        ]
        if not asking:
            return {}
        facts = [fact for group in asking for fact in (*group["facts"], *group["rest"])]
        moves = self.env["account.move"].browse(dict.fromkeys(fact.move_id for fact in facts))
        reminding = {}
        for group in asking:
            reminding |= self._find_bearer(group["facts"])
        found = self.env["dunning.claim"].sudo()
        found = found._sum_left(self.company_id.sudo(), moves, self.date, reminding)
        totals = {}
        for amounts in found.values():
            for currency, amount in amounts.items():
                totals[currency] = totals.get(currency, 0.0) + amount
        return totals

    @api.model
    def _find_bearer(self, facts):
        """Return which due lines count as reminded, and whether their invoice bears the fee."""
        counted = [
            fact for fact in facts if fact.decision.level.counts and fact.decision.level.number
        ]
        first = min(counted, key=lambda fact: fact.line.due, default=None)
        return {fact.id: fact.move_id == first.move_id for fact in counted}


class DunningRunLine(models.Model):
    _inherit = "dunning.run.line"

    def _omit(self):
        """Take decisions out of their run: what the rest claims the execution tells before it."""
        self.sudo().run_id.claimed_amounts = False
        return super()._omit()

from odoo import api, models
from odoo.tools import format_date

TASK = "mail.mail_activity_data_todo"


class DunningPromiseOutcomeMixin(models.AbstractModel):
    """What became of promises whose day is over (rules 7 and 9)."""

    _name = "dunning.promise.outcome.mixin"
    _description = "Outcome of Promises"

    @api.model
    def _judge(self, company, today):
        """Say of each promise whose day is over whether it was kept.

        Kept: nothing that was due by then is open, or as much was paid as was promised. Where a
        payment was found that may be for it, it stays open until that is matched.

        :param date today: the company's day
        """
        over = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "open"),
                ("date", "<", today),
                # the instalments of a plan are judged together
                ("plan_id", "=", False),
            ]
        )
        if not over:
            return
        facts = company._dunning_collect(today, partners=over.partner_id)
        broken = over.filtered(lambda promise: promise._settle(facts, today))
        broken._ask(today)

    def _settle(self, facts, today):
        """Set state, what was paid and what the blocks came to, as the engine's facts say.

        :param facts: about the customer's due lines
        :return: whether the promise was not, or not wholly, kept
        """
        self.ensure_one()
        owed = {block: block._get_owed(facts) for block in self.block_ids}
        unpaid = {
            block: [fact for fact, money_hold in found if not money_hold]
            for block, found in owed.items()
        }
        paid = self._get_paid(facts)
        enough = self.amount and self.currency_id.compare_amounts(paid, self.amount) >= 0
        if enough or not any(owed.values()):
            self.write({"state": "kept", "paid_amount": paid})
            self.block_ids.outcome = "kept"
            return False
        if not any(unpaid.values()):
            return False
        state = "broken" if self.currency_id.is_zero(paid) else "partly"
        self.write({"state": state, "paid_amount": paid})
        for block, found in unpaid.items():
            if found:
                block._set_broken(today, found)
            else:
                block.outcome = "kept"
        return True

    def _ask(self, today):
        """Give what was not kept to a person."""
        for promise in self:
            promise.activity_schedule(
                TASK,
                date_deadline=today,
                summary=lambda spoken: spoken.env._("The promise to pay was not kept"),
                note=lambda spoken: spoken._get_broken_note(),
                user_id=promise._get_responsible().id,
            )

    def _get_broken_note(self):
        return self.env._(
            "%(amount)s was promised by %(day)s: get in touch with the customer.",
            amount=self.amount_text,
            day=format_date(self.env, self.date),
        )

from odoo import fields, models
from odoo.exceptions import UserError


class DunningAnswer(models.Model):
    """What customers answer on their page becomes the same record as what they say on the phone."""

    _inherit = "dunning.answer"

    plan_ids = fields.One2many("dunning.plan", "answer_id", string="Payment Plans", readonly=True)
    dispute_ids = fields.One2many("dunning.dispute", "answer_id", string="Disputes", readonly=True)

    def _hold(self, kind, until, today):
        values = {**self._prepare_agreement(today), "amount": self.amount}
        if kind == "promise" and self.kind == "promise":
            made = self.env["dunning.promise"].create({**values, "date": until})
        elif kind == "dispute":
            values |= {"reason": self.reason or "other", "text": self.text}
            made = self.env["dunning.dispute"].create(values)
        else:
            return super()._hold(kind, until, today)
        self.block_ids |= made.block_ids
        return None

    def _decide(self, state):
        for answer in self.sudo().filtered(lambda found: found.kind == "plan"):
            if state == "accepted":
                answer._accept_plan()
        return super()._decide(state)

    def _accept_plan(self):
        """Agree on the plan that was proposed, over what is open of it today."""
        today = self.company_id._get_job_today()
        if self._get_instalments()[-1][0] < today:
            raise UserError(self.env._("The last day of the plan is over."))
        self._lift()
        open_lines = self.move_line_ids.filtered(lambda line: not line.reconciled)
        if not open_lines:
            raise UserError(self.env._("Nothing of it is open any more."))
        plan = self.env["dunning.plan"].create(
            {
                **self._prepare_agreement(self.date),
                "move_line_ids": open_lines.ids,
                "count": self.plan_count,
                "step": self.plan_step,
                "date_first": self.day,
            }
        )
        plan.action_activate()
        self.block_ids |= plan.block_ids

    def _lift(self):
        self.dispute_ids.filtered(lambda dispute: dispute.state == "open")._close("rejected")
        return super()._lift()

    def _get_note(self):
        if self.dispute_ids and all(dispute.state != "open" for dispute in self.dispute_ids):
            return ""
        return super()._get_note()

    def _prepare_agreement(self, today):
        """Return the values that every record of what a customer said has."""
        return {
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "move_line_ids": [fields.Command.set(self.move_line_ids.ids)],
            "date_given": today,
            "user_id": (self._get_responsible() or self.env.user).id,
            "source": "page",
            "note": self._get_summary(),
            "answer_id": self.id,
        }

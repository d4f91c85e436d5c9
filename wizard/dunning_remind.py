from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class DunningRemind(models.TransientModel):
    """Shows what is reminded now of chosen invoices, with the reasons, and does it (W1)."""

    _name = "dunning.remind"
    _description = "Remind Now"

    move_ids = fields.Many2many("account.move", readonly=True)
    line_ids = fields.One2many("dunning.remind.line", "remind_id", readonly=True)
    remind_count = fields.Integer(readonly=True)
    warning = fields.Text(readonly=True)

    @api.model
    def _open(self, moves):
        """Return the dialog for these invoices of one company."""
        if len(moves.company_id) != 1:
            raise UserError(self.env._("Choose invoices of one company."))
        facts = self._get_facts(moves)
        remind = self.create(
            {
                "move_ids": [Command.set(moves.ids)],
                "line_ids": [Command.create(self._get_line_values(fact)) for fact in facts],
                "remind_count": sum(fact.decision.remind for fact in facts),
                "warning": self._get_warning(moves),
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Remind now"),
            "res_model": self._name,
            "res_id": remind.id,
            "view_mode": "form",
            "target": "new",
        }

    @api.model
    def _get_facts(self, moves):
        """Return the decisions as the engine takes them when a person asks."""
        company = moves.company_id
        as_of = company._get_job_today()
        service = self.env["dunning.due.line"].sudo().with_company(company)
        facts = service._collect(company, as_of, moves=moves, by_hand=True)
        return service._decide(facts, company, as_of, by_hand=True)

    @api.model
    def _get_line_values(self, fact):
        decision = fact.decision
        return {
            "move_id": fact.move_id,
            "due_date": fact.line.due,
            "residual": fact.residual,
            "currency_id": fact.currency_id,
            "level_id": decision.level.id if decision.level else False,
            "is_reminded": decision.remind,
            "reason": self.env["dunning.reason"]._get_sentence(decision.reason, decision.params),
        }

    @api.model
    def _get_warning(self, moves):
        """Return what speaks against reminding by hand although it works (D9)."""
        policy = self.env["dunning.policy"]
        codes = {policy._get_exclusion(move) for move in moves} - {None}
        reasons = self.env["dunning.reason"]
        return "\n".join(sorted(reasons._get_sentence(code, {}) for code in codes)) or False

    def action_remind(self):
        """Remind: the engine decides once more and sends what still holds."""
        self.ensure_one()
        moves = self.move_ids
        moves.check_access("read")
        company = moves.company_id
        as_of = company._get_job_today()
        run = self.env["dunning.run"]._execute_for(company, as_of, moves=moves)
        reminders = run.reminder_ids
        if not reminders:
            raise UserError(self.env._("Nothing is to be reminded any more: open it again."))
        reminders.action_send_now()
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Reminders"),
            "res_model": "dunning.reminder",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", reminders.ids)],
        }
        if len(reminders) == 1:
            action.update(views=[(False, "form")], res_id=reminders.id)
        return action

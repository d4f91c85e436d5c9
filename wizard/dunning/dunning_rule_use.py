from collections import defaultdict

from odoo import api, fields, models

from ...models.common.client_action import open_dialog

MOST_NAMES = 5


class DunningRuleUse(models.TransientModel):
    """Shows who would follow another program before a rule is used, or not any more (K8)."""

    _name = "dunning.rule.use"
    _description = "Effect of a Rule"
    _inherit = "recurrence.dunning.own.record.mixin"
    _dialog_about = ("rule_id",)

    rule_id = fields.Many2one(
        "dunning.program.rule", required=True, readonly=True, system="once", ondelete="cascade"
    )
    state = fields.Selection(related="rule_id.state")
    moved_count = fields.Integer(string="Customers Who Would Move", readonly=True)
    effect = fields.Text(readonly=True)

    @api.model
    def _open(self, rule):
        """Return the dialog with the effect of using this rule, or of not using it any more."""
        moves = self._find_moves(rule)
        dialog = self.create(
            {
                "rule_id": rule.id,
                "moved_count": sum(map(len, moves.values())),
                "effect": "\n".join(self._describe_moves(moves)),
            }
        )
        return open_dialog(dialog, self.env._("Effect of this rule"))

    @api.model
    def _find_moves(self, rule):
        """Return who would move: ``{(program id before, after): [customer id, …]}``.

        It is found by making the change in a savepoint that is rolled back.
        """
        before = rule._read_programs(rule.company_id)
        with self.env.cr.savepoint() as savepoint:
            rule._switch()
            self.env.flush_all()
            after = rule._read_programs(rule.company_id)
            savepoint.rollback()
        self.env.invalidate_all(flush=False)
        self.env.registry.clear_cache()
        moves = defaultdict(list)
        for customer_id, program_id in after.items():
            if before.get(customer_id) != program_id:
                moves[before.get(customer_id), program_id].append(customer_id)
        return moves

    @api.model
    def _describe_moves(self, moves):
        """Return a line for each move, the largest first."""
        programs, customers = self.env["dunning.program"], self.env["res.partner"]
        lines = []
        for (old, new), found in sorted(moves.items(), key=lambda move: -len(move[1])):
            names = ", ".join(customers.browse(sorted(found)[:MOST_NAMES]).mapped("display_name"))
            if len(found) > MOST_NAMES:
                names += ", …"
            lines.append(
                self.env._(
                    "%(old)s → %(new)s: %(count)s (%(names)s)",
                    old=programs.browse(old).name or "–",
                    new=programs.browse(new).name or "–",
                    count=len(found),
                    names=names,
                )
            )
        return lines

    def action_apply(self):
        """Use the rule from now on, or stop using it."""
        self._check_dialog()
        self.ensure_one()
        self.rule_id.check_access("write")
        self.rule_id._switch()
        return {"type": "ir.actions.act_window_close"}

from odoo import api, fields, models

from ...common.amount_text import format_amounts


class DunningRun(models.Model):
    """What the messages of a run ask for beside what is outstanding (M3)."""

    _inherit = "dunning.run"

    claimed_text = fields.Char(
        string="Interest and Fixed Sums",
        compute="_compute_claimed_text",
        help="What the messages claim on top of the amount in reminders, per currency.",
    )

    @api.depends("remind_count", "state")
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
        lines, totals = self.env["dunning.run.line"], {}
        levels = self.env["dunning.level"].sudo().search([("charge_show", "=", True)])
        showing = levels.filtered(lambda level: level._shows_claims())
        if not showing:
            return totals
        lines = lines.search(
            [
                ("run_id", "=", self.id),
                ("decision", "=", "remind"),
                ("level_id", "in", showing.ids),
            ]
        )
        claims = self.env["dunning.claim"].sudo()
        company, moves = self.company_id.sudo(), lines.move_id
        for values in claims._prepare_claims(company, moves, self.date):
            if values.get("amount"):
                currency = self.env["res.currency"].browse(values["currency_id"])
                totals[currency] = totals.get(currency, 0.0) + values["amount"]
        return totals

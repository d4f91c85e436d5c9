from odoo import api, fields, models
from odoo.exceptions import UserError


class DunningLevelPreview(models.TransientModel):
    """Shows a level's message about a chosen invoice, in the customer's language."""

    _name = "dunning.level.preview"
    _description = "Preview of a Level's Message"

    level_id = fields.Many2one("dunning.level", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="level_id.company_id")
    move_id = fields.Many2one(
        "account.move",
        string="About the Invoice",
        domain="[('company_id', '=', company_id), ('state', '=', 'posted'),"
        " ('move_type', 'in', ('out_invoice', 'out_receipt')),"
        " ('payment_state', 'in', ('not_paid', 'partial'))]",
    )
    sender = fields.Char(string="From", readonly=True)
    recipient = fields.Char(string="To", readonly=True)
    copy_to = fields.Char(string="Cc", readonly=True)
    lang = fields.Char(string="Language", readonly=True)
    subject = fields.Char(readonly=True)
    body = fields.Html(readonly=True, sanitize=False)
    problem = fields.Char(readonly=True)

    @api.model
    def _open(self, level, move=None):
        """Return the dialog, showing the message about the oldest open invoice at first."""
        if not move:
            move = self.env["account.move"].search(
                [
                    ("company_id", "=", level.company_id.id),
                    ("state", "=", "posted"),
                    ("move_type", "=", "out_invoice"),
                    ("payment_state", "in", ("not_paid", "partial")),
                ],
                order="invoice_date_due, id",
                limit=1,
            )
        preview = self.create({"level_id": level.id, "move_id": move.id})
        return preview.action_show()

    def action_show(self):
        """Render the message about the chosen invoice and show it."""
        self.ensure_one()
        self.write(self._render())
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Preview: %(level)s", level=self.level_id.display_name),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _render(self):
        """Return the values to show; what keeps the message from being made is shown too."""
        empty = dict.fromkeys(("sender", "recipient", "copy_to", "lang", "subject", "body"), False)
        if not self.move_id:
            problem = self.env._("There is no open customer invoice to show the message with.")
            return {**empty, "problem": problem}
        as_of = self.company_id._get_job_today()
        try:
            found = self.env["dunning.sample"]._preview(self.level_id, self.move_id, as_of)
        except UserError as error:
            return {**empty, "problem": str(error)}
        return {
            "sender": found["from"],
            "recipient": found["to"] or self.env._("Nobody was found"),
            "copy_to": found["copy"],
            "lang": found["lang"],
            "subject": found["subject"],
            "body": found["body"],
            "problem": False,
        }

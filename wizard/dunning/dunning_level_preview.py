from odoo import api, fields, models
from odoo.exceptions import UserError

from ...models.common.client_action import open_dialog

SHOWN = (
    "sender",
    "recipient",
    "copy_to",
    "lang",
    "subject",
    "body",
    "attachments",
    "placeholders_html",
)


class DunningLevelPreview(models.TransientModel):
    """Shows a level's message to a real or a sample customer, in the customer's language (D4)."""

    _name = "dunning.level.preview"
    _description = "Preview of a Level's Message"
    _inherit = "recurrence.dunning.own.record.mixin"
    _check_company_auto = True

    level_id = fields.Many2one("dunning.level", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="level_id.company_id")
    about = fields.Selection(
        [("invoice", "A real invoice"), ("sample", "A sample customer")],
        required=True,
        default="invoice",
    )
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        check_company=True,
        domain="[('company_id', '=', company_id), ('state', '=', 'posted'),"
        " ('move_type', 'in', ('out_invoice', 'out_receipt')),"
        " ('payment_state', 'in', ('not_paid', 'partial'))]",
    )
    sample_lang = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(),
        string="In the Language",
        default=lambda self: self.env.lang,
    )
    sender = fields.Char(string="From", readonly=True)
    recipient = fields.Char(string="To", readonly=True)
    copy_to = fields.Char(string="Cc", readonly=True)
    lang = fields.Char(string="Language", readonly=True)
    subject = fields.Char(readonly=True)
    attachments = fields.Char(readonly=True)
    body = fields.Html(readonly=True, sanitize=False)
    with_placeholders = fields.Boolean(string="Show Placeholders")
    placeholders_html = fields.Html(string="Placeholders", readonly=True, sanitize=False)
    problem = fields.Char(readonly=True)
    document_warning = fields.Text(compute="_compute_document_warning")

    @api.depends("company_id")
    @api.depends_context("lang")
    def _compute_document_warning(self):
        for preview in self:
            preview.document_warning = "\n".join(preview.company_id._dunning_get_document_gaps())

    @api.model
    def _open_placeholders(self, level):
        """Return the dialog with the placeholders of texts and their values for the sample."""
        values = {"level_id": level.id, "about": "sample", "with_placeholders": True}
        return self.create(values).action_show()

    @api.model
    def _open(self, level, move=None):
        """Return the dialog: about an open invoice at first, a sample if none fits the level."""
        move = move or level._find_sample_move()
        preview = self.create(
            {
                "level_id": level.id,
                "move_id": move.id,
                "about": "invoice" if move else "sample",
            }
        )
        return preview.action_show()

    def action_show(self):
        """Render the message to the chosen customer and show it."""
        self._check_dialog()
        self.ensure_one()
        self.write(self._render())
        return open_dialog(self, self.env._("Preview: %(level)s", level=self.level_id.display_name))

    def _render(self):
        """Return the values to show; what keeps the message from being made is shown too."""
        empty = dict.fromkeys(SHOWN, False)
        try:
            found = self._find()
        except UserError as error:
            return {**empty, "problem": str(error)}
        languages = dict(self.env["res.lang"].get_installed())
        return {
            "sender": found["from"],
            "recipient": found["to"] or self.env._("No recipient found"),
            "copy_to": found["copy"],
            "lang": languages.get(found["lang"], found["lang"]),
            "subject": found["subject"],
            "body": found["body"],
            "placeholders_html": self.env["ir.qweb"]._render(
                "account_recurrence_dunning.dunning_message_placeholders",
                {"rows": found["placeholders"]},
                minimal_qcontext=True,
            ),
            "attachments": ", ".join(found["attachments"]) or self.env._("Nothing"),
            "problem": False,
        }

    def _find(self):
        """Return the message as ``dunning.level._describe_reminder`` describes it."""
        today = self.company_id._get_job_today()
        if self.about == "sample":
            return self.level_id._show_sample(self.sample_lang or self.env.lang, today)
        if not self.move_id:
            raise UserError(self.env._("Choose an open invoice, or the sample customer."))
        # the message itself is made as superuser
        self.move_id.check_access("read")
        day = self.level_id._get_sample_day(self.move_id, today)
        return self.level_id._show_message(self.move_id, day)

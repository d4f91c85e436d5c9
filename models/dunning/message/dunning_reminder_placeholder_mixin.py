from odoo import api, models

# Plain fields of a message: whoever writes texts may use them, and they render fast.
PLACEHOLDERS = (
    "addressee",
    "sender_name",
    "reference",
    "total_text",
    "claimed_text",
    "reference_text",
    "statement_html",
    "buttons_html",
    "answer_text",
    "signature_html",
    "date_text",
    "invoice_count",
    "date",
    "lang",
    "level_id.name",
    "level_id.title",
    "partner_id.name",
    "partner_id.ref",
    "company_id.name",
    "company_id.phone",
    "company_id.email",
    "company_id.website",
    "company_id.vat",
)


class DunningReminderPlaceholderMixin(models.AbstractModel):
    """What a text may say of its message without the right to edit all templates (D8)."""

    _name = "dunning.reminder.placeholder.mixin"
    _description = "Placeholders of Reminders"

    @api.model
    def mail_allowed_qweb_expressions(self):
        """Return what Odoo lets people write, and offers them, in texts of this model."""
        own = tuple(f"object.{name}" for name in self._get_placeholders())
        return super().mail_allowed_qweb_expressions() + own

    @api.model
    def _get_placeholders(self):
        """Return the paths of fields of the message that texts may name as ``object.path``."""
        return [*PLACEHOLDERS]

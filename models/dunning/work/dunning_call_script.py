from odoo import api, fields, models


class DunningCall(models.Model):
    """The words for a call, filled in for the customer."""

    _inherit = "dunning.call"

    script = fields.Text(compute="_compute_script", help="What to say; the level has its own.")

    @api.depends("partner_id", "contact_id", "reminder_id", "claim_text", "open_text")
    @api.depends_context("lang")
    def _compute_script(self):
        for call in self:
            script = call.reminder_id.level_id.call_script or call._get_common_script()
            for mark, value in call._get_script_values().items():
                script = script.replace(mark, value)
            call.script = script

    @api.model
    def _get_common_script(self):
        return self.env._(
            "Hello, this is #COMPANY#. I am calling #CONTACT# about #REF#: #TOTAL# is overdue. Did "
            "you receive the invoices, and is anything wrong with them? By when can we expect the "
            "payment?"
        )

    def _get_script_values(self):
        """Return what the marks of a script stand for."""
        reminder, partner = self.reminder_id, self.partner_id
        return {
            "#CUSTOMER#": partner.name or "",
            "#CONTACT#": (self.contact_id or partner).name or "",
            "#COMPANY#": self.company_id.name or "",
            "#REF#": reminder._get_reference() if reminder else self.env._("your account"),
            "#TOTAL#": reminder.total_text or self.claim_text or self.open_text or "",
        }

from odoo import models


class DunningPartnerLanguageMixin(models.AbstractModel):
    """Which language a message is written in."""

    _name = "dunning.partner.language.mixin"
    _description = "Reminder Language"

    def _dunning_get_lang(self, customer, company):
        """Return the installed language to write in: the recipient's, else the customer's.

        A code that is not installed falls back on another one of the same language, then on the
        next in the row: customer, company, the job's own.
        """
        installed = [code for code, _name in self.env["res.lang"].get_installed()]
        for code in (self.lang, customer.lang, company.partner_id.lang, self.env.lang):
            if not code:
                continue
            if code in installed:
                return code
            same = [other for other in installed if other[:2] == code[:2]]
            if same:
                return same[0]
        return installed[0]

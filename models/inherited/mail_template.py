from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain


class MailTemplate(models.Model):
    _inherit = "mail.template"

    def write(self, vals):
        self.check_access("write")
        self._check_dunning_shared()
        return super().write(vals)

    def _check_dunning_shared(self):
        """Refuse to change a text that companies send with which the user has nothing to do.

        Ready-made texts are one for all companies; who edits all templates knows that.
        """
        user = self.env.user
        if self.env.su or user.has_groups("mail.group_mail_template_editor,base.group_system"):
            return
        levels = self.env["dunning.level"].sudo()
        used = levels.search(
            Domain("mail_template_id", "in", self.ids)
            & Domain("company_id.dunning_active", "=", True)
            & Domain("company_id", "not in", user.company_ids.ids)
        )
        if used:
            raise UserError(
                self.env._(
                    "%(text)s is also used by other companies. Duplicate it and choose the copy "
                    "on the level.",
                    text=used[0].mail_template_id.name,
                )
            )

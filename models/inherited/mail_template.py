from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.dunning.template_map import convert_html, convert_inline

MODULE = "account_recurrence_dunning"


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
        self._check_dunning_shipped(user)
        used = levels.search(
            (
                Domain("mail_template_id", "in", self.ids)
                | Domain("firm_template_id", "in", self.ids)
            )
            & Domain("company_id.dunning_active", "=", True)
            & Domain("company_id", "not in", user.company_ids.ids)
        )
        if used:
            raise UserError(
                self.env._(
                    "%(text)s is also used by other companies. Duplicate it and choose the copy "
                    "on the level.",
                    text=(used[0].mail_template_id | used[0].firm_template_id)
                    .filtered(lambda text: text in self)[:1]
                    .name,
                )
            )

    def _check_dunning_shipped(self, user):
        """Refuse to change a text of this addon: every company has it, whatever its levels say."""
        shipped = self.env["ir.model.data"].sudo()
        shipped = shipped.search(
            [("module", "=", MODULE), ("model", "=", self._name), ("res_id", "in", self.ids)]
        )
        others = self.env["res.company"].sudo()
        others = others.search(
            [("dunning_active", "=", True), ("id", "not in", user.company_ids.ids)], limit=1
        )
        if shipped and others:
            raise UserError(
                self.env._(
                    "%(text)s is also used by other companies. Choose a copy of it on the level, "
                    "or ask an administrator to change it for all.",
                    text=self.browse(shipped[0].res_id).name,
                )
            )

    def action_dunning_copy(self):
        """Make a text of reminders of one of invoices; it tells what it had to leave out."""
        self.check_access("read")
        self.env["dunning.level"].check_access("write")
        self.ensure_one()
        if self.model != "account.move":
            raise UserError(
                self.env._("“%(text)s” is not a template for invoices.", text=self.name)
            )
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        converted = {code: self.with_context(lang=code)._dunning_convert() for code in languages}
        lost = dict.fromkeys(name for _values, names in converted.values() for name in names)
        template = self.create(
            {
                "name": self.env._("%(text)s (reminder)", text=self.name),
                "model_id": self.env["ir.model"]._get_id("dunning.reminder"),
                "lang": "{{ object.lang }}",
                "auto_delete": False,
                "description": self._dunning_tell_lost(lost),
                **converted[self.env.lang if self.env.lang in languages else languages[0]][0],
            }
        )
        for code, (values, _names) in converted.items():
            template.with_context(lang=code).write(values)
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": template.id,
            "views": [(False, "form")],
        }

    def _dunning_convert(self):
        """Return (subject and body as a reminder says them, the expressions left out)."""
        subject, lost = convert_inline(self.subject or "")
        body, lost_too = convert_html(self.body_html or "")
        return {"subject": subject, "body_html": body}, [*lost, *lost_too]

    def _dunning_tell_lost(self, lost):
        if not lost:
            return self.env._("Copied from “%(text)s”.", text=self.name)
        return self.env._(
            "Copied from “%(text)s”. Left out, because reminders do not know it: %(lost)s",
            text=self.name,
            lost="; ".join(lost),
        )

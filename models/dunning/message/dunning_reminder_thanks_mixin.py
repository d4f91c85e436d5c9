from odoo import models

from ....tools.common.header_text import one_line
from ...common.common_defaults import COMMON_DEFAULTS
from ...common.mail_addresses import join_addresses
from .dunning_reminder_reply_mixin import LOOP_HEADERS
from .dunning_reminder_text_mixin import MODULE, PLACEHOLDER


class DunningReminderThanksMixin(models.AbstractModel):
    """The message that thanks, on the last reminder of what was paid."""

    _name = "dunning.reminder.thanks.mixin"
    _description = "Thanks for Paid Reminders"

    def _send_thanks(self, lines, as_of):
        """Send thanks for lines to whom they were reminded; without an address nothing is sent."""
        template = self.env.ref(f"{MODULE}.mail_template_thanks", raise_if_not_found=False)
        to = self.other_email or join_addresses(self.recipient_ids)
        if not template or not to:
            return
        self.env["dunning.level"]._check_model(template, self._name)
        names = list(dict.fromkeys(lines.sorted("due_date").mapped("move_name")))
        text = ", ".join(names[:3]) + (f" + {len(names) - 3}" if len(names) > 3 else "")
        template = template.sudo().with_context(lang=self.lang)
        subject = template._render_field("subject", self.ids)[self.id]
        body = template._render_field("body_html", self.ids, options={"post_process": False})
        lines.write({"thanked_date": as_of})
        body = self._wrap_in_frame(body[self.id].replace(PLACEHOLDER, text))
        self.env["mail.mail"].with_context(**COMMON_DEFAULTS).create(
            {
                "subject": one_line(subject.replace(PLACEHOLDER, text)),
                "body_html": body,
                "body": body,
                "email_to": one_line(to),
                "email_from": one_line(self.email_from),
                "reply_to": one_line(self._get_reply_to()[self.id]),
                "author_id": (self.user_id.partner_id or self.company_id.partner_id).id,
                "model": self._name,
                "res_id": self.id,
                "message_type": "email_outgoing",
                "mail_server_id": self.program_id.mail_server_id.id,
                "record_company_id": self.company_id.id,
                "record_alias_domain_id": self.company_id.alias_domain_id.id,
                "headers": repr(LOOP_HEADERS),
                # it is shown with the reminder for good
                "auto_delete": False,
            }
        )

    def _wrap_in_frame(self, body, lang=None):
        """Return a body in the company's frame, without what the level says of reminders.

        :param lang: the language of its reader; None: that of the reminder
        """
        lang = lang or self.lang
        values = self.with_context(lang=lang)._prepare_frame(body)
        return self.env["ir.qweb"]._render(
            f"{MODULE}.dunning_message_frame",
            {**values, "level": self.level_id.browse(), "title": "", "banner_url": ""},
            minimal_qcontext=True,
            lang=lang,
        )

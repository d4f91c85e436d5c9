from odoo import models

from ..tools.header_text import one_line

# Headers of what other addons mail are not touched.
MODULE = "account_recurrence_dunning"
OWN_MODELS = ("recurrence.schedule", "recurrence.occurrence", "dunning.run", "account.move")


class MailMail(models.Model):
    _inherit = "mail.mail"

    def send(self, auto_commit=False, raise_exception=False, post_send_callback=None):
        # Every way out passes here: mail queue, retry button, the addon's own outbox.
        mails = self._without_kept_here()
        mails = self.env["dunning.outbox"]._take_over(mails, commit=auto_commit)
        return super(MailMail, mails).send(
            auto_commit=auto_commit,
            raise_exception=raise_exception,
            post_send_callback=post_send_callback,
        )

    def _without_kept_here(self):
        """Return these e-mails without those that a copy of the database must not send.

        What the original had queued about this addon's records, and about invoices of recurrences,
        is sent by the original (design rule 16). Reminders are held by their outbox.
        """
        outgoing = self.filtered(
            lambda mail: mail.state == "outgoing" and (mail.model or "").startswith(OWN_MODELS)
        )
        kept = self.browse()
        for model, mails in outgoing.grouped("model").items():
            records = self.env[model].sudo().browse(mails.mapped("res_id")).exists()
            if model == "account.move":
                records = records.filtered("recurrence_schedule_id")
            ids = set(records.filtered(lambda r: r.company_id._is_job_copy())._ids)
            kept += mails.filtered(lambda mail, ids=ids: mail.res_id in ids)
        return self - kept

    def _send(
        self,
        auto_commit=False,
        raise_exception=False,
        smtp_session=None,
        alias_domain_id=False,
        mail_server=False,
        post_send_callback=None,
    ):
        with self.env["dunning.departure"]._watch(smtp_session):
            return super()._send(
                auto_commit=auto_commit,
                raise_exception=raise_exception,
                smtp_session=smtp_session,
                alias_domain_id=alias_domain_id,
                mail_server=mail_server,
                post_send_callback=post_send_callback,
            )

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        self.env["dunning.departure"]._turn_to(self)
        mails = super()._prepare_outgoing_list(
            mail_server=mail_server, doc_to_followers=doc_to_followers
        )
        if self.model in self.env and self.env[self.model]._original_module == MODULE:
            for mail in mails:
                self._clean_headers(mail)
        if self.model == "dunning.reminder":
            reminder = self.env["dunning.reminder"].sudo().browse(self.res_id).exists()
            for mail in mails if reminder else ():
                reminder._embed_pictures(mail)
        return mails

    def _clean_headers(self, mail):
        """Take line breaks out of whatever of a mail stands in a header, wherever they are from."""
        for name in ("subject", "email_from", "reply_to", "references"):
            mail[name] = one_line(mail[name])
        for name in ("email_to", "email_cc"):
            mail[name] = [one_line(address) for address in mail[name]]
        mail["headers"] = {
            name: one_line(value) if isinstance(value, str) else value
            for name, value in mail["headers"].items()
        }
        mail["attachments"] = [
            (one_line(name), content, mimetype) for name, content, mimetype in mail["attachments"]
        ]

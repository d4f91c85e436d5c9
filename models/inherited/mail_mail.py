from odoo import models

from ...tools.common.header_text import one_line
from .ir_cron import DUNNING_JOBS, RECURRENCE_JOBS

# Headers of what other addons mail are not touched.
MODULE = "account_recurrence_dunning"


class MailMail(models.Model):
    _name = "mail.mail"
    _inherit = ["mail.mail", "dunning.mail.sending.mixin"]

    def send(self, auto_commit=False, raise_exception=False, post_send_callback=None):
        # Every way out passes here: mail queue, retry button, the addon's own outbox.
        mails = self._dunning_send_reminders(commit=auto_commit)
        return super(MailMail, mails).send(
            auto_commit=auto_commit,
            raise_exception=raise_exception,
            post_send_callback=post_send_callback,
        )

    def _without_held_copies(self):
        """Return these e-mails without those that a copy of the database must not send.

        What the original had queued about this addon's records, about invoices and meetings of
        recurrences, invoices paid on a customer's page, and about its jobs, is sent by the
        original (rule 16). Reminders are held by their outbox.
        """
        outgoing = self.filtered(lambda mail: mail.state == "outgoing" and mail.model in self.env)
        kept = self.browse()
        for model, mails in outgoing.grouped("model").items():
            companies = mails._get_own_companies(model)
            copies = companies and {
                company for company in set().union(*companies.values()) if company._is_job_copy()
            }
            kept += mails.filtered(
                lambda mail, companies=companies, copies=copies: (
                    copies and not copies.isdisjoint(companies.get(mail.res_id, ()))
                )
            )
        return self - kept

    def _get_own_companies(self, model):
        """Return ``{record id: companies}`` of those records, of one model, that are the addon's.

        :param model: the model these e-mails are about
        """
        env, ids = self.env(su=True), self.mapped("res_id")
        if model == "ir.cron":
            jobs = env["ir.cron"]._get_jobs((*RECURRENCE_JOBS, *DUNNING_JOBS))
            homes = env["res.company"].search([("dunning_home", "!=", False)])
            return dict.fromkeys(jobs.ids, homes)
        if model == "calendar.event":
            return env["calendar.event"].browse(ids)._get_recurrence_companies()
        records = env[model]
        if model != "account.move" and records._original_module != MODULE:
            return {}
        records = records.browse(ids).exists()
        if model == "account.move":
            records = records.filtered(
                lambda move: (
                    move.recurrence_schedule_id
                    or any(move.transaction_ids.mapped("dunning_email_to"))
                )
            )
        return {record.id: record.company_id for record in records}

    def _send(
        self,
        auto_commit=False,
        raise_exception=False,
        smtp_session=None,
        alias_domain_id=False,
        mail_server=False,
        post_send_callback=None,
    ):
        with self.env["dunning.mail.handover"]._watch(smtp_session):
            return super()._send(
                auto_commit=auto_commit,
                raise_exception=raise_exception,
                smtp_session=smtp_session,
                alias_domain_id=alias_domain_id,
                mail_server=mail_server,
                post_send_callback=post_send_callback,
            )

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        self.env["dunning.mail.handover"]._turn_to(self)
        mails = super()._prepare_outgoing_list(
            mail_server=mail_server, doc_to_followers=doc_to_followers
        )
        if self.model in self.env and self.env[self.model]._original_module == MODULE:
            for mail in mails:
                self._clean_headers(mail)
        if self.model == "dunning.reminder":
            reminder = self.env["dunning.reminder"].sudo().browse(self.res_id).exists()
            for mail in mails if reminder else ():
                reminder._finish_outgoing(mail)
                reminder._embed_pictures(mail)
                reminder._set_loop_headers(self, mail)
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

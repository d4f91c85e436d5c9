from odoo import models

from ....tools.common.header_text import one_line

SEND_GROUP = "account_recurrence_dunning.dunning_group_user"


class DunningUserSenderMixin(models.AbstractModel):
    """People in whose name reminders leave: whether they may, and telling them what left (D5)."""

    _name = "dunning.user.sender.mixin"
    _description = "Senders of Reminders"

    def _dunning_get_problem(self, company=None):
        """Return why reminders cannot leave in the name of a user; empty: they can.

        The one place that says who may send: program, simulation and sending ask here.

        :param company: whose reminders they are; None: of whatever company the user works in
        """
        if self.id == self.env.ref("base.user_root").id:
            return self.env._("OdooBot is no person.")
        if self.share or not self._is_internal():
            return self.env._("Only internal users may send reminders.")
        if not self.active:
            return self.env._("The user is archived.")
        if company and company not in self.company_ids:
            return self.env._(
                "The user may not work in %(company)s: allow it under Allowed Companies.",
                company=company.name,
            )
        if not self.has_group(SEND_GROUP):
            return self.env._("The user has no dunning rights: grant them under Access Rights.")
        if not self.email:
            return self.env._("The user has no e-mail address.")
        return ""

    def _dunning_notify(self, record, subject, body):
        """Notify a user as that user wants notifications: by e-mail or in the inbox."""
        company = record.company_id
        record.sudo().message_notify(
            partner_ids=self.partner_id.ids,
            subject=one_line(subject),
            body=body,
            author_id=company.partner_id.id,
            email_from=one_line(company.email_formatted or self.email_formatted),
        )

    def _dunning_get_from(self, company):
        """Return the address a message leaves from.

        Without a user the company sends it.
        """
        return one_line(self.email_formatted or company.email_formatted)

    def _dunning_may_send(self, company):
        """Whether reminders of a company may leave in the name of a user: one with the right."""
        return bool(self) and not self._dunning_get_problem(company)

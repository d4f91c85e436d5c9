from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ....tools.common.header_text import one_line
from ...common.access_groups import DUNNING_SETTINGS
from .dunning_reminder_reply_mixin import LOOP_HEADERS

MOST_PAGE_DAYS = 3650


class DunningCompanyPageMixin(models.AbstractModel):
    """Whether the reminders of a company lead to a page of their reader, and for how long."""

    _name = "dunning.company.page.mixin"
    _description = "Customer Page of a Company"

    dunning_page = fields.Boolean(
        string="Customer Page",
        default=True,
        groups=DUNNING_SETTINGS,
        help="Reminders contain a link to a page with the customer's open items, without login.",
        prefetch="recurrence_dunning",
    )
    dunning_page_days = fields.Integer(
        string="Days a Link Is Valid",
        default=60,
        groups=DUNNING_SETTINGS,
        help="Counted from the day the reminder was sent.",
        prefetch="recurrence_dunning",
    )

    # asked for each message, the same all the time
    dunning_is_payable = fields.Boolean(
        compute="_compute_dunning_is_payable", groups=DUNNING_SETTINGS
    )

    @api.constrains("dunning_page_days")
    def _check_dunning_page_days(self):
        for company in self.sudo():
            if not 1 <= company.dunning_page_days <= MOST_PAGE_DAYS:
                raise ValidationError(
                    self.env._(
                        "A link to the customer page is valid for 1 to %(most)s days.",
                        most=MOST_PAGE_DAYS,
                    )
                )

    @api.depends("partner_id.bank_ids")
    def _compute_dunning_is_payable(self):
        """Say whether the customer page tells how to pay: by transfer or online."""
        providers = self.env["payment.provider"].sudo()
        for company in self:
            domain = [
                *providers._check_company_domain(company.id),
                ("state", "in", ("enabled", "test")),
                ("is_published", "=", True),
            ]
            company.dunning_is_payable = bool(
                company._dunning_get_accounts() or providers.search_count(domain, limit=1)
            )

    def _dunning_prepare_confirmation(self, customer, reminder, thread, subject, body, email_to):
        """Return the values of an e-mail that confirms what a customer did on the page.

        :param reminder: the one whose link was used; may be empty
        :param thread: the record in whose chatter it stands
        :param body: what is said, as HTML; it is framed like the reminder
        """
        program = reminder.program_id or customer.with_company(self).dunning_effective_program_id
        author = reminder.user_id.partner_id or self.partner_id
        email_from = reminder.email_from or self.email_formatted or author.email_formatted
        reply_to = self._dunning_get_answer_address() or email_from
        if reminder:
            body = reminder._wrap_in_frame(body, self.env.lang)
            reply_to = reminder._get_reply_to()[reminder.id]
        return {
            "subject": one_line(subject),
            "body_html": body,
            "body": body,
            "email_to": one_line(email_to),
            "email_from": one_line(email_from),
            "reply_to": one_line(reply_to),
            "author_id": author.id,
            "model": thread._name,
            "res_id": thread.id,
            "message_type": "email_outgoing",
            "mail_server_id": program.mail_server_id.id,
            "record_company_id": self.id,
            "record_alias_domain_id": self.alias_domain_id.id,
            "headers": repr(LOOP_HEADERS),
            # it is shown with the record for good
            "auto_delete": False,
        }

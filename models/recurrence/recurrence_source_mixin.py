from markupsafe import Markup

from odoo import api, models
from odoo.exceptions import UserError

# What decides which days are billed: never what an administrator has as default for new ones.
EXACT = {
    "catch_up": "all",
    "day_shift": "none",
    "lead_days": 0,
    "month_by": "date",
    "month_end": "clamp",
    "proration": "whole",
}


class RecurrenceSourceMixin(models.AbstractModel):
    """Other software in this database that repeats documents, and that can be taken over from.

    Whatever repeats there is a record of ``_takes``. A source says what there is, makes the
    recurrences that go on with it, and stops it there.
    """

    _name = "recurrence.source.mixin"
    _description = "Source of Recurring Documents"
    # Name of the model whose records repeat.
    _takes = ""

    @api.model
    def _is_there(self):
        """Return whether the software is installed."""
        return self._takes in self.env

    @api.model
    def _get_label(self):
        """Return what people call it."""
        raise NotImplementedError

    @api.model
    def _check_allowed(self):
        """Refuse who may not stop it there.

        :raise UserError: saying which right is missing
        """
        if not self.env[self._takes].has_access("write"):
            raise UserError(
                self.env._(
                    "To take these over, you need permission to edit them, or they could not be "
                    "stopped: %(name)s. Ask your administrator.",
                    name=self._get_label(),
                )
            )

    @api.model
    def _find(self, company, partners):
        """Return what repeats there and has anything left to bill.

        :param company: res.company
        :param partners: res.partner, those customers or vendors alone; empty: all
        """
        raise NotImplementedError

    @api.model
    def _get_name(self, record):
        """Return what a record is called there."""
        return record.display_name

    @api.model
    def _describe(self, record):
        """Return how a record repeats there, as a sentence."""
        raise NotImplementedError

    @api.model
    def _is_doubtful(self, record):
        """Return whether a person should look before it is taken over: it is not ticked."""
        return False

    @api.model
    def _get_remarks(self, record, schedules):
        """Return what a person should know before, as sentences.

        :param schedules: recurrence.schedule, what was made of the record
        """
        return []

    @api.model
    def _make(self, record):
        """Make the recurrences that go on with a record, drafts.

        :return: recurrence.schedule
        :raise UserError: why it cannot go on
        """
        raise NotImplementedError

    @api.model
    def _stop(self, record, schedules):
        """Stop a record there: it never bills anything again.

        :param schedules: recurrence.schedule, what bills from now on
        """
        raise NotImplementedError

    @api.model
    def _find_responsible(self, user, company):
        """Return who is responsible from now on: the person there if they work with invoices.

        :param user: res.users, the one there, may be empty
        """
        user = user.sudo()
        able = (
            user.active
            and company in user.company_ids
            and user.has_group("account.group_account_invoice")
        )
        return user.id if able else self.env.uid

    @api.model
    def _tell(self, record, schedules):
        """Say on both what goes on with what."""
        links = Markup(", ").join(s._get_html_link(title=s.name) for s in schedules)
        record.message_post(body=self.env._("Repeated from now on by: %(links)s", links=links))
        link = record._get_html_link(title=record.display_name)
        for schedule in schedules:
            schedule.message_post(body=self.env._("Taken over from: %(link)s", link=link))

    @api.model
    def _get_partner_domain(self, partners):
        commercial = partners.commercial_partner_id
        return [("partner_id", "child_of", commercial.ids)] if commercial else []

from odoo import models


class DunningReminderLinkMixin(models.AbstractModel):
    """The customer's page that a reminder leads to."""

    _name = "dunning.reminder.link.mixin"
    _description = "Links of Reminders"

    def _get_page_url(self, view=""):
        """Return the address of the customer's page, or "" where none is offered.

        :param view: what the page opens on: "pay", "promise", "dispute"; empty: the open items
        """
        self.ensure_one()
        return ""

from odoo import models


class DunningSenderAddressMixin(models.AbstractModel):
    """The address a message leaves from."""

    _name = "dunning.sender.address.mixin"
    _description = "The address a message leaves from"

    def _dunning_may_send(self, company):
        """Whether reminders of a company may leave in the name of a user: one with the right."""
        return bool(self) and not self._dunning_get_problem(company)

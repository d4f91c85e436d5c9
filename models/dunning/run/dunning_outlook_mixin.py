from odoo import fields, models


class DunningOutlookMixin(models.AbstractModel):
    """What an execution would send now, in numbers: what a person reads before starting it.

    It is decided anew by the engine that executes, so that what changed since a simulation is
    left out as it will be.
    """

    _name = "dunning.outlook.mixin"
    _description = "Outlook on a Dunning Run"

    outlook_messages = fields.Integer(string="Messages that go now", compute="_compute_outlook")
    outlook_channels = fields.Char(string="Delivery", compute="_compute_outlook")
    outlook_customers = fields.Integer(string="Customers to Remind", compute="_compute_outlook")
    outlook_amounts = fields.Char(
        string="Amount",
        compute="_compute_outlook",
        help="What the messages remind of, per currency; currencies are not added up.",
    )
    outlook_obstacles = fields.Integer(
        string="Messages Not Delivered",
        compute="_compute_outlook",
        help="Messages that will not be delivered: they are listed under Not Delivered.",
    )
    outlook_sendable = fields.Integer(string="Messages That Can Go", compute="_compute_outlook")
    outlook_reasons = fields.Char(
        string="Why Not",
        compute="_compute_outlook",
        help="What keeps messages from being delivered, with their number.",
    )

    def _get_outlook_run(self):
        """Return the run that would be executed; what is no run makes one up for the question."""
        return self

    def _compute_outlook(self):
        # what is tried is rolled back, and with it goes what the cache holds
        found = [record._get_outlook_run()._get_outlook() for record in self]
        for record, values in zip(self, found, strict=True):
            record.update(values)

from odoo import api, models

from ..common.engine_mark import as_received


class MailThread(models.AbstractModel):
    """What comes in about reminders: each sort of it its own way."""

    _inherit = "mail.thread"

    @api.model
    def _routing_check_route(self, message, message_dict, route, raise_exception=True):
        reminders = self.env["dunning.reminder"].sudo()
        if route[0] == "dunning.reminder" and not reminders.browse(route[1]).exists():
            # Odoo would make a new reminder of it, or fail where it was deleted
            route = (route[0], None, *route[2:])
        found = super()._routing_check_route(
            message, message_dict, route, raise_exception=raise_exception
        )
        if found and found[0] == "dunning.reminder" and not found[1]:
            return reminders._find_route(message_dict, found)
        return found

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        reminders = self.env["dunning.reminder"].sudo()
        if reminders._receive_report(email_message, message_dict):
            return None
        return super()._routing_handle_bounce(email_message, message_dict)

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        own = self.env["dunning.reminder"].sudo()._get_own_routes(routes)
        others = [route for route in routes or () if route not in own]
        if not own:
            return super()._message_route_process(message, message_dict, routes)
        if others:
            super()._message_route_process(message, dict(message_dict), others)
        values = self.env["dunning.reminder"].sudo()._mark_incoming(message, message_dict)
        received = super(MailThread, as_received(self))
        result = received._message_route_process(message, dict(values), own)
        self.env["dunning.reminder"].sudo()._ask_about_strays(values, own)
        return result

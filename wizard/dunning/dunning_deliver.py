from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...models.common.client_action import CLOSE, notify, open_dialog
from ...models.common.mail_addresses import find_addresses, join_addresses
from ...tools.common.header_text import one_line


class DunningDeliver(models.TransientModel):
    """Sends reminders that did not get through to another address, or another way."""

    _name = "dunning.deliver"
    _description = "Deliver Reminders Another Way"
    _inherit = "recurrence.dunning.own.record.mixin"

    reminder_ids = fields.Many2many("dunning.reminder", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    failure_reason = fields.Char(string="Problem", readonly=True)
    way = fields.Selection(
        [
            ("contact", "E-mail to another contact"),
            ("address", "E-mail to another address"),
            ("letter", "Letter to print"),
            ("call", "Call"),
        ],
        string="Delivery Method",
        required=True,
        default="contact",
    )
    contact_id = fields.Many2one("res.partner", help="Its own e-mail address is used.")
    email = fields.Char(string="Address", help="Applies to these reminders only.")

    @api.model
    def _open(self, reminders):
        """Return the dialog for these reminders."""
        reasons = reminders.filtered("failure_reason").mapped("failure_reason")
        deliver = self.create(
            {
                "reminder_ids": [Command.set(reminders.ids)],
                "partner_id": reminders.partner_id.id if len(reminders.partner_id) == 1 else False,
                "failure_reason": reasons[0] if len(set(reasons)) == 1 else False,
                "way": self._find_way(reminders),
            }
        )
        return open_dialog(
            deliver, self.env._("Deliver another way"), context={"dialog_size": "medium"}
        )

    @api.model
    def _find_way(self, reminders):
        """Return the way offered first: to who else there is, else to an address to be typed."""
        if len(reminders.partner_id) != 1:
            return "letter"
        contacts = reminders.partner_id.child_ids - reminders.recipient_ids
        return "contact" if contacts.filtered("email") else "address"

    def action_deliver(self):
        """Send the reminders the chosen way."""
        self._check_dialog()
        self.ensure_one()
        self.reminder_ids._check_may_act()
        reminders = self.reminder_ids.sudo()
        if self.way in ("letter", "call"):
            return self._deliver_by_hand(reminders)
        by_contact = self.way == "contact"
        email = join_addresses(self.contact_id) if by_contact else one_line(self.email)
        found = find_addresses(email)
        if not found or (len(found) > 1 and not by_contact):
            raise UserError(
                self.env._("Choose a contact with an e-mail address.")
                if by_contact
                else self.env._("Enter one valid e-mail address.")
            )
        contact = self.contact_id if by_contact else None
        address = email if by_contact else found[0]
        reminders._send_elsewhere(address, partner=contact)
        text = self.env._("Being sent to %(email)s: %(count)s", email=address, count=len(reminders))
        return notify(text, then=CLOSE)

    def _deliver_by_hand(self, reminders):
        """Make letters or calls of reminders; those that cannot be posted stay, and are named."""
        left = reminders.browse()
        if self.way == "letter":
            left = reminders.filtered(lambda reminder: reminder._find_postal_obstacle())
        if left == reminders:
            left = reminders.browse()  # nothing else to do: the reasons are told as an error
        (reminders - left)._change_channel(self.way)
        text = self.env._("Listed under Letters and Calls: %(count)s", count=len(reminders - left))
        if not left:
            return notify(text, then=CLOSE)
        text += ". " + self.env._(
            "No postal address, still not delivered: %(customers)s",
            customers=", ".join(left.partner_id.mapped("display_name")),
        )
        return notify(text, "warning", then=CLOSE, sticky=True)

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...models.common.client_action import CLOSE, notify, open_dialog
from ...models.common.mail_addresses import find_addresses
from ...tools.common.header_text import one_line


class DunningTest(models.TransientModel):
    """Sends the messages of one or all levels about an invoice to the user alone (W1: Test)."""

    _name = "dunning.test"
    _description = "Test of Reminders"
    _inherit = "recurrence.dunning.own.record.mixin"

    move_id = fields.Many2one("account.move", string="Invoice", required=True, readonly=True)
    program_id = fields.Many2one("dunning.program", readonly=True)
    level_id = fields.Many2one(
        "dunning.level",
        domain="[('program_id', '=', program_id)]",
        help="Leave empty to send one message for each active level of the program.",
    )
    email = fields.Char(string="To", default=lambda self: self.env.user.email_formatted)

    @api.constrains("level_id")
    def _check_level(self):
        for dialog in self:
            if dialog.level_id.program_id - dialog.program_id:
                raise ValidationError(self.env._("Choose a level of the program being tested."))

    @api.model
    def _open(self, move):
        """Return the dialog for one invoice."""
        move.ensure_one()
        program = move._dunning_get_program()
        if not program:
            raise UserError(self.env._("No program applies to this invoice: choose one."))
        dialog = self.create({"move_id": move.id, "program_id": program.id})
        return open_dialog(dialog, self.env._("Test reminders"))

    def action_send(self):
        """Send the messages, marked as test; the invoice stays as it is."""
        self._check_dialog()
        self.ensure_one()
        self.move_id.check_access("read")
        email = one_line(self.email)
        if len(find_addresses(email)) != 1:
            raise UserError(self.env._("Enter one e-mail address to send the test to."))
        levels = self.level_id or self.program_id.level_ids.filtered("active")
        if not levels:
            raise UserError(self.env._("The program has no active level."))
        as_of = self.move_id.company_id._get_job_today()
        for level in levels:
            day = level._get_sample_day(self.move_id, as_of) if level.days < 0 else as_of
            reminder = level._send_test(self.move_id, email, day)
            if reminder.state != "sent":
                raise UserError(
                    self.env._(
                        "The test of “%(level)s” was not sent: %(reason)s",
                        level=level.name,
                        reason=reminder.failure_reason or self.env._("no mail server answered"),
                    )
                )
        return notify(
            self.env._(
                "Test messages sent to %(email)s: %(count)s",
                count=len(levels),
                email=self.email,
            ),
            then=CLOSE,
        )

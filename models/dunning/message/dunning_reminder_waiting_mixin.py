from odoo import api, fields, models


class DunningReminderWaitingMixin(models.AbstractModel):
    """What a message does while dunning is switched off: it waits, and says so (rule 21).

    It goes on waiting when dunning is switched on again, until a person sends or cancels it.
    """

    _name = "dunning.reminder.waiting.mixin"
    _description = "Waiting While Dunning Is Off"

    is_held = fields.Boolean(
        string="Waits for a Decision",
        readonly=True,
        copy=False,
        help="It was queued when dunning was switched off: somebody must send or cancel it.",
    )

    @api.model
    def _get_held(self, companies):
        """Return the messages of companies that wait for a decision."""
        return self.search(
            [
                ("company_id", "in", companies.ids),
                ("state", "=", "queued"),
                ("is_held", "=", True),
            ]
        )

    def _set_held(self):
        """Let the queued ones among these wait for a decision, as dunning is off."""
        queued = self.filtered(lambda reminder: reminder.state == "queued" and not reminder.is_held)
        queued.write(
            {"is_held": True, "failure_reason": self.env["res.company"]._get_off_sentence()}
        )

    def _ask_what_becomes(self):
        """Say on messages that wait that dunning is on again and a person decides."""
        self.write(
            {
                "failure_reason": self.env._(
                    "It waited while dunning was switched off: send it or cancel it."
                )
            }
        )

    def _release(self):
        """Let messages that waited leave with the next job; others stay as they are.

        :raise UserError: dunning is switched off
        """
        self.company_id._check_dunning_on()
        self.filtered("is_held").write({"is_held": False, "failure_reason": False})
        self.env["ir.cron"]._wake("account_recurrence_dunning.ir_cron_dunning_outbox")

from odoo import models

from ...common.activity_type import find_activity_type

TASK = "mail.mail_activity_data_todo"
CALL = "mail.mail_activity_data_call"


class DunningCallEffectMixin(models.AbstractModel):
    """What a logged call does: the call of a level is done, tried again, or lacks a number."""

    _name = "dunning.call.effect.mixin"
    _description = "Effects of Calls"

    def _find_waiting(self):
        """Return the calls of levels that wait for this customer, the oldest first."""
        return self.env["dunning.reminder"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("partner_id", "=", self.partner_id._origin.id),
                ("channel", "=", "call"),
                ("state", "=", "draft"),
                ("is_test", "=", False),
            ],
            order="date, id",
        )

    def _lacks_number(self):
        """Whether the number was wrong, and nobody has entered another one since."""
        if self.outcome != "wrong_number":
            return False
        return (self.contact_id.phone or self.partner_id.phone or "") == (self.phone or "")

    def _take_effect(self):
        """Do what follows from the outcome."""
        self.ensure_one()
        self._finish_earlier()
        reminder = self.reminder_id.filtered(lambda found: found.state == "draft")
        moved = False
        if self.outcome == "reached" and reminder:
            reminder._mark_sent()
            self.is_effective = reminder.state == "sent"
        elif self.outcome == "not_reached" and reminder and self.date_again:
            moved = self._put_off(reminder)
        elif self.outcome == "wrong_number":
            self._ask_for_number()
        if self.date_again and not moved:
            self._ask_again(self, self.user_id)

    def _finish_earlier(self):
        """Whoever was to be called again was called now."""
        earlier = self.search(
            [
                ("company_id", "=", self.company_id.id),
                ("partner_id", "=", self.partner_id.id),
                ("id", "!=", self.id),
                ("activity_ids", "!=", False),
            ]
        )
        earlier.activity_feedback([CALL])

    def _put_off(self, reminder):
        """Have the call of a level tried again on the day; its level waits until then."""
        call = find_activity_type(self.env, CALL)
        tasks = reminder.activity_ids.filtered(lambda found: found.activity_type_id == call)
        if tasks:
            tasks.date_deadline = self.date_again
        else:
            self._ask_again(reminder, reminder.user_id or self.user_id)
        return True

    def _ask_again(self, record, user):
        record.activity_schedule(
            CALL,
            date_deadline=self.date_again,
            summary=lambda spoken: spoken.env._("Call again"),
            note=lambda _spoken: self.note or "",
            user_id=user.id,
        )

    def _ask_for_number(self):
        """Have somebody find the right number: the program's responsible, else the caller."""
        program = self.partner_id.with_company(self.company_id).dunning_effective_program_id
        found = self.company_id._dunning_find_colleague(program.user_id | self.user_id)
        self.activity_schedule(
            TASK,
            date_deadline=self.date_logged,
            summary=lambda spoken: spoken.env._("Find the phone number"),
            note=lambda spoken: spoken.env._(
                "%(phone)s does not reach %(contact)s.",
                phone=spoken.phone or "–",
                contact=(spoken.contact_id or spoken.partner_id).display_name,
            ),
            user_id=found.id,
        )

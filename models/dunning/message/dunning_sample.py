from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ....tools.dunning.decision import Decision
from ....tools.dunning.ladder import LEVEL_DUE
from .dunning_recipient import find_addresses

MARK = "[TEST]"


class DunningSample(models.AbstractModel):
    """A level's message about a chosen invoice, as it would be sent: for preview and test.

    It goes through the engine's own grouping, texts and attachments, whatever the ladder says
    about the invoice, and has no effect on level, date, gap or tag.
    """

    _name = "dunning.sample"
    _description = "Sample of a Reminder"

    @api.model
    def _make(self, level, move, as_of):
        """Create the sample, a reminder marked as test; nothing is sent.

        :param level: the level whose message it is
        :param move: the invoice, with something open
        :param date as_of: the day it speaks of
        """
        company = level.company_id
        service = self.env["dunning.due.line"].sudo().with_company(company)
        facts = service._collect(company, as_of, moves=move, by_hand=True)
        if not facts:
            raise UserError(
                self.env._(
                    "Nothing is open on %(invoice)s: choose a posted invoice that is not paid.",
                    invoice=move.display_name,
                )
            )
        for fact in facts:
            fact.program_id = level.program_id.id
            fact.decision = Decision(True, LEVEL_DUE, level._get_ladder_level(), as_of, {})
        dispatch = self.env["dunning.dispatch"].sudo().with_company(company)
        return self._create_test(level, dispatch._group(company, facts)[0], as_of)

    @api.model
    def _create_test(self, level, group, as_of):
        """Create the reminder of a group of decided facts, as test, whatever it would be held by.

        :param group: a message to make, as ``dunning.dispatch._group`` returns it
        """
        company, level = level.company_id, level.sudo()
        dispatch = self.env["dunning.dispatch"].sudo().with_company(company)
        run = dispatch.env["dunning.run"].new({"company_id": company.id, "date": as_of})
        values = dispatch._prepare_reminder(run, group, {level.id: level})
        values.update(
            {
                "run_id": False,
                "is_test": True,
                "by_hand": True,
                "channel": "email",
                "state": "queued",
                "failure_reason": False,
                "failure_code": False,
            }
        )
        reminder = dispatch.env["dunning.reminder"].create(values)
        dispatch.env["dunning.reminder.line"].create(
            [dispatch._prepare_line(reminder, fact, level) for fact in group["facts"]]
        )
        return reminder

    @api.model
    def _send_test(self, level, move, email, as_of):
        """Send the message to an address of the user's own, marked as test.

        :return: the reminder, sent or failed; it never had an effect
        """
        reminder = self._make(level, move, as_of)
        reminder.write(
            {"recipient_ids": [Command.set(self.env.user.partner_id.ids)], "cc_ids": False}
        )
        self.env["dunning.composer"].sudo()._make_mails(reminder)
        mail = reminder.mail_id
        if mail:
            subject = f"{MARK} {mail.subject}"
            email = ", ".join(find_addresses(email))
            mail.write({"subject": subject, "email_to": email, "email_cc": False})
            reminder.write({"subject": subject, "email_to": email})
            reminder._send_queued(as_of)
        return reminder

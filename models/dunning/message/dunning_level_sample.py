from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

from ....tools.dunning.decision import Decision
from ....tools.dunning.ladder import LEVEL_DUE
from ...common.mail_addresses import find_addresses

MARK = "[TEST]"


class DunningLevel(models.Model):
    """A level's message about a chosen invoice, as it would be sent: for preview and test.

    It goes through the engine's own grouping, texts and attachments, whatever the ladder says
    about the invoice, and has no effect on level, date, gap or tag.
    """

    _inherit = "dunning.level"

    def _find_sample_move(self):
        """Return the open invoice a sample is about: the oldest; for a notice one not yet due."""
        domain = [
            ("company_id", "=", self.company_id.id),
            ("state", "=", "posted"),
            ("move_type", "=", "out_invoice"),
            ("payment_state", "in", ("not_paid", "partial")),
        ]
        if self.days < 0:
            domain.append(("invoice_date_due", ">=", self.company_id._get_job_today()))
        return self.env["account.move"].search(domain, order="invoice_date_due, id", limit=1)

    def _get_sample_day(self, move, today):
        """Return the day a sample speaks of: that of the level, where it is to come.

        A notice comes before the due date, whatever the day is now.
        """
        due = move.invoice_date_due or today
        own_day = due + timedelta(days=self.days)
        return own_day if self.days < 0 else max(today, own_day)

    def _make_reminder(self, move, as_of):
        """Create the sample, a reminder marked as test; nothing is sent.

        :param move: the invoice, with something open
        :param date as_of: the day it speaks of
        """
        company = self.company_id
        facts = company._dunning_collect(as_of, moves=move, by_hand=True)
        if not facts:
            raise UserError(
                self.env._(
                    "Nothing is outstanding on %(invoice)s: choose a posted, unpaid invoice.",
                    invoice=move.display_name,
                )
            )
        for fact in facts:
            fact.program_id = self.program_id.id
            fact.decision = Decision(True, LEVEL_DUE, self._get_ladder_level(), as_of, {})
        runs = self.env["dunning.run"].sudo().with_company(company)
        return self._create_test(runs._group_facts(company, facts)[0], as_of)

    def _create_test(self, group, as_of):
        """Create the reminder of a group of decided facts, as test, whatever it would be held by.

        :param group: a message to make, as ``dunning.run._group_facts`` returns it
        """
        company, self = self.company_id, self.sudo()
        runs = self.env["dunning.run"].sudo().with_company(company)
        run = runs.new({"company_id": company.id, "date": as_of})
        values = run._prepare_reminder(group, {self.id: self})
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
        reminder = runs.env["dunning.reminder"].create(values)
        runs.env["dunning.reminder.line"].create(
            [runs._prepare_reminder_line(reminder, fact, self) for fact in group["facts"]]
        )
        reminder._enclose_rest(reminder._get_item_limit())
        reminder._renew_claims()
        return reminder

    def _send_test(self, move, email, as_of):
        """Send the message to an address of the user's own, marked as test.

        :return: the reminder, sent or failed; it never had an effect
        """
        reminder = self._make_reminder(move, as_of)
        reminder.write(
            {"recipient_ids": [Command.set(self.env.user.partner_id.ids)], "cc_ids": False}
        )
        reminder.sudo()._make_mails()
        mail = reminder.mail_id
        if mail:
            subject = f"{MARK} {mail.subject}"
            email = ", ".join(find_addresses(email))
            mail.write({"subject": subject, "email_to": email, "email_cc": False})
            reminder.write({"subject": subject, "email_to": email})
            reminder._send_queued(as_of)
        return reminder

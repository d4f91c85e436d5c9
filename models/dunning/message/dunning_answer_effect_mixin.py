from datetime import timedelta

from markupsafe import escape

from odoo import models
from odoo.tools import format_date

from ...common.common_defaults import COMMON_DEFAULTS

MODULE = "account_recurrence_dunning"
TASK = "mail.mail_activity_data_todo"


class DunningAnswerEffectMixin(models.AbstractModel):
    """What an answer does by itself: it holds, gives somebody a task, and is confirmed."""

    _name = "dunning.answer.effect.mixin"
    _description = "Effects of Customers' Answers"

    def _take_effect(self, today):
        """Hold what the answer is about, tell colleagues, and confirm it to the customer.

        :param date today: the company's day
        """
        self.ensure_one()
        responsible = self._get_responsible()
        spoken = self.with_context(lang=responsible.lang or self.company_id.partner_id.lang)
        if self.kind == "promise":
            self.state = "accepted"
            spoken._hold("promise", self.day, today)
        elif self.kind == "dispute" and self.reason != "question":
            spoken._hold("dispute", False, today)
        elif self.kind != "contact" and not self._was_asked_before():
            days = self.company_id.dunning_reply_days
            if days:
                spoken._hold("reply", today + timedelta(days=days - 1), today)
        spoken._note_answer(today)
        # a promise asks for somebody only if it is not kept
        if responsible and self.kind != "promise":
            self._ask(responsible, today)
        self._confirm()

    def _hold(self, kind, until, today):
        """Block the due lines of the answer.

        :param until: the last day; False: until somebody decides
        """
        values = [
            {
                "company_id": self.company_id.id,
                "move_id": line.move_id.id,
                "move_line_id": line.id,
                "kind": kind,
                "reason": self._get_summary(),
                "date_from": today,
                "date_until": until,
            }
            for line in self.move_line_ids
        ]
        self.block_ids |= self.env["dunning.block"].create(values)

    def _note_answer(self, today):
        """Show the answer on reminder and customer.

        Readers of the customer need no rights on dunning: what was written stands on the answer.
        """
        reminder = self.reminder_id
        link = self._get_html_link(title=self.env._("the customer's page"))
        body = escape(self.env._("%(name)s answered on %(page)s.")) % {
            "name": self.partner_id.name or "",
            "page": link,
        }
        self.partner_id._message_log(body=body)
        if reminder:
            if reminder.reply_date != today:
                reminder.reply_date = today
            reminder._message_log(body=body + " " + self._get_summary())

    def _ask(self, responsible, today):
        """Give the answer to a person."""
        self.activity_schedule(
            TASK,
            date_deadline=today,
            summary=lambda spoken: spoken._get_task_summary(),
            note=lambda spoken: "\n".join(filter(None, (spoken._get_summary(), spoken.text))),
            user_id=responsible.id,
        )

    def _get_responsible(self):
        """Return who deals with the answer; empty: there is nobody who may."""
        if self.reminder_id:
            return self.reminder_id._get_responsible()
        return self.company_id._dunning_find_colleague(self._get_program().user_id)

    def _get_task_summary(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        return self.env._("The customer answered: %(kind)s", kind=kinds[self.kind])

    def _get_program(self):
        """Return the program that the customer is reminded by."""
        customer = self.partner_id.with_company(self.company_id)
        return self.reminder_id.program_id or customer.dunning_effective_program_id

    # === CONFIRMATION === #

    def _get_next_steps(self):
        """Return what happens now, as a sentence for the customer."""
        day = format_date(self.env, self.day) if self.day else ""
        if self.state == "declined":
            return self.env._("We cannot agree to this. Please get in touch with us.")
        if self.kind == "promise":
            return self.env._("We will not remind you of this before %(day)s.", day=day)
        if self.kind == "dispute" and self.reason != "question":
            return self.env._("We will look into it. Until then we will not remind you of this.")
        if self.kind == "paid":
            return self.env._("We will look for your payment.")
        if self.kind == "contact":
            return self.env._("We will check it and then write to this contact.")
        if self.kind == "plan" and self.state == "accepted":
            return self.env._("We agree to this plan. Please pay each instalment by its day.")
        if self.kind == "plan":
            return self.env._("We will check it and let you know. Until then it is not agreed.")
        return self.env._("We will answer you.")

    def _confirm(self):
        """Send the customer what was received, or decided, to the addresses of the reminder."""
        if not self.email_to:
            return
        mails = self.env["mail.mail"].with_context(**COMMON_DEFAULTS)
        mail = mails.create(self._prepare_confirmation())
        if not self.company_id._is_job_copy():
            mail.send_after_commit()

    def _prepare_confirmation(self):
        body = self.env["ir.qweb"]._render(
            f"{MODULE}.dunning_answer_mail",
            {"answer": self},
            minimal_qcontext=True,
            lang=self.env.lang or "en_US",
        )
        return self.company_id._dunning_prepare_confirmation(
            self.partner_id,
            self.reminder_id,
            # an answer to it is one to the reminder
            self.reminder_id or self,
            self.env._("Your answer to %(company)s", company=self.company_id.name),
            body,
            self.email_to,
        )

from markupsafe import Markup

from odoo import api, models

from ....tools.common.header_text import one_line

SEND_GROUP = "account_recurrence_dunning.dunning_group_user"
# What a message of a run can still become; nothing of it is left when none is in one of these.
UNDECIDED_STATES = ("draft", "queued")


class DunningSender(models.AbstractModel):
    """People in whose name reminders leave: whether they may, and telling them what left (D5)."""

    _name = "dunning.sender"
    _description = "Senders of Reminders"

    @api.model
    def _get_problem(self, user, company=None):
        """Return why reminders cannot leave in the name of a user; empty: they can.

        The one place that says who may send: program, simulation and sending ask here.

        :param company: whose reminders they are; None: of whatever company the user works in
        """
        if user.id == self.env.ref("base.user_root").id:
            return self.env._("OdooBot is no person.")
        if user.share or not user._is_internal():
            return self.env._("Only internal users may send reminders.")
        if not user.active:
            return self.env._("The user is archived.")
        if company and company not in user.company_ids:
            return self.env._(
                "The user may not work in %(company)s: allow it under Allowed Companies.",
                company=company.name,
            )
        if not user.has_group(SEND_GROUP):
            return self.env._("The user has no dunning rights: grant them under Access Rights.")
        if not user.email:
            return self.env._("The user has no e-mail address.")
        return ""

    @api.model
    def _tell(self, reminders):
        """Tell the senders of reminders whose fate is known now, as each of them wants it.

        :param reminders: reminders just sent or failed; tests are left out
        """
        known = reminders.filtered(
            lambda r: r.user_id and not r.is_test and r.state not in UNDECIDED_STATES
        )
        for reminder in known.filtered(lambda r: r.user_id.dunning_notify == "each"):
            self._tell_one(reminder)
        wanted = known.filtered(lambda r: r.user_id.dunning_notify == "run" and r.run_id)
        if not wanted:
            return
        open_groups = reminders.env["dunning.reminder"]._read_group(
            [("run_id", "in", wanted.run_id.ids), ("state", "=", "queued")],
            ["run_id", "user_id"],
        )
        still_going = {(run.id, user.id) for run, user in open_groups}
        for (run, user), _found in wanted.grouped(lambda r: (r.run_id, r.user_id)).items():
            if (run.id, user.id) not in still_going:
                self._tell_run(run, user)

    @api.model
    def _tell_one(self, reminder):
        """Tell the sender of one reminder whether it left."""
        reminder = reminder.with_context(lang=reminder.user_id.lang)
        env = reminder.env
        values = {"customer": reminder.partner_id.display_name, "level": reminder.level_id.name}
        if reminder.state == "sent":
            subject = env._("Sent in your name: %(level)s to %(customer)s", **values)
        else:
            subject = env._("Not delivered in your name: %(level)s to %(customer)s", **values)
        body = Markup("<p>%s</p>") % (reminder.failure_reason or reminder.total_text or "")
        self._notify(reminder, reminder.user_id, subject, body)

    @api.model
    def _tell_run(self, run, user):
        """Tell a sender once what of a run left in their name, and what did not."""
        run = run.with_context(lang=user.lang)
        env = run.env
        reminders = run.reminder_ids.filtered(lambda r: r.user_id == user)
        sent = reminders.filtered(lambda r: r.state == "sent")
        failed = reminders.filtered(lambda r: r.state in ("failed", "undeliverable"))
        subject = env._(
            "Reminders sent in your name: %(count)s, %(run)s", count=len(sent), run=run.name
        )
        rows = Markup().join(
            Markup("<li>%s, %s: %s</li>")
            % (
                reminder.partner_id.display_name,
                reminder.level_id.name,
                reminder.failure_reason or reminder.total_text or "",
            )
            for reminder in failed | sent
        )
        body = Markup("<ul>%s</ul>") % rows
        if failed:
            count = env._("Not delivered: %(count)s", count=len(failed))
            body = Markup("<p>%s</p>") % count + body
        self._notify(run, user, subject, body)

    @api.model
    def _notify(self, record, user, subject, body):
        """Notify a user as that user wants notifications: by e-mail or in the inbox."""
        company = record.company_id
        record.sudo().message_notify(
            partner_ids=user.partner_id.ids,
            subject=one_line(subject),
            body=body,
            author_id=company.partner_id.id,
            email_from=one_line(company.email_formatted or user.email_formatted),
        )

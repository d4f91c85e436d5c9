from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date, groupby

from ....tools.common.header_text import one_line
from ...common.client_action import notify
from ...common.common_defaults import COMMON_DEFAULTS
from ...common.mail_addresses import join_addresses

# A mail shows at most so many due lines; the rest is a link away.
ROWS_SHOWN = 1000
# A report waits this long for the outbox, then it says what is still under way.
REPORT_WAITS = timedelta(hours=6)


class DunningRunMailMixin(models.AbstractModel):
    """What is mailed about runs: the table of a simulation (W2), the report of a run (W5)."""

    _name = "dunning.run.mail.mixin"
    _description = "E-mails about Dunning Runs"

    my_address = fields.Char(compute="_compute_my_address")
    report_addresses = fields.Char(compute="_compute_report_addresses")

    @api.depends("report_user_ids")
    def _compute_report_addresses(self):
        for run in self:
            addresses = run.report_user_ids.sudo().mapped("email_normalized")
            run.report_addresses = ", ".join(filter(None, addresses))

    # === ENTRY POINTS === #

    def _send_report(self):
        """Mail the report of a run to the users its programs name (W5)."""
        return self._send_to(
            self._get_report_users(),
            lambda env: env._("Dunning run"),
            lambda run: run._render_report(),
        )

    def _get_report_users(self):
        """Return who gets the report: whom the programs of the run name, or all that it met."""
        programs = self.program_ids
        if not programs:
            lines = self.env["dunning.run.line"].sudo()
            groups = lines._read_group([("run_id", "in", self._origin.ids)], ["program_id"])
            programs = programs.union(*(program for (program,) in groups))
        return programs.sudo().report_user_ids

    @api.model
    def _send_pending_reports(self):
        """Mail the reports of executed runs, once their reminders have left or waited long."""
        now = fields.Datetime.now()
        runs = self.env["dunning.run"].search(
            [("report_pending", "=", True), ("state", "=", "done")]
        )
        # a copy of the database mails nobody
        runs = runs.filtered(lambda run: not run.company_id._is_job_copy())
        for run in runs:
            waiting = any(reminder.state == "queued" for reminder in run.reminder_ids)
            if not waiting or not now - REPORT_WAITS <= run.executed_on <= now:
                run.report_pending = False
                run._send_report()

    def _send_table(self, users):
        """Mail the decisions of a run as a table, customer by customer, level by level.

        :raise UserError: none of the users can be reached, or nothing was decided yet
        """
        self.check_access("read")
        if self.company_id._is_job_copy():
            raise UserError(self.company_id._get_copy_sentence())
        if self.state in ("draft", "failed"):
            raise UserError(self.env._("Simulate first: there is no table to mail yet."))
        if not users:
            raise UserError(self.env._("The programs of this run have no report recipients."))
        allowed = self._get_allowed(users)
        if not allowed:
            raise UserError(self._get_refusal(users))
        if not allowed.filtered("email"):
            raise UserError(
                self.env._("No e-mail address: enter one for %(user)s.", user=allowed[:1].name)
            )
        return self._send_to(
            users, lambda env: env._("Dunning decisions"), lambda run: run._render_table()
        )

    def _send_to(self, users, get_title, render):
        """Create one mail for each user, in that user's language, and let them leave soon.

        Rights change: who may not see the run any more gets none, and the run says so.

        :param get_title: called with the environment in that language
        :param render: called with the run in it
        """
        values = []
        allowed = self._get_allowed(users)
        if users - allowed:
            self.sudo()._message_log(body=self._get_refusal(users - allowed))
        for user in allowed.filtered("email"):
            found = self.sudo().with_context(lang=user.lang or self.env.lang)
            values.append(
                {
                    "subject": one_line(f"{get_title(found.env)}: {found.name}"),
                    "body_html": render(found),
                    "email_from": one_line(
                        self.company_id.email_formatted or self.env.user.email_formatted
                    ),
                    "email_to": join_addresses(user.partner_id),
                    "author_id": self.company_id.partner_id.id,
                    "model": self._name,
                    "res_id": self.id,
                }
            )
        mails = self.env["mail.mail"].sudo().with_context(**COMMON_DEFAULTS).create(values)
        if mails:
            self.env["ir.cron"]._wake("mail.ir_cron_mail_scheduler_action")
        return mails

    def _tell_mailed(self, mails):
        """Send these mails now, while somebody waits, and return what became of them."""
        mails.send()
        told = {"addresses": ", ".join(mails.mapped("email_to"))}
        failed = mails.exists().filtered(lambda mail: mail.state == "exception")
        if failed:
            text = self.env._(
                "The table was not sent to %(addresses)s: %(reason)s",
                reason=failed[0].failure_reason or self.env._("no mail server answered"),
                **told,
            )
            return notify(text, "warning", None)
        return notify(self.env._("The table was sent to %(addresses)s.", **told), then=None)

    @api.depends_context("uid")
    def _compute_my_address(self):
        for run in self:
            run.my_address = self.env.user.email

    def _get_allowed(self, users):
        """Return those of the users who may see figures of the run's company."""
        return users.sudo().filtered(
            lambda user: user.active and not user.share and self.company_id in user.company_ids
        )

    def _get_refusal(self, users):
        return self.env._(
            "Nothing was e-mailed to %(users)s: only active internal users with access to "
            "%(company)s receive reports.",
            users=", ".join(users.sudo().mapped("name")),
            company=self.company_id.name,
        )

    # === THE REPORT === #

    def _render_report(self):
        """Return the report of a run: totals, what was not delivered, skipped by reason, a link."""
        return self.env["ir.qweb"]._render(
            "account_recurrence_dunning.dunning_run_report",
            {
                "run": self,
                "totals": self._get_totals(),
                "deliveries": self._get_deliveries(),
                "rows": self._get_reasons(),
                "warnings": self._get_warnings(),
                "url": self._get_link(),
            },
            lang=self.env.lang,
        )

    def _get_link(self):
        return f"{self.get_base_url()}/odoo/dunning-runs/{self.id}"

    def _get_totals(self):
        """Return what is reminded per level and currency: list of (level, lines, amount)."""
        groups = self.env["dunning.run.line"]._read_group(
            [("run_id", "=", self.id), ("decision", "=", "remind")],
            ["level_id", "currency_id"],
            ["__count", "amount_residual:sum", "amount_covered:sum"],
        )
        return [
            (level.display_name, count, format_amount(self.env, amount - covered, currency))
            for level, currency, count, amount, covered in sorted(
                groups, key=lambda row: (row[0].days, row[1].name)
            )
        ]

    def _get_deliveries(self):
        """Return the states of the reminders of the run: list of (label, number)."""
        reminders = self.env["dunning.reminder"]
        states = dict(reminders._fields["state"]._description_selection(self.env))
        groups = reminders._read_group([("run_id", "=", self.id)], ["state"], ["__count"])
        counts = dict(groups)
        return [(label, counts[state]) for state, label in states.items() if state in counts]

    def _get_reasons(self):
        """Return (decision, label of the reason, number of due lines), the most frequent first."""
        groups = self.env["dunning.run.line"]._read_group(
            [("run_id", "=", self.id)], ["decision", "reason"], ["__count"]
        )
        labels = dict(self.env["dunning.reason"]._get_selection())
        return sorted(
            ((decision, labels.get(reason, reason), count) for decision, reason, count in groups),
            key=lambda row: (row[0], -row[2]),
        )

    def _get_warnings(self):
        """Return what the reader of a report should know, as sentences."""
        warnings = [self.bank_warning, self.error]
        if not self.company_id.dunning_active and self.queued_count:
            warnings.append(
                self.env._(
                    "Dunning is switched off: queued reminders are held until somebody decides; "
                    "none of them is sent."
                )
            )
        if self.changed_count:
            warnings.append(
                self.env._(
                    "Decisions that changed between the simulation and the execution: %(count)s",
                    count=self.changed_count,
                )
            )
        if self.untried_count:
            warnings.append(
                self.env._(
                    "Messages whose texts were not tested: %(count)s. They contain more than "
                    "placeholders, so any of them may fail.",
                    count=self.untried_count,
                )
            )
        return [text for text in warnings if text]

    # === THE TABLE === #

    def _render_table(self):
        """Return the decisions of a run as they stand on its screen."""
        lines = self.line_ids.sorted(
            lambda line: (
                line.partner_id.display_name or "",
                line.decision,
                line.level_id.days,
                line.due_date or self.date,
            )
        )
        shown = lines[:ROWS_SHOWN]
        return self.env["ir.qweb"]._render(
            "account_recurrence_dunning.dunning_run_table",
            {
                "run": self,
                "day": format_date(self.env, self.date),
                "customers": [
                    (partner.display_name, [self._prepare_table_row(line) for line in found])
                    for partner, found in groupby(shown, key=lambda line: line.partner_id)
                ],
                "left_out": len(lines) - len(shown),
                "totals": self._get_totals(),
                "warnings": self._get_warnings(),
                "url": self._get_link(),
            },
            lang=self.env.lang,
        )

    @api.model
    def _prepare_table_row(self, line):
        """Return one decision as texts."""
        return {
            "remind": line.decision == "remind",
            "level": line.level_id.display_name or "–",
            "number": line.move_name or "",
            "due": format_date(line.env, line.due_date),
            "late": line.days_late,
            "amount": format_amount(line.env, line.amount_residual, line.currency_id),
            "why": line.reason_text,
        }

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date, groupby

from ....tools.common.header_text import one_line
from ....tools.common.sealed import COMMON_DEFAULTS
from ..message.dunning_composer import join_addresses

# A mail shows at most so many due lines; the rest is a link away.
ROWS_SHOWN = 1000
# A report waits this long for the outbox, then it says what is still under way.
REPORT_WAITS = timedelta(hours=6)


class DunningRunMail(models.AbstractModel):
    """What is mailed about runs: the table of a simulation (W2), the report of a run (W5)."""

    _name = "dunning.run.mail"
    _description = "Mails about Dunning Runs"

    # === DOORS === #

    @api.model
    def _send_report(self, run):
        """Mail the report of a run to the users its programs name (W5)."""
        return self._send(
            run,
            run.program_ids.report_user_ids,
            lambda env: env._("Dunning run"),
            self._render_report,
        )

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
                self._send_report(run)

    @api.model
    def _send_table(self, run, users):
        """Mail the decisions of a run as a table, customer by customer, level by level.

        :raise UserError: none of the users can be reached, or nothing was decided yet
        """
        run.check_access("read")
        if run.company_id._is_job_copy():
            raise UserError(run.company_id._get_copy_sentence())
        if run.state in ("draft", "failed"):
            raise UserError(self.env._("Simulate first: there is no table to mail yet."))
        if not users:
            raise UserError(
                self.env._("The programs of this run name nobody who gets its reports.")
            )
        allowed = self._get_allowed(run, users)
        if not allowed:
            raise UserError(self._get_refusal(run, users))
        if not allowed.filtered("email"):
            raise UserError(
                self.env._("No e-mail address: fill in that of %(user)s.", user=allowed[:1].name)
            )
        return self._send(run, users, lambda env: env._("Dunning decisions"), self._render_table)

    @api.model
    def _send(self, run, users, get_title, render):
        """Create one mail for each user, in that user's language, and let them leave soon.

        Rights change: who may not see the run any more gets none, and the run says so.

        :param get_title: called with the environment in that language
        :param render: called with the run in it
        """
        values = []
        allowed = self._get_allowed(run, users)
        if users - allowed:
            run.sudo()._message_log(body=self._get_refusal(run, users - allowed))
        for user in allowed.filtered("email"):
            found = run.sudo().with_context(lang=user.lang or self.env.lang)
            values.append(
                {
                    "subject": one_line(f"{get_title(found.env)}: {found.name}"),
                    "body_html": render(found),
                    "email_from": one_line(
                        run.company_id.email_formatted or self.env.user.email_formatted
                    ),
                    "email_to": join_addresses(user.partner_id),
                    "author_id": run.company_id.partner_id.id,
                    "model": run._name,
                    "res_id": run.id,
                }
            )
        mails = self.env["mail.mail"].sudo().with_context(**COMMON_DEFAULTS).create(values)
        if mails:
            self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
        return mails

    @api.model
    def _get_allowed(self, run, users):
        """Return those of the users who may see figures of the run's company."""
        return users.sudo().filtered(
            lambda user: user.active and not user.share and run.company_id in user.company_ids
        )

    @api.model
    def _get_refusal(self, run, users):
        return self.env._(
            "Nothing was mailed to %(users)s: only active internal users who may enter %(company)s "
            "get reports.",
            users=", ".join(users.sudo().mapped("name")),
            company=run.company_id.name,
        )

    # === THE REPORT === #

    @api.model
    def _render_report(self, run):
        """Return the report of a run: totals, what was not delivered, skipped by reason, a link."""
        return self.env["ir.qweb"]._render(
            "account_recurrence_dunning.dunning_run_report",
            {
                "run": run,
                "totals": self._get_totals(run),
                "deliveries": self._get_deliveries(run),
                "rows": self._get_reasons(run),
                "warnings": self._get_warnings(run),
                "url": self._get_url(run),
            },
            lang=run.env.lang,
        )

    @api.model
    def _get_url(self, run):
        return f"{run.get_base_url()}/odoo/dunning-runs/{run.id}"

    @api.model
    def _get_totals(self, run):
        """Return what is reminded per level and currency: list of (level, lines, amount)."""
        groups = run.env["dunning.run.line"]._read_group(
            [("run_id", "=", run.id), ("decision", "=", "remind")],
            ["level_id", "currency_id"],
            ["__count", "amount_residual:sum", "amount_covered:sum"],
        )
        return [
            (level.display_name, count, format_amount(run.env, amount - covered, currency))
            for level, currency, count, amount, covered in sorted(
                groups, key=lambda row: (row[0].days, row[1].name)
            )
        ]

    @api.model
    def _get_deliveries(self, run):
        """Return the states of the reminders of the run: list of (label, number)."""
        reminders = run.env["dunning.reminder"]
        states = dict(reminders._fields["state"]._description_selection(run.env))
        groups = reminders._read_group([("run_id", "=", run.id)], ["state"], ["__count"])
        counts = dict(groups)
        return [(label, counts[state]) for state, label in states.items() if state in counts]

    @api.model
    def _get_reasons(self, run):
        """Return (decision, label of the reason, number of due lines), the most frequent first."""
        groups = run.env["dunning.run.line"]._read_group(
            [("run_id", "=", run.id)], ["decision", "reason"], ["__count"]
        )
        labels = dict(self.env["dunning.reason"].with_env(run.env)._get_selection())
        return sorted(
            ((decision, labels.get(reason, reason), count) for decision, reason, count in groups),
            key=lambda row: (row[0], -row[2]),
        )

    @api.model
    def _get_warnings(self, run):
        """Return what the reader of a report should look at, as sentences."""
        warnings = [run.bank_warning, run.error]
        if not run.company_id.dunning_active and run.queued_count:
            warnings.append(
                run.env._(
                    "Dunning is switched off: what is queued waits until a person decides, "
                    "nothing of it is sent."
                )
            )
        if run.changed_count:
            warnings.append(
                run.env._(
                    "Decisions that changed between the simulation and the execution: %(count)s",
                    count=run.changed_count,
                )
            )
        if run.untried_count:
            warnings.append(
                run.env._(
                    "Messages whose texts were not tried out: %(count)s. They hold more than "
                    "placeholders, so each may fail for itself.",
                    count=run.untried_count,
                )
            )
        return [text for text in warnings if text]

    # === THE TABLE === #

    @api.model
    def _render_table(self, run):
        """Return the decisions of a run as they stand on its screen."""
        lines = run.line_ids.sorted(
            lambda line: (
                line.partner_id.display_name or "",
                line.decision,
                line.level_id.days,
                line.due_date or run.date,
            )
        )
        shown = lines[:ROWS_SHOWN]
        return self.env["ir.qweb"]._render(
            "account_recurrence_dunning.dunning_run_table",
            {
                "run": run,
                "day": format_date(run.env, run.date),
                "customers": [
                    (partner.display_name, [self._prepare_row(line) for line in found])
                    for partner, found in groupby(shown, key=lambda line: line.partner_id)
                ],
                "left_out": len(lines) - len(shown),
                "totals": self._get_totals(run),
                "warnings": self._get_warnings(run),
                "url": self._get_url(run),
            },
            lang=run.env.lang,
        )

    @api.model
    def _prepare_row(self, line):
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

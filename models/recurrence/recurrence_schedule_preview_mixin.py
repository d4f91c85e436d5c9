from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date
from odoo.tools.misc import clean_context

from ...tools.recurrence.plan import rule_dates_left
from ..common.common_defaults import COMMON_DEFAULTS
from ..common.pdf_stamp import stamp_pdf
from .recurrence_occurrence_invoice_mixin import OPEN_STATES

# Enough to count the dates of any rule that a person previews.
MAX_NUMBER = 20000
MAX_AHEAD = timedelta(days=50 * 366)


class RecurrenceSchedulePreviewMixin(models.AbstractModel):
    """Shows a future invoice as PDF; nothing is stored or numbered."""

    _name = "recurrence.schedule.preview.mixin"
    _description = "Preview of Recurring Invoices"

    def _preview_pdf(self, rule_date, change=None, together=None):
        """Return the PDF of the invoice a schedule will issue for a date of its rule.

        The draft is made in a savepoint, rendered in the customer's language and rolled back.

        :param rule_date: a ``date``; the occurrence of that date is taken where it exists
        :param change: what a person changed in the dialog for this invoice, see
            ``recurrence.occurrence._apply_changes``
        :param together: recurrence.occurrence that are on the same invoice; None: those that
            belong on it
        :return: bytes
        :raise UserError: saying why there is no invoice of that date to show
        """
        self.ensure_one()
        self.check_access("read")
        if not self.template_move_id:
            raise UserError(self.env._("%(name)s has no template to preview yet.", name=self.name))
        self.template_move_id.check_access("read")
        if self._get_document().is_entry:
            raise UserError(
                self.env._(
                    "%(name)s creates journal entries, which are not printed.", name=self.name
                )
            )
        savepoint = self.env.cr.savepoint()
        try:
            # whoever may read the template may see its invoice, and creates none
            move = self.sudo()._create_preview_draft(rule_date, change, together)
            return self._render_preview(move)
        finally:
            savepoint.rollback()
            savepoint.close(rollback=False)

    def _create_preview_draft(self, rule_date, change=None, together=None):
        schedule = self.with_env(self.env)
        occurrence = schedule.occurrence_ids.filtered(lambda occ: occ.rule_date == rule_date)[:1]
        if not occurrence:
            occurrence = schedule._get_imagined(rule_date)
        # it is issued on its day, or today where that has passed
        as_of = max(schedule.company_id._get_job_today(), occurrence.date)
        context = {
            **clean_context(self.env.context),
            **COMMON_DEFAULTS,
            "tracking_disable": True,
        }
        env = self.with_env(self.env(context=context)).with_company(schedule.company_id).env
        occurrence = occurrence.with_env(env)
        # the quantities that are expected, where they cannot be counted yet or stand in the dialog
        is_early = occurrence.date > schedule.company_id._get_job_today()
        counts = {} if change or is_early else None
        if together is None:
            together = occurrence._get_companions() if is_early else occurrence._get_joining()
        vals, _reasons = occurrence._get_draft_with(together, as_of, change, counts)
        # not issued: only shown
        vals.update(recurrence_schedule_id=False, recurrence_occurrence_id=False)
        return env["account.move"].create(vals)

    @api.model
    def _render_preview(self, move):
        lang = self.env["recurrence.occurrence"]._get_lang(move.partner_id)
        report = move.env["account.move.send"]._get_default_pdf_report_id(move)
        reports = move.env["ir.actions.report"].with_context(lang=lang)
        pdf, kind = reports._render_qweb_pdf(report.report_name, move.ids)
        if kind != "pdf":
            # without rendering, as in tests: what the PDF is made of
            return pdf
        # across the page, on top of what any report has drawn: nobody takes it for an invoice
        word = self.with_context(lang=lang).env._("PREVIEW")
        return stamp_pdf(pdf, word, "PREVIEW", across=True)

    def _get_imagined(self, rule_date):
        """Return the occurrence of a date that is not planned (yet), in memory only."""
        today = self.company_id._get_job_today()
        problem = False
        if rule_date < self.date_start:
            problem = self.env._(
                "%(name)s starts on %(start)s, after %(date)s.",
                name=self.name,
                start=format_date(self.env, self.date_start),
                date=rule_date,
            )
        elif rule_date > today + MAX_AHEAD:
            problem = self.env._("%(date)s is too far in the future to be shown.", date=rule_date)
        elif not self.get_rule_dates(rule_date, limit=1)[:1] == [rule_date]:
            problem = self.env._(
                "%(name)s has no date on %(date)s.", name=self.name, date=rule_date
            )
        if problem:
            raise UserError(problem)
        rule = self._get_rule()
        start, end = rule.period(rule_date, self.period_paid)
        calendar = self.company_id._recurrence_get_calendar(rule_date, rule_date)
        return self.env["recurrence.occurrence"].new(
            {
                "schedule_id": self.id,
                "rule_date": rule_date,
                "date": rule.resolve(rule_date, calendar).date or rule_date,
                "number": self._get_preview_number(rule, rule_date),
                "period_start": start,
                "period_end": end,
            }
        )

    def _get_preview_number(self, rule, rule_date):
        """Return the number the planner will give a date: it counts on from those there are."""
        rows = self.occurrence_ids.filtered(
            lambda occ: occ.rule_date < rule_date and not occ.is_manual
        )
        last = max(rows.mapped("rule_date"), default=None)
        after = last and last + timedelta(days=1)
        dates = rule_dates_left(rule, 0, after or rule.date_start, rule_date, MAX_NUMBER)
        return max(rows.mapped("number"), default=0) + len(dates)

    def _get_next_date(self):
        """Return the date of the rule that is previewed when none is named."""
        planned = self.occurrence_ids.filtered(lambda occ: occ.state in OPEN_STATES)
        if planned:
            return min(planned, key=lambda occ: (occ.date, occ.rule_date)).rule_date
        today = self.company_id._get_job_today()
        dates = self.get_rule_dates(max(today, self.date_start), limit=1)
        dates = dates or self.get_rule_dates(limit=1)
        if not dates:
            raise UserError(self.env._("The rule of %(name)s results in no dates.", name=self.name))
        return dates[0]

    def _open_preview(self, rule_date=None):
        """Return the action that shows the preview in a new tab of the browser."""
        self.ensure_one()
        rule_date = rule_date or self._get_next_date()
        return {
            "type": "ir.actions.act_url",
            "url": f"/recurrence/preview/{self.id}/{rule_date}",
            "target": "new",
        }

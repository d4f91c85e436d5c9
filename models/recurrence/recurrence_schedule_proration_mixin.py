from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.recurrence.agreement import AgreementRule
from ..common.access_groups import INVOICE_READERS
from .recurrence_occurrence_invoice_mixin import OPEN_STATES
from .recurrence_schedule_planning_mixin import ENGINE_CONTEXT

# Lines that are named; of more only how many.
NAMED_LINES = 3


class RecurrenceScheduleProrationMixin(models.AbstractModel):
    """What is billed of a part of a period, and what dates to come to where lines differ."""

    _name = "recurrence.schedule.proration.mixin"
    _description = "Parts of Periods of a Recurrence"

    template_move_id = fields.Many2one("account.move", string="Template")
    proration = fields.Selection(
        [
            ("whole", "Billed in full"),
            ("days", "By the days of the period"),
            ("30_360", "By days, 30 per month"),
        ],
        string="Partial Periods",
        required=True,
        default="whole",
        tracking=True,
        help=(
            "When the recurrence or one of its lines begins or ends inside a period. By days, "
            "nothing before the start or after the end date is billed, and the first or last "
            "invoice may be for a part of a period."
        ),
    )
    ending_lines = fields.Char(
        string="Lines About to End",
        compute="_compute_ending_lines",
        compute_sudo=True,
        groups=INVOICE_READERS,
    )

    # === RULE === #

    def _get_composed_rule(self):
        rule = super()._get_composed_rule()
        if self.target != "invoice" or self.proration in (False, "whole"):
            return rule
        columns = {name: getattr(rule, name) for name in rule.__slots__}
        return AgreementRule(**columns, paid=self.period_paid or "pre")

    @api.depends("proration", "period_paid", "target")
    def _compute_rule_stale(self):
        return super()._compute_rule_stale()

    @api.depends("proration", "period_paid", "target")
    def _compute_rule_preview(self):
        return super()._compute_rule_preview()

    # === LINES === #

    @api.depends("template_move_id", "company_id.recurrence_ending_days")
    def _compute_ending_lines(self):
        """Name the lines of the template that end soon, each with its last day."""
        self.ending_lines = False
        for company, schedules in self.grouped("company_id").items():
            lines = schedules._get_ending_lines(company)
            by_template = lines.grouped("move_id")
            for schedule in schedules:
                schedule.ending_lines = self._name_lines(
                    by_template.get(schedule.template_move_id, lines.browse())
                )

    def _get_ending_lines(self, company):
        """Return the lines of these templates that end soon: the next few days of a company."""
        today = company._get_job_today()
        found = self.env["account.move.line"].search(
            [
                ("move_id", "in", self.template_move_id.ids),
                ("display_type", "=", "product"),
                ("recurrence_until", ">=", today),
                ("recurrence_until", "<=", today + timedelta(days=company.recurrence_ending_days)),
            ],
            order="recurrence_until, id",
        )
        # one that another follows, as with a new price, goes on
        return found - found.move_id.invoice_line_ids.recurrence_line_id

    @api.model
    def _name_lines(self, lines):
        """Return lines with the day each ends on, as one text; the first few of many."""
        names = [
            self.env._(
                "%(line)s (until %(date)s)",
                line=line._recurrence_get_name(),
                date=format_date(self.env, line.recurrence_until),
            )
            for line in lines[:NAMED_LINES]
        ]
        if len(lines) > NAMED_LINES:
            names.append(self.env._("%(count)s more", count=len(lines) - NAMED_LINES))
        return ", ".join(names) or False

    def _filter_with_terms(self):
        """Return those of which a date may come to something else than the whole template."""
        invoicing = self.sudo().filtered("template_move_id")
        parts = invoicing.filtered(lambda s: s.proration != "whole")
        others = invoicing - parts
        if others:
            lines = self.env["account.move.line"].sudo()
            found = lines._read_group(
                lines._recurrence_get_terms_domain()
                & Domain("move_id", "in", others.template_move_id.ids),
                ["move_id"],
            )
            templates = lines.move_id.union(*(move for (move,) in found))
            parts |= others.filtered(lambda s: s.template_move_id in templates)
        return parts.with_env(self.env)

    # === EXPECTED TOTALS === #

    def _refresh_once(self):
        """Bring the totals of the dates to come up to date where a line is billed once."""
        self.filtered(
            lambda s: "once" in s.template_move_id.sudo().line_ids.mapped("recurrence_billing")
        )._refresh_expected()

    def _refresh_expected(self):
        """Note on the dates to come what each will come to, where it is not the whole template.

        Called wherever dates are planned or skipped, and what a template says changes.
        """
        special = self._filter_with_terms()
        dates = self.env["recurrence.occurrence"].sudo().with_context(**ENGINE_CONTEXT)
        domain = Domain("schedule_id", "in", self.ids) & Domain("state", "in", OPEN_STATES)
        plain = dates.search(
            domain & Domain("schedule_id", "not in", special.ids) & Domain("has_own_total", "=", 1)
        )
        plain.write({"has_own_total": False, "own_total": 0})
        rows = dates.search(domain & Domain("schedule_id", "in", special.ids))
        for company, group in rows.grouped("company_id").items():
            group.with_company(company)._keep_own_totals()

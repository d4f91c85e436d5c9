from babel.units import format_unit

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ...tools.recurrence.rule import RuleError
from ...tools.recurrence.term import (
    Length,
    Suspension,
    Terms,
    end_rule,
    find_end,
    find_limit,
    find_term,
)
from .recurrence_rule_mixin import RULE_FIELDS

UNITS = [("days", "Days"), ("weeks", "Weeks"), ("months", "Months"), ("years", "Years")]
# What was agreed, as people enter it.
TERM_COLUMNS = (
    "agreement_start",
    "term_number",
    "term_unit",
    "renewal",
    "renewal_number",
    "renewal_unit",
    "notice_number",
    "notice_unit",
    "notice_to",
)
# What has become of it.
END_COLUMNS = ("notice_end", "renewed_until", "suspensions")
# The longest length that can be agreed, in its unit.
MOST = 999


class RecurrenceScheduleAgreementMixin(models.AbstractModel):
    """The agreement that a recurring invoice bills: its term, its renewal, its notice period (R15).

    What was agreed is entered; when it ends follows from that, see ``tools.recurrence.term``. The
    columns of the rule stay as they are: the rule that is billed by ends with the agreement.
    """

    _name = "recurrence.schedule.agreement.mixin"
    _inherit = "recurrence.dunning.system.field.mixin"
    _description = "Agreement of a Recurring Invoice"

    agreement_start = fields.Date(
        string="Agreement Begins",
        copy=False,
        tracking=True,
        help="Empty: with the recurrence. What was billed elsewhere before has begun earlier.",
    )
    term_number = fields.Integer(string="Minimum Term", tracking=True)
    term_unit = fields.Selection(
        UNITS, string="Unit of the Minimum Term", required=True, default="months", tracking=True
    )
    renewal = fields.Selection(
        [
            ("open", "Continues indefinitely"),
            ("auto", "Renews automatically"),
            ("ask", "Ends unless renewed"),
            ("end", "Ends"),
        ],
        string="After the Minimum Term",
        required=True,
        default="open",
        tracking=True,
    )
    renewal_number = fields.Integer(
        string="Renewed For", help="0: for the minimum term.", tracking=True
    )
    renewal_unit = fields.Selection(
        UNITS, string="Unit of the Renewal", required=True, default="months", tracking=True
    )
    notice_number = fields.Integer(string="Notice Period", tracking=True)
    notice_unit = fields.Selection(
        UNITS, string="Unit of the Notice Period", required=True, default="months", tracking=True
    )
    notice_to = fields.Selection(
        [
            ("day", "When the notice period is over"),
            ("period", "At the end of the billing period"),
            ("month", "At the end of the month"),
            ("quarter", "At the end of the quarter"),
            ("year", "At the end of the calendar year"),
        ],
        string="Notice Ends It",
        required=True,
        default="day",
        tracking=True,
        help="Where no term is running.",
    )
    agreement_end = fields.Date(
        string="Agreement Ends On",
        compute="_compute_agreement_end",
        store=True,
        index="btree_not_null",
    )
    term_end = fields.Date(
        string="Term Ends On",
        compute="_compute_term_end",
        store=True,
        help="The first day on which the agreement can end.",
    )
    notice_limit = fields.Date(
        string="Last Day to Give Notice",
        compute="_compute_term_end",
        store=True,
        index="btree_not_null",
    )
    agreement_text = fields.Text(string="Agreement", compute="_compute_agreement_text")
    suspensions = fields.Json(
        system=True,
        readonly=True,
        copy=False,
        help="Days that were not billed and are added at the end.",
    )

    # === COMPUTES === #

    @api.depends("target", "is_kind", "date_start", *TERM_COLUMNS, *END_COLUMNS)
    def _compute_agreement_end(self):
        for schedule in self:
            schedule.agreement_end = schedule._get_agreement_end()

    # what follows from the day is brought up to date by the job
    @api.depends("agreement_end", "company_id", "state", *RULE_FIELDS, *TERM_COLUMNS, *END_COLUMNS)
    def _compute_term_end(self):
        for schedule in self:
            limit, end = False, schedule.agreement_end
            if not end and schedule._has_terms() and schedule.state in ("running", "paused"):
                today = schedule._get_rule_company()._get_job_today()
                limit, end = find_limit(schedule._get_terms(), today) or (False, False)
            schedule.notice_limit, schedule.term_end = limit, end

    @api.depends(*RULE_FIELDS, "agreement_end", "term_end", "state")
    @api.depends_context("lang")
    def _compute_agreement_text(self):
        for schedule in self:
            schedule.agreement_text = schedule._has_terms() and schedule._describe_agreement()

    @api.depends("agreement_end")
    def _compute_rule_stale(self):
        return super()._compute_rule_stale()

    @api.depends("agreement_end")
    @api.depends_context("lang", "tz")
    def _compute_rule_summary(self):
        return super()._compute_rule_summary()

    @api.depends("agreement_end")
    @api.depends_context("lang", "tz")
    def _compute_rule_preview(self):
        return super()._compute_rule_preview()

    # === THE AGREEMENT === #

    def _has_terms(self):
        """Whether anything was agreed on how it ends."""
        is_agreement = self.target == "invoice" and not self.is_kind and self.date_start
        return bool(is_agreement and (self.term_number or self.notice_number or self.notice_end))

    def _get_terms(self):
        """Return what was agreed, as the pure decisions take it."""
        rule = self._get_composed_rule()
        try:
            rule.validate()
        except RuleError:
            # one that is being composed has no periods yet
            rule = None
        return Terms(
            start=self.agreement_start or self.date_start,
            minimum=Length(max(self.term_number, 0), self.term_unit or "months"),
            # what is hidden while there is no term, or no notice period, says nothing
            renewal=self.renewal if self.term_number > 0 and self.renewal else "open",
            renewed_for=Length(max(self.renewal_number, 0), self.renewal_unit or "months"),
            notice=Length(max(self.notice_number, 0), self.notice_unit or "months"),
            notice_to=self.notice_to if self.notice_number > 0 and self.notice_to else "day",
            added=self._get_suspensions(),
            renewed_until=self.renewed_until or None,
            rule=rule,
        )

    def _get_suspensions(self):
        """Return what was suspended and is added at the end, in its order."""
        return tuple(
            Suspension(fields.Date.to_date(start), fields.Date.to_date(end))
            for start, end in self.sudo().suspensions or ()
        )

    def _get_agreement_end(self):
        """Return the day on which the agreement ends as things stand, or False."""
        if self.target != "invoice" or self.is_kind or not self.date_start:
            return False
        return self.notice_end or self._get_natural_end()

    def _get_natural_end(self):
        """Return the day on which the agreement ends without notice, or False."""
        is_ending = self.renewal in ("ask", "end") and self.term_number > 0
        terms = self._get_terms() if is_ending else None
        return bool(is_ending) and find_term(terms, terms.start).end

    def _find_notice_end(self, day):
        """Return the day on which notice given on a day ends the agreement at the earliest."""
        return find_end(self._get_terms(), day)

    # === THE RULE === #

    def _get_rule(self):
        return self._end_with_agreement(super()._get_rule())

    def _end_with_agreement(self, rule):
        """Return a rule of this recurrence, ended where its agreement ends.

        :param rule: ``RecurrenceRule``; one that makes no sense yet stays as it is
        """
        end = self._get_agreement_end()
        return self._end_rule_on(rule, end) if end else rule

    def _end_rule_on(self, rule, end):
        """Return a rule of this recurrence that bills until a day.

        :param rule: ``RecurrenceRule``; one that makes no sense yet stays as it is
        :param end: a ``date``
        """
        try:
            last = self._get_last_of(rule) if rule.end_type == "count" else None
            return end_rule(rule, end, self.period_paid or "pre", last or None)
        except RuleError:
            return rule

    # === CHECKS === #

    @api.constrains(*TERM_COLUMNS)
    def _check_terms(self):
        for schedule in self:
            numbers = schedule.term_number, schedule.renewal_number, schedule.notice_number
            if not all(0 <= number <= MOST for number in numbers):
                raise ValidationError(
                    self.env._(
                        "Minimum term, renewal and notice period must be between 0 and %(most)s.",
                        most=MOST,
                    )
                )

    @api.constrains("date_start", *TERM_COLUMNS, *END_COLUMNS)
    def _check_agreement_end(self):
        for schedule in self:
            end, start = schedule._get_agreement_end(), schedule.date_start
            if schedule.generated_until and schedule.agreement_start:
                # a rule that changed while it runs may begin with the last invoice
                start = min(start, schedule.agreement_start)
            if end and end < start:
                raise ValidationError(
                    self.env._(
                        "The agreement ends on %(end)s, before the first date: %(start)s.",
                        end=format_date(self.env, end),
                        start=format_date(self.env, start),
                    )
                )

    # === WORDS === #

    def _describe_length(self, number, unit):
        """Return a length of time in the user's language, such as "3 months"."""
        kind = f"duration-{unit.removesuffix('s')}"
        return format_unit(number, kind, locale=self._get_rule_locale())

    def _describe_agreement(self):
        """Return how the agreement ends, as sentences."""
        today = self._get_rule_company()._get_job_today()
        terms = self._get_terms()
        end = self._get_agreement_end()
        if self.notice_end:
            return self._describe_notice()
        if end and self.renewal == "ask" and self.state != "finished":
            return self.env._(
                "The agreement ends on %(end)s unless it is renewed.",
                end=format_date(self.env, end),
            )
        if end:
            return self.env._("The agreement ends on %(end)s.", end=format_date(self.env, end))
        found = find_limit(terms, today)
        if not found:
            return self.env._(
                "Notice can be given on any day. Given today, the agreement ends on %(end)s.",
                end=format_date(self.env, find_end(terms, today)),
            )
        limit, end = (format_date(self.env, day) for day in found)
        if self.renewal == "auto":
            length = terms.renewed_for if terms.renewed_for.number else terms.minimum
            return self.env._(
                "Last day to give notice: %(limit)s. The agreement then ends on %(end)s; without "
                "notice it is renewed for %(length)s.",
                limit=limit,
                end=end,
                length=self._describe_length(*length),
            )
        return self.env._(
            "Last day to give notice: %(limit)s. The agreement then ends on %(end)s; without "
            "notice it continues.",
            limit=limit,
            end=end,
        )

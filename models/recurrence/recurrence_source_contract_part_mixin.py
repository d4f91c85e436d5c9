from dataclasses import dataclass, replace

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools.recurrence.repeat_period import (
    CannotContinue,
    Rhythm,
    continue_contract,
    find_cut_period,
    is_same_rhythm,
)
from ...tools.recurrence.rule import RecurrenceRule

PAID = {"pre-paid": "pre", "post-paid": "post"}


@dataclass(slots=True)
class ContractPart:
    """Lines of a contract that one recurrence bills."""

    rhythm: Rhythm
    rule: RecurrenceRule  # it ends where all its lines do
    lines: models.BaseModel  # contract.line


class RecurrenceSourceContractPartMixin(models.AbstractModel):
    """Which lines of a contract are still billed, and which of them by the same recurrence."""

    _name = "recurrence.source.contract.part.mixin"
    _inherit = "recurrence.source.mixin"
    _description = "Lines of OCA Contracts"

    @api.model
    def _get_live_lines(self, contract, is_note=False):
        """Return the lines that are billed any more: a finished one has a next date as well.

        :param is_note: instead of these the notes that have dates of their own
        """
        return contract.contract_line_ids.filtered(
            lambda line: (
                (line.is_recurring_note if is_note else not line.display_type)
                and line._can_be_invoiced(line.recurring_next_date)
                and not (contract.date_end and line.next_period_date_start > contract.date_end)
            )
        )

    @api.model
    def _get_end(self, line):
        """Return the last day that a line bills, or None; the contract may end before its lines."""
        return min(filter(None, (line.date_end, line.contract_id.date_end)), default=None)

    @api.model
    def _get_parts(self, contract):
        """Return its lines by what bills them from now on.

        :return: list of ContractPart
        :raise UserError: a line of it cannot go on
        """
        parts = []
        for line in self._get_live_lines(contract).sorted("recurring_next_date"):
            rhythm, rule = self._get_rule(line)
            part = next((part for part in parts if self._joins(part, line, rhythm, rule)), None)
            if not part:
                parts.append(ContractPart(rhythm, rule, line))
                continue
            part.lines |= line
            part.rule = _join_ends(part.rule, rule)
        return parts

    @api.model
    def _joins(self, part, line, rhythm, rule):
        """Return whether a line is billed by the dates of a part."""
        if (part.rhythm, part.lines[0].automatic_price) != (rhythm, line.automatic_price):
            return False
        if rhythm.paid == "post":
            return part.rule == rule
        endless = replace(part.rule, end_type="forever", until=None)
        return is_same_rhythm(endless, rule.date_start, rule.period(rule.date_start))

    @api.model
    def _get_rule(self, line):
        """Return how a line repeats, and the rule it goes on by.

        :raise UserError: why it cannot
        """
        rhythm = Rhythm(
            line.recurring_rule_type,
            line.recurring_interval,
            PAID[line.recurring_invoicing_type],
        )
        period = (line.next_period_date_start, line.next_period_date_end)
        try:
            rule = continue_contract(rhythm, line.recurring_next_date, period, self._get_end(line))
        except CannotContinue as error:
            raise UserError(self._explain(error, line, period)) from error
        return rhythm, rule

    @api.model
    def _explain(self, error, line, period):
        """Return why a line cannot go on, as a sentence.

        :param error: CannotContinue
        :param period: first and last day that its next invoice bills there
        """
        if error.code == "interval":
            return self.env._(
                "%(line)s has an invalid interval: %(number)s.",
                line=line.name,
                number=line.recurring_interval,
            )
        if error.code not in ("period", "cut"):
            return self.env._("%(line)s repeats in a way that is not known here.", line=line.name)
        days = {
            "line": line.name,
            "date": format_date(self.env, line.recurring_next_date),
            "start": format_date(self.env, period[0]),
            "end": format_date(self.env, period[1]),
            "rule_start": format_date(self.env, error.days[0]),
            "rule_end": format_date(self.env, error.days[1]),
        }
        if error.code == "cut":
            return self.env._(
                "%(line)s ends inside its last period, %(rule_start)s – %(rule_end)s, which is "
                "billed after it. Bill it in the contract, or let the line end with a whole "
                "period.",
                **days,
            )
        return self.env._(
            "%(line)s: the invoice of %(date)s bills %(start)s – %(end)s in the contract, but "
            "would bill %(rule_start)s – %(rule_end)s here. Bill it in the contract, or correct "
            "its next date.",
            **days,
        )

    @api.model
    def _get_part_remarks(self, contract, part):
        """Return where a part goes on otherwise than the contract would, as sentences."""
        remarks = []
        if part.rhythm.paid == "pre":
            remarks += filter(None, map(self._describe_cut, part.lines))
        elif contract.date_end and (part.rule.until or part.rule.date_start) > contract.date_end:
            remarks.append(
                self.env._(
                    "The last period is billed on %(day)s. The contract does not bill it by "
                    "itself, as this is after its end.",
                    day=format_date(self.env, part.rule.until),
                )
            )
        if (part.rule.day or 0) > 28:
            remarks.append(
                self.env._(
                    "It returns to day %(day)s after a shorter month; the contract would stay on "
                    "the earlier day.",
                    day=part.rule.day,
                )
            )
        return remarks

    @api.model
    def _describe_cut(self, line):
        """Return which last period of a line in advance is billed in full though it is cut."""
        end = self._get_end(line)
        _rhythm, rule = self._get_rule(line)
        cut = end and find_cut_period(rule, end)
        return cut and self.env._(
            "%(line)s is billed in full for its last period, %(start)s – %(end)s.",
            line=line.name,
            start=format_date(self.env, cut[0]),
            end=format_date(self.env, cut[1]),
        )

    @api.model
    def _get_line_terms(self, line, part):
        """Return first and last day of a line where they are not those of its recurrence."""
        terms = {}
        if line.recurring_next_date > part.rule.date_start:
            terms["recurrence_start"] = line.recurring_next_date
        end = self._get_end(line)
        if end and part.rhythm.paid == "pre" and end != part.rule.until:
            terms["recurrence_until"] = end
        return terms

    @api.model
    def _get_all_lines(self, contract, part):
        """Return the lines of a part with the sections and notes that go with them."""
        kept, section, note, previous = [], None, None, None
        for line in contract.contract_line_ids:
            if line.display_type == "line_section":
                section = line
            elif line.display_type and line.note_invoicing_mode == "with_next_line":
                note = line
            elif line.display_type:
                kept += [line] if previous in kept else []
            elif line in part.lines:
                kept += [found for found in (section, note, line) if found]
                section = note = None
            previous = line
        return kept


def _join_ends(rule, other):
    """Return a rule that ends with the later of two, or never."""
    if not (rule.until and other.until):
        return replace(rule, end_type="forever", until=None)
    return replace(rule, until=max(rule.until, other.until))

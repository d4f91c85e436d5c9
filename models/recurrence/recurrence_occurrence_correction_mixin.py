from decimal import Decimal

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools.recurrence.billed_line import (
    LineTerms,
    PaidDate,
    bill_line,
    part_amount,
    part_from,
)
from .recurrence_schedule_line_change_mixin import Correction


class RecurrenceOccurrenceCorrectionMixin(models.AbstractModel):
    """What the invoice of a date has billed ahead of a line that changes."""

    _name = "recurrence.occurrence.correction.mixin"
    _description = "Corrections of Recurring Invoices"

    def _get_correction(self, rule, day, change):
        """Return what this date billed of a line for days from a day on, or None.

        :param change: LineChange
        :raise UserError: it cannot be known what was billed
        """
        schedule, line = self.schedule_id, change.line
        terms = line._recurrence_get_terms() if line else LineTerms()
        asked = PaidDate(self.rule_date, self.period_start, self.period_end, schedule.period_paid)
        former = bill_line(rule, asked, terms, schedule.proration)
        later = bill_line(rule, asked, part_from(terms, day), schedule.proration)
        if isinstance(later, str) or isinstance(former, str) or not former.share:
            return None
        currency = schedule.template_move_id.currency_id
        rounding = Decimal(str(round(currency.rounding, 9)))
        source, credit = line, Decimal(0)
        if line:
            source, amount = self._get_billed_amount(line, former, rounding)
            if not source:
                return None
            portion = former._replace(
                before=(later.before - former.before) / former.share, through=1
            )
            credit = part_amount(amount, portion, rounding)
        values = {"quantity": 1, "price_unit": 0, **change.values}
        discount = values.get("discount", line.discount)
        whole = currency.round(values["quantity"] * values["price_unit"] * (1 - discount / 100))
        billed = part_amount(Decimal(str(whole)), later, rounding)
        if credit == billed:
            return None
        return Correction(
            self.move_id, change, source, later.start, later.end, float(credit), float(billed)
        )

    @api.model
    def _get_billed_amount(self, line, former, rounding):
        """Return the invoice line that billed a line of the template, and the amount it billed.

        :return: account.move.line, empty where it was left out; Decimal in terms of its price
        """
        lines = self.env["account.move.line"].sudo()
        linked = lines.search(
            [("recurrence_line_id", "=", line.id), ("parent_state", "!=", "cancel")]
        )
        own = linked.filtered(lambda found: found.move_id == self.move_id)[:1]
        if own:
            amount = own.quantity * own.price_unit * (1 - own.discount / 100)
            return own, Decimal(str(own.currency_id.round(amount)))
        others = linked.filtered(lambda found: not found.move_id.recurrence_occurrence_id)
        draft = others.filtered(lambda found: found.parent_state == "draft").move_id[:1]
        if draft:
            raise UserError(
                self.env._(
                    "The correction of an earlier change still is a draft. Post or delete it first."
                )
            )
        if others and line.recurrence_start and line.recurrence_start > self.period_start:
            # an earlier change billed it anew, with the price it has since
            amount = line.quantity * line.price_unit * (1 - line.discount / 100)
            whole = Decimal(str(line.currency_id.round(amount)))
            return line, part_amount(whole, former, rounding)
        if not self.move_id.invoice_line_ids.recurrence_line_id:
            raise UserError(
                self.env._(
                    "%(invoice)s does not say which of its lines bill what. Choose a day after "
                    "%(date)s, and correct this invoice yourself.",
                    invoice=self.move_id.name,
                    date=format_date(self.env, self.period_end),
                )
            )
        return lines, Decimal(0)

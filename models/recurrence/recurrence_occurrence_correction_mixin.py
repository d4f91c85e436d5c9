from datetime import date
from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools.recurrence.billed_line import (
    LineTerms,
    bill_line,
    find_portion,
    part_amount,
)
from ..common.access_groups import INVOICE_READERS
from .recurrence_schedule_correction_mixin import Correction


class RecurrenceOccurrenceCorrectionMixin(models.AbstractModel):
    """What the invoice of a date has billed ahead of a line that changes."""

    _name = "recurrence.occurrence.correction.mixin"
    _description = "Corrections of Recurring Invoices"

    correction_move_ids = fields.Many2many(
        "account.move", string="Corrections", readonly=True, copy=False, groups=INVOICE_READERS
    )

    is_rest = fields.Boolean(
        string="Rest of a Period",
        readonly=True,
        copy=False,
        help="It bills the days of a period that its own date does not bill.",
    )
    is_dropped = fields.Boolean(
        string="Ended by Notice",
        readonly=True,
        copy=False,
        help="Skipped as notice ended the agreement before.",
    )

    def _get_correction(self, rule, day, change, until=None):
        """Return what this date billed of a line for days from a day on, or None.

        :param change: LineChange
        :param until: last of these days; None: all from the day on
        :raise UserError: it cannot be known what was billed
        """
        schedule, line = self.schedule_id, change.line
        self._check_not_counted(line, day)
        terms = line._recurrence_get_terms() if line else LineTerms()
        asked = self._get_paid_date()
        method = schedule.proration
        if line:
            lines = schedule.template_move_id.sudo().invoice_line_ids
            if line.sudo()._recurrence_shares(bill_line(rule, asked, terms, method), lines):
                # it was billed by days, see _bill_lines
                method = "days"
        later = bill_line(rule, asked, terms, method, (day, until or date.max))
        if isinstance(later, str):
            return None
        currency = schedule.template_move_id.currency_id
        rounding = Decimal(str(round(currency.rounding, 9)))
        source, credit = line, Decimal(0)
        if line:
            source, credit = self._get_net_billed(rule, line, (later.start, later.end), rounding)
            if not source:
                return None
        former = {"quantity": line.quantity if line else 1, "price_unit": line.price_unit}
        values = {**former, **change.values}
        discount = values.get("discount", line.discount)
        whole = currency.round(values["quantity"] * values["price_unit"] * (1 - discount / 100))
        billed = part_amount(Decimal(str(whole)), later, rounding)
        if credit == billed:
            return None
        return Correction(
            self, change, source, later.start, later.end, float(credit), float(billed)
        )

    def _check_not_counted(self, line, day):
        """Refuse to change a line from a day on for which its quantity was counted and billed."""
        if not line or not (line.recurrence_quantity_id or line.recurrence_formula):
            return
        family = line.sudo()._recurrence_get_family()
        billed = self.move_id.invoice_line_ids.filtered(
            lambda ml: (
                ml.recurrence_line_id in family
                and ml.recurrence_billed_end
                and ml.recurrence_billed_end >= day
            )
        )
        if billed:
            raise UserError(
                self.env._(
                    "%(line)s was counted and billed until %(date)s: it can change from the day "
                    "after. Correct %(invoice)s yourself.",
                    line=line._recurrence_get_name(),
                    date=format_date(self.env, billed[0].recurrence_billed_end),
                    invoice=self.move_id.name,
                )
            )

    def _get_linked_lines(self):
        """Return the lines of this date's invoice and its corrections that say what they bill."""
        moves = self.move_id + self.correction_move_ids.filtered(lambda m: m.state != "cancel")
        return moves.invoice_line_ids.filtered(
            lambda ml: (
                ml.recurrence_line_id
                and (ml.move_id != self.move_id or ml._recurrence_get_date() == self)
            )
        )

    def _get_net_billed(self, rule, line, window, rounding):
        """Return what stands billed of a line for some days: by the invoice and its corrections.

        :param window: first and last day
        :return: the invoice line that says taxes and account, empty where the line was left out;
            Decimal in terms of its price
        :raise UserError: it cannot be known, or a correction still is a draft
        """
        linked = self._get_linked_lines()
        if not self.move_id.invoice_line_ids & linked:
            raise UserError(
                self.env._(
                    "%(invoice)s does not say which of its lines bill what. Choose a day after "
                    "%(date)s, and correct this invoice yourself.",
                    invoice=self.move_id.name,
                    date=format_date(self.env, self.period_end),
                )
            )
        family = line.sudo()._recurrence_get_family()
        found = linked.filtered(lambda ml: ml.recurrence_line_id in family)
        if "draft" in found.move_id.mapped("state"):
            raise UserError(
                self.env._(
                    "The correction of an earlier change still is a draft. Post or delete it first."
                )
            )
        net, source = Decimal(0), found.browse()
        of_invoice = self.schedule_id._get_document().flow
        for ml in found.filtered("recurrence_billed_start"):
            span = ml.recurrence_billed_start, ml.recurrence_billed_end
            portion = find_portion(rule, span, window, self.schedule_id.proration)
            if portion:
                sign = of_invoice * ml.move_id._recurrence_get_document().flow
                amount = sign * ml.quantity * ml.price_unit * (1 - ml.discount / 100)
                whole = Decimal(str(ml.currency_id.round(amount)))
                net += part_amount(whole, portion, rounding)
                source = ml if whole > 0 else source
        return source, net

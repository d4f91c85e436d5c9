from collections import defaultdict
from fractions import Fraction
from typing import Any, NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from ...tools.recurrence.billed_line import Billed
from ..common.access_groups import INVOICE_READERS
from .recurrence_quantity_counting_mixin import Figure


class Counted(NamedTuple):
    """What was counted for a line on a date.

    :ivar quantity: what is billed, a Fraction; None where it is not known
    :ivar days: first and last day counted; None: as on the day of the invoice
    :ivar figures: dict recurrence.quantity → Figure
    :ivar problem: why it is not known, or cannot be final yet, as a sentence
    """

    quantity: Fraction | None
    days: Any
    figures: dict
    problem: str = ""


class RecurrenceOccurrenceCountingMixin(models.AbstractModel):
    """Counts, for the invoice of a date, the quantities that are not fixed numbers."""

    _name = "recurrence.occurrence.counting.mixin"
    _description = "Counted Quantities of a Recurrence Date"

    count_ids = fields.One2many(
        "recurrence.quantity.count",
        "occurrence_id",
        string="Counted Quantities",
        readonly=True,
        groups=INVOICE_READERS,
    )

    def _count_quantities(self):
        """Count what these dates bill.

        :return: dict occurrence → dict line (account.move.line) → Counted
        """
        by_line = self.schedule_id._get_line_quantities()
        if not by_line:
            return {}
        templates = self.env["account.move"].sudo().union(*(line.move_id for line in by_line))
        dates = self.filtered(lambda o: o.schedule_id.sudo().template_move_id in templates)
        lines = {
            o: {
                line: billed
                for line, billed in found.items()
                if line in by_line and isinstance(billed, Billed)
            }
            for o, found in dates._get_billed().items()
        }
        figures = dates._count_figures(lines, by_line)
        return {
            o: {
                line: o._get_counted(line, billed, by_line[line], figures)
                for line, billed in found.items()
            }
            for o, found in lines.items()
        }

    def _count_figures(self, lines, by_line):
        """Count each billable quantity once for all dates that ask for the same days.

        :param lines: dict occurrence → dict line → Billed
        :param by_line: dict line → recurrence.quantity
        :return: dict (occurrence, recurrence.quantity, days) → Figure
        """
        wanted = defaultdict(list)
        for occurrence, found in lines.items():
            for line, billed in found.items():
                for quantity in by_line[line]:
                    days = quantity._is_over_days() and (billed.start, billed.end)
                    wanted[quantity, days or None].append(occurrence)
        figures, taken = {}, {}
        # the earliest days first: what came late is billed with them
        for quantity, days in sorted(wanted, key=lambda key: (key[0].id, key[1] or ())):
            dates = self.browse().union(*wanted[quantity, days])
            try:
                counted = quantity._count_dates(dates, days, taken)
            except UserError as error:
                # the filter cannot be used: of these dates alone
                counted = dict.fromkeys(dates, Figure(None, problem=str(error)))
            figures.update({(o, quantity, days): figure for o, figure in counted.items()})
        return figures

    def _get_counted(self, line, billed, quantities, figures):
        """Return what was counted for one line of this date, as ``Counted``."""
        own = {
            quantity: figures[
                self,
                quantity,
                (billed.start, billed.end) if quantity._is_over_days() else None,
            ]
            for quantity in quantities
        }
        days = (billed.start, billed.end) if quantities._is_over_days() else None
        problems = [figure.problem for figure in own.values() if figure.problem]
        if problems:
            return Counted(None, days, own, " ".join(problems))
        names = {
            "quantity": Fraction(str(line.quantity)),
            "period_days": Fraction((self.period_end - self.period_start).days + 1),
            "counted_days": Fraction((billed.end - billed.start).days + 1),
        }
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        numbers = {quantity: figure.number for quantity, figure in own.items()}
        quantity, problem = line._recurrence_compute_quantity(numbers, names, digits)
        if problem:
            name = line._recurrence_get_name()
            problem = self.env._("%(line)s: %(problem)s", line=name, problem=problem)
        elif days and days[1] >= self._get_day():
            problem = self.env._(
                "%(line)s: counted so far; the days counted end on %(date)s.",
                line=line._recurrence_get_name(),
                date=format_date(self.env, days[1]),
            )
        return Counted(quantity, days, own, problem or "")

    # === INVOICE === #

    @api.model
    def _leave_out_zero(self, billed, counts):
        """Return decisions on lines with what counting adds to them: of nothing, nothing is billed.

        :param billed: see ``_get_billed``
        :param counts: see ``_count_quantities``
        """
        return {
            occurrence: {
                line: "zero" if _is_zero(counts.get(occurrence, {}).get(line)) else decision
                for line, decision in found.items()
            }
            for occurrence, found in billed.items()
        }

    @api.model
    def _apply_counts(self, lines, counted):
        """Put what was counted on the lines of an invoice.

        :param lines: list of (id of the line of the template, values)
        :param counted: dict line → Counted
        """
        by_id = {line.id: found for line, found in counted.items()}
        for line_id, line_vals in lines:
            found = by_id.get(line_id)
            if found and found.quantity is not None:
                line_vals["quantity"] = float(found.quantity)
                # Odoo computes what is not given
                line_vals.pop("balance", None)
                line_vals.pop("amount_currency", None)

    @api.model
    def _check_counted(self, counts, changes):
        """Refuse to issue what is not counted, unless a person entered the lines.

        :raise UserError: with what is missing
        """
        for occurrence, found in counts.items():
            if changes.get(occurrence, {}).get("lines") is None:
                problems = [counted.problem for counted in found.values() if counted.problem]
                if problems:
                    raise UserError("\n".join(dict.fromkeys(problems)))

    def _filter_entered(self):
        """Return the dates that bill a line whose quantity a person enters."""
        asking = self.schedule_id._filter_entered()
        dates = self.filtered(lambda o: o.schedule_id in asking)
        entered = [
            occurrence
            for occurrence, found in dates._get_billed().items()
            if any(
                line.recurrence_quantity_id.source == "entered" and isinstance(billed, Billed)
                for line, billed in found.items()
            )
        ]
        return self.browse([occurrence.id for occurrence in entered])

    def _needs_entry(self):
        """Whether a person has to enter or decide on a quantity of this date."""
        self.ensure_one()
        counts = self._count_quantities().get(self, {})
        return any(counted.problem for counted in counts.values())

    # === KEEPING === #

    def _keep_counts(self, counts):
        """Keep what was counted for the invoices of these dates, and which usage they bill."""
        counts = {o: found for o, found in counts.items() if o in self and found}
        # also of a date that counts nothing any more
        self._drop_counts()
        if not counts:
            return
        model = self.env["recurrence.quantity.count"].sudo()
        model.create(
            [
                vals
                for occurrence, found in counts.items()
                for line, counted in found.items()
                for vals in occurrence._prepare_counts(line, counted)
            ]
        )
        for occurrence, found in counts.items():
            occurrence._keep_usage(found)

    def _keep_usage(self, counts):
        """Note on the usage that was counted that this date bills it.

        :param counts: dict line → Counted
        """
        usage = self.env["recurrence.usage"].sudo()
        figures = [
            figure
            for line, counted in counts.items()
            if self._is_settled(line, counted)
            for figure in counted.figures.values()
        ]
        usage = usage.union(*(figure.records for figure in figures if _is_usage(figure)))
        usage.write({"occurrence_id": self.id})

    def _is_settled(self, line, counted):
        """Whether nothing is left to bill of what was counted for a line.

        It is not where the number was not known, or a person took the line out of the invoice.
        """
        if counted.quantity is None:
            return False
        return counted.quantity == 0 or bool(self._get_billing_lines(line))

    def _get_billing_lines(self, line):
        """Return the lines of this date's invoice that bill a line of the template."""
        move = self.sudo().move_id if self._has_invoice() else self.env["account.move"]
        return move.invoice_line_ids.filtered(lambda ml: ml.recurrence_line_id == line)

    def _drop_counts(self):
        """Forget what was counted for dates that are counted anew, or that a person leaves out."""
        counts = self.env["recurrence.quantity.count"].sudo()
        counts = counts.search([("occurrence_id", "in", self.ids)])
        if counts:
            usage = self.env["recurrence.usage"].sudo()
            usage.search([("occurrence_id", "in", self.ids)]).write({"occurrence_id": False})
            counts.unlink()

    def _check_usage_of(self, move):
        """Refuse that an invoice of this date counts again whose usage another one bills now.

        :param move: account.move, that was cancelled or credited
        :raise UserError: or its usage has changed since
        """
        by_line = self.schedule_id._get_line_quantities()
        lines = move.invoice_line_ids.recurrence_line_id.filtered(
            lambda line: (
                line.move_id.recurrence_schedule_id == self.schedule_id
                and "usage" in by_line.get(line, line.recurrence_quantity_id).mapped("source")
            )
        )
        counts = self.sudo().count_ids.filtered(
            lambda c: c.record_model == "recurrence.usage" and c.is_settled
        )
        is_theirs = lines <= counts.line_id and (counts.move_id or move) == move
        if not is_theirs or not all(count._is_as_counted() for count in counts):
            raise UserError(
                self.env._(
                    "The usage on %(invoice)s has changed since, or another invoice bills it. "
                    "Issue %(date)s again instead.",
                    invoice=move.display_name,
                    date=format_date(self.env, self.date),
                )
            )

    def _prepare_counts(self, line, counted):
        """Return the values of what was counted for one line, one for each billable quantity."""
        common = {
            "occurrence_id": self.id,
            "move_id": self._has_invoice() and self.sudo().move_id.id,
            "line_id": line.id,
            "name": line._recurrence_get_name(),
            "formula": line.recurrence_formula,
            "is_settled": self._is_settled(line, counted),
            "date_start": counted.days and counted.days[0],
            "date_end": counted.days and counted.days[1],
        }
        if not counted.figures:
            return [common]
        return [
            {
                **common,
                "quantity_id": quantity.id,
                "counted": float(figure.number or 0),
                "record_model": figure.records is not None and figure.records._name,
                "record_ids": list(figure.records.ids) if figure.records is not None else False,
                "record_count": len(figure.records) if figure.records is not None else 0,
            }
            for quantity, figure in counted.figures.items()
        ]

    def _describe_counts(self, counted):
        """Return what was counted for a date as texts, one for each billable quantity and its days.

        :param counted: dict line → Counted
        """
        texts = {}
        for found in counted.values():
            for quantity, figure in found.figures.items():
                if figure.number is None:
                    continue
                shown = quantity.with_env(self.env).sudo()
                number = formatLang(self.env, float(figure.number), dp="Product Unit")
                number = " ".join(filter(None, (number, shown.unit)))
                text = self.env._("%(name)s: %(number)s", name=shown.name, number=number)
                days = quantity._is_over_days() and found.days
                if days:
                    start, end = (format_date(self.env, day) for day in days)
                    text = self.env._(
                        "%(text)s (%(start)s – %(end)s)", text=text, start=start, end=end
                    )
                texts[quantity, days] = text
        return list(texts.values())


def _is_zero(counted):
    return bool(counted) and counted.quantity == 0 and not counted.problem


def _is_usage(figure):
    return figure.records is not None and figure.records._name == "recurrence.usage"

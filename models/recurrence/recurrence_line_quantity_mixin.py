from fractions import Fraction

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...tools.recurrence.formula import (
    BUILT_IN,
    FormulaError,
    compute,
    read_names,
    round_half_up,
)
from ..common.access_groups import INVOICE_READERS


class RecurrenceLineQuantityMixin(models.AbstractModel):
    """Where the quantity of a recurring invoice line comes from, if it is not a fixed number."""

    _name = "recurrence.line.quantity.mixin"
    _inherit = "recurrence.dunning.system.field.mixin"
    _description = "Counted Quantities of Recurring Invoice Lines"

    recurrence_quantity_id = fields.Many2one(
        "recurrence.quantity",
        string="Quantity From",
        help=(
            "The quantity is counted, imported or entered when the line is billed; the number in "
            "“Quantity” is only what is expected. Empty: a fixed number."
        ),
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups=INVOICE_READERS,
        prefetch="recurrence_dunning",
    )
    recurrence_formula = fields.Char(
        string="Quantity Formula",
        help=(
            "How much of what was counted is billed, such as: max(counted - 100, 0). Names: "
            "counted, quantity (the number in “Quantity”), period_days, counted_days, and the "
            "names in formulas of billable quantities. Functions: min, max, round, ceil, floor, "
            "abs."
        ),
        copy=False,
        groups=INVOICE_READERS,
        prefetch="recurrence_dunning",
    )

    # === CHECKS === #

    @api.constrains(
        "recurrence_quantity_id", "recurrence_formula", "recurrence_billing", "recurrence_every"
    )
    def _check_recurrence_quantity(self):
        counted = self.filtered(lambda line: line.recurrence_quantity_id or line.recurrence_formula)
        if not counted:
            return
        by_code = self.env["recurrence.quantity"]._get_by_code(counted.company_id)
        for line in counted:
            problem = line._recurrence_find_quantity_problem(by_code)
            if problem:
                raise ValidationError(
                    self.env._(
                        "%(line)s: %(problem)s", line=line._recurrence_get_name(), problem=problem
                    )
                )

    def _recurrence_find_quantity_problem(self, by_code):
        """Return why a line cannot be counted as it says, as a sentence, or None.

        :param by_code: see ``recurrence.quantity._get_by_code``
        """
        if self.recurrence_quantity_id.company_id - self.company_id:
            return self.env._("its billable quantity is of another company.")
        quantities = self._recurrence_find_quantities(by_code)
        if self.recurrence_formula:
            problem = self._recurrence_find_formula_problem(by_code)
            if problem:
                return problem
            if "entered" in quantities.mapped("source"):
                return self.env._("a quantity that is entered goes without a formula.")
        if quantities._is_over_days() and self.recurrence_billing == "once":
            return self.env._("what is billed once cannot be counted over days.")
        if "usage" in quantities.mapped("source") and self.recurrence_every > 1:
            return self.env._("imported usage is billed on each date.")
        return None

    def _recurrence_find_formula_problem(self, by_code):
        codes = sorted(code for company, code in by_code if company == self.company_id)
        known = [*BUILT_IN, *codes]
        if not self.recurrence_quantity_id:
            known.remove("counted")
        try:
            unknown = sorted(read_names(self.recurrence_formula) - set(known))
            if not unknown:
                compute(self.recurrence_formula, dict.fromkeys(known, Fraction(1)))
        except FormulaError as error:
            # with other figures it may be all right
            return None if error.reason == "zero" else self._recurrence_explain(error)
        if unknown:
            return self.env._(
                "the formula has the name %(name)s, but knows only %(known)s.",
                name=unknown[0],
                known=", ".join(known),
            )
        return None

    @api.model
    def _recurrence_explain(self, error):
        """Return what is wrong with a formula, as a sentence.

        :param error: FormulaError
        """
        return {
            "text": self.env._("the formula cannot be read."),
            "zero": self.env._("the formula divides by zero."),
            "name": self.env._("the formula has the name %(name)s, unknown here.", name=error.what),
        }.get(error.reason) or self.env._("the formula does not come to a number.")

    # === COUNTING === #

    @api.model
    def _recurrence_get_counted_domain(self):
        """Return which lines have a quantity that is counted."""
        return Domain("recurrence_quantity_id", "!=", False) | Domain(
            "recurrence_formula", "!=", False
        )

    def _recurrence_get_names(self):
        """Return the names that the formula of one line asks for; none where it has no formula."""
        try:
            return read_names(self.recurrence_formula or "")
        except FormulaError:
            return set()

    def _recurrence_find_quantities(self, by_code):
        """Return the billable quantities that one line counts with, as superuser.

        :param by_code: see ``recurrence.quantity._get_by_code``
        """
        found = self.recurrence_quantity_id.sudo()
        for name in sorted(self._recurrence_get_names()):
            found |= by_code.get((self.company_id, name), found.browse())
        return found

    def _recurrence_compute_quantity(self, numbers, names, digits):
        """Return the quantity of one line that is billed, from what was counted.

        :param numbers: dict recurrence.quantity → Fraction
        :param names: dict of the other names of formulas → Fraction
        :return: Fraction, and why there is none as a sentence or None
        """
        if self.recurrence_quantity_id:
            names = {**names, "counted": numbers[self.recurrence_quantity_id.sudo()]}
        figures = {**{quantity.code: number for quantity, number in numbers.items()}, **names}
        try:
            found = compute(self.recurrence_formula or "counted", figures)
        except FormulaError as error:
            return None, self._recurrence_explain(error)
        if found < 0:
            return None, self.env._(
                "the quantity comes to %(number)s. To bill nothing instead, write max(…, 0).",
                number=float(found),
            )
        return round_half_up(found, digits), None

from odoo import models

from ...tools.common.sealed import unseal
from ..common.engine_mark import is_engine


class RecurrenceLineCopyMixin(models.AbstractModel):
    """Says what the copies of recurring invoice lines keep of them."""

    _name = "recurrence.line.copy.mixin"
    _description = "Copies of Recurring Invoice Lines"

    def _recurrence_extend_copies(self, vals_list):
        """Add to the values of copied lines what Odoo leaves out and is wanted here."""
        extend = [
            method
            for is_wanted, method in (
                (unseal(self.env.context, "recurrence_keep_balance"), self._recurrence_get_issued),
                (unseal(self.env.context, "recurrence_keep_terms"), self._recurrence_get_terms_of),
                (self._recurrence_is_replacing(), self._recurrence_get_billed_of),
            )
            if is_wanted
        ]
        for method in extend:
            for line, vals in zip(self, vals_list, strict=True):
                if vals is not None:
                    vals.update(method(line))
        return vals_list

    def _recurrence_is_replacing(self):
        """Whether *Reverse and Create Invoice* copies; the credit note has its own mark."""
        context = self.env.context
        kept = context.get("include_business_fields") and "move_reverse_cancel" not in context
        return bool(kept) and is_engine(self.env)

    def _recurrence_get_issued(self, line):
        """Return of which line an invoice line is, and the amount it will have.

        Odoo leaves amounts to be computed. Known from the start, its tax engine finds them right
        and need not write each line again; where they are wrong it mends them.
        """
        if line.display_type != "product":
            return {}
        return {"recurrence_line_id": line.id, "balance": line.balance}

    def _recurrence_get_terms_of(self, line):
        return line._recurrence_get_terms_vals()

    def _recurrence_get_billed_of(self, line):
        """Return what an invoice line bills, for the one that takes its place."""
        return {
            "recurrence_line_id": line.recurrence_line_id.id,
            "recurrence_occurrence_id": line.recurrence_occurrence_id.id,
            "recurrence_billed_start": line.recurrence_billed_start,
            "recurrence_billed_end": line.recurrence_billed_end,
        }

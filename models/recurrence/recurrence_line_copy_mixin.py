from odoo import models

from ...tools.common.sealed import unseal


class RecurrenceLineCopyMixin(models.AbstractModel):
    """Gives the lines of invoices to come the amounts they will have."""

    _name = "recurrence.line.copy.mixin"
    _description = "Copies of Recurring Invoice Lines"

    def _recurrence_keep_balances(self, vals_list):
        """Give copied lines their amounts, and say what they are copies of.

        Odoo leaves them to be computed. Known from the start, its tax engine finds
        them right and need not write each line again; where they are wrong it mends them.
        """
        if unseal(self.env.context, "recurrence_keep_balance"):
            for line, vals in zip(self, vals_list, strict=True):
                if vals is None:
                    continue
                if line.display_type == "product":
                    vals["recurrence_line_id"] = line.id
                    vals["balance"] = line.balance
        if unseal(self.env.context, "recurrence_keep_terms"):
            for line, vals in zip(self, vals_list, strict=True):
                if vals is not None:
                    vals.update(line._recurrence_get_terms_vals())
        return vals_list

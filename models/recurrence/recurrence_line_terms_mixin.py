from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.recurrence.billed_line import LineTerms
from ...tools.recurrence.placeholder import strip_placeholders
from ..common.access_groups import INVOICE_READERS

# What a line says of itself, and a copy of the template says too.
TERMS = (
    "recurrence_start",
    "recurrence_until",
    "recurrence_every",
    "recurrence_billing",
    "recurrence_formula",
)
# A line that is billed every n-th date; more is a slip.
MOST_DATES = 999


class RecurrenceLineTermsMixin(models.AbstractModel):
    """What a line of a recurring invoice says of itself: from when, until when, how often."""

    _name = "recurrence.line.terms.mixin"
    _inherit = "recurrence.line.quantity.mixin"
    _description = "Own Dates of Recurring Invoice Lines"

    recurrence_start = fields.Date(
        string="Billed From",
        help="The first day that is billed; empty: from the start of the recurrence.",
        copy=False,
        groups=INVOICE_READERS,
        prefetch="recurrence_dunning",
    )
    recurrence_until = fields.Date(
        string="Billed Until",
        help="The last day that is billed; empty: as long as the recurrence goes on.",
        copy=False,
        groups=INVOICE_READERS,
        prefetch="recurrence_dunning",
    )
    recurrence_every = fields.Integer(
        string="Every n Dates",
        help=(
            "With 3, the line is on every third invoice, and its price is for three periods. "
            "Empty or 1: on each invoice."
        ),
        copy=False,
        groups=INVOICE_READERS,
        prefetch="recurrence_dunning",
    )
    recurrence_billing = fields.Selection(
        [("once", "Once"), ("held", "On hold")],
        string="Billing",
        help=(
            "Once: on the next invoice only, such as a setup fee. On hold: on no invoice until it "
            "is released. Empty: on each invoice."
        ),
        copy=False,
        groups=INVOICE_READERS,
        prefetch="recurrence_dunning",
    )
    recurrence_line_id = fields.Many2one(
        "account.move.line",
        string="Line of the Recurring Invoice",
        readonly=True,
        copy=False,
        system=True,
        index="btree_not_null",
        ondelete="set null",
        groups=INVOICE_READERS,
        prefetch="recurrence_dunning",
    )

    recurrence_occurrence_id = fields.Many2one(
        "recurrence.occurrence",
        string="Date Billed",
        readonly=True,
        copy=False,
        system=True,
        index="btree_not_null",
        ondelete="set null",
        groups=INVOICE_READERS,
        prefetch="recurrence_dunning",
    )
    recurrence_billed_start = fields.Date(
        string="First Day Billed",
        readonly=True,
        copy=False,
        system=True,
        groups=INVOICE_READERS,
        prefetch="recurrence_dunning",
    )
    recurrence_billed_end = fields.Date(
        string="Last Day Billed",
        readonly=True,
        copy=False,
        system=True,
        groups=INVOICE_READERS,
        prefetch="recurrence_dunning",
    )

    @api.constrains("recurrence_start", "recurrence_until", "recurrence_every")
    def _check_recurrence_terms(self):
        for line in self:
            start, until = line.recurrence_start, line.recurrence_until
            if start and until and until < start:
                raise ValidationError(
                    self.env._("%(line)s: “Billed Until” is before “Billed From”.", line=line.name)
                )
            if not 0 <= line.recurrence_every <= MOST_DATES:
                raise ValidationError(
                    self.env._(
                        "%(line)s: “Every n Dates” must be from 1 to %(most)s.",
                        line=line.name,
                        most=MOST_DATES,
                    )
                )

    @api.model
    def _recurrence_get_terms_domain(self):
        """Return which lines are not simply on each invoice."""
        return Domain.OR(
            [
                Domain("recurrence_start", "!=", False),
                Domain("recurrence_until", "!=", False),
                Domain("recurrence_every", ">", 1),
                Domain("recurrence_billing", "!=", False),
                self._recurrence_get_counted_domain(),
            ]
        )

    def _recurrence_get_terms_vals(self):
        """Return the values of one line that a copy of the template has too."""
        vals = {name: self[name] for name in TERMS if self[name]}
        if self.recurrence_quantity_id:
            vals["recurrence_quantity_id"] = self.recurrence_quantity_id.id
        return vals

    def _recurrence_get_date(self):
        """Return the date that one line of an invoice bills, as superuser; none: it bills none.

        An invoice of a former version bills one date, and its lines do not say which.
        """
        date = self.sudo().recurrence_occurrence_id
        if not date and self.sudo().recurrence_line_id:
            dates = self.move_id._recurrence_get_dates()
            date = dates if len(dates) == 1 else date
        return date

    def _recurrence_is_counted(self):
        """Whether a line of a template is not on each date: it matters which one has billed it."""
        return self.recurrence_billing == "once" or self.recurrence_every > 1

    def _recurrence_bills_the_same(self, other):
        """Whether the invoice of another date bills what this line bills."""
        if self.recurrence_line_id != other.recurrence_line_id:
            return False
        if self._recurrence_get_date() == other._recurrence_get_date():
            return False
        if self.recurrence_line_id.recurrence_billing == "once":
            return True
        if not (self.recurrence_billed_start and other.recurrence_billed_start):
            return False
        return (
            self.recurrence_billed_start <= other.recurrence_billed_end
            and other.recurrence_billed_start <= self.recurrence_billed_end
        )

    def _recurrence_shares(self, billed, lines):
        """Whether a line of a template bills a period together with the one in its place.

        :param billed: what is decided on it, see ``tools.recurrence.billed_line.bill_line``
        :param lines: all lines of the template
        """
        if isinstance(billed, str):
            return False
        start, until = self.recurrence_start, self.recurrence_until
        if start and start > billed.start and self.recurrence_line_id in lines:
            return True
        return bool(until and until < billed.end and self in lines.recurrence_line_id)

    def _recurrence_get_root(self, lines):
        """Return the first of the lines of a template that followed each other up to this one.

        :param lines: all lines of the template
        """
        root = self
        while root.recurrence_line_id in lines:
            root = root.recurrence_line_id
        return root

    def _recurrence_get_family(self):
        """Return a line of a template and those that it took the place of, latest first."""
        family = self
        while (former := family[-1:].recurrence_line_id) and former not in family:
            family += former
        return family

    def _recurrence_was_billed(self):
        """Whether an invoice bills a line of a template, or one that it took the place of."""
        family = self._recurrence_get_family()
        billed = [("recurrence_line_id", "in", family.ids), ("parent_state", "!=", "cancel")]
        return bool(self.sudo().search_count(billed, limit=1))

    def _recurrence_get_terms(self):
        """Return what one line says of itself, as ``LineTerms``."""
        return LineTerms(
            self.recurrence_start or None,
            self.recurrence_until or None,
            self.recurrence_every or 1,
            self.recurrence_billing or "",
        )

    def _recurrence_get_name(self):
        """Return one line as people know it: its product, or the first line of its text."""
        text = strip_placeholders((self.name or "").split("\n")[0])
        return self.product_id.display_name or text or self.env._("Line without text")

    def _recurrence_describe_terms(self):
        """Return what one line says of itself as a text; empty: it is on each invoice."""
        parts = []
        if self.recurrence_billing == "held":
            parts.append(self.env._("on hold"))
        if self.recurrence_billing == "once":
            parts.append(self.env._("once"))
        if self.recurrence_every > 1:
            parts.append(self.env._("every %(count)s dates", count=self.recurrence_every))
        if self.recurrence_start:
            day = format_date(self.env, self.recurrence_start)
            parts.append(self.env._("from %(date)s on", date=day))
        if self.recurrence_until:
            day = format_date(self.env, self.recurrence_until)
            parts.append(self.env._("until %(date)s", date=day))
        source = self.recurrence_quantity_id.name
        formula = self.recurrence_formula
        if source or formula:
            what = ", ".join(filter(None, (source, formula)))
            parts.append(self.env._("quantity: %(what)s", what=what))
        return ", ".join(parts)

    def _recurrence_get_weight(self, today):
        """Return which part of one line's price recurs with each date as things are on a day."""
        begun = not self.recurrence_start or self.recurrence_start <= today
        over = self.recurrence_until and self.recurrence_until < today
        if self.recurrence_billing or not begun or over:
            return 0
        return 1 / (self.recurrence_every or 1)

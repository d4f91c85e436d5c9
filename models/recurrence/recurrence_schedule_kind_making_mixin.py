from dataclasses import replace

from odoo import api, models
from odoo.exceptions import UserError

from ...tools.recurrence.start import follow_start, nth_of_month
from .recurrence_schedule_fiscal_mixin import FiscalChange
from .recurrence_schedule_kind_base_mixin import (
    COMMON_COLUMNS,
    COMMON_OF_LINES,
    take_values,
    write_values,
)
from .recurrence_schedule_kind_mixin import PLACE_FIELDS

# Two rules that have so many dates in common are the same.
COMPARED = 24


class RecurrenceScheduleKindMakingMixin(models.AbstractModel):
    """Makes recurring invoices of customers from a kind, and a kind from one of theirs."""

    _name = "recurrence.schedule.kind.making.mixin"
    _inherit = "recurrence.schedule.kind.change.mixin"
    _description = "Recurring Invoices From Kinds"

    # === FROM A KIND === #

    def _get_copied_start(self):
        if self.is_kind:
            return self.company_id._get_job_today()
        return super()._get_copied_start()

    def _get_copy_values(self, partner, date_start):
        """Return what the recurring invoice of a customer has otherwise than its kind."""
        values = super()._get_copy_values(partner, date_start)
        if not self.is_kind:
            return values
        return {**values, "is_kind": False, **self._get_places(date_start)}

    def _get_places(self, date_start):
        """Return on which days what starts on a day repeats, where it is not as in its kind."""
        if not (date_start and self._follows_start()):
            return {}
        places = dict.fromkeys(PLACE_FIELDS, False)
        return {**places, **follow_start(date_start, False, places)}

    def _get_composed_values(self, date_start):
        """Return what a recurrence of this kind says that starts on a day."""
        common = {name: self[name] for name in COMMON_COLUMNS}
        if self.duration_number:
            # so long from its own start
            del common["until"]
        return {**common, **self._get_places(date_start)}

    def _get_composed_lines(self, position):
        """Return the values of the lines of a recurring invoice of this kind.

        :param position: account.fiscal.position of the customer
        """
        lines = self.template_move_id.invoice_line_ids
        said = {str(line.id): take_values(line, COMMON_OF_LINES) for line in lines}
        said = self._localize_lines(said, position)
        return [
            {**write_values(line, said[str(line.id)]), "sequence": line.sequence} for line in lines
        ]

    def _copy_for(self, partner, date_start):
        copied = super()._copy_for(partner, date_start)
        if self.is_kind:
            copied.name = copied.template_move_id._recurrence_get_schedule_name(self)
            copied._join_kind(self)
        return copied

    def _adapt_copy(self, copied):
        """Give what is made from a kind the taxes of the kind, as they are for the customer."""
        if not self.is_kind:
            return super()._adapt_copy(copied)
        template = copied.template_move_id.with_company(copied.company_id)
        position = self._get_positions(template.sudo())[template.sudo()]
        lines = {
            line: (position.map_tax(line.tax_ids), position.map_account(line.account_id))
            for line in template.invoice_line_ids
            if line.display_type == "product"
        }
        copied._write_fiscal(FiscalChange(position, lines, ()), template)
        copied._accept_fiscal()
        return None

    def copy(self, default=None):
        """A copy of what was made from a kind belongs to it too."""
        copies = super().copy(default)
        for schedule, copied in zip(self, copies, strict=True):
            if schedule.kind_id and copied.template_move_id and not copied.is_kind:
                copied._copy_kind(schedule)
        return copies

    # === A KIND === #

    def action_save_as_kind(self):
        """Make a kind of the lines, rule and modes of this recurring invoice, and open it."""
        self.check_access("write")
        self.ensure_one()
        self._check_not_kind()
        source = self.template_move_id
        if not source:
            raise UserError(self.env._("%(name)s has no template yet.", name=self.name))
        template = self._create_kind_template(source)
        kind = self.copy(
            {
                "is_kind": True,
                "kind_day": "start" if self._is_on_its_start() else "rule",
                "template_move_id": template.id,
                "partner_id": False,
                "date_start": self.date_start,
                "order_until": False,
                # of each customer's agreement
                "price_clause_id": False,
            }
        )
        kind.name = source._recurrence_get_what() or self.name
        if not self.kind_id:
            self._join_kind(kind)
        return kind._get_form_action()

    def _create_kind_template(self, source):
        """Copy a template without its customer, and without days that were agreed with them."""
        template = self.env["account.move"]._recurrence_create_template(
            source, self._get_terms_for(self.env["res.partner"])
        )
        lines = template.invoice_line_ids
        today = self.company_id._get_job_today()
        over = lines.filtered(lambda line: line.recurrence_until and line.recurrence_until < today)
        (over | lines.recurrence_line_id).unlink()
        dated = template.invoice_line_ids.filtered("recurrence_start")
        dated |= template.invoice_line_ids.filtered("recurrence_until")
        dated.write({"recurrence_start": False, "recurrence_until": False})
        if position := source.fiscal_position_id:
            lines = {
                line: self._get_home_values(line, position)
                for line in template.invoice_line_ids
                if line.display_type == "product"
            }
            change = FiscalChange(position.browse(), lines, ())
            self._write_fiscal(change, template)
        return template

    @api.model
    def _get_home_values(self, line, position):
        """Return the taxes and the account that a line has without a fiscal position.

        :param position: account.fiscal.position the line is of
        :raise UserError: these cannot be known, or the price would be another one
        """
        template = line.move_id
        product = line.product_id.with_company(template.company_id)
        taxes = template._recurrence_get_product_taxes(product)
        if position.map_tax(taxes) != line.tax_ids:
            taxes = line.tax_ids.browse()
            for tax in line.tax_ids:
                before = tax.original_tax_ids if position in tax.fiscal_position_ids else tax
                taxes |= before or tax
            if position.map_tax(taxes) != line.tax_ids:
                taxes = None
        is_gross = any(line.tax_ids.mapped("price_include"))
        if taxes is None or any(taxes.mapped("price_include")) != is_gross:
            raise UserError(
                self.env._(
                    "It cannot be known which taxes and price %(line)s has without the fiscal "
                    "position %(position)s: save the recurring invoice of a customer without one.",
                    line=line._recurrence_get_name(),
                    position=position.name,
                )
            )
        sources = [
            id_ for id_, to in (position.account_map or {}).items() if to == line.account_id.id
        ]
        account = line.account_id.browse(sources[0]) if len(sources) == 1 else line.account_id
        return taxes, account

    def _is_on_its_start(self):
        """Whether a recurrence repeats as its start says, on no other day."""
        rule, start = self._get_rule(), self.date_start
        plain = replace(
            rule,
            weekdays=frozenset(),
            day=None,
            more_days=(),
            byday=nth_of_month(start),
            weekday=start.weekday(),
            more_weekdays=(),
        )
        return rule.rule_dates(limit=COMPARED) == plain.rule_dates(limit=COMPARED)

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...tools.recurrence.kind import ALIKE, get_fingerprint, pair_lines
from ..common.access_groups import INVOICE_READERS
from .recurrence_schedule_kind_mixin import PLACE_FIELDS
from .recurrence_schedule_planning_mixin import ENGINE_CONTEXT
from .recurrence_template_rule_mixin import SCHEDULE_COLUMNS

# What each recurrence has of its own.
OWN_COLUMNS = {
    "name",
    "is_kind",
    "kind_id",
    "kind_day",
    "date_start",
    "agreement_start",
    "user_id",
    "order_until",
}
# What the recurring invoices of a kind have in common: of the recurrence,
COMMON_COLUMNS = tuple(name for name in SCHEDULE_COLUMNS if name not in OWN_COLUMNS)
# of the recurring invoice,
COMMON_TERMS = ("invoice_payment_term_id", "narration")
# of each line.
COMMON_OF_LINES = (
    "display_type",
    "product_id",
    "name",
    "quantity",
    "product_uom_id",
    "price_unit",
    "discount",
    "tax_ids",
    "account_id",
    "analytic_distribution",
    "recurrence_every",
    "recurrence_billing",
    "recurrence_quantity_id",
    "recurrence_formula",
)
# Prices that were converted from gross to net are compared so.
PRICE_DIGITS = 6


class RecurrenceScheduleKindBaseMixin(models.AbstractModel):
    """Keeps what a kind and the recurring invoices made from it have in common.

    Each keeps what the kind said when they were compared last: what is otherwise in it was agreed
    with the customer.
    """

    _name = "recurrence.schedule.kind.base.mixin"
    _inherit = "recurrence.schedule.kind.mixin"
    _description = "Recurring Invoices of a Kind"

    kind_base = fields.Json(
        groups=INVOICE_READERS,
        copy=False,
        readonly=True,
        system=True,
        help="What the kind said when this recurring invoice was compared with it last.",
    )
    kind_key = fields.Char(
        groups=INVOICE_READERS,
        copy=False,
        readonly=True,
        system=True,
        help="Which state of the kind that was.",
    )

    # === SNAPSHOTS === #

    def _get_kind_key(self):
        """Return a text that changes with each change of this kind."""
        return get_fingerprint(self._take_kind_snapshot())

    def _take_kind_snapshot(self):
        """Return what this kind says, see ``tools.recurrence.kind``."""
        values = self._take_values_snapshot()
        if self._follows_start():
            for name in PLACE_FIELDS:
                del values[name]
        if self.end_type != "end_date" or self.duration_number:
            del values["until"]
        lines = {}
        for line in self.template_move_id.invoice_line_ids:
            said = take_values(line, COMMON_OF_LINES)
            if line.recurrence_quantity_id or line.recurrence_formula:
                # it is not billed
                del said["quantity"]
            elif line.display_type == "product" and not line.quantity:
                continue
            if line.product_id and self.price_source != "template":
                del said["price_unit"]
            lines[str(line.id)] = said
        return {"values": values, "lines": lines}

    def _take_values_snapshot(self):
        terms = take_values(self.template_move_id, COMMON_TERMS)
        return {**take_values(self, COMMON_COLUMNS), **terms}

    def _take_own_snapshot(self, lines):
        """Return what this recurring invoice says.

        :param lines: dict key of a line of the kind → the line that stands for it
        """
        said = {key: take_values(line, COMMON_OF_LINES) for key, line in lines.items()}
        return {"values": self._take_values_snapshot(), "lines": said}

    def _localize_snapshot(self, snapshot):
        """Return what a kind says as the customer of this recurring invoice would have it today."""
        position = self.template_move_id.fiscal_position_id
        lines = self._localize_lines(snapshot["lines"], position)
        if self.price_source != "template":
            # the price of a product is not that of the line
            for said in lines.values():
                if said["product_id"]:
                    said.pop("price_unit", None)
        return {**snapshot, "lines": lines}

    @api.model
    def _localize_lines(self, lines, position):
        """Return lines of a kind with the taxes and accounts of a fiscal position.

        :param lines: dict key → values as plain data
        """
        found = {}
        for key, said in lines.items():
            found[key] = said = dict(said)
            if said["display_type"] != "product":
                continue
            taxes = self.env["account.tax"].browse(said["tax_ids"])
            account = self.env["account.account"].browse(said["account_id"] or ())
            product = self.env["product.product"].browse(said["product_id"] or ())
            mapped = position.map_tax(taxes)
            said.update(
                tax_ids=sorted(mapped.ids), account_id=position.map_account(account).id or False
            )
            if "price_unit" in said and mapped != taxes:
                price = mapped._adapt_price_unit_to_another_taxes(
                    said["price_unit"], product, taxes, mapped
                )
                said["price_unit"] = round(price, PRICE_DIGITS)
        return found

    # === BELONGING === #

    def _join_kind(self, kind):
        """Say of a recurring invoice that it is one of a kind, as both are now.

        What differs now was agreed with the customer.

        :raise UserError: it is not a kind, or not one of the same company, currency and document
        """
        kind.check_access("read")
        if not kind.is_kind or kind.company_id != self.company_id:
            raise UserError(self.env._("%(name)s is not a kind.", name=kind.name))
        if self.is_kind or self.document_type != kind.document_type:
            raise UserError(
                self.env._(
                    "%(name)s cannot be of the kind %(kind)s: it makes other documents.",
                    name=self.name,
                    kind=kind.name,
                )
            )
        self._check_kind_currency(kind)
        lines = self._pair_lines(kind.template_move_id.invoice_line_ids, self._get_live_lines())
        self._keep_kind(kind, lines)

    def _check_kind_currency(self, kind):
        currency, of_kind = self.template_move_id.currency_id, kind.template_move_id.currency_id
        if currency != of_kind:
            raise UserError(
                self.env._(
                    "%(name)s is in %(currency)s, the kind in %(other)s.",
                    name=self.name,
                    currency=currency.name,
                    other=of_kind.name,
                )
            )

    @api.model
    def _pair_lines(self, lines, free):
        """Return which line of a recurring invoice is which line of a kind.

        :param lines: of the kind
        :param free: lines of the recurring invoice
        :return: dict key of a line of the kind → line
        """
        sides = [{line.id: take_values(line, ALIKE[0]) for line in side} for side in (lines, free)]
        pairs = pair_lines(*sides)
        return {str(key): free.browse(number) for key, number in pairs.items()}

    def _keep_kind(self, kind, lines):
        """Keep what a kind says now, and which line stands for which of its lines.

        :param lines: dict key of a line of the kind → the line that stands for it
        """
        said = kind._take_kind_snapshot()
        known = (self.sudo().kind_base or {}).get("lines", {}) if self.kind_id == kind else {}
        # a line that ended for a while comes back as that of the kind
        known = {key: line_id for key, line_id in known.items() if key in said["lines"]}
        base = {
            "kind": said,
            "values": self._take_values_snapshot(),
            "lines": {**known, **{key: line.id for key, line in lines.items()}},
        }
        self.sudo().with_context(**ENGINE_CONTEXT).write(
            {"kind_id": kind.id, "kind_base": base, "kind_key": get_fingerprint(said)}
        )

    def _copy_kind(self, source):
        """Say of a copy that it is of the kind its source is of, as far as that was compared."""
        base = source.sudo().kind_base
        copies = self._pair_lines(
            source.template_move_id.invoice_line_ids, self.template_move_id.invoice_line_ids
        )
        lines = {
            key: copies[str(line_id)].id
            for key, line_id in base["lines"].items()
            if str(line_id) in copies
        }
        self.sudo().with_context(**ENGINE_CONTEXT).write(
            {
                "kind_id": source.kind_id.id,
                "kind_base": {**base, "lines": lines},
                "kind_key": source.sudo().kind_key,
            }
        )

    def _get_outdated(self):
        """Return what was made from this kind and not compared with it since it has changed."""
        return self.search(
            [
                ("kind_id", "=", self.id),
                ("state", "!=", "finished"),
                ("kind_key", "!=", self._get_kind_key()),
            ]
        )

    def _decline_kind(self):
        """Leave a recurring invoice as it is, whatever has changed in its kind."""
        self.check_access("write")
        self._keep_kind(self.kind_id, self._get_kind_lines())

    def _get_live_lines(self):
        """Return the lines that are billed, or will be: of each that was changed the last one."""
        lines = self.template_move_id.invoice_line_ids
        first = self._get_first_days_open().get(self) or self.date_start
        over = lines.filtered(lambda line: line.recurrence_until and line.recurrence_until < first)
        return lines - over - lines.recurrence_line_id

    def _get_kind_lines(self):
        """Return dict key of a line of the kind → the line that stands for it now.

        A line that took the place of another stands for it. One whose former line was deleted,
        or that is like a line the kind has got since, is found again.
        """
        live = self._get_live_lines()
        known = self.sudo().kind_base["lines"]
        by_id = {former.id: line for line in live for former in line._recurrence_get_family()}
        found = {key: by_id[line_id] for key, line_id in known.items() if line_id in by_id}
        there = set(self.template_move_id.invoice_line_ids.ids)
        # what has ended, or was never had, is not looked for
        asked = {key for key in self.sudo().kind_base["kind"]["lines"] if key not in known}
        asked |= {key for key, line_id in known.items() if line_id in there}
        lines = self.kind_id.template_move_id.invoice_line_ids
        free = live.browse().concat(*(line for line in live if line not in found.values()))
        lines = lines.filtered(lambda line: str(line.id) not in asked)
        return {**found, **self._pair_lines(lines, free)}


def take_values(record, names):
    """Return values of a record as plain data that JSON keeps."""
    return {name: _to_plain(record._fields[name], record[name]) for name in names}


def _to_plain(field, value):
    if field.type == "many2one":
        return value.id
    if field.type == "many2many":
        return sorted(value.ids)
    if field.type in ("float", "monetary"):
        return round(value, PRICE_DIGITS)
    if field.type == "html":
        return str(value or "") or False
    if field.type == "date":
        return value and value.isoformat()
    return value


def write_values(record, values):
    """Return plain values as ``write`` takes them."""
    return {
        name: [Command.set(value)] if record._fields[name].type == "many2many" else value
        for name, value in values.items()
    }

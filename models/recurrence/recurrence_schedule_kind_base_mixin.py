from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...tools.recurrence.kind import get_fingerprint
from ..common.access_groups import INVOICE_READERS
from .recurrence_rule_mixin import RULE_FIELDS
from .recurrence_schedule_kind_mixin import PLACE_FIELDS
from .recurrence_schedule_planning_mixin import ENGINE_CONTEXT

# What the recurring invoices of a kind have in common: of the recurrence,
COMMON_COLUMNS = (
    *(name for name in RULE_FIELDS if name not in ("date_start", "until")),
    "duration_number",
    "duration_unit",
    "invoice_mode",
    "lead_days",
    "period_paid",
    "proration",
    "price_source",
    "due_mode",
    "catch_up",
    "consolidation",
    "attach_files",
    "send_files",
)
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

    Each keeps how the kind and itself stood when they were compared last: what differed then, or
    was changed since, was agreed with the customer.
    """

    _name = "recurrence.schedule.kind.base.mixin"
    _inherit = "recurrence.schedule.kind.mixin"
    _description = "Recurring Invoices of a Kind"

    kind_base = fields.Json(
        groups=INVOICE_READERS,
        copy=False,
        readonly=True,
        system=True,
        help="How the kind and this recurring invoice stood when they were compared last.",
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
        lines = {}
        for line in self.template_move_id.invoice_line_ids:
            lines[str(line.id)] = said = take_values(line, COMMON_OF_LINES)
            if line.recurrence_quantity_id or line.recurrence_formula:
                # it is not billed
                del said["quantity"]
            if line.product_id and self.price_source != "template":
                del said["price_unit"]
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
        """Return what a kind says as the customer of this recurring invoice would have it."""
        position = self.template_move_id.fiscal_position_id
        return {**snapshot, "lines": self._localize_lines(snapshot["lines"], position)}

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

        :raise UserError: it is no kind, or one of another company
        """
        kind.check_access("read")
        if not kind.is_kind or kind.company_id != self.company_id:
            raise UserError(self.env._("%(name)s is no kind.", name=kind.name))
        if self.is_kind or self.document_type != kind.document_type:
            raise UserError(
                self.env._(
                    "%(name)s cannot be of the kind %(kind)s: it makes other documents.",
                    name=self.name,
                    kind=kind.name,
                )
            )
        self._keep_kind(kind, self._pair_kind_lines(kind))

    def _pair_kind_lines(self, kind):
        """Return which line of this recurring invoice is which line of a kind."""
        free = list(self._get_live_lines())
        pairs = {}
        for line in kind.template_move_id.invoice_line_ids:
            same = [own for own in free if _is_same(own, line)]
            if same:
                pairs[str(line.id)] = same[0]
                free.remove(same[0])
        return pairs

    def _keep_kind(self, kind, lines):
        """Keep how a kind and this recurring invoice stand now.

        :param lines: dict key of a line of the kind → the line that stands for it
        """
        said = kind._take_kind_snapshot()
        base = {
            "kind": self._localize_snapshot(said),
            "own": self._take_own_snapshot(lines),
            "lines": {key: line.id for key, line in lines.items()},
        }
        self.sudo().with_context(**ENGINE_CONTEXT).write(
            {"kind_id": kind.id, "kind_base": base, "kind_key": get_fingerprint(said)}
        )

    def _get_outdated(self, most):
        """Return what was made from this kind and not compared with it since it has changed.

        :param most: so many at most
        """
        return self.search(
            [
                ("kind_id", "=", self.id),
                ("state", "!=", "finished"),
                ("kind_key", "!=", self._get_kind_key()),
            ],
            limit=most,
        )

    def _decline_kind(self):
        """Leave a recurring invoice as it is, whatever has changed in its kind."""
        self.check_access("write")
        self._keep_kind(self.kind_id, self._get_kind_lines())

    def _get_live_lines(self):
        """Return the lines that are billed, or will be: of each that was changed the last one."""
        lines = self.template_move_id.invoice_line_ids
        today = self.company_id._get_job_today()
        over = lines.filtered(lambda line: line.recurrence_until and line.recurrence_until < today)
        return lines - over - lines.recurrence_line_id

    def _get_kind_lines(self):
        """Return dict key of a line of the kind → the line that stands for it now."""
        live = self._get_live_lines()
        known = self.sudo().kind_base["lines"]
        by_id = {former.id: line for line in live for former in line._recurrence_get_family()}
        return {key: by_id[line_id] for key, line_id in known.items() if line_id in by_id}


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
    return value


def write_values(record, values):
    """Return plain values as ``write`` takes them."""
    return {
        name: [Command.set(value)] if record._fields[name].type == "many2many" else value
        for name, value in values.items()
    }


def _is_same(own, line):
    """Whether a line bills what a line of a kind bills."""
    if own.display_type != line.display_type:
        return False
    return own.product_id == line.product_id if line.product_id else own.name == line.name

from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date, html2plaintext
from odoo.tools.misc import formatLang

from ...tools.recurrence.billed_line import LineTerms
from ...tools.recurrence.kind import ADDED, CHANGED, REMOVED, find_differences
from ..common.engine_mark import as_engine
from .recurrence_schedule_change_mixin import ScheduleChange
from .recurrence_schedule_correction_mixin import LineChange
from .recurrence_schedule_kind_base_mixin import COMMON_TERMS, take_values, write_values

# What Odoo computes anew for a line when these change, and what it computes.
COMPUTED_FROM = {"product_id", "product_uom_id", "account_id"}
COMPUTED_OF_LINES = (
    "name",
    "product_uom_id",
    "price_unit",
    "tax_ids",
    "account_id",
    "analytic_distribution",
)


class KindOffer(NamedTuple):
    """What a changed kind means for one recurring invoice.

    :ivar kind: the kind, recurrence.schedule
    :ivar changes: list of ``Difference`` that are offered
    :ivar kept: list of ``Difference`` that stay, as they were agreed with this customer
    :ivar lines: dict key of a line of the kind → the line that stands for it now
    """

    kind: models.BaseModel
    changes: list
    kept: list
    lines: dict


class RecurrenceScheduleKindChangeMixin(models.AbstractModel):
    """Offers the changes of a kind to the recurring invoices that were made from it.

    What was agreed with a customer alone stays, unless somebody says otherwise.
    """

    _name = "recurrence.schedule.kind.change.mixin"
    _inherit = "recurrence.schedule.kind.base.mixin"
    _description = "Changes of Kinds of Recurring Invoices"

    # === OFFERING === #

    def _get_kind_offer(self, with_own=False, said=None):
        """Return what the changes of its kind mean for this recurring invoice, a ``KindOffer``.

        :param with_own: whether what was agreed with the customer changes too
        :param said: what the kind says now, where it is known
        :raise UserError: it is of no kind, or the kind is in another currency by now
        """
        self.ensure_one()
        kind, base = self.kind_id, self.sudo().kind_base
        if not (kind and base):
            raise UserError(self.env._("%(name)s is of no kind.", name=self.name))
        self._check_kind_currency(kind)
        lines = self._get_kind_lines()
        before = self._localize_snapshot(base["kind"])
        said = self._localize_snapshot(said or kind._take_kind_snapshot())
        own = self._take_own_snapshot(lines)
        changes, kept = [], []
        for found in find_differences(before, said, own, base["values"]):
            is_late = found.what == ADDED and self.state != "draft"
            if is_late and found.new["recurrence_billing"] == "once":
                # such as a set-up fee: of those that start from now on
                continue
            (kept if found.is_own and not with_own else changes).append(found)
        return KindOffer(kind, changes, kept, lines)

    def _get_kind_change(self, offer):
        """Return an offer as what ``_change_as`` carries out.

        :param offer: KindOffer
        """
        values = {d.name: d.new for d in offer.changes if d.key is None}
        template = {name: values.pop(name) for name in COMMON_TERMS if name in values}
        return ScheduleChange(values, template, kind=offer)

    def _change_as(self, change):
        gap = super()._change_as(change)
        if change.kind:
            lines = {**change.kind.lines, **self._change_from_kind(change.kind)}
            gone = {found.key for found in change.kind.changes if found.what == REMOVED}
            self._check_template()
            self._keep_kind(
                change.kind.kind, {key: line for key, line in lines.items() if key not in gone}
            )
        if change.joined:
            self._join_kind(change.joined)
        return gap

    def _change_from_kind(self, offer):
        """Change, add and end the lines of this recurring invoice.

        :param offer: KindOffer
        :return: dict key of a line of the kind → the line that stands for it from now on
        """
        changes = {}
        for found in offer.changes:
            if found.what == CHANGED and found.key:
                line = offer.lines[found.key]
                change = changes.setdefault(found.key, LineChange(line, {}))
                change.values.update(write_values(line, {found.name: found.new}))
            elif found.what == ADDED:
                line = self.env["account.move.line"]
                sequence = line.browse(int(found.key)).sequence
                values = {**write_values(line, found.new), "sequence": sequence}
                changes[found.key] = LineChange(line, values)
            elif found.what == REMOVED:
                changes[found.key] = LineChange(offer.lines[found.key], {"quantity": 0})
        for key, change in changes.items():
            changes[key] = self._complete_change(change)
        successors = self._change_each(list(changes.values()))
        return {key: successors[id(c)] for key, c in changes.items() if id(c) in successors}

    @api.model
    def _complete_change(self, change):
        """Return a change with what else of its line would not stay as it is.

        :param change: LineChange
        """
        line, values = change
        if not line or not values.get("quantity", 1):
            return change
        if values.get("recurrence_billing") == "once" and line._recurrence_was_billed():
            # a set-up fee that was billed with each date is not billed once more
            return LineChange(line, {"quantity": 0})
        if not COMPUTED_FROM.isdisjoint(values):
            # Odoo would take price, taxes and text of the product
            kept = write_values(line, take_values(line, COMPUTED_OF_LINES))
            return LineChange(line, {**kept, **values})
        return change

    def _change_each(self, changes):
        """Change lines, each from the first of its periods that nothing bills yet.

        :param changes: list of LineChange
        :return: dict id of a change → the line that is billed from then on
        :raise UserError: a line has no such period, or changes later already
        """
        first = self._get_first_days_open().get(self)
        days = {}
        for change in changes:
            days.setdefault(self._find_change_day(first, change), []).append(change)
        successors = {}
        for day, group in days.items():
            if day:
                successors.update(self._change_open_lines(day, group))
            else:
                successors.update(self._replace_in_place(group))
        return successors

    def _find_change_day(self, first, change):
        """Return the day from which a line changes; None: it has nothing to stay as it was for.

        :param first: first day that nothing bills yet; None: nothing was billed
        :param change: LineChange
        """
        line = change.line
        former = line.recurrence_line_id
        later = former in self.template_move_id.invoice_line_ids and former.recurrence_until
        if later and later >= (first or self.date_start):
            raise UserError(
                self.env._(
                    "%(line)s changes after %(date)s already: change it with Change Lines.",
                    line=line._recurrence_get_name(),
                    date=format_date(self.env, later),
                )
            )
        is_text = (line.display_type or change.values.get("display_type")) != "product"
        if not first or is_text or line.recurrence_billing:
            return None
        day = self._find_start(first, line._recurrence_get_terms() if line else LineTerms())
        if not day:
            raise UserError(self.env._("It has no period left that is not billed."))
        return day

    def _replace_in_place(self, changes):
        """Change, add and end lines of which nothing has to be kept.

        :return: dict id of a change → its line
        """
        there = [change for change in changes if change.line]
        for change in there:
            if not change.values.get("quantity", 1):
                self._end_in_place(change.line)
        self._write_in_place([c for c in there if c.values.get("quantity", 1)])
        added = self._add_in_place([change for change in changes if not change.line])
        return {**{id(change): change.line for change in there}, **added}

    def _end_in_place(self, line):
        if line._recurrence_was_billed():
            line.recurrence_billing = "held"
        else:
            template = as_engine(self.template_move_id)
            template.write({"invoice_line_ids": [Command.delete(line.id)]})

    def _add_in_place(self, changes):
        """Add lines to the template.

        :param changes: list of LineChange without lines
        :return: dict id of a change → its line
        """
        if not changes:
            return {}
        template, pending = as_engine(self.template_move_id), self._get_open_fiscal(())
        former = template.invoice_line_ids
        template.write({"invoice_line_ids": [Command.create(c.values) for c in changes]})
        made = (template.invoice_line_ids - former).sorted("id").with_env(self.env)
        self._carry_fiscal(pending, {})
        self._refresh_expected()
        return {id(change): line for change, line in zip(changes, made, strict=True)}

    # === DESCRIBING === #

    def _describe_change(self, change):
        if not change.kind:
            text = super()._describe_change(change)
            if change.joined and change.joined != self.kind_id:
                label = self._fields["kind_id"]._description_string(self.env)
                kinds = [kind.name or "–" for kind in (self.kind_id, change.joined)]
                text = f"{text} {label}: {kinds[0]} → {kinds[1]}.".strip()
            return text
        texts = [self._describe_differences(change.kind.changes, change.kind.lines)]
        drafts = self.sudo().occurrence_ids.move_id.filtered(lambda move: move.state == "draft")
        if drafts and change.kind.changes:
            texts.append(self.env._("Waiting drafts stay as they are."))
        return " ".join(filter(None, texts))

    def _describe_differences(self, differences, lines):
        """Return differences as a text, one sentence each.

        :param differences: list of ``Difference``
        :param lines: dict key of a line of the kind → the line that stands for it now
        """
        texts = []
        for found in differences:
            line = lines.get(found.key)
            if found.what == ADDED:
                new = self.env["account.move.line"].browse(int(found.key))
                texts.append(self.env._("New: %(line)s.", line=new._recurrence_get_name()))
                continue
            if found.what == REMOVED:
                texts.append(self.env._("%(line)s ends.", line=line._recurrence_get_name()))
                continue
            record = line or (self.template_move_id if found.name in COMMON_TERMS else self)
            field = record._fields[found.name]
            label = field._description_string(self.env)
            shown = [_show(record, field, value) or "–" for value in (found.old, found.new)]
            name = f"{line._recurrence_get_name()}, {label}" if line else label
            texts.append(f"{name}: {shown[0]} → {shown[1]}.")
        return " ".join(texts)


def _show(record, field, value):
    """Return a plain value as people see it."""
    env = record.env
    if field.type == "selection":
        return dict(field._description_selection(env)).get(value)
    if field.type in ("many2one", "many2many"):
        return ", ".join(env[field.comodel_name].browse(value or ()).mapped("display_name"))
    show = {
        "boolean": lambda: env._("Yes") if value else env._("No"),
        "html": lambda: html2plaintext(value or ""),
        "date": lambda: value and format_date(env, value),
        "float": lambda: formatLang(env, value),
        "json": lambda: _show_distribution(record, value),
    }
    return show.get(field.type, lambda: value and str(value))()


def _show_distribution(record, distribution):
    """Return an analytic distribution as people see it."""
    accounts = record.env["account.analytic.account"]
    return ", ".join(
        f"{' / '.join(accounts.browse(map(int, ids.split(','))).mapped('name'))} {share:g} %"
        for ids, share in (distribution or {}).items()
    )

from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ...tools.recurrence.billed_line import Billed, LineTerms, PaidDate, bill_line
from ..common.engine_mark import as_engine
from .recurrence_occurrence_invoice_mixin import OPEN_STATES


class RecurrenceScheduleLineChangeMixin(models.AbstractModel):
    """Changes lines from a day on; what was billed ahead is credited and billed anew."""

    _name = "recurrence.schedule.line.change.mixin"
    _inherit = "recurrence.schedule.correction.mixin"
    _description = "Changes of Recurring Invoice Lines"

    def _open_line_change(self):
        """Open the dialog that changes, ends or adds lines from a day on."""
        self.ensure_one()
        self.template_move_id.check_access("write")
        return self._open_dialog("recurrence.line.change", self.env._("Change Lines"))

    # === DECIDING === #

    def _get_first_unbilled(self):
        """Return the first day that no invoice bills yet: from there on nothing is corrected."""
        posted = self.sudo().occurrence_ids.filtered(lambda o: o.move_id.state == "posted")
        ends = posted.filtered("period_end").mapped("period_end")
        if ends:
            return max(ends) + timedelta(days=1)
        waiting = self.sudo().occurrence_ids.filtered(lambda o: o.state in OPEN_STATES)
        return min(waiting.filtered("period_start").mapped("period_start"), default=self.date_start)

    def _check_change_day(self, day, changes):
        """Refuse a day inside a period of a line that is not billed by days."""
        self._check_lines_change()
        for change in changes:
            terms = change.line._recurrence_get_terms() if change.line else LineTerms()
            if terms.until and terms.until < day:
                raise UserError(
                    self.env._(
                        "%(line)s ends on %(until)s, before %(date)s.",
                        line=change.line._recurrence_get_name(),
                        until=format_date(self.env, terms.until),
                        date=format_date(self.env, day),
                    )
                )
            if self.proration != "whole" and terms.every == 1:
                continue
            start = self._find_start(day, terms)
            if start == day:
                continue
            line = change.line._recurrence_get_name() if change.line else change.values.get("name")
            raise UserError(
                self.env._(
                    "%(line)s is billed for whole periods: it can change on the first day of "
                    "one, such as %(date)s.",
                    line=line,
                    date=format_date(self.env, start or self._get_first_unbilled()),
                )
            )

    def _find_start(self, day, terms):
        """Return the first day from a day on with which a price of a line begins, or None."""
        rule = self._get_rule()
        day = max(day, terms.start or day)
        # the last day of a month pays for the days after it
        first = rule.cycle_period(day)[0] - timedelta(days=1)
        dates = rule.rule_dates(max(first, rule.date_start), limit=2 * terms.every + 3)
        for rule_date in dates:
            start, end = rule.period(rule_date, self.period_paid)
            asked = PaidDate(rule_date, start, end, self.period_paid)
            billed = bill_line(rule, asked, terms)
            if isinstance(billed, Billed) and billed.start >= day:
                return billed.start
        return None

    # === DOING === #

    def _change_lines(self, day, changes):
        """Change lines from a day on, and correct what was billed ahead in one draft.

        :return: the draft invoice or credit note, account.move; empty: nothing was billed ahead
        """
        self.ensure_one()
        self.check_access("write")
        self._check_template()
        self.template_move_id.check_access("write")
        corrections = self._get_corrections(day, changes)
        note = self._describe_changes(day, changes)
        # what is written may end a line that this is told of
        vals = self._prepare_correction(corrections)
        successors = self._write_lines(day, changes, corrections)
        move = self._create_correction(vals, corrections, successors)
        self._message_log(body=note)
        self.template_move_id._message_log(body=note)
        return move

    def _write_lines(self, day, changes, corrections):
        """Write the lines of the template.

        :return: dict id of a change → the line that is billed from the day on
        """
        template = self.template_move_id
        commands, adding = [], []
        for change in changes:
            own = [c for c in corrections if c.change is change]
            found = self._get_line_commands(day, change, bool(own))
            commands += found
            adding += [change for command in found if command[0] == Command.CREATE]
        former, pending = template.invoice_line_ids, self._get_open_fiscal(changes)
        as_engine(template).write({"invoice_line_ids": commands})
        added = (template.invoice_line_ids - former).sorted("id")
        successors = {id(change): change.line for change in changes}
        successors.update((id(change), line) for change, line in zip(adding, added, strict=True))
        self._carry_fiscal(pending, {c.line.id: successors[id(c)].id for c in changes if c.line})
        self._check_template()
        self._refresh_expected()
        return successors

    def _get_open_fiscal(self, changes):
        """Return what nobody has decided on of taxes and accounts, but for taxes that are given.

        :param changes: list of LineChange
        :return: set of items, see ``recurrence.schedule.fiscal.mixin``
        """
        found = self._get_fiscal_changes().get(self)
        given = {f"T:{change.line.id}:" for change in changes if "tax_ids" in change.values}
        items = found.items if found else ()
        return {item for item in items if not any(item.startswith(start) for start in given)}

    def _carry_fiscal(self, pending, successors):
        """Take the taxes of lines that changed as meant, as those of the lines before them were.

        :param pending: what nobody has decided on, see ``_get_open_fiscal``
        :param successors: dict id of a line → id of the one in its place
        """
        carried = set()
        for item in pending:
            kind, line_id, *rest = item.split(":")
            if kind != "P" and int(line_id) in successors:
                carried.add(":".join((kind, str(successors[int(line_id)]), *rest)))
        self._accept_fiscal(pending | carried)

    def _get_line_commands(self, day, change, corrected):
        """Return how the lines of the template become what they are from a day on.

        :param corrected: whether what was billed ahead of the line is corrected
        """
        line, values = change
        if not line:
            return [Command.create({**values, "recurrence_start": day})]
        is_ended = not values.get("quantity", 1)
        billed = self.env["account.move.line"].sudo()
        billed = billed.search_count(
            [("recurrence_line_id", "=", line.id), ("parent_state", "!=", "cancel")], limit=1
        )
        if line.recurrence_start and line.recurrence_start >= day:
            # it would end before it began
            values = {"recurrence_billing": "held"} if is_ended else values
            return [Command.update(line.id, values)]
        is_used = billed or corrected or self._has_open_before(day)
        is_used = is_used or self._counts_before(line, day)
        if not (is_used or is_ended):
            return [Command.update(line.id, values)]
        commands = [Command.update(line.id, {"recurrence_until": day - timedelta(days=1)})]
        if not is_ended:
            [copied] = line.copy_data()
            for name in ("move_id", "balance", "amount_currency"):
                copied.pop(name, None)
            own = {"recurrence_start": day, "recurrence_line_id": line.id}
            terms = line._recurrence_get_terms_vals()
            commands.append(Command.create({**copied, **terms, **values, **own}))
        return commands

    def _counts_before(self, line, day):
        """Whether an invoice from a day on counts earlier days of a line: they keep their price."""
        if day <= self.date_start:
            return False
        quantities = self._get_line_quantities().get(line.sudo())
        return bool(quantities and quantities._is_over_days() and self.period_paid == "pre")

    def _has_open_before(self, day):
        """Whether a date is still to be issued that bills days before another."""
        return bool(
            self.sudo().occurrence_ids.filtered(
                lambda o: o.state in OPEN_STATES and o.period_start and o.period_start < day
            )
        )

    def _name_new_values(self, values):
        """Return the product and the taxes that a line gets, as texts."""
        texts = []
        if values.get("product_id"):
            texts.append(self.env["product.product"].browse(values["product_id"]).display_name)
        if "tax_ids" in values:
            [command] = values["tax_ids"]
            taxes = self.env["account.tax"].browse(command[2])
            names = ", ".join(taxes.mapped("name")) or self.env._("no taxes")
            texts.append(names)
        return texts

    def _describe_changes(self, day, changes):
        """Return what changes from a day on as a sentence for the history."""
        currency = self.template_move_id.currency_id
        texts = []
        for line, values in changes:
            quantity = values.get("quantity", line.quantity)
            price = values.get("price_unit", line.price_unit)
            is_ended = not values.get("quantity", 1)
            new = self.env._("ended") if is_ended else f"{quantity:g} × {currency.format(price)}"
            new = ", ".join([new, *(self._name_new_values(values) if line else ())])
            if line:
                old = f"{line.quantity:g} × {currency.format(line.price_unit)}"
                texts.append(
                    self.env._(
                        "%(line)s: %(new)s instead of %(old)s",
                        line=line._recurrence_get_name(),
                        new=new,
                        old=old,
                    )
                )
            else:
                texts.append(self.env._("%(line)s: %(new)s", line=values["name"], new=new))
        return self.env._(
            "From %(date)s on: %(changes)s.",
            date=format_date(self.env, day),
            changes="; ".join(texts),
        )

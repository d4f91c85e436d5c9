from decimal import Decimal

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools.recurrence.billed_line import (
    Billed,
    PaidDate,
    bill_line,
    keep_lines,
    part_amount,
)
from ...tools.recurrence.count_window import find_window
from ...tools.recurrence.placeholder import fill_placeholders


class RecurrenceOccurrenceBilledLinesMixin(models.AbstractModel):
    """Decides which lines of the template an invoice bills, and how much of each."""

    _name = "recurrence.occurrence.billed.lines.mixin"
    _inherit = "recurrence.occurrence.counting.mixin"
    _description = "Billed Lines of a Recurrence Date"

    # === DECISIONS === #

    def _get_billed(self):
        """Decide on each line of the templates for each of these dates.

        The one decision for what is issued, shown, previewed, expected and skipped.

        :return: dict occurrence → dict line (account.move.line) → Billed, or a reason of
            ``tools.recurrence.billed_line``; without those that bill all lines in full
        """
        special = self.schedule_id._filter_with_terms()
        dates = self.filtered(lambda o: o.schedule_id in special and o.period_start)
        once, spans = dates._get_once(), dates._get_billed_spans()
        rules = {schedule: schedule._get_rule() for schedule in special}
        counted = special._get_line_quantities()
        return {o: o._bill_lines(rules[o.schedule_id], once, spans, counted) for o in dates}

    def _get_paid_date(self):
        """Return this date as the pure decisions take it."""
        schedule = self.schedule_id
        return PaidDate(
            self.rule_date,
            self.period_start,
            self.period_end,
            schedule.period_paid,
            schedule.sudo().last_date or None,
        )

    def _bill_lines(self, rule, once, spans, counted):
        lines = self.schedule_id.template_move_id.sudo().line_ids
        billed = {}
        for line in lines.filtered(lambda line: line.display_type == "product"):
            terms = line._recurrence_get_terms()
            earlier = [end for day, end in spans.get(line, ()) if day < self.rule_date]
            terms = terms._replace(billed_through=max(earlier, default=None))
            quantities = counted.get(line, self.env["recurrence.quantity"])
            billed[line] = self._bill_line(rule, line, terms, quantities)
            if line in once and not isinstance(billed[line], str) and self not in once[line]:
                billed[line] = "billed"
        return billed

    def _bill_line(self, rule, line, terms, quantities):
        """Return the decision on one line of the template.

        :param terms: LineTerms
        :param quantities: recurrence.quantity that the line counts with
        """
        asked, lines = self._get_paid_date(), line.move_id.line_ids
        if quantities._is_over_days():
            window = find_window(rule, asked, terms)
            return window if isinstance(window, str) else Billed(*window)
        decision = bill_line(rule, asked, terms, self.schedule_id.proration)
        if line._recurrence_shares(decision, lines):
            # whole, the period would be billed with the old price and with the new one
            decision = bill_line(rule, asked, terms, "days")
        if isinstance(decision, Billed) and line.recurrence_quantity_id.source == "entered":
            # what is entered is for the days billed already
            return Billed(decision.start, decision.end)
        return decision

    # === LINES OF THE INVOICE === #

    def _prepare_lines(self, template, sources, billed):
        """Return the values of the lines that are billed, still with their whole price.

        :param sources: list of values of the lines of the template, as ``copy_data`` gives them
        :param billed: dict line → decision, see ``_get_billed``; None: all in full
        :return: list of (id of the line of the template, values)
        :raise UserError: none is billed; saying why
        """
        if billed and all(isinstance(decision, str) for decision in billed.values()):
            raise UserError(self._get_unbilled_sentence(billed))
        reasons = {
            line.id for line, decision in (billed or {}).items() if isinstance(decision, str)
        }
        kept = keep_lines(
            [
                (vals.get("display_type"), vals.get("recurrence_line_id") not in reasons)
                for vals in sources
            ]
        )
        return [
            (
                vals.get("recurrence_line_id"),
                self._prepare_invoice_line(self.schedule_id, template, vals),
            )
            for vals, is_kept in zip(sources, kept, strict=True)
            if is_kept
        ]

    def _note_billed_days(self, lines, billed):
        """Say on each line of an invoice which days of its line of the template it bills.

        :param lines: list of (id of the line of the template, values)
        """
        by_id = {line.id: decision for line, decision in (billed or {}).items()}
        for line_id, line_vals in lines:
            line_vals["recurrence_occurrence_id"] = self.id or False
            if line_id and self.period_start:
                decision = by_id.get(line_id)
                line_vals["recurrence_billed_start"] = (
                    decision.start if decision else self.period_start
                )
                line_vals["recurrence_billed_end"] = decision.end if decision else self.period_end

    def _apply_shares(self, template, vals, lines, billed):
        """Bill of each line the days that are billed: part of its price, named in its text.

        :param vals: values of the invoice
        :param lines: list of (id of the line of the template, values)
        """
        by_id = {line.id: decision for line, decision in billed.items()}
        whole = self.period_start, self.period_end
        for line_id, line_vals in lines:
            decision = by_id.get(line_id)
            if decision and ((decision.start, decision.end) != whole or decision.share != 1):
                self._apply_share(template, vals, line_vals, decision)

    def _apply_share(self, template, vals, line_vals, billed):
        lang = self._get_lang(template.partner_id)
        values = self._get_placeholder_values(lang, vals["invoice_date"], billed.start, billed.end)
        line_vals["name"] = fill_placeholders(line_vals.get("name") or "", values)
        if billed.share == 1:
            return
        price = line_vals.get("price_unit")
        if price is None:
            price = self._get_price_now(template, vals, line_vals)
        currency = template.currency_id
        line_vals["price_unit"] = self._get_part_price(currency, line_vals, price, billed)
        # Odoo computes what is not given
        line_vals.pop("balance", None)
        line_vals.pop("amount_currency", None)
        note = self.with_context(lang=lang).env._(
            "%(days)s of %(total)s days: %(start)s – %(end)s",
            days=billed.days,
            total=billed.of_days,
            start=values["PERIOD_START"],
            end=values["PERIOD_END"],
        )
        line_vals["name"] = "\n".join(filter(None, [line_vals["name"], note]))

    @api.model
    def _get_part_price(self, currency, line_vals, price, billed):
        """Return the price per unit with which a line comes to its part, to the cent."""
        factor = line_vals.get("quantity", 1) * (1 - (line_vals.get("discount") or 0) / 100)
        if not factor:
            # nobody knows of how many yet: a person enters the quantity
            return price * float(billed.share)
        whole = Decimal(str(currency.round(price * factor)))
        rounding = Decimal(str(round(currency.rounding, 9)))
        return float(part_amount(whole, billed, rounding)) / factor

    @api.model
    def _apply_pricelist(self, template, vals, lines):
        """Give lines of products the price of the customer's price list on the invoice date.

        :param vals: values of the invoice
        :param lines: list of values of its lines
        """
        partner = template.partner_id.with_company(template.company_id)
        pricelist = partner.property_product_pricelist.sudo()
        for line_vals in lines:
            if not line_vals.get("product_id"):
                continue
            product = self.env["product.product"].browse(line_vals["product_id"])
            price = pricelist._get_product_price(
                product,
                line_vals.get("quantity") or 1,
                currency=template.currency_id,
                uom=self.env["uom.uom"].browse(line_vals.get("product_uom_id")),
                date=vals["invoice_date"],
            )
            # the list knows units and currencies; taxes are those of the fiscal position
            line_vals["price_unit"] = self._get_price_now(
                template,
                vals,
                {"product_id": product.id},
                product_price_unit=price,
                product_currency=template.currency_id,
            )

    @api.model
    def _get_price_now(self, template, vals, line_vals, **price):
        """Return the price of a product on the day, as Odoo sets it on a new line.

        :param price: where it is not that of the product, in terms of Odoo's method
        """
        return template._recurrence_get_product_price(
            self.env["product.product"].browse(line_vals["product_id"]),
            vals["invoice_date"],
            template.fiscal_position_id.browse(vals.get("fiscal_position_id")),
            product_uom=self.env["uom.uom"].browse(line_vals.get("product_uom_id")),
            **price,
        )

    # === NOTHING TO BILL === #

    def _skip_unbilled(self, counts=None):
        """Leave out the dates on which no line is billed: no invoice of nothing is made.

        :param counts: what was counted, see ``_count_quantities``; None: nothing yet
        :return: those that were left out
        """
        unbilled = self._get_unbilled(counts)
        self.browse().union(*unbilled)._keep_counts(counts or {})
        for occurrence, billed in unbilled.items():
            occurrence.sudo()._drop_activities()
            occurrence.sudo().write(
                {
                    "state": "skipped",
                    "skip_reason": occurrence._get_unbilled_sentence(billed),
                    "error": False,
                    "retry_at": False,
                }
            )
        return self.browse().union(*unbilled)

    def _get_unbilled(self, counts=None):
        """Return dict date → decisions on its lines, of the dates on which no line is billed.

        :param counts: what was counted, see ``_count_quantities``; None: nothing yet
        """
        return {
            occurrence: billed
            for occurrence, billed in self._leave_out_zero(self._get_billed(), counts or {}).items()
            if billed and all(isinstance(decision, str) for decision in billed.values())
        }

    def _get_unbilled_sentence(self, billed):
        return self.env._("Nothing to bill: %(lines)s", lines=self._explain_left_out(billed))

    @api.model
    def _explain_left_out(self, billed):
        """Return which lines are not billed, and why, as one text; empty: all are.

        A line in whose place another one is billed is not missed.

        :param billed: dict line → decision, see ``_get_billed``
        """
        roots = {line: line._recurrence_get_root(billed) for line in billed or {}}
        there = {roots[line] for line, found in (billed or {}).items() if isinstance(found, Billed)}
        return "; ".join(
            self.env._(
                "%(line)s: %(why)s",
                line=line._recurrence_get_name(),
                why=self._get_left_out_reason(line, reason),
            )
            for line, reason in (billed or {}).items()
            if isinstance(reason, str) and roots[line] not in there
        )

    @api.model
    def _get_left_out_reason(self, line, reason):
        if reason == "not_started" and line.recurrence_start:
            start = format_date(self.env, line.recurrence_start)
            return self.env._("from %(date)s on", date=start)
        if reason == "ended":
            until = format_date(self.env, line.recurrence_until)
            return self.env._("ended on %(date)s", date=until)
        return {
            "held": self.env._("on hold"),
            "billed": self.env._("billed on another date"),
            "zero": self.env._("nothing was counted"),
            "not_started": self.env._("nothing to count yet"),
        }.get(reason) or self.env._("every %(count)s dates", count=line.recurrence_every)

    # === EXPECTED TOTALS === #

    def _keep_own_totals(self):
        """Keep what each of these dates will come to; dates that bill alike are computed once."""
        found = self._get_billed()
        totals, rows = {}, {}
        for occurrence in self:
            billed = found.get(occurrence)
            parts = billed and tuple(
                (line.id, decision if isinstance(decision, str) else _get_key(decision))
                for line, decision in billed.items()
            )
            key = occurrence.schedule_id, parts
            if key not in totals:
                totals[key] = occurrence._get_own_total(billed)
            rows.setdefault((totals[key] is not None, totals[key] or 0), []).append(occurrence.id)
        for (is_own, total), ids in rows.items():
            changed = self.browse(ids).filtered(
                lambda o, own=is_own, total=total: (o.has_own_total, o.own_total) != (own, total)
            )
            changed.write({"has_own_total": is_own, "own_total": total})

    def _get_own_total(self, billed):
        """Return what the invoice of a date will come to; None: what the template comes to."""
        decisions = (billed or {}).values()
        if all(not isinstance(decision, str) and decision.share == 1 for decision in decisions):
            return None
        if all(isinstance(decision, str) for decision in decisions):
            return 0.0
        day = max(self.date, self._get_day())
        move, _reason = self._make_draft(day, {"fiscal": "keep"}, counts={})
        return self.schedule_id._get_document().flow * move.tax_totals["total_amount_currency"]

    def _get_day(self):
        return self.company_id._get_job_today()


def _get_key(billed: Billed):
    return billed.before, billed.through

from typing import NamedTuple

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ...tools.recurrence.placeholder import fill_placeholders
from ..common.engine_mark import as_engine
from .recurrence_schedule_planning_mixin import ENGINE_CONTEXT


class LineChange(NamedTuple):
    """What a line is from a day on.

    :ivar line: line of the template; empty: a new one
    :ivar values: of the line; a quantity of 0 ends it
    """

    line: models.BaseModel
    values: dict


class Correction(NamedTuple):
    """What was billed ahead of a line and is billed otherwise, in one invoice.

    :ivar occurrence: the date whose invoice billed it
    :ivar source: line that says taxes and account
    :ivar start: first and last day that are billed otherwise
    :ivar credit: amount that is given back, in terms of the price
    :ivar billed: amount that is billed instead
    """

    occurrence: models.BaseModel
    change: LineChange
    source: models.BaseModel
    start: object
    end: object
    credit: float
    billed: float


class RecurrenceScheduleCorrectionMixin(models.AbstractModel):
    """Credits what was billed ahead, and bills it anew, in one draft."""

    _name = "recurrence.schedule.correction.mixin"
    _description = "Corrections of What Was Billed Ahead"

    # === DECIDING === #

    def _get_corrections(self, day, changes):
        """Return what was billed for days from a day on and is billed otherwise.

        :param changes: list of LineChange
        :return: list of Correction, in the order of the periods
        :raise UserError: a line cannot change on that day, or a draft still waits
        """
        self._check_change_day(day, changes)
        self._check_no_draft(day)
        return self._find_corrections(day, changes)

    def _check_no_draft(self, day):
        """Refuse to correct while a draft still bills a day from one on."""
        dates = self._get_invoiced_from(day)
        draft = dates.filtered(lambda o: o.move_id.state == "draft")[:1]
        if draft:
            raise UserError(
                self.env._(
                    "The draft invoice of %(date)s still has the old lines. Post or cancel it "
                    "first.",
                    date=format_date(self.env, draft.date),
                )
            )

    def _find_corrections(self, day, changes, until=None, dates=None):
        """Return what posted invoices bill for days from a day on and is billed otherwise.

        :param changes: list of LineChange
        :param until: last day that is billed otherwise; None: all from the day on
        :param dates: recurrence.occurrence to look at; None: those whose period reaches the day
        """
        dates = self._get_invoiced_from(day) if dates is None else dates
        posted = dates.filtered(
            lambda o: o.move_id.state == "posted" and o.move_id.payment_state != "reversed"
        )
        rule = self._get_rule()
        found = [
            occurrence._get_correction(rule, day, change, until)
            for occurrence in posted.sorted("rule_date")
            for change in changes
        ]
        return [correction for correction in found if correction]

    def _get_invoiced_from(self, day):
        """Return the dates with an invoice whose period reaches a day."""
        return self.sudo().occurrence_ids.filtered(
            lambda o: o.move_id and o.period_end and o.period_end >= day
        )

    def _get_billing_from(self, day):
        """Return the dates with an invoice that bills a day from one on, if only with one line.

        Lines that are billed every few dates reach beyond the period of their date.
        """
        lines = self.env["account.move.line"].sudo()
        found = lines.search(
            [
                ("recurrence_occurrence_id", "in", self.sudo().occurrence_ids.ids),
                ("recurrence_billed_end", ">=", day),
                ("parent_state", "!=", "cancel"),
            ]
        )
        return self._get_invoiced_from(day) | found.recurrence_occurrence_id.filtered("move_id")

    # === DOING === #

    def _create_correction(self, vals, corrections, successors):
        """Create the draft that corrects, and note it on the dates that it is about.

        :param vals: as ``_prepare_correction`` returns them; None: nothing is corrected
        :param successors: dict id of a change → the line that is billed from the day on
        :return: account.move
        """
        move = self.env["account.move"]
        if not vals:
            return move
        for _command, _id, line_vals in vals["invoice_line_ids"]:
            change = line_vals.pop("change", None)
            if change:
                line_vals["recurrence_line_id"] = successors[id(change)].id
        move = as_engine(move.with_company(self.company_id)).create(vals).with_env(self.env)
        for correction in corrections:
            correction.occurrence.sudo().with_context(**ENGINE_CONTEXT).write(
                {"correction_move_ids": [Command.link(move.id)]}
            )
        return move

    def _prepare_correction(self, corrections):
        """Return the values of the invoice or credit note that corrects, or None."""
        if not corrections:
            return None
        vals = self._prepare_document(corrections, 1)
        lines = [line for _command, _id, line in vals["invoice_line_ids"]]
        shown = [Command.create({k: v for k, v in line.items() if k != "change"}) for line in lines]
        move = self.env["account.move"].with_company(self.company_id)
        total = move.new({**vals, "invoice_line_ids": shown}).tax_totals["total_amount_currency"]
        return self._prepare_document(corrections, -1) if total < 0 else vals

    def _prepare_document(self, corrections, sign):
        """Return the values of the invoice, or with a sign of -1 of the credit note."""
        template = self.template_move_id
        lines = []
        for correction in corrections:
            lines += self._prepare_correction_lines(correction, sign)
        first = corrections[0].occurrence
        lang = first._get_lang(template.partner_id)
        texts = first._get_placeholder_values(lang, self.company_id._get_job_today())
        return {
            "move_type": template.move_type if sign > 0 else self._get_document().opposite,
            "company_id": self.company_id.id,
            "partner_id": template.partner_id.id,
            "partner_shipping_id": template.partner_shipping_id.id,
            "journal_id": template.journal_id.id,
            "currency_id": template.currency_id.id,
            "fiscal_position_id": template.fiscal_position_id.id,
            "invoice_payment_term_id": sign > 0 and template.invoice_payment_term_id.id,
            "invoice_user_id": template.invoice_user_id.id,
            "ref": fill_placeholders(template.ref, texts),
            "invoice_origin": ", ".join(
                dict.fromkeys(c.occurrence.move_id.name for c in corrections)
            ),
            "invoice_line_ids": [Command.create(vals) for vals in lines],
        }

    def _prepare_correction_lines(self, correction, sign):
        """Return the values of the lines of one correction: what is given back, what is billed.

        :param sign: -1 on a credit note
        """
        change, source = correction.change, correction.source
        if source:
            values = {
                "product_id": source.product_id.id,
                "account_id": source.account_id.id,
                "tax_ids": [Command.set(source.tax_ids.ids)],
                "analytic_distribution": source.analytic_distribution,
            }
        else:
            values = {k: v for k, v in change.values.items() if k in ("product_id", "tax_ids")}
        former, anew = self._name_correction(correction)
        values["quantity"] = 1
        values["recurrence_billed_start"] = correction.start
        values["recurrence_billed_end"] = correction.end
        lines = []
        if correction.credit:
            price = -sign * correction.credit
            lines.append(
                {"name": former, "price_unit": price, "recurrence_line_id": change.line.id}
            )
        if correction.billed:
            # its line of the template is there only after it was written
            price = sign * correction.billed
            lines.append({"name": anew, "price_unit": price, "change": change})
        return [{**values, **line} for line in lines]

    def _name_correction(self, correction):
        """Return the texts of what is given back and of what is billed, for the customer."""
        lang = self.env["recurrence.occurrence"]._get_lang(self.template_move_id.partner_id)
        env = self.with_context(lang=lang).env
        change = correction.change
        line = change.line.with_context(lang=lang)
        params = {
            "line": line._recurrence_get_name() if change.line else change.values["name"],
            "start": format_date(env, correction.start, lang_code=lang),
            "end": format_date(env, correction.end, lang_code=lang),
        }
        return (
            env._(
                "%(line)s: billed with %(invoice)s, %(start)s – %(end)s",
                invoice=correction.occurrence.move_id.name,
                **params,
            ),
            env._("%(line)s: %(start)s – %(end)s", **params),
        )

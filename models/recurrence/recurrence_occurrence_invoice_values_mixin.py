from datetime import timedelta
from itertools import chain

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ...tools.common.sealed import ON
from ...tools.recurrence.placeholder import MONTHS, Values, fill_placeholders, has_placeholder

# How a day is written of which a placeholder names a part.
PATTERNS = {
    # a month that stands alone is another word than one with a day in many languages
    "MONTH": "LLLL",
    "MONTH_OF": "MMMM",
    "END_MONTH": "LLLL",
    "QUARTER": "qqq",
    "YEAR": "yyyy",
}
TEXT_FIELDS = ("ref", "payment_reference", "invoice_origin", "narration")
# Lines that Odoo derives from the others.
DERIVED_LINES = ("payment_term", "tax", "rounding", "discount", "epd")
# What a line of an invoice says of the one of the template that it bills.
BILLED_FIELDS = {
    "recurrence_line_id",
    "recurrence_occurrence_id",
    "recurrence_billed_start",
    "recurrence_billed_end",
}
AUTO_POST_FIELDS = ("auto_post", "auto_post_until", "auto_post_origin_id")


class RecurrenceOccurrenceInvoiceValuesMixin(models.AbstractModel):
    """Builds the values of the invoices that a recurrence issues.

    Everything starts from ``copy_data()`` of the template and from
    ``_get_fields_to_copy_recurring_entries()``, so that the fields of other addons and what
    they override are respected.
    """

    _name = "recurrence.occurrence.invoice.values.mixin"
    _inherit = "recurrence.occurrence.files.mixin"
    _description = "Values of Recurring Invoices"

    def _get_drafts(self, as_of, changes=None, fiscal=None, counts=None):
        """Return what the invoices of occurrences are, issued on a day.

        The one way to an invoice: what is issued, shown in the dialog and previewed comes from
        here, so that it is the same.

        :param as_of: the day of issue
        :param changes: dict occurrence → what a person changed for this invoice only, see
            ``_apply_changes``
        :param fiscal: what ``recurrence.schedule._get_fiscal_changes`` gives; None: asked now
        :param counts: what ``_count_quantities`` gives; None: counted now; empty: the quantities
            that are expected
        :return: list of values in the order of the occurrences, and dict occurrence → why its
            invoice is dated otherwise
        """
        changes = changes or {}
        if fiscal is None:
            fiscal = self.schedule_id._get_fiscal_changes()
        dates, reasons = self._get_invoice_dates(as_of, changes)
        taken = self._get_taken(changes, fiscal)
        if counts is None:
            counts = self._count_quantities()
        vals_list = self._prepare_invoices(dates, taken, counts, changes)
        self._apply_changes(vals_list, changes)
        return vals_list, reasons

    def _make_draft(self, as_of, change=None, counts=None, together=None):
        """Return the invoice of one date, issued on a day, in memory only.

        :param change: what a person changed, see ``_apply_changes``
        :param counts: see ``_get_drafts``
        :param together: recurrence.occurrence that are on the same invoice
        :return: account.move, and why it is dated otherwise or None
        """
        occurrence = self.with_company(self.company_id)
        vals, reasons = occurrence._get_draft_with(together, as_of, change, counts)
        if not self.schedule_id._get_document().is_entry:
            # in memory Odoo adds up the lines of the invoice, not those of the entry
            vals["invoice_line_ids"] = vals.pop("line_ids")
        return occurrence.env["account.move"].new(vals), reasons.get(occurrence)

    def _get_draft_with(self, together, as_of, change=None, counts=None):
        """Return the values of the invoice of one date, with others where they belong on it.

        :param together: recurrence.occurrence
        :return: values, and dict occurrence → why its invoice is dated otherwise
        """
        others = together.with_env(self.env) if together else self.browse()
        # in the order in which they are issued
        dates = self.concat(others).sorted(lambda o: (o.date, o.rule_date, o._origin.id or 0))
        if others and change:
            # they are issued with it now
            counts = {**others._count_quantities(), **(counts or {})}
        changes = dates._spread_change(self, change or {})
        vals_list, reasons = dates._get_drafts(as_of, changes, counts=counts)
        invoices = self.env["recurrence.issuing"]._consolidate(dates, vals_list)
        return next(vals for found, vals in invoices if self in found), reasons

    def _spread_change(self, occurrence, change):
        """Return dict occurrence → what a person changed for one invoice that these are on.

        :param occurrence: the date whose lines were shown
        :param change: see ``_apply_changes``
        """
        if not change:
            return {}
        # the reference that was shown is that of the invoice
        shared = {"invoice_date": change.get("invoice_date"), "values": {"ref": False}}
        return {**dict.fromkeys(self, shared), occurrence: change}

    def _get_taken(self, changes, fiscal):
        """Return dict occurrence → FiscalChange, of those that take what holds today."""
        taken = {}
        for occurrence in self:
            schedule = occurrence.schedule_id
            change = fiscal.get(schedule)
            choice = changes.get(occurrence, {}).get("fiscal")
            if change and schedule._get_fiscal_choice(change, choice) == "take":
                taken[occurrence] = change
        return taken

    def _prepare_invoices(self, dates, fiscal, counts, changes):
        """Return the values to create the invoices of occurrences with, as the templates say.

        :param dates: dict occurrence → invoice date
        :param fiscal: dict occurrence → FiscalChange that is taken over
        :param counts: see ``_count_quantities``
        :param changes: see ``_apply_changes``; a person who sees the lines decides on those of
            which nothing was counted
        :return: list of dicts in the order of the occurrences
        """
        vals_by_occurrence = {}
        billed, texts = self._get_billed(), self._get_product_texts()
        seen = [o for o, change in changes.items() if "lines" in change]
        billed.update(
            self._leave_out_zero(billed, {o: c for o, c in counts.items() if o not in seen})
        )
        for date, group in self.grouped(lambda occ: dates[occ]).items():
            templates = group.schedule_id.template_move_id
            templates = templates.with_context(recurrence_keep_balance=ON)
            data_by_template = self._copy_templates(templates, date, texts)
            for occurrence in group:
                template = occurrence.schedule_id.template_move_id
                vals_by_occurrence[occurrence] = occurrence._prepare_invoice(
                    template,
                    date,
                    occurrence._get_bill_date(date, changes),
                    data_by_template[template],
                    billed.get(occurrence),
                    fiscal.get(occurrence),
                    counts.get(occurrence),
                )
        return [vals_by_occurrence[occurrence] for occurrence in self]

    @api.model
    def _copy_templates(self, templates, date, texts):
        """Return what Odoo copies of templates, with the texts of products as they are to be.

        :param texts: see ``_get_product_texts``
        :return: dict template → values
        """
        data = templates.copy_data({"date": date})
        for _command, _id, line_vals in chain.from_iterable(vals["line_ids"] for vals in data):
            if line_vals.get("recurrence_line_id") in texts:
                line_vals["name"] = texts[line_vals["recurrence_line_id"]]
        return dict(zip(templates, data, strict=True))

    def _get_bill_date(self, date, changes):
        """Return the date that stands on a document; a bill has that of its vendor.

        :param date: the day it is booked on
        """
        if self.schedule_id._get_document().side != "purchase":
            return date
        return changes.get(self, {}).get("invoice_date") or self.date

    def _prepare_invoice(self, template, date, bill_date, data, billed, change, counted):
        """Return the values of one invoice.

        :param date: the day it is booked on
        :param bill_date: the date that stands on it
        :param data: what ``copy_data`` gives of the template
        :param billed: dict line → decision, see ``_get_billed``; None: all lines in full
        :param change: FiscalChange that is taken over
        :param counted: dict line → Counted
        """
        schedule = self.schedule_id
        vals = {
            **data,
            **template._get_fields_to_copy_recurring_entries({"date": date}),
            "is_recurrence_template": False,
            "quick_edit_total_amount": False,
            "recurrence_schedule_id": schedule.id,
            "recurrence_occurrence_id": self.id or False,
        }
        for name in AUTO_POST_FIELDS:
            vals.pop(name, None)
        if schedule._get_document().is_entry:
            vals["partner_id"] = template.partner_id.id
            self._shift_maturities(template, date, data["line_ids"])
        else:
            vals["invoice_date"] = bill_date
            self._set_due_date(schedule, template, bill_date, vals)
        lines = self._prepare_lines(template, self._get_sources(data["line_ids"]), billed)
        self._apply_counts(lines, counted or {})
        if change:
            schedule._apply_fiscal(change, vals, dict(lines))
        if schedule.price_source == "pricelist":
            self._apply_pricelist(template, vals, [line_vals for _line_id, line_vals in lines])
        self._note_billed_days(lines, billed)
        if billed:
            self._apply_shares(template, vals, lines, billed)
        vals["line_ids"] = [Command.create(line_vals) for _line_id, line_vals in lines]
        self._fill_texts(template, vals)
        return vals

    @api.model
    def _shift_maturities(self, template, date, commands):
        """Let the due days of lines of an entry keep their distance from its date."""
        for _command, _id, line_vals in commands:
            if day := fields.Date.to_date(line_vals.get("date_maturity")):
                line_vals["date_maturity"] = date + (day - template.date)

    def _get_sources(self, commands):
        """Return the values of the lines of a copy that are not derived from others.

        A journal entry is copied as it is, with its taxes: it must balance.
        """
        sources = [line_vals for _command, _id, line_vals in commands]
        if self.schedule_id._get_document().is_entry:
            return sources
        return [row for row in sources if row.get("display_type") not in DERIVED_LINES]

    @api.model
    def _prepare_invoice_line(self, schedule, template, line_vals):
        vals = {k: v for k, v in line_vals.items() if k != "move_id"}
        if schedule._get_document().is_entry:
            return vals  # it balances as it is
        is_priced_anew = schedule.price_source != "template" and vals.get("product_id")
        if is_priced_anew:
            # Odoo computes what is not given, as if the product had been chosen now
            vals.pop("price_unit", None)
        if is_priced_anew or template.currency_id != template.company_currency_id:
            # amounts in company currency follow the rate of the new date
            vals.pop("balance", None)
            vals.pop("amount_currency", None)
        return vals

    @api.model
    def _set_due_date(self, schedule, template, date, vals):
        """Due by the payment terms, or as many days after the invoice date as in the template."""
        if template.invoice_payment_term_id and schedule.due_mode == "term":
            vals.pop("invoice_date_due", None)
            return
        distance = (template.invoice_date_due or template.date) - template.date
        vals["invoice_date_due"] = date + max(distance, timedelta())
        vals["invoice_payment_term_id"] = False

    # --- for this one only ---

    def _apply_changes(self, vals_list, changes):
        """Put what a person changed for one invoice only over the values of the template.

        :param changes: dict occurrence → dict of ``invoice_date``, ``fiscal`` ("keep" or "take"),
            ``values`` (of the invoice) and ``lines``: a list of (position among the lines that
            are billed or None, values). Lines that are not named are left out. ``replaces`` among
            the values is the position of the line that another product stands for.
        """
        for occurrence, vals in zip(self, vals_list, strict=True):
            change = changes.get(occurrence, {})
            vals.update(change.get("values", {}))
            lines = change.get("lines")
            if lines is None:
                continue
            old = [command[2] for command in vals["line_ids"]]
            named = [n for pos, line_vals in lines for n in (pos, line_vals.get("replaces"))]
            if any(position not in (None, *range(len(old))) for position in named):
                raise UserError(
                    self.env._(
                        "The lines have changed since this was shown. Open the dialog again."
                    )
                )
            for line_vals in old:
                line_vals.pop("balance", None)
                line_vals.pop("amount_currency", None)
            vals["line_ids"] = [
                Command.create(self._change_line(old, position, line_vals))
                for position, line_vals in lines
            ]

    @api.model
    def _change_line(self, old, position, changed):
        """Return the values of one line, from those there were and what a person entered."""
        if position is not None:
            return {**old[position], **changed}
        replaced = changed.get("replaces")
        vals = {name: value for name, value in changed.items() if name != "replaces"}
        if replaced is not None:
            # another product, but billed in its place: what is billed once is billed then
            vals.update(
                {name: old[replaced][name] for name in BILLED_FIELDS & old[replaced].keys()}
            )
        return vals

    # --- texts ---

    def _get_product_texts(self):
        """Return texts that a product gave, where the customer's language has another one.

        A text that a person changed stays as it is: it is that of the product in no language.

        :return: dict id of a line of a template → text
        """
        lines = self.schedule_id.template_move_id.invoice_line_ids.filtered("product_id")
        codes = [code for code, _name in self.env["res.lang"].get_installed()]
        if not lines or len(codes) == 1:
            return {}
        found = {}
        for of_side in lines.grouped(lambda line: line.move_id.journal_id.type).values():
            template, products = of_side.move_id[0], of_side.sudo().product_id
            texts = {
                code: {
                    product.id: template._recurrence_get_product_text(product)
                    for product in products.with_context(lang=code)
                }
                for code in codes
            }
            for line in of_side:
                own = texts[self._get_lang(line.move_id.partner_id)][line.product_id.id]
                known = {by_product[line.product_id.id] for by_product in texts.values()}
                if line.name != own and line.name in known:
                    found[line.id] = own
        return found

    def _fill_texts(self, template, vals):
        texts = [vals.get(name) for name in TEXT_FIELDS]
        lines = [command[2] for command in vals["line_ids"]]
        texts += [line.get("name") for line in lines]
        if not any(has_placeholder(str(text or "")) for text in texts):
            return
        lang = self._get_lang(template.partner_id)
        values = self._get_placeholder_values(lang, vals["date"])
        for name in TEXT_FIELDS:
            if vals.get(name):
                vals[name] = fill_placeholders(str(vals[name]), values)
        for line in lines:
            if line.get("name"):
                line["name"] = fill_placeholders(line["name"], values)

    def _get_placeholder_values(self, lang, date, start=None, end=None):
        """Return what each placeholder stands for in a language.

        The period is that of the rule date, also where the invoice is dated differently.

        :param lang: code of an installed language
        :param start: first and last day of a line that bills other days
        """
        start = start or self.period_start or self.rule_date
        end = end or self.period_end or start

        def text(day, pattern=False):
            return format_date(self.env, day, lang_code=lang, date_format=pattern)

        def shifted(name, number):
            day = end if name == "END_MONTH" else start
            day += relativedelta(months=number * MONTHS[name])
            if name == "HALF_YEAR":
                return "1" if day.month <= 6 else "2"
            return text(day, PATTERNS[name])

        return Values(
            {
                "PERIOD_START": text(start),
                "PERIOD_END": text(end),
                **{name: shifted(name, 0) for name in MONTHS},
                "NUMBER": str(self.number or ""),
                "DATE": text(date),
            },
            shifted,
        )

    @api.model
    def _get_lang(self, partner):
        """Return the customer's language, or the company's when it is not installed (any more)."""
        return self._get_installed_lang(
            partner.lang, self.env.company.partner_id.lang, self.env.lang
        )

    @api.model
    def _get_installed_lang(self, *codes):
        """Return the first of these languages that is installed, or any."""
        installed = [code for code, _name in self.env["res.lang"].get_installed()]
        return next((code for code in codes if code in installed), installed[0])

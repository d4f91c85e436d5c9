from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL, format_amount, format_date

from ....tools.dunning.ageing import age
from ....tools.dunning.credit import exact
from ..decide.dunning_engine_source_mixin import UNDERWAY

MODULE = "account_recurrence_dunning"
# The sections of the table of open items before the credits, in their order.
KINDS = ("remind", "overdue", "soon")
# How many rows stand on one page with the total.
KEPT_TOGETHER = 3
# A table of so many rows at most is not split over two pages.
SHORT_TABLE = 12
# What came in since the last message: bookings, and payments in process without one.
PAID_SINCE_LAST = """
     WITH last AS (
   SELECT partner_id, max(COALESCE(sent_date, date)) AS day, max(proof_date) AS moment
     FROM dunning_reminder
    WHERE company_id = %(company)s AND partner_id = ANY(%(partners)s)
      AND state = 'sent' AND is_test IS NOT TRUE AND id <> ALL(%(without)s::int[])
 GROUP BY partner_id), paid AS (
   SELECT last.partner_id, line.currency_id, -line.amount_currency AS amount
     FROM last
     JOIN res_partner contact ON contact.commercial_partner_id = last.partner_id
     JOIN account_move_line line ON line.partner_id = contact.id
      AND line.company_id = %(company)s AND line.parent_state = 'posted'
      AND line.date <= %(as_of)s
      AND (line.date > last.day OR line.date = last.day AND line.create_date > last.moment)
     JOIN account_account account ON account.id = line.account_id
                                 AND account.account_type = 'asset_receivable'
     JOIN account_move move ON move.id = line.move_id
    WHERE move.origin_payment_id IS NOT NULL OR move.statement_line_id IS NOT NULL
UNION ALL
   SELECT last.partner_id, payment.currency_id, payment.amount
     FROM last
     JOIN res_partner contact ON contact.commercial_partner_id = last.partner_id
     JOIN account_payment payment ON payment.partner_id = contact.id
      AND payment.company_id = %(company)s AND payment.payment_type = 'inbound'
      AND payment.date <= %(as_of)s AND %(underway)s
      AND (payment.date > last.day
           OR payment.date = last.day AND payment.create_date > last.moment))
   SELECT partner_id, currency_id, sum(amount)
     FROM paid
 GROUP BY partner_id, currency_id
   HAVING sum(amount) > 0
 ORDER BY partner_id, currency_id
"""


class DunningReminderStatementMixin(models.AbstractModel):
    """The table of open items of a reminder: in the message, and printed."""

    _name = "dunning.reminder.statement.mixin"
    _description = "Open Items of Reminders"

    paid_since_last = fields.Json(
        compute="_compute_paid_since_last",
        help="Per currency, what the customer paid since the last message.",
    )

    @api.depends("partner_id", "company_id")
    def _compute_paid_since_last(self):
        """Fill what customers paid since the last message: ``[[currency id, amount], …]``."""
        for (company, day), found in self.grouped(
            lambda reminder: (reminder.company_id, reminder._get_text_date())
        ).items():
            own = [reminder._origin.id for reminder in found if reminder._origin]
            paid = self.sudo()._read_paid_since_last(company, found.partner_id, day, own)
            for reminder in found:
                reminder.paid_since_last = [*paid.get(reminder.partner_id.id, {}).items()]

    @api.model
    def _read_paid_since_last(self, company, partners, as_of, without=()):
        """Return what customers paid since the last message they got.

        Bookings of a payment or a bank statement line, and payments in process without one.

        :param without: ids of reminders that are not the last one: those being written
        :return: ``{customer id: {currency id: amount}}``; nothing for who was never written to
        """
        self.flush_model(["state", "sent_date", "date", "is_test", "proof_date"])
        self.env["account.payment"].flush_model(["partner_id", "company_id"])
        company._dunning_get_engine()._flush_read_fields()
        rows = self.env.execute_query(
            SQL(
                PAID_SINCE_LAST,
                company=company.id,
                partners=partners.ids,
                without=list(without),
                as_of=as_of,
                underway=UNDERWAY,
            )
        )
        found = defaultdict(dict)
        for partner_id, currency_id, amount in rows:
            found[partner_id][currency_id] = float(amount)
        return found

    def _render_statement(self):
        """Return the table of the lines of a reminder, in its language; on paper without links."""
        printed = bool(self.env.context.get("dunning_printed"))
        lang = self.lang or self.env.lang or "en_US"
        reminder = self.with_context(lang=lang)
        lines = reminder._get_statement_lines() if printed else reminder._get_shown_lines()
        # a part of what is open is told to others than the customer: they do not pay
        is_part = self.env.context.get("dunning_statement_lines") is not None
        parts = [] if is_part else reminder._get_payment_parts(pictures=printed)
        values = {"reminder": reminder, "parts": parts}
        values["sentences"] = reminder._get_claim_sentences()
        if printed:
            values["tables"] = [
                reminder._prepare_statement_table(currency, found, lang)
                for currency, found in lines.grouped("currency_id").items()
            ]
            values["paid"] = reminder._get_paid_texts(lang)
        else:
            values |= reminder._prepare_message_items(lines, lang)
        return self.env["ir.qweb"]._render(
            f"{MODULE}.dunning_statement{'_print' if printed else ''}",
            values,
            minimal_qcontext=True,
            lang=lang,
        )

    def _get_total_texts(self):
        """Return what is open as texts in the language of the reminder, one a currency."""
        return [
            format_amount(self.env, total, currency, self.lang or self.env.lang)
            for currency, total in self._get_totals()
        ]

    def _get_statement_lines(self):
        """Return the lines of a statement: the oldest due date first, credits at the end."""
        return self._get_standing().sorted(
            lambda line: (line.kind == "credit", str(line.due_date or ""), line.id or 0)
        )

    def _prepare_message_items(self, lines, lang):
        """Return what the message shows of its items, as texts."""
        sections = self._get_statement_sections(lines, lang)
        has_links = any(row["url"] for rows in sections.values() for row in rows)
        return {
            "sections": sections,
            "kinds": [*sections],
            "totals": self._get_total_rows(),
            "claims": self._get_claim_rows(lang),
            "remarks": self._get_remarks(lines, has_links),
            **self._get_sides(),
        }

    def _get_statement_sections(self, lines, lang):
        """Return ``{kind: rows}`` in the order they are shown; those of other addons last but one.

        What is taken off comes at the end.
        """
        sections = defaultdict(list)
        base_url = self.get_base_url()
        for line in lines:
            # beside overdue lines, one not yet due must not read as if it were
            soon = line.kind == "remind" and line.days_late <= 0 < self.level_number
            kind = "soon" if soon else line.kind
            if self.is_statement and kind == "overdue":
                kind = "remind"  # nothing beside which it would be overdue too
            sections[kind].append(self._prepare_statement_row(base_url, line, lang))
        kinds = [*KINDS, *sorted(sections.keys() - {*KINDS, "credit"}), "credit"]
        return {kind: sections[kind] for kind in kinds if kind in sections}

    def _prepare_statement_table(self, currency, lines, lang):
        """Return the table of one currency, as texts."""
        rows = [
            # what the message is about stands first, without a heading
            {**row, "section": kind if place == 0 and kind != "remind" else ""}
            for kind, found in self._get_statement_sections(lines, lang).items()
            for place, row in enumerate(found)
        ]

        def show(amount):
            return format_amount(self.env, float(amount), currency, lang)

        return {
            "currency": currency.name,
            "groups": _group_rows(rows),
            "is_short": len(rows) <= SHORT_TABLE,
            "total": show(sum(lines.mapped("amount_residual"))),
            "claims": self._get_claim_table(currency, sum(lines.mapped("amount_residual")), lang),
            "ages": [show(amount) for amount in self._get_ages(lines)],
        }

    @api.model
    def _get_ages(self, lines):
        """Return the ageing of lines in one currency, and what has no due date as the last one."""
        due = lines.filtered(lambda line: line.kind != "credit" and line.due_date)
        ages = age((line.days_late, line.amount_residual) for line in due)
        return [*ages, sum(exact(line.amount_residual) for line in lines - due)]

    def _get_paid_texts(self, lang):
        """Return what the customer paid since the last message, per currency."""
        currencies = self.env["res.currency"]
        return [
            format_amount(self.env, amount, currencies.browse(currency_id), lang)
            for currency_id, amount in self.paid_since_last or ()
        ]

    @api.model
    def _prepare_statement_row(self, base_url, line, lang):
        """Return one row of the statement as texts."""
        move = line.move_id.sudo()
        url = ""
        linked = line.kind != "credit" and not self.env.context.get("dunning_printed")
        if move and linked and move.is_sale_document(include_receipts=True):
            url = base_url + move.get_portal_url()
        late = line.days_late
        # a line of another addon may be a text
        shown = line.amount_residual or line.kind in ("remind", "overdue", "credit")
        return {
            "number": line.move_name or "",
            "url": url,
            "date": format_date(self.env, line.invoice_date, lang_code=lang),
            "due": format_date(self.env, line.due_date, lang_code=lang) if line.due_date else "",
            "level": str(line.level_number or ""),
            "late": str(late) if line.kind != "credit" and late > 0 else "",
            "amount": format_amount(self.env, line.amount_residual, line.currency_id, lang)
            if shown
            else "",
        }


def _group_rows(rows):
    """Return rows of a table as lists whose first row stands on the page of what is above it.

    A section begins a list of its own, which is its heading and its first row; the last list
    holds what stays on the page of the total.
    """
    groups = []
    for row in rows[:-KEPT_TOGETHER]:
        if row["section"] or not groups or groups[-1][0]["section"]:
            groups.append([])
        groups[-1].append(row)
    return [*groups, rows[-KEPT_TOGETHER:]]

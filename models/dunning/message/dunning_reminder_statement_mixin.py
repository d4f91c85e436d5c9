from collections import defaultdict

from odoo import api, models
from odoo.tools import format_amount, format_date

MODULE = "account_recurrence_dunning"
# The sections of the table of open items before the credits, in their order.
KINDS = ("remind", "overdue", "soon")


class DunningReminderStatementMixin(models.AbstractModel):
    """The table of open items of a reminder: in the message, and printed."""

    _name = "dunning.reminder.statement.mixin"
    _description = "Open Items of Reminders"

    def _render_statement(self):
        """Return the table of the lines of a reminder, in its language; on paper without links."""
        printed = bool(self.env.context.get("dunning_printed"))
        lang = self.lang or self.env.lang or "en_US"
        self = self.with_context(lang=lang)
        reminder = self.with_context(lang=lang)
        lines = reminder._get_standing() if printed else reminder._get_shown_lines()
        lines = lines.sorted(lambda line: (str(line.due_date or ""), line.id))
        sections = defaultdict(list)
        base_url = reminder.get_base_url()
        for line in lines:
            # beside overdue lines, one not yet due must not read as if it were
            soon = line.kind == "remind" and line.days_late <= 0 < reminder.level_number
            kind = "soon" if soon else line.kind
            sections[kind].append(self._prepare_statement_row(base_url, line, lang))
        return self.env["ir.qweb"]._render(
            f"{MODULE}.dunning_statement{'_print' if printed else ''}",
            {
                "reminder": reminder,
                "sections": sections,
                # those of other addons before what is taken off
                "kinds": [*KINDS, *sorted(sections.keys() - {*KINDS, "credit"}), "credit"],
                "totals": reminder._get_total_texts(),
                "total_label": reminder.env._("Total outstanding"),
                "remarks": []
                if printed
                else reminder._get_remarks(
                    lines, any(row["url"] for rows in sections.values() for row in rows)
                ),
                "parts": reminder._get_payment_parts(pictures=printed),
                **reminder._get_sides(),
            },
            minimal_qcontext=True,
            lang=lang,
        )

    def _get_total_texts(self):
        """Return what is open as texts in the language of the reminder, one a currency."""
        return [
            format_amount(self.env, total, currency, self.lang or self.env.lang)
            for currency, total in self._get_totals()
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
            "late": str(late) if line.kind != "credit" and late > 0 else "",
            "amount": format_amount(self.env, line.amount_residual, line.currency_id, lang)
            if shown
            else "",
        }

from odoo import api, models
from odoo.tools import SQL, format_date

from ...tools.recurrence.document import DOCUMENTS, find_numbered_together


class RecurrenceOccurrenceInvoiceDateMixin(models.AbstractModel):
    """Decides how a recurring invoice is dated: numbers must follow dates."""

    _name = "recurrence.occurrence.invoice.date.mixin"
    _description = "Dates of Recurring Invoices"

    def _get_invoice_dates(self, as_of, changes=None):
        """Return the invoice date of each occurrence, and why where it is not its own date.

        An invoice bears the date of its occurrence, unless a later-dated one of the same series
        is posted or the period is locked: then the day of issue. Its period stays. What vendors
        number, and journal entries, need no order.

        :param as_of: the day of issue
        :param changes: dict occurrence → dict, whose ``invoice_date`` a person has chosen
        :return: dict occurrence → date, dict occurrence → translated sentence
        """
        changes = changes or {}
        series = {occurrence: occurrence._get_series() for occurrence in self}
        latest = {key: self._get_latest_invoice_date(*key) for key in set(series.values())}
        dates, reasons, locks = {}, {}, {}
        for occurrence in self:
            date = changes.get(occurrence, {}).get("invoice_date") or occurrence.date
            journal, kinds = series[occurrence]
            template = occurrence.schedule_id.template_move_id
            key = occurrence.company_id, journal, template._affect_tax_report(), date
            if key not in locks:
                locks[key] = self._get_date_lock(*key)
            lock, last = locks[key], latest[journal, kinds]
            later = last and last > date and last
            if as_of > date and (later or lock):
                reasons[occurrence] = occurrence._get_date_reason(date, as_of, later, lock)
                date = as_of
            dates[occurrence] = date
        return dates, reasons

    def _get_series(self):
        """Return the journal of an invoice and the kinds it is numbered with; none: in no order."""
        template = self.schedule_id.template_move_id
        kind = template.move_type or "out_invoice"
        if not DOCUMENTS[kind].is_sale:
            return template.journal_id, ()
        return template.journal_id, find_numbered_together(
            kind, template.journal_id.refund_sequence
        )

    @api.model
    def _get_latest_invoice_date(self, journal, kinds):
        """Return the latest date of what is posted in a journal, or None.

        One look at the index per company of the journal, however many invoices there are.

        :param kinds: of which kinds; empty: None is returned
        """
        if not kinds:
            return None
        companies = self.env["res.company"].sudo()
        companies = companies.search([("id", "child_of", journal.company_id.ids)])
        self.env["account.move"].flush_model(["journal_id", "company_id", "state", "date"])
        [[latest]] = self.env.execute_query(
            SQL(
                """
                SELECT MAX(last.date)
                  FROM UNNEST(%(companies)s) company (id)
                 CROSS JOIN LATERAL (
                       SELECT move.date
                         FROM account_move move
                        WHERE move.journal_id = %(journal)s
                          AND move.company_id = company.id
                          AND move.state = 'posted'
                          AND move.move_type IN %(kinds)s
                        ORDER BY move.date DESC
                        LIMIT 1
                       ) last
                """,
                companies=companies.ids,
                journal=journal.id,
                kinds=kinds,
            )
        )
        return latest

    @api.model
    def _get_date_lock(self, company, journal, has_taxes, date):
        """Return the sentence of the lock dates that forbid an entry on a day, or False."""
        locks = company._get_lock_date_violations(
            date,
            sale=journal.type == "sale",
            purchase=journal.type == "purchase",
            tax=has_taxes,
        )
        return locks and company._format_lock_dates(locks)

    def _get_date_reason(self, date, as_of, later, lock):
        values = {
            "planned": format_date(self.env, date),
            "issued": format_date(self.env, as_of),
        }
        if lock and self.schedule_id._get_document().side == "purchase":
            return self.env._(
                "Booked on %(issued)s, the day of issue, instead of %(planned)s: that period is "
                "locked (%(lock)s).",
                lock=lock,
                **values,
            )
        if lock:
            return self.env._(
                "Dated %(issued)s, the day of issue, instead of %(planned)s: that period is "
                "locked (%(lock)s).",
                lock=lock,
                **values,
            )
        return self.env._(
            "Dated %(issued)s, the day of issue, instead of %(planned)s: an invoice dated "
            "%(later)s is already posted in this journal, and invoice numbers must be in date "
            "order.",
            later=format_date(self.env, later),
            **values,
        )

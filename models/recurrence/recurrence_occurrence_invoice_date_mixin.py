from odoo import api, models
from odoo.tools import SQL, format_date


class RecurrenceOccurrenceInvoiceDateMixin(models.AbstractModel):
    """Decides how a recurring invoice is dated: numbers must follow dates."""

    _name = "recurrence.occurrence.invoice.date.mixin"
    _description = "Dates of Recurring Invoices"

    def _get_invoice_dates(self, as_of, changes=None):
        """Return the invoice date of each occurrence, and why where it is not its own date.

        An invoice bears the date of its occurrence, unless a later-dated one of the same journal
        is posted or the period is locked: then the day of issue. Its period stays.

        :param as_of: the day of issue
        :param changes: dict occurrence → dict, whose ``invoice_date`` a person has chosen
        :return: dict occurrence → date, dict occurrence → translated sentence
        """
        changes = changes or {}
        journals = self.schedule_id.template_move_id.journal_id
        latest = {journal: self._get_latest_invoice_date(journal) for journal in journals}
        dates, reasons, locks = {}, {}, {}
        for occurrence in self:
            date = changes.get(occurrence, {}).get("invoice_date") or occurrence.date
            if date not in locks:
                locks[date] = self._get_date_lock(occurrence.company_id, date)
            journal = occurrence.schedule_id.template_move_id.journal_id
            later = latest[journal] and latest[journal] > date and latest[journal]
            if as_of > date and (later or locks[date]):
                reasons[occurrence] = occurrence._get_date_reason(date, as_of, later, locks[date])
                date = as_of
            dates[occurrence] = date
        return dates, reasons

    @api.model
    def _get_latest_invoice_date(self, journal):
        """Return the latest date of a posted customer invoice in a journal, or None.

        One look at the index per company of the journal, however many invoices there are.
        """
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
                          AND move.move_type = 'out_invoice'
                        ORDER BY move.date DESC
                        LIMIT 1
                       ) last
                """,
                companies=companies.ids,
                journal=journal.id,
            )
        )
        return latest

    @api.model
    def _get_date_lock(self, company, date):
        """Return the sentence of the lock dates that forbid a sales entry on a day, or False."""
        locks = company._get_lock_date_violations(date, purchase=False)
        return locks and company._format_lock_dates(locks)

    def _get_date_reason(self, date, as_of, later, lock):
        values = {
            "planned": format_date(self.env, date),
            "issued": format_date(self.env, as_of),
        }
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

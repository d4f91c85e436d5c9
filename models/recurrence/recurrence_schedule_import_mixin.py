from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError


class RecurrenceScheduleImportMixin(models.AbstractModel):
    """What is told of recurring invoices before they are imported."""

    _name = "recurrence.schedule.import.mixin"
    _description = "Import of Recurring Invoices"

    def _get_import_facts(self):
        """Return of each what it bills, and when for the first time, as values of a row.

        :return: list of dicts of ``recurrence.import.line``
        """
        return [schedule._get_import_fact() for schedule in self]

    def _get_import_fact(self):
        try:
            self._check_startable()
        except UserError as error:
            return {"problem": str(error), "note": False}
        template, today = self.template_move_id, self.company_id._get_job_today()
        lines = template.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        names = [line._recurrence_get_name() for line in lines]
        rule = self._get_rule()
        notes = []
        if past := len(rule.rule_dates(date_to=today - timedelta(days=1))):
            notes.append(
                self.env._("Dates in the past: %(count)s. They become due immediately.", count=past)
            )
        if template.currency_id.is_zero(template.amount_total):
            notes.append(self.env._("Nothing is billed: the total is 0."))
        untaxed = [line._recurrence_get_name() for line in lines if not line.tax_ids]
        if untaxed:
            notes.append(self.env._("Without tax: %(lines)s", lines=", ".join(untaxed)))
        return {
            "what": ", ".join(names)[:256],
            "rule_summary": self.rule_summary,
            "first_date": rule.rule_dates(limit=1)[0],
            "currency_id": template.currency_id.id,
            "total": template.amount_total,
            "taxes": ", ".join(lines.tax_ids.mapped("name"))[:256],
            "note": "\n".join(notes) or False,
        }

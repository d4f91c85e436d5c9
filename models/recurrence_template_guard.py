from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# How a record is found in a template, per model.
USES = {
    "res.partner": ("partner_id", "partner_shipping_id"),
    "account.journal": ("journal_id",),
    "account.payment.term": ("invoice_payment_term_id",),
    "product.product": ("line_ids.product_id",),
    "product.template": ("line_ids.product_id.product_tmpl_id",),
    "account.tax": ("line_ids.tax_ids",),
    "account.account": ("line_ids.account_id",),
}
NAMED_SCHEDULES = 10


class RecurrenceTemplateGuard(models.AbstractModel):
    """Stands in for Odoo's own guards, which do not see the hidden templates."""

    _name = "recurrence.template.guard"
    _description = "Guard of What Recurring Invoices Use"

    @api.model
    def _check_write(self, records, vals):
        """Refuse to archive what a running schedule uses."""
        if "active" in vals and not vals["active"]:
            # the refusal names schedules: not for who could not archive the record anyway
            records.check_access("write")
            self._check_unused(records.filtered("active"))

    @api.model
    def _check_unused(self, records):
        """Refuse to archive or delete what a running schedule uses, naming the schedules.

        Scripts that mean it pass ``recurrence_archive_anyway`` in the context.

        :raise UserError: with the schedules and what to do
        """
        if not records or self.env.context.get("recurrence_archive_anyway"):
            return
        schedules = self._get_schedules(records)
        if schedules:
            names = [f"- {schedule.name}" for schedule in schedules[:NAMED_SCHEDULES]]
            if len(schedules) > NAMED_SCHEDULES:
                more = len(schedules) - NAMED_SCHEDULES
                names.append(self.env._("- and %(count)s more", count=more))
            raise UserError(
                self.env._(
                    "%(record)s is used by running recurrences:\n%(names)s\n\n"
                    "Change their templates or finish them first.",
                    record=", ".join(records[:3].sudo().mapped("display_name")),
                    names="\n".join(names),
                )
            )

    @api.model
    def _get_schedules(self, records):
        """Return the running and paused schedules that use one of the records, of any company."""
        templates = self.env["account.move"].sudo().with_context(with_recurrence_templates=True)
        used = Domain.OR(Domain(path, "in", records.ids) for path in USES[records._name])
        domain = Domain("is_recurrence_template", "=", True) & used
        found = templates.with_context(active_test=False).search(domain).recurrence_schedule_id
        found = found.filtered(lambda schedule: schedule.state in ("running", "paused"))
        return found.with_context(with_recurrence_templates=False)

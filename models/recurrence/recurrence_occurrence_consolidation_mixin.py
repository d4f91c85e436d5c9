from odoo import api, fields, models

from ..common.access_groups import INVOICE_READERS
from .recurrence_occurrence_invoice_mixin import OPEN_STATES


class RecurrenceOccurrenceConsolidationMixin(models.AbstractModel):
    """A date that shares its invoice with dates of the customer's other recurrences (R14)."""

    _name = "recurrence.occurrence.consolidation.mixin"
    _description = "Consolidated Invoice of Recurrence Dates"

    billed_ids = fields.One2many(
        "recurrence.billed.date", "occurrence_id", readonly=True, groups=INVOICE_READERS
    )
    invoice_ids = fields.Many2many(
        "account.move",
        string="All Invoices",
        compute="_compute_invoice_ids",
        compute_sudo=True,
        groups=INVOICE_READERS,
        help="Every invoice ever issued for this date; at most one of them counts.",
    )

    sharing_ids = fields.Many2many(
        "recurrence.occurrence",
        string="On the Same Invoice",
        compute="_compute_sharing_ids",
        compute_sudo=True,
        groups=INVOICE_READERS,
        help="Dates of the customer's other recurrences that the invoice or draft bills too.",
    )

    @api.depends("move_id", "billed_ids")
    def _compute_sharing_ids(self):
        for occurrence in self:
            dates = occurrence.move_id._recurrence_get_dates()
            occurrence.sharing_ids = dates - occurrence if occurrence._has_invoice() else False

    @api.depends("billed_ids")
    def _compute_invoice_ids(self):
        for occurrence in self:
            occurrence.invoice_ids = occurrence.billed_ids.move_id

    def _get_companions(self):
        """Return the open dates of other recurrences that belong on the invoice of this one."""
        self.ensure_one()
        issuing = self.env["recurrence.issuing"]
        domain = [
            ("company_id", "=", self.company_id.id),
            ("target", "=", "invoice"),
            ("state", "in", OPEN_STATES),
            ("is_held", "=", False),
            ("schedule_id.state", "=", "running"),
            "|",
            ("move_id", "=", False),
            ("move_id.state", "=", "cancel"),
        ]
        found = issuing._find_companions(self, domain)
        found = found.filtered(lambda o: o.schedule_id != self.schedule_id)
        unbilled = found._get_unbilled() if found else {}
        # one invoice has at most one date of a recurrence
        units = issuing._get_units(found.filtered(lambda o: o not in unbilled))
        return units[0] if units else self.browse()

    def _get_joining(self):
        """Return the dates that are on the invoice of this one, were it issued now.

        Not those of which a person first has to enter a quantity, or to decide on taxes.
        """
        companions = self._get_companions()
        if not companions:
            return companions
        fiscal = companions.schedule_id._get_fiscal_changes()
        waiting = [s for s, change in fiscal.items() if s._get_fiscal_choice(change) == "wait"]
        counts = companions._count_quantities()
        unbilled = companions._get_unbilled(counts)
        companions = companions.filtered(
            lambda o: (
                o.schedule_id not in waiting
                and o not in unbilled
                and not any(counted.problem for counted in counts.get(o, {}).values())
            )
        )
        dates = self.concat(companions)
        as_of = self.company_id._get_job_today()
        vals_list, _reasons = dates._get_drafts(as_of, counts={})
        invoices = self.env["recurrence.issuing"]._consolidate(dates, vals_list)
        return next(found for found, _vals in invoices if self in found) - self

    def _leave_drafts(self, reason):
        """Take these dates off drafts that bill others too: their lines are deleted there.

        :param reason: why, a sentence
        :return: the dates that had such a draft
        """
        left = self.browse()
        for occurrence in self:
            draft = occurrence.sudo().move_id
            if draft.state != "draft" or occurrence.sudo().sharing_ids <= self.sudo():
                continue
            note = self.env._(
                "The lines of %(name)s were deleted: %(why)s",
                name=occurrence.display_name,
                why=reason,
            )
            draft._recurrence_leave(occurrence.sudo(), note)
            occurrence.sudo().move_id = False
            left += occurrence
        return left

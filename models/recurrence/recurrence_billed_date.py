from odoo import fields, models


class RecurrenceBilledDate(models.Model):
    """One date of a recurrence on one invoice; a consolidated invoice bills dates of several.

    It says of each date every invoice that was ever issued for it. One of them at most is live:
    neither cancelled, nor credited and replaced. The database holds that by a unique index, and
    each change of an invoice's state keeps ``is_live`` in step, see
    ``recurrence.invoice.dates.mixin``.
    """

    _name = "recurrence.billed.date"
    _description = "Recurrence Date on an Invoice"
    _inherit = "recurrence.dunning.own.record.mixin"
    _order = "id"
    _is_engine_made = True

    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    occurrence_id = fields.Many2one(
        "recurrence.occurrence",
        string="Recurrence Date",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    schedule_id = fields.Many2one(
        related="occurrence_id.schedule_id", store=True, precompute=True, index=True
    )
    company_id = fields.Many2one(
        related="occurrence_id.company_id", store=True, precompute=True, index=True
    )
    is_live = fields.Boolean(string="Counts", readonly=True)

    _move_occurrence_uniq = models.UniqueIndex(
        "(move_id, occurrence_id)", "This invoice already bills this date."
    )
    _live_uniq = models.UniqueIndex(
        "(occurrence_id) WHERE is_live IS TRUE",
        "An invoice has already been issued for this date of the recurrence.",
    )

    def _auto_init(self):
        # once all columns are there
        self.pool.post_init(self._note_former)
        return super()._auto_init()

    def _note_former(self):
        """Know the invoices that were issued before a date could share its invoice."""
        self.env.cr.execute(
            """
            INSERT INTO recurrence_billed_date
                        (move_id, occurrence_id, schedule_id, company_id, is_live)
                 SELECT move.id, occurrence.id, occurrence.schedule_id, occurrence.company_id,
                        move.state != 'cancel' AND move.is_recurrence_replaced IS NOT TRUE
                   FROM account_move move
                   JOIN recurrence_occurrence occurrence
                     ON occurrence.id = move.recurrence_occurrence_id
                  WHERE NOT EXISTS (SELECT FROM recurrence_billed_date row
                                     WHERE row.move_id = move.id)
            """
        )

from odoo import fields, models


class DunningReminder(models.Model):
    """Which schedule made a statement, so that none makes it twice (C1)."""

    _inherit = "dunning.reminder"

    statement_schedule_id = fields.Many2one(
        "dunning.statement.schedule",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        copy=False,
    )
    statement_slot = fields.Datetime(
        string="Planned For",
        readonly=True,
        copy=False,
        help="The planned moment of the schedule that made it.",
    )

    _statement_once = models.UniqueIndex(
        "(statement_schedule_id, statement_slot, partner_id) "
        "WHERE statement_schedule_id IS NOT NULL",
        "The schedule made this statement already.",
    )

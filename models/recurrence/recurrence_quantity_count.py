from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class RecurrenceQuantityCount(models.Model):
    """What was counted for a line of an issued invoice, as it was on the day."""

    _name = "recurrence.quantity.count"
    _description = "Counted Quantity"
    _inherit = "recurrence.dunning.own.record.mixin"
    _order = "id"
    _is_engine_made = True

    occurrence_id = fields.Many2one(
        "recurrence.occurrence", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="occurrence_id.company_id", store=True, index=True)
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
    )
    line_id = fields.Many2one(
        "account.move.line",
        string="Line of the Recurring Invoice",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
    )
    name = fields.Char(string="Line", readonly=True)
    quantity_id = fields.Many2one(
        "recurrence.quantity",
        string="Counted",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
    )
    date_start = fields.Date(string="From", readonly=True)
    date_end = fields.Date(string="Until", readonly=True)
    counted = fields.Float(
        string="Counted Number", min_display_digits=0, readonly=True, aggregator=None
    )
    formula = fields.Char(readonly=True)
    billed = fields.Float(
        string="Quantity Billed",
        digits="Product Unit",
        compute="_compute_billed",
        compute_sudo=True,
        aggregator=None,
        help="On the invoice, where a person may have entered another one.",
    )
    record_model = fields.Char(readonly=True)
    record_ids = fields.Json(readonly=True)
    record_count = fields.Integer(string="Records", readonly=True, aggregator=None)
    is_settled = fields.Boolean(
        string="Billed as Counted",
        readonly=True,
        help="It was billed as it was counted, or nothing was to be billed of it.",
    )
    is_standing = fields.Boolean(compute="_compute_is_standing", search="_search_is_standing")

    @api.depends("move_id.invoice_line_ids.quantity", "line_id")
    def _compute_billed(self):
        for count in self:
            lines = count.move_id.invoice_line_ids
            billed = lines.filtered(
                lambda ml, c=count: c.line_id and ml.recurrence_line_id == c.line_id
            )
            count.billed = sum(billed.mapped("quantity"))

    @api.depends("occurrence_id.state", "occurrence_id.move_id.state", "is_settled")
    def _compute_is_standing(self):
        standing = self.filtered_domain(self._get_standing_domain())
        for count in self:
            count.is_standing = count in standing

    @api.model
    def _search_is_standing(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._get_standing_domain()
        return Domain.OR(domain if choice else ~domain for choice in value)

    @api.model
    def _get_standing_domain(self):
        """Return which counts hold: an invoice bills them, or there was nothing to bill.

        A date that a person skips loses its counts.
        """
        return Domain("is_settled", "=", True) & (
            Domain("occurrence_id.move_id.state", "in", ("draft", "posted"))
            | Domain("occurrence_id.state", "=", "skipped")
        )

    def _is_as_counted(self):
        """Whether usage is still billed by this date, and comes to what was counted."""
        rows = self.env["recurrence.usage"].browse(self.record_ids or []).sudo().exists()
        is_theirs = not rows.occurrence_id - self.occurrence_id
        return is_theirs and round(sum(rows.mapped("used")), 6) == round(self.counted, 6)

    @api.model
    def _drop_lines(self, lines):
        """Leave unbilled what was counted for invoice lines that a person deletes from a draft.

        :param lines: account.move.line
        """
        billing = lines.sudo().filtered("recurrence_line_id")
        counts = billing and self.sudo().search(
            [
                ("move_id", "in", billing.move_id.ids),
                ("line_id", "in", billing.recurrence_line_id.ids),
            ]
        )
        if not counts:
            return
        counts.is_settled = False
        left = self.sudo().search(
            [("occurrence_id", "in", counts.occurrence_id.ids), ("is_settled", "=", True)]
        )
        for count in counts.filtered(lambda c: c.record_model == "recurrence.usage"):
            others = left.filtered(
                lambda c, mine=count: (
                    (c.occurrence_id, c.record_model) == (mine.occurrence_id, mine.record_model)
                )
            )
            billed = {row for other in others for row in other.record_ids or ()}
            free = [row for row in count.record_ids or () if row not in billed]
            rows = self.env["recurrence.usage"].sudo().browse(free).exists()
            rows.filtered(lambda row, c=count: row.occurrence_id == c.occurrence_id).write(
                {"occurrence_id": False}
            )

    def action_open_records(self):
        """Open the records that were counted, as far as the user may see them."""
        self.ensure_one()
        self.check_access("read")
        if self.record_model not in self.env:
            raise UserError(self.env._("The records that were counted no longer exist."))
        return {
            "type": "ir.actions.act_window",
            "name": self.quantity_id.name or self.name,
            "res_model": self.record_model,
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", self.record_ids or [])],
            "context": {"active_test": False, "create": False},
        }

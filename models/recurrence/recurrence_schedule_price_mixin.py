from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...tools.recurrence.document import BILLING_KINDS
from ..common.access_groups import INVOICE_READERS
from .recurrence_schedule_correction_mixin import LineChange


class RecurrenceSchedulePriceMixin(models.AbstractModel):
    """Raises prices of a recurring invoice from a day on that no invoice bills yet."""

    _name = "recurrence.schedule.price.mixin"
    _inherit = "recurrence.schedule.change.mixin"
    _description = "Prices of a Recurrence"

    price_rise_count = fields.Integer(
        string="Price Rises", compute="_compute_price_rise_count", groups=INVOICE_READERS
    )

    @api.depends("template_move_id")
    def _compute_price_rise_count(self):
        lines = self.env["recurrence.price.rise.line"]
        counts = dict(
            lines._read_group(
                [("schedule_id", "in", self.ids), ("state", "=", "applied")],
                ["schedule_id"],
                ["rise_id:count_distinct"],
            )
        )
        for schedule in self:
            schedule.price_rise_count = counts.get(schedule, 0)

    def action_open_price_rises(self):
        """Show what the prices of this recurrence were, and since when they are what they are."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_recurrence_dunning.recurrence_price_rise_line_action"
        )
        domain = [("schedule_id", "in", self.ids), ("state", "=", "applied")]
        return {**action, "domain": domain, "context": {"price_history": True}}

    def action_raise_prices(self):
        """Open a price rise of these recurring invoices; nothing changes before it is applied."""
        self.check_access("write")
        schedules = self.filtered(
            lambda s: s.document_type in BILLING_KINDS and s.state != "finished"
        )
        if not schedules:
            raise UserError(
                self.env._("Select recurring invoices to customers that are not finished.")
            )
        if len(schedules.company_id) > 1:
            raise UserError(self.env._("Select recurring invoices of one company."))
        rise = self.env["recurrence.price.rise"].create(
            {
                "company_id": schedules.company_id.id,
                "currency_id": schedules.company_id.currency_id.id,
                "schedule_ids": [Command.set(schedules.ids)],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Price Rise"),
            "res_model": rise._name,
            "res_id": rise.id,
            "view_mode": "form",
        }

    def _get_rise_obstacle(self):
        """Return why no price of this recurrence rises, as a code, or None."""
        if self.document_type not in BILLING_KINDS:
            return "not_invoice"
        return None if self.state in ("running", "paused") else "not_running"

    def _get_first_days_open(self):
        """Return the first day of each that no invoice bills, and no draft is going to.

        :return: dict schedule → date; without those of which nothing was billed
        """
        rows = self.env["recurrence.occurrence"].sudo()
        groups = rows._read_group(
            [
                ("schedule_id", "in", self.ids),
                ("move_id.state", "in", ("draft", "posted")),
                ("period_end", "!=", False),
            ],
            ["schedule_id"],
            ["period_end:max"],
        )
        return {schedule.with_env(self.env): end + timedelta(days=1) for schedule, end in groups}

    def _raise_prices(self, day, prices):
        """Give lines new prices from a day on.

        :param day: first day of a period of each line, which nothing bills yet
        :param prices: dict line of the template → new price
        :return: dict line → line that has the new price: a new one, or itself
        :raise UserError: it was billed meanwhile
        """
        self.ensure_one()
        self.check_access("write")
        self._check_template()
        self.template_move_id.check_access("write")
        changes = [LineChange(line, {"price_unit": price}) for line, price in prices.items()]
        successors = self._change_open_lines(day, changes)
        return {change.line: successors[id(change)] for change in changes}

from datetime import date as Day
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ..common.engine_mark import as_engine
from .recurrence_schedule_planning_mixin import ENGINE_CONTEXT

LATEST = Day.max
# What a line with a new price has of the one before it.
KEPT = (
    "name",
    "account_id",
    "analytic_distribution",
    "quantity",
    "discount",
    "product_id",
    "product_uom_id",
    "tax_ids",
    "recurrence_billing",
    "recurrence_every",
)


class RecurrencePriceRiseLine(models.Model):
    """What one line of a recurring invoice costs before and after; the history of its prices."""

    _name = "recurrence.price.rise.line"
    _description = "New Price of a Recurring Invoice Line"
    _inherit = "recurrence.dunning.own.record.mixin"
    _order = "rise_id desc, partner_id, id"
    _rec_name = "name"
    _is_engine_made = True

    rise_id = fields.Many2one(
        "recurrence.price.rise",
        string="Price Rise",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    notice_id = fields.Many2one(
        "recurrence.price.notice", index="btree_not_null", ondelete="set null", readonly=True
    )
    company_id = fields.Many2one(related="rise_id.company_id", store=True, index=True)
    state = fields.Selection(related="notice_id.state", string="Status")
    rise_state = fields.Selection(related="rise_id.state", string="Status of the Price Rise")
    schedule_id = fields.Many2one(
        "recurrence.schedule", string="Recurrence", index=True, ondelete="cascade", readonly=True
    )
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    line_id = fields.Many2one("account.move.line", ondelete="set null", readonly=True)
    name = fields.Char(string="Description", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    quantity = fields.Float(digits="Product Unit", readonly=True)
    former_price = fields.Float(
        string="Price", min_display_digits="Product Price", readonly=True, aggregator=None
    )
    price = fields.Float(string="New Price", min_display_digits="Product Price", aggregator=None)
    percent = fields.Float(
        string="Change (%)", compute="_compute_percent", digits=(8, 2), aggregator=None
    )
    monthly_change = fields.Monetary(
        string="Change per Month",
        compute="_compute_monthly_change",
        store=True,
        help="Untaxed, in an average month.",
    )
    date = fields.Date(string="In Force From", readonly=True)
    reason = fields.Selection(
        [
            ("not_invoice", "Not an invoice to a customer"),
            ("not_running", "The recurrence is not running"),
            ("product_price", "Its price is that of the product or price list"),
            ("once", "Billed once"),
            ("held", "On hold"),
            ("not_begun", "Begins later"),
            ("ended", "Ends before"),
            ("changes_later", "Changes later already"),
            ("other_currency", "In another currency"),
            ("no_price", "Without a price that could rise"),
            ("no_value", "The index has no value for a month"),
            ("below_threshold", "The index has moved less than the threshold"),
            ("falls", "The index has fallen"),
            ("unchanged", "The change is less than what prices are rounded to"),
            ("rounding", "Rounding would move it the other way"),
            ("left_out", "Left out by a person"),
        ],
        string="Why It Stays",
        readonly=True,
        index="btree_not_null",
    )
    # what withdrawing needs
    successor_id = fields.Many2one("account.move.line", ondelete="set null", readonly=True)
    former_until = fields.Date(readonly=True)
    former_base_month = fields.Date(readonly=True)

    @api.depends("former_price", "price", "reason")
    def _compute_percent(self):
        for line in self:
            change = 0 if line.reason else line.price - line.former_price
            line.percent = change / abs(line.former_price) * 100 if line.former_price else 0

    @api.depends("former_price", "price", "quantity", "reason", "schedule_id")
    def _compute_monthly_change(self):
        for line in self:
            change = 0 if line.reason else line.price - line.former_price
            own = line.line_id
            factor = line.quantity * (1 - own.discount / 100) / (own.recurrence_every or 1)
            schedule = line.schedule_id
            per_month = schedule._get_dates_per_month() if schedule else 0
            line.monthly_change = change * factor * per_month

    def write(self, vals):
        if not self.env.su:
            self.rise_id._check_draft()
            if "price" in vals and any(line.reason for line in self):
                raise UserError(self.env._("This line keeps its price, for the reason shown."))
        return super().write(vals)

    def action_leave_out(self):
        """Leave lines as they are; nothing is told of them."""
        self.check_access("write")
        self.rise_id._check_draft()
        notices = self.notice_id.sudo()
        self._keep_price()
        notices.filtered(lambda notice: not notice.line_ids).unlink()
        return True

    def _keep_price(self):
        for line in self.sudo():
            line.write(
                {
                    "reason": "left_out",
                    "notice_id": False,
                    "date": False,
                    "price": line.former_price,
                }
            )

    # === APPLYING AND WITHDRAWING === #

    def _check_unchanged(self):
        """Refuse to apply what is no longer what was looked at, or is not billed any more."""
        labels = dict(self._fields["reason"]._description_selection(self.env))
        for line in self:
            own = line.line_id
            former = line.former_price, line.quantity
            if not own or (own.price_unit, own.quantity) != former:
                raise UserError(
                    self.env._(
                        "%(line)s has changed since the prices were worked out.", line=line.name
                    )
                )
            reason = line.rise_id._find_reason(line.schedule_id, own, line.date)
            if reason:
                raise UserError(
                    self.env._("%(line)s: %(reason)s", line=line.name, reason=labels[reason])
                )
            if line.schedule_id._find_start(line.date, own._recurrence_get_terms()) != line.date:
                raise UserError(
                    self.env._(
                        "%(line)s: no period begins on %(date)s any more.",
                        line=line.name,
                        date=format_date(self.env, line.date),
                    )
                )

    def _check_in_time(self):
        """Refuse prices of which a customer would be told too late."""
        for rise, lines in self.grouped("rise_id").items():
            earliest = rise._get_earliest()
            if any(line.date < earliest for line in lines):
                raise UserError(
                    self.env._(
                        "With this notice no price is in force before %(date)s: work the prices "
                        "out again.",
                        date=format_date(self.env, earliest),
                    )
                )

    def _find_obstacles(self):
        """Return why former prices cannot come back: dict line → sentence."""
        lines = self.sudo()
        billed = self.env["account.move.line"].sudo()
        billed = billed.search(
            [
                ("recurrence_line_id", "in", lines.successor_id.ids),
                ("parent_state", "!=", "cancel"),
                ("move_id.is_recurrence_template", "=", False),
            ]
        ).grouped("recurrence_line_id")
        obstacles = {}
        for line in lines:
            invoices = [
                found.move_id
                for found in billed.get(line.successor_id, ())
                if line.successor_id != line.line_id
                or (found.recurrence_billed_end or LATEST) >= line.date
            ]
            if invoices:
                obstacles[line.with_env(self.env)] = self.env._(
                    "%(line)s is billed with the new price already: %(invoice)s.",
                    line=line.name,
                    invoice=invoices[0].display_name,
                )
            elif not line._is_as_applied():
                obstacles[line.with_env(self.env)] = self.env._(
                    "%(line)s was changed since.", line=line.name
                )
        return obstacles

    def _is_as_applied(self):
        """Whether both lines of the template are still as applying the new price left them."""
        former, own = self.line_id, self.successor_id
        if not former or not own or own.price_unit != self.price:
            return False
        family = own.move_id.invoice_line_ids.filtered(lambda f: f.recurrence_line_id == former)
        if own == former:
            return not family
        following = own.move_id.invoice_line_ids.filtered(lambda f: f.recurrence_line_id == own)
        return (
            family == own
            and not following
            and former.recurrence_until == self.date - timedelta(days=1)
            and own.recurrence_start == self.date
            and own.recurrence_until == self.former_until
            and all(own[name] == former[name] for name in KEPT)
        )

    def _restore(self):
        """Give the lines of the templates their former prices back."""
        for template, lines in self.grouped(lambda line: line.line_id.move_id).items():
            template.check_access("write")
            commands = []
            for line in lines:
                if line.successor_id == line.line_id:
                    values = {"price_unit": line.former_price}
                else:
                    commands.append(Command.delete(line.successor_id.id))
                    values = {"recurrence_until": line.former_until}
                commands.append(Command.update(line.line_id.id, values))
            as_engine(template).write({"invoice_line_ids": commands})
            schedule = lines.schedule_id
            schedule._refresh_expected()
            rise, month = lines.rise_id, lines[:1].former_base_month
            if not rise.product_ids and schedule.price_base_month == rise._get_agreed_month():
                schedule.sudo().with_context(**ENGINE_CONTEXT).price_base_month = month
            days = [format_date(self.env, day) for day in dict.fromkeys(lines.mapped("date"))]
            note = self.env._("Withdrawn: new prices from %(date)s on.", date=", ".join(days))
            schedule._message_log(body=note)
            template._message_log(body=note)

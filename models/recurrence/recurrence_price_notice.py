import logging

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import formatLang

_logger = logging.getLogger(__name__)


class RecurrencePriceNotice(models.Model):
    """What one customer's prices become: applied, told and withdrawn as a whole."""

    _name = "recurrence.price.notice"
    _description = "New Prices"
    _inherit = [
        "recurrence.price.notice.telling.mixin",
        "recurrence.dunning.own.record.mixin",
        "mail.thread",
    ]
    _order = "rise_id desc, id"
    _rec_name = "partner_id"
    _is_engine_made = True
    # customers' answers, and what colleagues note of them
    _mail_post_access = "read"

    rise_id = fields.Many2one(
        "recurrence.price.rise",
        string="Price Rise",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    company_id = fields.Many2one(related="rise_id.company_id", store=True, index=True)
    user_id = fields.Many2one(related="rise_id.user_id")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, readonly=True
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("waiting", "Waiting"),
            ("applied", "Applied"),
            ("failed", "Failed"),
            ("withdrawn", "Withdrawn"),
        ],
        string="Status",
        required=True,
        default="draft",
        readonly=True,
        index=True,
    )
    error = fields.Text(readonly=True)
    line_ids = fields.One2many(
        "recurrence.price.rise.line", "notice_id", string="Prices", readonly=True
    )
    first_date = fields.Date(string="In Force From", compute="_compute_facts")
    monthly_change = fields.Char(string="Change per Month", compute="_compute_facts")

    @api.depends("line_ids.date", "line_ids.monthly_change")
    def _compute_facts(self):
        for notice in self:
            lines = notice.line_ids
            notice.first_date = min(lines.filtered("date").mapped("date"), default=False)
            notice.monthly_change = ", ".join(
                formatLang(self.env, sum(group.mapped("monthly_change")), currency_obj=currency)
                for currency, group in lines.grouped("currency_id").items()
            )

    # === APPLYING === #

    def _apply(self):
        """Put the new prices in force and tell each customer; one that fails stops nobody."""
        for notice in self:
            try:
                with self.env.cr.savepoint():
                    notice._apply_one()
            except OperationalError:
                raise
            except Exception as error:
                if not isinstance(error, UserError):
                    _logger.exception("The price notice %s failed", notice.id)
                notice.sudo().write({"state": "failed", "error": str(error)})

    def _apply_one(self):
        self.ensure_one()
        if not self.sudo().try_lock_for_update().filtered(lambda n: n.state == "waiting"):
            return
        if not self.line_ids:
            raise UserError(self.env._("Its recurrence was deleted: nothing is left to change."))
        if self.rise_id.is_announced:
            self.line_ids._check_in_time()
        for (schedule, day), lines in self.line_ids.grouped(
            lambda line: (line.schedule_id, line.date)
        ).items():
            lines._check_unchanged()
            untils = {line: line.line_id.recurrence_until for line in lines}
            successors = schedule._raise_prices(day, {line.line_id: line.price for line in lines})
            for line in lines.sudo():
                line.write(
                    {
                        "successor_id": successors[line.line_id].id,
                        "former_until": untils[line],
                        "former_base_month": line.schedule_id.price_base_month,
                    }
                )
        self.sudo().write({"state": "applied", "error": False})
        self.line_ids.schedule_id._follow_rise(self.rise_id)
        if self.rise_id.is_announced:
            self._tell()

    # === WITHDRAWING === #

    def action_withdraw(self):
        """Give this customer's lines their former prices back."""
        self.check_access("read")
        self.rise_id.check_access("write")
        if any(notice.state != "applied" for notice in self):
            raise UserError(self.env._("There is nothing to withdraw."))
        for obstacle in self.line_ids._find_obstacles().values():
            raise UserError(obstacle)
        self._withdraw()
        return True

    def _withdraw_safely(self):
        """Withdraw one; where it cannot be, it stays as it is and says why."""
        try:
            with self.env.cr.savepoint():
                self._withdraw()
        except OperationalError:
            raise
        except Exception as error:
            if not isinstance(error, UserError):
                _logger.exception("The price notice %s could not be withdrawn", self.id)
            self.sudo().error = str(error)

    def _withdraw(self):
        self.line_ids._restore()
        notices = self.sudo()
        notices.write({"state": "withdrawn", "error": False})
        for rise in notices.rise_id:
            if all(notice.state == "withdrawn" for notice in rise.notice_ids):
                rise.state = "withdrawn"

    def action_leave_out(self):
        """Leave customers out of a price rise that is not applied yet."""
        self.check_access("read")
        self.rise_id.check_access("write")
        self.rise_id._check_draft()
        self._leave_out()
        return True

    def _leave_out(self):
        self.line_ids._keep_price()
        self.sudo().unlink()

import logging

from psycopg2 import OperationalError

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..common.client_action import notify

_logger = logging.getLogger(__name__)

# Customers that are seen to while the person waits; the job does the others.
AT_ONCE = 50
# Customers that are withdrawn with one click.
MOST_WITHDRAWN = 200


class RecurrencePriceRiseApplyingMixin(models.AbstractModel):
    """Puts new prices in force and takes them back, customer by customer."""

    _name = "recurrence.price.rise.applying.mixin"
    _description = "Applying of New Prices"

    # === BUTTONS === #

    def action_apply(self):
        """Put the prices that are shown in force, and tell the customers."""
        self.ensure_one()
        self.check_access("write")
        self._check_draft()
        self._check_appliable()
        self.activity_ids.sudo().action_done()
        self._apply_all()
        return self._tell_progress()

    def action_try_again(self):
        """Apply what failed once more."""
        self.ensure_one()
        self.check_access("write")
        failed = self._get_failed()
        failed.sudo().write({"state": "waiting", "error": False})
        self._apply_all()
        return self._tell_progress()

    def action_start_anew(self):
        """Work out the prices of the customers that failed as things are now, in a further rise."""
        self.ensure_one()
        self.check_access("write")
        failed = self._get_failed()
        schedules = failed.line_ids.schedule_id
        values = {"clause_id": self.clause_id.id, "user_id": self.env.uid}
        values["schedule_ids"] = [Command.set(schedules.ids)]
        rise = self.sudo().copy(values)
        failed._leave_out()
        self._finish_applying()
        rise._propose()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Price Rise"),
            "res_model": rise._name,
            "res_id": rise.id,
            "view_mode": "form",
        }

    def action_withdraw(self):
        """Give the lines their former prices back, of all customers of whom none was billed."""
        self.ensure_one()
        self.check_access("write")
        applied = self.notice_ids.filtered(lambda notice: notice.state == "applied")
        if self.state != "applied" or not applied:
            raise UserError(self.env._("There is nothing to withdraw."))
        obstacles = applied.line_ids._find_obstacles()
        stays = applied.filtered(lambda n: any(line in obstacles for line in n.line_ids))
        going = (applied - stays)[:MOST_WITHDRAWN]
        for notice in going:
            notice._withdraw_safely()
        left = going.filtered(lambda notice: notice.state == "applied") + stays
        waiting = applied - going - stays
        if waiting:
            return notify(
                self.env._(
                    "Withdrawn: %(count)s. Still to do: %(left)s. Withdraw once more.",
                    count=len(applied - waiting - left),
                    left=len(waiting),
                ),
                "warning",
            )
        if not left:
            return notify(self.env._("All prices are again what they were."))
        return notify(
            self.env._(
                "Withdrawn: %(count)s. Billed or changed since, and not withdrawn: %(left)s "
                "(%(names)s).",
                count=len(applied) - len(left),
                left=len(left),
                names=", ".join(left[:3].partner_id.mapped("display_name")),
            ),
            "warning",
        )

    def _get_failed(self):
        failed = self.notice_ids.filtered(lambda notice: notice.state == "failed")
        if self.state not in ("applying", "applied") or not failed:
            raise UserError(self.env._("No customer failed."))
        return failed

    # === APPLYING === #

    def _check_appliable(self):
        """Refuse what was not looked at as it is, or could not be announced in time."""
        if self.is_stale:
            raise UserError(
                self.env._("The terms have changed since the prices were worked out. Do it again.")
            )
        lines = self.line_ids.filtered(lambda line: not line.reason)
        if not lines:
            raise UserError(self.env._("No price changes: the list says why for each line."))
        same = lines.filtered(lambda line: line.price == line.former_price)[:1]
        if same:
            raise UserError(
                self.env._(
                    "%(line)s of %(customer)s keeps its price: leave it out.",
                    line=same.name,
                    customer=same.partner_id.display_name,
                )
            )
        if not self.is_announced:
            return
        self.env["recurrence.occurrence"]._check_place(self.company_id)
        if not self.mail_template_id:
            raise UserError(self.env._("Choose the text with which customers are told."))
        lines._check_in_time()

    def _apply_all(self):
        """Apply what waits: a few customers now, of many the rest by the job."""
        rise = self.sudo()
        rise.notice_ids.filtered(lambda notice: notice.state == "draft").state = "waiting"
        rise.state = "applying"
        waiting = self.notice_ids.filtered(lambda notice: notice.state == "waiting")
        waiting[:AT_ONCE]._apply()
        self._finish_applying()
        if len(waiting) > AT_ONCE:
            self.env["recurrence.schedule"]._wake_up()

    @api.model
    def _apply_waiting(self):
        """Apply what waits of all rises, customer by customer; called by the job.

        What goes wrong with one stops no other, nor what the job has to do besides.
        """
        for rise in self.search([("state", "=", "applying")], order="id"):
            if rise.company_id._is_job_copy():
                continue
            user = rise.user_id
            own = rise.with_user(user).with_company(rise.company_id).with_context(lang=user.lang)
            for notice in rise.notice_ids.filtered(lambda n: n.state == "waiting"):
                try:
                    notice.with_env(own.env)._apply()
                    self.env.flush_all()
                except OperationalError:
                    # somebody else is at it: the next run sees what is left
                    self.env.cr.rollback()
                    continue
                if not self.env["ir.cron"]._commit_progress(1):
                    self.env["recurrence.schedule"]._wake_up()
                    return
            rise._finish_applying()

    def _finish_applying(self):
        if not self.notice_ids.filtered(lambda notice: notice.state == "waiting"):
            self.sudo().state = "applied" if self.notice_ids else "kept"

    def _tell_progress(self):
        """Return what the person is told: done, what failed, or how much the job still does."""
        if self.failed_count:
            return notify(
                self.env._(
                    "Failed: %(count)s. Open the customers to see why.", count=self.failed_count
                ),
                "warning",
            )
        if self.waiting_count:
            return notify(
                self.env._(
                    "Customers done: %(count)s. In the background follow: %(left)s.",
                    count=self.notice_count - self.waiting_count,
                    left=self.waiting_count,
                )
            )
        return notify(
            self.env._("The new prices are set. Customers: %(count)s.", count=self.notice_count)
        )

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import format_date

from ..common.client_action import notify
from .recurrence_price_terms_mixin import TERMS

# Customers that are seen to while the person waits; the job does the others.
AT_ONCE = 50
# How far ahead a new one is dated at first: notice, and time to look at it.
MONTHS_AHEAD = 2


class RecurrencePriceRise(models.Model):
    """New prices of several recurring invoices: worked out, looked at, announced, in force.

    What a line becomes is decided when the prices are worked out and shown; applying does that and
    no more. Each customer is one step, done as a whole or not at all.
    """

    _name = "recurrence.price.rise"
    _description = "Price Rise"
    _inherit = [
        "recurrence.price.terms.mixin",
        "recurrence.price.rise.proposal.mixin",
        "recurrence.dunning.own.record.mixin",
        "mail.thread",
        "recurrence.dunning.plain.note.mixin",
    ]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, default=lambda self: self.env._("Price Rise"), tracking=True)
    user_id = fields.Many2one(
        required=True,
        default=lambda self: self.env.user,
        help="In whose name customers are told, and who gets their answers.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("applying", "In Progress"),
            ("applied", "Applied"),
            ("withdrawn", "Withdrawn"),
        ],
        string="Status",
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    date = fields.Date(
        string="In Force From",
        required=True,
        default=lambda self: self._get_first_date(),
        tracking=True,
        help=(
            "Each line has its new price from its first period that begins on or after this day "
            "and that no invoice bills yet."
        ),
    )
    is_announced = fields.Boolean(
        string="Tell the Customers",
        default=True,
        help="By e-mail, or by a letter to print where a customer has no e-mail address.",
    )
    notice_days = fields.Integer(
        string="Notice (Days)",
        default=30,
        help="No price is in force sooner than so many days after the customer was told.",
    )
    mail_template_id = fields.Many2one(
        "mail.template",
        string="Text",
        domain="[('model', '=', 'recurrence.price.notice')]",
        default=lambda self: self.env.ref(
            "account_recurrence_dunning.mail_template_price_notice", raise_if_not_found=False
        ),
        ondelete="set null",
    )
    clause_id = fields.Many2one(
        "recurrence.price.clause", string="Clause", readonly=True, ondelete="set null"
    )
    base_month = fields.Date(help="The month from which the move of the index is counted.")
    current_month = fields.Date(help="The month up to which the move of the index is counted.")
    schedule_ids = fields.Many2many(
        "recurrence.schedule",
        string="Recurring Invoices",
        check_company=True,
        domain="[('target', '=', 'invoice'), ('state', 'in', ('running', 'paused'))]",
    )
    product_ids = fields.Many2many(
        "product.product", string="Only These Products", help="Empty: all lines."
    )
    line_ids = fields.One2many("recurrence.price.rise.line", "rise_id", string="Prices")
    notice_ids = fields.One2many("recurrence.price.notice", "rise_id", string="Customers")
    schedule_count = fields.Integer(compute="_compute_schedule_count")
    notice_count = fields.Integer(string="Number of Customers", compute="_compute_counts")
    letter_count = fields.Integer(string="Letters to Print", compute="_compute_counts")
    failed_count = fields.Integer(compute="_compute_counts")
    waiting_count = fields.Integer(compute="_compute_counts")
    raised_count = fields.Integer(string="New Prices", compute="_compute_counts")
    kept_count = fields.Integer(string="Unchanged Prices", compute="_compute_counts")
    monthly_change = fields.Char(
        compute="_compute_monthly_change",
        string="Change per Month",
        help="Untaxed, in an average month, in each currency.",
    )

    # === COMPUTES === #

    @api.model
    def _get_first_date(self):
        today = fields.Date.context_today(self)
        return today + relativedelta(months=MONTHS_AHEAD, day=1)

    @api.depends("schedule_ids")
    def _compute_schedule_count(self):
        for rise in self:
            rise.schedule_count = len(rise.schedule_ids)

    @api.depends("line_ids.reason", "notice_ids.state", "notice_ids.told_by")
    def _compute_counts(self):
        for rise in self:
            notices = rise.notice_ids
            rise.notice_count = len(notices)
            rise.letter_count = len(notices.filtered("is_letter_due"))
            rise.failed_count = len(notices.filtered(lambda n: n.state == "failed"))
            rise.waiting_count = len(notices.filtered(lambda n: n.state == "waiting"))
            kept = rise.line_ids.filtered("reason")
            rise.kept_count = len(kept)
            rise.raised_count = len(rise.line_ids) - len(kept)

    @api.depends("line_ids.monthly_change")
    def _compute_monthly_change(self):
        for rise in self:
            lines = rise.line_ids.filtered(lambda line: not line.reason)
            rise.monthly_change = ", ".join(
                currency.format(sum(group.mapped("monthly_change")))
                for currency, group in lines.grouped("currency_id").items()
            )

    # === CONSTRAINTS === #

    @api.constrains("notice_days")
    def _check_notice_days(self):
        for rise in self:
            if not 0 <= rise.notice_days <= 3650:
                raise ValidationError(self.env._("The notice must be from 0 to 3,650 days."))

    @api.constrains("mail_template_id")
    def _check_mail_template(self):
        for template in self.mail_template_id.sudo():
            if template.model != "recurrence.price.notice":
                raise ValidationError(
                    self.env._("%(name)s is no text for new prices.", name=template.name)
                )

    def write(self, vals):
        """What is in force stays as it was announced."""
        fixed = {*self._get_proposal_fields(), "notice_ids", "line_ids", "mail_template_id"}
        if not self.env.su and fixed & vals.keys():
            self._check_draft()
        return super().write(vals)

    def _check_draft(self):
        if any(rise.state != "draft" for rise in self):
            raise UserError(
                self.env._("It was applied already. Withdraw it, or make a new price rise.")
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if any(rise.state in ("applying", "applied") for rise in self):
            raise UserError(
                self.env._("Withdraw it first: what it changed could not be looked up any more.")
            )

    # === BUTTONS === #

    def action_propose(self):
        """Work out the new prices, to be looked at."""
        self.check_access("write")
        self._check_draft()
        for rise in self:
            rise._propose()
        return True

    def action_apply(self):
        """Put the prices that are shown in force, and tell the customers."""
        self.ensure_one()
        self.check_access("write")
        self._check_draft()
        self._check_appliable()
        self._apply_all()
        return self._tell_progress()

    def action_try_again(self):
        """Apply what failed once more."""
        self.ensure_one()
        self.check_access("write")
        failed = self.notice_ids.filtered(lambda notice: notice.state == "failed")
        failed.sudo().write({"state": "waiting", "error": False})
        self._apply_all()
        return self._tell_progress()

    def action_withdraw(self):
        """Give the lines their former prices back, of all customers of whom none was billed."""
        self.ensure_one()
        self.check_access("write")
        if self.state != "applied":
            raise UserError(self.env._("There is nothing to withdraw."))
        applied = self.notice_ids.filtered(lambda notice: notice.state == "applied")
        stays = applied.filtered(lambda notice: notice.line_ids._find_obstacle())
        (applied - stays)._withdraw()
        if not stays:
            self.sudo().state = "withdrawn"
            return notify(self.env._("All prices are again what they were."))
        return notify(
            self.env._(
                "Withdrawn: %(count)s. Billed or changed since, and not withdrawn: %(left)s "
                "(%(names)s).",
                count=len(applied - stays),
                left=len(stays),
                names=", ".join(stays[:3].partner_id.mapped("display_name")),
            ),
            "warning",
        )

    def action_open_notices(self):
        """Show the customers, and how each was told."""
        return self._open("recurrence_price_notice_action")

    def action_open_letters(self):
        """Show the customers whose letter is still to be printed."""
        action = self._open("recurrence_price_notice_action")
        return {**action, "domain": [*action["domain"], ("is_letter_due", "=", True)]}

    def action_open_lines(self):
        """Show all prices, also those that stay, with the reason."""
        return self._open("recurrence_price_rise_line_action")

    def _open(self, name):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(f"account_recurrence_dunning.{name}")
        return {**action, "domain": [("rise_id", "=", self.id)], "context": {"create": False}}

    # === APPLYING === #

    def _check_appliable(self):
        """Refuse what was not looked at as it is, or could not be announced in time."""
        if self.is_stale:
            raise UserError(
                self.env._("The terms have changed since the prices were worked out. Do it again.")
            )
        if not self.notice_ids:
            raise UserError(self.env._("No price changes: the list says why for each line."))
        if not self.is_announced:
            return
        self.env["recurrence.occurrence"]._check_place(self.company_id)
        if not self.mail_template_id:
            raise UserError(self.env._("Choose the text with which customers are told."))
        earliest = self._get_earliest()
        late = self.line_ids.filtered(lambda line: not line.reason and line.date < earliest)
        if late:
            raise UserError(
                self.env._(
                    "With this notice no price is in force before %(date)s: work the prices out "
                    "again.",
                    date=format_date(self.env, earliest),
                )
            )

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

        :return: False where the time of the job is up
        """
        for rise in self.search([("state", "=", "applying")], order="id"):
            if rise.company_id._is_job_copy():
                continue
            own = rise.with_user(rise.user_id).with_company(rise.company_id)
            waiting = own.notice_ids.filtered(lambda notice: notice.state == "waiting")
            for notice in waiting:
                notice._apply()
                if not self.env["ir.cron"]._commit_progress(1):
                    return False
            own._finish_applying()
        return True

    def _finish_applying(self):
        if not self.notice_ids.filtered(lambda notice: notice.state == "waiting"):
            self.sudo().state = "applied"

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

    # === CLAUSES === #

    def _ask_to_look(self):
        """Ask the responsible to look at prices that a clause had worked out."""
        for rise in self:
            rise.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=rise.company_id._get_job_today(),
                summary=lambda spoken: spoken.env._("Look at the new prices"),
                user_id=rise.user_id.id,
            )

    @api.model
    def _prepare_of_clause(self, clause, schedules, date, base_month):
        """Return the values of a rise that a clause asks for."""
        terms = {name: clause[name] for name in TERMS if name not in ("currency_id", "index_id")}
        return {
            **terms,
            "name": self.env._(
                "%(clause)s from %(date)s",
                clause=clause.name,
                date=format_date(self.env, date),
            ),
            "currency_id": clause.currency_id.id,
            "index_id": clause.index_id.id,
            "clause_id": clause.id,
            "company_id": clause.company_id.id,
            "user_id": (clause.user_id or schedules.user_id[:1] or self.env.user).id,
            "date": date,
            "notice_days": clause.notice_days,
            "is_announced": clause.is_announced,
            "base_month": base_month,
            "current_month": clause.index_id.last_month,
            "schedule_ids": [Command.set(schedules.ids)],
        }

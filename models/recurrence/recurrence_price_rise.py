from collections import Counter, defaultdict

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from ..common.activity_type import TODO
from .recurrence_price_terms_mixin import TERMS

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
        "recurrence.price.rise.applying.mixin",
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
            ("kept", "No Change"),
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
    index_move = fields.Char(string="Move of the Index", compute="_compute_index_move")
    schedule_ids = fields.Many2many(
        "recurrence.schedule",
        string="Recurring Invoices",
        check_company=True,
        # a text: as a list it would leave out what was chosen and has ended since
        domain=(
            "[('document_type', 'in', ('out_invoice', 'out_receipt')), "
            "('state', 'in', ('running', 'paused'))]"
        ),
    )
    product_ids = fields.Many2many(
        "product.product", string="Only These Products", help="Empty: all lines."
    )
    line_ids = fields.One2many("recurrence.price.rise.line", "rise_id", string="Prices")
    notice_ids = fields.One2many("recurrence.price.notice", "rise_id", string="Customers")
    schedule_count = fields.Integer(compute="_compute_schedule_count")
    notice_count = fields.Integer(string="Number of Customers", compute="_compute_notice_counts")
    letter_count = fields.Integer(string="Letters to Print", compute="_compute_notice_counts")
    failed_count = fields.Integer(compute="_compute_notice_counts")
    waiting_count = fields.Integer(compute="_compute_notice_counts")
    raised_count = fields.Integer(string="New Prices", compute="_compute_line_facts")
    kept_count = fields.Integer(string="Unchanged Prices", compute="_compute_line_facts")
    monthly_change = fields.Char(
        compute="_compute_line_facts",
        string="Change per Month",
        help="Untaxed, in an average month, in each currency.",
    )

    # === COMPUTES === #

    @api.model
    def _get_first_date(self):
        today = fields.Date.context_today(self)
        return today + relativedelta(months=MONTHS_AHEAD, day=1)

    @api.depends("index_id.value_ids.value", "base_month", "current_month")
    @api.depends_context("lang")
    def _compute_index_move(self):
        """Say by how much the index has moved, or that a value is missing."""
        for rise in self:
            move = rise.index_id._get_move(rise.base_month, rise.current_month)
            rise.index_move = False
            if move.percent is not None:
                rise.index_move = self.env._(
                    "%(base)s to %(current)s: %(percent)s %%",
                    base=self._format_value(move.base),
                    current=self._format_value(move.current),
                    percent=formatLang(self.env, float(move.percent), digits=2),
                )
            elif rise.base_month and rise.current_month and rise.index_id:
                rise.index_move = self.env._("The index has no value for a month")

    @api.model
    def _format_value(self, value):
        """Return a value of an index as it is written here, with the places that it has."""
        places = max(1, -value.normalize().as_tuple().exponent)
        return formatLang(self.env, float(value), digits=places)

    @api.depends("schedule_ids")
    def _compute_schedule_count(self):
        for rise in self:
            rise.schedule_count = len(rise.schedule_ids)

    @api.depends("notice_ids.state", "notice_ids.told_by", "notice_ids.told_date")
    def _compute_notice_counts(self):
        groups = self.env["recurrence.price.notice"]._read_group(
            [("rise_id", "in", self.ids)],
            ["rise_id", "state", "told_by", "told_date:day"],
            ["__count"],
        )
        counts = Counter()
        for rise, state, told_by, told_date, count in groups:
            is_due = state == "applied" and told_by == "letter" and not told_date
            for name in ("all", state, "letter" if is_due else "other"):
                counts[rise.id, name] += count
        for rise in self:
            key = rise._origin.id
            rise.notice_count = counts[key, "all"]
            rise.letter_count = counts[key, "letter"]
            rise.failed_count = counts[key, "failed"]
            rise.waiting_count = counts[key, "waiting"]

    @api.depends("line_ids.reason", "line_ids.monthly_change")
    def _compute_line_facts(self):
        groups = self.env["recurrence.price.rise.line"]._read_group(
            [("rise_id", "in", self.ids)],
            ["rise_id", "reason", "currency_id"],
            ["__count", "monthly_change:sum"],
        )
        raised, kept, changes = Counter(), Counter(), defaultdict(list)
        for rise, reason, currency, count, change in groups:
            if reason:
                kept[rise.id] += count
            else:
                raised[rise.id] += count
                changes[rise.id].append(currency.format(change))
        for rise in self:
            key = rise._origin.id
            rise.raised_count, rise.kept_count = raised[key], kept[key]
            rise.monthly_change = ", ".join(changes[key])

    # === CONSTRAINTS === #

    @api.constrains("notice_days")
    def _check_notice_days(self):
        for rise in self:
            if not 0 <= rise.notice_days <= 3650:
                raise ValidationError(self.env._("The notice must be from 0 to 3,650 days."))

    @api.constrains("base_month", "current_month")
    def _check_months(self):
        for rise in self:
            base, current = rise.base_month, rise.current_month
            if rise.method != "index" or not base or not current:
                continue
            if current.replace(day=1) < base.replace(day=1):
                raise ValidationError(
                    self.env._("The index is counted up to a month before the one it starts with.")
                )

    @api.constrains("mail_template_id")
    def _check_mail_template(self):
        for template in self.mail_template_id.sudo():
            if template.model != "recurrence.price.notice":
                raise ValidationError(
                    self.env._("%(name)s is no text for new prices.", name=template.name)
                )

    def write(self, vals):
        """What is in force stays as it was announced."""
        fixed = {*self._get_proposal_fields(), "notice_ids", "line_ids"}
        if not self.env.su and {*fixed, "company_id"} & vals.keys():
            self._check_draft()
        if not self.env.su and "user_id" in vals and "applying" in self.mapped("state"):
            raise UserError(self.env._("It is being applied in the name of the responsible."))
        return super().write(vals)

    def _check_draft(self):
        if any(rise.state in ("kept", "withdrawn") for rise in self):
            raise UserError(self.env._("It is closed: make a new price rise."))
        if any(rise.state != "draft" for rise in self):
            raise UserError(
                self.env._("It was applied already. Withdraw it, or make a new price rise.")
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if {"waiting", "applied"} & set(self.notice_ids.mapped("state")):
            raise UserError(
                self.env._("Withdraw it first: what it changed could not be looked up any more.")
            )
        if self.notice_ids.filtered("told_date"):
            raise UserError(
                self.env._("Customers were told of it: it stays as the record of that.")
            )

    def unlink(self):
        # Odoo then deletes what was written about each customer too
        self._unlink_only_drafts()
        self.notice_ids.sudo().unlink()
        return super().unlink()

    # === BUTTONS === #

    def action_propose(self):
        """Work out the new prices, to be looked at."""
        self.check_access("write")
        self._check_draft()
        for rise in self:
            rise._propose()
        return True

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

    # === CLAUSES === #

    def _ask_to_look(self):
        """Ask the responsible to look at prices that a clause had worked out."""
        for rise in self:
            rise.activity_schedule(
                TODO,
                date_deadline=rise.company_id._get_job_today(),
                summary=lambda spoken: spoken.env._("Look at the new prices"),
                user_id=rise.user_id.id,
            )

    def _get_agreed_month(self):
        """Return the first day of the month for which the new prices are agreed."""
        month = self.current_month if self.method == "index" else self.date
        return month and month.replace(day=1)

    @api.model
    def _find_responsible(self, clause, schedules):
        """Return who looks at the prices of a clause: the first who may write invoices."""
        users = [clause.user_id, *(schedule._get_responsible() for schedule in schedules)]
        for user in users:
            if user and user.sudo().has_group("account.group_account_invoice"):
                return user
        raise UserError(self.env._("Nobody who is responsible may write invoices."))

    @api.model
    def _prepare_of_clause(self, clause, schedules, date, base_month):
        """Return the values of a rise that a clause asks for."""
        terms = {name: clause[name] for name in TERMS if name not in ("currency_id", "index_id")}
        responsible = self._find_responsible(clause, schedules)
        env = self.with_context(lang=responsible.lang).env
        own = clause.with_env(env)
        return {
            **terms,
            "name": env._("%(clause)s from %(date)s", clause=own.name, date=format_date(env, date)),
            "currency_id": clause.currency_id.id,
            "index_id": clause.index_id.id,
            "clause_id": clause.id,
            "company_id": clause.company_id.id,
            "user_id": responsible.id,
            "date": date,
            "notice_days": clause.notice_days,
            "is_announced": clause.is_announced,
            "base_month": base_month,
            "current_month": clause.method == "index" and clause.index_id.last_month,
            "schedule_ids": [Command.set(schedules.ids)],
        }

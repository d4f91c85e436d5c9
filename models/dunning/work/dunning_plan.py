from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import format_amount, format_date

from ....tools.dunning.answer_form import get_instalments
from ....tools.dunning.bank_account import format_iban

MOST_INSTALMENTS = 60


class DunningPlan(models.Model):
    """Several days and amounts over chosen due lines, each watched, and what came of it (K4).

    Each instalment is a promise; what holds the items are blocks of the plan, until its last day
    and the days of grace are over. The entries stay as they are.
    """

    _name = "dunning.plan"
    _description = "Payment Plan"
    _inherit = ["dunning.agreement.mixin", "dunning.plan.outcome.mixin"]
    _order = "date_given desc, id desc"

    move_line_ids = fields.Many2many(relation="dunning_plan_line_rel")
    amount = fields.Monetary(string="Total", readonly=True, system=True)
    amount_text = fields.Char(string="Total Agreed")
    date = fields.Date(string="Date", related="date_given", store=True)
    count = fields.Integer(
        string="Number of Instalments", default=3, required=True, system="once", aggregator=None
    )
    step = fields.Selection(
        lambda self: self._get_steps(),
        string="Interval",
        default="month",
        required=True,
        system="once",
    )
    date_first = fields.Date(
        string="First Day",
        required=True,
        system="once",
        default=lambda self: self.env.company._get_job_today() + timedelta(days=7),
    )
    promise_ids = fields.One2many(
        "dunning.promise", "plan_id", string="Instalments", system="once", copy=False
    )
    date_last = fields.Date(string="Last Day", compute="_compute_date_last", store=True)
    contact_id = fields.Many2one("res.partner", compute="_compute_contact_id")
    state = fields.Selection(
        [
            ("proposed", "Proposed"),
            ("active", "Active"),
            ("kept", "Kept"),
            ("ended", "Ended"),
            ("cancelled", "Cancelled"),
        ],
        string="Status",
        required=True,
        readonly=True,
        default="proposed",
        index=True,
        copy=False,
        tracking=True,
    )
    warned_date = fields.Date(
        string="Instalment Missed On",
        readonly=True,
        copy=False,
        help="When it was found. If it is paid within the days of grace, the plan goes on.",
    )
    paid_amount = fields.Monetary(string="Paid Amount", readonly=True, copy=False, aggregator=None)
    block_ids = fields.One2many("dunning.block", "plan_id", string="Blocks", readonly=True)

    _customer_idx = models.Index("(partner_id, company_id)")

    @api.model
    def _get_steps(self):
        """Return the intervals: those that customers propose."""
        return self.env["dunning.answer"]._fields["plan_step"]._description_selection(self.env)

    @api.depends("partner_id", "date_last")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for plan in self:
            plan.display_name = self.env._(
                "%(customer)s: payment plan until %(day)s",
                customer=plan.partner_id.name or "",
                day=format_date(self.env, plan.date_last) if plan.date_last else "–",
            )

    @api.depends("promise_ids.date")
    def _compute_date_last(self):
        for plan in self:
            plan.date_last = max(plan.promise_ids.mapped("date"), default=False)

    @api.depends("partner_id", "company_id")
    def _compute_contact_id(self):
        for plan in self:
            plan.contact_id = plan.partner_id._dunning_find_contact(plan.company_id)

    # === MAKING === #

    @api.model
    def default_get(self, fields):
        """Where no due lines are chosen, it is about all that is open in one currency."""
        values = super().default_get(fields)
        if "move_line_ids" in fields and not values.get("move_line_ids"):
            partner = self.env["res.partner"].browse(values.get("partner_id") or [])
            company = self.env["res.company"].browse(
                values.get("company_id") or self.env.company.id
            )
            values["move_line_ids"] = [Command.set(self._find_open_lines(company, partner))]
        return values

    @api.model
    def _find_open_lines(self, company, partner):
        """Return the ids of all open due lines of a customer in one currency.

        That of the company where something is open in it.
        """
        if not partner:
            return []
        facts = self._find_open_facts(company, partner.commercial_partner_id)
        currencies = {fact.currency_id for fact in facts}
        own = company.currency_id.id
        currency = own if own in currencies else next(iter(sorted(currencies)), None)
        return [fact.id for fact in facts if fact.currency_id == currency]

    @api.model
    def _find_open_facts(self, company, partner):
        facts = company._dunning_collect(company._get_job_today(), partners=partner)
        return [fact for fact in facts if fact.partner_id == partner.id and fact.open_amount > 0]

    @api.onchange("count", "step", "date_first", "move_line_ids")
    def _onchange_instalments(self):
        """Divide what is open; whoever agrees on something else edits the dates and amounts."""
        chosen = set(self.move_line_ids._origin.ids)
        facts = self._find_open_facts(self.company_id, self.partner_id._origin)
        total = sum(fact.open_amount for fact in facts if fact.id in chosen)
        self.amount = total
        self.promise_ids = [Command.clear()] + [
            Command.create({"date": day, "amount": amount}) for day, amount in self._divide(total)
        ]

    def _divide(self, total):
        """Return the instalments as (day, amount) where they are as they can be computed."""
        if not (self.date_first and self.step and 2 <= self.count <= MOST_INSTALMENTS):
            return []
        rounding = self.currency_id.rounding
        return get_instalments(self.date_first, self.count, self.step, total, rounding)

    @api.model_create_multi
    def create(self, vals_list):
        given = [vals.pop("promise_ids", None) or [] for vals in vals_list]
        partners, companies = self.env["res.partner"], self.env["res.company"]
        for vals in vals_list:
            self._check_bounds(vals)
            if vals.get("partner_id") and not vals.get("move_line_ids"):
                company = companies.browse(vals.get("company_id") or self.env.company.id)
                partner = partners.browse(vals["partner_id"])
                vals["move_line_ids"] = self._find_open_lines(company, partner)
        plans = super().create(vals_list)
        for plan, commands in zip(plans, given, strict=True):
            rows = [command[2] for command in commands if command[0] == Command.CREATE]
            plan._make_instalments([(row.get("date"), row.get("amount")) for row in rows])
        return plans

    def _make_instalments(self, rows):
        """Note the instalments as promises.

        :param rows: a list of (day, amount); empty: computed
        """
        totals = self._get_open_totals()
        if len(totals) != 1:
            raise UserError(self.env._("A payment plan is about items in one currency."))
        [(currency, total)] = totals
        rows = rows or self._divide(total)
        self._check_instalments(rows, currency, total)
        plan = self.sudo()
        plan.write({"count": len(rows), "amount": currency.round(total)})
        plan.env["dunning.promise"].create(
            [
                {
                    "plan_id": plan.id,
                    "company_id": plan.company_id.id,
                    "partner_id": plan.partner_id.id,
                    "move_line_ids": plan.move_line_ids.ids,
                    "date": day,
                    "amount": amount,
                    "date_given": plan.date_given,
                    "user_id": plan.user_id.id,
                    "source": plan.source,
                }
                for day, amount in sorted(rows)
            ]
        )

    def _check_instalments(self, rows, currency, total):
        if not 2 <= len(rows) <= MOST_INSTALMENTS:
            raise ValidationError(
                self.env._(
                    "A payment plan has from 2 to %(most)s instalments.", most=MOST_INSTALMENTS
                )
            )
        if any(
            not day or currency.compare_amounts(amount or 0.0, 0.0) <= 0 for day, amount in rows
        ):
            raise ValidationError(self.env._("Each instalment needs a day and an amount."))
        added = sum(amount for _day, amount in rows)
        if currency.compare_amounts(added, total):
            raise ValidationError(
                self.env._(
                    "The instalments add up to %(added)s, but %(total)s is open.",
                    added=format_amount(self.env, added, currency),
                    total=format_amount(self.env, total, currency),
                )
            )

    def _hold(self):
        """A proposal holds nothing."""
        return super(DunningPlan, self.filtered(lambda plan: plan.state == "active"))._hold()

    # === WHAT PEOPLE DO === #

    @api.model
    def _get_dialog_title(self):
        return self.env._("Payment plan")

    def action_activate(self):
        """Agree on plans: from now on they hold their items."""
        self.check_access("write")
        if any(plan.state != "proposed" for plan in self):
            raise UserError(self.env._("Only a proposed plan can be agreed on."))
        for plan in self.sudo():
            if plan.date_last < plan.company_id._get_job_today():
                raise UserError(self.env._("The last day of the plan is over."))
            plan.state = "active"
            plan.promise_ids[:1]._find_open(plan.company_id)._give_way(plan.move_line_ids.ids)
            plan._hold()
        return {"type": "ir.actions.act_window_close"}

    def _get_held_until(self):
        """Return the last day on which the plan can still hold: a missed last instalment waits."""
        return self.date_last + timedelta(days=self.company_id.dunning_plan_grace_days)

    def _follow_days(self):
        """Hold until the new last day where an instalment was moved."""
        for plan in self.filtered(lambda found: found.state == "active"):
            plan.block_ids.write({"date_until": plan._get_held_until()})

    def action_cancel(self):
        """Take plans back: their items are reminded again."""
        self.check_access("write")
        if any(plan.state not in ("proposed", "active") for plan in self):
            raise UserError(self.env._("This plan is over already."))
        self.sudo()._close("cancelled")
        return True

    def action_print(self):
        """Print the plan as a letter to the customer."""
        self.check_access("read")
        return self.env.ref("account_recurrence_dunning.dunning_plan_report").report_action(self)

    def action_send(self):
        """Open Odoo's dialog that writes an e-mail, with the letter enclosed."""
        self.check_access("write")
        self.ensure_one()
        template = self.env.ref(
            "account_recurrence_dunning.mail_template_dunning_plan", raise_if_not_found=False
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send the plan"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_template_id": template and template.id,
                "default_composition_mode": "comment",
                "default_email_layout_xmlid": "mail.mail_notification_light",
            },
        }

    # === THE LETTER === #

    def _get_bank_account(self):
        """Return the company's account to pay to, in the order in which Odoo chooses one."""
        return self.company_id._dunning_get_accounts().sorted(
            lambda bank: (
                bool(bank.currency_id) and bank.currency_id != self.currency_id,
                bank.currency_id != self.currency_id,
                not bank.allow_out_payment,
            )
        )[:1]

    def _get_account_number(self):
        """Return the number of the account, an IBAN in groups."""
        number = self._get_bank_account().acc_number or ""
        return format_iban(number) or number

    def _get_payment_reference(self):
        moves = self._get_moves()
        names = [move.payment_reference or move.name for move in moves]
        return ", ".join(dict.fromkeys(filter(None, names)))

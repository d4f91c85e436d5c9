from collections import defaultdict
from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ....tools.common.working_calendar import nearest_working_day
from ...common.amount_text import format_amounts
from .dunning_promise import LONGEST
from .dunning_promise_earlier import REPLACES_HELP

OUTCOMES = [
    ("reached", "Reached"),
    ("not_reached", "Not Reached"),
    ("wrong_number", "Wrong Number"),
]


class DunningCall(models.Model):
    """A call to a customer about open items, and what came of it (K3).

    One that reached the customer does the call of a level that waits; what was promised in it
    becomes a promise.
    """

    _name = "dunning.call"
    _description = "Call"
    _inherit = ["dunning.customer.record.mixin", "dunning.call.effect.mixin"]
    _order = "date desc, id desc"

    user_id = fields.Many2one(string="Called By", system="once")
    date = fields.Datetime(
        string="Called On", required=True, system="once", default=fields.Datetime.now
    )
    # its author may delete a call on this day
    date_logged = fields.Date(
        string="Logged On",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: self.env.company._get_job_today(),
    )
    contact_id = fields.Many2one(
        "res.partner",
        string="Contact",
        compute="_compute_contact_id",
        store=True,
        readonly=False,
        precompute=True,
        system="once",
        index="btree_not_null",
        domain="[('commercial_partner_id', '=', partner_id)]",
    )
    phone = fields.Char(
        compute="_compute_phone", store=True, readonly=False, precompute=True, system="once"
    )
    outcome = fields.Selection(OUTCOMES, required=True, system="once", index=True)
    note = fields.Text(tracking=True, help="What was said, by whom.")
    date_again = fields.Date(
        string="Call Again On",
        compute="_compute_date_again",
        store=True,
        readonly=False,
        precompute=True,
        system="once",
    )
    reminder_id = fields.Many2one(
        "dunning.reminder",
        string="Reminder by Phone",
        compute="_compute_reminder_id",
        store=True,
        readonly=False,
        precompute=True,
        system="once",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        domain="[('partner_id', '=', partner_id), ('company_id', '=', company_id),"
        " ('channel', '=', 'call'), ('state', '=', 'draft')]",
        help="The reminder that waits for this call. Reached, its level becomes effective.",
    )
    is_effective = fields.Boolean(
        string="Made a Level Effective", readonly=True, copy=False, help="It cannot be deleted."
    )
    move_line_ids = fields.Many2many(
        relation="dunning_call_line_rel",
        help="What was promised. Leave empty for everything due by then.",
    )
    promise_id = fields.Many2one(
        "dunning.promise", readonly=True, index="btree_not_null", ondelete="set null", copy=False
    )
    promise_date = fields.Date(
        string="Promised For", compute="_compute_promise", inverse="_inverse_promise"
    )
    promise_amount = fields.Monetary(
        string="Promised Amount",
        compute="_compute_promise",
        inverse="_inverse_promise",
        currency_field="promise_currency_id",
        help="Leave empty for the full open amount.",
    )
    promise_replaces = fields.Boolean(
        string="Instead of Earlier Promises",
        compute="_compute_promise",
        inverse="_inverse_promise",
        default=True,
        help=REPLACES_HELP,
    )
    promise_earlier_text = fields.Char(
        string="Promised Already", compute="_compute_promise_full_text"
    )
    promise_full_text = fields.Char(
        string="Full Amount",
        compute="_compute_promise_full_text",
        help="The amount that counts where none is entered.",
    )
    promise_currency_id = fields.Many2one(
        "res.currency", string="Promised Currency", compute="_compute_promise_currency_id"
    )
    overdue_text = fields.Char(string="Total Overdue", compute="_compute_situation")
    open_text = fields.Char(string="Total Open", compute="_compute_situation")
    claim_text = fields.Char(
        string="Overdue and Not Disputed",
        compute="_compute_situation",
        help="What is asked for in the call.",
    )
    last_promise_text = fields.Char(string="Promised Last", compute="_compute_situation")

    _customer_idx = models.Index("(partner_id, company_id)")

    @api.depends("partner_id", "outcome")
    @api.depends_context("lang")
    def _compute_display_name(self):
        outcomes = dict(self._fields["outcome"]._description_selection(self.env))
        for call in self:
            outcome = outcomes.get(call.outcome, "")
            call.display_name = f"{call.partner_id.name or ''}: {outcome}"

    @api.depends("partner_id", "company_id")
    def _compute_reminder_id(self):
        for call in self:
            call.reminder_id = call._find_waiting()[:1]

    @api.depends("partner_id", "company_id", "reminder_id")
    def _compute_contact_id(self):
        """Who is called is found in the order in which the program looks for recipients (D6)."""
        for call in self:
            found = call.reminder_id.recipient_ids[:1]
            call.contact_id = found or call.partner_id._dunning_find_contact(call.company_id)

    @api.depends("contact_id", "partner_id")
    def _compute_phone(self):
        for call in self:
            call.phone = call.contact_id.phone or call.partner_id.phone

    @api.depends("outcome", "company_id")
    def _compute_date_again(self):
        """Try again on the company's next working day."""
        for call in self:
            today = call.company_id._get_job_today()
            day = False
            if call.outcome == "not_reached":
                tomorrow = today + timedelta(days=1)
                calendar = call.company_id._recurrence_get_calendar(tomorrow, tomorrow)
                day = tomorrow
                if calendar.closed(tomorrow):
                    day = nearest_working_day(tomorrow, 1, calendar) or tomorrow
            call.date_again = day

    @api.depends("promise_id")
    def _compute_promise(self):
        for call in self:
            call.promise_date = call.promise_id.date
            call.promise_amount = call.promise_id.amount
            call.promise_replaces = not call.promise_id or call.promise_id.replaces

    @api.depends("partner_id", "company_id", "move_line_ids", "promise_date")
    @api.depends_context("lang")
    def _compute_promise_full_text(self):
        promises = self.env["dunning.promise"]
        promises = promises.concat(
            *(
                promises.new(
                    {
                        "partner_id": call.partner_id._origin.id,
                        "company_id": call.company_id.id,
                        "move_line_ids": call.move_line_ids._origin.ids,
                        "date": call.promise_date,
                    }
                )
                for call in self
            )
        )
        for call, promise in zip(self, promises, strict=True):
            call.promise_full_text = promise.full_text
            call.promise_earlier_text = promise.earlier_text

    @api.depends("move_line_ids", "company_id")
    def _compute_promise_currency_id(self):
        for call in self:
            currencies = call.sudo().move_line_ids.currency_id
            own = call.company_id.currency_id
            call.promise_currency_id = currencies if len(currencies) == 1 else own

    @api.depends("partner_id", "company_id")
    @api.depends_context("lang")
    def _compute_situation(self):
        """Fill what whoever calls has to know: overdue and open per currency, the last promise."""
        partners = self.env["res.partner"]
        for company, calls in self.grouped("company_id").items():
            customers = calls.partner_id._origin
            overdue = partners._dunning_get_overdue(company, customers, company._get_job_today())
            every = partners._dunning_get_overdue(company, customers, date.max)
            claimed = calls._read_claimed(company, customers)
            promises = self.env["dunning.promise"].search(
                [("company_id", "=", company.id), ("partner_id", "in", customers.ids)],
                order="date_given, id",
            )
            last = {promise.partner_id: promise for promise in promises}
            for call in calls:
                customer = call.partner_id._origin
                call.overdue_text = format_amounts(self.env, overdue.get(customer.id, ()))
                call.open_text = format_amounts(self.env, every.get(customer.id, ()))
                call.claim_text = format_amounts(self.env, claimed.get(customer.id, ()))
                call.last_promise_text = self._tell_promise(last.get(customer))

    @api.model
    def _read_claimed(self, company, customers):
        """Return what customers are asked for: ``{customer id: [(currency, amount), …]}``.

        Overdue and not disputed, less credits and payments on their way, as the engine has it.
        """
        today = company._get_job_today()
        totals = defaultdict(dict)
        for fact in company.sudo()._dunning_collect(today, partners=customers):
            if fact.line.due < today and fact.line.hold != "dispute" and fact.open_amount > 0:
                currency = self.env["res.currency"].browse(fact.currency_id)
                found = totals[fact.partner_id]
                found[currency] = found.get(currency, 0.0) + fact.open_amount
        return {customer_id: [*found.items()] for customer_id, found in totals.items()}

    @api.model
    def _tell_promise(self, promise):
        """Return what was promised, and what became of it."""
        if not promise:
            return False
        states = dict(promise._fields["state"]._description_selection(self.env))
        return self.env._(
            "%(amount)s by %(day)s: %(outcome)s",
            amount=promise.amount_text,
            day=format_date(self.env, promise.date),
            outcome=states[promise.state],
        )

    # === CHECKS === #

    @api.constrains("date_again", "date_logged")
    def _check_date_again(self):
        for call in self:
            if call.date_again and call.date_again < call.date_logged:
                raise ValidationError(self.env._("The day to call again is over."))
            if call.date_again and call.date_again > call.date_logged + LONGEST:
                raise ValidationError(
                    self.env._("The day to call again is more than a year ahead: is it right?")
                )

    @api.constrains("reminder_id", "contact_id", "partner_id")
    def _check_customer(self):
        for call in self.sudo():
            reminder, customer = call.reminder_id, call.partner_id
            if reminder and (
                reminder.partner_id.commercial_partner_id != customer or reminder.channel != "call"
            ):
                raise ValidationError(
                    self.env._(
                        "%(reminder)s is not a call to %(customer)s.",
                        reminder=reminder.display_name,
                        customer=customer.display_name,
                    )
                )
            if call.contact_id.commercial_partner_id - customer:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is not a contact of %(customer)s.",
                        contact=call.contact_id.display_name,
                        customer=customer.display_name,
                    )
                )

    # === MAKING AND DELETING === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_bounds(vals)
            if vals.get("promise_amount") and not vals.get("promise_date"):
                raise UserError(self.env._("A promise needs a day: fill in “Promised For”."))
        # before the promises are noted, which hold what the calls were about
        partners = self.env["res.partner"].browse(vals.get("partner_id") for vals in vals_list)
        self.env["dunning.reminder"]._recheck_calls(partners)
        calls = super().create(vals_list)
        for call in calls.sudo():
            call._take_effect()
        calls._note_cases()
        return calls

    def _inverse_promise(self):
        """Note what was promised in the call."""
        for call in self.filtered(lambda found: found.promise_date and not found.promise_id):
            promise = self.env["dunning.promise"].create(
                {
                    "company_id": call.company_id.id,
                    "partner_id": call.partner_id.id,
                    "move_line_ids": call.move_line_ids.ids,
                    "date": call.promise_date,
                    "amount": call.promise_amount,
                    "replaces": call.promise_replaces,
                    "user_id": call.user_id.id,
                    "source": "call",
                    "note": call.note,
                }
            )
            call.sudo().promise_id = promise

    @api.ondelete(at_uninstall=False)
    def _unlink_except_effective_or_old(self):
        if self.env.su:
            return
        for call in self:
            if call.is_effective:
                raise UserError(
                    self.env._("This call made a level effective: withdraw the reminder instead.")
                )
            today = call.company_id._get_job_today()
            if call.create_uid != self.env.user or call.date_logged != today:
                raise UserError(
                    self.env._("Only whoever logged a call can delete it, on the same day.")
                )

    def unlink(self):
        """What was promised in a call logged by mistake was not promised."""
        promises = self.promise_id.filtered(lambda promise: promise.state == "open")
        result = super().unlink()
        if promises:
            promises.action_withdraw()
        return result

    @api.model
    def _get_dialog(self, partner, move_line_ids=None, *, reminder=None):
        """Return the dialog that logs a call.

        :param partner: the customer, or a contact of it
        :param move_line_ids: the ids of the due lines it is about; empty: all that is open
        :param reminder: the call of a level; None: the one that waits, if there is one
        """
        self.env["dunning.reminder"]._recheck_calls(partner)
        action = super()._get_dialog(partner, move_line_ids)
        if reminder and reminder.state == "draft":
            action["context"]["default_reminder_id"] = reminder.id
            action["context"]["default_company_id"] = reminder.company_id.id
        return action

    @api.model
    def _get_dialog_title(self):
        return self.env._("Log a call")

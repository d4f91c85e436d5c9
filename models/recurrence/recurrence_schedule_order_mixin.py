from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_date

from ...tools.recurrence.placeholder import strip_placeholders
from .recurrence_schedule_planning_mixin import ENGINE_CONTEXT


class RecurrenceScheduleOrderMixin(models.AbstractModel):
    """The customer's order that the invoices refer to, and the files that go along with them."""

    _name = "recurrence.schedule.order.mixin"
    _inherit = [
        "recurrence.dunning.system.field.mixin",
        "recurrence.schedule.consolidation.mixin",
    ]
    _description = "Order and Files of a Recurrence"

    order_until = fields.Date(
        string="Order Valid Until",
        tracking=True,
        help=(
            "The last day of the customer's order whose number is the reference. The responsible "
            "is warned before; invoices are issued all the same."
        ),
    )
    order_warned = fields.Date(string="Order End Warned Of", system=True, readonly=True, copy=False)
    order_activity_id = fields.Many2one(
        "mail.activity",
        string="Warning About the Order",
        system=True,
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
    order_message = fields.Char(compute="_compute_order_message")
    attach_files = fields.Boolean(
        string="Copy Its Files",
        default=True,
        help="Each invoice gets the files that are attached to the recurring invoice.",
    )
    send_files = fields.Boolean(
        string="Send Them Along",
        help="When an invoice is sent by e-mail, these files are attached to the message.",
    )

    @api.depends("order_until", "state", "company_id.recurrence_ending_days")
    def _compute_order_message(self):
        for schedule in self:
            day, company = schedule.order_until, schedule.company_id
            is_near = (
                day and schedule.state != "finished" and day <= self._get_ending_limit(company)
            )
            schedule.order_message = is_near and schedule._get_order_message(
                company._get_job_today()
            )

    def _get_order_message(self, as_of):
        """Return what is to be said of the order's end, as a sentence.

        :param as_of: a ``date``
        """
        reference = strip_placeholders(self.template_move_id.sudo().ref or "")
        params = {"date": format_date(self.env, self.order_until), "reference": reference}
        if self.order_until < as_of:
            if reference:
                return self.env._("The order %(reference)s was valid until %(date)s.", **params)
            return self.env._("The customer's order was valid until %(date)s.", **params)
        if reference:
            return self.env._("The order %(reference)s is valid until %(date)s.", **params)
        return self.env._("The customer's order is valid until %(date)s.", **params)

    def _get_order_note(self, day):
        """Return what is to be said of an invoice of a day after the order's end, or False.

        :param day: the date of the invoice
        """
        if not self.order_until or day <= self.order_until:
            return False
        return self.env._(
            "The customer's order is valid until %(date)s only, before the date of this invoice.",
            date=format_date(self.env, self.order_until),
        )

    def write(self, vals):
        until = fields.Date.to_date(vals.get("order_until"))
        changed = "order_until" in vals and self.filtered(lambda s: s.order_until != until)
        result = super().write(vals)
        if changed:
            changed._withdraw_order_warning()
            changed._reset_run_date()
        return result

    def _withdraw_order_warning(self):
        """Take the warning back, and warn again when its time has come."""
        self._withdraw_question("order_activity_id")
        warned = self.sudo().filtered("order_warned")
        warned.with_context(**ENGINE_CONTEXT).write({"order_warned": False})

    def _warn_about_orders(self, as_of):
        """Tell the responsible once of each end of an order, before it comes.

        :param as_of: the company's today, a ``date``
        """
        for schedule in self.filtered("order_until"):
            day = schedule.order_until
            ahead = timedelta(days=schedule.company_id.recurrence_ending_days)
            is_over_before = schedule.last_date and schedule.last_date <= day
            if day > as_of + ahead or schedule.order_warned == day or is_over_before:
                continue
            activity = schedule._ask_responsible(
                lambda spoken: spoken.env._("Ask for a new order"),
                lambda spoken: spoken._get_order_message(as_of),
            )
            schedule.with_context(**ENGINE_CONTEXT).write(
                {"order_activity_id": activity.id, "order_warned": day}
            )

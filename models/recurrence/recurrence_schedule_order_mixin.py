from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_date

from .recurrence_schedule_planning_mixin import ENGINE_CONTEXT


class RecurrenceScheduleOrderMixin(models.AbstractModel):
    """The customer's order that the invoices refer to, and the files that go along with them."""

    _name = "recurrence.schedule.order.mixin"
    _inherit = "recurrence.dunning.system.field.mixin"
    _description = "Order and Files of a Recurrence"

    order_until = fields.Date(
        string="Order Valid Until",
        tracking=True,
        help=(
            "The last day of the customer's order whose number is the reference. The responsible "
            "is warned before; invoices are issued all the same."
        ),
    )
    order_warned = fields.Date(
        system=True, readonly=True, copy=False, help="The end that was warned of."
    )
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
        reference = self.template_move_id.sudo().ref
        params = {"date": format_date(self.env, self.order_until), "reference": reference}
        if self.order_until < as_of:
            if reference:
                return self.env._("The order %(reference)s was valid until %(date)s.", **params)
            return self.env._("The customer's order was valid until %(date)s.", **params)
        if reference:
            return self.env._("The order %(reference)s is valid until %(date)s.", **params)
        return self.env._("The customer's order is valid until %(date)s.", **params)

    def write(self, vals):
        result = super().write(vals)
        if "order_until" in vals:
            self._withdraw_question("order_activity_id")
            self._reset_run_date()
        return result

    def _warn_about_orders(self, as_of):
        """Tell the responsible once of each end of an order, before it comes.

        :param as_of: the company's today, a ``date``
        """
        for schedule in self.filtered("order_until"):
            day = schedule.order_until
            ahead = timedelta(days=schedule.company_id.recurrence_ending_days)
            if day > as_of + ahead or schedule.order_warned == day:
                continue
            activity = schedule._ask_responsible(
                lambda spoken: spoken.env._("Ask for a new order"),
                lambda spoken: spoken._get_order_message(as_of),
            )
            schedule.with_context(**ENGINE_CONTEXT).write(
                {"order_activity_id": activity.id, "order_warned": day}
            )

    def _get_files_to_send(self, move):
        """Return the files of the template that go along with an invoice by e-mail.

        :param move: an issued invoice, which has copies of them
        :return: ir.attachment, those of the invoice
        """
        if not (self.send_files and self.attach_files):
            return self.env["ir.attachment"]
        attachments = self.env["ir.attachment"].sudo()
        of_moves = [("res_model", "=", "account.move"), ("res_field", "=", False)]
        template = attachments.search([*of_moves, ("res_id", "=", self.template_move_id.id)])
        return attachments.search(
            [
                *of_moves,
                ("res_id", "=", move.id),
                ("checksum", "in", template.mapped("checksum")),
            ],
            order="id",
        )

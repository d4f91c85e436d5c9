from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ...models.common.client_action import notify

MOST = 200


class RecurrenceScheduleCustomers(models.TransientModel):
    """Makes the same recurring invoice for other customers; each shown first."""

    _name = "recurrence.schedule.customers"
    _description = "The Same for Other Customers"
    _inherit = "recurrence.preview.dialog.mixin"
    _dialog_about = ("schedule_id",)

    schedule_id = fields.Many2one(
        "recurrence.schedule", string="Recurring Invoice", required=True, ondelete="cascade"
    )
    is_kind = fields.Boolean(related="schedule_id.is_kind", related_sudo=False)
    company_id = fields.Many2one(related="schedule_id.company_id", related_sudo=False)
    date_start = fields.Date(string="Starts On", required=True)
    is_started = fields.Boolean(
        string="Start Them", help="Otherwise they are drafts, to look at and start one by one."
    )
    partner_ids = fields.Many2many(
        "res.partner",
        string="Customers",
        domain="[('company_id', 'in', (False, company_id))]",
    )
    row_ids = fields.One2many("recurrence.schedule.customers.line", "dialog_id")
    ready_count = fields.Integer(compute="_compute_ready_count")

    @api.depends("row_ids.is_included")
    def _compute_ready_count(self):
        for dialog in self:
            dialog.ready_count = len(dialog.row_ids.filtered("is_included"))

    @api.model
    def default_get(self, fields):
        defaults = super().default_get(fields)
        schedule = self.env["recurrence.schedule"].browse(defaults.get("schedule_id")).exists()
        if schedule:
            schedule.check_access("read")
            defaults.setdefault("date_start", schedule._get_copied_start())
        return defaults

    def action_preview(self):
        """Show of each customer what would be billed; nothing is kept."""
        self._check_dialog()
        self.ensure_one()
        if not self.partner_ids:
            raise UserError(self.env._("Choose the customers."))
        if len(self.partner_ids) > MOST:
            raise UserError(self.env._("Choose at most %(count)s customers at once.", count=MOST))
        self.row_ids.sudo().unlink()
        rows, seen = [], self.env["res.partner"]
        for partner in self.partner_ids:
            rows.append(self._prepare_row(partner, seen))
            seen |= partner.commercial_partner_id
        self.write({"step": "look", "row_ids": [Command.create(row) for row in rows]})
        return self._reopen()

    def _prepare_row(self, partner, seen):
        """Return what would be billed to one customer: made, looked at and rolled back.

        :param seen: customers that have a row already
        """
        schedule = self.schedule_id.with_context(tracking_disable=True)
        same = schedule._find_same(partner)
        vals = {"partner_id": partner.id, "is_included": not same}
        if same:
            names = ", ".join(same.mapped("name"))
            vals["note"] = self.env._("Already has: %(names)s", names=names)
        elif partner.commercial_partner_id in seen:
            note = self.env._("The same customer as above")
            vals.update(note=note, is_included=False)
        savepoint = self.env.cr.savepoint()
        try:
            copied = schedule._copy_for(partner, self.date_start)
            template = copied.template_move_id
            copied._check_template()
            facts = copied._get_facts()
            vals.update(
                first_date=facts.date,
                total=facts.total,
                taxes=", ".join(template.invoice_line_ids.tax_ids.mapped("name")),
                terms=template.invoice_payment_term_id.name,
            )
        except UserError as error:
            vals.update(problem=str(error), is_included=False)
        finally:
            savepoint.rollback()
            savepoint.close(rollback=False)
        return vals

    def action_confirm(self):
        """Make the recurring invoices of the customers that are ticked, and show them."""
        self._check_dialog()
        self.ensure_one()
        rows = self.row_ids.filtered(lambda row: row.is_included and not row.problem)
        if not rows:
            raise UserError(self.env._("Tick at least one customer."))
        made = self.env["recurrence.schedule"]
        for row in rows:
            if not row.note and self.schedule_id._find_same(row.partner_id):
                raise UserError(
                    self.env._(
                        "%(customer)s has got such a recurring invoice meanwhile. Go back and "
                        "look again.",
                        customer=row.partner_id.display_name,
                    )
                )
            made += self.schedule_id._copy_for(row.partner_id, self.date_start)
        if self.is_started:
            made.action_generate()
        if len(made) == 1:
            return made._get_form_action()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_recurrence_dunning.recurrence_schedule_action"
        )
        action.update(domain=[("id", "in", made.ids)], context={})
        message = self.env._("Recurring invoices made: %(count)s.", count=len(made))
        return notify(message, "success", next=action)

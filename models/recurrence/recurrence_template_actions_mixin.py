from odoo import fields, models
from odoo.exceptions import UserError

from ..common.access_groups import INVOICE_READERS


class RecurrenceTemplateActionsMixin(models.AbstractModel):
    """The buttons of a recurring invoice on its template: each hands on to the recurrence."""

    _name = "recurrence.template.actions.mixin"
    _description = "Actions of a Recurring Invoice on its Template"

    is_recurrence_template = fields.Boolean()
    recurrence_schedule_id = fields.Many2one("recurrence.schedule", groups=INVOICE_READERS)

    def _check_recurrence(self, operation):
        """Refuse who has no right on the invoices or on what repeats them, as customers have."""
        self.check_access(operation)
        self.env["recurrence.schedule"].check_access(operation)

    def action_new_recurring_invoice(self):
        """Open the ordinary form to compose the template of a recurring document.

        A button above the list calls it, whatever is selected there: of the kind that is listed.
        """
        self.browse().check_access("create")
        return self._recurrence_get_new_action(self.env.context.get("default_move_type"))

    def action_make_recurring(self):
        """Copy this document as the template of a recurring one, and open that."""
        self.check_access("read")
        self.browse().check_access("create")
        template = self._recurrence_make_template()
        return template._get_template_action()

    def action_create_recurrence(self):
        """Give a template that was made without a rule its recurrence."""
        self._check_recurrence("write")
        self.ensure_one()
        if self.is_recurrence_template and not self.recurrence_schedule_id:
            self._recurrence_create_schedule({})
        return True

    def action_recurrence_start(self):
        """Open the dialog that plans the dates and starts the recurrence, which lists them."""
        self._check_recurrence("write")
        action = self._get_recurrence().action_open_generate()
        action["context"]["default_show_dates"] = True
        return action

    def action_recurrence_preview(self):
        """Show the next invoice as PDF; nothing is created or numbered."""
        self._check_recurrence("read")
        return self._get_recurrence()._open_preview()

    def action_recurrence_change(self):
        """Open the dialog that changes, ends or adds lines from a day on."""
        self._check_recurrence("write")
        return self._get_recurrence()._open_line_change()

    def _get_recurrence(self):
        """Return the recurrence of this invoice.

        :raise UserError: it has none
        """
        self.ensure_one()
        if not self.recurrence_schedule_id:
            raise UserError(self.env._("%(name)s has no recurrence.", name=self.display_name))
        return self.recurrence_schedule_id

    def action_recurrence_customers(self):
        """Open the dialog that makes the same recurring invoice for other customers."""
        self._check_recurrence("write")
        return self._get_recurrence().action_open_customers()

    def action_recurrence_update_kind(self):
        """Open the dialog that offers the changes of this kind to what was made from it."""
        self._check_recurrence("write")
        return self._get_recurrence().action_open_kind_update()

    def action_recurrence_members(self):
        """Open the recurring invoices that were made from this kind."""
        self._check_recurrence("read")
        return self._get_recurrence().action_open_members()

    def action_open_recurrence(self):
        self._check_recurrence("read")
        self.ensure_one()
        billed = self._recurrence_get_dates().with_env(self.env).schedule_id
        if len(billed) > 1:
            return billed._get_billed_action(self)
        return self.recurrence_schedule_id._get_form_action()

    def action_open_recurrence_invoices(self):
        """Open the invoices that were issued from this template."""
        self._check_recurrence("read")
        self.ensure_one()
        return self._get_recurrence().action_open_invoices()

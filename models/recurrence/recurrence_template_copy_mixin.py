from odoo import fields, models
from odoo.fields import Command

# Fields that copy() leaves behind and a recurring invoice keeps.
UNCOPIED_FIELDS = (
    "ref",
    "payment_reference",
    "invoice_origin",
    "invoice_user_id",
    "qr_code_method",
    "tag_ids",
    "dunning_choice",
    "dunning_program_id",
)
# These keep their distance from the date of the template.
SHIFTED_FIELDS = ("delivery_date", "taxable_supply_date")


class RecurrenceTemplateCopyMixin(models.AbstractModel):
    """What the invoices of a recurrence have from their template although Odoo copies it not."""

    _name = "recurrence.template.copy.mixin"
    _description = "Copies of Recurring Invoice Templates"

    def _recurrence_add_uncopied_values(self, values):
        """Extend what Odoo copies to a recurring entry, for our templates only."""
        if self.is_recurrence_template:
            values.update(self._recurrence_get_uncopied_values())
            shift = fields.Date.to_date(values["date"]) - self.date
            for name in SHIFTED_FIELDS:
                if self[name]:
                    values[name] = self[name] + shift
        return values

    def _recurrence_get_uncopied_values(self):
        """Return the values of the fields that ``copy()`` leaves behind and that shall be kept."""
        vals = {}
        for name in UNCOPIED_FIELDS:
            field = self._fields[name]
            value = self[name]
            if field.type == "many2many":
                vals[name] = [Command.set(value.ids)]
            elif value:
                vals[name] = field.convert_to_write(value, self)
        for name in SHIFTED_FIELDS:
            if self[name]:
                vals[name] = self[name]
        return vals

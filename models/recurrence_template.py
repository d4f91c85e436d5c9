from odoo import api, models
from odoo.fields import Domain

# A domain that names one of these knows which moves it wants, templates or not. Reading a
# One2many goes through a search on the inverse field, hence ``move_id``.
NAMING_FIELDS = {
    "account.move": ("is_recurrence_template", "id"),
    "account.move.line": ("move_id.is_recurrence_template", "move_id", "id"),
}


class RecurrenceTemplate(models.AbstractModel):
    """What keeps the templates of recurring invoices apart from real invoices."""

    _name = "recurrence.template"
    _description = "Isolation of Recurring Invoice Templates"

    @api.model
    def _without_templates(self, records, domain):
        """Return the domain restricted to real entries, unless it names which ones it wants.

        :param records: a recordset (of any size) of account.move or account.move.line
        :param domain: the domain given to ``_search``
        """
        domain = Domain(domain)
        if self.env.context.get("with_recurrence_templates"):
            return domain
        names = NAMING_FIELDS[records._name]
        if any(leaf.field_expr in names for leaf in domain.iter_conditions()):
            return domain
        return domain & Domain(names[0], "=", False)

    @api.model
    def _cancel_all_templates(self):
        """Cancel every template, of all companies; called before the addon is removed."""
        templates = self.env["account.move"].sudo().search([("is_recurrence_template", "=", True)])
        templates.filtered(lambda move: move.state == "draft").write({"state": "cancel"})

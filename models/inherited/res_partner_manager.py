from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.misc import clean_context

from ..common.access_groups import DUNNING_MANAGERS, DUNNING_USERS
from ..common.common_defaults import COMMON_DEFAULTS

# All that a dunning manager without the right to edit contacts may write on one …
MANAGED_FIELDS = {
    "dunning_policy",
    "dunning_program_id",
    "dunning_debtor_kind",
    "dunning_contact_id",
    "billing_contact_id",
    "dunning_preferred",
    "dunning_also",
}
# … and say of a new contact of a customer.
CONTACT_FIELDS = {
    "name",
    "parent_id",
    "type",
    "function",
    "email",
    "phone",
    "lang",
    "dunning_preferred",
    "dunning_also",
}


class ResPartner(models.Model):
    """How a customer is reminded is a dunning manager's to say, also without any other right."""

    _inherit = "res.partner"

    dunning_needs_dialog = fields.Boolean(
        compute="_compute_dunning_needs_dialog",
        groups=DUNNING_USERS,
        help="Users who cannot edit contacts set this in a separate dialog.",
    )

    @api.depends_context("uid")
    def _compute_dunning_needs_dialog(self):
        self.dunning_needs_dialog = self._is_dunning_managed("write")

    @api.model
    def _is_dunning_managed(self, operation):
        """Whether the user manages dunning, but has no right on contacts."""
        if self.env.su or self.browse().has_access(operation):
            return False
        return self.env.user.has_group(DUNNING_MANAGERS)

    def _check_dunning_writable(self):
        """Refuse who may not say how these customers are reminded."""
        self.check_access("read" if self._is_dunning_managed("write") else "write")

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_dunning_managed("create"):
            return super().create(vals_list)
        vals_list = [self._prepare_dunning_contact(vals) for vals in vals_list]
        # no default of the user's may say more of it than he may
        context = {**clean_context(self.env.context), **COMMON_DEFAULTS}
        partners = self.with_env(self.env(su=True, context=context))
        made = super(ResPartner, partners).create(vals_list)
        return made.with_env(self.env)

    @api.model
    def _prepare_dunning_contact(self, vals):
        """Return the values of a new contact, which is a person of a customer and nothing else."""
        parent = self.browse(vals.get("parent_id")).exists()
        if not parent or not vals.keys() <= CONTACT_FIELDS:
            raise AccessError(
                self.env._(
                    "As a dunning manager, you can add a contact to a customer, with name, "
                    "address type, position, e-mail, phone and language. For anything else, ask "
                    "somebody who is allowed to edit contacts."
                )
            )
        parent.check_access("read")
        family = parent.sudo().commercial_partner_id
        users = (family | family.child_ids | parent.sudo()).user_ids
        if users.filtered(lambda user: not user.share) or family.ref_company_ids:
            raise UserError(self.env._("%(name)s is not a customer.", name=parent.display_name))
        return {**vals, "company_id": family.company_id.id}

    def onchange(self, values, field_names, fields_spec):
        """Fill the dialog of a new contact; Odoo does so for who may create any contact alone."""
        is_dialog = not self and values.keys() | fields_spec.keys() <= CONTACT_FIELDS
        if not (is_dialog and self._is_dunning_managed("create")):
            return super().onchange(values, field_names, fields_spec)
        customer = values.get("parent_id") or self.env.context.get("default_parent_id")
        self._prepare_dunning_contact({"parent_id": customer})
        # nothing more of the customer than its name
        spec = {name: {} for name in fields_spec}
        if "parent_id" in spec:
            is_named = "fields" in fields_spec["parent_id"]
            spec["parent_id"] = {"fields": {"display_name": {}}} if is_named else {}
        # sudo() takes no default_… along
        values = {**values, "parent_id": customer}
        return super(ResPartner, self.sudo()).onchange(values, field_names, spec)

    def write(self, vals):
        if not (vals and vals.keys() <= MANAGED_FIELDS and self._is_dunning_managed("write")):
            return super().write(vals)
        self.check_access("read")
        self._check_dunning_links(vals)
        return super(ResPartner, self.sudo()).write(vals)

    @api.model
    def _check_dunning_links(self, vals):
        """Refuse programs and contacts that the user may not see."""
        for name, value in vals.items():
            field = self._fields[name]
            if field.type == "many2one" and value:
                self.env[field.comodel_name].browse(value).check_access("read")

    def action_dunning_setup(self):
        """Open the dialog in which a dunning manager says how this customer is reminded."""
        self.ensure_one()
        self._check_dunning_writable()
        return self._get_dunning_dialog("res_partner_view_form_dunning_setup", res_id=self.id)

    def action_dunning_new_contact(self):
        """Open the dialog that adds a contact to this customer."""
        self.ensure_one()
        self.check_access("read")
        if not self._is_dunning_managed("create"):
            self.browse().check_access("create")
        action = self._get_dunning_dialog("res_partner_view_form_dunning_contact")
        action["name"] = self.env._("New Contact of %(name)s", name=self.display_name)
        action["context"].update(default_parent_id=self.id, default_type="contact")
        return action

    def _get_dunning_dialog(self, view, **values):
        view = self.env.ref(f"account_recurrence_dunning.{view}")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reminders of %(name)s", name=self.display_name),
            "res_model": "res.partner",
            "views": [(view.id, "form")],
            "target": "new",
            "context": {"dialog_size": "medium"},
            **values,
        }

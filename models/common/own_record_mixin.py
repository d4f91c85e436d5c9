from odoo import api, models
from odoo.api import NewId
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command

# What record rules of this addon look at and people may write; "user_id" is handed on to others.
FENCES = {"company_id", "move_id", "program_id", "target"}


class OwnRecordMixin(models.AbstractModel):
    """What people may do with records of this addon's own models, beside access rights and rules.

    - A stored read-only field belongs to the system without saying so, see
      ``recurrence.dunning.system.field.mixin``; ``system=False`` lets people write one all the
      same. In a dialog it only shows something, and
      each action checks again what it does: there ``system=True`` has to be said.
    - Whoever links a record to another one may read that one. Odoo looks at rights on the record
      alone, and shows the name, and related fields, of whatever it is linked to.
    """

    _name = "recurrence.dunning.own.record.mixin"
    _inherit = ["recurrence.dunning.system.field.mixin", "recurrence.dunning.value.bounds.mixin"]
    _description = "Records of Recurrences and Dunning"
    # The fields of a dialog without which its buttons have nothing to work on.
    _dialog_about = ()

    @api.model
    def _get_system(self, field):
        system = super()._get_system(field)
        if system is None:
            is_own = field._module == self._original_module and not self._transient
            return (
                is_own and field.store and field.readonly and field.name not in models.MAGIC_COLUMNS
            )
        return system

    @api.model
    def _has_field_access(self, field, operation):
        if operation == "write" and self._is_system_field_for_user(field):
            return False
        return super()._has_field_access(field, operation)

    @api.model
    def _check_field_access(self, field, operation):
        if operation == "write" and self._is_system_field_for_user(field):
            raise AccessError(self._get_system_sentence(field))
        return super()._check_field_access(field, operation)

    @api.model_create_multi
    def create(self, vals_list):
        self._check_links(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._check_links([vals])
        result = super().write(vals)
        if not self.env.su and not FENCES.isdisjoint(vals):
            # Odoo looks at the rules before: it must still be theirs afterwards
            self.check_access("write")
        return result

    def copy_data(self, default=None):
        """Copy what people may give a record; the rest the system finds for the copy itself."""
        vals_list = super().copy_data(default)
        given = default or {}
        return [
            {
                name: value
                for name, value in vals.items()
                if name in given or not self.browse()._is_system_field_for_user(self._fields[name])
            }
            for vals in vals_list
        ]

    @api.model
    def default_get(self, fields):
        self.check_access("read")
        fields = list(fields)
        values = super().default_get(fields)
        given = {name: self.env.context.get(f"default_{name}") for name in fields}
        # as it was given too: making one of the other drops what a command would change
        self._check_links([values, given])
        return values

    def onchange(self, values, field_names, fields_spec):
        self.check_access("read")
        self._check_links([values])
        return super().onchange(values, field_names, fields_spec)

    @api.model
    def _check_links(self, vals_list):
        """Refuse links to what the user may not read."""
        if self.env.su:
            return
        linked = {}
        for vals in vals_list:
            self._add_links(self, vals, linked)
        # also a company that is not active on the screen at the moment
        linked["res.company"] = linked.get("res.company", set()) - set(
            self.env.user.company_ids.ids
        )
        for model, ids in linked.items():
            if ids:
                self.env[model].browse(ids).exists().check_access("read")

    @api.model
    def _add_links(self, records, vals, linked):
        """Add the ids that values link to, also those of records that they make or change.

        :param linked: ``{model name: set of ids}``
        """
        for name, value in vals.items():
            field = records._fields.get(name)
            if not field or not field.relational:
                continue
            ids = _get_linked_ids(value)
            # Odoo would let the database make a number of it, past all that reads the value before
            if any(isinstance(found, bool) or not isinstance(found, int) for found in ids):
                label = field._description_string(self.env) or name
                raise ValidationError(
                    self.env._("%(field)s: this is not the number of a record.", field=label)
                )
            linked.setdefault(field.comodel_name, set()).update(ids)
            for nested in _get_nested_vals(value):
                self._add_links(records.env[field.comodel_name], nested, linked)

    def _check_dialog(self):
        """Refuse an action of a dialog about what the user may not, or not any more, see.

        Odoo would hide it from the dialog's lists, and the action do something else.
        """
        self.check_access("write")
        if not all(dialog[name] for dialog in self.sudo() for name in self._dialog_about):
            raise UserError(
                self.env._(
                    "This dialog has no record to work on: close it and open it from the record."
                )
            )
        names = [
            name
            for name, field in self._fields.items()
            if field.store
            and field.type in ("many2one", "many2many")
            and name not in models.MAGIC_COLUMNS
        ]
        self._check_links([{name: dialog[name] for name in names} for dialog in self.sudo()])


def _get_linked_ids(value):
    """Return what a value for a relational field links to, whether these are ids or not.

    In an onchange a row has the values of the record it stands in, for the field that links to it.
    """
    if isinstance(value, models.BaseModel):
        return value.ids
    if isinstance(value, dict):
        value = value.get("id")
    if not isinstance(value, list | tuple):
        return _get_real_ids([value])
    ids = []
    for command in value:
        if not isinstance(command, list | tuple | dict):
            ids.append(command)
        elif isinstance(command, dict) or not command:
            continue
        elif command[0] == Command.SET:
            ids += command[2]
        elif command[0] == Command.LINK or (
            command[0] == Command.UPDATE and isinstance(command[1], int)
        ):
            ids.append(command[1])
    return _get_real_ids(ids)


def _get_real_ids(values):
    """Return the values but those that stand for no record of the database."""
    values = [found.origin if isinstance(found, NewId) else found for found in values]
    return [found for found in values if found not in (None, False, "")]


def _get_nested_vals(value):
    """Return the values of the records that a value for a relational field makes or changes."""
    if isinstance(value, dict):
        return [value]
    if not isinstance(value, list | tuple):
        return []
    nested = [command[-1] if isinstance(command, list | tuple) else command for command in value]
    return [vals for vals in nested if isinstance(vals, dict)]

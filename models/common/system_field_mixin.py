from odoo import api, models, tools
from odoo.exceptions import AccessError

from .common_defaults import COMMON_DEFAULTS

MODULE = "account_recurrence_dunning"


class RecurrenceDunningSystemFieldMixin(models.AbstractModel):
    """Fields that the addon writes itself and that nobody edits; shared by both halves.

    A field declared with ``system=True`` is refused in ``create`` and ``write`` (by form, import,
    RPC or ``default_…`` in the context alike) unless the environment is the superuser's: the code
    that keeps such a field writes it with ``sudo()``, after it has checked what the user may do.
    With ``system="once"`` it may be given when the record is created, and stays. To read it, the
    field's own ``groups`` decide. The client sees it as read-only: on Odoo's models because it is
    declared so as well, on the addon's own by ``recurrence.dunning.own.record.mixin``.

    Nor has a default that somebody stored for himself, or put into the context, any effect on it:
    Odoo applies both without asking for rights, also to what is created in his name with
    ``sudo()``. Where ``_is_engine_made`` is set, that holds for every field.
    """

    _name = "recurrence.dunning.system.field.mixin"
    _description = "Fields Maintained by the System"

    # Whether nobody but the system creates records of the model.
    _is_engine_made = False

    @api.model
    def _valid_field_parameter(self, field, name):
        return name == "system" or super()._valid_field_parameter(field, name)

    @api.model
    def _get_system(self, field):
        """Return True, "once", False, or None where the field does not say."""
        return getattr(field, "system", None)

    def _is_system_field_for_user(self, field):
        if self.env.su:
            return False
        system = self._get_system(field)
        # create works on no record, write on some
        return bool(self._ids) if system == "once" else bool(system)

    @api.model
    @tools.ormcache()
    def _get_system_names(self):
        """Return the fields that only the system gives a value to when a record is created."""
        return frozenset(
            name
            for name, field in self._fields.items()
            if self._is_engine_made or self._get_system(field) not in (None, False, "once")
        )

    @api.model
    @tools.ormcache()
    def _get_grouped_names(self):
        """Return the other fields of this addon that some users alone may write."""
        return frozenset(
            name
            for name, field in self._fields.items()
            if field.groups and field.store and field._module == MODULE
        ).difference(self._get_system_names())

    @api.model
    def default_get(self, fields):
        """Give what people may not write its own default, not one of theirs."""
        fields = list(fields)
        foreign = self._get_grouped_names().intersection(fields)
        if foreign:
            user = self.sudo(False)
            foreign = {
                name for name in foreign if not user._has_field_access(self._fields[name], "write")
            }
        closed = foreign | self._get_system_names().intersection(fields)
        if not closed:
            return super().default_get(fields)
        values = super().default_get([name for name in fields if name not in closed])
        # another addon may give more than was asked for
        values = {name: value for name, value in values.items() if name not in closed}
        return {**values, **self._get_common_defaults(closed, foreign)}

    @api.model
    def _get_common_defaults(self, names, foreign):
        """Return what fields get by default, whoever asks; what has no default is left out.

        :param foreign: those of them for which the administrator's stored defaults for all count
        """
        common, values = {}, {}
        if foreign:
            stored = self.env["ir.default"]
            # everybody's are among one's own, which cost no other environment
            if not foreign.isdisjoint(stored._get_model_defaults(self._name)):
                stored = stored.with_context(**COMMON_DEFAULTS)
                common = stored._get_model_defaults(self._name)
        for name in names:
            field = self._fields[name]
            if name in foreign and name in common:
                value = common[name]
            elif field.default:
                value = field.default(self)
            else:
                continue
            value = field.convert_to_cache(value, self, validate=False)
            values[name] = field.convert_to_write(value, self)
        return values

    @api.model
    def _check_system_fields(self, names):
        """Refuse to write fields that belong to the system.

        Asked where something is written, not in ``_has_field_access``: Odoo calls that for each
        value that is read, and moves and contacts are read all the time.
        """
        if self.env.su:
            return
        for name in names:
            field = self._fields.get(name)
            if field and self._is_system_field_for_user(field):
                raise AccessError(self._get_system_sentence(field))

    @api.model
    def _get_system_sentence(self, field):
        return self.env._(
            "“%(field)s” of %(model)s is managed by the system and cannot be edited.",
            field=field._description_string(self.env) or field.name,
            model=self.env["ir.model"]._get(self._name).name,
        )

    @api.model_create_multi
    def create(self, vals_list):
        # a default in the context counts as given, as it does for Odoo's own check
        given = (key[8:] for key in self.env.context if key.startswith("default_"))
        self.browse()._check_system_fields(set(given).union(*vals_list))
        return super().create(vals_list)

    def write(self, vals):
        if self:
            self._check_system_fields(vals)
        return super().write(vals)

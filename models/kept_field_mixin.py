from odoo import api, models
from odoo.exceptions import AccessError


class KeptFieldMixin(models.AbstractModel):
    """Fields that the addon writes itself and that nobody edits; shared by both halves.

    A field declared with ``kept=True`` is refused in ``create`` and ``write`` (by form, import,
    RPC or ``default_…`` in the context alike) unless the environment is the superuser's: the code
    that keeps such a field writes it with ``sudo()``, after it has checked what the user may do.
    With ``kept="once"`` it may be given when the record is created, and stays. To read it, the
    field's own ``groups`` decide. The client sees it as read-only.
    """

    _name = "kept.field.mixin"
    _description = "Fields Kept by the System"

    @api.model
    def _valid_field_parameter(self, field, name):
        return name == "kept" or super()._valid_field_parameter(field, name)

    @api.model
    def _get_kept(self, field):
        """Return how a field is kept: True, "once", False, or None where it does not say."""
        return getattr(field, "kept", None)

    def _is_kept_from_user(self, field):
        if self.env.su:
            return False
        kept = self._get_kept(field)
        # create works on no record, write on some
        return bool(self._ids) if kept == "once" else bool(kept)

    @api.model
    def _has_field_access(self, field, operation):
        if operation == "write" and self._is_kept_from_user(field):
            return False
        return super()._has_field_access(field, operation)

    @api.model
    def _check_field_access(self, field, operation):
        if operation == "write" and self._is_kept_from_user(field):
            raise AccessError(
                self.env._(
                    "“%(field)s” of %(model)s is kept by the system and cannot be edited.",
                    field=field._description_string(self.env) or field.name,
                    model=self.env["ir.model"]._get(self._name).name,
                )
            )
        return super()._check_field_access(field, operation)

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ...tools.common.literal_domain import DomainTextError, read_domain


class ReadableDomainMixin(models.AbstractModel):
    """Domains that people write and that others have evaluated; shared by both halves.

    Whoever sees which records a domain finds can read every field it names, letter by letter. So
    it may name only what its writer may read, at each step of each path.
    """

    _name = "recurrence.dunning.readable.domain.mixin"
    _description = "Domains Limited to What Their Author May Read"

    @api.model
    def _read_domain(self, text):
        """Return the domain that a text stands for: literals only, nothing is evaluated.

        :raise UserError: saying what is wrong with the text
        """
        try:
            return Domain(read_domain(text))
        except DomainTextError as error:
            sentences = {
                "too_long": self.env._("it is too long."),
                "no_literal": self.env._("it may contain only plain values, no formulas."),
                "no_list": self.env._("it is not a list of conditions."),
            }
            raise UserError(sentences[error.reason]) from error
        except (IndexError, RecursionError, TypeError, ValueError) as error:
            raise UserError(self.env._("it is not a list of conditions.")) from error

    @api.model
    def _check_domain_readable(self, model, domain):
        """Refuse a domain that names a field or a model which the user may not read.

        Constraints run as superuser: give the model of the user whose rights are to hold,
        ``self.env[name].with_user(user)``.

        :param model: what the domain is searched on; its user's rights count
        :param domain: a domain, or a list of conditions
        :raise AccessError: naming the field or the model
        :raise UserError: it names a field that there is not
        """
        if model.env.su:
            return
        self._check_model_readable(model)
        for condition in Domain(domain).iter_conditions():
            self._check_condition_readable(
                model, condition.field_expr, condition.operator, condition.value
            )

    @api.model
    def _check_condition_readable(self, model, path, operator, value):
        """Refuse one condition; see ``_check_domain_readable``."""
        name, _dot, rest = path.partition(".")
        field = model._fields.get(name)
        if field is None:
            raise UserError(
                self.env._(
                    "There is no field “%(field)s” in %(model)s.",
                    field=name,
                    model=self._get_model_label(model),
                )
            )
        if not model._has_field_access(field, "read"):
            raise AccessError(
                self.env._(
                    "%(user)s is not allowed to read “%(field)s” of %(model)s, so it cannot be "
                    "used in their filters.",
                    field=field._description_string(model.env) or name,
                    model=self._get_model_label(model),
                    user=model.env.user.name,
                )
            )
        comodel = model.env[field.comodel_name] if field.relational else model
        nested = operator in ("any", "not any")
        if field.relational and (rest or nested or not _is_plain(value)):
            self._check_model_readable(comodel)
        if field.relational and rest:
            self._check_condition_readable(comodel, rest, operator, value)
        elif nested:
            self._check_domain_readable(comodel, value)

    @api.model
    def _check_model_readable(self, model):
        if not model.has_access("read"):
            raise AccessError(
                self.env._(
                    "%(user)s is not allowed to read %(model)s, so it cannot be used in their "
                    "filters.",
                    model=self._get_model_label(model),
                    user=model.env.user.name,
                )
            )

    @api.model
    def _get_model_label(self, model):
        return self.env["ir.model"]._get(model._name).name or model._name


def _is_plain(value):
    """Whether a value compared with a link is ids alone: nothing of what is linked is read."""
    values = value if isinstance(value, list | tuple | set) else (value,)
    return all(isinstance(item, int) for item in values)

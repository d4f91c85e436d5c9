from odoo import api, models
from odoo.api import NewId
from odoo.exceptions import ValidationError

from ...tools.common.value_bounds import LONGEST, YEARS, find_problem

MODULE = "account_recurrence_dunning"


class ValueBoundsMixin(models.AbstractModel):
    """Refuses in a sentence what a field cannot hold; shared by both halves.

    Without it a number too big for its column, a sign no text can hold or a day no calendar knows
    ends in an error of the database, or later in one of Python. Only fields of this addon are
    looked at, so that a model of Odoo may inherit it too.
    """

    _name = "recurrence.dunning.value.bounds.mixin"
    _description = "Value Limits"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_bounds(vals)
        return super().create(vals_list)

    def write(self, vals):
        if self:
            self._check_bounds(vals)
        return super().write(vals)

    @api.model
    def _check_bounds(self, vals):
        for name, value in vals.items():
            field = self._fields.get(name)
            if field is None or MODULE not in field._modules:
                continue
            problem = find_problem(field.type, value)
            if field.type == "selection" and value and value not in field.get_values(self.env):
                problem = "no_choice"
            # the database would make a number of a text, past all that reads the value before
            if field.type == "many2one" and value and not _is_record(value):
                problem = "no_record"
            if problem:
                label = field._description_string(self.env) or name
                raise ValidationError(self._get_bounds_sentence(problem, label, field.type))

    @api.model
    def _get_bounds_sentence(self, problem, label, kind):
        """Return why a field cannot hold a value, as a sentence.

        :param problem: a code of ``tools.value_bounds``
        :param label: the field as its reader knows it
        """
        return {
            "too_big": self.env._("%(field)s: the number is too large.", field=label),
            "no_number": self.env._("%(field)s: this is not a number.", field=label),
            "bad_sign": self.env._(
                "%(field)s: the text contains a character that cannot be stored.", field=label
            ),
            "too_long": self.env._(
                "%(field)s: the text is longer than %(most)s characters.",
                field=label,
                most=LONGEST.get(kind, 0),
            ),
            "no_record": self.env._("%(field)s: this is not the number of a record.", field=label),
            "no_choice": self.env._("%(field)s: this is not one of the options.", field=label),
            "far_date": self.env._(
                "%(field)s: enter a date between the years %(first)s and %(last)s.",
                field=label,
                first=YEARS[0],
                last=YEARS[-1],
            ),
        }[problem]


def _is_record(value):
    """Whether a value stands for a record, as Odoo's code and its screens give it."""
    return isinstance(value, int | NewId | models.BaseModel) and not isinstance(value, bool)

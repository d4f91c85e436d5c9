from functools import partial

from odoo import api, fields, models

from ..common.access_groups import DUNNING_USERS
from ..common.engine_mark import is_engine


class AccountMoveLine(models.Model):
    _name = "account.move.line"
    _inherit = [
        "account.move.line",
        "recurrence.hidden.mixin",
        "recurrence.line.copy.mixin",
        "recurrence.line.terms.mixin",
        "recurrence.dunning.system.field.mixin",
        "recurrence.dunning.bulk.write.mixin",
        "dunning.line.status.mixin",
        "dunning.line.claim.mixin",
    ]

    # Written by the dunning engine and the batch tool only. A due line is a receivable line;
    # on any other line they stay at zero.
    dunning_level = fields.Integer(
        string="Dunning Level",
        readonly=True,
        copy=False,
        default=0,
        system=True,
        groups=DUNNING_USERS,
        prefetch="recurrence_dunning",
    )
    dunning_last_date = fields.Date(
        string="Last Reminder",
        readonly=True,
        copy=False,
        system=True,
        groups=DUNNING_USERS,
        prefetch="recurrence_dunning",
    )
    dunning_cycle = fields.Integer(
        string="Dunning Cycle",
        readonly=True,
        copy=False,
        default=0,
        system=True,
        help="The number of passes through the levels: setting a level back starts a new one.",
        groups=DUNNING_USERS,
        prefetch="recurrence_dunning",
    )

    dunning_due_date = fields.Date(
        readonly=True,
        copy=False,
        system=True,
        help="The due date the dunning level belongs to.",
        groups=DUNNING_USERS,
        prefetch="recurrence_dunning",
    )
    dunning_level_days = fields.Integer(
        readonly=True,
        copy=False,
        system=True,
        help=(
            "The days of the level when the item reached it: they preserve its position when "
            "levels are renumbered. Empty if unknown."
        ),
        groups=DUNNING_USERS,
        prefetch="recurrence_dunning",
    )

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        search = partial(super()._search, offset=offset, limit=limit, order=order, **kwargs)
        return self._recurrence_search(search, domain)

    def _is_system_field_for_user(self, field):
        # issuing says of which lines those of an invoice are, as the user, who may write them
        return not is_engine(self.env) and super()._is_system_field_for_user(field)

    def copy_data(self, default=None):
        return self._recurrence_extend_copies(super().copy_data(default))

    @api.model_create_multi
    def create(self, vals_list):
        # Odoo reads the values before it asks who may
        self.browse().check_access("create")
        lines = super().create(vals_list)
        lines._recurrence_check_template()
        return lines

    def write(self, vals):
        if self:
            # Odoo leaves out what stays as it is before it comes to who may write it
            self._check_system_fields(vals)
        result = super().write(vals)
        self._recurrence_check_template()
        return result

    def unlink(self):
        if not self:
            return super().unlink()
        self.env["dunning.run.line"]._untie_lines(self)
        self.env["recurrence.quantity.count"]._drop_lines(self)
        moves = self.filtered(lambda line: line.display_type == "product").move_id
        result = super().unlink()
        moves._recurrence_follow_lines()
        return result

    def _recurrence_check_template(self):
        """Look at the templates that these lines are products of; others Odoo derives."""
        products = self.filtered(lambda line: line.display_type == "product")
        products.move_id._recurrence_follow_lines()

    def action_register_payment(self, ctx=None):
        self.move_id._recurrence_refuse(self.env._("It cannot be paid."))
        return super().action_register_payment(ctx=ctx)

    def _check_amls_exigibility_for_reconciliation(self, shadowed_aml_values=None):
        self.move_id._recurrence_refuse(self.env._("It cannot be paid."))
        return super()._check_amls_exigibility_for_reconciliation(shadowed_aml_values)

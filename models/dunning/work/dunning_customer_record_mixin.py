from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...common.client_action import open_dialog

MODULE = "account_recurrence_dunning"


class DunningCustomerRecordMixin(models.AbstractModel):
    """What a colleague notes about a customer and its due lines; the case shows it at once."""

    _name = "dunning.customer.record.mixin"
    _inherit = [
        "recurrence.dunning.own.record.mixin",
        "mail.thread",
        "recurrence.dunning.plain.note.mixin",
    ]
    _description = "What is Noted about Customers"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        system="once",
        index=True,
        default=lambda self: self.env.company,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        system="once",
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    move_line_ids = fields.Many2many(
        "account.move.line",
        string="Open Items",
        system="once",
        check_company=True,
        domain="[('account_type', '=', 'asset_receivable'), ('parent_state', '=', 'posted'),"
        " ('partner_id', 'child_of', partner_id)]",
        help="Leave empty for everything that is open.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )

    @api.constrains("move_line_ids", "partner_id")
    def _check_lines(self):
        for record in self.sudo():
            for line in record.move_line_ids:
                owner = line.partner_id.commercial_partner_id
                if line.account_type != "asset_receivable" or owner != record.partner_id:
                    raise ValidationError(
                        self.env._(
                            "%(line)s is not a due line of %(customer)s.",
                            line=line.display_name,
                            customer=record.partner_id.display_name,
                        )
                    )

    @api.constrains("user_id")
    def _check_user(self):
        for record in self.sudo():
            if record.user_id.share:
                raise ValidationError(
                    self.env._("%(user)s is no colleague.", user=record.user_id.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Note it about the customer, whichever of its contacts was named."""
        partners = self.env["res.partner"]
        for vals in vals_list:
            self._check_bounds(vals)
            if vals.get("partner_id"):
                partner = partners.browse(vals["partner_id"])
                vals["partner_id"] = partner.commercial_partner_id.id
        return super().create(vals_list)

    def _note_cases(self):
        """Have the cases of the customers brought up to date."""
        for company, found in self.grouped("company_id").items():
            self.env["dunning.case.change"]._note(company.id, found.partner_id.ids)

    @api.model
    def _get_dialog(self, partner, move_line_ids=None):
        """Return the dialog that notes one.

        :param partner: the customer, or a contact of it
        :param move_line_ids: the ids of the due lines it is about; empty: all that is open
        """
        view = self.env.ref(f"{MODULE}.{self._table}_view_form_dialog")
        context = {"dialog_size": "large", "default_partner_id": partner.commercial_partner_id.id}
        if move_line_ids:
            context["default_move_line_ids"] = [fields.Command.set(move_line_ids)]
        return open_dialog(
            self, self._get_dialog_title(), views=[(view.id, "form")], context=context
        )

    @api.model
    def _get_dialog_title(self):
        return self._description

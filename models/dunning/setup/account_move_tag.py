from random import randint

from odoo import fields, models


class AccountMoveTag(models.Model):
    """A tag for invoices: set by hand, in batch, or by a level that becomes effective."""

    _name = "account.move.tag"
    _description = "Invoice Tag"
    _inherit = "recurrence.dunning.own.record.mixin"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    color = fields.Integer(default=lambda self: randint(1, 11))
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        help=("Leave empty to share the tag between all companies."),
    )

    _name_company_uniq = models.UniqueIndex(
        "(name, COALESCE(company_id, 0))", "A tag with this name already exists."
    )

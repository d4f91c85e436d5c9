from odoo import api, fields, models


class MayWriteMixin(models.AbstractModel):
    """Tells a form whether its user may change the record: a button that would be refused is none.

    The client knows the rights on a model alone, not those of record rules.
    """

    _name = "recurrence.dunning.may.write.mixin"
    _description = "Whether a User May Change a Record"

    may_write = fields.Boolean(compute="_compute_may_write")

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_may_write(self):
        # fields are computed as superuser where a related one asks
        writable = self.sudo(False)._origin._filtered_access("write")
        for record in self:
            record.may_write = not record.id or record._origin.sudo(False) in writable

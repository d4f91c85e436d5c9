from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import mute_logger

from ...common.isolation import get_error_text


class DunningFilterMixin(models.AbstractModel):
    """A filter over invoices, searched by the job with the rights of whoever wrote it (D12).

    Over records of ``_filter_model``, where a model names another one. They are found whatever
    record rules say: it is the job that deals with them. What the filter reads of them, and of
    what they are linked to, its writer must be able to read: checked when it is written and each
    time it is used, because rights change.
    """

    _name = "dunning.filter.mixin"
    _description = "Invoice Filter"
    _inherit = ["recurrence.dunning.readable.domain.mixin", "recurrence.dunning.system.field.mixin"]
    _filter_model = "account.move"

    filter_domain = fields.Char(string="Invoice Filter", default="[]")
    filter_user_id = fields.Many2one(
        "res.users",
        string="Filter Defined By",
        readonly=True,
        system=True,
        copy=False,
        ondelete="restrict",
        help="The filter is applied with the access rights of this user.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._keep_filter_writer()
        return records

    def write(self, vals):
        result = super().write(vals)
        if "filter_domain" in vals:
            self._keep_filter_writer()
        return result

    def _keep_filter_writer(self):
        self.filtered(
            lambda record: record._has_filter() and record.filter_user_id != self.env.user
        ).sudo().filter_user_id = self.env.user

    def _has_filter(self):
        """Whether it leaves out any record."""
        self.ensure_one()
        return (self.filter_domain or "[]").strip() != "[]"

    @api.constrains("filter_domain")
    def _check_filter_domain(self):
        """Refuse a filter that cannot be searched by, or that reads too much."""
        for record in self.filtered(lambda record: record._has_filter()):
            try:
                # a plain savepoint: what Odoo keeps for the end of its transaction is not run here
                with mute_logger("odoo.sql_db"), self.env.cr.savepoint(flush=False):
                    # a constraint runs as superuser: what counts is who writes
                    record._search_matching(self.env.user, Domain.TRUE, limit=1)
            except OperationalError:
                # another transaction was faster: Odoo tries again
                raise
            except Exception as error:
                # what fields and other addons raise over a domain knows no bounds
                raise ValidationError(
                    self.env._(
                        "The filter of “%(name)s” does not work: %(error)s",
                        name=record.display_name,
                        error=get_error_text(error),
                    )
                ) from error

    def _find_matching(self, ids):
        """Return the ids of those of these records that the filter lets through.

        :param ids: a set of ids
        :raise UserError: who wrote it may not read any more what it names
        """
        self.ensure_one()
        record = self.sudo()
        # filters of before writers were kept have none: who wrote the record last stands in
        writer = record.filter_user_id or record.write_uid
        company = {"allowed_company_ids": record.company_id.ids}
        return record.with_context(**company)._search_matching(
            writer, Domain("id", "in", list(ids))
        )

    def _search_matching(self, user, domain, limit=None):
        """Return the ids of the records that match the filter and a domain, for a user."""
        query = self._get_matching_query(user, domain, limit)
        return set(query.get_result_ids())

    def _get_matching_query(self, user, domain, limit=None):
        """Return the query of the records that match the filter and a domain, for a user."""
        self.ensure_one()
        if not user:
            raise UserError(
                self.env._("The user who defined the filter was deleted: define it again.")
            )
        records = self.env[self._filter_model].with_user(user).with_context(active_test=False)
        own = self._read_domain(self.filter_domain)
        self._check_domain_readable(records, own)
        return records._search(domain & own, limit=limit, bypass_access=True)

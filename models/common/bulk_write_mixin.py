from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

# Fields that no total depends on: Odoo need not synchronise the lines of each invoice for them.
PLAIN_WRITE = {
    "skip_invoice_sync": True,
    "skip_account_move_synchronization": True,
    "skip_is_manually_modified": True,
}


class BulkWriteMixin(models.AbstractModel):
    """Columns of many records written by one statement, and everybody told (rule 23).

    Stored fields that depend on them, in whatever addon, are computed again. Rules of Odoo's
    automation react to ``write`` alone: where the model has any, what changes is written so.
    """

    _name = "recurrence.dunning.bulk.write.mixin"
    _description = "Writing of Many Records at Once"

    def _write_in_bulk(self, columns, source, condition=None):
        """Write columns of the rows that ``source`` names; what is pending of them is flushed.

        The caller has checked what the user may do.

        :param columns: ``{field name: SQL of its new value}``; the rows are called ``target`` there
        :param source: SQL of rows called ``new`` with the ids of the records as ``id``
        :param condition: SQL of which of them are written; None: all
        """
        self = self.sudo()
        self.flush_model(list(columns))
        table = SQL.identifier(self._table)
        found = SQL("target.id = new.id AND %s", condition or SQL("TRUE"))
        if self._is_automated():
            values = SQL(", ").join(columns.values())
            query = SQL(
                "SELECT target.id, %s FROM %s target, %s WHERE %s", values, table, source, found
            )
            self._write_by_orm(columns, self.env.execute_query(query))
            return
        changes = SQL(", ").join(
            SQL("%s = %s", SQL.identifier(name), value) for name, value in columns.items()
        )
        query = SQL("UPDATE %s target SET %s FROM %s WHERE %s", table, changes, source, found)
        changed = self.env.execute_query(SQL("%s RETURNING target.id", query))
        records = self.browse(row[0] for row in changed)
        records.invalidate_recordset(list(columns), flush=False)
        records.modified(list(columns))

    @api.model
    def _is_automated(self):
        """Whether Odoo's automation, where it is installed, has rules about this model."""
        if "base.automation" not in self.env:
            return False
        rules = self.env["base.automation"].sudo()
        return bool(rules.search_count([("model_name", "=", self._name)], limit=1))

    @api.model
    def _write_by_orm(self, names, rows):
        """Write rows of (id, value, …) through ``write``, those with equal values at once."""
        groups = defaultdict(list)
        for record_id, *values in rows:
            groups[tuple(values)].append(record_id)
        for values, ids in groups.items():
            # the ORM would store a number that is unknown as 0
            vals = {
                name: value
                for name, value in zip(names, values, strict=True)
                if value is not None or self._fields[name].type != "integer"
            }
            self.browse(ids).with_context(**PLAIN_WRITE).write(vals)

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL


def _leave_out_templates(model, alias, query):
    flag = model._field_to_sql(alias, "is_recurrence_template", query)
    return SQL("%s IS NOT TRUE", flag)


def _leave_out_lines_of_templates(model, alias, query):
    """NOT IN over the few templates, never a join with all the entries."""
    return SQL(
        "%s NOT IN (SELECT id FROM account_move WHERE is_recurrence_template IS TRUE)",
        model._field_to_sql(alias, "move_id", query),
        to_flush=model.env["account.move"]._fields["is_recurrence_template"],
    )


# Which conditions name the moves a search wants, and how templates are left out otherwise: in
# SQL, since every search of an entry passes here and conditions would be optimized each time.
HIDING = {
    "account.move": {
        "flag": "is_recurrence_template",
        "ids": ("id",),
        "hide": Domain.custom(to_sql=_leave_out_templates),
    },
    "account.move.line": {
        "flag": "move_id.is_recurrence_template",
        "ids": ("move_id", "move_id.id", "id"),
        "hide": Domain.custom(to_sql=_leave_out_lines_of_templates),
    },
}
NAMING_OPERATORS = ("=", "in", "any", "any!")


class RecurrenceHiddenMixin(models.AbstractModel):
    """Hides the templates of recurring invoices from searches (rule 4)."""

    _name = "recurrence.hidden.mixin"
    _description = "Hidden Recurring Invoice Templates"

    def _recurrence_without_templates(self, domain):
        """Return the domain restricted to real entries, unless it names which ones it wants.

        It names them by the flag itself or by their ids (reading a One2many goes through a
        search on ``move_id``); ids that are excluded name nothing.

        :param domain: the domain given to ``_search``
        """
        domain = Domain(domain)
        if self.env.context.get("with_recurrence_templates"):
            return domain
        hiding = HIDING[self._name]
        leaves = list(domain.iter_conditions())
        if any(leaf.field_expr == hiding["flag"] for leaf in leaves):
            return domain
        named = [leaf for leaf in leaves if self._recurrence_names_records(leaf, hiding)]
        if not named:
            return domain & hiding["hide"]
        if any(part in named for part in self._recurrence_get_conjuncts(domain)):
            return domain
        # inside an alternative: only the named ones may be templates
        return domain & Domain.OR([hiding["hide"], *named])

    @api.model
    def _recurrence_names_records(self, leaf, hiding):
        if leaf.field_expr not in hiding["ids"] or leaf.operator not in NAMING_OPERATORS:
            return False
        if leaf.operator in ("any", "any!") and isinstance(leaf.value, list | tuple | Domain):
            # joined without a search of its own when the field bypasses access
            moves = self.env["account.move"]
            inner = Domain(leaf.value)
            return moves._recurrence_without_templates(inner) == inner
        return True

    @api.model
    def _recurrence_get_conjuncts(self, domain):
        """Return the parts that must all hold."""
        if getattr(domain, "OPERATOR", None) == "&":
            return domain.children
        return (domain,)

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


def _leave_out_kinds(model, alias, query):
    return SQL("%s IS NOT TRUE", model._field_to_sql(alias, "is_kind", query))


# Which conditions name the moves a search wants, and how templates are left out otherwise.
HIDING = {
    "account.move": {
        "flag": "is_recurrence_template",
        "ids": ("id",),
        "hide": _leave_out_templates,
    },
    "account.move.line": {
        "flag": "move_id.is_recurrence_template",
        "ids": ("move_id", "move_id.id", "id"),
        "hide": _leave_out_lines_of_templates,
    },
    "recurrence.schedule": {"flag": "is_kind", "ids": ("id",), "hide": _leave_out_kinds},
}
NAMING_OPERATORS = ("=", "in", "any", "any!")


class RecurrenceHiddenMixin(models.AbstractModel):
    """Hides the templates and kinds of recurring invoices from searches (rule 4)."""

    _name = "recurrence.hidden.mixin"
    _description = "Hidden Recurring Invoice Templates"

    def _recurrence_find_wanted(self, domain):
        """Return what of a domain may also find templates: True for all, False for nothing.

        A domain names the entries it wants by the flag itself or by their ids (reading a One2many
        goes through a search on ``move_id``); ids that are excluded name nothing. Where they are
        named in an alternative only, what is returned is the domain of the named ones.

        :param domain: the domain given to ``_search``, a ``Domain``
        """
        if self.env.context.get("with_recurrence_templates"):
            return True
        hiding = HIDING[self._name]
        leaves = list(domain.iter_conditions())
        if any(leaf.field_expr == hiding["flag"] for leaf in leaves):
            return True
        named = [leaf for leaf in leaves if self._recurrence_names_records(leaf, hiding)]
        if any(part in named for part in self._recurrence_get_conjuncts(domain)):
            return True
        return bool(named) and Domain.OR(named)

    def _recurrence_search(self, search, domain):
        """Search without templates, unless the domain names which entries it wants.

        They are left out in the query that was built: every search of an entry passes here, and
        one more condition in the domain would be optimized with the others each time.

        :param search: ``_search`` of the class above, as a function of the domain
        :return: the query
        """
        domain = Domain(domain)
        wanted = self._recurrence_find_wanted(domain)
        if wanted is True:
            return search(domain)
        hide = HIDING[self._name]["hide"]
        if wanted:
            return search(domain & (Domain.custom(to_sql=hide) | wanted))
        query = search(domain)
        if not query.is_empty():
            query.add_where(hide(self, query.table, query))
        return query

    @api.model
    def _recurrence_names_records(self, leaf, hiding):
        if leaf.field_expr not in hiding["ids"] or leaf.operator not in NAMING_OPERATORS:
            return False
        if leaf.operator in ("any", "any!") and isinstance(leaf.value, list | tuple | Domain):
            # joined without a search of its own when the field bypasses access
            return self.env["account.move"]._recurrence_find_wanted(Domain(leaf.value)) is True
        return True

    @api.model
    def _recurrence_get_conjuncts(self, domain):
        """Return the parts that must all hold."""
        if getattr(domain, "OPERATOR", None) == "&":
            return domain.children
        return (domain,)

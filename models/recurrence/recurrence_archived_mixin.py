from odoo import models


class RecurrenceArchivedMixin(models.AbstractModel):
    """What a running template uses although it is archived."""

    _name = "recurrence.archived.mixin"
    _description = "What a running template uses although it is archived"

    def _get_archived_use(self):
        """Return the first archived record that the template of a schedule uses, or None."""
        template = self.template_move_id.sudo().with_context(active_test=False)
        guarded = self.env.registry["recurrence.guarded.mixin"]
        for model in sorted(guarded._inherit_children):
            name = self.env[model]._active_name
            for path in (
                self.env["recurrence.guarded.mixin"]._recurrence_get_uses(model) if name else ()
            ):
                archived = template.mapped(path).filtered(lambda r, name=name: not r[name])
                if archived:
                    return archived[0]
        return None

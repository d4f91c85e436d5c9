from odoo import models

from ..common.engine_mark import as_engine


class RecurrenceTemplateUseMixin(models.AbstractModel):
    """What the template of a recurring invoice uses, and what becomes of it in the end."""

    _name = "recurrence.template.use.mixin"
    _description = "Use of Recurring Invoice Templates"

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

    def _untie_templates(self):
        """Untie and delete the templates of schedules that are about to be deleted.

        :return: a function to call once the schedules are gone
        """
        templates = as_engine(self.sudo().template_move_id)
        templates.write({"recurrence_schedule_id": False})
        return templates.unlink

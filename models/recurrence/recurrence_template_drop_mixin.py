from odoo import models

from ..common.engine_mark import as_engine


class RecurrenceTemplateDropMixin(models.AbstractModel):
    """Deleting a recurrence takes its template along."""

    _name = "recurrence.template.drop.mixin"
    _description = "Deleting a recurrence takes its template along"

    def _untie_templates(self):
        """Untie and delete the templates of schedules that are about to be deleted.

        :return: a function to call once the schedules are gone
        """
        templates = as_engine(self.sudo().template_move_id)
        templates.write({"recurrence_schedule_id": False})
        return templates.unlink

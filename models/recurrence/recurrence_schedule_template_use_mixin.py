from odoo import models

from ..common.engine_mark import as_engine


class RecurrenceScheduleTemplateUseMixin(models.AbstractModel):
    """What the template of a recurring invoice uses, and what becomes of it in the end."""

    _name = "recurrence.schedule.template.use.mixin"
    _inherit = "recurrence.schedule.customers.mixin"
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

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for schedule, vals in zip(self, vals_list, strict=True):
            name = schedule.name_pattern or schedule.name
            vals["name"] = self.env._("%(name)s (copy)", name=name)
            if schedule.target == "invoice" and "date_start" not in (default or {}):
                vals["date_start"] = schedule._get_copied_start()
            if schedule.duration_number and "until" not in (default or {}):
                # so long from the start of the copy
                vals.pop("until", None)
        return vals_list

    def copy(self, default=None):
        """A copy of a recurring invoice has a template of its own, so that it can be started."""
        copies = super().copy(default)
        for schedule, copied in zip(self, copies, strict=True):
            if schedule.template_move_id and not copied.template_move_id:
                copied.template_move_id = self.env["account.move"]._recurrence_create_template(
                    schedule.template_move_id, {"partner_id": copied.partner_id.id}
                )
        return copies

    def _get_copied_start(self):
        """Return where a copy starts: on the next date, so that it bills nothing of the past."""
        today = self.company_id._get_job_today()
        # only a leap day would be lost for ever, were the anchor moved to the 28th
        if self.date_start >= today or (self.date_start.month, self.date_start.day) == (2, 29):
            return self.date_start
        # where the agreement has ended a copy is of a new one
        return (self._get_composed_rule().rule_dates(today, limit=1) or [self.date_start])[0]

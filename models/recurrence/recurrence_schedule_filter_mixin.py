from odoo import fields, models

from .recurrence_saved_filter_mixin import SCREEN_SECONDS

# One activity each: on no more records than this.
MAX_ACTIVITIES = 50
# Records opened by their ids, for somebody who may not read the filter itself.
MAX_OPENED = 1000


class RecurrenceScheduleFilterMixin(models.AbstractModel):
    """The saved filter that an interaction is about."""

    _name = "recurrence.schedule.filter.mixin"
    _inherit = ["recurrence.saved.filter.mixin"]
    _description = "Saved Filter of a Recurrence"

    filter_mode = fields.Selection(
        [("one", "One activity for all"), ("each", "One activity each (at most 50)")],
        required=True,
        default="one",
    )

    # === OPENING === #

    def action_open_records(self):
        """Open the records that match the saved filter today."""
        self.ensure_one()
        self.check_access("read")
        saved, user = self.sudo().filter_id, self.env.user
        model, matching = self._get_matching_domain(user)
        if saved.with_user(user).has_access("read"):
            domain = list(self._get_filter_domain(user))
        else:
            # what stands in somebody else's filter is not shown, only what it finds
            with self._explain_filter_errors(), self._limit_time(SCREEN_SECONDS):
                domain = [("id", "in", model.search(matching(), limit=MAX_OPENED).ids)]
        return {
            "type": "ir.actions.act_window",
            "name": saved.name,
            "res_model": saved.model_id,
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": domain,
        }

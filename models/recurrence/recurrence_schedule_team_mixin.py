from odoo import api, fields, models
from odoo.fields import Domain


class RecurrenceScheduleTeamMixin(models.AbstractModel):
    """Whose interactions a sales manager sees beside the own ones: those of the own sales teams.

    The sales app is asked where it is installed; without it everybody sees the own ones only.
    """

    _name = "recurrence.schedule.team.mixin"
    _description = "Sales Team of a Recurrence"

    is_of_team = fields.Boolean(compute="_compute_is_of_team", search="_search_is_of_team")

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_of_team(self):
        members = self._get_team_member_ids()
        for schedule in self:
            schedule.is_of_team = schedule.user_id.id in members

    def _search_is_of_team(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return Domain("user_id", "in", self._get_team_member_ids())

    @api.model
    def _get_team_member_ids(self):
        """Return the ids of the members of the teams that a sales manager leads or belongs to."""
        if "crm.team" not in self.env:
            return []
        if not self.env.user.has_group("sales_team.group_sale_manager"):
            return []
        own = Domain("user_id", "=", self.env.uid) | Domain("member_ids", "in", self.env.uid)
        return self.env["crm.team"].sudo().search(own).member_ids.ids

from odoo import api, fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    dunning_notify = fields.Selection(
        [("no", "Not"), ("run", "Once a run"), ("each", "Each reminder")],
        string="Reminders Sent in My Name",
        default="no",
        required=True,
        help="How this user is told of reminders that left in their name.",
    )
    is_dunning_sender = fields.Boolean(
        string="May Send Reminders", compute="_compute_dunning_problem", compute_sudo=True
    )
    dunning_problem = fields.Char(
        string="Why Not", compute="_compute_dunning_problem", compute_sudo=True
    )

    @property
    def SELF_READABLE_FIELDS(self):
        names = ["dunning_notify", "is_dunning_sender", "dunning_problem"]
        return super().SELF_READABLE_FIELDS + names

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return super().SELF_WRITEABLE_FIELDS + ["dunning_notify"]

    @api.depends("active", "share", "email", "group_ids")
    def _compute_dunning_problem(self):
        sender = self.env["dunning.sender"]
        for user in self:
            problem = sender._get_problem(user._origin) if user._origin else False
            user.dunning_problem = problem
            user.is_dunning_sender = bool(user._origin) and not problem

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..common.access_groups import DUNNING_SENDERS


class ResUsers(models.Model):
    _name = "res.users"
    _inherit = ["res.users", "dunning.user.sender.mixin"]

    dunning_notify = fields.Selection(
        [("no", "No notification"), ("run", "Once per run"), ("each", "For each reminder")],
        string="Reminders Sent in My Name",
        default="no",
        required=True,
        help="How this user is notified of reminders sent in their name.",
        groups=DUNNING_SENDERS,
    )
    is_dunning_sender = fields.Boolean(
        string="May Send Reminders",
        compute="_compute_dunning_problem",
        compute_sudo=True,
        groups=DUNNING_SENDERS,
    )
    dunning_problem = fields.Char(
        string="Problem",
        compute="_compute_dunning_problem",
        compute_sudo=True,
        groups=DUNNING_SENDERS,
    )

    def write(self, vals):
        """Who sends reminders chooses how to be told of them; customers have no such choice.

        Odoo's own list of what users write on themselves is also the portal's.
        """
        if "dunning_notify" in vals and self == self.env.user and not self.env.su:
            self._check_field_access(self._fields["dunning_notify"], "write")
            own = {"dunning_notify": vals["dunning_notify"]}
            vals = {name: value for name, value in vals.items() if name not in own}
            super(ResUsers, self.sudo()).write(own)
        result = super().write(vals)
        if "active" in vals and not vals["active"]:
            self._hand_over_recurrences()
        return result

    def _hand_over_recurrences(self):
        """Give what these users had to do to those who stand in for them.

        Odoo's button deletes their activities, which are offered anew; an import does not.
        """
        activities = self.env["mail.activity"].sudo()
        left = activities.search(
            [("user_id", "in", self.ids), ("recurrence_occurrence_id", "!=", False)]
        )
        left.recurrence_occurrence_id.schedule_id._move_activities()

    @api.depends("active", "share", "email", "group_ids")
    def _compute_dunning_problem(self):
        for user in self:
            problem = user._origin._dunning_get_problem() if user._origin else False
            user.dunning_problem = problem
            user.is_dunning_sender = bool(user._origin) and not problem

    def _check_internal_user(self, company=None):
        """Refuse customers and suppliers with a login where work or figures are handed over.

        :param company: whose work or figures they are: who may not enter it is refused too
        """
        outsiders = self.sudo().filtered("share")
        if outsiders:
            raise ValidationError(
                self.env._(
                    "%(users)s: only internal users can be chosen here.",
                    users=", ".join(outsiders.mapped("name")),
                )
            )
        strangers = self.sudo().filtered(lambda u: company and company not in u.company_ids)
        if strangers:
            raise ValidationError(
                self.env._(
                    "%(users)s: only users who may enter %(company)s can be chosen here.",
                    users=", ".join(strangers.mapped("name")),
                    company=company.name,
                )
            )

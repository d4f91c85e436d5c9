from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.common.sealed import unseal
from ..common.access_groups import EMPLOYEES


class MailActivity(models.Model):
    _name = "mail.activity"
    _inherit = ["mail.activity", "recurrence.dunning.system.field.mixin"]

    recurrence_occurrence_id = fields.Many2one(
        "recurrence.occurrence",
        string="Recurrence Date",
        readonly=True,
        copy=False,
        system=True,
        index="btree_not_null",
        ondelete="set null",
        groups=EMPLOYEES,
    )

    @api.constrains("res_model", "res_id")
    def _check_recurrence_template(self):
        """Refuse an activity on a template: it would stand in dashboards as if it were due."""
        ids = self.filtered(lambda a: a.res_model == "account.move").mapped("res_id")
        self.env["account.move"].sudo().browse(ids).exists()._recurrence_refuse(
            self.env._("A template cannot have activities; schedule them on the recurrence."),
        )

    def write(self, vals):
        ends = "active" in vals and not vals["active"]
        if ends:
            self._check_recurrence_closable()
        result = super().write(vals)
        if ends:
            self.sudo().recurrence_occurrence_id._follow_activities()
        if "date_deadline" in vals:
            # moving a meeting in the calendar ends here too
            self.sudo().recurrence_occurrence_id._follow_deadlines()
        return result

    def _check_recurrence_closable(self):
        """Refuse to end what asks for an invoice that is not issued."""
        occurrences = self.sudo().filtered("active").recurrence_occurrence_id
        if occurrences and not unseal(self.env.context, "recurrence_closing"):
            occurrences.with_env(self.env)._check_activities_closable()

    def action_make_recurring(self):
        """Open a new recurrence that repeats this activity."""
        self.check_access("read")
        self.env["recurrence.schedule"].check_access("create")
        self.ensure_one()
        if self.recurrence_occurrence_id:
            raise UserError(
                self.env._(
                    "This activity already comes from the recurrence %(name)s.",
                    name=self.recurrence_occurrence_id.sudo().display_name,
                )
            )
        context = {
            "default_name": self.summary or self.activity_type_id.name,
            "default_summary": self.summary,
            "default_note": self.note,
            "default_activity_type_id": self.activity_type_id.id,
            "default_user_id": self.user_id.id or self.env.uid,
            "default_date_start": self.date_deadline,
        }
        if self.res_model == "res.partner":
            context.update(default_subject="partner", default_partner_id=self.res_id)
        elif self.res_model:
            context.update(
                default_subject="record",
                default_res_model=self.res_model,
                default_res_id=self.res_id,
            )
        return self.env["recurrence.schedule"]._open_new(context)

    def _action_done(self, feedback=False, attachment_ids=None):
        # before Odoo writes a note about it; it archives them at the end
        self._check_recurrence_closable()
        return super()._action_done(feedback=feedback, attachment_ids=attachment_ids)

from odoo import models


class DunningRunCheckMixin(models.AbstractModel):
    """Asking a person to check a run."""

    _name = "dunning.run.check.mixin"
    _description = "Asking a person to check a run"

    def _ask_to_check(self, program):
        """Give the responsible one activity: nothing leaves until the run is executed.

        Runs of the same program that nobody executed are out of date with this one.
        """
        earlier = self.env["dunning.run"].search(
            [
                ("state", "=", "to_check"),
                ("program_ids", "in", program.ids),
                ("id", "!=", self.id),
            ]
        )
        earlier.filtered(lambda found: found.program_ids == program).activity_ids.unlink()
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=self.date,
            summary=lambda spoken: spoken.env._("Check the reminders and execute the run"),
            note=lambda spoken: self.company_id._dunning_get_bank_warning(self.date),
            user_id=(program.user_id or self.env.user).id,
        )

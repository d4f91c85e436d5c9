from odoo import models


class DunningProgram(models.Model):
    """Running a program on its day."""

    _inherit = "dunning.program"

    def _run_for(self, as_of, levels=None):
        """Run a program for a day as its mode says and return the run.

        An automatic one stays to be checked where the bank data are too old to know who paid.
        """
        runs = self.env["dunning.run"]
        company = self.company_id
        warning = company._dunning_get_bank_warning(as_of)
        if self.mode == "automatic" and not warning:
            run = runs._execute_for(company, as_of, programs=self, levels=levels)
            run.user_id = self.user_id
            self.env.ref("account_recurrence_dunning.ir_cron_dunning_outbox")._trigger()
            return run
        run = runs.create(
            {
                "company_id": company.id,
                "date": as_of,
                "program_ids": self.ids,
                "level_ids": levels and levels.ids,
                "user_id": self.user_id.id,
            }
        )
        run._simulate(state="to_check")
        if run.remind_count:
            run._ask_to_check(self)
        return run

from odoo import models


class DunningProgram(models.Model):
    """Running a program on its day, and when it ran last."""

    _inherit = "dunning.program"

    def _compute_runs(self):
        """A run that somebody started counts as well as a planned one."""
        result = super()._compute_runs()
        executed = self._read_executed()
        for program in self:
            # a run that names no program is one of all programs
            keys = ((program.company_id.id, program._origin.id), (program.company_id.id, False))
            moments = (program.last_run, *map(executed.get, keys))
            program.last_run = max(filter(None, moments), default=False)
        return result

    def _read_executed(self):
        """Return when runs were last executed: ``{(company id, program id or False): moment}``.

        Those for chosen invoices are no runs of their program.
        """
        runs = self.env["dunning.run"].sudo()
        groups = runs._read_group(
            [
                ("company_id", "in", self.company_id.ids),
                ("state", "=", "done"),
                ("by_hand", "=", False),
            ],
            ["company_id", "program_ids"],
            ["executed_on:max"],
        )
        return {(company.id, program.id): moment for company, program, moment in groups}

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
            self.env["ir.cron"]._wake("account_recurrence_dunning.ir_cron_dunning_outbox")
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

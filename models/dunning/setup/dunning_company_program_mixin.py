from odoo import models

from .dunning_program_kit_mixin import STANDARD


class DunningCompanyProgramMixin(models.AbstractModel):
    """The program a company starts with."""

    _name = "dunning.company.program.mixin"
    _description = "Default Dunning Program"

    def _dunning_create_program(self):
        """Create the default program of each of these companies and make it theirs.

        Manual and with dunning switched off, so that nothing is sent before a person wants it.
        """
        # part of making a company: nobody is told, nothing is tracked
        programs = self.env["dunning.program"].with_context(tracking_disable=True)
        programs = programs.create(
            [
                {
                    **self.env["dunning.program"]._prepare_program(STANDARD, company),
                    "user_id": False,
                }
                for company in self
            ]
        )
        for company, program in zip(self, programs, strict=True):
            company.dunning_program_id = program

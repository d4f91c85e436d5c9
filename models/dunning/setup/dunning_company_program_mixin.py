from odoo import models

from .dunning_program_kit_mixin import STANDARD


class DunningCompanyProgramMixin(models.AbstractModel):
    """The program a company starts with."""

    _name = "dunning.company.program.mixin"
    _description = "Default Dunning Program"

    def _dunning_choose_programs(self, partners):
        """Return the programs of customers without one of their own: ``{customer id: id}``.

        By one query, however many they are; without rules it is the company's, without any.
        """
        rules = self.env["dunning.program.rule"]
        default = self.sudo().dunning_program_id.id
        if not rules._get_used_ids(self.id):
            return dict.fromkeys(partners._ids, default)
        column = rules._get_sql_program(self, "partner")
        return rules.sudo()._read_customers(self, column, partners)

    def _dunning_create_program(self):
        """Create the default program of each of these companies and make it theirs.

        Manual and with dunning switched off, so that nothing is sent before a person wants it.
        """
        for company in self:
            # part of making a company: nobody is told, nothing is tracked
            programs = self.env["dunning.program"].with_context(
                tracking_disable=True, lang=company._dunning_get_own_lang()
            )
            values = {**programs._prepare_program(STANDARD, company), "user_id": False}
            program = programs.create(values)
            program._name_in_languages()
            company.dunning_program_id = program.with_env(self.env)

    def _dunning_get_own_lang(self):
        """Return the language of a company: a language that is installed, else the user's."""
        installed = dict(self.env["res.lang"].get_installed())
        return next(filter(installed.get, (self.partner_id.lang, self.env.lang)), "en_US")

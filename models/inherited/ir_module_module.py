from odoo import api, models

ADDON = "account_recurrence_dunning"


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    @api.model
    def _load_module_terms(self, modules, langs, overwrite=False):
        """Name ready-made programs in languages that are installed after them, too."""
        res = super()._load_module_terms(modules, langs, overwrite)
        if ADDON in modules:
            self.env["dunning.program"]._name_in_later_languages(langs)
        return res

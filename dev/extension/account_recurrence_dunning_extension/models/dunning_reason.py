from odoo import api, models
from odoo.tools.translate import LazyTranslate

from odoo.addons.account_recurrence_dunning.models.dunning.decide.dunning_reason_text import Reason

_lt = LazyTranslate(__name__)


class DunningReason(models.AbstractModel):
    _inherit = "dunning.reason"

    @api.model
    def _get_reasons(self):
        return {
            **super()._get_reasons(),
            "vip": Reason(
                _lt("Important customer"),
                _lt("%(customer)s is spoken to by phone."),
                "customer_ref",
                _lt("%(customer)s (%(customer_ref)s) is spoken to by phone."),
            ),
            "trifle": Reason(_lt("Trifle"), _lt("Less than 10.00 is not worth a reminder.")),
        }

    @api.model
    def _get_obstacles(self):
        return {
            **super()._get_obstacles(),
            "no_fax": Reason(_lt("No fax number"), _lt("%(recipient)s has no fax number.")),
            "fax_busy": Reason(_lt("Fax engaged"), _lt("The fax %(number)s was engaged.")),
        }

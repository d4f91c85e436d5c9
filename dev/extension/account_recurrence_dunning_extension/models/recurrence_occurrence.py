from odoo import models


class RecurrenceOccurrence(models.Model):
    _inherit = "recurrence.occurrence"

    def _run_note_dates(self, as_of):
        for occurrence in self:
            if not occurrence.partner_id:
                occurrence._record_error(self.env._("There is no contact to note it on."))
                continue
            occurrence.partner_id._message_log(body=occurrence.display_name)
            occurrence._set_done(as_of)

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent_with_reminder(self):
        """Keep what left with a reminder: it is part of the proof, whatever became of it since."""
        self.env["dunning.reminder"].flush_model(["proof_files"])
        found = self.env.execute_query(
            SQL(
                """
                SELECT 1 FROM dunning_reminder
                 WHERE proof_files IS NOT NULL
                   AND proof_files @> ANY(
                       SELECT jsonb_build_array(jsonb_build_object('id', id))
                         FROM unnest(%s) AS id)
                 LIMIT 1
                """,
                self.ids,
            )
        )
        if found:
            raise UserError(
                self.env._(
                    "A file that was sent with a reminder must be kept: it is part of the evidence."
                )
            )

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# What reminders enclose belongs to one of these.
ENCLOSED = ("dunning.reminder", "account.move")


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent_with_reminder(self):
        """Keep what left with a reminder: it is part of the proof."""
        ids = self.sudo().filtered(lambda file: file.res_model in ENCLOSED).ids
        if not ids:
            return
        self.env["dunning.reminder"].flush_model(["proof_files", "state"])
        found = self.env.execute_query(
            SQL(
                """
                SELECT 1 FROM dunning_reminder
                 WHERE proof_files IS NOT NULL AND state IN ('sent', 'reversed')
                   AND proof_files @> ANY(
                       SELECT jsonb_build_array(jsonb_build_object('id', id))
                         FROM unnest(%s) AS id)
                 LIMIT 1
                """,
                ids,
            )
        )
        if found:
            raise UserError(
                self.env._("A file that was sent with a reminder is kept: it is part of the proof.")
            )

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# What a file is, and whose.
FILE_FIELDS = {"raw", "datas", "db_datas", "store_fname", "name", "mimetype", "res_model", "res_id"}


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def write(self, vals):
        if not self.env.su and FILE_FIELDS.intersection(vals):
            self._check_dunning_dossier()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_dunning_dossier(self):
        if not self.env.su:
            self._check_dunning_dossier()

    def _check_dunning_dossier(self):
        """Refuse to change what may have been given to a lawyer or a collection agency."""
        handovers = self.env["dunning.handover"].sudo()
        own = self.sudo().filtered(lambda file: file.res_model == handovers._name)
        if own and handovers.search_count([("dossier_ids", "in", own.ids)], limit=1):
            raise UserError(
                self.env._(
                    "A dossier may have been given away: it is kept as it is. Make a new one."
                )
            )

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

"""Promises and disputes that were blocks alone get their records; customers get their cases."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    blocks = env["dunning.block"]
    promises = blocks.search([("kind", "=", "promise"), ("promise_id", "=", False)])
    promises._note_promises()
    for block in promises:
        if block.outcome:
            block.promise_id.state = block.outcome
        elif block.lifted_date:
            block.promise_id.state = "withdrawn"
    disputes = blocks.search([("kind", "=", "dispute"), ("dispute_id", "=", False)])
    disputes._note_disputes()
    disputes.filtered("lifted_date").dispute_id._end_unheld()
    note_files_and_messages(cr)
    for company in env["res.company"].search([("dunning_active", "=", True)]):
        company.with_company(company)._dunning_refresh_status(company._get_job_today())


def note_files_and_messages(cr):
    """Note what came in by e-mail, and which dossiers were made, where that was not noted yet."""
    cr.execute(
        """
        INSERT INTO dunning_reminder_received_rel (dunning_reminder_id, mail_message_id)
             SELECT message.res_id, message.id
               FROM mail_message message
               JOIN dunning_reminder reminder ON reminder.id = message.res_id
              WHERE message.model = 'dunning.reminder' AND message.message_type = 'email'
        ON CONFLICT DO NOTHING
        """
    )
    cr.execute(
        """
        INSERT INTO dunning_handover_dossier_rel (dunning_handover_id, ir_attachment_id)
             SELECT handover.id, file.id
               FROM dunning_handover handover
               JOIN ir_attachment file ON file.id IN (handover.pdf_id, handover.zip_id)
        ON CONFLICT DO NOTHING
        """
    )

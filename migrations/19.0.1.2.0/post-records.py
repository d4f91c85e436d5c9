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
    for company in env["res.company"].search([("dunning_active", "=", True)]):
        company.with_company(company)._dunning_refresh_status(company._get_job_today())

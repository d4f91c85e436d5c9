from odoo import api, fields, models
from odoo.tools import SQL

# Customers whose cases are brought up to date in one transaction.
CHUNK = 500


class DunningCaseChange(models.Model):
    """A customer about whom something changed, noted until the case is brought up to date.

    Rows are only added, so that nobody who posts an invoice or a payment waits for anybody else.
    """

    _name = "dunning.case.change"
    _description = "Cases to Refresh"
    _is_engine_made = True
    _inherit = "recurrence.dunning.own.record.mixin"
    _log_access = False

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="cascade"
    )

    @api.model
    def _note(self, company_id, partner_ids):
        """Note customers of a company, once a transaction, and wake the job after its commit."""
        data = self.env.cr.precommit.data
        noted = data.get("dunning.case.change")
        if noted is None:
            noted = data["dunning.case.change"] = set()
            self.env.cr.precommit.add(self.browse()._write_noted)
        noted.update((company_id, partner_id) for partner_id in partner_ids)

    @api.model
    def _write_noted(self):
        """Write what was noted in this transaction."""
        noted = self.env.cr.precommit.data.pop("dunning.case.change", ())
        partners = self.env["res.partner"].browse({partner_id for _c, partner_id in noted})
        alive = set(partners.exists().ids)
        values = [
            {"company_id": company_id, "partner_id": partner_id}
            for company_id, partner_id in sorted(noted)
            if partner_id in alive
        ]
        if values:
            self.sudo().create(values)
            job = self.env.ref("account_recurrence_dunning.ir_cron_dunning_cases", False)
            if job:
                job.sudo()._trigger()

    @api.model
    def _take(self, companies=None, limit=CHUNK):
        """Refresh the cases of customers noted, and forget them.

        :param companies: of these companies alone; None: all
        :return: how many customers are left
        """
        domain = [("company_id", "in", companies.ids)] if companies is not None else []
        groups = self.sudo()._read_group(
            domain, ["company_id", "partner_id"], ["id:recordset"], limit=limit
        )
        by_company = {}
        for company, partner, found in groups:
            partners, changes = by_company.get(company, (partner.browse(), found.browse()))
            by_company[company] = (partners | partner, changes | found)
        for company, (partners, changes) in by_company.items():
            self.env["dunning.case"]._refresh_customers(company, partners)
            changes._forget()
        return self.sudo().search_count(domain, limit=1) if len(groups) == limit else 0

    def _forget(self):
        """Delete these rows; where another worker did so at the same time, it is done too."""
        self.env.cr.execute(SQL("DELETE FROM dunning_case_change WHERE id = ANY(%s)", self.ids))
        self.invalidate_recordset(flush=False)

    @api.model
    def _cron_refresh_cases(self):
        """Bring the cases of customers up to date about whom something changed."""
        self.env["ir.cron"]._watch_jobs()
        commit = self.env["ir.cron"]._commit_progress
        left = self._take()
        while commit(1, remaining=left) and left:
            left = self._take()

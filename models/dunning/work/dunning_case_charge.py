from odoo import api, fields, models
from odoo.exceptions import UserError

from ...common.amount_text import format_amounts


class DunningCase(models.Model):
    """What is claimed of a customer for late payment today, and what was done without (M3, M4)."""

    _inherit = "dunning.case"

    charge_text = fields.Char(
        string="Interest and Fixed Sums",
        compute="_compute_charge_text",
        help=(
            "What is left to claim today on open invoices whose program computes it, per currency."
        ),
    )

    @api.depends("partner_id", "company_id")
    @api.depends_context("lang")
    def _compute_charge_text(self):
        for company, cases in self.grouped("company_id").items():
            today, moves = company._get_job_today(), cases._find_chargeable(company.sudo())
            totals = self.env["dunning.claim"].sudo()._sum_left(company.sudo(), moves, today)
            for case in cases:
                case.charge_text = format_amounts(self.env, totals[case.partner_id.id].items())

    def _find_chargeable(self, company):
        """Return the late invoices of the customers whose program computes claims."""
        domain = [("company_id", "=", company.id), ("charge_compute", "=", True)]
        programs = self.env["dunning.program"].sudo().search(domain)
        if not programs:
            return self.env["account.move"]
        today = company._get_job_today()
        facts = company._dunning_collect(today, partners=self.partner_id)
        ids = {
            fact.move_id
            for fact in facts
            if fact.program_id in programs.ids and fact.line.due < today
        }
        return self.env["account.move"].browse(ids)

    def action_charge(self, line_ids=None):
        """Make draft invoices of what is claimed on the chosen items, or of what the case says."""
        company = self.company_id.sudo()
        moves = self._check_items(line_ids).move_id or self._find_chargeable(company)
        if not moves:
            raise UserError(self.env._("This customer has no open invoice to charge for."))
        return moves.action_dunning_charge()

    def get_case_page(self):
        """Return what the screen of a case shows, with what is claimed for late payment."""
        page = super().get_case_page()
        return {**page, "charge": self.sudo().charge_text or ""}

    @api.model
    def _get_timeline_sources(self):
        return [*super()._get_timeline_sources(), "_tell_waivers"]

    @api.model
    def _get_event_kinds(self):
        kinds = super()._get_event_kinds()
        return [*kinds[:-2], ("waiver", self.env._("Waivers")), *kinds[-2:]]

    def _tell_waivers(self):
        waivers = self._find_own("dunning.waiver")
        return [
            self._tell(
                "waiver",
                waiver,
                waiver.date,
                waiver.display_name,
                self.env._("Withdrawn") if waiver.withdrawn_date else "",
                waiver.reason,
            )
            for waiver in waivers
        ]

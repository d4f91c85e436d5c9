from collections import defaultdict

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL

from ....tools.common.sql_array import array_literal
from ....tools.dunning.message_state import PREPARED, UNDELIVERED
from ...common.amount_text import format_amounts

# Reminders about which something is still to be done or to come.
OPEN_REMINDER_STATES = (*PREPARED, *UNDELIVERED)


class DunningPartnerFiguresMixin(models.AbstractModel):
    """What the customer's page shows about how it pays: one query each, for many customers."""

    _name = "dunning.partner.figures.mixin"
    _description = "Dunning Figures of Customers"

    def _compute_dunning_reminder_count(self):
        """Fill how many reminders customers got or are to get, and how many are not done yet."""
        groups = self.env["dunning.reminder"]._read_group(
            [
                ("partner_id", "in", self.commercial_partner_id.ids),
                ("company_id", "in", self.env.companies.ids),
                ("is_test", "=", False),
            ],
            ["partner_id", "state"],
            ["__count"],
        )
        total, unfinished = defaultdict(int), defaultdict(int)
        for partner, state, count in groups:
            total[partner.id] += count
            if state in OPEN_REMINDER_STATES:
                unfinished[partner.id] += count
        for partner in self:
            customer = partner.commercial_partner_id.id
            partner.dunning_reminder_count = total[customer]
            partner.dunning_open_count = unfinished[customer]

    @api.depends_context("company", "lang")
    def _compute_dunning_trial_text(self):
        """Fill in which control groups of the current company customers are."""
        company = self.env.company
        members = self.env["dunning.trial.member"]._get_current(
            company, self.commercial_partner_id, company._get_job_today()
        )
        by_partner = members.grouped("partner_id")
        for partner in self:
            found = by_partner.get(partner.commercial_partner_id, members.browse())
            partner.dunning_trial_text = "\n".join(found._get_sentences())

    @api.depends_context("company")
    def _compute_dunning_figures(self):
        """Fill overdue totals and average days late of the current company's customers."""
        company = self.env.company
        today = company._get_job_today()
        customers = self.commercial_partner_id
        overdue = self._dunning_get_overdue(company, customers, today)
        late = self._dunning_get_average_late(company, customers, today)
        for partner in self:
            customer = partner.commercial_partner_id.id
            partner.dunning_overdue_text = format_amounts(self.env, overdue.get(customer, ()))
            days, count = late.get(customer, (0.0, 0))
            partner.dunning_days_late = days
            partner.dunning_paid_count = count

    @api.model
    def _dunning_get_overdue(self, company, customers, today, without=()):
        """Return ``{customer id: [(currency, amount), …]}`` overdue, never added up.

        :param without: the ids of due lines that are left out
        """
        groups = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "=", company.id),
                    ("partner_id", "in", customers.ids),
                    *self._dunning_get_overdue_domain(today),
                    ("id", "not in", list(without)),
                ],
                ["partner_id", "currency_id"],
                ["amount_residual_currency:sum"],
            )
        )
        totals = defaultdict(list)
        for partner, currency, amount in groups:
            totals[partner.id].append((currency, amount))
        return totals

    @api.model
    def _dunning_get_overdue_domain(self, today=None):
        """Return the domain of overdue due lines, of the current company's day if none is given."""
        return [
            ("account_type", "=", "asset_receivable"),
            ("parent_state", "=", "posted"),
            ("reconciled", "=", False),
            ("amount_residual_currency", ">", 0),
            ("date_maturity", "<", today or self.env.company._get_job_today()),
        ]

    @api.model
    def _dunning_get_average_late(self, company, customers, today):
        """Return ``{customer id: (days, invoices)}``: how late what was paid in a year was paid.

        The day of the last payment of each due line counts, also where it came early; reversed
        invoices do not.
        """
        self.env["account.move.line"].flush_model(["reconciled", "date_maturity", "partner_id"])
        self.env["account.move"].flush_model(["payment_state", "move_type"])
        self.env["account.partial.reconcile"].flush_model(["max_date", "debit_move_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.partner_id, avg(paid.day - line.date_maturity), count(*)
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                                              AND account.account_type = 'asset_receivable'
                  JOIN account_move move ON move.id = line.move_id
                  JOIN LATERAL (SELECT max(part.max_date) AS day
                                  FROM account_partial_reconcile part
                                 WHERE part.debit_move_id = line.id) paid
                    ON paid.day > %(since)s AND paid.day <= %(today)s
                 WHERE line.company_id = %(company)s AND line.partner_id = ANY(%(customers)s::int[])
                   AND line.parent_state = 'posted' AND line.reconciled AND line.balance > 0
                   AND line.date_maturity IS NOT NULL
                   AND move.move_type IN ('out_invoice', 'out_receipt')
                   AND move.payment_state IS DISTINCT FROM 'reversed'
              GROUP BY line.partner_id
                """,
                since=today - relativedelta(months=12),
                today=today,
                company=company.id,
                customers=array_literal(customers.ids),
            )
        )
        return {partner_id: (float(days), count) for partner_id, days, count in rows}

    def _dunning_follow_partner_write(self, vals):
        """Refresh the open invoices of customers whose policy or program was written."""
        if "dunning_policy" in vals or "dunning_program_id" in vals:
            customers = self.commercial_partner_id
            self.env["account.move"]._dunning_refresh_customers({self.env.company: customers})

from odoo import api, fields, models
from odoo.tools import SQL

from ....tools.dunning.effect import SOON_DAYS


class DunningLevelEffect(models.Model):
    """A due line that got a level, and when it was paid: what each level achieves (K9).

    Read from what was sent; nothing is stored.
    """

    _name = "dunning.level.effect"
    _inherit = "recurrence.dunning.own.record.mixin"
    _is_engine_made = True
    _description = "Effect of Levels"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "move_id"
    _depends = {
        "account.move": ["payment_state"],
        "account.move.line": ["amount_currency", "balance", "parent_state", "reconciled"],
        "account.partial.reconcile": ["debit_move_id", "max_date"],
        "dunning.reminder": ["program_id"],
        "dunning.reminder.line": [
            "amount_residual",
            "company_id",
            "effective_date",
            "is_test",
            "kind",
            "level_id",
            "move_id",
            "move_line_id",
            "partner_id",
            "reminder_id",
            "state",
        ],
        "res.company": ["currency_id"],
    }

    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    program_id = fields.Many2one("dunning.program", readonly=True)
    level_id = fields.Many2one("dunning.level", readonly=True)
    reminder_id = fields.Many2one("dunning.reminder", readonly=True)
    move_id = fields.Many2one("account.move", string="Invoice", readonly=True)
    date = fields.Date(string="Reminded On", readonly=True)
    following_date = fields.Date(
        string="Next Level On", readonly=True, help="The day it got the level after this one."
    )
    paid_date = fields.Date(string="Paid On", readonly=True, help="The day it was paid in full.")
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary(
        string="Amount Reminded",
        readonly=True,
        help="What was open when the level left, in the company's currency.",
    )
    soon_amount = fields.Monetary(
        string="Paid within 7 Days",
        readonly=True,
        help="Of the amount reminded, what was paid in full within 7 days.",
    )
    days = fields.Integer(
        string="Days until Paid",
        readonly=True,
        aggregator="avg",
        help="Empty if it was not paid, or only after the next level.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT *, CASE WHEN days <= %(soon)s THEN amount ELSE 0 END AS soon_amount
              FROM (SELECT *, CASE WHEN paid_date >= date
                                    AND (following_date IS NULL OR paid_date <= following_date)
                                   THEN paid_date - date END AS days
                      FROM (%(sent)s) sent) told
            """,
            soon=SOON_DAYS,
            sent=self._get_sql_sent(),
        )

    @api.model
    def _get_sql_sent(self):
        """Return the query of what got a level, when it was paid and when it got the next one."""
        return SQL(
            """
            SELECT sent.id, sent.company_id, sent.partner_id, reminder.program_id, sent.level_id,
                   sent.reminder_id, sent.move_id, sent.effective_date AS date,
                   sent.following_date, company.currency_id,
                   CASE WHEN line.reconciled THEN paid.day END AS paid_date,
                   CASE WHEN line.amount_currency <> 0
                        THEN round(sent.amount_residual * line.balance / line.amount_currency,
                                   currency.decimal_places)
                        ELSE sent.amount_residual END AS amount
              FROM (SELECT *, lead(effective_date) OVER (PARTITION BY move_line_id
                                                         ORDER BY effective_date, id)
                              AS following_date
                      FROM dunning_reminder_line
                     WHERE kind = 'remind' AND state = 'sent' AND is_test IS NOT TRUE
                       AND drop_reason IS NULL AND effective_date IS NOT NULL
                       AND move_line_id IS NOT NULL) sent
              JOIN dunning_reminder reminder ON reminder.id = sent.reminder_id
              JOIN res_company company ON company.id = sent.company_id
              JOIN res_currency currency ON currency.id = company.currency_id
              JOIN account_move_line line ON line.id = sent.move_line_id
                                         AND line.parent_state = 'posted'
              JOIN account_move move ON move.id = line.move_id
                                    AND move.payment_state IS DISTINCT FROM 'reversed'
         LEFT JOIN LATERAL (SELECT max(part.max_date) AS day
                              FROM account_partial_reconcile part
                             WHERE part.debit_move_id = line.id) paid ON line.reconciled
            """
        )

    def action_open_reminder(self):
        """Open the message by which the level came."""
        self.check_access("read")
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "dunning.reminder",
            "res_id": self.reminder_id.id,
            "views": [(False, "form")],
        }

from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from ...common.access_groups import DUNNING_SETTINGS
from ...common.isolation import run_isolated

# What was paid longer ago is not worth a message any more.
DAYS_BACK = 60


class DunningCompanyThanksMixin(models.AbstractModel):
    """Thanking customers who paid invoices that they were reminded of."""

    _name = "dunning.company.thanks.mixin"
    _description = "Thanks after Payment"
    _inherit = "recurrence.dunning.system.field.mixin"

    dunning_thanks = fields.Boolean(
        string="Thank for the Payment of Reminded Invoices",
        help="A short e-mail once an invoice that was reminded is paid in full.",
        groups=DUNNING_SETTINGS,
        prefetch="recurrence_dunning",
    )
    dunning_thanks_since = fields.Datetime(
        string="Thanks Since",
        readonly=True,
        copy=False,
        system=True,
        groups=DUNNING_SETTINGS,
        prefetch="recurrence_dunning",
    )

    def write(self, vals):
        result = super().write(vals)
        if vals.get("dunning_thanks"):
            # what was paid before nobody expects thanks for
            self.sudo().dunning_thanks_since = fields.Datetime.now()
        return result

    def _dunning_thank(self, as_of):
        """Thank the customers who paid since: at most one message a customer and day."""
        if not self.dunning_thanks or not self.dunning_thanks_since or self._is_job_copy():
            return
        lines = self.env["dunning.reminder.line"].sudo()
        paid = lines.search(
            [
                ("company_id", "=", self.id),
                ("move_id", "in", self._dunning_find_paid()),
                ("kind", "=", "remind"),
                ("counts", "=", True),
                ("level_number", ">", 0),
                ("state", "=", "sent"),
                ("effective_date", "!=", False),
                ("is_test", "=", False),
                ("thanked_date", "=", False),
            ]
        )
        domain = [("company_id", "=", self.id), ("thanked_date", ">=", as_of)]
        thanked = lines.search(domain).partner_id
        for customer, found in paid.grouped("partner_id").items():
            if customer not in thanked:
                run_isolated(
                    found.reminder_id.sorted(lambda one: (one.sent_date, one.id))[-1:],
                    lambda last, found=found: last._send_thanks(found, as_of),
                    lambda last, error: None,  # logged; the next day's job tries again
                )

    def _dunning_find_paid(self):
        """Return the ids of the invoices that payments settled since thanks are sent.

        Not those that credit notes closed, nor those whose payment is still on its way.
        """
        self.env["account.partial.reconcile"].flush_model()
        self.env["account.move"].flush_model(
            ["payment_state", "origin_payment_id", "statement_line_id", "move_type"]
        )
        self.env["account.move.line"].flush_model(["move_id", "reconciled", "account_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT move.id
                  FROM account_partial_reconcile part
                  JOIN account_move_line debit ON debit.id = part.debit_move_id
                  JOIN account_move move ON move.id = debit.move_id
                  JOIN account_move_line credit ON credit.id = part.credit_move_id
                  JOIN account_move payment ON payment.id = credit.move_id
                 WHERE part.company_id = %(company)s AND part.create_date >= %(since)s
                   AND move.company_id = %(company)s AND move.payment_state = 'paid'
                   AND debit.reconciled
                   AND (payment.origin_payment_id IS NOT NULL
                        OR payment.statement_line_id IS NOT NULL)
                   AND NOT EXISTS (
                       SELECT FROM account_move_line item
                         JOIN account_account account ON account.id = item.account_id
                        WHERE item.move_id = move.id AND item.reconciled IS NOT TRUE
                          AND account.account_type = 'asset_receivable')
                """,
                company=self.id,
                since=max(
                    self.dunning_thanks_since, fields.Datetime.now() - timedelta(days=DAYS_BACK)
                ),
            )
        )
        return [move_id for (move_id,) in rows]

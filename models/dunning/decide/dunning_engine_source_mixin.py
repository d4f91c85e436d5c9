from collections import defaultdict
from datetime import date, timedelta
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

# An error stops a due line for 1, 2, 4, 8, then 16 days (rule 15).
LONGEST_RETRY = 4
RETRIES_REMEMBERED = timedelta(days=60)
# Of bank statement lines ``bank``: what came in and is not matched.
UNMATCHED = SQL("bank.is_reconciled IS NOT TRUE AND bank.amount > 0 AND bank.amount_residual < 0")
# Of payments ``payment``: registered, without an entry; an index finds them.
WITHOUT_ENTRY = SQL("payment.move_id IS NULL AND payment.state IN ('in_process', 'paid')")
# The same, less those that Odoo calls paid as their amount was matched with the invoice: their
# money stands in the residual already. They never get an entry.
UNDERWAY = SQL(
    """%s AND (payment.state = 'in_process' OR NOT EXISTS (
           SELECT FROM account_move__account_payment matched
             JOIN account_move_line debit ON debit.move_id = matched.invoice_id
             JOIN account_partial_reconcile partial ON partial.debit_move_id = debit.id
            WHERE matched.payment_id = payment.id
              AND partial.debit_amount_currency = payment.amount))""",
    WITHOUT_ENTRY,
)
# Inbound payment methods with which the creditor collects: reminding would be absurd.
DIRECT_DEBIT_CODES = ("sdd", "sdd_core", "sdd_b2b", "sepa_direct_debit")

# What the queries about due lines read of each model; None: all of it. A test compares.
READ_FIELDS = {
    "account.account": ("account_type",),
    "account.bank.statement.line": (
        "amount",
        "amount_currency",
        "amount_residual",
        "company_id",
        "currency_id",
        "foreign_currency_id",
        "is_reconciled",
        "move_id",
        "partner_id",
        "payment_ref",
        "transaction_details",
    ),
    "account.journal": ("type",),
    "account.move": (
        "commercial_partner_id",
        "company_id",
        "date",
        "dunning_choice",
        "dunning_program_id",
        "dunning_sent_date",
        "invoice_date",
        "invoice_user_id",
        "is_move_sent",
        "move_type",
        "name",
        "origin_payment_id",
        "partner_id",
        "payment_reference",
        "payment_state",
        "preferred_payment_method_line_id",
        "ref",
        "state",
        "statement_line_id",
    ),
    "account.move.line": (
        "account_id",
        "amount_currency",
        "amount_residual",
        "amount_residual_currency",
        "company_id",
        "currency_id",
        "date",
        "date_maturity",
        "dunning_cycle",
        "dunning_last_date",
        "dunning_level",
        "dunning_level_days",
        "journal_id",
        "move_id",
        "name",
        "no_followup",
        "parent_state",
        "partner_id",
        "reconciled",
    ),
    "account.partial.reconcile": ("debit_amount_currency", "debit_move_id"),
    "account.payment": (
        "amount",
        "currency_id",
        "date",
        "invoice_ids",
        "move_id",
        "payment_type",
        "state",
    ),
    "account.payment.method": ("code",),
    "account.payment.method.line": ("payment_method_id",),
    "dunning.block": None,
    "dunning.reminder": (
        "company_id",
        "date",
        "is_statement",
        "is_test",
        "partner_id",
        "sent_date",
        "state",
        "withdrawn_date",
        "withdrawn_user_id",
    ),
    "dunning.reminder.line": None,
    "dunning.run": ("company_id", "date", "error", "state"),
    "dunning.run.line": ("move_line_id", "reason", "run_id"),
    "mail.message": ("date", "model", "res_id"),
    "mail.notification": (
        "mail_message_id",
        "notification_status",
        "notification_type",
        "res_partner_id",
    ),
    "payment.provider": ("code",),
    "payment.transaction": (
        "amount",
        "currency_id",
        "invoice_ids",
        "operation",
        "payment_id",
        "provider_id",
        "state",
    ),
    "res.company": ("recurrence_dunning_tz",),
    "res.partner": (
        "commercial_partner_id",
        "dunning_policy",
        "dunning_program_id",
        "email",
        "name",
        "property_inbound_payment_method_line_id",
    ),
}


class Known(NamedTuple):
    """What is known of a company before its due lines are read; a ``has_`` says what there is.

    With the ids PostgreSQL finds the open items by its index and joins less.
    """

    accounts: list  # ids of receivable accounts
    journals: list  # ids of those whose entries may be due lines (opening balances)
    direct_debits: list  # ids of the payment method lines that collect
    has_payments: bool  # that have no entry
    has_transactions: bool  # online payments of invoices
    has_bank_lines: bool  # that came in and are not matched
    has_blocks: bool
    has_bounced: bool
    has_errors: bool


class DunningEngineSourceMixin(models.AbstractModel):
    """What is recorded against reminding: blocks, e-mails that came back, errors of earlier runs.

    All of a company is read at once. Mostly there is little or none of it, so one query asks
    first what there is.
    """

    _name = "dunning.engine.source.mixin"
    _description = "Sources of Holds on Due Lines"

    @api.model
    def _flush_read_fields(self):
        """Bring to the database what is pending of what the queries about due lines read.

        That alone: they are also asked while Odoo posts, pays and writes invoices.
        """
        for model, names in self._get_read_fields().items():
            self.env[model].flush_model(names)

    @api.model
    def _get_read_fields(self):
        """Return what the queries about due lines read: ``{model: names of fields}``; None: all."""
        return dict(READ_FIELDS)

    @api.model
    def _read_holds(self, company, as_of, by_hand, known, over_block=False):
        """Return what the holds of a day are found from.

        :param company: the company whose due lines are asked about
        :param date as_of: the day of the decision
        :param bool by_hand: whether a person asks: earlier errors then do not hold anything back
        :param Known known: what there is
        :return: a dict of ``blocks``, ``bounced`` and ``errors``, each as its reader returns it
        """
        found = {"blocks": {}, "bounced": {}, "errors": {}}
        if known.has_blocks and not over_block:
            found["blocks"] = self._read_blocks(company, as_of)
        if known.has_bounced and company.dunning_skip_unsent:
            found["bounced"] = self._read_bounced(company)
        if known.has_errors and not by_hand:
            found["errors"] = self._read_errors(company, as_of)
        return found

    @api.model
    def _get_known(self, company, as_of):
        """Return what is ``Known`` of a company, in one query."""
        return Known(
            *self.env.execute_query(
                SQL(
                    """
                    SELECT ARRAY(SELECT id FROM account_account
                                  WHERE account_type = 'asset_receivable'),
                           ARRAY(SELECT id FROM account_journal
                                  WHERE type IN ('general', 'sale')),
                           ARRAY(SELECT line.id
                                   FROM account_payment_method_line line
                                   JOIN account_payment_method method
                                     ON method.id = line.payment_method_id
                                  WHERE method.code = ANY(%(direct_debits)s)
                                     OR method.code LIKE '%%direct_debit%%'),
                           EXISTS (SELECT FROM account_payment payment WHERE %(underway)s),
                           EXISTS (SELECT FROM account_invoice_transaction_rel),
                           EXISTS (SELECT FROM account_bank_statement_line bank
                                    WHERE bank.company_id = %(company)s AND %(unmatched)s),
                           EXISTS (SELECT FROM dunning_block
                                    WHERE company_id = %(company)s AND date_from <= %(as_of)s),
                           EXISTS (SELECT FROM mail_notification
                                    WHERE notification_status IN ('bounce', 'exception')),
                           EXISTS (SELECT FROM dunning_run
                                    WHERE company_id = %(company)s AND error IS NOT NULL
                                      AND date >= %(since)s)
                    """,
                    company=company.id,
                    as_of=as_of,
                    direct_debits=list(DIRECT_DEBIT_CODES),
                    underway=WITHOUT_ENTRY,
                    unmatched=UNMATCHED,
                    since=as_of - RETRIES_REMEMBERED,
                )
            )[0]
        )

    @api.model
    def _read_blocks(self, company, as_of):
        """Return the blocks that hold on the day, by what they hold: ``{(scope, id): [...]}``."""
        blocks = defaultdict(list)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT block.move_line_id, block.move_id, partner.commercial_partner_id,
                       block.kind, block.date_until, block.reason, block.date_from
                  FROM dunning_block block
                  JOIN res_partner partner ON partner.id = block.partner_id
                 WHERE block.company_id = %(company)s
                   AND (block.lifted_date IS NULL OR block.lifted_date > %(as_of)s)
                   AND block.date_from <= %(as_of)s
                   AND (block.date_until IS NULL OR block.date_until >= %(as_of)s)
                """,
                company=company.id,
                as_of=as_of,
            )
        )
        for line_id, move_id, partner_id, kind, until, why, since in rows:
            if line_id:
                key = ("line", line_id)
            elif move_id:
                key = ("move", move_id)
            else:
                key = ("partner", partner_id)
            blocks[key].append((until or date.max, kind, why or "", since))
        return blocks

    @api.model
    def _read_bounced(self, company):
        """Return the open invoices whose last e-mail to the customer came back.

        An e-mail counts as arrived where any address of the customer took it.

        :return: ``{move id: (address, day)}``
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (move.id) move.id, COALESCE(partner.email, partner.name),
                       message.date
                  FROM mail_notification failed
                  JOIN mail_message message ON message.id = failed.mail_message_id
                                           AND message.model = 'account.move'
                  JOIN account_move move ON move.id = message.res_id
                                        AND move.company_id = %s AND move.state = 'posted'
                                        AND move.payment_state IN ('not_paid', 'partial')
                  JOIN res_partner partner ON partner.id = failed.res_partner_id
                                AND partner.commercial_partner_id = move.commercial_partner_id
                 WHERE failed.notification_status IN ('bounce', 'exception')
                   AND failed.notification_type = 'email'
                   AND NOT EXISTS (
                       SELECT FROM mail_message later
                         JOIN mail_notification arrived ON arrived.mail_message_id = later.id
                         JOIN res_partner reader ON reader.id = arrived.res_partner_id
                        WHERE later.model = 'account.move' AND later.res_id = move.id
                          AND later.id >= message.id
                          AND arrived.notification_status IN ('sent', 'pending')
                          AND arrived.notification_type = 'email'
                          AND reader.commercial_partner_id = move.commercial_partner_id)
              ORDER BY move.id, message.id DESC
                """,
                company.id,
            )
        )
        return {move_id: (email, company._get_job_day(moment)) for move_id, email, moment in rows}

    @api.model
    def _read_errors(self, company, as_of):
        """Return the due lines whose reminder failed to be made, and until when they wait.

        :return: ``{move line id: (day of the last error, last day to wait)}``
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.move_line_id, count(DISTINCT run.date), max(run.date)
                  FROM dunning_run_line line
                  JOIN dunning_run run ON run.id = line.run_id AND run.state = 'done'
                                      AND run.error IS NOT NULL
                 WHERE line.reason = 'error' AND run.company_id = %(company)s
                   AND run.date BETWEEN %(since)s AND %(as_of)s
                   AND NOT EXISTS (
                       SELECT FROM dunning_reminder_line sent
                        WHERE sent.move_line_id = line.move_line_id AND sent.date >= run.date
                          AND sent.kind = 'remind' AND sent.is_test IS NOT TRUE)
              GROUP BY line.move_line_id
                """,
                company=company.id,
                since=as_of - RETRIES_REMEMBERED,
                as_of=as_of,
            )
        )
        return {
            line_id: (day, until)
            for line_id, times, day in rows
            if (until := day + timedelta(days=2 ** min(times - 1, LONGEST_RETRY) - 1)) >= as_of
        }

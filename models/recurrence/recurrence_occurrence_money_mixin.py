from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.recurrence.document import DOCUMENTS
from ..common.access_groups import INVOICE_READERS

# In these states of its invoice a date comes to what that says; else to what the template says.
MADE_STATES = ("draft", "posted")


class RecurrenceOccurrenceMoneyMixin(models.AbstractModel):
    """What the invoice of a date comes to, or is expected to."""

    _name = "recurrence.occurrence.money.mixin"
    _description = "Amount of a Recurrence Date"

    schedule_id = fields.Many2one("recurrence.schedule", string="Recurrence")
    move_id = fields.Many2one("account.move")
    document_type = fields.Selection(related="schedule_id.document_type", string="Document")
    currency_id = fields.Many2one(
        related="schedule_id.template_move_id.currency_id", groups=INVOICE_READERS
    )
    # not after each change of an amount: Odoo would look from every invoice for dates
    template_total = fields.Monetary(
        related="schedule_id.template_move_id.amount_total_in_currency_signed",
        string="Total of the Template",
        depends=["schedule_id"],
        groups=INVOICE_READERS,
        aggregator=None,
    )
    has_own_total = fields.Boolean(
        readonly=True, copy=False, help="It does not bill the whole template."
    )
    own_total = fields.Monetary(readonly=True, copy=False, groups=INVOICE_READERS, aggregator=None)
    amount_total = fields.Monetary(
        compute="_compute_amount_total",
        compute_sudo=True,
        string="Expected Total",
        groups=INVOICE_READERS,
        help=(
            "Of the invoice or draft that exists; else with the prices and taxes of the recurring "
            "invoice as they are now. Bills and credit notes have a minus; a journal entry bills "
            "nothing."
        ),
    )

    @api.depends("schedule_id", "move_id", "has_own_total", "own_total")
    def _compute_amount_total(self):
        for occurrence in self:
            move = occurrence.move_id
            expected = (
                occurrence.own_total if occurrence.has_own_total else occurrence.template_total
            )
            if move.state in MADE_STATES:
                expected = occurrence._get_billed_total()
            occurrence.amount_total = 0 if occurrence.document_type == "entry" else expected

    def _get_billed_total(self):
        """Return what the invoice of one date bills for it, in the invoice's currency, signed.

        Of a consolidated one its lines; what a person added belongs to none.
        """
        move = self.move_id
        if len(move.recurrence_billed_ids) < 2:
            return move.amount_total_in_currency_signed
        own = move.invoice_line_ids.filtered(lambda line: line.recurrence_occurrence_id == self)
        return move._recurrence_get_document().flow * sum(own.mapped("price_total"))

    def _field_to_sql(self, alias, field_expr, query=None):
        """Groups of a list add up what its rows show."""
        if field_expr != "amount_total":
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        move = query.left_join(alias, "move_id", "account_move", "id", "move_id")
        moves, schedules = self.env["account.move"], self.env["recurrence.schedule"]
        schedule = query.left_join(alias, "schedule_id", "recurrence_schedule", "id", "schedule")
        return SQL(
            "CASE WHEN %(kind)s = 'entry' THEN 0"
            " WHEN %(state)s IN %(states)s AND %(is_shared)s THEN %(share)s"
            " WHEN %(state)s IN %(states)s THEN %(made)s"
            " WHEN %(has_own)s THEN %(own)s ELSE %(expected)s END",
            kind=schedules._field_to_sql(schedule, "document_type", query),
            state=moves._field_to_sql(move, "state", query),
            states=MADE_STATES,
            is_shared=SQL(
                "(SELECT COUNT(*) FROM recurrence_billed_date row WHERE row.move_id = %s) > 1",
                moves._field_to_sql(move, "id", query),
            ),
            share=self._get_share_sql(alias, move, query),
            made=moves._field_to_sql(move, "amount_total_in_currency_signed", query),
            has_own=self._field_to_sql(alias, "has_own_total", query),
            own=self._field_to_sql(alias, "own_total", query),
            expected=self._field_to_sql(alias, "template_total", query),
        )

    def _get_share_sql(self, alias, move, query):
        """Return what ``_get_billed_total`` does of a consolidated invoice, as SQL.

        :param alias: of the date
        :param move: alias of the invoice
        """
        moves, lines = self.env["account.move"], self.env["account.move.line"].sudo()
        outgoing = [name for name, document in DOCUMENTS.items() if document.flow < 0]
        return SQL(
            """(SELECT COALESCE(SUM(%(total)s), 0) FROM account_move_line share
                 WHERE share.move_id = %(move)s AND %(date)s = %(own)s)
               * CASE WHEN %(kind)s IN %(out)s THEN -1 ELSE 1 END""",
            total=lines._field_to_sql("share", "price_total"),
            date=lines._field_to_sql("share", "recurrence_occurrence_id"),
            own=self._field_to_sql(alias, "id", query),
            move=moves._field_to_sql(move, "id", query),
            kind=moves._field_to_sql(move, "move_type", query),
            out=tuple(outgoing),
        )

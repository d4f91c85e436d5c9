import csv
import json
from datetime import date
from io import StringIO

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, split_every

from ...common.due_line import DUE_LINE_HELP

# Rows prepared at once: bounds the memory of a run over very many due lines.
CHUNK = 5000


class UncheckedMany2one(fields.Many2one):
    """A link without foreign key, for a protocol of very many rows.

    The database would lock the row linked to for each row written, and so write to it: a
    simulation that changes nothing would touch every open entry. ``_untie_moves`` empties the links
    to what is deleted; the number noted beside them stays.
    """

    def update_db_foreign_key(self, model, column):
        """Create none."""


class DunningRunLine(models.Model):
    """The decision on one due line in a run or simulation, with its reason (rule 7)."""

    _name = "dunning.run.line"
    _description = "Dunning Decision"
    _is_engine_made = True
    _inherit = [
        "recurrence.dunning.own.record.mixin",
        "recurrence.dunning.bulk.write.mixin",
        "dunning.run.line.step.mixin",
        "dunning.run.line.payment.mixin",
    ]
    _order = "run_id desc, decision, partner_id, due_date, id"
    _rec_name = "move_name"

    run_id = fields.Many2one(
        "dunning.run", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="run_id.company_id")
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, readonly=True)
    move_line_id = UncheckedMany2one(
        "account.move.line",
        string="Due Line",
        help=DUE_LINE_HELP,
        readonly=True,
        index="btree_not_null",
    )
    move_id = UncheckedMany2one(
        "account.move", string="Invoice", readonly=True, index="btree_not_null"
    )
    move_name = fields.Char(string="Number", readonly=True)
    due_date = fields.Date(readonly=True)
    days_late = fields.Integer(readonly=True, aggregator="max", help="Negative if not yet due.")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    # the same due line stands in many runs, in whatever currency: no total means anything
    amount_residual = fields.Monetary(string="Open Amount", readonly=True, aggregator=None)
    amount_covered = fields.Monetary(
        string="Covered",
        readonly=True,
        aggregator=None,
        help="Covered by credits and payments in process.",
    )
    program_id = fields.Many2one("dunning.program", readonly=True)
    last_level = fields.Integer(string="Current Level", readonly=True, aggregator="max")
    level_id = fields.Many2one(
        "dunning.level",
        string="Next Level",
        readonly=True,
        help=("The level sent, or the one awaited."),
    )
    decision = fields.Selection(
        [("remind", "Remind"), ("skip", "Skip")], required=True, readonly=True
    )
    reason = fields.Selection(
        lambda self: self.env["dunning.reason"]._get_selection(), required=True, readonly=True
    )
    is_blocked = fields.Boolean(compute="_compute_is_blocked", search="_search_is_blocked")
    reason_params = fields.Json(readonly=True)
    reason_text = fields.Text(compute="_compute_reason_text", string="Why")
    next_date = fields.Date(string="Next Step On", readonly=True)
    warning = fields.Selection(
        lambda self: self.env["dunning.reason"]._get_obstacle_selection(),
        readonly=True,
        help="What prevents the reminder from being sent: it would be listed under Not Delivered.",
    )
    is_changed = fields.Boolean(
        string="Changed since the Simulation",
        readonly=True,
        help="The decision in the simulation differs from the one made at execution.",
    )
    omitted_by_id = fields.Many2one("res.users", string="Excluded By", readonly=True)
    can_open_payment = fields.Boolean(compute="_compute_can_open_payment")
    reminder_id = fields.Many2one(
        "dunning.reminder", readonly=True, index="btree_not_null", ondelete="set null"
    )

    # What is retried after an error is looked up by it.
    _error_idx = models.Index("(move_line_id) WHERE reason = 'error'")

    @api.depends("reason", "reason_params")
    @api.depends_context("lang")
    def _compute_reason_text(self):
        reasons = self.env["dunning.reason"]
        reasons._prefetch_names(self.mapped("reason_params"))
        for line in self:
            line.reason_text = reasons._get_sentence(line.reason, line.reason_params)

    @api.model
    def _get_block_kinds(self):
        return self.env["dunning.block"]._fields["kind"].get_values(self.env)

    @api.depends("reason")
    def _compute_is_blocked(self):
        kinds = self._get_block_kinds()
        for line in self:
            line.is_blocked = line.reason in kinds

    def _search_is_blocked(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("reason", "in", self._get_block_kinds())]

    @api.depends("reason")
    def _compute_can_open_payment(self):
        for line in self:
            line.can_open_payment = line.reason in ("payment_found", "covered_by_credit")

    @api.model
    def _prepare(self, run, fact):
        """Return the values of the row for a decided fact; None where there is none."""
        decision, line = fact.decision, fact.line
        next_date = decision.next_date
        if not decision.remind and next_date:
            # what is held without an end has no next step that could be named
            held = line.hold and not line.hold_until
            next_date = None if held or next_date <= run.date else next_date
        return {
            "run_id": run.id,
            "partner_id": fact.partner_id,
            "move_line_id": fact.id,
            "move_id": fact.move_id,
            "move_name": fact.move_name,
            "due_date": line.due,
            "days_late": (run.date - line.due).days,
            "currency_id": fact.currency_id,
            "amount_residual": fact.residual,
            "amount_covered": fact.residual - fact.open_amount,
            "program_id": fact.program_id or None,
            "last_level": line.level,
            "level_id": decision.level.id if decision.level else None,
            "decision": "remind" if decision.remind else "skip",
            "reason": decision.reason,
            "reason_params": decision.params,
            "next_date": next_date,
            "warning": decision.params.get("warning"),
            "omitted_by_id": fact.omitted_by,
        }

    def _renew(self, run, fact, **values):
        """Write what was decided now on the row of a due line, and these values over it."""
        self.write({**self._prepare_for_orm(run, fact), **values})

    @api.model
    def _prepare_for_orm(self, run, fact):
        values = self._prepare(run, fact)
        return {**values, "reason_params": json.loads(_to_json(values["reason_params"]))}

    @api.model
    def _insert(self, run, facts):
        """Write the rows of decided facts: a protocol, so straight into its table.

        An addon that adds a stored column gives its value in ``_prepare``. Where automation rules
        are about decisions they are created by the ORM, which is all that rules see.
        """
        if self._is_automated():
            self.sudo().create([self._prepare_for_orm(run, fact) for fact in facts])
            return
        now = fields.Datetime.now()
        texts = {}  # of figures, once for all facts that share them; kept beside the text
        for chunk in split_every(CHUNK, facts):
            rows = []
            for fact in chunk:
                row = {**self._prepare(run, fact), "create_date": now}
                figures = row["reason_params"]
                if id(figures) not in texts:
                    texts[id(figures)] = (figures, _to_json(figures))
                row["reason_params"] = texts[id(figures)][1]
                rows.append(row)
            text = StringIO()
            # nothing at all stands for NULL
            csv.writer(text).writerows(row.values() for row in rows)
            text.seek(0)
            query = SQL(
                "COPY %s (%s) FROM STDIN WITH (FORMAT csv)",
                SQL.identifier(self._table),
                SQL(", ").join(map(SQL.identifier, rows[0])),
            )
            self.env.cr.copy_expert(query.code, text)
        rows = self.search([("run_id", "=", run.id)], order="id")
        rows.modified(self._fields, create=True)

    @api.model
    def _untie_moves(self, moves):
        """Empty the links to entries that are going to be deleted."""
        self._empty_links(moves, "move_id")

    @api.model
    def _untie_lines(self, move_lines):
        """Empty the links to journal items that are going to be deleted."""
        self._empty_links(move_lines, "move_line_id")

    @api.model
    def _empty_links(self, records, name):
        if not records:
            return
        source = SQL(
            "(SELECT id FROM dunning_run_line WHERE %s = ANY(%s)) AS new",
            SQL.identifier(name),
            records.ids,
        )
        self._write_in_bulk({name: SQL("NULL")}, source)

    @api.model
    def _delete_of(self, run):
        """Delete the decisions of a run that is simulated again."""
        lines = self.search([("run_id", "=", run.id)], order="id")
        if self._is_automated():
            lines.sudo().unlink()
            return
        lines.modified(self._fields, before=True)
        self.env.cr.execute(SQL("DELETE FROM dunning_run_line WHERE run_id = %s", run.id))
        lines.invalidate_recordset(flush=False)

    # === ACTIONS === #

    def action_open_invoice(self):
        self.check_access("read")
        self.ensure_one()
        if not self.move_id:
            raise UserError(self.env._("%(entry)s was deleted.", entry=self.move_name or ""))
        return self.move_id.get_formview_action()

    def action_send_invoice(self):
        """Open Odoo's dialog that sends the invoice, which the customer never got (rule 10)."""
        self.check_access("read")
        self.ensure_one()
        return self.move_id.action_dunning_send()

    def action_include(self):
        """Have the invoice reminded automatically, and decide anew where the run is open."""
        self.check_access("read")
        self.ensure_one()
        action = self.move_id.action_dunning_include()
        run = self.run_id
        if run.state in ("simulated", "to_check"):
            run._simulate(state=run.state)
        return action

    def action_open_payment(self):
        """Open the payment to match: bank statement lines nobody matched, or open credits."""
        self.check_access("read")
        self.ensure_one()
        return self._open_payments()

    def action_omit(self):
        """Open the dialog that takes these decisions out of their run before it is executed."""
        self.check_access("read")
        return self.env["dunning.run.omit"]._open(self)

    def action_omit_customer(self):
        """Open the dialog for the whole reminder: all lines of the customer in the run."""
        self.check_access("read")
        self.ensure_one()
        lines = self.search(
            [
                ("run_id", "=", self.run_id.id),
                ("partner_id", "=", self.partner_id.id),
                ("decision", "=", "remind"),
            ]
        )
        return self.env["dunning.run.omit"]._open(lines or self)

    def action_restore(self):
        """Put back what was taken out of a run that is not executed yet."""
        self.check_access("read")
        self._restore()
        return True


def _to_json(figures):
    """The figures of a reason as JSON, days as texts."""
    return json.dumps(figures, default=date.isoformat)

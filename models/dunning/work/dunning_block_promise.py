from odoo import api, fields, models
from odoo.tools import format_date

# With these reasons the engine says that nothing is owed any more.
PAID_OR_REVERSED = ("paid", "reversed")


class DunningBlock(models.Model):
    """A block of the kind *promise* belongs to a promise, whoever made it."""

    _inherit = "dunning.block"

    promise_id = fields.Many2one(
        "dunning.promise", readonly=True, index="btree_not_null", ondelete="set null"
    )

    @api.model_create_multi
    def create(self, vals_list):
        blocks = super().create(vals_list)
        alone = blocks.filtered(lambda block: block.kind == "promise" and not block.promise_id)
        if alone:
            alone._note_promises()
        return blocks

    def write(self, vals):
        result = super().write(vals)
        promises = self.sudo().promise_id
        if "date_until" in vals and vals["date_until"]:
            late = promises.filtered(lambda p: p.state == "open" and p.date != self[:1].date_until)
            late.write({"date": vals["date_until"]})
        if vals.get("kind") == "promise":
            self.filtered(lambda block: not block.promise_id)._note_promises()
        return result

    def _note_promises(self):
        """Note a promise for each of these blocks."""
        self.env["dunning.promise"].sudo().create(
            [
                {
                    "company_id": block.company_id.id,
                    "partner_id": block.partner_id.id,
                    "move_line_ids": block._get_held_lines().ids,
                    "date": block.date_until,
                    "date_given": block.date_from,
                    "note": block.reason,
                    "user_id": block.user_id.id,
                    "block_ids": [fields.Command.link(block.id)],
                }
                for block in self
            ]
        )

    def _get_held_lines(self):
        """Return the due lines that this block names; none: it holds all of its customer."""
        receivable = self.move_id.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        return self.move_line_id or receivable

    def action_lift(self):
        """Lift the blocks; a promise that holds nothing any more is withdrawn."""
        result = super().action_lift()
        promises = self.sudo().promise_id.filtered(lambda promise: promise.state == "open")
        promises.filtered(lambda p: all(p.block_ids.mapped("lifted_date"))).state = "withdrawn"
        return result

    def _set_outcome(self, outcome):
        result = super()._set_outcome(outcome)
        self.sudo().promise_id.state = outcome
        return result

    def _get_owed(self, facts):
        """Return those of the facts that were promised and are open.

        :return: list of (fact, why the engine claims nothing for it: empty, it does)
        """
        self.ensure_one()
        engine = self.company_id._dunning_get_engine()
        promised = filter(self._is_promised, facts)
        owed = [(fact, (engine._get_money_hold(fact) or ("", None))[0]) for fact in promised]
        return [(fact, code) for fact, code in owed if code not in PAID_OR_REVERSED]

    def _is_promised(self, fact):
        """Whether this promise is about the due line of a fact, and something is open on it.

        Where it names no items it is about what is due by then.
        """
        is_named = bool(self.move_id)
        return (
            fact.partner_id == self.partner_id.id
            and (is_named or fact.line.due <= self.date_until)
            and fact.move_id == (self.move_id.id or fact.move_id)
            and fact.id == (self.move_line_id.id or fact.id)
            and fact.open_amount > 0
        )

    def _set_broken(self, today, unpaid):
        """Release the block and say what comes now, as the engine does.

        :param unpaid: facts about the promised due lines that are open
        """
        self.write({"outcome": "broken", "lifted_date": today, "lifted_user_id": self.env.uid})
        day = format_date(self.env, self.date_until)
        held = [fact for fact in unpaid if fact.line.hold]
        if len(held) < len(unpaid):
            note = self.env._("Reminders were blocked until %(date)s and now resume.", date=day)
            why = self.env._(
                "The promise to pay by %(date)s was not kept: reminders resume.", date=day
            )
        else:
            fact = held[0]
            params = {**(fact.params or {}), "hold_until": fact.line.hold_until}
            note = self.env._(
                "Reminders were blocked until %(date)s. For now, however, no reminders are sent.",
                date=day,
            )
            why = self.env._(
                "The promise to pay by %(date)s was not kept. %(reason)s",
                date=day,
                reason=self.env["dunning.reason"]._get_sentence(fact.line.hold, params),
            )
        self._message_log(body=why)
        target = self._get_invoice() or self.partner_id
        target.message_post(body=note)

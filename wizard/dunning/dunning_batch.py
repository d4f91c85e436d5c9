from odoo import api, fields, models
from odoo.exceptions import UserError

from ...models.common.client_action import open_dialog

TARGETS = ("account.move", "account.move.line")


class DunningBatch(models.TransientModel):
    """Changes the dunning of all selected invoices or journal items in one go (W4).

    The selection stays in the context: a list of 10,000 rows is neither stored nor sent around.
    """

    _name = "dunning.batch"
    _description = "Change Dunning Details of Invoices"
    _inherit = "recurrence.dunning.own.record.mixin"

    state = fields.Selection([("edit", "Edit"), ("done", "Done")], default="edit", readonly=True)
    count = fields.Integer(string="Selected", readonly=True)
    of_lines = fields.Boolean(readonly=True)
    tag_mode = fields.Selection(
        [("add", "Add"), ("remove", "Remove")], string="Tags", help="Leave empty to keep the tags."
    )
    tag_ids = fields.Many2many("account.move.tag", string="Which Tags")
    include = fields.Selection(
        [("yes", "Remind automatically"), ("no", "Do not remind automatically")],
        string="Include in Dunning",
        help="Leave empty for no change.",
    )
    sent = fields.Selection(
        [("yes", "Sent to the customer"), ("no", "Not sent")],
        string="Mark as",
        help="Leave empty for no change. No reminder is sent for an invoice that was not sent.",
    )
    set_level = fields.Boolean(string="Set the Level")
    level = fields.Integer(
        help=(
            "0 means not yet reminded: the first level is next. 1 means "
            "the second level is next, and so on."
        )
    )
    set_last_date = fields.Boolean(string="Set the Date of the Last Reminder")
    last_date = fields.Date(
        string="Last Reminder", help=("Leave empty if unknown: no gap is then kept.")
    )
    changed_count = fields.Integer(string="Changed", readonly=True)
    line_ids = fields.One2many("dunning.batch.line", "batch_id", readonly=True)

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        records = self._get_selection()
        values.update(count=len(records), of_lines=records._name == "account.move.line")
        return values

    @api.model
    def _get_selection(self):
        """Return the selected records: the whole filtered list where all of it was selected."""
        model = self.env.context.get("active_model")
        if model not in TARGETS:
            raise UserError(self.env._("Select invoices or journal items in their list first."))
        records = self.env[model]
        ids = self.env.context.get("active_ids") or []
        domain = self.env.context.get("active_domain")
        # The list hands over its filter in any case, also where only some rows are ticked; where
        # all are, their ids up to a limit. Only beyond that limit the filter says what is meant.
        if domain is not None and len(ids) >= self._get_ids_limit():
            return records.search(domain)
        return records.browse(ids).exists()

    @api.model
    def _get_ids_limit(self):
        """Return how many ids of a selection the browser hands over at most."""
        limit = self.env["ir.config_parameter"].sudo().get_param("web.active_ids_limit", "20000")
        return int(limit)

    def _get_changes(self):
        """Return what the user wants as ``_dunning_apply`` takes it."""
        self.ensure_one()
        changes = {}
        if self.tag_mode and self.tag_ids:
            changes[f"tags_{self.tag_mode}"] = self.tag_ids
        if self.include:
            changes["include"] = self.include == "yes"
        if self.sent:
            changes["sent"] = self.sent == "yes"
        if self.set_level:
            if self.level < 0:
                raise UserError(self.env._("The level must be 0 or higher."))
            changes["level"] = self.level
        if self.set_last_date:
            if self.last_date and self.last_date > self.env.company._get_job_today():
                raise UserError(
                    self.env._("The date of the last reminder is in the future: choose another.")
                )
            changes["last_date"] = self.last_date
        if not changes:
            raise UserError(self.env._("Nothing to change was chosen."))
        return changes

    def action_apply(self):
        """Make the changes and show what could not be changed, and why."""
        self._check_dialog()
        changes = self._get_changes()
        records = self._get_selection()
        allowed = records._filtered_access("read")
        lines = allowed if allowed._name == "account.move.line" else None
        moves = allowed.move_id if lines is not None else allowed
        writable = moves._filtered_access("write")
        changed, skipped = writable._dunning_apply(changes, lines)
        forbidden = (records - allowed).sudo()
        forbidden = (forbidden if lines is None else forbidden.move_id) | (moves - writable)
        if forbidden:
            skipped["no_access"] = forbidden.sudo(False)
        self.write(
            {
                "state": "done",
                "changed_count": len(changed),
                "line_ids": [
                    fields.Command.create(self._get_line_values(code, left_out))
                    for code, left_out in skipped.items()
                ],
            }
        )
        return open_dialog(self, self.env._("Change dunning details"))

    def _get_line_values(self, code, moves):
        return {
            "reason": self.env["account.move"]._dunning_get_refusal_text(code),
            "count": len(moves),
            "examples": ", ".join(
                move.name
                if move.state == "posted"
                else f"{move.display_name} ({move.partner_id.name})"
                for move in moves[:5]._filtered_access("read")
            ),
            "move_ids": moves.ids,
        }

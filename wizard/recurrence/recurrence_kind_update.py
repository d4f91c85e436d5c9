from odoo import api, fields, models
from odoo.exceptions import UserError

from ...models.common.client_action import notify
from .recurrence_change_dialog_mixin import MOST


class RecurrenceKindUpdate(models.TransientModel):
    """Offers the changes of a kind to the recurring invoices made from it; each shown first."""

    _name = "recurrence.kind.update"
    _description = "Changes of a Kind"
    _inherit = "recurrence.change.dialog.mixin"
    _dialog_about = ("kind_id",)

    kind_id = fields.Many2one(
        "recurrence.schedule",
        string="Invoice Kind",
        required=True,
        ondelete="cascade",
        domain=[("is_kind", "=", True)],
    )
    member_count = fields.Integer(related="kind_id.member_count")
    outdated_count = fields.Integer(related="kind_id.outdated_count")
    with_own = fields.Boolean(
        string="Also Overwrite Individual Agreements",
        help="A price or a rule that was changed for one customer becomes that of the kind too.",
    )
    row_ids = fields.One2many("recurrence.kind.update.line", "update_id", string="Changes")
    has_kept = fields.Boolean(compute="_compute_columns")
    has_rules = fields.Boolean(compute="_compute_columns")

    @api.depends("row_ids.kept", "row_ids.rule")
    def _compute_columns(self):
        """Say which columns there is something to show in."""
        for dialog in self:
            dialog.has_kept = any(dialog.row_ids.mapped("kept"))
            dialog.has_rules = any(dialog.row_ids.mapped("rule"))

    def _get_chosen(self):
        return self.row_ids.filtered(lambda row: row.is_included and not row.is_done)

    def _reopen(self):
        return {**super()._reopen(), "name": self.kind_id._get_update_title()}

    def _prepare_offer(self, schedule, offer):
        """Return the values of the row of a recurring invoice, and what is offered to it.

        :param offer: KindOffer; a sentence where nothing can be offered
        """
        if isinstance(offer, str):
            now = schedule._describe_facts(schedule._get_facts())
            return {"schedule_id": schedule.id, "now": now, "problem": offer}
        row = self._prepare_row(schedule, schedule._get_kind_change(offer))
        return {
            **row,
            "kept": schedule._describe_differences(offer.kept, offer.lines),
            "is_included": not row["problem"] and bool(offer.changes or not offer.kept),
            "offer_key": self.row_ids._get_offer_key(offer),
        }

    def _find_offers(self):
        """Return what is offered to whom: those first to whom something is, as many as are shown.

        :return: list of a recurring invoice and its ``KindOffer``, or why there is none
        """
        said, found = self.kind_id._take_kind_snapshot(), []
        for schedule in self.kind_id._get_outdated():
            try:
                found.append((schedule, schedule._get_kind_offer(self.with_own, said)))
            except UserError as error:
                found.append((schedule, str(error)))
        found.sort(key=lambda pair: isinstance(pair[1], str) or not pair[1].changes)
        return found[:MOST]

    def action_preview(self):
        """Show of each recurring invoice what the kind would change in it; nothing changes."""
        self._check_dialog()
        self.ensure_one()
        offers = self._find_offers()
        if not offers:
            raise UserError(self.env._("All recurring invoices of this kind are up to date."))
        return self._show(self._prepare_offer(schedule, offer) for schedule, offer in offers)

    def action_confirm(self):
        """Change those that are ticked; one that cannot be stops nobody else, and says why."""
        self._check_dialog()
        self.ensure_one()
        chosen = self._get_chosen()
        if not chosen:
            raise UserError(self.env._("Tick at least one recurring invoice."))
        return self._change(chosen)

    def action_keep(self):
        """Leave those that are ticked as they are: these changes are not offered to them again."""
        self._check_dialog()
        self.ensure_one()
        chosen = self._get_chosen()
        if not chosen:
            raise UserError(self.env._("Tick at least one recurring invoice."))
        for row in chosen:
            row._get_offer()
            row.schedule_id._decline_kind()
        message = self.env._("Recurring invoices left as they are: %(count)s.", count=len(chosen))
        return notify(message, "success")

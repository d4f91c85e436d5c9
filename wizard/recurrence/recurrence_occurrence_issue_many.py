from collections import Counter

from odoo import api, fields, models
from odoo.tools import LazyTranslate
from odoo.tools.misc import formatLang

_lt = LazyTranslate(__name__)

# What becomes of an invoice, by its mode; others are called as the recurrence calls them.
EFFECTS = {
    "confirm": _lt("Posted"),
    "draft": _lt("Created as a draft"),
    "post": _lt("Posted"),
    "send": _lt("Posted and sent"),
}


class RecurrenceOccurrenceIssueMany(models.TransientModel):
    """Says how many invoices are issued, how much and how, and issues them."""

    _name = "recurrence.occurrence.issue.many"
    _description = "Issue Several Recurring Invoices"
    _inherit = "recurrence.dunning.own.record.mixin"

    occurrence_ids = fields.Many2many("recurrence.occurrence", string="Dates", required=True)
    ready_count = fields.Integer(string="Invoices", compute="_compute_facts")
    totals = fields.Char(
        string="Expected Total",
        compute="_compute_facts",
        help="With the prices and taxes of the recurring invoices as they are now.",
    )
    effects = fields.Char(string="What Happens", compute="_compute_facts")
    is_priced_later = fields.Boolean(compute="_compute_facts")
    colleagues = fields.Char(string="Responsibility of Others", compute="_compute_facts")
    left_out_count = fields.Integer(string="Left Out", compute="_compute_facts")

    @api.depends("occurrence_ids")
    def _compute_facts(self):
        for dialog in self:
            ready, left_out = dialog.occurrence_ids._split_selection()
            schedules = ready.schedule_id
            dialog.ready_count = len(ready)
            dialog.left_out_count = left_out
            dialog.totals = dialog._get_totals(ready)
            dialog.effects = dialog._get_effects(ready)
            dialog.is_priced_later = "product" in schedules.mapped("price_source")
            dialog.colleagues = dialog._get_colleagues(ready)

    @api.model
    def _get_totals(self, occurrences):
        """Return the sum of each currency, never added up."""
        return ", ".join(
            formatLang(self.env, sum(group.mapped("amount_total")), currency_obj=currency)
            for currency, group in occurrences.grouped("currency_id").items()
        )

    @api.model
    def _get_effects(self, occurrences):
        """Return what becomes of how many, by mode."""
        schedules = self.env["recurrence.schedule"]
        labels = dict(schedules._fields["invoice_mode"]._description_selection(self.env))
        translate = self.env._
        counts = Counter()
        for mode, group in occurrences.grouped("invoice_mode").items():
            counts[translate(EFFECTS[mode]) if mode in EFFECTS else labels[mode]] += len(group)
        return ", ".join(
            self.env._("%(what)s: %(count)s", what=text, count=count)
            for text, count in counts.items()
        )

    @api.model
    def _get_colleagues(self, occurrences):
        """Return who else is responsible for how many of them; empty: nobody."""
        others = occurrences.filtered(lambda o: o.user_id and o.user_id != self.env.user)
        return ", ".join(
            f"{user.name} ({len(group)})" for user, group in others.grouped("user_id").items()
        )

    def action_confirm(self):
        """Issue what is shown, say what happened and show the invoices."""
        self._check_dialog()
        self.ensure_one()
        return self.occurrence_ids._issue_selection()

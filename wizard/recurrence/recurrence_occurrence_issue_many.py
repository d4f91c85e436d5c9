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
DRAFT_EFFECT = _lt("Waiting draft posted")


class RecurrenceOccurrenceIssueMany(models.TransientModel):
    """Says how many invoices are issued, how much and how, and issues them."""

    _name = "recurrence.occurrence.issue.many"
    _description = "Issue Several Recurring Invoices"
    _inherit = "recurrence.dunning.own.record.mixin"

    occurrence_ids = fields.Many2many("recurrence.occurrence", string="Dates", required=True)
    draft_count = fields.Integer(string="Waiting Drafts", compute="_compute_draft_count")
    draft_totals = fields.Char(compute="_compute_draft_count")
    post_drafts = fields.Boolean(
        string="Post Waiting Drafts",
        compute="_compute_post_drafts",
        store=True,
        readonly=False,
        help="Drafts that were created before and that nobody has posted yet.",
    )
    ready_count = fields.Integer(string="Invoices", compute="_compute_facts")
    totals = fields.Char(
        string="Expected Total",
        compute="_compute_facts",
        help="With the prices and taxes of the recurring invoices as they are now.",
    )
    effects = fields.Char(string="What Happens", compute="_compute_facts")
    is_consolidated = fields.Boolean(compute="_compute_facts")
    is_priced_later = fields.Boolean(compute="_compute_facts")
    colleagues = fields.Char(string="Responsibility of Others", compute="_compute_facts")
    left_out_count = fields.Integer(string="Left Out", compute="_compute_facts")
    future_count = fields.Integer(compute="_compute_facts")

    @api.depends("occurrence_ids")
    def _compute_draft_count(self):
        for dialog in self:
            drafted = dialog.occurrence_ids._filter_drafted()
            dialog.draft_count = len(drafted.sudo().move_id)
            # of all that they bill, also where not all of it is selected
            dates = drafted.sudo().move_id._recurrence_get_dates()
            dialog.draft_totals = dialog._get_totals(dates)

    @api.depends("occurrence_ids")
    def _compute_post_drafts(self):
        """A draft waits for a look: only who selected nothing else surely means to post it."""
        for dialog in self:
            ready, drafted, _left_out = dialog.occurrence_ids._split_selection()
            dialog.post_drafts = bool(drafted and not ready)

    @api.depends("occurrence_ids", "post_drafts")
    def _compute_facts(self):
        for dialog in self:
            ready, drafted, left_out = dialog.occurrence_ids._split_selection()
            ready += drafted if dialog.post_drafts else drafted.browse()
            units = self.env["recurrence.issuing"]._get_units(ready, is_exact=True)
            dialog.ready_count = len(units)
            dialog.is_consolidated = len(units) < len(ready)
            dialog.left_out_count = left_out
            # of all that drafts bill, also where not all of it is selected
            of_drafts = (drafted & ready).sudo().move_id._recurrence_get_dates()
            dialog.totals = dialog._get_totals(ready | of_drafts.with_env(self.env))
            dialog.effects = dialog._get_effects(units)
            dialog.future_count = len(ready.filtered(lambda o: o._is_dated_ahead()))
            schedules = (ready - drafted).schedule_id
            dialog.is_priced_later = any(s.price_source != "template" for s in schedules)
            dialog.colleagues = dialog._get_colleagues(ready)

    @api.model
    def _get_totals(self, occurrences):
        """Return the sum of each currency, never added up; what goes out apart from what comes in.

        Journal entries have none.
        """
        sides = occurrences.grouped(lambda o: (o.currency_id, o.schedule_id._get_document().flow))
        return ", ".join(
            formatLang(self.env, sum(group.mapped("amount_total")), currency_obj=currency)
            for (currency, _flow), group in sides.items()
            if set(group.mapped("document_type")) != {"entry"}
        )

    @api.model
    def _get_effects(self, units):
        """Return what becomes of how many invoices, by mode.

        :param units: list of the dates on one invoice
        """
        schedules = self.env["recurrence.schedule"]
        labels = dict(schedules._fields["invoice_mode"]._description_selection(self.env))
        translate = self.env._
        counts = Counter()
        for unit in units:
            mode = unit[0].invoice_mode
            label = translate(EFFECTS[mode]) if mode in EFFECTS else labels[mode]
            counts[translate(DRAFT_EFFECT) if unit._filter_drafted() else label] += 1
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
        return self.occurrence_ids._issue_selection(with_drafts=self.post_drafts)

from odoo import api, fields, models

from .access_groups import DUNNING_USERS, INVOICE_READERS
from .bulk_write_mixin import PLAIN_WRITE


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = [
        "account.move",
        "recurrence.template.mixin",
        "kept.field.mixin",
        "bulk.write.mixin",
    ]

    tag_ids = fields.Many2many(
        "account.move.tag",
        string="Invoice Tags",
        copy=False,
        check_company=True,
        groups=INVOICE_READERS,
    )

    # --- recurrence ---
    is_recurrence_template = fields.Boolean(
        string="Template of a Recurring Invoice", readonly=True, copy=False, default=False
    )
    recurrence_schedule_id = fields.Many2one(
        "recurrence.schedule",
        string="Recurrence",
        readonly=True,
        copy=False,
        kept=True,
        index="btree_not_null",
        ondelete="restrict",
        groups=INVOICE_READERS,
    )
    recurrence_occurrence_id = fields.Many2one(
        "recurrence.occurrence",
        string="Recurrence Date",
        readonly=True,
        copy=False,
        kept=True,
        index="btree_not_null",
        ondelete="restrict",
        groups=INVOICE_READERS,
    )

    is_recurrence_replaced = fields.Boolean(
        string="Replaced",
        readonly=True,
        copy=False,
        kept=True,
        help="Credited, and another invoice was made for its date of the recurrence.",
        groups=INVOICE_READERS,
    )

    # --- dunning ---
    # What a biller says of the own invoice, and a recurring one passes on; the rest is dunning's.
    dunning_choice = fields.Selection(
        [("remind", "Remind"), ("never", "Do not remind")],
        copy=False,
        help="Empty: customer and company decide whether this invoice is reminded automatically.",
        groups=INVOICE_READERS,
    )
    dunning_program_id = fields.Many2one(
        "dunning.program",
        string="Dunning Program",
        copy=False,
        check_company=True,
        help="Empty: the program of the customer, else of the company.",
        groups=INVOICE_READERS,
    )
    dunning_level = fields.Integer(
        compute="_compute_dunning_status",
        store=True,
        copy=False,
        kept=True,
        help="Highest level of the open due lines; 0: none yet.",
        groups=DUNNING_USERS,
    )
    dunning_last_date = fields.Date(
        string="Last Reminder",
        compute="_compute_dunning_status",
        store=True,
        copy=False,
        kept=True,
        help="Latest over the open due lines.",
        groups=DUNNING_USERS,
    )
    dunning_first_date = fields.Date(
        string="First Reminder",
        compute="_compute_dunning_status",
        store=True,
        copy=False,
        kept=True,
        help="Earliest over the open due lines.",
        groups=DUNNING_USERS,
    )
    dunning_next_date = fields.Date(
        string="Next Reminder",
        compute="_compute_dunning_status",
        store=True,
        copy=False,
        kept=True,
        groups=DUNNING_USERS,
    )
    dunning_reason = fields.Selection(
        lambda self: self.env["dunning.reason"]._get_selection(),
        string="Reminder State",
        compute="_compute_dunning_status",
        store=True,
        copy=False,
        kept=True,
        help="Why the next reminder comes when it does, or why none comes.",
        groups=DUNNING_USERS,
    )
    dunning_sent_date = fields.Date(
        string="First Sent",
        readonly=True,
        copy=False,
        kept=True,
        groups=DUNNING_USERS,
        help="The day the customer first got it; unknown of invoices sent before dunning was "
        "installed.",
    )
    dunning_next_reason = fields.Char(
        string="Why",
        compute="_compute_dunning_next_reason",
        help="Why then, or why not.",
        groups=DUNNING_USERS,
    )
    dunning_include = fields.Boolean(
        string="Remind Automatically",
        compute="_compute_dunning_include",
        inverse="_inverse_dunning_include",
        help="Switched here, it holds for this invoice; else customer and company decide.",
        groups=DUNNING_USERS,
    )
    dunning_effective_program_id = fields.Many2one(
        "dunning.program",
        string="Program",
        compute="_compute_dunning_include",
        groups=DUNNING_USERS,
    )
    dunning_explanation = fields.Text(
        string="Next Step",
        compute="_compute_dunning_explanation",
        help="What comes next for each due line, and why or why not.",
        groups=DUNNING_USERS,
    )
    dunning_reminder_line_ids = fields.Many2many(
        "dunning.reminder.line",
        string="Reminders",
        compute="_compute_dunning_history",
        groups=DUNNING_USERS,
    )
    dunning_block_ids = fields.One2many(
        "dunning.block", "move_id", string="Blocks", groups=DUNNING_USERS
    )
    dunning_current_block_ids = fields.Many2many(
        "dunning.block",
        string="Blocked by",
        compute="_compute_dunning_current_block_ids",
        groups=DUNNING_USERS,
    )
    is_dunning_blocked = fields.Boolean(
        string="Reminders Blocked",
        search="_search_is_dunning_blocked",
        store=False,
        copy=False,
        groups=DUNNING_USERS,
    )

    # as the condition stands in queries, else PostgreSQL would read all entries instead
    _recurrence_template_idx = models.Index("(id) WHERE is_recurrence_template IS TRUE")
    _recurrence_occurrence_uniq = models.UniqueIndex(
        "(recurrence_occurrence_id) WHERE recurrence_occurrence_id IS NOT NULL"
        " AND state != 'cancel' AND is_recurrence_replaced IS NOT TRUE",
        "An invoice was issued for this date of the recurrence already.",
    )
    _recurrence_template_check = models.Constraint(
        "CHECK (is_recurrence_template IS NOT TRUE OR (state != 'posted'"
        " AND invoice_date IS NULL AND auto_post = 'no'))",
        "The template of a recurring invoice is neither dated nor posted.",
    )
    _recurrence_replaced_check = models.Constraint(
        "CHECK (is_recurrence_replaced IS NOT TRUE OR state = 'posted')",
        "Another invoice stands in the place of this one, so it stays posted.",
    )
    _dunning_next_date_idx = models.Index("(dunning_next_date) WHERE dunning_next_date IS NOT NULL")
    _dunning_status_idx = models.Index("(commercial_partner_id) WHERE dunning_reason IS NOT NULL")

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        domain = self.env["recurrence.template"]._without_templates(self, domain)
        return super()._search(domain, offset=offset, limit=limit, order=order, **kwargs)

    @api.depends(
        "move_type",
        "state",
        "invoice_date",
        "company_id.dunning_scope",
        "company_id.dunning_activation_date",
        "company_id.dunning_program_id",
        "commercial_partner_id.dunning_policy",
        "commercial_partner_id.dunning_program_id",
        "dunning_choice",
        "dunning_program_id",
    )
    def _compute_dunning_include(self):
        self.env["dunning.invoice"]._compute_include(self)

    def _inverse_dunning_include(self):
        for included, moves in self.grouped("dunning_include").items():
            self.env["dunning.policy"]._set_included(moves, included)

    @api.depends(
        "state",
        "payment_state",
        "amount_residual",
        "line_ids.date_maturity",
        "is_move_sent",
        "dunning_sent_date",
        "partner_id",
        "dunning_choice",
        "dunning_program_id",
        "dunning_block_ids.date_until",
        "dunning_block_ids.lifted_date",
    )
    def _compute_dunning_status(self):
        self.env["dunning.due.status"]._compute_moves(self)

    @api.depends("dunning_next_date")
    def _compute_dunning_next_reason(self):
        self.env["dunning.due.status"]._compute_reasons(self)

    @api.depends("dunning_block_ids.lifted_date", "commercial_partner_id", "company_id")
    def _compute_dunning_current_block_ids(self):
        self.env["dunning.invoice"]._compute_current_blocks(self)

    def _search_is_dunning_blocked(self, operator, value):
        return self.env["dunning.invoice"]._search_blocked(operator, value)

    @api.depends("state", "dunning_choice", "dunning_program_id", "dunning_next_date")
    def _compute_dunning_explanation(self):
        self.env["dunning.invoice"]._compute_explanation(self)

    def _compute_dunning_history(self):
        self.env["dunning.invoice"]._compute_history(self)

    def _check_dunning(self):
        """Refuse who does not work with dunning: a client may call a public method on any ids."""
        self.check_access("read")
        self.env["dunning.reminder"].check_access("read")

    def get_dunning_next_step(self):
        """Return what the dunning page shows first: ``{"text": what comes next and why}``."""
        self._check_dunning()
        return {"text": self.dunning_explanation or ""}

    def get_dunning_history(self):
        """Return what the dunning page lists: current blocks and reminders, as texts."""
        self._check_dunning()
        return self.env["dunning.invoice"]._get_page(self)

    def action_dunning_remind(self):
        """Open the dialog that shows what is reminded now, and does it."""
        self._check_dunning()
        return self.env["dunning.remind"]._open(self)

    def action_dunning_test(self):
        """Open the dialog that sends a level's message to the user alone."""
        self._check_dunning()
        return self.env["dunning.trial"]._open(self)

    def action_dunning_simulate(self):
        """Show what the run of today would decide on these invoices."""
        self._check_dunning()
        return self.env["dunning.program"]._open_simulation(self.company_id, moves=self)

    def action_dunning_block(self):
        """Open the dialog that blocks the reminders of this invoice."""
        self._check_dunning()
        self.ensure_one()
        return self.env["dunning.invoice"]._get_block_action(move=self)

    def _is_kept_from_user(self, field):
        # issuing and crediting link invoices as the user, who may write them
        return not self.env["recurrence.template"]._is_engine() and super()._is_kept_from_user(
            field
        )

    @api.constrains("is_recurrence_template", "move_type", "name", "invoice_date", "auto_post")
    def _check_recurrence_template(self):
        self.env["recurrence.template"]._check_templates(self)

    @api.model_create_multi
    def create(self, vals_list):
        maker = self.env["recurrence.template.maker"]
        self.env["recurrence.template"]._check_create_vals(vals_list)
        vals_list, rules = maker._split_rules(vals_list)
        moves = super().create(vals_list)
        maker._create_schedules(moves, rules)
        return moves

    def write(self, vals):
        # what follows may say why not: to those alone who may write entries at all
        self.browse().check_access("write")
        template = self.env["recurrence.template"]
        template._check_write_vals(self, vals)
        if "is_move_sent" in vals:
            self._dunning_note_sent(bool(vals["is_move_sent"]))
        pending = template._get_pending_fiscal(self, vals)
        result = super().write(vals)
        template._follow_write(self, vals, pending)
        return result

    def _dunning_note_sent(self, sent):
        """Keep the day on which the customer first gets these invoices.

        What was sent before the day was kept has none: nobody knows it.
        """
        changed = self.filtered(lambda move: move.is_move_sent != sent).sudo()
        changed = changed.filtered(lambda move: bool(move.dunning_sent_date) != sent)
        for company, found in changed.grouped("company_id").items():
            day = company._get_job_today() if sent else False
            found.with_context(**PLAIN_WRITE).write({"dunning_sent_date": day})

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        return self.env["recurrence.template"]._clear_links(vals_list)

    def copy(self, default=None):
        """A copy of a template is the template of a further recurring invoice."""
        if not any(self.mapped("is_recurrence_template")):
            return super().copy(default)
        maker = self.env["recurrence.template.maker"]
        copies = self.browse()
        for move in self:
            is_template = move.is_recurrence_template
            copies += (
                maker._duplicate(move, default)
                if is_template
                else super(AccountMove, move).copy(default)
            )
        return copies

    @api.ondelete(at_uninstall=False)
    def _unlink_except_recurrence_template(self):
        self.env["recurrence.template"]._check_unlink(self)

    def unlink(self):
        if not self:
            return super().unlink()
        self.env["dunning.run.line"]._forget(self)
        fate = self.env["recurrence.invoice.fate"]
        lost, uncredited = fate._before_unlink(self)
        result = super().unlink()
        fate._after_unlink(lost, uncredited)
        return result

    def _post(self, soft=True):
        self.env["recurrence.template"]._refuse(self, self.env._("It cannot be posted."))
        posted = super()._post(soft=soft)
        self.env["dunning.due.status"]._realign(posted)
        return posted

    def button_cancel(self):
        self.env["recurrence.template"]._refuse(self, self.env._("It cannot be cancelled."))
        return super().button_cancel()

    def action_register_payment(self):
        self.env["recurrence.template"]._refuse(self, self.env._("It cannot be paid."))
        return super().action_register_payment()

    def action_send_and_print(self):
        self.env["recurrence.template"]._refuse(self, self.env._("It cannot be sent."))
        return super().action_send_and_print()

    def _cron_account_move_send(self, job_count=10):
        if self.env["recurrence.invoice.sending"]._send_others(job_count):
            return None
        return super()._cron_account_move_send(job_count)

    def _get_move_display_name(self, show_ref=False):
        if self.is_recurrence_template:
            return self.recurrence_schedule_id.name or self.env._("New Recurring Invoice")
        return super()._get_move_display_name(show_ref=show_ref)

    def _get_fields_to_copy_recurring_entries(self, values):
        values = super()._get_fields_to_copy_recurring_entries(values)
        return self.env["recurrence.invoice.values"]._add_uncopied_fields(self, values)

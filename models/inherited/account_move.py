from functools import partial

from odoo import api, fields, models

from ..common.access_groups import DUNNING_USERS, INVOICE_READERS
from ..common.bulk_write_mixin import PLAIN_WRITE
from ..common.client_action import notify
from ..common.engine_mark import is_engine


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = [
        "account.move",
        "recurrence.template.rule.mixin",
        "recurrence.dunning.system.field.mixin",
        "recurrence.dunning.value.bounds.mixin",
        "recurrence.dunning.bulk.write.mixin",
        "dunning.invoice.page.mixin",
        "dunning.invoice.ladder.mixin",
        "dunning.invoice.policy.mixin",
        "dunning.invoice.sentence.mixin",
        "dunning.invoice.claim.mixin",
        "recurrence.invoice.state.mixin",
        "recurrence.template.create.mixin",
        "dunning.invoice.status.mixin",
        "dunning.invoice.bulk.mixin",
        "recurrence.hidden.mixin",
        "recurrence.template.copy.mixin",
        "recurrence.invoice.sending.mixin",
        "recurrence.template.isolation.mixin",
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
        system=True,
        index="btree_not_null",
        ondelete="restrict",
        groups=INVOICE_READERS,
    )
    recurrence_occurrence_id = fields.Many2one(
        "recurrence.occurrence",
        string="Recurrence Date",
        readonly=True,
        copy=False,
        system=True,
        index="btree_not_null",
        ondelete="restrict",
        groups=INVOICE_READERS,
        prefetch="recurrence_dunning",
    )
    is_recurrence_replaced = fields.Boolean(
        string="Replaced",
        readonly=True,
        copy=False,
        system=True,
        help="Credited, and replaced by another invoice for the same date of the recurrence.",
        groups=INVOICE_READERS,
        prefetch="recurrence_dunning",
    )
    # --- dunning ---
    # What a biller says of the own invoice, and a recurring one passes on; the rest is dunning's.
    dunning_choice = fields.Selection(
        [("remind", "Remind"), ("never", "Do not remind")],
        copy=False,
        help=(
            "Leave empty to let the customer and company settings decide whether reminders "
            "are sent automatically for this invoice."
        ),
        groups=INVOICE_READERS,
        prefetch="recurrence_dunning",
    )
    dunning_program_id = fields.Many2one(
        "dunning.program",
        string="Dunning Program",
        copy=False,
        check_company=True,
        help="Leave empty to use the program of the customer or, failing that, of the company.",
        groups=INVOICE_READERS,
        prefetch="recurrence_dunning",
    )
    dunning_level = fields.Integer(
        compute="_compute_dunning_status",
        store=True,
        copy=False,
        system=True,
        help="The highest level of the due lines; 0 if none yet.",
        groups=DUNNING_USERS,
        prefetch="recurrence_dunning",
    )
    dunning_last_date = fields.Date(
        string="Last Reminder",
        compute="_compute_dunning_status",
        store=True,
        copy=False,
        system=True,
        help="The latest date among the due lines.",
        groups=DUNNING_USERS,
        prefetch="recurrence_dunning",
    )
    dunning_first_date = fields.Date(
        string="First Reminder",
        compute="_compute_dunning_status",
        store=True,
        copy=False,
        system=True,
        help="The earliest date among the due lines.",
        groups=DUNNING_USERS,
        prefetch="recurrence_dunning",
    )
    dunning_next_date = fields.Date(
        string="Next Reminder",
        compute="_compute_dunning_status",
        store=True,
        copy=False,
        system=True,
        groups=DUNNING_USERS,
        prefetch="recurrence_dunning",
    )
    dunning_reason = fields.Selection(
        lambda self: self.env["dunning.reason"]._get_selection(),
        string="Reminder Status",
        compute="_compute_dunning_status",
        store=True,
        copy=False,
        system=True,
        help="Why the next reminder is due when it is, or why there is none.",
        groups=DUNNING_USERS,
        prefetch="recurrence_dunning",
    )
    dunning_claim_ids = fields.One2many(
        "dunning.claim",
        "charge_move_id",
        string="Claims Booked",
        readonly=True,
        copy=False,
        help="Interest and fixed sums of other invoices that this one charges.",
        groups=DUNNING_USERS,
    )
    dunning_sent_date = fields.Date(
        string="First Sent",
        readonly=True,
        copy=False,
        system=True,
        groups=DUNNING_USERS,
        help=(
            "The day the customer first received it; unknown for invoices sent before dunning "
            "was installed."
        ),
        prefetch="recurrence_dunning",
    )
    dunning_next_reason = fields.Char(
        string="Why",
        compute="_compute_dunning_next_reason",
        help="The reason for the date, or why there is none.",
        groups=DUNNING_USERS,
    )
    dunning_include = fields.Boolean(
        string="Remind Automatically",
        compute="_compute_dunning_include",
        inverse="_inverse_dunning_include",
        help=(
            "If set here, it applies to this invoice; otherwise the customer and company "
            "settings decide."
        ),
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
        help="The next step for each due line, and the reason for it.",
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

    # as the condition stands in queries, else PostgreSQL reads all entries
    _recurrence_template_idx = models.Index("(id) WHERE is_recurrence_template IS TRUE")
    _recurrence_occurrence_uniq = models.UniqueIndex(
        "(recurrence_occurrence_id) WHERE recurrence_occurrence_id IS NOT NULL"
        " AND state != 'cancel' AND is_recurrence_replaced IS NOT TRUE",
        "An invoice has already been issued for this date of the recurrence.",
    )
    _recurrence_template_check = models.Constraint(
        "CHECK (is_recurrence_template IS NOT TRUE OR (state != 'posted'"
        " AND invoice_date IS NULL AND auto_post = 'no'))",
        "The template of a recurring invoice is neither dated nor posted.",
    )
    _recurrence_replaced_check = models.Constraint(
        "CHECK (is_recurrence_replaced IS NOT TRUE OR state = 'posted')",
        "Another invoice has replaced this one, so it must remain posted.",
    )
    _dunning_next_date_idx = models.Index("(dunning_next_date) WHERE dunning_next_date IS NOT NULL")
    _dunning_status_idx = models.Index("(commercial_partner_id) WHERE dunning_reason IS NOT NULL")

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        search = partial(super()._search, offset=offset, limit=limit, order=order, **kwargs)
        return self._recurrence_search(search, domain)

    def _inverse_dunning_include(self):
        for included, moves in self.grouped("dunning_include").items():
            moves._dunning_set_included(included)

    def _check_dunning(self):
        """Refuse who does not work with dunning: a client may call a public method on any ids."""
        self.check_access("read")
        self.env["dunning.reminder"].check_access("read")

    def get_dunning_next_step(self):
        """Return what the dunning page shows first, see ``_dunning_get_next_step``."""
        self._check_dunning()
        return self._dunning_get_next_step()

    def get_dunning_history(self):
        """Return what the dunning page lists: current blocks and reminders, as texts."""
        self._check_dunning()
        return self._dunning_get_page()

    def get_dunning_claim(self, as_of=None):
        """Return interest and fixed sum of an invoice as of a day, see ``_dunning_get_claim``."""
        self._check_dunning()
        return self._dunning_get_claim(as_of)

    def get_dunning_claim_page(self):
        """Return what the dunning page shows of it today, see ``_dunning_get_claim_page``."""
        self._check_dunning()
        return self._dunning_get_claim_page()

    def action_dunning_remind(self):
        """Open the dialog that shows what is reminded now, and does it."""
        self._check_dunning()
        return self.env["dunning.remind"]._open(self)

    def action_dunning_send(self):
        """Open Odoo's dialog that sends these invoices: never sent, never reminded (rule 10)."""
        self._check_dunning()
        return self.action_send_and_print()

    def action_dunning_include(self):
        """Have these invoices reminded automatically, whatever their date."""
        self._check_dunning()
        self.dunning_include = True
        names = ", ".join(self.mapped("name"))
        return notify(self.env._("Reminded automatically from now on: %(names)s", names=names))

    def action_dunning_test(self):
        """Open the dialog that sends a level's message to the user alone."""
        self._check_dunning()
        return self.env["dunning.test"]._open(self)

    def action_dunning_simulate(self):
        """Show what the run of today would decide on these invoices."""
        self._check_dunning()
        return self.env["dunning.program"]._open_simulation(self.company_id, moves=self)

    def action_dunning_block(self):
        """Open the dialog that blocks the reminders of this invoice."""
        self._check_dunning()
        self.ensure_one()
        return self.env["dunning.block"]._get_dialog(move=self)

    def _is_system_field_for_user(self, field):
        # issuing and crediting link invoices as the user, who may write them
        return not is_engine(self.env) and super()._is_system_field_for_user(field)

    @api.model_create_multi
    def create(self, vals_list):
        self._recurrence_check_create_vals(vals_list)
        vals_list, rules = self._recurrence_split_rules(vals_list)
        moves = super().create(vals_list)
        moves._recurrence_create_schedules(rules)
        return moves

    def write(self, vals):
        # what follows may say why not: to those alone who may write entries at all
        self.browse().check_access("write")
        self._recurrence_check_write_vals(vals)
        if "is_move_sent" in vals:
            self._dunning_note_sent(bool(vals["is_move_sent"]))
        pending = self._recurrence_get_pending_fiscal(vals)
        result = super().write(vals)
        self._recurrence_follow_write(vals, pending)
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
        return self._recurrence_clear_links(vals_list)

    def copy(self, default=None):
        """A copy of a template is the template of a further recurring invoice."""
        if not any(self.mapped("is_recurrence_template")):
            return super().copy(default)
        copies = self.browse()
        for move in self:
            is_template = move.is_recurrence_template
            copies += (
                move._recurrence_duplicate(default)
                if is_template
                else super(AccountMove, move).copy(default)
            )
        return copies

    def unlink(self):
        if not self:
            return super().unlink()
        self.env["dunning.run.line"]._untie_moves(self)
        lost, uncredited = self._recurrence_before_unlink()
        result = super().unlink()
        self._recurrence_after_unlink(lost, uncredited)
        return result

    def _post(self, soft=True):
        self._recurrence_refuse(self.env._("It cannot be posted."))
        posted = super()._post(soft=soft)
        posted._dunning_follow_due_dates()
        return posted

    def button_cancel(self):
        self._recurrence_refuse(self.env._("It cannot be cancelled."))
        return super().button_cancel()

    def action_register_payment(self):
        self._recurrence_refuse(self.env._("It cannot be paid."))
        return super().action_register_payment()

    def action_send_and_print(self):
        self._recurrence_refuse(self.env._("It cannot be sent."))
        return super().action_send_and_print()

    def _cron_account_move_send(self, job_count=10):
        if self._recurrence_send_others(job_count):
            return None
        return super()._cron_account_move_send(job_count)

    def _fetch_duplicate_reference(self, matching_states=("draft", "posted")):
        real = self.filtered(lambda move: not move.is_recurrence_template)
        fetch = super(AccountMove, real)._fetch_duplicate_reference
        return self._recurrence_leave_out_templates(fetch(matching_states))

    def _get_move_display_name(self, show_ref=False):
        if self.is_recurrence_template:
            return self.recurrence_schedule_id.name or self._recurrence_get_new_name()
        return super()._get_move_display_name(show_ref=show_ref)

    def _get_fields_to_copy_recurring_entries(self, values):
        values = super()._get_fields_to_copy_recurring_entries(values)
        return self._recurrence_add_uncopied_values(values)

from odoo import api, fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    tag_ids = fields.Many2many("account.move.tag", string="Invoice Tags", copy=False)

    # --- recurrence ---
    is_recurrence_template = fields.Boolean(
        string="Template of a Recurring Invoice", readonly=True, copy=False, default=False
    )
    recurrence_schedule_id = fields.Many2one(
        "recurrence.schedule",
        string="Recurrence",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    recurrence_occurrence_id = fields.Many2one(
        "recurrence.occurrence",
        string="Recurrence Date",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    # --- dunning ---
    dunning_choice = fields.Selection(
        [("remind", "Remind"), ("never", "Do not remind")],
        copy=False,
        help="Empty: customer and company decide whether this invoice is reminded automatically.",
    )
    dunning_program_id = fields.Many2one(
        "dunning.program",
        string="Dunning Program",
        copy=False,
        check_company=True,
        help="Empty: the program of the customer, else of the company.",
    )
    dunning_level = fields.Integer(
        readonly=True, copy=False, help="Highest level of the open due lines; 0: none yet."
    )
    dunning_last_date = fields.Date(
        string="Last Reminder", readonly=True, copy=False, help="Latest over the open due lines."
    )
    dunning_first_date = fields.Date(
        string="First Reminder", readonly=True, copy=False, help="Earliest over the open due lines."
    )
    dunning_next_date = fields.Date(string="Next Reminder", readonly=True, copy=False)
    dunning_include = fields.Boolean(
        string="Remind Automatically",
        compute="_compute_dunning_include",
        inverse="_inverse_dunning_include",
        help="Switched here, it holds for this invoice; else customer and company decide.",
    )
    dunning_effective_program_id = fields.Many2one(
        "dunning.program", string="Program", compute="_compute_dunning_include"
    )
    dunning_block_ids = fields.One2many("dunning.block", "move_id", string="Blocks")
    dunning_current_block_ids = fields.Many2many(
        "dunning.block", string="Blocked by", compute="_compute_dunning_current_block_ids"
    )
    is_dunning_blocked = fields.Boolean(
        string="Reminders Blocked", search="_search_is_dunning_blocked", store=False
    )

    _recurrence_template_idx = models.Index("(recurrence_schedule_id) WHERE is_recurrence_template")
    _dunning_next_date_idx = models.Index("(dunning_next_date) WHERE dunning_next_date IS NOT NULL")

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

    @api.depends("dunning_block_ids.lifted_date", "commercial_partner_id", "company_id")
    def _compute_dunning_current_block_ids(self):
        self.env["dunning.invoice"]._compute_current_blocks(self)

    def _search_is_dunning_blocked(self, operator, value):
        return self.env["dunning.invoice"]._search_blocked(operator, value)

    def action_dunning_block(self):
        """Open the dialog that blocks the reminders of this invoice."""
        self.ensure_one()
        return self.env["dunning.invoice"]._get_block_action(move=self)

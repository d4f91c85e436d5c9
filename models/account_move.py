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

    _recurrence_template_idx = models.Index("(recurrence_schedule_id) WHERE is_recurrence_template")
    _dunning_next_date_idx = models.Index("(dunning_next_date) WHERE dunning_next_date IS NOT NULL")

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        domain = self.env["recurrence.template"]._without_templates(self, domain)
        return super()._search(domain, offset=offset, limit=limit, order=order, **kwargs)

from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _name = "res.config.settings"
    _inherit = ["res.config.settings", "recurrence.dunning.value.bounds.mixin"]

    recurrence_dunning_tz = fields.Selection(
        related="company_id.recurrence_dunning_tz", readonly=False
    )

    recurrence_user_id = fields.Many2one(related="company_id.recurrence_user_id", readonly=False)
    recurrence_horizon_months = fields.Integer(
        related="company_id.recurrence_horizon_months", readonly=False
    )
    recurrence_ending_days = fields.Integer(
        related="company_id.recurrence_ending_days", readonly=False
    )
    recurrence_renewal_days = fields.Integer(
        related="company_id.recurrence_renewal_days", readonly=False
    )
    recurrence_invoice_limit = fields.Integer(
        related="company_id.recurrence_invoice_limit", readonly=False
    )
    recurrence_fiscal_change = fields.Selection(
        related="company_id.recurrence_fiscal_change", readonly=False
    )
    recurrence_stopped = fields.Selection(related="company_id.recurrence_stopped", readonly=False)
    recurrence_activity_limit = fields.Integer(
        related="company_id.recurrence_activity_limit", readonly=False
    )
    recurrence_weekend = fields.Selection(related="company_id.recurrence_weekend", readonly=False)
    recurrence_public_holidays = fields.Boolean(
        related="company_id.recurrence_public_holidays", readonly=False
    )

    dunning_active = fields.Boolean(related="company_id.dunning_active", readonly=False)
    dunning_scope = fields.Selection(related="company_id.dunning_scope", readonly=False)
    dunning_activation_date = fields.Date(
        related="company_id.dunning_activation_date", readonly=False
    )
    dunning_program_id = fields.Many2one(related="company_id.dunning_program_id", readonly=False)
    dunning_contact_gap = fields.Integer(related="company_id.dunning_contact_gap", readonly=False)
    dunning_skip_unsent = fields.Boolean(related="company_id.dunning_skip_unsent", readonly=False)
    dunning_grace_days = fields.Integer(related="company_id.dunning_grace_days", readonly=False)
    dunning_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency of the Company"
    )
    dunning_min_amount = fields.Monetary(
        related="company_id.dunning_min_amount",
        currency_field="dunning_currency_id",
        readonly=False,
    )
    dunning_bank_days = fields.Integer(related="company_id.dunning_bank_days", readonly=False)
    dunning_send_delay = fields.Integer(related="company_id.dunning_send_delay", readonly=False)
    dunning_reply_days = fields.Integer(related="company_id.dunning_reply_days", readonly=False)
    dunning_last_level_days = fields.Integer(
        related="company_id.dunning_last_level_days", readonly=False
    )
    dunning_thanks = fields.Boolean(related="company_id.dunning_thanks", readonly=False)
    dunning_alias_id = fields.Many2one(related="company_id.dunning_alias_id")
    dunning_alias_name = fields.Char(
        related="company_id.dunning_alias_id.alias_name",
        string="Name of the Reply Address",
        readonly=False,
    )
    dunning_alias_domain = fields.Char(
        related="company_id.alias_domain_id.name", string="Domain of the Reply Address"
    )
    dunning_enclosure_mb = fields.Integer(related="company_id.dunning_enclosure_mb", readonly=False)
    dunning_document_warning = fields.Text(compute="_compute_dunning_document_warning")
    dunning_sender_problem = fields.Char(
        related="dunning_program_id.sender_problem", string="Problem of the Sender"
    )
    dunning_page = fields.Boolean(related="company_id.dunning_page", readonly=False)
    dunning_page_days = fields.Integer(related="company_id.dunning_page_days", readonly=False)
    dunning_sender = fields.Selection(
        lambda self: self.env["dunning.program"]._fields["sender"]._description_selection(self.env),
        string="Sender",
        compute="_compute_dunning_sender",
        inverse="_inverse_dunning_sender",
        compute_sudo=True,
    )
    dunning_sender_user_id = fields.Many2one(
        "res.users",
        string="Sender User",
        compute="_compute_dunning_sender",
        inverse="_inverse_dunning_sender",
        compute_sudo=True,
    )
    dunning_is_copy = fields.Boolean(compute="_compute_dunning_is_copy")
    dunning_held_count = fields.Integer(compute="_compute_dunning_held_count")
    recurrence_job_problem = fields.Text(compute="_compute_job_problems")
    dunning_job_problem = fields.Text(compute="_compute_job_problems")

    @api.depends("dunning_program_id")
    def _compute_dunning_sender(self):
        for settings in self:
            program = settings.dunning_program_id
            settings.dunning_sender = program.sender
            settings.dunning_sender_user_id = program.sender_user_id

    def _inverse_dunning_sender(self):
        for settings in self:
            # who may change the settings of the company may change its default program here
            program = settings.dunning_program_id.sudo()
            values = {
                "sender": settings.dunning_sender,
                "sender_user_id": settings.dunning_sender_user_id.id,
            }
            changed = program.sender, program.sender_user_id.id
            if program and settings.dunning_sender and changed != tuple(values.values()):
                program.write(values)

    @api.depends("company_id")
    def _compute_dunning_is_copy(self):
        for settings in self:
            company = settings.company_id
            settings.dunning_is_copy = company._is_job_copy()

    @api.depends("company_id")
    def _compute_dunning_held_count(self):
        for settings in self:
            held = self.env["dunning.reminder"].sudo()._get_held(settings.company_id)
            settings.dunning_held_count = len(held)

    @api.depends("company_id")
    def _compute_job_problems(self):
        for settings in self:
            company = settings.company_id
            settings.recurrence_job_problem = company._get_recurrence_job_problem()
            settings.dunning_job_problem = company._get_dunning_job_problem()

    @api.depends("company_id")
    @api.depends_context("lang")
    def _compute_dunning_document_warning(self):
        for settings in self:
            gaps = settings.company_id._dunning_get_document_gaps()
            settings.dunning_document_warning = "\n".join(gaps)

    def action_dunning_send_held(self):
        """Let the reminders leave that waited while dunning was switched off."""
        self.check_access("write")
        self.env["dunning.reminder"].sudo()._get_held(self.company_id)._release()
        return {"type": "ir.actions.client", "tag": "reload"}

    def action_dunning_cancel_held(self):
        """Cancel the reminders that waited while dunning was switched off."""
        self.check_access("write")
        held = self.env["dunning.reminder"].sudo()._get_held(self.company_id)
        held._drop(self.env._("Cancelled by %(user)s", user=self.env.user.name))
        return {"type": "ir.actions.client", "tag": "reload"}

    def action_open_dunning_held(self):
        """Open the reminders that waited while dunning was switched off."""
        self.check_access("write")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_recurrence_dunning.dunning_reminder_action"
        )
        held = self.env["dunning.reminder"]._get_held(self.company_id)
        return {**action, "domain": [("id", "in", held.ids)], "context": {}}

    def action_dunning_confirm_move(self):
        """Let recurrences and programs go on in this database: it was moved, it is no copy."""
        self.check_access("write")
        self.company_id.action_dunning_confirm_move()
        return True

    def action_dunning_simulate(self):
        """Show what the company's programs would remind today, without sending anything."""
        self.check_access("write")
        return self.env["dunning.program"]._open_simulation(self.company_id)

    def action_open_dunning_program(self):
        """Open the company's default program."""
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "res_model": "dunning.program",
            "res_id": self.company_id.dunning_program_id.id,
            "views": [(False, "form")],
        }

    def action_open_dunning_journals(self):
        """Open the journals of the company that money comes in on, to mark the bank feeds."""
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Journals with a Bank Feed"),
            "res_model": "account.journal",
            "view_mode": "list,form",
            "views": [
                (
                    self.env.ref("account_recurrence_dunning.account_journal_view_list_feed").id,
                    "list",
                ),
                (False, "form"),
            ],
            "domain": [
                ("company_id", "=", self.company_id.id),
                ("type", "in", ("bank", "cash", "credit")),
            ],
        }

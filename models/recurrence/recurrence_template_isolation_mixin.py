from odoo import api, models
from odoo.exceptions import UserError

from ..common.engine_mark import as_engine, is_engine

LINK_FIELDS = (
    "is_recurrence_template",
    "recurrence_schedule_id",
    "recurrence_occurrence_id",
    "is_recurrence_replaced",
)
# What, written on a template, changes what its invoices bill.
COMPOSING_FIELDS = {
    "currency_id",
    "fiscal_position_id",
    "invoice_line_ids",
    "line_ids",
    "partner_id",
    "partner_shipping_id",
}


class RecurrenceTemplateIsolationMixin(models.AbstractModel):
    """What keeps the templates of recurring invoices apart from real invoices."""

    _name = "recurrence.template.isolation.mixin"
    _description = "Isolation of Recurring Invoice Templates"

    # --- hiding ---

    # --- guarding ---

    def _recurrence_refuse(self, sentence):
        """Raise when one of the moves is a template.

        :param sentence: what cannot be done, translated, ending with a full stop
        """
        template = self.filtered("is_recurrence_template")[:1]
        if template and not is_engine(self.env):
            raise UserError(
                self.env._(
                    "%(sentence)s This is the template of the recurring invoice %(name)s: its "
                    "invoices are issued from the recurrence.",
                    sentence=sentence,
                    name=template.recurrence_schedule_id.name or template.partner_id.name or "",
                )
            )

    @api.model
    def _recurrence_check_create_vals(self, vals_list):
        """Refuse invoices that pretend to come from a recurrence."""
        if is_engine(self.env):
            return
        for vals in vals_list:
            if any(vals.get(name) for name in LINK_FIELDS[1:]):
                raise UserError(
                    self.env._(
                        "An invoice is linked to its recurrence only when it is issued from it."
                    )
                )

    def _recurrence_check_write_vals(self, vals):
        """Refuse what would turn an invoice into a template, or a template into an invoice."""
        if is_engine(self.env):
            return
        if "state" in vals:
            self._recurrence_before_state(vals["state"])
        credits_replaced = "reversed_entry_id" in vals and self.sudo().filtered(
            "reversed_entry_id.is_recurrence_replaced"
        )
        if credits_replaced or any(name in vals for name in LINK_FIELDS):
            raise UserError(
                self.env._(
                    "The link between an invoice and a recurrence cannot be edited. Use “Make "
                    "recurring” on the invoice instead."
                )
            )
        if {"currency_id", "journal_id", "move_type"} & vals.keys():
            self._recurrence_check_running_money(self.filtered("is_recurrence_template"), vals)
        if vals.get("auto_post", "no") not in ("no", "at_date"):
            self._recurrence_check_not_issued()
        if {"state", "name", "invoice_date", "auto_post"} & vals.keys():
            if self.filtered("is_recurrence_template"):
                self._recurrence_check_template_vals(vals)

    @api.model
    def _recurrence_check_running_money(self, templates, vals):
        """Refuse another currency, company or kind: figures would stay and mean something else."""
        journal = self.env["account.journal"].browse(vals.get("journal_id"))
        for template in templates:
            schedule = template.recurrence_schedule_id
            currency = vals.get("currency_id") or journal.currency_id.id or template.currency_id.id
            company = journal.company_id or template.company_id
            if schedule.state not in ("running", "paused"):
                continue
            if vals.get("move_type", template.move_type) != template.move_type:
                raise UserError(
                    self.env._(
                        "%(name)s is running. Finish it and create a new recurrence for another "
                        "kind of document.",
                        name=schedule.name,
                    )
                )
            if currency == template.currency_id.id and company == template.company_id:
                continue
            raise UserError(
                self.env._(
                    "%(name)s is running in %(currency)s for %(company)s. Finish it and create a "
                    "new recurring invoice for a different currency or company.",
                    name=schedule.name,
                    currency=template.currency_id.name,
                    company=template.company_id.name,
                )
            )

    def _recurrence_check_not_issued(self):
        schedules = self.sudo().recurrence_schedule_id
        if schedules and not self.filtered("is_recurrence_template"):
            raise UserError(
                self.env._(
                    "This invoice is already repeated by %(names)s. With “Auto-post” as well, "
                    "the customer would be billed twice.",
                    names=", ".join(schedules.mapped("name")),
                )
            )

    @api.model
    def _recurrence_check_template_vals(self, vals):
        problem = False
        if vals.get("state", "draft") != "draft":
            problem = self.env._("It cannot be posted or cancelled.")
        elif vals.get("name") not in (None, False, "", "/"):
            problem = self.env._("It has no number.")
        elif vals.get("invoice_date"):
            problem = self.env._("It has no invoice date: each invoice gets its own.")
        elif vals.get("auto_post", "no") != "no":
            problem = self.env._("It is not posted automatically: the recurrence does that.")
        if problem:
            raise UserError(
                self.env._(
                    "This is the template of a recurring invoice. %(problem)s", problem=problem
                )
            )

    @api.constrains("is_recurrence_template", "name", "invoice_date", "auto_post")
    def _check_recurrence_template(self):
        """Refuse what became an invoice although it is a template, by whatever default."""
        if is_engine(self.env):
            return
        for move in self.filtered("is_recurrence_template"):
            names = ("name", "invoice_date", "auto_post")
            # cancelled it may be: by the removal of this addon
            state = "draft" if move.state == "cancel" else move.state
            self._recurrence_check_template_vals(
                {"state": state, **{name: move[name] for name in names}}
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_recurrence_template(self):
        used = self.filtered("is_recurrence_template").sudo().recurrence_schedule_id
        if used and not is_engine(self.env):
            raise UserError(
                self.env._(
                    "The recurring invoice %(names)s is based on this template. Finish or "
                    "delete the recurrence instead.",
                    names=", ".join(used.mapped("name")),
                )
            )

    # --- keeping in step ---

    def _recurrence_get_pending_fiscal(self, vals):
        """Return what differs from the templates before something is written on them.

        :return: dict schedule → set of items, see ``recurrence.schedule.fiscal.mixin``; empty where
            nothing is written that could change it
        """
        if is_engine(self.env) or not COMPOSING_FIELDS & vals.keys():
            return {}
        schedules = self.filtered("is_recurrence_template").recurrence_schedule_id
        changes = schedules._get_fiscal_changes() if schedules else {}
        return {s: set(changes[s].items) if s in changes else set() for s in schedules}

    def _recurrence_follow_write(self, vals, pending):
        """Keep schedule and occurrences in step with what was written on invoices."""
        if "partner_id" in vals and not is_engine(self.env):
            for template in self.filtered("is_recurrence_template"):
                template._recurrence_follow_partner()
        if "move_type" in vals:
            self.sudo().recurrence_schedule_id._compute_document_type()
        if {"state", "is_recurrence_replaced"} & vals.keys():
            self._recurrence_follow_live()
        for schedule, items in pending.items():
            if schedule.state in ("running", "paused"):
                schedule._check_template()
            schedule._accept_fiscal(items)
            schedule._refresh_expected()
        if "state" in vals:
            self._recurrence_follow_state(vals["state"])
            if vals["state"] == "cancel":
                self._recurrence_get_dates().schedule_id._refresh_once()

    def _recurrence_follow_lines(self):
        """Refuse what is written on lines alone and leaves a running template without a bill.

        Lines written with their invoice are looked at with it.
        """
        within = ("skip_account_move_synchronization", "skip_invoice_sync")
        if is_engine(self.env) or any(map(self.env.context.get, within)):
            return
        for template in self.filtered("is_recurrence_template"):
            schedule = template.sudo().recurrence_schedule_id
            if schedule.state in ("running", "paused"):
                schedule._check_template()
                schedule._refresh_expected()

    def _recurrence_follow_partner(self):
        schedule = self.recurrence_schedule_id
        if not schedule or schedule.partner_id == self.partner_id:
            return
        schedule.partner_id = self.partner_id
        self._recurrence_mark_customer(self.partner_id)

    @api.model
    def _recurrence_clear_links(self, vals_list):
        """A copy is an ordinary invoice, also where the context would make it a template."""
        if not is_engine(self.env):
            for vals in vals_list:
                if vals is not None:
                    vals["is_recurrence_template"] = False
        return vals_list

    # --- end of life ---

    @api.model
    def _recurrence_cancel_all_templates(self):
        """Cancel every template, of all companies; called before the addon is removed."""
        templates = self.env["account.move"].sudo().search([("is_recurrence_template", "=", True)])
        drafts = templates.filtered(lambda move: move.state == "draft")
        as_engine(drafts).write({"state": "cancel"})

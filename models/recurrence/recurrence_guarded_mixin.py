from odoo import api, models
from odoo.exceptions import RedirectWarning, UserError
from odoo.fields import Domain

# Where a template uses a record otherwise than by a stored relation of its own.
OTHER_USES = {
    "account.tax": ("line_ids.tax_ids.children_tax_ids",),
    "product.template": ("line_ids.product_id.product_tmpl_id",),
    "account.analytic.account": ("line_ids.distribution_analytic_account_ids",),
}
RELATIONS = ("many2one", "many2many")
NAMED_SCHEDULES = 10


class RecurrenceGuardedMixin(models.AbstractModel):
    """What a running recurring invoice may use, and is therefore asked about before it goes.

    Every relation of ``account.move`` and its lines leads to a model that inherits from this, or
    to one that a test lists with the reason why not.
    """

    _name = "recurrence.guarded.mixin"
    _description = "Used by Recurring Invoices"

    # Whether Odoo lets such a record be deleted although invoices use it.
    _recurrence_can_go = False

    def write(self, vals):
        self._recurrence_check_write(vals)
        return super().write(vals)

    def action_archive(self):
        self._recurrence_ask("archive")
        answer = super().action_archive()
        return True if answer is None else answer  # XML-RPC knows no None

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used_by_recurrence(self):
        if self._recurrence_can_go:
            self._recurrence_ask("delete")
        self._recurrence_check_unused()

    # === WHAT USES IT === #

    def _recurrence_check_write(self, vals):
        """Refuse to archive what a running schedule uses."""
        if "active" in vals and not vals["active"]:
            # the refusal names schedules: not for who could not archive the record anyway
            self.check_access("write")
            self.filtered("active")._recurrence_check_unused()

    def _recurrence_check_unused(self):
        """Refuse to archive or delete what a running schedule uses, naming the schedules.

        Scripts that mean it pass ``recurrence_archive_anyway`` in the context.

        :raise UserError: with the schedules and what to do
        """
        if not self or self.env.context.get("recurrence_archive_anyway"):
            return
        schedules = self._recurrence_get_schedules()
        if schedules:
            raise UserError(self._recurrence_get_use_message(schedules))

    def _recurrence_ask(self, operation):
        """Ask before what a running schedule uses is archived or deleted, and offer to do it.

        :param operation: "archive" or "delete"
        :raise RedirectWarning: with the schedules, and a button that leads to doing it anyway
        """
        if not self or self.env.context.get("recurrence_archive_anyway"):
            return
        # the question names schedules: not for who could not do it anyway
        self.check_access("write" if operation == "archive" else "unlink")
        schedules = self._recurrence_get_schedules()
        if not schedules:
            return
        if operation == "archive":
            title, button = self.env._("Archive"), self.env._("Archive Anyway…")
        else:
            title, button = self.env._("Delete"), self.env._("Delete Anyway…")
        message = self._recurrence_get_use_message(schedules)
        dialog = {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "recurrence.guard.anyway",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_res_model": self._name,
                "default_res_ids": self.ids,
                "default_operation": operation,
                "default_message": message,
            },
        }
        raise RedirectWarning(message, dialog, button)

    def _recurrence_get_use_message(self, schedules):
        names = [f"- {schedule.name}" for schedule in schedules[:NAMED_SCHEDULES]]
        if len(schedules) > NAMED_SCHEDULES:
            more = len(schedules) - NAMED_SCHEDULES
            names.append(self.env._("- and %(count)s more", count=more))
        return self.env._(
            "%(record)s is used by running recurrences:\n%(names)s\n\n"
            "Change their templates or finish them first.",
            record=", ".join(self[:3].sudo().mapped("display_name")),
            names="\n".join(names),
        )

    def _recurrence_get_schedules(self):
        """Return the running and paused schedules that use one of the records, of any company."""
        templates = self.env["account.move"].sudo().with_context(with_recurrence_templates=True)
        used = Domain.OR(
            Domain(path, "in", self.ids) for path in self._recurrence_get_uses(self._name)
        )
        domain = Domain("is_recurrence_template", "=", True) & used
        found = templates.with_context(active_test=False).search(domain).recurrence_schedule_id
        found = found.filtered(lambda schedule: schedule.state in ("running", "paused"))
        return found.with_context(with_recurrence_templates=False)

    @api.model
    def _recurrence_get_uses(self, model):
        """Return the paths on which a template leads to records of a model."""
        paths = list(OTHER_USES.get(model, ()))
        for owner, prefix in (("account.move", ""), ("account.move.line", "line_ids.")):
            paths += [
                f"{prefix}{name}"
                for name, field in self.env[owner]._fields.items()
                if field.type in RELATIONS
                and field.comodel_name == model
                and field.store
                and not field.related
            ]
        return paths

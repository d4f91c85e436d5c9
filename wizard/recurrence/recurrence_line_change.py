from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ...models.common.client_action import notify


class RecurrenceLineChange(models.TransientModel):
    """Changes, ends or adds lines of a recurring invoice from a day on, shown first."""

    _name = "recurrence.line.change"
    _description = "Change Lines of a Recurring Invoice"
    _inherit = "recurrence.dunning.own.record.mixin"
    _dialog_about = ("schedule_id",)

    schedule_id = fields.Many2one("recurrence.schedule", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="schedule_id.company_id", related_sudo=False)
    template_move_id = fields.Many2one(related="schedule_id.template_move_id", related_sudo=False)
    currency_id = fields.Many2one(related="template_move_id.currency_id")
    date = fields.Date(
        string="From",
        required=True,
        help=(
            "The first day with the new lines. At first the day after what is billed already. "
            "With an earlier one, what was billed ahead is credited and billed anew."
        ),
    )
    line_ids = fields.One2many("recurrence.line.change.line", "change_id", string="Lines")
    problem = fields.Text(compute="_compute_correction")
    corrections = fields.Html(compute="_compute_correction", sanitize=False)
    correction_kind = fields.Selection(
        [("none", "None"), ("more", "More Is Billed"), ("less", "Less Is Billed")],
        compute="_compute_correction",
    )
    correction_totals = fields.Binary(compute="_compute_correction", exportable=False)

    @api.model
    def default_get(self, fields):
        defaults = super().default_get(fields)
        schedule = self.env["recurrence.schedule"].browse(defaults.get("schedule_id")).exists()
        if schedule:
            schedule.check_access("read")
            defaults.setdefault("date", schedule._get_first_unbilled())
            today = schedule.company_id._get_job_today()
            defaults["line_ids"] = [
                Command.create(self._prepare_line(line))
                for line in schedule.template_move_id.invoice_line_ids
                if line.display_type == "product"
                and not line.recurrence_billing
                and not (line.recurrence_until and line.recurrence_until < today)
            ]
        return defaults

    @api.model
    def _prepare_line(self, line):
        return {
            "template_line_id": line.id,
            "product_id": line.product_id.id,
            "name": line._recurrence_get_name(),
            "quantity": line.quantity,
            "price_unit": line.price_unit,
        }

    @api.depends(
        "schedule_id",
        "date",
        "line_ids.name",
        "line_ids.product_id",
        "line_ids.quantity",
        "line_ids.price_unit",
        "line_ids.tax_ids",
    )
    def _compute_correction(self):
        """Show what was billed ahead and is billed otherwise, and what the correction comes to."""
        for dialog in self:
            dialog.update(
                {
                    "problem": False,
                    "corrections": False,
                    "correction_kind": "none",
                    "correction_totals": False,
                }
            )
            schedule = dialog.schedule_id
            if not (schedule.template_move_id and dialog.date):
                continue
            try:
                changes = dialog._get_changes()
                found = changes and schedule._get_corrections(dialog.date, changes)
                vals = found and schedule._prepare_correction(found)
            except UserError as error:
                dialog.problem = str(error)
                continue
            if vals:
                for _command, _id, line_vals in vals["invoice_line_ids"]:
                    line_vals.pop("change", None)
                move = self.env["account.move"].new(vals)
                kind = dialog.schedule_id.template_move_id.move_type
                dialog.correction_kind = "more" if vals["move_type"] == kind else "less"
                dialog.correction_totals = move.tax_totals
                dialog.corrections = dialog._render_corrections(found)

    def _render_corrections(self, corrections):
        currency = self.currency_id
        return self.env["ir.qweb"]._render(
            "account_recurrence_dunning.recurrence_line_corrections",
            {
                "rows": [
                    {
                        "invoice": correction.occurrence.move_id.name,
                        "line": correction.change.line._recurrence_get_name()
                        if correction.change.line
                        else correction.change.values["name"],
                        "start": format_date(self.env, correction.start),
                        "end": format_date(self.env, correction.end),
                        "credit": currency.format(-correction.credit or 0.0),
                        "billed": currency.format(correction.billed),
                    }
                    for correction in corrections
                ]
            },
        )

    def _get_changes(self):
        """Return what was changed here, as ``recurrence.schedule._change_lines`` takes it."""
        changes = [line._get_change() for line in self.line_ids]
        return [change for change in changes if change]

    def action_confirm(self):
        """Change the lines; where something was billed ahead, open the draft that corrects it."""
        self._check_dialog()
        self.ensure_one()
        changes = self._get_changes()
        if not changes:
            raise UserError(self.env._("Nothing was changed: enter a new quantity or price."))
        move = self.schedule_id._change_lines(self.date, changes)
        if move:
            return self.env["recurrence.occurrence.issue"]._get_move_action(move)
        return notify(
            self.env._("The lines change on %(date)s.", date=format_date(self.env, self.date))
        )

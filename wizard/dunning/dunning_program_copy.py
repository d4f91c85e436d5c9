from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...models.common.client_action import CLOSE, notify, open_dialog


class DunningProgramCopy(models.TransientModel):
    """Copies a program to another company of the user's."""

    _name = "dunning.program.copy"
    _description = "Copy of a Program to a Company"
    _inherit = "recurrence.dunning.own.record.mixin"

    program_id = fields.Many2one(
        "dunning.program", required=True, readonly=True, ondelete="cascade"
    )
    allowed_company_ids = fields.Many2many("res.company", compute="_compute_allowed_company_ids")
    shown_company_ids = fields.Many2many(
        "res.company", readonly=True, help="The companies selected on the screen."
    )
    company_id = fields.Many2one(
        "res.company",
        string="To Company",
        required=True,
        domain="[('id', 'in', allowed_company_ids)]",
    )

    @api.depends("program_id")
    def _compute_allowed_company_ids(self):
        for copy in self:
            copy.allowed_company_ids = self.env.user.company_ids - copy.program_id.company_id

    @api.model
    def _open(self, program):
        """Return the dialog for a program."""
        program.ensure_one()
        program.check_access("write")
        companies = self.env.user.company_ids
        others = companies - program.company_id
        if not others:
            raise UserError(self.env._("You have no access to any other company to copy it to."))
        shown = [Command.set(self.env.companies.ids)]
        # only companies that are ticked can be read, unless the dialog asks for all of the user's
        context = {"allowed_company_ids": companies.ids}
        copy = self.with_context(**context).create(
            {"program_id": program.id, "company_id": others[0].id, "shown_company_ids": shown}
        )
        return open_dialog(copy, self.env._("Copy to company"), context=context)

    def action_copy(self):
        """Make the copy and open it, or say where it is."""
        self._check_dialog()
        self.ensure_one()
        company = self.company_id
        if company not in self.env.user.company_ids:
            raise UserError(self.env._("You have no access to %(company)s.", company=company.name))
        self.program_id.check_access("write")
        allowed = (self.env.companies | company).ids
        program = (
            self.program_id.with_env(
                self.env["dunning.program"].with_context(allowed_company_ids=allowed).env
            )
            .with_context(allowed_company_ids=allowed)
            ._copy_to_company(
                company,
            )
        )
        if company in (self.shown_company_ids or self.env.companies):
            return {
                "type": "ir.actions.act_window",
                "res_model": "dunning.program",
                "res_id": program.id,
                "views": [(False, "form")],
            }
        return notify(
            self.env._(
                "%(program)s was copied to %(company)s: switch to that company to see it.",
                program=program.name,
                company=company.name,
            ),
            then=CLOSE,
        )

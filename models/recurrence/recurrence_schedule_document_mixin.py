from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...tools.recurrence.document import DOCUMENTS


class RecurrenceScheduleDocumentMixin(models.AbstractModel):
    """Which document a recurrence creates, and what that can be asked to do (R13)."""

    _name = "recurrence.schedule.document.mixin"
    _description = "Document of a Recurrence"

    target = fields.Selection([("interaction", "Interaction"), ("invoice", "Invoice")])
    template_move_id = fields.Many2one("account.move", string="Template")
    document_type = fields.Selection(
        selection="_get_document_types",
        string="Document",
        compute="_compute_document_type",
        compute_sudo=True,
        store=True,
        index=True,
    )

    @api.model
    def _get_document_types(self):
        return self.env["account.move"]._fields["move_type"]._description_selection(self.env)

    # not after each change of a type: Odoo would look from every invoice for recurrences
    @api.depends("template_move_id")
    def _compute_document_type(self):
        for schedule in self:
            schedule.document_type = schedule.template_move_id.move_type

    def _get_document_kind(self):
        """Return the name of the kind of what is issued, or False for an interaction.

        Before there is a template it is an invoice.
        """
        if self.target != "invoice":
            return False
        return self.template_move_id.sudo().move_type or "out_invoice"

    def _get_document(self):
        """Return the kind of what is issued, a ``Document``; of an interaction that of invoices."""
        return DOCUMENTS[self._get_document_kind() or "out_invoice"]

    @api.constrains(
        "invoice_mode", "price_source", "proration", "price_clause_id", "template_move_id"
    )
    def _check_document(self):
        for schedule in self:
            problem = schedule._get_document_problem()
            if problem:
                raise ValidationError(problem)

    def _check_lines_change(self):
        """Refuse to change lines of a journal entry one by one: it would not balance."""
        if self._get_document().is_entry:
            raise UserError(
                self.env._(
                    "The lines of a journal entry must balance: change them on the template of "
                    "%(name)s.",
                    name=self.name,
                )
            )

    def _get_document_problem(self):
        """Return what is asked of a kind of document that it cannot do, or False."""
        document = self._get_document()
        lines = self.template_move_id.sudo().line_ids
        if not document.is_sale and self.invoice_mode == "send":
            return self.env._(
                "Only what customers get can be sent: choose “Post” or “Create a draft” for "
                "%(name)s.",
                name=self.name,
            )
        if not document.is_sale and self.price_source == "pricelist":
            return self.env._("Price lists are for customers: choose other prices.")
        if self.price_clause_id and (document.side, document.flow) != ("sale", 1):
            return self.env._("Price clauses are for invoices to customers.")
        if not document.is_entry:
            return False
        if self.proration != "whole" or lines.filtered_domain(lines._recurrence_get_terms_domain()):
            return self.env._(
                "A journal entry must balance: each date of %(name)s creates the whole entry.",
                name=self.name,
            )
        if self.price_source != "template":
            return self.env._("The amounts of a journal entry are those of the template.")
        return False

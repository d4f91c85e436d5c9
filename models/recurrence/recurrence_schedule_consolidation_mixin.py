from odoo import api, fields, models

from ...tools.recurrence.consolidated import find_differences
from ..common.access_groups import INVOICE_READERS

# What the recurrences on one invoice have in common, beside what stands at its head.
COMMON_FIELDS = ("invoice_mode", "lead_days", "user_id")
# Modes in which the days before the date say when the invoice is made.
EARLY_MODES = ("confirm", "draft")
# The part of the head that is looked at before there is an invoice.
COMMON_HEAD = ("partner_id", "currency_id", "journal_id", "move_type")
# More of a customer's recurrences than these are not compared on the screen.
MOST_COMPARED = 40


class RecurrenceScheduleConsolidationMixin(models.AbstractModel):
    """Whether the dates of several recurrences of a customer become one invoice (R14)."""

    _name = "recurrence.schedule.consolidation.mixin"
    _description = "Consolidated Invoices of a Recurrence"

    template_move_id = fields.Many2one("account.move", string="Template")
    consolidation = fields.Selection(
        [("yes", "On one invoice with others"), ("no", "On an invoice of its own")],
        string="Consolidated Invoice",
        tracking=True,
        help=(
            "On one invoice with the customer's other recurrences of the same day, where customer, "
            "currency, payment terms, journal and all else at the head of the invoice are the "
            "same. Empty: as set on the customer."
        ),
    )
    consolidation_text = fields.Text(
        string="Consolidated With",
        compute="_compute_consolidation_text",
        compute_sudo=True,
        groups=INVOICE_READERS,
    )

    def _is_consolidated(self):
        """Whether the invoices of one schedule are to be those of others too."""
        self.ensure_one()
        template = self.sudo().template_move_id
        if self.target != "invoice" or not template or not self._get_document().is_sale:
            return False
        customer = template.commercial_partner_id.with_company(self.company_id)
        choice = self.consolidation or (customer.recurrence_consolidation and "yes")
        return choice == "yes"

    def _get_consolidation_key(self):
        """Return what one schedule has in common with those on its invoice, or None."""
        if not self._is_consolidated():
            return None
        template = self.sudo().template_move_id
        return (
            self.company_id,
            *self._get_consolidation_terms().values(),
            *(template[name] for name in COMMON_HEAD),
        )

    def _get_consolidation_terms(self):
        """Return dict name → what one schedule says of how its invoices are made."""
        terms = {name: self[name] for name in COMMON_FIELDS}
        if self.invoice_mode not in EARLY_MODES:
            terms["lead_days"] = 0
        return terms

    def _get_consolidation_heads(self, day):
        """Return what stands at the head of an invoice of each schedule on a day.

        :return: list of values, in the order of the schedules
        """
        templates = self.env["account.move"].sudo().concat(*(s.template_move_id for s in self))
        heads = templates.copy_data({"date": day, "line_ids": [], "invoice_line_ids": []})
        for schedule, template, head in zip(self, templates, heads, strict=True):
            head.update(template._get_fields_to_copy_recurring_entries({"date": day}))
            head["invoice_date"] = day
            self.env["recurrence.occurrence"]._set_due_date(schedule, template, day, head)
        return heads

    @api.depends("consolidation", "state", "partner_id", *COMMON_FIELDS)
    def _compute_consolidation_text(self):
        for schedule in self:
            others = schedule._get_consolidated_others()
            own = schedule._origin.sudo()
            day = schedule.company_id._get_job_today()
            heads = (own + others)._get_consolidation_heads(day) if others else []
            found = [
                schedule._explain_consolidation(other, find_differences(heads[0], head))
                for other, head in zip(others, heads[1:], strict=True)
            ]
            # with whom first
            texts = [text for _is_apart, text in sorted(found, key=lambda pair: pair[0])]
            schedule.consolidation_text = "\n".join(texts) or False

    def _get_consolidated_others(self):
        """Return the customer's other schedules that are to be consolidated too."""
        schedule = self._origin
        customer = schedule.sudo().template_move_id.commercial_partner_id
        if not customer or not self._is_consolidated() or self.state == "finished":
            return self.browse()
        others = self.sudo().search(
            [
                ("company_id", "=", schedule.company_id.id),
                ("partner_id", "child_of", customer.ids),
                ("target", "=", "invoice"),
                ("state", "in", ("running", "paused")),
                ("id", "!=", schedule.id),
            ],
            limit=MOST_COMPARED,
        )
        return others.filtered(lambda other: other._is_consolidated())

    def _get_billed_action(self, move):
        """Return the action that lists these schedules, all of which an invoice bills."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Recurrences of %(invoice)s", invoice=move.display_name),
            "res_model": "recurrence.schedule",
            "domain": [("id", "in", self.ids)],
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
        }

    def _explain_consolidation(self, other, differences):
        """Return whether this schedule is apart from another one, and a sentence of it.

        :param differences: the names of fields that differ at the head of their invoices
        """
        own, terms = self._get_consolidation_terms(), other._get_consolidation_terms()
        names = [name for name in COMMON_FIELDS if own[name] != terms[name]]
        labels = [
            *self._get_field_labels(self, names),
            *self._get_field_labels(self.template_move_id, differences),
        ]
        if not labels:
            return False, self.env._("With %(name)s, on the dates they share.", name=other.name)
        return True, self.env._(
            "Not with %(name)s, as these differ: %(what)s.",
            name=other.name,
            what=", ".join(labels),
        )

    @api.model
    def _get_field_labels(self, records, names):
        return [records._fields[name]._description_string(self.env) or name for name in names]

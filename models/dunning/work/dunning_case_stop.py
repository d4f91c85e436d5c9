from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ...common.plain_note_mixin import plain_note

SALE_VIEW = """
<xpath expr="/form/sheet" position="before">
    <widget name="dunning_stop" invisible="state not in ('draft', 'sent')"/>
</xpath>
"""


class DunningCase(models.Model):
    """Whether nothing more is delivered to a customer on credit, why and since when (K7).

    It ends by itself when nothing is overdue any more, where something was when it began; else a
    person ends it. Whoever writes an invoice or a quotation is told.
    """

    _inherit = "dunning.case"

    stop_date = fields.Date(string="Deliveries Stopped Since", readonly=True)
    stop_level_id = fields.Many2one(
        "dunning.level", string="Stopped by the Level", readonly=True, ondelete="set null"
    )
    stop_reason = fields.Char(string="Reason of the Stop", readonly=True)
    stop_user_id = fields.Many2one("res.users", string="Stopped By", readonly=True)
    stop_until_paid = fields.Boolean(
        readonly=True, help="Something was overdue: it ends when nothing is any more."
    )
    stop_text = fields.Char(string="Deliveries", compute="_compute_stop_text")

    _stop_idx = models.Index("(company_id) WHERE stop_date IS NOT NULL")

    @api.depends("stop_date", "stop_reason", "stop_level_id", "stop_user_id")
    @api.depends_context("lang")
    def _compute_stop_text(self):
        for case in self:
            case.stop_text = case.stop_date and case._describe_stop()

    def _describe_stop(self):
        day = format_date(self.env, self.stop_date)
        if self.stop_reason:
            return self.env._(
                "Deliveries are stopped since %(day)s: %(reason)s", day=day, reason=self.stop_reason
            )
        if self.stop_level_id:
            return self.env._(
                "Deliveries are stopped since %(day)s, by “%(level)s”: invoices are overdue.",
                day=day,
                level=self.sudo().stop_level_id.name,
            )
        return self.env._("Deliveries are stopped since %(day)s.", day=day)

    # === BEGIN AND END === #

    @api.model
    def _stop_customers(self, company, customers, **values):
        """Stop the deliveries to customers; to whom they are stopped already it stays as it is.

        :param customers: commercial partners
        :param values: more values, as ``stop_reason``
        """
        cases = self._get_cases(company, customers).filtered(lambda case: not case.stop_date)
        day = company._get_job_today()
        for is_overdue, found in cases.grouped(lambda case: case.overdue_amount > 0).items():
            found.write({**values, "stop_date": day, "stop_until_paid": is_overdue})
        for case in cases:
            case._note_stop(lambda spoken: spoken.stop_text)

    @api.model
    def _get_cases(self, company, customers):
        """Return the cases of customers as superuser, and make those there are not."""
        cases = self.sudo().with_context(active_test=False)
        domain = [("company_id", "=", company.id), ("partner_id", "in", customers.ids)]
        found = cases.search(domain)
        missing = customers - found.partner_id
        if missing:
            made = cases.browse(cases._make(company, set(missing.ids)).values())
            # nothing of theirs is open as far as anybody knows
            made.invalidate_recordset()
            made.active = False
            cases._refresh_customers(company, missing)
            found = cases.search(domain)
        return found

    def _end_stop(self):
        """Deliver to these customers again."""
        ended = dict.fromkeys(("stop_date", "stop_level_id", "stop_reason", "stop_user_id"), False)
        cases = self.sudo().filtered("stop_date")
        cases.write({**ended, "stop_until_paid": False})
        for case in cases:
            case._note_stop(lambda spoken: spoken.env._("Deliveries are not stopped any more."))

    def _note_stop(self, get_text):
        """Note in the timeline, in the language of who looks after the customer.

        :param get_text: called with the case in that language
        """
        spoken = self.with_context(lang=self.user_id.lang or self.env.lang)
        self.message_post(
            body=plain_note(get_text(spoken)),
            message_type="comment",
            subtype_xmlid="mail.mt_note",
        )

    @api.model
    def _store(self, company, rows, known):
        result = super()._store(company, rows, known)
        customers = {row["partner_id"] for row in rows} | known.keys()
        paid = self.with_context(active_test=False).search(
            [
                ("company_id", "=", company.id),
                ("stop_date", "!=", False),
                ("stop_until_paid", "=", True),
                ("overdue_amount", "<=", 0),
            ]
        )
        paid.filtered(lambda case: case.partner_id.id in customers)._end_stop()
        return result

    @api.model
    def _find_stops(self, company, customers):
        """Return why deliveries are stopped: ``{customer id: text}``.

        For whoever deals with these customers; as superuser, who may ask is for the caller.
        """
        domain = Domain("company_id", "=", company.id) & Domain("partner_id", "in", customers.ids)
        cases = self.sudo().with_context(active_test=False)
        found = cases.search_fetch(
            domain & Domain("stop_date", "!=", False),
            ["partner_id", "stop_date", "stop_reason", "stop_level_id"],
        )
        return {case.partner_id.id: case.stop_text for case in found}

    # === DOORS === #

    def action_stop_deliveries(self):
        """Open the dialog that stops the deliveries to these customers."""
        self.check_access("write")
        return self.env["dunning.stop"]._open(self.company_id, self.partner_id)

    def action_resume_deliveries(self):
        """Deliver to these customers again: somebody decided so."""
        self.check_access("write")
        if not any(case.stop_date for case in self):
            raise UserError(self.env._("Deliveries are not stopped."))
        self._end_stop()
        return True

    # === QUOTATIONS === #

    def _register_hook(self):
        """Show the banner on quotations, where they were installed before this or since."""
        super()._register_hook()
        if self.env.registry.updated_modules and "sale.order" in self.env:
            self._add_sale_view()

    @api.model
    def _add_sale_view(self):
        """Extend the form of quotations once; it goes with theirs, or with this addon."""
        name = "account_recurrence_dunning.sale_order_view_form_dunning_stop"
        form = self.env.ref("sale.view_order_form", False)
        if not form or self.env.ref(name, False):
            return
        view = self.env["ir.ui.view"].create(
            {
                "name": "sale.order.view.form.dunning.stop",
                "model": "sale.order",
                "inherit_id": form.id,
                "arch": f"<data>{SALE_VIEW}</data>",
            }
        )
        self.env["ir.model.data"]._update_xmlids(
            [{"xml_id": name, "record": view, "noupdate": True}]
        )

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.recurrence.placeholder import has_placeholder
from ...tools.recurrence.start import FOLLOWING_FIELDS, follow_start
from .recurrence_template_mixin import SCHEDULE_COLUMNS


class RecurrenceTemplateMaker(models.AbstractModel):
    """Makes templates from invoices, and schedules for templates."""

    _name = "recurrence.template.maker"
    _description = "Maker of Recurring Invoice Templates"

    @api.model
    def _get_default_rule(self):
        """Return what a new recurring invoice repeats like: monthly, from today."""
        schedule = self.env["recurrence.schedule"].with_context(
            default_target="invoice", default_rrule_type="monthly"
        )
        defaults = schedule.default_get(list(SCHEDULE_COLUMNS))
        start = fields.Date.to_date(defaults.get("date_start"))
        if start:
            defaults.update(follow_start(start, False, dict.fromkeys(FOLLOWING_FIELDS)))
        return defaults

    @api.model
    def _split_rules(self, vals_list):
        """Take the columns of the schedule out of the values of moves.

        :return: the values of the moves, and for each the values of its schedule; empty when
            the move is no template or is made without a rule
        """
        moves = self.env["account.move"]
        is_default = self.env.context.get("default_is_recurrence_template")
        move_vals, rules = [], []
        for vals in vals_list:
            rule = {name: column for name in vals if (column := moves._get_schedule_column(name))}
            is_template = vals.get("is_recurrence_template", is_default)
            rules.append({c: vals[n] for n, c in rule.items()} if is_template else {})
            move_vals.append({k: v for k, v in vals.items() if k not in rule} if rule else vals)
        return move_vals, rules

    @api.model
    def _create_schedules(self, moves, rules):
        """Create the schedule of each template that was composed with a rule."""
        for move, rule in zip(moves, rules, strict=True):
            if rule:
                self._create_schedule(move, rule)

    @api.model
    def _create_schedule(self, template, rule):
        """Create the schedule of one template, in draft.

        :param rule: dict of columns of the schedule; what is missing gets its default
        """
        defaults = self._get_default_rule()
        if rule.get("date_start"):
            # the day follows the start that was chosen, not today
            defaults = {k: v for k, v in defaults.items() if k not in FOLLOWING_FIELDS}
        return self.env["recurrence.schedule"].create(
            {
                **defaults,
                **rule,
                "name": self._get_schedule_name(template),
                "target": "invoice",
                "template_move_id": template.id,
                "partner_id": template.partner_id.id,
                "company_id": template.company_id.id,
            }
        )

    @api.model
    def _get_schedule_name(self, template):
        line = template.invoice_line_ids.filtered(lambda line: line.display_type == "product")[:1]
        text = (line.name or "").split("\n")[0]
        # a text with placeholders tells one date from another, a product does not
        what = text if has_placeholder(text) else line.product_id.display_name or text
        names = [template.partner_id.display_name, what]
        return " · ".join(filter(None, names)) or self.env._("Recurring invoice")

    @api.model
    def _adopt(self, schedules):
        """Tie the templates of the schedules to them; called when a schedule gets a template."""
        for schedule in schedules:
            template = schedule.template_move_id
            if not template or template.recurrence_schedule_id == schedule:
                continue
            self._check_adoptable(schedule, template)
            self.env["recurrence.template"]._as_engine(template.sudo()).write(
                {"recurrence_schedule_id": schedule.id}
            )
            if not schedule.partner_id:
                schedule.partner_id = template.partner_id
            schedule._accept_fiscal()
            self._mark_customer(template.partner_id)

    @api.model
    def _mark_customer(self, partner):
        """Count who is going to be invoiced among the customers.

        Odoo does so when the first invoice is posted, in that transaction: two workers that post
        first invoices of the same customer would then exclude each other.
        """
        customers = (partner | partner.commercial_partner_id).sudo()
        customers.filtered(lambda customer: not customer.customer_rank).customer_rank = 1

    @api.model
    def _check_adoptable(self, schedule, template):
        problem = False
        if not template.is_recurrence_template:
            problem = self.env._(
                "%(name)s is an ordinary invoice. Use “Make recurring” on it: that makes a copy "
                "which serves as template.",
                name=template.display_name,
            )
        elif template.recurrence_schedule_id:
            problem = self.env._(
                "This template belongs to %(name)s already.",
                name=template.recurrence_schedule_id.name,
            )
        elif template.company_id != schedule.company_id:
            problem = self.env._(
                "The template belongs to %(company)s, the recurrence to another company.",
                company=template.company_id.name,
            )
        if problem:
            raise UserError(problem)

    @api.model
    def _make_from_invoice(self, invoice):
        """Copy a customer invoice as the template of a new schedule, monthly after it.

        :return: the template, an account.move
        :raise UserError: when the invoice repeats by itself or is no customer invoice
        """
        invoice.ensure_one()
        self._check_makeable(invoice)
        template = self._create_template(invoice)
        anchor = template.date
        start = anchor + relativedelta(months=1)
        self._create_schedule(template, {"date_start": start, "day": anchor.day})
        return template

    @api.model
    def _create_template(self, source, default=None):
        """Copy an invoice or a template, with all it is made of, as a template without schedule.

        :param default: values of the copy over those of the source
        """
        values = self.env["recurrence.invoice.values"]
        data = source.copy_data(default)[0]
        data.update(values._get_uncopied_values(source))
        data["is_recurrence_template"] = True
        data["date"] = source.invoice_date or source.date
        if not source.invoice_payment_term_id:
            data["invoice_date_due"] = source.invoice_date_due
        if source.payment_reference == source.name:
            data.pop("payment_reference", None)
        data.update(default or {})
        template = self.env["recurrence.template"]._as_engine(self.env["account.move"]).create(data)
        template = template.with_env(self.env)
        values._copy_attachments(source, template)
        return template

    @api.model
    def _duplicate(self, template, default=None):
        """Copy a template together with its schedule, which stays a draft.

        :return: the new template
        """
        copied = self._create_template(template, default)
        schedule = template.recurrence_schedule_id
        if schedule:
            schedule.copy({"template_move_id": copied.id, "partner_id": copied.partner_id.id})
        return copied

    @api.model
    def _check_makeable(self, invoice):
        problem = False
        if invoice.move_type != "out_invoice":
            problem = self.env._("Only customer invoices can recur.")
        elif invoice.is_recurrence_template:
            problem = self.env._("This is the template of a recurring invoice already.")
        elif invoice.auto_post != "no":
            problem = self.env._(
                "This invoice is posted automatically and repeats by itself. Set “Auto-post” to "
                "“No” first, or both would bill the customer."
            )
        elif invoice.recurrence_schedule_id:
            problem = self.env._(
                "This invoice was issued by %(name)s, which repeats already.",
                name=invoice.recurrence_schedule_id.name,
            )
        if problem:
            raise UserError(problem)

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.common.sealed import ON
from ...tools.recurrence.document import fit_values
from ...tools.recurrence.placeholder import has_placeholder
from ...tools.recurrence.start import FOLLOWING_FIELDS, follow_start
from ..common.engine_mark import as_engine
from .recurrence_template_rule_mixin import SCHEDULE_COLUMNS


class RecurrenceTemplateCreateMixin(models.AbstractModel):
    """Makes templates from invoices, and schedules for templates."""

    _name = "recurrence.template.create.mixin"
    _inherit = "recurrence.template.document.mixin"
    _description = "Creation of Recurring Invoice Templates"

    @api.model
    def _recurrence_get_default_rule(self):
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
    def _recurrence_split_rules(self, vals_list):
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

    def _recurrence_create_schedules(self, rules):
        """Create the schedule of each template that was composed with a rule."""
        for move, rule in zip(self, rules, strict=True):
            if rule:
                move._recurrence_create_schedule(rule)

    def _recurrence_create_schedule(self, rule):
        """Create the schedule of one template, in draft.

        :param rule: dict of columns of the schedule; what is missing gets its default
        """
        defaults = self._recurrence_get_default_rule()
        if rule.get("date_start"):
            # the day follows the start that was chosen, not today
            defaults = {k: v for k, v in defaults.items() if k not in FOLLOWING_FIELDS}
        kind = self.env["recurrence.schedule"].browse(rule.pop("kind_id", False) or ())
        schedule = self.env["recurrence.schedule"].create(
            {
                "name": self._recurrence_get_schedule_name(kind),
                **fit_values(self.move_type, defaults),
                **rule,
                "target": "invoice",
                "template_move_id": self.id,
                "partner_id": self.partner_id.id,
                "company_id": self.company_id.id,
            }
        )
        if kind:
            schedule._join_kind(kind)
        return schedule

    def _recurrence_get_schedule_name(self, kind=None):
        """Return what the recurrence of a template is called.

        :param kind: the kind it was made from, recurrence.schedule
        """
        names = [self.partner_id.display_name, kind and kind.name or self._recurrence_get_what()]
        return " · ".join(filter(None, names)) or self.env._("Recurring invoice")

    def _recurrence_get_what(self):
        """Return what a template bills, in short; empty: nothing yet."""
        line = self.invoice_line_ids.filtered(lambda line: line.display_type == "product")[:1]
        text = (line.name or "").split("\n")[0]
        # a text with placeholders tells one date from another, a product does not
        what = text if has_placeholder(text) else line.product_id.display_name or text
        if self._recurrence_get_document().is_entry:
            what = self.ref or text
        return what

    @api.model
    def _recurrence_adopt(self, schedules):
        """Tie the templates of the schedules to them; called when a schedule gets a template."""
        for schedule in schedules:
            template = schedule.template_move_id
            if not template or template.recurrence_schedule_id == schedule:
                continue
            self._recurrence_check_adoptable(schedule, template)
            as_engine(template.sudo()).write({"recurrence_schedule_id": schedule.id})
            if not schedule.partner_id:
                schedule.partner_id = template.partner_id
            schedule._accept_fiscal()
            template._recurrence_mark_customer(template.partner_id)

    def _recurrence_mark_customer(self, partner):
        """Count who is going to be invoiced, or invoices us, among the customers or vendors.

        Odoo does so when the first invoice is posted, in that transaction: two workers that post
        first invoices of the same customer would then exclude each other.
        """
        document = self._recurrence_get_document()
        if document.is_entry:
            return
        rank = "customer_rank" if document.is_sale else "supplier_rank"
        partners = (partner | partner.commercial_partner_id).sudo()
        partners.filtered(lambda partner: not partner[rank])[rank] = 1

    @api.model
    def _recurrence_check_adoptable(self, schedule, template):
        problem = False
        if not template.is_recurrence_template:
            problem = self.env._(
                "%(name)s is an ordinary invoice. Use “Make recurring” on it: this creates a "
                "copy that serves as the template.",
                name=template.display_name,
            )
        elif template.recurrence_schedule_id:
            problem = self.env._(
                "This template already belongs to %(name)s.",
                name=template.recurrence_schedule_id.name,
            )
        elif template.company_id != schedule.company_id:
            problem = self.env._(
                "The template belongs to %(company)s, the recurrence to another company.",
                company=template.company_id.name,
            )
        if problem:
            raise UserError(problem)

    def _recurrence_make_template(self):
        """Copy a document as the template of a new schedule, monthly after it.

        :return: the template, an account.move
        :raise UserError: when it repeats already, or Odoo makes it by itself
        """
        self.ensure_one()
        self._recurrence_check_makeable()
        is_sale = self._recurrence_get_document().is_sale
        template = self._recurrence_copy_as_template(with_attachments=is_sale)
        anchor = template.date
        start = anchor + relativedelta(months=1)
        template._recurrence_create_schedule({"date_start": start, "day": anchor.day})
        return template

    def _recurrence_copy_as_template(self, with_attachments=False):
        """Copy a document as a template without schedule, and without what is of it alone."""
        # a bill has its number and its scan from the vendor: they are of that one bill
        own = {}
        if not self._recurrence_get_document().is_sale:
            reference = self.move_type == "entry" and self.ref
            own = {"ref": reference, "payment_reference": False}
        return self._recurrence_create_template(self, own, with_attachments=with_attachments)

    @api.model
    def _recurrence_create_template(self, source, default=None, with_attachments=True):
        """Copy an invoice or a template, with all it is made of, as a template without schedule.

        :param default: values of the copy over those of the source
        """
        values = self.env["recurrence.occurrence"]
        kept = source.with_context(recurrence_keep_terms=ON)
        data = kept.copy_data(default)[0]
        data.update(source._recurrence_get_uncopied_values())
        data["is_recurrence_template"] = True
        # a total that was typed once would be held against each later one
        data.pop("quick_edit_total_amount", None)
        if source.move_type == "entry":
            data["partner_id"] = source.partner_id.id
        data["date"] = source.invoice_date or source.date
        if not source.invoice_payment_term_id and source.invoice_date_due:
            data["invoice_date_due"] = source.invoice_date_due
        if source.payment_reference == source.name:
            data.pop("payment_reference", None)
        data.update(default or {})
        template = as_engine(self.env["account.move"]).create(data)
        template = template.with_env(self.env)
        template._recurrence_link_lines(source)
        if with_attachments:
            values._copy_attachments(source, template)
        return template

    def _recurrence_link_lines(self, source):
        """Say of the lines of a copy which follow each other, as those of its source do."""
        pairs = zip(source.invoice_line_ids, self.invoice_line_ids, strict=False)
        copies = dict(pairs) if len(source.invoice_line_ids) == len(self.invoice_line_ids) else {}
        for line, copied in copies.items():
            former = copies.get(line.recurrence_line_id)
            if former:
                as_engine(copied.sudo()).recurrence_line_id = former

    def _recurrence_duplicate(self, default=None):
        """Copy a template together with its schedule, which stays a draft.

        :return: the new template
        """
        copied = self._recurrence_create_template(self, default)
        schedule = self.recurrence_schedule_id
        if schedule:
            schedule.copy({"template_move_id": copied.id, "partner_id": copied.partner_id.id})
        return copied

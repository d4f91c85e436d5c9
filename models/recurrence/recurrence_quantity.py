import itertools
import keyword
import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import remove_accents

from ...tools.recurrence.formula import BUILT_IN, FUNCTIONS

_CODE = re.compile(r"[a-z][a-z0-9_]{0,40}")


class RecurrenceQuantity(models.Model):
    """Where the quantity of a recurring invoice line comes from: it is known when it is billed."""

    _name = "recurrence.quantity"
    _description = "Billable Quantity"
    _inherit = ["recurrence.quantity.counting.mixin", "recurrence.dunning.own.record.mixin"]
    _order = "name, id"
    _check_company_auto = True

    active = fields.Boolean(default=True)
    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        string="Name in Formulas",
        compute="_compute_code",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        copy=False,
        help="Small letters, digits and underscores, such as: hours.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    source = fields.Selection(
        [
            ("filter", "Records of a saved filter"),
            ("usage", "Imported usage"),
            ("entered", "Entered on each invoice"),
        ],
        string="Comes From",
        required=True,
        default="filter",
    )
    unit = fields.Char(help="Such as: hours, GB.", translate=True)
    filter_model = fields.Char(compute="_compute_filter_model")
    sum_field = fields.Char(
        string="Sum Of", help="A number of the records, such as hours. Empty: they are counted."
    )
    date_field = fields.Char(
        string="By Date",
        help=(
            "Only records of the days billed count; paid in advance, those of the period before. "
            "Empty: all that the filter finds on the day of the invoice."
        ),
    )
    partner_path = fields.Char(
        string="Customer",
        help=(
            "Which field of the records names the customer: only those of the customer billed "
            "count. Empty: all that the filter finds, whoever is billed."
        ),
    )
    none_is_zero = fields.Boolean(
        string="Nothing Imported Means Zero",
        help="Otherwise an invoice without usage for its days waits until it is imported.",
    )
    sentence = fields.Char(string="What Is Counted", compute="_compute_sentence")
    usage_count = fields.Integer(string="Usage", compute="_compute_usage_count")
    schedule_count = fields.Integer(string="Recurring Invoices", compute="_compute_schedule_count")

    _code_uniq = models.UniqueIndex(
        "(company_id, code)", "Another billable quantity has this name in formulas."
    )

    # === COMPUTES === #

    @api.depends("name")
    def _compute_code(self):
        nameless = self.filtered(lambda quantity: quantity.name and not quantity.code)
        taken = set(self._get_by_code(nameless.company_id)) if nameless else set()
        for quantity in nameless:
            company = quantity.company_id._origin
            quantity.code = self._make_code(
                quantity.name, {code for owner, code in taken if owner == company}
            )
            taken.add((company, quantity.code))

    @api.model
    def _make_code(self, name, taken):
        """Return a name for formulas that is not taken, from one for people."""
        text = re.sub(r"[^a-z0-9]+", "_", remove_accents(name).lower())
        text = re.sub(r"^[^a-z]+", "", text)[:30].strip("_") or "quantity_1"
        if not self._is_reserved(text) and text not in taken:
            return text
        return next(f"{text}_{n}" for n in itertools.count(1) if f"{text}_{n}" not in taken)

    @api.model
    def _is_reserved(self, code):
        return code in BUILT_IN or code in FUNCTIONS or keyword.iskeyword(code)

    @api.depends("filter_id.model_id")
    def _compute_filter_model(self):
        for quantity in self:
            model = quantity.sudo().filter_id.model_id
            quantity.filter_model = model if model in self.env else False

    @api.depends("source", "filter_id", "sum_field", "date_field", "partner_path", "none_is_zero")
    @api.depends_context("lang")
    def _compute_sentence(self):
        for quantity in self:
            quantity.sentence = quantity._get_sentence()

    def _get_sentence(self):
        """Return in words what is counted."""
        if self.source == "entered":
            return self.env._("Whoever issues the invoice enters it.")
        if self.source == "usage":
            return self.env._("The usage of the days billed; each row is billed once.")
        if not self.filter_id or not self.filter_model:
            return False
        name = self.sudo().filter_id.name
        if self.sum_field:
            label = self._get_label(self.sum_field)
            what = self.env._("The sum of “%(field)s” of “%(name)s”", field=label, name=name)
        else:
            what = self.env._("The number of records of “%(name)s”", name=name)
        parts = [
            what,
            self.date_field
            and self.env._(
                "of the days billed (%(field)s)", field=self._get_label(self.date_field)
            ),
            self.partner_path
            and self.env._("of the customer (%(field)s)", field=self._get_label(self.partner_path)),
        ]
        return ", ".join(filter(None, parts))

    def _get_label(self, path):
        """Return a path of fields as people know it; the path itself where it leads nowhere."""
        labels, model = [], self.env[self.filter_model]
        for name in path.split("."):
            field = model._fields.get(name) if model is not None else None
            if field is None:
                return path
            labels.append(field._description_string(self.env) or name)
            model = self.env[field.comodel_name] if field.relational else None
        return " › ".join(labels)

    def _compute_usage_count(self):
        counts = dict(
            self.env["recurrence.usage"]._read_group(
                [("quantity_id", "in", self.ids)], ["quantity_id"], ["__count"]
            )
        )
        for quantity in self:
            quantity.usage_count = counts.get(quantity, 0)

    def _compute_schedule_count(self):
        found = self._find_lines()
        for quantity in self:
            lines = found.get(quantity, self.env["account.move.line"])
            quantity.schedule_count = len(lines.move_id)

    # === CHECKS === #

    @api.constrains("code")
    def _check_code(self):
        for quantity in self:
            if not _CODE.fullmatch(quantity.code) or self._is_reserved(quantity.code):
                raise ValidationError(
                    self.env._(
                        "%(code)s cannot be a name in formulas: it is of small letters, digits "
                        "and underscores, begins with a letter, and is none of %(reserved)s.",
                        code=quantity.code,
                        reserved=", ".join((*BUILT_IN, *FUNCTIONS)),
                    )
                )

    @api.constrains("source", "filter_id", "sum_field", "date_field", "partner_path")
    def _check_source(self):
        for quantity in self.filtered(lambda q: q.source == "filter"):
            if not quantity.filter_id:
                raise ValidationError(
                    self.env._("%(name)s: choose a saved filter.", name=quantity.name)
                )
            quantity._check_paths()

    @api.constrains("source", "date_field")
    def _check_lines_of_source(self):
        for lines in self._find_lines().values():
            lines._check_recurrence_quantity()

    @api.constrains("company_id")
    def _check_company_of_lines(self):
        for quantity, lines in self._find_lines().items():
            if lines.company_id - quantity.company_id:
                raise ValidationError(
                    self.env._("Recurring invoices of another company use this. Copy it instead.")
                )

    def write(self, vals):
        if "code" in vals:
            changed = self.filtered(lambda q: q.code != vals["code"])
            changed._refuse_named(self.env._("Change the formulas first."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._refuse_named(self.env._("Archive it instead."))
        if lines := self.env["account.move.line"].union(*self._find_lines().values()):
            raise UserError(
                self.env._(
                    "%(invoice)s counts with %(name)s. Archive it instead.",
                    invoice=lines[0].move_id.display_name,
                    name=lines[0].recurrence_quantity_id.name,
                )
            )

    def _refuse_named(self, advice):
        """Refuse what would leave a formula with a name that says nothing."""
        for quantity, lines in self._find_lines().items():
            named = lines.filtered(lambda line: line.recurrence_formula)
            named = named.filtered(lambda line, q=quantity: q.code in line._recurrence_get_names())
            if named:
                raise UserError(
                    self.env._(
                        "%(name)s stands in a formula of %(invoice)s. %(advice)s",
                        name=quantity.name,
                        invoice=named[0].move_id.display_name,
                        advice=advice,
                    )
                )

    # === LINES === #

    def _find_lines(self):
        """Return the lines of recurring invoices that count with these.

        :return: dict recurrence.quantity → account.move.line, as superuser
        """
        lines = self.env["account.move.line"].sudo()
        domain = Domain("move_id.is_recurrence_template", "=", True)
        named = Domain("recurrence_formula", "!=", False) & Domain(
            "company_id", "in", self.company_id.ids
        )
        found = {}
        for line in lines.search(
            domain & (Domain("recurrence_quantity_id", "in", self.ids) | named)
        ):
            names = line._recurrence_get_names()
            for quantity in self:
                is_named = quantity.code in names and quantity.company_id == line.company_id
                if is_named or line.recurrence_quantity_id == quantity:
                    found[quantity] = found.get(quantity, lines) | line
        return found

    @api.model
    def _get_by_code(self, companies):
        """Return the billable quantities of companies, also archived ones.

        :return: dict (company, name in formulas) → recurrence.quantity, as superuser
        """
        quantities = self.sudo().with_context(active_test=False)
        quantities = quantities.search([("company_id", "in", companies.ids)])
        return {(quantity.company_id, quantity.code): quantity for quantity in quantities}

    # === ACTIONS === #

    def action_open_usage(self):
        """Open the imported usage of this quantity."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_recurrence_dunning.recurrence_usage_action"
        )
        action["domain"] = [("quantity_id", "=", self.id)]
        action["context"] = {"default_quantity_id": self.id}
        return action

    def action_open_schedules(self):
        """Open the recurring invoices with a line that counts with this quantity."""
        self.ensure_one()
        self.check_access("read")
        lines = self._find_lines().get(self, self.env["account.move.line"])
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_recurrence_dunning.recurrence_schedule_action"
        )
        # kinds too
        named = ("is_kind", "in", (True, False))
        action["domain"] = [("template_move_id", "in", lines.move_id.ids), named]
        action["context"] = {}
        return action

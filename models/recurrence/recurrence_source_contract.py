from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...tools.recurrence.repeat_period import get_columns, rename_marks
from .recurrence_source_mixin import EXACT


class RecurrenceSourceContract(models.AbstractModel):
    """Contracts of OCA's addon ``contract``, for customers and for vendors.

    A service, as its models may not be there: they are known by name alone. What a contract would
    have billed is billed, for the same days; it stays where the dates of a rule would bill others.
    """

    _name = "recurrence.source.contract"
    _inherit = "recurrence.source.contract.part.mixin"
    _description = "Contracts of OCA"
    _takes = "contract.contract"

    @api.model
    def _get_label(self):
        return self.env._("Contracts (OCA)")

    @api.model
    def _find(self, company, partners):
        contracts = self.env[self._takes].search(
            [
                ("company_id", "=", company.id),
                # one that makes orders bills nothing itself
                ("generation_type", "=", "invoice"),
                ("recurring_next_date", "!=", False),
                *self._get_partner_domain(partners),
            ]
        )
        return contracts.filtered(self._get_live_lines)

    @api.model
    def _describe(self, record):
        lines = self._get_live_lines(record)
        kinds, paid = (
            dict(lines._fields[name]._description_selection(self.env))
            for name in ("recurring_rule_type", "recurring_invoicing_type")
        )
        texts = [
            f"{line.recurring_interval} {kinds[line.recurring_rule_type]}, "
            f"{paid[line.recurring_invoicing_type]}"
            for line in lines
        ]
        return "\n".join(dict.fromkeys(texts))

    @api.model
    def _get_remarks(self, record, schedules):
        remarks = []
        if len(schedules) > 1:
            remarks.append(
                self.env._(
                    "Recurrences: %(count)s, as its lines are repeated or priced differently.",
                    count=len(schedules),
                )
            )
        if record.recurring_next_date < record.company_id._get_job_today():
            remarks.append(
                self.env._("Missed invoices have their own dates, not the day they are created.")
            )
        for part in self._get_parts(record):
            remarks += self._get_part_remarks(record, part)
        return remarks

    @api.model
    def _is_doubtful(self, record):
        # the job of the contract would never bill what is left
        lines = self._get_live_lines(record)
        return any(record.date_end and line.recurring_next_date > record.date_end for line in lines)

    # === MAKING === #

    @api.model
    def _make(self, record):
        self._check_takeable(record)
        parts = self._get_parts(record)
        moves = self.env["account.move"].with_company(record.company_id)
        templates = moves.create([self._prepare_template(record, part, parts) for part in parts])
        return templates.with_env(self.env).mapped("recurrence_schedule_id")

    @api.model
    def _check_takeable(self, record):
        """Refuse what other addons decide, and prices that a recurrence would find elsewhere.

        :raise UserError: why
        """
        lines = self._get_live_lines(record)
        problem = False
        names = lines._fields
        if "qty_type" in names and "variable" in lines.mapped("qty_type"):
            problem = self.env._(
                "A quantity is a formula of the contract. Enter a number there, or create this "
                "recurrence with a quantity of its own."
            )
        elif "is_auto_renew" in names and any(lines.mapped("is_auto_renew")):
            problem = self.env._(
                "A line renews itself. Remove its renewal and its end; renewal is then set on the "
                "recurrence."
            )
        elif self._get_live_lines(record, is_note=True):
            problem = self.env._(
                "A note has dates of its own. Let it go with the line before or after it."
            )
        elif any(lines.mapped("automatic_price")) and not self._has_same_prices(record):
            problem = self.env._(
                "Prices would come from a different price list: that of the invoicing contact."
            )
        if problem:
            raise UserError(problem)

    @api.model
    def _has_same_prices(self, record):
        """Return whether a recurrence finds its prices in the price list of the contract."""
        customer, payer = (
            record[name].with_company(record.company_id)
            for name in ("partner_id", "invoice_partner_id")
        )
        of_contract = record.pricelist_id or customer.property_product_pricelist
        return of_contract == payer.property_product_pricelist

    @api.model
    def _prepare_template(self, record, part, parts):
        """Return the template of one of the parts of a contract, as values for ``create``."""
        rule = part.rule
        columns = {
            **EXACT,
            **get_columns(rule, part.rhythm.paid),
            # it makes drafts
            "invoice_mode": "draft",
            "price_source": "pricelist" if part.lines[0].automatic_price else "template",
            "user_id": self._find_responsible(record.user_id, record.company_id),
        }
        start = min(part.lines.mapped("date_start"))
        if start < rule.date_start:
            columns["agreement_start"] = start.isoformat()
        if len(parts) > 1 and record.contract_type == "sale":
            columns["consolidation"] = "yes"
        elif len(parts) == 1 and record.name:
            columns["name"] = record.name
        values = dict(record._prepare_invoice(rule.date_start))
        values.pop("invoice_date", None)
        if record.contract_type == "purchase":
            # the number of one bill
            values.pop("ref", None)
        return {
            **values,
            "is_recurrence_template": True,
            "invoice_line_ids": [
                Command.create(self._prepare_line(line, part))
                for line in self._get_all_lines(record, part)
            ],
            **{f"recurrence_{name}": value for name, value in columns.items()},
        }

    @api.model
    def _prepare_line(self, line, part):
        values = dict(line._prepare_invoice_line())
        if not values:
            raise UserError(
                self.env._("%(line)s is left out by another addon.", line=line.display_name)
            )
        # as it drops them itself; the template is no invoice of the contract
        for name in ("company_id", "company_currency_id", "contract_line_id"):
            values.pop(name, None)
        values["name"] = rename_marks(line.name)
        if line in part.lines:
            values.update(self._get_line_terms(line, part))
        return values

    # === STOPPING === #

    @api.model
    def _stop(self, record, schedules):
        # its button bills what is archived as well, and it may be taken out of the archive
        record.contract_line_ids.write({"is_canceled": True})
        self._tell(record, schedules)
        record.active = False

from typing import NamedTuple

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from ..common.engine_mark import as_engine
from .recurrence_occurrence_invoice_mixin import OPEN_STATES
from .recurrence_schedule_line_change_mixin import LineChange


class LineChoice(NamedTuple):
    """Which lines of recurring invoices are meant, and what they become.

    :ivar product: product.product; empty: any
    :ivar text: part of the line's text, without regard to case; empty: any
    :ivar values: of the lines
    """

    product: models.BaseModel
    text: str
    values: dict


class ScheduleChange(NamedTuple):
    """What several recurring invoices are to have in common.

    :ivar values: of the recurrence: mode, responsible, end, rule
    :ivar template: of the recurring invoice: payment terms
    :ivar lines: LineChoice, or None
    """

    values: dict
    template: dict
    lines: LineChoice | None = None


class Facts(NamedTuple):
    """What a recurring invoice bills next.

    :ivar date: of the next invoice, or None
    :ivar total: of that invoice
    :ivar rule: the rule as a sentence
    """

    date: object
    total: float
    rule: str


class RecurrenceScheduleChangeMixin(models.AbstractModel):
    """Changes a recurring invoice as many others; shown first, and each on its own."""

    _name = "recurrence.schedule.change.mixin"
    _description = "Changes of Many Recurrences"

    def action_open_change(self):
        """Open the dialog that changes these recurring invoices together."""
        self.check_access("write")
        schedules = self.filtered(lambda s: s.template_move_id and s.state != "finished")
        if not schedules:
            raise UserError(self.env._("Select recurring invoices that are not finished."))
        if len(schedules.company_id) > 1:
            raise UserError(self.env._("Select recurring invoices of one company."))
        return schedules._open_dialog(
            "recurrence.schedule.change", self.env._("Change Recurring Invoices")
        )

    # === CHANGING === #

    def _preview_change(self, change):
        """Return what this bills next, what it would bill, and what hinders the change.

        It is made in a savepoint and rolled back: what is shown is what is done.

        :param change: ScheduleChange
        :return: Facts now, Facts then or None, and a sentence or False
        """
        before, after, problem = self._get_facts(), None, False
        schedule = self.with_context(tracking_disable=True, mail_notrack=True)
        savepoint = self.env.cr.savepoint()
        try:
            schedule._change_as(change)
            after = schedule._get_facts()
        except UserError as error:
            problem = str(error)
        finally:
            savepoint.rollback()
            savepoint.close(rollback=False)
        return before, after, problem

    def _change_as(self, change):
        """Change one recurring invoice.

        :param change: ScheduleChange
        :raise UserError: it cannot be changed; nothing is kept where the caller rolls back
        """
        self.ensure_one()
        self.check_access("write")
        if self.state == "finished":
            raise UserError(self.env._("%(name)s is finished.", name=self.name))
        template = self.template_move_id
        template.check_access("write")
        if change.lines:
            self._change_chosen_lines(change.lines)
        if change.template:
            template.write(change.template)
        now = self._convert_to_write({name: self[name] for name in change.values})
        values = {name: value for name, value in change.values.items() if now[name] != value}
        if values:
            self.write(values)
        self._check_template()
        if self.rule_stale and self.state in ("running", "paused"):
            self._regenerate(self.company_id._get_job_today())

    def _get_facts(self):
        """Return what is billed next."""
        waiting = self.sudo().occurrence_ids.filtered(
            lambda o: o.state in OPEN_STATES and not o._has_invoice()
        )
        first = waiting.sorted(lambda o: (o.date, o.rule_date, o.id))[:1]
        template = self.template_move_id
        first.invalidate_recordset(["amount_total", "template_total"])
        total = first.amount_total if first else template.amount_total
        day = first.date or (self.date_start if self.state == "draft" else None)
        return Facts(day, total, self.rule_summary)

    def _describe_facts(self, facts):
        """Return what is billed next as a text.

        :param facts: Facts
        """
        amount = formatLang(self.env, facts.total, currency_obj=self.template_move_id.currency_id)
        day = facts.date and format_date(self.env, facts.date)
        return f"{day}: {amount}" if day else amount

    # === LINES === #

    def _change_chosen_lines(self, choice):
        """Change lines from the first of their periods that nothing bills yet.

        :param choice: LineChoice
        :raise UserError: there is no such line, or it cannot be changed
        """
        lines = self._choose_lines(choice)
        values = {line: self._localize_values(line, choice.values) for line in lines}
        first = self._get_first_days_open().get(self)
        if not first:
            for line in lines:
                as_engine(line).write(values[line])
            self._refresh_expected()
            return
        days = {line: self._find_start(first, line._recurrence_get_terms()) for line in lines}
        if not all(days.values()):
            ended = next(line for line, day in days.items() if not day)
            raise UserError(
                self.env._(
                    "%(line)s has no period left that is not billed.",
                    line=ended._recurrence_get_name(),
                )
            )
        for day, group in lines.grouped(days.get).items():
            self._change_open_lines(day, [LineChange(line, values[line]) for line in group])

    def _choose_lines(self, choice):
        """Return the lines that are meant and still are, or will be, billed."""
        today = self.company_id._get_job_today()
        wanted = (choice.text or "").casefold()
        lines = self.template_move_id.invoice_line_ids.filtered(
            lambda line: (
                line.display_type == "product"
                and (not choice.product or line.product_id == choice.product)
                and wanted in (line.name or "").casefold()
                and not (line.recurrence_until and line.recurrence_until < today)
            )
        )
        # the one in whose place another is billed keeps what it was billed with
        lines -= self.template_move_id.invoice_line_ids.recurrence_line_id
        if not lines:
            raise UserError(self.env._("It has no line of this kind."))
        priced = lines.filtered("product_id") if self.price_source != "template" else lines.browse()
        if "price_unit" in choice.values and priced:
            raise UserError(
                self.env._(
                    "The price of %(line)s is that of the product or the price list on the day.",
                    line=priced[0]._recurrence_get_name(),
                )
            )
        return lines

    def _localize_values(self, line, values):
        """Return values of a line as this customer has them: text, taxes and account.

        The price stays where none is given; taxes are those of a new product where none are.
        """
        template, values = self.template_move_id, dict(values)
        position = template.fiscal_position_id
        if "price_unit" in values:
            currency = values.pop("currency_id")
            if currency != template.currency_id:
                raise UserError(
                    self.env._("Its currency is %(currency)s.", currency=template.currency_id.name)
                )
        if product := values.pop("product", None):
            lang = self.env["recurrence.occurrence"]._get_lang(template.partner_id)
            text = product.with_context(lang=lang).get_product_multiline_description_sale()
            own = product.sudo().taxes_id._filter_taxes_by_company(self.company_id)
            accounts = product.product_tmpl_id.get_product_accounts(fiscal_pos=position)
            values.setdefault("taxes", own)
            values.setdefault("price_unit", line.price_unit)
            values.update(
                product_id=product.id,
                product_uom_id=product.uom_id.id,
                name=text,
                account_id=(accounts["income"] or line.account_id).id,
            )
        if "taxes" in values:
            taxes = position.map_tax(values.pop("taxes"))
            values["tax_ids"] = [Command.set(taxes.ids)]
        return values

    def _change_open_lines(self, day, changes):
        """Change lines from a day on that no invoice bills yet, and say so in the history.

        :param day: first day of a period of each line
        :param changes: list of LineChange
        :return: dict id of a change → the line that is billed from the day on
        :raise UserError: it was billed meanwhile
        """
        if self._get_corrections(day, changes):
            raise UserError(
                self.env._("%(name)s was billed meanwhile: start anew for it.", name=self.name)
            )
        note = self._describe_changes(day, changes)
        successors = self._write_lines(day, changes, [])
        self._message_log(body=note)
        self.template_move_id._message_log(body=note)
        return successors

from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from ..common.engine_mark import as_engine
from .recurrence_occurrence_invoice_mixin import OPEN_STATES
from .recurrence_rule_mixin import RULE_FIELDS
from .recurrence_schedule_agreement_mixin import TERM_COLUMNS
from .recurrence_schedule_correction_mixin import LineChange

# What the dates follow from, as far as many may have it in common.
PLANNING_FIELDS = {
    *RULE_FIELDS,
    *TERM_COLUMNS,
    "duration_number",
    "period_paid",
    "proration",
} - {"date_start"}


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
    :ivar kind: what a changed kind means for it, a ``KindOffer``, or None
    :ivar joined: the kind that it is of from now on, recurrence.schedule, or None
    """

    values: dict
    template: dict
    lines: LineChoice | None = None
    kind: tuple | None = None
    joined: models.BaseModel | None = None


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
        :return: Facts now; Facts then or None; what else changes as a sentence; a problem or False
        """
        before, after, problem = self._get_facts(), None, False
        effect = self._describe_change(change)
        schedule = self.with_context(tracking_disable=True, mail_notrack=True)
        savepoint = self.env.cr.savepoint()
        try:
            gap = schedule._change_as(change)
            after = schedule._get_facts()
            effect = " ".join(filter(None, (effect, gap)))
        except UserError as error:
            problem = str(error)
        finally:
            savepoint.rollback()
            savepoint.close(rollback=False)
        return before, after, effect, problem

    def _change_as(self, change):
        """Change one recurring invoice.

        :param change: ScheduleChange
        :return: which days are not billed by the new rule, as a sentence, or False
        :raise UserError: it cannot be changed; nothing is kept where the caller rolls back
        """
        self.ensure_one()
        self.check_access("write")
        if self.state == "finished":
            raise UserError(self.env._("%(name)s is finished.", name=self.name))
        is_planned_anew = not PLANNING_FIELDS.isdisjoint(change.values)
        if is_planned_anew and self.rule_stale:
            raise UserError(self.env._("Its rule was changed before: regenerate its dates first."))
        template = self.template_move_id
        template.check_access("write")
        if change.lines:
            self._check_lines_change()
            self._change_chosen_lines(change.lines)
        if change.template and self._get_document().is_entry:
            raise UserError(self.env._("A journal entry has no payment terms."))
        if change.template:
            template.write(change.template)
        self._write_changed(change.values)
        self._check_template()
        if is_planned_anew and self.rule_stale and self.state in ("running", "paused"):
            plan = self._regenerate(self.company_id._get_job_today())
            return self._get_gap_message(plan)
        return False

    def _write_changed(self, values):
        """Write what is not so already."""
        now = self._convert_to_write({name: self[name] for name in values})
        changed = {name: value for name, value in values.items() if now[name] != value}
        if changed:
            self.write(changed)

    # === SHOWING === #

    def _get_facts(self):
        """Return what is billed next, as things are."""
        waiting = self.sudo().occurrence_ids.filtered(
            lambda o: o.state in OPEN_STATES and not o._has_invoice()
        )
        first = waiting.sorted(lambda o: (o.date, o.rule_date, o.id))[:1]
        if not first and self.state == "draft":
            days = self.get_rule_dates(limit=1)
            first = self.sudo()._get_imagined(days[0]) if days else first
        total = self._get_total_on(first) if first else 0.0
        return Facts(first.date or None, total, self.rule_summary)

    def _get_total_on(self, occurrence):
        """Return what the invoice of a date comes to, with the quantities that are expected."""
        day = max(occurrence.date, self.company_id._get_job_today())
        try:
            move, _reason = occurrence._make_draft(day, {"fiscal": "keep"}, counts={})
        except UserError:
            # nothing is billed on it
            return 0.0
        totals = move.tax_totals
        return totals["total_amount_currency"] if totals else move.amount_total

    def _describe_facts(self, facts):
        """Return what is billed next as a text.

        :param facts: Facts
        """
        if not facts.date:
            return self.env._("no further date")
        currency = self.template_move_id.currency_id
        amount = formatLang(self.env, facts.total, currency_obj=currency)
        return f"{format_date(self.env, facts.date)}: {amount}"

    def _describe_change(self, change):
        """Return what else than the next invoice changes as a sentence; empty: nothing.

        :param change: ScheduleChange
        """
        records = {**dict.fromkeys(change.values, self)}
        records.update(dict.fromkeys(change.template, self.template_move_id))
        texts = []
        for name in ("user_id", "invoice_mode", "invoice_payment_term_id"):
            if name not in records:
                continue
            record = records[name]
            field = record._fields[name]
            new = {**change.values, **change.template}[name]
            shown = [_show(record, field, value) for value in (record[name], new)]
            if shown[0] != shown[1]:
                label = field._description_string(self.env)
                texts.append(f"{label}: {shown[0] or '–'} → {shown[1] or '–'}.")
        drafts = self.sudo().occurrence_ids.move_id.filtered(lambda move: move.state == "draft")
        if drafts and (change.lines or change.template):
            texts.append(self.env._("Waiting drafts stay as they are."))
        return " ".join(texts)

    # === LINES === #

    def _change_chosen_lines(self, choice):
        """Change lines from the first of their periods that nothing bills yet.

        :param choice: LineChoice
        :raise UserError: there is no such line, or it cannot be changed
        """
        first = self._get_first_days_open().get(self)
        lines = self._choose_lines(choice, first)
        changes = [LineChange(line, self._localize_values(line, choice.values)) for line in lines]
        days = {}
        for change in changes:
            line = change.line
            # what is on hold, or not billed yet, has no days to keep its price for
            is_open = not first or line.recurrence_billing
            terms = line._recurrence_get_terms()
            day = None if is_open else self._find_start(first, terms)
            if is_open or day:
                days.setdefault(day, []).append(change)
        if not days:
            raise UserError(self.env._("It has no period left that is not billed."))
        self._write_in_place(days.pop(None, []))
        for day, group in days.items():
            self._change_open_lines(day, group)

    def _write_in_place(self, changes):
        """Change lines of which nothing has to be kept.

        :param changes: list of LineChange
        """
        if not changes:
            return
        today = self.company_id._get_job_today()
        note = self._describe_changes(max(today, self.date_start), changes)
        pending = self._get_open_fiscal(changes)
        for change in changes:
            as_engine(change.line).write(change.values)
        self._carry_fiscal(pending, {})
        self._refresh_expected()
        self._message_log(body=note)

    def _choose_lines(self, choice, first):
        """Return the lines that are meant and still are, or will be, billed.

        :param first: first day that nothing bills yet; None: nothing was billed
        :raise UserError: there is none, or one is to change later already
        """
        all_lines = self.template_move_id.invoice_line_ids
        first = first or self.date_start
        lines = all_lines.filtered(lambda line: _is_chosen(line, choice, first))
        lines -= self._filter_once_billed(lines)
        if not lines:
            raise UserError(self.env._("It has no line of this kind that is billed."))
        later = lines.filtered(lambda line: line in all_lines.recurrence_line_id)[:1]
        if later:
            raise UserError(
                self.env._(
                    "%(line)s changes after %(date)s already: change it with Change Lines.",
                    line=later._recurrence_get_name(),
                    date=format_date(self.env, later.recurrence_until),
                )
            )
        if "price_unit" in choice.values and self.price_source != "template":
            self._refuse_priced(lines)
        return lines

    def _refuse_priced(self, lines):
        """Refuse a price for lines that have it from their product."""
        priced = lines.filtered("product_id")
        if priced:
            raise UserError(
                self.env._(
                    "The price of %(line)s is that of the product or the price list on the day.",
                    line=priced[0]._recurrence_get_name(),
                )
            )

    @api.model
    def _filter_once_billed(self, lines):
        """Return the lines that are billed once, and were."""
        once = lines.filtered(lambda line: line.recurrence_billing == "once")
        billed = self.env["account.move.line"].sudo()
        billed = billed.search(
            [("recurrence_line_id", "in", once.ids), ("parent_state", "!=", "cancel")]
        )
        return once & billed.recurrence_line_id.with_env(self.env)

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
            product = product.with_company(self.company_id)
            lang = self.env["recurrence.occurrence"]._get_lang(template.partner_id)
            text = template._recurrence_get_product_text(product.with_context(lang=lang))
            own = template._recurrence_get_product_taxes(product.sudo())
            accounts = product.product_tmpl_id.get_product_accounts(fiscal_pos=position)
            values.setdefault("taxes", own)
            values.setdefault("price_unit", line.price_unit)
            values.update(
                product_id=product.id,
                product_uom_id=product.uom_id.id,
                name=text,
                account_id=(accounts[self._get_document().account] or line.account_id).id,
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


def _is_chosen(line, choice, first):
    """Whether a line is one of those that are meant, and not over.

    :param choice: LineChoice
    :param first: first day that nothing bills yet
    """
    return (
        line.display_type == "product"
        and (not choice.product or line.product_id == choice.product)
        and (choice.text or "").casefold() in (line.name or "").casefold()
        and not (line.recurrence_until and line.recurrence_until < first)
    )


def _show(record, field, value):
    """Return a value of a field as people see it."""
    if field.type == "selection":
        return dict(field._description_selection(record.env)).get(value)
    found = value if isinstance(value, models.BaseModel) else record.env[field.comodel_name]
    return (found or found.browse(value or ())).display_name

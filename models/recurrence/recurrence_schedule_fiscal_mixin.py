from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..common.activity_type import find_activity_type
from ..common.plain_note_mixin import plain_note
from .recurrence_schedule_billing_mixin import DRAFTS_URL

FISCAL_TYPE = "account_recurrence_dunning.mail_activity_type_taxes"

# A message names so many lines; more of them look alike.
NAMED_CHANGES = 6


class FiscalChange(NamedTuple):
    """How an invoice made today would differ from the template.

    :ivar position: account.fiscal.position
    :ivar lines: dict line → (account.tax or None where nobody can know them, account.account),
        as they are to be; of lines that differ only
    :ivar items: names of all differences, in the order they are told
    """

    position: models.BaseModel
    lines: dict
    items: tuple

    @property
    def key(self):
        return " ".join(self.items)


class RecurrenceScheduleFiscalMixin(models.AbstractModel):
    """Fiscal position, taxes and accounts of a template, held against what holds today.

    What a template says when a person has edited it is meant so, however it differs from Odoo's
    defaults. What differs later, because the customer has moved or a product got other taxes, is
    told once and handled as the company has set.
    """

    _name = "recurrence.schedule.fiscal.mixin"
    _inherit = "recurrence.dunning.system.field.mixin"
    _description = "Taxes of a Recurring Invoice"

    fiscal_accepted = fields.Char(
        copy=False,
        readonly=True,
        system=True,
        help="Differences that a user has chosen to leave in the template.",
    )
    fiscal_told = fields.Char(
        copy=False, readonly=True, system=True, help="Differences already reported."
    )
    fiscal_message = fields.Text(compute="_compute_fiscal_message", compute_sudo=True)

    # === COMPUTES === #

    @api.depends("state", "template_move_id", "fiscal_accepted", "fiscal_told")
    def _compute_fiscal_message(self):
        live = self.filtered(lambda s: s.state != "finished")
        changes = live._get_fiscal_changes()
        for schedule in self:
            change = changes.get(schedule)
            schedule.fiscal_message = change and schedule._describe_fiscal(change)

    # === COMPARING === #

    def _get_fiscal_changes(self):
        """Return what differs today from the templates and was not left in them by a person.

        :return: dict schedule → FiscalChange, only of those where something differs
        """
        changes = {}
        taxed = self.filtered(
            lambda s: s.template_move_id and not (s.is_kind or s._get_document().is_entry)
        )
        for company, schedules in taxed.grouped("company_id").items():
            templates = schedules.template_move_id.sudo().with_company(company)
            positions = self._get_positions(templates)
            by_id = {template.id: template for template in templates}
            for schedule in schedules:
                template = by_id[schedule.template_move_id.id]
                accepted = set((schedule.sudo().fiscal_accepted or "").split())
                change = self._compare_template(template, positions[template], accepted)
                if change.items:
                    changes[schedule] = change
        return changes

    @api.model
    def _get_positions(self, templates):
        """Return the fiscal position each template would get today; Odoo is asked per customer."""
        model = self.env["account.fiscal.position"].sudo().with_company(templates.company_id)
        positions = {}
        receipts = templates.filtered(lambda move: move.move_type == "in_receipt")
        of_receipts = templates.company_id.account_purchase_receipt_fiscal_position_id
        if of_receipts:
            positions.update(dict.fromkeys(receipts, of_receipts))
            templates -= receipts
        by_address = templates.grouped(lambda move: (move.partner_id, move.partner_shipping_id))
        for (partner, shipping), moves in by_address.items():
            delivery = shipping or partner.browse(partner.address_get(["delivery"])["delivery"])
            position = model._get_fiscal_position(partner, delivery=delivery)
            positions.update(dict.fromkeys(moves, position))
        return positions

    @api.model
    def _compare_template(self, template, position, accepted=()):
        """Return the differences between a template and an invoice made today.

        :param position: the fiscal position of the template's customer today
        :param accepted: items that a person has left in the template
        """
        lines, items = {}, []
        if position != template.fiscal_position_id:
            item = f"P:{position.id or 0}"
            if item in accepted:
                position = template.fiscal_position_id
            else:
                items.append(item)
        for line in template.line_ids.filtered(lambda line: line.display_type == "product"):
            taxes, account = self._get_taxes(line, position), self._get_account(line, position)
            ids = "?" if taxes is None else ",".join(map(str, sorted(taxes.ids)))
            if taxes == line.tax_ids or f"T:{line.id}:{ids}" in accepted:
                taxes = line.tax_ids
            else:
                items.append(f"T:{line.id}:{ids}")
            if account == line.account_id or f"A:{line.id}:{account.id}" in accepted:
                account = line.account_id
            else:
                items.append(f"A:{line.id}:{account.id}")
            if (taxes, account) != (line.tax_ids, line.account_id):
                lines[line] = taxes, account
        return FiscalChange(position, lines, tuple(items))

    @api.model
    def _get_taxes(self, line, position):
        """Return the taxes a line would have today; None where that cannot be known.

        Those of its product or account, as Odoo computes them. Taxes chosen by hand on a line
        without product follow the fiscal position.
        """
        template = line.move_id
        use = template._recurrence_get_document().side
        of_account = line.account_id.tax_ids.filtered(lambda tax: tax.type_tax_use == use)
        if line.product_id or line.account_id.tax_ids or not line.tax_ids:
            taxes = template._recurrence_get_product_taxes(line.product_id)
            taxes = taxes or of_account._filter_taxes_by_company(line.company_id)
            return position.map_tax(taxes)
        former = line.move_id.fiscal_position_id
        if position == former:
            return line.tax_ids
        originals = line.tax_ids.browse()
        for tax in line.tax_ids:
            mapped_from = tax.original_tax_ids if former & tax.fiscal_position_ids else tax
            if len(mapped_from) > 1:
                return None
            originals |= mapped_from or tax
        return position.map_tax(originals)

    @api.model
    def _get_account(self, line, position):
        """Return the account a line would have today; never an empty one."""
        if line.product_id:
            accounts = line.product_id.product_tmpl_id.get_product_accounts(fiscal_pos=position)
            name = line.move_id._recurrence_get_document().account
            return accounts[name] or line.account_id
        former = line.move_id.fiscal_position_id
        if position == former:
            return line.account_id
        sources = [
            source
            for source, target in (former.account_map or {}).items()
            if target == line.account_id.id
        ]
        account = line.account_id.browse(sources[0]) if len(sources) == 1 else line.account_id
        return position.map_account(account)

    def _describe_fiscal(self, change):
        """Return the differences as sentences, one a line."""
        nothing = self.env._("none")
        template = self.template_move_id.sudo()
        texts = []
        for item in change.items:
            kind, _colon, rest = item.partition(":")
            if kind == "P":
                texts.append(
                    self.env._(
                        "Fiscal position: %(new)s instead of %(old)s",
                        new=change.position.name or nothing,
                        old=template.fiscal_position_id.name or nothing,
                    )
                )
                continue
            line = template.line_ids.browse(int(rest.partition(":")[0]))
            taxes, account = change.lines[line]
            params = {"line": line._recurrence_get_name()}
            if kind == "A":
                params.update(new=account.display_name, old=line.account_id.display_name)
                texts.append(self.env._("%(line)s: account %(new)s instead of %(old)s", **params))
            elif taxes is None:
                params["old"] = ", ".join(line.tax_ids.mapped("name"))
                texts.append(
                    self.env._(
                        "%(line)s: other taxes instead of %(old)s, still to be chosen", **params
                    )
                )
            else:
                params["new"] = ", ".join(taxes.mapped("name")) or nothing
                params["old"] = ", ".join(line.tax_ids.mapped("name")) or nothing
                texts.append(self.env._("%(line)s: taxes %(new)s instead of %(old)s", **params))
        if len(texts) > NAMED_CHANGES:
            more = self.env._("and %(count)s more", count=len(texts) - NAMED_CHANGES)
            texts = [*texts[:NAMED_CHANGES], more]
        return "\n".join(texts)

    # === HANDLING === #

    def _get_fiscal_choice(self, change, choice=None):
        """Return how the invoice of this schedule is made where something differs.

        :param choice: "keep" or "take": what a person chose for this invoice
        :return: "keep", "take" or "wait"
        """
        choice = choice or self.company_id.sudo().recurrence_fiscal_change
        if choice == "take" and any(taxes is None for taxes, _account in change.lines.values()):
            return "wait"
        return choice

    @api.model
    def _apply_fiscal(self, change, vals, line_vals):
        """Put what holds today into the values of an invoice.

        :param line_vals: dict line of the template → values of its copy
        """
        vals["fiscal_position_id"] = change.position.id
        for line, (taxes, account) in change.lines.items():
            copied = line_vals.get(line.id)
            if copied is None or taxes is None:
                continue
            copied["account_id"] = account.id
            if taxes == line.tax_ids:
                continue
            copied["tax_ids"] = [fields.Command.set(taxes.ids)]
            copied.pop("balance", None)
            copied.pop("amount_currency", None)
            if "price_unit" in copied:
                # a price with tax in it stays the same without its tax
                copied["price_unit"] = self._get_price(line, taxes)

    @api.model
    def _get_price(self, line, taxes):
        return taxes._adapt_price_unit_to_another_taxes(
            line.price_unit, line.product_id, line.tax_ids, taxes
        )

    def _get_fiscal_wait_message(self, change):
        return self.env._(
            "%(name)s has not been issued: an invoice created today would differ from the "
            "template.\n%(changes)s\nOn the recurrence, either keep the template or update it.",
            name=self.name,
            changes=self._describe_fiscal(change),
        )

    @api.model
    def _tell_fiscal(self, changes):
        """Tell the responsible what differs: one activity, and none for what was told before.

        :param changes: dict schedule → FiscalChange
        """
        for schedule, change in changes.items():
            schedule = schedule.sudo()
            if schedule.fiscal_told == change.key:
                continue
            schedule.with_context(tracking_disable=True).fiscal_told = change.key
            told = schedule._get_fiscal_activities()
            if told:
                spoken = schedule.with_context(lang=told[0].user_id.lang)
                told[0].note = plain_note(spoken._get_fiscal_note(change))
                continue
            schedule.with_context(mail_activity_quick_update=True).activity_schedule(
                FISCAL_TYPE,
                date_deadline=fields.Date.context_today(schedule),
                note=lambda spoken, change=change: spoken._get_fiscal_note(change),
                user_id=schedule._get_responsible().id,
            )

    def _get_fiscal_activities(self):
        """Return the open activities that tell of taxes.

        Where their type was deleted they are tasks among others, which stay.
        """
        kind = find_activity_type(self.env, FISCAL_TYPE)
        others = self.backlog_activity_id | self.stale_activity_id | self.order_activity_id
        return (self.activity_ids - others).filtered(
            lambda a: (
                a.activity_type_id == kind and a.automated and DRAFTS_URL not in (a.note or "")
            )
        )

    def _get_fiscal_note(self, change):
        """Return what differs and what happens meanwhile, for the responsible."""
        return f"{self._describe_fiscal(change)}\n{self._get_fiscal_outcome(change)}"

    def _get_fiscal_outcome(self, change):
        """Return what happens with the invoices meanwhile, as a sentence."""
        choice = self._get_fiscal_choice(change)
        if choice == "take":
            return self.env._("Invoices are issued with the current values.")
        if choice == "keep":
            return self.env._("Invoices are issued as set in the template.")
        return self.env._("No invoice is issued until you decide.")

    # === ACTIONS === #

    def action_fiscal_keep(self):
        """Leave the differences in the templates: a person means them."""
        self.check_access("write")
        self._accept_fiscal()
        return self._finish_fiscal()

    def action_fiscal_take(self):
        """Bring fiscal position, taxes and accounts of the templates up to date."""
        self.check_access("write")
        for schedule, change in self._get_fiscal_changes().items():
            if schedule._get_fiscal_choice(change, "take") == "wait":
                raise UserError(
                    self.env._(
                        "Choose the taxes on the template of %(name)s:\n%(changes)s",
                        name=schedule.name,
                        changes=schedule._describe_fiscal(change),
                    )
                )
            self._write_fiscal(change, schedule.template_move_id)
            schedule._accept_fiscal()
        return self._finish_fiscal()

    @api.model
    def _write_fiscal(self, change, template):
        """Write fiscal position, taxes and accounts into a template.

        :param change: FiscalChange
        """
        vals, line_vals = {}, {line.id: {} for line in change.lines}
        for line in change.lines:
            line_vals[line.id]["price_unit"] = line.price_unit
        self._apply_fiscal(change, vals, line_vals)
        vals["invoice_line_ids"] = [
            fields.Command.update(line_id, values) for line_id, values in line_vals.items()
        ]
        template.write(vals)

    def _accept_fiscal(self, pending=()):
        """Take what the templates say now as meant, however it differs from Odoo's defaults.

        :param pending: items that a person has not decided on, and that stay open
        """
        schedules = self.sudo().with_context(tracking_disable=True)
        for schedule in schedules:
            template = schedule.template_move_id.with_company(schedule.company_id)
            key = False
            if template.partner_id:
                position = self._get_positions(template)[template]
                own = {f"P:{position.id or 0}"} - {f"P:{template.fiscal_position_id.id or 0}"}
                own -= set(pending)
                items = [*own, *self._compare_template(template, position, own).items]
                key = " ".join(item for item in items if item not in pending) or False
            vals = {"fiscal_accepted": key}
            if not pending:
                vals["fiscal_told"] = False
            schedule.write(vals)

    def _finish_fiscal(self):
        """Close the activity and let the dates that waited be issued."""
        self.sudo()._get_fiscal_activities().action_feedback()
        waiting = self.sudo().occurrence_ids.filtered(lambda o: o.state == "failed" and o.is_held)
        waiting.write({"retry_at": fields.Datetime.now(), "is_held": False})
        self._wake_up()
        return True

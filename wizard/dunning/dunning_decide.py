from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...models.common.amount_text import format_amounts
from ...models.common.client_action import CLOSE, notify, open_dialog

# So many customers' dossiers are made at once; of more each is made when it is asked for.
MOST_DOSSIERS = 5
# So many customers are named in the dialog.
MOST_NAMED = 5
DEFAULTS = {
    "journal_id": "dunning_end_journal_id",
    "write_off_account_id": "dunning_write_off_account_id",
    "doubtful_account_id": "dunning_doubtful_account_id",
    "allowance_account_id": "dunning_allowance_account_id",
}

# What a proposed entry needs, in the order of the dialog.
ENTRY_FIELDS = {
    "write_off": ("journal_id", "write_off_account_id"),
    "doubtful": ("journal_id", "doubtful_account_id", "allowance_account_id"),
}


class DunningDecide(models.TransientModel):
    """What becomes of items at the end of the ladder: one question, one dialog (K6)."""

    _name = "dunning.decide"
    _description = "Decision at the End of the Ladder"
    _inherit = "recurrence.dunning.own.record.mixin"
    _dialog_about = ("escalation_ids", "company_id")
    _check_company_auto = True

    escalation_ids = fields.Many2many("dunning.escalation", readonly=True, system=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, system=True)
    summary = fields.Char(compute="_compute_summary")
    names = fields.Text(string="Customers and Items", compute="_compute_summary")
    kind = fields.Selection(
        [
            ("hand_over", "Hand over to an agency or a lawyer"),
            ("write_off", "Propose a write-off"),
            ("doubtful", "Doubtful, propose an allowance"),
            ("wait", "Wait until a day"),
        ],
        string="Decision",
        required=True,
        default="hand_over",
    )
    may_book = fields.Boolean(compute="_compute_may_book")
    accountant_id = fields.Many2one("res.users", compute="_compute_may_book")
    date = fields.Date(required=True, default=lambda self: self.env.company._get_job_today())
    agency_id = fields.Many2one("res.partner", string="To Whom", check_company=True)
    reference = fields.Char(string="Their Reference")
    date_again = fields.Date(string="Wait Until")
    tag_id = fields.Many2one(
        "account.move.tag",
        string="Tag for the Invoices",
        check_company=True,
        help="Leave empty for the tag “Doubtful”.",
    )
    share = fields.Float(string="Share (%)", default=100.0, help="Per cent of what is open.")
    journal_id = fields.Many2one("account.journal", check_company=True)
    write_off_account_id = fields.Many2one(
        "account.account", string="Expense Account of Write-Offs", check_company=True
    )
    doubtful_account_id = fields.Many2one(
        "account.account", string="Expense Account of Allowances", check_company=True
    )
    allowance_account_id = fields.Many2one(
        "account.account", string="Account of Allowances", check_company=True
    )
    note = fields.Text()

    @api.model
    def _open(self, ends, kind):
        """Return the dialog about these items.

        :param kind: the decision chosen first; False: as the dialog has it
        """
        ends._check_decidable()
        company = ends.company_id
        if len(company) != 1:
            raise UserError(
                self.env._("Choose items of one company.")
                if ends
                else self.env._("Choose the items first.")
            )
        own = company.sudo()
        values = {name: own[source].id for name, source in DEFAULTS.items()}
        values["journal_id"] = values["journal_id"] or self._find_journal(company).id
        last = self.env["dunning.handover"].search([("company_id", "=", company.id)], limit=1)
        values |= {
            "agency_id": last.agency_id.id,
            "escalation_ids": [Command.set(ends.ids)],
            "company_id": company.id,
            "date": company._get_job_today(),
            "kind": kind or "hand_over",
        }
        dialog = self.sudo().create(values).sudo(False)
        return open_dialog(
            dialog, self.env._("What becomes of these items?"), context={"dialog_size": "medium"}
        )

    @api.model
    def _find_journal(self, company):
        return self.env["account.journal"].search(
            [("type", "=", "general"), ("company_id", "=", company.id)], limit=1
        )

    @api.depends("escalation_ids")
    @api.depends_context("lang")
    def _compute_summary(self):
        for dialog in self:
            ends, totals = dialog.escalation_ids, {}
            for end in ends:
                totals[end.currency_id] = totals.get(end.currency_id, 0.0) + end.amount_residual
            dialog.summary = self.env._(
                "Items: %(items)s · customers: %(customers)s · open: %(amount)s",
                items=len(ends),
                customers=len(ends.partner_id),
                amount=format_amounts(self.env, totals.items()),
            )
            dialog.names = dialog._name_items()

    def _name_items(self):
        """Return the customers with their items, a line each; of many the first ones."""
        lines = [
            f"{customer.name}: {', '.join(ends.mapped('move_id.name'))}"
            for customer, ends in self.escalation_ids.grouped("partner_id").items()
        ]
        more = len(lines) - MOST_NAMED
        if more > 0:
            lines[MOST_NAMED:] = [self.env._("Further customers: %(count)s", count=more)]
        return "\n".join(lines)

    @api.depends("company_id")
    @api.depends_context("uid")
    def _compute_may_book(self):
        self.may_book = self.env["dunning.escalation"]._may_book()
        for dialog in self:
            dialog.accountant_id = dialog.company_id._dunning_get_accountant()

    def action_decide(self):
        """Do what was chosen about the items."""
        self._check_dialog()
        self.ensure_one()
        ends = self.escalation_ids
        ends.check_access("write")
        ends._check_decidable()
        if self.note:
            ends.write({"note": self.note})
        return getattr(self, f"_decide_{self.kind}")(ends)

    def _decide_hand_over(self, ends):
        if not self.agency_id:
            raise UserError(self.env._("To whom? Choose the collection agency or the lawyer."))
        handovers = ends._hand_over(
            self.agency_id, date_given=self.date, reference=self.reference, note=self.note
        )
        if len(handovers) <= MOST_DOSSIERS and self.env["dunning.level"]._can_make_pdf():
            handovers.action_make_dossier()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_recurrence_dunning.dunning_handover_action"
        )
        if len(handovers) == 1:
            return {**action, "views": [(False, "form")], "res_id": handovers.id}
        return {**action, "domain": [("id", "in", handovers.ids)], "context": {}}

    def _decide_wait(self, ends):
        if not self.date_again or self.date_again <= self.company_id._get_job_today():
            raise UserError(self.env._("Until when? Choose a day to come."))
        ends._decide("wait", date_again=self.date_again)
        return notify(self.env._("They come back to the list on that day."), then=CLOSE)

    def _decide_write_off(self, ends):
        account = self.write_off_account_id
        return self._propose(ends, account, account)

    def _decide_doubtful(self, ends):
        if not 0.0 < self.share <= 100.0:
            raise UserError(self.env._("Share: enter a number above 0, at most 100."))
        tag = self.tag_id or self._get_doubtful_tag()
        ends.move_id.write({"tag_ids": [Command.link(tag.id)]})
        accounts = self.doubtful_account_id, self.allowance_account_id
        return self._propose(ends, *accounts)

    def _get_doubtful_tag(self):
        """Return the tag of the name, which is made where there is none."""
        name = self.env._("Doubtful")
        tags = self.env["account.move.tag"].sudo()
        domain = [("name", "=", name), ("company_id", "in", (False, self.company_id.id))]
        return tags.search(domain, limit=1) or tags.create({"name": name})

    def _propose(self, ends, account, against):
        """Propose the entries, or have the accountant do so where the user may not."""
        if not self.may_book:
            ends._decide(self.kind, date_again=False)
            ends._ask_accountant(self.kind)
            return notify(
                self.env._("%(user)s is asked for the entry.", user=self.accountant_id.name),
                then=CLOSE,
            )
        self._check_entry_fields()
        if self.journal_id.type != "general":
            raise UserError(
                self.env._(
                    "Choose a journal for miscellaneous entries, not “%(journal)s”.",
                    journal=self.journal_id.name,
                )
            )
        share = self.share if self.kind == "doubtful" else 100.0
        entries = ends._propose_entries(
            self.kind, self.date, self.journal_id, account, against, share
        )
        ends._decide(self.kind, date_again=False)
        self._remember_accounts()
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Proposed Entries"),
            "res_model": "account.move",
            "view_mode": "list,form",
            "domain": [("id", "in", entries.ids)],
        }
        return entries.get_formview_action() if len(entries) == 1 else action

    def _check_entry_fields(self):
        """Refuse an entry whose journal or account is not chosen, and name what lacks."""
        missing = [name for name in ENTRY_FIELDS[self.kind] if not self[name]]
        if missing:
            labels = self.fields_get(missing, ["string"])
            raise UserError(
                self.env._(
                    "Still to be chosen: %(fields)s",
                    fields=", ".join(labels[name]["string"] for name in missing),
                )
            )

    def _remember_accounts(self):
        """Keep what was chosen for the next time, where the settings say nothing."""
        company = self.company_id.sudo()
        chosen = {source: self[name].id for name, source in DEFAULTS.items()}
        company.write(
            {name: value for name, value in chosen.items() if value and not company[name]}
        )

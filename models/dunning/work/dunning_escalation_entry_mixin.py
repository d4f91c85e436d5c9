from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .dunning_company_end import BOOKKEEPERS

TASK = "mail.mail_activity_data_todo"


class DunningEscalationEntryMixin(models.AbstractModel):
    """Draft entries that are proposed for what will not be paid; a person posts them, or not."""

    _name = "dunning.escalation.entry.mixin"
    _description = "Entries Proposed at the End of the Ladder"

    entry_id = fields.Many2one(
        "account.move",
        string="Proposed Entry",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    entry_state = fields.Selection(
        string="Status of the Entry", related="entry_id.state", depends=["entry_id"]
    )
    may_book = fields.Boolean(compute="_compute_may_book")

    @api.depends_context("uid")
    def _compute_may_book(self):
        self.may_book = self._may_book()

    @api.model
    def _may_book(self):
        """Whether the user may make journal entries: dunning and invoicing alone do not."""
        user = self.env.user
        return user.has_groups(BOOKKEEPERS) and self.env["account.move"].has_access("create")

    def _describe_entry(self):
        entry = self.sudo().entry_id
        if not entry:
            return self.env._("The accountant is asked.")
        state = dict(entry._fields["state"]._description_selection(self.env))[entry.state]
        name = entry.name if entry.name and entry.name != "/" else entry.ref
        return f"{state}: {name}"

    def _check_no_entry(self):
        """Refuse where an entry was proposed and is neither cancelled nor deleted."""
        for end in self.sudo():
            entry = end.entry_id
            if entry and entry.state == "draft":
                raise UserError(
                    self.env._(
                        "A draft entry is proposed for %(number)s: delete it first.",
                        number=end.move_name,
                    )
                )

    def _propose_entries(self, kind, day, journal, account, against=None, share=100.0):
        """Make a draft entry for each customer, and link it and the items to each other.

        :param kind: ``write_off`` takes the receivable away, ``doubtful`` puts an allowance
            beside it
        :param account: the expense account
        :param against: the allowance account, of ``doubtful``
        :param share: per cent of what is open
        :return: the entries
        """
        if not self._may_book():
            raise AccessError(self.env._("Only an accountant can make these entries."))
        self._check_no_entry()
        entries = self.env["account.move"]
        for (company, customer), found in self.grouped(
            lambda end: (end.company_id, end.partner_id)
        ).items():
            values = found._prepare_entry(kind, account, against, share / 100.0)
            entry = entries.with_company(company).create(
                {
                    "move_type": "entry",
                    "company_id": company.id,
                    "journal_id": journal.id,
                    "date": day,
                    "ref": found._get_entry_ref(kind, customer),
                    "line_ids": [Command.create(vals) for vals in values],
                }
            )
            found.sudo().entry_id = entry
            found._tell_of_entry(entry)
            entries |= entry
        self.activity_feedback([TASK])
        return entries

    @api.model
    def _get_entry_ref(self, kind, customer):
        if kind == "write_off":
            return self.env._("Write-off: %(customer)s", customer=customer.name)
        return self.env._("Allowance for doubtful debts: %(customer)s", customer=customer.name)

    def _prepare_entry(self, kind, account, against, share):
        """Return the values of the lines: of each item the expense, and what stands against it."""
        values = []
        for end in self.sudo():
            line = end.move_line_id
            currency = line.currency_id
            amount = currency.round(line.amount_residual_currency * share)
            balance = line.company_currency_id.round(line.amount_residual * share)
            target = line.account_id if kind == "write_off" else against
            common = {
                "name": end.move_name,
                "partner_id": line.partner_id.id,
                "currency_id": currency.id,
            }
            values += [
                {
                    **common,
                    "account_id": account.id,
                    "amount_currency": amount,
                    "balance": balance,
                    "tax_ids": [],
                },
                {
                    **common,
                    "account_id": target.id,
                    "amount_currency": -amount,
                    "balance": -balance,
                    "tax_ids": [],
                },
            ]
        return values

    def _tell_of_entry(self, entry):
        """Note on the entry which items it is for, and on these and their invoices the entry."""
        numbers = Markup(", ").join(end._get_html_link(title=end.move_name) for end in self)
        entry.message_post(
            body=self.env._("Proposed at the end of the ladder for: %(items)s", items=numbers),
            subtype_xmlid="mail.mt_note",
        )
        link = entry._get_html_link(title=entry.ref)
        for record in (*self, *self.move_id):
            record.message_post(
                body=self.env._("A draft entry is proposed: %(entry)s", entry=link),
                subtype_xmlid="mail.mt_note",
            )

    def _ask_accountant(self, kind):
        """Have an accountant make the entry that whoever decides may not make."""
        for end in self:
            user = end.company_id._dunning_get_accountant()
            end.sudo().activity_schedule(
                TASK,
                date_deadline=end.company_id._get_job_today(),
                summary=lambda spoken, kind=kind: spoken._get_asked_summary(kind),
                note=lambda spoken: " · ".join(
                    filter(None, (spoken.partner_id.name, spoken.move_name, spoken.note))
                ),
                user_id=user.id,
            )

    @api.model
    def _get_asked_summary(self, kind):
        if kind == "write_off":
            return self.env._("Propose the entry of a write-off")
        return self.env._("Propose the entry of an allowance")

    def action_open_entry(self):
        """Open the entry that is proposed."""
        self.ensure_one()
        self.check_access("read")
        if not self.entry_id:
            raise UserError(self.env._("No entry is proposed."))
        return self.entry_id.get_formview_action()

    def action_match_entry(self):
        """Match posted write-offs with their invoices, which are settled by that."""
        self.check_access("write")
        self.env["account.partial.reconcile"].check_access("create")
        for end in self:
            line, entry = end.move_line_id, end.entry_id
            if end.decision != "write_off" or entry.state != "posted":
                raise UserError(self.env._("There is no posted write-off to match."))
            found = entry.line_ids.filtered(
                lambda one, line=line: (
                    one.account_id == line.account_id
                    and one.partner_id == line.partner_id
                    and one.name == line.move_id.name
                    and not one.reconciled
                )
            )
            # of instalments that stand in one entry each has its own line
            same = found.filtered(
                lambda one, line=line: one.currency_id.is_zero(
                    one.amount_residual_currency + line.amount_residual_currency
                )
            )
            (line | (same or found)[:1]).reconcile()
        return True

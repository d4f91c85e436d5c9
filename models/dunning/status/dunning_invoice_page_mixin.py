from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_amount, format_date

STATE_COLORS = {
    "sent": "success",
    "queued": "info",
    "draft": "warning",
    "failed": "danger",
    "undeliverable": "danger",
}


class DunningInvoicePageMixin(models.AbstractModel):
    """What the dunning page of an invoice shows and does; account.move only calls it."""

    _name = "dunning.invoice.page.mixin"
    _description = "Dunning on the Invoice Screen"

    @api.depends(
        "move_type",
        "state",
        "invoice_date",
        "company_id.dunning_scope",
        "company_id.dunning_activation_date",
        "company_id.dunning_program_id",
        "commercial_partner_id.dunning_policy",
        "commercial_partner_id.dunning_program_id",
        "dunning_choice",
        "dunning_program_id",
    )
    def _compute_dunning_include(self):
        """Fill whether each invoice is reminded automatically, and by which program."""
        for move in self:
            is_invoice = move.move_type in ("out_invoice", "out_receipt")
            move.dunning_include = is_invoice and not move._dunning_get_exclusion()
            move.dunning_effective_program_id = is_invoice and move._dunning_get_program()

    def _compute_dunning_history(self):
        """Fill the lines of the reminders each invoice was in, latest first."""
        groups = self.env["dunning.reminder.line"]._read_group(
            [("move_id", "in", self.ids), ("kind", "=", "remind"), ("is_test", "=", False)],
            ["move_id"],
            ["id:recordset"],
        )
        lines = {move.id: found.sorted("id", reverse=True) for move, found in groups}
        for move in self:
            move.dunning_reminder_line_ids = lines.get(move.id, False)

    @api.depends("dunning_next_date")
    def _compute_dunning_explanation(self):
        """Fill what comes next for each due line of these invoices, and why or why not."""
        for move in self:
            move.dunning_explanation = False
        posted = self.filtered(
            lambda move: (
                move.id
                and move.state == "posted"
                and move.move_type in ("out_invoice", "out_receipt")
            )
        )
        for company, company_moves in posted.grouped("company_id").items():
            by_move = defaultdict(list)
            for fact in company._dunning_decide(company._get_job_today(), moves=company_moves):
                by_move[fact.move_id].append(fact)
            for move in company_moves:
                move.dunning_explanation = move._dunning_explain(by_move.get(move.id, []))

    def _dunning_explain(self, facts):
        """Return the reasons of the decisions on one invoice, a line each where several differ."""
        if not self.company_id.dunning_active:
            return self.env._("Dunning is switched off in the company settings.")
        if not facts:
            return self.env._("Nothing is outstanding.")
        reasons = self.env["dunning.reason"]
        sentences = [
            reasons._get_sentence(fact.decision.reason, fact.decision.params) for fact in facts
        ]
        if len(set(sentences)) == 1:
            return sentences[0]
        return "\n".join(
            self.env._(
                "%(amount)s due on %(date)s: %(reason)s",
                amount=format_amount(
                    self.env, fact.residual, self.env["res.currency"].browse(fact.currency_id)
                ),
                date=format_date(self.env, fact.line.due),
                reason=sentence,
            )
            for fact, sentence in zip(facts, sentences, strict=True)
        )

    def _dunning_get_page(self):
        """Return the blocks and reminders of one invoice as texts in the reader's language."""
        self.ensure_one()
        return {
            "blocks": [
                self._dunning_describe_block(block) for block in self.dunning_current_block_ids
            ],
            "reminders": [
                self._dunning_describe_line(line) for line in self.dunning_reminder_line_ids
            ],
        }

    @api.model
    def _dunning_describe_block(self, block):
        kinds = dict(block._fields["kind"]._description_selection(self.env))
        until = block.date_until and format_date(self.env, block.date_until)
        return {
            "id": block.id,
            "kind": kinds[block.kind],
            "reason": block.reason or "",
            "until": until or self.env._("Until lifted"),
            "user": block.user_id.name,
        }

    @api.model
    def _dunning_describe_line(self, line):
        states = dict(line._fields["state"]._description_selection(self.env))
        return {
            "id": line.id,
            "reminder_id": line.reminder_id.id,
            "date": format_date(self.env, line.date),
            "level": line.level_id.display_name,
            "due_date": line.due_date and format_date(self.env, line.due_date),
            "days_late": line.days_late,
            "amount": format_amount(self.env, line.amount_residual, line.currency_id),
            "state": states[line.state],
            "color": STATE_COLORS.get(line.state, "secondary"),
        }

    @api.model
    def _dunning_get_block_domain(self, company, as_of):
        """Return the domain of the blocks that hold on a day.

        The day a block is lifted on is already free of it.
        """
        return (
            Domain("company_id", "=", company.id)
            & Domain("date_from", "<=", as_of)
            & (Domain("date_until", "=", False) | Domain("date_until", ">=", as_of))
            & (Domain("lifted_date", "=", False) | Domain("lifted_date", ">", as_of))
        )

    @api.depends("dunning_block_ids.lifted_date", "commercial_partner_id", "company_id")
    def _compute_dunning_current_block_ids(self):
        """Fill the blocks that hold each invoice today: its own and those of its customer."""
        blocks_model = self.env["dunning.block"]
        for company, company_moves in self.grouped("company_id").items():
            if not company:
                company_moves.dunning_current_block_ids = False
                continue
            partners = company_moves.commercial_partner_id
            blocks = blocks_model.search(
                self._dunning_get_block_domain(company, company._get_job_today())
                & Domain("partner_id", "in", partners._origin.ids)
                & (
                    Domain("move_id", "=", False)
                    | Domain("move_id", "in", company_moves._origin.ids)
                )
            )
            for move in company_moves:
                move.dunning_current_block_ids = blocks.filtered(
                    lambda block, m=move: (
                        (block.move_id or m._origin) == m._origin
                        and block.partner_id == m.commercial_partner_id._origin
                    )
                )

    @api.model
    def _search_is_dunning_blocked(self, operator, value):
        """Return the domain of the invoices that a block holds today, for all allowed companies."""
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        domain = Domain.FALSE
        for company in self.env.companies:
            blocks = self.env["dunning.block"].search(
                self._dunning_get_block_domain(company, company._get_job_today())
            )
            partners = blocks.filtered(lambda block: not block.move_id).partner_id
            domain |= Domain("company_id", "=", company.id) & (
                Domain("id", "in", blocks.move_id.ids)
                | Domain("commercial_partner_id", "in", partners.ids)
            )
        return domain & Domain("move_type", "in", ("out_invoice", "out_receipt"))

    def _dunning_refresh(self):
        """Bring level, dates and next step of these invoices up to date after a change."""
        self._dunning_refresh_customers(
            {
                company: found.commercial_partner_id
                for company, found in self.grouped("company_id").items()
            }
        )

    @api.model
    def _dunning_refresh_customers(self, customers):
        """Bring the open invoices of customers up to date after a change that concerns them.

        :param customers: ``{company: commercial partners}``
        """
        for company, partners in customers.items():
            if company.dunning_active and partners:
                company.sudo().with_company(company)._dunning_refresh_status(
                    company._get_job_today(), partners=partners
                )

    def _dunning_get_sent_pdfs(self):
        """Return the ids of the PDFs that were sent of invoices: ``{move id: attachment id}``."""
        found = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", "account.move"),
                    ("res_id", "in", self.ids),
                    ("res_field", "=", "invoice_pdf_report_file"),
                ]
            )
        )
        return {attachment.res_id: attachment.id for attachment in found}

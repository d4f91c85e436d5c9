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


class DunningInvoice(models.AbstractModel):
    """What the dunning page of an invoice shows and does; account.move only calls it."""

    _name = "dunning.invoice"
    _description = "Dunning on the Invoice Screen"

    @api.model
    def _compute_include(self, moves):
        """Fill whether each invoice is reminded automatically, and by which program."""
        policy = self.env["dunning.policy"]
        for move in moves:
            is_invoice = move.move_type in ("out_invoice", "out_receipt")
            move.dunning_include = is_invoice and not policy._get_exclusion(move)
            move.dunning_effective_program_id = is_invoice and policy._get_program(move)

    @api.model
    def _compute_history(self, moves):
        """Fill the lines of the reminders each invoice was in, latest first."""
        groups = self.env["dunning.reminder.line"]._read_group(
            [("move_id", "in", moves.ids), ("kind", "=", "remind"), ("is_test", "=", False)],
            ["move_id"],
            ["id:recordset"],
        )
        lines = {move.id: found.sorted("id", reverse=True) for move, found in groups}
        for move in moves:
            move.dunning_reminder_line_ids = lines.get(move.id, False)

    @api.model
    def _compute_explanation(self, moves):
        """Fill what comes next for each due line of these invoices, and why or why not."""
        for move in moves:
            move.dunning_explanation = False
        posted = moves.filtered(
            lambda move: (
                move.id
                and move.state == "posted"
                and move.move_type in ("out_invoice", "out_receipt")
            )
        )
        service = self.env["dunning.due.line"].sudo()
        for company, company_moves in posted.grouped("company_id").items():
            as_of = company._get_job_today()
            found = service.with_company(company)
            facts = found._collect(company, as_of, moves=company_moves)
            found._decide(facts, company, as_of)
            by_move = {}
            for fact in facts:
                by_move.setdefault(fact.move_id, []).append(fact)
            for move in company_moves:
                move.dunning_explanation = self._explain(move, by_move.get(move.id, []))

    @api.model
    def _explain(self, move, facts):
        """Return the reasons of the decisions on one invoice, a line each where several differ."""
        if not move.company_id.dunning_active:
            return self.env._("Dunning is switched off in the settings of the company.")
        if not facts:
            return self.env._("Nothing is open.")
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

    @api.model
    def _get_page(self, move):
        """Return the blocks and reminders of one invoice as texts in the reader's language."""
        move.ensure_one()
        return {
            "blocks": [self._describe_block(block) for block in move.dunning_current_block_ids],
            "reminders": [self._describe_line(line) for line in move.dunning_reminder_line_ids],
        }

    @api.model
    def _describe_block(self, block):
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
    def _describe_line(self, line):
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
    def _get_block_domain(self, company, as_of):
        """Return the domain of the blocks that hold on a day.

        The day a block is lifted on is already free of it.
        """
        return (
            Domain("company_id", "=", company.id)
            & Domain("date_from", "<=", as_of)
            & (Domain("date_until", "=", False) | Domain("date_until", ">=", as_of))
            & (Domain("lifted_date", "=", False) | Domain("lifted_date", ">", as_of))
        )

    @api.model
    def _compute_current_blocks(self, moves):
        """Fill the blocks that hold each invoice today: its own and those of its customer."""
        blocks_model = self.env["dunning.block"]
        for company, company_moves in moves.grouped("company_id").items():
            if not company:
                company_moves.dunning_current_block_ids = False
                continue
            partners = company_moves.commercial_partner_id
            blocks = blocks_model.search(
                self._get_block_domain(company, company._get_job_today())
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
    def _search_blocked(self, operator, value):
        """Return the domain of the invoices that a block holds today, for all allowed companies."""
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        domain = Domain.FALSE
        for company in self.env.companies:
            blocks = self.env["dunning.block"].search(
                self._get_block_domain(company, company._get_job_today())
            )
            partners = blocks.filtered(lambda block: not block.move_id).partner_id
            domain |= Domain("company_id", "=", company.id) & (
                Domain("id", "in", blocks.move_id.ids)
                | Domain("commercial_partner_id", "in", partners.ids)
            )
        return domain & Domain("move_type", "in", ("out_invoice", "out_receipt"))

    @api.model
    def _refresh(self, moves):
        """Bring level, dates and next step of these invoices up to date after a change."""
        self._refresh_customers(
            {
                company: found.commercial_partner_id
                for company, found in moves.grouped("company_id").items()
            }
        )

    @api.model
    def _refresh_customers(self, customers):
        """Bring the open invoices of customers up to date after a change that concerns them.

        :param customers: ``{company: commercial partners}``
        """
        status = self.env["dunning.due.status"].sudo()
        for company, partners in customers.items():
            if company.dunning_active and partners:
                status.with_company(company)._refresh(
                    company, company._get_job_today(), partners=partners
                )

    @api.model
    def _follow_partner_write(self, partners, vals):
        """Refresh the open invoices of customers whose policy or program was written."""
        if "dunning_policy" in vals or "dunning_program_id" in vals:
            customers = partners.commercial_partner_id
            self._refresh_customers({self.env.company: customers})

    @api.model
    def _get_block_action(self, move=None, partner=None):
        """Return the dialog that blocks reminders of an invoice or of a customer."""
        context = {"dialog_size": "medium"}
        if move:
            context["default_move_id"] = move.id
        elif partner:
            context["default_partner_id"] = partner.commercial_partner_id.id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Block reminders"),
            "res_model": "dunning.block",
            "view_mode": "form",
            "views": [
                (
                    self.env.ref("account_recurrence_dunning.dunning_block_view_form_dialog").id,
                    "form",
                )
            ],
            "target": "new",
            "context": context,
        }

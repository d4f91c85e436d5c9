from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

MODULE = "account_recurrence_dunning"


class DunningPartnerStatementMixin(models.AbstractModel):
    """Statements of open items of customers, by hand: for any that has some (C1)."""

    _name = "dunning.partner.statement.mixin"
    _description = "Statements of Customers"

    def _dunning_check_statement(self):
        """Refuse who may not see what these customers owe: it is read by the engine."""
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group(f"{MODULE}.dunning_group_user"):
            raise AccessError(self.env._("Only dunning users may make statements of open items."))

    def _dunning_get_statements(self):
        """Return the statements of these customers, one for each of the current companies.

        Records that are not stored: the table, the payment details and the page are those of
        reminders. Who has no open items has no statement.
        """
        self._dunning_check_statement()
        customers = self.commercial_partner_id
        statements = []
        for company in self.env.companies:
            day = company._get_job_today()
            items = self._dunning_keep_lines(company._dunning_collect_statements(day, customers))
            recipients = customers._dunning_get_statement_recipients(company)
            statements += [
                customer._dunning_prepare_statement(
                    company, day, recipients[customer.id], items[customer.id]
                )
                for customer in customers
                if customer.id in items
            ]
        # side by side, what is looked up for one is looked up for all
        order = {customer_id: place for place, customer_id in enumerate(customers.ids)}
        statements.sort(key=lambda statement: order[statement["partner_id"]])
        reminders = self.env["dunning.reminder"].sudo()
        result = reminders.concat(*(reminders.new(values) for values in statements))
        result._add_claims()
        return result

    def _dunning_keep_lines(self, items):
        """Return what is open, reduced to the due lines that the context names, if it does."""
        lines = self.env.context.get("dunning_statement_lines")
        if lines is None:
            return items
        kept = {
            customer_id: [item for item in found if item["move_line_id"] in lines]
            for customer_id, found in items.items()
        }
        return {customer_id: found for customer_id, found in kept.items() if found}

    def _dunning_get_statement_recipients(self, company):
        """Return whom statements are addressed to, as reminders are: ``{customer id: partner}``."""
        customers = self.with_company(company).sudo()
        programs = {one: one._dunning_get_statement_program(company) for one in customers}
        pairs = [(program, customer) for customer, program in programs.items() if program]
        found = self.env["dunning.program"].sudo()._find_recipients(company, pairs)
        nobody = (self.browse(), self.browse())
        return {
            customer.id: found.get((program.id, customer.id), nobody)[0] or customer
            for customer, program in programs.items()
        }

    def _dunning_get_statement_program(self, company):
        """Return the program by which a customer is written to, also one who is never reminded."""
        own = self.with_company(company).sudo().dunning_effective_program_id
        return own or company.sudo().dunning_program_id

    def _dunning_prepare_statement(self, company, day, recipient, items):
        return {
            "partner_id": self.id,
            "company_id": company.id,
            "date": day,
            "lang": recipient._dunning_get_lang(self, company),
            "channel": "letter",
            "by_hand": True,
            "is_statement": True,
            "program_id": self._dunning_get_statement_program(company).id,
            "recipient_ids": [Command.link(recipient.id)],
            "line_ids": [
                Command.create({**item, "partner_id": self.id, "company_id": company.id})
                for item in items
            ],
        }

    def _dunning_without_statement(self, statements):
        """Return a sentence on those of these customers that have no open items; empty: none.

        :raise UserError: none of them has any
        """
        without = self.commercial_partner_id - statements.partner_id
        names = ", ".join(without.mapped("display_name"))
        if without and not statements:
            raise UserError(self.env._("No open items: %(customers)s.", customers=names))
        return self.env._("No open items: %(customers)s.", customers=names) if without else ""

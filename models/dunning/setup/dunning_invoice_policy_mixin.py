from odoo import api, models
from odoo.tools import SQL


class DunningInvoicePolicyMixin(models.AbstractModel):
    """Which program a customer invoice follows, and whether it is reminded automatically.

    The one place for both questions (D2, D9, D10), invoice before customer before company: as SQL
    for the engine's query over many invoices, as Python for the screens, which also show what is
    not saved yet.
    """

    _name = "dunning.invoice.policy.mixin"
    _description = "Dunning Policy of Invoices"

    @api.model
    def _dunning_get_sql_program(self, company, move="move", partner="partner"):
        """Return the SQL of the id of the program an invoice follows; NULL: none.

        :param company: the company whose settings and whose customer values are read
        :param move: SQL alias of account_move
        :param partner: SQL alias of res_partner, the commercial partner of the invoice
        """
        partners = self.env["res.partner"].sudo().with_company(company)
        moves = self.env["account.move"].sudo()
        return SQL(
            "COALESCE(%s, CASE WHEN %s = 'own' THEN %s END, %s)",
            moves._field_to_sql(move, "dunning_program_id"),
            partners._field_to_sql(partner, "dunning_policy"),
            partners._field_to_sql(partner, "dunning_program_id"),
            self.env["dunning.program.rule"]._get_sql_program(company, partner),
        )

    @api.model
    def _dunning_get_sql_exclusion(self, company, move="move", partner="partner"):
        """Return the SQL of the reason code why an invoice is not reminded automatically.

        NULL: it is. The codes are hold reasons of the ladder: ``invoice_off``,
        ``customer_never``, ``before_activation``. Parameters as in ``_dunning_get_sql_program``.
        """
        partners = self.env["res.partner"].sudo().with_company(company)
        moves = self.env["account.move"].sudo()
        activation = company.dunning_activation_date
        if company.dunning_scope == "chosen" or not activation:
            general = SQL("'invoice_off'")
        else:
            general = SQL(
                "CASE WHEN COALESCE(%s, %s) < %s THEN 'before_activation' END",
                moves._field_to_sql(move, "invoice_date"),
                moves._field_to_sql(move, "date"),
                activation,
            )
        return SQL(
            """CASE WHEN %(choice)s = 'remind' THEN NULL
                    WHEN %(choice)s = 'never' THEN 'invoice_off'
                    WHEN %(policy)s = 'never' THEN 'customer_never'
                    WHEN %(policy)s IN ('general', 'own') THEN NULL
                    ELSE %(general)s END""",
            choice=moves._field_to_sql(move, "dunning_choice"),
            policy=partners._field_to_sql(partner, "dunning_policy"),
            general=general,
        )

    def _dunning_get_program(self):
        """Return the program an invoice follows; empty: none."""
        company = self.company_id or self.env.company
        partner = self.commercial_partner_id.sudo().with_company(company)
        chosen = partner.dunning_effective_program_id if partner else False
        # of no customer the company's, as for one whom no rule catches
        return self.dunning_program_id or (chosen if partner else company.sudo().dunning_program_id)

    def _dunning_get_exclusion(self, choice=None):
        """Return the code why an invoice is not reminded automatically, or None where it is.

        :param choice: the value to take for ``dunning_choice``; None: the invoice's own
        """
        choice = self.dunning_choice if choice is None else choice
        if choice:
            return None if choice == "remind" else "invoice_off"
        company = self.company_id or self.env.company
        policy = self.commercial_partner_id.sudo().with_company(company).dunning_policy
        if policy:
            return "customer_never" if policy == "never" else None
        return self._dunning_get_general_exclusion(company)

    def _dunning_get_general_exclusion(self, company):
        """Return the code where neither invoice nor customer says anything: the company does."""
        activation = company.dunning_activation_date
        if company.dunning_scope == "chosen" or not activation:
            return "invoice_off"
        # A draft without a date gets that of the day it is posted.
        date = self.invoice_date or (self.state == "posted" and self.date)
        return "before_activation" if date and date < activation else None

    def _dunning_set_included(self, included):
        """Switch automatic reminders of these invoices on or off.

        On is left to customer and company where they say so anyway: what they change later then
        holds for the invoice too.
        """
        # No total depends on the choice: Odoo need not synchronise the lines of each invoice.
        moves = self.with_context(skip_invoice_sync=True, skip_is_manually_modified=True)
        if not included:
            moves.write({"dunning_choice": "never"})
            return
        general = moves.filtered(lambda move: not move._dunning_get_exclusion(choice=""))
        general.write({"dunning_choice": False})
        (moves - general).write({"dunning_choice": "remind"})

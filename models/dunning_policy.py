from odoo import api, models
from odoo.tools import SQL


class DunningPolicy(models.AbstractModel):
    """Which program a customer invoice follows, and whether it is reminded automatically.

    The one place for both questions (D2, D9, D10): the engine joins the SQL into its query, the
    screens ask for single invoices through the same SQL. Invoice before customer before company.
    """

    _name = "dunning.policy"
    _description = "Dunning Policy of Invoices"

    @api.model
    def _get_sql_program(self, company, move="move", partner="partner"):
        """Return the SQL of the id of the program an invoice follows; NULL: none.

        :param company: the company whose settings and whose customer values are read
        :param move: SQL alias of account_move
        :param partner: SQL alias of res_partner, the commercial partner of the invoice
        """
        partners = self.env["res.partner"].with_company(company)
        return SQL(
            "COALESCE(%s, CASE WHEN %s = 'own' THEN %s END, %s)",
            SQL.identifier(move, "dunning_program_id"),
            partners._field_to_sql(partner, "dunning_policy"),
            partners._field_to_sql(partner, "dunning_program_id"),
            company.dunning_program_id.id or SQL("NULL::int4"),
        )

    @api.model
    def _get_sql_exclusion(self, company, move="move", partner="partner"):
        """Return the SQL of the reason code why an invoice is not reminded automatically.

        NULL: it is. The codes are hold reasons of the ladder: ``invoice_off``,
        ``customer_never``, ``before_activation``. Parameters as in ``_get_sql_program``.
        """
        partners = self.env["res.partner"].with_company(company)
        activation = company.dunning_activation_date
        if company.dunning_scope == "chosen" or not activation:
            general = SQL("'invoice_off'")
        else:
            general = SQL(
                "CASE WHEN COALESCE(%s, %s) < %s THEN 'before_activation' END",
                SQL.identifier(move, "invoice_date"),
                SQL.identifier(move, "date"),
                activation,
            )
        return SQL(
            """CASE WHEN %(choice)s = 'remind' THEN NULL
                    WHEN %(choice)s = 'never' THEN 'invoice_off'
                    WHEN %(policy)s = 'never' THEN 'customer_never'
                    WHEN %(policy)s IN ('general', 'own') THEN NULL
                    ELSE %(general)s END""",
            choice=SQL.identifier(move, "dunning_choice"),
            policy=partners._field_to_sql(partner, "dunning_policy"),
            general=general,
        )

    @api.model
    def _get_for_moves(self, moves):
        """Return ``{move id: (program, exclusion code or None)}`` of saved invoices.

        Fields of the invoices and customers are flushed first, so that unsaved-in-SQL writes of
        the same transaction count.
        """
        result = {}
        moves.flush_recordset(["dunning_program_id", "dunning_choice", "invoice_date", "date"])
        moves.commercial_partner_id.flush_recordset(["dunning_policy", "dunning_program_id"])
        programs = self.env["dunning.program"]
        for company, company_moves in moves.grouped("company_id").items():
            rows = self.env.execute_query(
                SQL(
                    """SELECT move.id, %s, %s
                         FROM account_move move
                         JOIN res_partner partner ON partner.id = move.commercial_partner_id
                        WHERE move.id = ANY(%s)""",
                    self._get_sql_program(company),
                    self._get_sql_exclusion(company),
                    company_moves.ids,
                )
            )
            for move_id, program_id, exclusion in rows:
                result[move_id] = (programs.browse(program_id), exclusion)
        return result

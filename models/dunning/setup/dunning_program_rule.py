from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

STATES = [("draft", "Not in Use"), ("used", "In Use"), ("retired", "Replaced")]


class DunningProgramRule(models.Model):
    """Which program customers follow that have none of their own: the first rule that fits (K8).

    It is asked in the engine's own query, never customer by customer. What is in use is not
    edited: a copy takes its place once somebody has seen who would move.
    """

    _name = "dunning.program.rule"
    _description = "Program by Rule"
    _inherit = ["recurrence.dunning.own.record.mixin", "dunning.filter.mixin"]
    _order = "sequence, id"
    _check_company_auto = True
    _filter_model = "res.partner"

    name = fields.Char(required=True)
    sequence = fields.Integer(string="Order", default=10, help="The first rule that fits counts.")
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        system="once",
        index=True,
        default=lambda self: self.env.company,
    )
    program_id = fields.Many2one(
        "dunning.program",
        required=True,
        check_company=True,
        index=True,
        ondelete="restrict",
        domain="[('company_id', '=', company_id)]",
    )
    filter_domain = fields.Char(
        string="Customer Filter", help="Which customers it is for; leave empty for all."
    )
    # what is archived or deleted must not leave a rule that catches everybody
    country_ids = fields.Many2many(
        "res.country", string="Countries", ondelete="restrict", help="Empty: all."
    )
    category_ids = fields.Many2many(
        "res.partner.category",
        string="Tags",
        ondelete="restrict",
        context={"active_test": False},
        help="Customers with one of these; empty: all.",
    )
    state = fields.Selection(
        STATES, string="Status", required=True, readonly=True, default="draft", copy=False
    )
    replaces_id = fields.Many2one(
        "dunning.program.rule", string="Replaces", readonly=True, copy=False, ondelete="set null"
    )
    customer_count = fields.Integer(
        string="Customers", compute="_compute_customer_count", help="How many it catches today."
    )
    problem = fields.Char(compute="_compute_problem")

    @api.depends_context("uid")
    def _compute_problem(self):
        for rule in self:
            rule.problem = False
            if rule._origin and rule._origin._get_sql_condition("partner") is None:
                rule.problem = self.env._(
                    "Its filter cannot be used any more: who defined it may not read what it "
                    "names. No program applies to the customers it is asked about."
                )

    @api.depends("state", "sequence", "company_id")
    def _compute_customer_count(self):
        self.customer_count = 0
        for company, rules in self.grouped("company_id").items():
            counts = self._count_customers(company)
            for rule in rules:
                rule.customer_count = counts.get(rule._origin.id, 0)

    # === GUARDS === #

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        self.env.registry.clear_cache()
        return rules

    def write(self, vals):
        if not self.env.su and any(rule.state == "used" for rule in self):
            raise UserError(
                self.env._("This rule is in use: “Change…” makes a copy that takes its place.")
            )
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if any(rule.state == "used" for rule in self):
            raise UserError(self.env._("This rule is in use: stop using it first."))

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    # === WHAT THE ENGINE ASKS === #

    @api.model
    @tools.ormcache("company_id")
    def _get_used_ids(self, company_id):
        """Return the ids of the rules in use of a company, in their order."""
        domain = [("company_id", "=", company_id), ("state", "=", "used")]
        return self.sudo().search(domain)._ids

    @api.model
    def _get_used(self, company):
        return self.sudo().browse(self._get_used_ids(company.id))

    def _get_conditions(self, partner):
        """Return the SQL conditions under which a customer is caught.

        :param partner: SQL alias of res_partner
        :raise UserError: the filter cannot be used
        """
        self.ensure_one()
        rule, conditions = self.sudo(), []
        customer = SQL.identifier(partner, "id")
        if rule.country_ids:
            column = SQL.identifier(partner, "country_id")
            conditions.append(SQL("%s = ANY(%s)", column, list(rule.country_ids._ids)))
        if rule.category_ids:
            conditions.append(
                SQL(
                    """EXISTS (SELECT FROM res_partner_res_partner_category_rel tagged
                                WHERE tagged.partner_id = %s AND tagged.category_id = ANY(%s))""",
                    customer,
                    list(rule.category_ids._ids),
                )
            )
        if rule._has_filter():
            company = {"allowed_company_ids": rule.company_id.ids}
            writer = rule.filter_user_id or rule.write_uid
            query = rule.with_context(**company)._get_matching_query(writer, Domain.TRUE)
            conditions.append(SQL("%s IN %s", customer, query.subselect()))
        return conditions

    def _get_sql_condition(self, partner):
        """Return the SQL of whether a customer is caught; None: the filter cannot be used."""
        try:
            conditions = self._get_conditions(partner)
        except (AccessError, UserError):
            return None
        return SQL(" AND ").join(conditions) if conditions else SQL("TRUE")

    @api.model
    def _get_sql_choice(self, company, partner, get_result, otherwise):
        """Return the SQL of what the first rule that fits a customer says.

        :param get_result: called with the rule, returns the SQL of what it says
        :param otherwise: the SQL where none fits
        """
        rules = self._get_used(company)
        if not rules:
            return otherwise
        branches = []
        for rule in rules:
            condition = rule._get_sql_condition(partner)
            if condition is None:
                # who would be caught is not known: nobody behind it gets a wrong program
                branches.append(SQL("WHEN TRUE THEN NULL"))
                break
            branches.append(SQL("WHEN %s THEN %s", condition, get_result(rule)))
        return SQL("CASE %s ELSE %s END", SQL(" ").join(branches), otherwise)

    @api.model
    def _get_sql_program(self, company, partner):
        """Return the SQL of the program of a customer without one of its own; NULL: none."""
        default = SQL("%s::int4", company.sudo().dunning_program_id.id or None)
        return self._get_sql_choice(
            company, partner, lambda rule: SQL("%s::int4", rule.program_id.id), default
        )

    @api.model
    def _read_customers(self, company, column, partners=None):
        """Return what a column says of customers: ``{customer id: value}``, by one query.

        :param column: SQL over the alias ``partner``
        :param partners: these contacts; None: all customers of the company
        """
        where = (
            SQL("partner.id = ANY(%s)", list(partners._ids))
            if partners is not None
            else SQL(
                """partner.commercial_partner_id = partner.id AND partner.customer_rank > 0
               AND partner.active AND (partner.company_id IS NULL OR partner.company_id = %s)""",
                company.id,
            )
        )
        customers = self.env["res.partner"]
        customers.flush_model(
            ["commercial_partner_id", "customer_rank", "company_id", "country_id", "category_id"]
        )
        query = SQL("SELECT partner.id, %s FROM res_partner partner WHERE %s", column, where)
        return dict(self.env.execute_query(query))

    @api.model
    def _get_sql_own(self, company):
        """Return the SQL of the program of a customer's own; NULL: it has none."""
        partners = self.env["res.partner"].sudo().with_company(company)
        return SQL(
            "CASE WHEN %s = 'own' THEN %s END",
            partners._field_to_sql("partner", "dunning_policy"),
            partners._field_to_sql("partner", "dunning_program_id"),
        )

    @api.model
    def _read_programs(self, company):
        """Return the program that each customer follows: ``{customer id: program id or None}``."""
        choice = self._get_sql_program(company, "partner")
        column = SQL("COALESCE(%s, %s)", self._get_sql_own(company), choice)
        return self._read_customers(company, column)

    @api.model
    def _count_customers(self, company):
        """Return how many customers each rule in use catches: ``{rule id: count}``."""
        choice = self._get_sql_choice(
            company, "partner", lambda rule: SQL("%s::int4", rule.id), SQL("NULL::int4")
        )
        column = SQL("CASE WHEN %s IS NULL THEN %s END", self._get_sql_own(company), choice)
        counts = {}
        for rule_id in self._read_customers(company, column).values():
            counts[rule_id] = counts.get(rule_id, 0) + 1
        return counts

    # === IN USE === #

    def action_use(self):
        """Open the dialog that shows who would move if this rule were used, and uses it."""
        self.check_access("write")
        self.ensure_one()
        if self.state != "draft":
            raise UserError(self.env._("Only a rule that is not in use can be put into use."))
        return self.env["dunning.rule.use"]._open(self)

    def action_stop(self):
        """Open the dialog that shows who would move without this rule, and stops using it."""
        self.check_access("write")
        self.ensure_one()
        if self.state != "used":
            raise UserError(self.env._("This rule is not in use."))
        return self.env["dunning.rule.use"]._open(self)

    def action_change(self):
        """Make a copy that takes the place of this rule once it is put into use, and open it."""
        self.check_access("write")
        self.ensure_one()
        if self.state != "used":
            raise UserError(self.env._("This rule is not in use: edit it here."))
        drafts = [("replaces_id", "=", self.id), ("state", "=", "draft")]
        copy = self.search(drafts, limit=1) or self.copy({"name": self.name})
        copy.sudo().replaces_id = self
        return copy.get_formview_action()

    def _switch(self):
        """Put a rule into use in the place of what it replaces, or stop using it."""
        rule = self.sudo()
        if rule.state == "used":
            rule.state = "draft"
        else:
            rule.replaces_id.filtered(lambda found: found.state == "used").state = "retired"
            rule.state = "used"

    def action_open_customers(self):
        """Open the customers that this rule catches."""
        self.check_access("read")
        self.ensure_one()
        choice = self._get_sql_choice(
            self.company_id, "partner", lambda rule: SQL("%s::int4", rule.id), SQL("NULL::int4")
        )
        own = self._get_sql_own(self.company_id)
        column = SQL("CASE WHEN %s IS NULL THEN %s END", own, choice)
        found = self._read_customers(self.company_id, column)
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "res.partner",
            "view_mode": "list,form",
            "domain": [("id", "in", [key for key, rule_id in found.items() if rule_id == self.id])],
        }

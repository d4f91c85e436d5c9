from odoo import api, fields, models
from odoo.tools import format_date

REPLACES_HELP = (
    "Open promises do not hold for the same items any more. Clear it where the customer pays on "
    "several days."
)


class DunningPromise(models.Model):
    """A promise takes the place of earlier ones about the same items, unless a person says not.

    For the items that only the earlier one was about, it goes on standing.
    """

    _inherit = "dunning.promise"

    replaces = fields.Boolean(
        string="Instead of Earlier Promises",
        default=True,
        system="once",
        copy=False,
        help=REPLACES_HELP,
    )
    replaced_by_id = fields.Many2one(
        "dunning.promise",
        string="Replaced By",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    rest_of_id = fields.Many2one(
        "dunning.promise",
        string="Rest Of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="cascade",
        help="The earlier promise, of which it keeps what was not promised anew.",
    )
    earlier_text = fields.Char(string="Promised Already", compute="_compute_earlier_text")

    @api.depends("partner_id", "company_id", "move_line_ids")
    @api.depends_context("lang")
    def _compute_earlier_text(self):
        for company, records in self.grouped("company_id").items():
            earlier = records._find_open(company)
            for record in records:
                record.earlier_text = ", ".join(
                    self.env._(
                        "%(amount)s by %(day)s",
                        amount=promise.amount_text,
                        day=format_date(self.env, promise.date),
                    )
                    for promise in earlier
                    if record._is_replacing(promise)
                )

    @api.model_create_multi
    def create(self, vals_list):
        promises = super().create(vals_list)
        promises.sudo().filtered(lambda new: new.replaces and not new.plan_id)._replace_earlier()
        return promises

    def _find_open(self, company):
        """Return the open promises of these customers in a company, instalments of plans apart."""
        customers = self.partner_id.commercial_partner_id._origin
        return self.search(
            [
                ("company_id", "=", company.id),
                ("partner_id", "in", customers.ids),
                ("state", "=", "open"),
                ("plan_id", "=", False),
                ("id", "not in", self._origin.ids),
            ],
            order="date, id",
        )

    def _is_replacing(self, earlier):
        """Whether another promise of the customer is about items that this one is about.

        None named: all that it has open.
        """
        if earlier.partner_id != self.partner_id.commercial_partner_id._origin:
            return False
        named, before = self.move_line_ids._origin, earlier.move_line_ids
        return not named or not before or bool(named & before)

    def _replace_earlier(self):
        """Let earlier promises stand for what these are not about."""
        for promise in self:
            earlier = promise._find_open(promise.company_id) - self
            earlier._give_way(map(int, promise.open_amounts or ()), promise)

    def _give_way(self, line_ids, promise=None):
        """Withdraw these open promises where something else was agreed on the due lines.

        For what else they are about a promise takes their place that says the same.

        :param line_ids: ids of the due lines something else was agreed on
        :param promise: what was promised; None: something that is no promise
        """
        taken = set(line_ids)
        over = self.filtered(lambda old: not taken.isdisjoint(map(int, old.open_amounts or ())))
        if not over:
            return
        over._withdraw()
        over.replaced_by_id = promise
        over._message_log_batch(
            bodies=dict.fromkeys(
                over.ids, self.env._("Something else was agreed on with the customer since.")
            )
        )
        for company, found in over.grouped("company_id").items():
            today = company._get_job_today()
            facts = company._dunning_collect(today, partners=found.partner_id)
            self.create([rest for old in found if (rest := old._prepare_rest(facts, taken))])

    def _prepare_rest(self, facts, taken):
        """Return the values of what is left of a promise without some due lines; nothing: None."""
        left = {
            fact.id: fact.open_amount
            for fact in facts
            if fact.id not in taken and fact.open_amount > 0 and self._covers(fact)
        }
        amount = self.amount and self._get_rest_amount(left, taken)
        if not left or (self.amount and self.currency_id.compare_amounts(amount, 0.0) <= 0):
            return None
        return {
            "rest_of_id": self.id,
            "replaces": False,
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "move_line_ids": [*left],
            "amount": amount,
            **{name: self[name] for name in ("date", "date_given", "source", "note")},
            "user_id": self.user_id.id,
        }

    def _covers(self, fact):
        """Whether the promise is about the due line of a fact."""
        if fact.partner_id != self.partner_id.id:
            return False
        return fact.id in self.move_line_ids._ids if self.move_line_ids else self._is_about(fact)

    def _get_rest_amount(self, left, taken):
        """Return what is left of the amount promised, at most what is open of the rest."""
        over = sum(self.open_amounts[key] for key in self.open_amounts if int(key) in taken)
        return min(self.amount - over, sum(left.values()))

    def _may_be_about_nothing(self):
        return bool(self.rest_of_id) or super()._may_be_about_nothing()

    def _check_open_amount(self, facts):
        return None if self.rest_of_id else super()._check_open_amount(facts)

    def action_withdraw(self):
        """Take promises back; on the day they were noted, what they had replaced stands again."""
        result = super().action_withdraw()
        promises = self.sudo()
        fresh = promises.filtered(lambda p: p.date_given == p.company_id._get_job_today())
        earlier = self.sudo().search(
            [("replaced_by_id", "in", fresh.ids), ("state", "=", "withdrawn")]
        )
        if earlier:
            rests = self.sudo().search([("rest_of_id", "in", earlier.ids), ("state", "=", "open")])
            rests._withdraw()
            earlier._reopen()
        return result

    def _reopen(self):
        """Let withdrawn promises stand and hold again."""
        self.write({"state": "open", "replaced_by_id": False})
        link = self._fields["block_ids"].inverse_name
        self.env["dunning.block"].create(
            [{**vals, link: record.id} for record in self for vals in record._prepare_blocks()]
        )

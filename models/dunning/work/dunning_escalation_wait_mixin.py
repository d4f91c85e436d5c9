from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class DunningEscalationWaitMixin(models.AbstractModel):
    """Which items at the end of the ladder are not to be decided now, and what they wait for.

    Read from the blocks whenever it is asked: an item is back as soon as its block ends.
    """

    _name = "dunning.escalation.wait.mixin"
    _description = "Waiting at the End of the Ladder"

    block_id = fields.Many2one(
        "dunning.block",
        string="Waits For",
        compute="_compute_block_id",
        help="A promise, payment plan, dispute or other block that holds it; what holds longest.",
    )
    is_waiting = fields.Boolean(
        compute="_compute_is_waiting",
        search="_search_is_waiting",
        help="It was decided and its day has not come, or something else holds it.",
    )

    @api.depends("company_id", "partner_id", "move_line_id", "decision", "date_again")
    def _compute_block_id(self):
        found = self._read_blocks(self.ids)
        for end in self:
            end.block_id = found.get(end._origin.id)

    @api.depends("decision", "date_again", "block_id")
    def _compute_is_waiting(self):
        for end in self:
            end.is_waiting = bool(end._is_decided() or end.block_id)

    def _is_decided(self):
        """Whether somebody decided, and the day to look at it again has not come."""
        day = self.company_id._get_job_today()
        return bool(self.decision) and not (self.date_again and self.date_again <= day)

    @api.model
    def _search_is_waiting(self, operator, value):
        if operator != "in":
            return NotImplemented
        day = self.env.company._get_job_today()
        due = Domain("date_again", "=", False) | Domain("date_again", ">", day)
        waiting = Domain("decision", "!=", False) & due
        waiting |= Domain("id", "in", list(self._read_blocks()))
        return waiting if True in value else ~waiting

    @api.model
    def _read_blocks(self, ids=None):
        """Return the block that holds each longest today: ``{id: block id}``.

        :param ids: of these items; None: of all that are held
        """
        self.env["dunning.block"].flush_model()
        self.env["dunning.escalation"].flush_model()
        only = SQL() if ids is None else SQL("AND ended.id = ANY(%s)", list(ids))
        found = {}
        companies = self.env.companies if ids is None else self.company_id
        for company in companies:
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT ON (ended.id) ended.id, block.id
                      FROM dunning_escalation ended
                      JOIN dunning_block block
                        ON block.company_id = ended.company_id
                       AND block.partner_id = ended.partner_id
                       AND (block.move_id IS NULL OR block.move_id = ended.move_id)
                       AND (block.move_line_id IS NULL OR block.move_line_id = ended.move_line_id)
                     WHERE ended.company_id = %(company)s
                       AND block.lifted_date IS NULL
                       AND block.date_from <= %(day)s
                       AND (block.date_until IS NULL OR block.date_until >= %(day)s)
                       %(only)s
                  ORDER BY ended.id, block.date_until DESC NULLS FIRST, block.id DESC
                    """,
                    company=company.id,
                    day=company._get_job_today(),
                    only=only,
                )
            )
            found |= dict(rows)
        return found

from odoo import models

from .dunning_engine_source_mixin import READ_FIELDS


class DunningCompanyEngineMixin(models.AbstractModel):
    """The way to the engine: what it knows of a company's due lines, and decides on them.

    It reads what whoever asks may not, so that the answer is the same for everybody; what a user
    may do with it the caller checks.
    """

    _name = "dunning.company.engine.mixin"
    _description = "Dunning Engine of a Company"

    def _dunning_get_engine(self):
        """Return ``dunning.engine`` as it works for this company."""
        return self.env["dunning.engine"].sudo().with_company(self)

    def _dunning_collect(self, as_of, **which):
        """Return the facts about due lines of this company, nothing decided yet.

        :param date as_of: the day of the decision
        :param which: which due lines, and how they are asked for: see ``dunning.engine._collect``
        """
        return self._dunning_get_engine()._collect(self, as_of, **which)

    def _dunning_collect_statements(self, as_of, partners):
        """Return all that is open of customers: ``{customer id: [values of a line, …]}``."""
        return self._dunning_get_engine()._collect_statements(self, as_of, partners)

    def _dunning_read_underway(self, move_ids):
        """Return the payments of invoices without an entry: (invoice id, currency id, day, …).

        Without an entry yet, or online and under way.
        """
        self._dunning_flush_payments()
        engine, move_ids = self._dunning_get_engine(), list(move_ids)
        return [*engine._read_payments(move_ids), *engine._read_transactions(move_ids)]

    def _dunning_sum_underway(self, move_ids):
        """Return what is on its way for invoices, each payment once: ``{currency id: amount}``."""
        self._dunning_flush_payments()
        return self._dunning_get_engine()._sum_underway(list(move_ids))

    def _dunning_flush_payments(self):
        for model in ("account.payment", "payment.transaction", "payment.provider"):
            self.env[model].flush_model(READ_FIELDS[model])

    def _dunning_decide(self, as_of, levels=None, facts=None, by_hand=False, ahead=False, **which):
        """Return the facts about due lines of this company, each with its decision.

        :param date as_of: the day of the decision
        :param levels: the only levels that may go; empty: all
        :param facts: decide on these, already collected; None: collect them
        :param bool by_hand: a person asks: nothing is held by gap, grace or minimum
        :param bool ahead: a person sends the next level before its day
        :param which: see ``dunning.engine._collect``
        """
        if facts is None:
            facts = self._dunning_collect(as_of, by_hand=by_hand, **which)
        engine = self._dunning_get_engine()
        return engine._decide(facts, self, as_of, levels=levels, by_hand=by_hand, ahead=ahead)

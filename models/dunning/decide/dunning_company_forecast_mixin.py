from collections import Counter

from odoo import models


class DunningCompanyForecastMixin(models.AbstractModel):
    """What a change of ladders or programs would do: who stands where, what would go out.

    It is found by making the change in a savepoint that is rolled back, and letting the engine
    decide before and after it.
    """

    _name = "dunning.company.forecast.mixin"
    _description = "Effect of Changes to Programs"

    def _dunning_compare(self, as_of, change, programs, partners=None):
        """Return where due lines stand and what goes out on a day, before and after a change.

        :param date as_of: the day decided for, usually tomorrow
        :param change: called without argument, makes the change; returns the levels it made as
            ``{key: level}``, which are then found under their key
        :param programs: the programs whose due lines count, before or after
        :param partners: only customers who are these; None: all
        :return: tuple of ``{level number: due lines}`` standing now, ``{level id: due lines}``
            going out before and, by level id or key of ``change``, after it
        """
        standing, before = self._dunning_count(as_of, programs, partners)
        with self.env.cr.savepoint() as savepoint:
            made = change() or {}
            keys = {level.id: key for key, level in made.items()}
            self.env.flush_all()
            _standing, after = self._dunning_count(as_of, programs, partners)
            savepoint.rollback()
        return standing, before, Counter({keys.get(key, key): n for key, n in after.items()})

    def _dunning_count(self, as_of, programs, partners):
        """Return counters of the due lines on each level number and reminded at each level."""
        service = self.env["dunning.engine"].sudo().with_company(self)
        facts = service._collect(self, as_of, programs=programs, partners=partners)
        service._decide(facts, self, as_of)
        standing = Counter(fact.line.level for fact in facts)
        going = Counter(fact.decision.level.id for fact in facts if fact.decision.remind)
        return standing, going

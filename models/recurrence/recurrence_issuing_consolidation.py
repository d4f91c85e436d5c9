from itertools import chain

from odoo import api, models
from odoo.fields import Command

from ...tools.recurrence.consolidated import (
    JOINED_RECORDS,
    JOINED_TEXTS,
    find_differences,
    gather,
    join_texts,
)

# Sections of a template stand below that of their recurrence.
BELOW = {"line_section": "line_subsection"}


class RecurrenceIssuing(models.AbstractModel):
    """Makes one invoice of the dates of several recurrences where that is wanted (R14)."""

    _inherit = "recurrence.issuing"

    # === WHICH BELONG TOGETHER === #

    @api.model
    def _get_units(self, occurrences, is_exact=False):
        """Return dates in the order in which they are issued, those of one invoice together.

        Of two on one day the earlier period comes first. Those of a draft that waits are together.

        :param is_exact: whether to compare all at the head of their invoices, not only what is
            quick to see
        :return: list of recurrence.occurrence
        """
        ordered = occurrences.sorted(lambda occ: (occ.date, occ.rule_date, occ.id))
        keys = {s: s._get_consolidation_key() for s in ordered.schedule_id}

        def get_key(occurrence):
            draft = occurrence.sudo().move_id
            if draft.state == "draft":
                return draft
            key = keys[occurrence.schedule_id]
            return key and (occurrence.date, key)

        def is_alike(one, other):
            return one.sudo().move_id.state == "draft" or not find_differences(
                *(heads[o.schedule_id, o.date] for o in (one, other))
            )

        heads = self._get_heads(ordered) if is_exact else {}
        rows = [(occurrence.schedule_id, occurrence) for occurrence in ordered]
        groups = gather(rows, get_key, is_alike if is_exact else lambda one, other: True)
        return [occurrences.browse([occ.id for occ in group]) for group in groups]

    @api.model
    def _get_heads(self, occurrences):
        """Return dict (schedule, day) → what stands at the head of its invoice on that day."""
        heads = {}
        for day, found in occurrences.grouped("date").items():
            schedules = found.schedule_id.filtered(lambda s: s._is_consolidated())
            for schedule, head in zip(
                schedules, schedules._get_consolidation_heads(day), strict=True
            ):
                heads[schedule, day] = head
        return heads

    @api.model
    def _arrange(self, occurrences):
        """Return dates with those of one invoice next to each other."""
        return occurrences.browse().concat(*self._get_units(occurrences))

    @api.model
    def _find_companions(self, occurrences, domain):
        """Return the other dates that belong on the invoices of these ones.

        :param domain: which dates come into question
        """
        keys = {s: s._get_consolidation_key() for s in occurrences.schedule_id}
        wanted = {(o.date, key) for o in occurrences if (key := keys[o.schedule_id])}
        if not wanted:
            return occurrences.browse()
        dates = list({day for day, _key in wanted})
        templates = occurrences.schedule_id.sudo().template_move_id
        found = occurrences.search(
            [
                *domain,
                ("date", "in", dates),
                ("partner_id", "in", templates.partner_id.ids),
                ("id", "not in", occurrences.ids),
            ]
        )
        keys = {s: s._get_consolidation_key() for s in found.schedule_id}
        return found.filtered(lambda o: (o.date, keys[o.schedule_id]) in wanted)

    @api.model
    def _complete_batch(self, locked, domain):
        """Return a batch with all that belongs on its invoices, those of one together.

        Where others hold some of it the rest waits with it, and nothing of a later day overtakes.

        :return: the rows, locked, and whether others are busy with some
        """
        companions = self._find_companions(locked, domain)
        found = companions.try_lock_for_update(allow_referencing=True)
        busy = companions - found
        rows = locked + found
        if busy:
            earliest = min(busy.mapped("date"))
            waiting = {(o.date, o.schedule_id._get_consolidation_key()) for o in busy}
            rows = rows.filtered(
                lambda o: (
                    o.date <= earliest
                    and (o.date, o.schedule_id._get_consolidation_key()) not in waiting
                )
            )
        return self._arrange(rows), bool(busy)

    # === ONE INVOICE OF SEVERAL === #

    @api.model
    def _consolidate(self, occurrences, vals_list):
        """Return the invoices to create for dates, each with the dates that it bills.

        :param vals_list: the values of the invoice of each date alone
        :return: list of (recurrence.occurrence, values)
        """
        keys = {s: s._get_consolidation_key() for s in occurrences.schedule_id}
        pairs = list(zip(occurrences, vals_list, strict=True))

        def get_key(pair):
            key = keys[pair[0].schedule_id]
            return key and (pair[0].date, key)

        def is_alike(pair, other):
            return not find_differences(pair[1], other[1])

        rows = [(occurrence.schedule_id, (occurrence, vals)) for occurrence, vals in pairs]
        invoices = []
        for group in gather(rows, get_key, is_alike):
            dates = occurrences.browse().concat(*(occurrence for occurrence, _vals in group))
            vals = self._join_invoices(group) if len(group) > 1 else group[0][1]
            invoices.append((dates, vals))
        return invoices

    @api.model
    def _join_invoices(self, group):
        """Return the values of one invoice for several dates, each with a section of its own.

        :param group: list of (recurrence.occurrence, values of its invoice alone)
        """
        lines = [line for occurrence, vals in group for line in self._get_section(occurrence, vals)]
        commands = [
            Command.create({**line, "sequence": number}) for number, line in enumerate(lines)
        ]
        return {**self._join_heads([vals for _date, vals in group]), "line_ids": commands}

    @api.model
    def _join_heads(self, heads):
        """Return the values at the head of one invoice for several, that are alike but for texts.

        :param heads: list of the values of each alone
        """
        joined = {**heads[0]}
        for name, separator in JOINED_TEXTS.items():
            joined[name] = join_texts([vals.get(name) for vals in heads], separator) or False
        for name in JOINED_RECORDS:
            # each a command that sets all of them
            commands = chain.from_iterable(vals.get(name) or () for vals in heads)
            ids = chain.from_iterable(found for _command, _id, found in commands)
            joined[name] = [Command.set(list(dict.fromkeys(ids)))]
        return joined

    @api.model
    def _get_section(self, occurrence, vals):
        """Return the values of the lines of one date on a consolidated invoice."""
        template = occurrence.schedule_id.sudo().template_move_id
        lang = occurrence._get_lang(template.partner_id)
        name = occurrence.schedule_id.with_context(lang=lang)._get_name_for(occurrence)
        lines = [command[2] for command in vals["line_ids"]]
        lines = sorted(lines, key=lambda line: line.get("sequence", 0))
        kinds = [BELOW.get(line.get("display_type"), line.get("display_type")) for line in lines]
        section = {"display_type": "line_section", "name": name}
        shown = [{**line, "display_type": kind} for line, kind in zip(lines, kinds, strict=True)]
        # also what a person added in the dialog of this date
        date = {"recurrence_occurrence_id": occurrence.id or False}
        return [{**line, **date} for line in (section, *shown)]

from odoo import api, models


class DunningRecheck(models.AbstractModel):
    """What is read once more before a message leaves (design rule 8).

    What was paid, blocked or excluded since the message was made leaves it, whether it was
    reminded or only stood in it, and credits show what is left of them. Nothing is added but
    credits: who wrote or approved the message has not seen it.
    """

    _name = "dunning.recheck"
    _description = "Facts Read Again Before Sending"

    @api.model
    def _check(self, reminders):
        """Bring messages that have not left up to date with the facts of the moment.

        A message that changed is written anew; one with nothing left to remind is cancelled.

        :return: ``{company: facts}`` about all open lines of the customers of automatic messages
        """
        found_facts = {}
        real = reminders.filtered(lambda reminder: not reminder.is_test)
        groups = real.grouped(lambda r: (r.company_id, r.by_hand, r.over_block))
        for (company, by_hand, over_block), found in groups.items():
            facts = self._read_facts(company, found, by_hand, over_block)
            self._renew(self._update(company, found, facts))
            if not by_hand:
                found_facts[company] = list(facts.values())
        return found_facts

    @api.model
    def _read_facts(self, company, reminders, by_hand, over_block):
        """Return the facts about the open lines of those written to, by due line id.

        Read as if these messages were not under way: they would hide what else speaks against
        them.
        """
        as_of = reminders.env.context.get("dunning_sent_on") or max(reminders.mapped("date"))
        service = self.env["dunning.due.line"].with_context(
            dunning_over_block=over_block, dunning_leaving=reminders.ids
        )
        facts = service._collect(company, as_of, partners=reminders.partner_id, by_hand=by_hand)
        return {fact.id: fact for fact in facts}

    @api.model
    def _update(self, company, reminders, by_id):
        """Bring the lines of messages up to date; return the messages that changed."""
        changed = reminders.browse()
        for line in reminders.line_ids.filtered(
            lambda ln: ln.kind != "credit" and not ln.drop_reason
        ):
            fact = by_id.get(line.move_line_id.id)
            reason = self._get_drop_reason(line, fact)
            if reason:
                line.drop_reason = reason
                changed |= line.reminder_id
            elif line.currency_id.compare_amounts(
                line.amount_residual, fact.residual - fact.in_process
            ):
                line.amount_residual = fact.residual - fact.in_process
                changed |= line.reminder_id
        return changed | self._update_credits(company, reminders, by_id)

    @api.model
    def _update_credits(self, company, reminders, by_id):
        """Let messages show the credits there are now; return the messages that changed."""
        credits = self.env["dunning.credit"]._read(company, by_id.values())
        concerned = reminders.filtered(
            lambda reminder: (
                reminder.partner_id.id in credits or "credit" in reminder.line_ids.mapped("kind")
            )
        )
        return concerned.filtered(
            lambda reminder: self.env["dunning.credit"]._renew(
                reminder,
                [
                    by_id[line.move_line_id.id]
                    for line in reminder.line_ids
                    if line.kind != "credit"
                    and not line.drop_reason
                    and line.move_line_id.id in by_id
                ],
                credits,
            )
        )

    @api.model
    def _get_drop_reason(self, line, fact):
        """Return why a line leaves its message; empty: it stays."""
        if fact is None:
            return "paid"
        hold = fact.line.hold
        if line.kind == "overdue":
            # a person chose what else stands in a message of his own
            is_open = line.currency_id.compare_amounts(fact.residual, fact.in_process) > 0
            return "" if line.reminder_id.by_hand and is_open else hold
        if fact.cycle != line.cycle:
            return "removed"
        if not hold and fact.program_id != line.reminder_id.program_id.id:
            return "other_program"
        return hold or ("not_in_filter" if line.level_id.id in fact.line.barred else "")

    @api.model
    def _renew(self, reminders):
        """Write messages anew whose lines changed; cancel those that are left with none."""
        if not reminders:
            return
        empty = reminders.filtered(lambda reminder: not reminder._get_reminded())
        empty._drop(self.env._("Nothing is left to remind."))
        rest = reminders - empty
        for reminder in rest:
            top = max(reminder._get_reminded(), key=lambda line: line.level_days)
            if top.level_id != reminder.level_id:
                reminder.write({"level_id": top.level_id.id, "level_number": top.level_number})
        self.env["dunning.document"]._drop(rest)
        self.env["dunning.composer"]._make_mails(rest)

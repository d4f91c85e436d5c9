from odoo import api, fields, models
from odoo.fields import Command

from ....tools.dunning.decision import Decision, advance
from ....tools.dunning.message_state import NOT_SENT
from ...common.bulk_write_mixin import PLAIN_WRITE


class DunningReminderEffectMixin(models.AbstractModel):
    """What a reminder changes on invoices once it left, and how that is taken back."""

    _name = "dunning.reminder.effect.mixin"
    _description = "Effects of Reminders"

    withdrawn_date = fields.Date(string="Withdrawn On", readonly=True, copy=False)
    withdrawn_user_id = fields.Many2one(
        "res.users", string="Withdrawn By", readonly=True, copy=False
    )

    def _apply_effect(self, facts=None):
        """Make the levels of sent reminders effective: level, date, cycle and tag.

        Notices and plain mailings only leave their date in the history (D4, D14).

        :param facts: ``{company: facts}`` read just before they left; None: they are read again
        """
        reminders = self.filtered(lambda reminder: not reminder.is_test)
        lines = reminders._get_reminded()
        for day, found in lines.grouped(lambda line: line.reminder_id.sent_date).items():
            found.write({"effective_date": day})
        counting = self._get_counting(lines)
        due_lines = self.env["account.move.line"]
        due_lines._dunning_derive_status(counting.move_line_id.ids, may_lower=False)
        for tag, found in counting.grouped(lambda line: line.level_id.tag_id).items():
            if tag:
                self._add_tag(tag, found)
                facts = None  # a filter may ask for the tag
        reminders._note_sent()
        days = reminders.mapped("sent_date")
        reminders._refresh_status(facts, as_of=days and max(days))

    def _take_back_effect(self, new_cycle=False):
        """Undo the effects: the lines stand where the reminders that remain put them.

        :param bool new_cycle: whether a person takes them back, so that the levels may come again;
            the history stays
        """
        reminders = self.filtered(lambda reminder: not reminder.is_test)
        lines = reminders._get_reminded()
        effective = self._get_counting(lines).filtered("effective_date")
        # of an earlier cycle: it counts as far as the line still has what it gave
        earlier = effective.filtered(
            lambda line: (
                line.cycle < line.move_line_id.dunning_cycle
                and line.level_number == line.move_line_id.dunning_level
                and line.effective_date == line.move_line_id.dunning_last_date
            )
        )
        lines.write({"effective_date": False})
        self.env["account.move.line"]._dunning_derive_status(lines.move_line_id.ids)
        before = {line.move_line_id: (line.level_before, line.last_date_before) for line in earlier}
        self.env["account.move.line"]._dunning_write_line_status(
            {
                due_line.id: (level, last_date or None, due_line.dunning_cycle)
                for due_line, (level, last_date) in before.items()
            }
        )
        if new_cycle:
            self._open_cycle(effective.move_line_id)
        for tag, found in effective.grouped(lambda line: line.level_id.tag_id).items():
            if tag:
                self._remove_tag(tag, found)
        reminders._note_taken_back()
        reminders._refresh_status()

    @api.model
    def _open_cycle(self, due_lines):
        """Let the levels above the present one of due lines come again (rule 2).

        What was not withdrawn was got all the same: it goes along into the new cycle.
        """
        kept = self.env["dunning.reminder.line"].search(
            [
                ("move_line_id", "in", due_lines.ids),
                ("kind", "=", "remind"),
                ("is_test", "=", False),
                ("state", "=", "sent"),
                ("drop_reason", "=", False),
            ]
        )
        kept = kept.filtered(lambda line: line.cycle == line.move_line_id.dunning_cycle)
        for cycle, found in kept.grouped("cycle").items():
            found.write({"cycle": cycle + 1})
        self.env["account.move.line"]._dunning_write_line_status(
            {
                line.id: (
                    line.dunning_level,
                    line.dunning_last_date or None,
                    line.dunning_cycle + 1,
                )
                for line in due_lines
            }
        )

    # === TAGS === #

    @api.model
    def _add_tag(self, tag, lines):
        """Put a tag on the invoices of reminded lines; what they had is not ours."""
        without = lines.filtered(lambda line: tag not in line.move_id.tag_ids)
        without.write({"tag_added": True})
        moves = without.move_id.with_context(**PLAIN_WRITE)
        moves.write({"tag_ids": [Command.link(tag.id)]})

    @api.model
    def _remove_tag(self, tag, lines):
        """Take a tag off again where dunning had put it and no other reminder stands for it."""
        ours = lines.filtered("tag_added")
        ours.write({"tag_added": False})
        others = self.env["dunning.reminder.line"].search(
            [
                ("move_id", "in", ours.move_id.ids),
                ("id", "not in", ours.ids),
                ("state", "=", "sent"),
                ("effective_date", "!=", False),
                ("is_test", "=", False),
                ("level_id.tag_id", "=", tag.id),
            ]
        )
        for line in others:
            line.tag_added = True
        moves = (ours.move_id - others.move_id).with_context(**PLAIN_WRITE)
        moves.write({"tag_ids": [Command.unlink(tag.id)]})

    # === LINES === #

    @api.model
    def _get_counting(self, lines):
        """Return those of the lines that set level and date: no notices, no plain mailings."""
        return lines.filtered(lambda line: line.counts and line.level_number > 0)

    def _refresh_status(self, facts=None, as_of=None):
        """Refresh what stands on the open invoices of the customers of these reminders.

        :param facts: ``{company: facts}`` read just before they left; None: they are read again
        :param date as_of: the day they left; None: the company's day, however old they are
        """
        for company, found in self.grouped("company_id").items():
            company.sudo()._dunning_refresh_status(
                as_of or company._get_job_today(),
                partners=found.partner_id,
                facts=found._advance_lines(facts[company]) if company in (facts or ()) else None,
            )

    def _advance_lines(self, facts):
        """Return the facts about the customers of reminders as they are once these have left.

        :param facts: about them and others, read just before
        :return: None where these facts do not tell of every line reminded
        """
        days = {reminder.partner_id.id: reminder.sent_date for reminder in self}
        by_id = {fact.id: fact for fact in facts if fact.partner_id in days}
        lines = self._get_reminded()
        if not by_id.keys() >= set(lines.move_line_id.ids):
            return None
        for line in lines:
            level = line.level_id._get_ladder_level()
            level = level._replace(number=line.level_number, days=line.level_days)
            decision = Decision(True, line.reason, level, None, {})
            fact = by_id[line.move_line_id.id]
            fact.line = advance(fact.line, decision, line.reminder_id.sent_date)
        for fact in by_id.values():
            fact.line.contact_last = days[fact.partner_id]
        return sorted(by_id.values(), key=lambda fact: (fact.line.due, fact.id))

    def _reverse(self):
        """Take back what has left: level, date and tag go back, the history stays."""
        moved = self._update_state(("sent",), "reversed", withdrawn_user_id=self.env.uid)
        for company, found in moved.grouped("company_id").items():
            found.withdrawn_date = company._get_job_today()
        moved._take_back_effect(new_cycle=True)
        for reminder in moved:
            reminder._message_log(body=self.env._("Withdrawn manually."))
        return moved

    def _drop(self, reason):
        """Cancel messages that have not left; their mails are not sent any more."""
        moved = self._update_state(NOT_SENT, "cancelled", failure_reason=reason)
        moved.mail_id.filtered(lambda mail: mail.state != "sent").cancel()
        moved.activity_ids.unlink()
        moved._refresh_status()
        return moved

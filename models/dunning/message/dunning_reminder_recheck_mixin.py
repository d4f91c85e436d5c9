from datetime import timedelta

from odoo import api, fields, models

from ....tools.dunning.recheck import Claim, decide_again, drop_reason
from ...common.isolation import run_isolated


class DunningReminderRecheckMixin(models.AbstractModel):
    """What is read once more before a message leaves (rule 8).

    What was paid, blocked or excluded since the message was made, or is not due any more, leaves
    it, whether it was reminded or only stood in it. All else that its reader is told is as it is
    now. Nothing is added but credits: who wrote or approved the message has not seen it.
    """

    _name = "dunning.reminder.recheck.mixin"
    _description = "Data Rechecked Before Sending"

    ahead = fields.Boolean(
        string="Before Its Day", readonly=True, help="Somebody sent this level before its day."
    )

    def _recheck(self, as_of=None):
        """Bring messages that have not left up to date with the facts of the moment.

        They are written anew; one with nothing left to remind is cancelled.

        :param date as_of: the day they leave; None: the last they were decided on
        :return: ``{company: facts}`` about all open lines of the customers of automatic messages
        """
        found_facts = {}
        self.filtered("is_statement")._renew_statements(as_of)
        real = self.filtered(lambda r: not r.is_test and not r.is_statement)
        groups = real.grouped(lambda r: (r.company_id, r.by_hand, r.over_block))
        for (company, by_hand, over_block), found in groups.items():
            day = as_of or max(found.mapped("date"))
            facts = found._read_due_facts(company, day, by_hand, over_block)
            found._date_anew(as_of)
            found._renew_lines(company, day, facts)
            if not by_hand:
                found_facts[company] = list(facts.values())
        real._renew_texts()
        return found_facts

    @api.model
    def _drop_late_notices(self, company, today):
        """Cancel notices that did not leave by the due date: nobody need deliver them now.

        The next level is a reminder. What may have left for all that is left to a person.

        :param date today: the company's day
        """
        waiting = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("state", "in", ("draft", "undeliverable")),
                ("level_id.days", "<", 0),
                ("is_test", "=", False),
            ]
        )
        late = waiting.filtered(
            lambda notice: all(line.due_date < today for line in notice._get_reminded())
        )
        late._drop(self.env._("The due date has passed: the notice is outdated."))

    @api.model
    def _recheck_waiting(self, company, today):
        """Bring calls to make up to date, and letters to print about what was paid meanwhile.

        :param date today: the company's day
        """
        waiting = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "draft"),
                ("is_test", "=", False),
                "|",
                ("channel", "=", "call"),
                "&",
                ("channel", "=", "letter"),
                ("line_ids.move_line_id.reconciled", "=", True),
            ]
        )
        # one that fails is in the log, and is read again before it is made or printed
        run_isolated(waiting, lambda found: found._recheck(today), lambda *_failed: None)
        beside = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "sent"),
                ("letter_state", "=", "to_print"),
                ("is_test", "=", False),
                ("line_ids.move_line_id.reconciled", "=", True),
            ]
        )
        run_isolated(beside, lambda found: found._drop_needless_letters(), lambda *_failed: None)

    def _recheck_letters(self):
        """Drop from letters what is not to be reminded any more; return those left to print."""
        for company, found in self._get_waiting_letters().grouped("company_id").items():
            found._recheck(company._get_job_today())
        standing = self.filtered(lambda reminder: reminder.state != "cancelled")
        return standing._drop_needless_letters()

    def _drop_needless_letters(self):
        """Take letters beside e-mails that left off the list where nothing is left to remind.

        :return: those of the reminders whose letter is still needed, or is no letter of this kind
        """
        beside = self.filtered(
            lambda reminder: (
                reminder.state == "sent"
                and reminder.letter_state in ("to_print", "not_needed")
                and not reminder._get_channel().is_paper
                and not reminder.is_test
            )
        )
        needless = self.browse()
        for (company, over_block), found in beside.grouped(
            lambda reminder: (reminder.company_id, reminder.over_block)
        ).items():
            facts = found._read_due_facts(company, company._get_job_today(), True, over_block)
            needless |= found.filtered(lambda one, facts=facts: one._is_needless(facts))
        for reminder in needless.filtered(lambda one: one.letter_state == "to_print"):
            reminder.letter_state = "not_needed"
            reminder._message_log(
                body=self.env._("The letter is not needed any more: nothing is left to remind.")
            )
        return self - needless

    def _is_needless(self, facts):
        """Whether none of the due lines reminded would be claimed now.

        :param facts: about the open lines of its customer, by due line id
        """
        found = ((line, facts.get(line.move_line_id.id)) for line in self._get_reminded())
        return all(not fact or fact.cycle != line.cycle or fact.line.hold for line, fact in found)

    def _read_due_facts(self, company, as_of, by_hand, over_block):
        """Return the facts about the open lines of those written to, by due line id.

        Read as if these messages were not under way: they would hide what else speaks against
        them.
        """
        facts = company._dunning_collect(
            as_of,
            partners=self.partner_id,
            by_hand=by_hand,
            over_block=over_block,
            leaving=self._ids,
        )
        return {fact.id: fact for fact in facts}

    def _renew_lines(self, company, as_of, by_id):
        """Bring the lines of messages up to date with the facts, by due line id."""
        ladders = {program: program._get_ladder() for program in self.program_id}
        for line in self._get_standing().filtered(self._is_due_line):
            fact = by_id.get(line.move_line_id.id)
            claim = self._get_claim(line)
            if fact and claim.reminded:
                ladder = ladders[line.reminder_id.program_id]
                fact.decision = decide_again(claim, fact.line, ladder, as_of)
            reason = drop_reason(claim, fact, as_of) if fact else line._get_gone_reason()
            if reason:
                line.drop_reason = reason
            else:
                self._tell_anew(line, fact)
        self._update_credits(company, by_id)

    @api.model
    def _tell_anew(self, line, fact):
        """Let a line say what is so now, where it said something else."""
        level = line.level_id if line.kind == "remind" else None
        values = line.reminder_id._prepare_told(fact, level)
        told = line._convert_to_write({name: line[name] for name in values})
        changed = {
            name: value
            for name, value in values.items()
            if (value or False) != (told[name] or False)
        }
        if changed:
            line.write(changed)

    @api.model
    def _is_due_line(self, line):
        """Whether a line stands for an open item, so that it leaves with it.

        Fees, texts and what else other addons put into a message are theirs. A due line that was
        deleted is known by the reason it was decided for.
        """
        return line.kind in ("remind", "overdue") and bool(line.move_line_id or line.reason)

    @api.model
    def _get_claim(self, line):
        """Return what a message says of a due line, as the pure rule takes it."""
        reminder = line.reminder_id
        return Claim(
            reminded=line.kind == "remind",
            by_hand=reminder.by_hand,
            program_id=reminder.program_id.id,
            level_id=line.level_id.id,
            cycle=line.cycle,
            date=reminder.date,
            ahead=reminder.ahead,
            archived=bool(line.level_id) and not line.level_id.active,
        )

    def _update_credits(self, company, by_id):
        """Let messages show the credits there are now."""
        credits = company._dunning_get_engine()._read_credits(company, by_id.values())
        for reminder in self:
            line_ids = reminder._get_standing().move_line_id.ids
            facts = [by_id[line_id] for line_id in line_ids if line_id in by_id]
            reminder._renew_credit_lines(facts, credits)

    def _renew_texts(self):
        """Write messages anew as things are now; cancel those that are left with none.

        Each is written in the name of whom it was made by, who may stand in its text.
        """
        empty = self.filtered(lambda reminder: not reminder._get_reminded())
        for text, found in empty.grouped(lambda reminder: reminder._tell_left_out()).items():
            found._drop(text)
        rest = self - empty
        for reminder in rest:
            top = max(reminder._get_reminded(), key=lambda line: line.level_days)
            level = {"level_id": top.level_id.id, "level_number": top.level_number}
            if (reminder.level_id.id, reminder.level_number) != tuple(level.values()):
                reminder.write(level)
        rest._renew_claims()
        rest._hold_back()
        rest._drop_documents()
        rest._write_anew()

    def _tell_left_out(self):
        """Return the sentence that nothing is left to remind, and why."""
        self.ensure_one()
        labels = dict(self.line_ids._fields["drop_reason"]._description_selection(self.env))
        codes = dict.fromkeys(filter(None, self.line_ids.mapped("drop_reason")))
        if not codes:
            return self.env._("There is nothing left to remind.")
        return self.env._(
            "There is nothing left to remind: %(reasons)s.",
            reasons=", ".join(labels[code] for code in codes),
        )

    def _write_anew(self):
        """Write the e-mails of these messages anew, each in the name of whom it was made by."""
        # a person who cancelled or deleted the e-mail in Odoo's list meant it; one that could not
        # be made before has no address yet
        written = self.filtered(
            lambda r: not r.email_to or r.mail_id.state not in (False, "cancel")
        )
        for (user, company), found in written.grouped(
            lambda r: (r.create_uid, r.company_id)
        ).items():
            own = found.with_user(user).sudo().with_company(company)
            own._make_mails()

    def _prepare_extra_lines(self, facts, rest):
        """Return what stands in a message beside due lines and credits, as a fee: list of values.

        Each names its ``kind`` (by ``selection_add`` on the line), ``move_name``, the text, and
        ``amount_residual``, which counts in the total; without ``currency_id`` it is in that of
        the first due line.

        :param facts: of the due lines reminded
        :param rest: of those that only stand in the message
        """
        return []

    def _prepare_shared_lines(self):
        """Return what each line has from its reminder; given, it is not looked up line by line."""
        return {
            "reminder_id": self.id,
            "company_id": self.company_id.id,
            "state": self.state,
            "is_test": self.is_test,
            "date": self.date,
        }

    def _prepare_told(self, fact, level=None):
        """Return what a line tells its reader, and its place on the ladder.

        :param fact: what is known of the due line; renewed until the message leaves
        :param level: the level it is reminded at; None: it only stands in the message
        """
        line = fact.line
        return {
            "move_name": fact.move_name,
            "invoice_date": fact.invoice_date,
            "due_date": line.due,
            "days_late": (self._get_text_date() - line.due) // timedelta(days=1),
            "currency_id": fact.currency_id,
            "amount_total": fact.amount_total,
            "amount_residual": fact.payable,
            "level_number": level.number if level else line.level,
            "level_days": level.days if level else 0,
            "counts": bool(level and level.counts),
        }

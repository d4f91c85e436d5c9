from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ...models.common.client_action import open_dialog
from ...models.common.mail_addresses import find_addresses
from ...tools.common.sealed import ON
from ...tools.dunning.message_state import UNDELIVERED
from ...tools.dunning.obstacle import UNREACHABLE

MANAGER = "account_recurrence_dunning.dunning_group_manager"
NO_MESSAGE = {"message_count": 0, "lost_text": False, "claimed_text": False}


class DunningRemind(models.TransientModel):
    """Shows what is reminded now of chosen invoices, and why, and does it (W1).

    Where one message comes of it, a person may change its recipients, text, enclosures and lines,
    for this one alone.
    """

    _name = "dunning.remind"
    _description = "Remind Now"
    _inherit = "recurrence.dunning.own.record.mixin"
    _dialog_about = ("company_id",)

    move_ids = fields.Many2many("account.move", string="Invoices", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one("res.partner", readonly=True)
    line_ids = fields.One2many("dunning.remind.line", "remind_id", domain=[("kind", "=", "remind")])
    other_line_ids = fields.One2many(
        "dunning.remind.line",
        "remind_id",
        string="Other Open Items of the Customer",
        domain=[("kind", "=", "overdue")],
    )
    remind_count = fields.Integer(readonly=True)
    message_count = fields.Integer(readonly=True)
    warning = fields.Text(readonly=True)
    lost_text = fields.Text(
        string="Why Nothing Can Be Sent",
        readonly=True,
        help="Why nothing would be delivered; empty: something can be sent.",
    )

    # --- over a block ---
    block_text = fields.Text(readonly=True)
    may_override = fields.Boolean(compute="_compute_may_override")
    over_block = fields.Boolean(readonly=True)

    # --- where nothing is due now: see dunning_remind_again.py ---
    ahead = fields.Boolean(readonly=True)

    # --- the message, where it is one ---
    channel = fields.Char(readonly=True)
    lang = fields.Char(string="Language", readonly=True)
    recipient_ids = fields.Many2many("res.partner", "dunning_remind_recipient_rel", string="To")
    cc_ids = fields.Many2many("res.partner", "dunning_remind_cc_rel", string="Cc")
    claimed_text = fields.Char(
        string="Plus Interest and Fixed Sums",
        readonly=True,
        help="What the messages claim for late payment, per currency, as they are prepared here.",
    )
    subject = fields.Char()
    subject_shown = fields.Char(readonly=True)
    body = fields.Html()
    body_shown = fields.Html(readonly=True)
    enclose_statement = fields.Boolean(string="Statement as PDF")
    attachment_ids = fields.Many2many("ir.attachment", string="Attachments")

    def _compute_may_override(self):
        self.may_override = self.env.user.has_group(MANAGER)

    # === OPENING === #

    @api.model
    def _open(self, moves):
        """Return the dialog for these invoices of one company."""
        if len(moves.company_id) != 1:
            raise UserError(self.env._("Choose invoices of one company."))
        moves.company_id._check_dunning_on()
        remind = self.create(
            {"move_ids": [Command.set(moves.ids)], "company_id": moves.company_id.id}
        )
        remind._fill()
        return remind._show()

    def _check_dialog(self):
        if not self.move_ids:
            # none stands for all to the engine
            raise UserError(self.env._("Choose the invoices to remind."))
        return super()._check_dialog()

    def _show(self):
        return open_dialog(self, self.env._("Remind now"), context={"dialog_size": "extra-large"})

    def _fill(self):
        """Show what the engine decides and what the message will be."""
        facts = self._get_facts()
        self.line_ids.unlink()
        self.other_line_ids.unlink()
        reminded = [fact for fact in facts if fact.decision.remind]
        self.write(
            {
                "line_ids": [Command.create(self._get_line_values(fact)) for fact in facts],
                "remind_count": len(reminded),
                "warning": self._get_warning(self.move_ids),
                "block_text": self._get_block_text() if not self.over_block else False,
                **self._get_instead(facts),
                **(self._draft() if reminded else NO_MESSAGE),
            }
        )

    def _get_facts(self):
        """Return the decisions as the engine takes them when a person asks."""
        company = self.company_id
        return company._dunning_decide(
            company._get_job_today(),
            moves=self.move_ids,
            by_hand=True,
            over_block=self.over_block,
            ahead=self.ahead,
        )

    @api.model
    def _get_line_values(self, fact, kind="remind", included=None):
        decision = fact.decision
        included = decision.remind if included is None else included
        return {
            "kind": kind,
            "move_line_id": fact.id,
            "move_id": fact.move_id,
            "due_date": fact.line.due,
            "residual": fact.residual,
            "currency_id": fact.currency_id,
            "level_id": decision.level.id if decision.level and kind == "remind" else False,
            "is_reminded": decision.remind,
            "is_included": included,
            "reason": self.env["dunning.reason"]._get_sentence(decision.reason, decision.params),
        }

    @api.model
    def _get_warning(self, moves):
        """Return what speaks against reminding by hand although it works (D9)."""
        codes = {move._dunning_get_exclusion() for move in moves} - {None}
        reasons = self.env["dunning.reason"]
        sentences = sorted(reasons._get_sentence(code, {}) for code in codes)
        return "\n".join(sentences + self._get_trial_sentences(moves)) or False

    @api.model
    def _get_trial_sentences(self, moves):
        """Return which control groups leave these invoices out; by hand they are reminded."""
        company = moves.company_id
        today = company._get_job_today()
        if not self.env["dunning.trial"]._get_running(company, today):
            return []
        reasons = self.env["dunning.reason"]
        facts = company._dunning_decide(today, moves=moves)
        found = [fact.decision.params for fact in facts if "left_until" in fact.decision.params]
        sentences = {reasons._get_sentence("control_group", params) for params in found}
        by_hand = self.env._("Reminded by hand, it goes all the same; the comparison ignores that.")
        return [*sorted(sentences), by_hand] if sentences else []

    def _get_blocks(self):
        """Return the blocks that hold these invoices today."""
        return self.move_ids.dunning_current_block_ids

    def _get_block_text(self):
        """Return what holds which of these invoices and why, a line each."""
        return self._get_blocks()._tell()

    # === THE MESSAGE === #

    def _draft(self):
        """Return the values of the message: made as it will be, looked at, and taken back."""
        with self.env.cr.savepoint() as savepoint:
            reminders = self._execute().sudo()
            values = {
                "message_count": len(reminders),
                "lost_text": self._tell_lost(reminders),
                "claimed_text": reminders._tell_claimed(),
            }
            if len(reminders) == 1:
                values.update(self._describe(reminders))
            savepoint.rollback()
        return values

    @api.model
    def _tell_lost(self, reminders):
        """Return why none of these messages would be delivered; empty where one can be.

        Of a single e-mail the recipient is chosen here, so that a missing address is no end.
        """
        lost = reminders.filtered(lambda reminder: reminder.state in UNDELIVERED)
        if lost < reminders or not lost:
            return False
        if len(lost) == 1 and lost._get_channel().mail and lost.failure_code in UNREACHABLE:
            return False
        reasons = (reminder.failure_reason for reminder in lost)
        return "\n".join(dict.fromkeys(filter(None, reasons)))

    def _describe(self, reminder):
        contents = reminder.sudo().with_context(dunning_editing=ON)._render_contents()
        subject, body = contents[reminder.id]
        labels = dict(reminder._fields["channel"]._description_selection(self.env))
        languages = dict(self.env["res.lang"].get_installed())
        enclosed = reminder.sudo()._get_attachments()
        # what keeps it from leaving can still be mended here
        reason = not self._tell_lost(reminder) and reminder.failure_reason
        warnings = filter(None, (self._get_warning(self.move_ids), reason))
        return {
            "partner_id": reminder.partner_id.id,
            "warning": "\n".join(warnings) or False,
            "channel": labels[reminder.channel],
            "lang": languages.get(reminder.lang, reminder.lang),
            "recipient_ids": [Command.set(reminder.recipient_ids.ids)],
            "cc_ids": [Command.set(reminder.cc_ids.ids)],
            "subject": subject,
            "subject_shown": subject,
            "body": body,
            "body_shown": body,
            "enclose_statement": reminder.enclose_statement,
            "attachment_ids": [Command.set(enclosed.get(reminder.id, []))],
            "other_line_ids": self._get_other_lines(reminder.partner_id),
        }

    def _get_other_lines(self, partner):
        """Return the customer's other open lines: the overdue ones stand in the message."""
        company, as_of = self.company_id, self.company_id._get_job_today()
        facts = company._dunning_decide(as_of, partners=partner, by_hand=True)
        return [
            Command.create(
                self._get_line_values(
                    fact,
                    kind="overdue",
                    included=fact.line.due < as_of and not fact.line.hold,
                )
            )
            for fact in facts
            if fact.move_id not in self.move_ids.ids and fact.open_amount > 0
        ]

    # === DOING IT === #

    def action_over_block(self):
        """Show what is reminded in spite of the block: a manager's decision."""
        self._check_dialog()
        self.ensure_one()
        self._check_override()
        self.over_block = True
        self._fill()
        return self._show()

    def _check_override(self):
        if not self.env.user.has_group(MANAGER):
            raise AccessError(
                self.env._("Only a dunning manager can send a reminder despite a block.")
            )

    def action_remind(self):
        """Remind: the engine decides once more and sends what still holds."""
        self._check_dialog()
        self.ensure_one()
        self.move_ids.check_access("read")
        blocks = self._get_blocks() if self.over_block else self.env["dunning.block"]
        if self.over_block:
            self._check_override()
        # as shown: who unticks a line, or the last of them, wants it left out
        reminders = self._execute()
        if not reminders:
            raise UserError(self.env._("There is nothing left to remind: open the dialog again."))
        if self.message_count == 1 and len(reminders) == 1:
            self._apply(reminders.sudo())
        self._log_blocks(blocks, reminders.sudo())
        reminders.action_send_now()
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Reminders"),
            "res_model": "dunning.reminder",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", reminders.ids)],
        }
        if len(reminders) == 1:
            action.update(views=[(False, "form")], res_id=reminders.id)
        return action

    def _execute(self):
        """Let the engine make the reminders, queued, and return them."""
        as_of = self.company_id._get_job_today()
        run = self.env["dunning.run"]._execute_for(
            self.company_id,
            as_of,
            moves=self.move_ids,
            over_block=self.over_block,
            ahead=self.ahead,
        )
        return run.reminder_ids.with_env(self.env)

    def _apply(self, reminder):
        """Bring what the person changed into the message, for this one alone."""
        self._apply_lines(reminder)
        reminder.write(
            {
                "own_subject": self.subject if self.subject != self.subject_shown else False,
                "own_body": self.body if self.body != self.body_shown else False,
                "enclose_statement": self.enclose_statement,
                "recipient_ids": self.recipient_ids.ids,
                "cc_ids": (self.cc_ids - self.recipient_ids).ids,
            }
        )
        self._check_reachable(reminder)
        reminder.sudo()._renew_texts()
        if reminder.mail_id:
            self._own_attachments(reminder)
            reminder.mail_id.attachment_ids = [Command.set(self.attachment_ids.ids)]

    def _apply_lines(self, reminder):
        """Leave out the lines that were unticked, add the others that were ticked."""
        left_out = self.line_ids.filtered(lambda ln: ln.is_reminded and not ln.is_included)
        lines = reminder.line_ids.filtered(lambda ln: ln.kind == "remind")
        dropped = lines.filtered(lambda ln: ln.move_line_id in left_out.move_line_id)
        if dropped == lines:
            raise UserError(self.env._("Tick at least one line to remind."))
        dropped.drop_reason = "removed"
        reminder.line_ids.filtered(lambda ln: ln.kind == "overdue").unlink()
        chosen = self.other_line_ids.filtered("is_included").move_line_id
        company, partner = self.company_id, reminder.partner_id
        facts = company._dunning_decide(reminder.date, partners=partner, by_hand=True)
        runs = self.env["dunning.run"].sudo()
        reminder.line_ids.create(
            [runs._prepare_reminder_line(reminder, fact) for fact in facts if fact.id in chosen.ids]
        )
        by_id = {fact.id: fact for fact in facts}
        reminder.sudo()._update_credits(company, by_id)

    def _check_reachable(self, reminder):
        """Refuse what cannot leave, rather than queue it: the person is still there to mend it."""
        if not reminder._get_channel().mail:
            return
        if not self.recipient_ids:
            raise UserError(self.env._("Choose the recipient."))
        without = self.recipient_ids.filtered(lambda partner: not find_addresses(partner.email))
        if without:
            raise UserError(
                self.env._(
                    "%(names)s: enter an e-mail address first.",
                    names=", ".join(without.mapped("display_name")),
                )
            )
        reminder._set_queued()

    def _own_attachments(self, reminder):
        """Keep what the user uploaded here with the reminder; other files stay where they are."""
        uploaded = self.attachment_ids.sudo().filtered(
            lambda attachment: (
                attachment.res_model in (False, self._name)
                and attachment.create_uid == self.env.user
            )
        )
        uploaded.write({"res_model": reminder._name, "res_id": reminder.id})

    def _log_blocks(self, blocks, reminders):
        """Note that a manager reminded in spite of blocks.

        Which ones they were is said on the reminders: the invoices have other readers.
        """
        user = self.env.user.name
        for reminder in reminders if blocks else ():
            names = ", ".join(blocks.mapped("display_name"))
            reminder._message_log(
                body=self.env._("Reminded by %(user)s despite: %(blocks)s", user=user, blocks=names)
            )
        for move in self.move_ids:
            if any((block.move_id or move) == move for block in blocks):
                move.message_post(
                    body=self.env._("Reminded by %(user)s despite a block.", user=user)
                )

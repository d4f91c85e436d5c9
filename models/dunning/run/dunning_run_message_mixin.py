from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import email_normalize_all

from ....tools.common.header_text import first_line
from ....tools.dunning.decision import MENTIONED_REASONS
from ....tools.dunning.obstacle import Obstacle


class DunningRunMessageMixin(models.AbstractModel):
    """From the decided due lines of a run to messages: who gets which lines together."""

    _name = "dunning.run.message.mixin"
    _description = "Grouping of Due Lines into Reminders"

    def _write_reminders(self, facts):
        """Create the reminders of a run with their lines and mails, none of them sent.

        :param facts: all decided facts, also those of lines that are not reminded
        :return: (reminders, ``{due line id: reminder}``)
        """
        groups = self._plan_messages(facts)
        if not groups:
            return self.env["dunning.reminder"], {}
        reminders, by_line = self._create_planned(groups)
        self._hand_over(reminders)
        return reminders, by_line

    def _plan_messages(self, facts):
        """Return the messages to make of decided facts, with all that stands in them.

        :return: list of dicts as ``_group_facts`` makes them, each with ``rest`` (facts that stand
            in it without effect), ``credits``, ``sender`` and ``obstacle``
        """
        company = self.company_id
        chosen = [fact for fact in facts if fact.decision.remind]
        groups = self._group_facts(company, chosen)
        written_to = {fact.partner_id for fact in chosen}
        facts = [fact for fact in facts if fact.partner_id in written_to]
        mentioned = self._get_mentioned(facts)
        credits = company._dunning_get_engine()._read_credits(company, facts) if groups else {}
        for group in groups:
            key = (group["program"].id, group["partner"].id)
            group["rest"] = mentioned.pop(key, []) if group["takes_rest"] else []
            group["credits"] = credits
        self._add_obstacles(company, groups)
        return groups

    def _create_planned(self, groups):
        """Create the reminders of planned messages with their lines.

        :return: (reminders, ``{due line id: reminder}``)
        """
        levels = self._get_fact_levels([fact for group in groups for fact in group["facts"]])
        vals_list = [self._prepare_reminder(group, levels) for group in groups]
        reminders = self.env["dunning.reminder"].create(vals_list)
        line_vals, by_line = [], {}
        for reminder, group in zip(reminders, groups, strict=True):
            facts, rest = group["facts"], group["rest"]
            line_vals += [
                self._prepare_reminder_line(reminder, fact, levels[fact.decision.level.id])
                for fact in facts
            ]
            by_line.update({fact.id: reminder for fact in facts})
            line_vals += [self._prepare_reminder_line(reminder, fact) for fact in rest]
            line_vals += self._complete_extra_lines(reminder, facts, rest)
            line_vals += reminder._prepare_credit_lines([*facts, *rest], group["credits"])
        self.env["dunning.reminder.line"].create(line_vals)
        for reminder, group in zip(reminders, groups, strict=True):
            reminder._note_other_credits(group["credits"])
            reminder._enclose_rest(reminder._get_item_limit())
        reminders._renew_claims()
        return reminders, by_line

    # === GROUPING === #

    @api.model
    def _group_facts(self, company, facts):
        """Return the messages to make, each as a dict of program, people, level and facts."""
        programs = self.env["dunning.program"]
        recipients = self.env["dunning.program"]._find_fact_recipients(company, facts)
        grouped, groupings = defaultdict(list), self._get_groupings()
        for fact in facts:
            program = programs.browse(fact.program_id)
            recipient, copies = recipients[fact.program_id, fact.contact_id]
            apart = groupings[program.grouping](fact)
            key = (program, fact.partner_id, recipient, copies, fact.decision.level.counts, apart)
            grouped[key].append(fact)
        return [self._describe_group(company, *item) for item in grouped.items()]

    @api.model
    def _get_groupings(self):
        """Return what stands in one message: ``{grouping of the program: key of a fact}``.

        Due lines of a customer whose keys are equal stand together. None: all of them do, and
        what else is overdue is mentioned.
        """
        return {
            "customer": lambda fact: None,
            "address": lambda fact: ("address", fact.contact_id),
            "invoice": lambda fact: ("invoice", fact.move_id),
        }

    @api.model
    def _describe_group(self, company, key, facts):
        """Return one message to make: its tone is the highest level reminded."""
        program, partner_id, recipient, copies, _counts, apart = key
        top = max(facts, key=lambda fact: (fact.decision.level.days, -fact.id))
        return {
            "program": program,
            "partner": self.env["res.partner"].with_company(company).browse(partner_id),
            "contact": self.env["res.partner"].with_company(company).browse(top.contact_id),
            "recipient": recipient,
            "copies": copies,
            "top": top,
            "facts": facts,
            "takes_rest": apart is None,
        }

    def _get_mentioned(self, facts):
        """Return the overdue lines that stand in a message without effect, by program, customer."""
        mentioned = defaultdict(list)
        for fact in facts:
            late = fact.line.due < self.date and fact.open_amount > 0
            if late and not fact.decision.remind and fact.decision.reason in MENTIONED_REASONS:
                mentioned[fact.program_id, fact.partner_id].append(fact)
        return mentioned

    # === WHAT KEEPS THEM BACK === #

    @api.model
    def _add_obstacles(self, company, groups):
        """Note on messages to make in whose name they leave, and the ``Obstacle`` if there is one.

        What holds for several of them is asked once.
        """
        emails = {
            email
            for group in groups
            if group["program"].undeliverable_blacklisted
            for email in email_normalize_all(first_line(group["recipient"].email))
        }
        blacklist = self.env["dunning.program"]._get_blacklist(emails)
        self._read_drawees(groups)
        senders, known = {}, {}
        for group in groups:
            top, program = group["top"], group["program"]
            key = (program.id, top.creator_id, top.salesperson_id)
            if key not in senders:
                senders[key] = self._find_sender(program, top)
            group["sender"], refused = senders[key]
            group["email_from"] = group["sender"]._dunning_get_from(company)
            group["obstacle"] = self._find_group_obstacle(group, refused, blacklist, known)

    @api.model
    def _find_sender(self, program, fact):
        users = self.env["res.users"]
        return program._get_sender(
            users.browse(fact.creator_id or []), users.browse(fact.salesperson_id or [])
        )

    @api.model
    def _find_group_obstacle(self, group, refused, blacklist, known):
        """Return what keeps a message to make back, or None: what is found first.

        :param refused: the obstacle on the side of its sender
        :param known: what was found of programs and levels so far
        """
        program = group["program"]
        level = self.env["dunning.level"].browse(group["top"].decision.level.id)
        channel, found = level._get_channel(), None
        if channel.find_obstacle:
            find = getattr(program, channel.find_obstacle)
            found = (channel.mail and refused) or find(
                group["recipient"], group["contact"], blacklist
            )
        if channel.mail:
            key = (program.id, group["sender"].id)
            if key not in known:
                known[key] = program._get_sender_obstacle(group["sender"], group["email_from"])
            found = found or known[key]
        if level not in known:
            known[level] = level._get_obstacle()
        return (
            found
            or known[level]
            or self._find_missing_pdf(level, group, known)
            or self._find_missing_bill(level, group)
        )

    @api.model
    def _find_missing_pdf(self, level, group, known):
        """Return the obstacle that a PDF to enclose cannot be made here, or None.

        An invoice that was never made as one, and the statement of a message of many items.
        """
        if "pdf" not in known:
            known["pdf"] = level._can_make_pdf()
        if known["pdf"] or not level._get_channel().mail:
            return None
        facts = [*group["facts"], *group.get("rest", ())]
        if len(facts) > level.company_id.sudo().dunning_message_items:
            return Obstacle("no_pdf", {})
        if not level.attach_invoices:
            return None
        moves = self.env["account.move"].browse({fact.move_id for fact in facts if fact.move_id})
        moves = moves.filtered(lambda move: move.is_sale_document(include_receipts=True))
        made = moves._dunning_get_sent_pdfs()
        return Obstacle("no_pdf", {}) if set(moves.ids) - made.keys() else None

    @api.model
    def _read_drawees(self, groups):
        """Read at once what bills of exchange say of the customers of messages to make."""
        levels = self._get_fact_levels([group["top"] for group in groups])
        customers = self.env["res.partner"].union(
            *(
                group["partner"]
                for group in groups
                if levels[group["top"].decision.level.id].attach_bill
            )
        )
        customers.sudo().fetch(["city", "country_id"])
        customers.sudo().bank_ids.fetch(["acc_number", "company_id"])

    @api.model
    def _find_missing_bill(self, level, group):
        """Return the obstacle that a level's bill of exchange lacks something, or None."""
        if not level.attach_bill or not level._get_channel().text:
            return None
        reminders = self.env["dunning.reminder"]
        company, customer = level.company_id.sudo(), group["partner"].sudo()
        ids = {fact.currency_id for fact in (*group["facts"], *group.get("rest", ()))}
        has_euros = "EUR" in self.env["res.currency"].browse(ids).mapped("name")
        if not has_euros or not reminders._takes_bill(company, customer):
            return None
        return reminders._find_bill_obstacle(company, customer)

    @api.model
    def _get_fact_levels(self, facts):
        """Return the levels these facts are reminded at, by id."""
        ids = {fact.decision.level.id for fact in facts}
        return {level.id: level for level in self.env["dunning.level"].browse(ids)}

    # === VALUES === #

    def _prepare_reminder(self, group, levels):
        top, program, recipient = group["top"], group["program"], group["recipient"]
        level = levels[top.decision.level.id]
        company = self.company_id
        if "sender" not in group:
            self._add_obstacles(company, [group])
        sender, obstacle = group["sender"], group["obstacle"]
        copies = group["copies"] | level.cc_partner_ids
        if level.cc_salesperson:
            salesperson = self.env["res.users"].browse(top.salesperson_id or [])
            copies |= salesperson.partner_id.filtered("active")
        channel = level._get_channel()
        state = "queued" if channel.is_queued else "draft"
        delay = timedelta(minutes=0 if self.by_hand else company.dunning_send_delay)
        return {
            "company_id": company.id,
            "partner_id": group["partner"].id,
            "program_id": program.id,
            "level_id": level.id,
            "level_number": level.number,
            "run_id": self.id,
            "date": self.date,
            "text_date": self.date,
            "by_hand": self.by_hand,
            "over_block": self.over_block,
            "ahead": self.ahead,
            "lang": recipient._dunning_get_lang(group["partner"], company),
            "channel": level.channel,
            "enclose_statement": level.attach_statement,
            "letter_state": "to_print" if channel.letter else False,
            "state": obstacle.state if obstacle else state,
            **self.env["dunning.reminder"]._prepare_failure(obstacle),
            # until then the run can be recalled
            "try_after": fields.Datetime.now() + delay if delay else False,
            "user_id": sender.id,
            "email_from": group["email_from"],
            "recipient_ids": recipient.ids,
            "cc_ids": (copies - recipient).ids,
        }

    @api.model
    def _prepare_reminder_line(self, reminder, fact, level=None):
        """Return the values of a line: reminded where a level is given, else only mentioned."""
        line = fact.line
        repeated = level and fact.decision.reason == "repeat_due"
        return {
            **reminder._prepare_shared_lines(),
            "partner_id": fact.partner_id,
            "kind": "remind" if level else "overdue",
            "move_line_id": fact.id,
            "move_id": fact.move_id,
            **reminder._prepare_told(fact, level),
            "level_id": level.id if level else False,
            "cycle": fact.cycle,
            "repeat": line.repeats + 1 if repeated else 0,
            "reason": fact.decision.reason,
            "level_before": line.level,
            "last_date_before": line.last_date,
        }

    @api.model
    def _complete_extra_lines(self, reminder, facts, rest):
        """Return the whole values of the lines that ``_prepare_extra_lines`` gives."""
        shared = {**reminder._prepare_shared_lines(), "partner_id": reminder.partner_id.id}
        extra = reminder._prepare_extra_lines(facts, rest)
        return [{**shared, "currency_id": facts[0].currency_id, **values} for values in extra]

    # === HANDING OVER === #

    @api.model
    def _hand_over(self, reminders):
        """Make the mails, and give letters and calls to a person."""
        reminders._make_mails()
        reminders._try_letters()
        reminders.filtered(lambda reminder: reminder.state == "draft")._ask_a_person()
        reminders._ask_for_help()
        moments = set(filter(None, reminders.mapped("try_after")))
        if moments:
            self.env["ir.cron"]._wake("account_recurrence_dunning.ir_cron_dunning_outbox", moments)

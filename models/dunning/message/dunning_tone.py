"""Tone by customer: no gentle words to who has not even answered the last level."""

from odoo import api, fields, models

from ....tools.dunning.tone import older_at_end

MODULE = "account_recurrence_dunning"
# Shipped texts that excuse the customer; the neutral one says the same without it.
GENTLE = ("mail_template_level_1", "mail_template_friendly_1")
NEUTRAL = "mail_template_level_1_neutral"


class DunningLevel(models.Model):
    _inherit = "dunning.level"

    firm_template_id = fields.Many2one(
        "mail.template",
        string="Firm Message",
        domain=[("model", "=", "dunning.reminder")],
        ondelete="restrict",
        help=(
            "Sent with the first level instead, where older invoices of the customer stand on "
            "the last level. Leave empty for the neutral text in place of a gentle one."
        ),
    )

    def _get_chosen(self):
        firm = ("text_broken", True, self.firm_template_id, ("dunning.reminder",))
        return (*super()._get_chosen(), firm)

    @api.constrains("firm_template_id")
    def _check_firm_template(self):
        self._check_about()

    def _get_firm_template(self):
        """Return the message for customers with older debts; one a person wrote stays."""
        template = self._get_template()
        if self.firm_template_id or self.mail_template_id.sudo().model == "account.move":
            return self.firm_template_id or template
        gentle = [self.env.ref(f"{MODULE}.{name}", raise_if_not_found=False) for name in GENTLE]
        if template not in gentle:
            return template
        return self.env.ref(f"{MODULE}.{NEUTRAL}", raise_if_not_found=False) or template

    def _is_tone_open(self):
        """Whether the message of the level has a firmer form, and the company wants it."""
        return (
            self.number == 1
            and self.company_id.sudo().dunning_tone_by_customer
            and self._get_firm_template() != self._get_template()
        )


class DunningReminder(models.Model):
    _inherit = "dunning.reminder"

    firm_because = fields.Char(
        string="Older Invoices on the Last Level",
        readonly=True,
        help="Because of them, the message has the firm text.",
    )
    tone_note = fields.Char(string="Tone", compute="_compute_tone_note")

    @api.depends("firm_because")
    @api.depends_context("lang")
    def _compute_tone_note(self):
        for reminder in self:
            # the same sentence stands in the simulation
            reminder.tone_note = reminder.firm_because and self.env._(
                "The firm text is used, because the last level was already sent for %(firm)s.",
                firm=reminder.firm_because,
            )

    def _get_template(self):
        if self.firm_because and self.level_id.number == 1:
            return self.level_id._get_firm_template()
        return super()._get_template()

    def _renew_lines(self, company, as_of, by_id):
        result = super()._renew_lines(company, as_of, by_id)
        for reminder in self:
            lines = reminder._get_reminded()
            if not lines:
                continue
            facts = [fact for fact in by_id.values() if fact.partner_id == reminder.partner_id.id]
            level = max(lines, key=lambda line: line.level_days).level_id
            names = level._is_tone_open() and older_at_end(
                facts,
                reminder.program_id.id,
                reminder.program_id._get_last_level().number,
                max(lines.mapped("due_date")),
            )
            if (names or False) != reminder.firm_because:
                reminder.firm_because = names
        return result


class DunningRun(models.Model):
    _inherit = "dunning.run"

    def _plan_messages(self, facts):
        groups = super()._plan_messages(facts)
        self._set_tones(groups, facts)
        return groups

    def _set_tones(self, groups, facts):
        """Note on messages to make, and on their decisions, why they get the firm text."""
        levels = self._get_fact_levels([fact for group in groups for fact in group["facts"]])
        levels = {level_id: level for level_id, level in levels.items() if level._is_tone_open()}
        groups = [group for group in groups if group["top"].decision.level.id in levels]
        if not groups:
            return
        by_partner = self._group_by_customer(groups, facts)
        for group in groups:
            names = older_at_end(
                by_partner.get(group["partner"].id, ()),
                group["program"].id,
                group["program"]._get_last_level().number,
                max(fact.line.due for fact in group["facts"]),
            )
            group["firm_because"] = names
            for fact in group["facts"] if names else ():
                params = {**fact.decision.params, "firm": names}
                fact.decision = fact.decision._replace(params=params)

    def _group_by_customer(self, groups, facts):
        """Return ``{id of a customer: facts about all its due lines}`` of messages to make."""
        if self.by_hand:  # of the customer's invoices only the chosen ones were read
            partners = self.env["res.partner"].browse({g["partner"].id for g in groups})
            facts = self.company_id._dunning_collect(self.date, partners=partners, by_hand=True)
        by_partner = {}
        for fact in facts:
            by_partner.setdefault(fact.partner_id, []).append(fact)
        return by_partner

    @api.model
    def _prepare_reminder(self, group, levels):
        values = super()._prepare_reminder(group, levels)
        return {**values, "firm_because": group.get("firm_because") or False}

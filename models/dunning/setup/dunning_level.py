from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from ....tools.common.sealed import unseal
from ....tools.dunning.ladder import Level, numbered
from ....tools.dunning.obstacle import Obstacle

INVOICE_MODEL = "account.move"
# What a message can be about: a reminder, or its oldest invoice.
MESSAGE_MODELS = ("dunning.reminder", INVOICE_MODEL)


class DunningLevel(models.Model):
    """One rung of a program: when it comes, what is sent, to whom beside the customer."""

    _name = "dunning.level"
    _description = "Dunning Level"
    _inherit = [
        "recurrence.dunning.own.record.mixin",
        "dunning.channel.mixin",
        "dunning.filter.mixin",
        "dunning.level.bill.mixin",
    ]
    _order = "program_id, days, id"
    _check_company_auto = True

    program_id = fields.Many2one("dunning.program", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="program_id.company_id", store=True, index=True)
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    days = fields.Integer(
        string="Days After Due Date",
        required=True,
        aggregator=None,
        default=5,
        help=(
            "Days after the due date; a negative number means before it. A level before the "
            "due date is a notice: it has no number and sets no gap."
        ),
    )
    sentence = fields.Char(string="When", compute="_compute_sentence")
    default_key = fields.Char(
        readonly=True,
        copy=False,
        help="The corresponding level of the ready-made program; used by Reset.",
    )
    is_used = fields.Boolean(compute="_compute_is_used")
    is_ladder_used = fields.Boolean(string="Levels in Use", related="program_id.is_used")
    number = fields.Integer(
        compute="_compute_number",
        store=True,
        readonly=True,
        aggregator=None,
        help=(
            "Active levels are numbered from 1 in the order of their days; notices have the "
            "number 0."
        ),
    )
    gap = fields.Integer(
        string="Gap (days)",
        default=7,
        aggregator=None,
        help="Minimum number of days since the last reminder for the same due line.",
    )
    repeat_every = fields.Integer(
        string="Repeat Every (days)", aggregator=None, help="Leave at 0 for no repetition."
    )
    repeat_max = fields.Integer(
        string="Times Repeated",
        aggregator=None,
        help=("The number of repetitions after the first time."),
    )
    counts = fields.Boolean(
        string="Counts as a Reminder",
        default=True,
        help=(
            "If disabled, this is a plain mailing: it is sent and stored, but level, date, "
            "gap and tag do not change."
        ),
    )
    mail_template_id = fields.Many2one(
        "mail.template",
        string="Message Template",
        domain=[("model", "in", MESSAGE_MODELS)],
        ondelete="restrict",
    )
    tag_id = fields.Many2one(
        "account.move.tag",
        string="Tag",
        check_company=True,
        help="Added to the invoice when the level becomes effective.",
    )

    filter_domain = fields.Char(help="This level is skipped for all other invoices.")
    currency_id = fields.Many2one(related="company_id.currency_id")
    min_amount = fields.Monetary(
        string="Minimum Amount",
        aggregator=None,
        help="In the company's currency. Leave at 0 to use the company's minimum.",
    )

    # --- what is sent (D14) ---
    title = fields.Char(translate=True, help="Heading of the message and of the statement.")
    show_logo = fields.Boolean(default=True)
    banner = fields.Image(max_width=1200, max_height=400)
    header_html = fields.Html(string="Header", translate=True)
    footer_html = fields.Html(string="Footer", translate=True)
    attach_statement = fields.Boolean(
        string="Statement of Open Items",
        help="As a PDF; the message itself always contains the table of open items.",
    )
    statement_report_id = fields.Many2one(
        "ir.actions.report",
        string="Statement Report",
        domain=[("model", "=", "dunning.reminder")],
    )
    attach_invoices = fields.Boolean(string="Invoices")
    link_invoices = fields.Boolean(
        string="Links to the Invoices",
        help="The e-mail lists links to the invoices in place of files.",
    )
    invoice_report_id = fields.Many2one(
        "ir.actions.report",
        string="Invoice Report",
        domain=[("model", "=", "account.move")],
        help=(
            "Leave empty to enclose the PDF that was sent, unchanged. If you choose a report, "
            "the invoice is rendered with it and marked as a copy."
        ),
    )
    cc_salesperson = fields.Boolean(string="Copy to the Salesperson")
    cc_partner_ids = fields.Many2many("res.partner", string="Copy to", check_company=True)

    _gap_positive = models.Constraint(
        "CHECK (gap BETWEEN 0 AND 3650)", "The gap must be between 0 and 3650 days."
    )
    _repeat_positive = models.Constraint(
        "CHECK (repeat_every BETWEEN 0 AND 3650 AND repeat_max BETWEEN 0 AND 1000)",
        "A level can be repeated every 0 to 3650 days, at most 1000 times.",
    )
    _days_bounded = models.Constraint(
        "CHECK (days BETWEEN -3650 AND 3650)", "The days must be within ten years."
    )

    @api.depends("days", "active", "program_id.level_ids.days", "program_id.level_ids.active")
    def _compute_number(self):
        for program in self.program_id:
            levels = program.level_ids | self.filtered(
                lambda level, p=program: level.program_id == p
            )
            numbers = {
                level.id: level.number
                for level in numbered(level._get_ladder_level() for level in levels)
            }
            for level in levels & self:
                level.number = numbers[level.id]
        for level in self.filtered(lambda level: not level.program_id):
            level.number = 0

    @api.depends("days")
    @api.depends_context("lang")
    def _compute_sentence(self):
        for level in self:
            level.sentence = level._get_sentence(level.days)

    @api.model
    def _get_sentence(self, days):
        """Return when a level comes, in words: "3 days before due", "5 days after due"."""
        if not days:
            return self.env._("On the due date")
        if days == -1:
            return self.env._("1 day before due date")
        if days == 1:
            return self.env._("1 day after due date")
        if days < 0:
            return self.env._("%(days)s days before due date", days=-days)
        return self.env._("%(days)s days after due date", days=days)

    @api.constrains("active", "program_id")
    def _check_program_has_level(self):
        if not unseal(self.env.context, "dunning_levels_later"):
            self.program_id._check_has_level()

    @api.constrains("mail_template_id", "statement_report_id", "invoice_report_id")
    def _check_about(self):
        """Refuse texts and reports about other records: they would show those of the same id."""
        for level in self:
            for _code, _used, chosen, models_allowed in level._get_chosen():
                level._check_model(chosen, *models_allowed)

    def _get_chosen(self):
        """Return (code of its ``Obstacle``, used, text or report, what it may be about)."""
        self.ensure_one()
        return (
            ("text_broken", True, self.mail_template_id, MESSAGE_MODELS),
            (
                "enclosure_broken",
                self.attach_statement,
                self.statement_report_id,
                ("dunning.reminder",),
            ),
            ("enclosure_broken", self.attach_invoices, self.invoice_report_id, (INVOICE_MODEL,)),
        )

    @api.model
    def _check_model(self, chosen, *models):
        """Refuse a message or a report that is about records of another kind.

        Checked when it is chosen and again when it is used: it may have been changed since.

        :param chosen: mail.template or ir.actions.report; empty: nothing to refuse
        :param models: the names of the models it may be about
        """
        chosen = chosen.sudo()
        if chosen and chosen.model not in models:
            names = [self.env["ir.model"]._get(model).name for model in models]
            raise ValidationError(
                self.env._(
                    "“%(chosen)s” does not apply to %(models)s: choose another one.",
                    chosen=chosen.name,
                    models=self.env._(" or ").join(names),
                )
            )

    @api.constrains("min_amount")
    def _check_min_amount(self):
        if any(level.min_amount < 0 for level in self):
            raise ValidationError(self.env._("The minimum amount cannot be negative."))

    def _compute_is_used(self):
        used = self._get_used()
        for level in self:
            level.is_used = level._origin in used

    @api.depends("name", "number", "program_id.name")
    @api.depends_context("dunning_level_program")
    def _compute_display_name(self):
        # where levels of several programs are compared, one name would stand for two of them
        with_program = self.env.context.get("dunning_level_program")
        for level in self:
            name = f"{level.number}. {level.name}" if level.number else level.name
            level.display_name = f"{level.program_id.name}: {name}" if with_program else name

    def _get_ladder_level(self):
        """Return this level as the plain value the ladder works on."""
        self.ensure_one()
        return Level(
            id=self.id,
            number=self.number,
            days=self.days,
            gap=self.gap,
            repeat_every=self.repeat_every,
            repeat_max=self.repeat_max,
            active=self.active,
            counts=self.counts,
        )

    # === WHAT KEEPS ITS MESSAGES BACK === #

    def _get_template(self):
        """Return the message of the level; else the shipped one for its place on the ladder."""
        self.ensure_one()
        if self.mail_template_id:
            return self.mail_template_id
        number = min(self.number, 3)
        name = f"level_{number}" if number else "notice"
        template = self.env.ref(
            f"account_recurrence_dunning.mail_template_{name}", raise_if_not_found=False
        )
        return template or self.env["mail.template"]

    def _get_obstacle(self):
        """Return the ``Obstacle`` that keeps every message of the level back, or None.

        Asked by the simulation, when a message is made, and again when it is sent.
        """
        self.ensure_one()
        channel = self._get_channel()
        if not channel.text:
            return None
        template = self._get_template()
        if not template:
            return Obstacle("no_text", {"rung": self.id})
        foreign = self._find_foreign()
        if foreign:
            return foreign
        if self._is_message_for_one_invoice() and self.program_id.grouping != "invoice":
            return Obstacle("text_per_invoice", {"template": template.id})
        if channel.mail and self._is_banner_lost():
            return Obstacle("banner_lost", {"rung": self.id})
        if self._needs_pdf() and not self._can_make_pdf():
            return Obstacle("no_pdf", {})
        return None

    def _needs_pdf(self):
        """Whether each message of the level is a printed page, or encloses one made for it."""
        if self._get_channel().is_paper or self.attach_statement or self.attach_bill:
            return True
        return self.attach_invoices and bool(self.invoice_report_id)

    def _find_foreign(self):
        """Return the ``Obstacle`` of a text or report that is about something else by now."""
        for code, used, chosen, models_allowed in self._get_chosen():
            try:
                self._check_model(chosen, *models_allowed)
            except ValidationError as error:
                if used:
                    return Obstacle(code, {"error": str(error)})
        return None

    def _is_message_for_one_invoice(self):
        """Whether the message is a text about an invoice: it can name one alone (D4)."""
        self.ensure_one()
        has_text = self._get_channel().text
        return has_text and self.mail_template_id.sudo().model == INVOICE_MODEL

    @api.model
    def _can_make_pdf(self):
        return self.env["ir.actions.report"].get_wkhtmltopdf_state() not in ("install", "broken")

    def _prepare_copy_to(self, company):
        """Return the values of a copy in another company, without what that one may not use."""
        self.ensure_one()
        tag = self.tag_id.sudo()
        usable = self.cc_partner_ids.sudo().filtered(
            lambda partner: not partner.company_id or partner.company_id == company
        )
        [values] = self.copy_data(
            {
                "tag_id": tag.id if tag.company_id in (tag.company_id.browse(), company) else False,
                "cc_partner_ids": [Command.set(usable.ids)],
            }
        )
        values.pop("program_id", None)
        return values

    def action_open_preview(self):
        """Open the message of this level about an invoice."""
        self.check_access("read")
        self.ensure_one()
        return self.env["dunning.level.preview"]._open(self)

    def action_open_placeholders(self):
        """Open what the texts of reminders may name, with its values for the sample customer."""
        self.check_access("read")
        self.ensure_one()
        return self.env["dunning.level.preview"]._open_placeholders(self)

    def _get_used(self):
        """Return those of these levels that a reminder was ever made for."""
        groups = (
            self.env["dunning.reminder.line"]
            .sudo()
            ._read_group([("level_id", "in", self._origin.ids)], ["level_id"])
        )
        return self.browse([level.id for (level,) in groups])

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self._get_used()
        if used:
            raise UserError(
                self.env._(
                    "Reminders have been created with %(levels)s: archive used levels instead, "
                    "so that the history remains readable.",
                    levels=", ".join(used.mapped("name")),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_last(self):
        if not unseal(self.env.context, "dunning_levels_later"):
            self.program_id._check_has_level(without=self)

    @api.constrains("mail_template_id", "channel", "active", "program_id")
    def _check_message(self):
        """Refuse a text about an invoice where a message may hold several of them (D4)."""
        for level in self.filtered("active"):
            if level.program_id.grouping != "invoice" and level._is_message_for_one_invoice():
                raise ValidationError(
                    self.env._(
                        "The message “%(message)s” of the level “%(level)s” is for a single "
                        "invoice: the program %(program)s must send one message per invoice, or "
                        "the level needs another message.",
                        message=level.mail_template_id.sudo().name,
                        level=level.name,
                        program=level.program_id.name,
                    )
                )

from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from ...tools.recurrence.placeholder import (
    fill_placeholders,
    has_placeholder,
    strip_placeholders,
)


class RecurrencePriceNoticeTellingMixin(models.AbstractModel):
    """Tells a customer of new prices: by e-mail, or by a letter where there is no address."""

    _name = "recurrence.price.notice.telling.mixin"
    _description = "Announcement of New Prices"

    recipient_id = fields.Many2one("res.partner", compute="_compute_recipient")
    lang = fields.Char(compute="_compute_recipient")
    told_by = fields.Selection(
        [("email", "E-Mail"), ("letter", "Letter")],
        readonly=True,
        help="How the customer is told, or was; empty: not at all.",
    )
    told_date = fields.Datetime(string="Told On", readonly=True)
    is_letter_due = fields.Boolean(compute="_compute_is_letter_due", search="_search_is_letter_due")
    delivery_problem = fields.Char(
        string="Not Delivered",
        compute="_compute_delivery_problem",
        search="_search_delivery_problem",
        help="The e-mail came back, or could not be sent: tell the customer another way.",
    )
    prices = fields.Html(
        string="Table of Prices",
        compute="_compute_prices",
        sanitize=False,
        help="The table of former and new prices, in the customer's language.",
    )

    @api.depends("partner_id")
    def _compute_recipient(self):
        for notice in self:
            partner = notice.partner_id
            found = partner.address_get(["invoice"])["invoice"]
            notice.recipient_id = self.env["res.partner"].browse(found) or partner
            notice.lang = self.env["recurrence.occurrence"]._get_lang(notice.recipient_id)

    @api.depends("state", "told_by", "told_date")
    def _compute_is_letter_due(self):
        for notice in self:
            is_told = bool(notice.told_date) or notice.state != "applied"
            notice.is_letter_due = notice.told_by == "letter" and not is_told

    def _search_is_letter_due(self, operator, value):
        if operator != "in":
            return NotImplemented
        due = Domain("told_by", "=", "letter") & Domain("told_date", "=", False)
        due &= Domain("state", "=", "applied")
        return due if True in value else ~due

    def _get_undelivered(self, domain):
        """Return the notifications of customers that did not arrive, mail.notification."""
        return (
            self.env["mail.notification"]
            .sudo()
            .search(
                Domain("mail_message_id.model", "=", self._name)
                & Domain("notification_status", "in", ("bounce", "exception"))
                & domain
            )
        )

    @api.depends("message_ids")
    def _compute_delivery_problem(self):
        found = self._get_undelivered(Domain("mail_message_id.res_id", "in", self.ids))
        problems = {
            mail.mail_message_id.res_id: mail.failure_reason or mail.res_partner_id.email
            for mail in found
        }
        for notice in self:
            notice.delivery_problem = problems.get(notice.id)

    def _search_delivery_problem(self, operator, value):
        found = self._get_undelivered(Domain.TRUE).mail_message_id.mapped("res_id")
        if operator == "in" and set(value) <= {False, ""}:
            return [("id", "not in", found)]
        notices = self.browse(set(found)).exists()
        return [("id", "in", notices.filtered_domain([("delivery_problem", operator, value)]).ids)]

    @api.depends("line_ids.price", "line_ids.date", "line_ids.name")
    def _compute_prices(self):
        for notice in self:
            env = notice.with_context(lang=notice.lang).env
            notice.prices = env["ir.qweb"]._render(
                "account_recurrence_dunning.recurrence_price_notice_prices",
                {"rows": [notice._get_row(env, line) for line in notice.line_ids]},
                lang=notice.lang,
            )

    def _get_row(self, env, line):
        """Return what a customer reads of one line, in the language of an environment."""
        own = line.with_env(env)

        def price(amount):
            digits = env["decimal.precision"].precision_get("Product Price")
            exact = Decimal(str(round(amount, digits))).normalize()
            # as exact as the price is, and no less than the currency
            places = max(own.currency_id.decimal_places, -exact.as_tuple().exponent)
            return formatLang(env, amount, digits=places, currency_obj=own.currency_id)

        return {
            "name": self._get_line_text(own.sudo()),
            "former": price(own.former_price),
            "price": price(own.price),
            "date": format_date(env, own.date, lang_code=self.lang),
        }

    def _get_line_text(self, line):
        """Return the text that a line has on the first invoice with the new price.

        What only that invoice knows, its number and its date, is left out.
        """
        own = line.line_id
        first = self.env["recurrence.occurrence"].new(
            {"rule_date": line.date, "schedule_id": line.schedule_id.id}
        )
        text = first._get_product_texts().get(own.id) or own.name or ""
        text = text.split("\n")[0]
        if has_placeholder(text) and line.date:
            rule = line.schedule_id._get_rule()
            start, end = rule.cycle_period(line.date)
            for _number in range((own.recurrence_every or 1) - 1):
                end = rule.cycle_period(end + timedelta(days=1))[1]
            values = first._get_placeholder_values(self.lang, line.date, start, end)
            values.pop("NUMBER")
            values.pop("DATE")
            text = strip_placeholders(fill_placeholders(text, values))
        return text or line.name

    # === TELLING === #

    def _plan_telling(self):
        """Note how each customer will be told, as things are now."""
        for notice in self:
            has_address = notice.recipient_id.email_normalized
            notice.told_by = "email" if has_address else "letter"

    def _tell(self):
        """Send the announcement, or leave a letter to print."""
        self.ensure_one()
        notice = self.sudo()
        notice._plan_telling()
        if notice.told_by == "letter":
            return
        template = notice.rise_id.mail_template_id
        if not template:
            raise UserError(self.env._("Choose the text with which customers are told."))
        message = notice.with_context(lang=notice.lang).message_post_with_source(
            template,
            email_layout_xmlid="mail.mail_notification_light",
            subtype_xmlid="mail.mt_comment",
            message_type="comment",
        )
        if notice.recipient_id not in message.partner_ids:
            raise UserError(
                self.env._("The text is addressed to somebody else: see its recipients.")
            )
        # from now on: who answers for it gets the answers, no copy of what was said
        notice.message_subscribe(partner_ids=self.user_id.partner_id.ids)
        notice.write({"told_by": "email", "told_date": fields.Datetime.now()})

    def action_print_letters(self):
        """Print the letters, and keep that these customers were told by them.

        Of several, those that are still to be printed; of one, also once more.
        """
        self.check_access("read")
        self.rise_id.check_access("write")
        due = self.filtered("is_letter_due")
        printed = due if len(self) > 1 else self.filtered(lambda n: n.told_by and n.told_date) | due
        if not printed:
            raise UserError(self.env._("There is no letter to print."))
        if not all(notice.rise_id.mail_template_id for notice in printed):
            raise UserError(self.env._("Choose the text with which customers are told."))
        due._check_letters_in_time()
        due.sudo().write({"told_date": fields.Datetime.now()})
        return self.env.ref(
            "account_recurrence_dunning.recurrence_price_letter_report"
        ).report_action(printed)

    def _check_letters_in_time(self):
        """Refuse letters that would be too late for the notice that was meant."""
        late = self.filtered(
            lambda notice: (
                not notice.first_date or notice.first_date < notice.rise_id._get_earliest()
            )
        )
        if late:
            raise UserError(
                self.env._(
                    "Too late for the notice: %(names)s. Withdraw these and make a new price rise.",
                    names=", ".join(late[:3].partner_id.mapped("display_name")),
                )
            )

    def _get_letter_text(self):
        """Return subject and text of the announcement as the letter has them."""
        self.ensure_one()
        template = self.sudo().rise_id.mail_template_id
        subject = template._render_field("subject", self.ids, compute_lang=True)[self.id]
        body = template._render_field("body_html", self.ids, compute_lang=True)[self.id]
        return subject, body

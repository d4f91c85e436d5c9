from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.tools import is_html_empty
from odoo.tools.misc import format_amount, format_date

from ....tools.common.sealed import Sealed, unseal
from ....tools.dunning.plain_text import html_to_text

MODULE = "account_recurrence_dunning"
# Gmail cuts off what is longer than 102 KB; the head of the document comes on top of it.
MOST_BYTES = 95_000
# What the customer can do on the page of the reminder, in the order of the buttons.
VIEWS = ("pay", "dispute", "promise")
BUTTONS = "#BUTTONS#"


class DunningReminderMessageMixin(models.AbstractModel):
    """What the texts of reminders may say beside their own words, and the frame around them.

    All of it in the language of who gets the message, whoever makes it.
    """

    _name = "dunning.reminder.message.mixin"
    _description = "Parts of a Reminder's Message"

    lang = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(), string="Language", readonly=True
    )
    reference_text = fields.Char(
        string="Invoices by Name",
        compute="_compute_message_parts",
        help="The numbers with the word for one invoice or for several.",
    )
    date_text = fields.Char(
        string="Date in Words",
        compute="_compute_message_parts",
        help="The day of the message, as the customer writes it.",
    )
    answer_text = fields.Char(
        string="How to Reply",
        compute="_compute_message_parts",
        help="Asks to reply, or to phone or write where replies would reach nobody.",
    )
    signature_html = fields.Html(
        string="Signature",
        compute="_compute_message_parts",
        sanitize=False,
        help="The sender's own signature; without one, name and company.",
    )
    buttons_html = fields.Html(
        string="Buttons",
        compute="_compute_message_parts",
        sanitize=False,
        help="Pay, ask a question, promise a date; empty where the customer's page is not offered.",
    )
    other_credits = fields.Json(
        string="Credits in Other Currencies",
        readonly=True,
        help="Mentioned, and taken off nothing: amounts by currency.",
    )

    # === PLACEHOLDERS === #

    @api.depends(
        "line_ids.move_name",
        "line_ids.drop_reason",
        "line_ids.due_date",
        "text_date",
        "user_id",
        "lang",
        "company_id",
    )
    @api.depends_context("dunning_printed", "dunning_editing")
    def _compute_message_parts(self):
        for reminder in self:
            spoken = reminder.with_context(lang=reminder.lang)
            reminder.reference_text = spoken._get_reference_text()
            reminder.date_text = format_date(
                spoken.env, spoken._get_text_date(), lang_code=reminder.lang
            )
            reminder.answer_text = spoken._get_answer_text()
            reminder.signature_html = spoken._get_signature()
            reminder.buttons_html = spoken._render_buttons()

    def _describe_placeholders(self):
        """Return what texts may name, for people: (placeholder, meaning, value in this message)."""
        self.ensure_one()
        spoken = self.with_context(lang=self.lang)
        return [
            (f"object.{path}", *spoken._describe_field(path)) for path in self._get_placeholders()
        ]

    def _describe_field(self, path):
        """Return (what a field is, its value as text), the first in the user's language."""
        record, names = self, path.split(".")
        for name in names[:-1]:
            record = record[name]
        field, value = record._fields[names[-1]], record[names[-1]]
        reader = self.with_context(lang=self.env.user.lang).env
        labels = [self._fields[names[0]]._description_string(reader)] if len(names) > 1 else []
        help_text = field._description_help(reader)
        label = " › ".join([*labels, field._description_string(reader)])
        if field.type == "html":
            value = html_to_text(value or "", self._get_plain_blocks())
        elif field.type == "date":
            value = value and value.isoformat()
        return f"{label}: {help_text}" if help_text else label, str(value or "")

    def _get_reference_text(self):
        """Return the numbers of the invoices reminded, named as one or as several."""
        reference = self._get_reference()
        moves = self._get_reminded().move_id.sudo()
        if not all(move.is_invoice(include_receipts=True) for move in moves):
            return reference
        if len(set(self._get_reminded().mapped("move_name"))) == 1:
            return self.env._("invoice %(number)s", number=reference)
        return self.env._("invoices %(numbers)s", numbers=reference)

    def _get_answer_text(self):
        """Return how the customer answers: by a reply only where somebody reads it."""
        if self._can_be_answered() and not self.env.context.get("dunning_printed"):
            return self.env._("If you have any questions, please reply to this message.")
        company = self.company_id.sudo()
        # a number is not broken at the end of a line
        phone = (company.phone or "").replace(" ", "\xa0")
        ways = " · ".join(filter(None, (phone, company.email)))
        if ways:
            return self.env._("If you have any questions, please contact us: %(ways)s", ways=ways)
        return self.env._("If you have any questions, please contact us.")

    def _get_signature(self):
        user, company = self.user_id.sudo(), self.company_id.sudo()
        if user and not is_html_empty(user.signature):
            return user.signature
        names = [escape(name) for name in (user.name, company.name) if name]
        return Markup("<br/>").join(names)

    def _get_buttons(self):
        """Return the buttons of the message: (text, address), none where no page is offered."""
        texts = (
            self.env._("Pay"),
            self.env._("I have a question"),
            self.env._("I will pay on …"),
        )
        found = zip(texts, map(self._get_page_url, VIEWS), strict=True)
        return [(text, url) for text, url in found if url]

    def _render_buttons(self):
        """Return the buttons as HTML; on paper there are none, in an editor their placeholder."""
        if self.env.context.get("dunning_printed"):
            return ""
        if unseal(self.env.context, "dunning_editing"):
            # the address is made for the message that leaves
            return Markup("<p>%s</p>") % BUTTONS if self._get_page_url() else ""
        buttons = [{"text": text, "url": url} for text, url in self._get_buttons()]
        if not buttons:
            return ""
        return self.env["ir.qweb"]._render(
            f"{MODULE}.dunning_message_buttons", {"buttons": buttons}, minimal_qcontext=True
        )

    # === ITEMS === #

    def _get_item_limit(self):
        """Return how many items the message shows; the statement has them all."""
        limit = unseal(self.env.context, "dunning_item_limit")
        return limit or self.company_id.sudo().dunning_message_items

    def _get_shown_lines(self):
        """Return the lines the message shows, the oldest first, credits at the end."""
        lines = self._get_standing().sorted(
            lambda line: (line.kind == "credit", str(line.due_date or ""), line.id)
        )
        return lines[: self._get_item_limit()]

    def _get_remarks(self, shown, has_links):
        """Return the sentences below the items of the message, as texts.

        :param shown: the lines that stand in it
        :param bool has_links: whether their numbers lead to the invoices
        """
        remarks, count = [], len(self._get_standing())
        if len(shown) < count:
            remarks.append(
                self.env._(
                    "The %(shown)s oldest of %(count)s items are listed here. The enclosed "
                    "statement lists all of them.",
                    shown=len(shown),
                    count=count,
                )
            )
        for code, amount in (self.other_credits or {}).items():
            currency = self.env["res.currency"].browse(int(code))
            text = format_amount(self.env, amount, currency, self.lang)
            if currency.name not in text:
                text = f"{text} ({currency.name})"
            remarks.append(
                self.env._(
                    "You also have a credit of %(amount)s, which is not deducted from the total.",
                    amount=text,
                )
            )
        if has_links:
            remarks.append(
                self.env._("Click an invoice number to view, download or pay the invoice.")
            )
        return remarks

    @api.model
    def _prepare_statement_row(self, base_url, line, lang):
        row = super()._prepare_statement_row(base_url, line, lang)
        details = [
            self._name_date(line, row["date"]) if row["date"] else "",
            self.env._("Due: %(date)s", date=row["due"]) if row["due"] else "",
        ]
        move = line.move_id.sudo()
        # that of an entry is the bookkeeper's own
        has_reference = line.kind != "credit" and move.move_type != "entry"
        reference = move.ref if has_reference else ""
        if reference and reference != line.move_name:
            reference = self.env._("Your reference: %(reference)s", reference=reference)
            details.append(reference)
        else:
            reference = ""
        late = self.env._("Days late: %(days)s", days=row["late"]) if row["late"] else ""
        details = list(filter(None, details))
        return {**row, "details": details, "reference": reference, "late_text": late}

    @api.model
    def _name_date(self, line, date):
        """Return the date of a line with its name; credits are payments and bank lines, too."""
        if line.kind == "credit":
            return self.env._("Date: %(date)s", date=date)
        return self.env._("Invoice date: %(date)s", date=date)

    # === SIZE === #

    def _render_short_texts(self):
        """Return what ``_render_texts`` does, no message longer than mail clients show.

        A message that does not list all its items encloses the statement.
        """
        rendered = self._render_texts()
        for reminder in self:
            limit = reminder._get_item_limit()
            while limit > 1 and len(rendered[reminder.id]["body"].encode()) > MOST_BYTES:
                limit //= 2
                short = reminder.with_context(dunning_item_limit=Sealed(limit))
                rendered.update(short._render_texts())
            reminder._enclose_rest(limit)
        return rendered

    def _enclose_rest(self, limit):
        """Enclose the statement with messages of more items than they show."""
        for reminder in self:
            if not reminder.enclose_statement and len(reminder._get_standing()) > limit:
                reminder.enclose_statement = True

    # === FRAME === #

    def _prepare_frame(self, body):
        """Return what the frame of the message shows, in the language of its reader."""
        self.ensure_one()
        level, company, look = self.level_id, self.company_id.sudo(), self._get_look()
        return {
            **look,
            "reminder": self,
            "level": level,
            "company": company,
            "body": body,
            "lang": (self.lang or "en").split("_")[0],
            "direction": self._get_direction(),
            "has_logo": look["show_logo"] and company.logo_web and not company.uses_default_logo,
            "footer": self._get_footer(body),
        }

    def _get_direction(self):
        """Return "rtl" where the language of the message is written from the right, else "ltr"."""
        return self.env["res.lang"]._get_data(code=self.lang).direction or "ltr"

    def _get_sides(self):
        """Return where lines begin and end, as attributes of HTML that old mail programs know."""
        sides = ("left", "right") if self._get_direction() == "ltr" else ("right", "left")
        return dict(zip(("start", "end"), sides, strict=True))

    def _get_footer(self, body):
        """Return the lines about the company; its name, where the text has not said it."""
        company = self.company_id.sudo()
        texts = (body, self.level_id.header_html or "", self.level_id.footer_html or "")
        is_named = any(str(escape(company.name)) in text for text in texts)
        address = company.partner_id._display_address(without_company=True)
        parts = [
            (company.name if not is_named else "", "", True),
            (", ".join(filter(None, map(str.strip, address.split("\n")))), "", False),
            (company.phone, "", False),
            (company.email, f"mailto:{company.email}", False),
            (company.website, company.website, False),
            (self.env._("VAT: %(number)s", number=company.vat) if company.vat else "", "", False),
        ]
        return [
            {"text": text, "url": url, "is_name": is_name} for text, url, is_name in parts if text
        ]

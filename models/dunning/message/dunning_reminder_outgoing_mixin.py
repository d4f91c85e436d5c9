from markupsafe import Markup

from odoo import models

from ....tools.dunning.plain_text import format_pairs, format_table, html_to_text

MODULE = "account_recurrence_dunning"
# The frame of a reminder's message: notes and answers about a reminder have none.
FRAME = 'data-dunning="message"'


class DunningReminderOutgoingMixin(models.AbstractModel):
    """The e-mail as it leaves: a whole document, and the same as plain text."""

    _name = "dunning.reminder.outgoing.mixin"
    _description = "Outgoing Form of Reminders"

    def _finish_outgoing(self, values):
        """Give an e-mail about to be built its document and its plain text.

        :param values: an entry of ``mail.mail._prepare_outgoing_list``, changed here
        """
        self.ensure_one()
        body = values["body"]
        if FRAME not in body:
            return
        spoken = self.with_context(lang=self.lang)
        values["body_alternative"] = html_to_text(body, spoken._get_plain_blocks())
        document = self.env["ir.qweb"]._render(
            f"{MODULE}.dunning_message_document",
            {
                "body": Markup(body),  # noqa: S704 as it was stored
                "lang": (self.lang or "en").split("_")[0],
                "title": values["subject"],
            },
            minimal_qcontext=True,
        )
        values["body"] = f"<!DOCTYPE html>\n{document}"

    def _get_plain_blocks(self):
        """Return the texts that stand for the tables of the message, by their mark."""
        buttons = "\n".join(f"{text}: {url}" for text, url in self._get_buttons())
        return {"items": self._get_plain_items(), "buttons": buttons}

    def _get_plain_items(self):
        """Return what is open as lines of plain text: items, total, bank details, link."""
        shown = self._get_shown_lines()
        base_url, lang = self.get_base_url(), self.lang
        found = [(line, self._prepare_statement_row(base_url, line, lang)) for line in shown]
        head = (
            self.env._("Invoice"),
            self.env._("Due"),
            self.env._("Days late"),
            self.env._("Amount"),
        )
        rows = [
            head,
            *((row["number"], row["due"], row["late"], row["amount"]) for _l, row in found),
        ]
        total = self.env._("Total outstanding")
        rows += [("",), *((total, "", "", text) for text in self._get_total_texts())]
        page = self._get_page_url()
        links = [] if page else [(f"{row['number']}:", row["url"]) for _line, row in found]
        parts = [
            format_table(rows, right=(2, 3)),
            "\n".join(self._get_remarks(shown, has_links=False)),
            "\n\n".join(map(self._format_payment, self._get_payment_parts())),
            f"{self.env._('All open items and payment')}: {page}" if page else "",
            format_pairs(links),
        ]
        return "\n\n".join(filter(None, parts))

    def _format_payment(self, part):
        """Return the details of a bank transfer as lines of plain text."""
        names = {
            "beneficiary": self.env._("Beneficiary"),
            "bank": self.env._("Bank"),
            "iban": self.env._("IBAN"),
            "bic": self.env._("BIC"),
            "amount": self.env._("Amount"),
            "reference": self.env._("Payment reference"),
        }
        return format_pairs((f"{name}:", str(part.get(key) or "")) for key, name in names.items())

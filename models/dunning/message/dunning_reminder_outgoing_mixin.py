import textwrap

from markupsafe import Markup

from odoo import models

from ....tools.dunning.plain_text import WIDTH, format_pairs, format_table, html_to_text

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
        buttons = "\n".join(self._label(text, url) for text, url in self._get_buttons())
        return {"items": self._get_plain_items(), "buttons": buttons}

    def _get_plain_items(self):
        """Return what is open as lines of plain text: items, total, bank details, link."""
        shown, page = self._get_shown_lines(), self._get_page_url()
        sections = self._get_statement_sections(shown, self.lang)
        found = [row for rows in sections.values() for row in rows]
        links = [] if page else [(self._label(row["number"]), row["url"]) for row in found]
        parts = [
            self._format_items(sections),
            *(textwrap.fill(text, WIDTH) for text in self._get_claim_sentences()),
            "\n".join(self._get_remarks(shown, has_links=False)),
            "\n\n".join(map(self._format_payment, self._get_payment_parts())),
            self._label(self.env._("All open items and payment"), page) if page else "",
            format_pairs(links),
        ]
        return "\n\n".join(filter(None, parts))

    def _format_items(self, sections):
        """Return the items and their total as a table of plain text.

        :param sections: the rows by kind, as ``_get_statement_sections`` returns them
        """
        head = (
            self.env._("Invoice"),
            self.env._("Due"),
            self.env._("Days late"),
            self.env._("Amount"),
        )
        rows = [head]
        for kind, found in sections.items():
            rows += self._get_plain_rows(kind, found)
        rows += self._get_plain_claims()
        rows += [("",), *((label, "", "", text) for label, text in self._get_total_rows())]
        if not any(row["late"] for found in sections.values() for row in found):
            # a notice: nothing is late
            rows = [(*row[:2], *row[3:]) for row in rows]
        return format_table(rows, right=(2, 3))

    def _get_plain_rows(self, kind, rows):
        """Return one section of the items as rows of plain text, below its heading if any."""
        headings = {
            "overdue": self.env._("Also overdue"),
            "soon": self.env._("Due soon"),
            "credit": self.env._("Credits and payments on account"),
        }
        result = [("",), (headings[kind],)] if kind in headings else []
        for row in rows:
            result.append((row["number"], row["due"], row["late"], row["amount"]))
            if row["reference"]:
                result.append((f"  {row['reference']}",))
        return result

    def _get_plain_claims(self):
        """Return what is claimed for late payment as rows of plain text, below its heading."""
        found = self._get_claim_rows(self.lang)
        rows = [("",), (self.env._("Interest and fixed sums for late payment"),)] if found else []
        for row in found:
            rows.append((row["number"], "", "", row["amount"]))
            rows += [(f"  {detail}",) for detail in row["details"]]
        return rows

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
        pairs = [(self._label(name), str(part.get(key) or "")) for key, name in names.items()]
        heading = self.env._("Pay by bank transfer")
        return f"{heading}\n{format_pairs(pairs)}"

    def _label(self, name, value=""):
        """Return what a value is called, and the value, as the language punctuates it."""
        return self.env._("%(name)s: %(value)s", name=name, value=value).rstrip()

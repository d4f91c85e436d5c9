from odoo import models
from odoo.tools import format_amount, format_date, html2plaintext

from ..message.dunning_reminder_document_mixin import BLANK

# What of the timeline is correspondence with the customer, in the words of the timeline.
CORRESPONDENCE = (
    "_tell_answers",
    "_tell_promises",
    "_tell_disputes",
    "_tell_calls",
    "_tell_plans",
)


class DunningHandoverClaimMixin(models.AbstractModel):
    """What the cover sheet of a dossier says: the claim per item, and what was said about it."""

    _name = "dunning.handover.claim.mixin"
    _description = "Claims Handed Over"

    def _get_dossier_lang(self):
        """Return the language of the dossier: that of who gets it."""
        return self.agency_id.lang or self.company_id.partner_id.lang or self.env.lang

    def _get_claim_tables(self):
        """Return the claim as texts: a table for each currency, its items by due date.

        Each item is computed from its journal item: principal less what was paid or credited is
        what is open. No interest or cost is added that nobody has booked.
        """
        self.ensure_one()
        day = self.company_id._get_job_today()
        facts = self.company_id._dunning_collect(day, partners=self.partner_id, by_hand=True)
        left = {fact.id: max(fact.open_amount, 0.0) for fact in facts}
        lines = self.sudo().move_line_ids.sorted(
            lambda line: (line.date_maturity or line.date, line.id)
        )
        return [
            self._prepare_claim_table(currency, found, left, day)
            for currency, found in lines.grouped("currency_id").items()
        ]

    def _prepare_claim_table(self, currency, lines, left, day):
        def show(amount):
            return format_amount(self.env, amount, currency)

        rows, totals = [], [0.0, 0.0, 0.0]
        for line in lines:
            due = line.date_maturity or line.date
            still = left.get(line.id, 0.0)
            amounts = (line.amount_currency, line.amount_currency - still, still)
            totals = [total + amount for total, amount in zip(totals, amounts, strict=True)]
            rows.append(
                {
                    "name": line.move_id.name,
                    "date": format_date(self.env, line.move_id.invoice_date or line.date),
                    "due": format_date(self.env, due),
                    "late": max((day - due).days, 0),
                    "amounts": [*map(show, amounts)],
                }
            )
        return {
            "currency": currency.name,
            "rows": rows,
            "totals": [*map(show, totals)],
        }

    def _leave_out_logo(self, get_uri):
        """Return what the layouts of Odoo call for a picture: Odoo's own logo is left blank.

        :param get_uri: what they call otherwise, with a picture in base64
        """
        company = self.company_id.sudo()
        if not company.uses_default_logo:
            return get_uri
        return lambda picture: BLANK if picture == company.logo else get_uri(picture)

    def _get_dossier_reminders(self):
        """Return the reminders about the items that left, the oldest first."""
        lines = self.env["dunning.reminder.line"].sudo()
        found = lines.search([("move_line_id", "in", self.move_line_ids.ids)]).reminder_id
        found = found.filtered(lambda one: one.proof_hash and not one.is_test)
        return found.sorted(lambda one: (one.proof_date, one.id))

    def _get_correspondence(self):
        """Return what was said since, the oldest first: ``[{"date", "title", "text"}, …]``."""
        case = self.env["dunning.case"].sudo().with_context(active_test=False)
        case = case.search(
            [("company_id", "=", self.company_id.id), ("partner_id", "=", self.partner_id.id)]
        )
        events = [
            event for one in case for tell in CORRESPONDENCE for event in getattr(one, tell)()
        ]
        events += self._tell_replies()
        events.sort(key=lambda event: (event["day"], event["order"]))
        return [
            {
                "date": event["date"],
                "title": event["title"],
                "text": "\n".join(filter(None, (event["text"], event["detail"]))),
            }
            for event in events
        ]

    def _tell_replies(self):
        """Return the e-mails in which the customer answered reminders, as the timeline has them."""
        messages = self._get_dossier_reminders().received_ids
        days = {message: self.company_id._get_job_day(message.date) for message in messages}
        return [
            {
                "day": days[message].isoformat(),
                "order": message.id,
                "date": format_date(self.env, days[message]),
                "title": self.env._(
                    "E-mail from %(sender)s", sender=message.email_from or message.author_id.name
                ),
                "text": message.subject or "",
                "detail": html2plaintext(message.body or "", include_references=False),
            }
            for message in messages
        ]

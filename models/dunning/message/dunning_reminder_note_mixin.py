from markupsafe import Markup, escape

from odoo import api, models
from odoo.tools import format_date
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

SENT = {
    "email": _lt("%(reminder)s was sent by e-mail to %(to)s."),
    "letter": _lt("%(reminder)s was sent by letter to %(to)s."),
    "email_letter": _lt("%(reminder)s was sent by e-mail and letter to %(to)s."),
    "call": _lt("%(reminder)s: the customer was called."),
}
SENT_OTHERWISE = _lt("%(reminder)s was sent to %(to)s.")
TAKEN_BACK = {
    "undeliverable": _lt("%(reminder)s was not delivered: %(reason)s"),
    "reversed": _lt("%(reminder)s was withdrawn."),
}


class DunningReminderNoteMixin(models.AbstractModel):
    """What went out stands on the invoices and on the customer too, for readers without dunning."""

    _name = "dunning.reminder.note.mixin"
    _description = "Notes about Reminders on Invoices and Customers"

    def _note_sent(self):
        """Say on invoices and customers what was sent to whom."""
        self._note({name: (text, {"to": "proof_to"}) for name, text in SENT.items()}, "channel")

    def _note_taken_back(self):
        """Say on invoices and customers what was withdrawn or came back."""
        texts = {name: (text, {"reason": "failure_reason"}) for name, text in TAKEN_BACK.items()}
        self._note(texts, "state")

    def _note(self, texts, chosen_by):
        """Log a note on each customer and on the invoices reminded.

        :param texts: ``{value: (text, {placeholder: field})}``
        :param chosen_by: the field whose value chooses the text
        """
        customers, moves = {}, {}
        for reminder in self.filtered("partner_id"):
            text, fields = texts.get(reminder[chosen_by], (SENT_OTHERWISE, {"to": "proof_to"}))
            note = reminder._get_note(text, {key: reminder[name] for key, name in fields.items()})
            customers.setdefault(reminder.partner_id.id, []).append(note)
            for move in reminder._get_reminded().move_id:
                moves.setdefault(move.id, []).append(note)
        self._log_notes("res.partner", customers)
        self._log_notes("account.move", moves)

    def _get_note(self, text, values):
        """Return a note in the sender's language: that of a job is nobody's."""
        spoken = self.with_context(lang=self.user_id.lang or self.env.lang)
        day = format_date(spoken.env, self.sent_date or self.date)
        title = spoken.env._("%(reminder)s of %(date)s", reminder=spoken._get_kind_name(), date=day)
        # names and addresses are anybody's text; the link is ours
        values = {key: value or "–" for key, value in values.items()}
        link = self._get_html_link(title=title)
        (translated,) = map(spoken.env._, [text])
        return escape(translated) % {"reminder": link, **values}

    @api.model
    def _log_notes(self, model, notes):
        records = self.env[model].browse(notes)
        bodies = {found: Markup("<br/>").join(texts) for found, texts in notes.items()}
        records._message_log_batch(bodies=bodies)

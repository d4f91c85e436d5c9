from odoo import api, models
from odoo.tools import format_amount, format_date
from odoo.tools.translate import LazyTranslate

from ....tools.dunning.ladder_view import GOT, LATER, NEXT, PASSED, place_levels

_lt = LazyTranslate(__name__)

MOST_LINES = 12  # a ladder for each is no picture any more
NEXT_BY_CHANNEL = {
    "email": _lt("%(level)s goes by e-mail to %(recipient)s on %(day)s."),
    "letter": _lt("%(level)s goes by letter to %(recipient)s on %(day)s."),
    "email_letter": _lt("%(level)s goes by e-mail and letter to %(recipient)s on %(day)s."),
    "call": _lt("%(level)s: %(recipient)s is to be called on %(day)s."),
}
NEXT_OTHERWISE = _lt("%(level)s goes to %(recipient)s on %(day)s (%(channel)s).")
PLACES = {
    GOT: _lt("sent %(day)s"),
    NEXT: _lt("next: %(day)s"),
    LATER: _lt("from %(day)s"),
}
PLACES_WITHOUT_DAY = {
    GOT: _lt("sent"),
    PASSED: _lt("left out"),
    NEXT: _lt("on hold"),
    LATER: _lt("later"),
}
BEFORE_DUE = _lt("Days before the due date (%(due)s): %(days)s.")
AFTER_DUE = _lt("Days after the due date (%(due)s): %(days)s.")


class DunningInvoiceLadderMixin(models.AbstractModel):
    """The ladder of an invoice's due lines as a picture, with where each stands (W1)."""

    _name = "dunning.invoice.ladder.mixin"
    _description = "Ladder on the Invoice Screen"

    def _dunning_get_next_step(self):
        """Return what comes next of an invoice and why: ``{"text": …, "ladders": […]}``."""
        self.ensure_one()
        company = self.company_id
        is_reminded = self.state == "posted" and self.move_type in ("out_invoice", "out_receipt")
        if not is_reminded:
            return {"text": "", "ladders": []}
        today = company._get_job_today()
        facts = company._dunning_decide(today, moves=self)
        ladders = self._dunning_get_ladders(facts, today) if company.dunning_active else []
        return {"text": self._dunning_explain(facts), "ladders": ladders}

    def _dunning_get_ladders(self, facts, today):
        """Return a ladder for each open due line of an invoice, in the reader's language.

        :param facts: about its due lines, decided
        :return: ``[{"id", "title", "next", "places": [{"id", "name", "state", "icon", "channel",
            "text"}]}]``; empty where no level is to come and none was got
        """
        facts = [fact for fact in facts[:MOST_LINES] if fact.program_id]
        programs = self.env["dunning.program"].browse({fact.program_id for fact in facts})
        ladders = {program.id: program._get_ladder() for program in programs}
        programs._find_fact_recipients(self.company_id, facts)
        got_days = self._dunning_get_level_days()
        return [
            {
                "id": fact.id,
                "title": self._dunning_name_ladder(fact) if len(facts) > 1 else "",
                "next": self._dunning_tell_next(fact, places),
                "places": [self._dunning_describe_place(fact, place, got_days) for place in places],
            }
            for fact in facts
            if (places := place_levels(fact.line, ladders[fact.program_id], fact.decision, today))
        ]

    def _dunning_get_level_days(self):
        """Return when the due lines got their levels: ``{(due line id, level id): day}``."""
        lines = self.dunning_reminder_line_ids.filtered(
            lambda line: line.state == "sent" and line.effective_date
        )
        return {
            (line.move_line_id.id, line.level_id.id): line.effective_date
            for line in lines.sorted("effective_date")
        }

    @api.model
    def _dunning_name_ladder(self, fact):
        return self.env._(
            "%(amount)s due on %(date)s",
            amount=format_amount(
                self.env, fact.residual, self.env["res.currency"].browse(fact.currency_id)
            ),
            date=format_date(self.env, fact.line.due),
        )

    @api.model
    def _dunning_describe_place(self, fact, place, got_days):
        level = self.env["dunning.level"].browse(place.level.id)
        day = got_days.get((fact.id, level.id)) if place.state == GOT else place.day
        text = PLACES[place.state] if day else PLACES_WITHOUT_DAY[place.state]
        return {
            "id": level.id,
            "name": level.display_name,
            "state": place.state,
            "icon": self._dunning_get_icon(level._get_channel()),
            "channel": dict(level._fields["channel"]._description_selection(self.env))[
                level.channel
            ],
            "text": self._dunning_fill(text, day=format_date(self.env, day) if day else ""),
        }

    @api.model
    def _dunning_get_icon(self, channel):
        if channel.mail:
            return "fa-envelope-o"
        if channel.letter:
            return "fa-file-text-o"
        return "fa-send-o" if channel.text else "fa-phone"

    def _dunning_tell_next(self, fact, places):
        """Return the sentence of the next step: level, channel, to whom, and why then."""
        place = next((place for place in places if place.state == NEXT), None)
        if not place or not place.day:
            return ""
        level = self.env["dunning.level"].browse(place.level.id)
        recipient, _copies = fact.recipients
        why = self._dunning_fill(
            BEFORE_DUE if level.days < 0 else AFTER_DUE,
            due=format_date(self.env, fact.line.due),
            days=abs(level.days),
        )
        return f"{self._dunning_tell_step(fact, level, recipient, place.day)} {why}"

    def _dunning_tell_step(self, fact, level, recipient, day):
        program = level.program_id
        contact = self.env["res.partner"].browse(fact.contact_id)
        find = level._get_channel().find_obstacle
        obstacle = find and getattr(program, find)(recipient, contact)
        values = {"level": level.display_name, "day": format_date(self.env, day)}
        if obstacle:
            return self.env._(
                "%(level)s is planned for %(day)s, but: %(obstacle)s",
                **values,
                obstacle=self.env["dunning.reason"]._get_sentence(obstacle.code, obstacle.figures),
            )
        channels = dict(level._fields["channel"]._description_selection(self.env))
        return self._dunning_fill(
            NEXT_BY_CHANNEL.get(level.channel, NEXT_OTHERWISE),
            **values,
            recipient=self._dunning_name_recipient(level, recipient or contact),
            channel=channels[level.channel],
        )

    @api.model
    def _dunning_fill(self, text, **values):
        """Return a lazy text in the reader's language with its values: it takes none itself."""
        (translated,) = map(self.env._, [text])
        return translated % values

    @api.model
    def _dunning_name_recipient(self, level, recipient):
        """Return a recipient's name, and the address or telephone number that is used."""
        channel = level._get_channel()
        address = recipient.email if channel.mail else not channel.text and recipient.phone
        name = recipient.name or recipient.display_name
        return f"{name} ({address})" if address else name

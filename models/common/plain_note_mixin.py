from markupsafe import Markup, escape

from odoo import models

from .activity_type import TODO, find_activity_type


def plain_note(text):
    """Return plain text as the HTML of a note; unlike Odoo's plaintext2html it makes no links."""
    return Markup("<p>%s</p>") % Markup("<br/>").join(map(escape, text.splitlines()))


class PlainNoteMixin(models.AbstractModel):
    """Activities in the language of who gets them, with notes that are plain text; both halves.

    What jobs and buttons tell is made of names and errors that anybody may have written. As in
    Odoo's messages a ``str`` is escaped, links and images in it stay dead, and its line breaks
    stay; ``Markup`` is taken as it is.

    What is told in the program's own words is given as a function of the record: a job has no
    language, so it is called with the record in that of the user who gets the activity.
    """

    _name = "recurrence.dunning.plain.note.mixin"
    _inherit = "mail.activity.mixin"
    _description = "Activities with Plain Notes"

    def _default_activity_type(self):
        """Return the type of activities whose own one was deleted."""
        return find_activity_type(self.env, TODO)

    def activity_schedule(
        self, act_type_xmlid="", date_deadline=None, summary="", note="", **act_values
    ):
        user = self.env["res.users"].sudo().browse(act_values.get("user_id") or self.env.uid)
        spoken = self.with_context(lang=user.lang)
        summary, note = (text(spoken) if callable(text) else text for text in (summary, note))
        if note and not isinstance(note, Markup):
            note = plain_note(note)
        return super().activity_schedule(
            act_type_xmlid=act_type_xmlid,
            date_deadline=date_deadline,
            summary=summary,
            note=note,
            **act_values,
        )

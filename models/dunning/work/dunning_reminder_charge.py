from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...common.activity_type import find_activity_type
from ...common.isolation import get_error_text, run_isolated

BOOKING = "account_recurrence_dunning.mail_activity_type_booking"
# messages named in the note of an activity
MOST_TOLD = 20


class DunningReminder(models.Model):
    """A level that books what its message claimed, once it left (M3, rule 11)."""

    _inherit = "dunning.reminder"

    booked_claim_ids = fields.One2many("dunning.claim", "booked_reminder_id", readonly=True)
    charge_count = fields.Integer(compute="_compute_charge_count")

    @api.depends("booked_claim_ids.charge_move_id")
    def _compute_charge_count(self):
        for reminder in self:
            reminder.charge_count = len(reminder.booked_claim_ids.charge_move_id)

    def action_open_charges(self):
        """Open the invoices that charge what this message claimed."""
        self.check_access("read")
        return self.booked_claim_ids.charge_move_id._dunning_open_charges()

    def _apply_effect(self, facts=None):
        result = super()._apply_effect(facts)
        booking = self.filtered(lambda one: not one.is_test and one._books_claims())
        run_isolated(
            booking,
            lambda found: found._book_claims(),
            lambda found, error: found._tell_of_booking(get_error_text(error)),
        )
        return result

    def _take_back_effect(self, new_cycle=False):
        """What was booked for messages that did not leave after all is not charged."""
        result = super()._take_back_effect(new_cycle)
        charges = self.booked_claim_ids.charge_move_id
        drafts = charges.filtered(
            lambda charge: (
                charge.state == "draft"
                # what was posted has a number, which must not be missing
                and not charge.posted_before
                and charge.invoice_line_ids == charge.dunning_claim_ids.charge_line_id
            )
        )
        for reminder in self:
            standing = reminder.booked_claim_ids.charge_move_id - drafts
            if standing := standing.filtered(lambda charge: charge.state != "cancel"):
                names = ", ".join(standing.mapped("display_name"))
                text = self.env._("Charged for a message that was taken back: %s", names)
                reminder._tell_of_booking(text)
        drafts.unlink()
        return result

    def _books_claims(self):
        """Whether what this message claimed is booked: its level says so."""
        return bool(self.level_id.sudo().charge_book and self._get_claims())

    def _book_claims(self):
        """Make the invoices of what these messages claimed; posted where the level says so.

        As of the day they told, so that no more is charged than they claimed.
        """
        claims = self.env["dunning.claim"].sudo()
        for reminder in self:
            told = reminder._get_claims()
            charges, failed = claims.with_company(reminder.company_id)._book(
                reminder.company_id, told.move_id.sudo(), told[:1].date, reminder
            )
            if failed:
                raise UserError("\n".join(failed.values()))
            if charges and reminder.level_id.sudo().charge_book == "post":
                charges.action_post()
            for charge in charges:
                reminder._message_log(
                    body=self.env._("Booked: %(invoice)s", invoice=charge._get_html_link())
                )

    def _limit_to_told(self, claims):
        """Return the values of claims, none of them more than this message told."""
        told = {claim.move_line_id.id: claim for claim in self._get_claims()}
        limited = []
        for values in claims:
            if claim := told.get(values.get("move_line_id")):
                values = {
                    **values,
                    "interest_due": min(values["interest_due"], claim.interest_due),
                    "fixed_sum_due": min(values["fixed_sum_due"], claim.fixed_sum_due),
                }
                values["amount"] = values["interest_due"] + values["fixed_sum_due"]
                limited.append(values)
        return limited

    def _tell_of_booking(self, text):
        """Note on a message what is to be done about its claims, and ask a person, once a run."""
        self._message_log(body=text)
        about, kind = self.run_id or self, find_activity_type(self.env, BOOKING)
        told = Markup("<p>%s: %s</p>") % (self.partner_id.display_name, text)
        asked = about.activity_ids.filtered(lambda one: one.activity_type_id == kind)[:1]
        if not asked:
            about.activity_schedule(
                activity_type_id=kind.id,
                date_deadline=self.company_id._get_job_today(),
                summary=lambda spoken: spoken.env._("Check how interest and fixed sums are booked"),
                note=lambda _spoken: told,
                user_id=(self.program_id.user_id or self.user_id or self.env.user).id,
            )
        # a type of another was taken where that one was deleted: its note is somebody's own
        elif kind == self.env.ref(BOOKING, raise_if_not_found=False):
            note = asked.note or Markup()
            # of very many the messages tell themselves
            if note.count("</p>") < MOST_TOLD:
                asked.note = note + told


class DunningLevel(models.Model):
    _inherit = "dunning.level"

    charge_book = fields.Selection(
        [("draft", "Draft invoice"), ("post", "Posted invoice")],
        string="Book as Invoice",
        help=(
            "Once the message has been sent, what it claims becomes an invoice. Leave empty only "
            "to claim it; it can be booked by hand."
        ),
    )

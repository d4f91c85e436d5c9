from odoo import fields, models

from ...common.isolation import get_error_text, run_isolated


class DunningReminder(models.Model):
    """A level that books what its message asked for, once it left (M3, rule 11)."""

    _inherit = "dunning.reminder"

    def _apply_effect(self, facts=None):
        result = super()._apply_effect(facts)
        booking = self.filtered(lambda one: not one.is_test and one._books_claims())
        run_isolated(
            booking,
            lambda found: found._book_claims(),
            lambda found, error: found._ask_to_book(error),
        )
        return result

    def _ask_to_book(self, error):
        """Tell a person that what this message claimed is to be booked by hand, and why."""
        self.activity_schedule(
            "mail.mail_activity_data_warning",
            date_deadline=self.company_id._get_job_today(),
            summary=lambda spoken: spoken.env._("Interest and fixed sums were not booked"),
            note=get_error_text(error),
            user_id=(self.program_id.user_id or self.user_id or self.env.user).id,
        )

    def _books_claims(self):
        """Whether what this message asked for is booked: its level says so."""
        return bool(self.level_id.sudo().charge_book and self._get_claims())

    def _book_claims(self):
        """Make the invoices of what these messages asked for; posted where the level says so."""
        claims = self.env["dunning.claim"].sudo()
        for reminder in self:
            company, moves = reminder.company_id, reminder._get_claims().move_id
            day = reminder.sent_date or reminder.date
            charges = claims.with_company(company)._book(company, moves.sudo(), day)
            if charges and reminder.level_id.sudo().charge_book == "post":
                charges.action_post()
            for charge in charges:
                reminder._message_log(
                    body=self.env._("Booked: %(invoice)s", invoice=charge.display_name)
                )


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

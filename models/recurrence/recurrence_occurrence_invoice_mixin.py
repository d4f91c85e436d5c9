from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..common.client_action import open_dialog

# States in which something is still expected to happen.
OPEN_STATES = ("planned", "todo", "failed")
# Hours until a failed one is tried again; after the last it waits for a person.
BACK_OFF = (1, 6, 24)


def get_retry_domain(now):
    """Return the domain of failed dates whose turn to be tried again has come.

    A moment that no wait reaches was noted while the clock was wrong.

    :param now: naive UTC datetime
    """
    latest = now + timedelta(hours=BACK_OFF[-1])
    return Domain("retry_at", "<=", now) | Domain("retry_at", ">", latest)


class RecurrenceOccurrenceInvoiceMixin(models.AbstractModel):
    """What a date does with its invoice."""

    _name = "recurrence.occurrence.invoice.mixin"
    _description = "Invoice of a Recurrence Date"

    # === ACTIONS === #

    def action_issue(self):
        """Issue the invoices of these dates now, in the mode of their schedules.

        :return: where a quantity of the one date is to be entered, or others belong on its
            invoice, the dialog that asks for it
        """
        self.check_access("write")
        if len(self) == 1 and (self._needs_entry() or self._get_joining()):
            return self.action_open_issue()
        return self._issue_selection()

    def action_preview(self):
        """Show the invoice of this date as PDF; nothing is created or numbered."""
        self.check_access("read")
        self.ensure_one()
        return self.schedule_id._open_preview(self.rule_date)

    def action_open_issue(self):
        """Open the dialog with date, lines and total of the invoice to issue."""
        self.check_access("write")
        self.ensure_one()
        return open_dialog(
            self.env["recurrence.occurrence.issue"],
            self.env._("Issue Invoice"),
            context={"default_occurrence_id": self.id, "active_id": self.id},
        )

    # === SKIPPING === #

    def _cancel_drafts(self, reason):
        """Cancel the drafts of dates that are left out: posted later they would bill them.

        :param reason: why they are skipped
        """
        self._drop_counts()
        others = self - self._leave_drafts(reason)
        drafts = others.sudo().move_id.filtered(lambda move: move.state == "draft")
        if drafts:
            drafts.button_cancel()
            note = self.env._(
                "Cancelled together with its date of the recurrence: %(why)s", why=reason
            )
            drafts._message_log_batch(bodies=dict.fromkeys(drafts.ids, note))

    def _has_invoice(self):
        """Whether a draft or an invoice stands for this date; a cancelled one does not."""
        self.ensure_one()
        return self.sudo().move_id.state in ("draft", "posted")

    # === WAITING === #

    def _check_issued(self):
        """Refuse to close dates whose invoice is not posted: a draft bills nothing."""
        # an administrator closes dates of invoices that he may not read
        waiting = self.sudo().filtered(
            lambda o: o.target == "invoice" and o.move_id.state != "posted"
        )
        if "draft" in waiting.move_id.mapped("state"):
            raise UserError(self.env._("Post the draft invoice, or skip this date."))
        if waiting:
            raise UserError(self.env._("Issue the invoice, or skip this date."))

    def _hold(self, message):
        """Leave these dates to a person, who is told by other means; no job tries them again.

        :param message: what they wait for
        """
        dates = self.sudo().with_context(tracking_disable=True)
        dates.write(
            {
                "state": "failed",
                "error": message,
                "error_count": 0,
                "retry_at": False,
                "is_held": True,
            }
        )
        dates.schedule_id._keep_error(message, fields.Datetime.now())

    def _check_activities_closable(self):
        """Ask what becomes of the invoice when its activity is marked done without it."""
        waiting = self.sudo().filtered(
            lambda o: o.target == "invoice" and o.state in OPEN_STATES and not o._has_invoice()
        )[:1]
        if waiting:
            raise RedirectWarning(
                self.env._(
                    "The invoice %(name)s of %(date)s has not been issued yet. Issue it, skip it "
                    "with a reason, or postpone it.",
                    name=waiting.display_name,
                    date=format_date(self.env, waiting.date),
                ),
                waiting.with_user(self.env.user).action_open_close(),
                self.env._("Decide"),
            )

    def _check_recipients(self, by_person=False):
        """Refuse to issue what could not be sent: nothing is posted then.

        :param by_person: a person asks to send now, see ``_recurrence_get_sending_methods``
        :raise UserError: naming the customer without an address; nothing leaves a copy
        """
        self._check_place(self.company_id)
        for schedule in self.schedule_id:
            template = schedule.template_move_id
            if not schedule._get_document().is_sale:
                raise UserError(
                    self.env._(
                        "%(name)s is not for a customer, so it cannot be sent.", name=schedule.name
                    )
                )
            methods = template._recurrence_get_sending_methods(by_person)
            if "email" in methods and not template.partner_id.email:
                raise UserError(
                    self.env._(
                        "%(partner)s has no e-mail address, so the invoice cannot be sent.",
                        partner=template.partner_id.display_name,
                    )
                )

    @api.model
    def _check_place(self, companies):
        """Refuse to send anything from a database that may be a copy (rule 16)."""
        if any(company._is_job_copy() for company in companies):
            raise UserError(companies._get_copy_sentence())

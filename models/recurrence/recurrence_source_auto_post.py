from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools.recurrence.repeat_period import (
    AUTO_POST_MONTHS,
    CannotContinue,
    continue_auto_post,
)
from .recurrence_source_mixin import EXACT


class RecurrenceSourceAutoPost(models.AbstractModel):
    """Odoo's own recurring entries: a document that is copied when it is posted (``auto_post``).

    A service, as it is one of several that are asked alike. The draft that is there remains and
    is posted on its day; the recurrence begins with the date after it.
    """

    _name = "recurrence.source.auto.post"
    _inherit = "recurrence.source.mixin"
    _description = "Recurring Entries of Odoo"
    _takes = "account.move"

    @api.model
    def _get_label(self):
        return self.env._("Odoo's auto-post")

    @api.model
    def _find(self, company, partners):
        drafts = self.env["account.move"].search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "draft"),
                ("auto_post", "in", list(AUTO_POST_MONTHS)),
                ("is_recurrence_template", "=", False),
                *self._get_partner_domain(partners),
            ],
            order="date desc, id desc",
        )
        # of each series the latest
        series = drafts.grouped(lambda move: (move.auto_post_origin_id or move).id)
        return drafts.browse().union(*(moves[:1] for moves in series.values()))

    @api.model
    def _get_name(self, record):
        origin = record.auto_post_origin_id or record
        return origin.name or self.env._("Draft of %(day)s", day=format_date(self.env, record.date))

    @api.model
    def _describe(self, record):
        names = dict(record._fields["auto_post"]._description_selection(self.env))
        name = names[record.auto_post]
        if not record.auto_post_until:
            return name
        return self.env._(
            "%(rhythm)s until %(day)s",
            rhythm=name,
            day=format_date(self.env, record.auto_post_until),
        )

    @api.model
    def _get_series(self, move):
        """Return all entries of a series, those that are posted too."""
        origin = move.auto_post_origin_id or move
        return origin | origin.search([("auto_post_origin_id", "=", origin.id)])

    @api.model
    def _get_remarks(self, record, schedules):
        day = format_date(self.env, record.date)
        if record.date < record.company_id._get_job_today():
            return [self.env._("The draft of %(day)s is not posted yet: check it.", day=day)]
        return [self.env._("The draft of %(day)s remains: Odoo posts it on that day.", day=day)]

    @api.model
    def _make(self, record):
        self._check_series(record)
        origin = record.auto_post_origin_id or record
        try:
            columns = continue_auto_post(
                record.date, origin.date, record.auto_post, record.auto_post_until or None
            )
        except CannotContinue as error:
            raise UserError(
                self.env._("This is the last entry of the series; nothing is left to repeat.")
            ) from error
        template = record._recurrence_copy_as_template()
        has_own_due_day = record.invoice_date_due and not record.invoice_payment_term_id
        return template._recurrence_create_schedule(
            {
                **EXACT,
                **columns,
                "invoice_mode": "post",
                "price_source": "template",
                "due_mode": "distance" if has_own_due_day else "term",
                "user_id": self._find_responsible(record.invoice_user_id, record.company_id),
            }
        )

    @api.model
    def _check_series(self, record):
        """Refuse what cannot be repeated, or of which nobody knows how it goes on."""
        record._recurrence_check_own()
        if record.is_invoice(include_receipts=True) and record.invoice_date != record.date:
            raise UserError(
                self.env._(
                    "The draft has another accounting date than invoice date. A recurrence has one "
                    "date: make them the same first."
                )
            )
        drafts = self._get_series(record).filtered(
            lambda move: move.state == "draft" and move.auto_post in AUTO_POST_MONTHS
        )
        if len(drafts) > 1:
            days = [format_date(self.env, day) for day in sorted(drafts.mapped("date"))]
            raise UserError(
                self.env._(
                    "The series has several drafts: %(days)s. Each would be repeated. Delete "
                    "those that are not needed, or set their “Auto-post” to “At Date”.",
                    days=", ".join(days),
                )
            )

    @api.model
    def _stop(self, record, schedules):
        # an entry that is posted once more would be copied as well
        series = self._get_series(record).filtered(lambda move: move.auto_post in AUTO_POST_MONTHS)
        series.write({"auto_post": "at_date"})
        self._tell(record, schedules)

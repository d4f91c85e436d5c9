from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models

from ...tools.recurrence.price_rise import raise_price
from .recurrence_price_terms_mixin import TERMS


class RecurrencePriceRiseProposalMixin(models.AbstractModel):
    """Works out the new price of each line of the chosen recurring invoices, or why it stays."""

    _name = "recurrence.price.rise.proposal.mixin"
    _description = "Proposal of New Prices"

    proposed_for = fields.Char(readonly=True, copy=False)
    is_stale = fields.Boolean(compute="_compute_is_stale")

    @api.model
    def _get_proposal_fields(self):
        """Return the names of the fields that new prices follow from."""
        others = ("date", "notice_days", "is_announced", "base_month", "current_month")
        return {*TERMS, *others, "schedule_ids", "product_ids"}

    def _get_proposal_key(self):
        """Return the terms as one text, to know whether they have changed since."""
        values = [(name, self[name]) for name in sorted(self._get_proposal_fields())]
        move = self.index_id._get_move(self.base_month, self.current_month)
        return repr(
            [
                *(
                    (name, sorted(value.ids) if isinstance(value, models.BaseModel) else str(value))
                    for name, value in values
                ),
                move and [str(value) for value in move],
            ]
        )

    @api.depends(
        lambda self: [
            *sorted(self._get_proposal_fields()),
            "proposed_for",
            "index_id.value_ids.value",
        ]
    )
    def _compute_is_stale(self):
        for rise in self:
            rise.is_stale = rise.proposed_for != rise._get_proposal_key()

    def _get_earliest(self):
        """Return the first day on which a price may be in force."""
        today = self.company_id._get_job_today()
        notice = timedelta(days=self.notice_days if self.is_announced else 0)
        return max(self.date, today + notice)

    # === DECIDING === #

    def _propose(self):
        """Work out the prices anew; what a person changed in the list before is gone."""
        self.ensure_one()
        self.schedule_ids.check_access("read")
        rise = self.sudo().with_company(self.company_id)
        rise.line_ids.unlink()
        rise.notice_ids.unlink()
        rows = rise._propose_prices(rise._get_earliest())
        notices = rise._create_notices(rows)
        if rise.is_announced:
            rise.notice_ids._plan_telling()
        for vals in rows:
            vals["notice_id"] = not vals["reason"] and notices[vals["partner_id"]].id
        rise.env["recurrence.price.rise.line"].create(rows)
        rise.proposed_for = rise._get_proposal_key()

    def _create_notices(self, rows):
        """Make one notice for each customer of whom a price changes.

        :return: dict id of the customer → notice
        """
        partners = dict.fromkeys(vals["partner_id"] for vals in rows if not vals["reason"])
        # whoever works prices out gets no copy of each message
        notices = self.env["recurrence.price.notice"].with_context(
            mail_create_nolog=True, mail_create_nosubscribe=True
        )
        notices = notices.create(
            [{"rise_id": self.id, "partner_id": partner_id} for partner_id in partners]
        )
        return dict(zip(partners, notices, strict=True))

    def _propose_prices(self, earliest):
        """Return the values of one row a line; ``reason`` says why a price stays.

        :param earliest: first day on which a price may be in force
        """
        terms = self._get_rise_terms()
        move = self.index_id._get_move(self.base_month, self.current_month)
        days = self.schedule_ids._get_first_days_open()
        rows = []
        for schedule in self.schedule_ids:
            first = max(earliest, days.get(schedule, earliest))
            for line in schedule.template_move_id.invoice_line_ids:
                if line.display_type != "product":
                    continue
                if self.product_ids and line.product_id not in self.product_ids:
                    continue
                rows.append(self._propose_price(schedule, line, terms, move, first))
        return rows

    def _propose_price(self, schedule, line, terms, move, first):
        """Return the values of the row of one line.

        :param first: first day on which its price may change
        """
        former = Decimal(str(round(line.price_unit, 6)))
        raised = self._find_reason(schedule, line, first) or raise_price(former, terms, move)
        day = False
        if not isinstance(raised, str):
            day = schedule._find_start(first, line._recurrence_get_terms())
            raised = raised if day else "ended"
        reason = raised if isinstance(raised, str) else False
        price = line.price_unit if reason else float(raised.price)
        return {
            "rise_id": self.id,
            "schedule_id": schedule.id,
            "partner_id": schedule.template_move_id.partner_id.id,
            "line_id": line.id,
            "name": line._recurrence_get_name(),
            "currency_id": line.currency_id.id,
            "quantity": line.quantity,
            "former_price": line.price_unit,
            "price": price,
            "date": day,
            "reason": reason,
        }

    def _find_reason(self, schedule, line, first):
        """Return why the price of a line is not touched, as a code, or None."""
        if obstacle := schedule._get_rise_obstacle():
            return obstacle
        if line.recurrence_billing:
            return line.recurrence_billing
        if schedule.price_source != "template" and line.product_id:
            return "product_price"
        if line.recurrence_start and line.recurrence_start > first:
            return "not_begun"
        if line.recurrence_until and line.recurrence_until < first:
            return "ended"
        if line in line.move_id.invoice_line_ids.recurrence_line_id:
            return "changes_later"
        if self.method == "amount" and line.currency_id != self.currency_id:
            return "other_currency"
        return None

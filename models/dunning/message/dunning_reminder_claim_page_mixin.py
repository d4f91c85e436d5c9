from odoo import models
from odoo.tools import format_amount


class DunningReminderClaimPageMixin(models.AbstractModel):
    """What of the claims in a message is still asked for, on the customer's page and sent again."""

    _name = "dunning.reminder.claim.page.mixin"
    _description = "Claims of Reminders on the Customer's Page"

    def _get_page_claims(self, lang, due=None):
        """Return what this message claimed and still does, a section a currency.

        What was charged since stands among the open items, once it is posted; what was waived is
        not asked for, nor what the customer has left over on his account. Never more than told.

        :param due: what else is due now: ``{currency: amount}``
        :return: ``[{"currency": record, "amount": number, "total": text, "to_pay": text,
            "rows": […]}, …]``
        """
        told = self._get_told_amounts()
        if not told:
            return []
        spare, sections = self._read_spare_credits(), {}
        for claims, left in told.items():
            currency, amount = claims.currency_id, left
            covered = min(spare.get(currency, 0.0), amount)
            spare[currency] = spare.get(currency, 0.0) - covered
            amount = currency.round(amount - covered)
            if amount > 0:
                section = sections.setdefault(currency, {"amount": 0.0, "rows": []})
                section["amount"] += amount
                row = self._prepare_claim_row(claims, lang)
                # days and rates are those of the whole
                is_whole = not currency.compare_amounts(amount, sum(claims.mapped("amount")))
                details = row["details"] if is_whole else []
                text = format_amount(self.env, amount, currency, lang)
                section["rows"].append({**row, "amount": text, "details": details})
        return [
            {
                **section,
                "currency": currency,
                "total": format_amount(self.env, section["amount"], currency, lang),
                "to_pay": self._tell_to_pay(currency, section["amount"], due, lang),
            }
            for currency, section in sections.items()
        ]

    def _tell_to_pay(self, currency, claimed, due, lang):
        """Return what is due now together with what is claimed, "" where nothing else is due."""
        amount = (due or {}).get(currency)
        return format_amount(self.env, amount + claimed, currency, lang) if amount else ""

    def _get_told_amounts(self):
        """Return what is still claimed of what this message told of each invoice.

        :return: ``{claims on an invoice: amount}``, in the order they were due
        """
        claims = self._get_claims().filtered("move_id")._sort_by_due_date()
        left = self.env["dunning.claim"].sudo()
        left = left._prepare_claims(
            self.company_id.sudo(), claims.move_id, claims[:1].date, posted_only=True
        )
        now = {}
        for values in left:
            now[values["move_id"]] = now.get(values["move_id"], 0.0) + values.get("amount", 0.0)
        return {
            found: min(now.get(move.id, 0.0), sum(found.mapped("amount")))
            for move, found in claims.grouped("move_id").items()
        }

    def _read_spare_credits(self):
        """Return what the customer has beyond all that is open: ``{currency: amount}``.

        What he paid and is on its way counts too.
        """
        groups = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "=", self.company_id.id),
                    ("partner_id", "child_of", self.partner_id.commercial_partner_id.id),
                    ("account_type", "=", "asset_receivable"),
                    ("parent_state", "=", "posted"),
                    ("reconciled", "=", False),
                ],
                ["currency_id"],
                ["amount_residual_currency:sum", "move_id:recordset"],
            )
        )
        move_ids = {move_id for _currency, _total, moves in groups for move_id in moves.ids}
        underway = self.company_id.sudo()._dunning_sum_underway(move_ids)
        spare = {
            currency: underway.get(currency.id, 0.0) - total for currency, total, _moves in groups
        }
        return {currency: amount for currency, amount in spare.items() if amount > 0}

    def _is_charge_paid(self):
        """Whether an invoice that charges what this message claims was paid, if only in part."""
        self.ensure_one()
        claims = self._get_claims()
        booked = [("move_id", "in", claims.move_id.ids), ("charge_move_id", "!=", False)]
        charges = claims.sudo().search(booked).charge_move_id if claims else claims.charge_move_id
        if all(move.state != "posted" or move.payment_state == "not_paid" for move in charges):
            return False
        # one that was reversed gave the claim back
        return any(
            found.currency_id.compare_amounts(left, sum(found.mapped("amount"))) < 0
            for found, left in self._get_told_amounts().items()
        )

    def _is_waived_since(self):
        """Whether something of what this message claims was waived after it was written."""
        self.ensure_one()
        claims = self._get_claims()
        waivers = self.env["dunning.waiver"].sudo()
        return bool(claims) and bool(
            waivers.search_count(
                [
                    ("move_id", "in", claims.move_id.ids),
                    ("withdrawn_date", "=", False),
                    ("create_date", ">", max(claims.mapped("create_date"))),
                ],
                limit=1,
            )
        )

from odoo import models
from odoo.tools import format_amount


class DunningReminderClaimPageMixin(models.AbstractModel):
    """What of the claims in a message is still asked for, on the customer's page and sent again."""

    _name = "dunning.reminder.claim.page.mixin"
    _description = "Claims of Reminders on the Customer's Page"

    def _get_page_claims(self, lang):
        """Return what this message claimed and still does, a section a currency.

        What was charged since stands among the open items, once it is posted; what was waived is
        not asked for, nor what the customer has left over on his account. Never more than told.

        :return: ``[{"currency": record, "amount": number, "total": text, "rows": […]}, …]``
        """
        told = self._get_told_amounts()
        if not told:
            return []
        spare, sections = self._read_spare_credits(), {}
        for claim, amount in told.items():
            currency = claim.currency_id
            covered = min(spare.get(currency, 0.0), amount)
            spare[currency] = spare.get(currency, 0.0) - covered
            amount = currency.round(amount - covered)
            if amount > 0:
                section = sections.setdefault(currency, {"amount": 0.0, "rows": []})
                section["amount"] += amount
                text = format_amount(self.env, amount, currency, lang)
                section["rows"].append({"number": claim.move_name or "", "amount": text})
        return [
            {
                **section,
                "currency": currency,
                "total": format_amount(self.env, section["amount"], currency, lang),
            }
            for currency, section in sections.items()
        ]

    def _get_told_amounts(self):
        """Return what is still claimed of what this message told: ``{claim: amount}``.

        One claim of each invoice stands for all of them.
        """
        claims = self._get_claims().filtered("move_id")
        left = self.env["dunning.claim"].sudo()
        left = left._prepare_claims(
            self.company_id.sudo(), claims.move_id, claims[:1].date, posted_only=True
        )
        now = {}
        for values in left:
            now[values["move_id"]] = now.get(values["move_id"], 0.0) + values.get("amount", 0.0)
        return {
            found[:1]: min(now.get(move.id, 0.0), sum(found.mapped("amount")))
            for move, found in claims.grouped("move_id").items()
        }

    def _read_spare_credits(self):
        """Return what the customer has beyond all that is open: ``{currency: amount}``."""
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
                ["amount_residual_currency:sum"],
            )
        )
        return {currency: -total for currency, total in groups if total < 0}

    def _is_charge_paid(self):
        """Whether an invoice that charges what this message claims was paid, if only in part."""
        self.ensure_one()
        claims = self._get_claims()
        booked = [("move_id", "in", claims.move_id.ids), ("charge_move_id", "!=", False)]
        charges = claims.sudo().search(booked).charge_move_id if claims else claims.charge_move_id
        if all(move.state != "posted" or move.payment_state == "not_paid" for move in charges):
            return False
        # one that was reversed gave the claim back
        left, told = sum(self._get_told_amounts().values()), sum(claims.mapped("amount"))
        return left < told

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

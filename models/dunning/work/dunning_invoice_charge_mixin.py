from odoo import api, models
from odoo.exceptions import UserError

from ...common.client_action import notify

# customers named in a message, of very many
NAMED = 10


class DunningInvoiceClaimMixin(models.AbstractModel):
    """Charging for late payment, from invoices; account.move only inherits it."""

    _inherit = "dunning.invoice.claim.mixin"

    def action_dunning_charge(self):
        """Make draft invoices of what is claimed on these today, and open them.

        Customers of whom none can be made are told with the reason beside the others' invoices.
        """
        self.check_access("read")
        self.env["dunning.claim"].check_access("read")
        charges, failed = self.browse(), {}
        for company, moves in self.grouped("company_id").items():
            company._check_dunning_on()
            today = company._get_job_today()
            made, refused = self.env["dunning.claim"]._book(company, moves, today)
            charges += made
            failed |= refused
        if not charges:
            reasons = failed and self._dunning_tell_failed(failed)
            raise UserError(reasons or self._dunning_tell_no_charge())
        action = charges._dunning_open_charges()
        if not failed:
            return action
        text = self.env._("Not charged: %(names)s", names=self._dunning_tell_failed(failed))
        return notify(text, "warning", then=action, sticky=True)

    @api.model
    def _dunning_tell_failed(self, failed):
        """Return why customers could not be charged, of very many the first ones.

        :param failed: ``{customer: reason}``
        """
        texts = [f"{customer.display_name}: {reason}" for customer, reason in failed.items()]
        if len(texts) > NAMED:
            more = self.env._("and %(count)s more", count=len(texts) - NAMED)
            texts = [*texts[:NAMED], more]
        return "\n".join(texts)

    def _dunning_open_charges(self):
        """Return the action that opens these invoices."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_out_invoice_type"
        )
        if len(self) == 1:
            return {**action, "res_id": self.id, "views": [(False, "form")]}
        return {**action, "domain": [("id", "in", self.ids)], "context": {}}

    def _dunning_tell_no_charge(self):
        """Return that nothing is left to claim on these invoices, and each reason once."""
        reasons, claims = {}, self.env["dunning.claim"].sudo()
        for company, moves in self.grouped("company_id").items():
            day = company._get_job_today()
            for values in claims._prepare_claims(company.sudo(), moves, day):
                text = claims.new(values).missing_text
                reasons |= {text: None} if text else {}
        text = self.env._("Nothing is left to charge for late payment.")
        return "\n".join([text, *reasons])

    def action_dunning_waive(self):
        """Open the dialog that notes what is done without of the claims on this invoice."""
        self.check_access("read")
        self.env["dunning.waiver"].check_access("create")
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Waive Interest and Fixed Sum"),
            "res_model": "dunning.waiver",
            "views": [
                (
                    self.env.ref("account_recurrence_dunning.dunning_waiver_view_form_dialog").id,
                    "form",
                )
            ],
            "target": "new",
            "context": {"default_move_id": self.id},
        }

    def _dunning_check_charged_again(self):
        """Refuse to bring back cancelled invoices that charge more than is left to claim.

        It was charged again since, waived, or is not claimed any more.
        """
        cancelled = self.sudo().filtered(lambda move: move.state == "cancel")
        for charge in cancelled.filtered("dunning_claim_ids"):
            booked = charge.dunning_claim_ids
            day = max(booked.mapped("date"))
            booked.move_id._dunning_take_claims()
            left = booked._prepare_claims(charge.company_id, booked.move_id, day)
            for move, found in booked.grouped("move_id").items():
                own = [values for values in left if values["move_id"] == move.id]
                if charge._dunning_charges_more(found, own):
                    raise UserError(
                        self.env._(
                            "%(charge)s charges more than is left to claim on %(invoice)s. Charge "
                            "what is left with a new invoice.",
                            charge=charge.display_name,
                            invoice=found[:1].move_name,
                        )
                    )

    def _dunning_charges_more(self, booked, left):
        """Whether this invoice charges more of either kind than is left.

        :param booked: its claims on one invoice
        :param left: values of what is left there
        """
        return any(
            self.currency_id.compare_amounts(
                sum(booked.mapped(name)), sum(values.get(name, 0.0) for values in left)
            )
            > 0
            for name in ("interest_due", "fixed_sum_due")
        )

    def _dunning_hand_claims_on(self, copies):
        """Let the corrected copies of reversed invoices charge what these charged (rule 2).

        Odoo's *Reverse and create invoice*: else it could be claimed once more.

        :param copies: the new invoices, in the order of these
        """
        for charge, copied in zip(self.sudo(), copies.sudo(), strict=False):
            lines = copied.invoice_line_ids
            for claim in charge.dunning_claim_ids:
                old = claim.charge_line_id
                line = lines.filtered(lambda line, old=old: line.name == old.name)[:1]
                if line:
                    # whether it is reminded is not copied
                    copied.dunning_choice = charge.dunning_choice
                    lines -= line
                    claim.write({"charge_move_id": copied.id, "charge_line_id": line.id})

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from ...common.access_groups import DUNNING_USERS

TASK = "mail.mail_activity_data_todo"


class DunningAnswerDecisionMixin(models.AbstractModel):
    """What people decide on an answer."""

    _name = "dunning.answer.decision.mixin"
    _description = "Decisions on Customers' Answers"

    @api.depends("state", "kind", "partner_id")
    @api.depends_context("uid")
    def _compute_may_accept(self):
        """Another contact is accepted by who may say how a customer is reminded."""
        for answer in self:
            partner = answer.partner_id
            answer.may_accept = answer.state == "open" and (
                answer.kind != "contact"
                or partner._is_dunning_managed("write")
                or partner.has_access("write")
            )

    @api.depends("state", "kind", "reason", "may_accept")
    @api.depends_context("lang", "uid")
    def _compute_guide(self):
        """Say what is to be done with an answer, and what the buttons do."""
        for answer in self:
            answer.guide = answer._get_guide() if answer.state == "open" else False

    def _get_guide(self):
        if self.kind == "contact" and not self.may_accept:
            return self.env._(
                "A dunning manager, or somebody who may edit contacts, accepts another contact."
            )
        if self.kind == "contact":
            return self.env._(
                "Accept: reminders go to this contact from now on. Decline: nothing changes."
            )
        if self.kind == "plan":
            return self.env._(
                "Accept: the items are not reminded until the last instalment. Decline: they are "
                "reminded again. Either way the customer is told."
            )
        if self.kind == "paid":
            return self.env._(
                "Please look for the payment. Accept: it was found. Decline: the items are "
                "reminded again."
            )
        if self.reason == "question":
            return self.env._(
                "Please answer the customer. Accept: it is settled. Decline: the items are "
                "reminded again at once."
            )
        return self.env._(
            "Accept: the customer is right, and the items stay blocked until you lift the blocks. "
            "Decline: they are reminded again."
        )

    def action_accept(self):
        """Accept what customers answered: a plan holds from now on, a contact is written to."""
        self._check_may_decide()
        self._check_open()
        for answer in self:
            if answer.kind == "contact":
                answer._accept_contact()
        self._decide("accepted")
        return True

    def action_decline(self):
        """Decline what customers answered: what it held is reminded again."""
        self._check_may_decide()
        self.filtered(
            lambda answer: answer.kind != "promise" or answer.state == "declined"
        )._check_open()
        self.sudo()._lift()
        self._decide("declined")
        return True

    def _check_may_decide(self):
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group(DUNNING_USERS):
            raise UserError(self.env._("Only dunning users decide on customers' answers."))

    def _check_open(self):
        for answer in self:
            if answer.state != "open":
                raise UserError(
                    self.env._("%(answer)s was already decided.", answer=answer.display_name)
                )

    def _decide(self, state):
        answers = self.sudo()
        answers.write({"state": state, "decided_user_id": self.env.uid})
        answers.activity_feedback([TASK])
        for answer in answers.filtered(lambda found: found.kind == "plan"):
            lang = answer.reminder_id.lang or answer.partner_id.lang or self.env.lang
            answer.with_context(lang=lang)._confirm()

    def _lift(self):
        """End what these answers hold."""
        self.block_ids.filtered(lambda block: not block.lifted_date).action_lift()

    # === CONTACT === #

    def _accept_contact(self):
        """Remind the contact that was named from now on; who has the address is not made twice."""
        customer = self.partner_id.with_company(self.company_id)
        email = email_normalize(self.contact_email)
        family = customer | customer.child_ids
        contact = family.filtered(lambda one: one.email_normalized == email)[:1]
        if not contact:
            contact = customer.create(
                {
                    "name": self.contact_name,
                    "parent_id": customer.id,
                    "type": "contact",
                    "email": self.contact_email,
                    "phone": self.contact_phone,
                }
            )
        customer.dunning_contact_id = contact

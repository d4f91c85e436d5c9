from ast import literal_eval

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...common.client_action import notify
from ...common.plain_note_mixin import plain_note


class DunningCaseActionMixin(models.AbstractModel):
    """What a person does about a case: each opens the dialog of the record that keeps it.

    Buttons of the screen hand over the open items that are ticked; none: all.
    """

    _name = "dunning.case.action.mixin"
    _description = "Actions on Cases"

    @api.model
    def action_open_worklist(self):
        """Open the worklist, up to date."""
        self.check_access("read")
        self.env["dunning.case.change"]._take(self.env.companies)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_recurrence_dunning.dunning_case_action"
        )
        # of one company the list need not say of which
        alone = {"dunning_one_company": len(self.env.companies) == 1}
        return {**action, "context": {**literal_eval(action["context"]), **alone}}

    def _check_items(self, line_ids):
        """Return the chosen due lines, which are the customer's; none chosen: none."""
        self.ensure_one()
        self.check_access("read")
        lines = self.env["account.move.line"].browse(line_ids or ()).exists()
        lines.check_access("read")
        if lines.filtered(
            lambda line: (
                line.partner_id.commercial_partner_id != self.partner_id
                or line.company_id != self.company_id
            )
        ):
            raise UserError(
                self.env._("Choose open items of %(customer)s.", customer=self.partner_id.name)
            )
        return lines

    def _open_dialog(self, model, line_ids):
        lines = self._check_items(line_ids)
        action = self.env[model]._get_dialog(self.partner_id, lines.ids)
        action["context"]["default_company_id"] = self.company_id.id
        return action

    def action_promise(self, line_ids=None):
        """Open the dialog that notes a promise to pay."""
        return self._open_dialog("dunning.promise", line_ids)

    def action_dispute(self, line_ids=None):
        """Open the dialog that notes a dispute."""
        return self._open_dialog("dunning.dispute", line_ids)

    def action_call(self, line_ids=None):
        """Open the dialog that logs a call."""
        return self._open_dialog("dunning.call", line_ids)

    def action_plan(self, line_ids=None):
        """Open the dialog that agrees a payment plan."""
        return self._open_dialog("dunning.plan", line_ids)

    def action_pause(self, line_ids=None):
        """Open the dialog that blocks reminders of the customer, or of a chosen item."""
        lines = self._check_items(line_ids)
        if len(lines.move_id) > 1:
            raise UserError(
                self.env._("Choose one invoice, or none to block reminders of all of them.")
            )
        blocks = self.env["dunning.block"]
        action = blocks._get_dialog(move=lines.move_id, partner=self.partner_id)
        action["context"] = {**action["context"], "default_company_id": self.company_id.id}
        return action

    def action_decide(self, line_ids=None):
        """Open the dialog that decides on chosen items at the end of the ladder, or on all.

        None chosen: on those that nobody decided on and that wait for nothing else.
        """
        lines = self._check_items(line_ids)
        chosen = ("move_line_id", "in", lines.ids) if lines else ("is_waiting", "=", False)
        ends = self.env["dunning.escalation"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("partner_id", "=", self.partner_id.id),
                ("is_paid", "=", False),
                chosen,
            ]
        )
        if not ends:
            raise UserError(
                self.env._("None of these items is at the end of the ladder.")
                if lines
                else self.env._("Nothing is to be decided: tick an item to decide on it anyway.")
            )
        return ends.action_decide()

    def action_remind(self, line_ids=None):
        """Open *Remind now* for the chosen invoices, or all that are open."""
        moves = self._check_items(line_ids).move_id or self._get_open_moves()
        if not moves:
            raise UserError(self.env._("This customer has no open invoice to remind."))
        return moves.action_dunning_remind()

    def _get_open_moves(self):
        return self.env["account.move"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("commercial_partner_id", "=", self.partner_id.id),
                ("move_type", "in", ("out_invoice", "out_receipt")),
                ("state", "=", "posted"),
                ("payment_state", "in", ("not_paid", "partial", "in_payment")),
            ]
        )

    def action_statement(self, line_ids=None):
        """Open the dialog that prints or sends the statement: of all items, ticked or not."""
        self._check_items(line_ids)
        # of the case's company alone, whichever else are on the screen
        company = {"allowed_company_ids": self.company_id.ids}
        action = self.partner_id.with_context(**company).action_dunning_statement()
        return {**action, "context": {**action["context"], **company}}

    def action_answers(self):
        """Open what the customer answered and nobody decided on."""
        self.ensure_one()
        self.check_access("read")
        answers = self.env["dunning.answer"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("partner_id", "=", self.partner_id.id),
                ("state", "=", "open"),
            ]
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_recurrence_dunning.dunning_answer_action"
        )
        if len(answers) == 1:
            return {**action, "res_id": answers.id, "views": [(False, "form")]}
        return {**action, "domain": [("id", "in", answers.ids)], "context": {}}

    def action_open_customer(self):
        """Open the contact form of the customer."""
        self.ensure_one()
        self.check_access("read")
        return self.partner_id.get_formview_action()

    def action_refresh(self):
        """Bring these cases up to date and show them."""
        self.check_access("read")
        self._refresh_now()
        return True

    def action_next(self):
        """Open the next customer of the user's that has something to do today."""
        self.ensure_one()
        self.check_access("read")
        self._refresh_now()
        following = self._find_next()
        if not following:
            return notify(self.env._("Nothing more to do today."), then=None)
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": following.id,
            "views": [(False, "form")],
        }

    def action_note(self, text=None):
        """Keep a note in the timeline.

        :param text: plain text
        """
        self.ensure_one()
        self.check_access("read")
        if not (isinstance(text, str) and text.strip()):
            raise UserError(self.env._("Write something first."))
        self.message_post(
            body=plain_note(text.strip()), message_type="comment", subtype_xmlid="mail.mt_note"
        )
        return True

    def _find_next(self):
        """Return the case that follows in the order of the worklist: the user's own first."""
        today = self.env.company._get_job_today()
        due = Domain("todo_date", "<=", today) & Domain("id", "!=", self.id)
        due &= Domain("company_id", "in", self.env.companies.ids)
        after = Domain("weight", "<", self.weight) | (
            Domain("weight", "=", self.weight) & Domain("id", ">", self.id)
        )
        mine = Domain("user_id", "=", self.env.uid)
        for domain in (due & mine & after, due & mine, due & after, due):
            found = self.search(domain, limit=1)
            if found:
                return found
        return self.browse()

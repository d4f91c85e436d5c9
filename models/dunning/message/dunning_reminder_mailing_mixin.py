from odoo import api, fields, models
from odoo.fields import Command

MODULE = "account_recurrence_dunning"


class DunningReminderMailingMixin(models.AbstractModel):
    """Statements of open items as messages of their own: no level, and no effect on any (C1).

    They leave through the outbox as reminders do, with the same proof, and stand in the history
    of the customer. What they state is read anew until they leave.
    """

    _name = "dunning.reminder.mailing.mixin"
    _description = "Statements as Plain Mailings"
    _inherit = ["dunning.reminder.text.mixin"]

    is_statement = fields.Boolean(
        string="Statement",
        readonly=True,
        help="A statement of open items: it raises no level.",
    )

    def _get_kind_name(self):
        """Return what sort of message it is, for people: its level, or a statement."""
        self.ensure_one()
        if self.is_statement:
            return self.env._("Statement of open items")
        return self.level_id.name or ""

    def _get_template(self):
        """Return the text of a message: that of its level, or of statements."""
        if not self.is_statement:
            return super()._get_template()
        template = self.env.ref(f"{MODULE}.mail_template_statement", raise_if_not_found=False)
        return template or self.env["mail.template"]

    @api.model
    def _send_statements(self, statements):
        """Send statements by e-mail, each to whom the program of its customer writes.

        :param statements: as ``res.partner._dunning_get_statements`` gives them
        :return: the messages, some of which may not have found anybody
        """
        for company in statements.company_id:
            company._check_dunning_on()
        sent = self._create_statements(statements)
        sent._send_by_mail()
        return sent

    @api.model
    def _create_statements(self, statements):
        """Store statements as messages that nobody has sent yet."""
        created = self.sudo().create(
            [
                {
                    "company_id": statement.company_id.id,
                    "partner_id": statement.partner_id.id,
                    "program_id": statement.program_id.id,
                    "date": statement.date,
                    "text_date": statement.date,
                    "lang": statement.lang,
                    "channel": "email",
                    "by_hand": True,
                    "is_statement": True,
                    "enclose_statement": True,
                    "state": "draft",
                    "user_id": self.env.user.id,
                    "recipient_ids": [Command.set(statement.recipient_ids.ids)],
                }
                for statement in statements
            ]
        )
        created._renew_statement_lines()
        return created

    def _renew_statements(self, as_of):
        """Let statements that have not left state what is open now; with nothing they are dropped.

        :param date as_of: the day they leave; None: the last they were made on
        """
        self._renew_statement_lines(as_of)
        empty = self.filtered(lambda statement: not statement.line_ids)
        empty._drop(self.env._("Nothing is open any more."))
        rest = self - empty
        rest._hold_back()
        rest._drop_documents()
        rest._write_anew()

    def _renew_statement_lines(self, as_of=None):
        """Read what is open of the customers of these statements, as of a day."""
        for company, found in self.grouped("company_id").items():
            day = as_of or max(found.mapped("date"))
            items = company._dunning_collect_statements(day, found.partner_id)
            found._date_anew(day)
            found.line_ids.unlink()
            found.line_ids.create(
                [
                    {**statement._prepare_shared_lines(), **item, "partner_id": customer.id}
                    for statement in found
                    for customer in statement.partner_id
                    for item in items.get(customer.id, ())
                ]
            )

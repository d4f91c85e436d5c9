from odoo import api, fields, models
from odoo.exceptions import UserError
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
    kind_name = fields.Char(string="Level or Statement", compute="_compute_kind_name")

    @api.depends("level_id", "is_statement")
    @api.depends_context("lang")
    def _compute_kind_name(self):
        """What stands in lists in the place of the level, which a statement has not."""
        for reminder in self:
            level = reminder.level_id.display_name
            reminder.kind_name = level if level else reminder._get_kind_name()

    def _get_kind_name(self):
        """Return what sort of message it is, for people: its level, or a statement."""
        self.ensure_one()
        if self.is_statement:
            return self.env._("Statement of open items")
        return self.level_id.name or ""

    def _get_look(self):
        """Return title, logo and banner of the message: those of its level, else its program."""
        level, program = self.level_id, self.program_id.sudo()
        if not self.is_statement:
            url = f"/web/image/dunning.level/{level.id}/banner" if level.banner else ""
            return {
                "title": level.title,
                "show_logo": level.show_logo,
                "banner_url": url,
                "banner_width": level._get_banner_width(),
            }
        url = f"/web/image/dunning.program/{program.id}/statement_banner"
        return {
            "title": program.statement_title,
            "show_logo": True,
            "banner_url": url if program.statement_banner else "",
            "banner_width": program._get_banner_width(),
        }

    def _get_template(self):
        """Return the text of a message: that of its level, or of statements."""
        if not self.is_statement:
            return super()._get_template()
        template = self.env.ref(f"{MODULE}.mail_template_statement", raise_if_not_found=False)
        return template or self.env["mail.template"]

    def _is_overdue(self):
        """Whether a statement holds anything overdue."""
        self.ensure_one()
        return any(line.kind != "credit" and line.days_late > 0 for line in self.line_ids)

    @api.model
    def _send_statements(self, statements):
        """Send statements by e-mail, each to whom the program of its customer writes.

        :param statements: as ``res.partner._dunning_get_statements`` gives them
        :return: the messages, some of which may not have found anybody
        """
        for company in statements.company_id:
            company._check_dunning_on()
        sent = self._create_statements(statements, {"by_hand": True})
        sent._send_by_mail()
        return sent

    @api.model
    def _queue_statements(self, statements, values):
        """Make statements that leave by the outbox.

        :param statements: as ``res.partner._dunning_get_statements`` gives them
        :param values: what else is kept of each message
        """
        self._create_statements(statements, values)._queue_by_mail()
        self.env["ir.cron"]._wake(f"{MODULE}.ir_cron_dunning_outbox")

    @api.model
    def _create_statements(self, statements, values):
        """Store statements as messages that nobody has sent yet.

        :param values: what else is kept of each message
        """
        for statement in statements:
            if not statement.program_id:
                raise UserError(
                    self.env._(
                        "%(company)s has no dunning program, which says how statements are sent.",
                        company=statement.company_id.name,
                    )
                )
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
                    "is_statement": True,
                    "enclose_statement": True,
                    "state": "draft",
                    "recipient_ids": [Command.set(statement.recipient_ids.ids)],
                    **values,
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
            found._renew_claims()

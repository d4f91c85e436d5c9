import smtplib

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import config

from ....tools.dunning.obstacle import Obstacle
from ...common.mail_addresses import find_addresses

# Seconds within which a mail server that nobody configured has to answer.
PATIENCE = 2


class DunningProgram(models.Model):
    """In whose name a reminder leaves, and whether its e-mail can leave at all (D5, D13)."""

    _inherit = "dunning.program"

    sender_problem = fields.Char(
        compute="_compute_sender_problem", help="Why no e-mail of this program can be sent."
    )

    @api.depends("sender", "sender_user_id", "mail_server_id", "allow_copy", "copy_email")
    @api.depends_context("lang")
    def _compute_sender_problem(self):
        for program in self:
            program.sender_problem = program.company_id and program._get_sender_problem()

    def _get_sender_problem(self):
        """Return why no e-mail of the program can leave, as a sentence; "": it can."""
        nobody = self.env["res.users"]
        sender, obstacle = self._get_sender(nobody, nobody)
        sender = sender.sudo()
        obstacle = obstacle or self._get_sender_obstacle(
            sender, sender._dunning_get_from(self.company_id.sudo())
        )
        return self.env["dunning.reason"]._get_sentence(*obstacle) if obstacle else ""

    def _get_sender(self, creator, salesperson):
        """Return in whose name a message leaves (empty: the company), and the obstacle if any (D5).

        A user that the program names must have the right to send: where that right was lost, the
        message is kept unsent with the reason. The others fall back on one another.

        :param creator: the user who created the invoice
        :param salesperson: the user responsible for the invoice
        """
        if self.sender == "user":
            chosen = self.sender_user_id
            if chosen._dunning_may_send(self.company_id):
                return chosen, None
            if not chosen:
                return chosen, Obstacle("sender_gone", {"program": self.id})
            return chosen.browse(), Obstacle("no_sender", {"sender": chosen.id})
        by_mode = {
            "creator": [creator, self.user_id, salesperson],
            "salesperson": [salesperson],
            "company": [],
        }
        for user in by_mode[self.sender]:
            if user._dunning_may_send(self.company_id):
                return user, None
        return self.env["res.users"], None

    def _get_sender_obstacle(self, sender, email_from):
        """Return the ``Obstacle`` why no e-mail of a program can leave from an address, or None.

        Asked by the simulation, when a message is made, and again when it is sent.

        :param sender: the user in whose name it leaves; empty: the company
        :param email_from: the address it leaves from
        """
        company = self.company_id
        if self.allow_copy and company._is_job_copy() and not find_addresses(self.copy_email):
            return Obstacle("no_copy_address", {"program": self.id})
        servers = self.env["ir.mail_server"].sudo()
        fallback = company.alias_domain_id.sudo().default_from_email
        fallback = fallback or servers._get_default_from_address()
        # where Odoo sends nothing at all it asks for neither address nor server
        sends = not servers._disable_send()
        if sends and not fallback and not find_addresses(email_from):
            return Obstacle("no_from", {})
        if self.mail_server_id:
            return self._get_server_obstacle(email_from, fallback)
        return Obstacle("no_server", {}) if sends and not self._is_any_server() else None

    def _get_server_obstacle(self, email_from, fallback):
        """Return the ``Obstacle`` why the program's mail server takes no such e-mail, or None.

        :param fallback: Odoo's own address, which it writes over one the server does not send for
        """
        server = self.mail_server_id.sudo()
        figures = {"server": server.id, "email": email_from or fallback}
        try:
            server._check_forced_mail_server(server, False, email_from)
        except UserError as error:
            return Obstacle("server_refused", {**figures, "error": str(error)})
        addresses = filter(None, (email_from, fallback))
        if not any(server._match_from_filter(found, server.from_filter) for found in addresses):
            return Obstacle("server_from", figures)
        return None

    @api.model
    def _is_any_server(self):
        """Whether there is an outgoing mail server: a configured one, else one that answers."""
        servers = self.env["ir.mail_server"].sudo()
        if servers.search_count([], limit=1):
            return True
        try:
            host, port = config["smtp_server"] or "localhost", config["smtp_port"] or 25
            smtplib.SMTP(host, port, timeout=PATIENCE).close()
        except (OSError, smtplib.SMTPException):
            return False
        return True

import smtplib

from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import config

from ....tools.dunning.obstacle import Obstacle
from ...common.mail_addresses import find_addresses

# Seconds in which a mail server on the way of last resort has to answer.
PATIENCE = 2

RECIPIENT_FIELDS = ("recipient_first", "recipient_second", "recipient_third", "recipient_fourth")


class DunningProgramGuardMixin(models.AbstractModel):
    """What a program must fulfil, each with an error that says what to do."""

    _name = "dunning.program.guard.mixin"
    _description = "Checks of Dunning Programs"

    @api.constrains("active", "level_ids", "mode")
    def _check_has_level(self, without=None):
        """Refuse that a program which reminds by itself or by default loses its last level.

        :param without: levels that are about to go
        """
        for program in self.filtered("active"):
            levels = program.level_ids.filtered("active")
            if without is not None:
                levels -= without
            if levels or not (program.is_default or program.mode == "automatic"):
                continue
            if program.is_default:
                message = self.env._(
                    "%(program)s is the company's default program and needs an active level: add "
                    "one, use Reset, or make another program the default first.",
                    program=program.name,
                )
            else:
                message = self.env._(
                    "%(program)s is automatic and needs an active level: add one, use Reset, or "
                    "set the program to manual first.",
                    program=program.name,
                )
            raise ValidationError(message)

    @api.constrains("mail_server_id", "sender", "sender_user_id")
    def _check_mail_server(self):
        """Refuse a mail server that does not accept the address reminders leave from (D13).

        Whoever created an invoice or sold it is known only later: there the company's address,
        which stands in for them, must fit.
        """
        for program in self.filtered("mail_server_id"):
            # the filter of a server is for administrators to read
            server = program.mail_server_id.sudo()
            user = program.sender_user_id if program.sender == "user" else program.env["res.users"]
            address = user.email or "" if user else program.company_id.email or ""
            if server.owner_user_id and server.owner_user_id != user:
                raise ValidationError(
                    self.env._(
                        "The mail server %(server)s is the personal server of %(owner)s: only "
                        "reminders in the name of %(owner)s can be sent from it.",
                        server=server.name,
                        owner=server.owner_user_id.name,
                    )
                )
            if not server._match_from_filter(address, server.from_filter):
                raise ValidationError(
                    self.env._(
                        "Reminders are sent from %(address)s, which the mail server %(server)s "
                        "does not accept (it sends for %(filter)s). Choose another server, or "
                        "none: Odoo then finds a suitable one.",
                        address=address or self.env._("no address"),
                        server=server.name,
                        filter=server.from_filter,
                    )
                )

    def _get_sender_obstacle(self, sender, email_from):
        """Return the ``Obstacle`` why no e-mail of a program can leave from an address, or None.

        Asked by the simulation, when a message is made, and again when it is sent.

        :param sender: the user in whose name it leaves; empty: the company
        :param email_from: the address it leaves from
        """
        company = self.company_id
        if self.allow_copy and company._is_job_copy():
            if not find_addresses(self.copy_email):
                return Obstacle("no_copy_address", {"program": self.id})
        servers = self.env["ir.mail_server"].sudo()
        fallback = company.alias_domain_id.sudo().default_from_email
        fallback = fallback or servers._get_default_from_address()
        # where Odoo sends nothing at all it asks for neither address nor server
        sends = not servers._disable_send()
        if sends and not fallback and not find_addresses(email_from):
            return Obstacle("no_from", {})
        server = self.mail_server_id.sudo()
        if not server:
            return Obstacle("no_server", {}) if sends and not self._is_any_server() else None
        figures = {"server": server.id, "email": email_from or fallback}
        try:
            server._check_forced_mail_server(server, False, email_from)
        except UserError as error:
            return Obstacle("server_refused", {**figures, "error": str(error)})
        # Odoo writes its own address over one that the server does not send for
        if not any(
            server._match_from_filter(address, server.from_filter)
            for address in (email_from, fallback)
            if address
        ):
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

    def _check_may_run(self):
        """Refuse whoever a program does not name among those who may run it now (D15).

        One whose users are all archived is nobody's to run until it names others. "Remind now" of
        chosen invoices is no run of a program: whoever works with dunning may do it.
        """
        if self.env.su:
            return
        for program in self.sudo().with_context(active_test=False):
            if program.runner_ids and self.env.user not in program.runner_ids:
                raise UserError(
                    self.env._(
                        "Only %(users)s may run %(program)s.",
                        program=program.name,
                        users=", ".join(program.runner_ids.mapped("name")),
                    )
                )

    def _check_not_recurring(self):
        """Refuse that a program goes which a running recurring invoice gives to its invoices."""
        templates = (
            self.env["account.move"]
            .sudo()
            .search(
                [
                    ("is_recurrence_template", "=", True),
                    ("dunning_program_id", "in", self.ids),
                    ("recurrence_schedule_id.state", "in", ("running", "paused")),
                ],
                limit=10,
            )
        )
        if templates:
            raise UserError(
                self.env._(
                    "%(programs)s is used by recurring invoices: %(names)s. Choose another program "
                    "on their templates first.",
                    programs=", ".join(templates.dunning_program_id.mapped("name")),
                    names=", ".join(templates.mapped("display_name")),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """Refuse to delete what history, a company or a recurring invoice needs."""
        self._check_not_recurring()
        reminders = self.env["dunning.reminder"].sudo()
        used = reminders._read_group([("program_id", "in", self.ids)], ["program_id"])
        if used:
            raise UserError(
                self.env._(
                    "Reminders have been created with %(programs)s: archive used programs "
                    "instead, so that the history remains readable.",
                    programs=", ".join(program.name for (program,) in used),
                )
            )
        defaults = self.filtered("is_default")
        if defaults:
            raise UserError(
                self.env._(
                    "%(programs)s is a company's default program: make another one the default "
                    "first.",
                    programs=", ".join(defaults.mapped("name")),
                )
            )

    @api.constrains(*RECIPIENT_FIELDS)
    def _check_recipients(self):
        for program in self:
            kinds = [program[name] for name in RECIPIENT_FIELDS if program[name]]
            if len(kinds) != len(set(kinds)):
                raise ValidationError(
                    self.env._("Each source for the recipient can be chosen only once.")
                )

    @api.constrains("sender", "sender_user_id")
    def _check_sender(self):
        for program in self:
            user = program.sender_user_id
            if program.sender != "user":
                continue
            if not user:
                raise ValidationError(
                    self.env._("Choose the user in whose name reminders are sent.")
                )
            problem = user.sudo()._dunning_get_problem(program.company_id)
            if problem:
                raise ValidationError(
                    self.env._(
                        "%(user)s is not allowed to send reminders: %(problem)s",
                        user=user.name,
                        problem=problem,
                    )
                )

    @api.constrains("user_id", "sender_user_id", "runner_ids", "report_user_ids", "company_id")
    def _check_internal(self):
        """Refuse who is not of the company: reminders and their reports are internal."""
        for program in self:
            named = (
                program.user_id
                | program.sender_user_id
                | program.runner_ids
                | program.report_user_ids
            )
            named._check_internal_user(program.company_id)

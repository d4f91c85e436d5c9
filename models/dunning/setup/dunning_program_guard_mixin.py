from odoo import api, models
from odoo.exceptions import UserError, ValidationError

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

    def _check_not_archived(self):
        """Refuse to run programs of which none is left; beside others, theirs are skipped."""
        if self and not any(self.mapped("active")):
            raise UserError(
                self.env._(
                    "Archived programs send nothing: %(programs)s. Restore them or choose others.",
                    programs=", ".join(self.mapped("name")),
                )
            )

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

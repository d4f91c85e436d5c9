from datetime import datetime
from urllib.parse import urlsplit

import pytz

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.base.models.res_partner import _tz_get

from ..common.access_groups import DUNNING_CONFIRMERS, DUNNING_SETTINGS, EMPLOYEES
from .ir_cron import DUNNING_JOBS

MOST_DAYS = 3650
MOST_GRACE = 365
MOST_MINUTES = 7 * 24 * 60


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = [
        "res.company",
        "dunning.company.day.mixin",
        "dunning.company.reply.mixin",
        "dunning.company.thanks.mixin",
        "dunning.company.forewarning.mixin",
        "recurrence.dunning.system.field.mixin",
        "recurrence.dunning.value.bounds.mixin",
        "dunning.company.bank.mixin",
        "dunning.company.engine.mixin",
        "dunning.company.forecast.mixin",
        "dunning.company.status.mixin",
        "dunning.company.page.mixin",
        "dunning.company.program.mixin",
        "dunning.company.document.mixin",
        "dunning.company.open.mixin",
        "dunning.company.cash.mixin",
        "dunning.company.trial.mixin",
        "dunning.company.figure.list.mixin",
        "dunning.company.figures.mixin",
        "dunning.company.start.mixin",
    ]

    # --- shared by recurrences and dunning ---
    recurrence_dunning_tz = fields.Selection(
        _tz_get,
        string="Time Zone of the Jobs",
        default=lambda self: self.env.user.tz or "UTC",
        help="Determines the current day for recurrences and reminders of this company.",
        groups=EMPLOYEES,
        prefetch="recurrence_dunning",
    )
    # named after dunning, which had it first; scripts know it by that name
    dunning_home = fields.Char(
        string="Database of the Jobs",
        readonly=True,
        copy=False,
        system=True,
        help=(
            "Name and address of the database where recurrences or dunning were first used. "
            "In any other database, nothing is issued or sent."
        ),
        groups=DUNNING_SETTINGS,
        prefetch="recurrence_dunning",
    )

    # --- dunning ---
    dunning_active = fields.Boolean(string="Dunning", groups=DUNNING_SETTINGS)
    dunning_activation_date = fields.Date(
        help=(
            "For invoices with an earlier date, reminders are sent only if they are selected "
            "individually."
        ),
        groups=DUNNING_SETTINGS,
        prefetch="recurrence_dunning",
    )
    dunning_scope = fields.Selection(
        [("all", "Every customer, unless switched off"), ("chosen", "Only where switched on")],
        default="all",
        required=True,
        groups=DUNNING_SETTINGS,
        prefetch="recurrence_dunning",
    )
    dunning_program_id = fields.Many2one(
        "dunning.program",
        string="Default Dunning Program",
        check_company=True,
        groups=DUNNING_SETTINGS,
        prefetch="recurrence_dunning",
    )
    dunning_contact_gap = fields.Integer(
        string="Contact Gap (days)",
        default=7,
        help="Days between two messages to the same customer. Leave at 0 for no gap.",
        groups=DUNNING_SETTINGS,
        prefetch="recurrence_dunning",
    )
    dunning_skip_unsent = fields.Boolean(
        string=("Do not send reminders for invoices that were not sent"),
        default=True,
        groups=DUNNING_SETTINGS,
        prefetch="recurrence_dunning",
    )
    dunning_grace_days = fields.Integer(
        string="Grace Period after Late Sending (days)",
        default=5,
        help=(
            "For an invoice first sent after its due date, no reminder is sent until this "
            "many days after it was sent. Leave at 0 for no grace period."
        ),
        groups=DUNNING_SETTINGS,
        prefetch="recurrence_dunning",
    )
    dunning_min_amount = fields.Monetary(
        string="Minimum Amount of a Reminder",
        help=(
            "A customer is not contacted about less than this amount. Leave at 0 for no "
            "minimum. Other currencies are converted at the day's exchange rate."
        ),
        groups=DUNNING_SETTINGS,
        prefetch="recurrence_dunning",
    )
    dunning_bank_days = fields.Integer(
        string="Bank Data Not Older Than (days)",
        help=(
            "If the latest bank statement line or payment is older than this, an automatic "
            "run is held for checking. Leave at 0 for no check."
        ),
        groups=DUNNING_SETTINGS,
        prefetch="recurrence_dunning",
    )
    dunning_send_delay = fields.Integer(
        string="Minutes Before Sending",
        help=(
            "Queued reminders are sent only after this many minutes, during which a run can "
            "be recalled. Leave at 0 to send with the next job."
        ),
        groups=DUNNING_SETTINGS,
        prefetch="recurrence_dunning",
    )

    @api.constrains("dunning_program_id")
    def _check_dunning_program_id(self):
        self._check_company(["dunning_program_id"])
        self.sudo().dunning_program_id._check_has_level()

    @api.constrains(
        "dunning_contact_gap",
        "dunning_min_amount",
        "dunning_bank_days",
        "dunning_send_delay",
        "dunning_grace_days",
    )
    def _check_dunning_numbers(self):
        for company in self:
            if min(company.dunning_contact_gap, company.dunning_min_amount) < 0:
                raise ValidationError(
                    self.env._("Contact gap and minimum amount cannot be negative.")
                )
            if min(company.dunning_bank_days, company.dunning_send_delay) < 0:
                raise ValidationError(
                    self.env._("Age of the bank data and time to recall cannot be negative.")
                )
            if not 0 <= company.dunning_grace_days <= MOST_GRACE:
                raise ValidationError(
                    self.env._(
                        "Grace period after late sending: 0 to %(days)s days.", days=MOST_GRACE
                    )
                )
            if max(company.dunning_contact_gap, company.dunning_bank_days) > MOST_DAYS:
                raise ValidationError(
                    self.env._(
                        "Contact gap and age of the bank data: at most %(days)s days.",
                        days=MOST_DAYS,
                    )
                )
            if company.dunning_send_delay > MOST_MINUTES:
                raise ValidationError(
                    self.env._(
                        "Time to recall: at most %(minutes)s minutes (one week).",
                        minutes=MOST_MINUTES,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._create_default_dunning_program()
        if starting := companies.filtered("dunning_active"):
            starting._start_dunning()
        return companies

    def write(self, vals):
        starting = self.browse()
        if vals.get("dunning_active"):
            starting = self.filtered(lambda company: not company.dunning_active)
        stopping = self.browse()
        if "dunning_active" in vals and not vals["dunning_active"]:
            stopping = self.filtered("dunning_active")
        result = super().write(vals)
        if starting:
            starting._start_dunning()
        if stopping:
            stopping._stop_dunning()
        return result

    def _start_dunning(self):
        """Fix from which day and in which database dunning works, and plan its runs from now on."""
        self._keep_home()
        for company in self:
            if not company.dunning_activation_date:
                company.dunning_activation_date = company._get_job_today()
        # Whoever switches it on answers for the program until somebody else is named.
        if self.env.user._is_internal() and self.env.uid != SUPERUSER_ID:
            programs = self.sudo().dunning_program_id.filtered(lambda program: not program.user_id)
            programs.user_id = self.env.uid
        # whoever creates a company need not have rights on dunning
        schedules = self.env["dunning.program.schedule"].sudo()
        schedules = schedules.search([("company_id", "in", self.ids)])
        schedules.write({"date_since": fields.Datetime.now()})
        self.env["dunning.reminder"].sudo()._get_held(self)._ask_what_becomes()
        # levels, next steps and the worklist are there within a minute, not tomorrow
        refresh = self.env.ref("account_recurrence_dunning.ir_cron_dunning_refresh", False)
        if refresh:
            refresh.sudo()._trigger()

    def _stop_dunning(self):
        """Let what is queued wait for a person to decide (rule 21)."""
        queued = [("company_id", "in", self.ids), ("state", "=", "queued")]
        self.env["dunning.reminder"].sudo().search(queued)._set_held()

    def _check_dunning_on(self):
        """Refuse what sends or decides while dunning is switched off (rule 21)."""
        if any(not company.dunning_active for company in self.sudo()):
            raise UserError(self._get_off_sentence())

    @api.model
    def _get_off_sentence(self):
        return self.env._(
            "Dunning is switched off: nothing is sent. You can switch it on in the settings."
        )

    @api.model
    def _get_dunning_home(self):
        """Return what tells this database from a copy or from its former place."""
        url = self.env["ir.config_parameter"].sudo().get_param("web.base.url") or ""
        host = urlsplit(url).hostname or ""
        # Who works on the machine itself is at home by either name; so is a moved port.
        host = "localhost" if host in ("127.0.0.1", "::1") else host
        return f"{self.env.cr.dbname}@{host}"

    def _keep_home(self):
        """Note that these companies work in this database, where that is not known yet.

        A copy does not become another home by what is started in it: a manager says so.
        """
        without = self.sudo().filtered(lambda company: not company.dunning_home)
        without.dunning_home = without and self._get_dunning_home()

    @api.model
    def _keep_homes_in_use(self):
        """Note this database for the companies that work in it since before homes were kept."""
        running = self.env["recurrence.schedule"].sudo()
        running = running.search([("state", "=", "running"), ("run_date", "!=", False)])
        (self.search([("dunning_active", "=", True)]) | running.company_id)._keep_home()

    def _is_job_copy(self):
        """Whether this database is not the one this company works in: its jobs hold.

        A neutralized database is a copy whatever its name. Where nothing was started yet there is
        nothing to hold.
        """
        self.ensure_one()
        home = self.sudo().dunning_home
        neutralized = self.env["ir.config_parameter"].sudo().get_param("database.is_neutralized")
        return bool(home) and (bool(neutralized) or home != self._get_dunning_home())

    # the name that scripts know
    _is_dunning_copy = _is_job_copy

    def _get_dunning_job_problem(self):
        """Return why dunning of this company does not run as planned; empty: it does, or is off."""
        self.ensure_one()
        if self._is_job_copy() or not self.sudo().dunning_active:
            return ""
        return self.env["ir.cron"]._get_job_problems(DUNNING_JOBS)

    @api.model
    def _get_copy_sentence(self):
        return self.env._(
            "Nothing is sent: this database may be a copy. If it was moved, a manager must "
            "confirm this in the settings."
        )

    def action_dunning_confirm_move(self):
        """Go on here: a manager says that the database was moved, not copied."""
        if not self.env.su:
            self.check_access("read")
            if not self.env.user.has_groups(DUNNING_CONFIRMERS):
                raise AccessError(
                    self.env._("Only a dunning manager can confirm that this database was moved.")
                )
        self.sudo().dunning_home = self._get_dunning_home()
        return True

    def _create_default_dunning_program(self):
        """Give each of these companies that has none its default program."""
        without = self.filtered(lambda company: not company.dunning_program_id)
        without.sudo()._dunning_create_program()

    def _get_job_today(self):
        """Return the day it is now in the company's own time zone.

        :return: a date; every job passes it on as ``as_of``, nothing further down asks the clock
        """
        self.ensure_one()
        return datetime.now(pytz.timezone(self.sudo().recurrence_dunning_tz or "UTC")).date()

    def _get_job_day(self, moment):
        """Return the day of the company's own time zone that a moment falls on.

        :param datetime moment: as Odoo stores it, in UTC
        """
        self.ensure_one()
        tz = pytz.timezone(self.sudo().recurrence_dunning_tz or "UTC")
        return pytz.utc.localize(moment).astimezone(tz).date()

from contextlib import contextmanager
from datetime import datetime
from datetime import time as daytime

import psycopg2
import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.common.filter_domain import FilterError, read_filter

# Seconds that a filter may take: for the job, and while somebody waits for a screen.
JOB_SECONDS = 10
SCREEN_SECONDS = 3


class RecurrenceSavedFilterMixin(models.AbstractModel):
    """A saved filter that a record of the recurrences looks for records with.

    It is evaluated with the rights of whoever chose it, also when somebody else changed it since,
    and gives only what the reader may see as well.
    """

    _name = "recurrence.saved.filter.mixin"
    _inherit = ["recurrence.dunning.system.field.mixin"]
    _description = "Saved Filter"

    filter_id = fields.Many2one("ir.filters", string="Saved Filter", ondelete="restrict")
    filter_user_id = fields.Many2one(
        "res.users",
        string="Filter Chosen By",
        system=True,
        readonly=True,
        copy=False,
        help="The filter finds only what this user may read.",
    )
    filter_problem = fields.Char(compute="_compute_filter_problem", compute_sudo=True)

    # === COMPUTES === #

    @api.depends("filter_id", "filter_id.domain", "filter_user_id")
    def _compute_filter_problem(self):
        """Say before the day comes that a filter cannot be used."""
        for record in self:
            record.filter_problem = False
            if record.filter_id and record._origin.filter_id == record.filter_id:
                try:
                    record._origin._check_filter_users()
                except UserError as error:
                    record.filter_problem = str(error)

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records.filtered("filter_id")._keep_filter_chooser()
        return records

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(self._get_chosen_fields()):
            self.filtered("filter_id")._keep_filter_chooser()
        return result

    @api.model
    def _get_chosen_fields(self):
        """Return the fields that say what is found: whose rights hold is who filled them last."""
        return ("filter_id",)

    def _keep_filter_chooser(self):
        """Remember who chose the filter, once it is sure that this user may read it."""
        if not self.env.su:
            for record in self:
                try:
                    record._check_filter_access(self.env.user)
                except AccessError:
                    raise
                except UserError:
                    # what cannot be read yet stands in filter_problem until it is repaired
                    continue
        self.sudo().write({"filter_user_id": self.env.uid})

    # === READING THE FILTER === #

    def _get_filter_model(self, user):
        """Return the empty model of the filter in the environment of a user.

        :raise UserError: the module of that model was removed
        """
        saved = self.sudo().filter_id
        if saved.model_id not in self.env:
            raise UserError(
                self.env._("The records of the filter %(name)s no longer exist.", name=saved.name)
            )
        model = self.env[saved.model_id].with_user(user)
        return model.with_context(allowed_company_ids=self.sudo().company_id.ids, active_test=True)

    def _get_filter_domain(self, user, as_of=None):
        """Return the domain of the saved filter, with what it computes.

        :param user: whom ``uid`` stands for
        :param as_of: the day ``context_today()`` gives, default today
        :raise UserError: it cannot be read
        """
        saved, company = self.sudo().filter_id, self.sudo().company_id
        tz = pytz.timezone(user.sudo().tz or company.recurrence_dunning_tz or "UTC")
        now = datetime.now(tz).replace(tzinfo=None)
        if as_of and as_of != company._get_job_today():
            now = datetime.combine(as_of, daytime(12))
        names = {"uid": user.id, "allowed_company_ids": company.ids, "tz": tz.zone}
        try:
            return Domain(
                read_filter(
                    saved.domain,
                    now.date(),
                    now.replace(microsecond=0),
                    names,
                    lambda local: tz.localize(local).astimezone(pytz.utc).replace(tzinfo=None),
                )
            )
        except (FilterError, ValueError, TypeError) as error:
            raise UserError(self._get_filter_refusal()) from error

    def _get_filter_refusal(self):
        return self.env._(
            "The saved filter %(name)s cannot be read.", name=self.sudo().filter_id.name
        )

    def _check_filter_access(self, user):
        """Refuse a filter that a user may not read, or that names what this user may not read.

        :raise AccessError: with what is not the user's to read
        """
        saved = self.sudo().filter_id
        if not saved.with_user(user).has_access("read"):
            raise AccessError(
                self.env._(
                    "%(user)s is not allowed to use the saved filter of %(record)s.",
                    user=user.sudo().name,
                    record=self.sudo().display_name,
                )
            )
        model = self._get_filter_model(user)
        if not model.has_access("read"):
            raise AccessError(self._get_model_refusal(user))
        if user._is_superuser():
            return
        with self._explain_filter_errors():
            domain = self._get_filter_domain(user)
            self.env["recurrence.dunning.readable.domain.mixin"]._check_domain_readable(
                model, domain
            )

    def _get_model_refusal(self, user):
        return self.env._(
            "%(user)s is not allowed to see the records of the filter %(name)s.",
            user=user.sudo().name,
            name=self.sudo().filter_id.name,
        )

    def _get_filter_users(self):
        """Return whose rights hold: who chose the filter, and who changed it after that."""
        record = self.sudo()
        chooser = record.filter_user_id or record.create_uid
        writer = record.filter_id.write_uid
        return chooser, writer if writer.active and not writer._is_superuser() else chooser

    # === SEARCHING === #

    def _find_matching(self, user, as_of=None, limit=None, seconds=JOB_SECONDS):
        """Return the records the filter finds that both its chooser and a user may read.

        :param user: the responsible, or who looks at the screen
        :param limit: at most so many
        :raise UserError: the filter cannot be read, names what is not its chooser's, or takes
            too long
        """
        model, matching = self._get_matching_domain(user, as_of)
        with self._explain_filter_errors(), self._limit_time(seconds):
            return model.search(matching(), limit=limit)

    def _count_matching(self, user=None, seconds=SCREEN_SECONDS):
        """Return how many records the saved filter finds now; 0 when it cannot be read."""
        if not self.sudo().filter_id:
            return 0
        try:
            model, matching = self._get_matching_domain(user or self.env.user)
            with self._explain_filter_errors(), self._limit_time(seconds):
                return model.search_count(matching())
        except UserError:
            return 0

    def _get_matching_domain(self, user, as_of=None):
        """Return the model as a user sees it, and a function that gives what to search there."""
        chooser = self._check_filter_users()
        model = self._get_filter_model(user).sudo(False)
        if not model.has_access("read"):
            raise UserError(self._get_model_refusal(user))
        domain = self._get_filter_domain(user, as_of)
        found_by = self._get_filter_model(chooser)

        def matching():
            return domain if chooser == user else Domain("id", "in", found_by._search(domain))

        return model, matching

    def _check_filter_users(self):
        """Refuse a filter when those whose rights hold may not use it; return who chose it."""
        chooser, writer = self._get_filter_users()
        if not chooser:
            raise UserError(
                self.env._(
                    "The user who chose the filter %(name)s was deleted. Choose the filter again.",
                    name=self.sudo().filter_id.name,
                )
            )
        if not (chooser.active or chooser._is_superuser()):
            raise UserError(
                self.env._(
                    "%(user)s, who chose the filter %(name)s, is no longer active. Choose the "
                    "filter again.",
                    user=chooser.name,
                    name=self.sudo().filter_id.name,
                )
            )
        self._check_filter_access(chooser)
        if writer != chooser:
            self._check_filter_access(writer)
        return chooser

    @contextmanager
    def _explain_filter_errors(self):
        """Turn whatever a domain that makes no sense ends in into a sentence."""
        try:
            yield
        except (UserError, psycopg2.OperationalError):
            raise
        except Exception as error:
            raise UserError(self._get_filter_refusal()) from error

    @contextmanager
    def _limit_time(self, seconds):
        """Cancel a search that takes longer; what the database was set to before holds again."""
        query = self.env.execute_query
        try:
            with self.env.cr.savepoint():
                [[before]] = query(SQL("SELECT current_setting('statement_timeout')"))
                query(self._set_timeout(f"{seconds}s"))
                yield
                query(self._set_timeout(before))
        except psycopg2.errors.QueryCanceled as error:
            raise UserError(
                self.env._(
                    "The saved filter %(name)s takes longer than %(seconds)s seconds.",
                    name=self.sudo().filter_id.name,
                    seconds=seconds,
                )
            ) from error

    @api.model
    def _set_timeout(self, value):
        return SQL("SELECT set_config('statement_timeout', %s, true)", value)

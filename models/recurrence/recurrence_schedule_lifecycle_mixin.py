from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools.recurrence.rule import RuleError
from ..common.client_action import notify, open_dialog
from .recurrence_schedule_planning_mixin import ENGINE_CONTEXT

# A recurrence with more dates before the day it is started has a start that is a slip.
MAX_PAST = 7200


class RecurrenceScheduleLifecycleMixin(models.AbstractModel):
    """What a person does with a schedule: generate, regenerate, pause, resume, finish.

    The actions do their work at once and can be called from scripts; ``action_open_…`` opens the
    dialog that shows first what will happen.
    """

    _name = "recurrence.schedule.lifecycle.mixin"
    _description = "Lifecycle of a Recurrence"

    # === DIALOGS === #

    def action_open_generate(self):
        return self._open_dialog("recurrence.schedule.generate", self.env._("Generate"))

    def action_open_regenerate(self):
        self.ensure_one()
        return self._open_dialog("recurrence.schedule.regenerate", self.env._("Regenerate"))

    def action_open_pause(self):
        return self._open_dialog("recurrence.schedule.stop", self.env._("Pause"), "pause")

    def action_open_finish(self):
        return self._open_dialog("recurrence.schedule.stop", self.env._("Finish"), "finish")

    def action_open_add(self):
        self.ensure_one()
        return self._open_dialog("recurrence.schedule.add", self.env._("Add a Date"))

    def _open_dialog(self, model, title, mode=None):
        self.check_access("write")
        context = {"default_schedule_ids": self.ids, "default_schedule_id": self[:1].id}
        if mode:
            context["default_mode"] = mode
        return open_dialog(self.env[model], title, context=context)

    def _get_form_action(self):
        """Return the action that opens the form, where the dates are listed."""
        return {
            "type": "ir.actions.act_window",
            "res_model": "recurrence.schedule",
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def action_open_occurrences(self):
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "account_recurrence_dunning.recurrence_occurrence_action"
        )
        action["display_name"] = self.name
        action["domain"] = [("schedule_id", "=", self.id)]
        action["context"] = {"search_default_open": 1}
        return action

    def action_open_invoices(self):
        self.check_access("read")
        self.ensure_one()
        kind = self.template_move_id.sudo().move_type or "out_invoice"
        action = self.env["account.move"]._recurrence_get_list_action({kind})
        action["domain"] = [
            "|",
            "|",
            ("recurrence_schedule_id", "=", self.id),
            ("recurrence_billed_ids.schedule_id", "=", self.id),
            ("reversed_entry_id.recurrence_billed_ids.schedule_id", "=", self.id),
            ("is_recurrence_template", "=", False),
        ]
        return action

    def action_open_template(self):
        """Open the invoice that each issued one is a copy of."""
        self.check_access("read")
        self.ensure_one()
        return self.template_move_id.get_formview_action()

    def action_preview(self):
        """Show the PDF of the next invoice; nothing is created or numbered."""
        self.check_access("read")
        self.ensure_one()
        return self._open_preview()

    # === ACTIONS === #

    def action_generate(self):
        """Start the schedules and create their occurrences up to the horizon.

        Repeating it creates only what is still missing.

        :return: a client action that says how many were generated
        """
        self.check_access("write")
        finished = self.filtered(lambda s: s.state in ("paused", "finished"))[:1]
        if finished:
            raise UserError(self.env._("Resume %(name)s first.", name=finished.name))
        created = 0
        for company, schedules in self.grouped("company_id").items():
            for schedule in schedules:
                schedule._check_startable()
            counts = self._generate_for(schedules, company._get_job_today())
            if len(counts) < len(schedules):
                raise UserError(self.env._("Somebody else is changing these dates. Try again."))
            created += sum(counts.values())
        self._wake_up()
        return notify(self.env._("Dates generated: %(count)s", count=created))

    @api.model
    def _generate_for(self, schedules, as_of):
        """Start schedules of one company as of a day; see ``_generate``."""
        counts = schedules._generate(as_of)
        locked = schedules.browse([schedule.id for schedule in counts])
        locked.filtered(lambda s: s.state == "draft").sudo().write({"state": "running"})
        for schedule in locked.sudo():
            schedule.with_context(**ENGINE_CONTEXT).write(
                {"generated_rule": schedule._get_rule_key(), "run_date": False}
            )
        return counts

    def action_regenerate(self):
        """Bring the planned dates in line with the rule; covered periods are left alone.

        :return: a client action that says what was done
        """
        self.check_access("write")
        added = removed = 0
        for schedule in self:
            plan = schedule._regenerate(schedule.company_id._get_job_today())
            added += len(plan.added)
            removed += len(plan.removed)
        return notify(
            self.env._("Dates added: %(added)s, removed: %(removed)s", added=added, removed=removed)
        )

    def _regenerate(self, as_of, chosen=(), expected=None, first=None):
        """Reconcile one schedule with its rule.

        :param as_of: the company's today, a ``date``
        :param chosen: rule dates to plan although their period is covered
        :param expected: what the person saw, as ``_get_plan_key`` gives it; refused when it differs
        :param first: earlier dates are not added; None: before ``as_of``
        :return: the ``Plan`` carried out
        """
        self.ensure_one()
        if self.state == "finished":
            raise UserError(
                self.env._(
                    "%(name)s is finished, so nothing is planned. Resume it first.", name=self.name
                )
            )
        if self.state == "draft":
            self._check_startable()
        schedule = self.try_lock_for_update(allow_referencing=True)
        if not schedule:
            raise UserError(self.env._("Somebody else is changing these dates. Try again."))
        plan = schedule._get_plan(as_of, chosen, first=first)
        if expected is not None:
            self._check_plan_key(plan, expected)
        schedule._apply_plan(plan, as_of, first)
        vals = {"generated_rule": schedule._get_rule_key(), "run_date": False}
        if schedule.state == "draft":
            vals["state"] = "running"
        schedule.sudo().write(vals)
        schedule.message_post(
            body=self.env._(
                "Regenerated. Dates added: %(added)s, removed: %(removed)s. %(rule)s",
                added=len(plan.added),
                removed=len(plan.removed),
                rule=schedule.rule_summary,
            )
        )
        self._wake_up()
        return plan

    @api.model
    def _get_plan_key(self, plan):
        """Return a text that names what a plan removes and adds."""
        added = sorted(new.item.rule_date.isoformat() for new in plan.added)
        return f"-{sorted(row.id for row in plan.removed)}+{added}"

    @api.model
    def _check_plan_key(self, plan, expected):
        if self._get_plan_key(plan) != expected:
            raise UserError(
                self.env._("The dates have changed since this was shown. Open the dialog again.")
            )

    def action_pause(self, resume_date=None, added=False):
        """Do nothing for these schedules until they are resumed.

        :param resume_date: day from which they go on by themselves, optional
        :param added: whether what is not billed in the meantime is added at the end
        """
        self.check_access("write")
        for schedule in self.filtered(lambda s: s.state == "running").sudo():
            pause_date = schedule.company_id._get_job_today()
            schedule.write(
                {
                    "state": "paused",
                    "pause_date": pause_date,
                    "resume_date": resume_date or False,
                    "pause_added": bool(added) and schedule.target == "invoice",
                }
            )
            # what was wanted before is decided anew; what is planned again from now on stays
            wanted = schedule.occurrence_ids.filtered(
                lambda o, day=pause_date: o.is_wanted and o.date >= day
            )
            wanted.is_wanted = False
            schedule._withdraw_question("backlog_activity_id")
            schedule._refresh_error()
        return True

    def action_resume(self):
        """Go on; the dates that fell into the pause are skipped. A finished one begins again."""
        self.check_access("write")
        for company, schedules in self.grouped("company_id").items():
            as_of = company._get_job_today()
            schedules.filtered(lambda s: s.state == "paused")._resume(as_of)
            again = schedules.filtered(lambda s: s.state == "finished")
            for schedule in again:
                schedule._check_startable()
            again.sudo().write({"state": "running", "generated_until": False})
            for schedule in again:
                schedule._regenerate(as_of)
        self._wake_up()
        return True

    def _resume(self, as_of):
        """Let paused schedules run again as of a day.

        Only what lies in the pause is left out: where the job is late, the days since the date to
        resume on are caught up with like any other.
        """
        for schedule in self.sudo():
            first = schedule.pause_date or as_of
            end = min(schedule.resume_date or as_of, as_of)
            schedule.write(
                {"state": "running", "pause_date": False, "resume_date": False, "run_date": False}
            )
            schedule._suspend(first, end, as_of)

    def action_finish(self):
        """End the schedules: dates that are still planned are removed, open ones stay to do."""
        self.check_access("write")
        for schedule in self.sudo().filtered(lambda s: s.state != "finished"):
            planned = schedule.occurrence_ids.filtered(lambda o: o.state == "planned")
            # one that had an invoice before stays with it, and gets no other one
            kept = planned.filtered("invoice_ids")
            (planned - kept).unlink()
            kept.write(
                {
                    "state": "skipped",
                    "skip_reason": self.env._("The recurrence was finished"),
                    "is_wanted": False,
                }
            )
            # what is left is a person's: nothing is tried again by itself
            failed = schedule.occurrence_ids.filtered(lambda o: o.state == "failed")
            failed.write({"retry_at": False})
            schedule.write(
                {
                    "state": "finished",
                    "pause_date": False,
                    "resume_date": False,
                    "catch_up_confirmed": False,
                }
            )
            schedule._withdraw_question("backlog_activity_id")
            schedule._withdraw_question("stale_activity_id")
            schedule._withdraw_order_warning()
            schedule._refresh_error()
        return True

    def _add_date(self, day):
        """Add one date by hand; the rule and its count stay as they are.

        :return: the recurrence.occurrence
        """
        self.ensure_one()
        self.check_access("write")
        if day in self.sudo().occurrence_ids.mapped("rule_date"):
            raise UserError(
                self.env._("%(date)s is already one of the dates.", date=format_date(self.env, day))
            )
        before = self.sudo().occurrence_ids.filtered(lambda o: o.rule_date < day)
        start, end = self._get_rule().period(day, self.period_paid)
        self._reset_run_date()
        return self._create_occurrences(
            [
                {
                    "schedule_id": self.id,
                    "rule_date": day,
                    "date": day,
                    "number": max(before.mapped("number"), default=1),
                    "is_manual": True,
                    "is_wanted": True,
                    "period_start": start,
                    "period_end": end,
                }
            ]
        )

    # === HELPERS === #

    @api.model
    def _open_new(self, context):
        """Return the action that composes a new schedule.

        :param context: ``default_…`` values
        """
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Recurrence"),
            "res_model": "recurrence.schedule",
            "view_mode": "form",
            "views": [(False, "form")],
            "context": context,
        }

    def _get_gap_message(self, plan):
        """Return which days no invoice bills when a plan is carried out, as a sentence, or False.

        :param plan: a ``Plan`` of ``tools.recurrence.plan``
        """
        if not plan.gap or self.target != "invoice":
            return False
        return self.env._(
            "The days from %(first)s to %(last)s are not billed.",
            first=format_date(self.env, plan.gap[0]),
            last=format_date(self.env, plan.gap[1]),
        )

    def _check_startable(self):
        """Refuse to start what cannot work, with the reason."""
        self.ensure_one()
        if self.target == "invoice":
            self._check_template()
            self._check_texts()
            self._check_nothing_archived()
        try:
            first = self._get_rule().rule_dates(limit=1)
        except RuleError as error:
            sentence = self.env["recurrence.rule.mixin"]._explain_rule_error(error, self)
            raise UserError(sentence) from error
        if not first:
            raise UserError(self.env._("The rule of %(name)s results in no dates.", name=self.name))
        today = self.company_id._get_job_today()
        if len(self._get_rule().rule_dates(date_to=today, limit=MAX_PAST + 1)) > MAX_PAST:
            raise UserError(
                self.env._(
                    "%(name)s has more than %(count)s dates before today. Choose a later start "
                    "date.",
                    name=self.name,
                    count=MAX_PAST,
                )
            )

    def _wake_up(self):
        """Let the job look at once instead of within the hour."""
        self.env["ir.cron"]._wake("account_recurrence_dunning.recurrence_cron_run_due")

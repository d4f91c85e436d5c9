from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools.recurrence.moved import find_days_of, move_rule
from ..common.client_action import notify


class RecurrenceOccurrenceMoveMixin(models.AbstractModel):
    """Moving a date with all that follow, by changing the rule from there on."""

    _name = "recurrence.occurrence.move.mixin"
    _description = "Moving Dates of a Recurrence"

    def _get_following_rule(self, day):
        """Return the rule of the schedule when this date and all that follow move to ``day``."""
        return move_rule(self.schedule_id._get_composed_rule(), self.rule_date, day)

    def _get_following_plan(self, day):
        """Return what becomes of the dates when this one and all that follow move to ``day``.

        :return: a ``Plan`` of ``tools.recurrence.plan``
        """
        schedule = self.schedule_id
        as_of = schedule.company_id._get_job_today()
        rows = []
        for occurrence in schedule.sudo().occurrence_ids:
            row = schedule._get_plan_row(occurrence, as_of)
            if occurrence.id == self.id:
                row = row._replace(fixed=False)
            elif occurrence.state == "planned" and occurrence.rule_date < self.rule_date:
                row = row._replace(fixed=True)
            rows.append(row)
        rule = schedule._end_with_agreement(self._get_following_rule(day))
        return schedule._get_plan(as_of, (day,), rule, rows)

    def _get_following_problem(self):
        """Return why this date moves only alone, as a sentence, or False.

        Its invoice would stay behind with it while the rule bills the same days anew.
        """
        # an administrator moves dates of invoices that he may not read
        occurrence = self.sudo()
        invoice = occurrence.move_id or occurrence.invoice_ids[:1]
        params = {"name": self.display_name, "date": format_date(self.env, self.date)}
        if invoice:
            return self.env._(
                "%(name)s of %(date)s already has an invoice: %(move)s. Only this date can be "
                "moved, not the following ones.",
                move=invoice.display_name,
                **params,
            )
        if len(find_days_of(self.schedule_id._get_rule(), self.rule_date)) > 1:
            return self.env._(
                "%(name)s of %(date)s stands for several days of the rule, which fall together in "
                "this month. Only this date can be moved, not the following ones.",
                **params,
            )
        if self.is_manual:
            return self.env._(
                "%(name)s of %(date)s was added by hand and is not part of the rule. Only this "
                "date can be moved, not the following ones.",
                **params,
            )
        return False

    def _redate_drafts(self, before):
        """Let drafts that are dated as planned follow the dates that were moved.

        A date leaves a draft that bills others too, and is issued anew on its own day.

        :param before: the days of the dates before: ``{occurrence: day}``
        """
        left = self.browse()
        for day, moved in self.filtered(lambda o: before[o] != o.date).grouped("date").items():
            text = format_date(self.env, day)
            left += moved._leave_drafts(self.env._("moved to %(date)s.", date=text))
        left._drop_counts()
        left.sudo().write({"state": "planned", "error": False})
        for occurrence in self - left:
            draft = occurrence.sudo().move_id
            is_entry = occurrence.schedule_id._get_document().is_entry
            day = "date" if is_entry else "invoice_date"
            if draft.state == "draft" and draft[day] == before[occurrence]:
                draft[day] = occurrence.date

    def _move_following(self, day):
        """Move this date to ``day`` and change the rule from there on; earlier dates stay.

        :return: a client action that says what was done
        """
        self.ensure_one()
        self._check_movable(day)
        schedule = self.schedule_id
        schedule.check_access("write")
        problem = self._get_following_problem()
        if problem:
            raise UserError(problem)
        as_of = schedule.company_id._get_job_today()
        if day < as_of:
            raise UserError(
                self.env._("This and the following dates cannot be moved into the past.")
            )
        rule = self._get_following_rule(day)
        before = schedule.sudo().occurrence_ids.filtered(
            lambda o: o.state == "planned" and o.rule_date < self.rule_date
        )
        before.write({"is_pinned": True})
        if self.state != "planned":
            self._drop_activities()
        self.sudo().write({"state": "planned", "is_moved": False, "is_pinned": False})
        vals = schedule._prepare_rule_vals(rule)
        if schedule._has_terms() and not schedule.agreement_start:
            # the dates begin anew, the agreement does not
            vals["agreement_start"] = schedule.date_start
        if schedule.renewal == "ask" and schedule._get_natural_end():
            vals["renewed_until"] = schedule._get_natural_end()
        schedule.write(vals)
        plan = schedule._regenerate(as_of, chosen=(day,))
        return notify(
            self.env._("Dates that follow the new rule: %(count)s", count=len(plan.added))
        )

import logging

import psycopg2

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...common.isolation import get_error_text

_logger = logging.getLogger(__name__)

# What shows in the note of an activity; the rest stands in the run.
NAMED = 20
# What a decision to remind shows of its due line.
TOLD_FIELDS = ("move_name", "due_date", "currency_id", "amount_residual", "amount_covered")


class DunningRunStepMixin(models.AbstractModel):
    """The steps from what a simulation showed to reminders: check again, create safely."""

    _name = "dunning.run.step.mixin"
    _description = "Steps of a Dunning Run"

    def _read_omitted(self):
        """Return who took which due lines out of a run: ``{move line id: user id}``."""
        self.env["dunning.run.line"].flush_model()
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT move_line_id, omitted_by_id FROM dunning_run_line"
                    " WHERE run_id = %s AND omitted_by_id IS NOT NULL",
                    self.id,
                )
            )
        )

    @api.model
    def _apply_omitted(self, facts, omitted):
        """Let what was taken out stay out when the run is simulated again."""
        for fact in facts if omitted else ():
            if fact.id in omitted and fact.decision.remind:
                fact.omitted_by = omitted[fact.id]
                fact.decision = fact.decision._replace(
                    remind=False,
                    reason="removed",
                    params={**fact.decision.params, "user": fact.omitted_by},
                )

    def _count_lines(self):
        """Bring the counts of a run up to date with its lines."""
        rows = dict(
            self.env["dunning.run.line"]._read_group(
                [("run_id", "=", self.id)], ["decision"], ["__count"]
            )
        )
        changed = [("run_id", "=", self.id), ("is_changed", "=", True)]
        self.write(
            {
                "remind_count": rows.get("remind", 0),
                "skip_count": rows.get("skip", 0),
                "changed_count": self.env["dunning.run.line"].search_count(changed),
            }
        )
        self.invalidate_recordset(["line_ids", "remind_line_ids", "skip_line_ids"], flush=False)

    # === CHECKING AGAIN === #

    def _recheck_lines(self):
        """Decide anew and keep of what was shown only what still holds (rule 6).

        What changed since the simulation is marked on its line; what would be reminded now and
        was not shown so gets a line that says it waits for the next run.

        :return: the decided facts; to be reminded are only lines shown so
        """
        facts = {fact.id: fact for fact in self._get_facts()}
        lines = self.env["dunning.run.line"].search([("run_id", "=", self.id)])
        for line in lines.filtered(lambda line: line.decision == "remind"):
            self._recheck_line(line, facts.get(line.move_line_id.id))
        self._skip_what_was_not_shown(facts.values(), lines)
        self._count_lines()
        return list(facts.values())

    def _recheck_line(self, line, fact):
        """Note on a line shown as to be reminded what holds now, if that is something else."""
        if fact is None:
            reason = self.env["dunning.reason"]._find_gone_reason(line.move_line_id)
            line.write(
                {"decision": "skip", "reason": reason, "reason_params": {}, "is_changed": True}
            )
            return
        decision = fact.decision
        if decision.remind and decision.level.id == line.level_id.id:
            self._tell_anew(line, fact)
            return
        reason = "not_shown" if decision.remind else decision.reason
        fact.decision = decision._replace(remind=False, reason=reason)
        line._renew(self, fact, decision="skip", is_changed=True)

    def _skip_what_was_not_shown(self, facts, lines):
        """Take what would be reminded now, and was not shown so, out of this execution.

        :param lines: what was shown, brought up to date
        """
        by_id = {line.move_line_id.id: line for line in lines}
        unseen = []
        for fact in facts:
            line = by_id.get(fact.id, lines.browse())
            if not fact.decision.remind or line.decision == "remind":
                continue
            reason = "removed" if line.omitted_by_id else "not_shown"
            fact.decision = fact.decision._replace(remind=False, reason=reason)
            if not line:
                unseen.append(fact)
            elif not line.omitted_by_id:
                line._renew(self, fact, is_changed=True)
        if unseen:
            lines._insert(self, unseen)
            self._mark_changed([fact.id for fact in unseen])

    def _tell_anew(self, line, fact):
        """Let a decision that holds name number, due date and amounts as the message does."""
        prepared = line._prepare(self, fact)
        told = line._convert_to_write({name: line[name] for name in TOLD_FIELDS})
        if any((prepared[name] or False) != (told[name] or False) for name in TOLD_FIELDS):
            # what keeps the message back stays said
            params = {**(line.reason_params or {}), **fact.decision.params}
            fact.decision = fact.decision._replace(params=params)
            line._renew(self, fact)

    def _mark_changed(self, move_line_ids):
        lines = self.env["dunning.run.line"]
        lines.search([("run_id", "=", self.id), ("move_line_id", "in", move_line_ids)]).write(
            {"is_changed": True}
        )

    # === CREATING === #

    def _create_reminders(self, facts):
        """Create the reminders of a run; a customer whose data fail stops nobody (rule 15).

        :return: ``{due line id: reminder}``
        """
        by_line, errors = self._create_safely(facts)
        if errors:
            self._keep_errors(errors)
        self._link_reminders(by_line)
        return by_line

    def _create_safely(self, facts):
        """Create all at once; where that fails halve the customers until the bad ones are alone.

        :return: (``{due line id: reminder}``, ``{customer id: error}``)
        """
        partner_ids = sorted({fact.partner_id for fact in facts if fact.decision.remind})
        if not partner_ids:
            return {}, {}
        try:
            with self.env.cr.savepoint():
                return self._write_reminders(facts)[1], {}
        except psycopg2.OperationalError:
            raise
        except Exception as error:
            if len(partner_ids) == 1:
                _logger.warning("No reminder for customer %s", partner_ids[0], exc_info=True)
                return {}, {partner_ids[0]: get_error_text(error)}
        half = set(partner_ids[: len(partner_ids) // 2])
        by_line, errors = {}, {}
        for first_half in (True, False):
            part = [fact for fact in facts if (fact.partner_id in half) == first_half]
            found, failed = self._create_safely(part)
            by_line.update(found)
            errors.update(failed)
        return by_line, errors

    def _keep_errors(self, errors):
        """Note errors on the lines of the customers and on the run, and tell one person."""
        if self.by_hand and len(errors) == len(self.line_ids.partner_id):
            raise UserError("\n".join(errors.values()))
        lines = self.env["dunning.run.line"].search(
            [("run_id", "=", self.id), ("decision", "=", "remind"), ("partner_id", "in", [*errors])]
        )
        for line in lines:
            figures = {**(line.reason_params or {}), "error": errors[line.partner_id.id]}
            line.write({"decision": "skip", "reason": "error", "reason_params": figures})
        self._count_lines()
        partners = self.env["res.partner"].browse(errors)
        self.error = "\n".join(
            f"{partner.display_name}: {errors[partner.id]}" for partner in partners[:NAMED]
        )
        user = self.user_id or self.program_ids.user_id[:1] or self.env.user
        self.activity_schedule(
            "mail.mail_activity_data_warning",
            date_deadline=self.date,
            summary=lambda spoken: spoken.env._(
                "Customers who could not be reminded: %(count)s (see the run)", count=len(errors)
            ),
            user_id=user.id,
        )

    def _link_reminders(self, by_line):
        """Note on the decisions which message their line went into."""
        if not by_line:
            return
        lines = self.env["dunning.run.line"]
        lines.flush_model(["run_id", "move_line_id"])
        rows = SQL(", ").join(
            SQL("(%s, %s)", line_id, reminder.id) for line_id, reminder in by_line.items()
        )
        source = SQL(
            """(SELECT line.id, made.reminder_id
                  FROM (VALUES %s) AS made(move_line_id, reminder_id)
                  JOIN dunning_run_line line ON line.move_line_id = made.move_line_id
                 WHERE line.run_id = %s) AS new""",
            rows,
            self.id,
        )
        lines._write_in_bulk({"reminder_id": SQL("new.reminder_id")}, source)

    # === TO BE CHECKED === #

    def _ask_to_check(self, program):
        """Give the responsible one activity: nothing leaves until the run is executed.

        Runs of the same program that nobody executed are out of date with this one.
        """
        earlier = self.env["dunning.run"].search(
            [
                ("state", "=", "to_check"),
                ("program_ids", "in", program.ids),
                ("id", "!=", self.id),
            ]
        )
        earlier.filtered(lambda found: found.program_ids == program).activity_ids.unlink()
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=self.date,
            summary=lambda spoken: spoken.env._("Check the reminders and execute the run"),
            note=lambda spoken: spoken.company_id._dunning_get_bank_warning(spoken.date),
            user_id=(program.user_id or self.env.user).id,
        )

import logging

import psycopg2

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# What shows in the note of an activity; the rest stands in the run.
NAMED = 20
# What a decision to remind shows of its due line.
TOLD_FIELDS = ("move_name", "due_date", "currency_id", "amount_residual", "amount_covered")


class DunningRunStep(models.AbstractModel):
    """The steps from what a simulation showed to reminders: strike, check again, create safely."""

    _name = "dunning.run.step"
    _description = "Steps of a Dunning Run"

    # === STRIKING === #

    @api.model
    def _strike(self, lines):
        """Take decisions out of their run, in the name of the user (design rule 7)."""
        self._check_open(lines)
        for run, found in lines.sudo().grouped("run_id").items():
            found = found.filtered(lambda line: line.decision == "remind")
            params = {"user": self.env.uid}
            for line in found:
                line.write(
                    {
                        "decision": "skip",
                        "reason": "removed",
                        "reason_params": {**(line.reason_params or {}), **params},
                        "struck_user_id": self.env.uid,
                    }
                )
            self._count(run)

    @api.model
    def _unstrike(self, lines):
        """Put lines back by deciding anew on what else holds of their run."""
        self._check_open(lines)
        for run, found in lines.sudo().grouped("run_id").items():
            found.filtered("struck_user_id").write({"struck_user_id": False})
            run._simulate(state=run.state)

    @api.model
    def _check_open(self, lines):
        for run in lines.run_id:
            run.check_access("write")
            if run.state not in ("simulated", "to_check"):
                raise UserError(
                    self.env._("Only a simulated run can be changed, before it is executed.")
                )

    @api.model
    def _read_strikes(self, run):
        """Return who took which due lines out of a run: ``{move line id: user id}``."""
        self.env["dunning.run.line"].flush_model()
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT move_line_id, struck_user_id FROM dunning_run_line"
                    " WHERE run_id = %s AND struck_user_id IS NOT NULL",
                    run.id,
                )
            )
        )

    @api.model
    def _apply_strikes(self, facts, strikes):
        """Let what was taken out stay out when the run is simulated again."""
        for fact in facts if strikes else ():
            if fact.id in strikes and fact.decision.remind:
                fact.struck_by = strikes[fact.id]
                fact.decision = fact.decision._replace(
                    remind=False,
                    reason="removed",
                    params={**fact.decision.params, "user": fact.struck_by},
                )

    @api.model
    def _count(self, run):
        """Bring the counts of a run up to date with its lines."""
        rows = dict(
            self.env["dunning.run.line"]._read_group(
                [("run_id", "=", run.id)], ["decision"], ["__count"]
            )
        )
        changed = [("run_id", "=", run.id), ("is_changed", "=", True)]
        run.write(
            {
                "remind_count": rows.get("remind", 0),
                "skip_count": rows.get("skip", 0),
                "changed_count": self.env["dunning.run.line"].search_count(changed),
            }
        )
        run.invalidate_recordset(["line_ids", "remind_line_ids", "skip_line_ids"], flush=False)

    # === CHECKING AGAIN === #

    @api.model
    def _recheck(self, run):
        """Decide anew and keep of what was shown only what still holds (design rule 6).

        What changed since the simulation is marked on its line; what would be reminded now and
        was not shown so gets a line that says it waits for the next run.

        :return: the decided facts; to be reminded are only lines shown so
        """
        facts = {fact.id: fact for fact in run._get_facts()}
        lines = self.env["dunning.run.line"].search([("run_id", "=", run.id)])
        by_id = {line.move_line_id.id: line for line in lines}
        for line in lines.filtered(lambda line: line.decision == "remind"):
            self._recheck_line(run, line, facts.get(line.move_line_id.id))
        unseen = []
        for fact in facts.values():
            line = by_id.get(fact.id)
            if not fact.decision.remind or (line and line.decision == "remind"):
                continue
            struck = line and line.struck_user_id
            reason = "removed" if struck else "not_shown"
            fact.decision = fact.decision._replace(remind=False, reason=reason)
            if line and not struck:
                line._renew(run, fact, is_changed=True)
            elif not line:
                unseen.append(fact)
        if unseen:
            lines._insert(run, unseen)
            self._mark_changed(run, [fact.id for fact in unseen])
        self._count(run)
        return list(facts.values())

    @api.model
    def _recheck_line(self, run, line, fact):
        """Note on a line shown as to be reminded what holds now, if that is something else."""
        if fact is None:
            line.write(
                {"decision": "skip", "reason": "paid", "reason_params": {}, "is_changed": True}
            )
            return
        decision = fact.decision
        if decision.remind and decision.level.id == line.level_id.id:
            self._tell_anew(run, line, fact)
            return
        reason = "not_shown" if decision.remind else decision.reason
        fact.decision = decision._replace(remind=False, reason=reason)
        line._renew(run, fact, decision="skip", is_changed=True)

    @api.model
    def _tell_anew(self, run, line, fact):
        """Let a decision that holds name number, due date and amounts as the message does."""
        prepared = line._prepare(run, fact)
        told = line._convert_to_write({name: line[name] for name in TOLD_FIELDS})
        if any((prepared[name] or False) != (told[name] or False) for name in TOLD_FIELDS):
            # what keeps the message back stays said
            params = {**(line.reason_params or {}), **fact.decision.params}
            fact.decision = fact.decision._replace(params=params)
            line._renew(run, fact)

    @api.model
    def _mark_changed(self, run, move_line_ids):
        lines = self.env["dunning.run.line"]
        lines.search([("run_id", "=", run.id), ("move_line_id", "in", move_line_ids)]).write(
            {"is_changed": True}
        )

    # === CREATING === #

    @api.model
    def _create_reminders(self, run, facts):
        """Create the reminders of a run; a customer whose data fail stops nobody (rule 15).

        :return: ``{due line id: reminder}``
        """
        by_line, errors = self._create_safely(run, facts)
        if errors:
            self._keep_errors(run, errors)
        self._link_reminders(run, by_line)
        return by_line

    @api.model
    def _create_safely(self, run, facts):
        """Create all at once; where that fails halve the customers until the bad ones are alone.

        :return: (``{due line id: reminder}``, ``{customer id: error}``)
        """
        partner_ids = sorted({fact.partner_id for fact in facts if fact.decision.remind})
        if not partner_ids:
            return {}, {}
        try:
            with self.env.cr.savepoint():
                return self.env["dunning.dispatch"]._create_reminders(run, facts)[1], {}
        except psycopg2.OperationalError:
            raise
        except Exception as error:
            if len(partner_ids) == 1:
                _logger.warning("No reminder for customer %s", partner_ids[0], exc_info=True)
                return {}, {partner_ids[0]: self.env["job.isolation"]._get_text(error)}
        half = set(partner_ids[: len(partner_ids) // 2])
        by_line, errors = {}, {}
        for first_half in (True, False):
            part = [fact for fact in facts if (fact.partner_id in half) == first_half]
            found, failed = self._create_safely(run, part)
            by_line.update(found)
            errors.update(failed)
        return by_line, errors

    @api.model
    def _keep_errors(self, run, errors):
        """Note errors on the lines of the customers and on the run, and tell one person."""
        if run.by_hand and len(errors) == len(run.line_ids.partner_id):
            raise UserError("\n".join(errors.values()))
        lines = self.env["dunning.run.line"].search(
            [("run_id", "=", run.id), ("decision", "=", "remind"), ("partner_id", "in", [*errors])]
        )
        for line in lines:
            figures = {**(line.reason_params or {}), "error": errors[line.partner_id.id]}
            line.write({"decision": "skip", "reason": "error", "reason_params": figures})
        self._count(run)
        partners = self.env["res.partner"].browse(errors)
        run.error = "\n".join(
            f"{partner.display_name}: {errors[partner.id]}" for partner in partners[:NAMED]
        )
        user = run.user_id or run.program_ids.user_id[:1] or self.env.user
        run.activity_schedule(
            "mail.mail_activity_data_warning",
            date_deadline=run.date,
            summary=lambda spoken: spoken.env._(
                "Customers who could not be reminded: %(count)s, see the run", count=len(errors)
            ),
            user_id=user.id,
        )

    @api.model
    def _link_reminders(self, run, by_line):
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
            run.id,
        )
        lines._write_in_bulk({"reminder_id": SQL("new.reminder_id")}, source)

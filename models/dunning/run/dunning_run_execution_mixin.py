from odoo import api, fields, models

# What the engine writes is not tracked or announced field by field: the run says what it did.
QUIET = {"tracking_disable": True}


class DunningRunExecutionMixin(models.AbstractModel):
    """Simulating and executing a run: the one way from facts to decisions and messages (rule 6)."""

    _name = "dunning.run.execution.mixin"
    _description = "Execution of a Dunning Run"

    @api.model
    def _execute_for(
        self,
        company,
        as_of,
        programs=None,
        levels=None,
        moves=None,
        over_block=False,
        ahead=False,
    ):
        """Decide and queue the reminders of a day: what the jobs, buttons and plays of time call.

        :param company: the company
        :param date as_of: the day; the caller says which, it may lie in the past
        :param programs: only due lines of these programs; empty: all
        :param levels: only these levels are sent; empty: all
        :param moves: only these invoices, as a person asks for them; empty: all that are open
        :param bool over_block: blocks are left out, as a manager asked
        :param bool ahead: the next level is sent before its day, as a person asked
        :return: the run, done; its reminders wait in the outbox
        """
        runs = self.with_company(company).with_context(**QUIET)
        runs.check_access("create")
        # by_hand is for the engine alone to say; whose company it is is checked by _execute
        run = runs.sudo().create(
            {
                "company_id": company.id,
                "date": as_of,
                "program_ids": programs and programs.ids,
                "level_ids": levels and levels.ids,
                "move_ids": moves and moves.ids,
                "by_hand": bool(moves),
                "over_block": over_block,
                "ahead": ahead,
            }
        )
        run = run.with_env(runs.env)
        run._execute()
        return run

    def _get_facts(self):
        """Return the decided facts of the due lines this run is about."""
        self.ensure_one()
        return self.company_id._dunning_decide(
            self.date,
            levels=self.level_ids._origin,
            programs=self.program_ids._origin,
            moves=self.move_ids._origin,
            by_hand=self.by_hand,
            over_block=self.over_block,
            ahead=self.ahead,
        )

    def _simulate(self, state="simulated"):
        """List every due line with its decision.

        :return: the decided facts
        """
        self.ensure_one()
        self.check_access("write")
        run = self.sudo().with_company(self.company_id).with_context(**QUIET)
        omitted = {}
        if run.state != "draft":
            omitted = run._read_omitted()
            run.env["dunning.run.line"]._delete_of(run)
        facts = run._get_facts()
        run._apply_omitted(facts, omitted)
        untried = run._foresee(facts)
        run.env["dunning.run.line"]._insert(run, facts)
        remind_count = sum(fact.decision.remind for fact in facts)
        run.write(
            {
                "state": state,
                "error": False,
                "remind_count": remind_count,
                "skip_count": len(facts) - remind_count,
                "changed_count": 0,
                "untried_count": untried,
            }
        )
        run.invalidate_recordset(["line_ids", "remind_line_ids", "skip_line_ids"], flush=False)
        return facts

    def _execute(self):
        """Queue the reminders of this run (rules 2, 6 and 8).

        What was simulated is decided once more; only lines shown as to be reminded are, at the
        level shown. A run that was not simulated is so first.
        """
        self.ensure_one()
        self.check_access("write")
        self.company_id._check_dunning_on()
        run = self.sudo().with_company(self.company_id).with_context(**QUIET)
        if run.state != "draft":
            run.activity_ids.action_feedback()
        facts = run._recheck_lines() if run.state in ("simulated", "to_check") else run._simulate()
        run._draw_customers(facts)
        run._create_reminders(facts)
        run.write(
            {
                "state": "done",
                "executed_on": fields.Datetime.now(),
                "report_pending": not run.by_hand and bool(run._get_report_users()),
            }
        )
        if not run.by_hand:
            status = run.company_id._dunning_get_engine()._summarize(facts, run.date)
            run.env["account.move"]._dunning_write_invoice_status(status)

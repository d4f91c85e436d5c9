from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ...common.access_groups import DUNNING_SETTINGS

MANAGER = "account_recurrence_dunning.dunning_group_manager"


class DunningCompanyStartMixin(models.AbstractModel):
    """The first day: what there is to do until reminders go out by themselves.

    Whether a step is done is read from what it leads to, so that it ticks itself off, whoever did
    it and wherever. Nothing else is stored than that a manager closed the list.
    """

    _name = "dunning.company.start.mixin"
    _description = "First Steps of Dunning"

    dunning_start_closed = fields.Boolean(
        string="First Steps Closed",
        copy=False,
        groups=DUNNING_SETTINGS,
        prefetch="recurrence_dunning",
    )

    def _dunning_tell_start(self):
        """Return the first steps as the overview shows them; [] where they are done or closed."""
        self.ensure_one()
        if not self.env.user.has_group(MANAGER) or self.sudo().dunning_start_closed:
            return []
        steps = self.sudo().with_company(self)._dunning_get_start()
        return [] if all(step["done"] for step in steps) else steps

    def _dunning_get_start(self):
        """Return the steps: name, label, whether it is done, what there is to know of it."""
        done, program = self._dunning_find_done(), self.dunning_program_id
        since = self.dunning_activation_date
        every = self.dunning_scope == "all"
        labels = {
            "switch_on": self.env._("Switch on"),
            "since": self.env._("Since when"),
            "program": self.env._("Program"),
            "texts": self.env._("Texts"),
            "sender": self.env._("Sender"),
            "test": self.env._("Test to myself"),
            "simulate": self.env._("Simulate"),
            "automatic": self.env._("Automatic"),
        }
        texts = {
            "switch_on": self.env._("No reminder is sent before."),
            "since": self.env._("Invoices dated from %(day)s", day=format_date(self.env, since))
            if since and every
            else self.env._("Older invoices are reminded only where chosen."),
            "program": f"{program.name}: {program.summary}"
            if program
            else self.env._("Choose one."),
            "texts": self._dunning_get_text_problem() or self.env._("Preview each level."),
            "sender": self._dunning_get_sender_problem() or self._dunning_get_sender_address(),
            "test": self.env._("One message to your own address, without effect."),
            "simulate": self.env._("Who would be reminded today, and why; nothing is sent."),
            "automatic": self.env._("The schedule prepares a run and asks, or sends by itself."),
        }
        marks = {True: self.env._("Done"), False: self.env._("To do")}
        return [
            {
                "name": name,
                "label": label,
                "text": texts[name],
                "done": bool(done[name]),
                "mark": marks[bool(done[name])],
            }
            for name, label in labels.items()
        ]

    def _dunning_find_done(self):
        """Return which steps are done: ``{name: whether}``."""
        program, active = self.dunning_program_id, self.dunning_active
        own = [("company_id", "=", self.id)]
        tests = [*own, ("is_test", "=", True), ("state", "=", "sent")]
        return {
            "switch_on": active,
            "since": active and (self.dunning_activation_date or self.dunning_scope != "all"),
            "program": active and any(program.level_ids.mapped("active")),
            "texts": active and not self._dunning_get_text_problem(),
            "sender": active and not self._dunning_get_sender_problem(),
            "test": self.env["dunning.reminder"].search_count(tests, limit=1),
            "simulate": self.env["dunning.run"].search_count(
                [*own, ("state", "!=", "draft"), ("by_hand", "=", False)], limit=1
            ),
            "automatic": active and program.mode == "automatic" and program.schedule_ids,
        }

    def _dunning_get_text_problem(self):
        """Return what keeps the texts of the default program from being sent, as a sentence."""
        for level in self.dunning_program_id.level_ids.filtered("active"):
            obstacle = level._get_obstacle()
            if obstacle:
                return self.env["dunning.reason"]._get_sentence(*obstacle)
        return ""

    def _dunning_get_sender_address(self):
        program = self.dunning_program_id
        sender = program.sender_user_id if program.sender == "user" else self.env["res.users"]
        return sender._dunning_get_from(self)

    def _dunning_get_sender_problem(self):
        """Return why no e-mail of the default program can leave, as a sentence; "": it can."""
        return self.dunning_program_id._get_sender_problem() if self.dunning_program_id else ""

    # === DOORS === #

    def _dunning_check_start(self):
        """Refuse who is no dunning manager: a client may call a public method on any ids."""
        self.ensure_one()
        self.check_access("read")
        if self not in self.env.companies or not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only dunning managers set up dunning."))

    def action_dunning_close_start(self):
        """Close the list of the first steps in this company, for everybody."""
        self._dunning_check_start()
        self.sudo().dunning_start_closed = True
        return True

    def action_dunning_start(self, name=None):
        """Open the place where a step is done.

        :param name: of the step
        """
        self._dunning_check_start()
        doors = {
            "switch_on": self._dunning_open_settings,
            "since": self._dunning_open_settings,
            "program": self._dunning_open_program,
            "texts": self._dunning_open_texts,
            "sender": self._dunning_open_program,
            "test": self._dunning_open_test,
            "simulate": self.action_dunning_simulate_today,
            "automatic": self._dunning_open_program,
        }
        if name not in doors:
            raise UserError(self.env._("There is no such step."))
        return doors[name]()

    def action_dunning_simulate_today(self):
        """Show what the company's programs would remind today, without sending anything."""
        self.ensure_one()
        self.check_access("read")
        self.env["dunning.run"].check_access("create")
        return self.env["dunning.program"]._open_simulation(self)

    def _dunning_open_settings(self):
        if not self.env.user.has_group("base.group_system"):
            raise UserError(
                self.env._("Settings are for administrators: ask one to switch on dunning.")
            )
        return self.env["ir.actions.act_window"]._for_xml_id(
            "account_recurrence_dunning.recurrence_dunning_settings_action"
        )

    def _dunning_open_program(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": "dunning.program",
            "res_id": self.sudo().dunning_program_id.id,
            "views": [(False, "form")],
        }

    def _dunning_open_texts(self):
        levels = self.sudo().dunning_program_id.level_ids.filtered("active").sorted("days")
        if not levels:
            return self._dunning_open_program()
        return levels[0].sudo(False).action_open_preview()

    def _dunning_open_test(self):
        levels = self.sudo().dunning_program_id.level_ids.filtered("number").sorted("days")
        move = levels[:1]._find_sample_move() if levels else self.env["account.move"]
        if not move:
            raise UserError(
                self.env._("A test is about an open invoice, and there is none yet: post one.")
            )
        return move.sudo(False).action_dunning_test()

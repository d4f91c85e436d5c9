from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command

from ...models.common.client_action import open_dialog
from ...tools.dunning.ladder import find_overtaking, numbered

LADDER_FIELDS = ("days", "gap", "repeat_every", "repeat_max", "counts", "active")


class DunningChange(models.TransientModel):
    """Shows the effect of a change before it is made: of a ladder, or of who follows which one.

    Due lines keep their place: each goes on with the first level whose days exceed those of the
    last one it got (rule 12).
    """

    _name = "dunning.change"
    _description = "Effect of Changes to a Program"
    _inherit = "recurrence.dunning.own.record.mixin"
    _dialog_about = ("program_id", "company_id", "day")

    kind = fields.Selection(
        [
            ("ladder", "Levels of the program"),
            ("default", "Default program of the company"),
            ("partner", "Program of a customer"),
        ],
        required=True,
        readonly=True,
    )
    program_id = fields.Many2one("dunning.program", required=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    day = fields.Date(readonly=True)
    line_ids = fields.One2many("dunning.change.line", "change_id", context={"active_test": False})
    is_changed = fields.Boolean(
        readonly=True, help="There is an effect to show: something differs from what holds now."
    )
    order_warning = fields.Text(
        string="Changed Order",
        compute="_compute_order_warning",
        help="Levels that come before others now, although they came after them.",
    )
    standing_0 = fields.Integer(string="Not Yet Reminded", readonly=True)
    total_before = fields.Integer(readonly=True)
    total_after = fields.Integer(readonly=True)

    @api.model
    def _open(self, kind, program, partner=None):
        """Return the dialog with the effect of the change as it is chosen at first.

        :param kind: what changes
        :param program: the program whose ladder changes, or that is followed from now on
        :param partner: the commercial partner whose program changes
        """
        if partner:
            partner._check_dunning_writable()
        else:
            program.check_access("write")
        company = program.company_id
        change = self.create(
            {
                "kind": kind,
                "program_id": program.id,
                "partner_id": partner and partner.id,
                "company_id": company.id,
                "day": company._get_job_today() + timedelta(days=1),
            }
        )
        if kind == "ladder":
            change.line_ids = [
                Command.create(change._get_line_values(level))
                for level in program.level_ids.sorted("days")
            ]
        return change.action_show()

    @api.model
    def _get_line_values(self, level):
        values = {name: level[name] for name in LADDER_FIELDS}
        return {**values, "level_id": level.id, "name": level.name, "number": level.number}

    @api.onchange("line_ids")
    def _onchange_line_ids(self):
        # a computed number would not be sent for the rows that were not edited
        if self.kind == "ladder":
            self._number_lines()

    def _number_lines(self):
        """Give each level the number that it will have."""
        lines = self.line_ids
        levels = (line._get_ladder_level(place) for place, line in enumerate(lines))
        for level in numbered(levels):
            lines[level.id].number = level.number

    @api.depends("kind", "line_ids.days", "line_ids.active", "line_ids.name")
    def _compute_order_warning(self):
        for change in self:
            lines = change.line_ids if change.kind == "ladder" else change.line_ids.browse()
            lines = {line.level_id.id: line for line in lines if line.level_id}
            before = [line.level_id._get_ladder_level() for line in lines.values()]
            after = [line._get_ladder_level(key) for key, line in lines.items()]
            change.order_warning = "\n".join(
                self.env._(
                    "“%(first)s” comes before “%(second)s” now.",
                    first=lines[first.id].name,
                    second=lines[second.id].name,
                )
                for first, second in find_overtaking(before, after)
            )

    def action_show(self):
        """Find the effect of what is chosen now and show it; nothing is changed."""
        self._check_dialog()
        self.ensure_one()
        self._find_effect()
        titles = {
            True: self.env._("Effect of these changes"),
            False: self.env._("Change the levels"),
        }
        return open_dialog(self, titles[self.is_changed])

    def action_apply(self):
        """Make the change."""
        self._check_dialog()
        self.ensure_one()
        self._apply()
        return {"type": "ir.actions.act_window_close"}

    def _find_effect(self):
        """Fill the counts of the lines from the engine's decisions for the day."""
        followed = self._get_followed()
        standing, before, after = self.company_id._dunning_compare(
            self.day,
            self._apply,
            followed | self.program_id,
            partners=self.partner_id,
        )
        if self.kind == "ladder":
            self._number_lines()
        else:
            self._list_levels(followed)
        for line in self.line_ids:
            key = line.level_id.id or f"new-{line.id}"
            line.write(
                {
                    "standing": standing[line.level_id.number] if line.level_id.number else 0,
                    "before": before[key],
                    "after": after[key],
                }
            )
        self.write(
            {
                "standing_0": standing[0],
                "total_before": sum(before.values()),
                "total_after": sum(after.values()),
                "is_changed": self.kind != "ladder"
                or any(line._is_changed() for line in self.line_ids),
            }
        )

    def _get_followed(self):
        """Return the program that is followed before the change."""
        if self.kind == "default":
            return self.company_id.dunning_program_id
        if self.kind == "partner":
            return self.partner_id.with_company(self.company_id).dunning_effective_program_id
        return self.program_id

    def _list_levels(self, followed):
        """Show the levels of the program followed so far and of the one to come."""
        levels = (followed | self.program_id).level_ids.filtered("active")
        levels = levels.sorted(lambda level: (level.program_id != followed, level.days))
        commands = [Command.create(self._get_line_values(level)) for level in levels]
        self.line_ids = [Command.clear(), *commands]

    def _apply(self):
        """Make the change; also called to try it out.

        :return: ``{key: level}`` of the levels made
        """
        self.ensure_one()
        if self.kind == "default":
            self.program_id._set_default()
        elif self.kind == "partner":
            self.partner_id.with_company(self.company_id).write(
                {"dunning_policy": "own", "dunning_program_id": self.program_id.id}
            )
        else:
            return self._change_ladder()
        return {}

    def _change_ladder(self):
        """Write the levels of the dialog into the program."""
        existing = self.line_ids.filtered("level_id")
        added = self.line_ids - existing
        commands = [
            Command.update(line.level_id.id, line._get_values())
            for line in existing
            if line._is_changed()
        ]
        commands += [Command.create(line._get_values()) for line in added]
        before = self.program_id.level_ids
        if commands:
            self.program_id.write({"level_ids": commands})
        made = self.program_id.level_ids - before
        return {
            f"new-{line.id}": level for line, level in zip(added, made.sorted("id"), strict=True)
        }

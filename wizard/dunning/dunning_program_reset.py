from odoo import api, fields, models
from odoo.fields import Command

from ...models.common.client_action import open_dialog

# What Reset compares and sets back, by the kind of change it is listed under.
DAYS_FIELDS = ("days", "gap", "repeat_every", "repeat_max")
TEXT_FIELDS = ("name", "mail_template_id", "title", "header_html", "footer_html", "channel")
TEMPLATE_FIELDS = ("subject", "body_html")


class DunningProgramReset(models.TransientModel):
    """Sets a program back to the shipped levels; lists what changes, each with a tick (D3).

    Levels that were used are archived, others removed. Where each due line stands is kept: it
    goes on with the first level whose days exceed those of the last one it got.
    """

    _name = "dunning.program.reset"
    _description = "Reset of a Dunning Program"
    _inherit = "recurrence.dunning.own.record.mixin"

    program_id = fields.Many2one(
        "dunning.program", required=True, readonly=True, ondelete="cascade"
    )
    line_ids = fields.One2many("dunning.program.reset.line", "reset_id")
    is_same = fields.Boolean(compute="_compute_is_same")

    @api.depends("line_ids")
    def _compute_is_same(self):
        for reset in self:
            reset.is_same = not reset.line_ids

    @api.model
    def _open(self, program):
        """Return the dialog with the changes found."""
        program.check_access("write")
        values = [Command.create(values) for values in self._find_changes(program)]
        reset = self.sudo().create({"program_id": program.id, "line_ids": values})
        return open_dialog(reset, self.env._("Reset %(program)s", program=program.name))

    @api.model
    def _find_changes(self, program):
        """Return the values of the lines: what differs from the shipped levels."""
        changes = []
        kept = self.env["dunning.level"]
        names = self.env["dunning.program"]._get_shipped_names(program.kit)
        for default in self.env["dunning.program"]._get_level_values(program.kit):
            found = program.level_ids.filtered(
                lambda level, key=default["default_key"]: level.default_key == key
            ).sorted(lambda level: not level.active)
            level = found[:1]
            kept |= level
            if not level:
                changes.append(self._get_added(default))
            else:
                changes += self._compare(level, default, names[default["default_key"]])
        for level in (program.level_ids - kept).filtered("active"):
            changes.append(self._get_surplus(level))
        return changes + self._find_text_changes(kept.mail_template_id)

    @api.model
    def _get_added(self, default):
        return {
            "kind": "level",
            "label": self.env._(
                "Add “%(level)s”, %(when)s",
                level=default["name"],
                when=self.env["dunning.level"]._get_sentence(default["days"]),
            ),
            "values": default,
        }

    @api.model
    def _get_surplus(self, level):
        values = {"kind": "level", "level_id": level.id, "values": {"active": False}}
        if level.is_used:
            label = self.env._("Archive “%(level)s”, which was used", level=level.name)
        else:
            label = self.env._("Remove “%(level)s”, which was never used", level=level.name)
        return {**values, "label": label}

    @api.model
    def _compare(self, level, default, names):
        """Return what differs between a level and its shipped values.

        :param names: the names it was shipped with, in each language
        """
        changes = []
        if not level.active:
            label = self.env._("Bring back “%(level)s”", level=level.name)
            changes.append({"kind": "level", "label": label, "values": {"active": True}})
        days = {name: default.get(name, 0) for name in DAYS_FIELDS}
        if any(level[name] != value for name, value in days.items()):
            changes.append(
                {"kind": "days", "label": self._get_days_label(level, days), "values": days}
            )
        changes += self._compare_texts(level, default, names)
        return [{**change, "level_id": level.id} for change in changes]

    @api.model
    def _compare_texts(self, level, default, names):
        """Return the change, if any, that gives a level its shipped texts and channel."""
        texts = {"channel": "email", **{name: default.get(name, False) for name in TEXT_FIELDS}}
        texts["channel"] = texts["channel"] or "email"
        if level.name in names:
            texts["name"] = level.name
        current = level._convert_to_write({name: level[name] for name in TEXT_FIELDS})
        differing = [name for name in TEXT_FIELDS if (current[name] or False) != texts[name]]
        if not differing:
            return []
        labels = [level._fields[name]._description_string(self.env) for name in differing]
        label = self.env._(
            "“%(level)s” back to the default: %(fields)s",
            level=level.name,
            fields=", ".join(labels),
        )
        return [{"kind": "text", "label": label, "values": texts}]

    @api.model
    def _get_days_label(self, level, days):
        """Return old and new days of a level in words."""
        if level.days != days["days"]:
            return self.env._(
                "“%(level)s”: %(old)s → %(new)s",
                level=level.name,
                old=level.sentence,
                new=level._get_sentence(days["days"]),
            )
        return self.env._(
            "“%(level)s”: gap in days %(old)s → %(new)s, repetitions %(repeat)s → %(new_repeat)s",
            level=level.name,
            old=level.gap,
            new=days["gap"],
            repeat=level.repeat_max,
            new_repeat=days["repeat_max"],
        )

    @api.model
    def _find_text_changes(self, templates):
        """Return the shipped messages whose text was edited.

        Found by resetting them in a savepoint that is rolled back: what the file holds is known
        to Odoo's own reset only.
        """
        changed = templates.browse()
        # Whoever may change the program may set its shipped messages back, nothing else.
        shipped = templates.sudo().filtered("template_fs")
        before = {template: [template[name] for name in TEMPLATE_FIELDS] for template in shipped}
        with self.env.cr.savepoint() as savepoint:
            shipped.reset_template()
            for template in shipped:
                if [template[name] for name in TEMPLATE_FIELDS] != before[template]:
                    changed |= template
            savepoint.rollback()
        return [
            {
                "kind": "text",
                "label": self.env._(
                    "Text of the message “%(name)s”, for all programs that use it",
                    name=template.name,
                ),
                "template_id": template.id,
                "is_chosen": False,
            }
            for template in changed
        ]

    def action_apply(self):
        """Make the changes that are ticked."""
        self._check_dialog()
        self.ensure_one()
        self.program_id.check_access("write")
        for line in self.line_ids.filtered("is_chosen"):
            line._apply()
        return {"type": "ir.actions.act_window_close"}

from odoo import fields, models


class DunningProgramSchedule(models.Model):
    """One line of weekdays and an hour at which a program runs."""

    _name = "dunning.program.schedule"
    _description = "Dunning Program Schedule"
    _order = "program_id, hour, id"
    _check_company_auto = True

    program_id = fields.Many2one("dunning.program", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="program_id.company_id", store=True, index=True)
    active = fields.Boolean(default=True)
    mon = fields.Boolean("Mo", default=True)
    tue = fields.Boolean("Tu", default=True)
    wed = fields.Boolean("We", default=True)
    thu = fields.Boolean("Th", default=True)
    fri = fields.Boolean("Fr", default=True)
    sat = fields.Boolean("Sa")
    sun = fields.Boolean("Su")
    hour = fields.Float(default=8.0, required=True, help="In the time zone of the company's jobs.")
    level_ids = fields.Many2many(
        "dunning.level",
        "dunning_program_schedule_level_rel",
        string="Levels",
        domain="[('program_id', '=', program_id)]",
        help="Empty: all levels of the program.",
    )
    last_run = fields.Datetime(readonly=True, copy=False)

    _hour_valid = models.Constraint(
        "CHECK (hour >= 0 AND hour < 24)", "The hour must lie between 0:00 and 23:59."
    )

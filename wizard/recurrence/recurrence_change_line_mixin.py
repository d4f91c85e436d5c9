from odoo import fields, models
from odoo.exceptions import UserError


class RecurrenceChangeLineMixin(models.AbstractModel):
    """One recurring invoice as it is and as it would be."""

    _name = "recurrence.change.line.mixin"
    _description = "Recurring Invoice Before and After"
    _inherit = "recurrence.dunning.own.record.mixin"

    schedule_id = fields.Many2one(
        "recurrence.schedule", string="Recurrence", required=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        related="schedule_id.partner_id", related_sudo=False, string="Customer"
    )
    now = fields.Char(string="Next Invoice Now")
    then = fields.Char(string="Next Invoice Then")
    rule = fields.Char(string="New Rule")
    effect = fields.Text(string="Also")
    problem = fields.Text(string="Not Possible")
    is_done = fields.Boolean(string="Changed")

    def _check_shown(self, shown):
        """Refuse what is not as it was shown."""
        schedule = self.schedule_id
        if schedule._describe_facts(schedule._get_facts()) != shown:
            raise UserError(self.env._("It has changed since this was shown."))

    def _get_change(self):
        """Return what the recurring invoice becomes, a ``ScheduleChange``.

        :raise UserError: it is not what was shown any more
        """
        raise NotImplementedError

    def _apply(self):
        """Change one recurring invoice, or say why it stays."""
        try:
            with self.env.cr.savepoint():
                schedule = self.schedule_id
                self._check_shown(self.now)
                schedule._change_as(self._get_change())
                self._check_shown(self.then)
                text = self.env._(
                    "Changed together with others. Next invoice: %(now)s, before: %(before)s.",
                    now=self.then,
                    before=self.now,
                )
                schedule._message_log(body=" ".join(filter(None, (text, self.effect))))
            self.is_done = True
        except UserError as error:
            self.problem = str(error)

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.base.models.res_partner import _tz_get


class RecurrenceSubjectMixin(models.AbstractModel):
    """What an interaction is about and what the responsible shall do."""

    _name = "recurrence.subject.mixin"
    _description = "Subject of a Recurrence"

    # The activity mixin has a computed field of this name (the type of the next activity). Here it
    # is a choice, so nothing of that one may be inherited.
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        string="Activity Type",
        related=None,
        compute=None,
        search=None,
        store=True,
        readonly=False,
        groups=None,
        ondelete="restrict",
        default=lambda self: self.env.ref("mail.mail_activity_data_todo", False),
    )
    summary = fields.Char()
    lead_days = fields.Integer(
        string="Days Ahead",
        help="The activity, or the draft, is created so many days before the date.",
    )
    subject = fields.Selection(
        [
            ("none", "Nothing in particular"),
            ("partner", "The contact"),
            ("record", "A record"),
            ("filter", "A saved filter"),
        ],
        string="About",
        required=True,
        default="none",
    )
    res_model = fields.Char(string="Model of the Record")
    res_id = fields.Many2oneReference(string="Record", model_field="res_model")
    record_ref = fields.Reference(
        selection="_selection_record_ref",
        string="Which Record",
        compute="_compute_record_ref",
        readonly=False,
    )
    filter_id = fields.Many2one("ir.filters", string="Saved Filter", ondelete="restrict")
    filter_mode = fields.Selection(
        [("one", "One activity for all"), ("each", "One activity each (at most 50)")],
        required=True,
        default="one",
    )
    meeting_hour = fields.Float(string="Starts At", default=9.0)
    meeting_tz = fields.Selection(
        _tz_get, string="Time Zone", default=lambda self: self.env.user.tz or "UTC"
    )
    activity_category = fields.Selection(related="activity_type_id.category")
    meeting_duration = fields.Float(string="Duration", default=1.0)
    meeting_location = fields.Char(string="Location")
    meeting_partner_ids = fields.Many2many("res.partner", string="Attendees")

    # === COMPUTES === #

    @api.model
    def _selection_record_ref(self):
        """Return the kinds of records that take activities."""
        kinds = (
            self.env["ir.model"]
            .sudo()
            .search([("is_mail_activity", "=", True), ("transient", "=", False)], order="name")
        )
        return [(kind.model, kind.name) for kind in kinds if kind.model in self.env]

    @api.depends("res_model", "res_id")
    def _compute_record_ref(self):
        for schedule in self:
            known = schedule.res_model in self.env and schedule.res_id
            schedule.record_ref = f"{schedule.res_model},{schedule.res_id}" if known else False

    # === CONSTRAINTS === #

    @api.constrains("lead_days", "meeting_hour", "meeting_duration")
    def _check_numbers(self):
        for schedule in self:
            if not 0 <= schedule.lead_days <= 366:
                raise ValidationError(self.env._("Days ahead must be between 0 and 366."))
            if not 0 <= schedule.meeting_hour < 24 or schedule.meeting_duration <= 0:
                raise ValidationError(
                    self.env._("A meeting starts between 0:00 and 23:59 and lasts some time.")
                )

    @api.constrains("target", "subject", "partner_id", "res_model", "res_id", "filter_id")
    def _check_subject(self):
        for schedule in self.filtered(lambda s: s.target == "interaction"):
            self.env["recurrence.interaction"]._check_subject(schedule)

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._split_record_ref(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._split_record_ref(vals))

    @api.model
    def _split_record_ref(self, vals):
        """Turn the picked record into model and id before the constraints look at them."""
        if "record_ref" not in vals:
            return vals
        vals = dict(vals)
        model, _comma, res_id = str(vals.pop("record_ref") or "").partition(",")
        return {**vals, "res_model": model or False, "res_id": int(res_id or 0)}

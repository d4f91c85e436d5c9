from functools import partial

from babel.units import format_unit

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.recurrence.document import find_kinds
from ...tools.recurrence.rule import RuleError
from ...tools.recurrence.start import FOLLOWING_FIELDS
from ..common.client_action import open_dialog
from .recurrence_rule_mixin import RULE_FIELDS, WEEKDAY_FIELDS

# On which days something repeats, as far as its start does not say it.
PLACE_FIELDS = (*WEEKDAY_FIELDS, *FOLLOWING_FIELDS, "more_days", "more_weekdays")


class RecurrenceScheduleKindMixin(models.AbstractModel):
    """Kinds of recurring invoices, such as "Maintenance monthly" (R14).

    A kind is a recurring invoice without a customer that never starts: its lines, rule, modes and
    texts are composed in the same forms, and those of customers are made from it. Like a template
    it is left out of searches, unless these name ``is_kind`` or the records by their ids.
    """

    _name = "recurrence.schedule.kind.mixin"
    _inherit = ["recurrence.hidden.mixin", "recurrence.dunning.system.field.mixin"]
    _description = "Kinds of Recurring Invoices"

    is_kind = fields.Boolean(
        string="Is a Kind",
        readonly=True,
        system="once",
        help="It is never issued: recurring invoices of customers are made from it.",
    )
    kind_day = fields.Selection(
        [("start", "The day on which each one starts"), ("rule", "The same for all")],
        string="Day",
        required=True,
        default="start",
    )
    kind_id = fields.Many2one(
        "recurrence.schedule",
        string="Invoice Kind",
        readonly=True,
        copy=False,
        system=True,
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        domain=[("is_kind", "=", True)],
        help="What it was made from; changes to the kind are offered to it.",
    )
    # who sees a kind is told how many there are, whatever of them that user may read
    member_count = fields.Integer(
        string="Recurrences", compute="_compute_member_count", compute_sudo=True
    )
    outdated_count = fields.Integer(
        string="Not Up to Date", compute="_compute_member_count", compute_sudo=True
    )

    _kind_state_check = models.Constraint(
        "CHECK (is_kind IS NOT TRUE OR state = 'draft')",
        "A kind of recurring invoices is never issued itself.",
    )

    # === HIDING === #

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        search = partial(super()._search, offset=offset, limit=limit, order=order, **kwargs)
        return self._recurrence_search(search, Domain(domain).map_conditions(_name_kinds))

    # === COMPUTES === #

    @api.depends("is_kind")
    def _compute_member_count(self):
        kinds = self.filtered("is_kind")
        counts = dict.fromkeys(kinds.ids, (0, 0))
        if kinds:
            members = self._read_group(
                [("kind_id", "in", kinds.ids), ("state", "!=", "finished")],
                ["kind_id", "kind_key"],
                ["__count"],
            )
            keys = {kind.id: kind._get_kind_key() for kind in kinds}
            for kind, key, count in members:
                total, behind = counts[kind.id]
                behind += count if key != keys[kind.id] else 0
                counts[kind.id] = total + count, behind
        for schedule in self:
            found = counts.get(schedule._origin.id, (0, 0))
            schedule.member_count, schedule.outdated_count = found

    @api.depends("is_kind", "kind_day", *RULE_FIELDS, "duration_number", "duration_unit")
    @api.depends_context("lang", "tz")
    def _compute_rule_summary(self):
        """Say of a kind how what is made from it repeats, without days that are not its own."""
        result = super()._compute_rule_summary()
        for kind in self.filtered("is_kind"):
            try:
                rule = kind._get_rule()
                rule.validate()
            except RuleError:
                continue
            if kind._follows_start():
                kind.rule_cycle = kind._describe_kind_cycle(rule)
            texts = kind.rule_cycle, kind._describe_kind_end(rule)
            kind.rule_summary = " ".join(filter(None, texts))
        return result

    def _follows_start(self):
        """Whether what is made from this kind repeats on the day of its own start."""
        return self.kind_day == "start" or self.rrule_type == "yearly"

    def _describe_kind_cycle(self, rule):
        number = rule.interval
        texts = {
            "daily": (
                self.env._("Every day."),
                self.env._("Every %(interval)s days.", interval=number),
            ),
            "weekly": (
                self.env._("Every week on the weekday of the start."),
                self.env._(
                    "Every %(interval)s weeks on the weekday of the start.", interval=number
                ),
            ),
            "monthly": (
                self.env._("Every month on the day of the start."),
                self.env._("Every %(interval)s months on the day of the start.", interval=number),
            ),
            "yearly": (
                self.env._("Every year on the day of the start."),
                self.env._("Every %(interval)s years on the day of the start.", interval=number),
            ),
        }
        return texts[rule.rrule_type][number > 1]

    def _describe_kind_end(self, rule):
        if rule.end_type == "count" and rule.count == 1:
            return self.env._("Once.")
        if rule.end_type == "count":
            return self.env._("%(count)s times.", count=rule.count)
        if rule.end_type != "end_date":
            return ""
        if not self.duration_number:
            return self.env._("Until %(date)s.", date=format_date(self.env, rule.until))
        duration = format_unit(
            self.duration_number,
            f"duration-{self.duration_unit.removesuffix('s')}",
            locale=self._get_rule_locale(),
        )
        return self.env._("For %(duration)s.", duration=duration)

    # === CHECKS === #

    @api.constrains("is_kind", "target", "template_move_id")
    def _check_kind(self):
        for kind in self.filtered("is_kind"):
            document = kind.document_type or "out_invoice"
            if kind.target != "invoice" or document not in find_kinds("sale"):
                raise ValidationError(
                    self.env._("Only recurring invoices to customers can have a kind.")
                )

    def _check_not_kind(self):
        """Refuse what a kind cannot do.

        :raise UserError: it is a kind
        """
        kind = self.filtered("is_kind")[:1]
        if kind:
            raise UserError(
                self.env._(
                    "%(name)s is a kind: it is not issued itself. Make recurring invoices for "
                    "customers from it.",
                    name=kind.name,
                )
            )

    def _check_startable(self):
        self._check_not_kind()
        return super()._check_startable()

    def _add_date(self, day):
        self._check_not_kind()
        return super()._add_date(day)

    def action_finish(self):
        """End the schedules; a kind has nothing to end."""
        self.check_access("write")
        self._check_not_kind()
        return super().action_finish()

    # === ACTIONS === #

    def _get_form_action(self):
        if self.is_kind:
            return self.action_open_template()
        return super()._get_form_action()

    def get_formview_action(self, access_uid=None):
        """Open a kind in the invoice form, where it is composed."""
        if len(self) == 1 and self.is_kind:
            return self.template_move_id.get_formview_action(access_uid=access_uid)
        return super().get_formview_action(access_uid=access_uid)

    def action_open_members(self):
        """Open the recurring invoices that were made from a kind."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_recurrence_dunning.recurrence_schedule_action_invoice"
        )
        action.update(domain=[("kind_id", "=", self.id)], display_name=self.name)
        return action

    def _get_update_title(self):
        return self.env._("Changes to %(name)s", name=self.name)

    def action_open_kind_update(self):
        """Open the dialog that offers the changes of a kind to what was made from it."""
        self.check_access("write")
        self.ensure_one()
        if not self.is_kind:
            raise UserError(self.env._("%(name)s is not a kind.", name=self.name))
        return open_dialog(
            self.env["recurrence.kind.update"],
            self._get_update_title(),
            context={"default_kind_id": self.id, "dialog_size": "extra-large"},
        )


def _name_kinds(condition):
    """Let a condition on the kind find kinds, which a search by name would leave out.

    :param condition: part of a domain on recurrences, as ``Domain.map_conditions`` gives it
    """
    head, _dot, rest = condition.field_expr.partition(".")
    operator, value = condition.operator, condition.value
    if head != "kind_id":
        return condition
    if rest:
        return Domain(
            "kind_id", "any", Domain("is_kind", "=", True) & Domain(rest, operator, value)
        )
    is_negative = operator in Domain.NEGATIVE_OPERATORS
    if isinstance(value, str):
        operator = {"!=": "=", "not in": "in"}.get(operator, operator.removeprefix("not "))
        wanted = Domain("display_name", operator, value)
    elif operator in ("any", "not any") and isinstance(value, list | tuple | Domain):
        wanted = Domain(value)
    else:
        return condition
    wanted &= Domain("is_kind", "=", True)
    return Domain("kind_id", "not any" if is_negative else "any", wanted)

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

# What a row bills with; it stays as it is once it is billed.
BILLED_FIELDS = {"quantity_id", "schedule_id", "partner_id", "day", "used"}


class RecurrenceUsage(models.Model):
    """What a customer used on a day. Entered, or imported from a file by Odoo's import."""

    _name = "recurrence.usage"
    _description = "Usage"
    _inherit = "recurrence.dunning.own.record.mixin"
    _order = "day desc, id desc"
    _check_company_auto = True

    quantity_id = fields.Many2one(
        "recurrence.quantity",
        string="Billable Quantity",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('source', '=', 'usage')]",
        check_company=True,
    )
    partner_id = fields.Many2one("res.partner", string="Customer", index=True)
    schedule_id = fields.Many2one(
        "recurrence.schedule",
        string="Recurrence",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('target', '=', 'invoice')]",
        check_company=True,
        help="In a file the customer is enough, where one recurring invoice bills the quantity.",
    )
    company_id = fields.Many2one(
        related="quantity_id.company_id", string="Company", store=True, index=True
    )
    day = fields.Date(required=True, index=True)
    used = fields.Float(string="Quantity", required=True, min_display_digits=0)
    unit = fields.Char(related="quantity_id.unit")
    reference = fields.Char(
        help="The number of the row where it comes from. A row is never imported twice.",
        copy=False,
    )
    note = fields.Char()
    occurrence_id = fields.Many2one(
        "recurrence.occurrence",
        string="Billed On",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    move_id = fields.Many2one(related="occurrence_id.move_id", string="Invoice")
    is_open = fields.Boolean(
        string="Not Billed", compute="_compute_is_open", search="_search_is_open"
    )

    _reference_uniq = models.UniqueIndex(
        "(quantity_id, reference) WHERE reference IS NOT NULL",
        "A row with this reference is there already.",
    )
    _day_uniq = models.UniqueIndex(
        "(quantity_id, schedule_id, day) WHERE reference IS NULL",
        "There is a row of this day already. Give each row a reference, or change that one.",
    )

    @api.depends("quantity_id.name", "day")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for row in self:
            day = fields.Date.to_string(row.day)
            row.display_name = ", ".join(filter(None, (row.quantity_id.name, day)))

    @api.constrains("quantity_id", "schedule_id", "partner_id")
    def _check_what_is_billed(self):
        found = self.quantity_id._find_lines()
        for row in self.sudo():
            quantity, schedule = row.quantity_id, row.schedule_id
            if quantity.source != "usage":
                raise ValidationError(
                    self.env._("%(name)s is not imported usage.", name=quantity.name)
                )
            lines = found.get(quantity.with_env(self.env), row.env["account.move.line"])
            if schedule.template_move_id not in lines.move_id:
                raise ValidationError(
                    self.env._(
                        "%(name)s has no line that bills %(quantity)s.",
                        name=schedule.name,
                        quantity=quantity.name,
                    )
                )
            if row.partner_id.commercial_partner_id != schedule.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(name)s bills %(customer)s, not %(other)s.",
                        name=schedule.name,
                        customer=schedule.partner_id.display_name,
                        other=row.partner_id.display_name,
                    )
                )

    @api.depends("occurrence_id.state", "occurrence_id.move_id.state")
    def _compute_is_open(self):
        found = self.filtered_domain(self._get_open_domain())
        for row in self:
            row.is_open = row in found

    @api.model
    def _search_is_open(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._get_open_domain()
        return Domain.OR(domain if choice else ~domain for choice in value)

    # === CRUD === #

    @api.model
    def load(self, fields, data):
        """Import a file; a row that stands twice in it is refused, not taken for a new version."""
        self.browse().check_access("create")
        return super(RecurrenceUsage, self.with_context(recurrence_loaded={})).load(fields, data)

    @api.model_create_multi
    def create(self, vals_list):
        """A file that is imported again changes the rows that are there already."""
        defaults = self.default_get(["quantity_id", "day"])
        vals_list = [self._get_whole({**defaults, **vals}) for vals in vals_list]
        self._find_schedules(vals_list)
        keys = [self._get_key(vals) for vals in vals_list]
        self._refuse_twice(keys)
        there = self._find_imported(vals_list)
        pairs = list(zip(keys, vals_list, strict=True))
        new = iter(super().create([vals for key, vals in pairs if key not in there]))
        rows = self.browse()
        for key, vals in pairs:
            if key in there:
                there[key]._change_imported(vals)
            rows += there.get(key) or next(new)
        self._note_loaded(keys, rows)
        rows._release()
        return rows

    def write(self, vals):
        if not BILLED_FIELDS.isdisjoint(vals):
            self._check_not_billed()
        if vals.get("schedule_id") and "partner_id" not in vals:
            schedule = self.env["recurrence.schedule"].browse(vals["schedule_id"])
            vals = {**vals, "partner_id": schedule.sudo().partner_id.id}
        if "reference" in vals:
            vals = {**vals, "reference": (vals["reference"] or "").strip() or False}
        result = super().write(vals)
        if not BILLED_FIELDS.isdisjoint(vals):
            self._release()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_billed(self):
        self._check_not_billed()

    @api.model
    def _get_whole(self, vals):
        """Return the values of a row in order; refuse one that lacks something."""
        self._check_bounds(vals)
        # an empty reference is none: rows without one are told apart by their day
        vals = {**vals, "reference": (vals.get("reference") or "").strip() or False}
        for name in ("quantity_id", "day"):
            if not vals.get(name):
                label = self._fields[name]._description_string(self.env)
                raise ValidationError(self.env._("Usage needs: %(field)s.", field=label))
        if not (vals.get("schedule_id") or vals.get("partner_id")):
            raise ValidationError(self.env._("Usage needs a customer or a recurrence."))
        return vals

    @api.model
    def _find_schedules(self, vals_list):
        """Give each row its recurring invoice and its customer, in place.

        :raise ValidationError: a customer has none, or several, that bill the quantity
        """
        quantities = self.env["recurrence.quantity"].browse({v["quantity_id"] for v in vals_list})
        quantities.check_access("read")
        found = {}
        for quantity, lines in quantities._find_lines().items():
            for line in lines:
                schedule = line.move_id.recurrence_schedule_id
                customer = schedule.partner_id.commercial_partner_id
                if schedule.active and schedule.state in ("running", "paused"):
                    found.setdefault((quantity.id, customer.id), []).append((line, schedule))
        there = self._find_referenced(vals_list)
        for vals in vals_list:
            if not vals.get("schedule_id"):
                row = there.get((vals["quantity_id"], vals["reference"]))
                schedule = row.schedule_id if row else self._choose_schedule(vals, found)
                vals["schedule_id"] = schedule.id
            schedule = self.env["recurrence.schedule"].browse(vals["schedule_id"])
            vals["partner_id"] = vals.get("partner_id") or schedule.sudo().partner_id.id

    @api.model
    def _choose_schedule(self, vals, found):
        """Return the one recurring invoice of a customer that bills a quantity on a day.

        :param found: dict (quantity, customer) → list of (line, schedule), as ids and records
        """
        quantity = self.env["recurrence.quantity"].browse(vals["quantity_id"])
        partner = self.env["res.partner"].browse(vals["partner_id"]).sudo()
        customer = partner.commercial_partner_id
        day = fields.Date.to_date(vals["day"])
        schedules = {
            schedule
            for line, schedule in found.get((quantity.id, customer.id), ())
            if not (line.recurrence_until and line.recurrence_until < day)
        }
        if len(schedules) == 1:
            return schedules.pop()
        names = {"customer": customer.display_name, "quantity": quantity.name}
        if schedules:
            raise ValidationError(
                self.env._(
                    "%(customer)s has several recurring invoices with %(quantity)s: name the "
                    "recurrence.",
                    **names,
                )
            )
        raise ValidationError(
            self.env._("%(customer)s has no running recurring invoice with %(quantity)s.", **names)
        )

    # === IMPORT === #

    @api.model
    def _get_key(self, vals):
        """Return what a row of a file is known by: its reference, or who and its day."""
        if vals.get("reference"):
            return vals["quantity_id"], vals["reference"]
        day = fields.Date.to_date(vals["day"])
        return vals["quantity_id"], vals["schedule_id"], day

    @api.model
    def _refuse_twice(self, keys):
        """Refuse two rows of one file that are the same: the second would take the first's place.

        :raise ValidationError: naming the row
        """
        loaded = self.env.context.get("recurrence_loaded")
        if not isinstance(loaded, dict):
            return
        for number, key in enumerate(keys):
            # what Odoo has taken back to try the rows one by one is not there any more
            if key in keys[:number] or self.browse(loaded.get(key)).exists():
                raise ValidationError(
                    self.env._(
                        "%(row)s stands twice in the file. Give each row a reference of its own.",
                        row=str(key[-1]),
                    )
                )

    @api.model
    def _note_loaded(self, keys, rows):
        loaded = self.env.context.get("recurrence_loaded")
        if isinstance(loaded, dict):
            loaded.update(zip(keys, rows.ids, strict=True))

    @api.model
    def _find_referenced(self, vals_list):
        """Return the rows there are with the references of a file, by their keys."""
        if not self.env.context.get("import_file"):
            return {}
        rows = self.search(
            [
                ("quantity_id", "in", [vals["quantity_id"] for vals in vals_list]),
                ("reference", "in", [v["reference"] for v in vals_list if v["reference"]]),
            ]
        )
        return {(row.quantity_id.id, row.reference): row for row in rows}

    @api.model
    def _find_imported(self, vals_list):
        """Return the rows there are of a file, by their keys; none where it is no file."""
        if not self.env.context.get("import_file"):
            return {}
        rows = self.search(
            [
                ("quantity_id", "in", [vals["quantity_id"] for vals in vals_list]),
                ("schedule_id", "in", [vals["schedule_id"] for vals in vals_list]),
                ("reference", "=", False),
                ("day", "in", [vals["day"] for vals in vals_list]),
            ]
        )
        found = {(row.quantity_id.id, row.schedule_id.id, row.day): row for row in rows}
        return {**self._find_referenced(vals_list), **found}

    def _change_imported(self, vals):
        """Bring a row up to date with a file; what says the same is left as it is."""
        changed = {
            name: value
            for name, value in vals.items()
            if (field := self._fields[name]).convert_to_record(
                field.convert_to_cache(value, self), self
            )
            != self[name]
        }
        if changed:
            self.write(changed)

    # === BILLING === #

    @api.model
    def _get_open_domain(self):
        """Return which rows nothing bills, and no date has counted to nothing."""
        live = Domain("move_id.state", "in", ("draft", "posted"))
        counted = Domain("state", "=", "skipped") & Domain(
            "count_ids", "any", [("is_settled", "=", True)]
        )
        return Domain("occurrence_id", "=", False) | Domain(
            "occurrence_id", "not any", live | counted
        )

    def _check_not_billed(self):
        billed = (self - self.filtered_domain(self._get_open_domain())).sudo()[:1]
        if billed:
            raise UserError(
                self.env._(
                    "%(row)s is billed by %(invoice)s. Add a row with the difference.",
                    row=billed.display_name,
                    invoice=(billed.move_id or billed.occurrence_id).display_name,
                )
            )

    def _release(self):
        """Let what failed for want of usage be tried again: it may be there now.

        Not what waits for a person, as a date whose invoice was cancelled.
        """
        dates = self.env["recurrence.occurrence"].sudo()
        waiting = dates.search(
            [
                ("schedule_id", "in", self.schedule_id.ids),
                ("schedule_id.state", "=", "running"),
                ("state", "=", "failed"),
                ("is_held", "=", False),
                ("error_count", ">", 0),
            ]
        )
        if waiting:
            waiting.write({"retry_at": fields.Datetime.now()})
            waiting.schedule_id._wake_up()

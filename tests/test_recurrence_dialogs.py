from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import RecurrenceCommon

ADDON = "account_recurrence_dunning"
TARGETS = ("recurrence.schedule", "recurrence.occurrence")
SECRET = "Confidential plan"
SECRET_DATE = "2026-03-09"


@freeze_time("2026-03-02 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceDialogs(RecurrenceCommon):
    """No dialog tells of a schedule or date that its user may not see, at none of its doors.

    Generated from the registry: a new dialog or field is tried without being named here.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        other = (
            cls.env["res.company"].sudo().create({"name": "Other", "recurrence_dunning_tz": "UTC"})
        )
        admin = cls.new_employee("dialog_admin")
        cls.foreign = {}
        for company in cls.company, other:
            admin.sudo().company_ids += company
            schedule = (
                cls.env["recurrence.schedule"]
                .sudo()
                .create(
                    {
                        "name": SECRET,
                        "user_id": admin.id,
                        "company_id": company.id,
                        "date_start": date(2026, 3, 9),
                        "rrule_type": "weekly",
                    }
                )
                .with_user(admin)
            )
            schedule.sudo().action_generate()
            # made by somebody else as well
            cls.env.flush_all()
            for table in ("recurrence_schedule", "recurrence_occurrence"):
                cls.env.cr.execute(f"UPDATE {table} SET create_uid = %s", [admin.id])
            cls.foreign[company] = schedule
        cls.env.invalidate_all()
        groups = "base.group_user,account.group_account_invoice"
        cls.clerk = cls.new_employee("dialog_clerk", groups)

    def dialogs(self):
        """Return (model name, field, user, foreign records) for each link of each dialog."""
        for name, model in sorted(self.env.items()):
            if model._original_module != ADDON or not model._transient:
                continue
            for field in model._fields.values():
                if not field.relational or field.comodel_name not in TARGETS or not field.store:
                    continue
                for company, schedule in self.foreign.items():
                    # whoever issues invoices sees all of their own company
                    needs_invoicing = not model.with_user(self.employee).has_access("create")
                    if needs_invoicing and company == self.company:
                        continue
                    user = self.clerk if needs_invoicing else self.employee
                    records = schedule
                    if field.comodel_name == "recurrence.occurrence":
                        records = schedule.sudo().occurrence_ids[:1]
                    yield name, field, user, records

    def model_for(self, name, user):
        return self.env[name].with_user(user).with_context(allowed_company_ids=self.company.ids)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_every_dialog_checks_what_it_is_opened_on(self):
        tried = set()
        for name, field, user, records in self.dialogs():
            tried.add(name)
            model = self.model_for(name, user)
            many = field.type != "many2one"
            plain = records.ids if many else records.id
            forms = (
                [plain, [Command.set(records.ids)], [Command.link(records.id)]] if many else [plain]
            )
            for value in forms:
                for door in (
                    self.make,
                    self.change,
                    self.default,
                    self.type_in,
                    self.make_by_default,
                ):
                    with self.subTest(dialog=name, field=field.name, door=door.__name__):
                        with self.assertRaises(AccessError) as caught, self.env.cr.savepoint():
                            door(model, field.name, value)
                        self.assertNotIn(SECRET, str(caught.exception))
                        self.assertNotIn("03/09/2026", str(caught.exception))
        self.assertGreaterEqual(len(tried), 8)
        self.assertIn("recurrence.occurrence.close", tried)

    def make(self, model, name, value):
        model.create({name: value}).read()

    def make_by_default(self, model, name, value):
        model.with_context(**{f"default_{name}": value}).create({}).read()

    def change(self, model, name, value):
        record = self.own_record(model)
        record.write({name: value})
        record.read()

    def own_record(self, model):
        """Return a dialog of the user about a schedule that is his."""
        schedule = (
            self.env["recurrence.schedule"]
            .sudo()
            .create({"name": "Mine", "user_id": model.env.uid, "company_id": self.company.id})
        )
        occurrence = (
            self.env["recurrence.occurrence"]
            .sudo()
            .create({"schedule_id": schedule.id, "rule_date": "2026-03-04", "date": "2026-03-04"})
        )
        mine = {"recurrence.schedule": schedule, "recurrence.occurrence": occurrence}
        vals = {}
        for field in model._fields.values():
            is_row = field.type == "many2one" and field.required
            if is_row and self.env[field.comodel_name]._transient:
                # the dialog that the row stands in
                vals[field.name] = self.own_record(model.env[field.comodel_name]).id
            elif field.relational and field.comodel_name in TARGETS and field.store:
                record = mine[field.comodel_name]
                vals[field.name] = record.id if field.type == "many2one" else record.ids
            elif field.type == "date" and field.required:
                vals[field.name] = "2026-03-05"
            elif field.type == "selection" and field.required and not field.default:
                vals[field.name] = field.get_values(self.env)[0]
        if "line_ids" in model._fields:
            vals["line_ids"] = []
        return model.create(vals)

    def default(self, model, name, value):
        return model.with_context(**{f"default_{name}": value}).default_get(list(model._fields))

    def type_in(self, model, name, value):
        spec = {field: {} for field in model._fields}
        model.with_context(**{f"default_{name}": value}).onchange({}, [], spec)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_values_of_a_form_are_checked(self):
        for name, field, user, records in self.dialogs():
            model = self.model_for(name, user)
            value = [Command.set(records.ids)] if field.type != "many2one" else records.id
            spec = {field: {} for field in model._fields}
            with self.subTest(dialog=name, field=field.name), self.assertRaises(AccessError):
                model.onchange({field.name: value}, [field.name], spec)

    def test_own_dates_open(self):
        schedule = self.create_interaction()
        schedule.action_generate()
        for action in (
            schedule.action_open_generate(),
            schedule.action_open_regenerate(),
            schedule.action_open_pause(),
            schedule.action_open_finish(),
            schedule.action_open_add(),
            schedule.occurrence_ids[0].action_open_skip(),
            schedule.occurrence_ids[0].action_open_move(),
            schedule.occurrence_ids[0].action_open_close(),
        ):
            model = self.env[action["res_model"]].with_context(**action["context"])
            self.assertTrue(model.default_get(list(model._fields)))

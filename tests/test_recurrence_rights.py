import ast
import inspect
from datetime import date
from pathlib import Path

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import RecurrenceCommon, RecurrenceInvoiceCommon

ADDON = "account_recurrence_dunning"
RULES = "odoo.addons.base.models.ir_rule"
ACCESS = "odoo.addons.base.models.ir_model"
# Methods that are given the model, or the user, whose rights they ask for, or are of that user.
TAKE_A_USER = {"_check_domain_readable", "_check_filter_access", "_dunning_get_problem"}
CHECKS = {"has_access", "check_access", "_filtered_access", "has_group", "has_groups", "_has_group"}


@freeze_time("2026-03-02 10:00:00")
@tagged("post_install", "-at_install")
class TestUnreadableSubject(RecurrenceInvoiceCommon):
    """What a schedule is about is told to nobody who may not read it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.sudo().recurrence_dunning_tz = "UTC"
        cls.invoice = cls.init_invoice("out_invoice", amounts=[100], post=True)
        cls.employee = RecurrenceCommon.new_employee.__func__(cls, "rights_employee")
        cls.clerk = RecurrenceCommon.new_employee.__func__(
            cls, "rights_clerk", "base.group_user,account.group_account_invoice"
        )

    def create_as(self, user, **vals):
        schedules = self.env["recurrence.schedule"].with_user(user)
        return schedules.create(
            {
                "name": "Secret",
                "company_id": self.company.id,
                "date_start": date(2026, 3, 2),
                "rrule_type": "weekly",
                **vals,
            }
        )

    @mute_logger(RULES, ACCESS)
    def test_record_that_the_writer_may_not_read(self):
        about = {"subject": "record", "record_ref": f"account.move,{self.invoice.id}"}
        with self.assertRaisesRegex(
            ValidationError, "no longer exists, or you are not allowed to see it"
        ):
            self.create_as(self.employee, **about)
        schedule = self.create_as(self.employee)
        for vals in (
            about,
            {"subject": "record", "res_model": "account.move", "res_id": self.invoice.id},
            # first the record, unnoticed, then what makes it the subject
            {"res_model": "account.move", "res_id": self.invoice.id},
        ):
            with self.assertRaisesRegex(
                ValidationError, "no longer exists, or you are not allowed to see it"
            ):
                schedule.write(vals)

    @mute_logger(RULES, ACCESS)
    def test_contact_and_attendee_that_the_writer_may_not_read(self):
        other = self.env["res.company"].sudo().create({"name": "Other"})
        hidden = self.env["res.partner"].sudo().create({"name": "X", "company_id": other.id})
        with self.assertRaises(UserError):
            self.create_as(self.employee, subject="partner", partner_id=hidden.id)
        with self.assertRaises(UserError):
            self.create_as(self.employee, meeting_partner_ids=[Command.link(hidden.id)])

    @mute_logger(RULES, ACCESS)
    def test_responsible_who_may_not_read(self):
        schedule = self.create_as(
            self.clerk,
            subject="record",
            record_ref=f"account.move,{self.invoice.id}",
            user_id=self.employee.id,
        )
        schedule.action_generate()
        schedule.sudo()._run_due(date(2026, 3, 2))
        occurrence = schedule.occurrence_ids[0]
        self.assertFalse(occurrence.recurrence_activity_ids)
        self.assertEqual(occurrence.state, "failed")
        self.assertIn("is not allowed to see what this recurrence is about", occurrence.error)
        self.assertNotIn(self.invoice.name, occurrence.error)
        seen = schedule.with_user(self.employee)
        self.assertFalse(seen.record_ref)
        self.assertEqual(schedule.record_ref, self.invoice)
        self.assertNotIn(
            self.invoice.name, str(seen.web_read({"record_ref": {"fields": {"display_name": {}}}}))
        )

    @mute_logger(RULES, ACCESS)
    def test_right_that_is_lost_later(self):
        schedule = self.create_as(
            self.clerk, subject="record", record_ref=f"account.move,{self.invoice.id}"
        )
        schedule.action_generate()
        schedule.sudo()._run_due(date(2026, 3, 2))
        occurrence = schedule.occurrence_ids[0]
        self.assertEqual(occurrence.activity_id.res_name, self.invoice.display_name)
        self.clerk.sudo().group_ids -= self.env.ref("account.group_account_invoice")
        self.env.invalidate_all()
        schedule.sudo()._run_due(date(2026, 3, 3))
        activities = self.env["mail.activity"].with_user(self.clerk).search([])
        self.assertNotIn(self.invoice.name, str(activities.mapped("res_name")))
        self.assertFalse(occurrence.sudo().recurrence_activity_ids)
        self.assertEqual(occurrence.sudo().state, "failed")

    def test_deleted_contact_is_an_error(self):
        partner = self.env["res.partner"].create({"name": "Gone"})
        schedule = self.create_as(self.employee, subject="partner", partner_id=partner.id)
        schedule.action_generate()
        partner.sudo().unlink()
        self.env.invalidate_all()
        schedule.sudo()._run_due(date(2026, 3, 2))
        occurrence = schedule.occurrence_ids[0]
        self.assertEqual(occurrence.error, "The contact this recurrence is about was deleted.")
        self.assertEqual(schedule.error, occurrence.error)
        self.assertFalse(occurrence.recurrence_activity_ids)


@freeze_time("2026-03-02 10:00:00")
@tagged("post_install", "-at_install")
class TestCompaniesAndKinds(RecurrenceCommon):
    """What an employee writes crosses neither companies nor kinds."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].sudo().create({"name": "Other"})
        cls.stranger = cls.new_employee("rights_stranger")
        cls.stranger.sudo().write(
            {"company_ids": [Command.set(cls.other.ids)], "company_id": cls.other.id}
        )

    @mute_logger(RULES, ACCESS)
    def test_draft_is_not_given_to_another_company(self):
        schedule = self.create_interaction()
        with self.assertRaises(UserError), self.env.cr.savepoint():
            schedule.company_id = self.other
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.create_interaction(company_id=self.other.id)

    @mute_logger(RULES, ACCESS)
    def test_responsible_works_in_the_company(self):
        schedule = self.create_interaction()
        with self.assertRaisesRegex(ValidationError, "has no access to Weekly & Sons"):
            schedule.user_id = self.stranger
        portal = self.new_employee("rights_portal", "base.group_portal")
        with self.assertRaises(UserError):
            self.create_interaction(user_id=portal.id)

    @mute_logger(RULES, ACCESS)
    def test_interaction_does_not_become_an_invoice(self):
        schedule = self.create_interaction()
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            schedule.target = "invoice"


@tagged("post_install", "-at_install")
class TestConstraintsAskNoRights(RecurrenceCommon):
    """Odoo runs constraints as superuser: whatever right one asks there is always given."""

    def test_no_constraint_asks_for_a_right(self):
        functions = self.collect_functions()
        # what this test looks for it finds
        self.assertTrue(self.find_checks("_check_subject_access", functions, set()))
        asking = {}
        for name, model in self.env.items():
            for method in model._constraint_methods:
                if not method.__module__.startswith(f"odoo.addons.{ADDON}."):
                    continue
                found = self.find_checks(method.__name__, functions, set())
                if found:
                    asking[f"{name}.{method.__name__}"] = found
        self.assertFalse(asking)

    def collect_functions(self):
        """Return name of a method → its trees, of all methods of the addon's models."""
        functions = {}
        root = Path(inspect.getfile(RecurrenceCommon)).parents[1]
        for folder in ("models", "wizard"):
            for path in sorted((root / folder).rglob("*.py")):
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                    if isinstance(node, ast.FunctionDef):
                        functions.setdefault(node.name, []).append(node)
        return functions

    def find_checks(self, name, functions, seen):
        """Return the calls that ask for a right, in a method and in what it calls by name.

        A call on a record that was put into a user's environment with ``with_user`` is a real
        question; so is whatever it is handed to.
        """
        if name in seen or name in TAKE_A_USER:
            return set()
        seen.add(name)
        found = set()
        for function in functions.get(name, ()):
            for node in ast.walk(function):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                    continue
                if "with_user" in ast.unparse(node):
                    continue
                called = node.func.attr
                # a right of a named user, not of the environment
                if called in CHECKS and ast.unparse(node.func.value) not in (
                    "user",
                    "self.user_id",
                ):
                    found.add(f"{name}: {ast.unparse(node)}")
                elif called.startswith("_") and called in functions:
                    found |= self.find_checks(called, functions, seen)
        return found

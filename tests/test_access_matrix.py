"""The matrix of rights: everybody tries everything the addon adds, as a client would."""

import inspect
import json
import logging
from datetime import date, datetime, timedelta
from fnmatch import fnmatch

from freezegun import freeze_time
from psycopg2 import Error as DatabaseError

from odoo import api, fields
from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import SQL, mute_logger

from . import access_table as table
from .common import DunningCommon

_logger = logging.getLogger(__name__)

ADDON = "account_recurrence_dunning"
GROUPS = {
    table.EMPLOYEE: "base.group_user",
    table.INVOICING: "base.group_user,account.group_account_invoice",
    table.USER: f"base.group_user,{ADDON}.dunning_group_user",
    table.MANAGER: f"base.group_user,{ADDON}.dunning_group_manager",
    table.STRANGER: f"base.group_user,{ADDON}.dunning_group_manager",
}
QUIET = (
    "odoo.addons.base.models.ir_rule",
    "odoo.addons.base.models.ir_model",
    "odoo.orm.models",
    "odoo.sql_db",
    "odoo.http",
)
# What a call may end with; a refusal, or that the arguments are too simple for it.
ERRORS = (UserError, RedirectWarning, DatabaseError, ValueError, LookupError, TypeError)
OPERATIONS = ("read", "write", "create", "unlink")


def get_day_to_come():
    """A day for a promise: it is to come, and at most a year ahead."""
    return date.today() + timedelta(days=30)


class AccessMatrixCase(DunningCommon):
    """Records of one company, and one user of each kind."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.company_id = cls.company
        cls.partner_a.email = "customer@example.com"
        cls.move = cls.create_due_invoice("2026-03-01")
        cls.make_people()
        cls.records = {
            **cls.make_dunning(),
            **cls.make_recurrences(),
            **cls.make_core(),
        }
        cls.records.update(cls.make_dialogs())
        cls.env.flush_all()

    def setUp(self):
        super().setUp()
        self.problems, self.calls = [], 0

    @classmethod
    def make_people(cls):
        other = cls.setup_other_company(name="Other")["company"]
        cls.people = {table.PUBLIC: cls.env.ref("base.public_user")}
        cls.people[table.PORTAL] = new_test_user(
            cls.env,
            "matrix_portal",
            groups="base.group_portal",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.people[table.PORTAL].partner_id.parent_id = cls.partner_a
        for role, groups in GROUPS.items():
            company = other if role == table.STRANGER else cls.company
            cls.people[role] = new_test_user(
                cls.env,
                "matrix_" + role.replace(" ", "_"),
                groups=groups,
                company_id=company.id,
                company_ids=[Command.set(company.ids)],
            )

    @classmethod
    def make_dunning(cls):
        run = cls.env["dunning.run"]._execute_for(cls.company, date(2026, 3, 10))
        open_run = cls.env["dunning.run"].create({"date": "2026-03-10"})
        open_run.action_simulate()
        reminder = run.reminder_ids
        line = cls.move.line_ids.filtered(lambda ln: ln.account_type == "asset_receivable")
        spare = cls.env["dunning.program"].create({"name": "Spare"})
        level = cls.env["dunning.level"].create({"name": "Spare", "program_id": spare.id})
        superuser = cls.env(su=True)
        end = superuser["dunning.escalation"].create(
            {
                "company_id": cls.company.id,
                "move_line_id": line.id,
                "partner_id": cls.partner_a.id,
                "program_id": cls.program.id,
                "date_entered": "2026-03-10",
            }
        )
        handover = superuser["dunning.mail.handover"].create(
            {
                "mail_id": reminder.sudo().mail_id.id,
                "state": "leaving",
                "date": datetime(2026, 3, 10),
            }
        )
        answer = superuser["dunning.answer"].create(
            {
                "company_id": cls.company.id,
                "partner_id": cls.partner_a.id,
                "reminder_id": reminder.id,
                "kind": "paid",
                "date": "2026-03-10",
                "move_line_ids": line.ids,
                "fingerprint": "x",
            }
        )
        # another of its levels left: what it achieved is told
        superuser["dunning.reminder.line"].create(
            {
                "reminder_id": reminder.id,
                "company_id": cls.company.id,
                "partner_id": cls.partner_a.id,
                "move_line_id": line.id,
                "move_id": cls.move.id,
                "currency_id": cls.company.currency_id.id,
                "amount_residual": 100.0,
                "level_id": level.id,
                "state": "sent",
                "effective_date": "2026-03-01",
            }
        )
        cls.env.flush_all()
        cls.done_run = run
        return {
            "account.move.tag": cls.env["account.move.tag"].create(
                {"name": "Hot", "company_id": cls.company.id}
            ),
            "dunning.answer": answer,
            "dunning.link": reminder.sudo().link_ids,
            "dunning.block": cls.env["dunning.block"].create(
                {
                    "move_id": cls.move.id,
                    "kind": "promise",
                    "date_from": "2026-03-01",
                    "date_until": "2026-03-20",
                }
            ),
            "dunning.call": cls.env["dunning.call"].create(
                {"partner_id": cls.partner_a.id, "outcome": "reached"}
            ),
            "dunning.dispute": cls.env["dunning.dispute"].create(
                {"partner_id": cls.partner_a.id, "reason": "amount", "move_line_ids": line.ids}
            ),
            "dunning.handover": cls.make_handover(line),
            "dunning.plan": cls.env["dunning.plan"].create({"partner_id": cls.partner_a.id}),
            "dunning.promise": cls.env["dunning.promise"].create(
                {
                    "partner_id": cls.partner_a.id,
                    "date": get_day_to_come(),
                    "move_line_ids": line.ids,
                }
            ),
            "dunning.case": cls.make_case(superuser),
            "dunning.case.change": superuser["dunning.case.change"].create(
                {"company_id": cls.company.id, "partner_id": cls.partner_a.id}
            ),
            "dunning.mail.handover": handover,
            "dunning.day": superuser["dunning.day"].create(
                {"company_id": cls.company.id, "date": "2026-03-10"}
            ),
            "dunning.escalation": end,
            "dunning.forewarning": superuser["dunning.forewarning"].create(
                {
                    "company_id": cls.company.id,
                    "move_line_id": line.id,
                    "cycle": 0,
                    "user_id": cls.env.uid,
                    "date": "2026-03-10",
                }
            ),
            "dunning.level": level,
            "dunning.level.effect": superuser["dunning.level.effect"].search(
                [("company_id", "=", cls.company.id)], limit=1
            ),
            "dunning.program": spare,
            "dunning.program.rule": cls.env["dunning.program.rule"].create(
                {"name": "Abroad", "program_id": spare.id}
            ),
            "dunning.program.schedule": spare.schedule_ids.create({"program_id": spare.id}),
            "dunning.reminder": reminder,
            "dunning.reminder.line": reminder.line_ids[0],
            "dunning.run": open_run,
            "dunning.statement.schedule": cls.env["dunning.statement.schedule"].create(
                {"name": "Monthly"}
            ),
            "dunning.run.line": open_run.line_ids[0],
            **cls.make_charges(),
            "dunning.trial": cls.make_trial(spare, level),
            "dunning.trial.member": superuser["dunning.trial.member"].create(
                {
                    "trial_id": cls.make_trial(cls.program, cls.level_1).id,
                    "company_id": cls.company.id,
                    "partner_id": cls.partner_a.id,
                    "arm": "left_out",
                    "date": "2026-03-10",
                    "move_line_ids": line.ids,
                }
            ),
        }

    @classmethod
    def make_charges(cls):
        series = cls.env["dunning.rate.series"].create({"name": "Spare"})
        rule = cls.env["dunning.charge.rule"].create(
            {"name": "Spare", "interest": "none", "company_id": cls.company.id}
        )
        return {
            "dunning.rate.series": series,
            "dunning.rate": cls.env["dunning.rate"].create(
                {"series_id": series.id, "date_from": "2026-01-01", "percent": 1.0}
            ),
            "dunning.charge.rule": rule,
            "dunning.claim": cls.env["dunning.claim"]
            .sudo()
            .create(
                {
                    "company_id": cls.company.id,
                    "partner_id": cls.partner_a.id,
                    "currency_id": cls.company.currency_id.id,
                    "date": "2026-03-10",
                }
            ),
            "dunning.waiver": cls.make_waiver(),
            "dunning.charge.tier": cls.env["dunning.charge.tier"].create(
                {"rule_id": rule.id, "amount": 40.0}
            ),
        }

    @classmethod
    def make_waiver(cls):
        """Waive what a rule for everybody gives on an invoice of long ago."""
        cls.env["dunning.charge.rule"].create(
            {
                "name": "Everybody",
                "debtor_kind": cls.partner_a._dunning_get_debtor_kind(),
                "company_id": cls.company.id,
                "interest": "fixed",
                "fixed_rate": 10.0,
                "sequence": 1,
                "currency_id": cls.company.currency_id.id,
            }
        ).sudo().action_confirm()
        move = cls.create_due_invoice("2025-03-01", 1000.0)
        values = {"move_id": move.id, "reason": "Agreed", "share": "half"}
        return cls.env["dunning.waiver"].create(values)

    @classmethod
    def make_trial(cls, program, level):
        return cls.env["dunning.trial"].create(
            {"program_id": program.id, "level_id": level.id, "date_start": "2026-03-01"}
        )

    @classmethod
    def make_handover(cls, line):
        return cls.env["dunning.handover"].create(
            {
                "partner_id": cls.partner_a.id,
                "agency_id": cls.partner_b.id,
                "move_line_ids": line.ids,
            }
        )

    @classmethod
    def make_case(cls, superuser):
        cases = superuser["dunning.case"]
        cases._refresh_customers(cls.company, cls.partner_a)
        return cases.search([("partner_id", "=", cls.partner_a.id)])

    @classmethod
    def make_recurrences(cls):
        template = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "is_recurrence_template": True,
                "partner_id": cls.partner_a.id,
                "invoice_line_ids": [Command.create({"name": "Support", "price_unit": 100.0})],
            }
        )
        values = {"date_start": "2026-03-01", "rrule_type": "monthly", "company_id": cls.company.id}
        schedules = cls.env["recurrence.schedule"]
        schedule = schedules.create(
            {**values, "name": "Support", "target": "invoice", "template_move_id": template.id}
        )
        employee = cls.people[table.EMPLOYEE]
        private = schedules.with_user(employee).create(
            {**values, "name": "Call", "subject": "partner", "partner_id": cls.partner_a.id}
        )
        cls.template = template
        for found in (schedule, private):
            found.action_generate()
        cls.private = {
            "recurrence.schedule": private.with_env(cls.env),
            "recurrence.occurrence": private.sudo().occurrence_ids.sorted("date")[0],
        }
        return {
            **cls.make_prices(schedule),
            **cls.make_quantities(schedule),
            "recurrence.schedule": schedule,
            "recurrence.occurrence": schedule.occurrence_ids.sorted("date")[0],
            "recurrence.tag": cls.env["recurrence.tag"].sudo().create({"name": "Weekly"}),
            "recurrence.notice.reason": cls.env["recurrence.notice.reason"]
            .sudo()
            .create({"name": "Moved"}),
        }

    @classmethod
    def make_prices(cls, schedule):
        index = cls.env["recurrence.price.index"].create({"name": "Consumer prices"})
        rise = cls.env["recurrence.price.rise"].create(
            {
                "company_id": cls.company.id,
                "percent": 3,
                "schedule_ids": [Command.set(schedule.ids)],
            }
        )
        rise.action_propose()
        return {
            "recurrence.price.index": index,
            "recurrence.price.index.value": cls.env["recurrence.price.index.value"].create(
                {"index_id": index.id, "month": "2026-01-01", "value": 100}
            ),
            "recurrence.price.clause": cls.env["recurrence.price.clause"].create(
                {"name": "Yearly", "company_id": cls.company.id}
            ),
            "recurrence.price.rise": rise,
            "recurrence.price.notice": rise.notice_ids,
            "recurrence.price.rise.line": rise.line_ids,
        }

    @classmethod
    def make_quantities(cls, schedule):
        quantity = cls.env["recurrence.quantity"].create(
            {"name": "Storage", "source": "usage", "company_id": cls.company.id}
        )
        line = {"name": "Storage", "price_unit": 1.0, "recurrence_quantity_id": quantity.id}
        schedule.template_move_id.write({"invoice_line_ids": [Command.create(line)]})
        counts = cls.env["recurrence.quantity.count"].sudo()
        first = schedule.occurrence_ids.sorted("date")[0]
        bill = cls.init_invoice("out_invoice", amounts=[1.0])
        return {
            "recurrence.billed.date": cls.env["recurrence.billed.date"]
            .sudo()
            .create({"move_id": bill.id, "occurrence_id": first.id, "is_live": True}),
            "recurrence.quantity": quantity,
            "recurrence.usage": cls.env["recurrence.usage"].create(
                {
                    "quantity_id": quantity.id,
                    "schedule_id": schedule.id,
                    "day": "2026-03-02",
                    "used": 5,
                }
            ),
            "recurrence.quantity.count": counts.create(
                {
                    "occurrence_id": first.id,
                    "name": "Storage",
                    "quantity_id": quantity.id,
                    "record_model": "recurrence.usage",
                }
            ),
        }

    @classmethod
    def make_core(cls):
        """Return a record of each of Odoo's models that the addon adds to."""
        employee = cls.people[table.EMPLOYEE]
        superuser = cls.env(su=True)
        return {
            "account.account": cls.company_data["default_account_revenue"],
            "account.journal": cls.company_data["default_journal_bank"],
            "account.move": cls.move,
            "account.move.line": cls.move.line_ids[0],
            "account.payment.term": superuser["account.payment.term"].create(
                {"name": "Own", "company_id": cls.company.id}
            ),
            "account.tax": cls.tax_sale_a,
            "calendar.event": superuser["calendar.event"].create(
                {
                    "name": "Visit",
                    "start": "2026-03-11 10:00:00",
                    "stop": "2026-03-11 11:00:00",
                    "privacy": "public",
                }
            ),
            "mail.activity": superuser["mail.activity"].create(
                {
                    "res_model_id": cls.env["ir.model"]._get_id("res.partner"),
                    "res_id": cls.partner_a.id,
                    "user_id": employee.id,
                    "summary": "Call",
                }
            ),
            "mail.mail": superuser["mail.mail"].create({"subject": "Secret"}),
            "mail.template": superuser.ref(f"{ADDON}.mail_template_level_1"),
            "payment.transaction": cls.make_transaction(),
            "product.product": cls.product_a,
            "product.template": cls.product_a.product_tmpl_id,
            "res.company": cls.company,
            "res.config.settings": superuser["res.config.settings"].create({}),
            "ir.cron": superuser.ref("account_recurrence_dunning.ir_cron_dunning_run"),
            "res.partner": cls.partner_a,
            "res.users": cls.env.user,
        }

    @classmethod
    def make_transaction(cls):
        superuser = cls.env(su=True)
        provider = superuser["payment.provider"].create(
            {"name": "Online", "code": "none", "company_id": cls.company.id}
        )
        return superuser["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": superuser.ref("payment.payment_method_unknown").id,
                "amount": 1.0,
                "currency_id": cls.company.currency_id.id,
                "partner_id": cls.partner_a.id,
            }
        )

    @classmethod
    def make_dialogs(cls):
        """Return a record of each dialog about the company's records, made by nobody here."""
        found, made = cls.records, {}
        line = {"move_line_id": found["dunning.escalation"].move_line_id.id, "move_id": cls.move.id}
        occurrence, schedule = found["recurrence.occurrence"], found["recurrence.schedule"]
        program, level = found["dunning.program"], found["dunning.level"]
        company, day = {"company_id": cls.company.id}, {"day": "2026-03-11"}
        opened = schedule.action_save_as_kind()
        kind = cls.env["account.move"].browse(opened["res_id"]).recurrence_schedule_id
        soon = fields.Date.today() + timedelta(days=7)
        values = {
            "dunning.batch": {"tag_mode": "add", "tag_ids": found["account.move.tag"].ids},
            "dunning.batch.line": {"batch_id": "dunning.batch", "reason": "x"},
            "dunning.change": {"kind": "default", "program_id": program.id, **company, **day},
            "dunning.change.line": {"change_id": "dunning.change", "name": "x"},
            "dunning.rule.use": {"rule_id": found["dunning.program.rule"].id},
            "dunning.stop": {"partner_ids": cls.partner_a.ids, **company},
            "dunning.decide": {
                "escalation_ids": found["dunning.escalation"].ids,
                "kind": "wait",
                "date_again": "2099-03-20",
                **company,
            },
            "dunning.deliver": {"reminder_ids": found["dunning.reminder"].ids, "way": "call"},
            "dunning.reminder.act": {
                "reminder_ids": found["dunning.reminder"].ids,
                "act": "cancel",
            },
            "dunning.forecast": {**company, "date_from": soon, "date_until": soon},
            "dunning.forecast.day": {
                "forecast_id": "dunning.forecast",
                "date": "2099-01-01",
                "kind": "reminder",
            },
            "dunning.forecast.line": {
                "forecast_id": "dunning.forecast",
                "date": "2099-01-01",
                "kind": "reminder",
                "partner_id": cls.move.partner_id.id,
            },
            "dunning.statement.dialog": {"partner_ids": cls.move.partner_id.ids},
            "dunning.import": company,
            "dunning.import.line": {"import_id": "dunning.import", "move_id": cls.move.id},
            "dunning.level.preview": {"level_id": level.id, "move_id": cls.move.id},
            "dunning.program.copy": {"program_id": program.id, **company},
            "dunning.program.new": company,
            "dunning.program.reset": {"program_id": program.id},
            "dunning.program.reset.line": {
                "reset_id": "dunning.program.reset",
                "kind": "level",
                "label": "x",
                "level_id": level.id,
                "values": {"gap": 3},
            },
            "dunning.program.run": {"program_id": cls.program.id},
            "dunning.remind": {"move_ids": cls.move.ids, **company},
            "dunning.remind.line": {"remind_id": "dunning.remind", **line},
            "dunning.run.omit": {"line_ids": found["dunning.run.line"].ids},
            "dunning.test": {"move_id": cls.move.id, "program_id": cls.program.id},
            "recurrence.guard.anyway": {
                "res_model": "res.partner",
                "res_ids": cls.partner_a.ids,
                "operation": "archive",
            },
            "recurrence.occurrence.close": {"occurrence_id": occurrence.id, "choice": "issue"},
            "recurrence.schedule.change": {"schedule_ids": [Command.set(schedule.ids)]},
            "recurrence.schedule.change.line": {
                "change_id": "recurrence.schedule.change",
                "schedule_id": schedule.id,
            },
            "recurrence.kind.update": {"kind_id": kind.id},
            "recurrence.kind.update.line": {
                "update_id": "recurrence.kind.update",
                "schedule_id": schedule.id,
            },
            "recurrence.import": company,
            "recurrence.import.line": {"dialog_id": "recurrence.import"},
            "recurrence.takeover": company,
            "recurrence.takeover.line": {"dialog_id": "recurrence.takeover"},
            "recurrence.schedule.customers": {
                "schedule_id": schedule.id,
                "date_start": "2026-03-17",
            },
            "recurrence.schedule.customers.line": {
                "dialog_id": "recurrence.schedule.customers",
                "partner_id": cls.partner_a.id,
            },
            "recurrence.line.change": {"schedule_id": schedule.id, "date": "2026-03-17"},
            "recurrence.line.change.line": {"change_id": "recurrence.line.change"},
            "recurrence.occurrence.issue": {"occurrence_id": occurrence.id},
            "recurrence.occurrence.issue.line": {"issue_id": "recurrence.occurrence.issue"},
            "recurrence.occurrence.issue.many": {"occurrence_ids": occurrence.ids},
            "recurrence.occurrence.move": {"occurrence_id": occurrence.id, "date": "2026-03-03"},
            "recurrence.occurrence.skip": {"occurrence_ids": occurrence.ids},
            "recurrence.schedule.add": {"schedule_id": schedule.id, "date": "2026-03-17"},
            "recurrence.schedule.generate": {"schedule_ids": schedule.ids},
            "recurrence.schedule.regenerate": {"schedule_id": schedule.id},
            "recurrence.schedule.regenerate.line": {"dialog_id": "recurrence.schedule.regenerate"},
            "recurrence.schedule.notice": {"schedule_id": schedule.id, "date": "2026-03-10"},
            "recurrence.schedule.stop": {"schedule_ids": schedule.ids, "mode": "pause"},
        }
        for model, vals in values.items():
            links = {n: made[v].id for n, v in vals.items() if isinstance(v, str) and v in made}
            vals = {**vals, **links}
            context = {"active_model": "account.move", "active_ids": cls.move.ids}
            made[model] = cls.env(su=True)[model].with_context(**context).create(vals)
        return made

    # --- what the addon adds ---

    def get_own_models(self):
        """Return the models of the addon that have a table."""
        return [
            name
            for name, model in self.registry.items()
            if model._original_module == ADDON and not model._abstract
        ]

    def get_core_fields(self):
        """Return the fields the addon adds to models of others."""
        return [
            field
            for model in self.registry.values()
            if model._original_module != ADDON and not model._abstract
            for field in model._fields.values()
            if field._module == ADDON and not field.inherited
        ]

    def get_methods(self, own):
        """Return (model, method) of the addon's public methods.

        :param own: whether it names them first, or extends methods that Odoo has
        """
        return sorted(
            (name, method)
            for name, model in self.registry.items()
            for method in _get_public_methods(model)
            if _is_first_named_here(model, method) == own
        )

    def get_new(self, record):
        """Return the values of another record of the company."""
        company = {"company_id": self.company.id}
        return {
            "account.move.tag": {"name": "New", **company},
            "dunning.block": {"move_id": self.move.id, "kind": "other"},
            "dunning.call": {"partner_id": self.partner_a.id, "outcome": "reached", **company},
            "dunning.dispute": {"partner_id": self.partner_a.id, "reason": "amount", **company},
            "dunning.handover": {
                "partner_id": self.partner_a.id,
                "agency_id": self.partner_b.id,
                **company,
            },
            "dunning.plan": {"partner_id": self.partner_a.id, **company},
            "dunning.promise": {
                "partner_id": self.partner_a.id,
                "date": get_day_to_come(),
                **company,
            },
            "dunning.level": {"name": "New", "program_id": self.records["dunning.program"].id},
            "dunning.program": {"name": "New", **company},
            "dunning.program.rule": {
                "name": "New",
                "program_id": self.records["dunning.program"].id,
            },
            "dunning.program.schedule": {"program_id": self.records["dunning.program"].id},
            "dunning.rate.series": {"name": "New"},
            "dunning.rate": {
                "series_id": self.records["dunning.rate.series"].id,
                "date_from": "2026-07-01",
                "percent": 1.0,
            },
            "dunning.charge.rule": {"name": "New", "interest": "none", **company},
            "dunning.charge.tier": {
                "rule_id": self.records["dunning.charge.rule"].id,
                "amount": 1.0,
            },
            "dunning.waiver": {
                "move_id": self.records["dunning.waiver"].move_id.id,
                "reason": "Agreed",
                "share": "part",
                "interest": 0.01,
                "fixed_sum": 0.0,
            },
            "dunning.run": company,
            "dunning.statement.schedule": {"name": "New", **company},
            "dunning.trial": {
                "program_id": self.records["dunning.program"].id,
                "level_id": self.records["dunning.level"].id,
                "date_start": "2099-01-01",
            },
            # Odoo reads these before it asks for rights
            "payment.transaction": {
                "provider_id": self.records["payment.transaction"].provider_id.id,
                "partner_id": self.partner_a.id,
            },
            "recurrence.price.index": {"name": "New"},
            "recurrence.price.index.value": {
                "index_id": self.records["recurrence.price.index"].id,
                "month": "2026-02-01",
                "value": 1.0,
            },
            "recurrence.price.clause": {"name": "New", **company},
            "recurrence.price.rise": {"name": "New", **company},
            "recurrence.quantity": {"name": "New", "source": "entered", **company},
            "recurrence.usage": {
                "quantity_id": self.records["recurrence.quantity"].id,
                "schedule_id": self.records["recurrence.schedule"].id,
                "day": "2026-03-03",
                "used": 1.0,
            },
            "recurrence.schedule": {"name": "New", **company},
            "recurrence.tag": {"name": "New"},
            "recurrence.notice.reason": {"name": "New"},
        }.get(record._name, {})

    def get_field_rule(self, field):
        rules = table.FIELDS.get(field.model_name, {})
        if field.name in rules:
            return rules[field.name]
        patterns = [pattern for pattern in rules if fnmatch(field.name, pattern)]
        return rules[patterns[0]] if patterns else None

    # --- trying ---

    def call(self, role, model, method, *args, **kwargs):
        """Call a method as a client of that role does; return the error, or None.

        Nothing of it is kept.
        """
        user = self.people[role].sudo()
        env = api.Environment(self.env.cr, user.id, {"allowed_company_ids": user.company_ids.ids})
        error = None
        with mute_logger(*QUIET), self.env.cr.savepoint() as savepoint:
            env.invalidate_all()
            try:
                call_kw(env[model], method, list(args), kwargs)
                env.flush_all()
            except ERRORS as raised:
                error = raised
            env.transaction.clear()
            savepoint.rollback()
        self.env.invalidate_all()
        return error

    def check(self, role, allowed, error, what):
        """Note where what happened is not what the table says; ``tell`` fails with all of it."""
        self.calls += 1
        refused = isinstance(error, AccessError)
        if role in allowed:
            if refused:
                self.problems.append(f"{role} may {what}, but: {error}")
        elif role in table.OUTSIDERS:
            if not refused:
                self.problems.append(f"{role} is not refused: {what} ({error!r})")
        elif not isinstance(error, UserError):
            # whoever has rights on the record may be told in another way why not
            self.problems.append(f"{role} is not refused: {what} ({error!r})")

    def tell(self, what, count):
        """Fail with everything that was found; else say how much was tried."""
        self.assertFalse(self.problems, "\n".join(["", *self.problems]))
        _logger.info("Matrix of rights: %s %s, %s calls", count, what, self.calls)

    def give_dialogs(self, role):
        """Let dialogs be the role's own, whoever made them: Odoo shows one to its maker alone."""
        for model in table.DIALOGS:
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET create_uid = %s",
                    SQL.identifier(self.env[model]._table),
                    self.people[role].id,
                )
            )
        self.env.invalidate_all()


def _get_public_methods(model):
    """Return the names of public methods that classes of the addon define on a model."""
    names = set()
    for cls in model.__mro__:
        if not cls.__module__.startswith(f"odoo.addons.{ADDON}."):
            continue
        for name, member in vars(cls).items():
            function = inspect.unwrap(member) if callable(member) else None
            if inspect.isfunction(function) and not name.startswith("_"):
                if not getattr(member, "_api_private", False):
                    names.add(name)
    return names


def _is_first_named_here(model, method):
    return not any(
        method in vars(cls)
        for cls in model.__mro__
        if not cls.__module__.startswith(f"odoo.addons.{ADDON}.")
    )


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestAccessMatrix(AccessMatrixCase):
    def test_rule_19_everything_stands_in_the_table(self):
        """The next field, model or method is not forgotten."""
        for field in self.get_core_fields():
            name = (field.model_name, field.name)
            self.assertTrue(self.get_field_rule(field), f"add {name} to FIELDS in access_table.py")
            self.assertTrue(
                field.groups or name in table.HARMLESS,
                f"give {name} groups=…, or add it with a reason to HARMLESS in access_table.py",
            )
            self.assertIn(field.model_name, self.records, f"make a {field.model_name} to try")
        for model in self.get_own_models():
            place = "DIALOGS" if self.registry[model]._transient else "MODELS"
            self.assertIn(model, getattr(table, place), f"add {model} to {place}")
            self.assertIn(model, self.records, f"make a {model} to try in make_dialogs or the like")
        for model, method in self.get_methods(own=True):
            known = table.METHODS.get(model, {})
            self.assertIn(method, known, f"add {model}.{method} to METHODS in access_table.py")

    def test_rule_19_nothing_stands_in_the_table_that_is_gone(self):
        fields = {(field.model_name, field.name) for field in self.get_core_fields()}
        methods = self.get_methods(own=True)
        self.assertFalse(set(table.HARMLESS) - fields)
        self.assertFalse((set(table.MODELS) | set(table.DIALOGS)) - set(self.get_own_models()))
        named = {(model, name) for model, names in table.METHODS.items() for name in names}
        self.assertFalse(named - set(methods))
        self.assertFalse(set(table.TELLS_NOTHING) - set(self.get_methods(own=False)))

    def test_rule_19_fields_on_odoo_s_models(self):
        fields = self.get_core_fields()
        for field in fields:
            readers, writers = self.get_field_rule(field)
            model, record = field.model_name, self.records[field.model_name]
            if field.name.startswith("recurrence_") and model == "account.move":
                record = self.template if field.name not in _LINKS else self.move
            for role in table.ROLES:
                what = f"read {field}"
                found = readers
                if record == self.template:
                    found = readers - {table.PORTAL}
                error = self.call(role, model, "read", record.ids, [field.name])
                self.check(role, found, error, what)
                what = f"write {field}"
                values = {field.name: _get_value(record.sudo(), field)}
                error = self.call(role, model, "write", record.ids, values)
                self.check(role, writers, error, what)
        self.tell("fields", len(fields))

    def test_rule_19_no_field_is_read_by_another_door(self):
        """Grouped by, summed up, searched or ordered by, and over links from other models.

        Whatever a door says, it must not open: some do not exist for fields that no column holds.
        """
        fields = self.get_core_fields()
        for field in fields:
            for role in table.ROLES:
                user = self.people[role].sudo()
                if field.groups and not user.has_groups(field.groups):
                    self.try_doors(role, field)
        self.assertGreater(self.calls, 1000)
        self.tell("fields by other doors", len(fields))

    def try_doors(self, role, field):
        """Try every door to a field for a role that may not read it."""
        for model, path in self.get_paths(field):
            by = f"{path}:month" if field.type in ("date", "datetime") else path
            doors = {
                "formatted_read_group": ([], [by], ["__count"]),
                "web_read_group": ([], [by], ["__count"]),
                "read_group": ([], ["__count"], [by]),
                "search": ([(path, *_get_condition(self.env, field))],),
                "search_count": ([(path, *_get_condition(self.env, field))],),
                "search_read": ([], [path]),
                "export_data": (self.records[model].ids, [path.replace(".", "/")]),
            }
            for method, arguments in doors.items():
                self.check_closed(role, model, method, path, *arguments)
            if "." in path:
                continue
            self.check_closed(role, model, "search", f"order {path}", [], order=path)
            for function in ("array_agg", "max", "count_distinct"):
                by = f"{path}:{function}"
                self.check_closed(role, model, "formatted_read_group", by, [], [], [by])

    def get_paths(self, field):
        """Return (model, path) of a field: its own, and over each link to it that is a column."""
        yield field.model_name, field.name
        for model in self.records:
            for link in self.registry[model]._fields.values():
                if link.comodel_name == field.model_name and link.type == "many2one" and link.store:
                    if link.name in _LINKS_TRIED.get(model, ()):
                        yield model, f"{link.name}.{field.name}"

    def check_closed(self, role, model, method, what, *arguments, **keywords):
        self.calls += 1
        if not self.call(role, model, method, *arguments, **keywords):
            self.problems.append(f"{role} is not refused: {method} {model} {what}")

    def test_rule_19_own_models(self):
        for rules, records in ((table.MODELS, self.records), (table.PRIVATE, self.private)):
            for model, allowed in rules.items():
                record = records[model]
                for operation, roles in zip(OPERATIONS, allowed, strict=True):
                    for role in table.ROLES:
                        what = f"{operation} {model}"
                        error = self.call(
                            role, model, operation, *self.get_arguments(record, operation)
                        )
                        self.check(role, roles, error, what)
        self.tell("models", len(table.MODELS) + len(table.PRIVATE))

    def test_rule_19_dialogs(self):
        """Who may open one; nobody sees or touches that of somebody else."""
        for model, roles in table.DIALOGS.items():
            record = self.records[model]
            if table.MANAGER in roles:
                # a stranger opens the own ones, on the own records
                roles = roles | {table.STRANGER}
            for role in table.ROLES:
                context = {"active_model": "account.move", "active_ids": []}
                error = self.call(role, model, "create", [{}], context=context)
                self.check(role, roles, error, f"create {model}")
                for operation in ("read", "write", "unlink"):
                    arguments = self.get_arguments(record, operation)
                    error = self.call(role, model, operation, *arguments)
                    self.check(role, table.NOBODY, error, f"{operation} somebody's {model}")
        self.tell("dialogs", len(table.DIALOGS))

    def test_rule_19_public_methods(self):
        methods = self.get_methods(own=True)
        for model, method in methods:
            roles = table.METHODS[model][method]
            for role in table.ROLES:
                error = self.call_on_record(role, model, method, self.records)
                self.check(role, roles, error, f"call {model}.{method}")
        self.tell("methods", len(methods))

    def test_rule_19_public_methods_on_somebody_s_interactions(self):
        methods = [pair for pair in self.get_methods(own=True) if pair[0] in self.private]
        for model, method in methods:
            for role in table.ROLES:
                error = self.call_on_record(role, model, method, self.private)
                self.check(role, table.OWNER, error, f"call {model}.{method}")
        self.tell("methods on private records", len(methods))

    def test_rule_19_methods_of_odoo_that_are_extended(self):
        """What stands before Odoo's own check tells customers nothing."""
        methods = [
            pair
            for pair in self.get_methods(own=False)
            if pair not in table.TELLS_NOTHING and pair[0] in self.records
        ]
        for model, method in methods:
            for role in (table.PUBLIC, table.PORTAL):
                record = self.records[model]
                error = self.call(role, model, method, *self.get_arguments(record, method))
                self.check(role, table.NOBODY, error, f"call {model}.{method}")
        self.tell("extended methods, portal and public", len(methods))

    # --- helpers ---

    def call_on_record(self, role, model, method, records):
        if self.registry[model]._transient:
            self.give_dialogs(role)
        ids = records[model].ids if model in records else [1]
        if model == "account.move" and method in table.TEMPLATE_ACTIONS:
            ids = self.template.ids
        arguments = () if _is_model_method(self.registry[model], method) else (ids,)
        context = {"active_model": "account.move", "active_ids": self.move.ids}
        return self.call(role, model, method, *arguments, context=context)

    def get_arguments(self, record, method):
        """Return the arguments of a call on a record, as harmless as they can be."""
        ids = record.ids
        empty = {"active": False} if "active" in record._fields else {}
        arguments = {
            "read": (ids, ["display_name"]),
            "web_read": (ids, {"display_name": {}}),
            "write": (ids, _VALUES.get(record._name, empty or {"display_name": "x"})),
            "create": ([self.get_new(record)],),
            "load": (["id"], []),
            "default_get": (list(record._fields),),
            "onchange": (ids, {}, [], {"display_name": {}}),
        }
        return arguments.get(method, (ids,))


# The links over which fields are tried: one to each model that has some.
_LINKS_TRIED = {
    "account.move": ("partner_id", "company_id", "journal_id", "invoice_user_id"),
    "account.move.line": ("move_id", "partner_id", "company_id", "tax_line_id"),
}
_LINKS = ("recurrence_schedule_id", "recurrence_occurrence_id")
# What is written on a record where archiving it would not do.
_VALUES = {
    "dunning.block": {"reason": "x"},
    "dunning.call": {"note": "x"},
    "dunning.case": {"collector_id": False},
    "dunning.dispute": {"note": "x"},
    "dunning.escalation": {"note": "x"},
    "dunning.handover": {"note": "x"},
    "dunning.plan": {"note": "x"},
    "dunning.promise": {"note": "x"},
    "dunning.program.rule": {"name": "x"},
    "dunning.charge.rule": {"name": "x"},
    "dunning.charge.tier": {"amount": 2.0},
    "dunning.rate": {"percent": 2.0},
    "dunning.rate.series": {"name": "x"},
    "dunning.run": {"date": "2026-03-10"},
    "dunning.trial": {"percent": 10},
    "recurrence.occurrence": {"note": "x"},
    "recurrence.schedule": {"name": "x"},
    "recurrence.price.clause": {"name": "x"},
    "recurrence.quantity": {"unit": "x"},
    "recurrence.usage": {"note": "x"},
    "recurrence.price.index": {"name": "x"},
    "recurrence.price.index.value": {"note": "x"},
    "recurrence.price.rise": {"name": "x"},
    "recurrence.price.rise.line": {"price": 1.0},
}


def _is_model_method(model, method):
    return bool(getattr(getattr(model, method), "_api_model", False))


def _get_condition(env, field):
    """Return the operator and value of a condition that Odoo has to look into a field for."""
    if field.type in ("char", "text", "html"):
        return "like", "a"
    if field.type == "selection":
        return "=", field.get_values(env)[0]
    values = {"boolean": True, "date": "2026-03-10", "datetime": "2026-03-10 10:00:00"}
    return "=", values.get(field.type, 1)


def _get_value(record, field):
    """Return a value for ``write``, another one where that is easy to find."""
    value = field.convert_to_write(record[field.name], record)
    if field.type == "integer":
        return value + 1
    if field.type == "date":
        return "2026-05-05"
    return [] if field.type in ("one2many", "many2many") else value


@tagged("post_install", "-at_install")
class TestAccessHttp(HttpCase, AccessMatrixCase):
    """The same as a customer's browser, or anybody's, would try it."""

    def post(self, model, method, *args):
        """Call a method over HTTP and return the name of the error, or None."""
        params = {"model": model, "method": method, "args": args, "kwargs": {}}
        with mute_logger(*QUIET):
            response = self.url_open(
                "/web/dataset/call_kw",
                data=json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}),
                headers={"Content-Type": "application/json"},
            )
        error = response.json().get("error")
        return error and error["data"]["name"]

    def get_calls(self):
        """Return every public method of the addon, and a read of every field on Odoo's models."""
        for model, method in self.get_methods(own=True):
            if model in self.records:
                is_model_method = _is_model_method(self.registry[model], method)
                yield model, method, *([] if is_model_method else [self.records[model].ids])
        for field in self.get_core_fields():
            if (field.model_name, field.name) not in table.HARMLESS:
                yield field.model_name, "read", self.records[field.model_name].ids, [field.name]
        for model in (*table.MODELS, *table.DIALOGS):
            yield model, "read", self.records[model].ids, ["display_name"]
            yield model, "search_read", []

    def test_rule_19_a_customer_gets_nothing_over_http(self):
        self.authenticate("matrix_portal", "matrix_portal")
        self.assertIsNone(self.post("account.move", "read", self.move.ids, ["name"]))
        self.try_all("odoo.exceptions.AccessError", "as a customer")

    def test_rule_19_who_is_not_logged_in_gets_nothing_over_http(self):
        self.authenticate(None, None)
        self.try_all("odoo.http.SessionExpiredException", "by nobody")

    def try_all(self, expected, who):
        for model, method, *args in self.get_calls():
            self.calls += 1
            error = self.post(model, method, *args)
            if error != expected:
                self.problems.append(f"{model}.{method}{args}: {error}")
        self.tell(f"over HTTP {who}", self.calls)

    def test_a_customer_still_sees_the_own_invoices(self):
        self.authenticate("matrix_portal", "matrix_portal")
        listed = self.url_open("/my/invoices")
        self.assertEqual(listed.status_code, 200)
        self.assertIn(self.move.name, listed.text)
        page = self.url_open(f"/my/invoices/{self.move.id}")
        self.assertEqual(page.status_code, 200)
        self.assertIn(self.move.name, page.text)

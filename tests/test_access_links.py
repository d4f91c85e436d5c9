"""Whoever links a record may read it, in whatever form the link is given (rule 19)."""

from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DunningCommon

ADDON = "account_recurrence_dunning"
NO_NUMBER = "not the number of a record"


@tagged("post_install", "-at_install")
class TestAccessLinks(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.create_user("link_manager", "dunning_group_manager")
        other = cls.setup_other_company(name="Other")
        cls.hidden = cls.init_invoice(
            "out_invoice", amounts=[4321.0], company=other["company"], post=True
        )

    def links(self):
        """Yield (model, name of a field) of each field of the addon that links to one record."""
        for name in sorted(self.registry):
            model = self.env[name].with_user(self.manager)
            if model._original_module != ADDON or model._abstract:
                continue
            for field in model._fields.values():
                if field.type == "many2one" and field.store and ADDON in field._modules:
                    yield model, field.name

    @mute_logger("odoo.models", "odoo.addons.base.models.ir_rule")
    def test_rule_19_no_text_is_taken_for_the_number_of_a_record(self):
        """Odoo gives a text to the database, which makes a number of it, unseen by every check."""
        told = 0
        number = str(self.hidden.id)
        for model, name in self.links():
            for what, work in (
                ("create", lambda m=model, n=name: m.create({n: number})),
                ("onchange", lambda m=model, n=name: m.onchange({n: number}, [n], {n: {}})),
                (
                    "default",
                    lambda m=model, n=name: m.with_context(**{f"default_{n}": number}).default_get(
                        [n]
                    ),
                ),
            ):
                with self.subTest(model=model._name, field=name, door=what):
                    with self.assertRaises(UserError) as refusal, self.env.cr.savepoint():
                        work()
                    told += NO_NUMBER in str(refusal.exception)
            for value in ("x", 1.5, True):
                with (
                    self.subTest(model=model._name, field=name, value=value),
                    self.assertRaises(UserError),
                    self.env.cr.savepoint(),
                ):
                    model.create({name: value})
        self.assertGreater(told, 200)

    def test_rule_19_an_invoice_of_another_company_is_no_template(self):
        """Number, reference and amounts of the template show on the recurrence."""
        schedules = self.env["recurrence.schedule"].with_user(self.manager)
        for target in ("invoice", "interaction"):
            for given in (str(self.hidden.id), float(self.hidden.id), [str(self.hidden.id)]):
                values = {"name": "x", "target": target, "template_move_id": given}
                with self.assertRaisesRegex(UserError, NO_NUMBER):
                    schedules.create(values)

    def test_rule_19_an_onchange_shows_nothing_of_what_it_is_given_as_a_record(self):
        ends = self.env["dunning.escalation"].sudo()
        end = ends.create(
            {
                "company_id": self.company.id,
                "move_line_id": self.create_due_invoice().line_ids.filtered("date_maturity").id,
                "partner_id": self.partner_a.id,
                "date_entered": date(2026, 3, 10),
            }
        )
        line = self.hidden.line_ids.filtered("date_maturity")
        shown = {name: {} for name in ("amount_residual", "due_date", "move_name")}
        end = end.with_user(self.manager)
        for given in ({"id": line.id}, line.id, [line.id, "x"], {"id": str(line.id)}):
            with self.assertRaises(UserError):
                end.onchange({"move_line_id": given}, ["move_line_id"], shown)

    def test_rule_19_a_row_may_name_the_record_it_stands_in(self):
        """The web client gives a row of a list the values of its record, with its number."""
        levels = self.env["dunning.level"].with_user(self.manager)
        values = {"program_id": {"id": self.program.id, "name": "x"}, "days": 7, "name": "Own"}
        self.assertIn("value", levels.onchange(values, ["days"], {"days": {}, "number": {}}))
        other = self.env["res.company"].search([("name", "=", "Other")])
        hidden = other.dunning_program_id or self.program.copy({"company_id": other.id})
        values["program_id"] = {"id": hidden.id}
        with self.assertRaises(AccessError):
            levels.onchange(values, ["days"], {"days": {}, "number": {}})

    def test_rule_19_nor_on_the_records_of_odoo_s_models(self):
        for model, values in (
            ("account.move", {"move_type": "out_invoice", "dunning_program_id": "1"}),
            ("res.partner", {"name": "x", "dunning_contact_id": "1"}),
            ("res.partner", {"name": "x", "dunning_program_id": "1"}),
        ):
            with self.assertRaisesRegex(UserError, NO_NUMBER):
                self.env[model].create(values)

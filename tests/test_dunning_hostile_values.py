from datetime import date

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import DunningMailCommon
from .hostile_values import HostileValues

# Models of which a user may create or write no record: the engine keeps them.
ENGINE_ONLY = {
    "dunning.level.effect",
    "dunning.answer",
    "dunning.claim",
    "dunning.day",
    "dunning.forewarning",
    "dunning.link",
    "dunning.mail.handover",
    "dunning.reminder",
    "dunning.reminder.line",
    "dunning.run.line",
    "dunning.trial.member",
}


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10")
class TestDunningHostileValues(HostileValues, DunningMailCommon):
    """Every number, text and date of dunning takes any value or refuses it in a sentence."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls.create_due_invoice("2026-03-01")
        cls.end_line = cls.create_due_invoice("2026-02-01").line_ids.filtered("date_maturity")
        cls.simulation = cls.env["dunning.run"].create({"date": "2026-03-10"})
        cls.simulation.action_simulate()

    def records(self):
        """Return a record of each model that a dunning manager writes, made as screens do."""
        env, invoice, level = self.env, self.invoice, self.level_1
        selected = env["dunning.batch"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        change = env["dunning.change"].browse(
            env["dunning.change"]._open("ladder", self.program)["res_id"]
        )
        remind = env["dunning.remind"].browse(env["dunning.remind"]._open(invoice)["res_id"])
        forecast = self.make("dunning.forecast")
        foreseen = {"forecast_id": forecast.id, "date": "2026-03-12", "kind": "reminder"}
        reset = self.make(
            "dunning.program.reset",
            program_id=self.program.id,
            line_ids=[Command.create({"kind": "days", "label": "-"})],
        )
        batch = self.make("dunning.batch", line_ids=[Command.create({"reason": "-"})])
        batch = batch.with_env(selected.env)
        read = self.make("dunning.import", line_ids=[Command.create({"line": 1})])
        rule = self.make("dunning.program.rule", name="Abroad", program_id=self.program.id)
        made = [
            self.program,
            self.program.schedule_ids,
            level,
            self.simulation,
            self.make("dunning.block", move_id=invoice.id, kind="dispute"),
            self.make("dunning.call", partner_id=self.partner_a.id, outcome="reached"),
            self.make("dunning.dispute", partner_id=self.partner_a.id, reason="amount"),
            self.make_case(),
            self.env["dunning.case.change"]
            .sudo()
            .create({"company_id": self.company.id, "partner_id": self.partner_a.id})
            .with_env(self.env),
            self.make(
                "dunning.handover", partner_id=self.partner_a.id, agency_id=self.partner_b.id
            ),
            self.make("dunning.plan", partner_id=self.partner_a.id),
            self.make("dunning.promise", partner_id=self.partner_a.id, date="2026-03-20"),
            self.make("dunning.escalation", **self.end_values()),
            batch,
            batch.line_ids,
            change,
            change.line_ids[:1],
            self.make("dunning.decide", company_id=self.company.id),
            self.make("dunning.stop", company_id=self.company.id, partner_ids=self.partner_a.ids),
            self.make("dunning.deliver"),
            self.make(
                "dunning.reminder.act", act="cancel", reminder_ids=self.simulation.reminder_ids.ids
            ),
            read,
            read.line_ids,
            self.make("dunning.level.preview", level_id=level.id),
            self.make(
                "dunning.program.copy", program_id=self.program.id, company_id=self.company.id
            ),
            self.make("dunning.program.new", name="New"),
            self.make("dunning.program.run", program_id=self.program.id),
            reset,
            reset.line_ids,
            remind,
            remind.line_ids,
            self.make("dunning.run.omit", line_ids=self.simulation.remind_line_ids.ids),
            forecast,
            self.make("dunning.forecast.day", **foreseen),
            self.make("dunning.forecast.line", **foreseen),
            self.make("dunning.statement.dialog", partner_ids=self.partner_a.ids),
            self.make("dunning.statement.schedule", name="Monthly"),
            rule,
            self.make("dunning.rule.use", rule_id=rule.id),
            *self.make_charges(),
            self.make("dunning.test", move_id=invoice.id),
            self.make("dunning.trial", program_id=self.program.id, level_id=level.id),
        ]
        return {record._name: record for record in made}

    def make(self, model, **values):
        """Create a record as the dialog that opens it does."""
        context = {"active_model": "account.move", "active_ids": self.invoice.ids}
        made = self.env[model].with_context(**context).sudo().create(values)
        return made.with_env(self.env)

    def make_charges(self):
        series = self.make("dunning.rate.series", name="Ours")
        rule = self.make("dunning.charge.rule", name="Ours", interest="none")
        rate = {"series_id": series.id, "date_from": "2026-01-01", "percent": 1.0}
        return [
            series,
            rule,
            self.make("dunning.rate", **rate),
            self.make("dunning.charge.tier", rule_id=rule.id, amount=40.0),
            self.make_waiver(),
        ]

    def make_waiver(self):
        rule = self.make("dunning.charge.rule", name="All", interest="fixed", fixed_rate=10.0)
        rule.sudo().write({"company_id": self.company.id, "sequence": 1})
        rule.sudo().action_confirm()
        kind = {"dunning_debtor_kind": "business"}
        self.end_line.move_id.commercial_partner_id.write(kind)
        return self.make("dunning.waiver", move_id=self.end_line.move_id.id, reason="Agreed")

    def make_case(self):
        cases = self.env["dunning.case"].sudo()
        cases._refresh_customers(self.company, self.partner_a)
        return cases.search([("partner_id", "=", self.partner_a.id)]).with_env(self.env)

    def end_values(self):
        return {
            "company_id": self.company.id,
            "move_line_id": self.end_line.id,
            "partner_id": self.partner_a.id,
            "date_entered": date(2026, 3, 10),
        }

    def test_every_model_has_its_record(self):
        self.assertEqual(set(self.own_models("dunning.")), set(self.records()) | ENGINE_ONLY)

    def test_written_values(self):
        for record in self.records().values():
            self.assert_writes_survive(record)

    def test_values_of_the_company(self):
        self.env.user.group_ids += self.env.ref("base.group_system")
        self.assert_writes_survive(self.company)
        settings = self.env["res.config.settings"]
        for name, value in self.hostile_fields(settings):
            if name.startswith("dunning_"):
                with self.subTest(field=name, value=repr(value)[:40]):
                    self.survive(lambda n=name, v=value: self.save_settings({n: v}), settings)

    def save_settings(self, values):
        self.env["res.config.settings"].create(values).execute()

    def test_values_of_tags(self):
        tag = self.env["account.move.tag"].create({"name": "Dunned"})
        self.assert_writes_survive(tag)
        self.assert_creates_survive(self.env["account.move.tag"], {"name": "Dunned twice"})

    def test_created_values(self):
        given = {
            "dunning.program": {"name": "Own"},
            "dunning.level": {"program_id": self.program.id, "name": "Own", "days": 50},
            "dunning.program.schedule": {"program_id": self.program.id},
            "dunning.run": {},
            "dunning.block": {"move_id": self.invoice.id, "kind": "other"},
            "dunning.program.new": {"name": "Own"},
            "dunning.statement.schedule": {"name": "Own"},
        }
        for name, values in given.items():
            self.assert_creates_survive(self.env[name], values)

    def test_what_is_accepted_can_be_used(self):
        """A value that is stored stops neither a simulation nor a page of an invoice."""
        used = [self.program, self.level_1, self.program.schedule_ids, self.company]
        for record in used:
            self.assert_writes_survive(record, read=self.use)

    def use(self, _record):
        run = self.env["dunning.run"].create({"date": "2026-03-10"})
        run.action_simulate()
        run.line_ids.mapped("reason_text")
        self.assertTrue(self.invoice.dunning_explanation)
        self.program.schedule_ids.mapped("is_missed")

    def test_days_of_a_run(self):
        """Any day can be simulated, as far as the calendar goes."""
        run = self.env["dunning.run"].create({})
        self.assert_writes_survive(run, read=lambda found: found.action_simulate())

    def test_dialogs_act_on_what_they_accept(self):
        records = self.records()
        actions = {
            "dunning.batch": "action_apply",
            "dunning.change": "action_apply",
            "dunning.change.line": None,
            "dunning.deliver": "action_deliver",
            "dunning.program.new": "action_create",
            "dunning.run.omit": "action_omit",
            "dunning.remind": "action_remind",
            "dunning.test": "action_send",
        }
        for model, action in actions.items():
            record = records[model]
            with self.mock_mail_gateway():
                self.assert_writes_survive(
                    record,
                    read=lambda found, name=action: (
                        getattr(found, name)() if name else found.change_id.action_apply()
                    ),
                )

    def test_the_batch_dialog_sets_what_it_accepts(self):
        batch = self.env["dunning.batch"].with_context(
            active_model="account.move", active_ids=self.invoice.ids
        )
        batch = batch.create({"set_level": True, "set_last_date": True, "level": 1})
        self.assert_writes_survive(batch, read=lambda found: found.action_apply())

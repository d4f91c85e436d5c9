from contextlib import contextmanager

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import DunningMailCommon


@tagged("post_install", "-at_install")
class TestDunningMessagePerInvoice(DunningMailCommon):
    """A message about one invoice needs one message per invoice (D4, b11)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.email = "us@brightwater.example"
        cls.partner_a.email = "a@customer.example"
        cls.template = (
            cls.env["mail.template"]
            .sudo()
            .create(
                {
                    "name": "One invoice",
                    "model_id": cls.env["ir.model"]._get_id("account.move"),
                    "subject": "Invoice {{ object.name }}",
                    "body_html": "<p>Please pay <t t-out='object.name'/></p>",
                }
            )
        )

    @contextmanager
    def refused(self):
        expected = "must send one message per invoice"
        with self.assertRaisesRegex(ValidationError, expected), self.env.cr.savepoint():
            yield

    def test_b11_refused_on_the_level(self):
        with self.refused():
            self.level_1.mail_template_id = self.template
        self.program.grouping = "address"
        with self.refused():
            self.level_1.mail_template_id = self.template
        self.program.grouping = "invoice"
        self.level_1.mail_template_id = self.template

    def test_b11_refused_for_a_letter_not_for_a_call(self):
        self.level_1.channel = "call"
        self.level_1.mail_template_id = self.template
        with self.refused():
            self.level_1.channel = "letter"

    def test_b11_refused_when_a_level_comes_back(self):
        self.level_1.write({"active": False, "mail_template_id": self.template.id})
        with self.refused():
            self.level_1.active = True

    def test_b11_refused_on_the_program(self):
        self.program.grouping = "invoice"
        self.level_1.mail_template_id = self.template
        for grouping in ("customer", "address"):
            with self.refused():
                self.program.grouping = grouping

    def test_b11_both_at_once(self):
        self.program.write(
            {
                "grouping": "invoice",
                "level_ids": [
                    Command.update(self.level_1.id, {"mail_template_id": self.template.id})
                ],
            }
        )
        self.program.write(
            {
                "level_ids": [Command.update(self.level_1.id, {"mail_template_id": False})],
                "grouping": "customer",
            }
        )
        with Form(self.program) as form:
            form.grouping = "invoice"

    def test_b11_refused_at_creation_copy_and_import(self):
        level = {"name": "First", "days": 5, "mail_template_id": self.template.id}
        with self.refused():
            self.env["dunning.program"].create(
                {"name": "New", "level_ids": [Command.create(level)]}
            )
        program = self.env["dunning.program"].create(
            {"name": "New", "grouping": "invoice", "level_ids": [Command.create(level)]}
        )
        self.assertEqual(program.copy().level_ids.mail_template_id, self.template)
        with self.refused():
            program.copy({"grouping": "customer"})
        result = self.env["dunning.program"].load(["id", "grouping"], [["x", "customer"]])
        self.assertTrue(result["messages"])
        self.env["ir.model.data"].sudo().create(
            {"module": "__t__", "name": "own", "model": program._name, "res_id": program.id}
        )
        result = self.env["dunning.program"].load(["id", "grouping"], [["__t__.own", "customer"]])
        self.assertIn("must send one message per invoice", str(result["messages"]))

    def test_b11_reset_gives_the_shipped_message_back(self):
        self.program.grouping = "invoice"
        self.level_1.mail_template_id = self.template
        reset = self.env["dunning.program.reset"].browse(self.program.action_open_reset()["res_id"])
        reset.action_apply()
        self.assertNotEqual(self.level_1.mail_template_id, self.template)

    def test_b11_what_was_so_before_is_held_with_the_reason(self):
        """An upgraded database may hold it: nothing leaves, and the line says why."""
        move = self.create_due_invoice("2026-03-01")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE dunning_level SET mail_template_id = %s WHERE id = %s",
            [self.template.id, self.level_1.id],
        )
        self.env.invalidate_all()
        run = self.env["dunning.run"].create({"date": "2026-03-10"})
        run.action_simulate()
        self.assertEqual(run.line_ids.warning, "text_per_invoice")
        self.assertIn("for a single invoice", run.line_ids.reason_text)
        reminders = self.queue("2026-03-10")
        self.assertEqual((reminders.state, reminders.failure_code), ("failed", "text_per_invoice"))
        self.assertEqual(move.dunning_level, 0)

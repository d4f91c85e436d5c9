from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import DunningCommon

# A dunning manager may read none of these: the secret is reached by every shape a domain has.
SECRETS = (
    "[('dunning_program_id.mail_server_id.smtp_pass', '=like', 's%')]",
    "['!', ('dunning_program_id.mail_server_id.smtp_pass', '=like', 's%')]",
    "['|', ('id', '=', 0), ('dunning_program_id.mail_server_id.smtp_pass', '!=', 'x')]",
    "[('dunning_program_id', 'any', [('mail_server_id.smtp_pass', '=like', 's%')])]",
    "[('dunning_program_id.mail_server_id', 'any', [('smtp_pass', '=like', 's%')])]",
    "[('dunning_program_id.mail_server_id', 'not any', [('smtp_pass', '=like', 's%')])]",
    "[('id', 'any', [('dunning_program_id.mail_server_id.smtp_pass', '=like', 's%')])]",
    "[('line_ids', 'any', [('move_id', 'any', [('dunning_program_id.mail_server_id', 'any',"
    " [('smtp_pass', '=like', 's%')])])])]",
    "[('message_ids.mail_ids', 'ilike', 'secret')]",
    "[('message_ids.mail_ids.failure_reason', 'ilike', 'secret')]",
    "[('create_uid.totp_secret', '!=', False)]",
    "[('create_uid.password', '!=', False)]",
    "[('create_date.year_number', '=', 2026),"
    " ('create_uid.totp_last_counter.year_number', '=', 1)]",
)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestDunningFilter(DunningCommon):
    """A filter names only what its writer may read (issue: a filter is an oracle)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.create_user("filter_manager", "dunning_group_manager")
        server = (
            cls.env["ir.mail_server"]
            .sudo()
            .create({"name": "Secret", "smtp_host": "localhost", "smtp_pass": "s3cret"})
        )
        cls.program.sudo().mail_server_id = server
        cls.move = cls.create_due_invoice("2026-03-01")
        cls.move.dunning_program_id = cls.program

    def simulate(self):
        run = self.env["dunning.run"].create({"date": "2026-03-10"})
        run.action_simulate()
        return run.line_ids

    def test_d12_whatever_a_filter_ends_in_is_said_in_a_sentence(self):
        """Generated: each kind of field that invoices and what they link to have, wrongly asked."""
        paths = {}
        for link in (
            "",
            "line_ids.",
            "attachment_ids.",
            "partner_id.",
            "company_id.",
            "journal_id.",
        ):
            moves = self.env["account.move"]
            model = moves[link[:-1]] if link else moves
            for name, field in model._fields.items():
                paths.setdefault((field.type, field.store, bool(link)), link + name)
        self.assertIn("binary", {kind for kind, _stored, _linked in paths})
        paths["known"] = "attachment_ids.db_datas"
        said = 0
        for path in paths.values():
            for operator, value in (
                ("like", "a"),
                ("=ilike", 3),
                (">", "x"),
                ("in", [None, "x", 1.5, False]),
                ("any", [("nothing", "=", 1)]),
                ("child_of", "x"),
                ("parent_of", [1, "x"]),
            ):
                text = repr([(path, operator, value)])
                with self.subTest(text), self.env.cr.savepoint() as savepoint:
                    try:
                        self.program.with_user(self.manager).filter_domain = text
                    except ValidationError as error:
                        self.assertIn("does not work", str(error))
                        said += 1
                    savepoint.rollback()
                self.env.invalidate_all()
        self.assertGreater(said, 50)

    def test_d12_no_shape_of_a_filter_reads_a_secret(self):
        for record in (self.program, self.level_1):
            for text in SECRETS:
                with (
                    self.subTest(model=record._name, text=text),
                    self.assertRaisesRegex(ValidationError, "does not work"),
                ):
                    record.with_user(self.manager).filter_domain = text

    def test_d12_the_sentence_names_the_field(self):
        with self.assertRaisesRegex(
            ValidationError, "“Password” of Mail Server|Mail Server is not"
        ):
            self.program.with_user(self.manager).filter_domain = SECRETS[0]

    def test_d12_each_field_of_an_invoice_is_refused_or_readable(self):
        """Generated over all fields of an invoice: what is closed to its writer is refused."""
        moves = self.env["account.move"].with_user(self.manager)
        closed = [
            name
            for name, field in moves._fields.items()
            if not moves._has_field_access(field, "read")
        ]
        for name in closed:
            with self.subTest(field=name), self.assertRaises(ValidationError):
                self.program.with_user(self.manager).filter_domain = repr([(name, "!=", False)])
        self.program.with_user(self.manager).filter_domain = "[('ref', '!=', 'HQ')]"
        self.assertEqual(self.program.filter_user_id, self.manager)

    def test_d12_the_rights_are_those_of_the_person_behind_sudo(self):
        with self.assertRaisesRegex(ValidationError, "does not work"):
            self.program.with_user(self.manager).sudo().filter_domain = SECRETS[0]
        with self.assertRaisesRegex(ValidationError, "does not work"):
            self.env["dunning.program"].with_user(self.manager).create(
                {"name": "New", "filter_domain": SECRETS[0]}
            )
        with self.assertRaisesRegex(ValidationError, "does not work"):
            self.program.with_user(self.manager).write(
                {"level_ids": [Command.update(self.level_1.id, {"filter_domain": SECRETS[0]})]}
            )

    def test_d12_a_copy_is_written_by_who_copies(self):
        admin = self.env.ref("base.user_admin")
        admin.sudo().company_ids += self.company
        admin.sudo().group_ids += self.env.ref("account_recurrence_dunning.dunning_group_manager")
        program = self.program.with_user(admin)
        program.filter_domain = "[('dunning_program_id.mail_server_id.smtp_user', '!=', 'x')]"
        self.assertEqual(self.program.filter_user_id, admin)
        with self.assertRaisesRegex(ValidationError, "does not work"):
            self.program.with_user(self.manager).copy()
        self.program.with_user(self.manager).filter_domain = "[('ref', '!=', 'HQ')]"
        self.assertEqual(self.program.with_user(self.manager).copy().filter_user_id, self.manager)

    def test_d12_who_wrote_a_filter_cannot_be_told(self):
        for name, manager in (("write", self.program), ("create", self.env["dunning.program"])):
            vals = {"name": "X", "filter_user_id": self.env.ref("base.user_root").id}
            with self.subTest(name), self.assertRaisesRegex(UserError, "managed by the system"):
                getattr(manager.with_user(self.manager), name)(vals)

    def test_d12_a_filter_whose_writer_was_deleted_is_searched_by_nobody(self):
        self.program.with_user(self.manager).filter_domain = "[('ref', '!=', 'HQ')]"
        self.program.sudo().filter_user_id = False
        self.patch(type(self.program), "write_uid", self.env["res.users"])
        line = self.simulate()
        self.assertEqual((line.decision, line.reason), ("skip", "filter_broken"))
        self.assertIn("The user who defined the filter was deleted", line.reason_text)

    def test_d12_rights_lost_later_hold_the_program_with_the_reason(self):
        self.program.with_user(self.manager).filter_domain = "[('ref', '!=', 'HQ')]"
        self.assertEqual(self.simulate().decision, "remind")
        self.patch(self.env["account.move"]._fields["ref"], "groups", "base.group_system")
        line = self.simulate()
        self.assertEqual((line.decision, line.reason), ("skip", "filter_broken"))
        refused = "filter_manager .*is not allowed to read “Reference” of Journal Entry"
        self.assertRegex(line.reason_text, refused)
        # who may read it answers for it from then on
        admin = self.env.ref("base.user_admin")
        admin.sudo().company_ids += self.company
        admin.sudo().group_ids += self.env.ref("account_recurrence_dunning.dunning_group_manager")
        self.program.with_user(admin).filter_domain = "[('ref', '!=', 'HQ')]"
        self.assertEqual(self.simulate().decision, "remind")

    def test_d12_a_right_on_a_model_lost_later_holds_the_program(self):
        self.program.with_user(self.manager).filter_domain = "[('ref', '!=', 'HQ')]"
        self.manager.sudo().group_ids = self.env.ref("base.group_user")
        self.assertEqual(self.simulate().reason, "filter_broken")

    def test_d12_a_filter_finds_no_record_of_a_company_its_writer_may_not_enter(self):
        other = self.env["res.company"].sudo().create({"name": "Hidden Ltd"})
        hidden = self.env["res.partner"].sudo()
        hidden = hidden.create(
            {"name": "Hidden", "company_id": other.id, "parent_id": self.partner_a.id, "ref": "H1"}
        )
        self.program.with_user(
            self.manager
        ).filter_domain = "[('partner_id.child_ids.ref', '=', 'H1')]"
        self.assertEqual(self.simulate().reason, "not_in_filter")
        hidden.company_id = False
        self.assertEqual(self.simulate().decision, "remind")

    def test_d12_rules_on_invoices_hide_none_from_the_job(self):
        self.program.with_user(self.manager).filter_domain = "[('ref', '!=', 'HQ')]"
        self.env["ir.rule"].sudo().create(
            {
                "name": "Nobody sees them",
                "model_id": self.env["ir.model"]._get_id("account.move"),
                "groups": [Command.set(self.manager.group_ids.ids)],
                "domain_force": "[(0, '=', 1)]",
            }
        )
        self.assertEqual(self.simulate().decision, "remind")

    def test_no_text_that_a_manager_writes_is_evaluated(self):
        """Texts of levels and of single reminders are texts; placeholders are for templates."""
        secret = "object.program_id.mail_server_id.smtp_pass"
        texts = ("{{ " + secret + " }}", f'<p><t t-out="{secret}"/></p>', f'<p t-out="{secret}"/>')
        level = self.level_1.with_user(self.manager)
        for text in texts:
            level.write({"title": text, "header_html": text, "footer_html": text})
            run = self.env["dunning.run"]._execute_for(self.company, self.company._get_job_today())
            reminder = run.reminder_ids.sudo()
            reminder.write({"own_subject": text, "own_body": text})
            for found in (reminder._render_texts()[reminder.id], {"paper": reminder.letter_html}):
                for part in found.values():
                    self.assertNotIn("s3cret", part)
            reminder._drop("Next one")

    def test_d12_only_literals_of_a_sane_size(self):
        texts = {
            "[('id', '=', 9**9**8)]": "only plain values",
            "[('id', 'in', list(range(9)))]": "only plain values",
            "[('id', '=', [0] * 10)]": "only plain values",
            "[('ref', '=', __import__('os'))]": "only plain values",
            "(" * 500 + ")" * 500: "only plain values",
            "[" + "1," * 600 + "]": "too long",
            "[('ref', '=', '" + "x" * 20_000 + "')]": "too long",
            "[('ref', '=', '" + "x" * 10_000_000 + "')]": "longer than",
            "{'ref': 1}": "not a list of conditions",
            "5": "not a list of conditions",
            "[('ref', '=', 1), 5]": "not a list of conditions",
            "['&', ('ref', '=', 'x')]": "not a list of conditions",
            "[('ref', 'any!', [])]": "not a list of conditions",
            "[('ref', 'like', 'a\\x00b')]": "does not work",
            "[('ref.name', '=', 'x')]": "does not work",
            "[('ref', 'any', [('id', '=', 1)])]": "does not work",
        }
        for text, message in texts.items():
            with (
                self.subTest(text[:40]),
                self.assertRaisesRegex(ValidationError, f"(?s)does not work.*{message}|{message}"),
            ):
                self.program.with_user(self.manager).filter_domain = text

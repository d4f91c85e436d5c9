"""What a form does not offer is refused when it is written by another way."""

from freezegun import freeze_time
from lxml import etree

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import DunningCommon

MODULE = "account_recurrence_dunning"

# Domains that only choose which records a list shows, or that spare a person a useless choice.
NARROWS = {
    ("dunning.import", "rejected_ids"): "shows the lines with a problem",
    ("dunning.remind", "line_ids"): "shows the lines to remind",
    ("dunning.remind", "other_line_ids"): "shows the lines that are only mentioned",
    ("dunning.run", "remind_line_ids"): "shows what is to be reminded",
    ("dunning.run", "skip_line_ids"): "shows what is skipped",
    ("recurrence.schedule", "open_occurrence_ids"): "shows the dates to come",
    ("recurrence.schedule", "closed_occurrence_ids"): "shows the dates that are over",
    ("recurrence.schedule", "invoice_ids"): "shows the invoices issued",
    ("recurrence.line.change.line", "product_id"): "Odoo's invoice takes any product too",
    ("recurrence.line.change.line", "tax_ids"): "Odoo checks the company of taxes on invoices",
    ("account.move", "recurrence_quantity_id"): "enforced on the line",
    ("recurrence.schedule.change", "line_product_id"): "shows what lines may have",
    ("recurrence.schedule.change", "new_product_id"): "Odoo's invoice takes any product too",
    ("recurrence.schedule.change", "new_tax_ids"): "Odoo checks the company of taxes on invoices",
    ("recurrence.schedule.change", "payment_term_id"): "Odoo checks the company of the terms",
    ("recurrence.schedule.change", "user_id"): "the recurrence refuses whoever may not issue",
    ("recurrence.schedule.change", "kind_id"): "whatever joins a kind is compared with it",
    ("recurrence.schedule", "kind_id"): "nobody writes it",
    ("recurrence.kind.update", "kind_id"): "nothing is made from what is no kind",
    ("account.move", "recurrence_kind_id"): "its lines are only proposed, while composing",
    ("recurrence.schedule.customers", "partner_ids"): "Odoo checks the company of customers",
    ("recurrence.occurrence.issue", "together_ids"): "what cannot be on the invoice is refused",
    ("recurrence.occurrence.issue.line", "product_id"): "Odoo's invoice takes any product too",
    ("recurrence.occurrence.issue.line", "tax_ids"): "Odoo checks the company of taxes on invoices",
}


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestViewDomains(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].sudo().create({"name": "Other Ltd"})
        cls.manager = cls.create_user(
            "domain_manager", "dunning_group_manager,account.group_account_manager"
        )
        cls.manager.sudo().group_ids += cls.env.ref("base.group_system")
        cls.portal = cls.env["res.users"].sudo()
        cls.portal = cls.portal.create(
            {
                "name": "Portal",
                "login": "domain_portal",
                "group_ids": [Command.set(cls.env.ref("base.group_portal").ids)],
            }
        )
        (cls.partner_a | cls.partner_b).email = "customer@example.com"
        cls.foreign_program = cls.other.dunning_program_id
        cls.foreign_level = cls.foreign_program.level_ids[0]
        cls.second_program = cls.program.copy({"name": "Second"})
        cls.move = cls.create_due_invoice("2026-03-01")
        cls.entry = cls.env["account.move"].create({"move_type": "entry"})
        foreign = cls.env["account.journal"].sudo()
        foreign = foreign.create(
            {"name": "F", "code": "FRN", "type": "general", "company_id": cls.other.id}
        )
        cls.foreign_move = (
            cls.env["account.move"]
            .sudo()
            .with_company(cls.other)
            .create({"move_type": "entry", "journal_id": foreign.id})
        )
        cls.foreign_partner = cls.env["res.partner"].sudo()
        cls.foreign_partner = cls.foreign_partner.create(
            {"name": "Foreign", "company_id": cls.other.id}
        )
        cls.foreign_tag = cls.env["account.move.tag"].sudo()
        cls.foreign_tag = cls.foreign_tag.create({"name": "F", "company_id": cls.other.id})
        cls.schedule = cls.env["recurrence.schedule"].create(
            {"name": "Weekly", "date_start": "2026-03-02", "rrule_type": "weekly"}
        )

    # === WHAT STANDS IN THE ADDON === #

    def get_field_domains(self):
        """Return the (model, field) of the addon whose choice is narrowed by the field itself."""
        return {
            (name, field.name)
            for name, model in self.registry.items()
            for field in model._fields.values()
            if field.relational
            and not field.related
            and not model._abstract
            and MODULE in field._modules
            and (field.check_company or field.domain)
        }

    def get_view_domains(self):
        """Return the (model, field) whose choice is narrowed by a view of the addon."""
        found = set()
        views = self.env["ir.ui.view"].sudo().search([("model", "!=", False)])
        ids = views.get_external_id()
        for view in views.filtered(lambda v: ids[v.id].startswith(f"{MODULE}.")):
            for node in etree.fromstring(view.arch).iter("field"):
                if not node.get("domain"):
                    continue
                model = view.model
                for parent in reversed([p for p in node.iterancestors("field") if len(p)]):
                    field = self.env[model]._fields.get(parent.get("name"))
                    model = field.comodel_name if field is not None else model
                found.add((model, node.get("name")))
        return found

    # === WHAT REFUSES IT === #

    def get_cases(self):
        """Return ``{(model, field): (record or model, violating value)}``."""
        program, level, portal = self.program, self.level_1, self.portal.id
        report = self.env.ref("account.action_report_payment_receipt").id
        return {
            ("dunning.program", "user_id"): (program, portal),
            ("dunning.program", "sender_user_id"): (program, portal),
            ("dunning.program", "runner_ids"): (program, [Command.link(portal)]),
            ("dunning.program", "report_user_ids"): (program, [Command.link(portal)]),
            ("dunning.level", "mail_template_id"): (
                level,
                self.env["mail.template"]
                .sudo()
                .create({"name": "Of users", "model_id": self.env.ref("base.model_res_users").id})
                .id,
            ),
            ("dunning.level", "firm_template_id"): (
                level,
                self.env.ref("account.email_template_edi_invoice").id,
            ),
            ("dunning.level", "statement_report_id"): (level, report),
            ("dunning.level", "invoice_report_id"): (level, report),
            ("dunning.level", "tag_id"): (level, self.foreign_tag.id),
            ("dunning.level", "cc_partner_ids"): (level, [Command.link(self.foreign_partner.id)]),
            ("dunning.program.rule", "program_id"): (
                self.env["dunning.program.rule"].create(
                    {"name": "Abroad", "program_id": program.id}
                ),
                self.foreign_program.id,
            ),
            ("dunning.statement.schedule", "user_id"): (
                self.env["dunning.statement.schedule"].create({"name": "Monthly"}),
                portal,
            ),
            ("dunning.program.schedule", "level_ids"): (
                program.schedule_ids[:1] or program.schedule_ids.create({"program_id": program.id}),
                [Command.link(self.foreign_level.id)],
            ),
            ("dunning.trial", "level_id"): (
                self.env["dunning.trial"].create({"program_id": program.id, "level_id": level.id}),
                self.foreign_level.id,
            ),
            ("dunning.program.run", "level_ids"): (
                self.env["dunning.program.run"].create({"program_id": program.id}),
                [Command.link(self.second_program.level_ids[0].id)],
            ),
            ("dunning.test", "level_id"): (
                self.env["dunning.test"].create(
                    {"move_id": self.move.id, "program_id": program.id}
                ),
                self.second_program.level_ids[0].id,
            ),
            ("dunning.level.preview", "move_id"): (
                self.env["dunning.level.preview"].create({"level_id": level.id}),
                self.foreign_move.id,
            ),
            ("dunning.block", "move_id"): (
                self.env["dunning.block"].create({"kind": "other", "move_id": self.move.id}),
                self.entry.id,
            ),
            ("dunning.block", "move_line_id"): (
                self.env["dunning.block"].create({"kind": "other", "move_id": self.move.id}),
                self.move.invoice_line_ids.id,
            ),
            ("dunning.block", "partner_id"): (
                self.env["dunning.block"].create(
                    {"kind": "other", "partner_id": self.partner_a.id}
                ),
                self.foreign_partner.id,
            ),
            ("dunning.run", "program_ids"): (
                self.env["dunning.run"].create({}),
                [Command.link(self.foreign_program.id)],
            ),
            ("dunning.run", "level_ids"): (
                self.env["dunning.run"].create({}),
                [Command.link(self.foreign_level.id)],
            ),
            ("dunning.run", "move_ids"): (
                self.env["dunning.run"].create({}),
                [Command.link(self.foreign_move.id)],
            ),
            ("account.move", "dunning_program_id"): (self.move, self.foreign_program.id),
            ("account.move", "tag_ids"): (self.move, [Command.link(self.foreign_tag.id)]),
            ("res.partner", "dunning_program_id"): (self.partner_a, self.foreign_program.id),
            ("res.partner", "dunning_contact_id"): (self.partner_a, self.foreign_partner.id),
            ("res.partner", "billing_contact_id"): (self.partner_a, self.foreign_partner.id),
            ("res.company", "dunning_program_id"): (self.company, self.foreign_program.id),
            **self.get_end_cases(),
            ("res.company", "recurrence_user_id"): (self.company, portal),
            ("recurrence.schedule", "user_id"): (self.schedule, portal),
            ("recurrence.schedule", "partner_id"): (self.schedule, self.foreign_partner.id),
            ("recurrence.schedule", "template_move_id"): (self.schedule, self.move.id),
            **self.get_agreement_cases(),
            **self.get_price_cases(),
            **self.get_quantity_cases(),
        }

    def get_quantity_cases(self):
        """Usage is of a quantity that is imported, and of a recurring invoice of its company."""
        quantities = self.env["recurrence.quantity"].sudo()
        foreign, usage, entered = quantities.create(
            [
                {"name": "F", "source": "usage", "company_id": self.other.id},
                {"name": "U", "source": "usage", "company_id": self.company.id},
                {"name": "E", "source": "entered", "company_id": self.company.id},
            ]
        )
        template = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "is_recurrence_template": True,
                "partner_id": self.partner_a.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Support",
                            "price_unit": 1.0,
                            "recurrence_quantity_id": usage.id,
                        }
                    )
                ],
            }
        )
        billing = self.env["recurrence.schedule"].create(
            {
                "name": "Support",
                "target": "invoice",
                "template_move_id": template.id,
                "date_start": "2026-03-02",
                "company_id": self.company.id,
            }
        )
        row = self.env["recurrence.usage"].create(
            {"quantity_id": usage.id, "schedule_id": billing.id, "day": "2026-03-02", "used": 1}
        )
        line = billing.template_move_id.invoice_line_ids[:1]
        return {
            ("account.move.line", "recurrence_quantity_id"): (line, foreign.id),
            ("recurrence.usage", "quantity_id"): (row, entered.id),
            ("recurrence.usage", "schedule_id"): (row, self.schedule.id),
        }

    def get_price_cases(self):
        """Price rises and clauses are of one company, with a colleague and a text of theirs."""
        clauses = self.env["recurrence.price.clause"].sudo()
        foreign_clause = clauses.create({"name": "F", "company_id": self.other.id})
        foreign_schedule = self.env["recurrence.schedule"].sudo()
        foreign_schedule = foreign_schedule.create(
            {"name": "F", "company_id": self.other.id, "date_start": "2026-03-02", "user_id": False}
        )
        rise = self.env["recurrence.price.rise"].create({"name": "2027"})
        return {
            ("recurrence.schedule", "price_clause_id"): (self.schedule, foreign_clause.id),
            ("recurrence.price.clause", "user_id"): (
                self.env["recurrence.price.clause"].create({"name": "Yearly"}),
                self.portal.id,
            ),
            ("recurrence.price.rise", "user_id"): (rise, self.portal.id),
            ("recurrence.price.rise", "schedule_ids"): (rise, [Command.link(foreign_schedule.id)]),
            ("recurrence.price.rise", "mail_template_id"): (
                rise,
                self.env.ref("account.email_template_edi_invoice").id,
            ),
        }

    def get_end_cases(self):
        """The journal and the accounts of proposed entries, in the settings and in the dialog."""
        account = self.env["account.account"].sudo().with_company(self.other)
        account = account.create(
            {
                "name": "Foreign",
                "code": "F1",
                "account_type": "expense",
                "company_ids": [Command.set(self.other.ids)],
            }
        )
        journal = self.foreign_move.journal_id
        decide = self.env["dunning.decide"].sudo().create({"company_id": self.company.id})
        decide = decide.with_user(self.manager).sudo(False)
        return {
            ("res.company", "dunning_accountant_id"): (self.company, self.portal.id),
            ("res.company", "dunning_end_journal_id"): (self.company, journal.id),
            ("res.company", "dunning_write_off_account_id"): (self.company, account.id),
            ("res.company", "dunning_doubtful_account_id"): (self.company, account.id),
            ("res.company", "dunning_allowance_account_id"): (self.company, account.id),
            ("dunning.decide", "journal_id"): (decide, journal.id),
            **self.get_charge_cases(account, journal),
            ("dunning.decide", "write_off_account_id"): (decide, account.id),
            ("dunning.decide", "doubtful_account_id"): (decide, account.id),
            ("dunning.decide", "allowance_account_id"): (decide, account.id),
            ("dunning.decide", "agency_id"): (decide, self.foreign_partner.id),
            ("dunning.decide", "tag_id"): (decide, self.foreign_tag.id),
        }

    def get_charge_cases(self, account, journal):
        """How claims are booked: with what is the company's own."""
        product = self.env["product.product"].sudo()
        product = product.create({"name": "F", "company_id": self.other.id})
        return {
            ("res.company", "dunning_charge_journal_id"): (self.company, journal.id),
            ("res.company", "dunning_charge_account_id"): (self.company, account.id),
            ("res.company", "dunning_charge_product_id"): (self.company, product.id),
            ("res.company", "dunning_charge_tax_id"): (self.company, self.tax_purchase_a.id),
        }

    def get_agreement_cases(self):
        """What customers said stands as it was noted, but for who is responsible."""
        values = {"partner_id": self.partner_a.id}
        records = (
            self.env["dunning.promise"].create({**values, "date": "2026-03-20"}),
            self.env["dunning.dispute"].create({**values, "reason": "amount"}),
            self.env["dunning.call"].create({**values, "outcome": "reached"}),
            self.env["dunning.plan"].create(values),
            self.env["dunning.handover"].create({**values, "agency_id": self.partner_b.id}),
        )
        wrong = {
            "partner_id": self.foreign_partner.id,
            "user_id": self.portal.id,
            "move_line_ids": [Command.link(self.move.invoice_line_ids.id)],
            "contact_id": self.foreign_partner.id,
            "agency_id": self.foreign_partner.id,
            "reminder_id": False,
            "credit_move_ids": [Command.link(self.move.id)],
        }
        cases = self.env["dunning.case"].sudo()
        cases._refresh_customers(self.company, self.partner_a)
        case = cases.search([("partner_id", "=", self.partner_a.id)], limit=1)
        return {
            ("dunning.case", "collector_id"): (case.with_env(self.env), self.portal.id),
            **{
                (record._name, name): (record, value)
                for record in records
                for name, value in wrong.items()
                if name in record._fields
            },
        }

    def get_actions(self):
        """Return ``{(model, field): call}`` of dialogs that refuse when they act."""
        settings = self.env["res.config.settings"].with_user(self.manager)

        def save_settings(**vals):
            settings.create(vals).execute()

        def copy_program():
            copy = self.env["dunning.program.copy"].with_user(self.manager)
            copy.create({"program_id": self.program.id, "company_id": self.other.id}).action_copy()

        def change_program():
            change = self.env["dunning.change"].with_user(self.manager)
            change.create(
                {
                    "kind": "partner",
                    "partner_id": self.partner_a.id,
                    "company_id": self.company.id,
                    "program_id": self.foreign_program.id,
                }
            )._apply()

        def look_ahead(**vals):
            forecast = self.env["dunning.forecast"].with_user(self.manager)
            forecast.create({"company_id": self.company.id, **vals})

        own, foreign = self.program.id, self.foreign_program.id
        return {
            ("dunning.forecast", "program_ids"): lambda: look_ahead(program_ids=[foreign]),
            ("dunning.forecast", "program_id"): lambda: look_ahead(
                program_id=foreign, other_program_id=own
            ),
            ("dunning.forecast", "other_program_id"): lambda: look_ahead(
                program_id=own, other_program_id=foreign
            ),
            ("dunning.program.copy", "company_id"): copy_program,
            ("dunning.waiver", "move_id"): lambda: (
                self.env["dunning.waiver"]
                .with_user(self.manager)
                .create({"move_id": self.entry.id, "reason": "Agreed"})
            ),
            ("dunning.change", "program_id"): change_program,
            ("res.config.settings", "dunning_program_id"): lambda: save_settings(
                dunning_program_id=self.foreign_program.id
            ),
            ("res.config.settings", "dunning_sender_user_id"): lambda: save_settings(
                dunning_sender="user", dunning_sender_user_id=self.portal.id
            ),
            ("res.config.settings", "recurrence_user_id"): lambda: save_settings(
                recurrence_user_id=self.portal.id
            ),
        }

    def test_each_domain_is_enforced_or_only_narrows(self):
        found = self.get_field_domains() | self.get_view_domains()
        known = {*self.get_cases(), *self.get_actions(), *NARROWS}
        self.assertFalse(found - known, "new domains: enforce them, or say why they only narrow")
        self.assertFalse(set(NARROWS) - found, "no such domain any more")

    def test_what_a_form_does_not_offer_is_refused_by_rpc(self):
        for (model, name), (record, value) in self.get_cases().items():
            with (
                self.subTest(model=model, field=name),
                self.assertRaises(UserError),
                self.env.cr.savepoint(),
            ):
                self.assertEqual(record._name, model)
                record.with_user(self.manager).write({name: value})
                self.env.flush_all()

    def test_what_a_dialog_does_not_offer_is_refused_when_it_acts(self):
        for (model, name), call in self.get_actions().items():
            with (
                self.subTest(model=model, field=name),
                self.assertRaises(UserError),
                self.env.cr.savepoint(),
            ):
                call()
                self.env.flush_all()

    def test_a_schedule_goes_only_to_who_may_enter_its_company(self):
        stranger = self.create_user("domain_stranger", companies=self.other)
        with self.assertRaisesRegex(UserError, "has no access to"):
            self.schedule.user_id = stranger

    # === WHEN IT IS USED === #

    def break_model(self, chosen, model):
        """Change what a text or report is about behind the back of the constraint."""
        chosen = chosen.sudo()
        if chosen._name == "mail.template":
            body = {"subject": "Your account", "body_html": "<p>Hello</p>"}
            chosen.write({"model_id": self.env["ir.model"]._get_id(model), **body})
        else:
            chosen.model = model

    def test_a_message_that_became_one_about_users_does_not_leave(self):
        template = self.level_1.mail_template_id.sudo().copy()
        self.level_1.mail_template_id = template
        self.break_model(template, "res.users")
        run = self.env["dunning.run"]._execute_for(self.company, self.company._get_job_today())
        self.assertEqual(run.reminder_ids.state, "failed")
        self.assertIn(
            "does not apply to Dunning Reminder or Journal Entry", run.reminder_ids.failure_reason
        )

    def test_a_report_that_became_one_of_payments_is_not_rendered(self):
        for name, flag in (
            ("invoice_report_id", "attach_invoices"),
            ("statement_report_id", "attach_statement"),
        ):
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                xmlid = {
                    "invoice_report_id": "account.account_invoices",
                    "statement_report_id": f"{MODULE}.dunning_statement_report",
                }[name]
                report = self.env.ref(xmlid).sudo().copy()
                self.level_1.write({name: report.id, flag: True})
                self.break_model(report, "account.payment")
                run = self.env["dunning.run"]._execute_for(
                    self.company, self.company._get_job_today()
                )
                self.env["dunning.reminder"]._send_queued(self.company._get_job_today())
                self.assertEqual(run.reminder_ids.state, "failed")
                self.assertIn("does not apply to", run.reminder_ids.failure_reason)
                savepoint.rollback()

    def test_an_invoice_of_another_company_is_not_enclosed(self):
        self.level_1.write(
            {
                "invoice_report_id": self.env.ref("account.account_invoices").id,
                "attach_invoices": True,
            }
        )
        run = self.env["dunning.run"]._execute_for(self.company, self.company._get_job_today())
        run.reminder_ids.line_ids.sudo().move_id = self.foreign_move
        self.env["dunning.reminder"]._send_queued(self.company._get_job_today())
        self.assertNotEqual(run.reminder_ids.state, "sent")
        self.assertFalse(run.reminder_ids.document_ids)

"""Two companies with something of everything that the screens of this addon show."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command

from .client_views import ADDON
from .common import DunningMailCommon

GROUPS = {
    "employee": "base.group_user",
    "invoicing": "account.group_account_invoice",
    "readonly": "account.group_account_readonly",
    "dunning_user": f"{ADDON}.dunning_group_user",
    "dunning_manager": f"{ADDON}.dunning_group_manager",
    "system": "base.group_system",
    "administrator": "base.group_system,account.group_account_manager,"
    f"{ADDON}.dunning_group_manager",
}
CUSTOMERS = 9
BLOCKS = ("dispute", "promise", "direct_debit", "goodwill", "legal", "other", "reply")


class ScreenWorld(DunningMailCommon):
    """``cls.scope`` tells, for models of Odoo, which records are of this world."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        other = cls.setup_other_company()["company"]
        cls.companies = cls.company | other
        cls.env.user.company_ids |= other
        cls.users = {
            name: cls.create_user(f"screen_{name}", groups, cls.companies)
            for name, groups in GROUPS.items()
        }
        cls.numbers, cls.activities, cls.terms = {}, {}, {}
        cls.scope = {"res.partner": [], "account.move": [], "res.users": [], "account.journal": []}
        for company in cls.companies:
            Company(cls, company)
        cls.env.flush_all()
        cls.env.invalidate_all()


class Company:
    """What one company has: customers with contacts, invoices, runs, reminders, recurrences."""

    def __init__(self, world, company):
        self.world, self.company = world, company
        self.env = world.env(context={"allowed_company_ids": company.ids}, su=True)
        self.company = company = company.with_env(self.env)
        company.write(
            {
                "recurrence_dunning_tz": "UTC",
                "email": "us@company.example",
                "dunning_active": True,
                "dunning_grace_days": 0,
                "dunning_activation_date": "2020-01-01",
                "dunning_charge_on_invoices": True,
                "recurrence_invoice_limit": 3,
                "recurrence_horizon_months": 2,
            }
        )
        self.today = company._get_job_today()
        self.program = company.dunning_program_id
        self.customers = self.create_customers()
        self.invoices = [self.create_invoice(n, days=40) for n in range(CUSTOMERS)]
        world.numbers[company] = self.invoices[0].name
        self.create_other_invoices()
        self.create_series()
        self.create_programs()
        self.create_blocks()
        self.create_runs()
        self.create_end()
        self.create_rules()
        self.create_days()
        self.create_answers(self.env["dunning.reminder"].search([("state", "=", "sent")], limit=1))
        self.create_reminded()
        self.env["dunning.case"]._refresh_customers(company, self.customers)
        self.interactions = self.create_interactions()
        self.create_recurring_invoices()
        self.create_user_side()
        world.scope["res.partner"] += (self.customers | self.customers.child_ids).ids
        moves = self.env["account.move"].search([("company_id", "=", company.id)])
        templates = self.env["account.move"].search([("is_recurrence_template", "=", True)])
        world.scope["account.move"] += (moves | templates).ids
        journals = self.env["account.journal"].search(
            [("company_id", "=", company.id), ("type", "in", ("sale", "bank"))]
        )
        world.scope["account.journal"] += journals.ids
        own = [("recurrence_occurrence_id.company_id", "=", company.id)]
        about = [("res_model", "=", "res.partner"), ("res_id", "in", self.customers.ids)]
        domain = ["|", *own, "&", *about]
        world.activities[company] = self.env["mail.activity"].search(domain)

    def day(self, days):
        return self.today + timedelta(days)

    # === CUSTOMERS AND INVOICES === #

    def create_customers(self):
        customers = self.env["res.partner"].create(
            [
                {
                    "name": f"Customer {n} of {self.company.name}",
                    "is_company": True,
                    "email": f"c{n}@customer.example",
                    "company_id": self.company.id if n % 2 else False,
                    "child_ids": [
                        Command.create(
                            {"name": f"Ann {n}", "type": "contact", "email": f"a{n}@x.example"}
                        ),
                        Command.create(
                            {"name": f"Bills {n}", "type": "invoice", "email": f"b{n}@x.example"}
                        ),
                        Command.create({"name": f"Store {n}", "type": "delivery"}),
                    ],
                }
                for n in range(CUSTOMERS)
            ]
        )
        first = customers[0]
        first.dunning_contact_id, first.billing_contact_id = first.child_ids[0], first.child_ids[1]
        first.child_ids[2].write({"dunning_also": True, "dunning_preferred": True})
        customers[7].dunning_policy = "never"
        return customers

    def create_invoice(self, number, days, partner=None, post=True, **values):
        """An invoice to a customer, overdue since so many days."""
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": (partner or self.customers[number]).id,
                "invoice_date": self.day(-days - 30),
                "invoice_date_due": self.day(-days),
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create({"name": "Work", "price_unit": 100.0, "tax_ids": False})
                ],
                **values,
            }
        )
        if post:
            move.action_post()
            move.is_move_sent = True
        return move

    def create_other_invoices(self):
        first = self.customers[0]
        self.create_invoice(0, 10, partner=first.child_ids[0])
        self.create_invoice(0, -20, partner=first)
        self.create_invoice(0, 5, post=False)
        self.create_invoice(1, 5).button_cancel()
        self.create_invoice(1, 5, move_type="out_refund")
        self.create_invoice(1, 5, move_type="in_invoice")
        # never sent, and from before dunning was switched on
        self.create_invoice(1, 20).is_move_sent = False
        self.create_invoice(4, 3650)

    # === DUNNING === #

    def create_series(self):
        """Create what Odoo itself repeats, to be taken over."""
        for number in range(2):
            move = self.create_invoice(number, days=-20, post=False)
            move.write({"auto_post": "monthly", "date": move.invoice_date})

    def create_programs(self):
        """One program more, whose levels are letters and calls, for two customers."""
        program = self.program.copy({"name": "By letter and telephone"})
        letter, call = program.level_ids.filtered(lambda level: level.days >= 0)[:2]
        letter.channel = call.channel = "letter"
        program.partner_id = self.customers[6]
        self.customers[6].write({"dunning_policy": "own", "dunning_program_id": program.id})
        calls = self.program.copy({"name": "By telephone"})
        calls.level_ids.filtered(lambda level: level.days >= 0).channel = "call"
        self.customers[8].write({"dunning_policy": "own", "dunning_program_id": calls.id})
        self.env["dunning.program.schedule"].create({"program_id": self.program.id})
        self.programs = self.program | program | calls
        self.program.write({"charge_compute": True, "charge_statement": True})
        self.program.level_ids.charge_show = True
        self.customers.write({"is_company": True, "country_id": self.env.ref("base.fr").id})
        schedule = self.env["dunning.statement.schedule"].create({"name": "Statements"})
        slot = schedule.next_run
        schedule._queue_statements(schedule._get_customers(self.customers[:2].ids), slot)
        self.env["dunning.trial"].create(
            {"program_id": calls.id, "level_id": calls.level_ids.sorted("days")[1].id, "percent": 1}
        )
        archived = self.program.copy({"name": "Former"})
        archived.active = False
        tag = self.env["account.move.tag"].create({"name": f"Seen by {self.company.name}"})
        self.invoices[0].tag_ids = tag

    def create_blocks(self):
        blocks = self.env["dunning.block"]
        for number, kind in enumerate(BLOCKS):
            values = {"kind": kind, "reason": "As agreed", "date_until": self.day(10)}
            move = self.create_invoice(number, 60)
            blocks |= blocks.create({**values, "move_id": move.id})
        customer = {"partner_id": self.customers[5].id, "company_id": self.company.id}
        days = {"date_from": self.day(-20), "date_until": self.day(-10)}
        lifted = blocks.create({**customer, "kind": "other"})
        blocks.create({**customer, "kind": "promise", **days})
        lifted.action_lift()
        self.create_work()
        self.create_claims()

    def create_work(self):
        """What customers said: of disputes, one that is credited next, and settled ones."""
        for customer, outcome in zip(
            self.customers, ("reached", "not_reached", "wrong_number"), strict=False
        ):
            self.env["dunning.call"].create(
                {
                    "partner_id": customer.id,
                    "company_id": self.company.id,
                    "outcome": outcome,
                    "note": "Spoke with Ann",
                    "promise_date": outcome == "reached" and self.day(3),
                }
            )
        for number in (2, 4):
            move = self.create_invoice(number, 30)
            plan = self.env["dunning.plan"].create(
                {
                    "partner_id": move.partner_id.id,
                    "company_id": self.company.id,
                    "move_line_ids": move.line_ids.filtered("date_maturity").ids,
                }
            )
            if number == 4:
                plan.action_activate()
                plan.warned_date = self.today
        disputes = self.env["dunning.dispute"]
        for number, end in enumerate(("credit", "rejected", "withdrawn", "part")):
            move = self.create_invoice(number, 30)
            dispute = disputes.create(
                {
                    "partner_id": move.partner_id.id,
                    "company_id": self.company.id,
                    "reason": "defective",
                    "text": "It is broken",
                    "amount": 40.0 if end == "part" else 0.0,
                    "move_line_ids": move.line_ids.filtered("date_maturity").ids,
                }
            )
            if end == "credit":
                values = {"move_type": "out_refund", "partner": move.partner_id}
                dispute.credit_move_ids = self.create_invoice(number, 5, **values)
            elif end != "part":
                getattr(dispute, f"action_{end}")()

    def create_claims(self):
        """Claims for late payment: one waived in part, one waived and claimed again, one booked."""
        # of customers without anything to their credit
        moves = [self.create_invoice(number, 60) for number in (3, 3, 5)]
        values = {"reason": "As agreed", "share": "half"}
        for move in moves[:2]:
            waiver = self.env["dunning.waiver"].create({**values, "move_id": move.id})
        waiver.action_withdraw()
        moves[2].action_dunning_charge()

    def create_reminded(self):
        """An invoice that got its level today: the next one waits, and can be sent ahead.

        What its message claims was booked.
        """
        partner = self.env["res.partner"].create(
            {
                "name": f"Reminded by {self.company.name}",
                "email": "reminded@customer.example",
                "is_company": True,
                "country_id": self.env.ref("base.fr").id,
            }
        )
        move = self.create_invoice(0, 20, partner=partner)
        self.env["dunning.remind"].browse(move.action_dunning_remind()["res_id"]).action_remind()
        self.program.level_ids.charge_book = "draft"
        move.dunning_reminder_line_ids.reminder_id._set_sent()
        self.program.level_ids.charge_book = False

    def create_runs(self):
        """A run in each state, a reminder in each state, in two ways out."""
        runs = self.env["dunning.run"].sudo(False)
        self.program.report_user_ids = self.world.users["dunning_manager"]
        done = runs._execute_for(self.company, self.today, programs=self.programs)
        reminders = done.reminder_ids.sudo()
        mails = reminders.filtered(lambda r: r.channel == "email")
        states = ("queued", "sent", "failed", "undeliverable", "cancelled", "reversed")
        assert len(mails) > len(states) - 2, "the run made too few reminders to show all states"
        # what is held must not be a notice: too late, it is cancelled instead of offered again
        mails = mails.sorted(lambda r: r.level_id.number, reverse=True)
        for reminder, state in zip(mails, states, strict=False):
            reminder.write({"state": state, "failure_reason": state == "failed" and "It broke"})
            if state == "sent":
                reminder.write({"sent_date": self.today})
                reminder.mail_id.state = "sent"
                reminder.reply_date = self.today
                reminder._hold_after_answer()
            elif state == "queued":
                # waits since dunning was switched off for a while
                reminder._set_held()
        for state in ("draft", "simulated", "to_check", "failed"):
            run = runs.create({"company_id": self.company.id, "date": self.today})
            if state in ("simulated", "to_check"):
                run.action_simulate()
            run.sudo().state = state
            if state == "to_check":
                is_omitted = {
                    "omitted_by_id": self.env.uid,
                    "decision": "skip",
                    "reason": "removed",
                }
                run.remind_line_ids[:1].sudo().write(is_omitted)
        done.sudo().changed_count = 1
        # of a day to come, and of one on which nothing was due yet
        for days in (30, -400):
            runs.create({"company_id": self.company.id, "date": self.day(days)}).action_simulate()

    def create_days(self):
        """A day of each kind, and customers drawn for a control group by the run."""
        for number, state in enumerate(("open", "good", "less", "alarm")):
            values = {"company_id": self.company.id, "date": self.day(-number), "state": state}
            self.env["dunning.day"].create({**values, "expected_messages": 4, "done_messages": 3})
        trial = self.programs.trial_ids
        assert trial.member_ids, "the run drew nobody for the control group"

    def create_rules(self):
        """Programs by rule: one that is used, one that is not."""
        rules = self.env["dunning.program.rule"].create(
            [
                {
                    "name": name,
                    "company_id": self.company.id,
                    "program_id": self.program.id,
                    "country_ids": self.env.ref("base.be").ids,
                }
                for name in ("Belgium", "Also Belgium")
            ]
        )
        rules[0]._switch()

    def create_end(self):
        """Items at the end of the ladder: undecided, handed over, with an entry and without."""
        ends = self.env["dunning.escalation"]
        for number in (3, 1, 2, 4):
            move = self.invoices[3] if number == 3 else self.create_invoice(number, 60)
            line = move.line_ids.filtered(
                lambda line: line.account_id.account_type == "asset_receivable"
            )
            ends |= ends.create(
                {
                    "company_id": self.company.id,
                    "move_line_id": line.id,
                    "partner_id": line.partner_id.id,
                    "program_id": self.program.id,
                    "date_entered": self.today,
                }
            )
        handover = ends[1]._hand_over(self.customers[5])
        handover.dossier_date = fields.Datetime.now()
        accounts = self.env["account.account"].with_company(self.company)
        journal = self.env["account.journal"].search(
            [("company_id", "=", self.company.id), ("type", "=", "general")], limit=1
        )
        expense = accounts.search(
            [("company_ids", "in", self.company.ids), ("account_type", "=", "expense")], limit=1
        )
        ends[2]._propose_entries("write_off", self.today, journal, expense)
        ends[2].entry_id.action_post()
        ends[2]._decide("write_off")
        ends[3]._decide("doubtful")
        self.env["dunning.case"].sudo()._stop_customers(
            self.company, self.invoices[3].commercial_partner_id, stop_reason="Nothing was paid"
        )

    def create_answers(self, reminder):
        """What a customer answers on the own page, of each kind."""
        customer = reminder.partner_id.commercial_partner_id
        line = reminder.line_ids.move_line_id[:1]
        values = {
            "company_id": self.company.id,
            "partner_id": customer.id,
            "reminder_id": reminder.id,
            "date": self.today,
            "items": line.move_id.name,
            "amount_text": "100.00",
            "move_line_ids": line.ids,
        }
        plan = {
            "plan_count": 3,
            "plan_step": "month",
            "amount": 100.0,
            "currency_id": self.company.currency_id.id,
        }
        extra = {
            "promise": {"state": "accepted", "day": self.day(5)},
            "dispute": {"reason": "defective", "text": "It is broken"},
            "paid": {"day": self.today, "reference": "TX 77"},
            "contact": {"contact_name": "Bob", "contact_email": "bob@customer.example"},
            "plan": {"day": self.day(5), **plan},
        }
        for kind, more in extra.items():
            mark = f"{self.company.id} {kind}"
            answer = self.env["dunning.answer"].create(
                {**values, "kind": kind, "fingerprint": mark, **more}
            )
            if kind in ("promise", "dispute"):
                answer._hold(kind, self.day(5), self.today)
                answer._note_answer(self.today)

    # === RECURRENCES === #

    def create_interactions(self):
        """Each user has an interaction with a contact of the first customer; and of all kinds."""
        first = self.customers[0]
        schedules = self.env["recurrence.schedule"]
        for number, user in enumerate(self.world.users.values()):
            own = schedules.with_user(user).sudo(False)
            about = {"subject": "partner", "partner_id": first.child_ids[number % 3].id}
            made = own.create(
                [
                    self.rule(name="Draft", **about),
                    self.rule(name="Call", note="<p>Ask</p>", **about),
                    self.rule(name="Pause", subject="none"),
                    self.rule(name="Finish", end_type="count", count=3),
                ]
            )
            made[1:].action_generate()
            made[2].action_pause()
            made[3].action_finish()
            schedules |= made.sudo()
        schedules |= self.create_odd_interactions()
        schedules.filtered(lambda s: s.state == "running")._run_due(self.today)
        for state, occurrence in zip(
            ("done", "skipped", "failed"), schedules[1].occurrence_ids, strict=False
        ):
            occurrence.sudo().write({"state": state, "error": state == "failed" and "It broke"})
        return schedules

    def create_odd_interactions(self):
        """About a record, about a saved filter, with a meeting."""
        own = self.env["recurrence.schedule"].with_user(self.world.users["administrator"])
        saved = self.env["ir.filters"].create(
            {
                "name": f"Customers of {self.company.name}",
                "model_id": "res.partner",
                "domain": "[('name', 'like', 'Customer')]",
                "user_ids": [Command.set(own.env.user.ids)],
            }
        )
        made = own.sudo(False).create(
            [
                self.rule(name="Filter", subject="filter", filter_id=saved.id),
                self.rule(
                    name="Record",
                    subject="record",
                    res_model="res.partner",
                    res_id=self.customers[2].id,
                ),
                self.rule(
                    name="Meet",
                    activity_type_id=self.env.ref("mail.mail_activity_data_meeting").id,
                    date_start=self.day(1),
                    lead_days=3,
                ),
            ]
        )
        made.action_generate()
        return made.sudo()

    def rule(self, **values):
        return {
            "company_id": self.company.id,
            "rrule_type": "weekly",
            "date_start": self.day(-7),
            **values,
        }

    def create_template(self, number):
        dates = {"invoice_date": False, "invoice_date_due": False}
        return self.create_invoice(number, 0, post=False, is_recurrence_template=True, **dates)

    def create_recurring_invoices(self):
        owner = self.world.users["invoicing"]
        modes = ("confirm", "post", "draft", "confirm", "confirm")
        names = ("Asked", "Posted", "Drafted", "Failed", "Backlog")
        schedules = self.env["recurrence.schedule"]
        for number, (mode, name) in enumerate(zip(modes, names, strict=True)):
            backlog = name == "Backlog"
            template = self.create_template(number)
            schedules |= (
                schedules.with_user(owner)
                .sudo(False)
                .create(
                    self.rule(
                        name=f"{name} in {self.company.name}",
                        target="invoice",
                        template_move_id=template.id,
                        invoice_mode=mode,
                        rrule_type="daily" if backlog else "monthly",
                        date_start=self.day(-6 if backlog else -40),
                    )
                )
            )
        schedules.with_user(owner).sudo(False)[1:].action_generate()
        schedules[0].with_user(owner).sudo(False).action_generate()
        schedules.sudo()._run_due(self.today)
        schedules[3].occurrence_ids[:1].sudo().write({"state": "failed", "error": "It broke"})
        self.make_template_used(schedules[0].template_move_id)
        self.create_price_rises(schedules.with_user(owner).sudo(False))
        self.create_quantities(schedules.with_user(owner).sudo(False))
        self.create_kind(schedules.with_user(owner).sudo(False))
        self.create_agreements(schedules.with_user(owner).sudo(False))
        draft, _alone = self.create_template(0), self.create_template(1)
        schedules.with_user(owner).sudo(False).create(
            self.rule(name="Not yet", target="invoice", template_move_id=draft.id)
        )

    def create_kind(self, schedules):
        """A kind that has changed since recurring invoices were made from it."""
        opened = schedules[1].action_save_as_kind()
        template = schedules.env["account.move"].browse(opened["res_id"])
        schedules[2]._join_kind(template.recurrence_schedule_id)
        template.invoice_line_ids[:1].price_unit += 10

    def create_agreements(self, schedules):
        """One that is to be renewed, and one that notice ends."""
        schedules[1].write({"term_number": 12, "renewal": "ask"})
        schedules[1].action_regenerate()
        schedules[2]._give_notice(
            {
                "notice_date": self.today,
                "notice_by": "them",
                "notice_end": self.day(60),
                "notice_reason_id": self.env["recurrence.notice.reason"].search([], limit=1).id,
            }
        )

    def create_quantities(self, schedules):
        """Contacts that are counted, usage that is billed and that waits, a number to enter."""
        env = schedules.env
        saved = env["ir.filters"].create({"name": "Contacts", "model_id": "res.partner"})
        common = {"company_id": self.company.id}
        contacts, storage, pages = env["recurrence.quantity"].create(
            [
                {**common, "name": "Contacts", "filter_id": saved.id},
                {**common, "name": "Storage", "source": "usage"},
                {**common, "name": "Pages", "source": "entered"},
            ]
        )
        for schedule, quantity in zip(schedules[1:4], (contacts, storage, pages), strict=True):
            line = schedule.template_move_id.invoice_line_ids[:1]
            line.recurrence_quantity_id = quantity
        env["recurrence.usage"].create(
            [
                {
                    "quantity_id": storage.id,
                    "schedule_id": schedules[2].id,
                    "day": self.day(-days),
                    "used": 10,
                }
                for days in (50, 40, 1)
            ]
        )
        done = schedules[1].occurrence_ids[:1]
        env["recurrence.quantity.count"].sudo().create(
            {
                "occurrence_id": done.id,
                "name": "Contacts",
                "quantity_id": contacts.id,
                "counted": 1,
                "record_model": "res.partner",
                "record_ids": schedules[1].partner_id.ids,
                "record_count": 1,
            }
        )

    def create_price_rises(self, schedules):
        """One not worked out, two to look at, one in force with a letter and a failure."""
        index = self.env["recurrence.price.index"].create({"name": "Consumer prices"})
        self.env["recurrence.price.index.value"].create(
            {"index_id": index.id, "month": "2026-01-01", "value": 100}
        )
        clause = self.env["recurrence.price.clause"].create(
            {"name": f"Yearly in {self.company.name}", "company_id": self.company.id}
        )
        schedules[2].price_clause_id = clause
        rises = self.env["recurrence.price.rise"].with_env(schedules.env)
        values = {"percent": 3, "company_id": self.company.id}
        chosen = schedules[:4]
        for name, is_announced in (("New", True), ("Told", True), ("Quiet", False), ("Set", True)):
            rises |= rises.create(
                {
                    **values,
                    "name": name,
                    "is_announced": is_announced,
                    "schedule_ids": [Command.set(chosen.ids)],
                }
            )
        rises[1:].action_propose()
        done = rises[3]
        done.notice_ids[2].recipient_id.sudo().email = False
        changed = done.notice_ids[1].line_ids.line_id
        changed.price_unit += 1
        done.action_apply()
        changed.price_unit -= 1

    def make_template_used(self, template):
        """Its term asks before it is archived; today its customer has another fiscal position."""
        term = self.env["account.payment.term"].create({"name": "Used"})
        template.invoice_payment_term_id = self.world.terms[self.company] = term
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        template.partner_id.property_account_position_id = position

    def create_user_side(self):
        """An activity on a contact and a meeting, to be made recurring."""
        for user in self.world.users.values():
            self.customers[1].activity_schedule(
                "mail.mail_activity_data_todo", user_id=user.id, summary="Ring"
            )
            self.env["calendar.event"].with_user(user).sudo(False).create(
                {"name": "Lunch", "start": "2026-01-05 12:00:00", "stop": "2026-01-05 13:00:00"}
            )

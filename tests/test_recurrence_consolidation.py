from datetime import date
from unittest.mock import patch

import psycopg2

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ..models.recurrence.recurrence_schedule_correction_mixin import LineChange
from .test_recurrence_billed_line import BilledLineCase

JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


class ConsolidationCase(BilledLineCase):
    """Base: hosting (100.00) and support (40.00) of a customer who wants one invoice; 15 % tax."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.recurrence_consolidation = True

    @classmethod
    def create_named(cls, name, price, *, template=None, **vals):
        schedule = cls.create_schedule(
            cls.partner_a,
            template={"invoice_line_ids": [cls.line(name, price)], **(template or {})},
            **{"name": name, "invoice_mode": "post", "user_id": cls.clerk.id, **vals},
        )
        return schedule

    def start(self, *schedules):
        schedules = self.env["recurrence.schedule"].union(*schedules)
        schedules.with_user(self.clerk).action_generate()
        return schedules

    def create_both(self, **vals):
        self.hosting = self.create_named("Hosting", 100.0, **vals)
        self.support = self.create_named("Support", 40.0, **vals)
        return self.start(self.hosting, self.support)

    def run_day(self, day):
        """Do the work of a day; return the invoices that were made, in their order."""
        former = self.env["account.move"].search([])
        self.env["recurrence.issuing"]._issue_due(self.company, day, commit=False)
        return (self.env["account.move"].search([], order="id") - former).filtered(
            lambda move: not move.is_recurrence_template
        )

    def dates_of(self, day, *schedules):
        schedules = self.env["recurrence.schedule"].union(
            *schedules or (self.hosting, self.support)
        )
        dates = schedules.occurrence_ids.filtered(lambda o: o.rule_date == day)
        return dates.sorted(lambda o: o.schedule_id.id)

    def create_anew(self, move):
        """Reverse an invoice and create it anew; return the draft that takes its place."""
        dialog = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        wizard = dialog.create({"journal_id": move.journal_id.id, "date": JANUARY})
        wizard.modify_moves()
        return wizard.new_move_ids

    def assertShown(self, move, *expected):
        """Assert the lines of an invoice: (kind, text, amount)."""
        lines = move.invoice_line_ids.sorted(lambda line: (line.sequence, line.id))
        found = [(line.display_type, line.name, line.price_subtotal) for line in lines]
        self.assertEqual(found, list(expected))


HOSTING = [("line_section", "Hosting", 0.0), ("product", "Hosting", 100.0)]
SUPPORT = [("line_section", "Support", 0.0), ("product", "Support", 40.0)]


@freeze_time("2026-01-01 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceConsolidation(ConsolidationCase):
    """R14: one invoice for several recurrences of a customer, each period still exactly once."""

    def test_r14_two_recurrences_one_invoice(self):
        self.create_both()
        move = self.run_day(JANUARY)
        self.assertShown(move, *HOSTING, *SUPPORT)
        self.assertEqual((move.amount_untaxed, move.amount_total), (140.0, 161.0))
        self.assertEqual((move.state, move.invoice_date), ("posted", JANUARY))
        dates = self.dates_of(JANUARY)
        self.assertEqual(dates.move_id, move)
        self.assertEqual(dates.mapped("state"), ["done", "done"])
        self.assertEqual([d.invoice_ids for d in dates], [move, move])
        self.assertEqual([d.sharing_ids for d in dates], [dates[1], dates[0]])
        self.assertFalse(self.run_day(JANUARY), "each period once")
        self.assertEqual(len(self.run_day(FEBRUARY)), 1)

    def test_r14_only_where_the_customer_or_the_recurrence_wants_it(self):
        self.partner_a.recurrence_consolidation = False
        self.create_both()
        self.assertEqual(self.run_day(JANUARY).mapped("amount_untaxed"), [100.0, 40.0])
        self.hosting.consolidation = "yes"
        self.assertEqual(self.run_day(FEBRUARY).mapped("amount_untaxed"), [100.0, 40.0])
        self.support.consolidation = "yes"
        self.assertEqual(self.run_day(MARCH).mapped("amount_untaxed"), [140.0])
        self.partner_a.recurrence_consolidation = True
        self.support.consolidation = "no"
        self.assertEqual(self.run_day(date(2026, 4, 1)).mapped("amount_untaxed"), [100.0, 40.0])

    def test_r14_setting_of_the_company_holds_for_its_contacts(self):
        contact = self.env["res.partner"].create({"name": "Books", "parent_id": self.partner_a.id})
        self.hosting = self.create_named("Hosting", 100.0, template={"partner_id": contact.id})
        self.support = self.create_named("Support", 40.0, template={"partner_id": contact.id})
        self.start(self.hosting, self.support)
        self.assertEqual(self.run_day(JANUARY).mapped("amount_untaxed"), [140.0])

    def test_r14_what_differs_at_the_head_keeps_apart(self):
        """Each of these differs from hosting in one thing; the screen says in which."""
        self.hosting = self.create_named("Hosting", 100.0)
        other = self.env["res.partner"].create({"name": "Books", "parent_id": self.partner_a.id})
        income = self.company_data["default_account_revenue"]
        journal = self.company_data["default_journal_sale"].copy(
            {"code": "OTHR", "default_account_id": income.id}
        )
        currency = self.setup_other_currency("EUR")
        cases = {
            "currency_id": {"template": {"currency_id": currency.id}},
            "invoice_payment_term_id": {
                "template": {"invoice_payment_term_id": self.pay_terms_b.id}
            },
            "journal_id": {"template": {"journal_id": journal.id}},
            "partner_id": {"template": {"partner_id": other.id}},
            "payment_reference": {"template": {"payment_reference": "RF18"}},
            "invoice_mode": {"invoice_mode": "draft"},
            "user_id": {"user_id": self.env.user.id},
        }
        schedules = {name: self.create_named(name, 10.0, **vals) for name, vals in cases.items()}
        self.start(self.hosting, *schedules.values())
        moves = self.run_day(JANUARY)
        self.assertEqual(len(moves), 1 + len(cases))
        moves_fields, fields = self.env["account.move"]._fields, self.hosting._fields
        for name in schedules:
            with self.subTest(name):
                field = fields.get(name) if name in ("invoice_mode", "user_id") else None
                label = (field or moves_fields[name])._description_string(self.env)
                self.assertIn(
                    f"Not with {name}, as these differ: {label}",
                    self.hosting.consolidation_text,
                )

    def test_r14_the_screen_says_with_whom(self):
        self.create_both()
        self.assertEqual(self.hosting.consolidation_text, "With Support, on the dates they share.")
        self.support.consolidation = "no"
        self.hosting.invalidate_recordset(["consolidation_text"])
        self.assertFalse(self.hosting.consolidation_text)

    def test_r14_only_the_same_day(self):
        self.hosting = self.create_named("Hosting", 100.0)
        self.support = self.create_named("Support", 40.0, day=15)
        self.start(self.hosting, self.support)
        self.assertEqual(self.run_day(date(2026, 1, 15)).mapped("amount_untaxed"), [100.0, 40.0])

    def test_r14_missed_dates_of_one_recurrence_stay_apart(self):
        self.create_both()
        moves = self.run_day(FEBRUARY)
        self.assertEqual(moves.mapped("amount_untaxed"), [140.0, 140.0])
        self.assertEqual(moves.mapped("invoice_date"), [JANUARY, FEBRUARY])

    def test_r14_references_and_notes_stand_beside_each_other(self):
        tags = self.env["account.move.tag"].create([{"name": "North"}, {"name": "Key"}])
        note = "<p>Thank you</p>"
        head = {"ref": "PO 7", "narration": note, "tag_ids": [Command.set(tags[0].ids)]}
        self.hosting = self.create_named("Hosting", 100.0, template=head)
        head = {"ref": "PO 9", "narration": note, "tag_ids": [Command.set(tags.ids)]}
        self.support = self.create_named("Support", 40.0, template=head)
        self.start(self.hosting, self.support)
        move = self.run_day(JANUARY)
        self.assertEqual(move.ref, "PO 7, PO 9")
        self.assertEqual(move.narration, "<p>Thank you</p>")
        self.assertEqual(move.tag_ids, tags)

    def test_r14_sections_of_a_template_stand_below_its_own(self):
        lines = [
            Command.create({"display_type": "line_section", "name": "Servers", "sequence": 1}),
            Command.create({"name": "Web", "price_unit": 60.0, "sequence": 2}),
            Command.create({"display_type": "line_note", "name": "In Gent", "sequence": 3}),
        ]
        self.hosting = self.create_named("Hosting", 0, template={"invoice_line_ids": lines})
        self.support = self.create_named("Support", 40.0)
        self.start(self.hosting, self.support)
        self.assertShown(
            self.run_day(JANUARY),
            ("line_section", "Hosting", 0.0),
            ("line_subsection", "Servers", 0.0),
            ("product", "Web", 60.0),
            ("line_note", "In Gent", 0.0),
            *SUPPORT,
        )

    def test_r14_section_is_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.partner_a.lang = "fr_FR"
        self.hosting = self.create_named("Hosting #MONTH#", 100.0)
        self.support = self.create_named("Support", 40.0)
        self.start(self.hosting, self.support)
        self.assertEqual(self.run_day(JANUARY).invoice_line_ids[0].name, "Hosting janvier")

    def test_r14_credit_notes_are_not_mixed_with_invoices(self):
        self.create_both()
        back = self.create_named("Rebate", 10.0, template={"move_type": "out_refund"})
        more = self.create_named("Discount", 5.0, template={"move_type": "out_refund"})
        self.start(back, more)
        moves = self.run_day(JANUARY)
        self.assertEqual(
            moves.mapped(lambda move: (move.move_type, move.amount_untaxed)),
            [("out_invoice", 140.0), ("out_refund", 15.0)],
        )

    # --- each date by itself ---

    def test_r14_a_skipped_date_leaves_the_others(self):
        self.create_both()
        self.dates_of(JANUARY, self.support).with_user(self.clerk).action_skip("Not this month")
        self.assertShown(self.run_day(JANUARY), ("product", "Hosting", 100.0))

    def test_r14_a_date_that_fails_leaves_the_others(self):
        """Three of one customer; what one lacks keeps none of the other two."""
        self.create_both()
        broken = self.create_named("Broken", 10.0)
        self.start(broken)
        account = self.company_data["default_account_revenue"].copy()
        broken.template_move_id.invoice_line_ids.account_id = account
        self.archive(account)
        with mute_logger("odoo.addons.account_recurrence_dunning.models.common.isolation"):
            moves = self.run_day(JANUARY)
        self.assertEqual(moves.mapped("amount_untaxed"), [140.0])
        self.assertEqual(
            self.dates_of(JANUARY, self.hosting, self.support, broken).mapped("state"),
            ["done", "done", "failed"],
        )

    def test_r14_dates_show_their_share(self):
        """Hosting costs 80.00 on the draft, a line of 10.00 is nobody's: 92.00 and 46.00."""
        self.create_both(invoice_mode="draft")
        move = self.run_day(JANUARY)
        hosting = move.invoice_line_ids.filtered(lambda line: line.name == "Hosting")[1]
        move.invoice_line_ids = [
            Command.update(hosting.id, {"price_unit": 80.0}),
            self.line("Extra work", 10.0),
        ]
        self.assertEqual(move.amount_total, 149.5)
        dates = self.dates_of(JANUARY)
        self.assertEqual(dates.mapped("amount_total"), [92.0, 46.0])
        [[total]] = self.env["recurrence.occurrence"]._read_group(
            [("id", "in", dates.ids)], aggregates=["amount_total:sum"]
        )
        self.assertEqual(total, 138.0)
        back = self.create_named("Rebate", 10.0, template={"move_type": "out_refund"})
        more = self.create_named("Discount", 5.0, template={"move_type": "out_refund"})
        self.start(back, more)
        self.run_day(JANUARY)
        dates = self.dates_of(JANUARY, back, more)
        self.assertEqual(dates.mapped("amount_total"), [-11.5, -5.75])
        [[total]] = self.env["recurrence.occurrence"]._read_group(
            [("id", "in", dates.ids)], aggregates=["amount_total:sum"]
        )
        self.assertEqual(total, -17.25)

    def test_r14_each_recurrence_finds_the_invoice(self):
        self.create_both()
        move = self.run_day(JANUARY)
        for schedule in (self.hosting, self.support):
            self.assertEqual(schedule.invoice_count, 1)
            domain = schedule.action_open_invoices()["domain"]
            self.assertEqual(self.env["account.move"].search(domain), move)
            with self.assertRaises(UserError):
                schedule.unlink()
        action = move.with_user(self.clerk).action_open_recurrence()
        self.assertEqual(action["domain"], [("id", "in", [self.hosting.id, self.support.id])])

    # --- what becomes of the invoice ---

    def test_r14_cancelled_it_bills_none_of_its_dates(self):
        self.create_both()
        move = self.run_day(JANUARY)
        move.button_draft()
        self.assertEqual(self.dates_of(JANUARY).mapped("state"), ["todo", "todo"])
        move.button_cancel()
        self.assertEqual(self.dates_of(JANUARY).mapped("state"), ["failed", "failed"])
        alone = self.env["recurrence.issuing"]._issue(self.dates_of(JANUARY, self.support))
        self.assertShown(alone, ("product", "Support", 40.0))
        with self.assertRaisesRegex(UserError, "would be billed twice"):
            move.button_draft()
        self.assertEqual(self.dates_of(JANUARY, self.support).invoice_ids, move + alone)
        self.assertFalse(self.dates_of(JANUARY, self.hosting).move_id.state == "posted")

    def test_rule_2_kept_by_the_database_for_each_date(self):
        self.create_both()
        move = self.run_day(JANUARY)
        rows = self.env["recurrence.billed.date"].sudo()
        other = self.env["account.move"].create({"move_type": "out_invoice"})
        support = self.dates_of(JANUARY, self.support)
        self.assertEqual(move.recurrence_occurrence_id, self.dates_of(JANUARY, self.hosting))
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.UniqueViolation),
            self.env.cr.savepoint(),
        ):
            rows.create({"move_id": other.id, "occurrence_id": support.id, "is_live": True})

    def test_r14_deleted_it_bills_none_of_its_dates(self):
        self.create_both(invoice_mode="draft")
        move = self.run_day(JANUARY)
        self.assertEqual(move.state, "draft")
        move.unlink()
        dates = self.dates_of(JANUARY)
        self.assertEqual(dates.mapped("state"), ["failed", "failed"])
        self.assertFalse(dates.move_id)
        again = self.env["recurrence.issuing"].with_user(self.clerk)._issue(dates)
        self.assertShown(again, *HOSTING, *SUPPORT)

    def test_r14_reversed_and_created_anew_it_bills_the_same_dates(self):
        self.create_both()
        move = self.run_day(JANUARY)
        again = self.create_anew(move)
        dates = self.dates_of(JANUARY)
        self.assertEqual(dates.move_id, again)
        self.assertEqual(dates.mapped("state"), ["todo", "todo"])
        again.action_post()
        self.assertEqual(dates.mapped("state"), ["done", "done"])
        self.assertEqual(dates.mapped("amount_total"), [115.0, 46.0])
        self.assertEqual(move.sudo().recurrence_billed_ids.mapped("is_live"), [False, False])

    def test_r14_waiting_drafts_are_posted_together(self):
        self.create_both(invoice_mode="draft")
        move = self.run_day(JANUARY)
        self.dates_of(JANUARY, self.support).with_user(self.clerk).action_post_draft()
        self.assertEqual(move.state, "posted")
        self.assertEqual(self.dates_of(JANUARY).mapped("state"), ["done", "done"])

    def test_r14_a_date_skipped_afterwards_leaves_the_draft(self):
        self.create_both(invoice_mode="draft")
        move = self.run_day(JANUARY)
        hosting, support = self.dates_of(JANUARY)
        hosting.with_user(self.clerk).action_skip("Not this month")
        self.assertShown(move, *SUPPORT)
        self.assertEqual((move.state, move.amount_total), ("draft", 46.0))
        self.assertEqual(move.recurrence_occurrence_id, support)
        self.assertEqual(move.recurrence_schedule_id, self.support)
        self.assertEqual((hosting.state, support.state), ("skipped", "todo"))
        move.action_post()
        self.assertEqual((hosting.state, support.state), ("skipped", "done"))

    def test_r14_both_skipped_cancel_the_draft(self):
        self.create_both(invoice_mode="draft")
        move = self.run_day(JANUARY)
        self.dates_of(JANUARY).with_user(self.clerk).action_skip("Not this month")
        self.assertEqual(move.state, "cancel")

    def test_r14_a_moved_date_leaves_the_draft(self):
        self.create_both(invoice_mode="draft")
        move = self.run_day(JANUARY)
        support = self.dates_of(JANUARY, self.support)
        support.with_user(self.clerk).date = date(2026, 1, 20)
        self.assertShown(move, *HOSTING)
        self.assertEqual(move.invoice_date, JANUARY)
        self.assertEqual(support.state, "planned")
        later = self.run_day(date(2026, 1, 20))
        self.assertShown(later, ("product", "Support", 40.0))

    def test_r14_lines_deleted_from_the_draft_are_not_billed(self):
        """Also where a person added a line of another kind."""
        self.create_both(invoice_mode="draft")
        move = self.run_day(JANUARY)
        self.delete_lines(move, "Support")
        move.invoice_line_ids = [self.line("Extra work", 10.0)]
        move.action_post()
        hosting, support = self.dates_of(JANUARY)
        self.assertEqual((hosting.state, support.state), ("done", "failed"))
        self.assertIn("Its lines were deleted from", support.error)
        again = self.env["recurrence.issuing"].with_user(self.clerk)._issue(support)
        self.assertShown(again, ("product", "Support", 40.0))

    def delete_lines(self, move, name):
        lines = move.invoice_line_ids.filtered(lambda line: line.name == name)
        move.invoice_line_ids = [Command.delete(line.id) for line in lines]

    def test_r14_skipped_after_its_lines_were_deleted(self):
        self.create_both(invoice_mode="draft")
        move = self.run_day(JANUARY)
        self.delete_lines(move, "Support")
        self.dates_of(JANUARY, self.support).with_user(self.clerk).action_skip("No support")
        self.assertShown(move, *HOSTING)
        self.assertEqual(self.dates_of(JANUARY).mapped("state"), ["todo", "skipped"])

    def test_r14_skipped_after_the_template_lost_a_line(self):
        """What the draft says of the line goes with the others of its date."""
        lines = [self.line("Web", 60.0), self.line("Backup", 40.0)]
        self.hosting = self.create_named("Hosting", 0, template={"invoice_line_ids": lines})
        self.support = self.create_named("Support", 40.0)
        for schedule in self.start(self.hosting, self.support):
            schedule.invoice_mode = "draft"
        move = self.run_day(JANUARY)
        template = self.hosting.template_move_id
        template.invoice_line_ids = [Command.delete(template.invoice_line_ids[1].id)]
        hosting, support = self.dates_of(JANUARY)
        self.assertEqual((hosting.amount_total, support.amount_total), (115.0, 46.0))
        hosting.with_user(self.clerk).action_skip("Not this month")
        self.assertShown(move, *SUPPORT)

    def test_r14_administrator_without_accounting_skips_out_of_a_draft(self):
        admin = new_test_user(self.env, login="plain_admin", groups="base.group_system")
        self.create_both(invoice_mode="draft")
        move = self.run_day(JANUARY)
        self.assertFalse(move.with_user(admin).has_access("read"))
        self.dates_of(JANUARY, self.support).with_user(admin).action_skip("No support")
        self.assertShown(move, *HOSTING)

    def test_r14_a_date_that_leaves_takes_its_reference_and_files_along(self):
        templates = []
        for name, order in (("Hosting", "PO 7"), ("Support", "PO 9")):
            schedule = self.create_named(name, 40.0, template={"ref": order}, send_files=True)
            self.env["ir.attachment"].create(
                {
                    "name": f"{name}.txt",
                    "raw": b"text",
                    "res_model": "account.move",
                    "res_id": schedule.template_move_id.id,
                }
            )
            schedule.invoice_mode = "draft"
            templates.append(schedule)
        self.hosting, self.support = templates
        self.start(*templates)
        move = self.run_day(JANUARY)
        widget = self.env["account.move.send"]._get_default_mail_attachments_widget
        template = self.env.ref("account.email_template_edi_invoice")

        def get_sent():
            names = {file["name"] for file in widget(move, template)}
            return names & {"Hosting.txt", "Support.txt"}

        self.assertEqual(move.ref, "PO 7, PO 9")
        self.assertEqual(get_sent(), {"Hosting.txt", "Support.txt"})
        self.dates_of(JANUARY, self.support).with_user(self.clerk).action_skip("No support")
        self.assertEqual(move.ref, "PO 7")
        self.assertEqual(get_sent(), {"Hosting.txt"})

    def test_r14_a_date_that_moves_takes_its_tags_and_dated_texts_along(self):
        tags = self.env["account.move.tag"].create([{"name": "North"}, {"name": "Key"}])
        for name, tag in (("hosting", tags[0]), ("support", tags[1])):
            head = {"ref": f"{name} #DATE#", "tag_ids": [Command.set(tag.ids)]}
            setattr(self, name, self.create_named(name.title(), 40.0, template=head))
        for schedule in self.start(self.hosting, self.support):
            schedule.invoice_mode = "draft"
        move = self.run_day(JANUARY)
        self.assertEqual(move.ref, "hosting 01/01/2026, support 01/01/2026")
        self.dates_of(JANUARY, self.support).with_user(self.clerk).date = date(2026, 1, 20)
        self.assertEqual(move.ref, "hosting 01/01/2026")
        self.assertEqual(move.tag_ids, tags[0])

    def test_r14_reference_that_was_changed_stays(self):
        self.hosting = self.create_named("Hosting", 100.0, template={"ref": "PO 7"})
        self.support = self.create_named("Support", 40.0, template={"ref": "PO 9"})
        for schedule in self.start(self.hosting, self.support):
            schedule.invoice_mode = "draft"
        move = self.run_day(JANUARY)
        move.ref = "Order of Ms Li"
        self.dates_of(JANUARY, self.support).with_user(self.clerk).action_skip("No support")
        self.assertEqual(move.ref, "Order of Ms Li")

    def test_r14_a_skipped_date_does_not_come_back_with_the_invoice(self):
        self.create_both()
        move = self.run_day(JANUARY)
        move.button_draft()
        move.button_cancel()
        hosting, support = self.dates_of(JANUARY)
        hosting.with_user(self.clerk).action_skip("Not this month")
        move.button_draft()
        self.assertShown(move, *SUPPORT)
        self.assertEqual((hosting.state, support.state), ("skipped", "todo"))
        self.assertEqual(hosting.skip_reason, "Not this month")
        move.action_post()
        self.assertEqual((hosting.state, support.state), ("skipped", "done"))

    def test_r14_credit_note_of_a_date_that_was_skipped_since_stays(self):
        """The first invoice would bill the period of the skipped date, which another one bills."""
        self.create_both()
        move = self.run_day(JANUARY)
        self.create_anew(move).unlink()
        hosting = self.dates_of(JANUARY, self.hosting)
        hosting.with_user(self.clerk).action_skip("Billed with February")
        later = self.dates_of(FEBRUARY, self.hosting)
        later.sudo().period_start = JANUARY
        with self.assertRaisesRegex(UserError, "is also billed with the date"):
            move.reversal_move_ids.button_draft()

    def test_r14_moved_to_its_own_day_it_stays(self):
        self.create_both(invoice_mode="draft")
        move = self.run_day(JANUARY)
        self.dates_of(JANUARY, self.support).with_user(self.clerk).date = JANUARY
        self.assertShown(move, *HOSTING, *SUPPORT)

    def test_r14_credit_note_withdrawn_all_dates_are_billed_again(self):
        self.create_both()
        move = self.run_day(JANUARY)
        self.create_anew(move).unlink()
        note = move.reversal_move_ids
        note.button_draft()
        dates = self.dates_of(JANUARY)
        self.assertEqual(dates.move_id, move)
        self.assertEqual(dates.mapped("state"), ["done", "done"])
        self.assertEqual(move.sudo().recurrence_billed_ids.mapped("is_live"), [True, True])
        for schedule in (self.hosting, self.support):
            domain = schedule.action_open_invoices()["domain"]
            self.assertEqual(self.env["account.move"].search(domain), move + note)

    def test_r14_line_change_credits_what_the_consolidated_invoice_billed(self):
        """Hosting ends on 16 January: 15 of 31 days of 100.00, 48.39, are credited."""
        self.create_both(proration="days")
        self.run_day(JANUARY)
        line = self.hosting.template_move_id.invoice_line_ids
        change = LineChange(line, {"quantity": 0})
        schedule = self.hosting.with_user(self.clerk)
        corrections = schedule._get_corrections(date(2026, 1, 17), [change])
        self.assertEqual([(c.credit, c.billed) for c in corrections], [(48.39, 0.0)])

    # --- what belongs together ---

    def test_r14_customers_beside_a_failure_get_what_they_would(self):
        """Support is 10.00 off on each date: alone it is negative, with hosting it is 90.00."""
        self.hosting = self.create_named("Hosting", 100.0)
        self.support = self.create_named(
            "Support", 0,
            template={
                "invoice_line_ids": [
                    self.line("Support", 40.0, recurrence_every=3), self.line("Rebate", -10.0)
                ]
            },
        )  # fmt: skip
        broken = self.create_schedule(
            self.partner_b, name="Broken", invoice_mode="post", user_id=self.clerk.id
        )
        self.start(self.hosting, self.support, broken)
        self.run_day(JANUARY)
        account = self.company_data["default_account_revenue"].copy()
        broken.template_move_id.invoice_line_ids.account_id = account
        self.archive(account)
        with mute_logger("odoo.addons.account_recurrence_dunning.models.common.isolation"):
            move = self.run_day(FEBRUARY)
        self.assertEqual(move.mapped("amount_untaxed"), [90.0])
        self.assertEqual(
            self.dates_of(FEBRUARY, self.hosting, self.support, broken).mapped("state"),
            ["done", "done", "failed"],
        )

    def test_r14_draft_of_several_is_posted_once_whatever_changed_since(self):
        self.create_both(invoice_mode="draft")
        self.run_day(JANUARY)
        self.support.consolidation = "no"
        dates = self.dates_of(JANUARY)
        action = dates.with_user(self.clerk).action_post_draft()
        self.assertIn("Invoices issued: 1.", action["params"]["message"])
        self.assertEqual(dates.mapped("state"), ["done", "done"])
        self.assertEqual(dates.mapped("error"), [False, False])

    def test_r14_of_many_that_fail_the_others_are_together(self):
        self.create_both(invoice_mode="confirm")
        broken = self.create_named("Broken", 10.0, invoice_mode="confirm")
        self.start(broken)
        account = self.company_data["default_account_revenue"].copy()
        broken.template_move_id.invoice_line_ids.account_id = account
        self.archive(account)
        dates = self.dates_of(JANUARY, self.hosting, self.support, broken)
        with mute_logger("odoo.addons.account_recurrence_dunning.models.common.isolation"):
            dates.with_user(self.clerk).action_issue()
        self.assertEqual(dates.mapped("state"), ["done", "done", "failed"])
        self.assertShown(dates[:2].move_id, *HOSTING, *SUPPORT)

    def archive(self, account):
        """Archive an account past the guard of what templates use."""
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_account SET active = FALSE WHERE id = %s", [account.id])
        self.env.invalidate_all()

    def test_r14_terms_do_not_matter_where_the_distance_counts(self):
        """Both are due on the day of the invoice, by terms that are not looked at."""
        for name in ("hosting", "support"):
            terms = self.pay_terms_a.copy()
            schedule = self.create_named(
                name.title(), 100.0,
                template={"invoice_payment_term_id": terms.id}, due_mode="distance",
            )  # fmt: skip
            setattr(self, name, schedule)
        self.start(self.hosting, self.support)
        self.assertEqual(self.hosting.consolidation_text, "With Support, on the dates they share.")
        self.assertEqual(len(self.run_day(JANUARY)), 1)

    # --- by a person ---

    def open_dialog(self, occurrence):
        context = {"default_occurrence_id": occurrence.id, "active_id": occurrence.id}
        model = self.env["recurrence.occurrence.issue"].with_user(self.clerk)
        return Form(model.with_context(**context))

    def test_r14_dialog_shows_what_else_is_on_the_invoice(self):
        self.create_both(invoice_mode="confirm")
        hosting, support = self.dates_of(JANUARY)
        action = hosting.with_user(self.clerk).action_issue()
        self.assertEqual(action["res_model"], "recurrence.occurrence.issue")
        with self.open_dialog(hosting) as dialog:
            self.assertEqual(dialog.together_ids.ids, support.ids)
            self.assertEqual((dialog.amount_untaxed, dialog.amount_total), (140.0, 161.0))
            dialog.line_ids.edit(0)
        dialog = self.open_dialog(hosting)
        with dialog.line_ids.edit(0) as line:
            line.price_unit = 90.0
        self.assertEqual(dialog.amount_untaxed, 130.0)
        dialog.save().action_issue()
        self.assertShown(
            hosting.move_id,
            ("line_section", "Hosting", 0.0),
            ("product", "Hosting", 90.0),
            *SUPPORT,
        )
        self.assertEqual(support.move_id, hosting.move_id)

    def test_r14_line_added_in_the_dialog_is_of_its_date(self):
        """The only line of hosting is replaced by one that was typed: 70.00, billed once."""
        self.create_both(invoice_mode="confirm")
        hosting, support = self.dates_of(JANUARY)
        dialog = self.open_dialog(hosting)
        dialog.line_ids.remove(0)
        with dialog.line_ids.new() as line:
            line.name, line.quantity, line.price_unit = "Fixed fee", 1, 70.0
        dialog.save().action_open_draft()
        move = hosting.move_id
        typed = ("product", "Fixed fee", 70.0)
        self.assertShown(move, ("line_section", "Hosting", 0.0), typed, *SUPPORT)
        share = sum(
            move.invoice_line_ids.filtered(lambda ml: ml.name == "Fixed fee").mapped("price_total")
        )
        self.assertEqual((hosting.amount_total, support.amount_total), (share, 46.0))
        move.action_post()
        self.assertEqual((hosting.state, support.state), ("done", "done"))

    def test_r14_order_is_the_same_from_whichever_date_the_dialog_is_opened(self):
        self.create_both(invoice_mode="confirm")
        _hosting, support = self.dates_of(JANUARY)
        dialog = self.open_dialog(support).save()
        draft = self.support.sudo()._create_preview_draft(
            JANUARY, *dialog._get_shown_change(self.support, JANUARY)
        )
        self.assertShown(draft, *HOSTING, *SUPPORT)
        dialog.action_issue()
        self.assertShown(support.move_id, *HOSTING, *SUPPORT)

    def test_r14_dialog_lets_others_be_taken_out(self):
        self.create_both(invoice_mode="confirm")
        hosting, support = self.dates_of(JANUARY)
        dialog = self.open_dialog(hosting)
        dialog.together_ids.clear()
        self.assertEqual(dialog.amount_untaxed, 100.0)
        dialog.save().action_issue()
        self.assertShown(hosting.move_id, ("product", "Hosting", 100.0))
        self.assertFalse(support.move_id)

    def test_r14_dialog_shows_the_reference_of_the_invoice(self):
        self.hosting = self.create_named("Hosting", 100.0, template={"ref": "PO 7"})
        self.support = self.create_named("Support", 40.0, template={"ref": "PO 9"})
        for schedule in self.start(self.hosting, self.support):
            schedule.invoice_mode = "confirm"
        hosting, support = self.dates_of(JANUARY)
        dialog = self.open_dialog(hosting)
        self.assertEqual(dialog.ref, "PO 7, PO 9")
        dialog.together_ids.clear()
        self.assertEqual(dialog.ref, "PO 7")
        dialog.together_ids.add(support)
        self.assertEqual(dialog.ref, "PO 7, PO 9")
        dialog.ref = "Order of Ms Li"
        dialog.save().action_issue()
        self.assertEqual((hosting | support).move_id.ref, "Order of Ms Li")

    def test_r14_dialog_dates_them_together(self):
        self.create_both(invoice_mode="confirm")
        hosting, support = self.dates_of(JANUARY)
        dialog = self.open_dialog(hosting)
        dialog.invoice_date = date(2026, 1, 8)
        dialog.save().action_issue()
        self.assertEqual(hosting.move_id, support.move_id)
        self.assertEqual(hosting.move_id.invoice_date, date(2026, 1, 8))

    def test_r14_many_at_once_count_invoices(self):
        self.create_both(invoice_mode="confirm")
        dates = self.dates_of(JANUARY)
        model = self.env["recurrence.occurrence.issue.many"].with_user(self.clerk)
        dialog = model.create({"occurrence_ids": [Command.set(dates.ids)]})
        self.assertEqual(dialog.ready_count, 1)
        self.assertIn("161.00", dialog.totals)
        self.assertEqual(dialog.effects, "Posted: 1")
        action = dialog.action_confirm()
        self.assertIn("Invoices issued: 1.", action["params"]["message"])
        self.assertShown(dates.move_id, *HOSTING, *SUPPORT)

    def test_r14_posting_the_draft_of_one_says_what_all_come_to(self):
        self.create_both(invoice_mode="draft")
        self.run_day(JANUARY)
        model = self.env["recurrence.occurrence.issue.many"].with_user(self.clerk)
        dates = self.dates_of(JANUARY, self.support)
        dialog = model.create({"occurrence_ids": [Command.set(dates.ids)]})
        self.assertTrue(dialog.post_drafts)
        self.assertIn("161.00", dialog.totals)
        self.assertEqual((dialog.ready_count, dialog.draft_count), (1, 1))

    def test_r14_preview_is_the_invoice_of_all(self):
        self.create_both()
        draft = self.hosting.sudo()._create_preview_draft(JANUARY)
        self.assertShown(draft, *HOSTING, *SUPPORT)

    def test_r14_preview_without_what_bills_nothing(self):
        self.create_both()
        self.support.template_move_id.invoice_line_ids.recurrence_start = "2026-02-01"
        draft = self.hosting.sudo()._create_preview_draft(JANUARY)
        self.assertShown(draft, ("product", "Hosting", 100.0))
        self.assertShown(self.run_day(JANUARY), ("product", "Hosting", 100.0))

    def test_r14_companions_are_found_beyond_the_batch(self):
        """A batch of one: what belongs on its invoice is taken along."""
        self.create_both()
        self.env["recurrence.issuing"]._issue_due(self.company, JANUARY, batch_size=1, commit=False)
        self.assertEqual(len(self.dates_of(JANUARY).move_id), 1)

    def test_r14_invoices_of_a_former_version_are_known(self):
        """Before, an invoice knew one date; what it bills is noted when the addon is upgraded."""
        self.create_both()
        self.partner_a.recurrence_consolidation = False
        moves = self.run_day(JANUARY)
        moves[1].button_draft()
        moves[1].button_cancel()
        rows = self.env["recurrence.billed.date"].sudo()
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM recurrence_billed_date")
        self.env.invalidate_all()
        rows._note_former()
        rows._note_former()
        self.assertEqual(
            rows.search([]).mapped(lambda row: (row.move_id, row.occurrence_id, row.is_live)),
            [
                (moves[0], moves[0].recurrence_occurrence_id, True),
                (moves[1], moves[1].recurrence_occurrence_id, False),
            ],
        )
        self.assertEqual(rows.search([]).schedule_id, self.hosting + self.support)

    def test_r14_what_others_hold_waits_with_its_companions(self):
        """Support is locked by another transaction: hosting waits, and so does what is later."""
        self.create_both()
        later = self.create_schedule(
            self.partner_b, name="Later", invoice_mode="post", user_id=self.clerk.id, day=2
        )
        self.start(later)
        hosting, support = self.dates_of(JANUARY)
        third = self.dates_of(date(2026, 1, 2), later)
        issuing = self.env["recurrence.issuing"]
        real = type(support).try_lock_for_update

        def try_lock(records, **kwargs):
            return real(records - support.sudo(), **kwargs)

        domain = [("id", "in", (hosting + support + third).ids)]
        with patch.object(type(support), "try_lock_for_update", try_lock):
            rows, is_busy = issuing._complete_batch((hosting + third).sudo(), domain)
        self.assertFalse(rows)
        self.assertTrue(is_busy)
        rows, is_busy = issuing._complete_batch((hosting + third).sudo(), domain)
        self.assertEqual((rows.ids, is_busy), ((hosting + support + third).ids, False))

    def test_r14_usage_of_a_date_that_leaves_is_billed_when_it_is_issued(self):
        """10 GB at 0.50: 5.00 beside hosting, and later by itself."""
        quantity = self.env["recurrence.quantity"].create({"name": "Storage", "source": "usage"})
        line = self.line("Storage", 0.5, recurrence_quantity_id=quantity.id)
        vals = {"invoice_mode": "draft", "period_paid": "post"}
        self.hosting = self.create_named("Hosting", 100.0, **vals)
        self.support = self.create_named(
            "Support", 0, template={"invoice_line_ids": [line]}, **vals
        )
        self.start(self.hosting, self.support)
        row = self.env["recurrence.usage"].create(
            {
                "quantity_id": quantity.id,
                "schedule_id": self.support.id,
                "day": "2026-01-10",
                "used": 10,
            }
        )
        for date_ in self.dates_of(JANUARY):
            date_.action_skip("Before")
        with freeze_time("2026-02-01 10:00:00"):
            move = self.run_day(FEBRUARY)
            self.assertEqual(move.amount_untaxed, 105.0)
            self.assertEqual(row.move_id, move)
            support = self.dates_of(FEBRUARY, self.support)
            support.with_user(self.clerk).date = date(2026, 2, 3)
            self.assertFalse(row.occurrence_id)
        with freeze_time("2026-02-03 10:00:00"):
            again = self.run_day(date(2026, 2, 3))
        self.assertShown(again, ("product", "Storage", 5.0))
        self.assertEqual(row.move_id, again)
        self.assertShown(move, *HOSTING)

    def test_r14_setting_is_that_of_a_company(self):
        other = self.setup_other_company()["company"]
        self.assertFalse(self.partner_a.with_company(other).recurrence_consolidation)

    def test_r14_who_may_not_bill_sees_no_dates_of_invoices(self):
        employee = new_test_user(self.env, login="plain", groups="base.group_user")
        self.assertFalse(self.env["recurrence.billed.date"].with_user(employee).has_access("read"))

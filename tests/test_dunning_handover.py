import io
import zipfile
from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools.pdf import PdfFileReader

from .common import DunningMailCommon


class EndCommon(DunningMailCommon):
    """One invoice that got its last level, and who deals with it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.email = "us@example.com"
        cls.partner_a.email = "customer@example.com"
        cls.clerk = cls.create_user("end_clerk", "dunning_group_user")
        cls.accountant = cls.create_user(
            "end_accountant", "dunning_group_user,account.group_account_manager"
        )
        cls.agency = cls.env["res.partner"].create({"name": "Inkasso GmbH", "is_company": True})
        cls.move = cls.create_due_invoice("2026-03-01")

    def bring_to_the_end(self):
        for day in ("2026-03-06", "2026-03-16", "2026-03-31"):
            self.execute(day)
        return self.env["dunning.escalation"].search([("is_paid", "=", False)])

    def decide(self, ends, kind, user=None, **values):
        """Decide by the dialog; return what its button answers."""
        ends = ends.with_user(user or self.clerk)
        action = ends.action_decide()
        dialog = self.env["dunning.decide"].with_user(user or self.clerk).browse(action["res_id"])
        dialog.write({"kind": kind, **values})
        return dialog.action_decide()

    def hand_over(self, ends, **values):
        self.decide(ends, "hand_over", agency_id=self.agency.id, **values)
        return self.env["dunning.handover"].search([], limit=1)


@tagged("post_install", "-at_install")
@freeze_time("2026-05-04 10:00:00")
class TestDunningHandover(EndCommon):
    """K6: the end of the ladder has a way out, and what left the house is kept track of."""

    def test_k6_hand_over_holds_the_items_and_stands_in_the_registry(self):
        end = self.bring_to_the_end()
        handover = self.hand_over(end, reference="AZ 77", note="He moved to Graz")
        self.assertRecordValues(
            handover,
            [
                {
                    "partner_id": self.partner_a.id,
                    "agency_id": self.agency.id,
                    "date_given": date(2026, 5, 4),
                    "reference": "AZ 77",
                    "state": "open",
                    "amount_company": 100.0,
                    "paid_company": 0.0,
                    "user_id": self.clerk.id,
                }
            ],
        )
        self.assertRecordValues(handover.block_ids, [{"kind": "legal", "move_id": self.move.id}])
        self.assertRecordValues(
            end,
            [
                {
                    "decision": "hand_over",
                    "handover_id": handover.id,
                    "decision_text": "Handed over to Inkasso GmbH on 05/04/2026",
                    "note": "He moved to Graz",
                }
            ],
        )
        with self.assertRaisesRegex(UserError, "is handed over to Inkasso GmbH"):
            end.action_wait()

    def test_k6_several_at_once_make_one_handover_a_customer(self):
        self.partner_b.email = "other@example.com"
        self.create_due_invoice("2026-03-01", amount=30.0)
        self.create_due_invoice("2026-03-01", amount=50.0, partner=self.partner_b)
        ends = self.bring_to_the_end()
        self.assertEqual(len(ends), 3)
        action = self.decide(ends, "hand_over", agency_id=self.agency.id)
        handovers = self.env["dunning.handover"].search(action["domain"])
        self.assertEqual(
            {h.partner_id: h.amount_company for h in handovers},
            {self.partner_a: 130.0, self.partner_b: 50.0},
        )

    def test_k6_wrong_input_is_refused_in_a_sentence(self):
        end = self.bring_to_the_end()
        with self.assertRaisesRegex(UserError, "To whom"):
            self.decide(end, "hand_over")
        with self.assertRaisesRegex(UserError, "collect from itself"):
            self.decide(end, "hand_over", agency_id=self.partner_a.id)
        with self.assertRaisesRegex(UserError, "Choose a day to come"):
            self.decide(end, "wait", date_again="2026-05-04")
        with self.assertRaisesRegex(UserError, "Choose the items first"):
            end.browse().action_decide()
        self._register_payment(self.move)
        with self.assertRaisesRegex(UserError, "is paid"):
            self.decide(end, "wait", date_again="2026-06-01")

    def test_k6_claim_is_computed_per_item(self):
        end = self.bring_to_the_end()
        self._register_payment(self.move, amount=30.0)
        handover = self.hand_over(end)
        [table] = handover._get_claim_tables()
        [row] = table["rows"]
        self.assertEqual(row["name"], self.move.name)
        self.assertEqual(row["late"], 64)
        self.assertEqual(
            [text.replace("\xa0", " ") for text in row["amounts"]],
            ["$ 100.00", "$ 30.00", "$ 70.00"],
        )
        self.assertEqual(table["totals"], row["amounts"])

    def test_k6_dossier_holds_claim_statement_invoices_and_proofs(self):
        end = self.bring_to_the_end()
        self.env["dunning.call"].create(
            {"partner_id": self.partner_a.id, "outcome": "reached", "note": "Has no money"}
        )
        handover = self.hand_over(end)
        self.assertEqual(handover.pdf_id.name, "Dossier partner_a 2026-05-04.pdf")
        with zipfile.ZipFile(io.BytesIO(handover.zip_id.raw)) as archive:
            names = archive.namelist()
            sums = archive.read("SHA256SUMS").decode()
        number = self.move.name.replace("/", "_")
        proofs = [name for name in names if name.endswith("Proof of sending.pdf")]
        self.assertEqual(
            names[:3],
            [
                "01 Claim.pdf",
                "02 Statement of open items.pdf",
                f"03 Invoices/{number}.pdf",
            ],
        )
        self.assertEqual(
            [name.split("/")[1][:13] for name in proofs],
            ["01 2026-03-06", "02 2026-03-16", "03 2026-03-31"],
        )
        self.assertEqual(len(sums.splitlines()), len(names) - 1)
        pages = PdfFileReader(io.BytesIO(handover.pdf_id.raw)).getNumPages()
        self.assertGreaterEqual(pages, 6)
        [call] = handover._get_correspondence()
        self.assertIn("Has no money", call["text"])

    def test_rule_19_nobody_puts_another_file_in_the_place_of_a_dossier(self):
        handover = self.hand_over(self.bring_to_the_end())
        manager = self.create_user("dossier_manager", "dunning_group_manager")
        handover.action_make_dossier()
        self.assertEqual(len(handover.sudo().dossier_ids), 4)
        for user in (self.clerk, manager):
            for file in handover.sudo().dossier_ids.with_user(user).sudo(False):
                for vals in ({"raw": b"forged"}, {"name": "x.pdf"}, {"res_id": 0}):
                    with self.assertRaisesRegex(UserError, "kept as it is"):
                        file.write(vals)
                with self.assertRaisesRegex(UserError, "kept as it is"):
                    file.unlink()
        own = self.env["ir.attachment"].with_user(self.clerk)
        own = own.create(
            {"name": "n.txt", "raw": b"x", "res_model": handover._name, "res_id": handover.id}
        )
        own.raw = b"y"
        own.unlink()

    def test_k6_the_statement_of_a_dossier_is_about_the_claim_alone(self):
        """100.00 are handed over, 70.00 are not due yet: the agency reads of 100.00."""
        end = self.bring_to_the_end()
        later = self.create_due_invoice("2026-06-30", 70.0)
        handover = self.hand_over(end)
        customer = handover.partner_id.with_context(
            dunning_statement_lines=handover.move_line_ids.ids
        )
        [statement] = customer._dunning_get_statements()
        self.assertEqual(statement.line_ids.move_id, self.move)
        html = statement.with_context(dunning_printed=True)._render_statement()
        self.assertIn(self.move.name, html)
        self.assertNotIn(later.name, html)
        self.assertNotIn("Pay by bank transfer", html)
        whole = handover.partner_id._dunning_get_statements()
        self.assertEqual(whole.line_ids.move_id, self.move | later)

    def test_k6_a_handover_is_not_in_the_future(self):
        end = self.bring_to_the_end()
        with self.assertRaisesRegex(ValidationError, "cannot be in the future"):
            self.hand_over(end, date="2030-05-04")

    def test_k6_the_dialog_names_customers_and_items(self):
        dialog = self.env["dunning.decide"].browse(
            self.bring_to_the_end().action_decide()["res_id"]
        )
        self.assertEqual(dialog.names, f"{self.partner_a.name}: {self.move.name}")

    def test_k6_who_may_book_is_asked_before_who_asks(self):
        """No accountant is set: the one who may make entries, not the clerk of the program."""
        self.program.user_id = self.clerk
        found = self.company._dunning_get_accountant()
        self.assertNotEqual(found, self.clerk)
        self.assertTrue(self.env["dunning.escalation"].with_user(found)._may_book())

    def test_k6_dossier_is_made_once_and_again_on_demand(self):
        handover = self.hand_over(self.bring_to_the_end())
        first = handover.pdf_id
        handover.action_download_pdf()
        self.assertEqual(handover.pdf_id, first)
        handover.action_make_dossier()
        self.assertNotEqual(handover.pdf_id, first)
        self.assertTrue(first.exists(), "what may have been given away stays")

    def test_k6_what_came_back(self):
        handover = self.hand_over(self.bring_to_the_end())
        self._register_payment(self.move, amount=40.0)
        handover.fee_amount = 15.0
        handover.invalidate_recordset()
        self.assertRecordValues(
            handover, [{"paid_company": 40.0, "net_company": 25.0, "fee_amount": 15.0}]
        )
        handover.action_close()
        self.assertRecordValues(
            handover,
            [{"state": "closed", "outcome": "partly", "date_closed": date(2026, 5, 4)}],
        )
        self.assertTrue(all(handover.block_ids.mapped("lifted_date")))
        self.assertFalse(handover.escalation_ids.decision, "the rest is decided on again")

    def test_k6_a_credit_note_is_no_payment(self):
        handover = self.hand_over(self.bring_to_the_end())
        refund = self.create_refund(25.0)
        (self.move | refund).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        ).reconcile()
        handover.invalidate_recordset()
        self.assertEqual(handover.paid_company, 0.0)
        self.assertEqual(handover.open_text.replace("\xa0", " "), "$ 75.00")

    def test_k6_what_is_paid_in_full_is_closed_by_itself(self):
        handover = self.hand_over(self.bring_to_the_end())
        self._register_payment(self.move)
        self.company._dunning_do_daily(date(2026, 5, 5))
        self.assertRecordValues(handover, [{"state": "closed", "outcome": "paid"}])

    def test_k6_taken_back_it_is_as_before(self):
        end = self.bring_to_the_end()
        handover = self.hand_over(end)
        handover.action_take_back()
        self.assertRecordValues(end, [{"decision": False, "active": True}])
        with self.assertRaisesRegex(UserError, "closed already"):
            handover.action_close()

    def test_k6_lifting_the_block_takes_it_back(self):
        handover = self.hand_over(self.bring_to_the_end())
        handover.block_ids.action_lift()
        self.assertEqual(handover.state, "cancelled")

    def test_k6_wait_comes_back(self):
        end = self.bring_to_the_end()
        self.decide(end, "wait", date_again="2026-06-01")
        waiting = end.search([("is_waiting", "=", True)])
        self.assertEqual(waiting, end)
        self.assertEqual(end.decision_text, "Wait until 06/01/2026")
        with freeze_time("2026-06-01"):
            end.invalidate_recordset()
            self.assertFalse(end.is_waiting)
            self.assertEqual(end.search([("is_waiting", "=", False)]), end)

    def test_k6_no_query_per_handover(self):
        handover = self.hand_over(self.bring_to_the_end())
        self.env.flush_all()

        def count(found):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found.mapped("paid_text")
            return self.env.cr.sql_log_count - before

        count(handover)
        few = count(handover)
        many = handover
        for _number in range(8):
            self.create_due_invoice("2026-03-01")
        moves = self.env["account.move"].search([("partner_id", "=", self.partner_a.id)])
        for move in moves - self.move:
            line = move.line_ids.filtered(lambda ln: ln.account_type == "asset_receivable")
            many |= self.env["dunning.handover"].create(
                {
                    "partner_id": self.partner_a.id,
                    "agency_id": self.agency.id,
                    "move_line_ids": line.ids,
                }
            )
        self.env.flush_all()
        self.assertEqual(len(many), 9)
        self.assertLessEqual(count(many), few + 2)


@tagged("post_install", "-at_install")
@freeze_time("2026-05-04 10:00:00")
class TestDunningEndEntry(EndCommon):
    """K6: entries are proposed as drafts, by who may make them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "dunning_accountant_id": cls.accountant.id,
                "dunning_end_journal_id": cls.company_data["default_journal_misc"].id,
                "dunning_write_off_account_id": cls.company_data["default_account_expense"].id,
                "dunning_doubtful_account_id": cls.company_data["default_account_expense"].id,
                "dunning_allowance_account_id": cls.company_data["default_account_assets"].id,
            }
        )

    def get_receivable(self):
        return self.move.line_ids.filtered(lambda ln: ln.account_type == "asset_receivable")

    def test_k6_write_off_is_a_draft_entry_linked_both_ways(self):
        end = self.bring_to_the_end()
        self.decide(end, "write_off", user=self.accountant)
        entry = end.entry_id
        self.assertRecordValues(
            entry,
            [{"state": "draft", "move_type": "entry", "ref": "Write-off: partner_a"}],
        )
        self.assertRecordValues(
            entry.line_ids.sorted("balance"),
            [
                {"account_id": self.get_receivable().account_id.id, "balance": -100.0},
                {
                    "account_id": self.company_data["default_account_expense"].id,
                    "balance": 100.0,
                },
            ],
        )
        self.assertIn(self.move.name, entry.message_ids[:1].body)
        self.assertIn("Write-off", self.move.message_ids[:1].body)
        self.assertEqual(self.move.payment_state, "not_paid")
        with self.assertRaisesRegex(UserError, "A draft entry is proposed"):
            self.decide(end, "write_off", user=self.accountant)

    def test_k6_once_posted_by_a_person_it_settles_the_invoice(self):
        end = self.bring_to_the_end()
        self.decide(end, "write_off", user=self.accountant)
        with self.assertRaisesRegex(UserError, "no posted write-off"):
            end.with_user(self.accountant).action_match_entry()
        end.entry_id.action_post()
        end.with_user(self.accountant).action_match_entry()
        end.invalidate_recordset()  # the screen reads it anew
        self.assertTrue(end.is_paid)

    def test_k6_each_instalment_is_matched_with_its_own_line(self):
        """300.00 and 700.00 of one invoice stand in one entry; the larger one is matched first."""
        self._register_payment(self.move)
        term = self.env["account.payment.term"].create(
            {
                "name": "30 and 70",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 30, "nb_days": 9}),
                    Command.create({"value": "percent", "value_amount": 70, "nb_days": 10}),
                ],
            }
        )
        move = self._create_invoice_one_line(
            price_unit=1000.0,
            tax_ids=[],
            partner_id=self.partner_a,
            invoice_date="2026-02-19",
            invoice_payment_term_id=term.id,
            post=True,
        )
        move.is_move_sent = True
        ends = self.bring_to_the_end().sorted(lambda end: -end.move_line_id.balance)
        large, small = ends.move_line_id
        self.assertEqual((large.balance, small.balance), (700.0, 300.0))
        self.decide(ends, "write_off", user=self.accountant)
        ends.entry_id.action_post()
        ends[0].with_user(self.accountant).action_match_entry()
        self.assertEqual((large.amount_residual, small.amount_residual), (0.0, 300.0))

    def test_k6_who_may_not_make_entries_asks_the_accountant(self):
        end = self.bring_to_the_end()
        before = self.env["account.move"].search_count([("move_type", "=", "entry")])
        self.decide(end, "write_off")
        self.assertEqual(
            self.env["account.move"].search_count([("move_type", "=", "entry")]), before
        )
        self.assertRecordValues(
            end.activity_ids,
            [{"user_id": self.accountant.id, "summary": "Propose the entry of a write-off"}],
        )
        self.assertEqual(end.decision_text, "Write-off proposed · The accountant is asked.")
        with self.assertRaises(AccessError):
            end.with_user(self.clerk)._propose_entries(
                "write_off",
                date(2026, 5, 4),
                self.company_data["default_journal_misc"],
                self.company_data["default_account_expense"],
            )
        self.decide(end, "write_off", user=self.accountant)
        self.assertFalse(end.activity_ids)

    def test_k6_doubtful_is_tagged_and_an_allowance_proposed(self):
        end = self.bring_to_the_end()
        self.decide(end, "doubtful", user=self.accountant, share=50.0)
        self.assertEqual(self.move.tag_ids.mapped("name"), ["Doubtful"])
        self.assertRecordValues(
            end.entry_id.line_ids.sorted("balance"),
            [
                {"account_id": self.company_data["default_account_assets"].id, "balance": -50.0},
                {
                    "account_id": self.company_data["default_account_expense"].id,
                    "balance": 50.0,
                },
            ],
        )
        self.assertEqual(self.move.amount_residual, 100.0)

    def test_k6_foreign_currency(self):
        foreign = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        self.move = self.create_due_invoice("2026-03-01", amount=60.0, currency_id=foreign.id)
        ends = self.bring_to_the_end()
        end = ends.filtered(lambda found: found.move_id == self.move)
        self.decide(end, "write_off", user=self.accountant)
        self.assertRecordValues(
            end.entry_id.line_ids.sorted("balance"),
            [
                {"amount_currency": -60.0, "balance": -120.0, "currency_id": foreign.id},
                {"amount_currency": 60.0, "balance": 120.0, "currency_id": foreign.id},
            ],
        )

    def test_k6_wrong_share_and_journal(self):
        end = self.bring_to_the_end()
        for share in (0.0, -1.0, 101.0):
            with self.assertRaisesRegex(UserError, "above 0, at most 100"):
                self.decide(end, "doubtful", user=self.accountant, share=share)
        with self.assertRaisesRegex(UserError, "miscellaneous entries"):
            self.decide(
                end,
                "write_off",
                user=self.accountant,
                journal_id=self.company_data["default_journal_sale"].id,
            )

    def test_k6_what_an_entry_lacks_is_named(self):
        end = self.bring_to_the_end()
        nothing = {"doubtful_account_id": False, "allowance_account_id": False}
        with self.assertRaisesRegex(
            UserError,
            "Still to be chosen: Expense Account of Allowances, Account of Allowances$",
        ):
            self.decide(end, "doubtful", user=self.accountant, **nothing)
        nothing = {"journal_id": False, "write_off_account_id": False}
        with self.assertRaisesRegex(
            UserError, "Still to be chosen: Journal, Expense Account of Write-Offs$"
        ):
            self.decide(end, "write_off", user=self.accountant, **nothing)

    def test_k6_decide_again(self):
        end = self.bring_to_the_end()
        self.decide(end, "write_off", user=self.accountant)
        with self.assertRaisesRegex(UserError, "delete it first"):
            end.with_user(self.clerk).action_reopen()
        end.entry_id.unlink()
        end.with_user(self.clerk).action_reopen()
        self.assertFalse(end.decision)

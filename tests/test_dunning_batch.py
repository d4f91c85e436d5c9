import time
from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestDunningBatch(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = cls.create_user("batch_clerk", "dunning_group_user")
        cls.first = cls.create_due_invoice("2026-03-01")
        cls.second = cls.create_due_invoice("2026-03-01", partner=cls.partner_b)
        (cls.partner_a | cls.partner_b).email = "customer@example.com"
        cls.tag = cls.env["account.move.tag"].create({"name": "Hot"})

    def open_batch(self, records, user=None, **vals):
        """Fill the dialog as it opens over a list selection."""
        batches = self.env["dunning.batch"].with_user(user or self.clerk)
        batches = batches.with_context(active_model=records._name, active_ids=records.ids)
        return batches.create(vals)

    def apply(self, records, **vals):
        batch = self.open_batch(records, **vals)
        batch.action_apply()
        return batch

    def open_from_filtered_list(self, ticked):
        """Return the dialog that adds the tag, opened as the browser does from a filtered list."""
        domain = [("move_type", "=", "out_invoice"), ("company_id", "=", self.company.id)]
        context = {"active_model": "account.move", "active_ids": ticked.ids}
        batches = self.env["dunning.batch"].with_user(self.clerk)
        return batches.with_context(**context, active_domain=domain).create(
            {"tag_mode": "add", "tag_ids": self.tag.ids}
        )

    def get_due_line(self, move):
        return move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    def get_reasons(self, batch):
        return {line.reason: line.move_ids for line in batch.line_ids}

    def remind(self, moves, as_of):
        run = self.env["dunning.run"]._execute_for(self.company, as_of, moves=moves)
        run.reminder_ids.sudo()._set_sent(as_of)
        return run.reminder_ids

    def test_w4_tags_are_added_and_removed(self):
        batch = self.apply(self.first | self.second, tag_mode="add", tag_ids=self.tag.ids)
        self.assertEqual(batch.state, "done")
        self.assertEqual(batch.changed_count, 2)
        self.assertFalse(batch.line_ids)
        self.assertEqual((self.first | self.second).tag_ids, self.tag)
        self.apply(self.first, tag_mode="remove", tag_ids=self.tag.ids)
        self.assertFalse(self.first.tag_ids)
        self.assertEqual(self.second.tag_ids, self.tag)

    def test_w4_level_and_date(self):
        batch = self.apply(
            self.first | self.second,
            set_level=True,
            level=1,
            set_last_date=True,
            last_date="2026-03-06",
        )
        self.assertEqual(batch.changed_count, 2)
        line = self.get_due_line(self.first)
        self.assertEqual(
            (line.dunning_level, line.dunning_last_date, line.dunning_cycle),
            (1, date(2026, 3, 6), 0),
        )
        self.assertEqual(self.first.dunning_level, 1)
        self.assertEqual(self.first.dunning_last_date, date(2026, 3, 6))
        # the second comes next: 15 days after 2026-03-01
        self.assertEqual(self.first.dunning_next_date, date(2026, 3, 16))

    def test_w4_level_0_means_the_first_comes_next(self):
        self.remind(self.first, date(2026, 3, 10))
        line = self.get_due_line(self.first)
        self.assertEqual((line.dunning_level, line.dunning_cycle), (1, 0))
        self.apply(self.first, set_level=True, level=0)
        self.assertEqual((line.dunning_level, line.dunning_last_date), (0, False))
        self.assertEqual(line.dunning_cycle, 1, "setting back opens a new cycle")
        self.assertEqual(self.first.dunning_level, 0)
        again = self.remind(self.first, date(2026, 3, 10))
        self.assertEqual(again.level_id, self.level_1)

    def test_w4_a_higher_level_keeps_the_cycle(self):
        self.apply(self.first, set_level=True, level=2)
        line = self.get_due_line(self.first)
        self.assertEqual((line.dunning_level, line.dunning_cycle), (2, 0))
        self.apply(self.first, set_level=True, level=1)
        self.assertEqual((line.dunning_level, line.dunning_cycle), (1, 1))
        self.apply(self.first, set_level=True, level=1)
        self.assertEqual((line.dunning_level, line.dunning_cycle), (1, 1))

    def test_w4_include_and_sent(self):
        self.second.is_move_sent = False
        self.apply(self.first | self.second, include="no", sent="yes")
        self.assertEqual((self.first | self.second).mapped("dunning_include"), [False, False])
        self.assertTrue(self.second.is_move_sent)
        self.apply(self.first, include="yes", sent="no")
        self.assertTrue(self.first.dunning_include)
        self.assertFalse(self.first.is_move_sent)
        self.assertFalse(self.first.dunning_next_date, "what was never sent is not reminded")

    def test_w4_what_cannot_be_changed_is_named_with_its_reason(self):
        bill = self._create_invoice_one_line(
            price_unit=10.0, move_type="in_invoice", partner_id=self.partner_a
        )
        draft = self._create_invoice_one_line(price_unit=10.0, partner_id=self.partner_a)
        paid = self.create_due_invoice("2026-03-01")
        self._register_payment(paid)
        queued = self.create_due_invoice("2026-03-01")
        self.env["dunning.run"]._execute_for(self.company, date(2026, 3, 10), moves=queued)
        batch = self.apply(
            bill | draft | paid | queued | self.first,
            set_level=True,
            level=1,
            tag_mode="add",
            tag_ids=self.tag.ids,
        )
        self.assertEqual(
            self.get_reasons(batch),
            {
                "They are not customer invoices.": bill.ids,
                "They are not posted.": draft.ids,
                "Nothing is outstanding on them.": paid.ids,
                "A reminder has been prepared or is being sent.": queued.ids,
            },
        )
        self.assertEqual((draft | paid | queued | self.first).tag_ids, self.tag)
        self.assertFalse(bill.tag_ids)
        self.assertEqual(self.first.dunning_level, 1)
        shown = self.env["account.move"].search(batch.line_ids[0].action_show()["domain"])
        self.assertEqual(shown, bill)

    def test_w4_no_level_above_the_ladder(self):
        batch = self.apply(self.first, set_level=True, level=4)
        self.assertEqual(
            self.get_reasons(batch), {"Their program has no such level.": self.first.ids}
        )
        self.assertEqual(self.first.dunning_level, 0)

    def test_w4_a_date_needs_a_level(self):
        batch = self.apply(self.first, set_last_date=True, last_date="2026-03-06")
        self.assertIn(
            "They have no level yet: a date alone is not enough.", self.get_reasons(batch)
        )

    def test_w4_journal_items_change_only_themselves(self):
        line = self.get_due_line(self.first)
        batch = self.apply(line, set_level=True, level=1)
        self.assertTrue(batch.of_lines)
        self.assertEqual(line.dunning_level, 1)
        income = self.second.line_ids - self.get_due_line(self.second)
        batch = self.apply(income, set_level=True, level=1)
        self.assertEqual(
            self.get_reasons(batch), {"Nothing is outstanding on them.": self.second.ids}
        )

    def test_w4_only_what_is_ticked_although_the_list_names_its_filter(self):
        batch = self.open_from_filtered_list(self.first)
        self.assertEqual(batch.count, 1)
        batch.action_apply()
        self.assertEqual(self.first.tag_ids, self.tag)
        self.assertFalse(self.second.tag_ids)

    def test_w4_the_whole_filtered_list(self):
        # the browser hands over as many ids as this, and the filter for what is beyond
        self.env["ir.config_parameter"].set_param("web.active_ids_limit", 1)
        batch = self.open_from_filtered_list(self.first)
        self.assertEqual(batch.count, 2)
        batch.action_apply()
        self.assertEqual(self.second.tag_ids, self.tag)

    def test_w4_nothing_chosen_is_an_error(self):
        with self.assertRaisesRegex(UserError, "Nothing to change"):
            self.apply(self.first)
        with self.assertRaisesRegex(UserError, "0 or higher"):
            self.apply(self.first, set_level=True, level=-1)

    def test_w4_only_dunning_users(self):
        outsider = self.create_user("batch_outsider", "account.group_account_invoice")
        with self.assertRaises(AccessError):
            self.open_batch(self.first, user=outsider, include="no")

    def test_rule_17_invoices_of_other_companies_are_left_out(self):
        other = self.setup_other_company(name="Other")["company"]
        self.env.user.company_ids |= other
        foreign = self._create_invoice_one_line(
            price_unit=10.0, tax_ids=[], partner_id=self.partner_a, company_id=other
        )
        batch = self.apply(self.first | foreign, tag_mode="add", tag_ids=self.tag.ids)
        self.assertFalse(foreign.tag_ids)
        self.assertEqual(self.first.tag_ids, self.tag)
        self.assertEqual(
            self.get_reasons(batch), {"You are not allowed to change them.": foreign.ids}
        )

    def test_w4_no_query_per_invoice(self):
        """Twenty invoices take as many queries as five, but for the rows that are written."""
        moves = self.env["account.move"]
        for number in range(25):
            partner = self.partner_a if number % 2 else self.partner_b
            moves |= self.create_due_invoice("2026-03-01", partner=partner)
        self.env.flush_all()
        counts = []
        for found in (moves[:5], moves[5:]):
            self.env.invalidate_all()
            batch = self.open_batch(
                found, set_level=True, level=1, tag_mode="add", tag_ids=self.tag.ids
            )
            before = self.env.cr.sql_log_count
            started = time.monotonic()
            batch.action_apply()
            self.env.flush_all()
            self.assertLess(time.monotonic() - started, 5)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 5)

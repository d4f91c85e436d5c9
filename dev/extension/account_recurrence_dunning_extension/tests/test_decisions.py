from odoo.tests import tagged

from odoo.addons.account_recurrence_dunning.tests.common import DunningMailCommon

EXTENSION = "account_recurrence_dunning_extension"


@tagged("post_install", "-at_install")
class TestDecisions(DunningMailCommon):
    """Holds, kinds of blocks, columns and filters of decisions that another addon adds."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.partner_a + cls.partner_b).email = "customer@example.com"

    def simulate(self, day="2026-03-09"):
        run = self.env["dunning.run"].create({"date": day, "company_id": self.company.id})
        run.action_simulate()
        return run

    def find(self, run, move):
        return run.line_ids.filtered(lambda line: line.move_id == move)

    def test_a_hold_is_told_with_its_figures_in_the_users_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.partner_a.ref = "A-17"
        move = self.create_due_invoice()
        move.is_vip = True
        other = self.create_due_invoice()
        line = self.find(run := self.simulate(), move)
        self.assertEqual((line.decision, line.reason), ("skip", "vip"))
        self.assertEqual(line.reason_text, "partner_a (A-17) is spoken to by phone.")
        french = line.with_context(lang="fr_FR")
        self.assertEqual(french.reason_text, "On téléphone à partner_a (A-17).")
        labels = dict(french._fields["reason"]._description_selection(french.env))
        self.assertEqual(labels["vip"], "Client important")
        self.assertEqual(self.find(run, other).decision, "remind")

    def test_a_hold_found_after_the_message_was_made_stops_it(self):
        move = self.create_due_invoice()
        reminder = self.queue("2026-03-09")
        move.is_vip = True
        self.send(reminder, "2026-03-10")
        self.assertEqual(reminder.state, "cancelled")
        self.assertEqual(reminder.line_ids.drop_reason, "vip")

    def test_a_column_is_read_and_what_is_pending_of_it_is_flushed(self):
        move = self.create_due_invoice()
        self.env.flush_all()
        move.is_vip = True  # still pending
        self.partner_a.ref = "A-18"
        facts = self.company._dunning_collect(move.invoice_date_due)
        self.assertEqual(facts[0].extra, {"is_vip": True, "ref": "A-18"})

    def test_a_kind_of_block_is_a_reason_with_its_own_label(self):
        move = self.create_due_invoice()
        block = self.env["dunning.block"].create(
            {
                "move_id": move.id,
                "kind": "insolvency",
                "reason": "Filed in March",
                "date_from": "2026-03-01",
            }
        )
        line = self.find(self.simulate(), move)
        self.assertEqual((line.decision, line.reason), ("skip", "insolvency"))
        self.assertEqual(
            line.reason_text,
            "It has been blocked manually. Blocked until lifted. Note: Filed in March",
        )
        labels = dict(line._fields["reason"]._description_selection(self.env))
        self.assertEqual(labels["insolvency"], "Insolvency")
        self.assertIn(line, line.search([("is_blocked", "=", True)]))
        block.date_until = "2026-03-05"
        self.assertEqual(self.find(self.simulate(), move).decision, "remind")

    def test_a_kind_of_block_can_be_chosen_where_decisions_are_taken_out(self):
        move = self.create_due_invoice()
        line = self.find(run := self.simulate(), move)
        action = self.env["dunning.run.omit"]._open(line)
        dialog = self.env["dunning.run.omit"].browse(action["res_id"])
        dialog.write({"scope": "released", "kind": "insolvency"})
        dialog.action_omit()
        run.action_execute()
        self.assertFalse(run.reminder_ids)
        blocks = self.env["dunning.block"].search([("move_id", "=", move.id)])
        self.assertEqual(blocks.mapped("kind"), ["insolvency"])

    def test_decisions_are_reviewed(self):
        trifle = self.create_due_invoice(amount=9.99)
        move = self.create_due_invoice(amount=10.0, partner=self.partner_b)
        run = self.simulate()
        line = self.find(run, trifle)
        self.assertEqual((line.decision, line.reason), ("skip", "trifle"))
        self.assertEqual(line.reason_text, "Less than 10.00 is not worth a reminder.")
        self.assertEqual(self.find(run, move).decision, "remind")
        run.action_execute()
        self.assertEqual(run.reminder_ids.line_ids.move_id, move)

    def test_a_filter_stands_in_the_list_of_decisions(self):
        move = self.create_due_invoice()
        move.is_vip = True
        self.create_due_invoice()
        run = self.simulate()
        arch = self.env["dunning.run.line"].get_view(view_type="search")["arch"]
        self.assertIn('name="vip"', arch)
        found = run.line_ids.filtered_domain([("reason", "=", "vip")])
        self.assertEqual(found.move_id, move)

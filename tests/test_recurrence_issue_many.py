from lxml import etree

from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from .common import RecurrenceInvoiceCommon

ADDON = "account_recurrence_dunning"


class IssueManyCommon(RecurrenceInvoiceCommon):
    """Three dates of today, one of each mode, and what shows them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.company_data["company"]
        cls.colleague = new_test_user(
            cls.env(su=True),
            login="issue_colleague",
            name="Bob Colleague",
            groups="base.group_user,account.group_account_invoice",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        cls.asked = cls.create_due("confirm")
        cls.drafted = cls.create_due("draft")
        cls.posted = cls.create_due("post")

    @classmethod
    def create_due(cls, mode, user=None, template=None, **vals):
        schedule = cls.create_schedule(
            cls.partner_a,
            template=template,
            invoice_mode=mode,
            user_id=(user or cls.env.user).id,
            date_start="2026-03-10",
            day=10,
            **vals,
        )
        schedule.action_generate()
        return schedule.occurrence_ids.sorted("date")[:1]

    def open_dialog(self, dates, **context):
        action = dates.with_context(**context).action_open_issue_many()
        return self.env[action["res_model"]].with_context(**action["context"]).create({})

    def find_to_issue(self, *filters):
        """Return what the menu *To Issue Today* shows, with these filters of its search view."""
        action = self.env.ref(f"{ADDON}.recurrence_occurrence_action_issue").sudo()
        domain = safe_eval(action.domain)
        search = self.env.ref(f"{ADDON}.recurrence_occurrence_view_search").sudo().arch
        for name in filters:
            node = etree.fromstring(search).find(f".//filter[@name='{name}']")
            domain += safe_eval(node.get("domain"), {"uid": self.env.uid})
        return self.env["recurrence.occurrence"].search(domain)


@freeze_time("2026-03-10 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceIssueMany(IssueManyCommon):
    """Many invoices are issued after a dialog says how many, how much and in which way."""

    def test_dialog_says_how_many_how_much_and_how(self):
        dialog = self.open_dialog(self.asked | self.drafted | self.posted)
        self.assertEqual(dialog.ready_count, 3)
        self.assertEqual(dialog.totals, "$\xa0345.00")
        self.assertEqual(dialog.effects, "Posted: 2, Created as a draft: 1")
        self.assertFalse(dialog.colleagues)
        self.assertFalse(dialog.is_priced_later)

    def test_each_currency_has_its_own_total(self):
        euro = self.setup_other_currency("EUR")
        other = self.create_due("send", template={"currency_id": euro.id})
        dialog = self.open_dialog(self.asked | other)
        self.assertEqual(dialog.totals, "$\xa0115.00, 115.00\xa0€")
        self.assertEqual(dialog.effects, "Posted: 1, Posted and sent: 1")

    def test_issued_invoices_are_shown_after(self):
        action = self.open_dialog(self.asked | self.drafted).action_confirm()
        self.assertEqual(action["params"]["message"], "Invoices issued: 2.")
        shown = self.env["account.move"].search(action["params"]["next"]["domain"])
        self.assertEqual(shown, self.asked.move_id | self.drafted.move_id)
        self.assertEqual(self.asked.move_id.state, "posted")
        self.assertEqual(self.drafted.move_id.state, "draft")

    def test_one_alone_is_shown_too(self):
        action = self.open_dialog(self.asked).action_confirm()
        shown = self.env["account.move"].search(action["params"]["next"]["domain"])
        self.assertEqual(shown, self.asked.move_id)

    def test_what_cannot_be_issued_is_told_before(self):
        self.posted.action_skip("no")
        dialog = self.open_dialog(self.asked | self.posted)
        self.assertEqual((dialog.ready_count, dialog.left_out_count), (1, 1))

    def test_prices_of_the_day_are_told(self):
        priced = self.create_due("confirm", price_source="product")
        self.assertTrue(self.open_dialog(priced).is_priced_later)

    def test_a_colleagues_are_left_out_at_first_and_named_if_taken(self):
        theirs = self.create_due("confirm", user=self.colleague)
        nobodys = self.create_due("confirm")
        nobodys.schedule_id.user_id = False
        mine = self.asked | self.drafted | self.posted
        self.assertEqual(self.find_to_issue("mine_or_nobody"), mine | nobodys)
        self.assertEqual(self.find_to_issue(), mine | nobodys | theirs)
        dialog = self.open_dialog(mine | theirs)
        self.assertEqual(dialog.colleagues, "Bob Colleague (1)")

    def test_to_issue_holds_neither_paused_nor_later_ones(self):
        self.posted.schedule_id.action_pause()
        self.drafted.date = "2026-03-11"
        self.assertEqual(self.find_to_issue(), self.asked)

    def test_nothing_selected_takes_what_the_list_shows(self):
        none = self.env["recurrence.occurrence"]
        dialog = self.open_dialog(none, active_domain=[("id", "=", self.posted.id)])
        self.assertEqual(dialog.occurrence_ids, self.posted)
        answer = none.with_context(active_domain=[("id", "=", 0)]).action_open_issue_many()
        self.assertEqual(answer["params"]["message"], "There is no invoice to issue.")

from datetime import date, timedelta

from odoo.tests import tagged

from .common import DunningMailCommon, TourCase

USER = "account_recurrence_dunning.dunning_group_user"
READY = "document.querySelectorAll('.o_dunning_case_items tbody tr').length === 2"
# What a phone's first screen lacks, and what sticks out of it.
LOOK = """
const box = (found) => found.getBoundingClientRect();
const faults = [];
const bar = document.querySelector(".o_dunning_case_actions");
if (box(bar).bottom > window.innerHeight + 1) faults.push("the buttons are not on the screen");
for (const button of bar.children) {
    if (box(button).height < 40) faults.push(`too small for a finger: ${button.textContent}`);
}
for (const cell of document.querySelectorAll(".o_dunning_case_items td")) {
    if (cell.textContent.trim() && !box(cell).width) faults.push(`hidden: ${cell.textContent}`);
    if (box(cell).right > window.innerWidth + 1) faults.push(`sticks out: ${cell.textContent}`);
}
if (document.documentElement.scrollWidth > window.innerWidth) faults.push("scrolls sideways");
if (faults.length) console.error(faults.join("\\n"));
else console.log("test successful");
"""


@tagged("post_install", "-at_install")
class TestDunningCaseTour(DunningMailCommon, TourCase):
    """K1, K2: the morning of a clerk in a real browser; the clock cannot be stopped there."""

    def test_k1_the_morning_of_a_clerk(self):
        clerk = self.create_user("morning_clerk", USER)
        self.program.user_id = clerk
        self.company.dunning_activation_date = "2020-01-01"
        today = self.company._get_job_today()
        alpha, beta = self.env["res.partner"].create(
            [{"name": "Alpha Works", "email": "alpha@customer.example"}, {"name": "Beta Trade"}]
        )
        for partner, amount in ((alpha, 900.0), (beta, 80.0)):
            self.create_due_invoice(today - timedelta(days=30), amount, partner=partner)
        promise = self.env["dunning.promise"].create(
            {
                "partner_id": alpha.id,
                "date_given": today - timedelta(days=9),
                "date": today - timedelta(days=2),
            }
        )
        self.env["dunning.promise"]._judge(self.company, today)
        self.assertEqual(promise.state, "broken")
        self.company._dunning_refresh_status(today)
        action = self.env.ref("account_recurrence_dunning.dunning_case_action")
        self.start_tour(
            f"/odoo/action-{action.id}", "dunning_morning_tour", login=clerk.login, timeout=120
        )
        calls = self.env["dunning.call"].search([("partner_id", "=", alpha.id)])
        self.assertEqual((calls.outcome, calls.user_id), ("reached", clerk))
        self.assertEqual(calls.promise_id.date, date.today() + timedelta(days=30))
        dispute = self.env["dunning.dispute"].search([("partner_id", "=", beta.id)])
        self.assertEqual((dispute.reason, dispute.state), ("not_received", "open"))
        self.assertEqual(dispute.block_ids.move_id.amount_total, 80.0)
        case = self.env["dunning.case"].search([("partner_id", "=", beta.id)])
        self.assertEqual(case.collector_id, clerk, "saved before the dialog opened")
        case = self.env["dunning.case"].search([("partner_id", "=", alpha.id)])
        noted = case.message_ids.filtered(lambda message: "Asks for a copy" in message.body)
        self.assertEqual(len(noted), 1, "Enter was pressed twice")


@tagged("post_install", "-at_install")
class TestDunningCasePhone(DunningMailCommon, TourCase):
    """K2: the case on a phone: what can be done is seen at once, and all of each open item."""

    browser_size = "390x844"
    touch_enabled = True

    def test_k2_a_case_on_a_phone(self):
        clerk = self.create_user("phone_clerk", USER)
        self.company.dunning_activation_date = "2020-01-01"
        today = self.company._get_job_today()
        customer = self.env["res.partner"].create({"name": "Alpha Works", "lang": "en_US"})
        for days in (40, 10):
            self.create_due_invoice(today - timedelta(days=days), 900.0, partner=customer)
        self.company._dunning_refresh_status(today)
        case = self.env["dunning.case"].search([("partner_id", "=", customer.id)])
        action = self.env.ref("account_recurrence_dunning.dunning_case_action_all")
        self.browser_js(f"/odoo/action-{action.id}/{case.id}", LOOK, READY, login=clerk.login)

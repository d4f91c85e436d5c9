from odoo.tests import new_test_user, tagged

from .common import DunningMailCommon, TourCase


@tagged("post_install", "-at_install")
class TestDunningStopTour(DunningMailCommon, TourCase):
    """K7: whoever writes an invoice sees that deliveries are stopped, in a real browser."""

    def test_k7_the_banner_comes_with_the_customer(self):
        customer = self.env["res.partner"].create({"name": "Tour Customer"})
        stop = self.env["dunning.stop"].browse(customer.action_dunning_stop()["res_id"])
        stop.reason = "No delivery on credit"
        stop.action_stop()
        seller = new_test_user(
            self.env,
            "stop_tour",
            groups="account.group_account_invoice",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        action = self.env.ref("account.action_move_out_invoice_type")
        self.start_tour(
            f"/odoo/action-{action.id}/new", "dunning_stop_tour", login=seller.login, timeout=120
        )

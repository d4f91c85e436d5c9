from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.http import request, route

from odoo.addons.account_payment.controllers.payment import PaymentPortal

from .dunning_page import GET, enter
from .dunning_portal import GET as PORTAL_GET
from .dunning_portal import URL, enter_portal
from .dunning_visit import LAYOUT, MODULE, Visit, enter_as_superuser, render

# A link is no login: what a person saved is not used, and nothing is saved.
FLOWS = ("redirect", "direct")
# Where Odoo leads to after a payment. The page's own address is a secret, which the transaction
# would keep readable: it waits in the visitor's session, under this name.
LANDING = "/dunning/paid"
SESSION = "dunning_payment"


class DunningPayment(PaymentPortal):
    """Payment of chosen open items by Odoo's online providers (C5).

    Odoo's own routes refuse visitors without login or ask for the total of invoices; here it is
    what is open of the items, computed anew when the payment begins.
    """

    @route("/dunning/<string:token>/pay/<string:currency>", **GET)
    def dunning_pay(self, token, currency, **_params):
        """Show the form of the payment."""
        return enter(token, Visit.show_payment, currency, _get_chosen())

    @route(f"{URL}/<int:company_id>/pay/<string:currency>", **PORTAL_GET)
    def dunning_portal_pay(self, company_id, currency, **_params):
        """Show the form of the payment."""
        return enter_portal(company_id, Visit.show_payment, currency, _get_chosen())

    @route("/dunning/<string:token>/transaction/<string:ids>", type="jsonrpc", auth="public")
    def dunning_transaction(self, token, ids, **kwargs):
        """Begin the payment of due lines, for who has the link."""
        return enter(token, self._begin_dunning_payment, ids, kwargs, refuse=self._refuse_payment)

    @route(f"{URL}/<int:company_id>/transaction/<string:ids>", type="jsonrpc", auth="user")
    def dunning_portal_transaction(self, company_id, ids, **kwargs):
        """Begin the payment of due lines, for a customer who is logged in."""
        return enter_portal(company_id, self._begin_dunning_payment, ids, kwargs)

    def _begin_dunning_payment(self, visit, ids, kwargs):
        """Create the transaction of due lines; what it asks is ours to say, not the visitor's."""
        self._validate_transaction_kwargs(kwargs, additional_allowed_keys=("access_token",))
        customer, currency, amount, moves = visit.find_chosen(ids)
        asked = kwargs.get("amount")
        if not isinstance(asked, int | float) or currency.compare_amounts(asked, amount):
            raise UserError(
                visit.env._("The amount has changed. Please open the page again before you pay.")
            )
        provider = visit.get_payment_values(currency.id, amount)["providers_sudo"]
        provider = provider.filtered(lambda found: found.id == kwargs.get("provider_id"))
        if not provider or kwargs.get("flow") not in FLOWS:
            raise UserError(visit.env._("This way of paying is not offered."))
        transaction = self._create_transaction(
            provider_id=provider.id,
            payment_method_id=kwargs.get("payment_method_id"),
            token_id=None,
            amount=amount,
            currency_id=currency.id,
            partner_id=customer.id,
            flow=kwargs["flow"],
            tokenization_requested=False,
            landing_route=LANDING,
            custom_create_values={
                "invoice_ids": [Command.set(moves.ids)],
                "dunning_reminder_id": visit.reminder.id,
                "dunning_email_to": visit.email_to,
                "dunning_lang": visit.env.lang,
            },
        )
        # Odoo's page of its state is in the reader's language too
        request.future_response.set_cookie("frontend_lang", visit.env.lang)
        request.session[SESSION] = {
            "transaction_id": transaction.id,
            "url": visit.url,
            "lang": visit.env.lang,
            "layout": visit.layout,
        }
        return transaction._get_processing_values()

    @route(LANDING, **GET)
    def dunning_paid(self, **_params):
        """Confirm the last payment of this visitor, and lead back to the open items."""
        began = request.session.get(SESSION) or {}
        env = enter_as_superuser(began.get("lang") or request.env.lang)
        transaction = env["payment.transaction"].browse(began.get("transaction_id")).exists()
        values = {
            "transaction": transaction,
            "company": transaction.company_id,
            "res_company": transaction.company_id or request.env.company.sudo(),
            "url": began.get("url"),
            "layout": began.get("layout") or LAYOUT,
            "page_name": "dunning",
        }
        if not transaction:
            return render(f"{MODULE}.dunning_page_gone", values, status=404)
        return render(f"{MODULE}.dunning_page_paid", values)

    def _refuse_payment(self):
        raise UserError(request.env._("This link is no longer valid."))


def _get_chosen():
    return set(request.httprequest.args.getlist("items")[:1000])

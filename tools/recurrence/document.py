"""The kinds of accounting documents that can recur, and what follows from the kind.

The names of the kinds are those of ``account.move.move_type``.
"""

from typing import NamedTuple


class Document(NamedTuple):
    """A kind of document.

    :ivar side: "sale", "purchase", or "entry" for a journal entry
    :ivar opposite: the kind that takes back what this one bills; None: there is none
    :ivar flow: 1 where money is to come in, -1 where it goes out: the sign of its amounts in
        lists, as Odoo's own show them
    """

    side: str
    opposite: str | None
    flow: int = 1

    @property
    def is_entry(self):
        return self.side == "entry"

    @property
    def account(self):
        """Which of the accounts of a product its lines have, as Odoo names them."""
        return "income" if self.is_sale else "expense"

    @property
    def is_sale(self):
        return self.side == "sale"


DOCUMENTS = {
    "out_invoice": Document("sale", "out_refund"),
    "out_refund": Document("sale", "out_invoice", -1),
    "out_receipt": Document("sale", "out_refund"),
    "in_invoice": Document("purchase", "in_refund", -1),
    "in_refund": Document("purchase", "in_invoice"),
    "in_receipt": Document("purchase", "in_refund", -1),
    "entry": Document("entry", None),
}


# What customers have to pay.
BILLING_KINDS = ("out_invoice", "out_receipt")


def fit_values(kind, values):
    """Return values of a recurrence without what its kind of document cannot do.

    :param values: dict of ``invoice_mode``, ``price_source``, ``proration`` and others

    >>> fit_values("in_invoice", {"invoice_mode": "send", "proration": "days"})
    {'invoice_mode': 'post', 'proration': 'days'}
    >>> fit_values("entry", {"price_source": "product", "proration": "days"})
    {'price_source': 'template', 'proration': 'whole'}
    """
    document, fitting = DOCUMENTS[kind], dict(values)
    if not document.is_sale and values.get("invoice_mode") == "send":
        fitting["invoice_mode"] = "post"
    if not document.is_sale and values.get("price_source") == "pricelist":
        fitting["price_source"] = "template"
    if document.is_entry:
        fixed = {"price_source": "template", "proration": "whole"}
        fitting.update({name: value for name, value in fixed.items() if name in values})
    return fitting


def find_kinds(side):
    """Return the kinds of one side.

    >>> find_kinds("purchase")
    ('in_invoice', 'in_refund', 'in_receipt')
    """
    return tuple(kind for kind, document in DOCUMENTS.items() if document.side == side)


def find_numbered_together(kind, has_own_series):
    """Return the kinds whose numbers are of one series with those of a kind.

    :param has_own_series: whether the journal numbers credit notes and refunds on their own

    >>> find_numbered_together("out_invoice", has_own_series=True)
    ('out_invoice', 'out_receipt')
    >>> find_numbered_together("out_refund", has_own_series=True)
    ('out_refund',)
    >>> find_numbered_together("out_refund", has_own_series=False)
    ('out_invoice', 'out_refund', 'out_receipt')
    """
    document = DOCUMENTS[kind]
    return tuple(
        other
        for other in find_kinds(document.side)
        if not has_own_series or DOCUMENTS[other].flow == document.flow
    )

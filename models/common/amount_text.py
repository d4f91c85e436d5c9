from odoo.tools import format_amount


def format_amounts(env, totals):
    """Return amounts of several currencies as one text; they are never added up.

    :param env: the environment whose language the amounts are written in
    :param totals: pairs of a currency and an amount in it, in the order in which they are shown
    :return: as ``€ 120.00, $ 75.50``; empty without amounts
    """
    return ", ".join(format_amount(env, amount, currency) for currency, amount in totals)

from odoo.tools import float_compare, formatLang


def format_rate(env, rate):
    """Return percent a year as a text: with two decimals, with four where it has more than two."""
    is_short = not float_compare(rate, round(rate, 2), precision_digits=4)
    return formatLang(env, rate, digits=2 if is_short else 4)

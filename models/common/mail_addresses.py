from odoo.tools import email_normalize_all, formataddr

from ...tools.common.header_text import first_line, one_line
from ...tools.common.mail_address import as_sent


def find_addresses(text):
    """Return the addresses in a text that a mail server takes, as it is given them.

    Whatever asks whether somebody can be reached asks here, and so does what is sent. A line
    break separates no addresses.
    """
    return list(filter(None, map(as_sent, email_normalize_all(first_line(text)))))


def join_addresses(partners):
    """Return the addresses of partners for a mail header; a partner may have several."""
    return ", ".join(
        formataddr((one_line(partner.name), email))
        for partner in partners
        for email in find_addresses(partner.email)
    )

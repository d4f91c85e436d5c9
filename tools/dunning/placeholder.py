"""Placeholders that a person wrote in a text where nothing fills them in.

Plain Python: texts in, texts out.
"""

from __future__ import annotations

import re

from lxml import etree, html

# What is filled in after a text is rendered.
KNOWN = ("#REF#", "#ITEMS#", "#BUTTONS#")
# None goes beyond the next beginning, so that a long text is read once.
_MARK = re.compile(r"#[A-Z_]{2,}#|\$\{(?:(?!\$\{)[^}])*\}")
_INLINE = re.compile(r"\{\{(?:(?!\{\{|\}\}).)*\}\}", re.DOTALL)


def find_unfilled(subject: str, body: str) -> str:
    """Return the first placeholder of a template that would reach the customer as it is, or "".

    :param subject: in which ``{{ … }}`` is filled in
    :param body: HTML, in which it is filled in inside of attributes alone

    >>> find_unfilled("Reminder {{ object.reference }} #REF#", '<p t-out="object.lang">en</p>')
    ''
    >>> find_unfilled("Reminder", '<a t-attf-href="/{{ object.id }}">Invoice #12, #REF#</a>')
    ''
    >>> find_unfilled("Reminder", "<p>Hello {{ object.addressee }},</p>")
    '{{ object.addressee }}'
    >>> find_unfilled("Reminder #REFF#", "<p>Hello</p>"), find_unfilled("", "Pay ${object.name}")
    ('#REFF#', '${object.name}')
    """
    text = _read_text(body)
    for pattern, source in ((_INLINE, text), (_MARK, f"{subject}\n{text}")):
        for found in pattern.findall(source):
            if found not in KNOWN:
                return found
    return ""


def _read_text(body):
    if not body.strip():
        return ""
    try:
        return html.fragment_fromstring(body, create_parent="div").text_content()
    except (AssertionError, ValueError, etree.LxmlError):
        return body

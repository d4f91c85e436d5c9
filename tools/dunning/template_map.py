"""A text about an invoice as a text about a reminder: what means the same is kept, the rest named.

Plain Python: HTML with Odoo's ``t-…`` attributes in, the same out.
"""

from __future__ import annotations

import re

from lxml import html as lxml_html

STATEMENT = '<t t-out="object.statement_html"></t>'
# Expression about an invoice, as a pattern: what says the same of a reminder.
_SAME = (
    (r"object\.(name|display_name)", "object.reference"),
    (r"object\.(commercial_)?partner_id\.parent_id\.name", "object.partner_id.name"),
    (r"object\.commercial_partner_id\.name", "object.partner_id.name"),
    (r"object\.partner_id\.(name|display_name)", "object.addressee"),
    (r"object\.partner_id\.lang", "object.lang"),
    (r"object\.partner_id\.ref", "object.partner_id.ref"),
    (r"object\.company_id\.(name|phone|email|website|vat)", r"object.company_id.\1"),
    (r"(object\.(invoice_)?user_id|user)\.name", "object.sender_name"),
    (r"(object\.(invoice_)?user_id|user)\.signature", "object.signature_html"),
    (
        r"format_amount\(\s*object\.amount_(total|residual)\s*,\s*object\.currency_id\s*\)",
        "object.total_text",
    ),
    (r"object\.amount_(total|residual)", "object.total_text"),
)
_DEFAULT = re.compile(r"""(?<!\s)\s+or\s+(''|""|'[^']*'|"[^"]*")$""")
_TEST = re.compile(r"^not is_html_empty\((.*)\)$")
_INLINE = re.compile(r"\{\{((?:(?!\{\{|\}\}).)*)\}\}")
_OUTPUTS = ("t-out", "t-esc", "t-raw", "t-field")
_CONDITIONS = ("t-if", "t-elif", "t-else")
_LOGIC = ("t-foreach", "t-set", "t-call", "t-value", "t-as")


def find_same(expression: str) -> str | None:
    """Return what says of a reminder what an expression says of an invoice, or None.

    >>> find_same("object.name or 'n/a'"), find_same("(object.partner_id.name)")
    ('object.reference', 'object.addressee')
    >>> find_same("format_amount(object.amount_total, object.currency_id) or ''")
    'object.total_text'
    >>> find_same("object.invoice_origin")
    """
    text = _DEFAULT.sub("", expression.strip()).strip()
    while text.startswith("(") and text.endswith(")"):
        text = _DEFAULT.sub("", text[1:-1].strip())
    for pattern, same in _SAME:
        if found := re.fullmatch(pattern, text):
            return found.expand(same) if "\\" in same else same
    return None


def convert_inline(text: str) -> tuple[str, list[str]]:
    """Return a line with ``{{ … }}`` converted, and the expressions that were left out.

    >>> convert_inline("{{ object.company_id.name }} Invoice ({{ object.name or 'n/a' }})")
    ('{{ object.company_id.name }} Invoice ({{ object.reference }})', [])
    >>> convert_inline("Order {{ object.invoice_origin }}")
    ('Order', ['object.invoice_origin'])
    """
    lost: list[str] = []

    def replaced(match):
        same = find_same(match[1])
        if same:
            return f"{{{{ {same} }}}}"
        lost.append(match[1].strip())
        return ""

    return _INLINE.sub(replaced, text).strip(), lost


def convert_html(body: str) -> tuple[str, list[str]]:
    """Return a text converted, with the open items where it has none, and what was left out.

    A condition on what a reminder does not know takes its part out; what else would be said stays.

    >>> text, lost = convert_html(
    ...     '<p>To <t t-out="object.partner_id.name">Ann</t>, <t t-if="object.invoice_origin">'
    ...     'of <t t-out="object.invoice_origin"></t></t><t t-else="">about</t>'
    ...     ' <b t-out="object.name">1</b></p>')
    >>> text.replace(STATEMENT, "[items]")
    '<p>To <t t-out="object.addressee">Ann</t>, about <b t-out="object.reference">1</b></p>[items]'
    >>> lost
    ['object.invoice_origin']
    """
    root = lxml_html.fragment_fromstring(body or "", create_parent="div")
    lost: list[str] = []
    for element in list(root.iter()):
        # one whose part was taken out is not in the text any more
        if isinstance(element.tag, str) and _is_inside(element, root):
            _convert_element(element, lost)
    text = (root.text or "") + "".join(
        lxml_html.tostring(child, encoding="unicode") for child in root
    )
    if "object.statement_html" not in text:
        text += STATEMENT
    return text, list(dict.fromkeys(lost))


def _is_inside(element, root):
    return element is root or any(parent is root for parent in element.iterancestors())


def _convert_element(element, lost):
    """Convert an element, or take it out where it says nothing of a reminder."""
    if unknown := _find_unknown_condition(element):
        _take_over(element)
    else:
        _drop_others(element)
        unknown = _find_unknown_output(element)
    if unknown:
        lost.append(unknown)
        element.drop_tree()
        return
    for name, value in list(element.attrib.items()):
        if name in _OUTPUTS:
            element.attrib.pop(name)
            element.set("t-out", find_same(value))
        elif name.startswith("t-"):
            element.attrib.pop(name)
            if name not in _CONDITIONS:
                lost.append(value)
    if element.tag == "t" and not element.attrib and element.getparent() is not None:
        element.drop_tag()


def _find_unknown_condition(element):
    """Return the condition of an element that nothing of a reminder answers, or None."""
    condition = element.get("t-if", element.get("t-elif"))
    test = _TEST.match((condition or "").strip())
    known = condition is None or find_same(test[1] if test else condition)
    return None if known else condition


def _find_unknown_output(element):
    """Return what an element does or writes that nothing of a reminder is the same as, or None."""
    for name, value in element.attrib.items():
        if name in _LOGIC or (name in _OUTPUTS and not find_same(value)):
            return value
    return None


def _take_over(element):
    """Let what comes instead of an element that is taken out stand without condition."""
    other = element.getnext()
    if other is not None and "t-elif" in other.attrib:
        other.set("t-if", other.attrib.pop("t-elif"))
    elif other is not None:
        other.attrib.pop("t-else", None)
    if element.tail and not element.tail.strip() and other is not None:
        element.tail = None


def _drop_others(element):
    """Take out what would come instead of an element that always stands now."""
    if "t-if" not in element.attrib and "t-elif" not in element.attrib:
        return
    other = element.getnext()
    while other is not None and ("t-else" in other.attrib or "t-elif" in other.attrib):
        following = other.getnext()
        other.drop_tree()
        other = following

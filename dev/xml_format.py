"""One form for XML files, chosen so that no page ever renders differently.

Elements are indented by four spaces, a start tag that fits into the line stays on it and any
other has one attribute a line. White space is only changed where there already is some between
two tags; an element that holds text, or two tags that touch, is left as it was written.
"""

import re
from dataclasses import dataclass, field

INDENT = "    "
WIDTH = 100
DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'
# Elements in which white space is content.
VERBATIM = {"pre", "textarea", "script", "style"}

TOKEN = re.compile(
    r"""(?P<comment><!--.*?-->)|(?P<cdata><!\[CDATA\[.*?\]\]>)|(?P<instruction><\?.*?\?>)"""
    r"""|(?P<doctype><![A-Z][^>]*>)|(?P<close></[^>]+>)"""
    r"""|(?P<open><[^\s/>]+(?:\s+[^\s=>/]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*/?>)|(?P<text>[^<]+)""",
    re.DOTALL,
)
ATTRIBUTE = re.compile(r"""([^\s=]+)\s*=\s*("[^"]*"|'[^']*')""", re.DOTALL)


class XmlError(ValueError):
    """The text is no XML this formatter understands."""


@dataclass
class Node:
    """A piece of the file: an element with its children, or a text, a comment, an instruction."""

    kind: str
    text: str
    children: list = field(default_factory=list)
    end: str = ""

    @property
    def name(self):
        return re.match(r"<([^\s/>]+)", self.text).group(1)

    @property
    def is_blank(self):
        return self.kind == "text" and not self.text.strip()

    @property
    def source(self):
        return self.text + "".join(child.source for child in self.children) + self.end


def formatted(text):
    """The text of an XML file in the one form.

    >>> print(formatted("<odoo><a/></odoo>"), end="")  # tags that touch stay together
    <?xml version="1.0" encoding="utf-8"?>
    <odoo><a/></odoo>
    >>> print(formatted("<odoo> <a  x='1'\\n y='2' /> <b>two  words</b> </odoo>"), end="")
    <?xml version="1.0" encoding="utf-8"?>
    <odoo>
        <a x='1' y='2'/>
        <b>two  words</b>
    </odoo>
    >>> long = f'<field name="{"n" * 50}" string="{"s" * 50}"/>'
    >>> print(formatted(f"<odoo> {long} </odoo>")[39:], end="")  # doctest: +ELLIPSIS
    <odoo>
        <field
            name="nnn..."
            string="sss..."
        />
    </odoo>
    >>> formatted("<odoo> <a> </odoo>")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    XmlError: </odoo> closes <a>
    """
    nodes = _parse(text)
    body = [node for node in nodes if not node.text.startswith("<?xml ")]
    return "\n".join([DECLARATION, *_block(body, 0)]) + "\n"


def _parse(text):
    root = Node("root", "")
    stack = [root]
    position = 0
    while position < len(text):
        match = TOKEN.match(text, position)
        if not match:
            line = text.count("\n", 0, position) + 1
            raise XmlError(f"line {line}: {text[position : position + 40]!r}")
        position = match.end()
        _add(stack, match.lastgroup, match.group())
    if len(stack) > 1:
        raise XmlError(f"{stack[-1].text} is not closed")
    return root.children


def _add(stack, kind, text):
    if kind == "close":
        if len(stack) < 2:
            raise XmlError(f"{text} closes nothing")
        opened = stack.pop()
        if opened.name != text[2:-1].strip():
            raise XmlError(f"{text} closes {opened.text}")
        opened.end = text
        return
    node = Node(kind, text)
    stack[-1].children.append(node)
    if kind == "open" and not text.endswith("/>"):
        stack.append(node)


def _block(nodes, depth):
    """The lines of nodes that stand on lines of their own; one empty line between them stays."""
    lines = []
    for node in nodes:
        if not node.is_blank:
            lines += _lines(node, depth)
        elif lines and lines[-1] and node.text.count("\n") > 1 and node is not nodes[-1]:
            lines.append("")
    return lines


def _lines(node, depth):
    if node.kind != "open":
        return [INDENT * depth + node.text.strip()]
    start = _start_tag(node, depth)
    if not node.end:
        return start
    if not _may_indent(node):
        inner = "".join(child.source for child in node.children)
        start[-1] += inner + node.end
        return start
    return [*start, *_block(node.children, depth + 1), INDENT * depth + node.end]


def _may_indent(node):
    """Whether there is white space around every child, so that its amount does not matter."""
    children = node.children
    if node.name in VERBATIM or "xml:space" in node.text or not children:
        return False
    if any(child.kind in ("text", "cdata") and not child.is_blank for child in children):
        return False
    if not (children[0].is_blank and children[-1].is_blank):
        return False
    pairs = zip(children, children[1:], strict=False)
    return len(children) > 1 and all(left.is_blank != right.is_blank for left, right in pairs)


def _start_tag(node, depth):
    attributes = [f"{name}={value}" for name, value in ATTRIBUTE.findall(node.text)]
    end = ">" if node.end else "/>"
    margin = INDENT * depth
    line = f"{margin}<{' '.join([node.name, *attributes])}{end}"
    if len(attributes) < 2 or (len(line) <= WIDTH and "\n" not in line):
        return [line]
    inner = [f"{margin}{INDENT}{attribute}" for attribute in attributes]
    return [f"{margin}<{node.name}", *inner, f"{margin}{end}"]

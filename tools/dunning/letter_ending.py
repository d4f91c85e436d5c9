"""The end of a letter: what is not to stand on a page alone."""

from __future__ import annotations

from lxml import html

# So many characters at most are kept on one page.
MOST_KEPT = 1500


def keep_ending(text: str, name: str) -> str:
    """Return a letter whose last paragraphs, after its last table, stand in an element.

    Those that are too long for that are left out, the first ones first.

    :param text: the letter, as one or several elements of HTML
    :param name: the class of the element

    >>> keep_ending("<div><table></table><p>Pay.</p><p>Regards,</p></div>", "kept")
    '<div><table></table><div class="kept"><p>Pay.</p><p>Regards,</p></div></div>'
    >>> keep_ending("<p>Hello</p>", "kept")
    '<div><p>Hello</p></div>'
    """
    letter = html.fragment_fromstring(text, create_parent="div")
    while len(letter) == 1 and letter[0].tag == "div":
        letter = letter[0]
    ending, length = [], 0
    for part in reversed(letter):
        length += len(part.text_content())
        if part.tag in ("table", "style") or part.find(".//table") is not None:
            break
        if length > MOST_KEPT:
            break
        ending.insert(0, part)
    if 1 < len(ending) < len(letter):
        kept = letter.makeelement("div", {"class": name})
        ending[0].addprevious(kept)
        kept.extend(ending)
    return html.tostring(letter, encoding="unicode").strip()

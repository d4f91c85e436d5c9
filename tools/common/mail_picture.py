"""Pictures inside an e-mail instead of links that its reader may not follow.

Plain Python: the parts of a message by ``email``, its text by the sources of its pictures.
"""

import re
from html import unescape

# Nothing goes beyond the tag, so that a long text is read once.
_SOURCE = re.compile(
    r"""(<img\b[^<>]*?\bsrc\s*=\s*)(["'])((?:(?!\2)[^<>])*)\2""", re.IGNORECASE | re.DOTALL
)


class PictureName(str):
    """The name of a file that the text shows in place of ``source``; it is no enclosure."""

    __slots__ = ("cid", "source")

    def __new__(cls, name, source, cid):
        self = super().__new__(cls, name)
        self.source, self.cid = source, cid
        return self


def find_sources(html):
    """Return where the pictures of a text come from, each once.

    >>> find_sources('<p><img alt="" src="/a?x=1&amp;y=2"/><img src="/b"><img src="/b"></p>')
    ['/a?x=1&y=2', '/b']
    """
    return list(dict.fromkeys(unescape(found[3]) for found in _SOURCE.finditer(html)))


def replace_sources(html, sources):
    """Return a text with the sources of its pictures replaced: ``{source: new one}``.

    >>> replace_sources('<img src="/a?x=1&amp;y=2"/><img src="/b">', {"/a?x=1&y=2": "cid:1"})
    '<img src="cid:1"/><img src="/b">'
    """

    def replaced(match):
        before, quote, source = match.groups()
        return f"{before}{quote}{sources.get(unescape(source), source)}{quote}"

    return _SOURCE.sub(replaced, html)


def split_pictures(attachments):
    """Return the pictures among the files of a message, and the others.

    >>> picture = PictureName("b.png", "/b", "1")
    >>> files = [("a.pdf", b"", "application/pdf"), (picture, b"", "image/png")]
    >>> [[name for name, *_rest in group] for group in split_pictures(files)]
    [['b.png'], ['a.pdf']]
    """
    pictures = [found for found in attachments if isinstance(found[0], PictureName)]
    return pictures, [found for found in attachments if not isinstance(found[0], PictureName)]


def embed_pictures(message, pictures):
    """Put pictures beside the HTML of a message, which shows them by ``cid:``.

    :param message: ``email.message.EmailMessage``
    :param pictures: (``PictureName``, content, media type)

    >>> from email.message import EmailMessage
    >>> message = EmailMessage()
    >>> message.set_content("Hello")
    >>> message.add_alternative('<img src="/b">', subtype="html")
    >>> embed_pictures(message, [(PictureName("b.png", "/b", "1"), b"x", "image/png")])
    >>> [part.get_content_type() for part in message.walk()]
    ['multipart/alternative', 'text/plain', 'multipart/related', 'text/html', 'image/png']
    >>> message.get_body(("html",)).get_content().strip()
    '<img src="cid:1">'
    """
    html = message.get_body(preferencelist=("html",))
    if html is None or not pictures:
        return
    sources = {name.source: f"cid:{name.cid}" for name, _content, _mimetype in pictures}
    text = replace_sources(html.get_content(), sources)
    html.set_content(text, subtype="html", charset="utf-8")
    for name, content, mimetype in pictures:
        maintype, _slash, subtype = mimetype.partition("/")
        html.add_related(
            content,
            maintype,
            subtype,
            cid=f"<{name.cid}>",
            filename=str(name),
            disposition="inline",
        )

"""A word printed on every page of a PDF, in whatever script.

The letters of a word decide the font: one of PDF itself, one that Odoo brings, one of this machine.
What is not embedded would be boxes on other machines, so a word for which no font is found is not
printed but its plain form is.

Needs no database. It imports from Odoo what knows the installed PDF library and Odoo's own fonts.
"""

import logging
import subprocess
import unicodedata
from functools import lru_cache
from io import BytesIO
from math import sqrt

from reportlab.lib.colors import Color
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

from odoo.tools.misc import file_path
from odoo.tools.pdf import PdfFileReader, PdfFileWriter, reshape_text

_logger = logging.getLogger(__name__)

_PDF_FONT = "Helvetica-Bold"
_ODOO_FONTS = (
    "web/static/fonts/google/Open_Sans/Open_Sans-Bold.ttf",  # Latin, Greek, Cyrillic
    "web/static/fonts/google/Tajawal/Tajawal-Bold.ttf",  # Arabic
)
_FRAME_SIZE = 14  # points
_ACROSS_SIZE = 96
_RED = (0.7, 0.11, 0.11)


def stamp_pdf(pdf, word, plain, across=False):
    """Return a PDF with a word on top of each page.

    :param pdf: the PDF as bytes
    :param plain: the word in ASCII, printed where no font here has the letters of ``word``
    :param across: in big pale letters over the whole page, else in a frame at its top
    """
    reader = PdfFileReader(BytesIO(pdf), strict=False)
    pages = [reader.getPage(number) for number in range(reader.getNumPages())]
    marks = PdfFileReader(_draw_marks(pages, *_choose_font(word, plain), across))
    writer = PdfFileWriter()
    for number, page in enumerate(pages):
        writer.addPage(page)
        writer.getPage(number).mergePage(marks.getPage(number))
    result = BytesIO()
    writer.write(result)
    return result.getvalue()


def _draw_marks(pages, word, font, across):
    drawn = BytesIO()
    sheet = Canvas(drawn)
    for page in pages:
        width, height = float(page.mediaBox.getWidth()), float(page.mediaBox.getHeight())
        sheet.setPageSize((width, height))
        (_draw_across if across else _draw_frame)(sheet, width, height, word, font)
        sheet.showPage()
    sheet.save()
    return drawn


def _draw_frame(sheet, width, height, word, font):
    size = _get_size(_FRAME_SIZE, width, word, font)
    sheet.setFont(font, size)
    sheet.setFillColor(Color(*_RED))
    sheet.setStrokeColor(Color(*_RED))
    half = stringWidth(word, font, size) / 2 + size
    sheet.roundRect(width / 2 - half, height - 2.6 * size, 2 * half, 1.6 * size, 3)
    sheet.drawCentredString(width / 2, height - 2.2 * size, word)


def _draw_across(sheet, width, height, word, font):
    sheet.translate(width / 2, height / 2)
    sheet.rotate(45)
    sheet.setFillColor(Color(*_RED, alpha=0.3))
    room = sqrt(2) * min(width, height)  # from edge to edge, as the letters run
    sheet.setFont(font, _get_size(_ACROSS_SIZE, room, word, font))
    sheet.drawCentredString(0, 0, word)


def _get_size(most, room, word, font):
    """Return the size of the letters: a long word gets smaller ones."""
    return min(most, 0.8 * room / max(stringWidth(word, font, 1), 1))


@lru_cache
def _choose_font(word, plain):
    """Return the word as it is drawn, from left to right, and the name of a font that has it."""
    drawn = reshape_text(unicodedata.normalize("NFC", " ".join(word.split())))
    if drawn and drawn.isprintable() and (font := _find_font(drawn)):
        return drawn, font
    _logger.warning("No font here has the letters of %r: %r is printed instead.", word, plain)
    return plain, _PDF_FONT


def _find_font(text):
    if text == text.encode("cp1252", "ignore").decode("cp1252"):
        return _PDF_FONT
    if any(unicodedata.category(letter).startswith("M") for letter in text):
        return None  # marks would stand beside their letters
    for path in _get_fonts(text):
        try:
            font = TTFont(path, path)
        except (TTFError, OSError):  # no outlines of the kind that can be embedded
            continue
        if all(ord(letter) in font.face.charToGlyph for letter in text):
            registerFont(font)
            return path
    return None


def _get_fonts(text):
    """Yield paths of fonts: Odoo's own, then this machine's that have all letters of a text."""
    for name in _ODOO_FONTS:
        try:
            path = file_path(name)
        except FileNotFoundError:  # left out by who packaged Odoo
            continue
        yield path
    letters = " ".join(f"{ord(letter):x}" for letter in sorted(set(text)))
    command = ["fc-list", "--format=%{file}\n", f":charset={letters}:fontformat=TrueType"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return
    yield from sorted(set(found.stdout.splitlines()), key=lambda path: ("Bold" not in path, path))

"""The word printed on copies and previews, without a database."""

import io
import os
import subprocess
from unittest.mock import patch

from reportlab.pdfgen.canvas import Canvas

from odoo.tests import BaseCase
from odoo.tools.pdf import PdfFileReader, PdfFileWriter, errors

from odoo.addons.account_recurrence_dunning.models.common import pdf_stamp
from odoo.addons.account_recurrence_dunning.models.common.pdf_stamp import stamp_pdf

A4 = (595.0, 842.0)
LOGGER = pdf_stamp.__name__


def make_pdf(*sizes):
    drawn = io.BytesIO()
    sheet = Canvas(drawn)
    for number, size in enumerate(sizes or [A4], 1):
        sheet.setPageSize(size)
        sheet.drawString(40, 40, f"Invoice page {number}")
        sheet.showPage()
    sheet.save()
    return drawn.getvalue()


def encrypt(pdf, user_password):
    writer = PdfFileWriter()
    writer.addPage(PdfFileReader(io.BytesIO(pdf)).getPage(0))
    writer.encrypt(user_password, "owner")
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


class TestPdfStamp(BaseCase):
    """R8, D14: previews and copies are marked, in every language."""

    def setUp(self):
        super().setUp()
        pdf_stamp._choose_font.cache_clear()

    def pages_of(self, pdf):
        return PdfFileReader(io.BytesIO(pdf), strict=False).pages

    def fonts_of(self, page):
        """The fonts of a page that are embedded, by their name without the mark of a subset."""
        fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
        return {
            str(font["/BaseFont"]).rpartition("+")[2]
            for font in fonts
            if "/FontDescriptor" in font and "/FontFile2" in font["/FontDescriptor"]
        }

    def assertPrinted(self, word, text, font=None):
        for across in (False, True):
            with self.subTest(word=word, across=across):
                [page] = self.pages_of(stamp_pdf(make_pdf(), word, "COPY", across=across))
                self.assertIn(text, page.extract_text())
                self.assertIn("Invoice page 1", page.extract_text())
                self.assertEqual(self.fonts_of(page), {font} if font else set())

    def test_western_letters_need_no_font_of_their_own(self):
        for word in ("COPY", "APERÇU", "VORSCHAU", "KØPIÄ ß €"):
            self.assertPrinted(word, word)

    def test_other_letters_are_embedded(self):
        for word in ("КОПИЯ", "КОПІЯ Ґ", "ΑΝΤΙΓΡΑΦΟ", "COPIE ȘȚĂ ș ț", "BẢN SAO", "KOPIE Ž Ł ő"):
            self.assertPrinted(word, word, "OpenSans-Bold")

    def test_letters_made_of_two_characters_are_one(self):
        self.assertPrinted("APERC\u0327U", "APERÇU")
        self.assertPrinted("COPIE S\u0326", "COPIE Ș", "OpenSans-Bold")

    def test_arabic_is_joined_and_runs_from_right_to_left(self):
        # The letters as they are drawn, from the left: each has the shape of its place.
        drawn = "\ufe94\ufea8\ufeb4\ufee7"
        self.assertEqual(pdf_stamp._choose_font("نسخة", "COPY")[0], drawn)
        [page] = self.pages_of(stamp_pdf(make_pdf(), "نسخة", "COPY"))
        # some libraries read them as drawn, others as a person reads them
        text = page.extract_text()
        self.assertTrue(drawn in text or drawn[::-1] in text, text)
        self.assertEqual(self.fonts_of(page), {"Tajawal-Bold"})

    def test_what_no_font_can_draw_is_the_plain_word_and_the_log_says_so(self):
        words = {"marks that would stand beside their letters": "प्रतिलिपि", "no letter": "\ue000"}
        words |= {"nothing": " ", "no text": "\x00", "no text as well": "\u200b"}
        for reason, word in words.items():
            with self.subTest(reason), self.assertLogs(LOGGER, "WARNING"):
                self.assertPrinted(word, "COPY")

    def test_a_font_of_this_machine_is_taken_where_odoo_has_none(self):
        for word in ("副本", "写し", "사본", "ასლი"):
            with self.subTest(word):
                pdf_stamp._choose_font.cache_clear()
                with patch.dict(os.environ, PATH=""), self.assertLogs(LOGGER, "WARNING"):
                    self.assertPrinted(word, "COPY")
                pdf_stamp._choose_font.cache_clear()
                [page] = self.pages_of(stamp_pdf(make_pdf(), word, "COPY"))
                text = word if self.has_font(word) else "COPY"
                self.assertIn(text, page.extract_text())
                self.assertEqual(bool(self.fonts_of(page)), text == word)

    def has_font(self, word):
        letters = " ".join(f"{ord(letter):x}" for letter in word)
        try:
            command = ["fc-list", f":charset={letters}:fontformat=TrueType"]
            return bool(subprocess.check_output(command))
        except OSError:
            return False

    def test_every_page_is_marked_in_its_own_size(self):
        sizes = [A4, (842.0, 595.0), (200.0, 200.0)]
        for across in (False, True):
            pages = self.pages_of(stamp_pdf(make_pdf(*sizes), "КОПИЯ", "COPY", across=across))
            self.assertEqual(len(pages), 3)
            for number, (page, size) in enumerate(zip(pages, sizes, strict=True), 1):
                box = page.mediaBox
                self.assertEqual((float(box.getWidth()), float(box.getHeight())), size)
                self.assertIn("КОПИЯ", page.extract_text())
                self.assertIn(f"Invoice page {number}", page.extract_text())

    def test_a_long_word_gets_smaller_letters(self):
        long = "PRÉVISUALISATION DE LA FACTURE RÉCURRENTE DU PROCHAIN MOIS"
        for most, room in ((14, 200), (96, 841)):
            size = pdf_stamp._get_size(most, room, long, "Helvetica-Bold")
            self.assertLess(pdf_stamp.stringWidth(long, "Helvetica-Bold", size), room)
        self.assertEqual(pdf_stamp._get_size(96, 841, "VORSCHAU", "Helvetica-Bold"), 96)

    def test_what_cannot_be_read_raises_as_the_library_does(self):
        for pdf in (b"", b"no PDF", encrypt(make_pdf(), "secret")):
            with self.subTest(pdf[:8]), self.assertRaises(errors.PyPdfError):
                stamp_pdf(pdf, "COPY", "COPY")

    def test_protected_against_changes_only_is_read(self):
        [page] = self.pages_of(stamp_pdf(encrypt(make_pdf(), ""), "COPY", "COPY"))
        self.assertIn("COPY", page.extract_text())
        self.assertIn("Invoice page 1", page.extract_text())

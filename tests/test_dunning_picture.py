import base64
import io
import subprocess
import tempfile
from datetime import date
from pathlib import Path

from PIL import Image, ImageChops

from odoo.tests import tagged

from .smtp_case import DunningSmtpCase

DAY = date(2026, 3, 10)


def picture(color, size=(600, 150)):
    stream = io.BytesIO()
    Image.new("RGB", size, color).save(stream, "PNG")
    return base64.b64encode(stream.getvalue())


@tagged("post_install", "-at_install")
class TestDunningPicture(DunningSmtpCase):
    """D14: logo, banner and title reach the customer, in the e-mail, the letter, the statement."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.logo = picture("green", (200, 60))
        cls.level_1.write({"banner": picture("red"), "title": "Last call"})
        cls.move = cls.create_due_invoice("2026-03-01")

    def send_one(self):
        reminder = self.env["dunning.run"]._execute_for(self.company, DAY).reminder_ids
        reminder._send_queued(DAY)
        self.assertEqual(reminder.state, "sent", reminder.failure_reason)
        return reminder

    def pictures_of(self, message):
        """Return the colours of the pictures that the HTML of a message shows, in their order."""
        html = message.get_body(("html",)).get_content()
        parts = {part["Content-ID"]: part for part in message.walk() if part["Content-ID"]}
        colors = []
        for source in html.split('src="')[1:]:
            name = source.split('"')[0]
            self.assertTrue(name.startswith("cid:"), name)
            part = parts[f"<{name[4:]}>"]
            self.assertEqual(part.get_content_disposition(), "inline")
            image = Image.open(io.BytesIO(part.get_content())).convert("RGB")
            colors.append(image.getpixel((5, 5)))
        return colors

    def test_d14_logo_and_banner_are_in_the_message(self):
        self.send_one()
        ((_to, message),) = self.mailbox.messages
        self.assertEqual(self.pictures_of(message), [(0, 128, 0), (255, 0, 0)])
        self.assertIn("Last call", message.get_body(("html",)).get_content())
        self.assertFalse(list(message.iter_attachments()), "no enclosure is made of them")

    def test_d14_beside_enclosures(self):
        self.level_1.attach_statement = True
        self.send_one()
        ((_to, message),) = self.mailbox.messages
        self.assertEqual(len(self.pictures_of(message)), 2)
        names = [part.get_filename() for part in message.iter_attachments()]
        self.assertEqual(len(names), 1)
        self.assertRegex(names[0], r"^Statement of .*\.pdf$")

    def test_w1_a_test_carries_the_same(self):
        reminder = self.level_1._send_test(self.move, "me@us.example", DAY)
        self.assertEqual(reminder.state, "sent")
        ((_to, message),) = self.mailbox.messages
        self.assertEqual(self.pictures_of(message), [(0, 128, 0), (255, 0, 0)])
        self.assertIn("Last call", message.get_body(("html",)).get_content())

    def test_d4_the_preview_shows_the_same(self):
        shown = self.level_1._show_message(self.move, DAY)
        self.assertIn(f"/web/image/dunning.level/{self.level_1.id}/banner", shown["body"])
        self.assertIn("/logo.png", shown["body"])
        self.assertIn("Last call", shown["body"])

    def test_a_picture_in_a_text_of_the_level_goes_with_it_and_no_other_file(self):
        values = {"raw": base64.b64decode(picture("blue")), "mimetype": "image/png"}
        attachments = self.env["ir.attachment"]
        own = attachments.create(
            {**values, "name": "own", "res_model": "dunning.level", "res_id": self.level_1.id}
        )
        foreign = attachments.create(
            {**values, "name": "foreign", "res_model": "res.partner", "res_id": self.partner_b.id}
        )
        self.level_1.write({"banner": False, "show_logo": False})
        self.level_1.footer_html = (
            f'<img src="/web/image/{own.id}-abc/own.png"><img src="/web/image/{foreign.id}">'
        )
        self.send_one()
        ((_to, message),) = self.mailbox.messages
        html = message.get_body(("html",)).get_content()
        self.assertEqual(html.count('src="cid:'), 1)
        self.assertIn(f"/web/image/{foreign.id}", html)

    def test_no_picture_no_part(self):
        self.level_1.write({"banner": False, "show_logo": False})
        self.send_one()
        ((_to, message),) = self.mailbox.messages
        types = [part.get_content_type() for part in message.walk()]
        self.assertEqual(types, ["multipart/alternative", "text/plain", "text/html"])

    # === ON PAPER === #

    def look_at(self, content):
        """Return the text of a PDF, and the (width, height) of red on its first page in cm."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "document.pdf"
            path.write_bytes(content)
            text = subprocess.run(
                ["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True
            ).stdout
            target = str(Path(folder) / "page")
            subprocess.run(["pdftoppm", "-r", "40", "-png", str(path), target], check=True)
            page = sorted(Path(folder).glob("page*.png"))[0]
            image = Image.open(page).convert("RGB")
        red, green, _blue = image.split()
        mask = ImageChops.darker(
            red.point(lambda value: 255 * (value > 240)),
            green.point(lambda value: 255 * (value < 20)),
        )
        left, top, right, bottom = mask.getbbox() or (0, 0, 0, 0)
        return text, ((right - left) / 40 * 2.54, (bottom - top) / 40 * 2.54)

    def test_d14_title_and_banner_stand_on_the_statement(self):
        self.level_1.attach_statement = True
        text, size = self.look_at(self.send_one().document_ids.raw)
        self.assertIn("Last call", text)
        self.assertIn("Statement of open items", text)
        self.assertTrue(all(size))

    def test_d14_title_and_banner_stand_on_the_letter(self):
        self.level_1.channel = "letter"
        letter = self.env["dunning.run"]._execute_for(self.company, DAY).reminder_ids
        content = letter._render_letters()[letter.id]
        text, size = self.look_at(content)
        self.assertIn("Last call", text)
        self.assertTrue(all(size))

    def test_d14_a_tall_banner_leaves_room_and_keeps_its_shape(self):
        self.level_1.write({"banner": picture("red", (900, 900)), "channel": "letter"})
        letter = self.env["dunning.run"]._execute_for(self.company, DAY).reminder_ids
        content = letter._render_letters()[letter.id]
        _text, (width, height) = self.look_at(content)
        self.assertGreater(height, 1)
        self.assertLess(height, 4)
        self.assertAlmostEqual(width, height, delta=0.2)

    def test_d14_a_tall_banner_leaves_room_in_the_message(self):
        self.send_one()
        ((_to, message),) = self.mailbox.messages
        html = message.get_body(("html",)).get_content()
        self.assertRegex(html, r"max-width: ?100%; ?max-height: ?120px")

    def test_without_a_title_the_statement_has_its_own(self):
        self.level_1.write({"attach_statement": True, "title": False, "banner": False})
        text, size = self.look_at(self.send_one().document_ids.raw)
        self.assertIn("Statement of open items", text)
        self.assertEqual(size, (0, 0))

import base64
import logging
import re
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from odoo import api, models
from odoo.tools.mimetypes import guess_mimetype

from ....tools.common.mail_picture import PictureName, find_sources

_logger = logging.getLogger(__name__)

# Where Odoo draws a barcode or a QR code of what is in the address.
BARCODE_PATH = "/report/barcode/"
# Pixels of a side of a QR code: what Odoo makes for an invoice is coarse on paper.
QR_SIZE = 384
ATTACHMENT = re.compile(r"/web/image/(\d+)(?:[-/].*)?$")


class DunningReminderPictureMixin(models.AbstractModel):
    """The pictures of a message go with it: its reader may not fetch them from this database."""

    _name = "dunning.reminder.picture.mixin"
    _description = "Pictures Inside a Message"

    def _embed_pictures(self, values):
        """Put the pictures of this message into an e-mail about to be built.

        :param values: an entry of ``mail.mail._prepare_outgoing_list``, changed here
        """
        self.ensure_one()
        pictures = []
        for source in find_sources(values["body"]):
            content = self._get_picture(source)
            mimetype = content and guess_mimetype(content)
            if mimetype and mimetype.startswith("image/"):
                number = len(pictures) + 1
                name = f"picture{number}.{mimetype.partition('/')[2]}"
                cid = f"picture{number}.{self.id}@dunning"
                pictures.append((PictureName(name, source, cid), content, mimetype))
        values["attachments"] = [*values["attachments"], *pictures]

    def _get_picture(self, url):
        """Return the picture that a link in this message shows, where it is this message's own.

        :return: bytes, or None where the link stays: it is foreign, or none of this message's
        """
        parts = urlsplit(url)
        if parts.netloc and parts.netloc != urlsplit(self.get_base_url()).netloc:
            return None
        company, level = self.company_id.sudo(), self.level_id.sudo()
        if parts.path == "/logo.png" and parse_qs(parts.query).get("company") == [str(company.id)]:
            return base64.b64decode(company.logo_web or b"")
        if parts.path == f"/web/image/dunning.level/{level.id}/banner":
            return base64.b64decode(level.banner or b"")
        program = self.program_id.sudo()
        if parts.path == f"/web/image/dunning.program/{program.id}/statement_banner":
            return base64.b64decode(program.statement_banner or b"")
        if parts.path == BARCODE_PATH:
            return self._draw_barcode(url)
        found = ATTACHMENT.match(parts.path)
        return self._get_own_attachment(int(found[1])) if found else None

    def _get_own_attachment(self, attachment_id):
        """Return a picture that was put into the texts of this message; no other file leaves."""
        attachment = self.env["ir.attachment"].sudo().browse(attachment_id).exists()
        texts = (self, self.level_id, self._get_template(), self.user_id)
        own = {(record._name, record.id) for record in texts if record}
        if not attachment or (attachment.res_model, attachment.res_id) not in own:
            return None
        return attachment.raw

    @api.model
    def _enlarge_barcode(self, url):
        """Return the address of a QR code made by Odoo, in a size for paper and sharp screens."""
        parts = urlsplit(url)
        if parts.path != BARCODE_PATH:
            return url
        values = {**_read_query(parts.query), "width": QR_SIZE, "height": QR_SIZE}
        return f"{BARCODE_PATH}?{urlencode(values)}"

    @api.model
    def _draw_barcode(self, url):
        """Return the picture Odoo shows under the address of a code; None where it is none."""
        parts = urlsplit(url)
        if parts.path != BARCODE_PATH:
            return None
        try:
            return self.env["ir.actions.report"].barcode(**_read_query(parts.query))
        except Exception as error:
            # whatever the address asks for, or a server without what draws: the text says the same
            _logger.info("No code could be drawn: %s", error)
            return None


def _read_query(query):
    return dict(parse_qsl(query, keep_blank_values=True))

import hashlib
import io
import logging
import re
import zipfile

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date
from odoo.tools.pdf import PdfReadError, merge_pdf

from ....tools.common.header_text import one_line
from ...common.common_defaults import COMMON_DEFAULTS

_logger = logging.getLogger(__name__)
PDF, ZIP = "application/pdf", "application/zip"
NO_NAME = re.compile(r'[\\/:*?"<>|]+')


class DunningHandoverDossierMixin(models.AbstractModel):
    """All that an agency or a lawyer needs, in one PDF and in one ZIP (K6).

    The claim and what was said about it, the statement, the invoices as they were sent, and each
    reminder as it left. Made once; whoever makes it again keeps the earlier one beside it.
    """

    _name = "dunning.handover.dossier.mixin"
    _description = "Dossiers of Handovers"

    pdf_id = fields.Many2one(
        "ir.attachment", string="Dossier (PDF)", readonly=True, copy=False, ondelete="set null"
    )
    zip_id = fields.Many2one(
        "ir.attachment", string="Dossier (ZIP)", readonly=True, copy=False, ondelete="set null"
    )
    dossier_date = fields.Datetime(string="Dossier Made", readonly=True, copy=False)
    dossier_ids = fields.Many2many(
        "ir.attachment",
        relation="dunning_handover_dossier_rel",
        string="All Dossiers",
        readonly=True,
        copy=False,
        help="What may have been given away: nobody changes or deletes it.",
    )

    def action_download_pdf(self):
        """Give the dossier as one PDF; it is made where there is none yet."""
        return self._download("pdf_id")

    def action_download_zip(self):
        """Give the dossier as one ZIP; it is made where there is none yet."""
        return self._download("zip_id")

    def _download(self, name):
        self.ensure_one()
        self.check_access("read")
        if not self.sudo()[name]:
            self.sudo()._make_dossier()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.sudo()[name].id}?download=true",
            "target": "download",
        }

    def action_make_dossier(self):
        """Make the dossiers anew, from what is open and was said until now."""
        self.check_access("write")
        for handover in self.sudo():
            handover._make_dossier()
        return True

    def _make_dossier(self):
        """Make the PDF and the ZIP of a handover and keep them as its attachments."""
        self.ensure_one()
        self.env["dunning.reminder"]._check_pdf_possible()
        spoken = self.with_context(lang=self._get_dossier_lang()).with_company(self.company_id)
        spoken = spoken.with_context(allowed_company_ids=self.company_id.ids)
        files = spoken._collect_files()
        day = self.company_id._get_job_today().isoformat()
        title = spoken.env._("Dossier")
        name = _clean(f"{title} {self.partner_id.name or ''} {day}")
        attachments = self.env["ir.attachment"].with_context(**COMMON_DEFAULTS)
        common = {"res_model": self._name, "res_id": self.id}
        made = attachments.create(
            [
                {**common, "name": f"{name}.pdf", "raw": _merge(files), "mimetype": PDF},
                {**common, "name": f"{name}.zip", "raw": _pack(files), "mimetype": ZIP},
            ]
        )
        self.write(
            {
                "pdf_id": made[0].id,
                "zip_id": made[1].id,
                "dossier_ids": [Command.link(file.id) for file in made],
                "dossier_date": fields.Datetime.now(),
            }
        )

    def _collect_files(self):
        """Return the files of the dossier in their order: ``[(path, content), …]``."""
        return [
            *self._make_claim(),
            *self._make_statement(),
            *self._make_invoices(),
            *self._make_proofs(),
        ]

    def _render(self, name, records):
        reminders = records.env["dunning.reminder"]
        return reminders._render_report(reminders._get_shipped_report(name), records)

    def _make_claim(self):
        pdf = self._render("dunning_handover_report", self)[self.id]
        return [(self._get_file_name(1, self.env._("Claim"), ".pdf"), pdf)]

    def _make_statement(self):
        # the claim's items alone, and no request to pay: that is the agency's now
        lines = self.move_line_ids.ids
        customer = self.partner_id.with_context(dunning_statement_lines=lines)
        if not customer._dunning_get_statements():
            return []
        pdf = self._render("dunning_customer_statements_report", customer)[customer.id]
        return [(self._get_file_name(2, self.env._("Statement of open items"), ".pdf"), pdf)]

    def _make_invoices(self):
        """Return the invoices as they were sent; one without a PDF as Odoo would make it now."""
        moves = self._get_moves().filtered(lambda move: move.is_sale_document(True))
        sent = moves._dunning_get_sent_pdfs()
        files = self.env["ir.attachment"].sudo().browse(sent.values())
        pdfs = {move_id: file.raw for move_id, file in zip(sent, files, strict=True)}
        missing = moves.filtered(lambda move: move.id not in sent)
        get_report = self.env["account.move.send"]._get_default_pdf_report_id
        for report, found in missing.grouped(get_report).items():
            pdfs |= self.env["dunning.reminder"]._render_report(report, found)
        folder = self._get_file_name(3, self.env._("Invoices"))
        return [(f"{folder}/{_clean(move.name)}.pdf", pdfs[move.id]) for move in moves]

    def _make_proofs(self):
        """Return each reminder as it left, with its checksum, and what was enclosed."""
        reminders = self._get_dossier_reminders().with_env(self.env)
        if not reminders:
            return []
        pdfs = self._render("dunning_proof_report", reminders)
        parent = self._get_file_name(4, self.env._("Reminders"))
        proof = self.env._("Proof of sending")
        files = []
        for number, reminder in enumerate(reminders, 1):
            day = fields.Date.to_string(reminder.sent_date or reminder.date)
            folder = f"{parent}/{number:02} {day} {_clean(reminder._get_kind_name())}"
            files.append((f"{folder}/{proof}.pdf", pdfs[reminder.id]))
            intact, _lost = reminder._get_sealed_files(reminder.proof_files)
            files += [(f"{folder}/{_clean(file.name)}", file.raw) for file in intact if file.raw]
        return files

    # === THE COVER SHEET === #

    @api.model
    def _get_file_name(self, number, title, ending=""):
        """Return the name of a file or folder of the dossier: they stand in its order."""
        return f"{number:02} {_clean(title)}{ending}"

    def _get_contents(self):
        """Return what the dossier holds, as texts."""
        reminders = self._get_dossier_reminders().with_env(self.env)
        return [
            self.env._("Claim and correspondence"),
            self.env._("Statement of open items"),
            *(
                self.env._("Invoice %(number)s", number=move.name)
                for move in self._get_moves()
                if move.is_sale_document(True)
            ),
            *(
                self.env._(
                    "%(level)s of %(day)s, with proof of sending",
                    level=reminder._get_kind_name(),
                    day=format_date(self.env, reminder.sent_date or reminder.date),
                )
                for reminder in reminders
            ),
        ]

    def _check_dossier(self):
        """Say what stands in the way of a dossier before anything is handed over."""
        if not self.env["dunning.level"]._can_make_pdf():
            raise UserError(self.env["dunning.reason"]._get_sentence("no_pdf", {}))


def _clean(name):
    """Return a name that every system takes for one file's."""
    return NO_NAME.sub("_", one_line(name)).strip(". ") or "_"


def _merge(files):
    """Return one PDF of all files that are PDFs and can be read."""
    pdfs = []
    for path, content in files:
        if not content.startswith(b"%PDF"):
            continue
        try:
            merge_pdf([content])
        except (PdfReadError, ValueError, KeyError, TypeError):
            _logger.info("Left out of the dossier's PDF, it is in the ZIP: %s", path)
            continue
        pdfs.append(content)
    return merge_pdf(pdfs)


def _pack(files):
    """Return a ZIP of files, with a list of their checksums."""
    packed, sums, names = io.BytesIO(), [], set()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files:
            name = _make_unique(path, names)
            archive.writestr(name, content)
            sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
        archive.writestr("SHA256SUMS", "".join(sums))
    return packed.getvalue()


def _make_unique(path, names):
    """Return a path that was not used yet: two enclosures may have one name."""
    stem, dot, ending = path.rpartition(".")
    number, name = 1, path
    while name in names:
        number += 1
        name = f"{stem} ({number}){dot}{ending}"
    names.add(name)
    return name

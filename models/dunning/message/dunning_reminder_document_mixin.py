from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ....tools.common.header_text import one_line
from ....tools.common.html_heading import lower_headings
from ....tools.dunning.letter_ending import keep_ending
from ....tools.dunning.obstacle import Obstacle
from ...common.common_defaults import COMMON_DEFAULTS
from ...common.isolation import get_error_text, run_isolated
from ...common.pdf_stamp import stamp_pdf

MODULE = "account_recurrence_dunning"
MEGABYTE = 1024 * 1024
# A picture of one transparent pixel.
BLANK = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


class DunningReminderDocumentMixin(models.AbstractModel):
    """The PDFs of reminders: the letter, the statement of open items, copies of invoices (D14)."""

    _name = "dunning.reminder.document.mixin"
    _description = "Documents of Reminders"

    linked_move_ids = fields.Many2many(
        "account.move",
        "dunning_reminder_linked_move_rel",
        string="Linked Invoices",
        readonly=True,
        help="Too large to enclose: the message links to them instead.",
    )

    # === RENDERING === #

    @api.model
    def _render_report(self, report, records):
        """Return ``{record id: PDF as bytes}``, made in one go.

        One by one where the pages of several cannot be told apart, as a text with headings of its
        own makes it.

        :param report: ir.actions.report of the records' model
        """
        self.env["dunning.level"]._check_model(report, records._name)
        reports = self.env["ir.actions.report"].sudo()
        reports = reports.with_context(report_pdf_no_attachment=True)
        found = reports._render_qweb_pdf_prepare_streams(report, {}, res_ids=records.ids)
        pdfs = {}
        for record in records:
            stream = found.get(record.id, {}).get("stream")
            if stream is None:
                alone = reports._render_qweb_pdf_prepare_streams(report, {}, res_ids=record.ids)
                stream = alone[record.id]["stream"]
            pdfs[record.id] = _read(stream)
        return pdfs

    @api.model
    def _get_shipped_report(self, name):
        """Return a report of this addon by the last part of its XML id.

        :raise UserError: somebody deleted it
        """
        report = self.env.ref(f"{MODULE}.{name}", raise_if_not_found=False)
        if not report:
            raise UserError(
                self.env._(
                    "The report %(name)s was deleted. Upgrading the app restores it.", name=name
                )
            )
        return report

    def _render_letters(self):
        """Return ``{reminder id: its letter as PDF}``, each in its own language."""
        return self._render_report(self._get_shipped_report("dunning_letter_report"), self)

    def _get_letter_head(self):
        """Return what stands on top of a letter beside the address, and its title."""
        self.ensure_one()
        company, sender = self.company_id.sudo(), self.user_id.sudo()
        sign = "".join(word[0] for word in (sender.name or "").split())[:3].upper()
        number = f"{self.id:05}" if self.id else ""
        return {
            "title": self.level_id.title or self._get_letter_subject(),
            "is_din": self._is_din_layout(),
            "date": self._get_text_date(),
            "customer_number": self.partner_id.commercial_partner_id.ref or "",
            "our_reference": " / ".join(filter(None, [sign, number])),
            "contact": sender.name or "",
            "phone": sender.partner_id.phone or company.phone or "",
            "email": sender.email or company.email or "",
        }

    def _is_din_layout(self):
        """Whether pages have the layout of l10n_din5008, which prints the title itself."""
        layout = self.company_id.sudo().external_report_layout_id.key or ""
        return layout.startswith("l10n_din5008.")

    def _leave_out_logo(self, get_uri):
        """Return what the layouts of Odoo are to call for the address of a picture.

        A logo is left blank where the level shows none, and where it is Odoo's own placeholder.

        :param get_uri: what they call otherwise, with a picture in base64
        """
        self.ensure_one()
        company = self.company_id.sudo()
        if self._get_look()["show_logo"] and not company.uses_default_logo:
            return get_uri
        return lambda picture: BLANK if picture == company.logo else get_uri(picture)

    @api.model
    def _lower_headings(self, html):
        """Return a text for a document: Odoo tells the pages of many apart by their headings."""
        return Markup(lower_headings(html or ""))

    def _get_letter_text(self):
        """Return the text of the letter for its page; its end stays on one with the signature."""
        self.ensure_one()
        return Markup(keep_ending(lower_headings(self.letter_html or ""), "dunning_kept"))

    # === FOR THE E-MAIL === #

    def _attach_documents(self):
        """Make the documents that the levels of these reminders enclose, and attach them.

        What belongs to somebody else is enclosed as a copy. One that cannot be made keeps its own
        message back, with the reason.
        """
        without = self.filtered(lambda reminder: reminder.mail_id and not reminder.document_ids)
        missing = without.filtered(
            lambda reminder: any(map(reminder.filtered, self._get_document_makers()))
        )
        for reminder in self.filtered(lambda r: r.mail_id and r.document_ids):
            # the e-mail is a new one where the first came back
            reminder.mail_id.attachment_ids |= reminder.document_ids
        run_isolated(
            missing,
            lambda found: found._attach_all_documents(),
            lambda found, error: found._keep_document_error(error),
        )
        run_isolated(
            self.filtered("mail_id.attachment_ids"),
            lambda found: found._own_files(),
            lambda found, error: found._keep_document_error(error),
        )

    def _keep_document_error(self, error):
        self._fail(self._get_document_obstacle(error))

    @api.model
    def _get_document_obstacle(self, error):
        """Return the ``Obstacle`` that an error stands for which came up while a PDF was made."""
        if not self.env["dunning.level"]._can_make_pdf():
            return Obstacle("no_pdf", {})
        return Obstacle("enclosure_broken", {"error": get_error_text(error)})

    @api.model
    def _get_document_makers(self):
        """Return who makes what messages enclose: ``{path: method}``, in their order.

        A path of fields of the reminder says whether it encloses such a document. The method is
        called on all reminders for which it does; it returns the values of their attachments,
        each made with ``_prepare_document``.
        """
        return {
            "enclose_statement": "_prepare_statements",
            "level_id.attach_invoices": "_prepare_invoices",
            "level_id.attach_bill": "_prepare_bills",
        }

    def _attach_all_documents(self):
        values = []
        for path, make in self._get_document_makers().items():
            values += getattr(self.filtered(path), make)()
        values = self._link_large_invoices(values)
        attachments = (
            self.env["ir.attachment"].sudo().with_context(**COMMON_DEFAULTS).create(values)
        )
        for reminder_id, found in attachments.grouped("res_id").items():
            reminder = self.browse(reminder_id)
            reminder.document_ids = found
            reminder.mail_id.write({"attachment_ids": [Command.link(doc.id) for doc in found]})

    def _link_large_invoices(self, values):
        """Take invoices out of messages that would become too large, and link to them instead.

        The largest go first, so that as many as possible stay enclosed; other documents stay.

        :param values: of the attachments to be made; those of invoices name their ``move_id``
        :return: the values of those that are still to be made
        """
        made = {}
        for found in values:
            made.setdefault(found["res_id"], []).append(found)
        for reminder in self:
            left_out = reminder._find_large_invoices(made.get(reminder.id, []))
            if not left_out:
                continue
            reminder.linked_move_ids = [Command.set(left_out)]
            values = [
                found
                for found in values
                if found["res_id"] != reminder.id or found.get("move_id") not in left_out
            ]
            # its text says so, in the name of whom it was made by
            own = reminder.with_user(reminder.create_uid).sudo()
            own.with_company(reminder.company_id)._make_mails()
        return [
            {name: value for name, value in found.items() if name != "move_id"} for found in values
        ]

    def _find_large_invoices(self, made):
        """Return the ids of invoices that this message cannot enclose without being too large.

        :param made: values of the attachments that are made for it
        """
        files, moves = self.mail_id.attachment_ids, self.line_ids.move_id
        sizes = [
            (file.file_size, file.res_id if file.res_model == moves._name else 0) for file in files
        ]
        sizes += [(len(found["raw"]), found.get("move_id", 0)) for found in made]
        room = self.company_id.sudo().dunning_enclosure_mb * MEGABYTE
        # an e-mail carries files in letters: four for three bytes
        size = (
            len((self.mail_id.body_html or "").encode()) + sum(size for size, _id in sizes) * 4 / 3
        )
        left_out = []
        for file_size, move_id in sorted(sizes, reverse=True):
            if size > room and move_id in moves.ids:
                left_out.append(move_id)
                size -= file_size * 4 / 3
        return left_out

    def _get_linked_documents(self):
        """Return what the text of the message links to as its enclosures: [(name, address)]."""
        self.ensure_one()
        moves = self.linked_move_ids
        if self.level_id.link_invoices and not self.level_id.attach_invoices:
            moves |= self._get_enclosed_invoices()
        base_url = self.get_base_url()
        moves = moves.sudo().sorted(lambda move: (move.invoice_date_due or move.date, move.id))
        return [(move.name, f"{base_url}{move.get_portal_url()}") for move in moves]

    def _prepare_invoices(self):
        """Return the values of the attachments with invoices that have no PDF, or another one."""
        values = []
        for report, found in self.grouped(lambda reminder: reminder._get_invoice_report()).items():
            values += self._prepare_copies(report, found) if report else found._prepare_unsent()
        return values

    def _get_invoice_report(self):
        """Return the report to render invoices with; empty: they go as they were sent."""
        report = self.level_id.invoice_report_id
        return report if self.level_id.attach_invoices else report.browse()

    @api.model
    def _get_statement_report(self, level):
        """Return the report of the statement of open items: the level's own, else the shipped."""
        return level.statement_report_id or self._get_shipped_report("dunning_statement_report")

    def _get_enclosed_invoices(self):
        """Return the invoices and credit notes that messages speak of."""
        moves = self._get_own_documents().move_id
        return moves.filtered(lambda move: move.is_invoice(include_receipts=True))

    def _get_own_documents(self):
        """Return the lines of messages whose entries may be enclosed, which is done as superuser.

        :raise UserError: an entry belongs to another company than its reminder
        """
        lines = self._get_standing()
        for line in lines.sudo():
            if line.move_id and line.move_id.company_id != line.reminder_id.company_id:
                raise UserError(
                    self.env._(
                        "%(invoice)s belongs to a different company from the reminder, so it is "
                        "not enclosed.",
                        invoice=line.move_name,
                    )
                )
        return lines

    def _get_unsent(self):
        """Return the invoices in messages that have no PDF yet, by the report that Odoo takes."""
        lines = self._get_own_documents().filtered(lambda line: line.kind != "credit")
        moves = lines.move_id.filtered(lambda move: move.is_sale_document(include_receipts=True))
        made = moves._dunning_get_sent_pdfs()
        missing = moves.filtered(lambda move: move.id not in made)
        return missing.grouped(self.env["account.move.send"]._get_default_pdf_report_id)

    def _prepare_statements(self):
        """Return the values of the attachments with the statements of open items."""
        values = []
        for report, found in self.grouped(
            lambda reminder: self._get_statement_report(reminder.level_id)
        ).items():
            pdfs = self._render_report(report, found)
            for reminder in found.with_prefetch():
                name = reminder._get_file_name(
                    lambda env, date: env._("Statement of %(date)s.pdf", date=date)
                )
                values.append(reminder._prepare_document(name, pdfs[reminder.id]))
        return values

    def _get_file_name(self, get_name):
        """Return the name of a file about a day, in the language of who gets the message.

        :param get_name: called with the environment in that language and the day as text
        """
        spoken = self.with_context(lang=self.lang)
        day = format_date(spoken.env, self._get_text_date(), lang_code=self.lang)
        return get_name(spoken.env, day).replace("/", "-")

    @api.model
    def _prepare_copies(self, report, reminders):
        """Return the values of the attachments with invoices, rendered and marked as copies."""
        invoices = reminders._get_enclosed_invoices()
        pdfs = self._render_report(report, invoices) if invoices else {}
        values = []
        for reminder in reminders:
            spoken = reminder.with_context(lang=reminder.lang)
            mark = spoken.env._("COPY")
            for move in reminder._get_standing().move_id:
                if move.id not in pdfs:
                    continue
                name = spoken.env._("%(invoice)s (copy).pdf", invoice=move.name.replace("/", "_"))
                marked = stamp_pdf(pdfs[move.id], mark, "COPY")
                values.append(reminder._prepare_document(name, marked, move))
        return values

    def _prepare_unsent(self):
        """Return the values of the attachments with invoices that have no PDF yet.

        Made as Odoo would make them to be sent, for this message alone: the invoice itself stays
        as it is.
        """
        reminders = self.filtered("level_id.attach_invoices")
        pdfs, names = {}, {}
        for report, moves in reminders._get_unsent().items():
            pdfs.update(self._render_report(report, moves))
            names |= {move.id: move._get_invoice_report_filename(report=report) for move in moves}
        return [
            reminder._prepare_document(names[move.id], pdfs[move.id], move)
            for reminder in reminders
            for move in reminder._get_standing().move_id
            if move.id in pdfs
        ]

    def _prepare_document(self, name, content, move=None):
        """Return the values of an attachment with a PDF.

        :param move: the invoice that it is; it may be linked to where it is too large
        """
        values = {
            # a file's name stands in a header too
            "name": one_line(name),
            "raw": content,
            "mimetype": "application/pdf",
            "res_model": self._name,
            "res_id": self.id,
        }
        return {**values, "move_id": move.id} if move else values

    def _drop_documents(self):
        """Remove documents that speak of what has changed since; they are made anew.

        What left already stays: a message that came back may leave again.
        """
        documents = self.document_ids.sudo()
        in_proofs = {file["id"] for reminder in self for file in reminder.proof_files or []}
        for reminder in self.filtered("document_ids"):
            mail = reminder.mail_id.filtered(lambda mail: mail.state != "sent")
            mail.attachment_ids -= reminder.document_ids
        self.document_ids = False
        self.filtered("linked_move_ids").linked_move_ids = False
        documents.filtered(lambda document: document.id not in in_proofs).unlink()

    @api.model
    def _check_pdf_possible(self):
        """Raise where this machine cannot make a PDF."""
        if not self.env["dunning.level"]._can_make_pdf():
            raise UserError(self.env["dunning.reason"]._get_sentence("no_pdf", {}))


def _read(stream):
    stream.seek(0)
    return stream.read()

import base64
import io
from datetime import date
from urllib.parse import quote

import xlsxwriter

from odoo import api, fields, models
from odoo.fields import Command

from ...models.common.mail_addresses import find_addresses
from ...tools.common.spreadsheet_cell import harmless

MODULE = "account_recurrence_dunning"


class DunningStatementDialog(models.TransientModel):
    """Prints statements of open items of customers, or gives them as a spreadsheet."""

    _name = "dunning.statement.dialog"
    _description = "Statements of Open Items by Hand"
    _inherit = "recurrence.dunning.own.record.mixin"
    _dialog_about = ("partner_ids",)

    partner_ids = fields.Many2many(
        "res.partner",
        "dunning_statement_dialog_partner_rel",
        string="Customers",
        context={"active_test": False},
    )
    customer_count = fields.Integer(string="Statements", compute="_compute_customer_count")
    left_out = fields.Char(readonly=True, help="Customers without open items.")
    document_warning = fields.Text(compute="_compute_document_warning")
    no_address = fields.Char(string="No E-mail Address", compute="_compute_no_address")
    send_problem = fields.Text(string="Cannot Be Sent", compute="_compute_no_address")
    is_sendable = fields.Boolean(compute="_compute_no_address")
    document = fields.Binary(readonly=True, system=True, attachment=False)
    spreadsheet = fields.Binary(readonly=True, system=True, attachment=False)
    sent_ids = fields.Many2many(
        "dunning.reminder", "dunning_statement_dialog_sent_rel", readonly=True, system=True
    )

    @api.depends("partner_ids")
    def _compute_customer_count(self):
        for dialog in self:
            dialog.customer_count = len(dialog.partner_ids)

    @api.depends_context("allowed_company_ids", "lang")
    def _compute_document_warning(self):
        """Fill what the companies that the statements come from lack for them."""
        gaps = [gap for one in self.env.companies for gap in one._dunning_get_document_gaps()]
        self.document_warning = "\n".join(dict.fromkeys(gaps))

    @api.depends("partner_ids")
    def _compute_no_address(self):
        """Fill the customers whose statement can be printed but not sent, and why none can."""
        company, programs = self.env.company, self.env["dunning.program"]
        for dialog in self:
            customers = dialog.partner_ids.with_company(company)
            pairs = [(one.dunning_effective_program_id, one) for one in customers]
            found = programs._find_recipients(company, [pair for pair in pairs if pair[0]])
            missing = [
                customer
                for program, customer in pairs
                if not find_addresses(found.get((program.id, customer.id), [customer])[0].email)
            ]
            problems = {program: program.sudo().sender_problem for program, _one in pairs}
            dialog.no_address = ", ".join(customer.display_name for customer in missing)
            dialog.send_problem = "\n".join(dict.fromkeys(filter(None, problems.values())))
            dialog.is_sendable = any(
                customer not in missing and not problems[program] for program, customer in pairs
            )

    @api.model
    def _open(self, customers):
        """Return the dialog for those of the customers that have open items."""
        statements = customers._dunning_get_statements()
        left_out = customers._dunning_without_statement(statements)
        dialog = self.create(
            {"partner_ids": [Command.set(statements.partner_id.ids)], "left_out": left_out}
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Statement of open items"),
            "res_model": self._name,
            "res_id": dialog.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "medium"},
        }

    def action_print(self):
        """Print the statements into one PDF.

        It is made here: the client prints a report of all companies that are on the screen, and a
        case is of one.
        """
        self._check_dialog()
        self.ensure_one()
        customers = self.partner_ids
        customers._dunning_check_statement()
        reminders = self.env["dunning.reminder"]
        reminders._check_pdf_possible()
        report = reminders._get_shipped_report("dunning_customer_statements_report")
        pdf, _kind = self.env["ir.actions.report"]._render_qweb_pdf(report, customers.ids)
        day = fields.Date.context_today(self)
        title = self.env._("Statement - %(customer)s", customer=customers[:1].name or "")
        if len(customers) > 1:
            title = self.env._("Statements %(date)s", date=day)
        return self._download("document", pdf, title.replace("/", "-") + ".pdf")

    def action_send(self):
        """Send the statements by e-mail, once, and show what became of them."""
        self._check_dialog()
        self.ensure_one()
        dialog = self.sudo()
        # of two clicks at once the second one is refused
        dialog.lock_for_update()
        if not dialog.sent_ids:
            statements = self.partner_ids._dunning_get_statements()
            self.partner_ids._dunning_without_statement(statements)
            dialog.sent_ids = self.env["dunning.reminder"]._send_statements(statements)
        sent = dialog.sent_ids
        action = self.env["ir.actions.act_window"]._for_xml_id(f"{MODULE}.dunning_reminder_action")
        return {**action, "domain": [("id", "in", sent.ids)], "context": {}}

    def action_download(self):
        """Give the open items of the customers as a spreadsheet, with their ageing."""
        self._check_dialog()
        self.ensure_one()
        statements = self.partner_ids._dunning_get_statements()
        self.partner_ids._dunning_without_statement(statements)
        name = self.env._("Open items %(date)s.xlsx", date=fields.Date.context_today(self))
        return self._download("spreadsheet", self._make_spreadsheet(statements), name)

    def _download(self, field, content, name):
        """Keep a file in the dialog; return the action that downloads it."""
        self.sudo()[field] = base64.b64encode(content)
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/{field}/{quote(name)}?download=true",
            "target": "download",
        }

    # === SPREADSHEET === #

    @api.model
    def _make_spreadsheet(self, statements):
        """Return an Excel file: a row for each open item, sheets with the ageing and the claims."""
        file = io.BytesIO()
        book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False})
        formats = {
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True}),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            "amount": book.add_format({"num_format": "#,##0.00"}),
        }
        self._write_sheet(book, formats, self.env._("Open items"), *self._get_item_rows(statements))
        self._write_sheet(book, formats, self.env._("Ageing"), *self._get_age_rows(statements))
        headings, rows = self._get_claim_rows(statements)
        if rows:
            name = self.env._("Interest and fixed sums")
            self._write_sheet(book, formats, name, headings, rows)
        book.close()
        return file.getvalue()

    @api.model
    def _write_sheet(self, book, formats, name, headings, rows):
        sheet = book.add_worksheet(name[:31])
        sheet.freeze_panes(1, 0)
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, heading, formats["head"])
            sheet.set_column(column, column, 28 if column < 2 else 14)
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                if isinstance(cell, float):
                    sheet.write_number(number, column, cell, formats["amount"])
                elif isinstance(cell, int) and cell is not False:
                    sheet.write_number(number, column, cell)
                elif isinstance(cell, date):
                    sheet.write_datetime(number, column, cell, formats["date"])
                else:
                    sheet.write_string(number, column, harmless(cell or ""))
        sheet.autofilter(0, 0, max(len(rows), 1), len(headings) - 1)

    @api.model
    def _get_item_rows(self, statements):
        headings = [
            self.env._("Customer"),
            self.env._("Company"),
            self.env._("Number"),
            self.env._("Invoice date"),
            self.env._("Due date"),
            self.env._("Days late"),
            self.env._("Level"),
            self.env._("Currency"),
            self.env._("Amount"),
            self.env._("Amount outstanding"),
        ]
        rows = [
            (
                statement.partner_id.display_name,
                statement.company_id.name,
                line.move_name,
                line.invoice_date,
                line.due_date,
                max(line.days_late, 0) if line.due_date else "",
                line.level_number or "",
                line.currency_id.name,
                line.amount_total,
                line.amount_residual,
            )
            for statement in statements
            for line in statement._get_statement_lines()
        ]
        return headings, rows

    @api.model
    def _get_claim_rows(self, statements):
        """Return headings and rows of what the statements claim for late payment."""
        headings = [
            self.env._("Customer"),
            self.env._("Company"),
            self.env._("Number"),
            self.env._("As of"),
            self.env._("Currency"),
            self.env._("Interest"),
            self.env._("Fixed sum"),
            self.env._("Total"),
        ]
        rows = [
            (
                statement.partner_id.display_name,
                statement.company_id.name,
                claim.move_name,
                claim.date,
                claim.currency_id.name,
                claim.interest_due,
                claim.fixed_sum_due,
                claim.amount,
            )
            for statement in statements
            for claim in statement._get_claims()._sort_by_due_date()
        ]
        return headings, rows

    @api.model
    def _get_age_rows(self, statements):
        headings = [
            self.env._("Customer"),
            self.env._("Company"),
            self.env._("Currency"),
            self.env._("Not due"),
            self.env._("1–30 days"),
            self.env._("31–60 days"),
            self.env._("61–90 days"),
            self.env._("Over 90 days"),
            self.env._("Credits"),
            self.env._("Total"),
        ]
        rows = [
            (
                statement.partner_id.display_name,
                statement.company_id.name,
                currency.name,
                *map(float, statement._get_ages(lines)),
                float(sum(lines.mapped("amount_residual"))),
            )
            for statement in statements
            for currency, lines in statement._get_statement_lines().grouped("currency_id").items()
        ]
        return headings, rows

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...common.client_action import open_dialog

TEXT_FIELDS = ("subject", "body_html")


class DunningLevel(models.Model):
    """The text of a level, and in which languages of customers it is missing (D8)."""

    _inherit = "dunning.level"

    missing_languages = fields.Char(
        string="Text Missing In",
        compute="_compute_missing_languages",
        help="Languages of customers in which the message has no text of its own: they get the "
        "original one.",
    )

    @api.depends("mail_template_id", "channel", "number")
    def _compute_missing_languages(self):
        missing = self._find_missing_languages()
        for level in self:
            level.missing_languages = self._tell_languages(missing[level])

    def _find_missing_languages(self):
        """Return the codes of the customers' languages without a text: ``{level: codes}``."""
        spoken = {company: self._get_customer_languages(company) for company in self.company_id}
        templates = {level: level._get_template() for level in self if level._get_channel().text}
        written = self._read_written_languages(self.env["mail.template"].union(*templates.values()))
        return {
            level: spoken.get(level.company_id, set()) - written.get(templates[level].id, set())
            if level in templates
            else set()
            for level in self
        }

    @api.model
    def _tell_languages(self, codes):
        """Return the names of languages in the order of the alphabet; none: False."""
        names = dict(self.env["res.lang"].get_installed())
        return ", ".join(sorted(map(names.get, codes))) or False

    @api.model
    def _get_customer_languages(self, company):
        """Return the codes of the languages of a company's customers, as far as installed."""
        customers = self.env["res.partner"].sudo()
        groups = customers._read_group(
            [("customer_rank", ">", 0), ("company_id", "in", (company.id, False))], ["lang"]
        )
        installed = dict(self.env["res.lang"].get_installed())
        return {code for (code,) in groups if code in installed}

    @api.model
    def _read_written_languages(self, templates):
        """Return in which languages messages have texts of their own: ``{template id: codes}``.

        A value of its own, whatever it says: an untranslated language has none. The columns hold
        the values by language, which Odoo reads of one record and field at a time.
        """
        templates.flush_recordset(TEXT_FIELDS)
        rows = self.env.execute_query(
            SQL(
                "SELECT id, %s FROM mail_template WHERE id = ANY(%s)",
                SQL(", ").join(map(SQL.identifier, TEXT_FIELDS)),
                templates.ids,
            )
        )
        return {
            template_id: set.intersection(
                *({code for code, text in (column or {}).items() if text} for column in columns)
            )
            for template_id, *columns in rows
        }

    def action_open_text(self):
        """Open the text of this level: subject and message, each with its translations."""
        self.check_access("read")
        self.ensure_one()
        template = self._get_template()
        if not template:
            raise UserError(self.env._("This level has no text: choose a message template."))
        view = self.env.ref("account_recurrence_dunning.mail_template_view_form_text")
        return open_dialog(
            template,
            self.env._("Text of “%(level)s”", level=self.display_name),
            views=[(view.id, "form")],
            context={"dialog_size": "extra-large"},
        )

from odoo import api, fields, models
from odoo.exceptions import UserError

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
        names = dict(self.env["res.lang"].get_installed())
        spoken = {}
        for company, levels in self.grouped("company_id").items():
            spoken[company] = levels._get_customer_languages(company) if company else set()
        for level in self:
            has_text = level._get_channel().text
            missing = spoken[level.company_id] - level._get_written_languages() if has_text else ()
            level.missing_languages = ", ".join(sorted(map(names.get, missing))) or False

    @api.model
    def _get_customer_languages(self, company):
        """Return the codes of the languages of a company's customers, as far as installed."""
        customers = self.env["res.partner"].sudo()
        groups = customers._read_group(
            [("customer_rank", ">", 0), ("company_id", "in", (company.id, False))], ["lang"]
        )
        installed = dict(self.env["res.lang"].get_installed())
        return {code for (code,) in groups if code in installed}

    def _get_written_languages(self):
        """Return the codes of the languages in which the message has texts of its own."""
        self.ensure_one()
        template = self._get_template().sudo()
        if not template:
            return set()
        texts = [template._fields[name]._get_stored_translations(template) for name in TEXT_FIELDS]
        # a value of its own, whatever it says: an untranslated language has none
        return set.intersection(*({code for code in found or () if found[code]} for found in texts))

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

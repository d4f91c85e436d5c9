from datetime import date

from odoo import api, fields, models
from odoo.exceptions import MissingError
from odoo.tools import format_amount, format_date

from ....tools.dunning.hold import BLOCK_KINDS
from .dunning_reason_text import (
    BLOCKED_BECAUSE,
    BLOCKED_OPEN,
    BLOCKED_UNTIL,
    DETAILED,
    OBSTACLE_LABELS,
    OBSTACLE_SENTENCES,
    REASON_LABELS,
    SENTENCES,
    WARNING,
)

DATES = (
    "date",
    "due",
    "last_date",
    "contact_last",
    "hold_until",
    "held_date",
    "invoice_date",
    "activation",
    "newest",
    "reminded_from",
)
AMOUNTS = ("amount", "minimum")
# Figures that are ids; a filter names its model too.
RECORDS = {
    "customer": "res.partner",
    "recipient": "res.partner",
    "program": "dunning.program",
    "user": "res.users",
    "sender": "res.users",
    "server": "ir.mail_server",
    "template": "mail.template",
    "rung": "dunning.level",
}


class DunningReason(models.AbstractModel):
    """The reason of a decision as a sentence in the reader's language.

    A service, as codes and figures are stored on records of many models, and other addons add
    codes with their sentences.
    """

    _name = "dunning.reason"
    _description = "Reasons of Dunning Decisions"

    @api.model
    def _get_selection(self):
        """Return the reason codes with their short labels, for a Selection field."""
        return list(zip(REASON_LABELS, map(self.env._, REASON_LABELS.values()), strict=True))

    @api.model
    def _get_obstacle_selection(self):
        """Return the codes of what keeps a message from leaving, with their short labels."""
        return list(zip(OBSTACLE_LABELS, map(self.env._, OBSTACLE_LABELS.values()), strict=True))

    @api.model
    def _get_sentence(self, code, params):
        """Return the sentence of a reason.

        :param str code: a key of ``SENTENCES`` or ``OBSTACLE_SENTENCES``
        :param dict params: the decision's values, raw or as stored in JSON: days as date or ISO
            text, amounts as numbers in the currency ``currency_id``, records by id
        :return: text in the language of the environment
        """
        params = params or {}
        sentence = SENTENCES.get(code) or OBSTACLE_SENTENCES.get(code)
        if not sentence:
            return code or ""
        key, detailed = DETAILED.get(code, (None, None))
        parts = [detailed if key and params.get(key) else sentence]
        if code in BLOCK_KINDS and "because" in params:
            parts.append(BLOCKED_UNTIL if params.get("hold_until") else BLOCKED_OPEN)
            parts += [BLOCKED_BECAUSE] if params["because"] else []
        values = _Figures(lambda key: self._format(key, params) if key in params else "?")
        if params.get("warning"):
            values["warning"] = self._get_sentence(params["warning"], params | {"warning": ""})
            parts.append(WARNING)
        # a lazy text takes no values: it is translated first, then filled in
        return " ".join(text % values for text in map(self.env._, parts))

    @api.model
    def _format(self, key, params):
        """Return one placeholder's value as text; what is unknown is shown as a dash."""
        value = params[key]
        if value is None or value is False:
            return "–"
        if key in DATES or isinstance(value, date):
            return format_date(self.env, fields.Date.to_date(value))
        if key in AMOUNTS:
            currency = self.env["res.currency"].browse(params.get("currency_id") or [])
            return format_amount(self.env, value, currency)
        if key in RECORDS or key == "filter":
            return self._get_name(*(value if key == "filter" else (RECORDS[key], value)))
        return value

    @api.model
    def _get_name(self, model, record_id):
        """Return the name of a record a decision speaks of; it may be gone by now."""
        try:
            # a name says no more than the reader of the decision sees anyway
            return self.env[model].sudo().browse(record_id).display_name or "?"
        except MissingError:
            return "?"

    @api.model
    def _prefetch_names(self, all_params):
        """Read at once the names that the sentences of many decisions need."""
        for key, model in RECORDS.items():
            ids = {params[key] for params in all_params if params and params.get(key)}
            if ids:
                self.env[model].sudo().browse(ids).exists().mapped("display_name")


class _Figures(dict):
    """The figures of a sentence, each made when the sentence asks for it."""

    def __init__(self, make):
        super().__init__()
        self._make = make

    def __missing__(self, key):
        return self._make(key)

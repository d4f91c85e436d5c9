from datetime import date

from odoo import api, fields, models
from odoo.exceptions import MissingError
from odoo.tools import format_amount, format_date

from .dunning_reason_text import (
    BLOCKED_BECAUSE,
    BLOCKED_OPEN,
    BLOCKED_UNTIL,
    OBSTACLES,
    REASONS,
    TONE,
    WARNING,
)

# How the figures of sentences are written: as a day, as an amount, by the name of the record, or
# by the label of a selection.
DAY, AMOUNT = "day", "amount"
FIGURES = {
    "date": DAY,
    "ahead": DAY,
    "due": DAY,
    "last_date": DAY,
    "contact_last": DAY,
    "hold_until": DAY,
    "held_date": DAY,
    "invoice_date": DAY,
    "activation": DAY,
    "newest": DAY,
    "reminded_from": DAY,
    "left_until": DAY,
    "amount": AMOUNT,
    "minimum": AMOUNT,
    "customer": "res.partner",
    "recipient": "res.partner",
    "program": "dunning.program",
    "user": "res.users",
    "sender": "res.users",
    "server": "ir.mail_server",
    "template": "mail.template",
    "rung": "dunning.level",
    "answer_kind": ("dunning.answer", "kind"),
}


class DunningReason(models.AbstractModel):
    """The reason of a decision as a sentence in the reader's language.

    A service, as codes and figures are stored on records of many models, and other addons add
    codes with their sentences.
    """

    _name = "dunning.reason"
    _description = "Reasons of Dunning Decisions"

    # === WHAT THERE IS === #

    @api.model
    def _find_gone_reason(self, due_line):
        """Return the code of why a due line is not among the facts it was among before.

        :param due_line: an item of an entry, empty where it was deleted
        """
        line = due_line.sudo().exists()
        if line.reconciled:
            return "paid"
        return "other_program" if line.parent_state == "posted" else "not_posted"

    @api.model
    def _get_reasons(self):
        """Return the reasons of decisions: ``{code: Reason}``."""
        return dict(REASONS)

    @api.model
    def _get_obstacles(self):
        """Return the reasons why messages do not leave: ``{code: Reason}``."""
        return dict(OBSTACLES)

    @api.model
    def _get_figures(self):
        """Return how figures are written: ``{name: DAY, AMOUNT or the model of the id}``.

        What stands nowhere is written as it is.
        """
        return dict(FIGURES)

    @api.model
    def _get_selection(self):
        """Return the reason codes with their short labels, for a Selection field."""
        # a kind of block that names no reason is told by its own label
        kinds = self.env["dunning.block"]._fields["kind"]._description_selection(self.env)
        reasons = self._get_reasons()
        return self._get_labels(reasons) + [item for item in kinds if item[0] not in reasons]

    @api.model
    def _get_obstacle_selection(self):
        """Return the codes of what keeps a message from leaving, with their short labels."""
        return self._get_labels(self._get_obstacles())

    @api.model
    def _get_labels(self, reasons):
        labels = [reason.label for reason in reasons.values()]
        return list(zip(reasons, map(self.env._, labels), strict=True))

    # === SENTENCES === #

    @api.model
    def _get_reason(self, code):
        """Return the ``Reason`` of a code, or None."""
        reasons = self._get_reasons()
        found = reasons.get(code) or self._get_obstacles().get(code)
        if not found and code in self.env["dunning.block"]._fields["kind"].get_values(self.env):
            return reasons["other"]
        return found

    @api.model
    def _get_sentence(self, code, params):
        """Return the sentence of a reason.

        :param str code: of a reason or an obstacle
        :param dict params: the decision's values, raw or as stored in JSON: days as date or ISO
            text, amounts as numbers in the currency ``currency_id``, records by id
        :return: text in the language of the environment
        """
        params = params or {}
        reason = self._get_reason(code)
        if not reason:
            return code or ""
        parts = [reason.detailed if params.get(reason.figure) else reason.sentence]
        if "because" in params:  # a block
            parts.append(BLOCKED_UNTIL if params.get("hold_until") else BLOCKED_OPEN)
            parts += [BLOCKED_BECAUSE] if params["because"] else []
        parts += [TONE] if params.get("firm") else []
        figures = self._get_figures()
        values = _Figures(lambda key: self._format(key, params, figures) if key in params else "?")
        if params.get("warning"):
            values["warning"] = self._get_sentence(params["warning"], params | {"warning": ""})
            parts.insert(0, WARNING)  # what stands last is cut off in lists
        # a lazy text takes no values: it is translated first, then filled in
        return " ".join(text % values for text in map(self.env._, parts))

    @api.model
    def _format(self, key, params, figures):
        """Return one placeholder's value as text; what is unknown is shown as a dash."""
        value, kind = params[key], figures.get(key)
        if value is None or value is False:
            return "–"
        if kind == DAY or isinstance(value, date):
            return format_date(self.env, fields.Date.to_date(value))
        if kind == AMOUNT:
            currency = self.env["res.currency"].browse(params.get("currency_id") or [])
            return format_amount(self.env, value, currency)
        if isinstance(kind, tuple):
            model, name = kind
            labels = dict(self.env[model]._fields[name]._description_selection(self.env))
            return labels.get(value, value)
        if key == "filter":  # names its model too
            return self._get_name(*value)
        return self._get_name(kind, value) if kind else value

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
        figures = self._get_figures().items()
        records = {k: kind for k, kind in figures if kind in self.env}
        for key, model in records.items():
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

import logging
from contextlib import contextmanager, nullcontext
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ....tools.common.sealed import unseal
from ....tools.dunning.handover import watched

_logger = logging.getLogger(__name__)

DAYS_KEPT = 30


class DunningMailHandover(models.Model):
    """A reminder's e-mail on its way into a mail server, noted whatever crashes (rule 2).

    One row a mail: ``leaving`` from before the server gets its content, ``left`` once it took it.
    A refused one has no row. Written on a connection of its own, at once: what the sending
    transaction would lose in a crash is known here, so that nothing leaves twice by itself.

    ``mail_id`` is a number without foreign key: the sending transaction holds the mail locked.
    """

    _name = "dunning.mail.handover"
    _description = "Handover of a Reminder's E-mail"
    _is_engine_made = True
    _inherit = "recurrence.dunning.own.record.mixin"
    _log_access = False
    _order = "id desc"
    _rec_name = "mail_id"

    mail_id = fields.Integer(string="E-mail No.", required=True, readonly=True, aggregator=None)
    state = fields.Selection(
        [("leaving", "Sending"), ("left", "Sent")], string="Status", required=True, readonly=True
    )
    date = fields.Datetime(required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", compute="_compute_company_id", search="_search_company_id"
    )

    _mail_once = models.UniqueIndex(
        "(mail_id)", "This e-mail has already been handed to the mail server."
    )

    def _compute_company_id(self):
        """Fill the company of the reminder each e-mail is of."""
        reminders = self.env["dunning.reminder"].sudo()
        found = reminders.search([("mail_id", "in", self.mapped("mail_id"))])
        companies = {reminder.mail_id.id: reminder.company_id for reminder in found}
        for handover in self:
            handover.company_id = companies.get(handover.mail_id)

    def _search_company_id(self, operator, value):
        reminders = self.env["dunning.reminder"].sudo()
        query = reminders._search([("company_id", operator, value), ("mail_id", "!=", False)])
        return Domain("mail_id", "in", query.subselect("mail_id"))

    # === NOTING === #

    @api.model
    @contextmanager
    def _open_log(self):
        """Yield a log for the mails sent inside."""
        with self.env.registry.cursor() as cr:
            yield HandoverLog(cr)

    @api.model
    def _watch(self, session):
        """Return the context in which a session's hand-overs are noted, where asked for."""
        log = unseal(self.env.context, "dunning_handover_log")
        if log is None or session is None:
            return nullcontext()
        return watched(session, log.begin, log.end, log.tell)

    @api.model
    def _turn_to(self, mail):
        """The next hand-over is this mail's."""
        log = unseal(self.env.context, "dunning_handover_log")
        if log is not None:
            log.turn_to(mail.id)

    # === READING === #

    @api.model
    def _read_states(self, mails):
        """Return ``{mail id: state}`` of those that were handed over, as it is known by now.

        Not as the transaction saw the world when it began: another worker may have died since.
        """
        if not mails:
            return {}
        with self.env.registry.cursor() as cr:
            cr.execute(
                SQL(
                    "SELECT mail_id, state FROM dunning_mail_handover WHERE mail_id = ANY(%s)",
                    mails.ids,
                )
            )
            return dict(cr.fetchall())

    @api.model
    def _clear(self, mails):
        """A person decided that these mails may leave once more."""
        if mails:
            self.sudo().search([("mail_id", "in", mails.ids)]).unlink()

    @api.autovacuum
    def _gc_handovers(self):
        """Delete what is over: the result has long been on the reminder."""
        before = fields.Datetime.now() - timedelta(days=DAYS_KEPT)
        old = self.search([("date", "<", before)])
        open_states = ("queued", "failed", "undeliverable")
        needed = self.env["dunning.reminder"].search(
            [("mail_id", "in", old.mapped("mail_id")), ("state", "in", open_states)]
        )
        old.filtered(lambda handover: handover.mail_id not in needed.mail_id.ids).unlink()


class HandoverLog:
    """Notes the hand-overs of one batch, each kept at once by a cursor of its own.

    ``mail_id`` is the mail whose turn it is; ``is_open``: the server was being given its content
    when something broke. ``errors`` holds by mail what its sending raised, ``refused`` the
    addresses refused where others were accepted.
    """

    def __init__(self, cursor):
        self.cursor = cursor
        self.mail_id = None
        self.is_open = False
        self.errors = {}
        self.refused = {}

    def turn_to(self, mail_id):
        self.mail_id, self.is_open = mail_id, False

    def begin(self):
        """Keep, before the server gets the content, that it does; refuse a second time."""
        self._keep(
            SQL(
                "INSERT INTO dunning_mail_handover (mail_id, state, date)"
                " VALUES (%s, 'leaving', now() AT TIME ZONE 'UTC')",
                self.mail_id,
            )
        )
        self.is_open = True

    def end(self, taken):
        """Keep whether the server took it; of a refused one nothing is to be known."""
        self.is_open = False
        if taken:
            query = SQL(
                "UPDATE dunning_mail_handover SET state = 'left' WHERE mail_id = %s", self.mail_id
            )
        else:
            query = SQL("DELETE FROM dunning_mail_handover WHERE mail_id = %s", self.mail_id)
        try:
            self._keep(query)
        except psycopg2.Error:
            # the answer of the server is known here, and stands on the mail unless this crashes
            _logger.exception("The hand-over of mail %s could not be noted", self.mail_id)

    def tell(self, error, refused):
        """Remember for the end of the batch what the server said to this mail."""
        if error is None:
            self.errors.pop(self.mail_id, None)
        else:
            self.errors[self.mail_id] = error
        if refused:
            self.refused[self.mail_id] = refused

    def _keep(self, query):
        try:
            self.cursor.execute(query)
            self.cursor.commit()
        except psycopg2.Error:
            self.cursor.rollback()  # the next mail's note is another matter
            raise

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import format_date
from odoo.tools.misc import clean_context

from ...common.common_defaults import COMMON_DEFAULTS
from ...common.isolation import get_error_text

# A line of an invoice for each: they have accounts and taxes of their own where a country wants it.
KINDS = ("interest", "fixed_sum")


class DunningClaim(models.Model):
    """What is claimed becomes a customer invoice: each amount once, whoever asks (M3, rule 2).

    A booked claim is a row of its own beside the one that was told. It stands as long as its line
    on the invoice does: deleted, cancelled or reversed, the amount can be claimed again.
    """

    _inherit = "dunning.claim"

    charge_line_id = fields.Many2one(
        "account.move.line",
        string="Line on the Invoice",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    booked_reminder_id = fields.Many2one(
        "dunning.reminder",
        string="Booked for",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The message whose level booked it.",
    )
    booking_number = fields.Integer(
        string="Booking No.",
        readonly=True,
        aggregator=None,
        help="The number of times something was booked for the invoice.",
    )

    # whoever books the same invoice at the same time finds the same number taken
    _booked_once = models.UniqueIndex(
        "(move_id, booking_number, move_line_id, (fixed_sum_due > 0))"
        " WHERE charge_line_id IS NOT NULL",
        "These claims have just been booked by somebody else. Reload the page.",
    )

    @api.model
    def _book(self, company, moves, as_of, reminder=None):
        """Make the invoices that charge what is left to claim on invoices as of a day.

        One for each customer and currency, a draft; in the name of the user, who may make invoices.

        :param company: that of the invoices
        :param date as_of: a day up to today, which is counted
        :param reminder: the message that claimed it: no more than it told is booked, as an invoice
            of its own
        :return: (the invoices made, ``{customer: why not}``); both empty: nothing is left to claim
        :raise UserError: the day is to come
        """
        if as_of > company._get_job_today():
            raise UserError(self.env._("Claims cannot be booked as of a future date."))
        moves._dunning_take_claims()
        claims = self.sudo()._prepare_claims(company.sudo(), moves, as_of)
        if reminder:
            claims = reminder._limit_to_told(claims)
        claims = [values for values in claims if values.get("amount", 0.0) > 0]
        dues = {move.id: move.invoice_date_due or as_of for move in moves.sudo()}
        claims.sort(key=lambda values: (dues[values["move_id"]], values["move_id"]))
        groups = {}
        for values in claims:
            groups.setdefault((values["partner_id"], values["currency_id"]), []).append(values)
        numbers = self._read_booking_numbers(moves)
        charges, failed = moves.browse(), {}
        for (partner_id, currency_id), found in groups.items():
            try:
                with self.env.cr.savepoint():
                    charge = self._make_charge(
                        company, currency_id, found, as_of, numbers, reminder
                    )
                charges += charge
            except AccessError:
                raise
            except UserError as error:
                # whose data do not let an invoice be made stops nobody else (rule 15)
                failed[self.env["res.partner"].browse(partner_id)] = get_error_text(error)
        return charges, failed

    @api.model
    def _read_booking_numbers(self, moves):
        """Return how often something was booked for invoices: ``{invoice id: number}``."""
        groups = self.sudo()._read_group(
            [("move_id", "in", moves.ids), ("charge_line_id", "!=", False)],
            ["move_id"],
            ["booking_number:max"],
        )
        return {move.id: number for move, number in groups}

    @api.model
    def _make_charge(self, company, currency_id, claims, as_of, numbers, reminder):
        """Create the invoice that charges these claims of a customer, and keep them as booked."""
        rows = [
            {**values, "kind": kind, "due": values[f"{kind}_due"]}
            for values in claims
            for kind in KINDS
            if values[f"{kind}_due"] > 0
        ]
        moves = self.env["account.move"].browse(row["move_id"] for row in rows)
        charge = moves.browse()
        if not reminder:
            charge = self._find_next_invoice(company, moves[:1], currency_id)
        before, new_lines = charge.invoice_line_ids, self._prepare_charge_lines(company, rows)
        if charge:
            charge.invoice_line_ids = new_lines
        else:
            values = self._prepare_charge(company, moves, currency_id, as_of)
            # neither as the user would like his own invoices nor as a list that is open has them
            context = {**clean_context(self.env.context), **COMMON_DEFAULTS}
            charges = charge.with_env(self.env(context=context)).with_company(company)
            charge = charges.create({**values, "invoice_line_ids": new_lines})
        lines = (charge.invoice_line_ids - before).sorted("sequence")
        self._check_charge(lines, rows)
        shared = {"booked_reminder_id": reminder.id if reminder else False}
        self.sudo().create(
            [
                {**self._prepare_booked(row, line, numbers), **shared}
                for line, row in zip(lines, rows, strict=True)
            ]
        )
        return charge.with_env(self.env)

    @api.model
    def _prepare_charge_lines(self, company, rows):
        """Return the commands that add the lines of an invoice, in the language of its reader."""
        move = self.env["account.move"].browse(rows[0]["move_id"]).sudo()
        lang = move.partner_id._dunning_get_lang(move.commercial_partner_id, company.sudo())
        spoken = self.with_context(lang=lang)
        return [
            Command.create({**spoken._prepare_charge_line(company, row), "sequence": place})
            for place, row in enumerate(rows, start=1000)
        ]

    @api.model
    def _check_charge(self, lines, rows):
        """Refuse lines of an invoice that do not carry what is claimed, to the cent."""
        for line, row in zip(lines, rows, strict=True):
            if line.currency_id.compare_amounts(line.price_subtotal, row["due"]):
                raise UserError(
                    self.env._(
                        "%(amount)s cannot be booked as %(line)s: check the decimal accuracy of "
                        "prices and the tax of charges for late payment.",
                        amount=row["due"],
                        line=line.price_subtotal,
                    )
                )

    @api.model
    def _find_next_invoice(self, company, move, currency_id):
        """Return the draft invoice of the customer that takes the lines; empty: one of its own."""
        invoices = self.env["account.move"].with_company(company)
        if company.sudo().dunning_charge_target != "next":
            return invoices
        drafts = invoices.search(
            [
                ("company_id", "=", company.id),
                ("commercial_partner_id", "=", move.sudo().commercial_partner_id.id),
                ("currency_id", "=", currency_id),
                ("move_type", "=", "out_invoice"),
                ("state", "=", "draft"),
                ("auto_post", "=", "no"),
                # what the customer had before, and is being corrected
                ("posted_before", "=", False),
            ],
            order="invoice_date, id",
        )
        # what a message is charged with goes when that is taken back
        return drafts.filtered(lambda move: not move.sudo().dunning_claim_ids.booked_reminder_id)[
            :1
        ]

    @api.model
    def _prepare_charge(self, company, moves, currency_id, as_of):
        first = moves[:1].sudo()
        settings, names = company.sudo(), dict.fromkeys(moves.sudo().mapped("name"))
        return {
            "move_type": "out_invoice",
            "company_id": company.id,
            "partner_id": first.partner_id.id,
            "currency_id": currency_id,
            "invoice_date": as_of,
            # what is claimed is owed already: no term is granted again
            "invoice_payment_term_id": False,
            "invoice_date_due": as_of,
            "invoice_origin": ", ".join(names),
            # who made it may be a job
            "invoice_user_id": first.invoice_user_id.id,
            **(
                {"journal_id": settings.dunning_charge_journal_id.id}
                if settings.dunning_charge_journal_id
                else {}
            ),
            **({} if settings.dunning_charge_remind else {"dunning_choice": "never"}),
        }

    @api.model
    def _prepare_charge_line(self, company, row):
        """Return the values of a line of the invoice, in the language of the customer."""
        settings = company.sudo()
        values = {
            "name": self._name_charge(row),
            "quantity": 1.0,
            "price_unit": row["due"],
            # damages bear no tax, unless the company says so
            "tax_ids": [Command.set(settings.dunning_charge_tax_id.ids)],
        }
        if settings.dunning_charge_product_id:
            values["product_id"] = settings.dunning_charge_product_id.id
        if settings.dunning_charge_account_id:
            values["account_id"] = settings.dunning_charge_account_id.id
        return values

    @api.model
    def _name_charge(self, row):
        if row["kind"] == "fixed_sum":
            return self.env._("Fixed sum for late payment of %(invoice)s", invoice=row["move_name"])
        days = [part[name] for part in row["parts"] for name in ("from", "to")]
        if row["interest_due"] < row["interest"]:
            # of some of these days it was charged before
            return self.env._(
                "Interest for late payment of %(invoice)s up to %(end)s, less what was charged or "
                "waived before",
                invoice=row["move_name"],
                end=format_date(self.env, max(days)),
            )
        return self.env._(
            "Interest for late payment of %(invoice)s, %(start)s to %(end)s",
            invoice=row["move_name"],
            start=format_date(self.env, min(days)),
            end=format_date(self.env, max(days)),
        )

    @api.model
    def _prepare_booked(self, row, line, numbers):
        """Return the values of a booked claim: one for each line on the invoice."""
        booked = {name: value for name, value in row.items() if name not in ("kind", "due")}
        for kind in KINDS:
            if kind != row["kind"]:
                booked |= {kind: 0.0, f"{kind}_due": 0.0}
        if row["kind"] == "fixed_sum":
            booked["parts"] = []
        return {
            **booked,
            "amount": row["due"],
            "charge_move_id": line.move_id.id,
            "charge_line_id": line.id,
            "booking_number": numbers.get(row["move_id"], 0) + 1,
        }

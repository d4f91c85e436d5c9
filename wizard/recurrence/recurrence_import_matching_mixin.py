from collections import defaultdict
from itertools import product

from odoo import models
from odoo.fields import Command, Domain
from odoo.tools.sql import escape_psql

from ...tools.recurrence.agreement_file import get_columns


def _simplify(name):
    """Return a name as names are compared: in one case, without spaces."""
    return "".join((name or "").split()).casefold()


class RecurrenceImportMatchingMixin(models.AbstractModel):
    """Finds the customers, products and currencies that a file names, all of them at once."""

    _name = "recurrence.import.matching.mixin"
    _description = "Matching of Imported Agreements"

    def _match_names(self, names, model, fields, domain):
        """Return what each name may mean: the records of the first field that has it.

        :param names: set of texts
        :param model: name of a model
        :param fields: its fields, the most certain first
        :param domain: which records come into question
        :return: ``{name: records}`` without those that mean nothing
        """
        found, missing = {}, {name for name in names if name}
        for field, operator in product(fields, ("in", "=ilike")):
            if not missing:
                break
            wanted = Domain(domain) & self._get_name_domain(field, operator, missing)
            records = self.env[model].search(wanted)
            grouped = defaultdict(records.browse)
            for record in records:
                grouped[_simplify(record[field])] |= record
            names = [name for name in missing if _simplify(name) in grouped]
            found.update((name, grouped[_simplify(name)]) for name in names)
            missing -= found.keys()
        return found

    def _get_name_domain(self, field, operator, names):
        """Return which records have one of the names.

        :param operator: "in": as they are; "=ilike": also in other case, tax IDs without spaces
        """
        if operator == "in":
            return Domain(field, "in", [*names, *(name.lower() for name in names)])
        forms = {form for name in names for form in (name, "".join(name.split()))}
        return Domain.OR(Domain(field, "=ilike", escape_psql(form)) for form in forms)

    def _match_customers(self, names):
        """Return ``{name: contacts}``; a company whose own contact has its name is meant itself."""
        own = self.env["res.partner"]._check_company_domain(self.company_id)
        fields = ("ref", "vat", "email_normalized", "name", "complete_name")
        found = self._match_names(names, "res.partner", fields, own)
        for name, partners in found.items():
            company = partners.commercial_partner_id
            if len(partners) > 1 and len(company) == 1 and company in partners:
                found[name] = company
        return found

    def _match_products(self, names):
        own = self.env["product.product"]._check_company_domain(self.company_id)
        return self._match_names(names, "product.product", ("default_code", "barcode", "name"), own)

    def _match_currencies(self, names):
        return self._match_names(names, "res.currency", ("name",), Domain.TRUE)

    def _match_taxes(self, names):
        own = [
            *self.env["account.tax"]._check_company_domain(self.company_id),
            ("type_tax_use", "=", "sale"),
        ]
        return self._match_names(names, "account.tax", ("name", "invoice_label"), own)

    def _match_agreements(self, agreements):
        """Return of each agreement the customer, its values as a move, and what is wrong.

        :param agreements: list of FileAgreement
        :return: list of (res.partner, values for ``create``, list of sentences)
        """
        lines = [line for agreement in agreements for line in agreement.lines]
        matched = {
            "customer": self._match_customers({agreement.customer for agreement in agreements}),
            "currency": self._match_currencies({a.currency.upper() for a in agreements}),
            "product": self._match_products({line.product for line in lines}),
            "tax": self._match_taxes({line.tax for line in lines}),
        }
        today = self.company_id._get_job_today()
        return [self._match_agreement(agreement, matched, today) for agreement in agreements]

    def _match_agreement(self, agreement, matched, today):
        """Return what ``_match_agreements`` does, of one.

        :param matched: ``{what: {name: records}}``
        """
        partner = matched["customer"].get(agreement.customer, self.env["res.partner"])
        currency = matched["currency"].get(agreement.currency.upper())
        problems = self._describe_problems(agreement.problems)
        if agreement.customer and len(partner) != 1:
            problems.append(self._get_customer_sentence(agreement.customer, partner))
        if agreement.currency and not currency:
            problems.append(
                self.env._("There is no active currency %(name)s.", name=agreement.currency)
            )
        problems += self._find_line_problems(agreement.lines, matched)
        if problems:
            return partner[:1], {}, problems
        columns = get_columns(agreement, today, self.past == "here")
        if columns.get("until", columns["date_start"]) < columns["date_start"]:
            # all its dates were billed elsewhere
            ended = self._describe_problems([(agreement.lines[0].line, "until_before")])
            return partner, {}, ended
        values = self._prepare_values(agreement, partner, currency, matched, columns)
        return partner, values, problems

    def _find_line_problems(self, lines, matched):
        """Return what is wrong with the products and taxes of lines, as sentences.

        :param matched: ``{what: {name: records}}``
        """
        several = {
            "product": self.env._("several products have the code or name %(name)s."),
            "tax": self.env._("several taxes have the name %(name)s."),
        }
        none = {
            "product": self.env._("no product has the code or name %(name)s."),
            "tax": self.env._("no tax on sales has the name %(name)s."),
        }
        problems = []
        for line in lines:
            for kind in ("product", "tax"):
                name = getattr(line, kind)
                found = matched[kind].get(name, ())
                if name and len(found) != 1:
                    sentence = (several if found else none)[kind] % {"name": name}
                    problems.append(self._get_line_sentence(line.line, sentence))
            problems += self._find_decimal_problems(line)
        return problems

    def _find_decimal_problems(self, line):
        """Return which numbers of a line Odoo would round, as sentences."""
        precision = self.env["decimal.precision"]
        rounded = {
            "Product Unit": (
                line.quantity,
                self.env._("the quantity has more than %(digits)s decimals."),
            ),
            "Discount": (
                line.discount,
                self.env._("the discount has more than %(digits)s decimals."),
            ),
        }
        problems = []
        for kind, (number, sentence) in rounded.items():
            digits = precision.precision_get(kind)
            if number is not None and round(number, digits) != number:
                problems.append(self._get_line_sentence(line.line, sentence % {"digits": digits}))
        return problems

    def _get_line_sentence(self, line, problem):
        return self.env._("Line %(line)s: %(problem)s", line=line, problem=problem)

    def _get_customer_sentence(self, name, partners):
        if partners:
            return self.env._(
                "Several contacts are found for %(name)s: use their reference, tax ID or email "
                "address.",
                name=name,
            )
        return self.env._(
            "No contact has the reference, tax ID, email address or name %(name)s.", name=name
        )

    def _prepare_values(self, agreement, partner, currency, matched, columns):
        """Return the template of an agreement, as values for ``create`` that can be kept as JSON.

        :param matched: ``{what: {name: records}}``
        :param columns: those of the recurrence, see ``get_columns``
        """
        lines = []
        for line in agreement.lines:
            vals = {"quantity": float(line.quantity)}
            if line.product:
                vals["product_id"] = matched["product"][line.product].id
            if line.tax:
                vals["tax_ids"] = [Command.set(matched["tax"][line.tax].ids)]
            if line.text:
                vals["name"] = line.text
            if line.price is not None:
                vals["price_unit"] = float(line.price)
            if line.discount:
                vals["discount"] = float(line.discount)
            lines.append(Command.create(vals))
        values = {
            "move_type": "out_invoice",
            "is_recurrence_template": True,
            "company_id": self.company_id.id,
            "partner_id": partner.id,
            "invoice_origin": agreement.reference or False,
            "invoice_line_ids": lines,
            "recurrence_invoice_mode": self.invoice_mode,
            **{f"recurrence_{name}": value for name, value in columns.items()},
        }
        if currency:
            values["currency_id"] = currency.id
        return values

    # === SENTENCES === #

    def _describe_problems(self, problems):
        """Return sentences for pairs of a line number and a code of ``FileAgreement``."""
        if not problems:
            return []
        sentences = self._get_problem_sentences()
        return [self._get_line_sentence(line, sentences[code]) for line, code in problems]

    def _get_problem_sentences(self):
        return {
            "no_customer": self.env._("the customer is missing."),
            "no_rhythm": self.env._("how often it repeats is missing."),
            "bad_rhythm": self.env._(
                "how often it repeats cannot be read; write “monthly” or “3 months”."
            ),
            "no_start": self.env._("neither the start nor the next invoice is given."),
            "bad_start": self.env._("the start cannot be read as a date."),
            "bad_next": self.env._("the next invoice cannot be read as a date."),
            "bad_until": self.env._("the end cannot be read as a date."),
            "bad_term": self.env._("the minimum term cannot be read; write “12 months”."),
            "bad_renewal": self.env._("the renewal cannot be read; write “12 months”."),
            "bad_notice": self.env._("the notice period cannot be read; write “3 months”."),
            "bad_quantity": self.env._("the quantity is not a number."),
            "bad_price": self.env._("the price is not a number; write it without the currency."),
            "bad_discount": self.env._("the discount is not a percentage from 0 to 100."),
            "no_what": self.env._("neither a product nor a description is given."),
            "no_price": self.env._("without a product, a price is needed."),
            "next_before_start": self.env._("the next invoice is before the start."),
            "until_before": self.env._("it ends before its next invoice."),
            "no_term": self.env._("a renewal needs a minimum term."),
            "no_start_of_term": self.env._("the start is needed, for the minimum term."),
            "twice": self.env._("it says the same as an earlier row."),
            "differs": self.env._("it does not agree with the first row of the same agreement."),
            "too_large": self.env._("the amount is too large."),
            "too_long": self.env._("a text is too long."),
        }

from collections.abc import Mapping
from datetime import date, timedelta
from hashlib import sha256
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL, format_amount, format_date

from ....tools.dunning.answer_form import (
    LARGEST_FILE,
    LONGEST_LINE,
    STEPS,
    AnswerForm,
    find_file_type,
    name_file,
)
from ...common.amount_text import format_amounts
from ...common.common_defaults import COMMON_DEFAULTS

# Of one customer, to one company.
MOST_A_DAY = 20
LEAST_INSTALMENTS = 2
MOST_INSTALMENTS = 12
# How far ahead a payment plan may begin.
PLAN_START = 31
# How long ago something was paid that is not seen yet.
PAID_AGO = 366


class Offer(NamedTuple):
    """What a customer may answer at the moment."""

    facts: Mapping[int, object]  # the due lines it may be about, by id
    first: date | None = None  # the days that may be named
    last: date | None = None
    least: int = 0  # the instalments that may be proposed
    most: int = 0


class DunningAnswerFormMixin(models.AbstractModel):
    """What customers may answer, and what of it is taken."""

    _name = "dunning.answer.form.mixin"
    _description = "Forms of Customers' Answers"

    # === WHAT IS OFFERED === #

    @api.model
    def _get_offers(self, company, customer, program, facts, as_of):
        """Return ``{kind: Offer}`` of what a customer may answer at the moment.

        An item is promised, disputed or said to be paid once: after that people talk.

        :param facts: all open due lines of the customer
        :param date as_of: the company's day
        """
        answers = self.sudo().search(
            [("company_id", "=", company.id), ("partner_id", "=", customer.id)]
        )
        every, due = self._get_answerable(facts, as_of)
        offers, days = {}, program.promise_days
        if days:
            left = self._leave_out(due, answers, "promise")
            offers["promise"] = Offer(left, as_of, as_of + timedelta(days=days))
        offers["dispute"] = Offer(self._leave_out(every, answers, "dispute"))
        paid = self._leave_out(every, answers, "paid")
        offers["paid"] = Offer(paid, as_of - timedelta(days=PAID_AGO), as_of)
        if not answers.filtered(lambda answer: answer._is_plan_in_effect()):
            offers["plan"] = Offer(
                due,
                as_of,
                as_of + timedelta(days=PLAN_START),
                LEAST_INSTALMENTS,
                MOST_INSTALMENTS,
            )
        offers = {kind: offer for kind, offer in offers.items() if offer.facts}
        if every and not answers.filtered(lambda a: a.kind == "contact" and a.state == "open"):
            offers["contact"] = Offer({})
        return offers

    @api.model
    def _get_answerable(self, facts, as_of):
        """Return the due lines one can answer about, and those of them that are due, by id."""
        every = {fact.id: fact for fact in facts if fact.open_amount > 0}
        return every, {key: fact for key, fact in every.items() if fact.line.due <= as_of}

    @api.model
    def _leave_out(self, facts, answers, kind):
        """Return those of the facts that were not answered about in this way."""
        answered = answers.filtered(lambda a: a.kind == kind and a.reason != "question")
        answered = set(answered.move_line_ids._ids)
        return {key: fact for key, fact in facts.items() if key not in answered}

    def _was_asked_before(self):
        """Whether the customer asked about one of these items before: only the first one holds."""
        self.ensure_one()
        return bool(
            self.search_count(
                [
                    ("id", "!=", self.id),
                    ("reason", "=", "question"),
                    ("move_line_ids", "in", self.move_line_ids.ids),
                ],
                limit=1,
            )
        )

    def _is_plan_in_effect(self):
        """Whether this is a payment plan that is proposed, or accepted and not over."""
        self.ensure_one()
        if self.kind != "plan" or self.state == "declined":
            return False
        return self.state == "open" or any(
            block.state in ("current", "coming") for block in self.block_ids
        )

    @api.model
    def _get_hints(self, offer):
        """Return ``{field: what may be typed there}``."""
        hints = {}
        if offer.first:
            first, last = format_date(self.env, offer.first), format_date(self.env, offer.last)
            hints["day"] = self.env._("From %(first)s to %(last)s", first=first, last=last)
        if offer.most:
            hints["count"] = self.env._(
                "%(least)s to %(most)s instalments", least=offer.least, most=offer.most
            )
        return hints

    # === WHAT IS TAKEN === #

    @api.model
    def _receive(self, base, offers, kind, typed, file=None):
        """Keep what a customer posted, and let it have its effect.

        What was posted before on the same day is the same answer.

        :param dict base: ``company_id``, ``partner_id``, ``reminder_id``, ``email_to``
        :param offers: what ``_get_offers`` returned
        :param typed: ``{field: [text, …]}`` as it was posted
        :param file: (name, content) of what was uploaded
        :return: (answer, ``{field: what is wrong with it}``); the field "" means the whole form
        """
        answers = self.sudo().with_context(**COMMON_DEFAULTS)
        company = self.env["res.company"].sudo().browse(base["company_id"])
        today = company._get_job_today()
        form = AnswerForm(typed)
        mark = answers._get_fingerprint(base, kind, typed, file, today)
        known_id, count = answers._wait_for_others(base, mark, today)
        if known_id:
            return answers.browse(known_id), {}
        if count >= MOST_A_DAY:
            return answers, self._tell_errors({"": ("often", {})})
        if kind not in offers:
            return answers, self._tell_errors({"": ("gone", {})})
        values = getattr(answers, f"_read_{kind}")(form, offers[kind])
        document = answers._read_file(form, file) if kind == "dispute" else None
        if form.errors:
            return answers, self._tell_errors(form.errors)
        values = {**base, **values, "kind": kind, "date": today, "fingerprint": mark}
        # a note of its making would be in the customer's language
        answer = answers.with_context(mail_create_nolog=True).create(values).with_env(answers.env)
        if document:
            answer._keep_file(document)
        answer._take_effect(today)
        return answer, {}

    @api.model
    def _wait_for_others(self, base, mark, today):
        """Let answers of a customer that come in at once come one by one.

        What was committed meanwhile is seen by a connection of its own alone: this transaction
        reads as of its beginning.

        :return: (id of the same answer or None, how many the customer gave today)
        """
        customer, company = base["partner_id"], base["company_id"]
        name = f"dunning.answer,{company}"
        self.env.execute_query(
            SQL("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", name, customer)
        )
        query = SQL(
            """
            SELECT max(id) FILTER (WHERE fingerprint = %s),
                   count(*) FILTER (WHERE date = %s)
              FROM dunning_answer
             WHERE company_id = %s AND partner_id = %s
            """,
            mark,
            today,
            company,
            customer,
        )
        self.env.flush_all()
        with self.env.registry.cursor() as cr:
            cr.execute(query)
            return cr.fetchone()

    @api.model
    def _get_fingerprint(self, base, kind, typed, file, today):
        parts = [base["company_id"], base["partner_id"], kind, today.isoformat()]
        parts += sorted((name, *values) for name, values in typed.items() if name != "csrf_token")
        if file:
            parts.append(sha256(file[1]).hexdigest())
        return sha256(repr(parts).encode()).hexdigest()

    # === THE FORMS === #

    def _read_promise(self, form, offer):
        facts = form.chosen("items", offer.facts)
        return {**self._prepare_items(facts), "day": form.day("day", offer.first, offer.last)}

    def _read_paid(self, form, offer):
        facts = form.chosen("items", offer.facts)
        return {
            **self._prepare_items(facts),
            "day": form.day("day", offer.first, offer.last),
            "reference": form.text("reference", LONGEST_LINE),
            "text": form.text("text"),
        }

    def _read_dispute(self, form, offer):
        reasons = dict(self._fields["reason"].selection)
        facts = form.chosen("items", offer.facts)
        reason = form.choice("reason", reasons)
        values = {**self._prepare_items(facts), "reason": reason}
        values["text"] = form.text("text", required=reason in ("question", "other"))
        if form.get("amount"):
            most = round(facts[0].open_amount, 2) if facts else 0
            currency = self.env["res.currency"].browse(facts[0].currency_id if facts else [])
            amount = form.amount("amount", most, format_amount(self.env, most, currency))
            if len(facts) > 1:
                form.refuse("amount", "one_item")
            elif amount and facts:
                values["amount"] = amount
                values["amount_text"] = format_amount(self.env, amount, currency)
        return values

    def _read_contact(self, form, _offer):
        return {
            "contact_name": form.text("name", LONGEST_LINE, required=True),
            "contact_email": form.email("email"),
            "contact_phone": form.text("phone", 40),
            "text": form.text("text"),
        }

    def _read_plan(self, form, offer):
        facts = form.chosen("items", offer.facts)
        if len({fact.currency_id for fact in facts}) > 1:
            form.refuse("items", "one_currency")
        return {
            **self._prepare_items(facts),
            "plan_count": form.whole("count", offer.least, offer.most),
            "plan_step": form.choice("step", STEPS),
            "day": form.day("day", offer.first, offer.last),
            "text": form.text("text"),
        }

    @api.model
    def _prepare_items(self, facts):
        """Return what an answer keeps of the due lines it is about."""
        totals = {}
        for fact in facts:
            totals[fact.currency_id] = totals.get(fact.currency_id, 0.0) + fact.open_amount
        currencies = self.env["res.currency"].browse(totals)
        names = list(dict.fromkeys(fact.move_name or "" for fact in facts))
        more = len(names) - 3
        return {
            "move_line_ids": [fact.id for fact in facts],
            "items": ", ".join(names[:3]) + (f" + {more}" if more > 0 else ""),
            "amount_text": format_amounts(
                self.env, ((currency, totals[currency.id]) for currency in currencies)
            ),
            "amount": totals[currencies.id] if len(currencies) == 1 else 0.0,
            "currency_id": currencies.id if len(currencies) == 1 else False,
        }

    # === FILES === #

    @api.model
    def _read_file(self, form, file):
        """Return (name, content, MIME type) of a file of a type and size that is taken."""
        if not file or not file[1]:
            return None
        name, content = file
        ending, mimetype = find_file_type(content)
        if len(content) > LARGEST_FILE:
            form.refuse("file", "file_size", most=LARGEST_FILE // 1024 // 1024)
        elif not ending:
            form.refuse("file", "file_type")
        return name_file(name, ending), content, mimetype

    def _keep_file(self, document):
        name, content, mimetype = document
        attachments = self.env["ir.attachment"].with_context(image_no_postprocess=True)
        self.document_ids = attachments.create(
            {
                "name": name,
                "raw": content,
                "mimetype": mimetype,
                "res_model": self._name,
                "res_id": self.id,
            }
        )

    # === ERRORS === #

    @api.model
    def _tell_errors(self, errors):
        """Return ``{field: sentence}`` of what is wrong with a form.

        :param errors: as ``AnswerForm`` has them
        """
        return {name: self._tell_error(code, figures) for name, (code, figures) in errors.items()}

    @api.model
    def _tell_error(self, code, figures):
        days = {
            name: format_date(self.env, value)
            for name, value in figures.items()
            if isinstance(value, date)
        }
        figures = {**figures, **days}
        sentences = {
            "often": lambda: self.env._(
                "We have received several answers from you today. Please wait, or contact us "
                "directly."
            ),
            "gone": lambda: self.env._(
                "This has already been answered, or nothing is open any more."
            ),
            "missing": lambda: self.env._("Please fill this in."),
            "choose": lambda: self.env._("Please choose."),
            "long": lambda: self.env._("Please use at most %(most)s characters.", **figures),
            "day": lambda: self.env._("Please enter a day from %(first)s to %(last)s.", **figures),
            "number": lambda: self.env._(
                "Please enter a whole number from %(least)s to %(most)s.", **figures
            ),
            "amount": lambda: self.env._(
                "Please enter an amount above zero, at most %(most)s.", **figures
            ),
            "one_item": lambda: self.env._("For part of an amount, choose a single item."),
            "one_currency": lambda: self.env._("Please choose items in one currency."),
            "email": lambda: self.env._("Please enter one e-mail address."),
            "file_size": lambda: self.env._("The file is larger than %(most)s MB.", **figures),
            "file_type": lambda: self.env._("Please choose a PDF, PNG or JPEG file."),
        }
        return sentences[code]()

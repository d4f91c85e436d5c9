from collections import defaultdict

from markupsafe import Markup

from odoo import api, models
from odoo.exceptions import UserError, ValidationError

from ...tools.recurrence.issue_mode import IssueMode
from ...tools.recurrence.placeholder import NAMES, find_unknown
from ..common.activity_type import find_activity_type
from .recurrence_occurrence_invoice_values_mixin import TEXT_FIELDS

DRAFTS_URL = "/odoo/recurring-drafts"


class RecurrenceScheduleBillingMixin(models.AbstractModel):
    """What a recurring invoice needs so that it can bill, and who hears of its drafts."""

    _name = "recurrence.schedule.billing.mixin"
    _inherit = ["recurrence.schedule.document.mixin", "recurrence.schedule.order.mixin"]
    _description = "Billing of a Recurrence"

    @api.constrains("period_paid")
    def _check_period_paid(self):
        if not all(self.mapped("period_paid")):
            raise ValidationError(
                self.env._("Choose whether a period is billed in advance or in arrears.")
            )

    # === MODE === #

    @api.model
    def _get_issue_modes(self):
        """Return what becomes of an invoice: ``{value of invoice_mode: IssueMode}``."""
        return {
            "confirm": IssueMode(is_asked=True),
            "draft": IssueMode(is_posted=False),
            "post": IssueMode(),
            "send": IssueMode(check="_check_recipients", finish="_recurrence_queue_sending"),
        }

    def _get_issue_mode(self):
        """Return what becomes of the invoices of this recurrence."""
        return self._get_issue_modes()[self.invoice_mode]

    # === TEMPLATE === #

    def _check_running_invoice(self, vals):
        """Refuse another template or customer while invoices are issued, as the template does."""
        for schedule in self:
            if schedule.target != "invoice" or schedule.state not in ("running", "paused"):
                continue
            for name in ("template_move_id", "partner_id"):
                if name in vals and schedule[name] and schedule[name].id != vals[name]:
                    raise UserError(
                        self.env._(
                            "%(name)s is running for %(partner)s. Finish it and create a new "
                            "recurring invoice for a different customer or template.",
                            name=schedule.name,
                            partner=schedule.partner_id.display_name,
                        )
                    )

    def _check_template(self):
        """Refuse a template that could not be issued on its day.

        :raise UserError: saying what is missing
        """
        for schedule in self:
            problem = schedule._get_template_problem()
            if problem:
                raise UserError(problem)

    def _get_template_problem(self):
        """Return why no invoice can be made of the template, or False."""
        template = self.template_move_id.sudo()
        lines = template.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        if not template:
            return self.env._(
                "%(name)s has no template yet. Create the invoice template first.", name=self.name
            )
        if problem := self._get_document_problem():
            return problem
        document = self._get_document()
        if not (template.partner_id or document.is_entry or self.is_kind):
            return self._get_partner_sentence(document)
        if not lines:
            return self.env._("The template of %(name)s has no lines to invoice.", name=self.name)
        total = self._get_expected_total()
        if not document.is_entry and template.currency_id.compare_amounts(total, 0) < 0:
            return self.env._(
                "The total of %(name)s is %(total)s: an invoice with a negative total cannot be "
                "posted.",
                name=self.name,
                total=template.currency_id.format(total),
            )
        return False

    def _get_partner_sentence(self, document):
        """Return the sentence that the customer or vendor is missing."""
        if document.is_sale:
            return self.env._("The template of %(name)s has no customer.", name=self.name)
        return self.env._("The template of %(name)s has no vendor.", name=self.name)

    def _check_texts(self):
        """Refuse texts that name what nothing fills in: mistyped, they would go out so."""
        for schedule in self:
            problem = schedule._get_text_problem()
            if problem:
                raise UserError(problem)

    def _get_text_problem(self):
        """Return what texts of the template name that nothing fills, as a sentence, or False."""
        template = self.template_move_id.sudo()
        texts = [template[name] for name in TEXT_FIELDS]
        texts += template.invoice_line_ids.mapped("name")
        unknown = dict.fromkeys(mark for text in texts for mark in find_unknown(str(text or "")))
        if not unknown:
            return False
        return self.env._(
            "The texts of %(name)s hold %(unknown)s, which nothing fills in: correct it, or write "
            "it without one of its hash signs. Filled in are: %(known)s.",
            name=self.name,
            unknown=", ".join(unknown),
            known=", ".join(f"#{name}#" for name in NAMES),
        )

    def _check_nothing_archived(self):
        """Refuse to start with a customer, product, tax or term that was archived meanwhile."""
        for schedule in self:
            archived = schedule._get_archived_use()
            if archived:
                raise UserError(
                    self.env._(
                        "%(record)s is archived. Change the template of %(name)s first.",
                        record=archived.display_name,
                        name=schedule.name,
                    )
                )

    def _get_expected_total(self):
        """Return the total of an invoice made now; prices of products are those of today."""
        template = self.template_move_id.sudo()
        if self.price_source == "template":
            return template.amount_total
        schedule = self.sudo()
        occurrence = (
            self.env["recurrence.occurrence"]
            .sudo()
            .new(
                {
                    "schedule_id": schedule.id,
                    "rule_date": schedule.date_start,
                    "date": schedule.date_start,
                }
            )
        )
        as_of = schedule.company_id._get_job_today()
        move, _reason = occurrence._make_draft(as_of, {"fiscal": "keep"}, counts={})
        return move.tax_totals["total_amount_currency"]

    # === DRAFTS === #

    @api.model
    def _refresh_drafts(self, company, as_of=None):
        """Say in one activity per responsible how many drafts of a company wait to be posted.

        :param as_of: the day of a run that made drafts; None: only what was told is brought up to
            date
        """
        kind = find_activity_type(self.env, "account_recurrence_dunning.mail_activity_type_drafts")
        activities = self.env["mail.activity"].sudo()
        told = activities.search(
            [
                ("activity_type_id", "=", kind.id),
                # where the type was deleted they are tasks among others
                ("note", "like", DRAFTS_URL),
                ("res_model", "=", "recurrence.schedule"),
                ("res_id", "in", self.sudo()._search([("company_id", "=", company.id)])),
            ]
        )
        if not (told or as_of):
            return
        counts, first = self._count_drafts(company)
        by_user = told.grouped("user_id")
        for user, activity in by_user.items():
            if counts.get(user):
                activity[:1].write(self._prepare_drafts_activity(user, counts[user]))
            else:
                activity.unlink()
        for user, count in counts.items() if as_of else ():
            if user not in by_user:
                first[user].with_context(mail_activity_quick_update=True).activity_schedule(
                    activity_type_id=kind.id,
                    date_deadline=as_of,
                    user_id=user.id,
                    **self._prepare_drafts_activity(user, count),
                )

    @api.model
    def _count_drafts(self, company):
        """Return dict user → number of drafts he is responsible for, and one of the schedules."""
        groups = (
            self.env["account.move"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "=", company.id),
                    ("state", "=", "draft"),
                    ("recurrence_occurrence_id", "!=", False),
                ],
                # the first of a consolidated one: each draft once
                ["recurrence_schedule_id"],
                ["__count"],
            )
        )
        counts, first = defaultdict(int), {}
        for schedule, count in groups:
            user = schedule._get_responsible()
            counts[user] += count
            first.setdefault(user, schedule)
        return counts, first

    @api.model
    def _prepare_drafts_activity(self, user, count):
        env = self.with_context(lang=user.lang).env
        link = Markup('<a href="%s">%s</a>') % (DRAFTS_URL, env._("View the drafts"))
        return {
            "summary": env._("Drafts of recurring invoices to post: %(count)s", count=count),
            "note": link,
        }

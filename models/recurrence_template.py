from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# Which conditions name the moves a search wants, and how templates are left out otherwise.
# "not any!" becomes NOT IN over the few templates, never a join with all the entries.
HIDING = {
    "account.move": {
        "flag": "is_recurrence_template",
        "ids": ("id",),
        "hide": Domain("is_recurrence_template", "=", False),
    },
    "account.move.line": {
        "flag": "move_id.is_recurrence_template",
        "ids": ("move_id", "move_id.id", "id"),
        "hide": Domain("move_id", "not any!", Domain("is_recurrence_template", "=", True)),
    },
}
NAMING_OPERATORS = ("=", "in", "any", "any!")

# Set by this addon only; a caller from outside can send no context that holds this object.
ENGINE = object()
LINK_FIELDS = (
    "is_recurrence_template",
    "recurrence_schedule_id",
    "recurrence_occurrence_id",
    "is_recurrence_replaced",
)
# What, written on a template, changes what its invoices bill.
COMPOSING_FIELDS = {
    "currency_id",
    "fiscal_position_id",
    "invoice_line_ids",
    "line_ids",
    "partner_id",
    "partner_shipping_id",
}


class RecurrenceTemplate(models.AbstractModel):
    """What keeps the templates of recurring invoices apart from real invoices."""

    _name = "recurrence.template"
    _description = "Isolation of Recurring Invoice Templates"

    # --- hiding ---

    @api.model
    def _without_templates(self, records, domain):
        """Return the domain restricted to real entries, unless it names which ones it wants.

        It names them by the flag itself or by their ids (reading a One2many goes through a
        search on ``move_id``); ids that are excluded name nothing.

        :param records: a recordset (of any size) of account.move or account.move.line
        :param domain: the domain given to ``_search``
        """
        domain = Domain(domain)
        if self.env.context.get("with_recurrence_templates"):
            return domain
        hiding = HIDING[records._name]
        leaves = list(domain.iter_conditions())
        if any(leaf.field_expr == hiding["flag"] for leaf in leaves):
            return domain
        named = [leaf for leaf in leaves if self._names_records(leaf, hiding)]
        if not named:
            return domain & hiding["hide"]
        if any(part in named for part in self._get_conjuncts(domain)):
            return domain
        # inside an alternative: only the named ones may be templates
        return domain & Domain.OR([hiding["hide"], *named])

    @api.model
    def _names_records(self, leaf, hiding):
        if leaf.field_expr not in hiding["ids"] or leaf.operator not in NAMING_OPERATORS:
            return False
        if leaf.operator in ("any", "any!") and isinstance(leaf.value, list | tuple | Domain):
            # joined without a search of its own when the field bypasses access
            moves = self.env["account.move"]
            inner = Domain(leaf.value)
            return self._without_templates(moves, inner) == inner
        return True

    @api.model
    def _get_conjuncts(self, domain):
        """Return the parts that must all hold."""
        if getattr(domain, "OPERATOR", None) == "&":
            return domain.children
        return (domain,)

    # --- guarding ---

    @api.model
    def _as_engine(self, records):
        """Return the records in a context that may set the links of this addon."""
        return records.with_context(recurrence_engine=ENGINE)

    @api.model
    def _is_engine(self):
        return self.env.context.get("recurrence_engine") is ENGINE

    @api.model
    def _refuse(self, moves, sentence):
        """Raise when one of the moves is a template.

        :param sentence: what cannot be done, translated, ending with a full stop
        """
        template = moves.filtered("is_recurrence_template")[:1]
        if template and not self._is_engine():
            raise UserError(
                self.env._(
                    "%(sentence)s This is the template of the recurring invoice %(name)s: its "
                    "invoices are issued from the recurrence.",
                    sentence=sentence,
                    name=template.recurrence_schedule_id.name or template.partner_id.name or "",
                )
            )

    @api.model
    def _check_create_vals(self, vals_list):
        """Refuse invoices that pretend to come from a recurrence."""
        if self._is_engine():
            return
        for vals in vals_list:
            if any(vals.get(name) for name in LINK_FIELDS[1:]):
                raise UserError(
                    self.env._("Only issuing a recurring invoice links it to its recurrence.")
                )

    @api.model
    def _check_write_vals(self, moves, vals):
        """Refuse what would turn an invoice into a template, or a template into an invoice."""
        if self._is_engine():
            return
        if "state" in vals:
            self.env["recurrence.invoice.fate"]._before_state(moves, vals["state"])
        credits_replaced = "reversed_entry_id" in vals and moves.sudo().filtered(
            "reversed_entry_id.is_recurrence_replaced"
        )
        if credits_replaced or any(name in vals for name in LINK_FIELDS):
            raise UserError(
                self.env._(
                    "Whether an invoice belongs to a recurrence cannot be edited. Use "
                    "“Make recurring” on the invoice instead."
                )
            )
        if {"currency_id", "journal_id"} & vals.keys():
            self._check_running_money(moves.filtered("is_recurrence_template"), vals)
        if vals.get("auto_post", "no") not in ("no", "at_date"):
            self._check_not_issued(moves)
        if {"state", "name", "invoice_date", "auto_post"} & vals.keys():
            if moves.filtered("is_recurrence_template"):
                self._check_template_vals(vals)

    @api.model
    def _check_running_money(self, templates, vals):
        """Refuse another currency or company: figures would stay and mean something else."""
        journal = self.env["account.journal"].browse(vals.get("journal_id"))
        for template in templates:
            schedule = template.recurrence_schedule_id
            currency = vals.get("currency_id") or journal.currency_id.id or template.currency_id.id
            company = journal.company_id or template.company_id
            if schedule.state not in ("running", "paused") or (
                currency == template.currency_id.id and company == template.company_id
            ):
                continue
            raise UserError(
                self.env._(
                    "%(name)s is running in %(currency)s for %(company)s. Finish it and make a new "
                    "recurring invoice for another currency or company.",
                    name=schedule.name,
                    currency=template.currency_id.name,
                    company=template.company_id.name,
                )
            )

    @api.model
    def _check_not_issued(self, moves):
        schedules = moves.sudo().recurrence_schedule_id
        if schedules and not moves.filtered("is_recurrence_template"):
            raise UserError(
                self.env._(
                    "%(names)s repeats this invoice already. With “Auto-post” as well, both would "
                    "bill the customer.",
                    names=", ".join(schedules.mapped("name")),
                )
            )

    @api.model
    def _check_template_vals(self, vals):
        problem = False
        if vals.get("state", "draft") != "draft":
            problem = self.env._("It cannot be posted or cancelled.")
        elif vals.get("name") not in (None, False, "", "/"):
            problem = self.env._("It has no number.")
        elif vals.get("invoice_date"):
            problem = self.env._("It has no invoice date: each invoice gets its own.")
        elif vals.get("auto_post", "no") != "no":
            problem = self.env._("It is not posted automatically: the recurrence does that.")
        elif vals.get("move_type", "out_invoice") != "out_invoice":
            problem = self.env._("Only customer invoices can recur.")
        if problem:
            raise UserError(
                self.env._(
                    "This is the template of a recurring invoice. %(problem)s", problem=problem
                )
            )

    @api.model
    def _check_templates(self, moves):
        """Refuse what became an invoice although it is a template, by whatever default."""
        if self._is_engine():
            return
        for move in moves.filtered("is_recurrence_template"):
            names = ("name", "invoice_date", "auto_post", "move_type")
            # cancelled it may be: by the removal of this addon
            state = "draft" if move.state == "cancel" else move.state
            self._check_template_vals({"state": state, **{name: move[name] for name in names}})

    @api.model
    def _check_activities(self, activities):
        """Refuse an activity on a template: it would stand in dashboards as if it were due."""
        ids = activities.filtered(lambda a: a.res_model == "account.move").mapped("res_id")
        self._refuse(
            self.env["account.move"].sudo().browse(ids).exists(),
            self.env._("A template has no activities; schedule them on the recurrence."),
        )

    @api.model
    def _check_unlink(self, moves):
        used = moves.filtered("is_recurrence_template").sudo().recurrence_schedule_id
        if used and not self._is_engine():
            raise UserError(
                self.env._(
                    "The recurring invoice %(names)s is made from this template. Finish or "
                    "delete the recurrence instead.",
                    names=", ".join(used.mapped("name")),
                )
            )

    # --- keeping in step ---

    @api.model
    def _get_pending_fiscal(self, moves, vals):
        """Return what differs from the templates before something is written on them.

        :return: dict schedule → set of items, see ``recurrence.fiscal.mixin``; empty where
            nothing is written that could change it
        """
        if self._is_engine() or not COMPOSING_FIELDS & vals.keys():
            return {}
        schedules = moves.filtered("is_recurrence_template").recurrence_schedule_id
        changes = schedules._get_fiscal_changes() if schedules else {}
        return {s: set(changes[s].items) if s in changes else set() for s in schedules}

    @api.model
    def _follow_write(self, moves, vals, pending):
        """Keep schedule and occurrences in step with what was written on invoices."""
        if "partner_id" in vals and not self._is_engine():
            for template in moves.filtered("is_recurrence_template"):
                self._follow_partner(template)
        for schedule, items in pending.items():
            if schedule.state in ("running", "paused"):
                schedule._check_template()
            schedule._accept_fiscal(items)
        if "state" in vals:
            self.env["recurrence.invoice.fate"]._follow_state(moves, vals["state"])

    @api.model
    def _follow_lines(self, moves):
        """Refuse what is written on lines alone and leaves a running template without a bill.

        Lines written with their invoice are looked at with it.
        """
        within = ("skip_account_move_synchronization", "skip_invoice_sync")
        if self._is_engine() or any(map(self.env.context.get, within)):
            return
        for template in moves.filtered("is_recurrence_template"):
            schedule = template.sudo().recurrence_schedule_id
            if schedule.state in ("running", "paused"):
                schedule._check_template()

    @api.model
    def _follow_partner(self, template):
        schedule = template.recurrence_schedule_id
        if not schedule or schedule.partner_id == template.partner_id:
            return
        if schedule.state in ("running", "paused") and schedule.partner_id:
            raise UserError(
                self.env._(
                    "%(name)s is running for %(partner)s. Finish it and make a new recurring "
                    "invoice for another customer.",
                    name=schedule.name,
                    partner=schedule.partner_id.display_name,
                )
            )
        schedule.partner_id = template.partner_id
        self.env["recurrence.template.maker"]._mark_customer(template.partner_id)

    @api.model
    def _clear_links(self, vals_list):
        """A copy is an ordinary invoice, also where the context would make it a template."""
        if not self._is_engine():
            for vals in vals_list:
                if vals is not None:
                    vals["is_recurrence_template"] = False
        return vals_list

    # --- end of life ---

    @api.model
    def _drop(self, schedules):
        """Untie and delete the templates of schedules that are about to be deleted.

        :return: a function to call once the schedules are gone
        """
        templates = self._as_engine(schedules.sudo().template_move_id)
        templates.write({"recurrence_schedule_id": False})
        return templates.unlink

    @api.model
    def _cancel_all_templates(self):
        """Cancel every template, of all companies; called before the addon is removed."""
        templates = self.env["account.move"].sudo().search([("is_recurrence_template", "=", True)])
        drafts = templates.filtered(lambda move: move.state == "draft")
        self._as_engine(drafts).write({"state": "cancel"})

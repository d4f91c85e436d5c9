from odoo import api, models
from odoo.tools import format_amount, format_date, html2plaintext
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

EVENT_KINDS = {
    "invoice": _lt("Invoices"),
    "reminder": _lt("Reminders"),
    "answer": _lt("Answers"),
    "promise": _lt("Promises"),
    "dispute": _lt("Disputes"),
    "call": _lt("Calls"),
    "plan": _lt("Payment Plans"),
    "handover": _lt("Handovers"),
    "block": _lt("Blocks"),
    "payment": _lt("Payments"),
    "note": _lt("Notes"),
}

MOST_EVENTS = 200
MOST_LETTERS = 280  # of a text in the timeline


class DunningCaseTimelineMixin(models.AbstractModel):
    """What the screen of a case shows beside its figures: open items and all that happened."""

    _name = "dunning.case.timeline.mixin"
    _description = "Timeline of Cases"

    @api.model
    def _get_timeline_sources(self):
        """Return the methods that tell what happened, each as a list of events (``_tell``)."""
        return [
            "_tell_invoices",
            "_tell_reminders",
            "_tell_answers",
            "_tell_promises",
            "_tell_disputes",
            "_tell_calls",
            "_tell_plans",
            "_tell_handovers",
            "_tell_blocks",
            "_tell_payments",
            "_tell_notes",
        ]

    def get_case_page(self):
        """Return the open items and the timeline of the case, in the reader's language.

        :return: ``{"items": […], "events": […], "kinds": [(kind, label), …], "ages": […],
            "company_total": text, "contacts": […], "credit": text, "trials": [sentence, …],
            "may_decide": bool}``
        """
        self.ensure_one()
        self.check_access("read")
        case = self.sudo().with_company(self.company_id)
        events = [event for name in self._get_timeline_sources() for event in getattr(case, name)()]
        events.sort(key=lambda event: (event["day"], event["order"]), reverse=True)
        present = {event["kind"] for event in events}
        facts = case._decide_open_items()
        items = case._get_items(facts)
        return {
            "ages": case._get_ages(facts),
            "company_total": case._get_company_total(facts),
            "contacts": case._get_contacts(),
            "credit": case._get_credit(),
            "trials": case._get_trials(),
            "items": items,
            "may_decide": any(item["is_ended"] for item in items),
            "events": events[:MOST_EVENTS],
            "is_cut": len(events) > MOST_EVENTS,
            "kinds": [kind for kind in self._get_event_kinds() if kind[0] in present],
        }

    @api.model
    def _get_event_kinds(self):
        """Return the kinds of events with their labels, in the order of their buttons."""
        return list(zip(EVENT_KINDS, map(self.env._, EVENT_KINDS.values()), strict=True))

    @api.model
    def _tell(self, kind, record, day, title, text="", detail="", color="secondary"):
        """Return an event.

        :param record: what it is about; opened by a click
        :param text: a line below the title
        :param detail: what was written or said, unfolded on demand
        """
        detail = detail or ""
        return {
            "key": f"{record._name},{record.id}",
            "kind": kind,
            "model": record._name,
            "id": record.id,
            "day": day.isoformat(),
            "date": format_date(self.env, day),
            "order": record.id,
            "title": title or "",
            "text": text or "",
            "detail": detail,
            "color": color,
        }

    def _find_own(self, model, domain=(), order="id desc"):
        """Return the latest records of a model about the customer in this company."""
        own = [("company_id", "=", self.company_id.id), ("partner_id", "=", self.partner_id.id)]
        return self.env[model].search([*own, *domain], limit=MOST_EVENTS, order=order)

    def _tell_invoices(self):
        moves = self.env["account.move"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("commercial_partner_id", "=", self.partner_id.id),
                ("move_type", "in", ("out_invoice", "out_receipt", "out_refund")),
                ("state", "=", "posted"),
            ],
            limit=MOST_EVENTS,
            order="invoice_date desc, id desc",
        )
        types = dict(moves._fields["move_type"]._description_selection(self.env))
        return [
            self._tell(
                "invoice",
                move,
                move.invoice_date or move.date,
                f"{types[move.move_type]} {move.name}",
                format_amount(self.env, move.amount_total, move.currency_id),
            )
            for move in moves
        ]

    def _tell_reminders(self):
        reminders = self._find_own("dunning.reminder", [("is_test", "=", False)])
        states = dict(reminders._fields["state"]._description_selection(self.env))
        colors = {"sent": "success", "failed": "danger", "undeliverable": "danger"}
        return [
            self._tell(
                "reminder",
                reminder,
                reminder.sent_date or reminder.date,
                reminder._get_kind_name(),
                " · ".join(
                    filter(None, (states[reminder.state], reminder.total_text, reminder.proof_to))
                ),
                html2plaintext(reminder.proof_body or "", include_references=False),
                colors.get(reminder.state, "warning"),
            )
            for reminder in reminders
        ]

    def _tell_answers(self):
        told = ("promise", "dispute")  # with what was made of them
        answers = self._find_own(
            "dunning.answer", ["|", ("kind", "not in", told), ("state", "=", "open")]
        )
        kinds = dict(answers._fields["kind"]._description_selection(self.env))
        return [
            self._tell(
                "answer",
                answer,
                answer.date,
                kinds[answer.kind],
                answer.summary,
                answer.text,
                "warning" if answer.state == "open" else "secondary",
            )
            for answer in answers
        ]

    def _tell_promises(self):
        promises = self._find_own("dunning.promise", [("plan_id", "=", False)])
        states = dict(promises._fields["state"]._description_selection(self.env))
        colors = {"open": "info", "kept": "success", "partly": "warning", "broken": "danger"}
        return [
            self._tell(
                "promise",
                promise,
                promise.date_given,
                self.env._(
                    "Promise: %(amount)s by %(day)s",
                    amount=promise.amount_text,
                    day=format_date(self.env, promise.date),
                ),
                " · ".join(filter(None, (states[promise.state], promise.items))),
                promise.note,
                colors.get(promise.state, "secondary"),
            )
            for promise in promises
        ]

    def _tell_disputes(self):
        disputes = self._find_own("dunning.dispute")
        states = dict(disputes._fields["state"]._description_selection(self.env))
        reasons = dict(disputes._get_reasons())
        return [
            self._tell(
                "dispute",
                dispute,
                dispute.date_given,
                self.env._("Dispute: %(reason)s", reason=reasons.get(dispute.reason, "")),
                " · ".join(
                    filter(None, (states[dispute.state], dispute.amount_text, dispute.items))
                ),
                "\n".join(filter(None, (dispute.text, dispute.note))),
                "danger" if dispute.state == "open" else "secondary",
            )
            for dispute in disputes
        ]

    def _tell_calls(self):
        calls = self._find_own("dunning.call", order="date desc, id desc")
        outcomes = dict(calls._fields["outcome"]._description_selection(self.env))
        return [
            self._tell(
                "call",
                call,
                self.company_id._get_job_day(call.date),
                self.env._("Call: %(outcome)s", outcome=outcomes[call.outcome]),
                " · ".join(filter(None, (call.user_id.name, call.contact_id.name, call.phone))),
                call.note,
                "success" if call.outcome == "reached" else "secondary",
            )
            for call in calls
        ]

    def _tell_plans(self):
        plans = self._find_own("dunning.plan")
        states = dict(plans._fields["state"]._description_selection(self.env))
        outcomes = dict(plans.promise_ids._fields["state"]._description_selection(self.env))
        colors = {"active": "info", "kept": "success", "ended": "danger"}
        return [
            self._tell(
                "plan",
                plan,
                plan.date_given,
                self.env._("Payment plan: %(amount)s", amount=plan.amount_text),
                " · ".join(filter(None, (states[plan.state], plan.items))),
                "\n".join(
                    " · ".join(
                        (
                            format_date(self.env, part.date),
                            part.amount_text,
                            outcomes[part.state],
                        )
                    )
                    for part in plan.promise_ids.sorted("date")
                ),
                colors.get(plan.state, "secondary"),
            )
            for plan in plans
        ]

    def _tell_handovers(self):
        handovers = self._find_own("dunning.handover")
        states = dict(handovers._fields["state"]._description_selection(self.env))
        return [
            self._tell(
                "handover",
                handover,
                handover.date_given,
                self.env._("Handed over to %(agency)s", agency=handover.agency_id.name),
                " · ".join(
                    filter(None, (states[handover.state], handover.amount_text, handover.items))
                ),
                handover.note,
                "danger" if handover.state == "open" else "secondary",
            )
            for handover in handovers
        ]

    def _tell_blocks(self):
        """Blocks by themselves; those of promises, disputes, handovers are told with them."""
        told = [("kind", "not in", ("promise", "dispute")), ("handover_id", "=", False)]
        blocks = self._find_own("dunning.block", told)
        return [
            self._tell(
                "block",
                block,
                block.date_from,
                self.env._("Blocked: %(what)s", what=block.display_name),
                block.move_id.name,
                block.reason,
                "warning" if block.state == "current" else "secondary",
            )
            for block in blocks
        ]

    def _tell_payments(self):
        payments = self.env["account.payment"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("partner_id", "child_of", self.partner_id.id),
                ("partner_type", "=", "customer"),
                ("state", "in", ("in_process", "paid")),
            ],
            limit=MOST_EVENTS,
            order="date desc, id desc",
        )
        return [
            self._tell(
                "payment",
                payment,
                payment.date,
                self.env._("Payment"),
                " · ".join(
                    filter(
                        None,
                        (
                            format_amount(self.env, payment.amount, payment.currency_id),
                            payment.memo,
                        ),
                    )
                ),
                color="success",
            )
            for payment in payments
        ]

    def _tell_notes(self):
        """What people wrote on the case itself."""
        notes = self.message_ids.filtered(
            lambda message: message.message_type in ("comment", "email") and message.body
        )
        return [
            {
                **self._tell(
                    "note",
                    note,
                    self.company_id._get_job_day(note.date),
                    note.author_id.name or note.email_from,
                    html2plaintext(note.body, include_references=False)[:MOST_LETTERS],
                ),
                "model": "",
            }
            for note in notes
        ]

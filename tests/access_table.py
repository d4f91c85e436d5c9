"""Who may do what with this addon, in one table; ``test_access_matrix`` tries all of it.

Whatever the addon adds and that stands nowhere here fails there: a new field on one of Odoo's
models goes into ``FIELDS``, a new model into ``MODELS``, a new public method into ``METHODS``.
"""

PUBLIC, PORTAL, EMPLOYEE = "public", "portal", "employee"
INVOICING, USER, MANAGER, STRANGER = "invoicing", "dunning user", "dunning manager", "other company"
ROLES = (PUBLIC, PORTAL, EMPLOYEE, INVOICING, USER, MANAGER, STRANGER)
OUTSIDERS = {PUBLIC, PORTAL}

NOBODY = frozenset()
MANAGERS = frozenset({MANAGER})
DUNNING = MANAGERS | {USER}
BILLERS = DUNNING | {INVOICING}
EMPLOYEES = BILLERS | {EMPLOYEE}
OWNER = frozenset({EMPLOYEE})

# Fields without ``groups``, and why they harm nobody.
HARMLESS = {
    ("account.move", "is_recurrence_template"): (
        "every search of entries asks it, a customer's too; true of drafts that are nobody's to see"
    ),
    **dict.fromkeys(
        (
            ("res.config.settings", "dunning_currency_id"),
            ("res.config.settings", "dunning_held_count"),
            ("res.config.settings", "dunning_document_warning"),
            ("res.config.settings", "dunning_sender_problem"),
            ("res.config.settings", "dunning_job_problem"),
            ("res.config.settings", "recurrence_job_problem"),
            ("res.config.settings", "dunning_is_copy"),
            ("res.config.settings", "dunning_sender"),
            ("res.config.settings", "dunning_sender_user_id"),
            ("res.config.settings", "dunning_alias_name"),
            ("res.config.settings", "dunning_alias_domain"),
        ),
        "the whole model is the administrators'",
    ),
}

# Fields on Odoo's models: (who reads, who writes). "*": all that are not named.
FIELDS = {
    # written by who sets journals up
    "account.journal": {"dunning_bank_feed": (DUNNING, NOBODY)},
    "account.move": {
        "is_recurrence_template": (BILLERS | {PORTAL}, NOBODY),
        "recurrence_schedule_id": (BILLERS, NOBODY),
        "recurrence_occurrence_id": (BILLERS, NOBODY),
        "recurrence_is_kind": (BILLERS, NOBODY),
        "recurrence_kind_id": (BILLERS, NOBODY),
        "recurrence_*": (BILLERS, BILLERS),
        "tag_ids": (BILLERS, BILLERS),
        "dunning_choice": (BILLERS, BILLERS),
        "dunning_program_id": (BILLERS, BILLERS),
        "dunning_include": (DUNNING, DUNNING),
        "is_recurrence_replaced": (BILLERS, NOBODY),
        "dunning_sent_date": (DUNNING, NOBODY),
        "dunning_level": (DUNNING, NOBODY),
        "dunning_last_date": (DUNNING, NOBODY),
        "dunning_first_date": (DUNNING, NOBODY),
        "dunning_next_date": (DUNNING, NOBODY),
        "dunning_reason": (DUNNING, NOBODY),
        # computed, or lists whose rows have rights of their own: writing does nothing
        "dunning_next_reason": (DUNNING, DUNNING),
        "dunning_effective_program_id": (DUNNING, DUNNING),
        "dunning_explanation": (DUNNING, DUNNING),
        "dunning_reminder_line_ids": (DUNNING, DUNNING),
        "dunning_block_ids": (DUNNING, DUNNING),
        "dunning_current_block_ids": (DUNNING, DUNNING),
        "is_dunning_blocked": (DUNNING, DUNNING),
        "dunning_claim_ids": (DUNNING, DUNNING),
    },
    "account.move.line": {
        "recurrence_line_id": (BILLERS, NOBODY),
        "recurrence_occurrence_id": (BILLERS, NOBODY),
        "recurrence_billed_*": (BILLERS, NOBODY),
        "recurrence_*": (BILLERS, BILLERS),
        "*": (DUNNING, NOBODY),
    },
    "ir.cron": {"job_alarm_date": (NOBODY, NOBODY)},
    "mail.activity": {"recurrence_occurrence_id": (OWNER, NOBODY)},
    # of a payment on a customer's page
    "payment.transaction": {"*": (DUNNING, NOBODY)},
    # written in the settings
    "res.company": {
        "recurrence_dunning_tz": (EMPLOYEES, NOBODY),
        "recurrence_*": (EMPLOYEES, NOBODY),
        "dunning_*": (DUNNING, NOBODY),
    },
    "res.config.settings": {"*": (NOBODY, NOBODY)},
    # without the right to edit contacts: the door of dunning managers
    "res.partner": {
        "dunning_policy": (DUNNING, MANAGERS),
        "dunning_program_id": (DUNNING, MANAGERS),
        "dunning_debtor_kind": (DUNNING, MANAGERS),
        "dunning_contact_id": (DUNNING, MANAGERS),
        "billing_contact_id": (DUNNING, MANAGERS),
        "dunning_preferred": (DUNNING, MANAGERS),
        "dunning_also": (DUNNING, MANAGERS),
        "dunning_*": (DUNNING, NOBODY),
        "recurrence_consolidation": (BILLERS, NOBODY),
        "recurrence_*": (EMPLOYEES, NOBODY),
    },
    # of a colleague; Odoo shows colleagues of all companies
    "res.users": {"*": (DUNNING | {STRANGER}, NOBODY)},
}

# The addon's own models: who reads, writes, creates, deletes a record of the company.
MODELS = {
    "account.move.tag": (BILLERS, BILLERS, BILLERS, BILLERS),
    "dunning.answer": (DUNNING, NOBODY, NOBODY, NOBODY),
    "dunning.block": (DUNNING, DUNNING, DUNNING, MANAGERS),
    "dunning.mail.handover": (MANAGERS, NOBODY, NOBODY, NOBODY),
    "dunning.escalation": (DUNNING, DUNNING, NOBODY, NOBODY),
    "dunning.forewarning": (DUNNING, NOBODY, NOBODY, NOBODY),
    "dunning.level": (DUNNING, MANAGERS, MANAGERS, MANAGERS),
    "dunning.level.effect": (DUNNING, NOBODY, NOBODY, NOBODY),
    "dunning.link": (DUNNING, NOBODY, NOBODY, NOBODY),
    "dunning.case": (DUNNING, DUNNING, NOBODY, NOBODY),
    "dunning.case.change": (MANAGERS, NOBODY, NOBODY, NOBODY),
    # by its author, on the same day
    "dunning.call": (DUNNING, DUNNING, DUNNING, DUNNING),
    # of one company here; those of the law have none
    "dunning.charge.rule": (DUNNING, MANAGERS, MANAGERS, MANAGERS),
    "dunning.charge.tier": (DUNNING, MANAGERS, MANAGERS, MANAGERS),
    "dunning.claim": (DUNNING, NOBODY, NOBODY, NOBODY),
    "dunning.day": (DUNNING, NOBODY, NOBODY, NOBODY),
    "dunning.dispute": (DUNNING, DUNNING, DUNNING, MANAGERS),
    "dunning.handover": (DUNNING, DUNNING, DUNNING, MANAGERS),
    "dunning.plan": (DUNNING, DUNNING, DUNNING, MANAGERS),
    "dunning.promise": (DUNNING, DUNNING, DUNNING, MANAGERS),
    "dunning.program": (DUNNING, MANAGERS, MANAGERS, MANAGERS),
    "dunning.program.rule": (DUNNING, MANAGERS, MANAGERS, MANAGERS),
    "dunning.program.schedule": (DUNNING, MANAGERS, MANAGERS, MANAGERS),
    # published facts, which all companies share
    **dict.fromkeys(
        ("dunning.rate", "dunning.rate.series"),
        (DUNNING | {STRANGER}, *(MANAGERS | {STRANGER},) * 3),
    ),
    "dunning.reminder": (DUNNING, NOBODY, NOBODY, NOBODY),
    "dunning.reminder.line": (DUNNING, NOBODY, NOBODY, NOBODY),
    "dunning.run": (DUNNING, DUNNING, DUNNING, MANAGERS),
    "dunning.statement.schedule": (DUNNING, MANAGERS, MANAGERS, MANAGERS),
    "dunning.run.line": (DUNNING, NOBODY, NOBODY, NOBODY),
    # written once, then only withdrawn
    "dunning.waiver": (DUNNING, NOBODY, DUNNING, NOBODY),
    "dunning.trial": (DUNNING, MANAGERS, MANAGERS, MANAGERS),
    "dunning.trial.member": (DUNNING, NOBODY, NOBODY, NOBODY),
    # of an invoice; private ones are tried beside it, under "PRIVATE"
    "recurrence.occurrence": (BILLERS, BILLERS, NOBODY, NOBODY),
    "recurrence.schedule": (BILLERS, BILLERS, EMPLOYEES, BILLERS),
    "recurrence.price.clause": (BILLERS, BILLERS, BILLERS, BILLERS),
    "recurrence.price.rise": (BILLERS, BILLERS, BILLERS, BILLERS),
    "recurrence.price.notice": (BILLERS, NOBODY, NOBODY, NOBODY),
    "recurrence.price.rise.line": (BILLERS, BILLERS, NOBODY, NOBODY),
    "recurrence.quantity": (BILLERS, BILLERS, BILLERS, BILLERS),
    "recurrence.usage": (BILLERS, BILLERS, BILLERS, BILLERS),
    "recurrence.quantity.count": (BILLERS, NOBODY, NOBODY, NOBODY),
    "recurrence.billed.date": (BILLERS, NOBODY, NOBODY, NOBODY),
    # published facts, which all companies share
    **dict.fromkeys(
        ("recurrence.price.index", "recurrence.price.index.value"),
        (BILLERS | {STRANGER},) * 4,
    ),
    # a list that all companies share
    "recurrence.notice.reason": (
        EMPLOYEES | {STRANGER},
        BILLERS | {STRANGER},
        BILLERS | {STRANGER},
        BILLERS | {STRANGER},
    ),
    # free labels without company
    "recurrence.tag": (
        EMPLOYEES | {STRANGER},
        EMPLOYEES | {STRANGER},
        EMPLOYEES | {STRANGER},
        NOBODY,
    ),
}
# An interaction that an employee planned.
PRIVATE = {
    "recurrence.occurrence": (OWNER, OWNER, NOBODY, NOBODY),
    "recurrence.schedule": (OWNER, OWNER, EMPLOYEES, OWNER),
}
# Dialogs: who may open one; it is seen by whoever opened it and by nobody else.
DIALOGS = {
    "dunning.batch": DUNNING,
    "dunning.batch.line": DUNNING,
    "dunning.change": DUNNING,
    "dunning.change.line": DUNNING,
    "dunning.decide": DUNNING,
    "dunning.rule.use": MANAGERS,
    "dunning.stop": DUNNING,
    "dunning.deliver": DUNNING,
    "dunning.reminder.act": DUNNING,
    "dunning.forecast": DUNNING,
    "dunning.forecast.day": DUNNING,
    "dunning.forecast.line": DUNNING,
    "dunning.statement.dialog": DUNNING,
    "dunning.import": MANAGERS,
    "dunning.import.line": MANAGERS,
    "dunning.level.preview": DUNNING,
    "dunning.program.copy": MANAGERS,
    "dunning.program.new": MANAGERS,
    "dunning.program.reset": MANAGERS,
    "dunning.program.reset.line": MANAGERS,
    "dunning.program.run": DUNNING,
    "dunning.remind": DUNNING,
    "dunning.remind.line": DUNNING,
    "dunning.run.omit": DUNNING,
    "dunning.test": DUNNING,
    "recurrence.guard.anyway": EMPLOYEES,
    "recurrence.occurrence.close": EMPLOYEES,
    "recurrence.line.change": BILLERS,
    "recurrence.line.change.line": BILLERS,
    "recurrence.schedule.change": BILLERS,
    "recurrence.schedule.change.line": BILLERS,
    "recurrence.kind.update": BILLERS,
    "recurrence.kind.update.line": BILLERS,
    "recurrence.import": BILLERS,
    "recurrence.import.line": BILLERS,
    "recurrence.takeover": BILLERS,
    "recurrence.takeover.line": BILLERS,
    "recurrence.schedule.customers": BILLERS,
    "recurrence.schedule.customers.line": BILLERS,
    "recurrence.occurrence.issue": BILLERS,
    "recurrence.occurrence.issue.line": BILLERS,
    "recurrence.occurrence.issue.many": BILLERS,
    "recurrence.occurrence.move": EMPLOYEES,
    "recurrence.occurrence.skip": EMPLOYEES,
    "recurrence.schedule.add": EMPLOYEES,
    "recurrence.schedule.generate": EMPLOYEES,
    "recurrence.schedule.regenerate": EMPLOYEES,
    "recurrence.schedule.regenerate.line": EMPLOYEES,
    "recurrence.schedule.notice": BILLERS,
    "recurrence.schedule.stop": EMPLOYEES,
}

SCHEDULE_ACTIONS = {
    "action_open_generate": BILLERS,
    "action_open_regenerate": BILLERS,
    "action_open_pause": BILLERS,
    "action_open_finish": BILLERS,
    "action_open_add": BILLERS,
    "action_open_occurrences": BILLERS,
    "action_open_invoices": BILLERS,
    "action_open_template": BILLERS,
    "action_open_records": BILLERS,
    "action_preview": BILLERS,
    "action_generate": BILLERS,
    "action_regenerate": BILLERS,
    "action_pause": BILLERS,
    "action_resume": BILLERS,
    "action_finish": BILLERS,
    "action_confirm_backlog": BILLERS,
}
# Tried on the template of a recurring invoice, the others on an invoice.
TEMPLATE_ACTIONS = (
    "action_create_recurrence",
    "action_recurrence_start",
    "action_recurrence_change",
    "action_recurrence_customers",
    "action_recurrence_members",
    "action_recurrence_update_kind",
    "action_recurrence_preview",
    "action_open_recurrence",
    "action_open_recurrence_invoices",
)
INVOICE_ACTIONS = {
    "action_new_recurring_invoice": BILLERS | {STRANGER},  # opens an empty form
    "action_make_recurring": BILLERS,
    "action_create_recurrence": BILLERS,
    "action_recurrence_start": BILLERS,
    "action_recurrence_change": BILLERS,
    "action_recurrence_customers": BILLERS,
    "action_recurrence_members": BILLERS,
    "action_recurrence_update_kind": BILLERS,
    "action_recurrence_preview": BILLERS,
    "action_open_recurrence": BILLERS,
    "action_open_recurrence_invoices": BILLERS,
}
# Public methods: who may call them on records of the company. Anybody can try, on any ids.
METHODS = {
    "account.move": {
        **INVOICE_ACTIONS,
        "get_dunning_next_step": DUNNING,
        "get_dunning_history": DUNNING,
        "get_dunning_claim": DUNNING,
        "get_dunning_claim_page": DUNNING,
        "action_dunning_remind": DUNNING,
        "action_dunning_test": DUNNING,
        "action_dunning_simulate": DUNNING,
        "action_dunning_send": DUNNING,
        "action_dunning_include": DUNNING,
        "action_dunning_block": DUNNING,
        "action_dunning_charge": DUNNING,
        "action_dunning_waive": DUNNING,
    },
    # Odoo shows meetings to colleagues of all companies
    "calendar.event": {"action_make_recurring": EMPLOYEES | {STRANGER}},
    "dunning.answer": {"action_accept": DUNNING, "action_decline": DUNNING},
    "dunning.answer.decision.mixin": {"action_accept": NOBODY, "action_decline": NOBODY},
    "dunning.batch": {"action_apply": DUNNING},
    "dunning.batch.line": {"action_show": DUNNING | {STRANGER}},
    "dunning.block": {
        "action_lift": DUNNING,
        "action_kept": DUNNING,
        "action_broken": DUNNING,
    },
    "dunning.case.action.mixin": dict.fromkeys(
        (
            "action_open_worklist",
            "action_promise",
            "action_dispute",
            "action_call",
            "action_plan",
            "action_decide",
            "action_pause",
            "action_remind",
            "action_statement",
            "action_answers",
            "action_open_customer",
            "action_refresh",
            "action_next",
            "action_note",
        ),
        NOBODY,
    ),
    "dunning.case.timeline.mixin": {"get_case_page": NOBODY},
    "dunning.case": {
        "action_open_worklist": DUNNING | {STRANGER},
        "action_promise": DUNNING,
        "action_dispute": DUNNING,
        "action_call": DUNNING,
        "action_plan": DUNNING,
        "action_decide": DUNNING,
        "action_pause": DUNNING,
        "action_remind": DUNNING,
        "action_statement": DUNNING,
        "action_answers": DUNNING,
        "action_open_customer": DUNNING,
        "action_refresh": DUNNING,
        "action_next": DUNNING,
        "action_note": DUNNING,
        "action_stop_deliveries": DUNNING,
        "action_resume_deliveries": DUNNING,
        "action_charge": DUNNING,
        "get_case_page": DUNNING,
    },
    "dunning.invoice.claim.mixin": {
        "action_dunning_charge": NOBODY,
        "action_dunning_waive": NOBODY,
    },
    "recurrence.price.rise": dict.fromkeys(
        (
            "action_propose",
            "action_apply",
            "action_try_again",
            "action_start_anew",
            "action_withdraw",
            "action_open_notices",
            "action_open_letters",
            "action_open_lines",
        ),
        BILLERS,
    ),
    "recurrence.price.notice": {
        "action_print_letters": BILLERS,
        "action_leave_out": BILLERS,
        "action_withdraw": BILLERS,
    },
    "recurrence.price.notice.telling.mixin": {"action_print_letters": NOBODY},
    "recurrence.price.rise.applying.mixin": dict.fromkeys(
        ("action_apply", "action_try_again", "action_start_anew", "action_withdraw"), NOBODY
    ),
    "recurrence.price.rise.line": {"action_leave_out": BILLERS},
    "recurrence.quantity": {"action_open_usage": BILLERS, "action_open_schedules": BILLERS},
    "recurrence.quantity.count": {"action_open_records": BILLERS},
    "recurrence.preview.dialog.mixin": {"action_back": NOBODY},
    "recurrence.schedule.change.mixin": {"action_open_change": NOBODY},
    **dict.fromkeys(
        (
            "recurrence.schedule.kind.mixin",
            "recurrence.schedule.kind.base.mixin",
            "recurrence.schedule.kind.change.mixin",
        ),
        dict.fromkeys(("action_finish", "action_open_kind_update", "action_open_members"), NOBODY),
    ),
    "recurrence.schedule.kind.making.mixin": dict.fromkeys(
        ("action_finish", "action_open_kind_update", "action_open_members", "action_save_as_kind"),
        NOBODY,
    ),
    "recurrence.change.dialog.mixin": {"action_back": NOBODY},
    "recurrence.schedule.customers.mixin": {"action_open_customers": NOBODY},
    "recurrence.schedule.template.use.mixin": {"action_open_customers": NOBODY},
    "recurrence.schedule.price.mixin": {
        "action_open_change": NOBODY,
        "action_open_price_rises": NOBODY,
        "action_raise_prices": NOBODY,
    },
    "dunning.waiver": {"action_withdraw": DUNNING},
    "dunning.stop": {"action_stop": DUNNING, "action_resume": DUNNING},
    "dunning.dispute": {
        "action_credit_note": DUNNING,
        "action_credited": DUNNING,
        "action_rejected": DUNNING,
        "action_withdrawn": DUNNING,
    },
    "dunning.plan": {
        "action_activate": DUNNING,
        "action_cancel": DUNNING,
        "action_print": DUNNING,
        "action_send": DUNNING,
    },
    "dunning.partner.work.mixin": {
        "get_dunning_stop": NOBODY,
        "action_dunning_stop": NOBODY,
        "action_dunning_promise": NOBODY,
        "action_dunning_dispute": NOBODY,
        "action_dunning_call": NOBODY,
        "action_dunning_plan": NOBODY,
        "action_dunning_remind": NOBODY,
        "action_view_dunning_case": NOBODY,
    },
    "dunning.promise": {
        "action_withdraw": DUNNING,
        "action_kept": DUNNING,
        "action_broken": DUNNING,
    },
    "dunning.change": {"action_show": MANAGERS, "action_apply": MANAGERS},
    "dunning.decide": {"action_decide": DUNNING},
    "dunning.deliver": {"action_deliver": DUNNING},
    "dunning.reminder.act": {"action_act": DUNNING},
    "dunning.escalation.entry.mixin": {
        "action_open_entry": NOBODY,
        "action_match_entry": NOBODY,
    },
    "dunning.handover.dossier.mixin": {
        "action_download_pdf": NOBODY,
        "action_download_zip": NOBODY,
        "action_make_dossier": NOBODY,
    },
    "dunning.handover": {
        "action_close": DUNNING,
        "action_take_back": DUNNING,
        "action_open_items": DUNNING,
        "action_download_pdf": DUNNING,
        "action_download_zip": DUNNING,
        "action_make_dossier": DUNNING,
    },
    "dunning.forecast": {
        "action_continue": DUNNING,
        "action_open_days": DUNNING,
        "action_open_lines": DUNNING,
        "action_download_csv": DUNNING,
    },
    "dunning.forecast.day": {"action_open_lines": DUNNING},
    "dunning.forecast.line": {"action_open": DUNNING},
    "dunning.statement.schedule": {
        "action_open_customers": DUNNING,
        "action_open_statements": DUNNING,
    },
    "dunning.statement.dialog": {
        "action_print": DUNNING,
        "action_send": DUNNING,
        "action_download": DUNNING,
    },
    "dunning.escalation": {
        "action_hand_over": DUNNING,
        "action_write_off": DUNNING,
        "action_doubtful": DUNNING,
        "action_wait": DUNNING,
        "action_decide": DUNNING,
        "action_reopen": DUNNING,
        "action_open_handover": DUNNING,
        "action_open_entry": DUNNING,
        "action_match_entry": DUNNING,
        "action_open_invoice": DUNNING,
    },
    "dunning.import": {
        "action_read": MANAGERS,
        "action_back": MANAGERS,
        "action_import": MANAGERS,
        "action_download_rejected": MANAGERS,
    },
    "dunning.level": {
        "action_open_placeholders": DUNNING,
        "action_open_preview": DUNNING,
        "action_open_text": DUNNING,
    },
    "dunning.level.preview": {"action_show": DUNNING},
    "dunning.program": {
        "action_confirm_move": MANAGERS,
        "action_simulate": DUNNING,
        "action_open_reset": MANAGERS,
        "action_open_run": DUNNING,
        "action_open_change": MANAGERS,
        "action_open_copy": MANAGERS,
        "action_make_default": MANAGERS,
        "action_view_partners": DUNNING,
        "action_open_charge_rules": DUNNING,
    },
    "dunning.program.copy": {"action_copy": MANAGERS},
    "dunning.program.rule": {
        "action_use": MANAGERS,
        "action_stop": MANAGERS,
        "action_change": MANAGERS,
        "action_open_customers": DUNNING,
    },
    "dunning.rule.use": {"action_apply": MANAGERS},
    "dunning.charge.rule": {"action_confirm": MANAGERS, "action_correct": MANAGERS},
    "dunning.legal.fact.mixin": dict.fromkeys(("action_confirm", "action_correct"), NOBODY),
    # for all companies: by who may enter all of them
    "dunning.rate": {"action_confirm": NOBODY, "action_correct": MANAGERS | {STRANGER}},
    "dunning.program.new": {"action_create": MANAGERS},
    "dunning.program.reset": {"action_apply": MANAGERS},
    "dunning.program.run": {"action_simulate": DUNNING, "action_run": DUNNING},
    "dunning.remind": {
        "action_over_block": MANAGERS,
        "action_remind": DUNNING,
        "action_go_ahead": DUNNING,
        "action_send_again": DUNNING,
        "action_open_last": DUNNING,
        "action_log_call": DUNNING,
        "action_statement": DUNNING,
    },
    "dunning.reminder": {
        "action_ask_send_now": DUNNING,
        "action_ask_send_again": DUNNING,
        "action_ask_mark_sent": DUNNING,
        "action_ask_cancel": DUNNING,
        "action_revoke_link": DUNNING,
        "action_send_again": DUNNING,
        "action_send_now": DUNNING,
        "action_deliver": DUNNING,
        "action_unprint": DUNNING,
        "action_print": DUNNING,
        "action_mark_sent": DUNNING,
        "action_log_call": DUNNING,
        "action_cancel": DUNNING,
        "action_open_invoices": DUNNING,
        "action_open_charges": DUNNING,
        "action_continue": DUNNING,
    },
    "dunning.reminder.link.mixin": {"action_revoke_link": NOBODY},
    "dunning.reminder.mass.mixin": dict.fromkeys(
        (
            "action_ask_send_now",
            "action_ask_send_again",
            "action_ask_mark_sent",
            "action_ask_cancel",
        ),
        NOBODY,
    ),
    "dunning.reminder.reply.mixin": {"action_continue": NOBODY},
    "dunning.reminder.unprint.mixin": {"action_unprint": NOBODY},
    "dunning.reminder.result.mixin": {"action_open_invoices": NOBODY},
    "dunning.run.outlook.mixin": dict.fromkeys(
        ("action_open_execute", "action_execute_now", "action_simulate_next"), NOBODY
    ),
    "dunning.reminder.line": {"action_open_reminder": DUNNING},
    "dunning.run": {
        "action_simulate": DUNNING,
        "action_execute": DUNNING,
        "action_open_execute": DUNNING,
        "action_execute_now": DUNNING,
        "action_simulate_next": DUNNING,
        "action_recall": DUNNING,
        "action_open_lines": DUNNING,
        "action_open_reminders": DUNNING,
        "action_open_undelivered": DUNNING,
        "action_open_changes": DUNNING,
        "action_mail_to_me": DUNNING,
        "action_mail_to_report_users": DUNNING,
    },
    "dunning.run.line": {
        "action_open_invoice": DUNNING,
        "action_open_payment": DUNNING,
        "action_include": DUNNING,
        "action_send_invoice": DUNNING,
        "action_omit": DUNNING,
        "action_omit_customer": DUNNING,
        "action_restore": DUNNING,
    },
    "dunning.run.omit": {"action_omit": DUNNING},
    "dunning.test": {"action_send": DUNNING},
    # Odoo lets colleagues open what is planned on a contact they see
    "mail.activity": {"action_make_recurring": EMPLOYEES},
    "mail.template": {"action_dunning_copy": MANAGERS},
    "recurrence.schedule.fiscal.mixin": {
        "action_fiscal_keep": NOBODY,
        "action_fiscal_take": NOBODY,
    },
    # archives what the user may archive, which is none of this here
    "recurrence.guard.anyway": {"action_confirm": NOBODY},
    "recurrence.schedule.backlog.mixin": {"action_confirm_backlog": NOBODY},
    "recurrence.schedule.filter.mixin": {"action_open_records": NOBODY},
    "recurrence.schedule.subject.mixin": {"action_open_records": NOBODY},
    "recurrence.schedule.lifecycle.mixin": {
        name: NOBODY
        for name in SCHEDULE_ACTIONS
        if name not in ("action_confirm_backlog", "action_open_records")
    },
    "recurrence.occurrence": {
        "action_done": BILLERS,
        "action_skip": BILLERS,
        "action_plan_again": BILLERS,
        "action_issue": BILLERS,
        "action_preview": BILLERS,
        "action_open_issue": BILLERS,
        "action_open_issue_many": BILLERS,
        "action_post_draft": BILLERS,
        "action_open_draft": BILLERS,
        "action_retry": BILLERS,
        "action_open_skip": BILLERS,
        "action_open_move": BILLERS,
        "action_open_close": BILLERS,
        "action_open_records": BILLERS,
        "action_open_schedule": BILLERS,
    },
    "recurrence.occurrence.close": {"action_confirm": BILLERS},
    "recurrence.occurrence.invoice.mixin": {
        "action_issue": NOBODY,
        "action_preview": NOBODY,
        "action_open_issue": NOBODY,
    },
    "recurrence.occurrence.draft.mixin": {"action_post_draft": NOBODY, "action_open_draft": NOBODY},
    "recurrence.occurrence.issue": {
        "action_issue": BILLERS,
        "action_issue_send": BILLERS,
        "action_open_draft": BILLERS,
        "action_preview": BILLERS,
    },
    "recurrence.line.change": {"action_confirm": BILLERS},
    "recurrence.schedule.change": {
        **dict.fromkeys(("action_preview", "action_back", "action_confirm"), BILLERS),
        # of the rule in one's own dialog
        "get_rule_dates": BILLERS | {STRANGER},
    },
    "recurrence.kind.update": dict.fromkeys(
        ("action_preview", "action_back", "action_confirm", "action_keep"), BILLERS
    ),
    "recurrence.dunning.file.dialog.mixin": {"action_download_rejected": NOBODY},
    "recurrence.import": dict.fromkeys(
        (
            "action_read",
            "action_back",
            "action_confirm",
            "action_open_made",
            "action_download_rejected",
        ),
        BILLERS,
    ),
    "recurrence.takeover": dict.fromkeys(
        ("action_preview", "action_back", "action_confirm", "action_open_made"), BILLERS
    ),
    "recurrence.schedule.customers": dict.fromkeys(
        ("action_preview", "action_back", "action_confirm"), BILLERS
    ),
    "recurrence.occurrence.issue.many": {"action_confirm": BILLERS},
    "recurrence.occurrence.move": {"action_confirm": BILLERS},
    "recurrence.occurrence.selection.mixin": {"action_open_issue_many": NOBODY},
    "recurrence.occurrence.skip": {"action_confirm": BILLERS},
    "recurrence.rule.mixin": {"get_rule_dates": NOBODY},
    "recurrence.schedule": {
        **SCHEDULE_ACTIONS,
        "action_open_price_rises": BILLERS,
        "action_raise_prices": BILLERS,
        "action_open_change": BILLERS,
        "action_open_customers": BILLERS,
        "action_open_kind_update": BILLERS,
        "action_open_members": BILLERS,
        "action_save_as_kind": BILLERS,
        "action_open_notice": BILLERS,
        "action_withdraw_notice": BILLERS,
        "action_renew": BILLERS,
        "get_rule_dates": BILLERS,
        "action_fiscal_keep": BILLERS,
        "action_fiscal_take": BILLERS,
    },
    "recurrence.schedule.add": {"action_confirm": BILLERS},
    "recurrence.schedule.generate": {"action_confirm": BILLERS},
    "recurrence.schedule.regenerate": {"action_confirm": BILLERS},
    "recurrence.schedule.stop": {"action_confirm": BILLERS},
    "recurrence.schedule.notice": {"action_confirm": BILLERS},
    "recurrence.schedule.notice.mixin": dict.fromkeys(
        ("action_open_notice", "action_resume", "action_withdraw_notice"), NOBODY
    ),
    **dict.fromkeys(
        ("recurrence.schedule.renewal.mixin", "recurrence.schedule.suspension.mixin"),
        dict.fromkeys(
            (
                "action_finish",
                "action_open_notice",
                "action_renew",
                "action_resume",
                "action_withdraw_notice",
            ),
            NOBODY,
        ),
    ),
    **dict.fromkeys(
        ("recurrence.template.actions.mixin", "recurrence.template.rule.mixin"),
        dict.fromkeys(INVOICE_ACTIONS, NOBODY),
    ),
    # who runs the server confirms it too; that one is no dunning manager here
    "res.company": {
        "action_dunning_confirm_move": MANAGERS,
        "action_dunning_figure": DUNNING,
        "action_dunning_start": MANAGERS,
        "action_dunning_close_start": MANAGERS,
        "action_dunning_simulate_today": DUNNING,
        "get_dunning_figures": DUNNING,
    },
    "dunning.company.figure.list.mixin": {"action_dunning_figure": NOBODY},
    "dunning.company.figures.mixin": {"get_dunning_figures": NOBODY},
    "dunning.company.start.mixin": dict.fromkeys(
        ("action_dunning_start", "action_dunning_close_start", "action_dunning_simulate_today"),
        NOBODY,
    ),
    "dunning.level.effect": {"action_open_reminder": DUNNING},
    "dunning.day": {
        "action_open_runs": DUNNING,
        "action_open_messages": DUNNING,
        "action_open_invoices": DUNNING,
    },
    "dunning.trial": {"action_stop": MANAGERS, "action_open_members": DUNNING},
    "res.config.settings": {
        "action_dunning_confirm_move": NOBODY,
        "action_dunning_simulate": NOBODY,
        "action_dunning_send_held": NOBODY,
        "action_dunning_cancel_held": NOBODY,
        "action_open_dunning_held": NOBODY,
        "action_open_dunning_program": NOBODY,
        "action_open_dunning_journals": NOBODY,
    },
    "res.partner": {
        "action_dunning_block": DUNNING,
        "action_dunning_promise": DUNNING,
        "action_dunning_dispute": DUNNING,
        "action_dunning_plan": DUNNING,
        "action_dunning_call": DUNNING,
        "action_dunning_remind": DUNNING,
        "action_view_dunning_case": DUNNING,
        # whoever sells is told, of the own company
        "get_dunning_stop": EMPLOYEES,
        "action_dunning_stop": DUNNING,
        "action_dunning_statement": DUNNING,
        "action_dunning_customise": MANAGERS,
        "action_view_dunning_reminders": DUNNING,
        "action_view_dunning_open": DUNNING,
        "action_view_dunning_overdue": DUNNING,
        "action_dunning_change_program": MANAGERS,
        "action_dunning_setup": MANAGERS,
        "action_dunning_new_contact": MANAGERS,
    },
}
# Odoo's own public methods that the addon extends and that tell an outsider nothing.
TELLS_NOTHING = {
    **dict.fromkeys(
        (
            ("account.move", "default_get"),
            ("account.move.line", "default_get"),
            ("payment.transaction", "default_get"),
            ("res.partner", "default_get"),
        ),
        "values of an empty form, as Odoo gives them to anybody",
    ),
    ("account.move", "get_formview_id"): "the id of a view",
    ("account.move", "copy_data"): "what the customer may read of the own invoice",
    ("account.move.line", "copy_data"): "what the customer may read of the own invoice",
    **dict.fromkeys(
        (
            ("account.move", "action_register_payment"),
            ("account.move", "action_send_and_print"),
            ("account.move.line", "action_register_payment"),
        ),
        "how to open a dialog of Odoo's, which checks its own rights",
    ),
    ("dunning.reminder", "mail_allowed_qweb_expressions"): "a list of expressions, the same always",
}

# Stored read-only fields of own models that people may write all the same, and why.
NOT_KEPT = {}

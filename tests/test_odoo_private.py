from odoo.tests import TransactionCase, tagged

from .odoo_private import (
    PEERS,
    PUBLIC,
    Source,
    find_definers,
    find_origin,
    find_overridden,
    get_signature,
)

# What the addon uses of Odoo that Odoo may change without a word: by class, model or module the
# names and how they are called. After an upgrade this says what moved; a new one is added here.
USED = {
    "BaseModel": {
        "_auto_init": "(self)",
        "_check_company": "(self, fnames=None)",
        "_check_company_domain": "(self, companies)",
        "_check_field_access": "(self, field, operation)",
        "_compute_display_name": "(self)",
        "_convert_to_write": "(self, values)",
        "_field_to_sql": "(self, alias, field_expr, query=None)",
        "_filtered_access": "(self, operation)",
        "_has_field_access": "(self, field, operation)",
        "_read_group": (
            "(self, domain, groupby=(), aggregates=(), having=(), offset=0, limit=None, order=None)"
        ),
        "_register_hook": "(self)",
        "_search": (
            "(self, domain, offset=0, limit=None, order=None, *, active_test=True, "
            "bypass_access=False)"
        ),
        "_traverse_related_sql": "(self, alias, field, query)",
        "_valid_field_parameter": "(self, field, name)",
        "_write": "(self, vals)",
    },
    "Field": {
        "_description_help": "(self, env)",
        "_description_string": "(self, env)",
    },
    "PaymentPortal": {
        "_create_transaction": (
            "(self, provider_id, payment_method_id, token_id, amount, currency_id, partner_id, "
            "flow, tokenization_requested, landing_route, reference_prefix=None, "
            "is_validation=False, custom_create_values=None, **kwargs)"
        ),
        "_validate_transaction_kwargs": "(kwargs, additional_allowed_keys=())",
    },
    "Selection": {
        "_description_selection": "(self, env)",
    },
    "account.fiscal.position": {
        "_get_fiscal_position": "(self, partner, delivery=None)",
    },
    "account.invoice.report": {
        "_where": "(self)",
    },
    "account.move": {
        "_can_commit": "()",
        "_cron_account_move_send": "(self, job_count=10)",
        "_get_fields_to_copy_recurring_entries": "(self, values)",
        "_get_invoice_report_filename": "(self, extension='pdf', report=None)",
        "_get_move_display_name": "(self, show_ref=False)",
        "_post": "(self, soft=True)",
        "_affect_tax_report": "(self)",
        "_fetch_duplicate_reference": "(self, matching_states=('draft', 'posted'))",
    },
    "account.move.line": {
        "_check_amls_exigibility_for_reconciliation": "(self, shadowed_aml_values=None)",
    },
    "account.payment.term.line": {
        "_get_due_date": "(self, date_ref)",
    },
    "account.move.reversal": {
        "_modify_default_reverse_values": "(self, origin_move)",
        "_prepare_default_reversal": "(self, move)",
    },
    "account.move.send": {
        "_check_sending_data": "(self, moves, **custom_settings)",
        "_generate_and_send_invoices": (
            "(self, moves, from_cron=False, allow_raising=True, allow_fallback_pdf=False, "
            "**custom_settings)"
        ),
        "_get_default_pdf_report_id": "(self, move)",
        "_get_default_sending_methods": "(self, move)",
        "_get_move_constraints": "(self, move)",
        "_get_default_mail_attachments_widget": (
            "(self, move, mail_template, invoice_edi_format=None, extra_edis=None, pdf_report=None)"
        ),
    },
    "account.tax": {
        "_adapt_price_unit_to_another_taxes": (
            "(self, price_unit, product, original_taxes, new_taxes, product_uom=None)"
        ),
        "_add_tax_details_in_base_line": "(self, base_line, company, rounding_method=None)",
        "_filter_taxes_by_company": "(self, company_id)",
        "_prepare_base_line_for_taxes_computation": "(self, record, **kwargs)",
    },
    "base": {
        "_mail_get_companies": "(self, default=False)",
        "_get_html_link": "(self, title=None)",
        "_notify_get_reply_to_batch": "(self, defaults=None, author_ids=None)",
        "_notify_get_reply_to_formatted_email": "(self, record_email, author_id=False)",
    },
    "bus.listener.mixin": {
        "_bus_send": "(self, notification_type, message, /, *, subchannel=None)",
    },
    "ir.actions.actions": {
        "_for_xml_id": "(self, full_xml_id)",
    },
    "ir.actions.report": {
        "_get_rendering_context": "(self, report, docids, data)",
        "_render_qweb_html": "(self, report_ref, docids, data=None)",
        "_render_qweb_pdf": "(self, report_ref, res_ids=None, data=None)",
        "_render_qweb_pdf_prepare_streams": "(self, report_ref, data, res_ids=None)",
    },
    "ir.cron": {
        "_commit_progress": "(self, processed=0, *, remaining=None, deactivate=False)",
        "_trigger": "(self, at=None)",
    },
    "ir.default": {
        "_get_model_defaults": "(self, model_name, condition=False)",
    },
    "ir.mail_server": {
        "_build_email__": (
            "(self, email_from, email_to, subject, body, email_cc=None, email_bcc=None, "
            "reply_to=False, attachments=None, message_id=None, references=None, "
            "object_id=False, subtype='plain', headers=None, body_alternative=None, "
            "subtype_alternative='plain')"
        ),
        "_check_forced_mail_server": "(self, mail_server, allow_archived, smtp_from)",
        "_disable_send": "(cls)",
        "_get_default_from_address": "(self)",
        "_match_from_filter": "(self, email_from, from_filter)",
    },
    "ir.model": {
        "_get": "(self, name)",
        "_get_id": "(self, name)",
    },
    "ir.model.data": {
        "_update_xmlids": "(self, data_list, update=False)",
        "_xmlid_to_res_id": "(self, xmlid, raise_if_not_found=False)",
    },
    "ir.module.module": {
        "_load_module_terms": "(self, modules, langs, overwrite=False)",
    },
    "ir.qweb": {
        "_render": "(self, template, values=None, **options)",
    },
    "mail.activity": {
        "_action_done": "(self, feedback=False, attachment_ids=False)",
    },
    "mail.activity.mixin": {
        "_default_activity_type": "(self)",
    },
    "mail.mail": {
        "_prepare_outgoing_list": "(self, mail_server=False, doc_to_followers=None)",
        "_send": (
            "(self, auto_commit=False, raise_exception=False, smtp_session=None, "
            "alias_domain_id=False, mail_server=False, post_send_callback=None)"
        ),
    },
    "mail.render.mixin": {
        "_has_unsafe_expression_template_inline_template": (
            "(self, template_txt, model, fname=None)"
        ),
        "_has_unsafe_expression_template_qweb": "(self, template_src, model, fname=None)",
        "_render_field": (
            "(self, field, res_ids, engine='inline_template', compute_lang=False, "
            "res_ids_lang=False, set_lang=False, add_context=None, options=None)"
        ),
    },
    "mail.thread": {
        "_message_log": (
            "(self, *, body='', subject=False, author_id=None, email_from=None, "
            "message_type='notification', partner_ids=False, attachment_ids=False, "
            "tracking_value_ids=False)"
        ),
        "_message_log_batch": (
            "(self, bodies, subject=False, author_id=None, email_from=None, "
            "message_type='notification', partner_ids=False, attachment_ids=False, "
            "tracking_value_ids=False)"
        ),
        "_message_post_after_hook": "(self, message, msg_values)",
        "_message_receive_bounce": "(self, email, partner)",
        "_message_route_process": "(self, message, message_dict, routes)",
        "_routing_check_route": "(self, message, message_dict, route, raise_exception=True)",
        "_routing_handle_bounce": "(self, email_message, message_dict)",
    },
    "odoo.addons.base.models.ir_cron": {
        "_intervalTypes": "dict",
    },
    "odoo.addons.base.models.res_partner": {
        "_tz_get": "(self)",
    },
    "payment.method": {
        "_get_compatible_payment_methods": (
            "(self, provider_ids, partner_id, currency_id=None, force_tokenization=False, "
            "is_express_checkout=False, report=None, **kwargs)"
        ),
    },
    "payment.provider": {
        "_get_compatible_providers": (
            "(self, company_id, partner_id, amount, currency_id=None, force_tokenization=False, "
            "is_express_checkout=False, is_validation=False, report=None, **kwargs)"
        ),
    },
    "payment.transaction": {
        "_get_processing_values": "(self)",
        "_post_process": "(self)",
    },
    "portal.mixin": {
        "_portal_ensure_token": "(self)",
    },
    "product.pricelist": {
        "_get_product_price": "(self, product, *args, **kwargs)",
    },
    "product.product": {
        "_get_tax_included_unit_price": (
            "(self, company, currency, document_date, document_type, "
            "is_refund_document=False, product_uom=None, product_currency=None, "
            "product_price_unit=None, product_taxes=None, fiscal_position=None)"
        ),
    },
    "res.company": {
        "_format_lock_dates": "(self, lock_dates)",
        "_get_lock_date_violations": (
            "(self, accounting_date, fiscalyear=True, sale=True, purchase=True, tax=True, "
            "hard=True)"
        ),
    },
    "res.currency": {
        "_convert": "(self, from_amount, to_currency, company=None, date=None, round=True)",
    },
    "res.lang": {
        "_get_data": "(self, **kwargs)",
    },
    "res.partner": {
        "_commercial_fields": "(self)",
        "_display_address": "(self, without_company=False)",
    },
    "res.users": {
        "_is_internal": "(self)",
        "_is_portal": "(self)",
        "_is_superuser": "(self)",
    },
}


@tagged("post_install", "-at_install")
class TestOdooPrivate(TransactionCase):
    """Odoo's private methods that the addon calls, overrides or imports."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source = Source()
        cls.overridden = find_overridden(cls.env.registry)

    def test_all_are_as_they_were(self):
        for home, names in USED.items():
            for name, signature in names.items():
                with self.subTest(f"{home}.{name}"):
                    self.assertEqual(get_signature(self.registry, home, name), signature)

    def test_what_is_overridden_is_listed(self):
        self.assertGreater(len(self.overridden), 20)
        for home, name in sorted(self.overridden):
            with self.subTest(f"{home}.{name}"):
                self.assertIn(name, USED.get(home, ()))

    def test_what_is_imported_is_listed(self):
        for home, name in sorted(self.source.imported):
            with self.subTest(f"{home}.{name}"):
                self.assertIn(name, USED.get(home, ()))

    def test_what_is_called_is_listed(self):
        of_peers = {name for names in PEERS.values() for name in names}
        for name in sorted(self.source.called - self.source.defined - PUBLIC - of_peers):
            with self.subTest(name):
                definers = find_definers(self.registry, name)
                self.assertTrue(any(name in USED.get(home, ()) for home in definers), definers)

    def test_what_is_called_on_a_named_model_is_listed(self):
        """Also where a method of the addon has the same name."""
        checked = 0
        for model, name in sorted(self.source.on_models):
            origin = model in self.registry and find_origin(self.registry, model, name)
            if origin:
                checked += 1
                with self.subTest(f"{model}.{name}"):
                    self.assertIn(name, USED.get(origin, ()))
        self.assertGreater(checked, 10)

    def test_nothing_is_listed_in_vain(self):
        used = self.source.called | {name for _home, name in self.overridden | self.source.imported}
        listed = {name for names in USED.values() for name in names}
        self.assertEqual(listed - used, set())

from . import (
    dunning_answer_decision_mixin,
    dunning_answer_effect_mixin,
    dunning_answer_form_mixin,
    dunning_company_page_mixin,
    dunning_company_reply_mixin,
    dunning_company_thanks_mixin,
    dunning_mail_sending_mixin,
    dunning_partner_language_mixin,
    dunning_partner_page_mixin,
    dunning_reminder_claim_mixin,
    dunning_reminder_claim_page_mixin,
    dunning_reminder_credit_mixin,
    dunning_reminder_delivery_mixin,
    dunning_reminder_document_mixin,
    dunning_reminder_effect_mixin,
    dunning_reminder_failure_mixin,
    dunning_reminder_link_mixin,
    dunning_reminder_message_mixin,
    dunning_reminder_note_mixin,
    dunning_reminder_outgoing_mixin,
    dunning_reminder_payment_mixin,
    dunning_reminder_picture_mixin,
    dunning_reminder_placeholder_mixin,
    dunning_reminder_proof_mixin,
    dunning_reminder_recheck_mixin,
    dunning_reminder_recipient_mixin,
    dunning_reminder_reply_mixin,
    dunning_reminder_resend_mixin,
    dunning_reminder_result_mixin,
    dunning_reminder_route_mixin,
    dunning_reminder_sender_mixin,
    dunning_reminder_sending_mixin,
    dunning_reminder_statement_mixin,
    dunning_reminder_text_day_mixin,
    dunning_reminder_text_mixin,
    dunning_reminder_thanks_mixin,
    dunning_reminder_waiting_mixin,
    dunning_transaction_confirmation_mixin,
    dunning_user_sender_mixin,
)

# isort: split
from . import (
    dunning_reminder_bill_mixin,
    dunning_reminder_mailing_mixin,
    dunning_reminder_mass_mixin,
    dunning_reminder_unprint_mixin,
)

# isort: split
from . import dunning_reminder

# isort: split
from . import dunning_tone

# isort: split
from . import (
    dunning_answer,
    dunning_claim_reminder,
    dunning_level_preview,
    dunning_level_sample,
    dunning_link,
    dunning_mail_handover,
    dunning_program_page,
    dunning_program_recipient,
    dunning_program_reply,
    dunning_program_sender,
    dunning_reminder_line,
    dunning_run_claim,
    dunning_run_sender,
)

from . import (
    dunning_channel_mixin,
    dunning_company_document_mixin,
    dunning_company_program_mixin,
    dunning_filter_mixin,
    dunning_invoice_policy_mixin,
    dunning_invoice_sentence_mixin,
    dunning_legal_fact_mixin,
    dunning_level_bill_mixin,
    dunning_partner_contact_mixin,
    dunning_partner_debtor_mixin,
    dunning_partner_program_mixin,
    dunning_program_guard_mixin,
    dunning_program_kit_mixin,
    dunning_program_statement_mixin,
)

# isort: split
from . import dunning_level, dunning_program

# isort: split
from . import (
    account_move_tag,
    dunning_charge_rule,
    dunning_charge_rule_fee,
    dunning_charge_tier,
    dunning_level_charge,
    dunning_level_name,
    dunning_level_schedule,
    dunning_level_text,
    dunning_program_charge,
    dunning_program_rule,
    dunning_program_schedule,
    dunning_rate,
    dunning_rate_series,
    dunning_trial,
    dunning_trial_member,
)

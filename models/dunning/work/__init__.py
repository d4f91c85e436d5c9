from . import dunning_customer_record_mixin

# isort: split
from . import (
    dunning_agreement_mixin,
    dunning_call_effect_mixin,
    dunning_case_action_mixin,
    dunning_case_head_mixin,
    dunning_case_item_mixin,
    dunning_case_refresh_mixin,
    dunning_case_search_mixin,
    dunning_case_task_mixin,
    dunning_case_timeline_mixin,
    dunning_escalation_entry_mixin,
    dunning_escalation_wait_mixin,
    dunning_forecast_day_mixin,
    dunning_handover_claim_mixin,
    dunning_handover_dossier_mixin,
    dunning_handover_return_mixin,
    dunning_plan_outcome_mixin,
    dunning_promise_outcome_mixin,
)

# isort: split
from . import (
    dunning_answer_work,
    dunning_block_dispute,
    dunning_block_promise,
    dunning_call,
    dunning_case,
    dunning_case_change,
    dunning_case_stop,
    dunning_claim_booking,
    dunning_company_charge,
    dunning_company_end,
    dunning_company_work,
    dunning_dispute,
    dunning_engine_promise,
    dunning_escalation_work,
    dunning_forecast,
    dunning_forecast_day,
    dunning_forecast_line,
    dunning_handover,
    dunning_invoice_charge_mixin,
    dunning_level_call,
    dunning_partner_work_mixin,
    dunning_plan,
    dunning_program_rule_amount,
    dunning_promise,
    dunning_promise_earlier,
    dunning_promise_plan,
    dunning_reminder_call,
    dunning_reminder_charge,
    dunning_stop_doors,
)

# isort: split
from . import (
    dunning_block_handover,
    dunning_block_plan,
    dunning_call_script,
    dunning_case_charge,
    dunning_forecast_csv,
)

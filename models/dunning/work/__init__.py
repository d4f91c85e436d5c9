from . import dunning_customer_record_mixin

# isort: split
from . import (
    dunning_agreement_mixin,
    dunning_call_effect_mixin,
    dunning_case_action_mixin,
    dunning_case_head_mixin,
    dunning_case_refresh_mixin,
    dunning_case_search_mixin,
    dunning_case_task_mixin,
    dunning_case_timeline_mixin,
    dunning_forecast_day_mixin,
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
    dunning_company_work,
    dunning_dispute,
    dunning_engine_promise,
    dunning_forecast,
    dunning_forecast_day,
    dunning_forecast_line,
    dunning_partner_work_mixin,
    dunning_plan,
    dunning_promise,
    dunning_promise_plan,
    dunning_reminder_call,
)

# isort: split
from . import dunning_block_plan

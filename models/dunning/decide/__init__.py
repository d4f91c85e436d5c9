from . import (
    dunning_company_bank_mixin,
    dunning_company_engine_mixin,
    dunning_company_forecast_mixin,
    dunning_engine_hold_mixin,
    dunning_engine_line_mixin,
    dunning_engine_money_mixin,
    dunning_engine_source_mixin,
    dunning_engine_statement_mixin,
    dunning_engine_status_mixin,
    dunning_engine_trial_mixin,
    dunning_invoice_claim_mixin,
    dunning_line_claim_mixin,
)

# isort: split
from . import dunning_engine

# isort: split
from . import dunning_block, dunning_claim, dunning_reason, dunning_reason_text, dunning_waiver

from . import dunning_bank_mixin, dunning_forecast_mixin

# isort: split
from . import (
    dunning_block,
    dunning_due_hold,
    dunning_due_line,
    dunning_due_money,
    dunning_due_source,
    dunning_reason,
    dunning_reason_text,
)

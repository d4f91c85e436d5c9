from . import (
    dunning_bank,
    dunning_block,
    dunning_due_hold,
    dunning_due_line,
    dunning_due_money,
    dunning_due_source,
    dunning_forecast,
    dunning_reason,
    dunning_reason_text,
)

from . import (
    account_move,
    dunning_block,
    dunning_channel_mixin,
    dunning_engine,
    dunning_level,
    dunning_program,
    dunning_reason,
    dunning_reminder,
    dunning_reminder_line,
    dunning_run,
    res_partner,
)

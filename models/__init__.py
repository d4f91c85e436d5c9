from . import (
    account_move,
    account_move_line,
    account_move_tag,
    dunning_block,
    dunning_level,
    dunning_policy,
    dunning_program,
    dunning_program_schedule,
    recurrence_template,
    res_company,
    res_config_settings,
    res_partner,
)

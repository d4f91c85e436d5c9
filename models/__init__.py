from . import (
    account_move,
    account_move_line,
    account_move_tag,
    recurrence_template,
    res_company,
    res_config_settings,
    res_partner,
)

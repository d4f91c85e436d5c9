# mixins first: the models below inherit from them
from . import (
    recurrence_job_mixin,
    recurrence_lifecycle_mixin,
    recurrence_rule_mixin,
)

# isort: split
from . import (
    account_move,
    account_move_line,
    account_move_tag,
    calendar_event,
    dunning_block,
    dunning_invoice,
    dunning_level,
    dunning_policy,
    dunning_program,
    dunning_program_schedule,
    mail_activity,
    recurrence_calendar,
    recurrence_interaction,
    recurrence_occurrence,
    recurrence_planner,
    recurrence_rule_sentence,
    recurrence_schedule,
    recurrence_tag,
    recurrence_template,
    res_company,
    res_config_settings,
    res_partner,
)

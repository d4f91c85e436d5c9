from . import (
    dunning_batch,
    dunning_batch_line,
    dunning_change,
    dunning_change_line,
    dunning_decide,
    dunning_deliver,
    dunning_import,
    dunning_import_line,
    dunning_level_preview,
    dunning_program_copy,
    dunning_program_new,
    dunning_program_reset,
    dunning_program_reset_line,
    dunning_program_run,
    dunning_remind,
    dunning_remind_line,
    dunning_reminder_act,
    dunning_rule_use,
    dunning_run_omit,
    dunning_statement_dialog,
    dunning_stop,
    dunning_test,
)

# isort: split
from . import dunning_remind_again

from . import dunning_outlook_mixin

# isort: split
from . import (
    dunning_run_choice_mixin,
    dunning_run_execution_mixin,
    dunning_run_foresight_mixin,
    dunning_run_line_payment_mixin,
    dunning_run_line_step_mixin,
    dunning_run_mail_mixin,
    dunning_run_message_mixin,
    dunning_run_outlook_mixin,
    dunning_run_recall_mixin,
    dunning_run_step_mixin,
    dunning_run_trial_mixin,
)

# isort: split
from . import dunning_run, dunning_run_line

# isort: split
from . import dunning_program_job, dunning_program_schedule_job

from . import dunning_foresight_mixin

# isort: split
from . import dunning_run

# isort: split
from . import (
    dunning_dispatch,
    dunning_job,
    dunning_recall,
    dunning_run_line,
    dunning_run_mail,
    dunning_run_step,
)

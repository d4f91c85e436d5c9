from . import (
    dunning_filter_mixin,
    dunning_picture_mixin,
    dunning_placeholder_mixin,
    dunning_policy_mixin,
    dunning_program_guard_mixin,
)

# isort: split
from . import dunning_level, dunning_program

# isort: split
from . import (
    account_move_tag,
    dunning_program_maker,
    dunning_program_schedule,
)

from . import dunning_agreement_mixin

# isort: split
from . import dunning_promise_outcome_mixin

# isort: split
from . import (
    dunning_answer_work,
    dunning_block_promise,
    dunning_company_work,
    dunning_engine_promise,
    dunning_promise,
)

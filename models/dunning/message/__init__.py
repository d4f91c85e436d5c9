from . import (
    dunning_failure_mixin,
    dunning_reminder_proof_mixin,
    dunning_repeat_mixin,
    dunning_text_day_mixin,
    dunning_waiting_mixin,
)

# isort: split
from . import dunning_reminder

# isort: split
from . import (
    dunning_composer,
    dunning_credit,
    dunning_delivery,
    dunning_departure,
    dunning_document,
    dunning_effect,
    dunning_outbox,
    dunning_preview,
    dunning_recheck,
    dunning_recipient,
    dunning_reminder_line,
    dunning_sample,
    dunning_sender,
)

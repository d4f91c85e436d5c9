from . import (
    dunning_failure_mixin,
    dunning_reminder_credit_mixin,
    dunning_reminder_delivery_mixin,
    dunning_reminder_document_mixin,
    dunning_reminder_effect_mixin,
    dunning_reminder_proof_mixin,
    dunning_reminder_recheck_mixin,
    dunning_reminder_text_mixin,
    dunning_repeat_mixin,
    dunning_text_day_mixin,
    dunning_waiting_mixin,
)

# isort: split
from . import dunning_reminder

# isort: split
from . import (
    dunning_departure,
    dunning_level_preview,
    dunning_level_sample,
    dunning_outbox,
    dunning_recipient,
    dunning_reminder_line,
    dunning_sender,
)

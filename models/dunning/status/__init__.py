from . import (
    dunning_bulk,
    dunning_customer,
    dunning_due_status,
    dunning_end,
    dunning_invoice,
)

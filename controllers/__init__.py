from . import (
    dunning_page,
    dunning_payment,
    dunning_portal,
    dunning_visit,
    recurrence_preview,
    spreadsheet_export,
)

from . import (
    recurrence_price_notice_telling_mixin,
    recurrence_price_proposal_mixin,
    recurrence_price_terms_mixin,
    recurrence_schedule_price_clause_mixin,
    recurrence_schedule_price_mixin,
)

# isort: split
from . import (
    recurrence_price_clause,
    recurrence_price_index,
    recurrence_price_index_value,
    recurrence_price_notice,
    recurrence_price_rise,
    recurrence_price_rise_line,
)

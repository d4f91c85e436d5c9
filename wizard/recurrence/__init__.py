from . import recurrence_preview_dialog_mixin  # isort: split

from . import recurrence_import_matching_mixin  # isort: split

from . import recurrence_change_dialog_mixin, recurrence_change_line_mixin  # isort: split

from . import (
    recurrence_guard_anyway,
    recurrence_import,
    recurrence_import_line,
    recurrence_kind_update,
    recurrence_kind_update_line,
    recurrence_line_change,
    recurrence_line_change_line,
    recurrence_occurrence_close,
    recurrence_occurrence_issue,
    recurrence_occurrence_issue_line,
    recurrence_occurrence_issue_many,
    recurrence_occurrence_move,
    recurrence_occurrence_skip,
    recurrence_schedule_add,
    recurrence_schedule_change,
    recurrence_schedule_change_line,
    recurrence_schedule_customers,
    recurrence_schedule_customers_line,
    recurrence_schedule_generate,
    recurrence_schedule_notice,
    recurrence_schedule_regenerate,
    recurrence_schedule_regenerate_line,
    recurrence_schedule_stop,
    recurrence_takeover,
    recurrence_takeover_line,
)

from . import (
    recurrence_occurrence_close,
    recurrence_occurrence_move,
    recurrence_occurrence_skip,
    recurrence_schedule_add,
    recurrence_schedule_generate,
    recurrence_schedule_regenerate,
    recurrence_schedule_regenerate_line,
    recurrence_schedule_stop,
)

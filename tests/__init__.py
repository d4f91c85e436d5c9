from . import (
    test_recurrence_access,
    test_recurrence_calendar,
    test_recurrence_confirm,
    test_recurrence_generate,
    test_recurrence_interaction,
    test_recurrence_job,
    test_recurrence_mixin,
    test_recurrence_plan_pure,
    test_recurrence_regenerate,
    test_recurrence_template,
)

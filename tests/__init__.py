from . import (
    test_recurrence_copy,
    test_recurrence_invoice,
    test_recurrence_issue_dialog,
    test_recurrence_preview,
    test_recurrence_template,
)

from . import test_recurrence_template

from . import recurrence_preview

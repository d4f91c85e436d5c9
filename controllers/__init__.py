from . import recurrence_preview, spreadsheet_export

from . import dunning_page, recurrence_preview, spreadsheet_export

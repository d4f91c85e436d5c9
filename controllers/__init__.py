from . import dunning_page, dunning_visit, recurrence_preview, spreadsheet_export

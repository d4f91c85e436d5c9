from . import (
    dunning_company_forewarning_mixin,
    dunning_company_status_mixin,
    dunning_invoice_bulk_mixin,
    dunning_invoice_ladder_mixin,
    dunning_invoice_page_mixin,
    dunning_invoice_status_mixin,
    dunning_line_status_mixin,
    dunning_partner_figures_mixin,
    dunning_partner_statement_mixin,
)

# isort: split
from . import (
    dunning_company_rate,
    dunning_escalation,
    dunning_forewarning,
    dunning_statement_reminder,
    dunning_statement_schedule,
    dunning_statement_schedule_job,
)

from . import recurrence_schedule_import_mixin, recurrence_source_mixin  # isort: split

from . import (
    recurrence_invoice_dates_mixin,
    recurrence_line_quantity_mixin,
    recurrence_occurrence_consolidation_mixin,
    recurrence_occurrence_counting_mixin,
    recurrence_occurrence_files_mixin,
    recurrence_saved_filter_mixin,
    recurrence_schedule_consolidation_mixin,
    recurrence_schedule_correction_mixin,
    recurrence_schedule_customers_mixin,
    recurrence_schedule_document_mixin,
    recurrence_schedule_order_mixin,
    recurrence_template_agreement_mixin,
    recurrence_template_document_mixin,
    recurrence_template_kind_mixin,
)

# isort: split
from . import (
    recurrence_company_calendar_mixin,
    recurrence_company_forecast_mixin,
    recurrence_guarded_mixin,
    recurrence_hidden_mixin,
    recurrence_invoice_sending_mixin,
    recurrence_invoice_state_mixin,
    recurrence_line_copy_mixin,
    recurrence_line_terms_mixin,
    recurrence_occurrence_billed_before_mixin,
    recurrence_occurrence_billed_lines_mixin,
    recurrence_occurrence_draft_mixin,
    recurrence_occurrence_interaction_mixin,
    recurrence_occurrence_invoice_date_mixin,
    recurrence_occurrence_invoice_mixin,
    recurrence_occurrence_invoice_values_mixin,
    recurrence_occurrence_money_mixin,
    recurrence_occurrence_move_mixin,
    recurrence_occurrence_run_mixin,
    recurrence_occurrence_selection_mixin,
    recurrence_rule_sentence_mixin,
    recurrence_schedule_agreement_mixin,
    recurrence_schedule_backlog_mixin,
    recurrence_schedule_billing_mixin,
    recurrence_schedule_counting_mixin,
    recurrence_schedule_end_plan_mixin,
    recurrence_schedule_filter_mixin,
    recurrence_schedule_fiscal_mixin,
    recurrence_schedule_job_mixin,
    recurrence_schedule_lifecycle_mixin,
    recurrence_schedule_line_change_mixin,
    recurrence_schedule_name_mixin,
    recurrence_schedule_next_dates_mixin,
    recurrence_schedule_notice_mixin,
    recurrence_schedule_planning_mixin,
    recurrence_schedule_preview_mixin,
    recurrence_schedule_proration_mixin,
    recurrence_schedule_stale_mixin,
    recurrence_schedule_stop_mixin,
    recurrence_schedule_team_mixin,
    recurrence_schedule_template_use_mixin,
    recurrence_source_contract_part_mixin,
    recurrence_template_actions_mixin,
    recurrence_template_copy_mixin,
    recurrence_template_create_mixin,
    recurrence_template_isolation_mixin,
    recurrence_template_rule_mixin,
)

# isort: split
from . import recurrence_occurrence_correction_mixin

# isort: split
from . import (
    recurrence_new_line_mixin,
    recurrence_occurrence,
    recurrence_price_notice_telling_mixin,
    recurrence_price_rise_applying_mixin,
    recurrence_price_rise_proposal_mixin,
    recurrence_price_terms_mixin,
    recurrence_quantity_counting_mixin,
    recurrence_rule_mixin,
    recurrence_schedule_change_mixin,
    recurrence_schedule_money_mixin,
    recurrence_schedule_price_clause_mixin,
    recurrence_schedule_price_mixin,
    recurrence_schedule_renewal_mixin,
    recurrence_schedule_subject_mixin,
    recurrence_schedule_suspension_mixin,
)

# isort: split
from . import (
    recurrence_schedule_kind_base_mixin,
    recurrence_schedule_kind_change_mixin,
    recurrence_schedule_kind_making_mixin,
    recurrence_schedule_kind_mixin,
)

# isort: split
from . import recurrence_schedule

# isort: split
from . import (
    recurrence_billed_date,
    recurrence_issuing,
    recurrence_notice_reason,
    recurrence_price_clause,
    recurrence_price_index,
    recurrence_price_index_value,
    recurrence_price_notice,
    recurrence_price_rise,
    recurrence_price_rise_line,
    recurrence_quantity,
    recurrence_quantity_count,
    recurrence_source_auto_post,
    recurrence_source_contract,
    recurrence_tag,
    recurrence_usage,
)

# isort: split
from . import recurrence_issuing_consolidation, recurrence_issuing_job

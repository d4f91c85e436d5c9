from . import (
    recurrence_backlog_mixin,
    recurrence_billing_mixin,
    recurrence_calendar_mixin,
    recurrence_copy_mixin,
    recurrence_filter_mixin,
    recurrence_fiscal_mixin,
    recurrence_guarded_mixin,
    recurrence_hidden_mixin,
    recurrence_interaction_mixin,
    recurrence_invoice_date_mixin,
    recurrence_invoice_sending_mixin,
    recurrence_invoice_state_mixin,
    recurrence_invoice_values_mixin,
    recurrence_issue_selection_mixin,
    recurrence_job_mixin,
    recurrence_lifecycle_mixin,
    recurrence_line_copy_mixin,
    recurrence_move_mixin,
    recurrence_name_mixin,
    recurrence_occurrence_invoice_mixin,
    recurrence_planning_mixin,
    recurrence_preview_mixin,
    recurrence_rule_sentence_mixin,
    recurrence_run_mixin,
    recurrence_stale_mixin,
    recurrence_team_mixin,
    recurrence_template_create_mixin,
    recurrence_template_mixin,
    recurrence_template_rules_mixin,
    recurrence_template_use_mixin,
)

# isort: split
from . import (
    recurrence_occurrence,
    recurrence_rule_mixin,
    recurrence_subject_mixin,
)

# isort: split
from . import recurrence_schedule

# isort: split
from . import recurrence_issuing, recurrence_tag

# isort: split
from . import recurrence_issuing_job

from . import (
    dunning_company_cash_mixin,
    dunning_company_day_mixin,
    dunning_company_figure_list_mixin,
    dunning_company_figures_mixin,
    dunning_company_open_mixin,
    dunning_company_start_mixin,
    dunning_company_trial_mixin,
    dunning_day,
    dunning_figure_text,
    dunning_level_effect,
)

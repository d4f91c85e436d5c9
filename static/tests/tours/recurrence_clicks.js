import { registry } from "@web/core/registry";
import { countClicks } from "./count_clicks";

const tours = registry.category("web_tour.tours");

/* How many clicks everyday work takes, each from the screen where it begins. */

const click = (trigger) => ({ trigger, run: "click" });

const openApp = [
    click(".o_navbar_apps_menu button"),
    click("[data-menu-xmlid='account_recurrence_dunning.menu_root']"),
];

tours.add("recurrence_clicks_weekly_call", {
    steps: () =>
        countClicks(8, [
            ...openApp,
            click(".o_list_button_add"),
            { trigger: "div[name=name] textarea", run: "edit Call every week" },
            click(".o_recurrent_weekdays td:nth-child(3) input"),
            click("div[name=end_type] input"),
            click(".o_select_menu_item:contains(End date)"),
            { trigger: "div[name=duration_number] input", run: "edit 1 && press Tab" },
            { trigger: "div[name=rule_preview]:contains(Last date)" },
            click("button[name=action_open_generate]"),
            click(".modal button[name=action_confirm]"),
            { trigger: "div[name=open_occurrence_ids] .o_data_row:contains(Planned)" },
        ]),
});

tours.add("recurrence_clicks_monthly_invoice", {
    steps: () =>
        countClicks(7, [
            ...openApp,
            click(".o_control_panel button:contains('New Invoice')"),
            { trigger: ".o_field_widget[name='partner_id'] input", run: "edit Tour Customer" },
            click(".ui-autocomplete a:contains('Tour Customer')"),
            click(".o_field_x2many_list_row_add a:contains('Add a line')"),
            {
                trigger: ".o_selected_row div[name='name'] textarea",
                run: "edit Support of #MONTH#",
            },
            { trigger: ".o_selected_row div[name='price_unit'] input", run: "edit 50" },
            { trigger: "div[name=recurrence_rule_summary]:contains(Every month on)" },
            click("button[name=action_recurrence_start]"),
            click(".modal button[name=action_confirm]"),
            { trigger: "div[name=open_occurrence_ids] .o_data_row" },
        ]),
});

tours.add("recurrence_clicks_issue_today", {
    steps: () =>
        countClicks(3, [
            click(
                "[data-menu-xmlid='account_recurrence_dunning.recurrence_occurrence_menu_issue']",
            ),
            { trigger: ".o_data_row:contains('Tour Customer'):contains('57.50')" },
            click("button[name=action_open_issue_many]"),
            { trigger: ".modal div[name=ready_count]:contains(2)" },
            { trigger: ".modal div[name=totals]:contains('115.00')" },
            { trigger: ".modal div[name=effects]:contains('Posted: 2')" },
            click(".modal button[name=action_confirm]"),
            { trigger: ".o_notification:contains('Invoices issued: 2.')" },
            { trigger: ".o_breadcrumb:contains('Issued Invoices')" },
            { trigger: ".o_data_row:contains('Tour Customer'):contains('Posted')" },
        ]),
});

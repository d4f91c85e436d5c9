import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const compose = () => [
    {
        content: "Start from the list of customer invoices",
        trigger: ".o_control_panel button:contains('New Recurring Invoice')",
        run: "click",
    },
    {
        content: "It says what it is",
        trigger: ".alert-info:contains('Template of a recurrence')",
    },
    {
        content: "Choose the customer",
        trigger: ".o_field_widget[name='partner_id'] input",
        run: "edit Tour Customer",
    },
    {
        trigger: ".ui-autocomplete a:contains('Tour Customer')",
        run: "click",
    },
    {
        content: "Add a line",
        trigger: ".o_field_x2many_list_row_add a:contains('Add a line')",
        run: "click",
    },
    {
        trigger: ".o_selected_row div[name='name'] textarea",
        run: "edit Support of #MONTH#",
    },
    {
        trigger: ".o_selected_row div[name='price_unit'] input",
        run: "edit 50",
    },
    {
        content: "Say when it repeats; leaving the lines saves the invoice, as always",
        trigger: "a.nav-link:contains('Recurrence')",
        run: "click",
    },
    {
        trigger: "[name='recurrence_rule_summary']:contains('month')",
    },
];

registry.category("web_tour.tours").add("recurrence_new_invoice", {
    steps: () => [
        ...compose(),
        {
            content: "The rule is told and its dates shown while editing",
            trigger: ".o_field_widget[name='recurrence_interval'] input",
            run: "edit 3 && press Tab",
        },
        {
            trigger: "[name='recurrence_rule_summary']:contains('3')",
        },
        ...stepUtils.saveForm(),
        {
            trigger: "button[name='action_recurrence_start']",
        },
    ],
});

registry.category("web_tour.tours").add("recurrence_monthly_invoice", {
    steps: () => [
        ...compose(),
        {
            content: "It can be previewed before it runs",
            trigger: "button[name='action_recurrence_preview']",
        },
        {
            content: "Start it: the dialog says what will happen",
            trigger: "button[name='action_recurrence_start']",
            run: "click",
        },
        {
            trigger: ".modal footer button[name='action_confirm']",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current:contains('Running')",
        },
        {
            content: "It leads to the recurrence, which lists its dates",
            trigger: "div[name=open_occurrence_ids] .o_data_row:contains(Planned)",
        },
        {
            trigger: "button[name='action_open_occurrences']",
            run: "click",
        },
        {
            trigger: ".o_switch_view.o_list",
            run: "click",
        },
        {
            content: "Open the first one",
            trigger: ".o_list_view .o_data_row:first .o_data_cell[name='date']",
            run: "click",
        },
        {
            trigger: "button[name='action_preview']",
        },
        {
            trigger: "button[name='action_open_issue']",
            run: "click",
        },
        {
            content: "Date, lines and total are shown",
            trigger: ".modal .o_data_row:contains('Support of'):not(:contains('#MONTH#'))",
        },
        {
            trigger: ".modal footer button[name='action_issue_send']",
            run: "click",
        },
        {
            trigger: ".o_notification:contains('has been issued and sent')",
        },
        {
            trigger: ".o_arrow_button_current:contains('Done')",
        },
    ],
});

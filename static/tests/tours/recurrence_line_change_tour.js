import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("recurrence_line_in_mid_month", {
    steps: () => [
        {
            content: "Lines change from a day on",
            trigger: "button[name='action_recurrence_change']",
            run: "click",
        },
        {
            content: "At first from the day that is not billed yet",
            trigger: ".modal .o_field_widget[name='date'] input",
            run: "edit 01/15/2026 && press Tab",
        },
        {
            content: "Add a line",
            trigger: ".modal .o_field_x2many_list_row_add a:contains('Add a line')",
            run: "click",
        },
        {
            trigger: ".modal .o_selected_row [name='name'] input",
            run: "edit Backup",
        },
        {
            trigger: ".modal .o_selected_row [name='price_unit'] input",
            run: "edit 62 && press Tab",
        },
        {
            content: "It says what the rest of the month comes to before anything changes",
            trigger: ".modal .o_field_widget[name='corrections']:contains('34.00')",
        },
        {
            trigger: ".modal .o_field_widget[name='correction_totals']:contains('39.10')",
        },
        {
            trigger: ".modal footer button[name='action_confirm']",
            run: "click",
        },
        {
            content: "The draft that bills it is open",
            trigger: ".o_form_view .o_field_widget[name='invoice_line_ids']:contains('Backup')",
        },
        {
            trigger: ".o_form_view .o_field_widget[name='tax_totals']:contains('39.10')",
        },
    ],
});

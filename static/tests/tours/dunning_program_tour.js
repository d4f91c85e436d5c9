import { registry } from "@web/core/registry";

/**
 * Sets up a program from a ready-made one, changes its ladder, makes it the company's, simulates
 * and executes it. The test opens the list of programs with one invoice overdue.
 */
registry.category("web_tour.tours").add("dunning_program_tour", {
    steps: () => [
        {
            content: "Start from a ready-made program",
            trigger: ".o_control_panel button:contains('New from')",
            run: "click",
        },
        {
            content: "Take the strict one",
            trigger: ".modal .o_field_widget[name='kit'] label:contains('Strict')",
            run: "click",
        },
        {
            content: "It says what it holds",
            trigger: ".modal .o_field_widget[name='note']:contains('formal demand')",
        },
        {
            content: "Give it a name",
            trigger: ".modal .o_field_widget[name='name'] input",
            run: "edit Resellers",
        },
        {
            content: "Create it",
            trigger: ".modal footer button[name='action_create']",
            run: "click",
        },
        {
            content: "Its levels are there",
            trigger:
                ".o_form_view .o_field_widget[name='level_ids'] .o_data_row td:contains('Formal demand')",
        },
        {
            content: "Say for which invoices",
            trigger: ".o_notebook a[name='filter']",
            run: "click",
        },
        {
            content: "All that follow it",
            trigger: ".o_field_widget[name='filter_domain']",
        },
        {
            content: "Make it the company's program",
            trigger: "button[name='action_make_default']",
            run: "click",
        },
        {
            content: "The dialog says what would go out tomorrow",
            trigger: ".modal .o_field_widget[name='total_after']:contains('1')",
        },
        {
            content: "Do it",
            trigger: ".modal footer button[name='action_apply']",
            run: "click",
        },
        {
            content: "It is the default now",
            trigger: "body:not(:has(.modal)) .ribbon:contains('Default')",
        },
        {
            content: "Simulate",
            trigger: "button[name='action_simulate']",
            run: "click",
        },
        {
            content: "The overdue invoice is to be reminded",
            trigger:
                ".o_field_widget[name='remind_line_ids'] .o_data_row td:contains('Payment reminder')",
        },
        {
            content: "Execute",
            trigger: "button[name='action_open_execute']:contains('Execute')",
            run: "click",
        },
        {
            content: "Confirm",
            trigger: ".modal footer button[name='action_execute_now']",
            run: "click",
        },
        {
            content: "The run is done",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Done')",
        },
    ],
});

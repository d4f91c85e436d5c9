import { registry } from "@web/core/registry";

/**
 * Walks the dunning page of an overdue invoice: sends the messages as a test to the user, reminds
 * now, finds the reminder in the history, blocks the invoice and lifts the block. The test opens
 * the invoice's form.
 */
registry.category("web_tour.tours").add("dunning_tab_tour", {
    steps: () => [
        {
            content: "Open the dunning page",
            trigger: ".o_notebook a[name='dunning']",
            run: "click",
        },
        {
            content: "It says what comes next and why",
            trigger: ".o_widget_dunning_next_step:contains('Level 1 has been due since')",
        },
        {
            content: "Test the messages",
            trigger: "button[name='action_dunning_test']",
            run: "click",
        },
        {
            content: "The dialog says that the invoice stays as it is, and who gets the test",
            trigger: ".modal:contains('do not change') .o_field_widget[name='email'] input",
        },
        {
            content: "Send the test",
            trigger: ".modal footer button:contains('Send the test')",
            run: "click",
        },
        {
            content: "It says how many were sent to whom",
            trigger: ".o_notification:contains('Test messages sent to')",
        },
        {
            content: "The next step is still the first level",
            trigger:
                "body:not(:has(.modal)) .o_widget_dunning_next_step:contains('Level 1 has been due since')",
        },
        {
            content: "Remind now",
            trigger: "button[name='action_dunning_remind']",
            run: "click",
        },
        {
            content: "The dialog lists what is reminded",
            trigger: ".modal .o_data_row td:contains('First reminder')",
        },
        {
            content: "Send",
            trigger: ".modal footer button[name='action_remind']",
            run: "click",
        },
        {
            content: "The reminder opens, and it left",
            trigger: ".o_form_view .o_statusbar_status .o_arrow_button_current:contains('Sent')",
        },
        {
            content: "Back to the invoice",
            trigger: ".breadcrumb .o_back_button a, a.o_back_button",
            run: "click",
        },
        {
            content: "Open the dunning page again",
            trigger: ".o_notebook a[name='dunning']",
            run: "click",
        },
        {
            content: "The history has it",
            trigger: ".o_dunning_reminders td:contains('First reminder')",
        },
        {
            content: "and the level is 1",
            trigger: ".o_field_widget[name='dunning_level']:contains('1')",
        },
        {
            content: "The next step waits",
            trigger: ".o_widget_dunning_next_step:contains('next step on')",
        },
        {
            content: "Block the reminders",
            trigger: "button[name='action_dunning_block']",
            run: "click",
        },
        {
            content: "Choose the kind",
            trigger: ".modal .o_field_widget[name='kind'] label:contains('Dispute')",
            run: "click",
        },
        {
            content: "Say why",
            trigger: ".modal .o_field_widget[name='reason'] textarea",
            run: "edit Two boxes were broken",
        },
        {
            content: "Block",
            trigger: ".modal footer button:contains('Block reminders')",
            run: "click",
        },
        {
            content: "The page shows the block",
            trigger:
                "body:not(:has(.modal)) .o_dunning_blocks td:contains('Two boxes were broken')",
        },
        {
            content: "and the reason why nothing comes",
            trigger: ".o_widget_dunning_next_step:contains('disputes')",
        },
        {
            content: "Look for another program",
            trigger: ".o_field_widget[name='dunning_program_id'] input",
            run: "edit Patient",
        },
        {
            content: "Take it, without saving",
            trigger: ".o-autocomplete--dropdown-item a:contains('Patient')",
            run: "click",
        },
        {
            content: "Lift the block",
            trigger: ".o_dunning_blocks .o_dunning_lift",
            run: "click",
        },
        {
            content: "The next step is back",
            trigger: ".o_widget_dunning_next_step:contains('next step on')",
        },
        {
            content: "Remind by hand alone",
            trigger: ".o_field_widget[name='dunning_include'] input",
            run: "click",
        },
        {
            content: "The page says so at once",
            trigger: ".o_widget_dunning_next_step:contains('Automatic reminders are off')",
        },
    ],
});

import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";
import { countClicks } from "./count_clicks";

/*
 * How many clicks the daily acts take. The first tour loads a page anew, where no count would go
 * on: test_dunning_clicks counts the clicks in its steps.
 */
const tours = registry.category("web_tour.tours");

tours.add("dunning_clicks_zero", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the app",
            trigger:
                '.o_app:contains("Recurrences"), .dropdown-item:contains("Recurrences & Dunning")',
            run: "click",
        },
        {
            content: "The first step",
            trigger: '.o_dunning_start [data-step="switch_on"][data-done="0"]',
            run: "click",
        },
        {
            content: "Payment reminders",
            trigger: '#dunning_active .o_field_widget[name="dunning_active"] input',
            run: "click",
        },
        {
            content: "Save",
            trigger: ".o_form_button_save",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is on",
            trigger: '#dunning_active .o_field_widget[name="dunning_active"] input:checked',
        },
    ],
});

tours.add("dunning_clicks_simulate", {
    steps: () =>
        countClicks(1, [
            {
                content: "Simulate from the overview",
                trigger: '.o_dunning_dashboard button:contains("Simulate today")',
                run: "click",
            },
            {
                content: "Who is reminded, and why",
                trigger: '.o_field_widget[name="remind_line_ids"] .o_data_row:contains("Acme")',
            },
        ]),
});

tours.add("dunning_clicks_execute", {
    steps: () =>
        countClicks(3, [
            {
                content: "Simulate from the overview",
                trigger: '.o_dunning_dashboard button:contains("Simulate today")',
                run: "click",
            },
            { content: "Execute", trigger: 'button[name="action_open_execute"]', run: "click" },
            {
                content: "It says what goes",
                trigger: '.modal .o_field_widget[name="outlook_channels"]:contains("E-mail: 1")',
            },
            { content: "Send", trigger: '.modal button[name="action_execute_now"]', run: "click" },
            {
                content: "It says what went",
                trigger: '.o_notification:contains("Messages prepared: 1 (E-mail: 1)") a',
            },
            { content: "Done", trigger: '.o_arrow_button_current:contains("Done")' },
        ]),
});

tours.add("dunning_clicks_bounce", {
    steps: () =>
        countClicks(3, [
            {
                content: "What was not delivered",
                trigger: '.o_dunning_dashboard [data-figure="undelivered"]',
                run: "click",
            },
            {
                content: "Another way",
                trigger: 'button[name="action_deliver"]',
                run: "click",
            },
            {
                content: "Another address is asked for",
                trigger: '.modal .o_field_widget[name="email"] input',
                run: "edit accounts@customer.example",
            },
            {
                content: "Send",
                trigger: '.modal button[name="action_deliver"]:contains("Send")',
                run: "click",
            },
            {
                content: "It says that it goes out",
                trigger: '.o_notification:contains("Being sent to accounts@customer.example: 1")',
            },
        ]),
});

import { registry } from "@web/core/registry";
import { countClicks } from "./count_clicks";

const promised = luxon.DateTime.now().plus({ days: 30 }).toFormat("MM/dd/yyyy");

const tours = registry.category("web_tour.tours");

/* How many clicks a clerk's commonest acts take, each from the screen where it begins. */

tours.add("dunning_clicks_remind_customer", {
    steps: () =>
        countClicks(2, [
            {
                content: "Remind, from the customer's form",
                trigger: ".oe_stat_button[name='action_dunning_remind']",
                run: "click",
            },
            {
                content: "The dialog says what goes to whom",
                trigger: ".modal .o_data_row td:contains('First reminder')",
            },
            {
                content: "Send",
                trigger: ".modal footer button[name='action_remind']",
                run: "click",
            },
            {
                content: "It left",
                trigger: ".o_form_view .o_arrow_button_current:contains('Sent')",
            },
        ]),
});

tours.add("dunning_clicks_glance", {
    steps: () =>
        countClicks(1, [
            {
                content: "The case, from the customer's form",
                trigger: ".oe_stat_button[name='action_view_dunning_case']",
                run: "click",
            },
            {
                content: "Open items with their next step, and all that happened",
                trigger: ".o_dunning_case_page:has(.o_dunning_case_items):has(.o_dunning_timeline)",
            },
        ]),
});

tours.add("dunning_clicks_promise", {
    steps: () =>
        countClicks(3, [
            {
                content: "Log a call, from the case",
                trigger: ".o_dunning_case_page [role='toolbar'] button:contains('Log a call')",
                run: "click",
            },
            {
                content: "Reached",
                trigger: ".modal .o_field_widget[name='outcome'] input[data-value='reached']",
                run: "click",
            },
            {
                content: "The day that was promised",
                trigger: ".modal .o_field_widget[name='promise_date'] input",
                run: `edit ${promised}`,
            },
            {
                content: "Log it",
                trigger: ".modal button:contains('Log the call')",
                run: "click",
            },
            {
                content: "The promise is in the timeline",
                trigger: `.o_dunning_timeline:contains("by ${promised}")`,
            },
        ]),
});

tours.add("dunning_clicks_why", {
    steps: () =>
        countClicks(1, [
            {
                content: "Why is it not reminded, from the invoice's form",
                trigger: ".o_notebook a[name='dunning']",
                run: "click",
            },
            {
                content: "The reason",
                trigger: ".o_widget_dunning_next_step:contains('It is with a lawyer')",
            },
            {
                content: "and where it stands",
                trigger: ".o_dunning_place_next:contains('on hold')",
            },
        ]),
});

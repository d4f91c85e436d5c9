import { registry } from "@web/core/registry";

const promised = luxon.DateTime.now().plus({ days: 30 }).toFormat("MM/dd/yyyy");

const button = (text) => `.o_dunning_case_page [role="toolbar"] button:contains("${text}")`;

/* The morning of a clerk: worklist, call with a promise, next customer, dispute, statement. */
registry.category("web_tour.tours").add("dunning_morning_tour", {
    steps: () => [
        {
            content: "The worklist says why the customer is there",
            trigger: '.o_data_row:contains("Alpha Works"):contains("was not paid, or not in full")',
        },
        {
            content: "Open the case",
            trigger: '.o_data_row:contains("Alpha Works") .o_data_cell[name="partner_id"]',
            run: "click",
        },
        {
            content: "Its open item and next step",
            trigger: '.o_dunning_case_items:contains("$ 900.00")',
        },
        { content: "Log a call", trigger: button("Log a call"), run: "click" },
        {
            content: "The dialog tells what was promised last",
            trigger: '.modal .o_field_widget[name="last_promise_text"]:contains("Broken")',
        },
        {
            content: "The customer was reached",
            trigger: '.modal .o_field_widget[name="outcome"] input[data-value="reached"]',
            run: "click",
        },
        {
            content: "and promised a day",
            trigger: '.modal .o_field_widget[name="promise_date"] input',
            run: `edit ${promised}`,
        },
        { content: "Log it", trigger: '.modal button:contains("Log the call")', run: "click" },
        {
            content: "The timeline shows the call",
            trigger: '.o_dunning_timeline:contains("Call: Reached")',
        },
        {
            content: "and the promise",
            trigger: `.o_dunning_timeline:contains("by ${promised}")`,
        },
        {
            content: "The case moved",
            trigger: '.o_arrow_button_current:contains("Promised")',
        },
        { content: "Next customer", trigger: button("Next customer"), run: "click" },
        {
            content: "Beta Trade has no address",
            trigger: '.o_form_view:contains("Beta Trade"):contains("no recipient")',
        },
        {
            content: "Tick its item",
            trigger: ".o_dunning_case_items tbody tr:first input",
            run: "check",
        },
        { content: "Dispute", trigger: button("Dispute"), run: "click" },
        {
            content: "The reason",
            trigger:
                '.modal .o_field_widget[name="reason"] input, .modal .o_field_widget[name="reason"] select',
            run: "click",
        },
        {
            content: "Goods not received",
            trigger: '.o_select_menu_item:contains("not received")',
            run: "click",
        },
        {
            content: "Note it",
            trigger: '.modal button:contains("Note the dispute")',
            run: "click",
        },
        {
            content: "The timeline shows the dispute",
            trigger: '.o_dunning_timeline:contains("not received")',
        },
        { content: "Statement", trigger: button("Statement"), run: "click" },
        {
            content: "Its dialog",
            trigger: ".modal .o_form_view",
        },
    ],
});

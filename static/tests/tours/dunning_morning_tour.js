import { registry } from "@web/core/registry";

const promised = luxon.DateTime.now().plus({ days: 30 }).toFormat("MM/dd/yyyy");

const button = (text) => `.o_dunning_case_page [role="toolbar"] button:contains("${text}")`;

const note = '.o_dunning_case_page input[aria-label="Note"]';

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
        { content: "Type a note", trigger: note, run: "edit Asks for a copy" },
        {
            content: "and go back to the list without logging it",
            trigger: ".o_back_button a",
            run: "click",
        },
        {
            content: "Open the case again",
            trigger: '.o_data_row:contains("Alpha Works") .o_data_cell[name="partner_id"]',
            run: "click",
        },
        {
            content: "The note is there again",
            trigger: `${note}:value("Asks for a copy")`,
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
        {
            content: "Begin a note",
            trigger: note,
            run: "edit Asks for a copy",
        },
        { content: "and forget it", trigger: button("Next customer"), run: "click" },
        {
            content: "It is not lost",
            trigger: '.o_notification:contains("Log your note first")',
        },
        {
            content: "Log it, with an impatient second key",
            trigger: note,
            run: ({ anchor }) => {
                const press = (more) =>
                    anchor.dispatchEvent(
                        new KeyboardEvent("keydown", { key: "Enter", bubbles: true, ...more }),
                    );
                press({ isComposing: true });
                if (!anchor.value) {
                    throw new Error("An Enter that takes a word logs the note");
                }
                press();
                press();
            },
        },
        {
            content: "The timeline shows the note",
            trigger: '.o_dunning_timeline:contains("Asks for a copy")',
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
        {
            content: "Take the customer over, without saving",
            trigger: '.o_field_widget[name="collector_id"] input',
            run: "edit morning_clerk",
        },
        {
            content: "The clerk",
            trigger: '.o-autocomplete--dropdown-item a:contains("morning_clerk")',
            run: "click",
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

import { registry } from "@web/core/registry";

/* A clerk finds what a customer disputes, reads what to do and declines it. */
registry.category("web_tour.tours").add("dunning_answer_tour", {
    steps: () => [
        {
            content: "Open the answer",
            trigger: '.o_data_cell[name="summary"]:contains("Goods or service not as agreed")',
            run: "click",
        },
        {
            content: "The customer's words are text",
            trigger: '.o_field_widget[name="text"]:contains("The <b>box</b> is broken")',
        },
        {
            content: "It says what to do",
            trigger: '.o_field_widget[name="guide"]:contains("the items stay blocked")',
        },
        {
            content: "The block holds",
            trigger: '.o_field_widget[name="block_ids"] .o_data_row:contains("In Effect")',
        },
        {
            content: "Decline",
            trigger: 'button[name="action_decline"]',
            run: "click",
        },
        {
            content: "Confirm",
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "It is declined, and nothing is left to do",
            trigger: '.o_arrow_button_current:contains("Declined")',
        },
        {
            content: "The block is lifted",
            trigger: '.o_field_widget[name="block_ids"] .o_data_row:contains("Lifted")',
        },
        {
            content: "Nothing more is said to do",
            trigger: '.o_form_view:not(:has(.o_field_widget[name="guide"]))',
        },
    ],
});

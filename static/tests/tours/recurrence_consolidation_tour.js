import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("recurrence_consolidate_customer", {
    steps: () => [
        {
            trigger: ".o_form_view .o_notebook .nav-link[name='accounting']",
            run: "click",
        },
        {
            content: "One invoice for all that is due on a day",
            trigger: ".o_field_widget[name='recurrence_consolidation'] input",
            run: "click",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_form_saved",
        },
    ],
});

registry.category("web_tour.tours").add("recurrence_two_on_one_invoice", {
    steps: () => [
        {
            trigger:
                ".o_list_view .o_data_row:contains('Hosting') button[name='action_open_issue']",
            run: "click",
        },
        {
            content: "The other recurrence of the same day is on it",
            trigger: ".modal .o_field_widget[name='together_ids'] .o_tag:contains('Support')",
        },
        {
            content: "100.00 and 40.00, with 15 % tax",
            trigger: ".modal .o_field_widget[name='tax_totals']:contains('161.00')",
        },
        {
            trigger: ".modal button[name='action_issue']",
            run: "click",
        },
        {
            trigger: ".o_notification:contains('has been issued')",
        },
        {
            content: "Both are done",
            trigger: ".o_nocontent_help:contains('Nothing to issue today')",
        },
    ],
});

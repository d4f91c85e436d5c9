import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("recurrence_give_notice", {
    steps: () => [
        {
            trigger: ".o_form_view button[name='action_open_notice']",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name='date'] button",
            run: "click",
        },
        {
            content: "The notice arrived on the last day",
            trigger: ".modal .o_field_widget[name='date'] input",
            run: "edit 09/30/2026 && press Tab",
        },
        {
            content: "It ends with the year, and December is billed last",
            trigger:
                ".modal .o_field_widget[name='last_message']:contains('The last invoice is that of 12/01/2026, for 12/01/2026 – 12/31/2026.')",
        },
        {
            content: "What is not billed is shown with its amount",
            trigger:
                ".modal .o_field_widget[name='dropped_table'] tr:contains('01/01/2027'):contains('115.00')",
        },
        {
            trigger: ".modal .o_field_widget[name='reason_id'] input",
            run: "edit Too exp",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Too expensive')",
            run: "click",
        },
        {
            trigger: ".modal footer button[name='action_confirm']",
            run: "click",
        },
        {
            content: "The screen says when it ends, and why",
            trigger:
                ".o_form_view .alert:contains('The agreement ends on 12/31/2026. (Too expensive)')",
        },
        {
            content: "There is no second notice",
            trigger: ".o_form_view:not(:has(button[name='action_open_notice']))",
        },
    ],
});

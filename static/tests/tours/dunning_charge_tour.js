import { registry } from "@web/core/registry";

const OPEN_PAGE = {
    content: "Open the dunning page",
    trigger: ".o_notebook a[name='dunning']",
    run: "click",
};

/** The test opens an invoice of a French business, ten days late, by a rule of 0.30 a day. */
registry.category("web_tour.tours").add("dunning_charge_tour", {
    steps: () => [
        OPEN_PAGE,
        {
            content: "What is claimed, with its parts",
            trigger: ".o_dunning_claim h4:contains('43.00')",
        },
        {
            content: "Its rule is a click away",
            trigger: ".o_dunning_claim .o_dunning_rule:contains('France: businesses')",
        },
        { content: "Charge", trigger: ".o_dunning_charge", run: "click" },
        {
            content: "A draft invoice of it opens",
            trigger: ".o_form_view .o_statusbar_status .o_arrow_button_current:contains('Draft')",
        },
        { trigger: ".o_field_x2many_list .o_data_row:contains('Interest for late payment of')" },
        { trigger: ".o_field_x2many_list .o_data_row:contains('Fixed sum for late payment of')" },
    ],
});

registry.category("web_tour.tours").add("dunning_consumer_tour", {
    steps: () => [
        OPEN_PAGE,
        {
            content: "It says why nothing is claimed",
            trigger: ".o_dunning_claim .alert:contains('No rule is in use for France: Consumers.')",
        },
        {
            content: "And offers nothing",
            trigger: ".o_dunning_claim:not(:has(.o_dunning_charge)):not(:has(.o_dunning_waive))",
        },
    ],
});

registry.category("web_tour.tours").add("dunning_waive_tour", {
    steps: () => [
        OPEN_PAGE,
        { content: "Waive", trigger: ".o_dunning_waive", run: "click" },
        {
            content: "Half of it",
            trigger: ".modal .o_field_widget[name='share'] .o_radio_item:contains('Half') input",
            run: "click",
        },
        {
            content: "It says what that is",
            trigger: ".modal .o_field_widget[name='fixed_sum']:contains('20.00')",
        },
        { trigger: ".modal .o_field_widget[name='interest']:contains('1.50')" },
        {
            content: "Why",
            trigger: ".modal .o_field_widget[name='reason'] input",
            run: "edit Agreed with Mrs Martin",
        },
        { trigger: ".modal footer button:contains('Waive')", run: "click" },
        {
            content: "What is left to claim",
            trigger:
                "body:not(:has(.modal)) .o_dunning_claim tr:contains('Left to Claim'):contains('21.50')",
        },
    ],
});
